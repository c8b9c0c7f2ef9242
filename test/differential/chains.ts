/** Chains with one or two things wrong, and how two judges of them are compared. */
import { readFileSync } from 'node:fs';
import { validatePath } from '@jpki-rp/verifier/path';
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
import { seeded } from './seeded.ts';

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

export interface Minted {
  readonly root: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
  readonly person: Uint8Array;
  readonly crls: readonly Uint8Array[];
}

export const mint = (changes: readonly string[]): Minted | null => {
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

export const byUs = ({ root, intermediates, person, crls }: Minted): { readonly verdict: 'valid' | 'invalid'; readonly why: string } => {
  const result = validatePath({ target: person, intermediates, anchors: [root], crls, at: new Date(AT), revocation: 'crl' });
  return result.result === 'valid' ? { verdict: 'valid', why: '' } : { verdict: 'invalid', why: result.code };
};

/** The rows of a table in `docs/conformance`: which change(s) explain which disagreement. */
const adjudications = (table: string): readonly { readonly changes: readonly string[]; readonly ours: string; readonly theirs: string }[] =>
  [
    ...readFileSync(new URL(`../../docs/conformance/${table}`, import.meta.url), 'utf8').matchAll(
      /^\| ([^|]+) \| (valid|invalid) \| (valid|invalid) \| ([^|]+) \|$/gm,
    ),
  ].map(([, changes, ours, theirs]) => ({
    changes: (changes as string).trim().split(' + '),
    ours: ours as string,
    theirs: theirs as string,
  }));

const pairs = (count: number): readonly (readonly [string, string])[] => {
  const ids = Object.keys(CHANGES);
  const next = seeded(20_260_915);
  return Array.from({ length: count }, () => [ids[next(ids.length)] as string, ids[next(ids.length)] as string] as const).filter(
    ([a, b]) => a !== b,
  );
};

/** Nothing, each change alone, and pairs of them, seeded. */
export const cases = (): readonly { readonly changes: readonly string[]; readonly minted: Minted }[] =>
  [[], ...Object.keys(CHANGES).map((id) => [id]), ...pairs(Number(process.env['DIFFERENTIAL_PAIRS'] ?? 150))].flatMap((changes) => {
    const minted = mint(changes);
    return minted === null ? [] : [{ changes, minted }];
  });

export interface Judged {
  readonly verdict: 'valid' | 'invalid';
  readonly why: string;
}

/** What neither agrees nor stands in the table, in words. Prints the tally. */
export const disagreements = (
  peer: string,
  table: string,
  judged: readonly { readonly changes: readonly string[]; readonly ours: Judged; readonly theirs: Judged }[],
): { readonly unexplained: readonly string[]; readonly unused: readonly string[]; readonly good: number } => {
  const rows = adjudications(table);
  const used = new Set<number>();
  const unexplained: string[] = [];
  for (const { changes, ours, theirs } of judged) {
    if (ours.verdict === theirs.verdict) continue;
    const row = rows.findIndex(
      (item) => item.ours === ours.verdict && item.theirs === theirs.verdict && item.changes.every((id) => changes.includes(id)),
    );
    if (row < 0)
      unexplained.push(
        `${changes.join(' + ') || 'nothing changed'}: ours ${ours.verdict} ${ours.why}, ${peer} ${theirs.verdict} ${theirs.why}`,
      );
    else used.add(row);
  }
  const good = judged.filter(({ ours }) => ours.verdict === 'valid').length;
  process.stdout.write(
    `differential ${peer}: ${judged.length} chains compared, ${good} valid, ${unexplained.length} disagreements unexplained, ${used.size} of ${rows.length} rows of the table used\n`,
  );
  return { unexplained, unused: rows.flatMap((row, i) => (used.has(i) ? [] : [row.changes.join(' + ')])), good };
};
