import { describe, expect, test } from 'vitest';
import { parseName } from '../../../src/certificate/name.ts';
import { FetchError, type Fetcher, type FetchResponse } from '../../../src/net/fetcher.types.ts';
import { type CrlSourceOptions, crlSource } from '../../../src/revocation/crl/source.ts';
import type { RevocationQuery } from '../../../src/revocation/types.ts';
import {
  AT,
  BASE,
  CA,
  contextOf,
  crlNumber,
  DAY,
  entry,
  fullName,
  HOUR,
  idp,
  mintCrl,
  mintLeaf,
  OTHER_CA,
  OTHERS,
  partition,
  seq,
} from '../mint.ts';

const nameOf = (text: string) => {
  const name = parseName(text);
  if (name === null) throw new Error('test material');
  return name;
};
const below = (town: string, carrier = 'CRL Distribution Points'): string => `CN=${town} CRLDP,OU=${carrier},OU=Minted,O=JPKI-VECTORS,C=JP`;
const URL_OF_HOME = 'http://crl.example:8081/mihon.crl';
const SOURCES = [
  { anchor: 'minted', distributionPoint: nameOf(below('Rei-machi')), url: 'http://crl.example:8081/rei.crl' },
  { anchor: 'other-generation', distributionPoint: nameOf(below('Mihon-shi')), url: 'http://crl.example:8081/other.crl' },
  {
    anchor: 'minted',
    distributionPoint: nameOf(below('Mihon-shi', 'Mobile CRL Distribution Points')),
    url: 'http://crl.example:8081/mobile.crl',
  },
  { anchor: 'minted', distributionPoint: nameOf(below('MIHON-SHI')), url: URL_OF_HOME },
];
const queryAt = (at: number, sources = SOURCES): RevocationQuery => ({ ...contextOf({ sources, at }), class: 'card-digital-signature' });

const serving = (outcome: () => FetchResponse | Error) => {
  const asked: string[] = [];
  const fetcher: Fetcher = async ({ url, method }) => {
    asked.push(`${method} ${url}`);
    const what = outcome();
    if (what instanceof Error) throw what;
    return what;
  };
  return { fetcher, asked };
};
const answer = (body: Uint8Array, changes: Partial<FetchResponse> = {}): FetchResponse => ({
  status: 200,
  contentType: 'application/pkix-crl',
  body,
  ...changes,
});
const ask = (fetcher: Fetcher, at: number = AT, options: Partial<CrlSourceOptions> = {}) =>
  crlSource({ fetcher, ...options }).check(queryAt(at), { at: new Date(at) });

test('the CRL is fetched from where the environment says this anchor publishes this distribution point', async () => {
  const crl = mintCrl();
  const { fetcher, asked } = serving(() => answer(crl));
  expect(await ask(fetcher)).toEqual({ kind: 'data', crls: [crl] });
  expect(asked).toEqual([`GET ${URL_OF_HOME}`]);
});

test('a distribution point without a source is asked for nowhere', async () => {
  const { fetcher, asked } = serving(() => answer(mintCrl()));
  const answered = await crlSource({ fetcher }).check(queryAt(AT, SOURCES.slice(0, 3)), { at: new Date(AT) });
  expect(answered).toEqual({ kind: 'failed', code: 'crl-missing', detail: 'no-source' });
  expect(asked).toEqual([]);
});

test('a source for all partitions serves only where the operator asserts coverage', async () => {
  const sources = [{ anchor: 'minted', distributionPoint: nameOf(BASE), url: URL_OF_HOME }];
  const asking = async (coverage: 'idp' | 'asserted') => {
    const { fetcher, asked } = serving(() => answer(mintCrl({ extensions: [crlNumber(1)] })));
    await crlSource({ fetcher }).check({ ...contextOf({ sources, coverage }), class: 'card-digital-signature' }, { at: new Date(AT) });
    return asked.length;
  };
  expect(await asking('asserted')).toBe(1);
  expect(await asking('idp')).toBe(0);
});

test.each<[string, FetchResponse | Error, string]>([
  ['another HTTP status', answer(mintCrl(), { status: 404 }), 'http-status'],
  ['a web page', answer(mintCrl(), { contentType: 'text/html' }), 'content-type'],
  ['no content type', answer(mintCrl(), { contentType: null }), 'content-type'],
  ['an oversized CRL', new FetchError('too-large', 'large'), 'too-large'],
  ['a redirect', new FetchError('redirect', 'elsewhere'), 'redirect'],
])('%s is crl-missing', async (_, outcome, detail) => {
  expect(await ask(serving(() => outcome).fetcher)).toEqual({ kind: 'failed', code: 'crl-missing', detail });
});

test('parameters of the content type do not matter', async () => {
  expect(await ask(serving(() => answer(mintCrl(), { contentType: 'Application/PKIX-CRL; version=1' })).fetcher)).toMatchObject({
    kind: 'data',
  });
});

