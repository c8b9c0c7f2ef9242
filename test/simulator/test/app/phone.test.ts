import { constants, createHash, publicDecrypt, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AppOutcome, type Person, type Simulator, startSimulator } from '../../src/index.ts';
import { type FakeRelyingParty, fakeRelyingParty, signatureHolds } from '../relying-party.ts';

let simulator: Simulator;
let person: Person;
let login: FakeRelyingParty;
let signing: FakeRelyingParty;

beforeAll(async () => {
  simulator = await startSimulator();
  login = await fakeRelyingParty(simulator, 'user-authentication');
  signing = await fakeRelyingParty(simulator, 'digital-signature');
});
afterAll(async () => {
  await Promise.all([simulator.close(), login.close(), signing.close()]);
});
beforeEach(async () => {
  person = await simulator.person();
  login.answers.length = 0;
  signing.answers.length = 0;
});

describe('the headless phone', () => {
  test('shows who asks and why', async () => {
    const session = await simulator.app.open(login.link((document) => ({ ...document, number: '42' }), 'qr'));
    expect(session.request).toEqual({
      relyingPartyName: 'みほん銀行',
      relyingPartyOrigin: login.origin,
      operationName: 'インターネットバンキングへのログイン',
      purpose: 'user-authentication',
      carriers: ['card', 'smartphone'],
      matchNumber: '42',
      returnUrl: `${login.origin}/jpki/callback/virtual-app?back=1`,
    });
  });

  test.each([
    ['card', 'IC'],
    ['smartphone', 'SP'],
  ] as const)('signs the bytes asked for with the %s certificate and says where it came from', async (carrier, holder) => {
    const session = await simulator.app.open(login.link());
    const { status, message } = await session.answer({ person, carrier });
    expect(status).toBe(204);
    expect(login.answers).toEqual([message]);
    expect(message).toMatchObject({ tx: 'tx-1', result: '0000', holder });
    const certificate = person.certificate(carrier, 'user-authentication');
    expect(message['cert']).toBe(Buffer.from(certificate?.der ?? []).toString('base64'));
    expect(signatureHolds(message, login.message)).toBe(true);
  });

  test('signs a bare digest where the scheme says so', async () => {
    const session = await simulator.app.open(login.link((document) => ({ ...document, alg: 'rsa-pkcs1-bare-sha256' })));
    const { message } = await session.answer({ person, carrier: 'card' });
    const { publicKey } = new X509Certificate(Buffer.from(String(message['cert']), 'base64'));
    const block = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(String(message['sig']), 'base64'));
    expect(block).toEqual(createHash('sha256').update(login.message).digest());
  });

  test.each<[AppOutcome, string]>([
    ['cancel', 'C001'],
    ['pin-locked', 'P020'],
    ['no-certificate', 'N001'],
    ['app-outdated', 'V001'],
    ['rp-not-allowed', 'W001'],
  ])('answers %s with %s and no certificate', async (outcome, result) => {
    const session = await simulator.app.open(login.link());
    const { message } = await session.answer({ person, carrier: 'card', outcome });
    expect(login.answers).toEqual([message]);
    expect(message).toMatchObject({ result });
    expect(message).not.toHaveProperty('cert');
    expect(message).not.toHaveProperty('sig');
  });

  test('sends nothing when told to time out', async () => {
    const session = await simulator.app.open(login.link());
    expect(await session.answer({ person, carrier: 'card', outcome: 'timeout' })).toMatchObject({ status: 0, message: {} });
    expect(login.answers).toEqual([]);
  });

  test('has no certificate to offer from a smartphone that holds the other type only', async () => {
    const half = await simulator.person({ smartphonePurposes: ['user-authentication'] });
    const session = await simulator.app.open(signing.link());
    expect((await session.answer({ person: half, carrier: 'smartphone' })).message).toMatchObject({ result: 'N001' });
  });

  test('lets a test change what goes out, and sign other bytes', async () => {
    const session = await simulator.app.open(login.link());
    const { message } = await session.answer({
      person,
      carrier: 'card',
      signInstead: new Uint8Array([1]),
      tamper: (sent) => ({ ...sent, holder: 'SP' }),
    });
    expect(message).toMatchObject({ holder: 'SP' });
    expect(signatureHolds(message, login.message)).toBe(false);
    expect(signatureHolds(message, new Uint8Array([1]))).toBe(true);
  });

  test('opens a link once: the ticket is spent', async () => {
    const link = login.link();
    await simulator.app.open(link);
    await expect(simulator.app.open(link)).rejects.toMatchObject({ code: 'ticket-refused', status: 410 });
  });
});

