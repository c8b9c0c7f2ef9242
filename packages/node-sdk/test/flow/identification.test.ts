import { describe, expect, it } from 'vitest';
import { answered, bodyOf, certificate, linkOf, sign, stage, ticketOf } from '../stage.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('one identification', () => {
  it('by app link: begins, is answered, completes, and the page learns no more than it may', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    expect(await bodyOf(await browser.status(id))).toMatchObject({ state: 'arrived' });
    const response = await browser.complete(id);
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toEqual({ v: 1, result: 'identified', next: { greeting: 'identified' } });
    expect(on.handled).toHaveLength(1);
    expect(on.handled[0]?.outcome).toMatchObject({ result: 'identified', carrierWitnesses: ['certificate', 'app'] });
    expect(on.handled[0]?.context).toMatchObject({ account: 'account-1' });
    expect(await bodyOf(await browser.status(id))).toMatchObject({ state: 'done', outcome: { result: 'identified' } });
  });

  it('by QR code: the number that the phone shows must be typed where it began', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin({ operation: 'login', start: 'qr' });
    expect(descriptor).toMatchObject({ start: { kind: 'qr' }, match: { digits: 2 } });
    const phone = await on.open(linkOf(descriptor));
    await phone.send(phone.genuine());
    expect(await bodyOf(await browser.complete(descriptor.transactionId, String(phone.request['number'])))).toMatchObject({
      result: 'identified',
    });
  });

  it('in the relying party’s native app: a held secret takes the place of the cookie', async () => {
    const on = stage();
    const app = on.native();
    const { id, phone } = await answered(on, app, { operation: 'login' });
    expect(app.cookie()).toBeUndefined();
    expect((await app.send('GET', String(phone.request['backTo']))).status).toBe(303);
    expect(await bodyOf(await app.complete(id))).toMatchObject({ result: 'identified' });
  });
});

describe('the bytes, scheme and purpose are those of begin', () => {
  it('the app is given exactly the bytes that are verified', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser);
    await browser.complete(id);
    expect(Buffer.from(on.verifier.asked[0]?.message ?? [])).toEqual(Buffer.from(phone.message));
    expect(on.verifier.asked[0]).toMatchObject({ scheme: 'rsa-pkcs1-sha256', purpose: 'digital-signature', reportedCarrier: 'smartphone' });
    expect(JSON.parse(new TextDecoder().decode(phone.message))).toMatchObject({
      v: 'jpki-rp/v1',
      type: 'jpki-rp/v1/digital-signature',
      origin: 'https://bank.example',
      operation: 'open-account',
      transactionId: id,
      document: { text: '私は口座の開設を申し込みます。' },
    });
  });

  it('a swapped document does not verify', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const swapped = Buffer.from(new TextDecoder().decode(phone.message).replace('口座の開設', '全額の送金'));
    const answer = phone.genuine();
    answer['body'] = { ...(answer['body'] as object), sig: base64(sign(swapped)) };
    // An app that sends its own idea of the bytes along does not make them ours.
    answer['message'] = swapped.toString('base64url');
    await phone.send(answer);
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'refused', code: 'signature-mismatch' });
  });

  it('the answer of one transaction does not fit another, even of the same person and operation', async () => {
    const on = stage();
    const browser = on.browser();
    const first = await on.open(linkOf(await browser.begin()));
    const descriptor = await browser.begin();
    const second = await on.open(linkOf(descriptor));
    await second.send({ ...first.genuine(), tx: String(second.request['tx']) });
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ code: 'signature-mismatch' });
  });

  it('a certificate of the other purpose is refused', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    await phone.send(phone.genuine('smartphone-user-authentication'));
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ code: 'purpose-mismatch' });
  });

  it('the page’s carrier is a hint: the other one is as good where the operation takes it', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin({ carrier: 'smartphone' });
    const phone = await on.open(linkOf(descriptor));
    await phone.send(phone.genuine('card-digital-signature'));
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'identified' });
  });
});

describe('the carrier has two witnesses', () => {
  it.each([
    ['absent', undefined],
    ['unmapped', 'X'],
    ['of another type', 1],
    ['a name that every object has', 'constructor'],
  ])('an app report that is %s is refused', async (_case, holder) => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const answer = phone.genuine();
    answer['body'] = JSON.parse(JSON.stringify({ ...(answer['body'] as object), holder }));
    await phone.send(answer);
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'refused', code: 'carrier-unreported' });
    expect(on.verifier.asked).toHaveLength(0);
  });

  it('an app report that contradicts the certificate is refused', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const answer = phone.genuine();
    answer['body'] = { ...(answer['body'] as object), holder: 'I' };
    await phone.send(answer);
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ code: 'carrier-mismatch' });
  });
});

