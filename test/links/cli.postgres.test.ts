/** `jpki-rp links` on a real PostgreSQL and real CRL indexes: what it says, what it changes, what it never prints. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinkLedger, hmacIdentifier, type LinkLedger } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../packages/node-sdk/src/cli/run.ts';
import { postgresLinkStore, postgresSweepLog } from '../../packages/node-sdk/src/store/postgres/index.ts';
import { type OwnSchema, ownSchema } from '../../packages/node-sdk/test/store/postgres-schema.ts';
import { entryOf, folder, HOME_TEXT, ingest, type Listed } from '../../packages/verifier/test/crl/reference.ts';
import { card, smartphone } from '../../packages/verifier/test/links/verdicts.ts';
import { AT, akiOf, CA, crlNumber, HOME_IDP, mintCrl } from '../../packages/verifier/test/revocation/mint.ts';

const PASSWORD = 'not-to-be-seen';
const SECRET = Buffer.alloc(32, 7);
const ISSUER = Buffer.from(CA.ski).toString('hex');
const NOW = new Date(AT);
const CLASS = 'card-user-authentication';
const serialOf = (n: number): string => `0${n.toString(16)}`;

let schema: OwnSchema;
let place: string;
let name: string;
const at = (file: string): string => join(place, file);

beforeAll(async () => {
  schema = await ownSchema();
  place = folder();
  const { rows } = await schema.pool.query('select current_schema() as name');
  name = String(rows[0]?.['name']);
  writeFileSync(at('key.json'), JSON.stringify({ keyId: 'k1', key: SECRET.toString('base64') }));
  writeFileSync(at('database'), `${url()}\n`);
});
afterAll(() => schema.drop());

const url = (change: { readonly host?: string; readonly schema?: string } = {}): string => {
  const { PGHOST = '127.0.0.1', PGPORT = '5432', PGUSER = 'postgres', PGDATABASE = 'test' } = process.env;
  const options = encodeURIComponent(`-c search_path=${change.schema ?? name}`);
  return `postgres://${PGUSER}:${PASSWORD}@${change.host ?? `${PGHOST}:${PGPORT}`}/${PGDATABASE}?options=${options}`;
};

interface Surroundings {
  readonly answer?: string;
  readonly signal?: AbortSignal;
  readonly language?: 'ja' | 'en';
}

const run = async (args: readonly string[], { answer, signal, language = 'en' }: Surroundings = {}) => {
  const [out, err]: [string[], string[]] = [[], []];
  const exit = await runCli(args, {
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    interactive: false,
    language,
    now: () => NOW,
    ask: answer === undefined ? null : async () => answer,
    interruption: () => signal ?? new AbortController().signal,
  });
  const printed = { exit, out: out.join(''), err: err.join('') };
  for (const secret of [PASSWORD, SECRET.toString('base64'), SECRET.toString('base64url'), SECRET.toString('hex')])
    expect(`${printed.out}${printed.err}`).not.toContain(secret);
  return printed;
};
const ACCESS = (): string[] => ['--database', url(), '--identifier-key', at('key.json')];
const links = (words: readonly string[], surroundings: Surroundings = {}) => run(['links', ...words, ...ACCESS()], surroundings);
const json = async (words: readonly string[]) => {
  const printed = await links([...words, '--json']);
  return { exit: printed.exit, value: JSON.parse(printed.out) as Record<string, unknown> };
};

let count = 0;
const ledger = (): LinkLedger =>
  createLinkLedger({
    store: postgresLinkStore({ pool: schema.pool }),
    sweeps: postgresSweepLog({ pool: schema.pool }),
    identifier: hmacIdentifier({ keyId: 'k1', key: SECRET }),
    clock: () => NOW,
    notify: () => undefined,
  });
/** An account of its own with one active link. */
const linked = async () => {
  const n = 0x1000 + 2 * count++;
  const [account, ceremony] = [`account-${n}`, `ceremony-${n}`];
  const facts = { ceremony, issuer: ISSUER, at: new Date(AT - 60_000) };
  const made = await ledger().establish(card(n, facts), smartphone(n + 1, facts), { account, ceremony: { id: ceremony } });
  if (!made.ok) throw new Error(made.code);
  const number = Buffer.from(n.toString(16), 'hex').toString('hex');
  return { account, card: number, refs: [made.link.from.ref, made.link.to.ref] };
};
const stateOf = async (account: string): Promise<string | undefined> => {
  const known = await ledger().history(account);
  return known.ok ? known.links[0]?.state : known.code;
};
/** An index of a list of these. */
const index = async (listed: readonly Listed[], number = 5, thisUpdate = AT - 60_000): Promise<string> => {
  const into = at(`index-${randomBytes(6).toString('hex')}`);
  const crl = mintCrl({
    thisUpdate,
    entries: listed.length === 0 ? null : listed.map((one) => entryOf(one)),
    extensions: [akiOf(CA), crlNumber(number), HOME_IDP],
  });
  const result = await ingest(crl, into, { scope: { class: CLASS, distributionPoint: HOME_TEXT } });
  if (!result.ok) throw new Error(result.code);
  return into;
};
const revoked = (serial: string, reason = 1): Listed => ({ serial, date: AT - 3_600_000, reason });

