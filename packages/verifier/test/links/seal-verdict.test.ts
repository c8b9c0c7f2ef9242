import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProvenVerdict } from '../../src/index.ts';
import { openVerdict, sealVerdict } from '../../src/links/index.ts';
import { isProven } from '../../src/proven.ts';
import { CEREMONY, testLedger } from './ledgers.ts';
import { card, later, revoked, smartphone } from './verdicts.ts';

const key = new Uint8Array(32).fill(1);
const seal = expect.objectContaining({ code: 'verdict-seal' });

describe('a sealed verdict', () => {
  test('opens into a proven verdict again, dates and evidence included', async () => {
    const verdict = card(1);
    const opened = openVerdict(sealVerdict(verdict, key), key);
    expect(isProven(opened)).toBe(true);
    expect(opened.at).toEqual(verdict.at);
    expect(opened.certificate).toEqual(verdict.certificate);
    expect(opened.revocation).toEqual(verdict.revocation);
    expect(opened.evidence()).toEqual(verdict.evidence());
    expect(Object.isFrozen(opened)).toBe(true);
    const { ledger } = testLedger();
    expect((await ledger.establish(opened, smartphone(2), { account: 'account-1', ceremony: CEREMONY })).ok).toBe(true);
  });

  test('its evidence is a copy each time: what a hand does to one changes no other, and no link', async () => {
    const opened = openVerdict(sealVerdict(card(1), key), key);
    const before = structuredClone(opened.evidence());
    Object.assign(opened.evidence().input, { message: Buffer.from('{"ceremony":{"id":"another"}}').toString('base64') });
    expect(opened.evidence()).toEqual(before);
    const { ledger } = testLedger();
    expect((await ledger.establish(opened, smartphone(2), { account: 'account-1', ceremony: CEREMONY })).ok).toBe(true);
  });

  test('opens by a KeyObject of the same octets', () => {
    expect(isProven(openVerdict(sealVerdict(card(1), key), createSecretKey(key)))).toBe(true);
  });

  test('is never twice the same text, and says nothing in the clear', () => {
    const verdict = card(0x7777abcd);
    expect(sealVerdict(verdict, key)).not.toBe(sealVerdict(verdict, key));
    expect(Buffer.from(sealVerdict(verdict, key).slice(3), 'base64url').toString('latin1')).not.toContain('7777abcd');
    expect(sealVerdict(verdict, key)).toMatch(/^v1\.[A-Za-z0-9_-]+$/);
  });

  test('with one flipped bit does not open: verdict-seal', () => {
    const sealed = sealVerdict(card(1), key);
    const octets = Buffer.from(sealed.slice(3), 'base64url');
    fc.assert(
      fc.property(fc.nat(octets.length * 8 - 1), (bit) => {
        const flipped = Buffer.from(octets);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => openVerdict(`v1.${flipped.toString('base64url')}`, key)).toThrow(seal);
      }),
      { numRuns: 400 },
    );
  });

  test('in another spelling, version, length or shape does not open', () => {
    const sealed = sealVerdict(card(1), key);
    const body = sealed.slice(3);
    const forms = [
      '',
      'v1',
      'v1.',
      `v2.${body}`,
      body,
      `${sealed}.`,
      `${sealed}=`,
      ` ${sealed}`,
      `v1.${body.slice(0, -4)}`,
      `v1.${body.slice(0, 60)}`,
      null,
      7,
    ];
    for (const form of forms) expect(() => openVerdict(form as string, key)).toThrow(seal);
  });

  test('does not open under another key or in another context', () => {
    const sealed = sealVerdict(card(1), key, { context: 'account-1' });
    expect(() => openVerdict(sealed, new Uint8Array(32).fill(2), { context: 'account-1' })).toThrow(seal);
    expect(() => openVerdict(sealed, key, { context: 'account-2' })).toThrow(seal);
    expect(() => openVerdict(sealed, key)).toThrow(seal);
    expect(isProven(openVerdict(sealed, key, { context: 'account-1' }))).toBe(true);
  });

  test.each([
    ['a short key', new Uint8Array(31)],
    ['a long key', new Uint8Array(33)],
    ['a public key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
  ])('takes no %s: argument-invalid', (_, other) => {
    const misuse = expect.objectContaining({ code: 'argument-invalid' });
    expect(() => sealVerdict(card(1), other)).toThrow(misuse);
    expect(() => openVerdict(sealVerdict(card(1), key), other)).toThrow(misuse);
  });

  test('is made of proven verdicts only: verdict-not-proven', () => {
    const refused = revoked({ class: 'card-user-authentication', serial: 1 }, 'keyCompromise');
    for (const verdict of [{ ...card(1) }, refused, null]) {
      expect(() => sealVerdict(verdict as ProvenVerdict, key)).toThrow(expect.objectContaining({ code: 'verdict-not-proven' }));
    }
  });

  test.each<[string, (verdict: ProvenVerdict) => Date | undefined]>([
    ['its time', ({ at }) => at],
    ['the expiry of its certificate', ({ certificate }) => certificate.notAfter],
    ['the beginning of its certificate', ({ certificate }) => certificate.notBefore],
    ['the age of its status', ({ revocation }) => revocation.sources[0]?.thisUpdate],
  ])('is not made of a verdict that says something else by now: %s', (_, dateOf) => {
    // A new date each: the verdicts of these tests share theirs.
    const verdict = card(1, { at: later(-60), statusAsOf: later(-120), notAfter: later(86_400) });
    const date = dateOf(verdict) as Date;
    const before = date.getTime();
    date.setTime(before - 1000);
    expect(() => sealVerdict(verdict, key)).toThrow(expect.objectContaining({ code: 'verdict-not-proven' }));
    date.setTime(before);
    expect(isProven(openVerdict(sealVerdict(verdict, key), key))).toBe(true);
  });
});
