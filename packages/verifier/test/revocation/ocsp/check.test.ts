import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../../src/certificate/certificate.ts';
import { type Name, parseName } from '../../../src/certificate/name.ts';
import { checkCrls } from '../../../src/revocation/crl/check.ts';
import { checkOcspResponses } from '../../../src/revocation/ocsp/check.ts';
import type { StatusContext } from '../../../src/revocation/types.ts';
import {
  AT,
  akiOf,
  bits,
  byKey,
  byName,
  CA,
  CA_NAME,
  certId,
  contextOf,
  ctx,
  DAY,
  DIGITAL_SIGNATURE,
  der,
  entry,
  enumerated,
  extension,
  GOOD,
  generalizedTime,
  HOUR,
  int,
  keyed,
  keyUsage,
  LEAF_KEY,
  MINUTE,
  mintAnchor,
  mintCertificate,
  mintCrl,
  mintLeaf,
  mintOcsp,
  mintResponder,
  NO_CHECK,
  name,
  nonceExtension,
  nul,
  OCSP_SIGNING,
  OTHER_CA,
  octets,
  oid,
  prim,
  RESPONDER,
  RESPONDER_NAME,
  revoked,
  SERIAL,
  seq,
  single,
  successful,
  UNKNOWN,
  yes,
} from '../mint.ts';

const CONTEXT = contextOf();
const NONCE = Uint8Array.from({ length: 32 }, (_, i) => i);
const check = (responses: readonly Uint8Array[], context: StatusContext = CONTEXT, nonce: Uint8Array | null = null) =>
  checkOcspResponses(
    responses.map((response) => ({ der: response, origin: 'handed-in' })),
    nonce,
    context,
  );
/** `good`, `revoked`, or the code with its detail. */
const told = (responses: readonly Uint8Array[], context: StatusContext = CONTEXT, nonce: Uint8Array | null = null): string => {
  const result = check(responses, context, nonce);
  return result.status === 'unknown' ? [result.code, result.detail].filter(Boolean).join('/') : result.status;
};
const answering = (...singles: readonly Uint8Array[]): Uint8Array => mintOcsp({ singles });
const parsed = (rfc4514: string): Name => parseName(rfc4514) ?? expect.fail('test material');
const EKU = (...ids: readonly string[]): Uint8Array => extension('2.5.29.37', seq(...ids.map(oid)));

test('a delegated responder’s fresh answer about the certificate shows good', () => {
  expect(check([mintOcsp()])).toMatchObject({
    status: 'good',
    sources: [
      {
        kind: 'ocsp',
        status: 'good',
        thisUpdate: new Date(AT - 4 * MINUTE),
        nextUpdate: new Date(AT + 11 * MINUTE),
        producedAt: new Date(AT - 4 * MINUTE),
      },
    ],
  });
});

test('no response is ocsp-missing', () => {
  expect(told([])).toBe('ocsp-missing');
});

describe('certID', () => {
  const about = (parts: Parameters<typeof certId>[0]): Uint8Array => answering(single({ id: certId(parts) }));
  test.each<[string, Uint8Array, string]>([
    ['SHA-256', about({ hash: 'sha256' }), 'good'],
    ['absent parameters', about({ parameters: null }), 'good'],
    ['other parameters', about({ parameters: int(0) }), 'ocsp-certid-mismatch'],
    ['a hash nobody knows', about({ hashOid: '2.999.5' }), 'ocsp-certid-mismatch'],
    ['SHA-1 octets under the name of SHA-256', about({ hashOid: '2.16.840.1.101.3.4.2.1' }), 'ocsp-certid-mismatch'],
    ['the next serial number', about({ serial: int(0x07, 0x00, 0x11, 0x96) }), 'ocsp-certid-mismatch'],
    ['the same serial number under another generation’s key', about({ issuerKey: OTHER_CA.key }), 'ocsp-certid-mismatch'],
    ['the same serial number under another name', about({ issuerName: name(['C', 'JP'], ['O', 'Other']) }), 'ocsp-certid-mismatch'],
    ['the hash of the whole SubjectPublicKeyInfo', about({ issuerKey: CA.spki }), 'ocsp-certid-mismatch'],
    ['a serial number with a superfluous zero', about({ serial: int(0x00, 0x07, 0x00, 0x11, 0x95) }), 'ocsp-malformed'],
    ['no single response at all', answering(), 'ocsp-certid-mismatch'],
    [
      'revoked about another certificate beside good',
      answering(single({ id: certId({ serial: int(3) }), status: revoked(1) }), single()),
      'good',
    ],
  ])('%s', (_, response, outcome) => {
    expect(told([response])).toBe(outcome);
  });
});