describe('what the app answers becomes a code that names who can act and where', () => {
  it.each([
    ['stop', 'cancelled', 'try-again', 'browser'],
    ['late', 'timed-out', 'try-again', 'browser'],
    ['lock', 'pin-locked', 'refused', 'municipality'],
    ['none', 'no-certificate', 'try-again', 'app'],
    ['missing', 'app-missing', 'try-again', 'app'],
    ['old', 'app-outdated', 'try-again', 'app'],
    ['device', 'device-unsupported', 'try-again', 'app'],
    ['down', 'app-unavailable', 'try-again', 'app'],
    ['list', 'rp-not-allowed', 'refused', 'relying-party'],
    ['surprise', 'app-result-unknown', 'refused', 'app'],
    ['toString', 'app-result-unknown', 'refused', 'app'],
  ])('%s → %s', async (result, code, expected, place) => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    await phone.send({ tx: String(phone.request['tx']), result });
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({
      result: expected,
      code,
      messageKey: code,
      place,
    });
    expect(on.handled).toHaveLength(1);
  });

  it.each([
    [2, { remainingTries: 2 }],
    ['2', {}],
    [-1, {}],
  ])('a wrong PIN carries the tries that are left, where they are a count: %s', async (tries, expected) => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    await phone.send({ tx: String(phone.request['tx']), result: 'pin', tries });
    const body = await bodyOf(await browser.complete(descriptor.transactionId));
    expect(body).toMatchObject({ result: 'try-again', code: 'pin-wrong', ...expected });
    expect('remainingTries' in body).toBe('remainingTries' in expected);
  });

  it.each([
    ['no result', { body: {} }],
    ['no certificate', { result: 'ok', body: { sig: 'AAAA', holder: 'S' } }],
    ['an empty signature', { result: 'ok', body: { cert: base64(certificate('x')), sig: '', holder: 'S' } }],
    ['base64 with foreign characters', { result: 'ok', body: { cert: 'AA*A', sig: 'AAAA', holder: 'S' } }],
    ['base64 without its padding', { result: 'ok', body: { cert: 'AAA', sig: 'AAAA', holder: 'S' } }],
    ['base64 with stray bits', { result: 'ok', body: { cert: 'AAB=', sig: 'AAAA', holder: 'S' } }],
    ['a list where text belongs', { result: 'ok', body: { cert: ['AAAA'], sig: 'AAAA', holder: 'S' } }],
  ])('an answer with %s is app-message-invalid', async (_case, rest) => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    await phone.send({ tx: String(phone.request['tx']), ...rest });
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({
      result: 'refused',
      code: 'app-message-invalid',
    });
  });
});

describe('an answer belongs to whoever redeemed the ticket', () => {
  it('a ticket opens once', async () => {
    const on = stage();
    const link = linkOf(await on.browser().begin());
    await on.open(link);
    await expect(on.open(link)).rejects.toThrow('410');
  });

  it.each([
    ['unknown', 'A'.repeat(43)],
    ['of another shape', 'short'],
  ])('a ticket that is %s is ticket-spent', async (_case, ticket) => {
    const on = stage();
    const { requestUrl } = ticketOf(linkOf(await on.browser().begin()));
    const response = await on.browser().send('POST', requestUrl, { ticket });
    expect([response.status, (await bodyOf(response))['code']]).toEqual([410, 'ticket-spent']);
  });

  it('knowing the transaction’s id is not enough to answer, nor to get in the way', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const forged = await phone.send({ tx: descriptor.transactionId, result: 'stop' });
    expect(forged.status).toBe(204);
    await phone.send(phone.genuine());
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'identified' });
  });

  it('the first answer stands; the same again and another one change nothing and are told nothing', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser);
    for (const again of [phone.genuine(), { tx: String(phone.request['tx']), result: 'stop' }]) {
      const response = await phone.send(again);
      expect([response.status, await response.text()]).toEqual([204, '']);
    }
    expect(on.events.filter(({ type }) => type === 'answer-ignored')).toHaveLength(2);
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ result: 'identified' });
  });

  it('an answer after completion changes nothing', async () => {
    const on = stage();
    const browser = on.browser();
    const { id, phone } = await answered(on, browser);
    await browser.complete(id);
    await phone.send({ tx: String(phone.request['tx']), result: 'stop' });
    expect(await bodyOf(await browser.status(id))).toMatchObject({ state: 'done', outcome: { result: 'identified' } });
  });
});

describe('the handler of the operation', () => {
  it('that throws leaves handler-failed for the page and keeps the outcome for the server', async () => {
    const on = stage({
      operations: {
        'open-account': {
          onOutcome: () => {
            throw new Error('山田太郎');
          },
        },
      },
    });
    const descriptor = await on.rp.begin({
      operation: 'open-account',
      document: { text: 'x' },
      binding: { kind: 'secret', value: 'A'.repeat(43) },
    });
    const phone = await on.open(linkOf(descriptor));
    await phone.send(phone.genuine());
    const outcome = await on.rp.complete(descriptor.transactionId, { binding: { kind: 'secret', value: 'A'.repeat(43) } });
    expect(outcome).toMatchObject({ result: 'refused', code: 'handler-failed', kept: { result: 'identified' } });
    expect(on.errors).toHaveLength(1);
    expect(JSON.stringify(on.events)).not.toContain('山田');
  });

  it('that returns what JSON cannot carry has failed', async () => {
    const on = stage({ operations: { 'open-account': { onOutcome: () => 1n as unknown as string } } });
    const browser = on.browser();
    const { id } = await answered(on, browser);
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ code: 'handler-failed' });
  });

  it('a verifier that throws has identified nobody, and the transaction stays spent', async () => {
    const on = stage({
      verifier: {
        role: 'verifier',
        environment: { kind: 'test' },
        verify: async () => {
          throw new Error('broken');
        },
      },
    });
    const browser = on.browser();
    const { id } = await answered(on, browser);
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ result: 'refused', code: 'handler-failed' });
    expect((await browser.complete(id)).status).toBe(409);
  });
});
