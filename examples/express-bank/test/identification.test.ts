import type { Person } from '@jpki-rp/simulator';
import { CODES } from '@jpki-rp/verifier';
import { verifyEvidence } from '@jpki-rp/verifier/evidence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bank, startBank } from '../src/bank.ts';
import { escaped } from '../src/pages/html.ts';
import { SESSION_COOKIE } from '../src/session/session.ts';
import { Visitor } from './visitor.ts';

let bank: Bank;
const resident = (): Promise<Person> => bank.simulator.person();

beforeAll(async () => {
  bank = await startBank({ people: 0 });
});
afterAll(() => bank.close());

const customer = async (carrier: 'card' | 'smartphone' = 'smartphone'): Promise<{ person: Person; visitor: Visitor }> => {
  const person = await resident();
  const visitor = new Visitor(bank);
  await visitor.openAccount(person, carrier);
  await visitor.page('/open/done');
  return { person, visitor };
};

test.each(['card', 'smartphone'] as const)('an account is opened with the signature certificate of a %s', async (carrier) => {
  const person = await resident();
  const visitor = new Visitor(bank);
  const { outcome, to } = await visitor.openAccount(person, carrier);
  expect(outcome.result).toBe('identified');
  expect(to).toBe('/open/done');
  const page = await visitor.page('/open/done');
  expect(page).toContain(person.name);
  expect(page).toContain(`data-class="${carrier}-digital-signature"`);
  expect(page.match(/data-status="passed"/g)).toHaveLength(13);
});

test('a QR code needs the two digits that the phone shows', async () => {
  const visitor = new Visitor(bank);
  const { outcome } = await visitor.openAccount(await resident(), 'card', { start: 'qr' });
  expect(outcome.result).toBe('identified');
});

test('digits other than those on the phone open nothing', async () => {
  const visitor = new Visitor(bank);
  const { outcome } = await visitor.openAccount(await resident(), 'card', {
    start: 'qr',
    match: (shown) => String(99 - Number(shown)).padStart(2, '0'),
  });
  expect(outcome).toMatchObject({ result: 'try-again', code: 'match-wrong' });
  expect(await visitor.page('/open/done')).toContain('operation="login"');
});

test('the session’s identifier changes when it comes to stand for an account', async () => {
  const visitor = new Visitor(bank);
  const opened = await visitor.openAccount(await resident(), 'smartphone');
  const before = visitor.cookie(SESSION_COOKIE);
  await visitor.page(opened.to ?? '');
  expect(visitor.cookie(SESSION_COOKIE)).not.toBe(before);
});

test('a registered card logs in, in another browser, and finds the account', async () => {
  const { person, visitor } = await customer();
  expect((await visitor.identify('register-login', person, 'card')).to).toBe('/account');
  const other = new Visitor(bank);
  await other.page('/login');
  expect((await other.identify('login', person, 'card')).to).toBe('/account');
  expect(await other.page('/account')).toContain(person.name);
});

test('a certificate that no account knows is identified and finds nothing', async () => {
  const visitor = new Visitor(bank);
  await visitor.page('/login');
  expect((await visitor.identify('login', await resident(), 'card')).to).toBe('/login');
  const page = await visitor.page('/login');
  expect(page).toContain('data-testid="notice"');
  expect(await visitor.page('/account')).toContain('operation="login"');
});

test('after card and smartphone are linked, the smartphone alone logs in; undone, it no longer does', async () => {
  const { person, visitor } = await customer('card');
  await visitor.submit('/link');
  expect((await visitor.identify('link-card', person, 'card')).to).toBe('/link');
  expect((await visitor.identify('link-smartphone', person, 'smartphone')).to).toBe('/account/certificates');
  const page = await visitor.page('/account/certificates');
  expect(page).toContain('data-state="active"');
  expect(await visitor.page('/account')).toContain('スマートフォンで口座をお使いいただけるようになりました');

  const phone = new Visitor(bank);
  await phone.page('/login');
  expect((await phone.identify('login', person, 'smartphone')).to).toBe('/account');
  expect(await phone.page('/account')).toContain(person.name);

  const [, link] = /\/account\/links\/([^/]+)\/end/.exec(page) ?? [];
  expect(await visitor.submit(`/account/links/${link}/end`)).toContain('data-state="ended"');
  const later = new Visitor(bank);
  await later.page('/login');
  expect((await later.identify('login', person, 'smartphone')).to).toBe('/login');
});

test('step two of a ceremony is closed before step one, and to anyone who is not signed in', async () => {
  const { visitor } = await customer();
  await visitor.submit('/link');
  await expect(visitor.begin('link-smartphone')).rejects.toThrow('operation-closed');
  const stranger = new Visitor(bank);
  await stranger.page('/login');
  await expect(stranger.begin('link-card')).rejects.toThrow('operation-closed');
  await expect(stranger.begin('register-login')).rejects.toThrow('operation-closed');
});

