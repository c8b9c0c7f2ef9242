import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { type Person, type Simulator, type SimulatorOptions, startSimulator } from '../../src/index.ts';
import { MUNICIPALITIES } from '../../src/register/municipalities.ts';
import { environmentOf } from '../environment.ts';

const CARRIERS = ['card', 'smartphone'] as const;
const PURPOSES = ['digital-signature', 'user-authentication'] as const;
const NOON = new Date('2026-06-01T03:00:00Z');
const HOUR = 3_600_000;

const running: Simulator[] = [];
const start = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const simulator = await startSimulator({ clock: () => NOON, ...options });
  running.push(simulator);
  return simulator;
};
afterAll(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
});

const certificates = (person: Person) =>
  CARRIERS.flatMap((carrier) => PURPOSES.map((purpose) => person.certificate(carrier, purpose))).filter((issued) => issued !== null);
const x509 = (person: Person, carrier: 'card' | 'smartphone', purpose: 'digital-signature' | 'user-authentication') =>
  new X509Certificate(person.certificate(carrier, purpose)?.der ?? new Uint8Array());
/** Serials and reasons (as the DER of their CRL entries) of all partitions of a class. */
const listed = (simulator: Simulator, certificateClass: Parameters<Simulator['crl']>[0], serial: string): boolean =>
  MUNICIPALITIES.some(({ id }) => Buffer.from(simulator.crl(certificateClass, 2, id)).includes(Buffer.from(serial, 'hex')));

describe('a seed', () => {
  test('gives the same people, keys, serials and dates every time', async () => {
    const view = async () => {
      const simulator = await start({ seed: 7 });
      const people = await Promise.all([simulator.person(), simulator.person(), simulator.person({ generation: 1 })]);
      return people.map((person) => ({
        name: person.name,
        pins: person.pins,
        certificates: certificates(person).map(({ der, ...rest }) => ({ ...rest, subject: new X509Certificate(der).subject })),
      }));
    };
    expect(await view()).toEqual(await view());
  });

  test('other than the first gives other people', async () => {
    const [one, two] = await Promise.all([start({ seed: 1 }), start({ seed: 2 })]);
    const [first, second] = await Promise.all([one.person(), two.person()]);
    expect(first.pins).not.toEqual(second.pins);
    expect(x509(first, 'card', 'digital-signature').subject).not.toBe(x509(second, 'card', 'digital-signature').subject);
  });

  test('gives the CAs the same keys whatever the number of generations', async () => {
    const [two, three] = await Promise.all([start({ generations: 2 }), start({ generations: 3 })]);
    const keys = (simulator: Simulator) =>
      environmentOf(simulator).anchors.map(({ certificate }) =>
        new X509Certificate(Buffer.from(certificate, 'base64')).publicKey.export({ type: 'spki', format: 'pem' }),
      );
    expect(keys(three).slice(0, 4)).toEqual(keys(two));
    expect(new Set(keys(three)).size).toBe(6);
  });
});

describe('certificates', () => {
  test('have serial numbers that never meet, whatever carrier, purpose, generation or operation', async () => {
    const simulator = await start();
    const serials: string[] = environmentOf(simulator).anchors.map(({ certificate }) =>
      new X509Certificate(Buffer.from(certificate, 'base64')).serialNumber.toLowerCase(),
    );
    for (let i = 0; i < 6; i++) {
      const person = await simulator.person({ generation: 1 + (i % 2) });
      serials.push(...certificates(person).map(({ serialNumber }) => serialNumber));
      await simulator.changeDevice(person);
      serials.push(...PURPOSES.map((purpose) => person.certificate('smartphone', purpose)?.serialNumber ?? ''));
    }
    expect(new Set(serials).size).toBe(serials.length);
    expect(serials.every((serial) => /^0[0-7][0-9a-f]{6}$/.test(serial))).toBe(true);
  });

  test('of the smartphone end with those of the card, at 23:59:59 in Japan', async () => {
    const person = await (await start()).person();
    for (const purpose of PURPOSES) {
      const card = person.certificate('card', purpose);
      expect(person.certificate('smartphone', purpose)?.notAfter).toEqual(card?.notAfter);
      expect(card?.notAfter.toISOString()).toMatch(/T14:59:59\.000Z$/);
    }
  });

  test('carry the six attributes in the order 1, 4, 3, 5, 2, 6 when they sign, and none when they authenticate', async () => {
    const person = await (await start()).person({ name: '試野　花子' });
    for (const carrier of CARRIERS) {
      const der = Buffer.from(person.certificate(carrier, 'digital-signature')?.der ?? []);
      const positions = [1, 4, 3, 5, 2, 6].map((last) =>
        der.indexOf(Buffer.from([0x2a, 0x83, 0x08, 0x8c, 0x9b, 0x55, 0x08, 0x05, 0x05, last])),
      );
      expect(positions.every((position) => position > 0)).toBe(true);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
      expect(der.includes(Buffer.from('試野　花子'))).toBe(true);
      expect(x509(person, carrier, 'user-authentication').subjectAltName).toBeUndefined();
    }
  });

  test('name one issuer for all generations and both carriers', async () => {
    const simulator = await start({ generations: 3 });
    const people = await Promise.all([1, 2, 3].map((generation) => simulator.person({ generation })));
    for (const purpose of PURPOSES) {
      const issuers = people.flatMap((person) => CARRIERS.map((carrier) => x509(person, carrier, purpose).issuer));
      expect(new Set(issuers).size).toBe(1);
    }
    for (const person of people)
      expect(certificates(person).every(({ notBefore, notAfter }) => notBefore <= NOON && notAfter > NOON)).toBe(true);
  });

  test('are not put on a smartphone of somebody without a card', async () => {
    const simulator = await start();
    await expect(simulator.person({ carriers: ['smartphone'] })).rejects.toThrow(RangeError);
    expect(simulator.people()).toEqual([]);
  });

  test('are written to the smartphone only as asked for', async () => {
    const simulator = await start();
    const cardOnly = await simulator.person({ carriers: ['card'] });
    expect(certificates(cardOnly).map((issued) => issued.class)).toEqual(['card-digital-signature', 'card-user-authentication']);
    const half = await simulator.person({ smartphonePurposes: ['user-authentication'] });
    expect(half.certificate('smartphone', 'digital-signature')).toBeNull();
  });
});