describe('links show', () => {
  test('names the state of every link, in two languages and as JSON, and no identifier', async () => {
    const { account, refs } = await linked();
    const shown = await links(['show', account]);
    expect(shown).toMatchObject({ exit: 0, err: '' });
    expect(shown.out).toMatch(/^state +active$/m);
    expect(shown.out).toMatch(/^assurance +control$/m);
    expect((await links(['show', account, '--lang', 'ja'])).out).toMatch(/^状態 +active$/m);
    const asJson = await links(['show', account, '--json']);
    expect(JSON.parse(asJson.out)).toMatchObject({ ok: true, account, links: [{ state: 'active', from: { class: CLASS } }] });
    for (const ref of refs) for (const { out } of [shown, asJson]) expect(out).not.toContain(ref.split('.')[1]);
  });

  test('does not know an account it was never told of', async () => {
    expect(await links(['show', 'nobody'])).toMatchObject({ exit: 1, out: expect.stringContaining('link-not-found') });
  });

  test('shows nothing of a record that somebody has changed', async () => {
    const { account } = await linked();
    await schema.pool.query(
      `update jpki_person_event e set event = jsonb_set(event::jsonb, '{basis}', '"operator"')::json
        from jpki_person p where p.person = e.person and p.account = $1 and sequence = 2`,
      [account],
    );
    expect(await links(['show', account])).toMatchObject({ exit: 1, out: expect.stringMatching(/^link-integrity\n/) });
  });
});

describe('links history', () => {
  test('tells every event, oldest first, and the head of the chain', async () => {
    const { account, refs } = await linked();
    const told = await links(['history', account]);
    expect(told.exit).toBe(0);
    expect(told.out).toMatch(/ {2}opened\n.* {2}link-proposed {2}.*\n.* {2}link-activated {2}.*\nhead {2}\S+\n$/);
    const { value } = await json(['history', account]);
    expect(value).toMatchObject({ account, events: [{ type: 'opened' }, { type: 'link-proposed' }, { type: 'link-activated' }] });
    for (const ref of refs) expect(`${told.out}${JSON.stringify(value)}`).not.toContain(ref.split('.')[1]);
  });
});

