import { describe, expect, it } from 'vitest';
import { answered, type Client, certificate, DECLARATION, linkOf, sign, stage } from './stage.ts';

describe('what is recorded, addressed and answered', () => {
  it('holds no document, certificate, signature, serial, ticket, token, secret, account or transaction id', async () => {
    const on = stage();
    const browser = on.browser();
    const seen: string[] = [];
    const { send } = browser;
    const watching: Client = {
      ...browser,
      send: async (method, path, body, headers) => {
        const response = await send(method, path, body, headers);
        seen.push(await response.clone().text());
        return response;
      },
    };
    const descriptor = await watching.begin({ start: 'qr' });
    const phone = await on.open(linkOf(descriptor));
    await phone.send(phone.genuine());
    await phone.send({ ...phone.genuine(), result: 'stop' });
    await on.browser().send('GET', String(phone.request['backTo']));
    const id = descriptor.transactionId;
    for (const path of [`/transactions/${id}`]) await watching.send('GET', path);
    const wrong = phone.request['number'] === '00' ? '01' : '00';
    for (const match of [wrong, String(phone.request['number']), '12']) {
      await watching.send('POST', `/transactions/${id}/complete`, { v: 1, match });
    }
    await watching.send('GET', `/transactions/${id}`);
    await watching.send('POST', '/transactions', { v: 1, operation: 'nothing' });

    const recorded = JSON.stringify(on.events);
    expect(on.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['begun', 'opened', 'answered', 'answer-ignored', 'refused', 'completed']),
    );
    const encodings = (bytes: Uint8Array): string[] =>
      (['base64', 'base64url', 'hex'] as const).map((name) => Buffer.from(bytes).toString(name));
    const personal = [
      DECLARATION,
      'c0ffee5e21a1',
      'account-1',
      ...encodings(certificate('smartphone-digital-signature')),
      ...encodings(sign(phone.message)),
      ...encodings(phone.message),
    ];
    const secrets = [
      new URL(linkOf(descriptor)).searchParams.get('t') ?? '-',
      String(phone.request['tx']),
      new URL(String(phone.request['backTo'])).searchParams.get('r') ?? '-',
      (browser.cookie() ?? '-').split('=')[1] ?? '-',
    ];
    for (const value of [...personal, ...secrets, id, JSON.stringify(phone.request['number'])]) expect(recorded).not.toContain(value);
    for (const value of personal) expect([linkOf(descriptor), ...seen].join('\n')).not.toContain(value);
    expect(seen.length).toBeGreaterThan(5);
  });

  it('an event names a transaction the same way every time, and two transactions differently', async () => {
    const on = stage();
    await answered(on, on.browser());
    await answered(on, on.browser());
    const names = on.events.map(({ transaction }) => transaction);
    expect(new Set(names).size).toBe(2);
    expect(names.every((name) => /^[A-Za-z0-9_-]{22}$/.test(name ?? ''))).toBe(true);
  });

  it('an audit sink that throws does not decide an identification, and is not silent', async () => {
    const on = stage({
      audit: () => {
        throw new Error('disk full');
      },
    });
    const browser = on.browser();
    const { id } = await answered(on, browser);
    expect((await browser.complete(id)).status).toBe(200);
    expect(on.errors.length).toBeGreaterThan(0);
  });

  it('no address comes from a message: what an app adds is not followed', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const fetched: unknown[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = async (input) => {
      fetched.push(input);
      throw new Error('no network');
    };
    try {
      await phone.send({
        ...phone.genuine(),
        callbackUrl: 'https://evil.example/',
        returnUrl: 'https://evil.example/',
        ocsp: 'http://169.254.169.254/',
      });
      const response = await browser.complete(descriptor.transactionId);
      expect(await response.text()).not.toContain('evil');
      const back = await browser.send('GET', String(phone.request['backTo']));
      expect(back.headers.get('location')).toBe('https://bank.example/');
    } finally {
      globalThis.fetch = real;
    }
    expect(fetched).toEqual([]);
  });
});
