/** Distinguished names (RFC 5280 §4.1.2.4), their comparison (§7.1) and their text form (RFC 4514). */
import { equalBytes } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { Part } from '../der/part.ts';
import { DerReader, TAG } from '../der/reader.ts';
import { checkString, isStringTag, stringOf } from '../der/strings.ts';

export interface AttributeTypeAndValue {
  readonly type: string;
  /** Tag of the value's type. */
  readonly tag: number;
  /** Decoded text; null for values that are not character strings. */
  readonly text: string | null;
  /** Content octets. */
  readonly value: Uint8Array;
}

export type RelativeDistinguishedName = readonly AttributeTypeAndValue[];

export class Name {
  readonly #whole: Part;
  #rdns: readonly RelativeDistinguishedName[] | undefined;
  #canonical: readonly string[] | undefined;
  /** Encodings of this very name by others (case, string type), newest first: comparing octets spares preparing every name anew. */
  #spellings: readonly Uint8Array[] = [];

  /** `der`: the whole RDNSequence. */
  constructor(der: Uint8Array | Part, rdns?: readonly RelativeDistinguishedName[]) {
    this.#whole = der instanceof Part ? der : new Part(der, 0, der.length);
    this.#rdns = rdns;
  }

  /** The whole RDNSequence. */
  get der(): Uint8Array {
    return this.#whole.octets;
  }

  get rdns(): readonly RelativeDistinguishedName[] {
    this.#rdns ??= rdnsOf(new DerReader(this.der));
    return this.#rdns;
  }

  get isEmpty(): boolean {
    return this.#whole.end - this.#whole.start === 2;
  }

  /** One string per RDN; two RDNs are the same name component exactly when their strings are equal (RFC 5280 §7.1, RFC 4518). */
  get canonicalRdns(): readonly string[] {
    this.#canonical ??= this.rdns.map(canonicalRdn);
    return this.#canonical;
  }

  /** RFC 5280 §7.1: same RDNs in the same order, text compared without regard to case, string type and repeated space. */
  equals(other: Name): boolean {
    if (equalBytes(this.der, other.der)) return true;
    const a = this.canonicalRdns;
    const b = other.canonicalRdns;
    return a.length === b.length && a.every((rdn, i) => rdn === b[i]);
  }

