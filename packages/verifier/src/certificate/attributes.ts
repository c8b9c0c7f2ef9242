/** The six personal attributes inside subjectAltName (署名用電子証明書の基本4情報と代替文字の使用位置情報). Nothing is guessed. */
import { toBase64 } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { contextConstructed, DerError, DerReader, TAG } from '../der/reader.ts';
import { utf8Of } from '../der/strings.ts';
import type { PersonalAttributes } from '../verdict.ts';
import type { GeneralName } from './general-name.ts';

const MEMBER_BY_OID = {
  [OID.jpkiName]: 'name',
  [OID.jpkiNameSubstitution]: 'nameSubstitution',
  [OID.jpkiGender]: 'gender',
  [OID.jpkiDateOfBirth]: 'dateOfBirth',
  [OID.jpkiAddress]: 'address',
  [OID.jpkiAddressSubstitution]: 'addressSubstitution',
} as const;

type Member = (typeof MEMBER_BY_OID)[keyof typeof MEMBER_BY_OID];
const MEMBERS: readonly Member[] = Object.values(MEMBER_BY_OID);
const memberOf = (oid: string): Member | undefined => MEMBER_BY_OID[oid as keyof typeof MEMBER_BY_OID];

/** Whether a subjectAltName carries any personal attribute at all. */
export const hasPersonalAttributes = (subjectAltName: readonly GeneralName[] | null): boolean =>
  subjectAltName?.some((name) => name.kind === 'otherName' && memberOf(name.typeId) !== undefined) ?? false;

export type AttributesResult =
  | { readonly attributes: PersonalAttributes }
  /** Kebab-case detail of `attributes-invalid`. */
  | { readonly fault: 'attribute-encoding' | 'attribute-duplicate' | 'attribute-missing' };

/** Reads the attributes by OID, in any order. Further otherNames (kana, for example) are kept as they stand. */
export const readPersonalAttributes = (subjectAltName: readonly GeneralName[]): AttributesResult => {
  const values: Partial<Record<Member, string>> = {};
  const others: { oid: string; value: string }[] = [];
  for (const name of subjectAltName) {
    if (name.kind !== 'otherName') continue;
    const member = memberOf(name.typeId);
    if (member === undefined) {
      others.push({ oid: name.typeId, value: toBase64(name.value) });
      continue;
    }
    if (values[member] !== undefined) return { fault: 'attribute-duplicate' };
    const text = explicitUtf8(name.value);
    if (text === null) return { fault: 'attribute-encoding' };
    values[member] = text;
  }
  if (MEMBERS.some((member) => values[member] === undefined)) return { fault: 'attribute-missing' };
  const six = values as Record<Member, string>;
  return {
    attributes: {
      ...six,
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

const explicitUtf8 = (value: Uint8Array): string | null => {
  const reader = new DerReader(value);
  try {
    const outer = reader.enter(contextConstructed(0));
    const text = utf8Of(reader, reader.value(TAG.UTF8_STRING));
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

/** `EYYYYMMDD` with a Gregorian year. Era 0 means unknown; parts of zero or impossible days name no calendar date. */
const calendarDate = (raw: string): string | null => {
  const match = /^[1-5](\d{4})(\d{2})(\d{2})$/.exec(raw);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year
    ? `${match[1]}-${match[2]}-${match[3]}`
    : null;
};

/** Indices, in code points, of characters that were substituted. */
const substitutedAt = (flags: string): readonly number[] => Array.from(flags).flatMap((flag, index) => (flag === '1' ? [index] : []));
