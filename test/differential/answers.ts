/** OCSP answers with one or two things wrong, about a certificate right below its anchor. */
import { validatePath } from '@jpki-rp/verifier/path';
import {
  akiOf,
  byKey,
  byName,
  CA,
  CA_NAME,
  type CertIdParts,
  type CertificateParts,
  certId,
  DAY,
  DIGITAL_SIGNATURE,
  extension,
  GOOD,
  int,
  keyUsage,
  LEAF_KEY,
  MINUTE,
  mintCertificate,
  mintOcsp,
  mintResponder,
  NO_CHECK,
  name,
  OCSP_SIGNING,
  type OcspParts,
  OTHER_CA,
  octets,
  oid,
  RESPONDER,
  RESPONDER_NAME,
  revoked,
  SERIAL,
  type SingleParts,
  seq,
  single,
  UNKNOWN,
  yes,
} from '../../packages/verifier/test/revocation/mint.ts';
import type { Judged } from './chains.ts';

/** OpenSSL holds the times of an answer against the machine’s clock, so the answers are of today. */
export const NOW: number = Math.floor(Date.now() / 1000) * 1000;
const VALID = { notBefore: NOW - 100 * DAY, notAfter: NOW + 100 * DAY };

const authority = (key: typeof CA): Uint8Array =>
  mintCertificate({
    serial: int(1),
    subject: CA_NAME,
    signer: key,
    extensions: [keyUsage(0x06, 1), extension('2.5.29.19', seq(yes()), true), extension('2.5.29.14', octets(key.ski))],
    ...VALID,
  });
export const ANCHOR: Uint8Array = authority(CA);
export const PERSON: Uint8Array = mintCertificate({
  serial: SERIAL,
  key: LEAF_KEY,
  signer: CA,
  extensions: [akiOf(CA), DIGITAL_SIGNATURE],
  ...VALID,
});

interface Answer {
  id: CertIdParts;
  singles: SingleParts[];
  responder: Partial<CertificateParts>;
  parts: { -readonly [K in keyof OcspParts]?: OcspParts[K] };
}

const USAGE = { aki: akiOf(CA), usage: DIGITAL_SIGNATURE, purpose: OCSP_SIGNING, check: NO_CHECK };
const responderWith = (usage: Partial<Record<keyof typeof USAGE, Uint8Array | null>>): Uint8Array[] =>
  Object.values({ ...USAGE, ...usage }).filter((item) => item !== null);
const STRANGE = extension('2.999.77', octets(), true);
const first = (answer: Answer): SingleParts => answer.singles[0] as SingleParts;
const replace = (answer: Answer, parts: SingleParts): void => {
  answer.singles[0] = { ...first(answer), ...parts };
};

