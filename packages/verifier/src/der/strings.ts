import { type DerReader, TAG } from './reader.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const isStringTag = (tag: number): boolean =>
  tag === TAG.UTF8_STRING ||
  tag === TAG.PRINTABLE_STRING ||
  tag === TAG.IA5_STRING ||
  tag === TAG.TELETEX_STRING ||
  tag === TAG.BMP_STRING ||
  tag === TAG.UNIVERSAL_STRING ||
  tag === TAG.NUMERIC_STRING ||
  tag === TAG.VISIBLE_STRING;

/** Decodes the content of a character string type; the text is returned code point by code point, without normalisation. */
export const stringOf = (reader: DerReader, tag: number, bytes: Uint8Array): string => {
  switch (tag) {
    case TAG.UTF8_STRING:
      return utf8Of(reader, bytes);
    case TAG.PRINTABLE_STRING:
      // PKITS and deployed certificates put '@', '*' and '_' here; what counts for us is that it is ASCII.
      return asciiOf(reader, bytes);
    case TAG.IA5_STRING:
    case TAG.NUMERIC_STRING:
    case TAG.VISIBLE_STRING:
      return asciiOf(reader, bytes);
    case TAG.TELETEX_STRING:
      return latin1(bytes);
    case TAG.BMP_STRING: {
      if (bytes.length % 2 !== 0) return reader.fail('BMPString of odd length');
      let text = '';
      for (let i = 0; i < bytes.length; i += 2) text += String.fromCharCode(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
      return text;
    }
    case TAG.UNIVERSAL_STRING: {
      if (bytes.length % 4 !== 0) return reader.fail('UniversalString length');
      let text = '';
      for (let i = 0; i < bytes.length; i += 4) {
        const point =
          (bytes[i] as number) * 0x1000000 +
          (((bytes[i + 1] as number) << 16) | ((bytes[i + 2] as number) << 8) | (bytes[i + 3] as number));
        if (point > 0x10ffff) return reader.fail('UniversalString code point');
        text += String.fromCodePoint(point);
      }
      return text;
    }
    default:
      return reader.fail('character string expected');
  }
};

/**
 * Checks the content of a character string type without making text of it: passes exactly what `stringOf` decodes. Names are checked when they are
 * read and decoded when somebody asks; most never are.
 */
export const checkString = (reader: DerReader, tag: number, start: number, end: number): void => {
  const { bytes } = reader;
  switch (tag) {
    case TAG.UTF8_STRING:
      checkUtf8(reader, bytes, start, end);
      return;
    case TAG.PRINTABLE_STRING:
    case TAG.IA5_STRING:
    case TAG.NUMERIC_STRING:
    case TAG.VISIBLE_STRING:
      checkAscii(reader, start, end);
      return;
    default:
      // Seldom seen: decoding is check enough.
      stringOf(reader, tag, bytes.subarray(start, end));
  }
};

export const checkAscii = (reader: DerReader, start: number, end: number): void => {
  const { bytes } = reader;
  for (let i = start; i < end; i++) if ((bytes[i] as number) >= 0x80) reader.fail('octet outside ASCII');
};

/** Well-formed UTF-8 (RFC 3629 §4): shortest forms, no surrogates, nothing above U+10FFFF. */
const checkUtf8 = (reader: DerReader, bytes: Uint8Array, start: number, end: number): void => {
  let i = start;
  while (i < end) {
    const lead = bytes[i] as number;
    if (lead < 0x80) {
      i += 1;
      continue;
    }
    const length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (length === 0 || i + length > end) reader.fail('UTF8String not UTF-8');
    const second = bytes[i + 1] as number;
    const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) reader.fail('UTF8String not UTF-8');
    for (let k = 2; k < length; k++) if (((bytes[i + k] as number) & 0xc0) !== 0x80) reader.fail('UTF8String not UTF-8');
    i += length;
  }
};

/** Where a native call costs more than a loop. */
const SHORT = 256;
const units: number[] = [];

const utf8Of = (reader: DerReader, bytes: Uint8Array): string => utf8Between(reader, bytes, 0, bytes.length);

/** Decodes `bytes[start..end)`; fails where they are not well-formed. */
export const utf8Between = (reader: DerReader, bytes: Uint8Array, start: number, end: number): string => {
  checkUtf8(reader, bytes, start, end);
  if (end - start > SHORT) return UTF8.decode(bytes.subarray(start, end));
  // Checked already: what follows only reads.
  units.length = 0;
  for (let i = start; i < end; ) {
    const lead = bytes[i++] as number;
    if (lead < 0x80) {
      units.push(lead);
      continue;
    }
    const second = (bytes[i++] as number) & 0x3f;
    if (lead < 0xe0) {
      units.push(((lead & 0x1f) << 6) | second);
      continue;
    }
    const third = (bytes[i++] as number) & 0x3f;
    if (lead < 0xf0) {
      units.push(((lead & 0x0f) << 12) | (second << 6) | third);
      continue;
    }
    const point = ((lead & 0x07) << 18) | (second << 12) | (third << 6) | ((bytes[i++] as number) & 0x3f);
    units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
  }
  return String.fromCharCode.apply(null, units);
};

const asciiOf = (reader: DerReader, bytes: Uint8Array): string => {
  let text = '';
  for (const octet of bytes) {
    if (octet >= 0x80) return reader.fail('octet outside ASCII');
    text += String.fromCharCode(octet);
  }
  return text;
};

const latin1 = (bytes: Uint8Array): string => {
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
};
