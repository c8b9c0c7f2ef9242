/** Certificate extensions of RFC 5280 §4.2, each read strictly. The reader stands at the content of the extnValue OCTET STRING. */
import { Part } from '../der/part.ts';
import { contextConstructed, contextPrimitive, type DerReader, TAG } from '../der/reader.ts';
import {
  type DistributionPointName,
  type GeneralName,
  readDistributionPointName,
  readGeneralName,
  readGeneralNames,
} from './general-name.ts';

/** An extension as it stands. */
export class Extension extends Part {
  readonly oid: string;
  readonly critical: boolean;

  constructor(oid: string, critical: boolean, source: Uint8Array, start: number, end: number) {
    super(source, start, end);
    this.oid = oid;
    this.critical = critical;
  }

  /** The content of the OCTET STRING. */
  get value(): Uint8Array {
    return this.octets;
  }
}

/** Up to so many, as in every real list, a scan for duplicates is fastest; in a hostile one of thousands it would take minutes. */
const FEW = 16;

/** Reads `SEQUENCE OF Extension` (at least one); refuses duplicates (RFC 5280 §4.2). */
export const readExtensions = (reader: DerReader): readonly Extension[] => {
  const outer = reader.enter(TAG.SEQUENCE);
  const extensions: Extension[] = [];
  let seen: Set<string> | null = null;
  do {
    const extension = reader.enter(TAG.SEQUENCE);
    const oid = reader.oid();
    let critical = false;
    if (reader.peek() === TAG.BOOLEAN) {
      critical = reader.boolean();
      if (!critical) reader.fail('DEFAULT value encoded');
    }
    const value = reader.passed(TAG.OCTET_STRING);
    const end = reader.pos;
    reader.leave(extension);
    if (extensions.length === FEW) seen = new Set(extensions.map((earlier) => earlier.oid));
    if (seen === null) {
      for (const earlier of extensions) if (earlier.oid === oid) reader.fail('duplicate extension');
    } else if (seen.has(oid)) reader.fail('duplicate extension');
    seen?.add(oid);
    extensions.push(new Extension(oid, critical, reader.bytes, value, end));
  } while (!reader.done);
  reader.leave(outer);
  return extensions;
};

export const KEY_USAGE_BITS = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsageBit = (typeof KEY_USAGE_BITS)[number];

/** The mask of key usage names, as `Certificate.keyUsage` holds it. */
export const keyUsageMask = (names: readonly KeyUsageBit[]): number => {
  let mask = 0;
  for (const name of names) mask |= 1 << KEY_USAGE_BITS.indexOf(name);
  return mask;
};

/** RFC 5280 §4.2.1.3: at least one bit is set. */
export const readKeyUsage = (reader: DerReader): number => {
  const mask = reader.namedBits();
  if (mask === 0) reader.fail('keyUsage empty');
  return mask;
};

export const readOidSequence = (reader: DerReader): readonly string[] => {
  const outer = reader.enter(TAG.SEQUENCE);
  const oids: string[] = [];
  do oids.push(reader.oid());
  while (!reader.done);
  reader.leave(outer);
  return oids;
};

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | null;
}

export const readBasicConstraints = (reader: DerReader): BasicConstraints => {
  const outer = reader.enter(TAG.SEQUENCE);
  let ca = false;
  let pathLength: number | null = null;
  if (reader.peek() === TAG.BOOLEAN) {
    ca = reader.boolean();
    if (!ca) reader.fail('DEFAULT value encoded');
  }
  if (reader.peek() === TAG.INTEGER) pathLength = reader.smallInteger();
  reader.leave(outer);
  return { ca, pathLength };
};

export interface PolicyInformation {
  readonly oid: string;
}

/** Qualifiers tell people things; they are checked and passed over. */
export const readCertificatePolicies = (reader: DerReader): readonly PolicyInformation[] => {
  const outer = reader.enter(TAG.SEQUENCE);
  const policies: PolicyInformation[] = [];
  do {
    const information = reader.enter(TAG.SEQUENCE);
    const oid = reader.oid();
    if (!reader.done) {
      const list = reader.enter(TAG.SEQUENCE);
      do {
        const qualifier = reader.enter(TAG.SEQUENCE);
        reader.oid();
        reader.skip();
        reader.leave(qualifier);
      } while (!reader.done);
      reader.leave(list);
    }
    reader.leave(information);
    policies.push({ oid });
  } while (!reader.done);
  reader.leave(outer);
  return policies;
};

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

