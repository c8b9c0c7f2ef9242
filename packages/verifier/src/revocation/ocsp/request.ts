/** OCSPRequest (RFC 6960 §4.1.1) for one certificate, unsigned, in DER. */
import { createHash } from 'node:crypto';
import { contextConstructed, TAG } from '../../der/reader.ts';
import { JpkiError } from '../../errors.ts';
import type { StatusContext } from '../types.ts';

export type CertIdHash = 'sha1' | 'sha256';

export interface OcspRequestOptions {
  /** Default `sha1`: RFC 5019 §2.1.1 has every responder know it. An identifier, not a signature. */
  readonly certIdHash?: CertIdHash;
  /** 1 to 128 octets (RFC 9654 §2.1), 32 recommended; null sends none. */
  readonly nonce: Uint8Array | null;
}

/** The request's octets. Throws `argument-invalid` for a nonce of a length no responder has to take. */
export const buildOcspRequest = (
  { certificate, anchor }: Pick<StatusContext, 'certificate' | 'anchor'>,
  { certIdHash = 'sha1', nonce }: OcspRequestOptions,
): Uint8Array => {
  if (nonce !== null && (nonce.length === 0 || nonce.length > 128)) throw new JpkiError('argument-invalid', 'a nonce has 1 to 128 octets');
  const digest = (bytes: Uint8Array): Uint8Array => createHash(certIdHash).update(bytes).digest();
  const certId = sequence(
    sequence(HASH_OID[certIdHash], Uint8Array.of(TAG.NULL, 0)),
    element(TAG.OCTET_STRING, digest(certificate.issuer.der)),
    element(TAG.OCTET_STRING, digest(anchor.certificate.publicKeyInfo.key)),
    element(TAG.INTEGER, certificate.serialNumber),
  );
  const requestList = sequence(sequence(certId));
  const extensions =
    nonce === null
      ? []
      : [element(contextConstructed(2), sequence(sequence(NONCE_OID, element(TAG.OCTET_STRING, element(TAG.OCTET_STRING, nonce)))))];
  return sequence(sequence(requestList, ...extensions));
};

const HASH_OID: Readonly<Record<CertIdHash, Uint8Array>> = {
  sha1: Uint8Array.of(0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a),
  sha256: Uint8Array.of(0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01),
};

/** id-pkix-ocsp-nonce */
const NONCE_OID = Uint8Array.of(0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02);

/** Everything in a request is shorter than 64 KiB. */
const element = (tag: number, ...content: readonly Uint8Array[]): Uint8Array => {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return new Uint8Array(Buffer.concat([Uint8Array.from(header), ...content]));
};

const sequence = (...content: readonly Uint8Array[]): Uint8Array => element(TAG.SEQUENCE, ...content);
