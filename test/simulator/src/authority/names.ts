/** Directory names of the simulated JPKI: the shapes of the real one under made-up values. */
import type { Carrier, Purpose } from '@jpki-rp/verifier';
import { OID } from '@jpki-rp/verifier/oids';
import { type Block, encode, oid, printable, sequence, set, utf8 } from '../asn1/der.ts';
import type { Municipality } from '../register/municipalities.ts';

type Part = readonly [type: 'C' | 'O' | 'OU' | 'L' | 'CN', value: string];
/** RDNs from the root down, one attribute each. */
export type Dn = readonly Part[];

const TYPES = {
  C: OID.countryName,
  O: OID.organizationName,
  OU: OID.organizationalUnitName,
  L: OID.localityName,
  CN: OID.commonName,
} as const;

/** countryName is a PrintableString, everything else a UTF8String, as in JPKI certificates. */
export const nameBlock = (dn: Dn): Block =>
  sequence(...dn.map(([type, value]) => set(sequence(oid(TYPES[type]), type === 'C' ? printable(value) : utf8(value)))));

export const nameDer = (dn: Dn): Uint8Array => encode(nameBlock(dn));

/** RFC 4514: from the leaf up. No value here needs escaping but the specials that the RFC names. */
export const rfc4514 = (dn: Dn): string =>
  [...dn]
    .reverse()
    .map(([type, value]) => `${type}=${value.replace(/[\\,+"<>;=]/g, '\\$&')}`)
    .join(',');

const PURPOSE_UNIT: Record<Purpose, string> = {
  'digital-signature': 'JPKI-SIMULATOR for digital signature',
  'user-authentication': 'JPKI-SIMULATOR for user authentication',
};

const root = (purpose: Purpose): Dn => [
  ['C', 'JP'],
  ['O', 'JPKI-SIMULATOR'],
  ['OU', PURPOSE_UNIT[purpose]],
];

/** The same for every generation: issuers are told apart by key. */
export const issuerDn = (purpose: Purpose): Dn => [...root(purpose), ['OU', 'Fictional Agency']];

export const issuerAlternativeDn = (purpose: Purpose): Dn => [
  ['C', 'JP'],
  ['O', '架空の公的個人認証サービス'],
  ['OU', purpose === 'digital-signature' ? '架空の公的個人認証サービス署名用' : '架空の公的個人認証サービス利用者証明用'],
  ['OU', '架空機構'],
];

export const distributionPointBase = (carrier: Carrier, purpose: Purpose): Dn => [
  ...root(purpose),
  ['OU', carrier === 'card' ? 'CRL Distribution Points' : 'Mobile CRL Distribution Points'],
];

export const distributionPoint = (carrier: Carrier, purpose: Purpose, municipality: Municipality): Dn => [
  ...distributionPointBase(carrier, purpose),
  ['OU', municipality.prefecture.romaji],
  ['CN', `${municipality.romaji} CRLDP`],
];

export const responderDn = (certificateClass: string): Dn => [
  ['C', 'JP'],
  ['O', 'JPKI-SIMULATOR'],
  ['OU', 'OCSP Responders'],
  ['CN', `${certificateClass} OCSP responder`],
];