export const readPolicyMappings = (reader: DerReader): readonly PolicyMapping[] => {
  const outer = reader.enter(TAG.SEQUENCE);
  const mappings: PolicyMapping[] = [];
  do {
    const mapping = reader.enter(TAG.SEQUENCE);
    mappings.push({ issuerDomainPolicy: reader.oid(), subjectDomainPolicy: reader.oid() });
    reader.leave(mapping);
  } while (!reader.done);
  reader.leave(outer);
  return mappings;
};

export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | null;
  readonly inhibitPolicyMapping: number | null;
}

export const readPolicyConstraints = (reader: DerReader): PolicyConstraints => {
  const outer = reader.enter(TAG.SEQUENCE);
  if (reader.done) reader.fail('policyConstraints empty');
  const requireExplicitPolicy = reader.peek() === contextPrimitive(0) ? reader.smallInteger(contextPrimitive(0)) : null;
  const inhibitPolicyMapping = reader.peek() === contextPrimitive(1) ? reader.smallInteger(contextPrimitive(1)) : null;
  reader.leave(outer);
  return { requireExplicitPolicy, inhibitPolicyMapping };
};

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** minimum is 0 and maximum absent (RFC 5280 §4.2.1.10); anything else is refused. */
export const readNameConstraints = (reader: DerReader): NameConstraints => {
  const subtrees = (tag: number): readonly GeneralName[] => {
    if (reader.peek() !== tag) return [];
    const bases: GeneralName[] = [];
    const list = reader.enter(tag);
    do {
      const subtree = reader.enter(TAG.SEQUENCE);
      bases.push(readGeneralName(reader));
      reader.leave(subtree);
    } while (!reader.done);
    reader.leave(list);
    return bases;
  };
  const outer = reader.enter(TAG.SEQUENCE);
  if (reader.done) reader.fail('nameConstraints empty');
  const permitted = subtrees(contextConstructed(0));
  const excluded = subtrees(contextConstructed(1));
  reader.leave(outer);
  return { permitted, excluded };
};

/** RFC 5280 §5.3.1 / §4.2.1.13: bit n of the mask is the bit n of ReasonFlags. */
export type ReasonFlags = number;

export interface DistributionPoint {
  readonly name: DistributionPointName | null;
  readonly reasons: ReasonFlags | null;
  readonly crlIssuer: readonly GeneralName[] | null;
}

export const readDistributionPoints = (reader: DerReader): readonly DistributionPoint[] => {
  const outer = reader.enter(TAG.SEQUENCE);
  const points: DistributionPoint[] = [];
  do {
    const point = reader.enter(TAG.SEQUENCE);
    const name = reader.peek() === contextConstructed(0) ? readDistributionPointName(reader) : null;
    const reasons = reader.peek() === contextPrimitive(1) ? reader.namedBits(contextPrimitive(1)) : null;
    const crlIssuer = reader.peek() === contextConstructed(2) ? readGeneralNames(reader, contextConstructed(2)) : null;
    reader.leave(point);
    points.push({ name, reasons, crlIssuer });
  } while (!reader.done);
  reader.leave(outer);
  return points;
};

export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | null;
  readonly authorityCertIssuer: readonly GeneralName[] | null;
  readonly authorityCertSerialNumber: Uint8Array | null;
}

/** RFC 5280 §4.2.1.1: issuer and serial number stand together or not at all. */
export const readAuthorityKeyIdentifier = (reader: DerReader): AuthorityKeyIdentifier => {
  const outer = reader.enter(TAG.SEQUENCE);
  const keyIdentifier = reader.peek() === contextPrimitive(0) ? reader.value(contextPrimitive(0)) : null;
  const authorityCertIssuer = reader.peek() === contextConstructed(1) ? readGeneralNames(reader, contextConstructed(1)) : null;
  const authorityCertSerialNumber = reader.peek() === contextPrimitive(2) ? reader.integer(contextPrimitive(2)) : null;
  reader.leave(outer);
  if ((authorityCertIssuer === null) !== (authorityCertSerialNumber === null))
    reader.fail('authorityCertIssuer without its serial number, or the reverse');
  return { keyIdentifier, authorityCertIssuer, authorityCertSerialNumber };
};

export interface AccessDescription {
  readonly method: string;
  readonly location: GeneralName;
}

export const readAuthorityInfoAccess = (reader: DerReader): readonly AccessDescription[] => {
  const outer = reader.enter(TAG.SEQUENCE);
  const descriptions: AccessDescription[] = [];
  do {
    const description = reader.enter(TAG.SEQUENCE);
    descriptions.push({ method: reader.oid(), location: readGeneralName(reader) });
    reader.leave(description);
  } while (!reader.done);
  reader.leave(outer);
  return descriptions;
};