describe('linked revocation', () => {
  test.each(PURPOSES)('follows the revocation of the card’s %s certificate after the delay, and not before', async (purpose) => {
    const simulator = await start({ linkedRevocationDelaySeconds: 3_600 });
    const person = await simulator.person();
    const other = purpose === 'digital-signature' ? 'user-authentication' : 'digital-signature';
    const serial = (which: typeof purpose) => person.certificate('smartphone', which)?.serialNumber ?? '';
    simulator.revoke(person, 'card', purpose, 'affiliationChanged');
    expect(listed(simulator, `card-${purpose}`, person.certificate('card', purpose)?.serialNumber ?? '')).toBe(true);
    simulator.advanceTo(new Date(NOON.getTime() + HOUR - 1_000));
    expect(listed(simulator, `smartphone-${purpose}`, serial(purpose))).toBe(false);
    simulator.advanceTo(new Date(NOON.getTime() + HOUR));
    expect(listed(simulator, `smartphone-${purpose}`, serial(purpose))).toBe(true);
    expect(listed(simulator, `smartphone-${other}`, serial(other))).toBe(false);
  });

  test('does not follow a hold', async () => {
    const simulator = await start({ linkedRevocationDelaySeconds: 0 });
    const person = await simulator.person();
    simulator.hold(person, 'card', 'user-authentication');
    expect(listed(simulator, 'card-user-authentication', person.certificate('card', 'user-authentication')?.serialNumber ?? '')).toBe(true);
    simulator.advanceTo(new Date(NOON.getTime() + 24 * HOUR));
    expect(
      listed(simulator, 'smartphone-user-authentication', person.certificate('smartphone', 'user-authentication')?.serialNumber ?? ''),
    ).toBe(false);
  });

  test('never goes from the smartphone to the card', async () => {
    const simulator = await start({ linkedRevocationDelaySeconds: 0 });
    const person = await simulator.person();
    simulator.revoke(person, 'smartphone', 'user-authentication');
    expect(listed(simulator, 'card-user-authentication', person.certificate('card', 'user-authentication')?.serialNumber ?? '')).toBe(
      false,
    );
  });
});

