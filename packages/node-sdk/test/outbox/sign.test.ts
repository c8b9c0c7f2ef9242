import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  es256WebhookSigner,
  hmacWebhookSigner,
  type ReceivedWebhook,
  signedWebhookBytes,
  verifyWebhook,
  WEBHOOK_HEADERS,
  type WebhookSigner,
} from '../../src/outbox/index.ts';

const NOW = new Date('2026-04-01T09:00:00.000Z');
const SECOND = NOW.getTime() / 1_000;
const secret = new Uint8Array(32).fill(1);
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signers = {
  'hmac-sha256': hmacWebhookSigner({ keyId: 'k', key: secret }),
  es256: es256WebhookSigner({ keyId: 'k', key: pair.privateKey }),
};
const keysFor = {
  'hmac-sha256': [{ keyId: 'k', key: secret, algorithm: 'hmac-sha256' }],
  es256: [{ keyId: 'k', key: pair.publicKey, algorithm: 'es256' }],
} as const;

interface Sent {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}
const sent = async (signer: WebhookSigner, body = '{"v":1}'): Promise<Sent> => {
  const raw = await signer.sign(signedWebhookBytes('event.1', SECOND, Buffer.from(body)));
  return {
    id: 'event.1',
    timestamp: String(SECOND),
    body,
    signature: `${signer.algorithm} ${signer.keyId} ${Buffer.from(raw).toString('base64url')}`,
  };
};
const asReceived = ({ id, timestamp, signature, body }: Sent): ReceivedWebhook => ({
  headers: { [WEBHOOK_HEADERS.id]: id, [WEBHOOK_HEADERS.timestamp]: timestamp, [WEBHOOK_HEADERS.signature]: signature },
  body: Buffer.from(body),
});

describe.each(['hmac-sha256', 'es256'] as const)('a webhook signed by %s', (algorithm) => {
  const keys = keysFor[algorithm];
  const verified = (one: Sent, at = NOW): string | null => verifyWebhook(asReceived(one), { keys, at });

  it('names its event', async () => {
    expect(verified(await sent(signers[algorithm]))).toBe('event.1');
  });

  it.each<[string, (good: Sent) => Sent]>([
    ['another body', (good) => ({ ...good, body: '{"v":2}' })],
    ['another id', (good) => ({ ...good, id: 'event.2' })],
    ['another time', (good) => ({ ...good, timestamp: String(SECOND + 1) })],
    ['no id', (good) => ({ ...good, id: '' })],
    ['no signature', (good) => ({ ...good, signature: '' })],
    ['half a signature', (good) => ({ ...good, signature: good.signature.slice(0, -40) })],
    ['another key id', (good) => ({ ...good, signature: good.signature.replace(' k ', ' other ') })],
    [
      'another algorithm',
      (good) => ({ ...good, signature: good.signature.replace(/^\S+/, algorithm === 'es256' ? 'hmac-sha256' : 'es256') }),
    ],
    ['something after the signature', (good) => ({ ...good, signature: `${good.signature} x` })],
    ['a line feed moved from the time into the id', (good) => ({ ...good, id: `event.1\n${SECOND}` })],
    ['a time that is no number', (good) => ({ ...good, timestamp: `${good.timestamp}.0` })],
  ])('names none with %s', async (_case, change) => {
    expect(verified(change(await sent(signers[algorithm])))).toBeNull();
  });

  it('names none before or after its time', async () => {
    const good = await sent(signers[algorithm]);
    expect(verified(good, new Date(NOW.getTime() + 300_000))).toBe('event.1');
    expect(verified(good, new Date(NOW.getTime() + 301_000))).toBeNull();
    expect(verified(good, new Date(NOW.getTime() - 301_000))).toBeNull();
    expect(verified(good, new Date(Number.NaN))).toBeNull();
  });
});

describe('a key', () => {
  const misuse = expect.objectContaining({ code: 'argument-invalid' });
  it('is long enough, of its kind, and has a plain id', () => {
    expect(() => hmacWebhookSigner({ keyId: 'k', key: new Uint8Array(31) })).toThrowError(misuse);
    expect(() => hmacWebhookSigner({ keyId: 'k', key: new Uint8Array(0) })).toThrowError(misuse);
    expect(() => hmacWebhookSigner({ keyId: 'k k', key: secret })).toThrowError(misuse);
    expect(() => hmacWebhookSigner({ keyId: 'k', key: pair.publicKey })).toThrowError(misuse);
    expect(() => es256WebhookSigner({ keyId: 'k', key: pair.publicKey })).toThrowError(misuse);
    expect(() => es256WebhookSigner({ keyId: 'k', key: secret })).toThrowError(misuse);
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    expect(() => es256WebhookSigner({ keyId: 'k', key: p384.privateKey })).toThrowError(misuse);
  });
});