test('an application that is changed between declaration and signature opens no account: what was signed is not what it says now', async () => {
  const person = await resident();
  const visitor = new Visitor(bank);
  await visitor.submit('/open', { branch: 'hoshimi-chuo', purpose: 'living' });
  const { start, transactionId } = await visitor.begin('open-account');
  const phone = await bank.simulator.app.open(start.kind === 'qr' ? start.content : start.href);
  const { returnUrl } = await phone.answer({ person, carrier: 'card' });
  await visitor.fetch(returnUrl);
  await visitor.submit('/open', { branch: 'minato-kita', purpose: 'savings' });
  expect((await visitor.complete(transactionId)).body).toMatchObject({ result: 'identified', next: { to: '/open/sign' } });
  expect(await visitor.page('/account')).toContain('operation="login"');
  expect((await visitor.identify('open-account', person, 'card')).to).toBe('/open/done');
});

test('what was begun for one customer does not come to another who logs in meanwhile in the same browser', async () => {
  const first = await customer('card');
  const second = await customer('card');
  await second.visitor.identify('register-login', second.person, 'card');
  const { start, transactionId } = await first.visitor.begin('register-login');
  const phone = await bank.simulator.app.open(start.kind === 'qr' ? start.content : start.href);
  const { returnUrl } = await phone.answer({ person: first.person, carrier: 'card' });
  await first.visitor.fetch(returnUrl);
  await first.visitor.identify('login', second.person, 'card');
  expect((await first.visitor.complete(transactionId)).body.next).toBeUndefined();
  const stranger = new Visitor(bank);
  await stranger.page('/login');
  expect((await stranger.identify('login', first.person, 'card')).to).toBe('/login');
});

test('an application is needed before anything can be signed', async () => {
  const visitor = new Visitor(bank);
  await visitor.page('/login');
  await expect(visitor.begin('open-account')).rejects.toThrow('operation-closed');
});

test('a revoked card is refused, and the link ends in the same breath', async () => {
  const { person, visitor } = await customer('smartphone');
  await visitor.submit('/link');
  await visitor.identify('link-card', person, 'card');
  await visitor.identify('link-smartphone', person, 'smartphone');
  bank.simulator.revoke(person, 'card', 'user-authentication');
  const other = new Visitor(bank);
  await other.page('/login');
  expect((await other.identify('login', person, 'card')).outcome).toMatchObject({ result: 'refused', code: 'revoked' });
  expect(await visitor.page('/account/certificates')).toContain('data-state="ended"');
  expect(await visitor.page('/account')).toContain('電子証明書が失効したため');
  expect((await other.identify('login', person, 'smartphone')).to).toBe('/login');
});

test('the evidence that a customer saves verifies again, and one changed character breaks its seal', async () => {
  const { visitor } = await customer();
  const [, path = ''] = /href="(\/account\/identifications\/[^"]+\.jws)"/.exec(await visitor.page('/open/done')) ?? [];
  const jws = await (await visitor.fetch(path)).text();
  const options = { environment: bank.jpki.environment, keys: [bank.evidenceKey] };
  expect(await verifyEvidence(jws, options)).toMatchObject({ ok: true });
  const changed = jws.replace(/\.(.)/, (_match, first: string) => `.${first === 'e' ? 'f' : 'e'}`);
  expect(await verifyEvidence(changed, options)).toMatchObject({ ok: false, code: 'evidence-seal' });
  expect(await visitor.submit(path.replace('/evidence.jws', '/verify'))).toContain('data-ok="true"');
});

test('nobody sees the evidence of someone else', async () => {
  const { visitor } = await customer();
  const [, path = ''] = /href="(\/account\/identifications\/[^"]+\.jws)"/.exec(await visitor.page('/open/done')) ?? [];
  const { visitor: other } = await customer();
  expect((await other.fetch(path)).status).toBe(404);
  expect((await new Visitor(bank).fetch(path)).status).toBe(303);
});

test('a form of another site changes nothing', async () => {
  const { visitor } = await customer();
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await visitor.fetch('/logout', { method: 'POST', headers: { ...form, ...foreign }, body: '' })).status).toBe(403);
  expect((await visitor.fetch('/backstage/advance', { method: 'POST', headers: { ...form, ...foreign }, body: 'by=1y' })).status).toBe(403);
  expect((await visitor.fetch('/account')).status).toBe(200);
});

test('after logging out the old cookie opens nothing', async () => {
  const { visitor } = await customer();
  const cookie = `${SESSION_COOKIE}=${visitor.cookie(SESSION_COOKIE)}`;
  await visitor.submit('/logout');
  expect((await new Visitor(bank).fetch('/account', { headers: { cookie } })).status).toBe(303);
});

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/%0d%0aset-cookie:x'])(
  'the language switch does not lead to %s',
  async (to) => {
    const response = await new Visitor(bank).fetch(`/language/en?to=${encodeURIComponent(to)}`);
    expect(new URL(response.headers.get('location') ?? '', bank.origin).origin).toBe(bank.origin);
  },
);

test('the card of one person and the smartphone of another, issued at another time, are not linked', async () => {
  const { person, visitor } = await customer('card');
  bank.simulator.advanceTo(new Date(bank.simulator.now().getTime() + 40 * 86_400_000));
  const stranger = await resident();
  await visitor.submit('/link');
  await visitor.identify('link-card', person, 'card');
  const { to } = await visitor.identify('link-smartphone', stranger, 'smartphone');
  expect(to).toBe('/link');
  expect(await visitor.page('/link')).toContain(escaped(CODES['link-expiry-order'].ja));
  expect(await visitor.page('/account/certificates')).not.toContain('data-testid="link"');
});
