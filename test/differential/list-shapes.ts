/** A person under partitioned, indirect and delta CRLs, in shapes that are good. */

import { type AuthorityParts, general, SUB, SUB_NAME } from '../../packages/verifier/test/path/mint.ts';
import { attribute, ctx, extension, int, name, octets, seq } from '../../packages/verifier/test/revocation/der.ts';
import { AT, DAY, entry, fullName, type Keyed, keyed, keyUsage } from '../../packages/verifier/test/revocation/mint.ts';

const INDIRECT = keyed();
export const INDIRECT_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Lists']);
const SECOND_KEY = keyed();
export const OTHER_CA_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Other']);
export const below = (cn: string): Uint8Array => name(['C', 'JP'], ['O', 'Path'], ['CN', 'Sub'], ['CN', cn]);
export const HERE = below('Here');
export const relative = (cn: string): Uint8Array => ctx(0, ctx(1, attribute('CN', cn)));
/** keyCompromise and cACompromise; and all the others. */
export const COMPROMISES = Uint8Array.of(5, 0x60);
export const OTHER_REASONS = Uint8Array.of(7, 0x1f, 0x80);
export const STRANGE = extension('2.999.77', octets(), true);
export const PERSON_SERIAL = int(3);
export const NEIGHBOUR = int(4);

export interface Point {
  readonly name: Uint8Array | null;
  readonly reasons: Uint8Array | null;
  readonly crlIssuer: Uint8Array | null;
}

export interface List {
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

export interface Draft {
  readonly points: readonly Point[];
  readonly main: List;
  readonly second: List | null;
  readonly delta: List | null;
  /** The certificate of a CRL signer that is not the issuer. */
  readonly signer: (AuthorityParts & { readonly key: Keyed }) | null;
  readonly personIsAuthority: boolean;
  readonly rootEntries: readonly Uint8Array[];
}

export const list = (parts: Partial<List> = {}): List => ({
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

export const point = (parts: Partial<Point> = {}): Point => ({ name: fullName(HERE), reasons: null, crlIssuer: null, ...parts });
export const draft = (parts: Partial<Draft> = {}): Draft => ({
  points: [],
  main: list(),
  second: null,
  delta: null,
  signer: null,
  personIsAuthority: false,
  rootEntries: [],
  ...parts,
});

export const certificateIssuer = (of: Uint8Array, critical = true): Uint8Array =>
  extension('2.5.29.29', seq(general.directory(of)), critical);
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
export const SHAPES: Readonly<Record<string, () => Draft>> = {
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
export const listed = ({ issuer }: List, reason?: number, extensions: readonly Uint8Array[] = []): Uint8Array =>
  entry({
    serial: PERSON_SERIAL,
    ...(reason === undefined ? {} : { reason }),
    extensions: [...(issuer === INDIRECT_NAME ? [certificateIssuer(SUB_NAME)] : []), ...extensions],
  });
