/** A person under partitioned, indirect and delta CRLs, with one or two things changed in a shape that is good. */
import { validatePath } from '@jpki-rp/verifier/path';
import {
  type AuthorityParts,
  basicConstraints,
  crl,
  general,
  mintPerson,
  mintRoot,
  mintSub,
  ROOT,
  ROOT_NAME,
  STRANGER,
  SUB,
  SUB_NAME,
} from '../../packages/verifier/test/path/mint.ts';
import { attribute, ctx, extension, int, name, octets, prim, seq, yes } from '../../packages/verifier/test/revocation/der.ts';
import {
  AT,
  akiOf,
  crlNumber,
  DAY,
  deltaOf,
  entry,
  fullName,
  type Keyed,
  keyed,
  keyUsage,
} from '../../packages/verifier/test/revocation/mint.ts';
import type { Judged } from './chains.ts';
import { seeded } from './seeded.ts';

const INDIRECT = keyed();
const INDIRECT_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Lists']);
const SECOND_KEY = keyed();
const OTHER_CA_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Other']);
const below = (cn: string): Uint8Array => name(['C', 'JP'], ['O', 'Path'], ['CN', 'Sub'], ['CN', cn]);
const HERE = below('Here');
const relative = (cn: string): Uint8Array => ctx(0, ctx(1, attribute('CN', cn)));
/** keyCompromise and cACompromise; and all the others. */
const COMPROMISES = Uint8Array.of(5, 0x60);
const OTHER_REASONS = Uint8Array.of(7, 0x1f, 0x80);
const STRANGE = extension('2.999.77', octets(), true);
const PERSON_SERIAL = int(3);
const NEIGHBOUR = int(4);

interface Point {
  readonly name: Uint8Array | null;
  readonly reasons: Uint8Array | null;
  readonly crlIssuer: Uint8Array | null;
}

