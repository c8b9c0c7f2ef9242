import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateReference, type Person, type Simulator, startSimulator } from '../../src/index.ts';
import { environmentOf } from '../environment.ts';

let simulator: Simulator;
let person: Person;
beforeAll(async () => {
  simulator = await startSimulator({ seed: 5, linkInformation: ['article-18-4', 'article-37'] });
  person = await simulator.person();
});
afterAll(() => simulator.close());

const reference = (carrier: 'card' | 'smartphone', purpose: 'user-authentication' | 'digital-signature' = 'user-authentication') => {
  const issued = person.certificate(carrier, purpose);
  if (issued === null) throw new Error('not issued');
  return { class: issued.class, issuerKeyId: issuerKeyId(purpose), serialNumber: issued.serialNumber };
};
/** The subject key identifier of the newest anchor, found in its DER behind the extension's OID 2.5.29.14. */
const issuerKeyId = (purpose: string): string => {
  const anchor = environmentOf(simulator).anchors.find(({ id }) => id === `${purpose}-g2`) as unknown as { certificate: string };
  const der = Buffer.from(anchor.certificate, 'base64');
  const at = der.indexOf(Buffer.from('0603551d0e04160414', 'hex'));
  return der.subarray(at + 9, at + 29).toString('hex');
};
const ask = async (path: string, body: object, token = simulator.controlToken) => {
  const response = await fetch(`${simulator.urls.links}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { certificate?: CertificateReference | null; code?: string } };
};

describe('link information', () => {
  test('names the smartphone’s certificate for the card’s, and the other way round', async () => {
    expect(await ask('counterpart', { source: 'article-37', ...reference('card') })).toEqual({
      status: 200,
      body: { certificate: reference('smartphone') },
    });
    expect(simulator.links.counterpart('article-37', reference('smartphone'))).toEqual(reference('card'));
    expect(simulator.links.counterpart('article-18-4', reference('card', 'digital-signature'))).toEqual(
      reference('smartphone', 'digital-signature'),
    );
  });

  test('says nothing about classes of another article, or certificates nobody issued', () => {
    expect(simulator.links.counterpart('article-18-4', reference('card'))).toBeNull();
    expect(simulator.links.counterpart('article-37', { ...reference('card'), serialNumber: '01' })).toBeNull();
    expect(simulator.links.counterpart('article-37', { ...reference('card'), issuerKeyId: '00' })).toBeNull();
    expect(simulator.links.predecessor('article-37', reference('card'))).toBeNull();
  });

  test('follows device and renewal', async () => {
    const [oldCard, oldPhone] = [reference('card'), reference('smartphone')];
    await simulator.changeDevice(person);
    expect(simulator.links.counterpart('article-37', oldCard)).toEqual(reference('smartphone'));
    expect(simulator.links.counterpart('article-37', oldPhone)).toEqual(oldCard);
    await simulator.renew(person);
    expect(await ask('predecessor', { source: 'article-37', ...reference('card') })).toMatchObject({ body: { certificate: oldCard } });
  });

  test.each([
    ['without the token', 401, {}, 'wrong'],
    ['of an article that is not configured', 403, { source: 'article-18-5' }, undefined],
    ['of an unknown article', 400, { source: 'article-1' }, undefined],
    ['about no certificate', 400, { serialNumber: 7 }, undefined],
  ] as const)('is refused %s', async (_, status, change, token) => {
    const body = { source: 'article-37', ...reference('card'), ...change };
    expect((await ask('counterpart', body, token)).status).toBe(status);
  });
});

test('a hold is lifted once', () => {
  simulator.hold(person, 'smartphone', 'digital-signature');
  simulator.release(person, 'smartphone', 'digital-signature');
  expect(() => simulator.release(person, 'smartphone', 'digital-signature')).toThrow(RangeError);
});
