/** What is remembered of responders spares work, and never believes one longer or further than the rules do. Work is counted, not timed. */
import type * as Crypto from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type * as CertificateModule from '../../../src/certificate/certificate.ts';
import { readCertificate } from '../../../src/certificate/certificate.ts';
import { parseName } from '../../../src/certificate/name.ts';
import { type CheckOcspOptions, checkOcspResponses } from '../../../src/revocation/ocsp/check.ts';
import { isIssuedBy, knownResponders } from '../../../src/revocation/ocsp/responder-cache.ts';
import type { StatusContext } from '../../../src/revocation/types.ts';
import {
  AT,
  byName,
  CA,
  CA_NAME,
  certId,
  contextOf,
  DAY,
  int,
  keyed,
  MINUTE,
  mintAnchor,
  mintLeaf,
  mintOcsp,
  mintResponder,
  name,
  OTHER_CA,
  RESPONDER_NAME,
  single,
} from '../mint.ts';

const work = vi.hoisted(() => ({ reads: 0, imports: 0, verifications: 0, hashed: [] as string[] }));
vi.mock('node:crypto', async (importOriginal) => {
  const actual = await importOriginal<typeof Crypto>();
  return {
    ...actual,
    createPublicKey: (key: Parameters<typeof actual.createPublicKey>[0]) => {
      work.imports += 1;
      return actual.createPublicKey(key);
    },
    createHash: (algorithm: string) => {
      work.hashed.push(`${algorithm} of a stream`);
      return actual.createHash(algorithm);
    },
    hash: (algorithm: string, data: Uint8Array, encoding: 'hex') => {
      work.hashed.push(`${algorithm} of ${data.length}`);
      return actual.hash(algorithm, data, encoding);
    },
    verify: (algorithm: string, data: Uint8Array, key: Crypto.KeyObject, signature: Uint8Array) => {
      work.verifications += 1;
      return actual.verify(algorithm, data, key, signature);
    },
  };
});
vi.mock('../../../src/certificate/certificate.ts', async (importOriginal) => {
  const actual = await importOriginal<typeof CertificateModule>();
  return {
    ...actual,
    readCertificateAt: (...args: Parameters<typeof actual.readCertificateAt>) => {
      work.reads += 1;
      return actual.readCertificateAt(...args);
    },
  };
});

const ECDSA = { algorithms: ['ecdsa-p256-sha256'], minimumRsaBits: 2048 } as const;
const RSA = { algorithms: ['rsa-pkcs1-sha256'], minimumRsaBits: 2048 } as const;

const told = (der: Uint8Array, context: StatusContext, options?: CheckOcspOptions): string => {
  const result = checkOcspResponses([{ der, origin: 'handed-in' }], null, context, options);
  return result.status === 'unknown' ? [result.code, result.detail].filter(Boolean).join('/') : result.status;
};
const RESPONDER_CERTIFICATE = mintResponder();
/** Another answer at every call, with the same certificate. */
const answer = (at = AT, certificate = RESPONDER_CERTIFICATE): Uint8Array =>
  mintOcsp({
    certificates: [certificate],
    producedAt: at - MINUTE,
    singles: [single({ thisUpdate: at - MINUTE, nextUpdate: at + 10 * MINUTE })],
  });
/** Under a CA certificate of its own, so that nothing has been seen before; with the responder known. */
const acquainted = (): StatusContext => {
  const context = contextOf();
  expect(told(answer(), context)).toBe('good');
  return context;
};

beforeEach(() => {
  Object.assign(work, { reads: 0, imports: 0, verifications: 0, hashed: [] });
});

test('a responder remembered under one policy is not known under another', () => {
  const issuer = readCertificate(mintAnchor(CA));
  const responder = readCertificate(mintResponder());
  expect(isIssuedBy(responder, issuer, RSA)).toBe(false);
  expect(isIssuedBy(responder, issuer, ECDSA)).toBe(true);
  expect(isIssuedBy(responder, issuer, ECDSA)).toBe(true);
  expect(isIssuedBy(responder, issuer, RSA)).toBe(false);
});

test('a responder remembered under one issuer is not known under another of its name', () => {
  const responder = readCertificate(mintResponder());
  expect(isIssuedBy(responder, readCertificate(mintAnchor(CA)), ECDSA)).toBe(true);
  expect(isIssuedBy(responder, readCertificate(mintAnchor(OTHER_CA)), ECDSA)).toBe(false);
});

