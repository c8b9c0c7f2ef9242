/** The port to asn1js: short words for the structures that @peculiar/x509 cannot write. Independent of the verifier's DER code on purpose. */
import {
  type AsnType,
  BitString,
  Boolean as BooleanBlock,
  Constructed,
  Enumerated,
  fromBER,
  GeneralizedTime,
  IA5String,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Primitive,
  PrintableString,
  RawData,
  Sequence,
  Set as SetBlock,
  UTCTime,
  Utf8String,
} from 'asn1js';

export type Block = AsnType;

const CONTEXT = 3;
export const sequence = (...value: Block[]): Block => new Sequence({ value });
export const set = (...value: Block[]): Block => new SetBlock({ value });
export const oid = (value: string): Block => new ObjectIdentifier({ value });
export const nothing = (): Block => new Null();
export const bool = (value: boolean): Block => new BooleanBlock({ value });
export const integer = (value: number): Block => Integer.fromBigInt(BigInt(value));
export const enumerated = (value: number): Block => new Enumerated({ value });
export const octets = (value: Uint8Array): Block => new OctetString({ valueHex: copy(value) });
export const bits = (value: Uint8Array): Block => new BitString({ valueHex: copy(value), unusedBits: 0 });
export const utf8 = (value: string): Block => new Utf8String({ value });
export const printable = (value: string): Block => new PrintableString({ value });
export const ia5 = (value: string): Block => new IA5String({ value });
export const utcTime = (value: Date): Block => new UTCTime({ valueDate: value });
export const generalizedTime = (value: Date): Block => new GeneralizedTime({ valueDate: value });
/** EXPLICIT context tag, or an IMPLICIT one over a constructed type's members. */
export const tagged = (tagNumber: number, ...value: Block[]): Block =>
  new Constructed({ idBlock: { tagClass: CONTEXT, tagNumber }, value });
/** IMPLICIT context tag over a primitive type's content octets. */
export const taggedOctets = (tagNumber: number, content: Uint8Array): Block =>
  new Primitive({ idBlock: { tagClass: CONTEXT, tagNumber }, valueHex: copy(content) });
/** DER that already exists, in its place, octet for octet: asn1js's own RawData writes itself at top level only. */
class ExistingDer extends RawData {
  override toBER(sizeOnly?: boolean, writer?: { write(bytes: ArrayBuffer): void }): ArrayBuffer {
    const bytes = super.toBER(sizeOnly);
    writer?.write(bytes);
    return bytes;
  }
}
export const raw = (der: Uint8Array): Block => new ExistingDer({ data: copy(der) }) as unknown as Block;

export const encode = (block: Block): Uint8Array => new Uint8Array(block.toBER(false));

/** Throws where the bytes are not one BER value. */
export function decode(bytes: Uint8Array): Block {
  const { offset, result } = fromBER(copy(bytes));
  if (offset !== bytes.length) throw new SyntaxError('not one ASN.1 value');
  return result;
}

/** An ArrayBuffer of its own: asn1js and WebCrypto take no view on shared memory. */
export const copy = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
