/** Verdicts as the verifier mints them, about certificates that do not exist. One good case; tests change one thing of it. */
import { canonicalJson } from '../../src/evidence/jcs.ts';
import type { EvidenceRecord } from '../../src/evidence/record.ts';
import type { CertificateClass, ProvenVerdict, RefusedVerdict, RevocationReason } from '../../src/index.ts';
import { mintProven, mintRefused } from '../../src/proven.ts';

export const NOW = new Date('2026-04-01T09:00:00.000Z');
export const later = (seconds: number, from: Date = NOW): Date => new Date(from.getTime() + seconds * 1000);
export const NOT_AFTER = new Date('2030-06-15T14:59:59.000Z');

export interface Facts {
  readonly class: CertificateClass;
  /** Decimal digits of a fictional serial number. */
  readonly serial: number;
  readonly issuer?: string;
  readonly at?: Date;
  readonly statusAsOf?: Date;
  readonly notAfter?: Date;
  readonly ceremony?: string | null;
  readonly step?: string;
  readonly transaction?: string;
  readonly origin?: string;
  readonly environment?: string;
  readonly type?: string;
  readonly version?: string;
  /** Raw message instead of the one made of the above. */
  readonly message?: string | null;
  /** What role `verifier` keeps of the certificate. Absent: nothing. */
  readonly der?: string;
  readonly role?: 'verifier' | 'delegating';
}

export const proven = (facts: Facts): ProvenVerdict =>
  mintProven({ ...shared(facts), result: 'valid', class: facts.class, certificate: identityOf(facts) });

export const card = (serial: number, change: Partial<Facts> = {}): ProvenVerdict =>
  proven({ class: 'card-user-authentication', serial, step: 'card', transaction: `t-card-${serial}`, ...change });

export const smartphone = (serial: number, change: Partial<Facts> = {}): ProvenVerdict =>
  proven({ class: 'smartphone-user-authentication', serial, step: 'smartphone', transaction: `t-phone-${serial}`, ...change });

/** The same certificate, presented and found revoked. */
export const revoked = (facts: Facts, reason: RevocationReason, genuine = true): RefusedVerdict => {
  const { revocation, ...rest } = shared(facts);
  return mintRefused(
    {
      ...rest,
      result: 'invalid',
      code: 'revoked',
      class: facts.class,
      revocation: {
        ...revocation,
        status: 'revoked',
        reason,
        sources: revocation.sources.map((source) => ({ ...source, status: 'revoked' })),
      },
    },
    genuine ? identityOf(facts) : null,
  );
};

const hex = (serial: number): string => {
  const text = serial.toString(16);
  return text.length % 2 === 0 ? text : `0${text}`;
};

const identityOf = ({ serial, issuer = '0a0b', notAfter = NOT_AFTER }: Facts) => ({
  issuerKeyId: issuer,
  serialNumber: hex(serial),
  notBefore: new Date('2025-06-15T00:00:00.000Z'),
  notAfter,
  sha256: hex(serial).padStart(64, '0'),
});

const shared = (facts: Facts) => {
  const { at = NOW, statusAsOf = at } = facts;
  return {
    at,
    checks: [],
    warnings: [],
    revocation: {
      status: 'good' as const,
      sources: [{ kind: 'ocsp' as const, status: 'good' as 'good' | 'revoked', origin: 'fetched' as const, thisUpdate: statusAsOf }],
    },
    evidence: () => evidenceOf(facts, at),
  };
};

const evidenceOf = (facts: Facts, at: Date): EvidenceRecord => {
  const { environment = 'fictional', ceremony = 'ceremony-1', step = '', transaction = 't', origin = 'https://rp.example' } = facts;
  const purpose = facts.class.endsWith('digital-signature') ? 'digital-signature' : 'user-authentication';
  const { type = `jpki-rp/v1/${purpose}`, version = 'jpki-rp/v1' } = facts;
  const signed = {
    v: version,
    type,
    transactionId: transaction,
    origin,
    ...(ceremony === null ? {} : { ceremony: { id: ceremony, step } }),
  };
  const message = facts.message === undefined ? canonicalJson(signed) : facts.message;
  return {
    format: 'evidence.v0',
    at: at.toISOString(),
    role: facts.role ?? 'verifier',
    environment: { id: environment, kind: 'test', digest: '0'.repeat(64) },
    anchor: null,
    input: {
      ...(facts.der === undefined ? {} : { certificate: Buffer.from(facts.der).toString('base64') }),
      certificateSha256: '0'.repeat(64),
      ...(message === null ? {} : { message: Buffer.from(message).toString('base64') }),
      signature: '',
      scheme: 'rsa-pkcs1-sha256',
      purpose,
      acceptCarriers: ['card', 'smartphone'],
      reportedCarrier: null,
    },
    revocation: { mode: 'ocsp', crls: [], ocspResponses: [], ocspNonce: null, sources: [] },
    verdict: { result: 'valid', code: null, detail: null, class: facts.class, checks: [], warnings: [] },
  };
};
