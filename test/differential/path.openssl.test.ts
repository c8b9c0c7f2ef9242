/**
 * Chains with one or two things wrong, judged by `validatePath` and by `openssl verify`. Where the two disagree, `docs/conformance/openssl.md` says who is
 * right and by which clause; nothing else may differ.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validatePath } from '@jpki-rp/verifier/path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AuthorityParts,
  alternativeNames,
  basicConstraints,
  crl,
  extendedKeyUsage,
  general,
  inhibitAnyPolicy,
  mappings,
  mintPerson,
  mintRoot,
  mintSub,
  nameConstraints,
  policies,
  policyConstraints,
  ROOT,
  ROOT_NAME,
  STRANGER,
  SUB,
  SUB_NAME,
} from '../../packages/verifier/test/path/mint.ts';
import { enumerated, extension, int, name, octets, prim, yes } from '../../packages/verifier/test/revocation/der.ts';
import { AT, type CrlParts, crlNumber, DAY, entry, fullName, idp, keyed, keyUsage } from '../../packages/verifier/test/revocation/mint.ts';

const LOW = keyed();
const LOW_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Low']);
const P1 = '2.999.1';
const P2 = '2.999.2';
const ANY = '2.5.29.32.0';

type Draft = { -readonly [K in keyof Omit<AuthorityParts, 'more'>]: AuthorityParts[K] } & { readonly more: Uint8Array[] };

interface Chain {
  root: Draft;
  sub: Draft;
  low: Draft;
  person: Draft;
  rootCrl: CrlParts | null;
  subCrl: CrlParts | null;
  lowCrl: CrlParts | null;
}

const NUMBER = crlNumber(5);
const STRANGE = extension('2.999.77', octets(), true);

/** One thing each. Some are harmless: agreeing that a chain is good counts too. */
const CHANGES: Readonly<Record<string, (chain: Chain) => void>> = {
  'person expired': ({ person }) => {
    person.notAfter = AT - DAY;
  },
  'person not yet valid': ({ person }) => {
    person.notBefore = AT + DAY;
  },
  'person signed by a stranger': ({ person }) => {
    person.signer = STRANGER;
  },
  'person with an unknown critical extension': ({ person }) => void person.more.push(STRANGE),
  'person with serverAuth': ({ person }) => void person.more.push(extendedKeyUsage('1.3.6.1.5.5.7.3.1')),
  'person with a host': ({ person }) => void person.more.push(alternativeNames(general.dns('a.example.jp'))),
  'person with policy 1': ({ person }) => void person.more.push(policies(P1)),
  'low expired': ({ low }) => {
    low.notAfter = AT - DAY;
  },
  'low is no authority': ({ low }) => {
    low.basic = null;
  },
  'low may not sign certificates': ({ low }) => {
    low.usage = keyUsage(0x02, 1);
  },
  'low may not sign lists': ({ low }) => {
    low.usage = keyUsage(0x04, 2);
  },
  'low without key usage': ({ low }) => {
    low.usage = null;
  },
  'low signed by a stranger': ({ low }) => {
    low.signer = STRANGER;
  },
  'low with policy 1': ({ low }) => void low.more.push(policies(P1)),
  'sub expired': ({ sub }) => {
    sub.notAfter = AT - DAY;
  },
  'sub allows no authority below': ({ sub }) => {
    sub.basic = basicConstraints(0);
  },
  'sub allows one authority below': ({ sub }) => {
    sub.basic = basicConstraints(1);
  },
  'sub permits other directory names': ({ sub }) => void sub.more.push(nameConstraints([general.directory(name(['C', 'FR']))])),
  'sub permits hosts of example.jp': ({ sub }) => void sub.more.push(nameConstraints([general.dns('example.jp')])),
  'sub excludes hosts of example.jp': ({ sub }) => void sub.more.push(nameConstraints([], [general.dns('example.jp')])),
  'sub excludes addresses': ({ sub }) => void sub.more.push(nameConstraints([], [general.ip(0, 0, 0, 0, 0, 0, 0, 0)])),
  'sub requires a policy': ({ sub }) => void sub.more.push(policyConstraints(0)),
  'sub with any policy': ({ sub }) => void sub.more.push(policies(ANY)),
  'sub inhibits any policy': ({ sub }) => void sub.more.push(inhibitAnyPolicy(0)),
  'sub maps policy 2 to 1': ({ sub }) => void sub.more.push(mappings([P2, P1])),
  'sub maps any policy': ({ sub }) => void sub.more.push(mappings([ANY, P1])),
  'root expired': ({ root }) => {
    root.notAfter = AT - DAY;
  },
  'root allows one authority below': ({ root }) => {
    root.basic = basicConstraints(1);
  },
  'root allows two authorities below': ({ root }) => {
    root.basic = basicConstraints(2);
  },
  'root excludes the person’s names': ({ root }) =>
    void root.more.push(nameConstraints([], [general.directory(name(['C', 'JP'], ['O', 'Path'], ['CN', 'Person']))])),
  'no list of low': (chain) => {
    chain.lowCrl = null;
  },
  'no list of root': (chain) => {
    chain.rootCrl = null;
  },
  'list of low stale': (chain) => change(chain, 'lowCrl', { nextUpdate: AT - DAY, thisUpdate: AT - 2 * DAY }),
  'list of low from the future': (chain) => change(chain, 'lowCrl', { thisUpdate: AT + DAY, nextUpdate: AT + 2 * DAY }),
  'list of low by a stranger': (chain) => change(chain, 'lowCrl', { signer: STRANGER }),
  'list of low with an unknown critical extension': (chain) => change(chain, 'lowCrl', { extensions: [NUMBER, STRANGE] }),
  'list of low for authorities': (chain) => change(chain, 'lowCrl', { extensions: [NUMBER, idp(yes(0x82))] }),
  'list of low for users': (chain) => change(chain, 'lowCrl', { extensions: [NUMBER, idp(yes(0x81))] }),
  'list of low for some reasons': (chain) => change(chain, 'lowCrl', { extensions: [NUMBER, idp(prim(3, Uint8Array.of(5, 0x60)))] }),
  'list of low for another point': (chain) => change(chain, 'lowCrl', { extensions: [NUMBER, idp(fullName(name(['CN', 'Elsewhere'])))] }),
  'person revoked': (chain) => change(chain, 'lowCrl', { entries: [entry({ serial: int(3), reason: 1 })] }),
  'person on hold': (chain) => change(chain, 'lowCrl', { entries: [entry({ serial: int(3), reason: 6 })] }),
  'a neighbour revoked': (chain) => change(chain, 'lowCrl', { entries: [entry({ serial: int(4), reason: 1 })] }),
  'a neighbour revoked in a strange way': (chain) =>
    change(chain, 'lowCrl', { entries: [entry({ serial: int(4), extensions: [STRANGE] })] }),
  'sub revoked': (chain) => change(chain, 'rootCrl', { entries: [entry({ serial: int(2) })] }),
  'low revoked': (chain) =>
    change(chain, 'subCrl', { entries: [entry({ serial: int(5), extensions: [extension('2.5.29.21', enumerated(5))] })] }),
};

