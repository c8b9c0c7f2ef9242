import { describe, expect, test } from 'vitest';
import { type HeldCertificate, hmacIdentifier, type LinkLedger, type LinkLedgerOptions, planRechecks } from '../../src/links/index.ts';
import { CEREMONY, KEY, NEW_KEY, testLedger } from './ledgers.ts';
import { card, later, NOW, smartphone } from './verdicts.ts';

const sealKey = new Uint8Array(32).fill(5);
const context = { account: 'account-1', ceremony: CEREMONY };
const all = async (ledger: LinkLedger): Promise<readonly HeldCertificate[]> => {
  const held: HeldCertificate[] = [];
  for await (const certificate of ledger.certificates()) held.push(certificate);
  return held;
};
const sealed = async (options: Partial<LinkLedgerOptions> = {}) => {
  const world = testLedger({ sealCertificates: sealKey, ...options });
  const made = await world.ledger.establish(card(1, { der: 'the card' }), smartphone(2, { der: 'the phone' }), context);
  return { ...world, made };
};

describe('mode sealed', () => {
  test('gives the certificates of live links back, and keeps them unreadable', async () => {
    const { ledger, store } = await sealed();
    const held = await all(ledger);
    expect(
      held.map((c) => c.ok && [c.side, c.class, Buffer.from(c.certificate?.der ?? []).toString(), c.certificate?.serialNumber]),
    ).toEqual([
      ['from', 'card-user-authentication', 'the card', '01'],
      ['to', 'smartphone-user-authentication', 'the phone', '02'],
    ]);
    const kept = JSON.stringify(await store.load({ account: 'account-1' }));
    expect(kept).not.toContain(Buffer.from('the card').toString('base64'));
    expect(kept).not.toContain('the card');
  });

  test('does not open under another key: the record is reported, not passed over', async () => {
    const { also } = await sealed();
    const held = await all(also({ sealCertificates: new Uint8Array(32).fill(6) }));
    expect(held.map((c) => !c.ok && c.code)).toEqual(['link-integrity', 'link-integrity']);
  });

  test('is not for an organisation that retains no certificates: role-forbids-revocation-data', async () => {
    const { ledger } = testLedger({ sealCertificates: sealKey });
    const misuse = { code: 'role-forbids-revocation-data' };
    await expect(ledger.establish(card(1, { der: 'x', role: 'delegating' }), smartphone(2, { der: 'y' }), context)).rejects.toMatchObject(
      misuse,
    );
    await expect(ledger.establish(card(1, { der: 'x' }), smartphone(2), context)).rejects.toMatchObject(misuse);
  });

  test('takes no key but 32 octets: argument-invalid', () => {
    expect(() => testLedger({ sealCertificates: new Uint8Array(16) })).toThrow(expect.objectContaining({ code: 'argument-invalid' }));
  });

  test('ends with erasure', async () => {
    const { ledger, store } = await sealed();
    await ledger.erase('account-1');
    expect(await all(ledger)).toEqual([]);
    expect(await store.scan(null, 10)).toEqual([]);
  });

  test('rewrites everybody under a new identifier key, so that the old one can be destroyed', async () => {
    const { also } = await sealed();
    const rotating = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }) });
    expect(await rotating.rekey()).toEqual({ rewritten: 1, failures: 0 });
    expect(await rotating.rekey()).toEqual({ rewritten: 0, failures: 0 });
    const onlyNew = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY }) });
    expect(await onlyNew.find({ verdict: smartphone(2) })).toMatchObject({ ok: true, account: 'account-1' });
    expect((await all(onlyNew)).every(({ ok }) => ok)).toBe(true);
  });
});

describe('mode mac', () => {
  test('has no certificate to give, and counts what it cannot rewrite', async () => {
    const { ledger, also } = testLedger();
    await ledger.establish(card(1, { der: 'the card' }), smartphone(2, { der: 'the phone' }), context);
    expect((await all(ledger)).map((c) => c.ok && c.certificate)).toEqual([null, null]);
    const rotating = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }) });
    expect(await ledger.rekey()).toEqual({ rewritten: 0, failures: 0 });
    expect(await rotating.rekey()).toEqual({ rewritten: 0, failures: 1 });
    expect((await rotating.find({ verdict: smartphone(2) })).ok).toBe(true);
    expect((await rotating.find({ verdict: card(1) })).ok).toBe(true);
    expect(await rotating.rekey()).toEqual({ rewritten: 0, failures: 0 });
  });
});

describe('knowledge about cards', () => {
  test('is renewed where a check shows them good, and satisfies what was too old before', async () => {
    const { ledger, now } = await sealed();
    const at = later(40 * 86_400);
    now(at);
    const find = () => ledger.find({ verdict: smartphone(2, { at }), maxStatusAgeSeconds: 86_400 });
    expect(await find()).toEqual({ ok: false, code: 'link-status-age' });
    const candidates = (await all(ledger)).flatMap((c) =>
      c.ok && c.side === 'from' ? [{ id: c.link, tier: 'all', statusAsOf: c.statusAsOf }] : [],
    );
    const plan = await planRechecks(candidates, { at, tiers: { all: { freshSeconds: 30 * 86_400 } } });
    expect(plan.due.length).toBe(1);
    const names = (await all(ledger)).flatMap((c) => (c.ok && c.certificate !== null ? [c.certificate] : []));
    expect(await ledger.confirm(names, later(-60, at))).toMatchObject({ examined: 2, changed: 0 });
    expect(await find()).toMatchObject({ ok: true, cardStatusAsOf: later(-60, at) });
  });

  test('is never made older, and a confirmation lifts no hold', async () => {
    const { ledger, made } = await sealed();
    const link = made.ok ? made.link.id : '';
    await ledger.confirm([{ issuerKeyId: '0a0b', serialNumber: '01' }], later(-10 * 86_400));
    const history = await ledger.history('account-1');
    expect(history.ok && history.links[0]?.from.statusAsOf).toBe(NOW.toISOString());
    await ledger.reconcile({ revocations: [{ issuerKeyId: '0a0b', serialNumber: '01', reason: 'certificateHold' }], asOf: later(1) });
    await ledger.confirm([{ issuerKeyId: '0a0b', serialNumber: '01' }], later(5 * 86_400));
    const after = await ledger.history('account-1');
    expect(after.ok && after.links.find(({ id }) => id === link)?.state).toBe('suspended');
  });

  test('of a person whose record is broken is reported among the others', async () => {
    const { ledger, store } = await sealed();
    const broken = testLedger({
      store: { ...store, scan: async (after, limit) => (await store.scan(after, limit)).map((p) => ({ ...p, salt: '' })) },
    });
    expect((await all(broken.ledger)).map(({ ok }) => ok)).toEqual([false]);
    expect(await broken.ledger.rekey()).toEqual({ rewritten: 0, failures: 1 });
    expect((await all(ledger)).length).toBe(2);
  });
});
