import { type DerReader, TAG } from './reader.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** PrintableString alphabet (X.680 §41.4): letters, digits, space and '()+,-./:=? */
const PRINTABLE: readonly boolean[] = Array.from({ length: 128 }, (_, c) => /[A-Za-z0-9 '()+,\-./:=?]/.test(String.fromCharCode(c)));

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
      // PKITS and deployed certificates put '@', '*' and '_' here; what counts for us is that it is ASCII. See `isPrintable`.
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

export const utf8Of = (reader: DerReader, bytes: Uint8Array): string => {
  if (bytes.length < 48) {
    let text = '';
    for (const octet of bytes) {
      if (octet >= 0x80) return decodeUtf8(reader, bytes);
      text += String.fromCharCode(octet);
    }
    return text;
  }
  return decodeUtf8(reader, bytes);
};

const decodeUtf8 = (reader: DerReader, bytes: Uint8Array): string => {
  try {
    return UTF8.decode(bytes);
  } catch {
    return reader.fail('UTF8String not UTF-8');
  }
};

export const asciiOf = (reader: DerReader, bytes: Uint8Array): string => {
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

export const isPrintable = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (PRINTABLE[text.charCodeAt(i)] !== true) return false;
  return true;
};
