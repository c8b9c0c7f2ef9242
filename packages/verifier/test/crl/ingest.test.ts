import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { archivedCrl, type CrlAlarm, type IngestCrlOptions, ingestCrl, openCrlIndex } from '../../src/crl/index.ts';
import {
  AT,
  akiOf,
  CA,
  type CrlParts,
  crlNumber,
  ctx,
  DAY,
  deltaOf,
  entry,
  extension,
  fullName,
  HOME,
  HOME_IDP,
  HOUR,
  idp,
  int,
  keyUsage,
  mintAnchor,
  mintCrl,
  nul,
  OTHER_CA,
  OTHERS,
  octets,
  partition,
  prim,
  seq,
  utcTime,
} from '../revocation/mint.ts';
import { contentOf, folder, HOME_TEXT, ISSUER, indexed, ingest, pieces, SCOPE } from './reference.ts';

vi.setConfig({ testTimeout: 180_000 });

const GOOD = mintCrl();
const place = (): string => join(folder(), 'index');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('the index says what it is of', async () => {
  const index = await indexed(GOOD, place());
  expect(index.info).toEqual({
    class: 'card-digital-signature',
    distributionPoint: HOME_TEXT,
    coverage: 'idp',
    issuerKeySha256: sha256(CA.spki),
    issuerKeyId: Buffer.from(CA.ski).toString('hex'),
    thisUpdate: new Date(AT - 6 * HOUR),
    nextUpdate: new Date(AT + 30 * HOUR),
    crlNumber: '5',
    sha256: sha256(GOOD),
    bytes: GOOD.length,
    entries: 2,
    scopeSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    base: null,
    removedRevoked: 0,
    override: null,
  });
  index.close();
  expect(() => index.lookup(Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'argument-invalid' }));
});

describe('every source gives the same octets of index', () => {
  test.each([1, 13, 64, 4096, 1 << 20])('a stream in pieces of %i octets, a file and octets', async (size) => {
    const where = folder();
    const crl = mintCrl({ entries: Array.from({ length: 40 }, (_, i) => entry({ serial: int(1, i + 1), reason: 1 + (i % 5) })) });
    writeFileSync(join(where, 'list.crl'), crl);
    await indexed(pieces(crl, size), join(where, 'a'));
    await indexed(join(where, 'list.crl'), join(where, 'b'));
    await indexed(crl, join(where, 'c'), { threads: 1 });
    expect(readFileSync(join(where, 'a'))).toEqual(readFileSync(join(where, 'b')));
    expect(readFileSync(join(where, 'a'))).toEqual(readFileSync(join(where, 'c')));
  });
  test('a CRL without entries', async () => {
    const index = await indexed(mintCrl({ entries: null }), place());
    expect(index.info.entries).toBe(0);
    expect(index.lookup(Uint8Array.of(1))).toBeNull();
    index.close();
  });
});

const CHANGED_TBS = Uint8Array.from(GOOD);
// The last octet of the issuer's last attribute: still well-formed, no longer signed.
const SIGNED_DATE = Buffer.from(CHANGED_TBS).indexOf(Buffer.from('170d'.concat(''), 'hex'));
CHANGED_TBS[SIGNED_DATE + 13] = (CHANGED_TBS[SIGNED_DATE + 13] as number) ^ 1;
const CRITICAL = extension('1.2.3.4', octets(Uint8Array.of(1)), true);
const relative = (...more: readonly Uint8Array[]): CrlParts => ({ extensions: [akiOf(CA), crlNumber(5), idp(fullName(HOME), ...more)] });

