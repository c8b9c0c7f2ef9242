/** Asks the OCSP responders of the certificate's class (RFC 6960 Appendix A: HTTP POST). */
import { randomBytes as systemRandomBytes } from 'node:crypto';
import { DerError } from '../../der/reader.ts';
import { JpkiError } from '../../errors.ts';
import type { Fetcher } from '../../net/fetcher.types.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../../verdict.ts';
import { BudgetError, OCSP_LIMITS } from '../budget.ts';
import { detailOf, mediaTypeOf } from '../transport.ts';
import type { RevocationAnswer, RevocationSource } from '../types.ts';
import { buildOcspRequest, buildSignedOcspRequest, type CertIdHash, type OcspRequestSigner } from './request.ts';
import { readOcspResponse } from './response.ts';

export interface OcspSourceOptions {
  readonly fetcher: Fetcher;
  /** Default: every class the environment has. */
  readonly classes?: readonly CertificateClass[];
  /** Hash of the CertID; default `sha1`. */
  readonly certIdHash?: CertIdHash;
  /** Signs each request, for responders that answer `sigRequired` otherwise. */
  readonly signer?: OcspRequestSigner;
  /** Default: node:crypto. */
  readonly randomBytes?: (length: number) => Uint8Array;
  /** Per responder. */
  readonly timeoutMs?: number;
}

const DEFAULTS = { classes: CERTIFICATE_CLASSES, certIdHash: 'sha1', randomBytes: systemRandomBytes, timeoutMs: 5_000 } as const;
const NONCE_LENGTH = 32;

/**
 * A source that POSTs to the URLs the environment gives for the class, in order, until one answers with a successful response; a certificate's own AIA is
 * never used. A nonce of 32 octets is always sent. What was answered is returned as data and judged like handed-in data.
 */
export const ocspSource = (options: OcspSourceOptions): RevocationSource => {
  const { fetcher, classes, certIdHash, randomBytes, timeoutMs, signer } = { ...DEFAULTS, ...options };
  const source: RevocationSource = {
    kind: 'ocsp',
    classes,
    check: async (query, { signal }): Promise<RevocationAnswer> => {
      const nonce = new Uint8Array(randomBytes(NONCE_LENGTH));
      if (nonce.length !== NONCE_LENGTH) throw new JpkiError('argument-invalid', 'randomBytes gave another length');
      const body =
        signer === undefined
          ? buildOcspRequest(query, { certIdHash, nonce })
          : await buildSignedOcspRequest(query, { certIdHash, nonce }, signer);
      const ocspResponses: Uint8Array[] = [];
      let detail = 'no-url';
      for (const url of query.profile.ocsp.urls) {
        signal?.throwIfAborted();
        try {
          const response = await fetcher({
            url,
            method: 'POST',
            headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
            body,
            maxBytes: OCSP_LIMITS.maxBytes,
            timeoutMs,
            ...(signal === undefined ? {} : { signal }),
          });
          if (response.status !== 200) detail = 'http-status';
          else if (mediaTypeOf(response) !== 'application/ocsp-response') detail = 'content-type';
          else {
            ocspResponses.push(response.body);
            if (isSuccessful(response.body)) break;
          }
        } catch (error) {
          signal?.throwIfAborted();
          detail = detailOf(error);
        }
      }
      return ocspResponses.length === 0
        ? { kind: 'failed', code: 'ocsp-missing', detail }
        : { kind: 'data', ocspResponses, ocspNonce: nonce };
    },
  };
  return Object.freeze(source);
};

/** Only decides whether the next URL is worth asking. */
const isSuccessful = (der: Uint8Array): boolean => {
  try {
    return readOcspResponse(der).status === 'successful';
  } catch (error) {
    if (error instanceof DerError || error instanceof BudgetError) return false;
    throw error;
  }
};
