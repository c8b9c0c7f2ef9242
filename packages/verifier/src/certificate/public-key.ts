/** SubjectPublicKeyInfo and AlgorithmIdentifier (RFC 5280 §4.1.1.2, §4.1.2.7; RFC 3279; RFC 5480). */
import { constants, createPublicKey, type KeyObject } from 'node:crypto';
import { equalBytes, view } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { DerReader, TAG } from '../der/reader.ts';

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** The parameters element as it stands; null where absent (which is not the same as NULL). */
  readonly parameters: Uint8Array | null;
  /** The whole SEQUENCE. */
  readonly der: Uint8Array;
}

export const readAlgorithmIdentifier = (reader: DerReader): AlgorithmIdentifier => {
  const start = reader.pos;
  const outer = reader.enter(TAG.SEQUENCE);
  const oid = reader.oid();
  const parameters = reader.done ? null : reader.element();
  reader.leave(outer);
  return { oid, parameters, der: reader.bytes.subarray(start, reader.pos) };
};

const NULL_ELEMENT = Uint8Array.of(TAG.NULL, 0);
export const isNullElement = (element: Uint8Array | null): boolean => element !== null && equalBytes(element, NULL_ELEMENT);

export type PublicKeyDescription =
  | {
      readonly type: 'rsa';
      readonly bits: number /** Big-endian, without a leading zero octet. */;
      readonly modulus: Uint8Array;
      readonly exponent: Uint8Array;
    }
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384'; readonly point: Uint8Array }
  /** A key this verifier has no use for: other algorithms, curves or point forms. */
  | { readonly type: 'other'; readonly algorithm: string };

export class PublicKeyInfo {
  /** The whole SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  /** Content of the subjectPublicKey BIT STRING: what key identifiers and OCSP key hashes are made of. */
  readonly key: Uint8Array;
  readonly description: PublicKeyDescription;
  #keyObject: KeyObject | null | undefined;
  #rsa: RsaPublicKey | null | undefined;
  #used = false;

  constructor(der: Uint8Array, algorithm: AlgorithmIdentifier, key: Uint8Array, description: PublicKeyDescription) {
    this.der = der;
    this.algorithm = algorithm;
    this.key = key;
    this.description = description;
  }

  /** The key for node:crypto, imported once; null where node:crypto refuses it (a point off the curve, for example). */
  get keyObject(): KeyObject | null {
    if (this.#keyObject === undefined) this.#keyObject = importKey(this);
    return this.#keyObject;
  }

  /**
   * The RSA key for one raw public-key operation of node:crypto; null where it is none, or node:crypto refuses it. A key that is used once, as most
   * holders' are, is handed over as it stands (RFC 8017 §A.1.1); one that is used again is imported then.
   */
  get rsa(): RsaPublicKey | null {
    if (this.#rsa !== undefined) return this.#rsa;
    if (!this.#used && this.#keyObject === undefined) {
      this.#used = true;
      return this.description.type === 'rsa'
        ? { key: view(this.key), format: 'der', type: 'pkcs1', padding: constants.RSA_NO_PADDING }
        : null;
    }
    const { keyObject } = this;
    this.#rsa = this.description.type === 'rsa' && keyObject !== null ? { key: keyObject, padding: constants.RSA_NO_PADDING } : null;
    return this.#rsa;
  }
}

export type RsaPublicKey =
  | { readonly key: KeyObject; readonly padding: number }
  | { readonly key: Buffer; readonly format: 'der'; readonly type: 'pkcs1'; readonly padding: number };

// RSA keys import several times faster as PKCS#1 than as SubjectPublicKeyInfo.
const importKey = (info: PublicKeyInfo): KeyObject | null => {
  try {
    return info.description.type === 'rsa'
      ? createPublicKey({ key: Buffer.from(info.key), format: 'der', type: 'pkcs1' })
      : createPublicKey({ key: Buffer.from(info.der), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
};

export const readPublicKeyInfo = (reader: DerReader): PublicKeyInfo => {
  const start = reader.pos;
  const outer = reader.enter(TAG.SEQUENCE);
  const algorithm = readAlgorithmIdentifier(reader);
  const key = reader.octetAlignedBitString();
  reader.leave(outer);
  const der = reader.bytes.subarray(start, reader.pos);
  return new PublicKeyInfo(der, algorithm, key, describe(algorithm, key));
};

const CURVES: Readonly<Record<string, { readonly curve: 'P-256' | 'P-384'; readonly length: number }>> = {
  [OID.prime256v1]: { curve: 'P-256', length: 65 },
  [OID.secp384r1]: { curve: 'P-384', length: 97 },
};

const describe = (algorithm: AlgorithmIdentifier, key: Uint8Array): PublicKeyDescription => {
  const other = { type: 'other', algorithm: algorithm.oid } as const;
  if (algorithm.oid === OID.rsaEncryption) {
    // RFC 3279 §2.3.1: the parameters are NULL, not absent.
    if (!isNullElement(algorithm.parameters)) return other;
    return rsaKey(key);
  }
  if (algorithm.oid === OID.ecPublicKey && algorithm.parameters !== null && algorithm.parameters[0] === TAG.OID) {
    const parameters = new DerReader(algorithm.parameters);
    const known = CURVES[parameters.oid()];
    if (known === undefined || key.length !== known.length || key[0] !== 0x04) return other;
    return { type: 'ec', curve: known.curve, point: key };
  }
  return other;
};

const rsaKey = (key: Uint8Array): PublicKeyDescription => {
  const reader = new DerReader(key);
  const outer = reader.enter(TAG.SEQUENCE);
  const modulus = unsigned(reader);
  const exponent = unsigned(reader);
  reader.leave(outer);
  reader.end();
  const bits = modulus.length * 8 - Math.clz32(modulus[0] as number) + 24;
  return { type: 'rsa', bits, modulus, exponent };
};

const unsigned = (reader: DerReader): Uint8Array => {
  const octets = reader.integer();
  if ((octets[0] as number) >= 0x80) return reader.fail('RSA key with a negative number');
  const magnitude = octets[0] === 0 ? octets.subarray(1) : octets;
  if (magnitude.length === 0) return reader.fail('RSA key with a zero');
  return magnitude;
};
