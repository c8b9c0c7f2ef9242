/** Authenticated encryption for what must not lie open in a store: AES-256-GCM, key and IV by HKDF-SHA-256 from a fresh salt, so that no pair is used twice. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { JpkiError } from '../errors.ts';

/** 32 octets, from the operator's secrets. Encryption keys are derived from it, one per sealing and use. */
export type SealKey = Uint8Array | KeyObject;

const VERSION = 'v1';
const SALT_BYTES = 32;
const TAG_BYTES = 16;

interface Use {
  /** Keeps the uses of one key apart. */
  readonly domain: string;
  /** What the content belongs to. It opens under the same words only. */
  readonly context: string;
}

/** URL-safe text. Throws `argument-invalid` for a key that is not 32 octets. */
export const sealBox = (plain: Uint8Array, key: SealKey, use: Use): string => {
  const salt = randomBytes(SALT_BYTES);
  const { cipherKey, iv } = derive(key, salt, use);
  const cipher = createCipheriv('aes-256-gcm', cipherKey, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(use));
  return `${VERSION}.${Buffer.concat([salt, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url')}`;
};

/** The content, or null where a single bit, the key, the version, the domain or the context differs. */
export const openBox = (sealed: string, key: SealKey, use: Use): Buffer | null => {
  const bytes = bytesOf(sealed);
  const { cipherKey, iv } = derive(key, bytes?.subarray(0, SALT_BYTES) ?? new Uint8Array(SALT_BYTES), use);
  if (bytes === null) return null;
  const decipher = createDecipheriv('aes-256-gcm', cipherKey, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(use));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(SALT_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
};

const bytesOf = (sealed: string): Buffer | null => {
  const [version, body, ...rest] = typeof sealed === 'string' ? sealed.split('.') : [];
  if (version !== VERSION || body === undefined || rest.length > 0) return null;
  const bytes = Buffer.from(body, 'base64url');
  // One text for one sealing: other spellings of the same octets are refused.
  return bytes.length <= SALT_BYTES + TAG_BYTES || bytes.toString('base64url') !== body ? null : bytes;
};

const derive = (key: SealKey, salt: Uint8Array, { domain }: Use): { cipherKey: KeyObject; iv: Uint8Array } => {
  const derived = new Uint8Array(hkdfSync('sha256', checkedKey(key), salt, domain, 44));
  return { cipherKey: createSecretKey(derived.subarray(0, 32)), iv: derived.subarray(32) };
};

/** Throws `argument-invalid` for anything but a secret of 32 octets. */
export const checkedKey = (key: SealKey): KeyObject => {
  const material = key instanceof Uint8Array ? createSecretKey(key) : key;
  if (material?.type !== 'secret' || material.symmetricKeySize !== 32) {
    throw new JpkiError('argument-invalid', 'a sealing key is a secret of 32 octets');
  }
  return material;
};

const additionalData = ({ domain, context }: Use): Buffer => Buffer.from(`${domain}\0${context}`, 'utf8');
