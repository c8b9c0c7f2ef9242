/** Real certificates, real status services, real HTTP: what a browser, a native app and a phone do with a relying party on Express. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import {
  type AuditEvent,
  createRelyingParty,
  identityOf,
  memoryTransactionStore,
  type Operation,
  type Outcome,
  type PublicOutcome,
  type StartDescriptor,
} from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import { type Person, type Simulator, startSimulator } from '@jpki-rp/simulator';
import { createVerifier, loadEnvironment, ocspSource, type Verifier } from '@jpki-rp/verifier';
import { createLinkLedger, hmacIdentifier, memoryLinkStore, openVerdict, sealVerdict } from '@jpki-rp/verifier/links';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import express from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const DECLARATION = '私は、見本銀行に普通預金口座の開設を申し込みます。';
const CARRIERS = ['smartphone', 'card'] as const;

let simulator: Simulator;
let person: Person;
let origin: string;
let ledger: ReturnType<typeof createLinkLedger>;
let close: () => Promise<void>;
const events: AuditEvent[] = [];
const errors: unknown[] = [];
const lines: string[] = [];
const outcomes: Outcome[] = [];
let established: unknown;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7, onRequest: ({ method, path, status }) => lines.push(`${method} ${path} ${status}`) });
  const environment = loadEnvironment(simulator.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  const revocation = { sources: [ocspSource({ fetcher })], policy: { mode: 'ocspcheck' } } as const;
  const verifier = createVerifier({ environment, role: 'verifier', clock: simulator.now, revocation });
  const delegating = createVerifier({ environment, role: 'delegating', clock: simulator.now, revocation: 'none' });
  const identifier = hmacIdentifier({ keyId: 'k1', key: randomBytes(32) });
  ledger = createLinkLedger({ store: memoryLinkStore(), identifier, clock: simulator.now, notify: () => undefined });
  const key = randomBytes(32);

  const app = express();
  app.use((request, response, next) => {
    response.on('finish', () => lines.push(`${request.method} ${request.originalUrl} ${response.statusCode}`));
    next();
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const policy = (ja: string, purpose: 'digital-signature' | 'user-authentication') =>
    ({ name: { ja, en: ja }, purpose, carriers: CARRIERS }) as const;
  const onOutcome = (outcome: Outcome): null => {
    outcomes.push(outcome);
    return null;
  };
  const step = (name: 'card' | 'smartphone'): Operation => ({
    policy: { ...policy('連携', 'user-authentication'), carriers: [name] },
    prepare: () => ({ account: 'alice', ceremony: { id: 'ceremony-of-alice', step: name } }),
    onOutcome: async (outcome, { ceremony, account = '' }) => {
      if (outcome.result !== 'identified' || ceremony === undefined) return { linked: false };
      const context = { context: `${account}/${ceremony.id}` };
      if (name === 'card') {
        await ceremony.keep(sealVerdict(outcome.verdict, key, context));
        return { next: 'smartphone' };
      }
      const sealed = await ceremony.take();
      if (sealed === null) return { linked: false };
      const result = await ledger.establish(openVerdict(sealed, key, context), outcome.verdict, { account, ceremony: { id: ceremony.id } });
      established = result;
      return { linked: result.ok };
    },
  });
  const configuration = (basePath: string, with_: Verifier) => ({
    origin,
    name: { ja: '見本銀行', en: 'Sample Bank' },
    verifier: with_,
    door: simulator.doorProfile,
    transactions: memoryTransactionStore(),
    basePath,
    links: ledger,
    operations: {
      'open-account': {
        policy: policy('口座開設', 'digital-signature'),
        prepare: () => ({ document: { text: DECLARATION } }),
        onOutcome,
      },
      login: { policy: policy('ログイン', 'user-authentication'), onOutcome },
      'link-card': step('card'),
      'link-smartphone': step('smartphone'),
    },
    clock: simulator.now,
    audit: (event: AuditEvent) => events.push(event),
    onError: (error: unknown) => errors.push(error),
  });
  app.use('/jpki', jpki(createRelyingParty(configuration('/jpki', verifier))));
  app.use('/delegating', jpki(createRelyingParty(configuration('/delegating', delegating))));
  close = async () => {
    server.closeAllConnections();
    server.close();
    await fetcher.close();
    await simulator.close();
  };
});
afterAll(() => close());
beforeEach(async () => {
  person = await simulator.person();
  for (const list of [events, errors, lines, outcomes]) list.length = 0;
});

/** A browser by its cookie, or a native app by its secret. */
function visitor(kind: 'browser' | 'native' = 'browser', base = '/jpki') {
  const headers: Record<string, string> =
    kind === 'browser' ? { origin } : { authorization: `JPKI-Binding ${randomBytes(32).toString('base64url')}` };
  const send = async (method: string, path: string, body?: object): Promise<Response> => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(path.startsWith('http') ? path : `${origin}${base}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      redirect: 'manual',
      ...json,
    });
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    if (cookie !== undefined) headers['cookie'] = cookie;
    return response;
  };
  const begin = async (operation: string, more: object = {}): Promise<StartDescriptor> => {
    const response = await send('POST', '/transactions', { v: 1, operation, ...more });
    expect(response.status).toBe(201);
    return (await response.json()) as StartDescriptor;
  };
  const complete = async (id: string, match?: string): Promise<PublicOutcome> => {
    const response = await send('POST', `/transactions/${id}/complete`, { v: 1, ...(match === undefined ? {} : { match }) });
    return (await response.json()) as PublicOutcome;
  };
  return { send, begin, complete, headers };
}

const linkOf = ({ start }: StartDescriptor): string => (start.kind === 'qr' ? start.content : start.href);

async function run(
  who: ReturnType<typeof visitor>,
  operation: string,
  carrier: 'card' | 'smartphone',
  more: object = {},
): Promise<PublicOutcome> {
  const begun = await who.begin(operation, more);
  const session = await simulator.app.open(linkOf(begun));
  const { status, returnUrl } = await session.answer({ person, carrier });
  expect(status).toBe(204);
  await who.send('GET', returnUrl);
  return who.complete(begun.transactionId, session.request.matchNumber);
}

describe('a relying party on Express with real certificates', () => {
  it.each(CARRIERS)('opens an account with a declaration signed by %s, and knows the person by the certificate', async (carrier) => {
    const browser = visitor();
    const begun = await browser.begin('open-account', { returnTo: '/welcome?from=app' });
    const session = await simulator.app.open(linkOf(begun));
    expect(session.request).toMatchObject({ relyingPartyName: '見本銀行', documentText: DECLARATION });
    const { returnUrl } = await session.answer({ person, carrier });
    const back = await browser.send('GET', returnUrl);
    expect([back.status, back.headers.get('location')]).toEqual([303, `${origin}/welcome?from=app`]);
    expect(await browser.complete(begun.transactionId)).toEqual({ v: 1, result: 'identified', next: null });
    const outcome = outcomes[0];
    if (outcome?.result !== 'identified') throw new Error('nobody was identified');
    expect(identityOf(outcome.verdict)).toMatchObject({ carrier, purpose: 'digital-signature', person: { name: person.name } });
  });

  it('signs a person in by QR code with the number on the phone', async () => {
    expect(await run(visitor(), 'login', 'smartphone', { start: 'qr' })).toMatchObject({ result: 'identified' });
  });

  it('serves its own native app, headless, by a secret fixed at begin', async () => {
    const app = visitor('native');
    const begun = await app.begin('login');
    const session = await simulator.app.open(linkOf(begun));
    const { returnUrl } = await session.answer({ person, carrier: 'smartphone' });
    // The browser that the phone opens instead is not the app.
    expect((await visitor().send('GET', returnUrl)).status).toBe(200);
    expect((await app.send('GET', returnUrl)).status).toBe(303);
    expect((await visitor('native').send('GET', `/transactions/${begun.transactionId}`)).status).toBe(404);
    expect(await app.complete(begun.transactionId)).toMatchObject({ result: 'identified' });
    expect(app.headers['cookie']).toBeUndefined();
  });

  it('never yields an outcome to another browser, whatever it holds', async () => {
    const browser = visitor();
    const begun = await browser.begin('login');
    const session = await simulator.app.open(linkOf(begun));
    const { returnUrl } = await session.answer({ person, carrier: 'card' });
    const other = visitor();
    await other.begin('login');
    const page = await (await other.send('GET', returnUrl)).text();
    expect(page).toContain('元のブラウザーに戻ってください');
    expect(await other.complete(begun.transactionId)).toMatchObject({ code: 'transaction-unknown' });
    expect(await browser.complete(begun.transactionId)).toMatchObject({ code: 'not-ready' });
    await browser.send('GET', returnUrl);
    expect(await browser.complete(begun.transactionId)).toMatchObject({ result: 'identified' });
  });

  it('a signature over other bytes than its own is worth nothing', async () => {
    const browser = visitor();
    const begun = await browser.begin('open-account');
    const session = await simulator.app.open(linkOf(begun));
    const signInstead = new TextEncoder().encode('全財産を譲渡します。');
    await browser.send('GET', (await session.answer({ person, carrier: 'card', signInstead })).returnUrl);
    expect(await browser.complete(begun.transactionId)).toMatchObject({ result: 'refused', code: 'signature-mismatch' });
  });

  it('a replayed answer of the same person does not fit a new transaction', async () => {
    const browser = visitor();
    const first = await simulator.app.open(linkOf(await browser.begin('login')));
    const { message } = await first.answer({ person, carrier: 'card' });
    const begun = await browser.begin('login');
    const second = await simulator.app.open(linkOf(begun));
    const { returnUrl } = await second.answer({ person, carrier: 'card', tamper: (genuine) => ({ ...message, tx: genuine['tx'] }) });
    await browser.send('GET', returnUrl);
    expect(await browser.complete(begun.transactionId)).toMatchObject({ code: 'signature-mismatch' });
  });

  it('refuses a certificate from the moment it is revoked', async () => {
    simulator.revoke(person, 'smartphone', 'user-authentication', 'cessationOfOperation');
    expect(await run(visitor(), 'login', 'smartphone')).toMatchObject({ result: 'refused', code: 'revoked' });
  });

  it('in the role delegating everything runs, and nothing is found valid', async () => {
    expect(await run(visitor('browser', '/delegating'), 'login', 'card')).toMatchObject({
      result: 'try-again',
      code: 'revocation-not-checked',
    });
  });

  it('links card and smartphone in one ceremony, and ends the link in the operation that first sees a revocation', async () => {
    const browser = visitor();
    expect(await run(browser, 'link-card', 'card')).toMatchObject({ next: { next: 'smartphone' } });
    expect(await run(browser, 'link-smartphone', 'smartphone')).toMatchObject({ next: { linked: true } });
    expect(established).toMatchObject({ ok: true, link: { assurance: 'control', state: 'active' } });
    simulator.revoke(person, 'smartphone', 'user-authentication', 'cessationOfOperation');
    expect(await run(browser, 'login', 'smartphone')).toMatchObject({ code: 'revoked' });
    const history = await ledger.history('alice');
    expect(history.ok && history.links.map(({ state }) => state)).toEqual(['ended']);
    expect(errors).toEqual([]);
  });

  it('does not link a second step that another browser takes', async () => {
    expect(await run(visitor(), 'link-card', 'card')).toMatchObject({ result: 'identified' });
    expect(await run(visitor(), 'link-smartphone', 'smartphone')).toMatchObject({ next: { linked: false } });
  });
});

describe('a whole run leaves no trace of the person', () => {
  it('in events, addresses, errors or answers', async () => {
    const answers: string[] = [];
    const browser = visitor();
    for (const [operation, carrier] of [
      ['open-account', 'smartphone'],
      ['open-account', 'card'],
      ['login', 'card'],
    ] as const) {
      answers.push(JSON.stringify(await run(browser, operation, carrier)));
    }
    simulator.revoke(person, 'card', 'user-authentication');
    answers.push(JSON.stringify(await run(browser, 'login', 'card')));
    const everything = [JSON.stringify(events), ...lines, ...errors.map(String), ...answers].join('\n');
    expect(events.length).toBeGreaterThan(10);
    expect(lines.length).toBeGreaterThanOrEqual(20);

    const first = outcomes[0];
    if (first?.result !== 'identified') throw new Error('nobody was identified');
    const { attributes } = first.verdict;
    const values = [person.name, attributes?.address, attributes?.dateOfBirth, attributes?.derived.dateOfBirth, DECLARATION];
    for (const carrier of CARRIERS) {
      for (const purpose of ['digital-signature', 'user-authentication'] as const) {
        const issued = person.certificate(carrier, purpose);
        if (issued === null) continue;
        values.push(
          issued.serialNumber,
          Buffer.from(issued.der.subarray(0, 48)).toString('base64'),
          Buffer.from(issued.der.subarray(-30)).toString('base64'),
        );
      }
    }
    for (const value of values) {
      expect(value).toBeTruthy();
      expect(everything).not.toContain(value);
      expect(everything).not.toContain(encodeURIComponent(String(value)));
    }
  });
});