describe('authority of the responder', () => {
  const by = (certificate: Uint8Array, parts: Parameters<typeof mintOcsp>[0] = {}): Uint8Array =>
    mintOcsp({ certificates: [certificate], ...parts });
  const extended = (...extensions: readonly Uint8Array[]): Uint8Array => by(mintResponder({ extensions: [akiOf(CA), ...extensions] }));
  const rogue = keyed();
  const sibling = name(['C', 'JP'], ['O', 'Sibling']);
  const unauthorised = (detail: string): string => `ocsp-responder-unauthorized/${detail}`;

  test.each<[string, Uint8Array, string]>([
    ['by name', mintOcsp({ responderId: byName(RESPONDER_NAME) }), 'good'],
    ['the issuer’s key itself, by key', mintOcsp({ signer: CA, certificates: null }), 'good'],
    ['the issuer’s key itself, by name', mintOcsp({ signer: CA, responderId: byName(CA_NAME), certificates: null }), 'good'],
    ['other certificates sent along', mintOcsp({ certificates: [mintLeaf(CA), mintResponder()] }), 'good'],
    [
      'naming its issuer’s certificate instead of the key',
      by(
        mintResponder({
          extensions: [
            extension('2.5.29.35', seq(ctx(1, ctx(4, CA_NAME)), prim(2, Uint8Array.of(1)))),
            DIGITAL_SIGNATURE,
            OCSP_SIGNING,
            NO_CHECK,
          ],
        }),
      ),
      'good',
    ],
    ['without keyUsage', extended(OCSP_SIGNING, NO_CHECK), 'good'],
    ['several extended key usages', extended(DIGITAL_SIGNATURE, EKU('1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.9'), NO_CHECK), 'good'],
    [
      'short-lived without nocheck',
      by(mintResponder({ notBefore: AT - 10 * DAY, notAfter: AT + 20 * DAY, extensions: [akiOf(CA), OCSP_SIGNING] })),
      'good',
    ],
    ['in its last second', by(mintResponder({ notAfter: AT })), 'good'],
    ['in its first second', by(mintResponder({ notBefore: AT })), 'good'],

    [
      '31 days without nocheck',
      by(mintResponder({ notBefore: AT - 11 * DAY, notAfter: AT + 20 * DAY, extensions: [OCSP_SIGNING] })),
      'good',
    ],
    [
      '31 days and a second without nocheck',
      by(mintResponder({ notBefore: AT - 11 * DAY, notAfter: AT + 20 * DAY + 1000, extensions: [OCSP_SIGNING] })),
      unauthorised('responder-status-unchecked'),
    ],
    ['long-lived without nocheck', extended(DIGITAL_SIGNATURE, OCSP_SIGNING), unauthorised('responder-status-unchecked')],
    ['expired', by(mintResponder({ notAfter: AT - 1000 })), unauthorised('responder-expired')],
    ['not yet valid', by(mintResponder({ notBefore: AT + 1000 })), unauthorised('responder-not-yet-valid')],
    ['without extended key usage', extended(DIGITAL_SIGNATURE, NO_CHECK), unauthorised('extended-key-usage')],
    ['serverAuth', extended(DIGITAL_SIGNATURE, EKU('1.3.6.1.5.5.7.3.1'), NO_CHECK), unauthorised('extended-key-usage')],
    ['anyExtendedKeyUsage', extended(DIGITAL_SIGNATURE, EKU('2.5.29.37.0'), NO_CHECK), unauthorised('extended-key-usage')],
    ['keyUsage without digitalSignature', extended(keyUsage(0x06, 1), OCSP_SIGNING, NO_CHECK), unauthorised('key-usage')],
    [
      'an unknown critical extension',
      extended(OCSP_SIGNING, NO_CHECK, extension('2.999.9', octets(), true)),
      unauthorised('critical-extension'),
    ],
    [
      'certified by another generation of the CA',
      by(mintResponder({ signer: OTHER_CA, extensions: [akiOf(OTHER_CA), OCSP_SIGNING, NO_CHECK] })),
      unauthorised('other-issuer-key'),
    ],
    ['certified by another generation that it does not name', by(mintResponder({ signer: OTHER_CA })), unauthorised('other-issuer-key')],
    [
      'naming another generation than certified it',
      by(mintResponder({ extensions: [akiOf(OTHER_CA), OCSP_SIGNING, NO_CHECK] })),
      unauthorised('other-issuer-key'),
    ],
    [
      'certified by a sibling CA',
      by(mintResponder({ issuer: sibling, signer: OTHER_CA, extensions: [akiOf(OTHER_CA), OCSP_SIGNING, NO_CHECK] })),
      unauthorised('other-issuer'),
    ],
    [
      'certified by the person',
      by(mintResponder({ issuer: name(['C', 'JP'], ['CN', 'Person']), signer: LEAF_KEY, extensions: [OCSP_SIGNING, NO_CHECK] })),
      unauthorised('other-issuer'),
    ],
    [
      'self-signed',
      by(mintResponder({ issuer: RESPONDER_NAME, signer: RESPONDER, extensions: [OCSP_SIGNING, NO_CHECK] })),
      unauthorised('other-issuer'),
    ],
    [
      'self-signed under the CA’s name',
      by(mintResponder({ subject: CA_NAME, key: rogue, signer: rogue, extensions: [OCSP_SIGNING, NO_CHECK] }), {
        signer: rogue,
        responderId: byName(CA_NAME),
      }),
      unauthorised('other-issuer-key'),
    ],
    [
      'the attacker’s own root, sent along',
      mintOcsp({ signer: rogue, certificates: [mintAnchor(rogue)] }),
      unauthorised('other-issuer-key'),
    ],
    ['the person', mintOcsp({ signer: LEAF_KEY, certificates: [mintLeaf(CA)] }), unauthorised('own-key')],
    [
      'the person’s key with OCSPSigning',
      mintOcsp({ signer: LEAF_KEY, certificates: [mintResponder({ key: LEAF_KEY })] }),
      unauthorised('own-key'),
    ],
    [
      'another generation of the CA, by key',
      mintOcsp({ signer: OTHER_CA, certificates: [mintAnchor(OTHER_CA)] }),
      unauthorised('other-issuer-key'),
    ],
    ['its certificate is missing', mintOcsp({ certificates: null }), unauthorised('responder-not-found')],
    ['byKey names another key', mintOcsp({ responderId: byKey(rogue) }), unauthorised('responder-not-found')],
    ['byName names another', mintOcsp({ responderId: byName(sibling) }), unauthorised('responder-not-found')],
    [
      'byKey is of another length',
      mintOcsp({ responderId: ctx(2, octets(createHash('sha256').update(RESPONDER.key).digest())) }),
      'ocsp-malformed',
    ],
    ['named rightly, signed by a stranger', mintOcsp({ responderId: byKey(RESPONDER), signer: rogue }), 'ocsp-signature/signature-invalid'],
    [
      'the CA’s name, signed by another generation',
      mintOcsp({ responderId: byName(CA_NAME), signer: OTHER_CA, certificates: null }),
      'ocsp-signature/signature-invalid',
    ],
  ])('%s', (_, response, outcome) => {
    expect(told([response])).toBe(outcome);
  });

  test('an algorithm that is not on the class’s list signs no answer', () => {
    expect(told([mintOcsp({ signer: CA, certificates: null })], contextOf({ algorithms: ['rsa-pkcs1-sha256'] }))).toBe(
      'ocsp-signature/algorithm-not-allowed',
    );
  });

  test('a responder that a trusted CRL lists answers for nobody', () => {
    const crl = mintCrl({ entries: [entry({ serial: int(0x22) })] });
    const isRevoked = (certificate: StatusContext['certificate']): boolean =>
      checkCrls([{ der: crl, origin: 'handed-in' }], { ...CONTEXT, certificate }).status === 'revoked';
    const response = { der: mintOcsp(), origin: 'handed-in' as const };
    expect(checkOcspResponses([response], null, CONTEXT, { isRevoked })).toMatchObject({
      code: 'ocsp-responder-unauthorized',
      detail: 'responder-revoked',
    });
    const direct = { der: mintOcsp({ signer: CA, certificates: null }), origin: 'handed-in' as const };
    expect(checkOcspResponses([direct], null, CONTEXT, { isRevoked }).status).toBe('good');
  });

  describe('named for the class', () => {
    // One CA key delegates the responders of card and smartphone, and a responder may call good whatever its own list does not revoke.
    const OTHER_CLASS = name(['C', 'JP'], ['CN', 'OCSP responder of the other carrier']);
    const named = contextOf({ ocsp: { responders: { delegated: [parsed('CN=OCSP responder,C=JP')] } } });
    const several = contextOf({ ocsp: { responders: { delegated: [parsed('CN=Other,C=JP'), parsed('CN=OCSP responder,C=JP')] } } });
    expect(told([mintOcsp()], several)).toBe('good');
    const ofOtherClass = mintOcsp({ signer: rogue, certificates: [mintResponder({ key: rogue, subject: OTHER_CLASS })] });
    test.each<[string, Uint8Array, string]>([
      ['the responder that is named', mintOcsp(), 'good'],
      ['the same, by name', mintOcsp({ responderId: byName(RESPONDER_NAME) }), 'good'],
      ['the responder of the other carrier, delegated by the same key', ofOtherClass, unauthorised('not-named')],
      ['the issuer’s key itself, which speaks for every class', mintOcsp({ signer: CA, certificates: null }), unauthorised('not-named')],
      [
        'a responder of that name whom another key delegated',
        mintOcsp({ signer: rogue, certificates: [mintResponder({ key: rogue, signer: OTHER_CA })] }),
        unauthorised('other-issuer-key'),
      ],
    ])('%s', (_, response, outcome) => {
      expect(told([response], named)).toBe(outcome);
    });
    test('where none is named, the issuer’s delegation is all there is: good', () => {
      expect(told([ofOtherClass])).toBe('good');
    });
  });

  describe('pinned', () => {
    const own = mintCertificate({
      serial: int(0x50),
      issuer: RESPONDER_NAME,
      subject: RESPONDER_NAME,
      signer: RESPONDER,
      extensions: [DIGITAL_SIGNATURE],
    });
    const pinned = contextOf({ ocsp: { responders: { pinned: [readCertificate(own)] } } });
    test.each<[string, Uint8Array, string]>([
      ['the pinned responder, sent along', mintOcsp({ certificates: [own] }), 'good'],
      ['the pinned responder, not sent', mintOcsp({ certificates: null }), 'good'],
      ['the pinned responder, by name', mintOcsp({ certificates: null, responderId: byName(RESPONDER_NAME) }), 'good'],
      ['a delegated responder', mintOcsp({ signer: rogue, certificates: [mintResponder({ key: rogue })] }), unauthorised('not-pinned')],
      [
        'a delegated responder under the pinned one’s name',
        mintOcsp({ signer: rogue, responderId: byName(RESPONDER_NAME), certificates: [mintResponder({ key: rogue })] }),
        unauthorised('not-pinned'),
      ],
      ['the issuer’s key itself', mintOcsp({ signer: CA, certificates: null }), unauthorised('responder-not-found')],
    ])('%s', (_, response, outcome) => {
      expect(told([response], pinned)).toBe(outcome);
    });
    test('a pinned certificate is only good within its validity', () => {
      const late = { ...pinned, at: AT + 400 * DAY };
      const response = mintOcsp({ certificates: null, producedAt: late.at, singles: [single({ thisUpdate: late.at, nextUpdate: null })] });
      expect(told([response], late)).toBe(unauthorised('responder-expired'));
    });
  });
});

