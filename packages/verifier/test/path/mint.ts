/** A root, an intermediate and a person, every part of which a test can replace. */
import { validatePath } from '../../src/path/index.ts';
import type { PathResult, ValidatePathInput } from '../../src/path/types.ts';
import { ctx, extension, int, name, octets, oid, prim, seq, set, yes } from '../revocation/der.ts';
import {
  AT,
  akiOf,
  CA_KEY_USAGE,
  type CertificateParts,
  type CrlParts,
  DAY,
  type Keyed,
  keyed,
  mintCertificate,
  mintCrl,
} from '../revocation/mint.ts';

export const ROOT_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Root']);
export const SUB_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Sub']);
export const LEAF_NAME = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Person']);

export const ROOT = keyed();
export const SUB = keyed();
export const LEAF = keyed();
export const STRANGER = keyed();

export const basicConstraints = (pathLength?: number): Uint8Array =>
  extension('2.5.29.19', seq(yes(), ...(pathLength === undefined ? [] : [int(pathLength)])), true);
export const skiOf = (key: Keyed): Uint8Array => extension('2.5.29.14', octets(key.ski));
export const policies = (...oids: readonly string[]): Uint8Array => extension('2.5.29.32', seq(...oids.map((id) => seq(oid(id)))));
export const mappings = (...pairs: readonly (readonly [string, string])[]): Uint8Array =>
  extension('2.5.29.33', seq(...pairs.map(([from, to]) => seq(oid(from), oid(to)))), true);
export const policyConstraints = (requireExplicit: number | null, inhibitMapping: number | null = null): Uint8Array =>
  extension(
    '2.5.29.36',
    seq(
      ...(requireExplicit === null ? [] : [prim(0, Uint8Array.of(requireExplicit))]),
      ...(inhibitMapping === null ? [] : [prim(1, Uint8Array.of(inhibitMapping))]),
    ),
    true,
  );
export const inhibitAnyPolicy = (skip: number): Uint8Array => extension('2.5.29.54', int(skip), true);
export const extendedKeyUsage = (...oids: readonly string[]): Uint8Array => extension('2.5.29.37', seq(...oids.map(oid)));

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'));
export const general = {
  mail: (value: string): Uint8Array => prim(1, text(value)),
  dns: (value: string): Uint8Array => prim(2, text(value)),
  directory: (value: Uint8Array): Uint8Array => ctx(4, value),
  uri: (value: string): Uint8Array => prim(6, text(value)),
  ip: (...value: readonly number[]): Uint8Array => prim(7, Uint8Array.from(value)),
  other: (type: string, value: Uint8Array): Uint8Array => ctx(0, oid(type), ctx(0, value)),
  registered: (value: string): Uint8Array => prim(8, oid(value).subarray(2)),
};
export const alternativeNames = (...names: readonly Uint8Array[]): Uint8Array => extension('2.5.29.17', seq(...names));
export const nameConstraints = (permitted: readonly Uint8Array[], excluded: readonly Uint8Array[] = []): Uint8Array => {
  const subtrees = (tag: number, bases: readonly Uint8Array[]): Uint8Array[] =>
    bases.length === 0 ? [] : [ctx(tag, ...bases.map((base) => seq(base)))];
  return extension('2.5.29.30', seq(...subtrees(0, permitted), ...subtrees(1, excluded)), true);
};

export interface AuthorityParts extends Partial<Omit<CertificateParts, 'extensions' | 'signer'>> {
  readonly signer?: Keyed;
  /** Instead of basicConstraints cA. */
  readonly basic?: Uint8Array | null;
  /** Instead of keyCertSign and cRLSign. */
  readonly usage?: Uint8Array | null;
  readonly more?: readonly Uint8Array[];
}

const authority = (
  { basic, usage, more = [], ...parts }: AuthorityParts,
  defaults: Pick<CertificateParts, 'signer'> & Partial<CertificateParts>,
) => {
  const merged = { ...defaults, ...parts };
  const key = merged.key ?? merged.signer;
  return mintCertificate({
    ...merged,
    extensions: [
      ...(basic === null ? [] : [basic ?? basicConstraints()]),
      ...(usage === null ? [] : [usage ?? CA_KEY_USAGE]),
      skiOf(key),
      akiOf(merged.signer),
      ...more,
    ],
  });
};

export const mintRoot = (parts: AuthorityParts = {}): Uint8Array =>
  authority(parts, {
    serial: int(1),
    issuer: ROOT_NAME,
    subject: ROOT_NAME,
    key: parts.key ?? ROOT,
    signer: parts.signer ?? parts.key ?? ROOT,
  });
export const mintSub = (parts: AuthorityParts = {}): Uint8Array =>
  authority(parts, { serial: int(2), issuer: ROOT_NAME, subject: SUB_NAME, key: SUB, signer: ROOT });
/** `plain`: without authorityKeyIdentifier, though not without any extension. */
export const mintPerson = ({ more = [], plain = false, ...parts }: AuthorityParts & { readonly plain?: boolean } = {}): Uint8Array =>
  mintCertificate({
    serial: int(3),
    issuer: SUB_NAME,
    subject: LEAF_NAME,
    key: LEAF,
    signer: SUB,
    ...parts,
    extensions: [plain ? extension('2.999.1', octets()) : akiOf(parts.signer ?? SUB), ...more],
  });

export const ROOT_CERTIFICATE = mintRoot();
export const SUB_CERTIFICATE = mintSub();
export const PERSON = mintPerson();

/** A good case; each test changes one thing. */
export const validate = (parts: Partial<ValidatePathInput> = {}): PathResult =>
  validatePath({
    target: PERSON,
    intermediates: [SUB_CERTIFICATE],
    anchors: [ROOT_CERTIFICATE],
    at: new Date(AT),
    revocation: 'none',
    ...parts,
  });

/** `valid`, or the code and its detail. */
export const outcome = (parts: Partial<ValidatePathInput> = {}): string => {
  const result = validate(parts);
  return result.result === 'valid' ? 'valid' : result.detail === undefined ? result.code : `${result.code}/${result.detail}`;
};

/** A CRL of the root or of another authority; no extensions but its number unless said. */
export const crl = (parts: CrlParts = {}): Uint8Array =>
  mintCrl({ issuer: ROOT_NAME, signer: ROOT, entries: null, extensions: [extension('2.5.29.20', int(5))], ...parts });
export const subCrl = (parts: CrlParts = {}): Uint8Array => crl({ issuer: SUB_NAME, signer: SUB, ...parts });

export { AT, DAY, extension, int, keyed, name, octets, oid, seq, set };
