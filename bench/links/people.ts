/**
 * A million linked persons without a million ceremonies: the same commits that `establish` makes, from the same parts of the ledger, without verdicts and
 * without one round trip each. `sameAsEstablished` compares them, MACs included, with what `establish` hands to its store.
 */
import assert from 'node:assert/strict';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../../packages/verifier/src/evidence/jcs.ts';
import { chainOf, newPerson, type PersonHead } from '../../packages/verifier/src/links/chain.ts';
import { coreOf } from '../../packages/verifier/src/links/core.ts';
import { ceremonyRefs } from '../../packages/verifier/src/links/establish.ts';
import type { LinkEvent } from '../../packages/verifier/src/links/events.ts';
import { refsNow } from '../../packages/verifier/src/links/identifier.ts';
import {
  createLinkLedger,
  hmacIdentifier,
  type LinkCommit,
  type LinkStore,
  memoryLinkStore,
} from '../../packages/verifier/src/links/index.ts';
import type { Link, LinkedCertificate } from '../../packages/verifier/src/links/link.ts';
import { openCertificate, sealCertificate } from '../../packages/verifier/src/links/sealed-certificate.ts';
import { type NameBox, nameBox } from '../../packages/verifier/src/links/sealed-name.ts';
import { mintProven } from '../../packages/verifier/src/proven.ts';

export const ISSUER = '00112233445566778899aabbccddeeff00112233';
export const NOW = new Date('2026-04-01T00:00:00Z');
const NOT_AFTER = new Date('2030-01-01T00:00:00Z');
/** As long as a smartphone's or card's certificate is. */
const CERTIFICATE = Buffer.alloc(1_500, 0x30).toString('base64');
export const KEY: Uint8Array = new Uint8Array(32).fill(3);
export const identifier = hmacIdentifier({ keyId: 'k1', key: KEY });

/** Cards have even numbers, smartphones odd ones; all of them above those of minted lists. */
export const cardSerial = (n: number): string => hex(0x71000000 + 2 * n);
const phoneSerial = (n: number): string => hex(0x71000000 + 2 * n + 1);
/** Numbers that no card and no smartphone of ours has. */
export const strangerSerial = (n: number): string => hex(0x60000000 + n);
const hex = (serial: number): string => serial.toString(16).padStart(8, '0');

type Carrier = 'card' | 'smartphone';
const classOf = (carrier: Carrier) => `${carrier}-user-authentication` as const;

export const verdictOf = (n: number, carrier: Carrier) => {
  const digest = '0'.repeat(64);
  const message = canonicalJson({
    v: 'jpki-rp/v1',
    type: 'jpki-rp/v1/user-authentication',
    transactionId: `${carrier}-${n}`,
    origin: 'https://rp.example',
    ceremony: { id: `c${n}`, step: carrier },
  });
  return mintProven({
    result: 'valid',
    class: classOf(carrier),
    at: NOW,
    checks: [],
    warnings: [],
    revocation: { status: 'good', sources: [] },
    certificate: {
      issuerKeyId: ISSUER,
      serialNumber: carrier === 'card' ? cardSerial(n) : phoneSerial(n),
      notBefore: NOW,
      notAfter: NOT_AFTER,
      sha256: digest,
    },
    evidence: () => ({
      format: 'evidence.v0',
      at: NOW.toISOString(),
      role: 'verifier',
      environment: { id: 'bench', kind: 'test', digest },
      anchor: null,
      input: {
        certificate: CERTIFICATE,
        certificateSha256: digest,
        message: Buffer.from(message).toString('base64'),
        signature: '',
        scheme: 'rsa-pkcs1-sha256',
        purpose: 'user-authentication',
        acceptCarriers: ['card', 'smartphone'],
        reportedCarrier: null,
      },
      revocation: { mode: 'ocsp', crls: [], ocspResponses: [], ocspNonce: null, sources: [] },
      verdict: { result: 'valid', code: null, detail: null, class: classOf(carrier), checks: [], warnings: [] },
    }),
  });
};

const core = coreOf({ store: memoryLinkStore(), identifier, clock: () => NOW, notify: () => undefined });
const at = NOW.toISOString();

/** Mode `sealed`; without the certificates where only what a sweep reads is wanted: a million would be six gigabytes. */
export interface Sealing {
  readonly key: KeyObject;
  readonly names: NameBox;
  readonly certificates: boolean;
}
export const SEAL_KEY = createSecretKey(new Uint8Array(32).fill(5));
export const sealing: Sealing = { key: SEAL_KEY, names: nameBox(SEAL_KEY), certificates: true };