describe('age', () => {
  const aged = (parts: Parameters<typeof single>[0], producedAt: number = AT): Uint8Array =>
    mintOcsp({ producedAt, singles: [single(parts)] });
  test.each<[string, Uint8Array, string]>([
    ['thisUpdate exactly at the maximum age', aged({ thisUpdate: AT - 900_000, nextUpdate: null }), 'good'],
    ['thisUpdate one second older', aged({ thisUpdate: AT - 901_000, nextUpdate: null }), 'ocsp-stale/max-age'],
    ['the maximum age is not stretched by nextUpdate', aged({ thisUpdate: AT - HOUR, nextUpdate: AT + DAY }), 'ocsp-stale/max-age'],
    ['nextUpdate is now', aged({ nextUpdate: AT }), 'good'],
    ['nextUpdate was a second ago', aged({ nextUpdate: AT - 1000 }), 'ocsp-stale/next-update'],
    ['thisUpdate in 300 seconds', aged({ thisUpdate: AT + 300_000 }, AT + 300_000), 'good'],
    ['thisUpdate in 301 seconds', aged({ thisUpdate: AT + 301_000 }, AT + 300_000), 'ocsp-not-yet-valid/this-update'],
    ['producedAt in 301 seconds', aged({}, AT + 301_000), 'ocsp-not-yet-valid/produced-at'],
    ['produced 300 seconds before thisUpdate', aged({ thisUpdate: AT - MINUTE }, AT - MINUTE - 300_000), 'good'],
    ['produced long before thisUpdate', aged({ thisUpdate: AT - MINUTE }, AT - HOUR), 'ocsp-not-yet-valid/this-update-after-produced-at'],
    ['nextUpdate before thisUpdate', aged({ thisUpdate: AT - MINUTE, nextUpdate: AT - 2 * MINUTE }), 'ocsp-malformed'],
    ['revoked, but stale', aged({ status: revoked(1), thisUpdate: AT - HOUR, nextUpdate: null }), 'ocsp-stale/max-age'],
    [
      'revoked, but from the future',
      aged({ status: revoked(1), thisUpdate: AT + HOUR, nextUpdate: null }),
      'ocsp-not-yet-valid/this-update',
    ],
  ])('%s', (_, response, outcome) => {
    expect(told([response])).toBe(outcome);
  });

  test('where no maximum age is set, nextUpdate has to be there', () => {
    const unlimited = contextOf({ ocsp: { maxAgeSeconds: Number.POSITIVE_INFINITY } });
    expect(told([aged({ thisUpdate: AT - 30 * DAY, nextUpdate: AT + DAY })], unlimited)).toBe('good');
    expect(told([aged({ nextUpdate: null })], unlimited)).toBe('ocsp-stale/no-next-update');
  });
});

