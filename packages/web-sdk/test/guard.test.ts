import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AnswerError, readError, readOutcome, readStartDescriptor, readStatus } from '../src/channel/guard.ts';

const folder = new URL('../../../test/wire/', import.meta.url);
const golden = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, unknown>;
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const namesOf = (kind: string): string[] => names.filter((name) => name.replace(/^web-/, '').startsWith(kind));

const read = {
  'start-descriptor': (value: Record<string, unknown>) => readStartDescriptor(value),
  status: (value: Record<string, unknown>) => readStatus(value, String(value['transactionId'])),
  outcome: (value: Record<string, unknown>) => readOutcome(value),
  error: (value: Record<string, unknown>) => readError(value),
} as const;

describe.each(Object.entries(read))('golden answers of kind %s', (kind, guard) => {
  const files = namesOf(kind);
  it('exist', () => {
    expect(files.length).toBeGreaterThan(0);
  });
  it.each(files)('%s is read in full', (name) => {
    expect(guard(golden(name))).toEqual(golden(name));
  });
  it.each(files)('%s is refused under another version', (name) => {
    expect(() => guard({ ...golden(name), v: 2 })).toThrow(AnswerError);
  });
  it.each(files)('%s loses what the contract does not name', (name) => {
    expect(guard({ ...golden(name), certificate: 'MIIB' })).toEqual(golden(name));
  });
});

/** Sets the member at a path of a copy; `undefined` removes it. */
function changed(name: string, path: readonly string[], value: unknown): Record<string, unknown> {
  const copy = golden(name);
  let target: Record<string, unknown> = copy;
  for (const key of path.slice(0, -1)) target = target[key] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete target[last];
  else target[last] = value;
  return copy;
}

describe('a start descriptor is refused', () => {
  it.each<[string, readonly string[], unknown]>([
    ['without an id', ['transactionId'], undefined],
    ['with an id that climbs in the path', ['transactionId'], '../../admin/x'],
    ['with an expiry that is no instant', ['expiresAt'], 'tomorrow'],
    ['with an expiry without a zone', ['expiresAt'], '2026-11-22T01:15:00'],
    ['with an unknown kind of start', ['start', 'kind'], 'popup'],
    ['with a javascript: link', ['start', 'href'], 'javascript:alert(1)'],
    ['with a data: link', ['start', 'href'], 'data:text/html,x'],
    ['with a link of megabytes', ['start', 'href'], `https://a.test/${'x'.repeat(5000)}`],
    ['with an unknown purpose', ['show', 'purpose'], 'encryption'],
    ['with an unknown carrier', ['show', 'carriers'], ['card', 'passport']],
    ['with no carrier', ['show', 'carriers'], []],
    ['without a name of who asks', ['show', 'relyingParty'], ''],
    ['with six digits to match', ['match'], { digits: 6 }],
  ])('%s', (_title, path, value) => {
    expect(() => readStartDescriptor(changed('web-start-descriptor-app-link.json', path, value))).toThrow(AnswerError);
  });

  it('with a redirect to anything but https', () => {
    expect(() => readStartDescriptor(changed('web-start-descriptor-redirect.json', ['start', 'href'], 'myapp://x'))).toThrow(AnswerError);
  });
  it('with a QR code that asks to be shown for an hour', () => {
    expect(() => readStartDescriptor(changed('web-start-descriptor-qr.json', ['start', 'refreshSeconds'], 3600))).toThrow(AnswerError);
  });
});

describe('a status is refused', () => {
  it('when it speaks about another transaction', () => {
    expect(() => readStatus(golden('web-status-arrived.json'), 'another-transaction')).toThrow(AnswerError);
  });
  it('in an unknown state', () => {
    const status = changed('web-status-arrived.json', ['state'], 'approved');
    expect(() => readStatus(status, String(status['transactionId']))).toThrow(AnswerError);
  });
  it('with an outcome that cannot be read', () => {
    const status = changed('web-status-done.json', ['outcome', 'result'], 'ok');
    expect(() => readStatus(status, String(status['transactionId']))).toThrow(AnswerError);
  });
});

describe('an outcome is refused', () => {
  it.each<[string, unknown]>([
    ['result', 'IDENTIFIED'],
    ['result', undefined],
    ['place', 'anywhere'],
    ['code', '<b>'],
    ['retryable', 'yes'],
    ['remainingMatches', -1],
    ['remainingMatches', 1.5],
  ])('with %s %j', (member, value) => {
    expect(() => readOutcome(changed('web-outcome-match-wrong.json', [member], value))).toThrow(AnswerError);
  });
  it('with a result nested without end', () => {
    let next: unknown = 1;
    for (let depth = 0; depth < 40; depth++) next = [next];
    expect(() => readOutcome({ v: 1, result: 'identified', next })).toThrow(AnswerError);
  });
});

it.each([null, undefined, 0, 'x', [], [1]])('%j is no answer at all', (value) => {
  for (const guard of [readStartDescriptor, readOutcome, readError]) expect(() => guard(value)).toThrow(AnswerError);
  expect(() => readStatus(value, 'any-transaction')).toThrow(AnswerError);
});

it('the error names the member and never its value', () => {
  expect(() => readOutcome({ v: 1, result: 'secret-value' })).toThrow(/^unreadable answer: result$/);
});