describe('the cache', () => {
  const checks = async (crl: Uint8Array, times: readonly number[], options: Partial<CrlSourceOptions> = {}): Promise<number> => {
    const { fetcher, asked } = serving(() => answer(crl));
    const source = crlSource({ fetcher, ...options });
    for (const at of times) await source.check(queryAt(at), { at: new Date(at) });
    return asked.length;
  };
  const crl = mintCrl();
  test('a CRL is kept until its nextUpdate', async () => {
    const never = { refreshSeconds: 1_000_000 };
    expect(await checks(crl, [AT, AT + 30 * HOUR], never)).toBe(1);
    expect(await checks(crl, [AT, AT + 30 * HOUR + 1000], never)).toBe(2);
  });
  test('a CRL is renewed after an hour, unless told otherwise', async () => {
    expect(await checks(crl, [AT, AT + HOUR])).toBe(1);
    expect(await checks(crl, [AT, AT + HOUR + 1000])).toBe(2);
    expect(await checks(crl, [AT, AT + 61_000], { refreshSeconds: 60 })).toBe(2);
  });
  test.each<[string, FetchResponse | Error]>([
    ['nobody answers', new FetchError('timeout', 'late')],
    ['the answer is useless', answer(Uint8Array.of(0x30, 0x00))],
  ])('where %s the kept CRL serves until its nextUpdate', async (_, outcome) => {
    let current: FetchResponse | Error = answer(crl);
    const { fetcher, asked } = serving(() => current);
    const source = crlSource({ fetcher });
    await source.check(queryAt(AT), { at: new Date(AT) });
    current = outcome;
    const later = AT + 29 * HOUR;
    const answered = await source.check(queryAt(later), { at: new Date(later) });
    expect(answered.kind === 'data' ? answered.crls?.at(-1) : answered).toEqual(crl);
    const expired = AT + 31 * HOUR;
    const gone = await source.check(queryAt(expired), { at: new Date(expired) });
    expect(gone.kind === 'data' ? gone.crls : []).not.toContainEqual(crl);
    expect(asked).toHaveLength(3);
  });
  test('a revocation published in between is seen at the renewal', async () => {
    let current = crl;
    const { fetcher } = serving(() => answer(current));
    const source = crlSource({ fetcher });
    await source.check(queryAt(AT), { at: new Date(AT) });
    current = mintCrl({ entries: [entry()], thisUpdate: AT + HOUR });
    const later = AT + 2 * HOUR;
    expect(await source.check(queryAt(later), { at: new Date(later) })).toEqual({ kind: 'data', crls: [current] });
  });
  test('verifications at the same time share one request; one that gives up does not end it for the others', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let requests = 0;
    const source = crlSource({
      fetcher: async () => {
        requests += 1;
        await held;
        return answer(crl);
      },
    });
    const controller = new AbortController();
    const reason = new Error('gone');
    const one = source.check(queryAt(AT), { at: new Date(AT) });
    const two = source.check(queryAt(AT), { at: new Date(AT), signal: controller.signal });
    controller.abort(reason);
    await expect(two).rejects.toBe(reason);
    release();
    expect(await one).toEqual({ kind: 'data', crls: [crl] });
    expect(requests).toBe(1);
  });
  test('it does not answer for a time before it was issued', async () => {
    expect(await checks(crl, [AT, AT - 7 * HOUR])).toBe(2);
  });
  test('a CRL that lists the certificate is kept too', async () => {
    expect(await checks(mintCrl({ entries: [...OTHERS, entry()] }), [AT, AT])).toBe(1);
  });
  test.each<[string, Uint8Array]>([
    ['of another signer', mintCrl({ signer: OTHER_CA })],
    ['of another partition', mintCrl({ extensions: [idp(fullName(partition('Rei-machi CRLDP')))] })],
    ['that is stale', mintCrl({ nextUpdate: AT - HOUR })],
    ['that is none', Uint8Array.of(0x30, 0x00)],
  ])('a CRL %s is not kept', async (_, useless) => {
    expect(await checks(useless, [AT, AT])).toBe(2);
  });
  test('what is larger than the cache is not kept', async () => {
    expect(await checks(crl, [AT, AT], { cacheBytes: crl.length - 1 })).toBe(2);
    expect(await checks(crl, [AT, AT], { cacheBytes: crl.length })).toBe(1);
    expect(await checks(crl, [AT, AT], { cacheBytes: 0 })).toBe(2);
  });
  test('the least recently used CRL makes room', async () => {
    const town = (name: string): RevocationQuery => {
      const leaf = mintLeaf(CA, { distributionPoint: seq(fullName(partition(`${name} CRLDP`))) });
      const sources = [{ anchor: 'minted', distributionPoint: nameOf(below(name)), url: `http://crl.example:8081/${name}.crl` }];
      return { ...contextOf({ leaf, sources }), class: 'card-digital-signature' };
    };
    const asked: string[] = [];
    const crlOf = (name: string): Uint8Array => mintCrl({ extensions: [idp(fullName(partition(`${name} CRLDP`)))] });
    const source = crlSource({
      cacheBytes: crlOf('a').length * 2 + 20,
      fetcher: async ({ url }) => {
        const name = url.slice(-5, -4);
        asked.push(name);
        return answer(crlOf(name));
      },
    });
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await source.check(town(name), { at: new Date(AT) });
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
  test('an older CRL does not push out a later one', async () => {
    const older = mintCrl({ thisUpdate: AT - 9 * DAY, nextUpdate: AT - 7 * DAY });
    let current = crl;
    const { fetcher, asked } = serving(() => answer(current));
    const source = crlSource({ fetcher });
    await source.check(queryAt(AT), { at: new Date(AT) });
    current = older;
    await source.check(queryAt(AT - 8 * DAY), { at: new Date(AT - 8 * DAY) });
    expect(await source.check(queryAt(AT), { at: new Date(AT) })).toEqual({ kind: 'data', crls: [crl] });
    expect(asked).toHaveLength(2);
  });
});
