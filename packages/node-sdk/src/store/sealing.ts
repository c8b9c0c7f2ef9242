/** Transactions hold names, certificates and signatures for some minutes. A shared store sees them only under a key it does not have. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { JpkiError } from '@jpki-rp/verifier';

export interface SealingKey {
  /** 1 to 32 of `A–Z a–z 0–9 _ -`. */
  readonly keyId: string;
  /** 32 octets. */
  readonly key: Uint8Array | KeyObject;
}

export interface SealingOptions extends SealingKey {
  /** Keys that still open what was sealed before a rotation. Needed for as long as a transaction lives. */
  readonly previous?: readonly SealingKey[];
}

/** What is sealed and where it stands: a blob opens only in its own place. */
export interface SealedPlace {
  readonly part: 'fixed' | 'content' | 'answer' | 'outcome' | 'ceremony';
  readonly id: string;
}

export interface Sealer {
  /** AES-256-GCM, a fresh nonce each. `{key id}.{base64url of nonce, tag, ciphertext}` */
  seal(plain: Uint8Array, place: SealedPlace): string;
  /** Throws where the blob was changed, moved, or sealed under a key that is not known here. */
  open(sealed: string, place: SealedPlace): Uint8Array;
}

const NONCE = 12;
const TAG = 16;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

/** Throws `argument-invalid` for a key that is not a secret of 32 octets, a malformed key id, or one used twice. */
export function createSealer(options: SealingOptions): Sealer {
  const keys = new Map<string, KeyObject>();
  for (const { keyId, key } of [options, ...(options?.previous ?? [])]) {
    if (typeof keyId !== 'string' || !KEY_ID.test(keyId) || keys.has(keyId))
      throw new JpkiError('argument-invalid', 'a sealing key needs a plain key id of its own', { pointer: '/sealing/keyId' });
    const secret = key instanceof Uint8Array && key.length > 0 ? createSecretKey(key) : key;
    if (secret instanceof Uint8Array || secret?.type !== 'secret' || secret.symmetricKeySize !== 32)
      throw new JpkiError('argument-invalid', 'a sealing key is a secret of 32 octets', { pointer: '/sealing/key' });
    keys.set(keyId, secret);
  }
  const current = options.keyId;
  return Object.freeze({
    seal(plain: Uint8Array, place: SealedPlace): string {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', keyOf(keys, current), nonce).setAAD(placeBytes(current, place));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return `${current}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed: string, place: SealedPlace): Uint8Array {
      const dot = sealed.indexOf('.');
      const keyId = sealed.slice(0, Math.max(0, dot));
      const blob = Buffer.from(sealed.slice(dot + 1), 'base64url');
      if (blob.length < NONCE + TAG) throw new Error('a sealed transaction is cut short');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(keys, keyId), blob.subarray(0, NONCE), { authTagLength: TAG })
        .setAAD(placeBytes(keyId, place))
        .setAuthTag(blob.subarray(NONCE, NONCE + TAG));
      return new Uint8Array(Buffer.concat([decipher.update(blob.subarray(NONCE + TAG)), decipher.final()]));
    },
  });
}

function keyOf(keys: ReadonlyMap<string, KeyObject>, keyId: string): KeyObject {
  const key = keys.get(keyId);
  if (key === undefined) throw new Error('a sealed transaction names a key that is not known here');
  return key;
}

const placeBytes = (keyId: string, { part, id }: SealedPlace): Uint8Array =>
  Buffer.from(`jpki-rp/store/v1/${part}\0${keyId}\0${id}`, 'utf8');
