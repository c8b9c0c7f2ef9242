import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appLinkDoor, type RequestValues } from '../../src/door/app-link.ts';
import type { AppLinkDoorProfile } from '../../src/door/profile.types.ts';
import { parseDoorProfile } from '../../src/door/schema.ts';
import { PROFILE } from '../stage.ts';

const door = appLinkDoor(PROFILE);
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('the start', () => {
  it('puts address and ticket into the link percent-encoded, once each', () => {
    expect(door.start('app-link', { requestUrl: 'https://a.example/x?y={ticket}&z', ticket: 'T&t=2' })).toBe(
      'https://phone.example/app?r=https%3A%2F%2Fa.example%2Fx%3Fy%3D%7Bticket%7D%26z&t=T%26t%3D2',
    );
  });
});

describe('the request document', () => {
  const VALUES: RequestValues = {
    transactionId: 'token',
    relyingPartyName: '銀行',
    relyingPartyOrigin: 'https://bank.example',
    operationName: '申込',
    operationNameEn: 'Apply',
    purpose: 'digital-signature',
    carriers: ['card'],
    carrierHint: undefined,
    scheme: 'rsa-pkcs1-sha256',
    message: Uint8Array.of(0xfb, 0xff),
    documentText: '宣言',
    callbackUrl: 'https://bank.example/c',
    returnUrl: 'https://bank.example/r',
    matchNumber: undefined,
    expiresAt: '2026-01-01T00:00:00.000Z',
  };
  const withMember = (member: AppLinkDoorProfile['request'][string]): unknown =>
    appLinkDoor({ ...PROFILE, request: { ...PROFILE.request, extra: member } }).request(VALUES)['extra'];

  it('leaves out what the transaction does not have', () => {
    expect(Object.keys(door.request(VALUES))).not.toContain('number');
    expect(door.request(VALUES)).toMatchObject({ version: 1, tx: 'token', carriers: ['card'], message: '-_8' });
  });

  it('applies encodings from left to right', () => {
    expect(withMember({ value: 'message', encode: ['base64'] })).toBe('+/8=');
    expect(withMember({ value: 'message', encode: ['hex'] })).toBe('fbff');
    expect(withMember({ value: 'message', encode: ['base64', 'utf8', 'hex'] })).toBe(Buffer.from('+/8=').toString('hex'));
    expect(withMember({ value: 'documentText', encode: ['utf8', 'base64url'] })).toBe(Buffer.from('宣言').toString('base64url'));
    expect(withMember({ value: 'documentText' })).toBe('宣言');
    expect(withMember({ constant: false })).toBe(false);
  });
});

describe('the answer', () => {
  it('takes the first of a list of signatures where the profile says so, and only then', () => {
    const list = { tx: 't', result: 'ok', body: { cert: 'AAAA', sig: ['AQID', 'BAUG'], holder: 'S' } };
    const first = appLinkDoor({
      ...PROFILE,
      response: { ...PROFILE.response, signature: { ...PROFILE.response.signature, array: 'first' } },
    });
    expect(first.decode(bytes(list))).toMatchObject({ kind: 'signed', unverifiedSignature: Uint8Array.of(1, 2, 3) });
    expect(door.decode(bytes(list))).toEqual({ kind: 'failed', code: 'app-message-invalid' });
    expect(first.decode(bytes({ ...list, body: { ...list.body, sig: 'AQID' } }))).toEqual({ kind: 'failed', code: 'app-message-invalid' });
  });

  it('reads a result that is an integer by its digits', () => {
    const numeric = appLinkDoor(parseDoorProfile({ ...PROFILE, results: { '0': 'ok', '-3': 'cancelled' } }));
    expect(numeric.decode(bytes({ tx: 't', result: -3 }))).toEqual({ kind: 'failed', code: 'cancelled' });
    expect(numeric.decode(bytes({ tx: 't', result: 0.5 }))).toEqual({ kind: 'failed', code: 'app-message-invalid' });
  });

  it('never throws, whatever the bytes and whatever the JSON', () => {
    const json = fc.json().map((text) => new TextEncoder().encode(text));
    const shaped = fc.record({ tx: fc.jsonValue(), result: fc.constantFrom('ok', 'stop', 1, null), body: fc.jsonValue() }).map(bytes);
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), json, shaped), (message) => {
        const token = door.answerToken(message);
        const answer = door.decode(message);
        return (token === null || typeof token === 'string') && (answer.kind === 'failed' || answer.unverifiedSignature.length > 0);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
