import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { answered, bodyOf, linkOf, stage } from '../stage.ts';

describe('a transaction is redeemed once', () => {
  it('of many completions at once exactly one has the outcome, and the handler runs once', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    const responses = await Promise.all(Array.from({ length: 20 }, () => browser.complete(id)));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    const others = responses.filter(({ status }) => status === 409);
    expect(others).toHaveLength(19);
    for (const response of others) expect(await bodyOf(response)).toMatchObject({ v: 1, code: 'already-completed', retryable: false });
    expect(on.handled).toHaveLength(1);
    expect(on.verifier.asked).toHaveLength(1);
  });

  it('not before the app has answered', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'try-again', code: 'not-ready' });
    const phone = await on.open(linkOf(descriptor));
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ code: 'not-ready' });
    await phone.send(phone.genuine());
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'identified' });
  });

  it('not after it has expired, even if the answer came in time', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    on.advance(600);
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ result: 'try-again', code: 'timed-out' });
    expect(on.handled).toHaveLength(0);
    expect(await bodyOf(await browser.status(id))).toMatchObject({ state: 'expired' });
  });

  it('not by an answer or a ticket that comes after expiry', async () => {
    const on = stage();
    const browser = on.browser();
    const late = await browser.begin({ start: 'qr' });
    const phone = await on.open(linkOf(late));
    const unopened = await browser.begin({ start: 'qr' });
    on.advance(120);
    expect((await phone.send(phone.genuine())).status).toBe(204);
    expect(await bodyOf(await browser.status(late.transactionId))).toMatchObject({ state: 'expired' });
    await expect(on.open(linkOf(unopened))).rejects.toThrow('410');
  });

  it('not once it has been cancelled', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    expect((await browser.send('DELETE', `/transactions/${id}`)).status).toBe(204);
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ code: 'transaction-unknown' });
  });

  it('and is not taken back by a cancellation that comes too late', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    await browser.complete(id);
    expect((await browser.send('DELETE', `/transactions/${id}`)).status).toBe(204);
    expect(await bodyOf(await browser.status(id))).toMatchObject({ state: 'done' });
  });
});

describe('only whoever began redeems it', () => {
  it('another browser sees no transaction: not its state, not its events, not its outcome, and ends nothing', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    const other = on.browser();
    await other.begin();
    for (const response of [
      await other.complete(id),
      await other.status(id),
      await other.send('GET', `/transactions/${id}/events`),
      await other.send('DELETE', `/transactions/${id}`),
    ]) {
      expect(response.status).toBe(404);
      expect(await bodyOf(response)).toEqual({ v: 1, code: 'transaction-unknown', messageKey: 'transaction-unknown', retryable: false });
    }
    expect(on.handled).toHaveLength(0);
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ result: 'identified' });
  });

  it('a browser without the cookie is another browser', async () => {
    const on = stage();
    const { id } = await answered(on, on.browser());
    expect((await on.browser().complete(id)).status).toBe(404);
  });

  it('two tabs of one browser share one cookie, and each completes its own', async () => {
    const on = stage();
    const browser = on.browser();
    const first = await answered(on, browser);
    const cookie = browser.cookie();
    const second = await answered(on, browser, { operation: 'login' });
    expect(browser.cookie()).toBe(cookie);
    expect(await bodyOf(await browser.complete(second.id))).toMatchObject({ result: 'identified' });
    expect(await bodyOf(await browser.complete(first.id))).toMatchObject({ result: 'identified' });
  });

  it('the cookie is one that only this origin, only over TLS and no script can touch', async () => {
    const on = stage();
    const response = await on.browser().send('POST', '/transactions', { v: 1, operation: 'login' });
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-jpki=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });

  it('a cookie that is not ours is replaced, not trusted', async () => {
    const on = stage();
    const response = await on.browser().send('POST', '/transactions', { v: 1, operation: 'login' }, { cookie: '__Host-jpki=guessed' });
    expect(response.headers.getSetCookie()).toHaveLength(1);
  });

  it('the same cookie name twice is no cookie', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    const twice = `${browser.cookie()}; __Host-jpki=${'A'.repeat(43)}`;
    expect((await browser.send('POST', `/transactions/${id}/complete`, { v: 1 }, { cookie: twice })).status).toBe(404);
  });

  it('a native app’s transaction is redeemed with its secret and no other', async () => {
    const on = stage();
    const app = on.native();
    const { id } = await answered(on, app);
    expect((await on.native().complete(id)).status).toBe(404);
    expect(await bodyOf(await app.complete(id))).toMatchObject({ result: 'identified' });
  });

  it('the value of a native secret sent as a cookie is not that secret', async () => {
    const on = stage();
    const secret = randomBytes(32).toString('base64url');
    const { id } = await answered(on, on.native(secret));
    const asCookie = await on.browser().send('POST', `/transactions/${id}/complete`, { v: 1 }, { cookie: `__Host-jpki=${secret}` });
    expect(asCookie.status).toBe(404);
  });

  it('a native secret shorter than 256 bits begins nothing', async () => {
    const on = stage();
    expect((await on.native('A'.repeat(42)).send('POST', '/transactions', { v: 1, operation: 'login' })).status).toBe(400);
  });
});

