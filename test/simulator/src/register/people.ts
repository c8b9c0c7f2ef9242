/** Fictional people. Any likeness is chance: names are drawn from short lists, places are made up. */
import { OID } from '@jpki-rp/verifier/oids';
import type { Random } from '../random.ts';
import type { Municipality } from './municipalities.ts';

const FAMILY_NAMES = ['試野', '架空', '例田', '見本', '仮沢', '雛形', '作間', '夢川', '空木', '月影', '星丘', '虹村'];
const GIVEN_NAMES = [
  { name: 'さくら', gender: '2' },
  { name: '湊', gender: '1' },
  { name: '陽葵', gender: '2' },
  { name: '蒼太', gender: '1' },
  { name: '結衣', gender: '2' },
  { name: '大翔', gender: '1' },
  { name: '美咲', gender: '2' },
  { name: '悠真', gender: '1' },
  { name: '千尋', gender: '2' },
  { name: '健一', gender: '1' },
];
const FULL_WIDTH_SPACE = '　';

export interface PersonalData {
  readonly name: string;
  readonly gender: string;
  /** `EYYYYMMDD`: era digit, Gregorian year, month, day. */
  readonly dateOfBirth: string;
  readonly address: string;
}

export interface NameDeck {
  next(): { readonly name: string; readonly gender: string };
}

/** Each name comes once before any comes again, so that a handful of people are easy to tell apart. */
export function nameDeck(random: Random): NameDeck {
  const [families, given] = [random.shuffle(FAMILY_NAMES), random.shuffle(GIVEN_NAMES)];
  let drawn = 0;
  return {
    next: () => {
      const [family, person] = [families[drawn % families.length], given[drawn % given.length]];
      drawn++;
      if (family === undefined || person === undefined) throw new RangeError('no names');
      return { name: `${family}${FULL_WIDTH_SPACE}${person.name}`, gender: person.gender };
    },
  };
}

export function personalData(random: Random, deck: NameDeck, municipality: Municipality, name?: string): PersonalData {
  const drawn = deck.next();
  const year = 1950 + random.integer(55);
  const monthAndDay = `${two(1 + random.integer(12))}${two(1 + random.integer(28))}`;
  return {
    name: name ?? drawn.name,
    gender: drawn.gender,
    dateOfBirth: `${eraOf(`${year}${monthAndDay}`)}${year}${monthAndDay}`,
    address: addressIn(random, municipality),
  };
}

export function addressIn(random: Random, { prefecture, name, towns }: Municipality): string {
  const [block, lot, house] = [1 + random.integer(9), 1 + random.integer(30), 1 + random.integer(20)];
  return fullWidth(`${prefecture.name}${name}${random.pick(towns)}${block}丁目${lot}番${house}号`);
}

/** The six attributes in the order in which cards carry them: 1, 4, 3, 5, 2, 6. No character here needed a substitute. */
export const attributesOf = ({ name, gender, dateOfBirth, address }: PersonalData): (readonly [string, string])[] => [
  [OID.jpkiName, name],
  [OID.jpkiDateOfBirth, dateOfBirth],
  [OID.jpkiGender, gender],
  [OID.jpkiAddress, address],
  [OID.jpkiNameSubstitution, '0'.repeat([...name].length)],
  [OID.jpkiAddressSubstitution, '0'.repeat([...address].length)],
];

const two = (value: number): string => String(value).padStart(2, '0');
const eraOf = (date: string): string => (date >= '20190501' ? '5' : date >= '19890108' ? '4' : '3');
const fullWidth = (text: string): string => text.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
