/**
 * The vectors' certificates and CRL, issued again under keys of the bench's own: the same profile octet for octet, as many distinct ones as wanted, made
 * without the code under test.
 */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Tlv {
  readonly tag: number;
  /** Header included. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

const tlvs = (bytes: Buffer): readonly Tlv[] => {
  const found: Tlv[] = [];
  for (let at = 0; at < bytes.length; ) {
    let head = at + 2;
    let length = bytes[at + 1] as number;
    if (length >= 0x80) {
      head += length & 0x7f;
      length = bytes.readUIntBE(at + 2, length & 0x7f);
    }
    found.push({ tag: bytes[at] as number, whole: bytes.subarray(at, head + length), content: bytes.subarray(head, head + length) });
    at = head + length;
  }
  return found;
};

export const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const size: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  const length = content.length < 0x80 ? [content.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};

const signed = (tbs: Buffer, algorithm: Buffer, key: KeyObject): Buffer =>
  der(0x30, tbs, algorithm, der(0x03, Buffer.from([0]), createSign('sha256').update(tbs).sign(key)));

const partsOf = (whole: Buffer): { readonly tbs: readonly Tlv[]; readonly algorithm: Buffer } => {
  const [tbs, algorithm] = tlvs((tlvs(whole)[0] as Tlv).content) as [Tlv, Tlv];
  return { tbs: tlvs(tbs.content), algorithm: algorithm.whole };
};

/** A certificate with another serial number and key, under the key given. */
const reissued = (certificate: Buffer, serial: Buffer | null, spki: Buffer, issuerKey: KeyObject): Buffer => {
  const { tbs, algorithm } = partsOf(certificate);
  // version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions
  const fields = tbs.map((field, i) => (i === 1 && serial !== null ? der(0x02, serial) : i === 6 ? spki : field.whole));
  return signed(der(0x30, ...fields), algorithm, issuerKey);
};

/** The CRL with `entries` other entries, of serial numbers that no certificate of the bench has. */
const relisted = (crl: Buffer, entries: number, issuerKey: KeyObject): Buffer => {
  const { tbs, algorithm } = partsOf(crl);
  // version, signature, issuer, thisUpdate, nextUpdate, revokedCertificates, crlExtensions
  const one = tlvs((tbs[5] as Tlv).content)[0] as Tlv;
  const [, ...rest] = tlvs(one.content);
  const list = Array.from({ length: entries }, (_, n) => {
    const serial = Buffer.alloc(4);
    serial.writeUInt32BE(0x10000000 + n * 97);
    return der(0x30, der(0x02, serial), ...rest.map(({ whole }) => whole));
  });
  return signed(der(0x30, ...tbs.map((field, i) => (i === 5 ? der(0x30, ...list) : field.whole))), algorithm, issuerKey);
};

interface VectorCase {
  readonly id: string;
  readonly at: string;
  readonly input: { readonly certificate: string; readonly message: string };
  readonly revocation: { readonly crls: readonly string[] };
}

export interface Stage {
  readonly environment: { readonly [member: string]: unknown };
  readonly at: Date;
  readonly issuer: Buffer;
  readonly issuerKey: KeyObject;
  /** Distinct serial numbers, one key. */
  readonly leaves: readonly Buffer[];
  readonly leafKey: KeyObject;
  readonly crl: Buffer;
  readonly message: Buffer;
  readonly signature: Buffer;
}

export const stage = (root: string, leaves: number, entries: number): Stage => {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, 'test/vectors', name), 'utf8'));
  const found = (read('cases.json') as VectorCase[]).find(({ id }) => id === 'happy/card-user-authentication-g3-crl');
  const environment = read('environment-synthetic.json') as { anchors: { id: string; certificate: string }[] };
  const anchor = environment.anchors.find(({ id }) => id === 'user-authentication-g3');
  if (found === undefined || anchor === undefined) throw new Error('the vectors have changed');
  const ca = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const holder = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
  const issuer = reissued(Buffer.from(anchor.certificate, 'base64'), null, spkiOf(ca.publicKey), ca.privateKey);
  anchor.certificate = issuer.toString('base64');
  const certificate = Buffer.from(found.input.certificate, 'base64');
  const message = Buffer.from(found.input.message, 'base64');
  return {
    environment,
    at: new Date(found.at),
    issuer,
    issuerKey: ca.publicKey,
    leaves: Array.from({ length: leaves }, (_, n) => {
      const serial = Buffer.alloc(4);
      serial.writeUInt32BE(0x08100000 + n);
      return reissued(certificate, serial, spkiOf(holder.publicKey), ca.privateKey);
    }),
    leafKey: holder.publicKey,
    crl: relisted(Buffer.from(found.revocation.crls[0] as string, 'base64'), entries, ca.privateKey),
    message,
    signature: createSign('sha256').update(message).sign(holder.privateKey),
  };
};