  /** True where `base` is this name or an ancestor of it in the directory tree. */
  isWithin(base: Name): boolean {
    if (base.#spellings.some((spelling) => beginsContentOf(spelling, this.der))) return true;
    const a = this.canonicalRdns;
    const b = base.canonicalRdns;
    const within = a.length >= b.length && b.every((rdn, i) => rdn === a[i]);
    if (within) base.#learn(this.der, b.length);
    return within;
  }

  /** The same components in the same order, whether or not both names have an encoding of their own (RFC 5280 §7.1). */
  sameAs(other: Name): boolean {
    if (other.#spellings.some((spelling) => isContentOf(spelling, this.der))) return true;
    const a = this.canonicalRdns;
    const b = other.canonicalRdns;
    const same = a.length === b.length && a.every((rdn, i) => rdn === b[i]);
    if (same) other.#learn(this.der, b.length);
    return same;
  }

  /** Remembers the first `count` RDNs of an encoded name as one of the ways to write this one. */
  #learn(der: Uint8Array, count: number): void {
    // A name put together from parts has no encoding.
    if (der.length < 2 || der.length > MAXIMUM_SPELLING || count === 0) return;
    const reader = new DerReader(der);
    reader.enter(TAG.SEQUENCE);
    const start = reader.pos;
    for (let i = 0; i < count; i++) reader.skip();
    this.#spellings = [new Uint8Array(der.subarray(start, reader.pos)), ...this.#spellings.slice(0, MAXIMUM_SPELLINGS - 1)];
  }

  /** RFC 4514: the last RDN first. */
  toString(): string {
    return this.rdns
      .map((rdn) => rdn.map((a) => `${SHORT_NAMES[a.type] ?? a.type}=${a.text === null ? `#${hexOf(a)}` : escape4514(a.text)}`).join('+'))
      .reverse()
      .join(',');
  }
}

const MAXIMUM_SPELLINGS = 4;
/** Octets. No real name comes near it. */
const MAXIMUM_SPELLING = 2048;

const contentStart = (der: Uint8Array): number => {
  const first = der[1] as number;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
};

/** Whole RDNs that are octet for octet the first of the encoded name. */
const beginsContentOf = (rdns: Uint8Array, der: Uint8Array): boolean => {
  const start = contentStart(der);
  if (der.length < start + rdns.length) return false;
  for (let i = 0; i < rdns.length; i++) if (der[start + i] !== rdns[i]) return false;
  return true;
};

const isContentOf = (rdns: Uint8Array, der: Uint8Array): boolean =>
  der.length === contentStart(der) + rdns.length && beginsContentOf(rdns, der);

/** Reads a Name at the cursor and checks its structure and text. */
export const readName = (reader: DerReader): Name => {
  const start = reader.pos;
  const outer = reader.enter(TAG.SEQUENCE);
  while (!reader.done) {
    const set = reader.enter(TAG.SET);
    checkRdnContent(reader);
    reader.leave(set);
  }
  reader.leave(outer);
  return new Name(new Part(reader.bytes, start, reader.pos));
};

/** Passes exactly what `readRdnContent` reads, and makes no objects: a certificate has some thirty attributes in its names, and few are ever looked at. */
const checkRdnContent = (reader: DerReader): void => {
  const start = reader.pos;
  const sequence = reader.enter(TAG.SEQUENCE);
  reader.checkOid();
  const tag = valueTag(reader);
  const end = reader.header(tag);
  if (isStringTag(tag)) checkString(reader, tag, reader.pos, end);
  reader.pos = end;
  reader.leave(sequence);
  if (reader.done) return;
  // Several attributes in one RDN are rare: the order of the SET is checked by reading it.
  reader.pos = start;
  readRdnContent(reader);
};

const valueTag = (reader: DerReader): number => {
  const tag = reader.peek();
  return (tag & 0x1f) === 0x1f ? reader.fail('attribute value') : tag;
};

const rdnsOf = (reader: DerReader): readonly RelativeDistinguishedName[] => {
  const rdns: RelativeDistinguishedName[] = [];
  const outer = reader.enter(TAG.SEQUENCE);
  while (!reader.done) {
    const set = reader.enter(TAG.SET);
    rdns.push(readRdnContent(reader));
    reader.leave(set);
  }
  reader.leave(outer);
  return rdns;
};

/** Attributes of one RDN; the cursor stands inside the SET (or inside the implicit [1] of a distribution point). */
export const readRdnContent = (reader: DerReader): RelativeDistinguishedName => {
  const attributes: AttributeTypeAndValue[] = [];
  if (reader.done) reader.fail('RDN empty');
  let previous: Uint8Array | undefined;
  while (!reader.done) {
    const start = reader.pos;
    const sequence = reader.enter(TAG.SEQUENCE);
    const type = reader.oid();
    const tag = valueTag(reader);
    const value = reader.value(tag);
    reader.leave(sequence);
    const element = reader.bytes.subarray(start, reader.pos);
    // X.690 §11.6: the elements of a SET OF stand in ascending order.
    if (previous !== undefined && compareBytes(previous, element) > 0) reader.fail('SET OF not sorted');
    previous = element;
    attributes.push({ type, tag, text: isStringTag(tag) ? stringOf(reader, tag, value) : null, value });
  }
  return attributes;
};

const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return a.length - b.length;
};

const canonicalRdn = (rdn: RelativeDistinguishedName): string => rdn.map(canonicalAttribute).sort().join('\u0001');

/** A value that is no text is marked as such, so that no text can spell it. */
const canonicalAttribute = (a: AttributeTypeAndValue): string =>
  a.text === null ? `${a.type}\u0000\u0001${a.tag}:${hexOf(a)}` : `${a.type}\u0000${prepare(a.text)}`;

/**
 * RFC 4518 §2 as RFC 5280 §7.1 uses it: what says nothing mapped to nothing, case folded, compatibility form,
 * spaces at the ends dropped and inside collapsed.
 */
const prepare = (text: string): string =>
  /^[\x21-\x7e]*$/.test(text)
    ? text.toLowerCase()
    : text
        .normalize('NFKC')
        .replace(IGNORED, '')
        .replace(FOLDED, fold)
        .normalize('NFKC')
        .replace(/[\s\u0085\u00a0]+/g, ' ')
        .replace(/^ | $/g, '')
        .replace(SEPARATORS, (c) => `\u0002${c.charCodeAt(0)}`);

/** The dotless i is no i in any case but the Turkish. */
const FOLDED = /[^ı]+/gu;
/** By way of the upper case, so that ß is ss and ς is σ (RFC 3454 B.2). */
const fold = (text: string): string => text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/**
 * RFC 4518 §2.2: soft hyphens, joiners, variation selectors, marks of direction, tags. Control characters map to nothing there as well; here they stay, so that
 * a name with one is no other name.
 */
const IGNORED =
  /\u034f|[\u180b-\u180d]|[\ufe00-\ufe0f]|[\u00ad\u06dd\u070f\u1806\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffc\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/gu;

/** What separates types, values and attributes above: inside a text it must not pass for a separator. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const SEPARATORS = /[\u0000-\u0002]/g;

const hexOf = (a: AttributeTypeAndValue): string => Array.from(a.value, (b) => b.toString(16).padStart(2, '0')).join('');

const SHORT_NAMES: Readonly<Record<string, string>> = {
  [OID.commonName]: 'CN',
  [OID.countryName]: 'C',
  [OID.localityName]: 'L',
  [OID.stateOrProvinceName]: 'ST',
  [OID.organizationName]: 'O',
  [OID.organizationalUnitName]: 'OU',
  [OID.domainComponent]: 'DC',
};

const TYPES_BY_NAME: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(SHORT_NAMES).map(([oid, name]) => [name, oid]));

const escape4514 = (text: string): string =>
  text
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replace(/^[# ]/, '\\$&')
    .replace(/ $/, '\\ ')
    .replaceAll('\u0000', '\\00');

/**
 * Parses an RFC 4514 string into a name for comparison. Returns null where the text is not one. The types are those with short names, or dotted OIDs;
 * values are text, `#hex` is not taken.
 */
export const parseName = (text: string): Name | null => {
  const rdns: AttributeTypeAndValue[][] = [];
  let i = 0;
  if (text === '') return new Name(Uint8Array.of(0x30, 0), []);
  for (;;) {
    const rdn: AttributeTypeAndValue[] = [];
    for (;;) {
      const match = /^\s*([A-Za-z]+|\d+(?:\.\d+)+)\s*=\s*/.exec(text.slice(i));
      if (match === null) return null;
      const type = TYPES_BY_NAME[(match[1] as string).toUpperCase()] ?? (/^\d/.test(match[1] as string) ? match[1] : undefined);
      if (type === undefined) return null;
      i += match[0].length;
      const value = readValue(text, i);
      if (value === null) return null;
      i = value.next;
      rdn.push({ type, tag: TAG.UTF8_STRING, text: value.text, value: new TextEncoder().encode(value.text) });
      if (text[i] !== '+') break;
      i += 1;
    }
    rdns.unshift(rdn);
    if (i === text.length) return new Name(encodeName(rdns), rdns);
    if (text[i] !== ',') return null;
    i += 1;
  }
};

const readValue = (text: string, from: number): { text: string; next: number } | null => {
  let value = '';
  let kept = 0;
  let i = from;
  if (text[i] === '#') return null;
  while (i < text.length && text[i] !== ',' && text[i] !== '+') {
    const c = text[i] as string;
    if (c === '\\') {
      const pair = /^\\(?:([0-9A-Fa-f]{2})|([\\"+,;<>#= ]))/.exec(text.slice(i));
      if (pair === null) return null;
      if (pair[1] !== undefined) {
        // Hex pairs are UTF-8 octets: a run of them makes characters.
        const run = /^(?:\\[0-9A-Fa-f]{2})+/.exec(text.slice(i)) as RegExpExecArray;
        try {
          value += new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
            Uint8Array.from(run[0].split('\\').slice(1), (h) => Number.parseInt(h, 16)),
          );
        } catch {
          return null;
        }
        i += run[0].length;
      } else {
        value += pair[2];
        i += 2;
      }
      kept = value.length;
      continue;
    }
    if (c === '"' || c === ';' || c === '<' || c === '>' || c === '\u0000') return null;
    value += c;
    if (c !== ' ') kept = value.length;
    i += 1;
  }
  return { text: value.slice(0, kept), next: i };
};

const encodeName = (rdns: readonly (readonly AttributeTypeAndValue[])[]): Uint8Array =>
  tlv(
    TAG.SEQUENCE,
    concat(rdns.map((rdn) => tlv(TAG.SET, concat(rdn.map((a) => tlv(TAG.SEQUENCE, concat([encodeOid(a.type), tlv(a.tag, a.value)]))))))),
  );

const concat = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const tlv = (tag: number, content: Uint8Array): Uint8Array => {
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return concat([Uint8Array.of(tag, ...length), content]);
};

const encodeOid = (oid: string): Uint8Array => {
  const arcs = oid.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [(arcs[0] as number) * 40 + (arcs[1] as number), ...arcs.slice(2)]) {
    const groups = [arc & 0x7f];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift((rest & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return tlv(TAG.OID, Uint8Array.from(octets));
};
