/** CRLs that others did not look at, looked at half, or believed from anybody. */
import { createVerifier, type RevocationSource } from '@jpki-rp/verifier';
import { describe, expect, test } from 'vitest';
import {
  AT,
  akiOf,
  byCrls,
  CA,
  CA_NAME,
  CRL,
  crlNumber,
  ctx,
  DAY,
  der,
  ENVIRONMENT,
  entry,
  extension,
  fullName,
  HOME_IDP,
  idp,
  int,
  judge,
  keyed,
  keyUsage,
  listBy,
  MESSAGE,
  mintCertificate,
  mintCrl,
  mintOcsp,
  mintRoot,
  mintSub,
  mintTarget,
  name,
  OCSP,
  OTHER_CA,
  PERSON,
  prim,
  ROOT,
  ROOT_NAME,
  revoked,
  SIGNATURE,
  SUB,
  SUB_NAME,
  said,
  seq,
  single,
  walk,
} from './case.ts';

const REVOKED = mintCrl({ entries: [entry({ reason: 1 })] });

describe('one list', () => {
  test('the good case is valid by CRL', async () => {
    expect(await byCrls(CRL)).toBe('valid');
  });

  test('one that is not signed shows nothing', async () => {
    const unsigned = Uint8Array.from(CRL);
    unsigned.fill(0, unsigned.length - 64);
    expect((await byCrls(unsigned)).startsWith('indeterminate crl-')).toBe(true);
    expect(await byCrls(mintCrl({ signer: keyed() }))).toBe('indeterminate crl-signature');
    expect(await byCrls(mintCrl({ signer: OTHER_CA }))).toBe('indeterminate crl-signature');
  });

  test('one whose time has run out shows nothing good', async () => {
    expect(await byCrls(mintCrl({ nextUpdate: AT - 1000 }))).toBe('indeterminate crl-stale');
    expect(await byCrls(mintCrl({ nextUpdate: null }))).toBe('indeterminate crl-stale');
  });

  test('one that lists the certificate is not helped by its serial number in another encoding', async () => {
    const padded = der(0x02, Uint8Array.of(0, 0x07, 0x00, 0x11, 0x95));
    expect(await byCrls(mintCrl({ entries: [entry({ serial: padded, reason: 1 })] }))).toBe('indeterminate crl-malformed');
  });
});

describe('a second source', () => {
  test.each([
    ['after a good one', [CRL, REVOKED]],
    ['before a good one', [REVOKED, CRL]],
    ['between good ones', [CRL, REVOKED, mintCrl({ thisUpdate: AT - 60_000 })]],
  ])('a list that says revoked counts %s', async (_, crls) => {
    expect(await byCrls(...crls)).toBe('invalid revoked');
  });

  const data = (kind: 'crl' | 'ocsp', answer: { crls?: Uint8Array[]; ocspResponses?: Uint8Array[] }): RevocationSource => ({
    kind,
    classes: ['card-user-authentication'],
    check: () => Promise.resolve({ kind: 'data', ...answer }),
  });
  const good = data('ocsp', { ocspResponses: [OCSP] });
  const bad = data('crl', { crls: [REVOKED] });

  test.each([
    ['first the list, then the answer', [bad, good]],
    ['first the answer, then the list', [good, bad]],
  ])('a trusted revoked is not masked by another source’s good: %s', async (_, sources) => {
    const revocation = { sources, policy: { mode: 'bothcheck' as const } };
    expect(await said(judge({ revocation, crls: [], ocspResponses: [] }))).toBe('invalid revoked');
  });

  test('a later good answer does not lift what was handed in as revoked', async () => {
    const revocation = { sources: [good], policy: { mode: 'eithercheck' as const } };
    expect(await said(judge({ revocation, crls: [REVOKED], ocspResponses: [] }))).toBe('invalid revoked');
    const refuted = mintOcsp({ singles: [single({ status: revoked(1) })] });
    expect(await said(judge({ revocation, crls: [CRL], ocspResponses: [refuted] }))).toBe('invalid revoked');
  });

  test('the same evidence twice counts once and stands for one kind only', async () => {
    const verdict = await judge({ crls: [CRL, Uint8Array.from(CRL), CRL] });
    expect(verdict.result).toBe('valid');
    expect(verdict.revocation.sources).toHaveLength(1);
    const revocation = { sources: [data('crl', { crls: [CRL] }), data('crl', { crls: [CRL] })], policy: { mode: 'bothcheck' as const } };
    const both = await judge({ revocation, crls: [CRL], ocspResponses: [] });
    expect(await said(both)).toBe('indeterminate ocsp-missing');
    expect(both.revocation.sources).toHaveLength(1);
  });

  test('a source that breaks is not a source that said good', async () => {
    const broken: RevocationSource = { kind: 'crl', classes: ['card-user-authentication'], check: () => Promise.reject(new Error('down')) };
    const verifier = createVerifier({
      environment: ENVIRONMENT,
      role: 'verifier',
      revocation: { sources: [broken], policy: { mode: 'crlcheck' } },
    });
    const verdict = await verifier.verify({
      certificate: PERSON,
      message: MESSAGE,
      signature: SIGNATURE,
      scheme: 'ecdsa-p256-sha256',
      purpose: 'user-authentication',
      acceptCarriers: ['card'],
      at: new Date(AT),
    });
    expect(await said(verdict)).toBe('indeterminate crl-missing');
  });
});

