/** What sweeps teach: complete ones that what they did not name was good, followers that a phone outlives its card, answers one by one. */
import { describe, expect, test } from 'vitest';
import {
  type HeldCertificate,
  hmacIdentifier,
  type LinkLedgerOptions,
  memoryLinkStore,
  memorySweepLog,
  type OneByOne,
  revocationsIn,
  type StatusAnswer,
  type SweepLog,
  type SweepMark,
  sweepOneByOne,
} from '../../src/links/index.ts';
import { KEY, NEW_KEY, type TestLedger, testLedger } from './ledgers.ts';
import { card, later, NOW, revoked, smartphone } from './verdicts.ts';

const CARD = 'card-user-authentication';
const PHONE = 'smartphone-user-authentication';
const DAY = 86_400;
const name = (serial: number) => ({ issuerKeyId: '0a0b', serialNumber: serial.toString(16).padStart(2, '0') });
const listed = (...serials: number[]) => serials.map((serial) => ({ ...name(serial), reason: 'keyCompromise' as const }));

/** Person n has card n and smartphone 100 + n. */
const people = async (count: number, options: Partial<LinkLedgerOptions> = {}): Promise<TestLedger> => {
  const world = testLedger(options);
  for (let n = 1; n <= count; n++) {
    const step = { ceremony: `ceremony-${n}` };
    const pair = [card(n, { ...step, der: `card ${n}` }), smartphone(100 + n, { ...step, der: `phone ${n}` })] as const;
    const made = await world.ledger.establish(...pair, { account: `account-${n}`, ceremony: { id: `ceremony-${n}` } });
    if (!made.ok) throw new Error(made.code);
  }
  return world;
};

describe('a complete sweep', () => {
  const asOf = later(10 * DAY - 3_600);
  const at = later(10 * DAY);
  const ageOf = async ({ ledger }: TestLedger, serial = 101) => {
    const found = await ledger.find({ verdict: smartphone(serial, { at }) });
    return found.ok ? found.cardStatusAsOf : found.code;
  };
  const world = async (options: Partial<LinkLedgerOptions> = {}) => {
    const here = await people(2, { sweeps: memorySweepLog(), ...options });
    here.now(at);
    return here;
  };

  test('shows that the cards it does not name were good, and ends the links of those it does', async () => {
    const here = await world();
    expect(await ageOf(here)).toEqual(NOW);
    expect(await here.ledger.reconcile({ revocations: listed(2, 77), asOf, complete: CARD })).toMatchObject({ changed: 1 });
    expect(await ageOf(here)).toEqual(asOf);
    expect(await ageOf(here, 102)).toBe('link-not-found');
    expect(await here.ledger.find({ verdict: smartphone(101, { at }), maxStatusAgeSeconds: DAY })).toMatchObject({ ok: true });
    const held: (Date | string)[] = [];
    for await (const one of here.ledger.certificates()) held.push(one.ok ? one.statusAsOf : one.code);
    expect(held).toEqual([asOf, NOW]);
  });

  test.each<[string, (here: TestLedger) => Promise<unknown>]>([
    ['that does not say it is complete', ({ ledger }) => ledger.reconcile({ revocations: [], asOf })],
    ['of another class', ({ ledger }) => ledger.reconcile({ revocations: [], asOf, complete: PHONE })],
    ['that was resumed', ({ ledger }) => ledger.reconcile({ revocations: listed(77, 78), asOf, complete: CARD, cursor: 1 })],
    [
      'that was broken off',
      ({ ledger }) =>
        ledger
          .reconcile({
            revocations: listed(77, 78),
            asOf,
            complete: CARD,
            batch: 1,
            onProgress: () => {
              throw new Error('power cut');
            },
          })
          .catch(() => null),
    ],
    [
      'that began before the link had settled',
      ({ ledger, now }) => {
        now(later(300));
        return ledger.reconcile({ revocations: [], asOf, complete: CARD }).finally(() => now(at));
      },
    ],
  ])('teaches nothing: one %s', async (_, sweep) => {
    const here = await world();
    await sweep(here);
    expect(await ageOf(here)).toEqual(NOW);
  });

  test('teaches nothing where one person’s record could not be changed', async () => {
    const store = memoryLinkStore();
    const sweeps = memorySweepLog();
    const here = await world({ store, sweeps });
    const broken = testLedger({ store: { ...store, commit: async () => 'conflict', settle: async () => new Set() }, sweeps });
    broken.now(at);
    expect(await broken.ledger.reconcile({ revocations: listed(2), asOf, complete: CARD })).toMatchObject({ failures: { 'link-busy': 1 } });
    expect(await ageOf(here)).toEqual(NOW);
  });

  test('knows no more than was true when it began', async () => {
    const here = await world();
    await here.ledger.reconcile({ revocations: [], asOf: later(20 * DAY), complete: CARD });
    expect(await ageOf(here)).toEqual(at);
  });

  test('counts by its own keyed mark only', async () => {
    const marks: SweepMark[] = [];
    const sweeps: SweepLog = { read: async () => marks, write: async (mark) => void marks.push(mark) };
    const here = await world({ sweeps });
    await here.ledger.reconcile({ revocations: [], asOf: later(5 * DAY), complete: CARD });
    const genuine = marks[0] as SweepMark;
    for (const forged of [
      { ...genuine, asOf: at.toISOString() },
      { ...genuine, class: PHONE },
      { ...genuine, begunAt: later(11 * DAY).toISOString() },
      { ...genuine, keyId: 'k9' },
      { ...genuine, mac: '' },
    ] as const) {
      marks.splice(0, 1, forged);
      expect(await ageOf(here)).toEqual(NOW);
    }
    marks.splice(0, 1, genuine);
    expect(await ageOf(here)).toEqual(later(5 * DAY));
    const rotated = here.also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }) });
    expect(await rotated.find({ verdict: smartphone(101, { at }) })).toMatchObject({ cardStatusAsOf: later(5 * DAY) });
  });

  test('needs a place where it is noted, and a class', async () => {
    const { ledger } = await people(1);
    await expect(ledger.reconcile({ revocations: [], asOf, complete: CARD })).rejects.toMatchObject({ code: 'argument-invalid' });
    const here = await world();
    await expect(here.ledger.reconcile({ revocations: [], asOf, complete: 'card' as never })).rejects.toMatchObject({
      code: 'argument-invalid',
    });
  });
});

