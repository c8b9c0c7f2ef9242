/**
 * A strict, single-pass DER cursor (ITU-T X.690 §10). Nothing is copied: values are views of the input.
 *
 * ```ts
 * const outer = reader.enter(TAG.SEQUENCE); // the limit is now the end of the SEQUENCE
 * const version = reader.smallInteger();
 * reader.leave(outer);                       // everything inside must have been read
 * ```
 * Every fault is a `DerError`; callers turn it into the code of what they were reading (`malformed`, `crl-malformed`, `ocsp-malformed`).
 */

import { knownOid } from './known-oids.ts';

export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  NUMERIC_STRING: 0x12,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  VISIBLE_STRING: 0x1a,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** Context-specific tags: primitive (IMPLICIT of a primitive type) and constructed (EXPLICIT, or IMPLICIT of a constructed type). */
export const contextPrimitive = (number: number): number => 0x80 | number;
export const contextConstructed = (number: number): number => 0xa0 | number;

export class DerError extends Error {
  override readonly name = 'DerError';
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at offset ${offset}`);
    this.offset = offset;
  }
}

export class DerReader {
  readonly bytes: Uint8Array;
  /** Offset of the next octet to read. */
  pos: number;
  /** End of the innermost element entered. */
  limit: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.pos = start;
    this.limit = end;
  }

  get done(): boolean {
    return this.pos === this.limit;
  }

  fail(what: string): never {
    throw new DerError(what, this.pos);
  }

  /** The next tag octet, or -1 at the end of the element. */
  peek(): number {
    return this.pos < this.limit ? (this.bytes[this.pos] as number) : -1;
  }

  /** Reads a header with the expected tag; the cursor stands on the content, whose end is returned. */
  header(tag: number): number {
    if (this.pos >= this.limit) return this.fail('element missing');
    if (this.bytes[this.pos] !== tag) return this.fail(`tag ${hex(tag)} expected`);
    this.pos += 1;
    return this.length();
  }

  /** Reads any header; returns the end of the content. High-tag-number form does not occur in the standards read here. */
  anyHeader(): number {
    if (this.pos >= this.limit) return this.fail('element missing');
    if (((this.bytes[this.pos] as number) & 0x1f) === 0x1f) return this.fail('high tag number');
    this.pos += 1;
    return this.length();
  }

  private length(): number {
    const { bytes, limit } = this;
    if (this.pos >= limit) return this.fail('length missing');
    const first = bytes[this.pos++] as number;
    let length = first;
    if (first === 0x82 && this.pos + 2 <= limit) {
      length = ((bytes[this.pos] as number) << 8) | (bytes[this.pos + 1] as number);
      this.pos += 2;
      if (length < 0x100) return this.fail('length not minimal');
    } else if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0) return this.fail('indefinite length');
      if (count > 4) return this.fail('length too long');
      if (this.pos + count > limit) return this.fail('length truncated');
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[this.pos++] as number);
      if (length < 0x80 || length < 2 ** (8 * (count - 1))) return this.fail('length not minimal');
    }
    const end = this.pos + length;
    if (end > limit) return this.fail('element longer than its container');
    return end;
  }

  /** Enters an element; returns the outer limit for `leave`. */
  enter(tag: number): number {
    const outer = this.limit;
    this.limit = this.header(tag);
    return outer;
  }

  /** Leaves the element entered last; everything inside must have been read. */
  leave(outer: number): void {
    if (this.pos !== this.limit) this.fail('unexpected element');
    this.limit = outer;
  }

  /** Fails unless everything has been read. */
  end(): void {
    if (this.pos !== this.limit) this.fail('trailing bytes');
  }

  /** The content octets of an element. */
  value(tag: number): Uint8Array {
    const end = this.header(tag);
    const content = this.bytes.subarray(this.pos, end);
    this.pos = end;
    return content;
  }

  /** The whole next element, header included, whatever it is. Its inside is not looked at. */
  element(): Uint8Array {
    const start = this.pos;
    this.pos = this.anyHeader();
    return this.bytes.subarray(start, this.pos);
  }

  skip(): void {
    this.pos = this.anyHeader();
  }

  /** Moves the reader to another part of the same octets. */
  turnTo(start: number, end: number): void {
    this.pos = start;
    this.limit = end;
  }

  /** Passes over the content of an element with the expected tag and returns where it begins; it ends at the cursor. */
  passed(tag: number): number {
    const end = this.header(tag);
    const start = this.pos;
    this.pos = end;
    return start;
  }

  /** A reader over the content of the next element. */
  inside(tag: number): DerReader {
    const end = this.header(tag);
    const inner = new DerReader(this.bytes, this.pos, end);
    this.pos = end;
    return inner;
  }

  boolean(tag: number = TAG.BOOLEAN): boolean {
    const end = this.header(tag);
    const octet = this.bytes[this.pos];
    if (end !== this.pos + 1 || (octet !== 0x00 && octet !== 0xff)) return this.fail('BOOLEAN not DER');
    this.pos = end;
    return octet === 0xff;
  }

  /** Content octets of an INTEGER in the shortest two's-complement form (X.690 §8.3.2). */
  integer(tag: number = TAG.INTEGER): Uint8Array {
    const start = this.passedInteger(tag);
    return this.bytes.subarray(start, this.pos);
  }

  /** Passes over an INTEGER that `integer` reads and returns where its content begins; it ends at the cursor. */
  passedInteger(tag: number = TAG.INTEGER): number {
    const end = this.header(tag);
    const start = this.pos;
    if (end === start) return this.fail('INTEGER empty');
    const first = this.bytes[start] as number;
    if (end - start > 1) {
      const second = this.bytes[start + 1] as number;
      if ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)) return this.fail('INTEGER not minimal');
    }
    this.pos = end;
    return start;
  }

  /** A non-negative INTEGER or ENUMERATED below 2^31. */
  smallInteger(tag: number = TAG.INTEGER): number {
    const start = this.passedInteger(tag);
    const { bytes, pos: end } = this;
    if ((bytes[start] as number) >= 0x80) return this.fail('INTEGER negative');
    if (end - start > 4) return this.fail('INTEGER too large');
    let value = 0;
    for (let i = start; i < end; i++) value = value * 256 + (bytes[i] as number);
    return value;
  }

  /** Passes over any BIT STRING. */
  checkBitString(tag: number = TAG.BIT_STRING): void {
    const end = this.header(tag);
    this.checkBits(end);
    this.pos = end;
  }

  /** The cursor stands on the content of a BIT STRING. */
  private checkBits(end: number): void {
    const { bytes, pos: start } = this;
    if (end === start) this.fail('BIT STRING empty');
    const unusedBits = bytes[start] as number;
    if (unusedBits > 7 || (unusedBits > 0 && end === start + 1)) this.fail('BIT STRING unused bits');
    if (unusedBits > 0 && ((bytes[end - 1] as number) & ((1 << unusedBits) - 1)) !== 0) this.fail('BIT STRING unused bits not zero');
  }

  /** A BIT STRING that holds whole octets (signatures, keys). */
  octetAlignedBitString(tag: number = TAG.BIT_STRING): Uint8Array {
    const start = this.passedBitString(tag);
    return this.bytes.subarray(start, this.pos);
  }

  /** Passes over a BIT STRING that `octetAlignedBitString` reads and returns where its octets begin; they end at the cursor. */
  passedBitString(tag: number = TAG.BIT_STRING): number {
    const end = this.header(tag);
    const start = this.pos;
    if (end === start) return this.fail('BIT STRING empty');
    if (this.bytes[start] !== 0) return this.fail('BIT STRING not octet-aligned');
    this.pos = end;
    return start + 1;
  }

  /** A named-bit list of at most 31 bits as a mask: bit n of the list is `1 << n`. Trailing zero bits are refused (X.690 §11.2.2). */
  namedBits(tag: number = TAG.BIT_STRING): number {
    const end = this.header(tag);
    const { bytes, pos } = this;
    const first = pos + 1;
    this.checkBits(end);
    if (end - first > 3) return this.fail('BIT STRING too long');
    if (end > first && ((bytes[end - 1] as number) & (1 << (bytes[pos] as number))) === 0)
      return this.fail('BIT STRING has trailing zero bits');
    let mask = 0;
    for (let i = 0; i < (end - first) * 8; i++) if ((bytes[first + (i >> 3)] as number) & (0x80 >> (i & 7))) mask |= 1 << i;
    this.pos = end;
    return mask;
  }

  null(): void {
    if (this.header(TAG.NULL) !== this.pos) this.fail('NULL not empty');
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  oid(tag: number = TAG.OID): string {
    const end = this.header(tag);
    const start = this.pos;
    this.pos = end;
    return knownOid(this.bytes, start, end) ?? this.decodeOid(start, end);
  }

  /** Passes over an OBJECT IDENTIFIER that `oid` would read. */
  checkOid(): void {
    const { bytes, pos } = this;
    if (
      bytes[pos] === TAG.OID &&
      bytes[pos + 1] === 3 &&
      bytes[pos + 2] === 0x55 &&
      bytes[pos + 3] === 0x04 &&
      (bytes[pos + 4] as number) < 0x80
    ) {
      this.pos = this.header(TAG.OID);
    } else this.oid();
  }

  private decodeOid(start: number, end: number): string {
    const { bytes } = this;
    if (end === start || (bytes[end - 1] as number) >= 0x80) return this.fail('OBJECT IDENTIFIER truncated');
    let text = '';
    let arc = 0;
    let fresh = true;
    for (let i = start; i < end; i++) {
      const octet = bytes[i] as number;
      if (fresh && octet === 0x80) return this.fail('OBJECT IDENTIFIER not minimal');
      if (arc > 0x3fffffffffff) return this.fail('OBJECT IDENTIFIER arc too large');
      arc = arc * 128 + (octet & 0x7f);
      fresh = octet < 0x80;
      if (fresh) {
        if (text === '') text = arc < 40 ? `0.${arc}` : arc < 80 ? `1.${arc - 40}` : `2.${arc - 80}`;
        else text += `.${arc}`;
        arc = 0;
      }
    }
    return text;
  }

  /** UTCTime `YYMMDDHHMMSSZ` or GeneralizedTime `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5), in milliseconds since 1970. */
  time(): number {
    return this.peek() === TAG.GENERALIZED_TIME ? this.generalizedTime() : this.timeOf(TAG.UTC_TIME, 13);
  }

  generalizedTime(tag: number = TAG.GENERALIZED_TIME): number {
    return this.timeOf(tag, 15);
  }

  private timeOf(tag: number, length: number): number {
    const end = this.header(tag);
    if (end - this.pos !== length || this.bytes[end - 1] !== 0x5a) return this.fail('time not in the form of RFC 5280');
    let year = this.twoDigits();
    if (length === 15) year = year * 100 + this.twoDigits();
    else year += year < 50 ? 2000 : 1900;
    const month = this.twoDigits();
    const day = this.twoDigits();
    const hour = this.twoDigits();
    const minute = this.twoDigits();
    const second = this.twoDigits();
    const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
    if (month < 1 || month > 12 || day < 1 || day > (DAYS[month] as number) + leap || hour > 23 || minute > 59 || second > 59) {
      return this.fail('time out of range');
    }
    this.pos = end;
    // Years below 100 would be read as 19xx by Date.UTC; such times are of no use here.
    if (year < 100) return this.fail('time out of range');
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  private twoDigits(): number {
    const tens = (this.bytes[this.pos++] as number) - 0x30;
    const ones = (this.bytes[this.pos++] as number) - 0x30;
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return this.fail('digit expected');
    return tens * 10 + ones;
  }
}

const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const hex = (octet: number): string => octet.toString(16).padStart(2, '0');
