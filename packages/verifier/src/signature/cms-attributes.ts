/** Signed attributes (RFC 5652 §11): what they must say, and that they say it once. */
import { equalBytes } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { DerReader, TAG } from '../der/reader.ts';

export interface Attribute {
  readonly oid: string;
  /** Each value's element. */
  readonly values: readonly Uint8Array[];
}

/** `SET OF Attribute` in DER: ascending order, and each with at least one value. Throws `DerError`. */
export const readAttributes = (der: Uint8Array): readonly Attribute[] => {
  const reader = new DerReader(der);
  const outer = reader.enter(TAG.SET);
  const attributes: Attribute[] = [];
  let previous: Uint8Array | null = null;
  do {
    const start = reader.pos;
    const sequence = reader.enter(TAG.SEQUENCE);
    const oid = reader.oid();
    const set = reader.enter(TAG.SET);
    const values: Uint8Array[] = [];
    do values.push(reader.element());
    while (!reader.done);
    reader.leave(set);
    reader.leave(sequence);
    const element = reader.bytes.subarray(start, reader.pos);
    // §5.4 hashes the DER: a SET OF in another order was not what its signer hashed.
    if (previous !== null && Buffer.compare(previous, element) > 0) reader.fail('SET OF not sorted');
    previous = element;
    attributes.push({ oid, values });
  } while (!reader.done);
  reader.leave(outer);
  reader.end();
  return attributes;
};

export type AttributeFault =
  | 'content-type-attribute'
  | 'message-digest-attribute'
  | 'signing-time-attribute'
  | 'unsigned-attribute'
  | 'message-digest';

/** Attributes that mean something only where they are signed (§11.1 to §11.3). */
const SIGNED_ONLY: readonly string[] = [OID.cmsContentType, OID.cmsMessageDigest, OID.cmsSigningTime];

export interface SignedAttributes {
  /** Milliseconds since 1970. */
  readonly signingTime: number | null;
}

/** A string names the rule that is broken. Throws `DerError` where a value is not of its type. */
export const checkAttributes = (
  signed: readonly Attribute[],
  unsigned: readonly Attribute[],
  expected: { readonly contentType: string; readonly digest: Uint8Array },
): SignedAttributes | AttributeFault => {
  if (unsigned.some(({ oid }) => SIGNED_ONLY.includes(oid))) return 'unsigned-attribute';
  const contentType = only(signed, OID.cmsContentType);
  if (contentType === null || contentType === 'absent') return 'content-type-attribute';
  if (whole(contentType, (reader) => reader.oid()) !== expected.contentType) return 'content-type-attribute';
  const messageDigest = only(signed, OID.cmsMessageDigest);
  if (messageDigest === null || messageDigest === 'absent') return 'message-digest-attribute';
  const signingTime = only(signed, OID.cmsSigningTime);
  if (signingTime === null) return 'signing-time-attribute';
  const time = signingTime === 'absent' ? null : whole(signingTime, (reader) => reader.time());
  if (
    !equalBytes(
      whole(messageDigest, (reader) => reader.value(TAG.OCTET_STRING)),
      expected.digest,
    )
  )
    return 'message-digest';
  return { signingTime: time };
};

/** The one value of the one attribute with this OID; null where there is more than one of either. */
const only = (attributes: readonly Attribute[], oid: string): Uint8Array | 'absent' | null => {
  const found = attributes.filter((attribute) => attribute.oid === oid);
  if (found.length === 0) return 'absent';
  const [value, ...more] = found.flatMap(({ values }) => values);
  return value === undefined || more.length > 0 ? null : value;
};

const whole = <T>(der: Uint8Array, read: (reader: DerReader) => T): T => {
  const reader = new DerReader(der);
  const value = read(reader);
  reader.end();
  return value;
};
