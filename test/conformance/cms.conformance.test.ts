/**
 * OpenSSL's malformed CMS messages. Four of them are BER, which the gate refuses; written anew in DER, each must fall to the rule it was made to break.
 */
import { describe, expect, test } from 'vitest';
import { type CmsResult, verifyCms } from '../../packages/verifier/src/signature/cms.ts';
import { readBytes, runSuite } from './runner.ts';

/** File → the rule of RFC 5652 it breaks, as the detail of our refusal. */
const FILES: Readonly<Record<string, string>> = {
  'bad_signtime_attr.cms': 'unsigned-attribute',
  'ct_multiple_attr.cms': 'content-type-attribute',
  'no_ct_attr.cms': 'content-type-attribute',
  'no_md_attr.cms': 'message-digest-attribute',
  'pkcs7-empty-digest-set.eml': 'digest-not-listed',
};

interface Message {
  readonly cms: Uint8Array;
  readonly content?: Uint8Array;
}

/** The signature part of an S/MIME message is base64 between blank line and boundary. */
const messageOf = (file: string): Message => {
  const bytes = readBytes('cms', file);
  if (!file.endsWith('.eml')) return { cms: bytes };
  const text = Buffer.from(bytes).toString('latin1');
  const boundary = `--${/boundary="([^"]+)"/.exec(text)?.[1]}`;
  const [, content, signature] = text.split(boundary) as [string, string, string];
  const base64 = signature.split(/\r?\n\r?\n/)[1] as string;
  return {
    cms: new Uint8Array(Buffer.from(base64, 'base64')),
    content: new Uint8Array(Buffer.from(content.replace(/^\r?\n/, '').replace(/\r?\n$/, ''), 'latin1')),
  };
};

const refusalOf = (message: Message): CmsResult => verifyCms(message);

runSuite(
  'cms',
  Object.keys(FILES).map((file) => ({
    id: file,
    expected: 'invalid',
    accepts: () => {
      const result = refusalOf(messageOf(file));
      return result.result === 'valid' ? true : `${result.code}/${result.detail}`;
    },
  })),
);

describe('written in DER', () => {
  test.each(Object.entries(FILES))('%s falls to its own rule: %s', (file, detail) => {
    const { cms, ...rest } = messageOf(file);
    expect(refusalOf({ cms: derOf(cms), ...rest })).toEqual({ result: 'invalid', code: 'malformed', detail });
  });
});

/** Definite lengths, and strings in one piece; nothing else is changed. */
function derOf(ber: Uint8Array): Uint8Array {
  let at = 0;
  const element = (): { tag: number; whole: Buffer; content: Buffer } => {
    const tag = ber[at++] as number;
    const first = ber[at++] as number;
    let length = first;
    if (first > 0x80) {
      length = 0;
      for (let i = 0; i < (first & 0x7f); i++) length = length * 256 + (ber[at++] as number);
    }
    const parts: Buffer[] = [];
    if (first === 0x80) {
      while (ber[at] !== 0) parts.push(part(tag));
      at += 2;
    } else if ((tag & 0x20) !== 0) {
      const end = at + length;
      while (at < end) parts.push(part(tag));
    } else {
      parts.push(Buffer.from(ber.subarray(at, at + length)));
      at += length;
    }
    const content = Buffer.concat(parts);
    const plain = tag === 0x24 ? 0x04 : tag;
    return { tag: plain, content, whole: Buffer.concat([Buffer.from([plain]), lengthOf(content.length), content]) };
  };
  const part = (outer: number): Buffer => {
    const inner = element();
    return outer === 0x24 ? inner.content : inner.whole;
  };
  return new Uint8Array(element().whole);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets =
    length > 0xffff ? [length >> 16, (length >> 8) & 0xff, length & 0xff] : length > 0xff ? [length >> 8, length & 0xff] : [length];
  return Buffer.from([0x80 | octets.length, ...octets]);
}