describe('links reconcile', () => {
  test('from a difference: what became revoked between two lists ends, what was so before is left alone', async () => {
    const [before, now, never] = [await linked(), await linked(), await linked()];
    const older = await index([revoked(before.card)], 5, AT - 7_200_000);
    const newer = await index([revoked(before.card), revoked(now.card), revoked(serialOf(0xfffff))], 6);
    const words = ['reconcile', '--diff', `${older},${newer}`, '--outbox', 'none'];
    expect(await json(words)).toMatchObject({ exit: 0, value: { ok: true, examined: 2, changed: 1 } });
    expect([await stateOf(before.account), await stateOf(now.account), await stateOf(never.account)]).toEqual([
      'active',
      'ended',
      'active',
    ]);
    expect(await json(words)).toMatchObject({ exit: 0, value: { examined: 2, changed: 0 } });
  });

  test('a hold suspends, and what disappears from a list changes nothing', async () => {
    const held = await linked();
    const [empty, full] = [await index([], 5, AT - 7_200_000), await index([revoked(held.card, 6)], 6, AT - 30_000)];
    await links(['reconcile', '--diff', `${empty},${full}`, '--outbox', 'none']);
    expect(await stateOf(held.account)).toBe('suspended');
    const gone = await index([], 7, AT - 10_000);
    expect(await json(['reconcile', '--diff', `${full},${gone}`, '--outbox', 'none'])).toMatchObject({
      value: { examined: 0, changed: 0 },
    });
    expect(await stateOf(held.account)).toBe('suspended');
  });

  test('from all lists of a class: what they do not name counts as good, and that is noted', async () => {
    const { account, card: number } = await linked();
    const list = await index([revoked(number)]);
    await schema.pool.query('truncate jpki_sweep');
    expect(await json(['reconcile', '--full', list, '--outbox', 'none'])).toMatchObject({ value: { examined: 1, changed: 1 } });
    expect(await stateOf(account)).toBe('ended');
    expect((await schema.pool.query('select class from jpki_sweep')).rows).toEqual([]);
    expect(await json(['reconcile', '--full', list, '--outbox', 'none'])).toMatchObject({ value: { completeNoted: null } });
    const complete = ['reconcile', '--full', list, '--complete', '--outbox', 'none'];
    expect(await json(complete)).toMatchObject({ exit: 0, value: { completeNoted: true } });
    expect((await schema.pool.query('select class from jpki_sweep')).rows).toEqual([{ class: CLASS }]);
  });

  test('gone on from a cursor it notes no complete sweep, and says so before and after', async () => {
    const list = await index([revoked((await linked()).card)]);
    await schema.pool.query('truncate jpki_sweep');
    const words = ['reconcile', '--full', list, '--complete', '--outbox', 'none', '--cursor', '1'];
    const told = await links(words);
    expect(told).toMatchObject({ exit: 0, out: expect.stringMatching(/complete sweep +not noted\n/) });
    expect(told.err).toMatch(/^! a resumed sweep is not noted as complete/);
    expect(await json(words)).toMatchObject({ value: { ok: true, completeNoted: false } });
    expect((await schema.pool.query('select class from jpki_sweep')).rows).toEqual([]);
    const whole = await links(words.slice(0, -2));
    expect(whole).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(/complete sweep +noted\n/) });
    expect((await schema.pool.query('select class from jpki_sweep')).rows).toEqual([{ class: CLASS }]);
  });

  test('stopped after a batch it says where, and goes on there from its file', async () => {
    const persons = [await linked(), await linked()];
    const noise = Array.from({ length: 1_200 }, (_, i) => revoked((0x20000000 + i).toString(16)));
    const list = await index([...persons.map((person) => revoked(person.card)), ...noise]);
    const words = ['reconcile', '--full', list, '--outbox', 'none', '--cursor-file', at('cursor')];
    const stopping = new AbortController();
    const { signal } = stopping;
    // As soon as it is asked whether to go on, a batch having been kept: however fast the batches are.
    signal.throwIfAborted = () => {
      if (existsSync(at('cursor'))) stopping.abort();
      AbortSignal.prototype.throwIfAborted.call(signal);
    };
    const stopped = await links(words, { signal });
    expect(stopped).toMatchObject({ exit: 2, err: expect.stringMatching(/--cursor \d+\ninterrupted\n/) });
    const reached = Number(readFileSync(at('cursor'), 'utf8').trim().split(' ')[1]);
    expect(reached).toBeGreaterThan(0);
    const resumed = await json([...words, '--complete']);
    expect(resumed).toMatchObject({ exit: 0, value: { examined: 1_202 - reached, cursor: 1_202, completeNoted: false } });
    expect(existsSync(at('cursor'))).toBe(false);
    expect(await Promise.all(persons.map(({ account }) => stateOf(account)))).toEqual(['ended', 'ended']);
  });

  test('a cursor of another list is not gone on from; one that this command did not write is refused', async () => {
    const { account, card: number } = await linked();
    writeFileSync(at('other'), `${'a'.repeat(64)} 1\n`);
    const words = (file: string, list: string) => ['reconcile', '--full', list, '--outbox', 'none', '--cursor-file', at(file)];
    const list = await index([revoked(number)]);
    writeFileSync(at('foreign'), 'my diary\n');
    expect((await links(words('foreign', list))).exit).toBe(65);
    expect(readFileSync(at('foreign'), 'utf8')).toBe('my diary\n');
    expect(await stateOf(account)).toBe('active');
    expect((await links(words('other', list))).exit).toBe(0);
    expect(await stateOf(account)).toBe('ended');
  });

  test('twice at once does what once does', async () => {
    const persons = await Promise.all(Array.from({ length: 6 }, linked));
    const list = await index(persons.map((person) => revoked(person.card)));
    const both = await Promise.all([1, 2].map(() => json(['reconcile', '--full', list, '--outbox', 'none'])));
    expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(both.reduce((sum, { value }) => sum + Number(value['changed']), 0)).toBe(6);
    for (const { account } of persons) {
      const known = await ledger().history(account);
      expect(known.ok && known.events.filter(({ event }) => event.type === 'link-ended').length).toBe(1);
    }
  });

  test('writes to the outbox where it is told to', async () => {
    const [quiet, told] = [await linked(), await linked()];
    const waiting = async () => Number((await schema.pool.query('select count(*)::integer as n from jpki_outbox')).rows[0]?.['n']);
    const before = await waiting();
    await links(['reconcile', '--full', await index([revoked(quiet.card)]), '--outbox', 'none']);
    expect(await waiting()).toBe(before);
    await links(['reconcile', '--full', await index([revoked(told.card)]), '--outbox', 'keep']);
    expect(await waiting()).toBe(before + 1);
  });

  test('a record that does not verify stops nobody else, and is not passed over', async () => {
    const [broken, sound] = [await linked(), await linked()];
    await schema.pool.query('update jpki_person set salt = $2 where account = $1', [broken.account, 'x']);
    const list = await index([revoked(broken.card), revoked(sound.card)]);
    const found = await json(['reconcile', '--full', list, '--outbox', 'none']);
    expect(found).toMatchObject({ exit: 2, value: { ok: false, changed: 1, failures: { 'link-integrity': 1 } } });
    expect(await json(['reconcile', '--full', list, '--complete', '--outbox', 'none'])).toMatchObject({
      exit: 2,
      value: { completeNoted: false },
    });
    expect(await stateOf(sound.account)).toBe('ended');
  });
});