describe('what is refused, and nothing is published or left behind', () => {
  test.each<[string, Uint8Array, string, string | undefined, Partial<IngestCrlOptions>?]>([
    ['a signature by another key', mintCrl({ signer: OTHER_CA }), 'crl-signature', 'signature-invalid'],
    ['a changed octet of the signed part', CHANGED_TBS, 'crl-signature', 'signature-invalid'],
    ['another key named', mintCrl({ extensions: [akiOf(OTHER_CA), crlNumber(5), HOME_IDP] }), 'crl-signature', 'authority-key-identifier'],
    [
      'an algorithm that is not allowed',
      GOOD,
      'crl-signature',
      'algorithm-not-allowed',
      { algorithms: { algorithms: ['rsa-pkcs1-sha256'], minimumRsaBits: 2048 } },
    ],
    ['an issuer that may not sign CRLs', GOOD, 'crl-signature', 'issuer-key-usage', { issuer: mintAnchor(CA, keyUsage(0x04, 2)) }],
    ['another issuer', mintCrl({ issuer: partition('Somebody') }), 'crl-scope-mismatch', 'issuer'],
    [
      'another distribution point',
      mintCrl({ extensions: [crlNumber(5), idp(fullName(partition('Other')))] }),
      'crl-scope-mismatch',
      'distribution-point',
    ],
    ['no distribution point', mintCrl({ extensions: [crlNumber(5)] }), 'crl-scope-mismatch', 'no-idp'],
    ['CA certificates only', mintCrl(relative(prim(2, Uint8Array.of(0xff)))), 'crl-scope-mismatch', 'only-ca-certs'],
    ['attribute certificates only', mintCrl(relative(prim(5, Uint8Array.of(0xff)))), 'crl-scope-mismatch', 'only-attribute-certs'],
    ['some reasons only', mintCrl(relative(prim(3, Uint8Array.of(6, 0x40)))), 'crl-unsupported', 'only-some-reasons'],
    ['an indirect CRL', mintCrl(relative(prim(4, Uint8Array.of(0xff)))), 'crl-unsupported', 'indirect'],
    ['an unknown critical extension', mintCrl({ extensions: [crlNumber(5), HOME_IDP, CRITICAL] }), 'crl-unsupported', 'critical-extension'],
    [
      'an unknown critical extension of an entry',
      mintCrl({ entries: [...OTHERS, entry({ extensions: [CRITICAL] })] }),
      'crl-unsupported',
      'critical-extension',
    ],
    ['version 1', mintCrl({ version: null, extensions: null, entries: [seq(int(3), utcTime(AT - DAY))] }), 'crl-unsupported', 'version-1'],
    ['a CRL of the future', GOOD, 'crl-not-yet-valid', 'this-update', { at: new Date(AT - 7 * HOUR) }],
    [
      'a delta CRL without a base',
      mintCrl({ extensions: [akiOf(CA), crlNumber(6), deltaOf(5), HOME_IDP] }),
      'crl-unsupported',
      'delta-without-base',
    ],
    ['more octets than allowed', GOOD, 'budget-crl', undefined, { maxBytes: GOOD.length - 1 }],
    ['an empty list of entries', mintCrl({ entries: [] }), 'crl-malformed', undefined],
    ['removeFromCRL outside a delta CRL', mintCrl({ entries: [entry({ reason: 8 })] }), 'crl-malformed', undefined],
    [
      'entry extensions in version 1',
      mintCrl({ version: null, extensions: null, entries: [entry({ reason: 1 })] }),
      'crl-malformed',
      undefined,
    ],
    [
      'a certificateIssuer outside an indirect CRL',
      mintCrl({ entries: [entry({ extensions: [extension('2.5.29.29', seq(ctx(4, HOME)), true)] })] }),
      'crl-malformed',
      undefined,
    ],
    ['a negative serial number', mintCrl({ entries: [entry({ serial: int(0x80) }), ...many()] }), 'crl-malformed', undefined],
    [
      'a serial number not in its shortest form',
      mintCrl({ entries: [entry({ serial: int(0, 0x7f) }), ...many()] }),
      'crl-malformed',
      undefined,
    ],
    [
      'a serial number of 21 octets',
      mintCrl({ entries: [entry({ serial: int(...new Array<number>(21).fill(1)) }), ...many()] }),
      'crl-malformed',
      undefined,
    ],
    ['a month that is none', mintCrl({ entries: [seq(int(5), badDate('261315120000Z')), ...many()] }), 'crl-malformed', undefined],
    ['a day that no calendar has', mintCrl({ entries: [seq(int(5), badDate('260230120000Z')), ...many()] }), 'crl-malformed', undefined],
    ['an hour that is none', mintCrl({ entries: [seq(int(5), badDate('260215240000Z')), ...many()] }), 'crl-malformed', undefined],
    ['a leap second', mintCrl({ entries: [seq(int(5), badDate('260215235960Z')), ...many()] }), 'crl-malformed', undefined],
    ['a date with a letter in it', mintCrl({ entries: [seq(int(5), badDate('26021:120000Z')), ...many()] }), 'crl-malformed', undefined],
    ['a date without its Z', mintCrl({ entries: [seq(int(5), badDate('260215120000z')), ...many()] }), 'crl-malformed', undefined],
    ['a negative reason', mintCrl({ entries: [entry({ reason: 0x80 }), ...many()] }), 'crl-malformed', undefined],
    [
      'something behind the extensions of an entry',
      mintCrl({ entries: [seq(int(5), utcTime(AT), nul()), ...many()] }),
      'crl-malformed',
      undefined,
    ],
    ['an octet behind the CRL', Uint8Array.from([...GOOD, 0]), 'crl-malformed', undefined],
    ['other octets', Uint8Array.from(Buffer.from('not a CRL')), 'crl-malformed', undefined],
    ['nothing', new Uint8Array(0), 'crl-malformed', undefined],
  ])('%s', async (_, crl, code, detail, changes = {}) => {
    for (const size of [11, 1 << 20]) {
      const into = place();
      expect(await ingest(pieces(crl, size), into, changes)).toEqual({ ok: false, code, ...(detail === undefined ? {} : { detail }) });
      expect(readdirSync(join(into, '..'))).toEqual([]);
    }
  });
  test('a CRL that ends early, wherever it does', async () => {
    const into = place();
    for (let length = 0; length < GOOD.length; length++) {
      expect(await ingest(pieces(GOOD.subarray(0, length), 100), into)).toEqual({ ok: false, code: 'crl-malformed' });
    }
    expect(readdirSync(join(into, '..'))).toEqual([]);
  });
  test('one octet changed, wherever it is', async () => {
    const into = place();
    const codes = new Set<string>();
    for (let at = 0; at < GOOD.length; at++) {
      const changed = Uint8Array.from(GOOD);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const result = await ingest(changed, into);
      codes.add(result.ok ? 'published' : result.code);
    }
    expect([...codes].sort()).toEqual(
      ['budget-crl', 'crl-malformed', 'crl-scope-mismatch', 'crl-signature'].filter((code) => codes.has(code)),
    );
    expect(codes).toContain('crl-signature');
    expect(codes).not.toContain('published');
    expect(existsSync(into)).toBe(false);
  });
});

