/**
 * The golden JSON of the wire contract is what the handler really answers, byte for byte in meaning. The page's guards run on the same files.
 * `UPDATE_WIRE=1` writes them anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { memoryTransactionStore } from '@jpki-rp/node-sdk';
import { describe, expect, it } from 'vitest';
import { answered, type Client, DECLARATION, linkOf, type Stage, type StageOptions, stage } from '../../packages/node-sdk/test/stage.ts';

/** Random bytes that are the same in every run, and different from each other. */
function counting(): (length: number) => Uint8Array {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => (next++ * 37) % 200);
}

const setup = (options: StageOptions = {}): { on: Stage; browser: Client } => {
  const on = stage({ randomBytes: counting(), ...options });
  return { on, browser: on.browser() };
};

function expectGolden(name: string, value: unknown): void {
  const file = new URL(`./${name}.json`, import.meta.url);
  if (process.env['UPDATE_WIRE'] === '1') writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
  expect(value).toEqual(JSON.parse(readFileSync(file, 'utf8')));
}

const golden = (name: string): Record<string, never> => JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8'));

describe('requests of the golden files are accepted as they stand', () => {
  it('begin-request.json', async () => {
    const { browser } = setup();
    expect((await browser.send('POST', '/transactions', golden('begin-request'))).status).toBe(201);
  });

  it('complete-request.json', async () => {
    const { on, browser } = setup();
    const { id } = await answered(on, browser, { start: 'qr' });
    expect((await browser.send('POST', `/transactions/${id}/complete`, golden('complete-request'))).status).toBe(200);
  });
});

describe('answers of the handler are the golden files', () => {
  it('start-descriptor-app-link.json', async () => {
    const { browser } = setup();
    expectGolden('start-descriptor-app-link', await browser.begin({ returnTo: '/accounts/new', lang: 'ja' }));
  });

  it('start-descriptor-qr.json', async () => {
    const { browser } = setup();
    expectGolden('start-descriptor-qr', await browser.begin({ operation: 'login', start: 'qr', lang: 'en' }));
  });

  it('status-*.json', async () => {
    const { on, browser } = setup();
    const descriptor = await browser.begin();
    const id = descriptor.transactionId;
    const status = async (): Promise<unknown> => (await browser.status(id)).json();
    expectGolden('status-pending', await status());
    const phone = await on.open(linkOf(descriptor));
    expectGolden('status-opened', await status());
    await phone.send(phone.genuine());
    expectGolden('status-arrived', await status());
    await browser.complete(id);
    expectGolden('status-done', await status());
    const late = setup();
    const { transactionId } = await late.browser.begin();
    late.on.advance(601);
    expectGolden('status-expired', await (await late.browser.status(transactionId)).json());
  });

  it('outcome-identified.json, without a byte of the person', async () => {
    const { on, browser } = setup();
    const { id } = await answered(on, browser);
    expectGolden('outcome-identified', await (await browser.complete(id)).json());
    expect(JSON.stringify(golden('outcome-identified'))).not.toContain(DECLARATION);
  });

  it.each([
    ['outcome-cancelled', { result: 'stop' }],
    ['outcome-pin-wrong', { result: 'pin', tries: 2 }],
    ['outcome-pin-locked', { result: 'lock' }],
    ['outcome-app-message-invalid', {}],
  ])('%s.json', async (name, message) => {
    const { on, browser } = setup();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    await phone.send({ tx: String(phone.request['tx']), ...message });
    expectGolden(name, await (await browser.complete(descriptor.transactionId)).json());
  });

  it('outcome-signature-mismatch.json', async () => {
    const { on, browser } = setup();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const answer = phone.genuine();
    await phone.send({ ...answer, body: { ...(answer['body'] as object), sig: 'AAAA' } });
    expectGolden('outcome-signature-mismatch', await (await browser.complete(descriptor.transactionId)).json());
  });

  it('outcome-not-ready.json, outcome-timed-out.json', async () => {
    const { on, browser } = setup();
    const { transactionId } = await browser.begin();
    expectGolden('outcome-not-ready', await (await browser.complete(transactionId)).json());
    on.advance(601);
    expectGolden('outcome-timed-out', await (await browser.complete(transactionId)).json());
  });

  it('outcome-match-wrong.json, outcome-match-exhausted.json', async () => {
    const { on, browser } = setup();
    const { id, phone } = await answered(on, browser, { start: 'qr' });
    const wrong = phone.request['number'] === '00' ? '01' : '00';
    expectGolden('outcome-match-wrong', await (await browser.complete(id, wrong)).json());
    await browser.complete(id, wrong);
    expectGolden('outcome-match-exhausted', await (await browser.complete(id, wrong)).json());
  });

  it('error.json and its kin', async () => {
    const { on, browser } = setup();
    expectGolden('error', await (await browser.send('POST', '/transactions', { v: 1, operation: 'login', extra: 1 })).json());
    expectGolden('error-transaction-unknown', await (await browser.complete('AAAAAAAAAAAAAAAAAAAAAA')).json());
    const { id } = await answered(on, browser);
    await browser.complete(id);
    expectGolden('error-already-completed', await (await browser.complete(id)).json());
    const full = setup({ transactions: memoryTransactionStore({ maxTransactions: 1 }) });
    await full.browser.begin();
    expectGolden('error-store-full', await (await full.browser.send('POST', '/transactions', { v: 1, operation: 'login' })).json());
  });
});
