/** The people, what they hold, and what happens to it. */
import type { Carrier, CertificateClass, Purpose, RevocationReason } from '@jpki-rp/verifier';
import { mintLeaf, serialHex } from '../authority/certificates.ts';
import type { Authorities } from '../authority/issuer.ts';
import type { KeyPool } from '../authority/keys.ts';
import type { IssuedRecord, Ledger } from '../authority/ledger.ts';
import type { Dn } from '../authority/names.ts';
import { PURPOSES, SHAPES } from '../authority/profiles.ts';
import { days, endOfDay, plusSeconds, timestamp, wholeSeconds, years } from '../authority/time.ts';
import type { Random } from '../random.ts';
import type { IssuedCertificate, Person, PersonOptions } from '../surface.ts';
import { MUNICIPALITIES, type Municipality, municipalityOf } from './municipalities.ts';
import { addressIn, attributesOf, nameDeck, type PersonalData, personalData } from './people.ts';

export interface RegisterOptions {
  readonly authorities: Authorities;
  readonly ledger: Ledger;
  readonly keys: KeyPool;
  readonly random: Random;
  readonly now: () => Date;
  readonly ocspUrl: (certificateClass: CertificateClass) => string;
  readonly linkedRevocationDelaySeconds: number;
}

export interface Resident {
  readonly person: Person;
  data: PersonalData;
  municipality: Municipality;
  readonly held: Map<CertificateClass, IssuedRecord>;
  /** Everything ever issued to this person, oldest first. */
  readonly issued: IssuedRecord[];
  /** Which certificates the smartphone was asked to hold. */
  readonly smartphonePurposes: readonly Purpose[];
}

export interface Register {
  create(options?: PersonOptions): Promise<Resident>;
  residents(): readonly Resident[];
  resident(id: string): Resident | undefined;
  of(person: Person): Resident;
  revoke(resident: Resident, carrier: Carrier, purpose: Purpose, reason: RevocationReason): void;
  release(resident: Resident, carrier: Carrier, purpose: Purpose): void;
  revocation(resident: Resident, carrier: Carrier, purpose: Purpose): RevocationReason | null;
  changeDevice(resident: Resident): Promise<void>;
  renew(resident: Resident): Promise<void>;
  moveHouse(resident: Resident, municipality: string): Promise<void>;
  /** Runs the linked revocations that have fallen due. */
  settle(): void;
}

/** How long ago a card of the newest, the previous and the one before generation was issued: while that generation was in use. */
const ISSUED_DAYS_AGO = [7, 2 * 365, 5 * 365 - 60];
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';