/** Entries of the common shape, so that what is wrong stands where the fast loop reads. */
function many(): readonly Uint8Array[] {
  return Array.from({ length: 4 }, (_, i) => entry({ serial: int(1, 2, 3, i), reason: 1 }));
}
function badDate(text: string): Uint8Array {
  return Uint8Array.from([0x17, text.length, ...Buffer.from(text)]);
}

describe('rollback', () => {
  const numbered = (n: number, thisUpdate = AT - 6 * HOUR): Uint8Array =>
    mintCrl({ thisUpdate, extensions: [akiOf(CA), crlNumber(n), HOME_IDP] });
  const newer = numbered(7);
  test.each<[string, Uint8Array, string]>([
    ['a lower number', numbered(6), 'crl-number'],
    ['an earlier thisUpdate', numbered(8, AT - 7 * HOUR), 'this-update'],
    ['no number any more', mintCrl({ extensions: [akiOf(CA), HOME_IDP] }), 'crl-number'],
  ])('%s is refused with an alarm, and passes only with a named override that the index keeps', async (_, older, detail) => {
    const into = place();
    await indexed(newer, into);
    const alarms: CrlAlarm[] = [];
    const onAlarm = (alarm: CrlAlarm): void => void alarms.push(alarm);
    expect(await ingest(older, into, { onAlarm })).toEqual({ ok: false, code: 'crl-rollback', detail });
    expect(alarms).toEqual([{ code: 'crl-rollback', detail, override: null }]);
    const kept = await openCrlIndex(into);
    expect(kept.info.crlNumber).toBe('7');
    kept.close();

    const override = { operator: 'night shift', reason: 'the CA withdrew number 7' };
    const index = await indexed(older, into, { onAlarm, override });
    expect(index.info.override).toEqual({ ...override, replaced: { crlNumber: '7', thisUpdate: new Date(AT - 6 * HOUR) } });
    expect(alarms.at(-1)).toEqual({ code: 'crl-rollback', detail, override });
    index.close();
  });
  test('the same CRL again, and a newer one, need no override and record none', async () => {
    const into = place();
    await indexed(newer, into);
    for (const crl of [newer, numbered(8, AT - HOUR)]) {
      const index = await indexed(crl, into, { override: { operator: 'x', reason: 'y' } });
      expect(index.info.override).toBeNull();
      index.close();
    }
  });
  test('numbers are compared as numbers', async () => {
    const into = place();
    await indexed(numbered(0x7f), into);
    const long = mintCrl({ extensions: [akiOf(CA), extension('2.5.29.20', int(0x00, 0xff)), HOME_IDP] });
    const index = await indexed(long, into);
    expect(index.info.crlNumber).toBe('255');
    index.close();
  });
  test('what cannot be read may be newer: only an override replaces it', async () => {
    const into = place();
    await indexed(newer, into);
    const octetsOfIndex = readFileSync(into);
    writeFileSync(into, octetsOfIndex.subarray(0, octetsOfIndex.length - 1));
    expect(await ingest(newer, into)).toEqual({ ok: false, code: 'index-truncated', detail: 'published' });
    const index = await indexed(newer, into, { override: { operator: 'me', reason: 'disk fault' } });
    expect(index.info.override).toEqual({ operator: 'me', reason: 'disk fault', replaced: null });
    index.close();
  });
});