describe('links erase', () => {
  test('destroys the account when its id is typed again, and leaves a tombstone', async () => {
    const { account } = await linked();
    expect(await links(['erase', account], { answer: 'another' })).toMatchObject({ exit: 1, out: '', err: 'nothing was erased\n' });
    expect(await stateOf(account)).toBe('active');
    expect(await links(['erase', account], { answer: account })).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^erased \(3 events/),
    });
    expect(await stateOf(account)).toBe('link-not-found');
    expect(await json(['erase', account, '--yes'])).toMatchObject({ exit: 1, value: { ok: false, code: 'link-not-found' } });
  });

  test('erases nothing where nobody can be asked, unless it was said before', async () => {
    const { account } = await linked();
    expect((await links(['erase', account])).exit).toBe(64);
    expect(await stateOf(account)).toBe('active');
    const erased = await json(['erase', account, '--yes']);
    expect(erased).toMatchObject({ exit: 0, value: { ok: true, tombstone: { events: 3 } } });
    expect(await ledger().verifyTombstone(erased.value['tombstone'] as never)).toBe(true);
    expect(JSON.stringify(erased.value)).not.toContain(account);
  });
});

describe('without its surroundings', () => {
  const key = (): string[] => ['--identifier-key', at('key.json')];
  const show = (more: readonly string[]) => run(['links', 'show', 'account', ...more]);

  test('the connection string may stand in a file', async () => {
    const { account } = await linked();
    expect((await run(['links', 'show', account, '--database-file', at('database'), ...key()])).exit).toBe(0);
  });

  test('a database that does not answer is no answer: exit code 2, and its code', async () => {
    const printed = await show(['--database', url({ host: '127.0.0.1:1' }), ...key()]);
    expect(printed).toMatchObject({ exit: 2, out: '', err: 'the database does not answer: ECONNREFUSED\n' });
  });

  test('a database without tables says what to do', async () => {
    const printed = await show(['--database', url({ schema: 'pg_temp' }), ...key()]);
    expect(printed).toMatchObject({ exit: 65, out: '', err: expect.stringContaining('migrate') });
  });

  test('another identifier key shows nothing', async () => {
    const { account } = await linked();
    writeFileSync(at('other-key.json'), JSON.stringify({ keyId: 'k1', key: Buffer.alloc(32, 8).toString('base64') }));
    const printed = await run(['links', 'show', account, '--database', url(), '--identifier-key', at('other-key.json')]);
    expect(printed).toMatchObject({ exit: 1, out: expect.stringContaining('link-integrity') });
  });

  test.each<[string, string]>([
    ['too short', JSON.stringify({ keyId: 'k1', key: 'c2hvcnQ=' })],
    ['no base64', JSON.stringify({ keyId: 'k1', key: PASSWORD })],
    ['a member that is not known', JSON.stringify({ keyId: 'k1', key: SECRET.toString('base64'), older: [] })],
    ['no JSON', SECRET.toString('base64')],
  ])('a key file with %s is refused, and nothing of it is quoted', async (_, content) => {
    writeFileSync(at('bad-key.json'), content);
    const printed = await run(['links', 'show', 'account', '--database', url(), '--identifier-key', at('bad-key.json')]);
    expect([printed.exit, printed.out]).toEqual([65, '']);
  });

  test.each<[string, () => string[]]>([
    ['no database', () => ['show', 'account', ...key()]],
    ['two databases', () => ['show', 'account', '--database', url(), '--database-file', at('database'), ...key()]],
    ['no key', () => ['show', 'account', '--database', url()]],
    ['neither difference nor list', () => ['reconcile', '--outbox', 'none', ...ACCESS()]],
    ['difference and list', () => ['reconcile', '--diff', 'a,b', '--full', 'a', '--outbox', 'none', ...ACCESS()]],
    ['one index for a difference', () => ['reconcile', '--diff', 'a', '--outbox', 'none', ...ACCESS()]],
    ['a complete difference', () => ['reconcile', '--diff', 'a,b', '--complete', '--outbox', 'none', ...ACCESS()]],
    ['no word about the outbox', () => ['reconcile', '--full', 'a', ...ACCESS()]],
    ['an unknown option', () => ['erase', 'account', '--force', ...ACCESS()]],
  ])('with %s the command line is wrong', async (_, words) => {
    const printed = await run(['links', ...words()]);
    expect([printed.exit, printed.out]).toEqual([64, '']);
    expect(printed.err).not.toBe('');
  });

  test('two indexes in the wrong order are no difference', async () => {
    const [older, newer] = [await index([], 5, AT - 7_200_000), await index([], 6)];
    expect((await links(['reconcile', '--diff', `${newer},${older}`, '--outbox', 'none'])).exit).toBe(65);
  });
});
