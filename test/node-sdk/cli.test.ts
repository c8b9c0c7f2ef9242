/** The command line, on what a simulated JPKI issues: answers, exit codes, both languages, and what it never prints. */
import { createSign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Person, type Simulator, startSimulator } from '@jpki-rp/simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../packages/node-sdk/src/cli/run.ts';

const MESSAGE = 'open an account';
let folder: string;
let simulator: Simulator;
let person: Person;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jpki-rp-cli-'));
  simulator = await startSimulator({ seed: 13 });
  writeFileSync(at('environment.json'), JSON.stringify(simulator.environment));
  writeFileSync(at('message'), MESSAGE);
  writeFileSync(at('other-message'), `${MESSAGE}!`);
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  person = await simulator.person();
  const issued = person.certificate('card', 'digital-signature');
  if (issued === null) throw new Error('no certificate');
  writeFileSync(at('person.der'), issued.der);
  writeFileSync(
    at('person.pem'),
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(issued.der).toString('base64')}\n-----END CERTIFICATE-----\n`,
  );
  writeFileSync(at('signature'), createSign('sha256').update(MESSAGE).sign(issued.privateKey).toString('base64'));
});

const cli = async (...args: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const exit = await runCli(args, {
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    interactive: false,
    language: 'en',
    now: simulator.now,
    ask: null,
    interruption: () => new AbortController().signal,
  });
  return { exit, out: out.join(''), err: err.join('') };
};
const verifying = (changes: Record<string, string> = {}): string[] => [
  'verify',
  ...Object.entries({
    environment: at('environment.json'),
    certificate: at('person.der'),
    signature: at('signature'),
    message: at('message'),
    purpose: 'digital-signature',
    revocation: 'ocspcheck',
    ...changes,
  }).flatMap(([name, value]) => [`--${name}`, value]),
];

describe('inspect', () => {
  test('shows a certificate, DER or PEM, in two languages and as JSON, without the person', async () => {
    const der = await cli('inspect', at('person.der'));
    expect(der).toMatchObject({ exit: 0, err: '' });
    expect(der.out).toMatch(/^serial number {2,}[0-9a-f]+$/m);
    expect(await cli('inspect', at('person.pem'))).toEqual(der);
    expect((await cli('inspect', at('person.der'), '--lang', 'ja')).out).toMatch(/^シリアル番号 {2,}/m);
    const json = await cli('inspect', at('person.der'), '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      kind: 'certificate',
      keyUsage: ['digitalSignature', 'nonRepudiation'],
      hasAttributes: true,
    });
    for (const { out } of [der, json]) expect(out).not.toContain(person.name);
  });
  test('shows the personal attributes only where asked for', async () => {
    expect((await cli('inspect', at('person.der'), '--show-attributes')).out).toContain(person.name);
  });
  test('shows a CRL and an OCSP response', async () => {
    const [entry] =
      (simulator.environment as { classes: Record<string, { crl: { sources: { url: string }[] } }> }).classes['card-digital-signature']?.crl
        .sources ?? [];
    writeFileSync(at('list.crl'), new Uint8Array(await (await fetch(entry?.url ?? '')).arrayBuffer()));
    expect(JSON.parse((await cli('inspect', at('list.crl'), '--json')).out)).toMatchObject({ kind: 'crl', baseCrlNumber: null });
    writeFileSync(at('later.ocsp'), Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x03));
    expect(JSON.parse((await cli('inspect', at('later.ocsp'), '--json')).out)).toMatchObject({
      kind: 'ocsp-response',
      status: 'try-later',
    });
  });
  test.each(['message', 'nowhere'])('%s is not to be inspected', async (name) => {
    const { exit, out, err } = await cli('inspect', at(name));
    expect([exit, out]).toEqual([65, '']);
    expect(err).not.toBe('');
  });
});

describe('verify', () => {
  test('says valid, with every check, and exits 0', async () => {
    const { exit, out } = await cli(...verifying());
    expect(exit).toBe(0);
    expect(out).toMatch(/verdict +valid/);
    expect(out.match(/✓/g)).toHaveLength(13);
    expect(out).not.toContain(person.name);
  });
  test.each<[string, Record<string, string>, number, object]>([
    ['another message', { message: 'other-message' }, 1, { result: 'invalid', code: 'signature-mismatch' }],
    ['another purpose', { purpose: 'user-authentication' }, 1, { result: 'invalid', code: 'purpose-mismatch' }],
    ['another carrier', { carriers: 'smartphone' }, 1, { result: 'invalid', code: 'carrier-not-accepted' }],
    ['no status data', { revocation: 'ocsp' }, 2, { result: 'indeterminate', code: 'ocsp-missing' }],
    ['another time', { at: '2001-01-01T00:00:00Z' }, 1, { result: 'invalid' }],
  ])('with %s it says so', async (_, changes, exit, expected) => {
    const named = Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, name === 'message' ? at(value) : value]));
    const answered = await cli(...verifying(named), '--json');
    expect(answered.exit).toBe(exit);
    expect(JSON.parse(answered.out)).toMatchObject(expected);
  });
  test('revoked is no, and the reason is there', async () => {
    simulator.revoke(person, 'card', 'digital-signature', 'superseded');
    const { exit, out } = await cli(...verifying(), '--json');
    expect([exit, JSON.parse(out)]).toMatchObject([1, { code: 'revoked', detail: 'superseded', revocation: { status: 'revoked' } }]);
  });
  test.each<[string, Record<string, string>]>([
    ['an unknown purpose', { purpose: 'anything' }],
    ['an unknown way to check', { revocation: 'softfail' }],
    ['an unknown carrier', { carriers: 'card,watch' }],
    ['no carrier', { carriers: ',' }],
    ['a local time', { at: '2026-01-01T00:00:00' }],
  ])('%s is a wrong command line', async (_, changes) => {
    expect(await cli(...verifying(changes))).toMatchObject({ exit: 64, out: '' });
  });
});

describe('ocsp query', () => {
  const query = () => cli('ocsp', 'query', '--environment', at('environment.json'), '--certificate', at('person.der'), '--json');
  test('good, revoked and unreachable have their exit codes', async () => {
    const good = await query();
    expect([good.exit, JSON.parse(good.out)]).toMatchObject([0, { class: 'card-digital-signature', revocation: { status: 'good' } }]);
    simulator.faults.set('ocsp', 'down');
    const down = await query();
    simulator.faults.set('ocsp', null);
    expect([down.exit, JSON.parse(down.out)]).toMatchObject([2, { code: 'ocsp-missing', detail: 'connection' }]);
    simulator.hold(person, 'card', 'digital-signature');
    const held = await query();
    expect([held.exit, JSON.parse(held.out)]).toMatchObject([1, { code: 'revoked', detail: 'certificateHold' }]);
  });
});

describe('crl', () => {
  const setUp = async () => {
    type Source = { anchor: string; distributionPoint: string; url: string };
    type Json = { anchors: { id: string; certificate: string }[]; classes: Record<string, { crl: { sources: Source[] } }> };
    const { anchors, classes } = simulator.environment as Json;
    simulator.revoke(person, 'card', 'digital-signature', 'keyCompromise');
    const serial = person.certificate('card', 'digital-signature')?.serialNumber ?? '';
    for (const source of classes['card-digital-signature']?.crl.sources ?? []) {
      const crl = new Uint8Array(await (await fetch(source.url)).arrayBuffer());
      writeFileSync(at('list.crl'), crl);
      const view = JSON.parse((await cli('inspect', at('list.crl'), '--json')).out) as { entries: number };
      const issuer = anchors.find(({ id }) => id === source.anchor)?.certificate ?? '';
      writeFileSync(at('issuer.der'), Buffer.from(issuer, 'base64'));
      if (view.entries > 0) return { source, serial };
    }
    throw new Error('nobody is revoked');
  };
  test('is ingested, described, looked up, compared and verified', async () => {
    const { source } = await setUp();
    const scope = ['--issuer', at('issuer.der'), '--class', 'card-digital-signature', '--distribution-point', source.distributionPoint];
    const ingested = await cli('crl', 'ingest', at('list.crl'), '--into', at('index'), ...scope, '--json');
    expect([ingested.exit, ingested.err, JSON.parse(ingested.out)]).toMatchObject([
      0,
      '',
      { ok: true, info: { class: 'card-digital-signature' } },
    ]);
    expect((await cli('crl', 'info', at('index'))).out).toMatch(/class +card-digital-signature/);
    expect(await cli('crl', 'lookup', at('index'), '7fffffff')).toMatchObject({ exit: 0, out: 'not listed\n' });
    expect(await cli('crl', 'diff', at('index'), at('index'), '--json')).toMatchObject({
      exit: 0,
      out: '{"revoked":0,"changed":0,"removed":0}\n',
    });
    expect(await cli('crl', 'verify', at('index'), at('list.crl'), ...scope)).toMatchObject({ exit: 0 });
    const wrong = await cli(
      'crl',
      'ingest',
      at('list.crl'),
      '--into',
      at('index'),
      ...scope.with(3, 'smartphone-digital-signature'),
      '--json',
    );
    expect([wrong.exit, JSON.parse(wrong.out)]).toMatchObject([1, { ok: false }]);
    const octets = readFileSync(at('index'));
    const middle = Math.floor(octets.length / 2);
    octets[middle] = (octets[middle] ?? 0) ^ 0xff;
    writeFileSync(at('index'), octets);
    expect((await cli('crl', 'verify', at('index'), at('list.crl'), ...scope)).exit).not.toBe(0);
  });
});

describe('the command line', () => {
  test.each<[string, string[], number]>([
    ['nothing', [], 64],
    ['an unknown command', ['frobnicate'], 64],
    ['a missing argument', ['inspect'], 64],
    ['an unknown option', ['inspect', 'x', '--show-everything'], 64],
    ['a missing file', ['crl', 'info', '/nonexistent'], 65],
  ])('%s', async (_, args, exit) => {
    expect((await cli(...args)).exit).toBe(exit);
  });
  test('--help describes each command, and asks nobody', async () => {
    for (const words of [[], ['inspect'], ['verify'], ['ocsp', 'query'], ['crl'], ['crl', 'ingest']]) {
      const { exit, out } = await cli(...words, '--help');
      expect([exit, out.includes('USAGE')]).toEqual([0, true]);
    }
  });
});