describe('an index is replaced by one of its own scope only', () => {
  test.each<[string, Partial<IngestCrlOptions>, Uint8Array, string]>([
    ['another class', { scope: { ...SCOPE, class: 'smartphone-digital-signature' } }, GOOD, 'class'],
    [
      'another distribution point',
      { scope: { ...SCOPE, distributionPoint: HOME_TEXT.replace('Mihon', 'Other') } },
      GOOD,
      'distribution-point',
    ],
    ['another key', { issuer: mintAnchor(OTHER_CA) }, GOOD, 'issuer-key'],
  ])('%s, override or not', async (_, changes, crl, detail) => {
    const into = place();
    await indexed(GOOD, into);
    const override = { operator: 'me', reason: 'because' };
    expect(await ingest(crl, into, { ...changes, override })).toEqual({ ok: false, code: 'index-scope', detail });
  });
});

test('readers keep the index they have opened while another takes its place', async () => {
  const into = place();
  const before = await indexed(mintCrl({ entries: [entry({ serial: int(5) })] }), into);
  const after = await indexed(mintCrl({ entries: [entry({ serial: int(6) })], extensions: [crlNumber(6), HOME_IDP] }), into);
  expect([before.lookup(Uint8Array.of(5)), before.lookup(Uint8Array.of(6))].map((l) => l !== null)).toEqual([true, false]);
  expect([after.lookup(Uint8Array.of(5)), after.lookup(Uint8Array.of(6))].map((l) => l !== null)).toEqual([false, true]);
  before.close();
  after.close();
});

test('the operator may state what a CRL without distribution point covers', async () => {
  const scope = { ...SCOPE, coverage: 'asserted' } as const;
  const index = await indexed(mintCrl({ extensions: [crlNumber(5)] }), place(), { scope });
  expect(index.info).toMatchObject({ coverage: 'asserted', scopeSha256: null });
  index.close();
});