describe('a smartphone whose card was revoked', () => {
  /** Card 1 is seen revoked at the beginning. */
  const orphan = async (options: Partial<LinkLedgerOptions> = {}) => {
    const here = await people(2, options);
    await here.ledger.observe(revoked({ class: CARD, serial: 1 }, 'keyCompromise'));
    return here;
  };
  const check = (more: object = {}) => ({ revocations: [], classes: [PHONE] as const, asOf: later(2 * DAY), windowSeconds: DAY, ...more });

  test('is reported when the issuer still calls it good beyond the window', async () => {
    const { ledger } = await orphan();
    expect(await ledger.overdueFollowers(check({ revocations: [name(102), name(55)] }))).toEqual({
      overdue: [{ account: 'account-1', link: expect.any(String), class: PHONE, cardRevokedAsOf: NOW, goodAsOf: later(2 * DAY) }],
      followed: 0,
      waiting: 0,
      unreadable: 0,
      unmatched: 0,
    });
  });

  test.each<[string, object, object]>([
    ['followed', { revocations: [name(101)] }, { followed: 1 }],
    ['has time left', { windowSeconds: 3 * DAY }, { waiting: 1 }],
    ['is of a class that was not looked at', { classes: ['smartphone-digital-signature'] }, {}],
    ['has expired', { asOf: later(6 * 365 * DAY) }, {}],
  ])('is not reported when it %s', async (_, more, counted) => {
    const { ledger } = await orphan();
    const nothing = { overdue: [], followed: 0, waiting: 0, unreadable: 0, unmatched: 0 };
    expect(await ledger.overdueFollowers(check(more))).toEqual({ ...nothing, ...counted });
  });

  test('is not reported when it was itself revoked, or held at most', async () => {
    const both = await people(1);
    await both.ledger.observe(revoked({ class: PHONE, serial: 101 }, 'keyCompromise'));
    await both.ledger.observe(revoked({ class: CARD, serial: 1 }, 'keyCompromise'));
    expect((await both.ledger.overdueFollowers(check())).overdue).toEqual([]);
    const held = await people(1);
    await held.ledger.observe(revoked({ class: CARD, serial: 1 }, 'certificateHold'));
    expect((await held.ledger.overdueFollowers(check())).overdue).toEqual([]);
  });

  test('is matched under a rotated key, and counted as unmatched when that key is gone', async () => {
    const { also } = await orphan();
    const rotated = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }) });
    expect(await rotated.overdueFollowers(check({ revocations: [name(101)] }))).toMatchObject({ followed: 1, overdue: [] });
    // The person's chain is rewritten under the new key by the next change; the ended link keeps its old identifier.
    const second = { ceremony: 'ceremony-9' };
    await rotated.establish(card(9, second), smartphone(109, second), { account: 'account-1', ceremony: { id: 'ceremony-9' } });
    const gone = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY }) });
    expect(await gone.overdueFollowers(check())).toMatchObject({ unmatched: 1, unreadable: 1, overdue: [] });
  });

  test('needs a time and a window', async () => {
    const { ledger } = await orphan();
    for (const wrong of [{ windowSeconds: -1 }, { windowSeconds: Number.NaN }, { asOf: new Date(Number.NaN) }])
      await expect(ledger.overdueFollowers(check(wrong))).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

describe('a sweep one by one', () => {
  const at = later(3 * DAY);
  const sealed = async (count = 2) => {
    const here = await people(count, { sealCertificates: new Uint8Array(32).fill(5) });
    here.now(at);
    return here;
  };
  const good: StatusAnswer = { status: 'good', asOf: at };
  const waits: number[] = [];
  const run = async ({ ledger }: TestLedger, more: Partial<OneByOne> = {}) => {
    waits.length = 0;
    const asked: string[] = [];
    const report = await sweepOneByOne(ledger, {
      certificates: ledger.certificates(),
      ask: async () => good,
      perSecond: 5,
      wait: async (milliseconds) => void waits.push(milliseconds),
      ...more,
      ...(more.ask === undefined
        ? {}
        : {
            ask: async (certificate) => {
              asked.push(Buffer.from(certificate.der).toString());
              return await (more.ask as OneByOne['ask'])(certificate);
            },
          }),
    });
    return { report, asked };
  };
  const nothing = {
    asked: 0,
    good: 0,
    revoked: 0,
    unknown: 0,
    failed: 0,
    skipped: 0,
    spent: 0,
    changed: 0,
    refused: { 'link-busy': 0, 'link-integrity': 0 },
  };

  test('asks about each, renews what is known, and ends what is revoked', async () => {
    const here = await sealed();
    const { report } = await run(here, {
      price: 20,
      ask: async ({ serialNumber }) => (serialNumber === '02' ? { status: 'revoked', reason: 'superseded', asOf: at } : good),
    });
    expect(report).toEqual({ ...nothing, cursor: 4, asked: 4, good: 3, revoked: 1, spent: 80, changed: 1, stopped: 'done' });
    expect(await here.ledger.find({ verdict: smartphone(101, { at }) })).toMatchObject({ cardStatusAsOf: at });
    expect(await here.ledger.find({ verdict: smartphone(102, { at }) })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('keeps to the rate', async () => {
    await run(await sealed(), { perSecond: 4 });
    expect(waits).toEqual([250, 250, 250]);
  });

  test.each([
    ['budget', { price: 20, budget: 50 }, 2],
    ['limit', { limit: 3 }, 3],
  ] as const)('stops at its %s, and goes on from there', async (stopped, bounds, asked) => {
    const here = await sealed();
    const all: HeldCertificate[] = [];
    for await (const one of here.ledger.certificates()) all.push(one);
    const first = await run(here, { certificates: all, ask: async () => good, ...bounds });
    expect(first.report).toMatchObject({ stopped, asked, cursor: asked });
    const rest = await run(here, { certificates: all, ask: async () => good, cursor: first.report.cursor });
    expect(rest.report).toMatchObject({ stopped: 'done', asked: 4 - asked, cursor: 4 });
    expect(new Set([...first.asked, ...rest.asked]).size).toBe(4);
  });

  test('asks nothing about what is known well enough, nor about what is not kept', async () => {
    const here = await sealed();
    await here.ledger.confirm([name(1)], at);
    const { asked } = await run(here, { knownSince: at, ask: async () => good });
    expect(asked).not.toContain('card 1');
    expect(asked).toContain('card 2');
    const blind = await people(2);
    expect((await run(blind)).report).toEqual({ ...nothing, cursor: 4, skipped: 4, stopped: 'done' });
  });

  test('takes no answer for an answer: unknown and failure change nothing', async () => {
    const here = await sealed();
    const { report } = await run(here, {
      ask: async ({ class: certificateClass }) => {
        if (certificateClass === CARD) throw new Error('no answer');
        return { status: 'unknown' };
      },
    });
    expect(report).toMatchObject({ failed: 2, unknown: 2, changed: 0 });
    expect(await here.ledger.find({ verdict: smartphone(101, { at }) })).toMatchObject({ cardStatusAsOf: NOW });
  });

  test('leaves a service that is down alone', async () => {
    const { report } = await run(await sealed(3), {
      patience: 2,
      ask: async () => {
        throw new Error('down');
      },
    });
    expect(report).toMatchObject({ asked: 2, failed: 2, stopped: 'service-down' });
  });

  test('ends with its signal', async () => {
    const here = await sealed();
    const stop = new AbortController();
    const running = run(here, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(running).rejects.toThrow('enough');
  });

  test.each([{ perSecond: 0 }, { perSecond: Number.NaN }, { price: -1 }, { budget: -1 }, { limit: -1 }, { patience: 0 }, { cursor: -1 }])(
    'has a rate and bounds: %o',
    async (wrong) => {
      await expect(run(await people(1), wrong)).rejects.toMatchObject({ code: 'argument-invalid' });
    },
  );
});

describe('a hold', () => {
  test.each([
    ['placed after the certificate was last seen good is news', later(60), 1],
    ['placed before is not', later(-60), 0],
  ])('of a list that calls itself older: one %s', async (_, revokedAt, changed) => {
    const { ledger, now } = await people(1);
    now(later(DAY));
    const revocations = revocationsIn([
      { info: { issuerKeyId: '0a0b' }, entries: () => [{ serialNumber: Uint8Array.of(1), reason: 'certificateHold', revokedAt }] },
    ]);
    expect(await ledger.reconcile({ revocations, asOf: later(-3_600) })).toMatchObject({ examined: 1, changed });
  });

  test('of a list whose issuer has no key identifier has no name', () => {
    expect(() => [...revocationsIn([{ info: { issuerKeyId: null }, entries: () => [] }])]).toThrow('key identifier');
  });
});