describe('nonce', () => {
  const required = contextOf({ ocsp: { nonce: 'required' } });
  const other = Uint8Array.from(NONCE, (octet) => octet ^ 1);
  test.each<[string, StatusContext, Uint8Array | undefined, Uint8Array | null, string]>([
    ['optional, sent and echoed', CONTEXT, NONCE, NONCE, 'good'],
    ['optional, sent, none back', CONTEXT, undefined, NONCE, 'good'],
    ['optional, another one back', CONTEXT, other, NONCE, 'ocsp-nonce-mismatch/different'],
    ['optional, a prefix back', CONTEXT, NONCE.subarray(0, 16), NONCE, 'ocsp-nonce-mismatch/different'],
    ['optional, none sent, one back', CONTEXT, NONCE, null, 'good'],
    ['required, sent and echoed', required, NONCE, NONCE, 'good'],
    ['required, sent, none back', required, undefined, NONCE, 'ocsp-nonce-mismatch/absent'],
    ['required, another one back', required, other, NONCE, 'ocsp-nonce-mismatch/different'],
    ['required, none sent, one back', required, NONCE, null, 'ocsp-nonce-mismatch/not-sent'],
    ['required, none at all', required, undefined, null, 'ocsp-nonce-mismatch/absent'],
    ['an empty one', CONTEXT, new Uint8Array(0), new Uint8Array(0), 'ocsp-malformed'],
    ['one of 129 octets', CONTEXT, new Uint8Array(129), new Uint8Array(129), 'ocsp-malformed'],
  ])('%s', (_, context, received, sent, outcome) => {
    expect(told([mintOcsp(received === undefined ? {} : { nonce: received })], context, sent)).toBe(outcome);
  });

  test('octets without their OCTET STRING are no nonce', () => {
    expect(told([mintOcsp({ extensions: [extension('1.3.6.1.5.5.7.48.1.2', NONCE)] })], CONTEXT, NONCE)).toBe('ocsp-malformed');
  });
  test('each response is held against the nonce of its own request', () => {
    const response = mintOcsp({ nonce: NONCE });
    const offered = (nonce: Uint8Array | null) => [{ der: response, origin: 'fetched' as const, nonce }];
    expect(checkOcspResponses(offered(NONCE), other, CONTEXT).status).toBe('good');
    expect(checkOcspResponses(offered(other), NONCE, CONTEXT)).toMatchObject({ code: 'ocsp-nonce-mismatch' });
  });
  test('revoked counts only under the right nonce', () => {
    expect(told([mintOcsp({ nonce: other, singles: [single({ status: revoked(1) })] })], CONTEXT, NONCE)).toBe(
      'ocsp-nonce-mismatch/different',
    );
  });
});