describe('the answers of a known responder', () => {
  test('cost one verification and the hash of the answer itself: nothing is read, imported or hashed of certificates', () => {
    const context = acquainted();
    // Its key is imported for the copy that is kept.
    expect(told(answer(), context)).toBe('good');
    Object.assign(work, { reads: 0, imports: 0, verifications: 0, hashed: [] });
    const third = answer(AT + 1000);
    work.hashed = [];
    expect(told(third, context)).toBe('good');
    expect(work).toEqual({ reads: 0, imports: 0, verifications: 1, hashed: [`sha256 of ${third.length}`] });
  });

  test('cost the same where they name it by name, and where it is pinned', () => {
    const pinned = contextOf({ ocsp: { responders: { pinned: [readCertificate(RESPONDER_CERTIFICATE)] } } });
    for (const context of [acquainted(), pinned]) {
      const named = mintOcsp({ responderId: byName(RESPONDER_NAME), certificates: [RESPONDER_CERTIFICATE] });
      expect(told(named, context)).toBe('good');
      Object.assign(work, { reads: 0, imports: 0, verifications: 0, hashed: [] });
      expect(told(named, context)).toBe('good');
      expect(work).toEqual({ reads: 0, imports: 0, verifications: 1, hashed: [`sha256 of ${named.length}`] });
    }
  });

  test('are judged by what was read, not by the buffer it came in', () => {
    const context = contextOf();
    const first = answer();
    expect(told(first, context)).toBe('good');
    first.fill(0);
    expect(told(answer(), context)).toBe('good');
  });

  test('are about a certificate that writes its issuer’s name otherwise only where they hash that writing', () => {
    // Another string type is another encoding of the same name.
    const written = Uint8Array.from(CA_NAME);
    const place = Buffer.from(written).indexOf('Minted') - 2;
    written[place] = 0x13;
    const context = contextOf({ leaf: mintLeaf(CA, { issuer: written }) });
    expect(told(answer(), context)).toBe('ocsp-certid-mismatch');
    expect(told(mintOcsp({ singles: [single({ id: certId({ issuerName: written }) })] }), context)).toBe('good');
    expect(told(answer(), contextOf())).toBe('good');
  });
});

describe('a known responder is refused', () => {
  test.each<[string, string, (context: StatusContext) => [Uint8Array, StatusContext, CheckOcspOptions?]]>([
    [
      'once its certificate has expired',
      'ocsp-responder-unauthorized/responder-expired',
      (context) => [answer(AT + 366 * DAY), { ...context, at: AT + 366 * DAY }],
    ],
    [
      'for an instant before its certificate was valid',
      'ocsp-responder-unauthorized/responder-not-yet-valid',
      (context) => [answer(AT - 366 * DAY), { ...context, at: AT - 366 * DAY }],
    ],
    ['once it is revoked', 'ocsp-responder-unauthorized/responder-revoked', (context) => [answer(), context, { isRevoked: () => true }]],
    [
      'where the operator names another one',
      'ocsp-responder-unauthorized/not-named',
      (context) => {
        const other = parseName('CN=Another,C=JP') ?? expect.fail('test material');
        return [
          answer(),
          { ...context, profile: { ...context.profile, ocsp: { ...context.profile.ocsp, responders: { delegated: [other] } } } },
        ];
      },
    ],
    [
      'where the operator pins another one',
      'ocsp-responder-unauthorized/not-pinned',
      (context) => {
        const other = readCertificate(mintResponder({ key: keyed(), subject: name(['C', 'JP'], ['CN', 'Another']) }));
        return [
          answer(),
          { ...context, profile: { ...context.profile, ocsp: { ...context.profile.ocsp, responders: { pinned: [other] } } } },
        ];
      },
    ],
    [
      'for certificates of another generation of the CA',
      'ocsp-responder-unauthorized/other-issuer-key',
      (context) => {
        const { anchor } = contextOf({ anchor: mintAnchor(OTHER_CA) });
        return [answer(), { ...context, anchor }];
      },
    ],
    [
      'where the class no longer allows the algorithm it was certified with',
      'ocsp-responder-unauthorized/responder-not-found',
      (context) => [answer(), { ...context, profile: { ...context.profile, algorithms: ['rsa-pkcs1-sha256'] } }],
    ],
    [
      'where a stranger signs in its name, with its certificate',
      'ocsp-signature/signature-invalid',
      (context) => [mintOcsp({ signer: keyed(), responderId: byName(RESPONDER_NAME), certificates: [RESPONDER_CERTIFICATE] }), context],
    ],
  ])('%s', (_, outcome, changed) => {
    const context = acquainted();
    const [der, later, options] = changed(context);
    expect(told(der, later, options)).toBe(outcome);
    expect(told(answer(), context)).toBe('good');
  });

  test('with one bit of its certificate flipped, wherever that is', () => {
    const context = acquainted();
    const response = answer();
    const start = Buffer.from(response).indexOf(RESPONDER_CERTIFICATE);
    for (let i = 0; i < RESPONDER_CERTIFICATE.length; i++) {
      const altered = Uint8Array.from(response);
      altered[start + i] = (altered[start + i] as number) ^ (1 << (i & 7));
      expect(told(altered, context), `octet ${i}`).not.toBe('good');
    }
    expect(told(response, context)).toBe('good');
    expect(knownResponders(context.anchor.certificate)).toHaveLength(1);
  });
});

test('a few dozen are remembered of an issuer, those asked last', () => {
  const context = acquainted();
  const issuer = context.anchor.certificate;
  for (let i = 0; i < 40; i++) {
    expect(told(answer(AT, mintResponder({ serial: int(0x30, i) })), context)).toBe('good');
    expect(told(answer(), context)).toBe('good');
  }
  const serials = knownResponders(issuer).map(({ serialNumber }) => Buffer.from(serialNumber).toString('hex'));
  expect(serials).toHaveLength(32);
  expect(serials.slice(0, 2)).toEqual(['22', '3027']);
  expect(serials).not.toContain('3000');
});

test('what is not certified by the issuer’s key is not remembered', () => {
  const context = acquainted();
  expect(told(answer(AT, mintResponder({ signer: OTHER_CA })), context)).toBe('ocsp-responder-unauthorized/other-issuer-key');
  expect(knownResponders(context.anchor.certificate)).toHaveLength(1);
});
