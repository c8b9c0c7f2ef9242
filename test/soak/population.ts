/** The people, what each has signed, and what was forged of it. */
import { constants, createHash, createPrivateKey, privateEncrypt, sign } from 'node:crypto';
import { type IssuedCertificate, MUNICIPALITIES, type Person, type Simulator, startSimulator } from '@jpki-rp/simulator';
import { type Carrier, loadEnvironment, type Purpose, type VerifyInput } from '@jpki-rp/verifier';
import type { Random } from './random.ts';

/** What a relying party is shown. It crosses the process boundary and says nothing of what is right. */
export type Exhibit = Pick<VerifyInput, 'certificate' | 'signature' | 'scheme' | 'purpose' | 'acceptCarriers'> & {
  readonly message: Uint8Array;
};

export const FORGERIES = [
  'signature-bit',
  'another-message',
  'another-carrier',
  'another-purpose',
  'another-generation',
  'another-authority',
  'another-serial',
] as const;
export type Forgery = (typeof FORGERIES)[number];

/** A certificate: its number, whose it is, and on which CRL it would stand. */
export interface Held {
  readonly number: number;
  readonly person: Person;
  readonly carrier: Carrier;
  readonly purpose: Purpose;
  /** The address of its CRL. */
  readonly partition: string;
}

export interface Population {
  readonly held: readonly Held[];
  readonly exhibits: readonly Exhibit[];
  /** Exhibits by certificate. */
  readonly genuine: readonly (readonly number[])[];
  readonly forged: readonly { readonly exhibit: number; readonly forgery: Forgery }[];
  /** Which certificate follows which into revocation. */
  readonly followers: ReadonlyMap<number, number>;
}

const CARRIERS: readonly Carrier[] = ['card', 'smartphone'];
const PURPOSES: readonly Purpose[] = ['digital-signature', 'user-authentication'];
/** Certificates of which every kind of forgery is made. */
const FORGED = 24;

export const populate = async (simulator: Simulator, people: number, random: Random): Promise<Population> => {
  const held: Held[] = [];
  const exhibits: Exhibit[] = [];
  const genuine: number[][] = [];
  const followers = new Map<number, number>();
  for (let i = 0; i < people; i++) {
    const municipality = random.pick(MUNICIPALITIES).id;
    // The previous generation of the CA still has its people.
    const generation = i % 4 === 0 ? 1 : 2;
    const person = await simulator.person({ municipality, generation });
    for (const purpose of PURPOSES) {
      for (const carrier of CARRIERS) {
        const certificate = issued(person, carrier, purpose);
        const number =
          held.push({
            number: held.length,
            person,
            carrier,
            purpose,
            partition: simulator.urls.crl(certificate.class, generation, municipality),
          }) - 1;
        genuine[number] = (['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256'] as const).map(
          (scheme) => exhibits.push(exhibitOf(certificate, carrier, purpose, scheme, random)) - 1,
        );
        if (carrier === 'smartphone') followers.set(number - 1, number);
      }
    }
  }
  const forged = await forge({ simulator, held, exhibits, genuine, random });
  return { held, exhibits, genuine, forged, followers };
};

const issued = (person: Person, carrier: Carrier, purpose: Purpose): IssuedCertificate => {
  const certificate = person.certificate(carrier, purpose);
  if (certificate === null) throw new Error('everybody here holds all four');
  return certificate;
};

const exhibitOf = (
  { der, privateKey }: IssuedCertificate,
  carrier: Carrier,
  purpose: Purpose,
  scheme: 'rsa-pkcs1-sha256' | 'rsa-pkcs1-bare-sha256',
  random: Random,
): Exhibit => {
  const message = Uint8Array.from({ length: 200 }, () => random.below(256));
  const key = createPrivateKey(privateKey);
  const signature =
    scheme === 'rsa-pkcs1-sha256'
      ? sign('sha256', message, key)
      : privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, createHash('sha256').update(message).digest());
  return { certificate: der, signature: new Uint8Array(signature), message, scheme, purpose, acceptCarriers: [carrier] };
};

interface Forging extends Pick<Population, 'held' | 'genuine'> {
  readonly simulator: Simulator;
  readonly exhibits: Exhibit[];
  readonly random: Random;
}

const forge = async ({ simulator, held, exhibits, genuine, random }: Forging): Promise<Population['forged']> => {
  const stranger = await startSimulator({ seed: 4_711 });
  try {
    const strangers = await stranger.person();
    const { anchors } = loadEnvironment(simulator.environment);
    const made: { exhibit: number; forgery: Forgery }[] = [];
    const certificates = random.shuffle(held).slice(0, FORGED);
    for (const { number, carrier, purpose } of certificates) {
      const good = exhibits[genuine[number]?.[0] ?? -1];
      if (good === undefined) throw new Error('everybody here has signed');
      const keyIds = anchors.filter((anchor) => anchor.purpose === purpose).map(({ keyId }): Buffer => Buffer.from(keyId, 'hex'));
      const another: Readonly<Record<Forgery, Exhibit>> = {
        'signature-bit': { ...good, signature: flipped(good.signature, random.below(8 * good.signature.length)) },
        'another-message': { ...good, message: flipped(good.message, random.below(8 * good.message.length)) },
        'another-carrier': { ...good, acceptCarriers: CARRIERS.filter((one) => one !== carrier) },
        'another-purpose': { ...good, purpose: purpose === 'digital-signature' ? 'user-authentication' : 'digital-signature' },
        'another-generation': { ...good, certificate: exchanged(good.certificate, keyIds) },
        'another-authority': exhibitOf(issued(strangers, carrier, purpose), carrier, purpose, 'rsa-pkcs1-sha256', random),
        'another-serial': { ...good, certificate: renumbered(good.certificate) },
      };
      for (const forgery of FORGERIES) made.push({ exhibit: exhibits.push(another[forgery]) - 1, forgery });
    }
    return made;
  } finally {
    await stranger.close();
  }
};

const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((octet, i) => (i === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));

/** Names the other generation's key as its issuer's. */
const exchanged = (certificate: Uint8Array, keyIds: readonly Buffer[]): Uint8Array => {
  const der = Buffer.from(certificate);
  const own = keyIds.find((keyId) => der.includes(keyId));
  const other = keyIds.find((keyId) => keyId !== own);
  if (own === undefined || other === undefined) throw new Error('two generations expected');
  der.set(other, der.indexOf(own));
  return new Uint8Array(der);
};

/** The serial number stands after version [0] and before anything of variable length: its last octet, plus one. */
const renumbered = (certificate: Uint8Array): Uint8Array => {
  const at = Buffer.from(certificate).indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02, 0x02]));
  const length = certificate[at + 6];
  if (at < 0 || length === undefined) throw new Error('a certificate of version 3 expected');
  return certificate.map((octet, i) => (i === at + 6 + length ? octet ^ 1 : octet));
};