describe('operations', () => {
  test('a new device gets new certificates and its predecessor’s are revoked', async () => {
    const simulator = await start();
    const person = await simulator.person();
    const before = person.certificate('smartphone', 'user-authentication');
    await simulator.changeDevice(person);
    const after = person.certificate('smartphone', 'user-authentication');
    expect(after?.serialNumber).not.toBe(before?.serialNumber);
    expect(after?.notAfter).toEqual(before?.notAfter);
    expect(listed(simulator, 'smartphone-user-authentication', before?.serialNumber ?? '')).toBe(true);
    expect(listed(simulator, 'smartphone-user-authentication', after?.serialNumber ?? '')).toBe(false);
  });

  test('a new device needs a live card signature certificate', async () => {
    const simulator = await start();
    const person = await simulator.person();
    simulator.revoke(person, 'card', 'digital-signature');
    await expect(simulator.changeDevice(person)).rejects.toThrow(RangeError);
  });

  test('renewal replaces the card’s certificates, leaves the smartphone’s for the linked revocation, and a new application follows the new expiry', async () => {
    const simulator = await start({ linkedRevocationDelaySeconds: 60 });
    const person = await simulator.person({ generation: 1 });
    const old = { card: person.certificate('card', 'digital-signature'), phone: person.certificate('smartphone', 'digital-signature') };
    await simulator.renew(person);
    const renewed = person.certificate('card', 'digital-signature');
    expect(renewed?.serialNumber).not.toBe(old.card?.serialNumber);
    expect(person.certificate('smartphone', 'digital-signature')?.serialNumber).toBe(old.phone?.serialNumber);
    await simulator.changeDevice(person);
    expect(person.certificate('smartphone', 'digital-signature')?.notAfter).toEqual(renewed?.notAfter);
  });

  test('moving house revokes and reissues signature certificates with the new address; authentication certificates stay', async () => {
    const simulator = await start();
    const person = await simulator.person({ municipality: 'minori-shi' });
    const before = certificates(person).map(({ serialNumber }) => serialNumber);
    await simulator.moveHouse(person, 'tsukiyama-ku');
    const after = certificates(person).map(({ serialNumber }) => serialNumber);
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
    expect(after[3]).toBe(before[3]);
    for (const carrier of CARRIERS) {
      const { subject } = x509(person, carrier, 'digital-signature');
      expect(subject).toContain('L=Tsukiyamate-ku');
      expect(Buffer.from(person.certificate(carrier, 'digital-signature')?.der ?? []).includes(Buffer.from('例府月山手区'))).toBe(true);
    }
    expect(listed(simulator, 'card-digital-signature', before[0] ?? '')).toBe(true);
    expect(listed(simulator, 'smartphone-digital-signature', before[2] ?? '')).toBe(true);
  });

  test('refuse a municipality, a certificate or a person that does not exist', async () => {
    const [simulator, elsewhere] = await Promise.all([start(), start()]);
    const person = await simulator.person({ carriers: ['card'] });
    await expect(simulator.moveHouse(person, 'tokyo')).rejects.toThrow(RangeError);
    expect(() => simulator.revoke(person, 'smartphone', 'digital-signature')).toThrow(RangeError);
    expect(() => elsewhere.revoke(person, 'card', 'digital-signature')).toThrow(RangeError);
  });

  test('run on a clock that goes forward only', async () => {
    const simulator = await start();
    const later = new Date(NOON.getTime() + 48 * HOUR);
    simulator.advanceTo(later);
    expect(simulator.now()).toEqual(later);
    expect(() => simulator.advanceTo(NOON)).toThrow(RangeError);
  });
});

describe('CRL publication', () => {
  test('is for a day that begins at midnight in Japan, and stays the same until something happens', async () => {
    const simulator = await start();
    const crl = simulator.crl('card-digital-signature', 2, 'minori-shi');
    expect(Buffer.from(crl).includes(Buffer.from('260531150000Z'))).toBe(true);
    expect(Buffer.from(crl).includes(Buffer.from('260601150000Z'))).toBe(true);
    expect(simulator.crl('card-digital-signature', 2, 'minori-shi')).toBe(crl);
    simulator.advanceTo(new Date('2026-06-01T15:00:00Z'));
    expect(Buffer.from(simulator.crl('card-digital-signature', 2, 'minori-shi')).includes(Buffer.from('260602150000Z'))).toBe(true);
  });

  test('waits for midnight when it is daily', async () => {
    const simulator = await start({ crlPublication: 'daily' });
    const person = await simulator.person();
    const serial = person.certificate('card', 'digital-signature')?.serialNumber ?? '';
    simulator.revoke(person, 'card', 'digital-signature');
    expect(listed(simulator, 'card-digital-signature', serial)).toBe(false);
    simulator.advanceTo(new Date('2026-06-01T15:00:00Z'));
    expect(listed(simulator, 'card-digital-signature', serial)).toBe(true);
  });

  test('lists a certificate in its own partition and in no other', async () => {
    const simulator = await start();
    const person = await simulator.person({ municipality: 'minori-shi' });
    const serial = Buffer.from(person.certificate('card', 'digital-signature')?.serialNumber ?? '', 'hex');
    simulator.revoke(person, 'card', 'digital-signature');
    const lists = (certificateClass: Parameters<Simulator['crl']>[0], generation: number, partition: string) =>
      Buffer.from(simulator.crl(certificateClass, generation, partition)).includes(serial);
    expect(lists('card-digital-signature', 2, 'minori-shi')).toBe(true);
    expect(lists('card-digital-signature', 1, 'minori-shi')).toBe(false);
    expect(lists('card-digital-signature', 2, 'komorebi-mura')).toBe(false);
    expect(lists('smartphone-digital-signature', 2, 'minori-shi')).toBe(false);
  });
});
