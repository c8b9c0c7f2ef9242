/**
 * OpenSSL's OCSP responses: whose signature they bear, whether that one may answer, and whether the answer is about the certificate. Most had expired
 * long before the suite's validation time, which its authors do not look at; freshness has tests of its own.
 */
import { validatePath } from '@jpki-rp/verifier/path';
import { readCertificate } from '../../packages/verifier/src/certificate/certificate.ts';
import { DerError } from '../../packages/verifier/src/der/reader.ts';
import { statusContext } from '../../packages/verifier/src/path/class-profile.ts';
import { accountOf, sessionOf } from '../../packages/verifier/src/path/input.ts';
import { isAbout } from '../../packages/verifier/src/revocation/ocsp/cert-id.ts';
import { responderFault } from '../../packages/verifier/src/revocation/ocsp/responder.ts';
import { readOcspResponse } from '../../packages/verifier/src/revocation/ocsp/response.ts';
import { readBytes, readJson, readPem, readPems, runSuite } from './runner.ts';

interface Tests {
  readonly validationTime: string;
  readonly tests: readonly {
    readonly id: string;
    readonly response: string;
    readonly trustedIssuer: string;
    readonly untrusted: string;
    readonly target: string;
    readonly expected: 'valid' | 'invalid';
  }[];
}

const { validationTime, tests } = readJson<Tests>('openssl-ocsp', 'tests.json');
const pem = (name: string): Uint8Array => readPem('openssl-ocsp', name);
/** SHA-1 is allowed in this suite only. */
const algorithms = { algorithms: ['rsa-pkcs1-sha1', 'rsa-pkcs1-sha256'], minimumRsaBits: 1024 } as const;

const accepts = ({ response, trustedIssuer, untrusted, target }: Tests['tests'][number]): true | string => {
  const at = new Date(validationTime);
  const anchors = [pem(trustedIssuer)];
  const intermediates = untrusted === trustedIssuer ? [] : readPems('openssl-ocsp', untrusted);
  const input = { target: pem(target), intermediates, anchors, at, revocation: 'none', algorithms } as const;
  // The issuer, by name and key: trusted itself, or with a path of its own to what is trusted.
  const path = validatePath(input);
  if (path.result !== 'valid') return path.code;
  const context = statusContext(
    readCertificate(pem(target)),
    readCertificate(path.path[1] as Uint8Array),
    { pinnedResponders: [] },
    sessionOf(input, accountOf(input)),
  );
  if (context === null) return 'no context';
  try {
    const read = readOcspResponse(
      new Uint8Array(Buffer.from(Buffer.from(readBytes('openssl-ocsp', response)).toString('latin1'), 'base64')),
    );
    if (read.basic === null) return read.status;
    // The authors hand in no status data for responder certificates, and 07-D3 lacks id-pkix-ocsp-nocheck.
    const fault = responderFault(read.basic, context, algorithms, { uncheckedResponder: 'accept' });
    if (fault !== null) return `${fault.code}/${fault.detail}`;
    return read.basic.responses.some(({ certId }) => isAbout(certId, context)) ? true : 'ocsp-certid-mismatch';
  } catch (error) {
    if (error instanceof DerError) return `malformed: ${error.message}`;
    throw error;
  }
};

runSuite(
  'openssl-ocsp',
  tests.map((item) => ({ id: item.id, expected: item.expected, accepts: () => accepts(item) })),
);
