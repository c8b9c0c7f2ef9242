/** SubjectPublicKeyInfo and AlgorithmIdentifier (RFC 5280 §4.1.1.2, §4.1.2.7; RFC 3279; RFC 5480). */
import { constants, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { equalBytes, view } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { Part } from '../der/part.ts';
import { DerReader, TAG } from '../der/reader.ts';

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** The parameters element as it stands; null where absent (which is not the same as NULL). */
  readonly parameters: Uint8Array | null;
  /** The whole SEQUENCE. */
  readonly der: Uint8Array;
}

/** Those of nearly every certificate: found, not read anew. */
const COMMON: readonly AlgorithmIdentifier[] = [
  '300d06092a864886f70d01010b0500',
  '300d06092a864886f70d0101010500',
  '300a06082a8648ce3d040302',
  '300a06082a8648ce3d040303',
  '301306072a8648ce3d020106082a8648ce3d030107',
  '301006072a8648ce3d020106052b81040022',
  '300906052b0e03021a0500',
].map((octets) => readAnyAlgorithm(new DerReader(Uint8Array.from(Buffer.from(octets, 'hex')))));

export const readAlgorithmIdentifier = (reader: DerReader): AlgorithmIdentifier => {
  const { bytes, pos, limit } = reader;
  for (const known of COMMON) {
    const { der } = known;
    if (bytes[pos + 1] !== der[1] || pos + der.length > limit || !standsAt(bytes, pos, der)) continue;
    reader.pos = pos + der.length;
    return known;
  }
  return readAnyAlgorithm(reader);
};

const standsAt = (bytes: Uint8Array, pos: number, octets: Uint8Array): boolean => {
  for (let i = 0; i < octets.length; i++) if (bytes[pos + i] !== octets[i]) return false;
  return true;
};

function readAnyAlgorithm(reader: DerReader): AlgorithmIdentifier {
  const start = reader.pos;
  const outer = reader.enter(TAG.SEQUENCE);
  const oid = reader.oid();
  const parameters = reader.done ? null : reader.element();
  reader.leave(outer);
  return { oid, parameters, der: reader.bytes.subarray(start, reader.pos) };
}

const NULL_ELEMENT = Uint8Array.of(TAG.NULL, 0);
export const isNullElement = (element: Uint8Array | null): boolean => element !== null && equalBytes(element, NULL_ELEMENT);

export type PublicKeyDescription =
  | RsaKey
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384'; readonly point: Uint8Array }
  /** A key this verifier has no use for: other algorithms, curves or point forms. */
  | { readonly type: 'other'; readonly algorithm: string };

export class RsaKey {
  readonly type = 'rsa';
  readonly bits: number;
  readonly #modulus: Part;
  readonly #exponent: Part;

  constructor(bits: number, modulus: Part, exponent: Part) {
    this.bits = bits;
    this.#modulus = modulus;
    this.#exponent = exponent;
  }

  /** Big-endian, without a leading zero octet. */
  get modulus(): Uint8Array {
    return this.#modulus.octets;
  }

  /** Big-endian, without a leading zero octet. */
  get exponent(): Uint8Array {
    return this.#exponent.octets;
  }
}

export class PublicKeyInfo {
  readonly algorithm: AlgorithmIdentifier;
  readonly description: PublicKeyDescription;
  readonly #whole: Part;
  readonly #key: Part;
  #keyHash: Uint8Array | undefined;
  #keyObject: KeyObject | null | undefined;
  #rsa: RsaPublicKey | null | undefined;
  #used = false;

  constructor(whole: Part, algorithm: AlgorithmIdentifier, key: Part, description: PublicKeyDescription) {
    this.#whole = whole;
    this.algorithm = algorithm;
    this.#key = key;
    this.description = description;
  }

  /** The whole SubjectPublicKeyInfo. */
  get der(): Uint8Array {
    return this.#whole.octets;
  }

  /** Content of the subjectPublicKey BIT STRING: what key identifiers and OCSP key hashes are made of. */
  get key(): Uint8Array {
    return this.#key.octets;
  }

  /** SHA-1 of `key`, made once: how an OCSP response names its responder by key (RFC 6960 §4.2.1). A name, not a signature. */
  get keyHash(): Uint8Array {
    this.#keyHash ??= hash('sha1', this.key, 'buffer');
    return this.#keyHash;
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
  const keyStart = reader.passedBitString();
  const key = new Part(reader.bytes, keyStart, reader.pos);
  reader.leave(outer);
  return new PublicKeyInfo(new Part(reader.bytes, start, reader.pos), algorithm, key, describe(algorithm, key));
};

const CURVES: Readonly<Record<string, { readonly curve: 'P-256' | 'P-384'; readonly length: number }>> = {
  [OID.prime256v1]: { curve: 'P-256', length: 65 },
  [OID.secp384r1]: { curve: 'P-384', length: 97 },
};

const describe = (algorithm: AlgorithmIdentifier, key: Part): PublicKeyDescription => {
  const other = { type: 'other', algorithm: algorithm.oid } as const;
  if (algorithm.oid === OID.rsaEncryption) {
    // RFC 3279 §2.3.1: the parameters are NULL, not absent.
    if (!isNullElement(algorithm.parameters)) return other;
    return rsaKey(key);
  }
  if (algorithm.oid === OID.ecPublicKey && algorithm.parameters !== null && algorithm.parameters[0] === TAG.OID) {
    const parameters = new DerReader(algorithm.parameters);
    const known = CURVES[parameters.oid()];
    if (known === undefined || key.octets.length !== known.length || key.octets[0] !== 0x04) return other;
    return { type: 'ec', curve: known.curve, point: key.octets };
  }
  return other;
};

const rsaKey = ({ source, start, end }: Part): PublicKeyDescription => {
  const reader = new DerReader(source, start, end);
  const outer = reader.enter(TAG.SEQUENCE);
  const modulus = unsigned(reader);
  const exponent = unsigned(reader);
  reader.leave(outer);
  reader.end();
  const bits = (modulus.end - modulus.start) * 8 - Math.clz32(source[modulus.start] as number) + 24;
  return new RsaKey(bits, modulus, exponent);
};

const unsigned = (reader: DerReader): Part => {
  const start = reader.passedInteger();
  const first = reader.bytes[start] as number;
  if (first >= 0x80) return reader.fail('RSA key with a negative number');
  const magnitude = new Part(reader.bytes, first === 0 ? start + 1 : start, reader.pos);
  if (magnitude.start === magnitude.end) return reader.fail('RSA key with a zero');
  return magnitude;
};
