import { describe, expect, it } from 'vitest';
import type { AppLinkDoorProfile } from '../src/door/profile.types.ts';
import type { Operation } from '../src/operation/operation.ts';
import { createRelyingParty } from '../src/relying-party.ts';
import { memoryTransactionStore } from '../src/transaction/memory.ts';
import { bodyOf, doubleVerifier, linkOf, PROFILE, stage } from './stage.ts';

const GOOD = {
  origin: 'https://bank.example',
  name: { ja: '銀行', en: 'Bank' },
  verifier: doubleVerifier(),
  door: PROFILE,
  transactions: memoryTransactionStore(),
  operations: {
    login: {
      policy: { name: { ja: 'ログイン', en: 'Sign in' }, purpose: 'user-authentication', carriers: ['card', 'smartphone'] },
      onOutcome: () => null,
    },
  },
} as const;

const { carrier: _carrier, ...silent } = PROFILE.response;
const SILENT_DOOR: AppLinkDoorProfile = { ...PROFILE, response: silent };
const policy = (change: object): { readonly operations: Record<string, Operation> } => ({
  operations: { login: { ...GOOD.operations.login, policy: { ...GOOD.operations.login.policy, ...change } } },
});

describe('the configuration', () => {
  it.each(['https://bank.example', 'https://bank.example:8443', 'http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'takes the origin %s',
    (origin) => {
      expect(createRelyingParty({ ...GOOD, origin }).origin).toBe(origin);
    },
  );

  it.each<[string, object]>([
    ['/origin', { origin: 'http://bank.example' }],
    ['/origin', { origin: 'http://localhost.bank.example' }],
    ['/origin', { origin: 'https://bank.example/' }],
    ['/origin', { origin: 'https://bank.example/app' }],
    ['/origin', { origin: 'https://user@bank.example' }],
    ['/origin', { origin: 'https://BANK.example' }],
    ['/origin', { origin: 'bank.example' }],
    ['/basePath', { basePath: 'jpki' }],
    ['/basePath', { basePath: '/jpki/' }],
    ['/basePath', { basePath: '/a/../b' }],
    ['/basePath', { basePath: '/' }],
    ['/name/en', { name: { ja: '銀行' } }],
    ['/limits/bodySeconds', { limits: { bodySeconds: 0 } }],
    ['/operations', { operations: {} }],
    ['/operations/Log In', { operations: { 'Log In': GOOD.operations.login } }],
    ['/operations/login/policy/purpose', policy({ purpose: 'anything' })],
    ['/operations/login/policy/carriers', policy({ carriers: [] })],
    ['/operations/login/policy/carriers', policy({ carriers: ['card', 'card'] })],
    ['/operations/login/policy/scheme', policy({ scheme: 'md5' })],
    ['/operations/login/policy/name/ja', policy({ name: { en: 'x' } })],
    ['/operations/login/policy/carrierWitnesses', policy({ carrierWitnesses: 'none' })],
    ['/operations/login/policy/freshness', policy({ freshness: { ocspSeconds: Number.NaN } })],
    ['/operations/login/policy/freshness', policy({ freshness: { anySeconds: 60 } })],
    ['/operations/login/onOutcome', { operations: { login: { policy: GOOD.operations.login.policy } } }],
  ])('is refused at %s', (pointer, change) => {
    expect(() => createRelyingParty({ ...GOOD, ...change })).toThrowError(
      expect.objectContaining({ code: 'relying-party-invalid', pointer }),
    );
  });

  it('a synthetic door never leads to a production environment', () => {
    const verifier = doubleVerifier({ environment: { kind: 'production' } });
    expect(() => createRelyingParty({ ...GOOD, verifier })).toThrowError(
      expect.objectContaining({ code: 'door-profile-invalid', pointer: '/synthetic' }),
    );
    expect(createRelyingParty({ ...GOOD, verifier, door: { ...PROFILE, synthetic: false } }).origin).toBe(GOOD.origin);
  });

  it('an unchecked profile is checked here too', () => {
    const door = { ...PROFILE, timing: { transactionSeconds: 600, qrSeconds: 3_600 } };
    expect(() => createRelyingParty({ ...GOOD, door })).toThrowError(expect.objectContaining({ code: 'door-profile-invalid' }));
  });
});

describe('a door that does not report the carrier', () => {
  it('is refused for an operation that wants two witnesses', () => {
    expect(() => createRelyingParty({ ...GOOD, door: SILENT_DOOR })).toThrowError(
      expect.objectContaining({ code: 'relying-party-invalid', pointer: '/operations/login/policy/carrierWitnesses' }),
    );
  });

  it('serves an operation whose policy takes the certificate’s word, and the outcome says so', async () => {
    const policies = { purpose: 'user-authentication', carriers: ['card', 'smartphone'], carrierWitnesses: 'certificate-only' } as const;
    const only = { policy: { name: { ja: 'x', en: 'x' }, ...policies }, prepare: () => ({}) };
    const on = stage({ door: SILENT_DOOR, operations: { login: only, 'open-account': only } });
    const browser = on.browser();
    const descriptor = await browser.begin({ operation: 'login' });
    const phone = await on.open(linkOf(descriptor));
    await phone.send(phone.genuine());
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'identified' });
    expect(on.handled[0]?.outcome).toMatchObject({ carrierWitnesses: ['certificate'] });
    expect(on.verifier.asked[0]).not.toHaveProperty('reportedCarrier');
  });

  it('a door that reports it is not excused by such a policy', async () => {
    const policies = { purpose: 'user-authentication', carriers: ['card', 'smartphone'], carrierWitnesses: 'certificate-only' } as const;
    const on = stage({ operations: { login: { policy: { name: { ja: 'x', en: 'x' }, ...policies } } } });
    const browser = on.browser();
    const descriptor = await browser.begin({ operation: 'login' });
    const phone = await on.open(linkOf(descriptor));
    const answer = phone.genuine();
    const { holder: _holder, ...body } = answer['body'] as { [name: string]: string };
    await phone.send({ ...answer, body });
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ code: 'carrier-unreported' });
  });
});

describe('called without HTTP', () => {
  it('begin refuses a binding that could be guessed', async () => {
    await expect(stage().rp.begin({ operation: 'login', binding: { kind: 'secret', value: 'short' } })).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });

  it('status and cancel of an unknown transaction throw transaction-unknown, complete says so', async () => {
    const { rp } = stage();
    const binding = { kind: 'secret', value: 'A'.repeat(43) } as const;
    await expect(rp.status('x', { binding })).rejects.toMatchObject({ code: 'transaction-unknown' });
    await expect(rp.cancel('x', { binding })).rejects.toMatchObject({ code: 'transaction-unknown' });
    expect(await rp.complete('x', { binding })).toMatchObject({ result: 'refused', code: 'transaction-unknown' });
  });
});
