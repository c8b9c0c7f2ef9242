/** What holds for the outbox of any PostgreSQL, in the same words on a server and on PGlite. */
import { generateKeyPairSync } from 'node:crypto';
import { createLinkLedger, hmacIdentifier } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { card, later, NOW, revoked, smartphone } from '../../../verifier/test/links/verdicts.ts';
import {
  type DeliverOutboxOptions,
  type DeliveryEvent,
  type DeliveryReport,
  deliverOutbox,
  es256WebhookSigner,
  hmacWebhookSigner,
  type OutboxStore,
  verifyWebhook,
} from '../../src/outbox/index.ts';
import { postgresLinkStore, postgresOutbox, type SqlPool } from '../../src/store/postgres/index.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const secret = new Uint8Array(32).fill(5);
const sign = hmacWebhookSigner({ keyId: 'h1', key: secret });
const keys = [{ keyId: 'h1', key: secret, algorithm: 'hmac-sha256' as const }];

export function outboxCases(pool: () => SqlPool): void {
  let receiver: Receiver;
  let serial = 0;
  let at = NOW;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.close());
  beforeEach(async () => {
    await pool().query('truncate jpki_outbox');
    receiver.received.length = 0;
    receiver.answer(() => 204);
    at = NOW;
  });

  const store = (): OutboxStore => postgresOutbox({ pool: pool() });
  const ledger = () =>
    createLinkLedger({
      store: postgresLinkStore({ pool: pool(), outbox: 'keep', clock: () => at }),
      identifier: hmacIdentifier({ keyId: 'k1', key: new Uint8Array(32).fill(7) }),
      clock: () => at,
      notify: () => undefined,
    });
  /** One link, and so one event. */
  const link = async (account: string, life: { card?: number } = {}): Promise<number> => {
    serial += 2;
    const cardSerial = life.card ?? serial;
    const ceremony = `${account}-${serial}`;
    const facts = { ceremony, at };
    const result = await ledger().establish(card(cardSerial, facts), smartphone(serial + 1, facts), {
      account,
      ceremony: { id: ceremony },
    });
    if (!result.ok) throw new Error(result.code);
    return cardSerial;
  };
  const deliver = (change: Partial<DeliverOutboxOptions> = {}): Promise<DeliveryReport> =>
    deliverOutbox({ store: store(), destinations: [receiver.url], sign, clock: () => at, ...change });
  const bodies = () => receiver.received.map(({ body }) => JSON.parse(Buffer.from(body).toString('utf8')));
  const ids = (): string[] => bodies().map(({ id }) => String(id));

  describe('an event', () => {
    it('arrives once, signed, and says account, link and reason, but nothing of a certificate', async () => {
      const cardSerial = await link('account-1');
      expect(await deliver()).toEqual({ delivered: 1, postponed: 0, givenUp: 0 });
      expect(await deliver()).toEqual({ delivered: 0, postponed: 0, givenUp: 0 });
      const [received] = receiver.received;
      if (received === undefined) throw new Error('nothing came');
      const [body] = bodies();
      expect(body).toEqual({
        v: 1,
        id: expect.any(String),
        type: 'link.established',
        at: NOW.toISOString(),
        data: { account: 'account-1', link: expect.any(String), reason: null },
      });
      expect(verifyWebhook(received, { keys, at })).toBe(body.id);
      expect(JSON.stringify(body)).not.toContain(`"${cardSerial}"`);
    });

    it('comes with everything that happened to a person in order', async () => {
      const cardSerial = await link('account-order');
      const facts = { class: 'card-user-authentication', serial: cardSerial } as const;
      at = later(1);
      await ledger().observe(revoked({ ...facts, at }, 'certificateHold'));
      at = later(2);
      await ledger().observe(revoked({ ...facts, at }, 'keyCompromise'));
      at = later(3);
      expect(await deliver({ concurrency: 3 })).toMatchObject({ delivered: 3 });
      expect(bodies().map(({ type }) => type)).toEqual(['link.established', 'link.suspended', 'link.ended']);
      expect(bodies().map(({ data }) => data.reason)).toEqual([null, 'certificate-hold', 'card-revoked']);
    });

    it('waits for its elder of the same person, and for nobody else', async () => {
      const cardSerial = await link('slow');
      at = later(1);
      await ledger().observe(revoked({ class: 'card-user-authentication', serial: cardSerial, at }, 'keyCompromise'));
      await link('other');
      receiver.answer((_received, count) => (count === 1 ? 503 : 204));
      expect(await deliver({ concurrency: 1 })).toEqual({ delivered: 1, postponed: 1, givenUp: 0 });
      expect(bodies().map(({ data, type }) => `${data.account} ${type}`)).toEqual(['slow link.established', 'other link.established']);
      at = later(3_600);
      expect(await deliver()).toEqual({ delivered: 2, postponed: 0, givenUp: 0 });
      expect(bodies().map(({ data, type }) => `${data.account} ${type}`)).toEqual([
        'slow link.established',
        'other link.established',
        'slow link.established',
        'slow link.ended',
      ]);
    });

    it('is not kept of a change that did not happen', async () => {
      await link('first', { card: 70_001 });
      await expect(link('second', { card: 70_001 })).rejects.toThrow('link-other-account');
      expect(await store().backlog()).toEqual({ waiting: 1, givenUp: 0 });
    });

    it('goes with the person who is erased', async () => {
      await link('erased');
      await ledger().erase('erased');
      expect(await deliver()).toMatchObject({ delivered: 0 });
      expect(await store().backlog()).toEqual({ waiting: 0, givenUp: 0 });
    });
  });

  describe('whatever fails, an event comes again under the same id', () => {
    it('after a crash between sending and noting', async () => {
      await link('crash');
      const crashing: OutboxStore = { ...store(), delivered: () => Promise.reject(new Error('crashed')) };
      await expect(deliver({ store: crashing })).rejects.toThrow('crashed');
      expect(await deliver()).toMatchObject({ delivered: 0 });
      at = later(60);
      expect(await deliver()).toMatchObject({ delivered: 1 });
      expect(ids().length).toBe(2);
      expect(new Set(ids()).size).toBe(1);
      expect(receiver.received.map((one) => verifyWebhook(one, { keys, at }) === ids()[0])).toEqual([true, true]);
    });

    it('after a crash between taking and sending', async () => {
      await link('taken');
      expect((await store().take(1, at.getTime(), 40_000)).length).toBe(1);
      expect(await deliver()).toMatchObject({ delivered: 0 });
      at = later(41);
      expect(await deliver()).toMatchObject({ delivered: 1 });
    });

    it.each<[string, (receiver: Receiver) => void, Partial<DeliverOutboxOptions>, Partial<DeliveryEvent>]>([
      ['an error of the receiver', (one) => one.answer(() => 500), {}, { failure: 'status', status: 500 }],
      ['a refusal', (one) => one.answer(() => 410), {}, { failure: 'status', status: 410 }],
      ['a redirect, which is not followed', (one) => one.answer(() => 'redirect'), {}, { failure: 'status', status: 307 }],
      ['no answer', (one) => one.answer(() => 'hang'), { timeoutSeconds: 0.2 }, { failure: 'timeout' }],
      ['a connection that breaks', () => undefined, { fetch: () => Promise.reject(new TypeError('fetch failed')) }, { failure: 'network' }],
      [
        'a signer that fails',
        () => undefined,
        { sign: { keyId: 'k', algorithm: 'es256', sign: () => Promise.reject(new Error('the KMS is down')) } },
        { failure: 'signer' },
      ],
      [
        'a route to an address that is not on the list',
        () => undefined,
        { route: () => 'https://evil.example/' },
        { failure: 'destination' },
      ],
      [
        'a route that throws',
        () => undefined,
        {
          route: () => {
            throw new Error('no idea');
          },
        },
        { failure: 'destination' },
      ],
    ])('after %s', async (_case, arrange, change, expected) => {
      await link(`again-${serial}`);
      arrange(receiver);
      const events: DeliveryEvent[] = [];
      expect(await deliver({ ...change, onEvent: (event) => events.push(event) })).toEqual({ delivered: 0, postponed: 1, givenUp: 0 });
      expect(events).toEqual([{ type: 'postponed', id: expect.any(String), attempts: 1, ...expected }]);
      receiver.answer(() => 204);
      receiver.received.length = 0;
      at = later(10);
      expect(await deliver()).toMatchObject({ delivered: 1 });
      expect(ids()).toEqual([events[0]?.id]);
    });

    it('later and later, then no longer, until it is wanted back', async () => {
      await link('given-up');
      receiver.answer(() => 500);
      const limits = { firstDelaySeconds: 10, maxDelaySeconds: 40, maxAttempts: 4 };
      const waits = [10, 20, 40];
      for (const wait of waits) {
        expect(await deliver(limits)).toMatchObject({ postponed: 1 });
        const start = at;
        at = later(wait / 2 - 1, start);
        expect(await deliver(limits)).toEqual({ delivered: 0, postponed: 0, givenUp: 0 });
        at = later(wait + 1, start);
      }
      expect(await deliver(limits)).toMatchObject({ givenUp: 1 });
      expect(await store().backlog()).toEqual({ waiting: 0, givenUp: 1 });
      receiver.answer(() => 204);
      at = later(1_000_000);
      expect(await deliver(limits)).toMatchObject({ delivered: 0 });
      expect(await store().requeue(at.getTime())).toBe(1);
      expect(await deliver(limits)).toMatchObject({ delivered: 1 });
      expect(new Set(ids()).size).toBe(1);
    });

    it('without holding up the younger events of a person once it was given up', async () => {
      const cardSerial = await link('unblocked');
      at = later(1);
      await ledger().observe(revoked({ class: 'card-user-authentication', serial: cardSerial, at }, 'keyCompromise'));
      receiver.answer((_received, count) => (count === 1 ? 500 : 204));
      expect(await deliver({ maxAttempts: 1 })).toEqual({ delivered: 1, postponed: 0, givenUp: 1 });
    });
  });

  describe('whoever is sent to', () => {
    it.each(['http://core.example/hooks', 'https://user:secret@core.example/', 'ftp://127.0.0.1/', 'core.example'])(
      'is not %s',
      async (destination) => {
        await expect(deliver({ destinations: [destination] })).rejects.toMatchObject({
          code: 'argument-invalid',
          pointer: '/destinations/0',
        });
      },
    );

    it('is somebody', async () => {
      await expect(deliver({ destinations: [] })).rejects.toMatchObject({ code: 'argument-invalid' });
    });

    it('is chosen by the type of the event, from the list', async () => {
      await link('routed');
      const route = ({ type }: { type: string }): string => (type === 'link.established' ? receiver.url : 'https://unused.example/');
      expect(await deliver({ destinations: ['https://unused.example/', receiver.url], route })).toMatchObject({ delivered: 1 });
    });

    it('can tell by ES256 too', async () => {
      await link('es256');
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      expect(await deliver({ sign: es256WebhookSigner({ keyId: 'e1', key: privateKey }) })).toMatchObject({ delivered: 1 });
      const [received] = receiver.received;
      if (received === undefined) throw new Error('nothing came');
      expect(verifyWebhook(received, { keys: [{ keyId: 'e1', key: publicKey, algorithm: 'es256' }], at })).toBe(ids()[0]);
    });
  });

  it('an abort ends it after what is under way', async () => {
    await link('aborted-1');
    await link('aborted-2');
    const stop = new AbortController();
    const report = await deliver({ concurrency: 1, signal: stop.signal, onEvent: () => stop.abort() });
    expect(report).toMatchObject({ delivered: 1 });
    expect(await store().backlog()).toEqual({ waiting: 1, givenUp: 0 });
  });
}