describe('giving up', () => {
  test('an aborted signal rejects with its reason, at any piece, and leaves the old index', async () => {
    const into = place();
    await indexed(GOOD, into);
    const before = readFileSync(into);
    const crl = mintCrl({ extensions: [crlNumber(9), HOME_IDP] });
    for (let after = 0; after < 12; after++) {
      const controller = new AbortController();
      let seen = 0;
      const onProgress = (): void => {
        if (seen++ === after) controller.abort(new Error('enough'));
      };
      if (after === 0) controller.abort(new Error('enough'));
      await expect(ingest(pieces(crl, 30), into, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    }
    expect(readFileSync(into)).toEqual(before);
    expect(readdirSync(join(into, '..'))).toEqual(['index']);
  });
  test('a source that breaks breaks the ingest', async () => {
    const into = place();
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield GOOD.subarray(0, 50);
      throw new Error('connection reset');
    };
    await expect(ingest(broken(), into)).rejects.toThrow('connection reset');
    await expect(ingest(join(into, '..', 'no such file'), into)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(join(into, '..'))).toEqual([]);
  });
  test('what a killed run left is swept by the next, and a running one is left alone', async () => {
    const into = place();
    const index = await indexed(GOOD, into);
    index.close();
    const { hostname } = await import('node:os');
    const left = (pid: number): string => join(into, '..', `.index.unfinished-${hostname()}@${pid}-aa`);
    // The greatest process id there can be on Linux is below this.
    writeFileSync(left(4_194_305), '');
    writeFileSync(left(process.pid), '');
    await ingest(GOOD, into);
    expect([existsSync(left(4_194_305)), existsSync(left(process.pid))]).toEqual([false, true]);
  });
});

test('misuse is thrown', async () => {
  const into = place();
  await expect(ingestCrl(GOOD, { issuer: Uint8Array.of(1), scope: SCOPE, into })).rejects.toMatchObject({ code: 'argument-invalid' });
  await expect(ingest(GOOD, into, { scope: { ...SCOPE, distributionPoint: 'nonsense' } })).rejects.toMatchObject({
    code: 'argument-invalid',
  });
  await expect(ingest(GOOD, into, { scope: { ...SCOPE, class: 'card' as never } })).rejects.toMatchObject({ code: 'argument-invalid' });
  await expect(ingest(GOOD, into, { key: new Uint8Array(8) })).rejects.toMatchObject({ code: 'argument-invalid' });
});

test('the CRL is archived under its SHA-256, and only a CRL that was published', async () => {
  const where = folder();
  const archive = join(where, 'archive');
  await ingest(pieces(GOOD, 17), join(where, 'index'), { archive });
  expect(readFileSync(archivedCrl(archive, sha256(GOOD)))).toEqual(Buffer.from(GOOD));
  await ingest(mintCrl({ signer: OTHER_CA }), join(where, 'index'), { archive });
  expect(readdirSync(archive)).toEqual([`${sha256(GOOD)}.crl`]);
});

test('progress is told in octets and entries', async () => {
  const seen: unknown[] = [];
  await ingest(GOOD, place(), { onProgress: (progress) => seen.push(progress) });
  expect(seen).toEqual([{ bytes: GOOD.length, totalBytes: GOOD.length, entries: 2 }]);
});

test('hashing beside this thread gives the same index and the same refusals', async () => {
  const where = folder();
  const filler = extension('1.2.3.4', octets(new Uint8Array(60_000)));
  const entries = Array.from({ length: 60 }, (_, i) => entry({ serial: int(1, i + 1), extensions: [filler] }));
  const crl = mintCrl({ entries });
  const forged = Uint8Array.from(crl);
  forged[200_000] = (forged[200_000] as number) ^ 1;
  writeFileSync(join(where, 'list.crl'), crl);
  writeFileSync(join(where, 'forged.crl'), forged);
  const alone = await indexed(crl, join(where, 'one'), { threads: 1 });
  for (const source of [join(where, 'list.crl'), crl, pieces(crl, 700_001)]) {
    const index = await indexed(source, join(where, 'two'), { threads: 2 });
    expect(readFileSync(join(where, 'two'))).toEqual(readFileSync(join(where, 'one')));
    expect(contentOf(index)).toEqual(contentOf(alone));
    index.close();
  }
  alone.close();
  const refused = { ok: false, code: 'crl-signature', detail: 'signature-invalid' };
  expect(await ingest(join(where, 'forged.crl'), join(where, 'three'), { threads: 2 })).toEqual(refused);
  expect(await ingest(forged, join(where, 'three'), { threads: 2 })).toEqual(refused);
  const controller = new AbortController();
  const abort = { threads: 2 as const, signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) };
  await expect(ingest(crl, join(where, 'three'), abort)).rejects.toThrow('enough');
  expect(existsSync(join(where, 'three'))).toBe(false);
});

test('an anchor of an environment is an issuer', async () => {
  const { readCertificate } = await import('../../src/certificate/certificate.ts');
  expect(await ingest(GOOD, place(), { issuer: { certificate: readCertificate(ISSUER) } })).toMatchObject({ ok: true });
});