interface IssueRequest {
  readonly generation: number;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export function createRegister(options: RegisterOptions): Register {
  const { authorities, ledger, keys, random, now } = options;
  const residents: Resident[] = [];
  const linked: { readonly record: IssuedRecord; readonly dueAt: Date }[] = [];
  const newest = authorities.generations;
  const names = nameDeck(random);

  const settle = (): void => {
    for (let i = 0; i < linked.length; ) {
      const entry = linked[i];
      if (entry !== undefined && entry.dueAt <= now()) {
        ledger.revoke(entry.record, { at: entry.dueAt, reason: 'cessationOfOperation' });
        linked.splice(i, 1);
      } else i++;
    }
  };

  /** Draws everything seeded at once, so that the outcome does not depend on how mintings interleave. */
  const issue = (resident: Resident, carrier: Carrier, purpose: Purpose, request: IssueRequest): Promise<void> => {
    const shape = SHAPES[`${carrier}-${purpose}`];
    const { municipality, data } = resident;
    const key = keys.personal();
    const serial = authorities.nextSerial();
    const leaf = {
      shape,
      issuer: authorities.issuer(purpose, request.generation),
      serial,
      subject: subjectOf(purpose, municipality, request.notBefore),
      notBefore: request.notBefore,
      notAfter: request.notAfter,
      key,
      municipality,
      attributes: attributesOf(data),
      ocspUrl: options.ocspUrl(shape.class),
    };
    return mintLeaf(leaf).then((der) => {
      const record = { ...request, class: shape.class, municipality: municipality.id, serial, der, key: key.pem };
      ledger.add(record);
      resident.held.set(shape.class, record);
      resident.issued.push(record);
    });
  };

  const subjectOf = (purpose: Purpose, municipality: Municipality, at: Date): Dn =>
    purpose === 'digital-signature'
      ? [
          ['C', 'JP'],
          ['L', municipality.prefecture.romaji],
          ['L', municipality.romaji],
          ['CN', `${timestamp(at)}${random.text(DIGITS, 14)}`],
        ]
      : [
          ['C', 'JP'],
          ['CN', `${random.text(LETTERS + DIGITS, 14)}${municipality.code}${random.text(LETTERS + DIGITS, 4)}`],
        ];

  const revokeRecord = (resident: Resident, record: IssuedRecord, reason: RevocationReason): void => {
    const at = wholeSeconds(now());
    if (!ledger.revoke(record, { at, reason })) return;
    // A hold is a suspicion: it does not start the linked revocation.
    const { carrier, purpose } = SHAPES[record.class];
    if (carrier !== 'card' || reason === 'certificateHold') return;
    const follower = resident.held.get(`smartphone-${purpose}`);
    if (follower !== undefined) linked.push({ record: follower, dueAt: plusSeconds(at, options.linkedRevocationDelaySeconds) });
    settle();
  };

  const revokeHeld = (resident: Resident, certificateClass: CertificateClass, reason: RevocationReason): void => {
    const record = resident.held.get(certificateClass);
    if (record !== undefined) revokeRecord(resident, record, reason);
  };

  const isAlive = (record: IssuedRecord | undefined): record is IssuedRecord =>
    record !== undefined && ledger.revocation(record) === undefined && record.notAfter >= now();

  /** Smartphone certificates end with the card certificate they belong to, and are not given out beside a dead one. */
  const issueToSmartphone = async (resident: Resident, purposes: readonly Purpose[], from: Partial<IssueRequest> = {}): Promise<void> => {
    await Promise.all(
      purposes.flatMap((purpose) => {
        const card = resident.held.get(`card-${purpose}`);
        if (!isAlive(card)) return [];
        return [
          issue(resident, 'smartphone', purpose, {
            generation: from.generation ?? newest,
            notBefore: from.notBefore ?? wholeSeconds(now()),
            notAfter: card.notAfter,
          }),
        ];
      }),
    );
  };

  return {
    create: async ({ name, municipality, carriers = ['card', 'smartphone'], generation = newest, smartphonePurposes = PURPOSES } = {}) => {
      if (!carriers.includes('card')) throw new RangeError('nobody holds smartphone certificates without a card');
      const place = municipality === undefined ? random.pick(MUNICIPALITIES) : municipalityOf(municipality);
      const data = personalData(random, names, place, name);
      const id = `p${String(residents.length + 1).padStart(3, '0')}`;
      const held = new Map<CertificateClass, IssuedRecord>();
      const pins = { authentication: random.text(DIGITS, 4), signing: `${random.text(LETTERS, 4)}${random.text(DIGITS, 4)}` };
      const person: Person = {
        id,
        get name() {
          return resident.data.name;
        },
        pins,
        certificate: (carrier, purpose) => issuedOf(held.get(`${carrier}-${purpose}`)),
      };
      const resident: Resident = { person, data, municipality: place, held, issued: [], smartphonePurposes };
      residents.push(resident);
      const daysAgo = ISSUED_DAYS_AGO[newest - generation];
      if (daysAgo === undefined) throw new RangeError(`no generation ${generation}`);
      const notBefore = days(now(), -daysAgo);
      const notAfter = endOfDay(years(notBefore, 5));
      const onCard = PURPOSES.map((purpose) => issue(resident, 'card', purpose, { generation, notBefore, notAfter }));
      // Keys, serials and names of the smartphone are drawn before anything is awaited.
      const onSmartphone = carriers.includes('smartphone')
        ? smartphonePurposes.map((purpose) =>
            issue(resident, 'smartphone', purpose, { generation, notBefore: days(notBefore, 1), notAfter }),
          )
        : [];
      await Promise.all([...onCard, ...onSmartphone]);
      return resident;
    },
    residents: () => residents,
    resident: (id) => residents.find(({ person }) => person.id === id),
    of: (person) => {
      const found = residents.find((resident) => resident.person.id === person.id);
      if (found === undefined) throw new RangeError('a person of another simulator');
      return found;
    },
    revoke: (resident, carrier, purpose, reason) => {
      const record = resident.held.get(`${carrier}-${purpose}`);
      if (record === undefined) throw new RangeError(`holds no ${carrier}-${purpose} certificate`);
      revokeRecord(resident, record, reason);
    },
    release: (resident, carrier, purpose) => {
      const record = resident.held.get(`${carrier}-${purpose}`);
      if (record === undefined || !ledger.release(record)) throw new RangeError('nothing is on hold');
    },
    revocation: (resident, carrier, purpose) => {
      settle();
      const record = resident.held.get(`${carrier}-${purpose}`);
      return (record === undefined ? undefined : ledger.revocation(record))?.reason ?? null;
    },
    changeDevice: async (resident) => {
      if (!isAlive(resident.held.get('card-digital-signature'))) {
        throw new RangeError('smartphone certificates are applied for with a live card signature certificate');
      }
      for (const purpose of PURPOSES) revokeHeld(resident, `smartphone-${purpose}`, 'cessationOfOperation');
      await issueToSmartphone(resident, resident.smartphonePurposes);
    },
    renew: async (resident) => {
      const notBefore = wholeSeconds(now());
      const notAfter = endOfDay(years(notBefore, 5));
      for (const purpose of PURPOSES) revokeHeld(resident, `card-${purpose}`, 'superseded');
      await Promise.all(PURPOSES.map((purpose) => issue(resident, 'card', purpose, { generation: newest, notBefore, notAfter })));
    },
    moveHouse: async (resident, municipality) => {
      resident.municipality = municipalityOf(municipality);
      resident.data = { ...resident.data, address: addressIn(random, resident.municipality) };
      const card = resident.held.get('card-digital-signature');
      const smartphone = resident.held.get('smartphone-digital-signature');
      revokeHeld(resident, 'card-digital-signature', 'affiliationChanged');
      revokeHeld(resident, 'smartphone-digital-signature', 'affiliationChanged');
      const notBefore = wholeSeconds(now());
      if (card !== undefined) {
        await issue(resident, 'card', 'digital-signature', { generation: newest, notBefore, notAfter: card.notAfter });
      }
      if (smartphone !== undefined) await issueToSmartphone(resident, ['digital-signature'], { notBefore });
    },
    settle,
  };
}

function issuedOf(record: IssuedRecord | undefined): IssuedCertificate | null {
  if (record === undefined) return null;
  const { class: certificateClass, der, serial, notBefore, notAfter, key } = record;
  return { class: certificateClass, der, serialNumber: serialHex(serial), notBefore, notAfter, privateKey: key };
}
