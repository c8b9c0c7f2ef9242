/**
 * Mode `sealed`: a certificate's name under the operator's key, beside the certificate. A sweep opens fifty octets and not fifteen hundred, and millions of them: one
 * key for all, derived once, and a random IV each (NIST SP 800-38D § 8.2.2; § 8.3 bounds that to 2^32 sealings under one key).
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { type CertificateName, checkedName } from './identifier.ts';

const DOMAIN = 'jpki-rp/links/v1/sealed-name';
const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const START = 1 + IV_BYTES;
const GCM = { authTagLength: TAG_BYTES } as const;

export interface NameBox {
  /** base64url. Opens for this person only. */
  seal(name: CertificateName, person: string): string;
  /** Null for anything but what was sealed for this person under this key. */
  open(sealed: string, person: string): { readonly issuerKeyId: string; readonly serialNumber: Uint8Array } | null;
}

export const nameBox = (sealKey: KeyObject): NameBox => {
  const key = createSecretKey(new Uint8Array(hkdfSync('sha256', sealKey, new Uint8Array(), DOMAIN, 32)));
  return {
    seal: (name, person) => {
      const { issuerKeyId, serialNumber } = checkedName(name);
      const issuer = Buffer.from(issuerKeyId, 'hex');
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv, GCM).setAAD(additionalData(person));
      const plain = Buffer.concat([Buffer.of(issuer.length), issuer, Buffer.from(serialNumber, 'hex')]);
      return Buffer.concat([Buffer.of(VERSION), iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    },
    open: (sealed, person) => {
      const bytes = Buffer.from(sealed, 'base64url');
      const end = bytes.length - TAG_BYTES;
      if (end <= START || bytes[0] !== VERSION) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, START), GCM).setAAD(additionalData(person));
      decipher.setAuthTag(bytes.subarray(end));
      const plain = decipher.update(bytes.subarray(START, end));
      try {
        decipher.final();
      } catch {
        return null;
      }
      const serialAt = 1 + (plain[0] ?? 0);
      return { issuerKeyId: plain.toString('hex', 1, serialAt), serialNumber: plain.subarray(serialAt) };
    },
  };
};

const additionalData = (person: string): Buffer => Buffer.from(`${DOMAIN}\0${person}`, 'utf8');
