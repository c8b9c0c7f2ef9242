/** The environment JSON that a verifier loads to trust this JPKI and nothing else. */
import type { CertificateClass } from '@jpki-rp/verifier';
import { OID } from '@jpki-rp/verifier/oids';
import type { Authorities } from './authority/issuer.ts';
import { distributionPoint, distributionPointBase, responderDn, rfc4514 } from './authority/names.ts';
import { OCSP_LIFE_SECONDS } from './authority/ocsp.ts';
import { CLASSES } from './authority/profiles.ts';
import { MUNICIPALITIES } from './register/municipalities.ts';

export interface EnvironmentUrls {
  crl(certificateClass: CertificateClass, generation: number, partition: string): string;
  ocsp(certificateClass: CertificateClass): string;
  /** The second responder, where there is one. */
  readonly secondOcsp?: (certificateClass: CertificateClass) => string;
}

export function environmentJson(id: string, authorities: Authorities, urls: EnvironmentUrls): unknown {
  return {
    id,
    kind: 'simulator',
    anchors: authorities.issuers.map(({ purpose, generation, certificate }) => ({
      id: `${purpose}-g${generation}`,
      purpose,
      certificate: Buffer.from(certificate).toString('base64'),
    })),
    classes: Object.fromEntries(
      CLASSES.map(({ class: certificateClass, carrier, purpose, policy }) => [
        certificateClass,
        {
          policyOids: [policy],
          keyUsage: purpose === 'digital-signature' ? ['digitalSignature', 'nonRepudiation'] : ['digitalSignature'],
          extendedKeyUsage: purpose === 'digital-signature' ? [] : [OID.clientAuth],
          personalAttributes: purpose === 'digital-signature',
          algorithms: ['rsa-pkcs1-sha256'],
          minimumRsaBits: 2048,
          crl: {
            distributionPointBase: rfc4514(distributionPointBase(carrier, purpose)),
            sources: authorities.issuers
              .filter((issuer) => issuer.purpose === purpose)
              .flatMap(({ generation }) =>
                MUNICIPALITIES.map((municipality) => ({
                  anchor: `${purpose}-g${generation}`,
                  distributionPoint: rfc4514(distributionPoint(carrier, purpose, municipality)),
                  url: urls.crl(certificateClass, generation, municipality.id),
                })),
              ),
          },
          ocsp: {
            url: urls.ocsp(certificateClass),
            ...(urls.secondOcsp === undefined ? {} : { urls: [urls.ocsp(certificateClass), urls.secondOcsp(certificateClass)] }),
            // One CA key delegates the responders of card and smartphone: their names tell for which class each may speak.
            responders: { delegated: [rfc4514(responderDn(certificateClass))] },
            maxAgeSeconds: OCSP_LIFE_SECONDS,
            nonce: 'optional',
          },
        },
      ]),
    ),
  };
}
