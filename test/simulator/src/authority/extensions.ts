/** Extension values, written by hand because their exact shape is the point (see the profiles of JPKI certificates). */
import type { Purpose } from '@jpki-rp/verifier';
import { OID } from '@jpki-rp/verifier/oids';
import { type Block, bool, encode, ia5, integer, octets, oid, sequence, tagged, taggedOctets, utf8 } from '../asn1/der.ts';
import { Extension } from '../asn1/x509.ts';
import { type Dn, nameBlock } from './names.ts';

/** GeneralName directoryName [4], explicit because Name is a CHOICE. */
const directoryName = (dn: Dn): Block => tagged(4, nameBlock(dn));

const extension = (type: string, critical: boolean, value: Uint8Array): Extension => new Extension(type, critical, Uint8Array.from(value));

/** DER BIT STRING of named bits, trailing zero bits removed. */
const KEY_USAGE = {
  'digital-signature': Uint8Array.of(0x03, 0x02, 0x06, 0xc0), // digitalSignature, nonRepudiation
  'user-authentication': Uint8Array.of(0x03, 0x02, 0x07, 0x80), // digitalSignature
  issuer: Uint8Array.of(0x03, 0x02, 0x01, 0x06), // keyCertSign, cRLSign
} as const;

export const keyUsage = (kind: Purpose | 'issuer'): Extension => extension(OID.keyUsage, true, KEY_USAGE[kind]);

export const extendedKeyUsage = (purpose: string): Extension => extension(OID.extendedKeyUsage, false, encode(sequence(oid(purpose))));

export const certificatePolicy = (policy: string, cps: string): Extension =>
  extension(OID.certificatePolicies, true, encode(sequence(sequence(oid(policy), sequence(sequence(oid(OID.cpsQualifier), ia5(cps)))))));

export const alternativeName = (whose: 'subject' | 'issuer', dn: Dn): Extension =>
  extension(whose === 'subject' ? OID.subjectAltName : OID.issuerAltName, false, encode(sequence(directoryName(dn))));

/** otherNames: `[0] IMPLICIT SEQUENCE { type-id, value [0] EXPLICIT UTF8String }`. */
export const personalAttributes = (values: readonly (readonly [type: string, value: string])[]): Extension =>
  extension(OID.subjectAltName, false, encode(sequence(...values.map(([type, value]) => tagged(0, oid(type), tagged(0, utf8(value)))))));

/** One DistributionPoint whose fullName is one directoryName. */
export const crlDistributionPoint = (dn: Dn): Extension =>
  extension(OID.crlDistributionPoints, false, encode(sequence(sequence(tagged(0, tagged(0, directoryName(dn)))))));

/** Critical; distributionPoint only, so that the CRL covers all reasons and all certificates of its partition. */
export const issuingDistributionPoint = (dn: Dn): Uint8Array => encode(sequence(tagged(0, tagged(0, directoryName(dn)))));

export const ocspAccess = (url: string): Extension =>
  extension(OID.authorityInfoAccess, false, encode(sequence(sequence(oid(OID.idAdOcsp), taggedOctets(6, new TextEncoder().encode(url))))));

/** All three parts: key identifier, issuer's name, issuer's serial number. */
export const authorityKeyIdentifier = (keyId: Uint8Array, issuer: { readonly dn: Dn; readonly serial: number }): Extension =>
  extension(
    OID.authorityKeyIdentifier,
    false,
    encode(sequence(taggedOctets(0, keyId), tagged(1, directoryName(issuer.dn)), taggedOctets(2, integerContent(issuer.serial)))),
  );

export const shortAuthorityKeyIdentifier = (keyId: Uint8Array): Uint8Array => encode(sequence(taggedOctets(0, keyId)));

export const subjectKeyIdentifier = (keyId: Uint8Array): Extension => extension(OID.subjectKeyIdentifier, false, encode(octets(keyId)));

export const certificateAuthority = (): Extension => extension(OID.basicConstraints, true, Uint8Array.of(0x30, 0x03, 0x01, 0x01, 0xff));

export const ocspNoCheck = (): Extension => extension(OID.ocspNoCheck, false, Uint8Array.of(0x05, 0x00));

/** Content octets of the INTEGER, for an implicit tag. */
const integerContent = (value: number): Uint8Array => encode(integer(value)).slice(2);

/** An extension inside a CRL or OCSP structure. */
export const extensionBlock = (type: string, critical: boolean, value: Uint8Array): Block =>
  sequence(oid(type), ...(critical ? [bool(true)] : []), octets(value));