interface List {
  readonly issuer: Uint8Array;
  readonly signer: Keyed;
  readonly keyIdentifier: Keyed | null;
  readonly number: number | null;
  readonly base: number | null;
  readonly name: Uint8Array | null;
  readonly kind: 'all' | 'users' | 'authorities' | 'attributes';
  readonly reasons: Uint8Array | null;
  readonly indirect: boolean;
  readonly idpCritical: boolean;
  readonly entries: readonly Uint8Array[];
  readonly more: readonly Uint8Array[];
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

interface Draft {
  readonly points: readonly Point[];
  readonly main: List;
  readonly second: List | null;
  readonly delta: List | null;
  /** The certificate of a CRL signer that is not the issuer. */
  readonly signer: (AuthorityParts & { readonly key: Keyed }) | null;
  readonly personIsAuthority: boolean;
  readonly rootEntries: readonly Uint8Array[];
}

const list = (parts: Partial<List> = {}): List => ({
  issuer: SUB_NAME,
  signer: SUB,
  keyIdentifier: parts.signer ?? SUB,
  number: 5,
  base: null,
  name: null,
  kind: 'all',
  reasons: null,
  indirect: false,
  idpCritical: true,
  entries: [],
  more: [],
  thisUpdate: AT - DAY,
  nextUpdate: AT + DAY,
  ...parts,
});

const point = (parts: Partial<Point> = {}): Point => ({ name: fullName(HERE), reasons: null, crlIssuer: null, ...parts });
const draft = (parts: Partial<Draft> = {}): Draft => ({
  points: [],
  main: list(),
  second: null,
  delta: null,
  signer: null,
  personIsAuthority: false,
  rootEntries: [],
  ...parts,
});

const certificateIssuer = (of: Uint8Array, critical = true): Uint8Array => extension('2.5.29.29', seq(general.directory(of)), critical);
/** OpenSSL looks for a delta only where the certificate or the base says that there may be one. */
const FRESHEST = extension('2.5.29.46', seq(seq(fullName(HERE))));
const indirectSigner = { serial: int(7), subject: INDIRECT_NAME, key: INDIRECT, basic: null, usage: keyUsage(0x02, 1) };
const secondKey = { serial: int(6), subject: SUB_NAME, key: SECOND_KEY, basic: null, usage: keyUsage(0x02, 1) };
const indirectList = (parts: Partial<List> = {}): List =>
  list({
    issuer: INDIRECT_NAME,
    signer: INDIRECT,
    name: fullName(HERE),
    indirect: true,
    entries: [entry({ serial: int(3), extensions: [certificateIssuer(OTHER_CA_NAME)] })],
    ...parts,
  });

/** Every one of them shows the person good. */
const SHAPES: Readonly<Record<string, () => Draft>> = {
  'one list': () => draft(),
  'a partition': () => draft({ points: [point()], main: list({ name: fullName(HERE), kind: 'users' }) }),
  'a relative partition': () => draft({ points: [point({ name: relative('Here') })], main: list({ name: relative('Here') }) }),
  'reasons in two lists': () =>
    draft({
      points: [point({ reasons: COMPROMISES }), point({ name: fullName(below('There')), reasons: OTHER_REASONS })],
      main: list({ name: fullName(HERE), reasons: COMPROMISES }),
      second: list({ name: fullName(below('There')), reasons: OTHER_REASONS, number: 8 }),
    }),
  // Java counts bit 0, which is unused (RFC 5280 §4.2.1.13), among the reasons that have to be covered.
  'reasons and the unused bit in two lists': () =>
    draft({
      points: [point({ reasons: Uint8Array.of(5, 0xe0) }), point({ name: fullName(below('There')), reasons: OTHER_REASONS })],
      main: list({ name: fullName(HERE), reasons: Uint8Array.of(5, 0xe0) }),
      second: list({ name: fullName(below('There')), reasons: OTHER_REASONS, number: 8 }),
    }),
  'an indirect list': () => draft({ points: [point({ crlIssuer: INDIRECT_NAME })], main: indirectList(), signer: indirectSigner }),
  'an indirect list of the issuer': () => draft({ points: [point()], main: list({ name: fullName(HERE), indirect: true }) }),
  'a second key': () => draft({ main: list({ signer: SECOND_KEY }), signer: secondKey }),
  'a delta': () => draft({ main: list({ more: [FRESHEST] }), delta: list({ number: 7, base: 4 }) }),
  'a delta of a partition': () =>
    draft({
      points: [point()],
      main: list({ name: fullName(HERE), more: [FRESHEST] }),
      delta: list({ name: fullName(HERE), number: 6, base: 5 }),
    }),
  'a hold taken back': () =>
    draft({
      main: list({ more: [FRESHEST], entries: [entry({ serial: PERSON_SERIAL, reason: 6 })] }),
      delta: list({ number: 7, base: 5, entries: [entry({ serial: PERSON_SERIAL, reason: 8 })] }),
    }),
};

/** One entry about the person, as the list needs it: an indirect one names the certificate's issuer. */
const listed = ({ issuer }: List, reason?: number, extensions: readonly Uint8Array[] = []): Uint8Array =>
  entry({
    serial: PERSON_SERIAL,
    ...(reason === undefined ? {} : { reason }),
    extensions: [...(issuer === INDIRECT_NAME ? [certificateIssuer(SUB_NAME)] : []), ...extensions],
  });

/** What it makes of a draft; null where the draft has no such thing. */
type Change = (draft: Draft) => Draft | null;

const main =
  (change: Partial<List> | ((main: List) => Partial<List>)): Change =>
  (draft) => ({ ...draft, main: { ...draft.main, ...(typeof change === 'function' ? change(draft.main) : change) } });
const listing = (entries: (main: List) => readonly Uint8Array[]): Change =>
  main((list) => ({ entries: [...list.entries, ...entries(list)] }));
const other =
  (which: 'second' | 'delta', change: Partial<List> | ((list: List) => Partial<List>)): Change =>
  (draft) => {
    const list = draft[which];
    return list === null ? null : { ...draft, [which]: { ...list, ...(typeof change === 'function' ? change(list) : change) } };
  };
const without =
  (which: 'second' | 'delta' | 'signer'): Change =>
  (draft) =>
    draft[which] === null ? null : { ...draft, [which]: null };
const signer =
  (parts: AuthorityParts): Change =>
  (draft) =>
    draft.signer === null ? null : { ...draft, signer: { ...draft.signer, ...parts } };
const firstPoint =
  (parts: Partial<Point>): Change =>
  (draft) => ({ ...draft, points: [point({ ...draft.points[0], ...parts }), ...draft.points.slice(1)] });

const STALE = { thisUpdate: AT - 2 * DAY, nextUpdate: AT - DAY };
const FUTURE = { thisUpdate: AT + DAY, nextUpdate: AT + 2 * DAY };

/** One thing each. */
const CHANGES: Readonly<Record<string, Change>> = {
  'list at another point': main({ name: fullName(below('Elsewhere')) }),
  'list at several points': main({ name: fullName(below('Elsewhere'), HERE) }),
  'list at the point': main({ name: fullName(HERE) }),
  'list at no point': main({ name: null }),
  'list at the relative point': main({ name: relative('Here') }),
  'list at another relative point': main({ name: relative('Elsewhere') }),
  'list at its issuer’s name': main(({ issuer }) => ({ name: fullName(issuer) })),
  'list at a host': main({ name: ctx(0, ctx(0, general.dns('here.example.jp'))) }),
  'list for users': main({ kind: 'users' }),
  'list for authorities': main({ kind: 'authorities' }),
  'list for attribute certificates': main({ kind: 'attributes' }),
  'list for compromises': main({ reasons: COMPROMISES }),
  'list for other reasons': main({ reasons: OTHER_REASONS }),
  'list for all reasons': main({ reasons: null }),
  'list marked indirect': main({ indirect: true }),
  'list not marked indirect': main({ indirect: false }),
  'distribution point not critical': (draft) => (isScoped(draft.main) ? main({ idpCritical: false })(draft) : null),
  'list without distribution point': main({ name: null, kind: 'all', reasons: null, indirect: false }),
  'list stale': main(STALE),
  'list from the future': main(FUTURE),
  'list by a stranger': main({ signer: STRANGER }),
  'list without key identifier': main({ keyIdentifier: null }),
  'list without number': main({ number: null }),
  'list with an unknown critical extension': main(({ more }) => ({ more: [...more, STRANGE] })),
  'list with an unknown extension': main(({ more }) => ({ more: [...more, extension('2.999.77', octets())] })),
  'list in the name of another CA': main({ issuer: OTHER_CA_NAME }),
  'neighbour listed': listing(() => [entry({ serial: NEIGHBOUR, reason: 1 })]),
  'neighbour listed with an unknown critical extension': listing(() => [entry({ serial: NEIGHBOUR, extensions: [STRANGE] })]),
  'person listed': listing((list) => [listed(list, 4)]),
  'person listed without certificate issuer': listing(() => [entry({ serial: PERSON_SERIAL, reason: 4 })]),
  'person listed with an unknown critical extension': listing((list) => [listed(list, 4, [STRANGE])]),
  'person on hold': listing((list) => [listed(list, 6)]),
  'person removed': listing((list) => [listed(list, 8)]),
  'person listed by inheritance': listing(() => [
    entry({ serial: NEIGHBOUR, extensions: [certificateIssuer(SUB_NAME)] }),
    entry({ serial: PERSON_SERIAL, reason: 1 }),
  ]),
  'serial listed for another CA': listing(() => [
    entry({ serial: PERSON_SERIAL, reason: 1, extensions: [certificateIssuer(OTHER_CA_NAME)] }),
  ]),
  'serial listed for another CA by inheritance': listing(() => [
    entry({ serial: NEIGHBOUR, extensions: [certificateIssuer(OTHER_CA_NAME)] }),
    entry({ serial: PERSON_SERIAL, reason: 1 }),
  ]),
  'person listed with a certificate issuer that is not critical': listing(() => [
    entry({ serial: PERSON_SERIAL, reason: 1, extensions: [certificateIssuer(SUB_NAME, false)] }),
  ]),
  'person is an authority': (draft) => ({ ...draft, personIsAuthority: true }),
  'no point': (draft) => (draft.points.length === 0 ? null : { ...draft, points: [] }),
  'point elsewhere': firstPoint({ name: fullName(below('Elsewhere')) }),
  'point with several names': firstPoint({ name: fullName(below('Elsewhere'), HERE) }),
  'point with a relative name': firstPoint({ name: relative('Here') }),
  'point with the other relative name': firstPoint({ name: relative('Elsewhere') }),
  'point for compromises': firstPoint({ reasons: COMPROMISES }),
  'point for other reasons': firstPoint({ reasons: OTHER_REASONS }),
  'point for all reasons': firstPoint({ reasons: null }),
  'point without CRL issuer': firstPoint({ crlIssuer: null }),
  'point with another CRL issuer': firstPoint({ crlIssuer: OTHER_CA_NAME }),
  'point with the CRL issuer alone': (draft) =>
    draft.signer?.subject === INDIRECT_NAME ? firstPoint({ name: null, crlIssuer: INDIRECT_NAME })(draft) : null,
  'another point besides': (draft) => ({ ...draft, points: [...draft.points, point({ name: fullName(below('Elsewhere')) })] }),
  'no second list': without('second'),
  'second list at the first point': other('second', { name: fullName(HERE) }),
  'second list for the same reasons': other('second', { reasons: COMPROMISES }),
  'second list for all reasons': other('second', { reasons: null }),
  'second list stale': other('second', STALE),
  'person listed in the second list': other('second', (list) => ({ entries: [listed(list, 4)] })),
  'no delta': without('delta'),
  'delta lists the person': other('delta', (list) => ({ entries: [listed(list, 1)] })),
  'delta holds the person': other('delta', (list) => ({ entries: [listed(list, 6)] })),
  'delta removes the person': other('delta', (list) => ({ entries: [listed(list, 8)] })),
  'delta silent': other('delta', { entries: [] }),
  'delta of a later base': other('delta', { base: 6 }),
  'delta no newer than its base': other('delta', { number: 5 }),
  'delta without number': other('delta', { number: null }),
  'delta at another point': other('delta', { name: fullName(below('Elsewhere')) }),
  'delta for users': other('delta', { kind: 'users' }),
  'delta stale': other('delta', STALE),
  'delta from the future': other('delta', FUTURE),
  'delta by a stranger': other('delta', { signer: STRANGER }),
  'delta with an unknown critical extension': other('delta', { more: [STRANGE] }),
  'base missing': (draft) =>
    draft.delta === null ? null : main({ issuer: OTHER_CA_NAME, signer: STRANGER, keyIdentifier: STRANGER })(draft),
  'signer expired': signer({ notAfter: AT - DAY }),
  'signer that may not sign lists': signer({ usage: keyUsage(0x80, 7) }),
  'signer without key usage': signer({ usage: null }),
  'signer certified by a stranger': signer({ signer: STRANGER }),
  'signer with an unknown critical extension': signer({ more: [STRANGE] }),
  'signer revoked': (draft) =>
    draft.signer === null ? null : { ...draft, rootEntries: [entry({ serial: draft.signer.serial as Uint8Array })] },
  'signer unknown': without('signer'),
};

const isScoped = ({ name, kind, reasons, indirect }: List): boolean => name !== null || kind !== 'all' || reasons !== null || indirect;

const mintList = (list: List): Uint8Array => {
  const scope = [
    ...(list.name === null ? [] : [list.name]),
    ...(list.kind === 'users' ? [yes(0x81)] : list.kind === 'authorities' ? [yes(0x82)] : []),
    ...(list.reasons === null ? [] : [prim(3, list.reasons)]),
    ...(list.indirect ? [yes(0x84)] : []),
    ...(list.kind === 'attributes' ? [yes(0x85)] : []),
  ];
  return crl({
    issuer: list.issuer,
    signer: list.signer,
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate,
    entries: list.entries.length === 0 ? null : list.entries,
    extensions: [
      ...(list.keyIdentifier === null ? [] : [akiOf(list.keyIdentifier)]),
      ...(list.number === null ? [] : [crlNumber(list.number)]),
      ...(list.base === null ? [] : [deltaOf(list.base)]),
      ...(scope.length === 0 ? [] : [extension('2.5.29.28', seq(...scope), list.idpCritical)]),
      ...list.more,
    ],
  });
};

const mintPoint = ({ name, reasons, crlIssuer }: Point): Uint8Array =>
  seq(
    ...(name === null ? [] : [name]),
    ...(reasons === null ? [] : [prim(1, reasons)]),
    ...(crlIssuer === null ? [] : [ctx(2, general.directory(crlIssuer))]),
  );

export interface MintedLists {
  readonly person: Uint8Array;
  readonly signers: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
}

export const LISTS_ROOT: Uint8Array = mintRoot();
export const LISTS_SUB: Uint8Array = mintSub();

const mint = (shape: string, changes: readonly string[]): MintedLists | null => {
  const draft = changes.reduce<Draft | null>((before, id) => {
    const after = before === null ? null : (CHANGES[id]?.(before) ?? null);
    // What changes nothing is no case of its own.
    return JSON.stringify(after) === JSON.stringify(before) ? null : after;
  }, SHAPES[shape]?.() ?? null);
  if (draft === null) return null;
  const more = [
    ...(draft.personIsAuthority ? [basicConstraints()] : []),
    ...(draft.points.length === 0 ? [] : [extension('2.5.29.31', seq(...draft.points.map(mintPoint)))]),
  ];
  return {
    person: mintPerson({ more }),
    signers: draft.signer === null ? [] : [mintSub(draft.signer)],
    crls: [
      crl({
        issuer: ROOT_NAME,
        signer: ROOT,
        extensions: [akiOf(ROOT), crlNumber(5)],
        entries: draft.rootEntries.length === 0 ? null : draft.rootEntries,
      }),
      ...[draft.main, draft.second, draft.delta].flatMap((list) => (list === null ? [] : [mintList(list)])),
    ],
  };
};

/** Whether every change meets every shape, and every row of the tables has to be of use; else each change meets some of the shapes. */
export const WHOLE: boolean = process.env['DIFFERENTIAL_PAIRS'] !== undefined;

/** Each shape alone, with changes it has something for, and with pairs of them, seeded. */
export const listCases = (): readonly { readonly changes: readonly string[]; readonly minted: MintedLists }[] => {
  const shapes = Object.keys(SHAPES);
  const ids = Object.keys(CHANGES);
  const next = seeded(20_260_916);
  const singles = shapes.flatMap((shape, i) => ids.filter((_, j) => WHOLE || (i + j) % 3 === 0).map((id) => [shape, id]));
  const pairs = Array.from({ length: Number(process.env['DIFFERENTIAL_PAIRS'] ?? 60) }, () => [
    shapes[next(shapes.length)] as string,
    ids[next(ids.length)] as string,
    ids[next(ids.length)] as string,
  ]).filter(([, a, b]) => a !== b);
  return [...shapes.map((shape) => [shape]), ...singles, ...pairs].flatMap(([shape, ...changes]) => {
    const minted = mint(shape as string, changes);
    return minted === null ? [] : [{ changes: [shape as string, ...changes], minted }];
  });
};

export const listsByUs = ({ person, signers, crls }: MintedLists): Judged => {
  const result = validatePath({
    target: person,
    intermediates: [LISTS_SUB, ...signers],
    anchors: [LISTS_ROOT],
    crls,
    at: new Date(AT),
    revocation: 'crl',
  });
  return result.result === 'valid'
    ? { verdict: 'valid', why: '' }
    : { verdict: 'invalid', why: result.detail === undefined ? result.code : `${result.code}/${result.detail}` };
};
