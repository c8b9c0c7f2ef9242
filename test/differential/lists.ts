/** The shapes of `list-shapes.ts` with one or two things changed. */
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
  SUB_NAME,
} from '../../packages/verifier/test/path/mint.ts';
import { ctx, extension, octets, prim, seq, yes } from '../../packages/verifier/test/revocation/der.ts';
import { AT, akiOf, crlNumber, DAY, deltaOf, entry, fullName, keyUsage } from '../../packages/verifier/test/revocation/mint.ts';
import type { Judged } from './chains.ts';
import {
  below,
  COMPROMISES,
  certificateIssuer,
  type Draft,
  HERE,
  INDIRECT_NAME,
  type List,
  listed,
  NEIGHBOUR,
  OTHER_CA_NAME,
  OTHER_REASONS,
  PERSON_SERIAL,
  type Point,
  point,
  relative,
  SHAPES,
  STRANGE,
} from './list-shapes.ts';
import { seeded } from './seeded.ts';

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