describe('every certificate of a path is looked up', () => {
  const target = entry({ serial: int(3), reason: 1 });
  const sub = entry({ serial: int(2), reason: 1 });

  test('the good path is valid', () => {
    expect(walk()).toBe('valid');
  });

  test('a revoked issuer above a good target', () => {
    expect(walk({ crls: [listBy(ROOT_NAME, ROOT, [sub]), listBy(SUB_NAME, SUB)] })).toBe('invalid revoked');
  });

  test('a target revoked, so that counting from the wrong end would skip it', () => {
    expect(walk({ crls: [listBy(ROOT_NAME, ROOT), listBy(SUB_NAME, SUB, [target])] })).toBe('invalid revoked');
  });

  test('a target right below its anchor', () => {
    const direct = mintTarget({ issuer: ROOT_NAME, signer: ROOT, extensions: [akiOf(ROOT), keyUsage(0x80, 7)] });
    const crls = [listBy(ROOT_NAME, ROOT, [target])];
    expect(walk({ target: direct, intermediates: [], crls: [listBy(ROOT_NAME, ROOT)] })).toBe('valid');
    expect(walk({ target: direct, intermediates: [], crls })).toBe('invalid revoked');
  });

  test('a list for the target only', () => {
    expect(walk({ crls: [listBy(SUB_NAME, SUB)] })).toBe('indeterminate crl-missing');
  });

  test('a list for the issuer only', () => {
    expect(walk({ crls: [listBy(ROOT_NAME, ROOT)] })).toBe('indeterminate crl-missing');
  });

  test('the second of two applicable lists', () => {
    const both = [listBy(SUB_NAME, SUB), listBy(SUB_NAME, SUB, [target])];
    expect(walk({ crls: [listBy(ROOT_NAME, ROOT), ...both] })).toBe('invalid revoked');
    expect(walk({ crls: [listBy(ROOT_NAME, ROOT), ...both.reverse()] })).toBe('invalid revoked');
  });
});

describe('an indirect CRL', () => {
  const CRL_ISSUER = name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['CN', 'CRL issuer']);
  const signer = keyed();
  const point = seq(fullName(CRL_ISSUER), ctx(2, ctx(4, CRL_ISSUER)));
  const target = mintTarget({ extensions: [akiOf(SUB), keyUsage(0x80, 7), extension('2.5.29.31', seq(point))] });
  const indirect = listBy(CRL_ISSUER, signer, [], {
    extensions: [akiOf(signer), crlNumber(1), idp(fullName(CRL_ISSUER), prim(4, Uint8Array.of(0xff)))],
  });
  const signerUnder = (issuer: Uint8Array, key: typeof ROOT): Uint8Array =>
    mintCertificate({
      serial: int(9),
      issuer,
      subject: CRL_ISSUER,
      key: signer,
      signer: key,
      extensions: [akiOf(key), keyUsage(0x02, 1)],
    });
  const lists = [listBy(ROOT_NAME, ROOT), indirect];

  test('by a signer under the same root is used', () => {
    expect(walk({ target, crls: lists, intermediates: [mintSub(), signerUnder(ROOT_NAME, ROOT)] })).toBe('valid');
  });

  test('by a signer of that name under another root is not', () => {
    const stranger = keyed();
    const other = name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['CN', 'Other root']);
    const intermediates = [mintSub(), signerUnder(other, stranger)];
    const anchors = [mintRoot(), mintRoot(stranger, other)];
    expect(walk({ target, crls: [...lists, listBy(other, stranger)], intermediates, anchors })).toBe('indeterminate crl-signature');
  });

  test('shows nothing where JPKI’s own rule is in force', async () => {
    const mixed = mintCrl({ extensions: [akiOf(CA), crlNumber(5), idp(fullName(CA_NAME), prim(4, Uint8Array.of(0xff)))] });
    expect((await byCrls(mixed)).startsWith('indeterminate crl-')).toBe(true);
  });
});

test('a list that is only about another partition does not show good, a day old or not', async () => {
  const elsewhere = name(
    ['C', 'JP'],
    ['O', 'JPKI-VECTORS'],
    ['OU', 'Minted'],
    ['OU', 'CRL Distribution Points'],
    ['CN', 'Other-shi CRLDP'],
  );
  const other = mintCrl({ extensions: [akiOf(CA), crlNumber(5), idp(fullName(elsewhere))] });
  expect(await byCrls(other)).toBe('indeterminate crl-scope-mismatch');
  expect(await byCrls(mintCrl({ extensions: [akiOf(CA), crlNumber(5)] }))).toBe('indeterminate crl-scope-mismatch');
  expect(await byCrls(mintCrl({ extensions: [akiOf(CA), crlNumber(5), HOME_IDP], thisUpdate: AT - DAY }))).toBe('valid');
});
