/** Keyed identifiers of certificates: what a ledger stores instead of serial numbers. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { JpkiError } from '../errors.ts';
import { hmacSha256 } from './hmac-sha256.ts';

/**
 * A keyed MAC, asynchronous so that the key can stay in a KMS. Serial numbers have four octets or little more: whoever holds the key finds the
 * certificate behind an identifier within minutes. Guard it like the certificates themselves.
 */
export interface Identifier {
  /** The key of new identifiers: 1 to 32 of `A–Z a–z 0–9 _ -`. */
  readonly keyId: string;
  /**
   * Older keys that stay live: what is found under one is rewritten when its certificate is next presented. To rotate, first make the new key
   * known here in every process, then make it current in every process: only processes that know each other's keys see each other's claims.
   */
  readonly previousKeyIds: readonly string[];
  /** 32 octets or more, a pseudo-random function of the bytes under the named key. */
  mac(keyId: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** The same without waiting, where the key is in this process: a sweep asks for millions. `bytes` is written anew afterwards: keep nothing of it. */
  macSync?(keyId: string, bytes: Uint8Array): Uint8Array;
}

export interface HmacIdentifierKey {
  readonly keyId: string;
  /** 32 octets or more. */
  readonly key: Uint8Array | KeyObject;
}

/** HMAC-SHA-256 with keys in this process. Throws `argument-invalid` for a short key, a malformed key id, or one used twice. */
export const hmacIdentifier = (options: HmacIdentifierKey & { readonly previous?: readonly HmacIdentifierKey[] }): Identifier => {
  const { keyId, previous = [] } = options;
  const keys = new Map<string, ReturnType<typeof hmacSha256>>();
  for (const entry of [options, ...previous]) {
    if (keys.has(entry.keyId)) throw new JpkiError('argument-invalid', 'a key id of the identifier is used twice');
    keys.set(entry.keyId, hmacSha256(secret(entry.key)));
  }
  const macSync = (id: string, bytes: Uint8Array): Uint8Array => {
    const mac = keys.get(id);
    if (mac === undefined) throw new JpkiError('argument-invalid', 'the identifier has no key of this id');
    return mac(bytes);
  };
  return checkedIdentifier({
    keyId,
    previousKeyIds: previous.map((entry) => entry.keyId),
    mac: async (id, bytes) => macSync(id, bytes),
    macSync,
  });
};

const secret = (key: Uint8Array | KeyObject): KeyObject => {
  const material = key instanceof Uint8Array ? createSecretKey(key) : key;
  if (material.type !== 'secret' || (material.symmetricKeySize ?? 0) < 32) {
    throw new JpkiError('argument-invalid', 'an identifier key is a secret of at least 32 octets');
  }
  return material;
};

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

export const checkedIdentifier = (identifier: Identifier): Identifier => {
  const ids = [identifier.keyId, ...identifier.previousKeyIds];
  if (!ids.every((id) => KEY_ID.test(id)) || new Set(ids).size !== ids.length) {
    throw new JpkiError('argument-invalid', 'the key ids of the identifier are malformed or repeated');
  }
  const { keyId, previousKeyIds } = identifier;
  return Object.freeze({
    keyId,
    previousKeyIds: Object.freeze([...previousKeyIds]),
    // The port may be an instance of a class: its methods keep their `this`.
    mac: (id: string, bytes: Uint8Array) => identifier.mac(id, bytes),
    ...(identifier.macSync === undefined
      ? {}
      : { macSync: (id: string, bytes: Uint8Array) => identifier.macSync?.(id, bytes) as Uint8Array }),
  });
};

/** Hex, as in `CertificateIdentity`. */
export interface CertificateName {
  readonly issuerKeyId: string;
  readonly serialNumber: string;
}

/** All identifiers of one certificate: the one under the current key first, then those under older keys. */
export const refsOf = async (identifier: Identifier, certificate: CertificateName): Promise<readonly [string, ...string[]]> => {
  if (identifier.macSync !== undefined) return refsNow(identifier, certificate);
  const bytes = bytesOf(certificate);
  const ref = async (keyId: string): Promise<string> => `${keyId}.${base64url(await macOf(identifier, keyId, bytes))}`;
  return [await ref(identifier.keyId), ...(await Promise.all(identifier.previousKeyIds.map(ref)))];
};

/** The same without waiting, for an identifier that has `macSync`. */
export const refsNow = ({ keyId, previousKeyIds, macSync }: Identifier, certificate: CertificateName): readonly [string, ...string[]] => {
  if (macSync === undefined) throw new JpkiError('argument-invalid', 'this identifier answers later');
  const bytes = bytesOf(certificate);
  const ref = (id: string): string => `${id}.${base64url(checkedMac(macSync(id, bytes)))}`;
  return previousKeyIds.length === 0 ? [ref(keyId)] : [ref(keyId), ...previousKeyIds.map(ref)];
};

/** Whether one of the certificate's identifiers, under whichever key, passes. For an identifier that has `macSync`; makes nothing that outlives a call but the MACs. */
export const anyMac = (
  { keyId, previousKeyIds, macSync }: Identifier,
  passes: (mac: Uint8Array) => boolean,
): ((certificate: CertificateName) => boolean) => {
  if (macSync === undefined) throw new JpkiError('argument-invalid', 'this identifier answers later');
  const bytesOfNext = certificateBytes();
  return (certificate) => {
    const bytes = bytesOfNext(certificate);
    if (passes(checkedMac(macSync(keyId, bytes)))) return true;
    for (const older of previousKeyIds) if (passes(checkedMac(macSync(older, bytes)))) return true;
    return false;
  };
};

/** `bytesOf`, again and again into the same memory. */
const certificateBytes = (): ((certificate: CertificateName) => Uint8Array) => {
  const memory = Buffer.alloc(CERTIFICATE_LABEL.length + 2 + 2 * 255);
  CERTIFICATE_LABEL.copy(memory);
  const start = CERTIFICATE_LABEL.length + 2;
  let known: string | null = null;
  let view: Uint8Array = memory;
  return ({ issuerKeyId, serialNumber }) => {
    const issuer = issuerKeyId.length >> 1;
    const serial = serialNumber.length >> 1;
    if (issuer > 255 || serial > 255) throw notHex();
    if (issuerKeyId !== known) {
      writeHex(memory, start, issuerKeyId);
      memory[start - 2] = issuer;
      known = issuerKeyId;
    }
    memory[start - 1] = serial;
    writeHex(memory, start + issuer, serialNumber);
    const length = start + issuer + serial;
    if (view.length !== length) view = memory.subarray(0, length);
    return view;
  };
};

const NIBBLES = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  NIBBLES[digit.charCodeAt(0)] = value;
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value;
}