describe('the number on the phone', () => {
  const wrong = (number: unknown): string => (number === '00' ? '01' : '00');

  it('is there for QR codes only', async () => {
    const on = stage();
    const direct = await on.open(linkOf(await on.browser().begin()));
    expect('number' in direct.request).toBe(false);
    const scanned = await on.open(linkOf(await on.browser().begin({ start: 'qr' })));
    expect(scanned.request['number']).toMatch(/^[0-9]{2}$/);
  });

  it('may be wrong twice', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser, { start: 'qr' });
    const { number } = phone.request;
    expect(await bodyOf(await browser.complete(id, wrong(number)))).toMatchObject({
      result: 'try-again',
      code: 'match-wrong',
      remainingMatches: 2,
    });
    expect(await bodyOf(await browser.complete(id, wrong(number)))).toMatchObject({ code: 'match-wrong', remainingMatches: 1 });
    expect(await bodyOf(await browser.complete(id, String(number)))).toMatchObject({ result: 'identified' });
  });

  it('the third wrong number ends it, without the answer ever being read', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser, { start: 'qr' });
    const { number } = phone.request;
    await browser.complete(id, wrong(number));
    await browser.complete(id, wrong(number));
    expect(await bodyOf(await browser.complete(id, wrong(number)))).toMatchObject({
      result: 'refused',
      code: 'match-exhausted',
      remainingMatches: 0,
    });
    expect((await browser.complete(id, String(number))).status).toBe(409);
    expect(on.verifier.asked).toHaveLength(0);
    expect(on.handled).toMatchObject([{ outcome: { code: 'match-exhausted' } }]);
  });

  it('a hundred guesses at once are three', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser, { start: 'qr' });
    const guesses = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0')).filter(
      (guess) => guess !== phone.request['number'],
    );
    const bodies = await Promise.all(guesses.map(async (guess) => bodyOf(await browser.complete(id, guess))));
    expect(bodies.filter(({ code }) => code === 'match-wrong')).toHaveLength(2);
    expect(bodies.filter(({ code }) => code === 'match-exhausted')).toHaveLength(1);
    expect((await browser.complete(id, String(phone.request['number']))).status).toBe(409);
  });

  it('left out is asked for, and not counted', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser, { start: 'qr' });
    for (let round = 0; round < 4; round += 1) {
      expect(await bodyOf(await browser.complete(id))).toMatchObject({ code: 'match-wrong', remainingMatches: 3 });
    }
    expect(await bodyOf(await browser.complete(id, String(phone.request['number'])))).toMatchObject({ result: 'identified' });
  });

  it('that is no text, where JavaScript calls, is not counted', async () => {
    const on = stage();
    const binding = { kind: 'secret', value: 'A'.repeat(43) } as const;
    const { transactionId: id, start } = await on.rp.begin({ operation: 'login', binding, start: 'qr' });
    const phone = await on.open(start.kind === 'qr' ? start.content : start.href);
    await phone.send(phone.genuine());
    expect(await on.rp.complete(id, { binding, match: 7 as unknown as string })).toMatchObject({
      code: 'match-wrong',
      remainingMatches: 3,
    });
    expect(await on.rp.complete(id, { binding, match: String(phone.request['number']) })).toMatchObject({ result: 'identified' });
  });

  it.each(['7', '007', '７７', ' 7', '0x'])('that is no two digits (%s) is request-invalid, and not counted', async (match) => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser, { start: 'qr' });
    expect((await browser.complete(id, match)).status).toBe(400);
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ remainingMatches: 3 });
  });
});

