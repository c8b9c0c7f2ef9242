import { describe, expect, it } from 'vitest';
import { parseDoorProfile } from '../../src/door/schema.ts';
import { PROFILE } from '../stage.ts';

type Members = { [name: string]: unknown };

/** The good profile with one member changed; `undefined` removes it. */
function changed(pointer: string, value: unknown): unknown {
  const copy: Members = structuredClone(PROFILE) as unknown as Members;
  const path = pointer.split('/').slice(1);
  const last = path.pop() ?? '';
  const parent = path.reduce<Members>((object, key) => object[key] as Members, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

describe('a door profile', () => {
  it('that is good is given back whole and frozen', () => {
    const parsed = parseDoorProfile(structuredClone(PROFILE));
    expect(parsed).toEqual(PROFILE);
    expect(Object.isFrozen(parsed.response)).toBe(true);
  });

  it('may leave out carrier, remaining tries and encodings', () => {
    const { carrier: _carrier, remainingTries: _tries, ...response } = PROFILE.response;
    expect(parseDoorProfile({ ...PROFILE, response }).response).toEqual(response);
  });

  it.each<[string, string, unknown]>([
    ['another version', '/v', 2],
    ['another kind', '/kind', 'oidc'],
    ['an unknown member', '/extra', 1],
    ['an id that is a path', '/id', '../admin'],
    ['an id with capitals', '/id', 'Door'],
    ['an id that ends in a hyphen', '/id', 'door-'],
    ['no word on being synthetic', '/synthetic', undefined],
    ['no basis', '/basis', undefined],
    ['a basis without its reviewer', '/basis/reviewer', undefined],
    ['a date that is none', '/basis/date', 'yesterday'],
    ['a link without a ticket', '/start/appLink', 'https://phone.example/app?r={requestUrl}'],
    ['a link with an unknown placeholder', '/start/appLink', 'https://phone.example/{document}?t={ticket}'],
    ['a link that runs in the page', '/start/appLink', 'javascript:alert({ticket})'],
    ['a link to local data', '/start/qr', 'data:text/html,{ticket}'],
    ['plain http beyond loopback', '/start/appLink', 'http://phone.example/app?t={ticket}'],
    ['plain http on a host that only begins like loopback', '/start/appLink', 'http://localhost.evil.example/app?t={ticket}'],
    ['a host from a placeholder', '/start/appLink', 'https://{ticket}.example/app'],
    ['a relative link', '/start/appLink', '/app?t={ticket}'],
    ['markup in a link', '/start/qr', 'app://x?t={ticket}"><script>'],
    ['an unknown request value', '/request/name/value', 'password'],
    ['a value and a constant', '/request/name/constant', 'x'],
    ['an unknown encoding', '/request/message/encode/0', 'rot13'],
    ['a member name that is none', '/request/__proto__ x', { constant: 1 }],
    ['a response path that is no pointer', '/response/result/path', 'result'],
    ['an unknown response encoding', '/response/certificate/encoding', 'pem'],
    ['an empty carrier map', '/response/carrier/map', {}],
    ['a carrier that is none', '/response/carrier/map/S', 'phone'],
    ['no carrier map', '/response/carrier/map', undefined],
    ['a result that is no code of ours', '/results/stop', 'nope'],
    ['a result that is a verdict', '/results/stop', 'revoked'],
    ['a QR code that lives too long', '/timing/qrSeconds', 121],
    ['a transaction that lives too long', '/timing/transactionSeconds', 901],
    ['a life that is no number', '/timing/qrSeconds', '60'],
  ])('with %s is refused, and says where', (_case, pointer, value) => {
    expect(() => parseDoorProfile(changed(pointer, value))).toThrowError(
      expect.objectContaining({ code: 'door-profile-invalid', pointer }),
    );
  });

  it.each<[string, string, unknown, string]>([
    ['bytes without an encoding', '/request/message', { value: 'message' }, '/request/message/encode'],
    ['text encoded into bytes', '/request/name', { value: 'relyingPartyName', encode: ['utf8'] }, '/request/name/encode'],
    ['a list with an encoding', '/request/carriers', { value: 'carriers', encode: ['hex'] }, '/request/carriers/encode'],
    ['no member for the message', '/request/message', undefined, '/request'],
    ['no member for the number', '/request/number', undefined, '/request'],
    ['no success', '/results/ok', undefined, '/results'],
    ['two successes', '/results/stop', 'ok', '/results'],
  ])('with %s is refused', (_case, pointer, value, expected) => {
    expect(() => parseDoorProfile(changed(pointer, value))).toThrowError(
      expect.objectContaining({ code: 'door-profile-invalid', pointer: expected }),
    );
  });

  it.each([null, undefined, 'profile', [], 1])('%j is none', (input) => {
    expect(() => parseDoorProfile(input)).toThrowError(expect.objectContaining({ code: 'door-profile-invalid', pointer: '' }));
  });
});
