/** Strict reader of evidence records: what is not exactly a record of a known version is none. */
import { z } from 'zod';
import { INDETERMINATE_CODES, INVALID_CODES, type VerdictCode } from '../codes.ts';
import { fromBase64 } from '../der/bytes.ts';
import type { RevocationMode } from '../revocation/types.ts';
import { CERTIFICATE_CLASSES, CHECK_NAMES } from '../verdict.ts';
import { canonicalJson } from './jcs.ts';
import type { EvidenceRecord } from './record.ts';

const RECORDED_MODES = ['crl', 'ocsp', 'none', 'not-run', 'crlcheck', 'ocspcheck', 'bothcheck', 'eithercheck'] as const;

/** `not-run`: an earlier check had failed. */
export type RecordedMode = 'crl' | 'ocsp' | 'none' | 'not-run' | RevocationMode;

const base64 = z.string().refine((text) => fromBase64(text) !== null);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.string().refine((text) => {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
});
const word = z.string().max(200);
const code = z.custom<VerdictCode>(
  (value) => typeof value === 'string' && (Object.hasOwn(INVALID_CODES, value) || Object.hasOwn(INDETERMINATE_CODES, value)),
);
const carrier = z.enum(['card', 'smartphone']);
const certificateClass = z.enum(CERTIFICATE_CLASSES as [(typeof CERTIFICATE_CLASSES)[number], ...(typeof CERTIFICATE_CLASSES)[number][]]);

const check = z.strictObject({
  name: z.enum(CHECK_NAMES),
  status: z.enum(['passed', 'failed', 'not-run']),
  code: code.exactOptional(),
  detail: word.exactOptional(),
});

const source = z.strictObject({
  kind: z.enum(['crl', 'ocsp', 'platform']),
  status: z.enum(['good', 'revoked', 'unknown', 'unusable']),
  code: code.exactOptional(),
  detail: word.exactOptional(),
  thisUpdate: instant.exactOptional(),
  nextUpdate: instant.exactOptional(),
  producedAt: instant.exactOptional(),
  sha256: sha256.exactOptional(),
  origin: z.enum(['handed-in', 'fetched']),
  coverage: z.literal('asserted').exactOptional(),
});

const record = z.strictObject({
  format: z.literal('evidence.v0'),
  at: instant,
  role: z.enum(['verifier', 'delegating']),
  environment: z.strictObject({ id: word, kind: z.enum(['production', 'test', 'simulator']), digest: sha256 }),
  anchor: z.strictObject({ id: word, sha256 }).nullable(),
  input: z.strictObject({
    certificate: base64.exactOptional(),
    certificateSha256: sha256,
    message: base64.exactOptional(),
    digest: base64.exactOptional(),
    signature: base64,
    scheme: z.enum(['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384']),
    purpose: z.enum(['digital-signature', 'user-authentication']),
    acceptCarriers: z.array(carrier).min(1).max(2),
    reportedCarrier: carrier.nullable(),
  }),
  revocation: z.strictObject({
    mode: z.enum(RECORDED_MODES),
    freshness: z
      .strictObject({
        crlSeconds: z.int().min(1).exactOptional(),
        ocspSeconds: z.int().min(1).exactOptional(),
        platformSeconds: z.int().min(1).exactOptional(),
      })
      .exactOptional(),
    onUnknown: z.literal('refuse').exactOptional(),
    crls: z.array(base64).max(100),
    ocspResponses: z.array(base64).max(100),
    ocspNonce: base64.nullable(),
    sources: z.array(source).max(1000),
  }),
  verdict: z.strictObject({
    result: z.enum(['valid', 'invalid', 'indeterminate']),
    code: code.nullable(),
    detail: word.nullable(),
    class: certificateClass.nullable(),
    checks: z.array(check).max(CHECK_NAMES.length),
    warnings: z.array(word).max(100),
  }),
});

/** A record whose revocation mode is one of the known words. */
export type ParsedRecord = EvidenceRecord & { readonly revocation: { readonly mode: RecordedMode } };

/**
 * The record in canonical JSON, or null: for another version, for unknown members and values, and for any spelling of the same record but the
 * canonical one (which also excludes a member that appears twice).
 */
export const parseRecord = (payload: Uint8Array): ParsedRecord | null => {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
    value = JSON.parse(text);
    if (canonicalJson(value) !== text) return null;
  } catch {
    return null;
  }
  const parsed = record.safeParse(value);
  return parsed.success ? parsed.data : null;
};
