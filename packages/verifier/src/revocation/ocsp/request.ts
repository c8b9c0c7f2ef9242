/** OCSPRequest (RFC 6960 §4.1) for one certificate, in DER: unsigned, or signed where a responder asks for it (`sigRequired`). */
import { createHash } from 'node:crypto';
import { readCertificate } from '../../certificate/certificate.ts';
import { contextConstructed, DerError, TAG } from '../../der/reader.ts';
import { JpkiError } from '../../errors.ts';
import type { StatusContext } from '../types.ts';

export type CertIdHash = 'sha1' | 'sha256';

/** Signs requests with a key that may live elsewhere. */
export interface OcspRequestSigner {
  readonly algorithm: 'rsa-pkcs1-sha256' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384';
  /** DER; the signer's own first. They are sent along, and the first one's subject is the requestorName. */
  readonly certificates: readonly Uint8Array[];
  /** The signature over the octets; for ECDSA a DER `Ecdsa-Sig-Value`. */
  readonly sign: (tbsRequest: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

export interface OcspRequestOptions {
  /** Default `sha1`: RFC 5019 §2.1.1 has every responder know it. An identifier, not a signature. */
  readonly certIdHash?: CertIdHash;
  /** 1 to 128 octets (RFC 9654 §2.1), 32 recommended; null sends none. */
  readonly nonce: Uint8Array | null;
}

/** An unsigned request. Throws `argument-invalid` for a nonce of a length no responder has to take. */
export const buildOcspRequest = (query: Pick<StatusContext, 'certificate' | 'anchor'>, options: OcspRequestOptions): Uint8Array =>
  sequence(tbsRequest(query, options, []));

/** A signed request (RFC 6960 §4.1.2). Throws `argument-invalid` where the signer has no readable certificate; what `sign` throws goes through. */
export const buildSignedOcspRequest = async (
  query: Pick<StatusContext, 'certificate' | 'anchor'>,
  options: OcspRequestOptions,
  { algorithm, certificates, sign }: OcspRequestSigner,
): Promise<Uint8Array> => {
  const requestorName = element(contextConstructed(1), element(contextConstructed(4), subjectOf(certificates)));
  const tbs = tbsRequest(query, options, [requestorName]);
  const signature = await sign(tbs);
  return sequence(
    tbs,
    element(
      contextConstructed(0),
      sequence(
        ALGORITHM[algorithm],
        element(TAG.BIT_STRING, Uint8Array.of(0), signature),
        element(contextConstructed(0), sequence(...certificates)),
      ),
    ),
  );
};

const subjectOf = ([own]: readonly Uint8Array[]): Uint8Array => {
  try {
    if (own !== undefined) return readCertificate(own).subject.der;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  throw new JpkiError('argument-invalid', 'the signer of OCSP requests needs its DER certificate');
};

const tbsRequest = (
  { certificate, anchor }: Pick<StatusContext, 'certificate' | 'anchor'>,
  { certIdHash = 'sha1', nonce }: OcspRequestOptions,
  requestorName: readonly Uint8Array[],
): Uint8Array => {
  if (nonce !== null && (nonce.length === 0 || nonce.length > 128)) throw new JpkiError('argument-invalid', 'a nonce has 1 to 128 octets');
  const digest = (bytes: Uint8Array): Uint8Array => createHash(certIdHash).update(bytes).digest();
  const certId = sequence(
    sequence(HASH_OID[certIdHash], NULL),
    element(TAG.OCTET_STRING, digest(certificate.issuer.der)),
    element(TAG.OCTET_STRING, digest(anchor.certificate.publicKeyInfo.key)),
    element(TAG.INTEGER, certificate.serialNumber),
  );
  const requestList = sequence(sequence(certId));
  const extensions =
    nonce === null
      ? []
      : [element(contextConstructed(2), sequence(sequence(NONCE_OID, element(TAG.OCTET_STRING, element(TAG.OCTET_STRING, nonce)))))];
  return sequence(...requestorName, requestList, ...extensions);
};

/** Every element of a request is shorter than 64 KiB. */
const element = (tag: number, ...content: readonly Uint8Array[]): Uint8Array => {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  if (length > 0xffff) throw new JpkiError('argument-invalid', 'the OCSP request would be too large');
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return new Uint8Array(Buffer.concat([Uint8Array.from(header), ...content]));
};

const sequence = (...content: readonly Uint8Array[]): Uint8Array => element(TAG.SEQUENCE, ...content);

const NULL = Uint8Array.of(TAG.NULL, 0);
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

const HASH_OID: Readonly<Record<CertIdHash, Uint8Array>> = {
  sha1: hex('06052b0e03021a'),
  sha256: hex('0609608648016503040201'),
};

/** id-pkix-ocsp-nonce */
const NONCE_OID = hex('06092b0601050507300102');

/** RSA with NULL parameters (RFC 4055 §5), ECDSA without any (RFC 5758 §3.2). */
const ALGORITHM: Readonly<Record<OcspRequestSigner['algorithm'], Uint8Array>> = {
  'rsa-pkcs1-sha256': sequence(hex('06092a864886f70d01010b'), NULL),
  'ecdsa-p256-sha256': sequence(hex('06082a8648ce3d040302')),
  'ecdsa-p384-sha384': sequence(hex('06082a8648ce3d040303')),
};