function change(chain: Chain, list: 'rootCrl' | 'subCrl' | 'lowCrl', parts: CrlParts): void {
  chain[list] = { ...chain[list], ...parts };
}

interface Minted {
  readonly root: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
  readonly person: Uint8Array;
  readonly crls: readonly Uint8Array[];
}

const mint = (changes: readonly string[]): Minted | null => {
  const chain: Chain = {
    root: { more: [] },
    sub: { more: [] },
    low: { more: [] },
    person: { more: [] },
    rootCrl: {},
    subCrl: {},
    lowCrl: {},
  };
  for (const id of changes) CHANGES[id]?.(chain);
  // Two of one extension would be another mistake than the one meant.
  for (const { more } of [chain.root, chain.sub, chain.low, chain.person]) {
    const ids = more.map((item) => Buffer.from(item.subarray(2, 9)).toString('hex'));
    if (new Set(ids).size !== ids.length) return null;
  }
  const list = (parts: CrlParts | null, issuer: Uint8Array, signer: typeof ROOT): Uint8Array[] =>
    parts === null ? [] : [crl({ issuer, signer, ...parts })];
  return {
    root: mintRoot(chain.root),
    intermediates: [
      mintSub(chain.sub),
      mintSub({ serial: int(5), issuer: SUB_NAME, subject: LOW_NAME, key: LOW, signer: SUB, ...chain.low }),
    ],
    person: mintPerson({ issuer: LOW_NAME, signer: LOW, ...chain.person }),
    crls: [...list(chain.rootCrl, ROOT_NAME, ROOT), ...list(chain.subCrl, SUB_NAME, SUB), ...list(chain.lowCrl, LOW_NAME, LOW)],
  };
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'path-differential-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pem = (label: string, ders: readonly Uint8Array[]): string =>
  ders
    .map(
      (der) =>
        `-----BEGIN ${label}-----\n${Buffer.from(der)
          .toString('base64')
          .match(/.{1,64}/g)
          ?.join('\n')}\n-----END ${label}-----\n`,
    )
    .join('');

const byOpenssl = ({ root, intermediates, person, crls }: Minted): { readonly verdict: 'valid' | 'invalid'; readonly why: string } => {
  const file = (path: string, label: string, ders: readonly Uint8Array[]): string => {
    writeFileSync(join(folder, path), pem(label, ders));
    return join(folder, path);
  };
  const lists = crls.length === 0 ? [] : ['-CRLfile', file('crls.pem', 'X509 CRL', crls)];
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...['verify', '-attime', String(AT / 1000), '-policy_check', '-crl_check_all', '-extended_crl', ...lists],
      ...['-trusted', file('root.pem', 'CERTIFICATE', [root]), '-untrusted', file('untrusted.pem', 'CERTIFICATE', intermediates)],
      file('person.pem', 'CERTIFICATE', [person]),
    ],
    { encoding: 'utf8' },
  );
  return { verdict: status === 0 ? 'valid' : 'invalid', why: /error \d+ at.*: (.*)/.exec(stderr)?.[1] ?? '' };
};