const writeHex = (into: Uint8Array, at: number, hex: string): void => {
  if (hex.length % 2 !== 0) throw notHex();
  for (let i = 0; i < hex.length; i += 2) {
    const octet = ((NIBBLES[hex.charCodeAt(i)] ?? -1) << 4) | (NIBBLES[hex.charCodeAt(i + 1)] ?? -1);
    if (octet < 0) throw notHex();
    into[at + (i >> 1)] = octet;
  }
};

const notHex = (): JpkiError => new JpkiError('argument-invalid', 'a certificate is named in hex');

/** Throws `argument-invalid` for a name that is not in hex. */
export const checkedName = (name: CertificateName): CertificateName => {
  bytesOf(name);
  return name;
};

/**
 * Whether a ref is that of a certificate, under the key the ref itself names: false for a key that is not known. Always true where the key is elsewhere
 * and answers later: millions of questions to a KMS nobody waits for.
 */
export const macCheck = ({
  keyId,
  previousKeyIds,
  macSync,
}: Identifier): ((ref: string, certificate: { readonly issuerKeyId: string; readonly serialNumber: Uint8Array }) => boolean) => {
  if (macSync === undefined) return () => true;
  const known = new Set([keyId, ...previousKeyIds]);
  return (ref, { issuerKeyId, serialNumber }) => {
    const id = ref.slice(0, ref.indexOf('.'));
    if (!known.has(id)) return false;
    const issuer = issuerKeyId.length >> 1;
    const at = CERTIFICATE_LABEL.length + 2;
    const bytes = Buffer.allocUnsafe(at + issuer + serialNumber.length);
    bytes.set(CERTIFICATE_LABEL);
    bytes[at - 2] = issuer;
    bytes[at - 1] = serialNumber.length;
    bytes.write(issuerKeyId, at, 'hex');
    bytes.set(serialNumber, at + issuer);
    // Stored in the open, both: nothing is told by how long this takes.
    return ref.slice(id.length + 1) === base64url(checkedMac(macSync(id, bytes)));
  };
};

/** Lengths make the concatenation unambiguous; the label keeps these MACs apart from every other use of the key. */
const bytesOf = ({ issuerKeyId, serialNumber }: CertificateName): Uint8Array => {
  const issuer = issuerKeyId.length >> 1;
  const serial = serialNumber.length >> 1;
  const at = CERTIFICATE_LABEL.length;
  const bytes = Buffer.allocUnsafe(at + 2 + issuer + serial);
  bytes.set(CERTIFICATE_LABEL);
  bytes[at] = issuer;
  bytes[at + 1] = serial;
  const written = bytes.write(issuerKeyId, at + 2, issuer, 'hex') + bytes.write(serialNumber, at + 2 + issuer, serial, 'hex');
  if (written * 2 !== issuerKeyId.length + serialNumber.length || issuer > 255 || serial > 255) throw notHex();
  return bytes;
};

export type MacUse = 'certificate' | 'ceremony' | 'person' | 'sweep' | 'tombstone';

export const label = (use: MacUse): Buffer => Buffer.from(`jpki-rp/links/v1/${use}\0`, 'latin1');

const CERTIFICATE_LABEL = label('certificate');

export const macOf = async (identifier: Identifier, keyId: string, bytes: Uint8Array): Promise<Uint8Array> => {
  return checkedMac(await identifier.mac(keyId, bytes));
};

const checkedMac = (mac: Uint8Array): Uint8Array => {
  if (!(mac instanceof Uint8Array) || mac.length < 32)
    throw new JpkiError('argument-invalid', 'the identifier gave a MAC shorter than 32 octets');
  return mac.length === 32 ? mac : mac.subarray(0, 32);
};

export const base64url = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('base64url');
