/** Keys from the published pool, in seed order. They are public: see keys/README.md. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import pool from '../../keys/rsa-2048.json' with { type: 'json' };
import { copy } from '../asn1/der.ts';
import type { Random } from '../random.ts';

/** Generations up to this number have reserved keys, so that their count never changes the people's keys. */
export const MAXIMUM_GENERATIONS = 3;
const INFRASTRUCTURE_KEYS = MAXIMUM_GENERATIONS * (2 + 4);

export interface TestKey {
  /** PKCS#8 PEM. */
  readonly pem: string;
  readonly privateKey: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** SHA-1 of the key bits (RFC 5280 §4.2.1.2 (1)). */
  readonly keyId: Uint8Array;
  /** SHA-1 and SHA-256 of the key bits, as OCSP's issuerKeyHash. */
  keyHash(algorithm: 'sha1' | 'sha256'): Uint8Array;
  webCryptoKey(): Promise<CryptoKey>;
}

export interface KeyPool {
  /** For CAs and responders. Throws when their share of the pool is spent. */
  infrastructure(): TestKey;
  /** For people; starts again from the first when the pool is spent. */
  personal(): TestKey;
}

export function keyPool(random: Random): KeyPool {
  const order = random.shuffle(pool.keys);
  const reserved = order.slice(0, INFRASTRUCTURE_KEYS);
  const personal = order.slice(INFRASTRUCTURE_KEYS);
  let nextReserved = 0;
  let nextPersonal = 0;
  return {
    infrastructure: () => testKey(at(reserved, nextReserved++)),
    personal: () => testKey(at(personal, nextPersonal++ % personal.length)),
  };
}

function at(keys: readonly string[], index: number): string {
  const key = keys[index];
  if (key === undefined) throw new RangeError('the pool of test keys is spent');
  return key;
}

// The header of an RSA-2048 SubjectPublicKeyInfo up to the key bits: fixed length, because the pool is RSA-2048 with e = 65537 only.
const SPKI_HEADER = 24;

function testKey(pem: string): TestKey {
  const privateKey = createPrivateKey(pem);
  const spki = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  const keyBits = spki.subarray(SPKI_HEADER);
  const keyHash = (algorithm: 'sha1' | 'sha256'): Uint8Array => new Uint8Array(createHash(algorithm).update(keyBits).digest());
  return {
    pem,
    privateKey,
    spki,
    keyId: keyHash('sha1'),
    keyHash,
    webCryptoKey: () =>
      crypto.subtle.importKey(
        'pkcs8',
        copy(privateKey.export({ type: 'pkcs8', format: 'der' })),
        { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
        false,
        ['sign'],
      ),
  };
}