const byUs = ({ root, intermediates, person, crls }: Minted): { readonly verdict: 'valid' | 'invalid'; readonly why: string } => {
  const result = validatePath({ target: person, intermediates, anchors: [root], crls, at: new Date(AT), revocation: 'crl' });
  return result.result === 'valid' ? { verdict: 'valid', why: '' } : { verdict: 'invalid', why: result.code };
};

/** Change(s) whose presence explains a disagreement → our verdict, from the table. */
const adjudicated = [
  ...readFileSync(new URL('../../docs/conformance/openssl.md', import.meta.url), 'utf8').matchAll(
    /^\| ([^|]+) \| (valid|invalid) \| (valid|invalid) \| ([^|]+) \|$/gm,
  ),
].map(([, changes, ours, theirs]) => ({ changes: (changes as string).trim().split(' + '), ours, theirs }));

/** xorshift32: the same pairs in every run. */
const pairs = (count: number): readonly (readonly [string, string])[] => {
  const ids = Object.keys(CHANGES);
  let state = 20_260_915;
  const next = (below: number): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
  return Array.from({ length: count }, () => [ids[next(ids.length)] as string, ids[next(ids.length)] as string] as const).filter(
    ([a, b]) => a !== b,
  );
};

const COUNT = Number(process.env['DIFFERENTIAL_PAIRS'] ?? 150);

test('openssl is one that knows -extended_crl', () => {
  expect(execFileSync('openssl', ['version'], { encoding: 'utf8' })).toMatch(/^OpenSSL [3-9]/);
});

test('every verdict is OpenSSL’s, or stands in the table', { timeout: 600_000 }, () => {
  const cases = [[], ...Object.keys(CHANGES).map((id) => [id]), ...pairs(COUNT)];
  const unexplained: string[] = [];
  const used = new Set<number>();
  let compared = 0;
  let good = 0;
  for (const changes of cases) {
    const minted = mint(changes);
    if (minted === null) continue;
    const ours = byUs(minted);
    const theirs = byOpenssl(minted);
    compared += 1;
    if (ours.verdict === 'valid') good += 1;
    if (ours.verdict === theirs.verdict) continue;
    const row = adjudicated.findIndex(
      (item) => item.ours === ours.verdict && item.theirs === theirs.verdict && item.changes.every((id) => changes.includes(id)),
    );
    if (row < 0)
      unexplained.push(
        `${changes.join(' + ') || 'nothing changed'}: ours ${ours.verdict} ${ours.why}, OpenSSL ${theirs.verdict} ${theirs.why}`,
      );
    else used.add(row);
  }
  process.stdout.write(
    `differential openssl: ${compared} chains compared, ${good} valid, ${unexplained.length} disagreements unexplained, ${used.size} rows of the table used\n`,
  );
  expect(unexplained).toEqual([]);
  expect(good).toBeGreaterThan(10);
});
