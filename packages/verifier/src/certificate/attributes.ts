/** The six personal attributes inside subjectAltName (署名用電子証明書の基本4情報と代替文字の使用位置情報). Nothing is guessed. */
import { toBase64 } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { contextConstructed, DerError, DerReader, TAG } from '../der/reader.ts';
import { utf8Between } from '../der/strings.ts';
import type { PersonalAttributes } from '../verdict.ts';
import { type GeneralName, OtherName } from './general-name.ts';

const MEMBERS = ['name', 'nameSubstitution', 'gender', 'dateOfBirth', 'address', 'addressSubstitution'] as const;
type Member = (typeof MEMBERS)[number];

const MEMBER_BY_OID: ReadonlyMap<string, Member> = new Map([
  [OID.jpkiName, 'name'],
  [OID.jpkiNameSubstitution, 'nameSubstitution'],
  [OID.jpkiGender, 'gender'],
  [OID.jpkiDateOfBirth, 'dateOfBirth'],
  [OID.jpkiAddress, 'address'],
  [OID.jpkiAddressSubstitution, 'addressSubstitution'],
]);

/** Whether a subjectAltName carries any personal attribute at all. */
export const hasPersonalAttributes = (subjectAltName: readonly GeneralName[] | null): boolean =>
  subjectAltName?.some((name) => name.kind === 'otherName' && MEMBER_BY_OID.has(name.typeId)) ?? false;

export type AttributesResult =
  | { readonly attributes: PersonalAttributes }
  /** Kebab-case detail of `attributes-invalid`. */
  | { readonly fault: 'attribute-encoding' | 'attribute-duplicate' | 'attribute-missing' };

/** Reads the attributes by OID, in any order. Further otherNames (kana, for example) are kept as they stand. */
export const readPersonalAttributes = (subjectAltName: readonly GeneralName[]): AttributesResult => {
  const values: Record<Member, string | null> = {
    name: null,
    nameSubstitution: null,
    gender: null,
    dateOfBirth: null,
    address: null,
    addressSubstitution: null,
  };
  const others: { oid: string; value: string }[] = [];
  for (const name of subjectAltName) {
    if (name.kind !== 'otherName') continue;
    const member = MEMBER_BY_OID.get(name.typeId);
    if (member === undefined) {
      others.push({ oid: name.typeId, value: toBase64(name.value) });
      continue;
    }
    if (values[member] !== null) return { fault: 'attribute-duplicate' };
    const text = explicitUtf8(name);
    if (text === null) return { fault: 'attribute-encoding' };
    values[member] = text;
  }
  for (const member of MEMBERS) if (values[member] === null) return { fault: 'attribute-missing' };
  const six = values as Record<Member, string>;
  return {
    attributes: {
      name: six.name,
      nameSubstitution: six.nameSubstitution,
      gender: six.gender,
      dateOfBirth: six.dateOfBirth,
      address: six.address,
      addressSubstitution: six.addressSubstitution,
      derived: {
        dateOfBirth: calendarDate(six.dateOfBirth),
        era: ERAS[six.dateOfBirth[0] ?? ''] ?? null,
        gender: six.gender === '1' ? 'male' : six.gender === '2' ? 'female' : null,
        nameSubstitutedAt: substitutedAt(six.nameSubstitution),
        addressSubstitutedAt: substitutedAt(six.addressSubstitution),
      },
      others,
    },
  };
};

const explicitUtf8 = (name: Extract<GeneralName, { kind: 'otherName' }>): string | null => {
  const reader = name instanceof OtherName ? new DerReader(name.source, name.start, name.end) : new DerReader(name.value);
  try {
    const outer = reader.enter(contextConstructed(0));
    const start = reader.passed(TAG.UTF8_STRING);
    const text = utf8Between(reader, reader.bytes, start, reader.pos);
    reader.leave(outer);
    reader.end();
    return text;
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
};

const ERAS: Readonly<Record<string, NonNullable<PersonalAttributes['derived']['era']>>> = {
  '0': 'unknown',
  '1': 'meiji',
  '2': 'taisho',
  '3': 'showa',
  '4': 'heisei',
  '5': 'reiwa',
};

const DATE_LENGTH = 9;

/** `EYYYYMMDD` with a Gregorian year. Era 0 means unknown; parts of zero or impossible days name no calendar date. */
const calendarDate = (raw: string): string | null => {
  if (raw.length !== DATE_LENGTH || raw < '1' || raw >= '6') return null;
  for (let i = 1; i < DATE_LENGTH; i++) if (raw.charCodeAt(i) < 0x30 || raw.charCodeAt(i) > 0x39) return null;
  const [year, month, day] = [Number(raw.slice(1, 5)), Number(raw.slice(5, 7)), Number(raw.slice(7))];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year
    ? `${raw.slice(1, 5)}-${raw.slice(5, 7)}-${raw.slice(7)}`
    : null;
};

/** Indices, in code points, of characters that were substituted. */
const substitutedAt = (flags: string): readonly number[] => {
  const found: number[] = [];
  let index = 0;
  for (const flag of flags) {
    if (flag === '1') found.push(index);
    index += 1;
  }
  return found;
};
