/** Who sent a webhook, and that nobody changed or delayed it. */
import { createHmac, createSecretKey, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';
import { JpkiError } from '@jpki-rp/verifier';

/** `hmac-sha256`: a secret both sides share. `es256`: the receiver needs the public key only (ECDSA P-256 with SHA-256, r ‖ s). */
export type WebhookAlgorithm = 'hmac-sha256' | 'es256';

/** Asynchronous, so that the key can stay in a KMS. */
export interface WebhookSigner {
  /** 1 to 32 of `A–Z a–z 0–9 _ -`; the receiver picks its key by it. */
  readonly keyId: string;
  readonly algorithm: WebhookAlgorithm;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface WebhookKey {
  readonly keyId: string;
  /** `hmac-sha256`: a secret of 32 octets or more. `es256`: a P-256 key, private to sign, public to verify. */
  readonly key: KeyObject | Uint8Array;
}

export const WEBHOOK_HEADERS: Readonly<Record<'id' | 'timestamp' | 'signature', string>> = Object.freeze({
  id: 'jpki-rp-webhook-id',
  timestamp: 'jpki-rp-webhook-timestamp',
  signature: 'jpki-rp-webhook-signature',
});

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

/** What is signed: a label of its own, the id, the second of sending, the body. Neither id nor time can hold a line feed. */
export const signedWebhookBytes = (id: string, timestamp: number, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`jpki-rp/webhook/v1\n${id}\n${timestamp}\n`, 'utf8'), body]);

/** Throws `argument-invalid` for a short secret or a malformed key id. */
export function hmacWebhookSigner(given: WebhookKey): WebhookSigner {
  const key = hmacKey(given);
  return Object.freeze({
    keyId: given.keyId,
    algorithm: 'hmac-sha256',
    sign: async (bytes: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
  });
}

/** Throws `argument-invalid` for anything but a private P-256 key. */
export function es256WebhookSigner(given: WebhookKey): WebhookSigner {
  const key = p256Key(given, 'private');
  return Object.freeze({
    keyId: given.keyId,
    algorithm: 'es256',
    sign: async (bytes: Uint8Array) => new Uint8Array(sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })),
  });
}

export interface ReceivedWebhook {
  /** Of the request, by lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it came, before any parsing. */
  readonly body: Uint8Array;
}

export interface WebhookVerification {
  readonly keys: readonly (WebhookKey & { readonly algorithm: WebhookAlgorithm })[];
  readonly at: Date;
  /** How far the time of sending may be from `at`, both ways. Default 300. */
  readonly toleranceSeconds?: number;
}

const DEFAULTS = { toleranceSeconds: 300 } as const;

/**
 * For the receiving side. Gives the id by which to drop repetitions — in one transaction with what the event changes —, or null where the request
 * is not what the sender signed, by no key of yours, or not of now.
 */
export function verifyWebhook({ headers, body }: ReceivedWebhook, { keys, at, toleranceSeconds }: WebhookVerification): string | null {
  const header = (name: string): string => {
    const value = headers[name];
    return typeof value === 'string' ? value : '';
  };
  const [id, timestamp, signature] = [header(WEBHOOK_HEADERS.id), header(WEBHOOK_HEADERS.timestamp), header(WEBHOOK_HEADERS.signature)];
  const [algorithm, keyId, encoded, ...rest] = signature.split(' ');
  if (id === '' || /[\r\n]/.test(id) || !/^[1-9][0-9]{0,11}$/.test(timestamp) || encoded === undefined || rest.length > 0) return null;
  const age = Math.abs(at.getTime() / 1_000 - Number(timestamp));
  if (!(age <= (toleranceSeconds ?? DEFAULTS.toleranceSeconds))) return null;
  const known = keys.find((key) => key.keyId === keyId && key.algorithm === algorithm);
  if (known === undefined) return null;
  const bytes = signedWebhookBytes(id, Number(timestamp), body);
  const given = Buffer.from(encoded, 'base64url');
  return (known.algorithm === 'es256' ? isSigned(known, bytes, given) : isMac(known, bytes, given)) ? id : null;
}

const isSigned = (known: WebhookKey, bytes: Uint8Array, given: Uint8Array): boolean =>
  verify('sha256', bytes, { key: p256Key(known, 'public'), dsaEncoding: 'ieee-p1363' }, given);

function isMac(known: WebhookKey, bytes: Uint8Array, given: Uint8Array): boolean {
  const expected = createHmac('sha256', hmacKey(known)).update(bytes).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hmacKey({ keyId, key }: WebhookKey): KeyObject {
  const secret = key instanceof Uint8Array && key.length > 0 ? createSecretKey(key) : key;
  if (!KEY_ID.test(keyId) || secret instanceof Uint8Array || secret.type !== 'secret' || (secret.symmetricKeySize ?? 0) < 32)
    throw new JpkiError('argument-invalid', 'a webhook secret has a plain key id and at least 32 octets');
  return secret;
}

function p256Key({ keyId, key }: WebhookKey, type: 'private' | 'public'): KeyObject {
  if (!KEY_ID.test(keyId) || key instanceof Uint8Array || key.type !== type || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new JpkiError('argument-invalid', `a webhook key has a plain key id and is a ${type} P-256 key`);
  return key;
}