describe('the way back', () => {
  it('leads the browser that began to the page it began on, whatever the app or the address adds', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin({ returnTo: '/accounts/new?step=2' });
    const phone = await on.open(linkOf(descriptor));
    const response = await browser.send('GET', `${phone.request['backTo']}&returnTo=https://evil.example&tx=1`, undefined, { origin: '' });
    expect([response.status, response.headers.get('location')]).toEqual([303, 'https://bank.example/accounts/new?step=2']);
  });

  it('in another browser shows where to go, and no outcome; the first browser can still complete', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser);
    const elsewhere = await on.browser().send('GET', String(phone.request['backTo']), undefined, { origin: '' });
    const page = await elsewhere.text();
    expect(elsewhere.headers.get('location')).toBeNull();
    expect(page).toContain('元のブラウザーに戻ってください');
    expect(page).toContain('wrong-browser');
    expect(page).not.toContain(id);
    expect(elsewhere.headers.get('content-security-policy')).toMatch(/^default-src 'none';.*style-src 'sha256-[^']+'$/);
    expect(elsewhere.headers.get('set-cookie')).toBeNull();
    expect(on.events.at(-1)).toMatchObject({ type: 'refused', code: 'wrong-browser' });
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ result: 'identified' });
  });

  it.each(['', '?r=', '?r=unknown', `?r=${'A'.repeat(5_000)}`])(
    'an unknown return (%s) is answered like another browser’s',
    async (query) => {
      const on = stage();
      const browser = on.browser();
      await browser.begin();
      const response = await browser.send('GET', `/callback/test-door${query}`);
      expect([response.status, response.headers.get('location')]).toEqual([200, null]);
    },
  );

  it.each(['default', 'after-return'] as const)(
    'an answer by app link waits for the return to the browser that began (%s)',
    async (appLinkCompletion) => {
      const on = stage({ appLinkCompletion });
      const attacker = on.browser();
      const { id, phone } = await answered(on, attacker);
      expect(await bodyOf(await attacker.status(id))).toMatchObject({ state: 'opened' });
      expect(await bodyOf(await attacker.complete(id))).toMatchObject({ result: 'try-again', code: 'not-ready' });
      const victim = on.browser();
      await victim.send('GET', String(phone.request['backTo']));
      expect(await bodyOf(await attacker.complete(id))).toMatchObject({ code: 'not-ready' });
      await attacker.send('GET', String(phone.request['backTo']));
      expect(await bodyOf(await attacker.complete(id))).toMatchObject({ result: 'identified' });
    },
  );
});

describe('returnTo stays on the own origin', () => {
  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example/',
    'https:evil.example',
    'javascript:alert(1)',
    'relative',
    '/a#fragment',
    '/\t/evil.example',
    '/a\r\nset-cookie: x=1',
    '/.//evil.example',
    '/a/..//evil.example',
    '/日本',
    '',
  ])('%j begins nothing', async (returnTo) => {
    const response = await stage().browser().send('POST', '/transactions', { v: 1, operation: 'login', returnTo });
    expect([response.status, (await bodyOf(response))['code']]).toEqual([400, 'request-invalid']);
  });
});