/** What `establish` commits for the nth person, under a head of its own or the one given. */
export const commitOf = async (n: number, given?: PersonHead, sealing: Sealing | null = null): Promise<LinkCommit> => {
  const account = `a${n}`;
  const head = given ?? newPerson(account, identifier);
  const link = `${head.person}.1`;
  const side = (carrier: Carrier, serialNumber: string): LinkedCertificate => {
    const name = { issuerKeyId: ISSUER, serialNumber };
    const [ref] = refsNow(identifier, name);
    return {
      class: classOf(carrier),
      ref,
      statusAsOf: at,
      ...(sealing?.certificates === true ? { sealed: sealedOf(n, carrier, sealing.key, link) } : {}),
      ...(sealing === null ? {} : { name: sealing.names.seal(name, head.person) }),
    };
  };
  const [from, to] = [side('card', cardSerial(n)), side('smartphone', phoneSerial(n))];
  const events: readonly LinkEvent[] = [
    { type: 'opened', at, account },
    {
      type: 'link-proposed',
      at,
      link,
      relation: 'authentication',
      from,
      to,
      basis: 'same-session',
      legalSource: null,
      expiresBy: '2030-02-01T00:00:00.000Z',
      evidence: null,
    },
    { type: 'link-activated', at, link },
  ];
  const chain = await chainOf(identifier, head);
  const chained = chain.append([], events);
  return {
    person: head.person,
    account,
    salt: head.salt,
    keyId: head.keyId,
    headMac: chain.headMac(chained),
    expectedSequence: 0,
    events: chained,
    rechained: null,
    claims: [from, to].map(({ ref, name = null }) => ({ ref, aliases: [], name })),
    accountsPerCertificate: 1,
    ceremonies: await ceremonyRefs(core, `c${n}`),
    notices: [{ id: `${head.person}.3`, type: 'link.established', account, link, at, reason: null }],
  };
};

const sealedOf = (n: number, carrier: Carrier, key: KeyObject, link: string): string => {
  const { certificate, evidence } = verdictOf(n, carrier);
  const facts = { certificate: { ...certificate, notAfter: NOT_AFTER.getTime() }, evidence } as unknown as Parameters<
    typeof sealCertificate
  >[0];
  return sealCertificate(facts, key, link, carrier === 'card' ? 'from' : 'to');
};

/** What is sealed, opened: sealings differ by chance, and the MACs of the events that hold them. */
const opened = (commit: LinkCommit): unknown => ({
  ...commit,
  headMac: null,
  events: commit.events.map(({ event, sequence }) => {
    if (event.type !== 'link-proposed') return { sequence, event };
    const link = { id: event.link, from: event.from, to: event.to } as Link;
    const side = (which: 'from' | 'to') => {
      const { sealed: _, name = '', ...rest } = event[which];
      return { ...rest, sealed: openCertificate(link, which, SEAL_KEY), name: sealing.names.open(name, commit.person) };
    };
    return { sequence, event: { ...event, from: side('from'), to: side('to') } };
  }),
  claims: commit.claims.map(({ name, ...rest }) => ({ ...rest, name: sealing.names.open(name ?? '', commit.person) })),
});

/** Throws where the fast way and `establish` differ in anything but chance, in either mode. */
export const sameAsEstablished = async (sample: readonly number[]): Promise<void> => {
  for (const n of sample) {
    for (const mode of [null, sealing]) {
      const seen: LinkCommit[] = [];
      const inner = memoryLinkStore();
      const store: LinkStore = {
        ...inner,
        commit: async (change) => {
          seen.push(structuredClone(change));
          return await inner.commit(change);
        },
      };
      const ledger = createLinkLedger({
        store,
        identifier,
        clock: () => NOW,
        notify: () => undefined,
        ...(mode === null ? {} : { sealCertificates: mode.key }),
      });
      const made = await ledger.establish(verdictOf(n, 'card'), verdictOf(n, 'smartphone'), {
        account: `a${n}`,
        ceremony: { id: `c${n}` },
      });
      const [established] = seen;
      if (!made.ok || established === undefined) throw new Error('the bench cannot establish');
      const { person, account, salt, keyId } = established;
      const fast = await commitOf(n, { person, account, salt, keyId }, mode);
      if (mode === null) assert.deepEqual(fast, established);
      else assert.deepEqual(opened(fast), opened(established));
    }
  }
};