const CHANGES: Readonly<Record<string, (answer: Answer) => void>> = {
  revoked: (answer) => replace(answer, { status: revoked(1, NOW - DAY) }),
  'on hold': (answer) => replace(answer, { status: revoked(6, NOW - DAY) }),
  'revoked without a reason': (answer) => replace(answer, { status: revoked(undefined, NOW - DAY) }),
  unknown: (answer) => replace(answer, { status: UNKNOWN }),
  'another serial number': (answer) => {
    answer.id = { ...answer.id, serial: int(0x77) };
  },
  'another issuer name': (answer) => {
    answer.id = { ...answer.id, issuerName: name(['CN', 'Other']) };
  },
  'the other generation’s key': (answer) => {
    answer.id = { ...answer.id, issuerKey: OTHER_CA.key };
  },
  'this update tomorrow': (answer) => replace(answer, { thisUpdate: NOW + DAY, nextUpdate: NOW + 2 * DAY }),
  'next update yesterday': (answer) => replace(answer, { thisUpdate: NOW - 3 * DAY, nextUpdate: NOW - DAY }),
  'no next update': (answer) => replace(answer, { nextUpdate: null }),
  'produced tomorrow': ({ parts }) => {
    parts.producedAt = NOW + DAY;
  },
  'an unknown critical extension of the answer': ({ parts }) => {
    parts.extensions = [STRANGE];
  },
  'an unknown critical extension of the single answer': (answer) => replace(answer, { extensions: [STRANGE] }),
  'a nonce nobody sent': ({ parts }) => {
    parts.nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  },
  'a second answer about another': ({ singles }) => void singles.push({ id: certId({ serial: int(0x55) }) }),
  'a second answer that says revoked': ({ singles }) => void singles.push({ status: revoked(1, NOW - DAY) }),
  'named by its name': ({ parts }) => {
    parts.responderId = byName(RESPONDER_NAME);
  },
  'named by another name': ({ parts }) => {
    parts.responderId = byName(name(['CN', 'Other']));
  },
  'named by another key': ({ parts }) => {
    parts.responderId = byKey(OTHER_CA);
  },
  'signed by the issuer itself': ({ parts }) => Object.assign(parts, { signer: CA, responderId: byKey(CA) }),
  'signed by the other generation': ({ parts }) => Object.assign(parts, { signer: OTHER_CA, responderId: byKey(OTHER_CA) }),
  'signed by the person': ({ parts }) => Object.assign(parts, { signer: LEAF_KEY, responderId: byKey(LEAF_KEY), certificates: [PERSON] }),
  'signed by somebody else in its name': ({ parts }) => Object.assign(parts, { signer: OTHER_CA, responderId: byKey(RESPONDER) }),
  'without its certificate': ({ parts }) => {
    parts.certificates = null;
  },
  'responder expired': ({ responder }) => void Object.assign(responder, { notAfter: NOW - DAY }),
  'responder not yet valid': ({ responder }) => void Object.assign(responder, { notBefore: NOW + DAY }),
  'responder of the other generation': ({ responder }) => void Object.assign(responder, { signer: OTHER_CA }),
  'responder of another name’s CA': ({ responder }) => void Object.assign(responder, { issuer: name(['CN', 'Other']), signer: OTHER_CA }),
  'responder signed itself': ({ responder }) => void Object.assign(responder, { issuer: RESPONDER_NAME, signer: RESPONDER }),
  'responder with serverAuth': ({ responder }) =>
    void Object.assign(responder, { extensions: responderWith({ purpose: extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.1'))) }) }),
  'responder with any purpose': ({ responder }) =>
    void Object.assign(responder, { extensions: responderWith({ purpose: extension('2.5.29.37', seq(oid('2.5.29.37.0'))) }) }),
  'responder without a purpose': ({ responder }) => void Object.assign(responder, { extensions: responderWith({ purpose: null }) }),
  'responder that may only encipher': ({ responder }) =>
    void Object.assign(responder, { extensions: responderWith({ usage: keyUsage(0x20, 5) }) }),
  'responder without key usage': ({ responder }) => void Object.assign(responder, { extensions: responderWith({ usage: null }) }),
  'responder that has to be checked itself': ({ responder }) =>
    void Object.assign(responder, { extensions: responderWith({ check: null }) }),
  'responder with an unknown critical extension': ({ responder }) =>
    void Object.assign(responder, { extensions: [...responderWith({}), STRANGE] }),
};

export const CHANGE_NAMES: readonly string[] = Object.keys(CHANGES);

export const mintAnswer = (changes: readonly string[]): Uint8Array => {
  const answer: Answer = {
    id: {},
    singles: [{ status: GOOD }],
    responder: {},
    parts: {},
  };
  for (const change of changes) CHANGES[change]?.(answer);
  const times = { thisUpdate: NOW - 5 * MINUTE, nextUpdate: NOW + DAY };
  return mintOcsp({
    producedAt: NOW - 4 * MINUTE,
    singles: answer.singles.map((parts) => single({ ...times, id: certId(answer.id), ...parts })),
    certificates: [mintResponder({ ...VALID, extensions: responderWith({}), ...answer.responder })],
    ...answer.parts,
  });
};

export const answerByUs = (response: Uint8Array): Judged => {
  const verdict = validatePath({
    target: PERSON,
    intermediates: [],
    anchors: [ANCHOR],
    ocspResponses: [response],
    at: new Date(NOW),
    revocation: 'ocsp',
  });
  return verdict.result === 'valid'
    ? { verdict: 'valid', why: '' }
    : { verdict: 'invalid', why: `${verdict.code} ${verdict.detail ?? ''}` };
};

/** Nothing, each alone, and pairs: all of them, or as many as `DIFFERENTIAL_PAIRS` says, spread evenly. */
export const answers = (): readonly { readonly changes: readonly string[]; readonly response: Uint8Array }[] => {
  const pairs = CHANGE_NAMES.flatMap((a, i) => CHANGE_NAMES.slice(i + 1).map((b) => [a, b]));
  const wanted = Math.min(pairs.length, Number(process.env['DIFFERENTIAL_PAIRS'] ?? 150));
  const some = Array.from({ length: wanted }, (_, i) => pairs[Math.floor((i * pairs.length) / wanted)] as string[]);
  return [[], ...CHANGE_NAMES.map((change) => [change]), ...some].map((changes) => ({ changes, response: mintAnswer(changes) }));
};
