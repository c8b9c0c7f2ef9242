/** Issuers and CRLs of any size, made without the code under test. */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
};
const lengthOctets = (n: number): Buffer => {
  if (n < 0x80) return Buffer.from([n]);
  const octets: number[] = [];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([0x80 | octets.length, ...octets]);
};
const seq = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const utcTime = (ms: number): Buffer => der(0x17, Buffer.from(digits(ms)));
const digits = (ms: number): string => `${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`;
const attribute = (oid: string, text: string): Buffer => der(0x31, seq(hex(oid), der(0x0c, Buffer.from(text))));

export const NAME = seq(attribute('0603550406', 'JP'), attribute('060355040a', 'JPKI-BENCH'), attribute('060355040b', 'Minted'));
export const POINT_TEXT = 'CN=Bench CRLDP,OU=Minted,O=JPKI-BENCH,C=JP';
const POINT = seq(
  attribute('0603550406', 'JP'),
  attribute('060355040a', 'JPKI-BENCH'),
  attribute('060355040b', 'Minted'),
  attribute('0603550403', 'Bench CRLDP'),
);
const SHA256_RSA = hex('300d06092a864886f70d01010b0500');

export interface Issuer {
  readonly privateKey: KeyObject;
  readonly certificate: Buffer;
}

export const AT = Date.UTC(2026, 8, 15);
const DAY = 86_400_000;

export const mintIssuer = (): Issuer => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const extensions = der(
    0xa3,
    seq(
      seq(hex('0603551d13'), hex('0101ff'), der(0x04, seq(hex('0101ff')))),
      seq(hex('0603551d0f'), hex('0101ff'), der(0x04, hex('03020106'))),
    ),
  );
  const tbs = seq(
    der(0xa0, hex('020102')),
    hex('020101'),
    SHA256_RSA,
    NAME,
    seq(utcTime(AT - 900 * DAY), utcTime(AT + 2700 * DAY)),
    NAME,
    spki,
    extensions,
  );
  const signature = createSign('sha256').update(tbs).sign(privateKey);
  return { privateKey, certificate: seq(tbs, SHA256_RSA, der(0x03, Buffer.from([0]), signature)) };
};

export interface Shape {
  readonly entries: number;
  /** Octets of a serial number. */
  readonly serial: 4 | 8 | 20;
  readonly reasons: boolean;
  readonly number?: number;
  readonly seed?: number;
}

/** Entry `i` of a CRL: distinct serial numbers in increasing order, dates over five years, reasons in turn. */
const REASONS = [0, 1, 3, 4, 5, 6];

/** Serial number `i`, content octets; `out` has room for it. The first four octets ascend; the rest is scrambled. */
export const serialOf = (i: number, { entries, serial, seed = 1 }: Shape, out: Buffer): void => {
  const step = Math.max(1, Math.floor(0x6fffffff / entries));
  const value = 0x01000000 + i * step + (step > 1 ? (Math.imul(i ^ seed, 0x9e3779b1) >>> 0) % step : 0);
  out.writeUInt32BE(value, 0);
  let x = (value ^ seed) >>> 0;
  for (let at = 4; at < serial; at += 4) {
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
    x = (x ^ (x >>> 13)) >>> 0;
    out.writeUInt32BE(x, at);
  }
};
export const dateOf = (i: number): number =>
  AT - 2 * DAY - ((Math.imul(i, 7919) >>> 0) % 1700) * DAY - ((Math.imul(i, 104_729) >>> 0) % 86_400) * 1000;
export const reasonOf = (i: number): number => REASONS[i % REASONS.length] as number;

/** Writes the CRL piece by piece; 20 M entries never are in memory. Returns its octets. */
export const mintCrl = (path: string, issuer: Issuer, shape: Shape): number => {
  const { entries, serial, reasons } = shape;
  const entryBytes = 2 + 2 + serial + 15 + (reasons ? 14 : 0);
  const listBytes = entryBytes * entries;
  const list = Buffer.concat([Buffer.from([0x30]), lengthOctets(listBytes)]);
  const head = Buffer.concat([hex('020101'), SHA256_RSA, NAME, utcTime(AT), utcTime(AT + DAY)]);
  const idp = seq(hex('0603551d1c'), hex('0101ff'), der(0x04, seq(der(0xa0, der(0xa0, der(0xa4, POINT))))));
  const number = Buffer.alloc(4);
  number.writeUInt32BE(shape.number ?? 0x01000001, 0);
  const tail = der(0xa0, seq(idp, seq(hex('0603551d14'), der(0x04, der(0x02, number)))));
  const tbsLength = head.length + list.length + listBytes + tail.length;
  const tbsHeader = Buffer.concat([Buffer.from([0x30]), lengthOctets(tbsLength)]);
  const signatureLength = 4 + 1 + 256;
  const total = tbsHeader.length + tbsLength + SHA256_RSA.length + signatureLength;
  const sign = createSign('sha256');
  const fd = openSync(path, 'w');
  try {
    const write = (bytes: Uint8Array, signed = true): void => {
      if (signed) sign.update(bytes);
      writeSync(fd, bytes);
    };
    write(Buffer.concat([Buffer.from([0x30]), lengthOctets(total)]), false);
    write(Buffer.concat([tbsHeader, head, list]));
    const perBatch = 16_384;
    const batch = Buffer.alloc(perBatch * entryBytes);
    const own = Buffer.alloc(20);
    const dates = new Map<number, Buffer>();
    for (let first = 0; first < entries; first += perBatch) {
      const count = Math.min(perBatch, entries - first);
      let at = 0;
      for (let i = first; i < first + count; i++) {
        serialOf(i, shape, own);
        batch[at++] = 0x30;
        batch[at++] = entryBytes - 2;
        batch[at++] = 0x02;
        batch[at++] = serial;
        own.copy(batch, at, 0, serial);
        at += serial;
        const ms = dateOf(i);
        const day = Math.floor(ms / DAY);
        let text = dates.get(day);
        if (text === undefined) {
          text = utcTime(day * DAY);
          dates.set(day, text);
        }
        text.copy(batch, at);
        const seconds = ms / 1000 - day * 86_400;
        for (const [k, value] of [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].entries()) {
          batch[at + 8 + 2 * k] = 0x30 + Math.floor(value / 10);
          batch[at + 9 + 2 * k] = 0x30 + (value % 10);
        }
        at += 15;
        if (reasons) at += REASON.copy(batch, at);
        if (reasons) batch[at - 1] = reasonOf(i);
      }
      write(batch.subarray(0, at));
    }
    write(tail);
    write(SHA256_RSA, false);
    write(der(0x03, Buffer.from([0]), sign.sign(issuer.privateKey)), false);
  } finally {
    closeSync(fd);
  }
  return 1 + lengthOctets(total).length + total;
};
const REASON = hex('300c300a0603551d1504030a0100');