describe('status', () => {
  test.each([
    [undefined, 'unspecified'],
    [1, 'keyCompromise'],
    [5, 'cessationOfOperation'],
    [6, 'certificateHold'],
    [8, 'removeFromCRL'],
    [42, 'unspecified'],
  ] as const)('revoked with reason %s is revoked: %s', (code, reason) => {
    expect(check([answering(single({ status: revoked(code) }))])).toMatchObject({
      status: 'revoked',
      reason,
      revokedAt: new Date(AT - 2 * DAY),
    });
  });

  const good = single();
  const unknown = single({ status: UNKNOWN });
  const bad = single({ status: revoked(1) });
  const old = { thisUpdate: AT - HOUR, nextUpdate: null };
  test.each<[string, readonly Uint8Array[], string]>([
    ['unknown', [answering(unknown)], 'ocsp-unknown'],
    ['good and revoked in one response', [answering(good, bad)], 'revoked'],
    ['revoked and good in one response', [answering(bad, good)], 'revoked'],
    ['good and unknown in one response', [answering(good, unknown)], 'ocsp-conflicting'],
    ['unknown and good in one response', [answering(unknown, good)], 'ocsp-conflicting'],
    ['good twice', [answering(good, good)], 'good'],
    ['good and a stale revoked in one response', [answering(good, single({ status: revoked(1), ...old }))], 'ocsp-conflicting'],
    ['a stale good and a fresh one in one response', [answering(single(old), good)], 'ocsp-stale/max-age'],
    ['good, then revoked in another response', [answering(good), answering(bad)], 'revoked'],
    ['revoked, then good in another response', [answering(bad), answering(good)], 'revoked'],
    ['good and unknown in two responses', [answering(good), answering(unknown)], 'ocsp-conflicting/between-responses'],
    [
      'good, and a revoked that nobody authorised signed',
      [answering(good), mintOcsp({ signer: OTHER_CA, singles: [bad], certificates: null })],
      'good',
    ],
    ['good, and garbage', [Uint8Array.of(0), answering(good)], 'good'],
    ['garbage and a stale answer: the nearest to usable names the code', [Uint8Array.of(0), answering(single(old))], 'ocsp-stale/max-age'],
  ])('%s', (_, responses, outcome) => {
    expect(told(responses)).toBe(outcome);
  });
});