describe('PIN tries', () => {
  const tryTo = async (rp: FakeRelyingParty, carrier: 'card' | 'smartphone', unlock: string) => {
    const session = await simulator.app.open(rp.link());
    const { message } = await session.answer({ person, carrier, unlock });
    return [message['result'], message['tries']];
  };

  test('end after three wrong user-authentication PINs, and then the right one is refused too', async () => {
    expect(await tryTo(login, 'card', 'x')).toEqual(['P010', 2]);
    expect(await tryTo(login, 'card', 'x')).toEqual(['P010', 1]);
    expect(await tryTo(login, 'card', 'x')).toEqual(['P020', 0]);
    expect(await tryTo(login, 'card', person.pins.authentication)).toEqual(['P020', 0]);
  });

  test('end after five wrong signing passwords', async () => {
    const results = [];
    for (let i = 0; i < 6; i++) results.push((await tryTo(signing, 'card', 'x'))[0]);
    expect(results).toEqual(['P010', 'P010', 'P010', 'P010', 'P020', 'P020']);
  });

  test('are counted per carrier and purpose', async () => {
    for (let i = 0; i < 3; i++) await tryTo(login, 'card', 'x');
    expect((await tryTo(login, 'smartphone', person.pins.authentication))[0]).toBe('0000');
    expect((await tryTo(signing, 'card', person.pins.signing))[0]).toBe('0000');
  });

  test('start again after a right one', async () => {
    await tryTo(login, 'card', 'x');
    await tryTo(login, 'card', person.pins.authentication);
    expect(await tryTo(login, 'card', 'x')).toEqual(['P010', 2]);
  });

  test('are spent by the outcome pin-wrong too', async () => {
    const session = await simulator.app.open(login.link());
    const { message } = await session.answer({ person, carrier: 'card', outcome: 'pin-wrong' });
    expect(message).toMatchObject({ result: 'P010', tries: 2 });
    expect(await tryTo(login, 'card', 'x')).toEqual(['P010', 1]);
  });

  test('start again on a new card', async () => {
    for (let i = 0; i < 3; i++) await tryTo(login, 'card', 'x');
    await simulator.renew(person);
    expect((await tryTo(login, 'card', person.pins.authentication))[0]).toBe('0000');
  });

  test('are not needed for biometrics, which the smartphone takes for user authentication', async () => {
    expect((await tryTo(login, 'smartphone', 'biometrics'))[0]).toBe('0000');
  });

  test.each([
    ['card', () => login],
    ['smartphone', () => signing],
  ] as const)('cannot be replaced by biometrics otherwise (%s)', async (carrier, rp) => {
    const session = await simulator.app.open(rp().link());
    await expect(session.answer({ person, carrier, unlock: 'biometrics' })).rejects.toMatchObject({ code: 'biometrics-not-allowed' });
    expect(rp().answers).toEqual([]);
  });
});

describe('the phone refuses', () => {
  test.each([
    '',
    'hello',
    'https://example.test/',
    'http://127.0.0.1/app?r=javascript:alert(1)&t=x',
    'http://127.0.0.1/app?r=file:///etc/passwd&t=x',
  ])('what is no link of its own: %s', async (link) => {
    await expect(simulator.app.open(link)).rejects.toMatchObject({ code: 'link-invalid' });
  });

  test('to post to anything but where tickets are redeemed, so that a web site cannot aim it at other servers of the machine', async () => {
    const before = login.seen.length;
    const aimed = `${simulator.urls.app}?r=${encodeURIComponent(`${login.origin}/shutdown`)}&t=x`;
    await expect(simulator.app.open(aimed)).rejects.toMatchObject({ code: 'link-invalid' });
    expect(login.seen.length).toBe(before);
  });

  test('a request that would have the answer posted elsewhere on the same origin', async () => {
    const link = login.link((document) => ({ ...document, answerTo: `${login.origin}/shutdown` }));
    await expect(simulator.app.open(link)).rejects.toMatchObject({ code: 'request-invalid' });
  });

  test('to contact an origin that is not on the whitelist', async () => {
    await expect(simulator.app.open('http://127.0.0.1/app?r=https%3A%2F%2Fbank.example%2Fjpki%2Frequest%2Fx&t=x')).rejects.toMatchObject({
      code: 'rp-not-allowed',
    });
  });

  test('a loopback origin that is not on an explicit whitelist, without a request to it', async () => {
    const strict = await startSimulator({ allowedOrigins: ['https://bank.example'] });
    const before = login.seen.length;
    await expect(strict.app.open(login.link())).rejects.toMatchObject({ code: 'rp-not-allowed' });
    expect(login.seen.length).toBe(before);
    await strict.close();
  });

  test.each([
    ['answerTo', 'http://127.0.0.1:9/jpki/callback/virtual-app'],
    ['backTo', 'http://localhost:9/'],
    ['askerOrigin', 'http://127.0.0.1:9'],
  ])('a request whose %s is another origin than the one it came from', async (name, value) => {
    await expect(simulator.app.open(login.link((document) => ({ ...document, [name]: value })))).rejects.toMatchObject({
      code: 'origin-mismatch',
    });
  });

  test('a scheme that its keys cannot do', async () => {
    const session = await simulator.app.open(login.link((document) => ({ ...document, alg: 'ecdsa-p384-sha384' })));
    await expect(session.answer({ person, carrier: 'card' })).rejects.toMatchObject({ code: 'scheme-unsupported' });
  });

  test.each(['asker', 'why', 'kind', 'holders', 'msg', 'tx', 'answerTo', 'backTo'])('a request without %s', async (name) => {
    const without = (document: Record<string, unknown>) => Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));
    await expect(simulator.app.open(login.link(without))).rejects.toMatchObject({ name: 'AppFailure' });
  });
});