test('an answer that says no nextUpdate is reported without one, under the digest of its octets', () => {
  const response = mintOcsp({ singles: [single({ nextUpdate: null })] });
  const [report] = check([response]).sources;
  expect(report).not.toHaveProperty('nextUpdate');
  expect(report?.sha256).toBe(createHash('sha256').update(response).digest('hex'));
});

test('every response has its own report, with what it lacked', () => {
  const { sources } = check([Uint8Array.of(0), answering(single({ thisUpdate: AT - HOUR, nextUpdate: null })), mintOcsp()]);
  expect(sources.map(({ status, code, detail }) => [status, code, detail])).toEqual([
    ['unusable', 'ocsp-malformed', undefined],
    ['unusable', 'ocsp-stale', 'max-age'],
    ['good', undefined, undefined],
  ]);
});

describe('error statuses', () => {
  test.each([
    [1, 'ocsp-error-status/malformed-request'],
    [2, 'ocsp-error-status/internal-error'],
    [3, 'ocsp-error-status/try-later'],
    [4, 'ocsp-malformed'],
    [5, 'ocsp-error-status/sig-required'],
    [6, 'ocsp-error-status/unauthorized'],
    [7, 'ocsp-malformed'],
  ])('responseStatus %s is %s', (status, outcome) => {
    expect(told([seq(enumerated(status))])).toBe(outcome);
  });
  test('an error that carries a good answer is not believed', () => {
    const response = mintOcsp();
    const inner = response.subarray(7);
    expect(told([seq(enumerated(3), inner)])).toBe('ocsp-malformed');
  });
  test('successful without an answer', () => {
    expect(told([seq(enumerated(0))])).toBe('ocsp-malformed');
  });
});

describe('strictness', () => {
  const unknownExtension = extension('2.999.9', octets(), true);
  test.each<[string, Uint8Array, string]>([
    ['trailing bytes', Uint8Array.of(...mintOcsp(), 0), 'ocsp-malformed'],
    ['nothing at all', new Uint8Array(0), 'ocsp-malformed'],
    ['another response type', seq(enumerated(0), ctx(0, seq(oid('2.999.1'), octets(seq())))), 'ocsp-malformed'],
    ['trailing bytes inside the basic response', successful(Uint8Array.of(0x30, 0x00, 0x00)), 'ocsp-malformed'],
    ['version 1 encoded', mintOcsp({ version: ctx(0, int(0)) }), 'ocsp-malformed'],
    ['version 2', mintOcsp({ version: ctx(0, int(1)) }), 'ocsp-malformed'],
    ['good that is not NULL', answering(single({ status: prim(0, Uint8Array.of(1)) })), 'ocsp-malformed'],
    ['a status nobody knows', answering(single({ status: prim(3) })), 'ocsp-malformed'],
    ['two statuses', answering(single({ status: Uint8Array.of(...GOOD, ...UNKNOWN) })), 'ocsp-malformed'],
    ['thisUpdate as UTCTime', answering(seq(certId(), GOOD, der(0x17, Buffer.from('260915030000Z')))), 'ocsp-malformed'],
    ['fractional seconds', answering(seq(certId(), GOOD, der(0x18, Buffer.from('20260915030000.5Z')))), 'ocsp-malformed'],
    ['a revocation without its time', answering(single({ status: ctx(1) })), 'ocsp-malformed'],
    ['an extension twice', mintOcsp({ extensions: [nonceExtension(NONCE), nonceExtension(NONCE)] }), 'ocsp-malformed'],
    ['an unknown critical extension of the response', mintOcsp({ extensions: [unknownExtension] }), 'ocsp-unsupported/critical-extension'],
    [
      'an unknown critical extension of the single response',
      answering(single({ extensions: [unknownExtension] })),
      'ocsp-unsupported/critical-extension',
    ],
    [
      'an unknown critical extension beside revoked',
      answering(single({ status: revoked(1), extensions: [unknownExtension] })),
      'ocsp-unsupported/critical-extension',
    ],
    ['an unknown extension that is not critical', mintOcsp({ extensions: [extension('2.999.9', octets())] }), 'good'],
    [
      'a critical archiveCutoff',
      answering(single({ extensions: [extension('1.3.6.1.5.5.7.48.1.6', generalizedTime(AT - 9 * DAY), true)] })),
      'good',
    ],
    ['a critical extended-revoke', mintOcsp({ extensions: [extension('1.3.6.1.5.5.7.48.1.9', nul(), true)] }), 'good'],
    ['a certificate that is none', mintOcsp({ certificates: [seq(yes())] }), 'ocsp-malformed'],
    [
      'a signature with unused bits',
      successful(seq(seq(byKey(CA), generalizedTime(AT), seq(single())), seq(oid('1.2.840.10045.4.3.2')), bits(Uint8Array.of(0x80), 7))),
      'ocsp-malformed',
    ],
  ])('%s', (_, response, outcome) => {
    expect(told([response])).toBe(outcome);
  });

  test('any flipped bit of a signed good answer never shows good again', () => {
    // The certificates sent along are only a way to the responder's key: here the issuer answers itself.
    const response = mintOcsp({ signer: CA, certificates: null });
    const surviving: number[] = [];
    for (let bit = 0; bit < response.length * 8; bit += 1) {
      const flipped = Uint8Array.from(response);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      if (told([flipped]) === 'good') surviving.push(bit);
    }
    expect(surviving).toEqual([]);
  });
});

describe('budget', () => {
  const limits = { maxBytes: 10_000, maxSingleResponses: 2, maxCertificates: 1 };
  const within = (response: Uint8Array, tighter: Partial<typeof limits> = {}) =>
    checkOcspResponses([{ der: response, origin: 'handed-in' }], null, CONTEXT, { limits: { ...limits, ...tighter } });
  const other = single({ id: certId({ serial: int(3) }) });
  test.each<[string, Uint8Array, Partial<typeof limits>]>([
    ['octets', mintOcsp(), { maxBytes: 100 }],
    ['single responses', answering(other, single(), other), {}],
    ['certificates', mintOcsp({ certificates: [mintResponder(), mintLeaf(CA)] }), {}],
  ])('a response of more %s than allowed is not read', (_, response, tighter) => {
    expect(within(response, tighter)).toMatchObject({ status: 'unknown', code: 'budget-ocsp' });
  });
  test('a response exactly at its limits is read', () => {
    const response = answering(other, single());
    expect(within(response, { maxBytes: response.length }).status).toBe('good');
  });
});

test('the serial number of the certificate minted here is the one asked for', () => {
  expect(CONTEXT.certificate.serialNumber).toEqual(SERIAL.subarray(2));
});
