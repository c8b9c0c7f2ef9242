/** Minting: CA, responder and people's certificates, each with the extensions of its profile. */
import { OID } from '@jpki-rp/verifier/oids';
import { copy } from '../asn1/der.ts';
import { type Extension, Name, PublicKey, X509CertificateGenerator } from '../asn1/x509.ts';
import type { Municipality } from '../register/municipalities.ts';
import * as extensions from './extensions.ts';
import type { Issuer } from './issuer.ts';
import type { TestKey } from './keys.ts';
import { type Dn, distributionPoint, issuerAlternativeDn, issuerDn, nameDer, responderDn } from './names.ts';
import { type ClassShape, CPS_URI } from './profiles.ts';

interface Mint {
  readonly serial: number;
  readonly subject: Dn;
  readonly issuer: Dn;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: TestKey;
  readonly signer: TestKey;
  readonly extensions: readonly Extension[];
}

async function mint({ serial, subject, issuer, notBefore, notAfter, key, signer, extensions: list }: Mint): Promise<Uint8Array> {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialHex(serial),
    subject: new Name(copy(nameDer(subject))),
    issuer: new Name(copy(nameDer(issuer))),
    notBefore,
    notAfter,
    publicKey: new PublicKey(copy(key.spki)),
    signingKey: await signer.webCryptoKey(),
    signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as Algorithm,
    extensions: [...list],
  });
  return new Uint8Array(certificate.rawData);
}

/** Whole octets, most significant first. */
export const serialHex = (serial: number): string => {
  const hex = serial.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
};

export function mintIssuer(issuer: Omit<Issuer, 'certificate'>): Promise<Uint8Array> {
  const dn = issuerDn(issuer.purpose);
  return mint({
    ...issuer,
    subject: dn,
    issuer: dn,
    signer: issuer.key,
    extensions: [
      extensions.keyUsage('issuer'),
      extensions.alternativeName('subject', issuerAlternativeDn(issuer.purpose)),
      extensions.certificateAuthority(),
      extensions.crlDistributionPoint(dn),
      extensions.subjectKeyIdentifier(issuer.key.keyId),
    ],
  });
}

export interface LeafRequest {
  readonly shape: ClassShape;
  readonly issuer: Issuer;
  readonly serial: number;
  readonly subject: Dn;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: TestKey;
  readonly municipality: Municipality;
  /** Digital signature only. */
  readonly attributes: readonly (readonly [type: string, value: string])[];
  /** User authentication only. */
  readonly ocspUrl: string;
}

export function mintLeaf(leaf: LeafRequest): Promise<Uint8Array> {
  const { shape, issuer } = leaf;
  const dn = issuerDn(shape.purpose);
  const common = {
    policy: extensions.certificatePolicy(shape.policy, CPS_URI),
    issuerName: extensions.alternativeName('issuer', issuerAlternativeDn(shape.purpose)),
    distribution: extensions.crlDistributionPoint(distributionPoint(shape.carrier, shape.purpose, leaf.municipality)),
    authority: extensions.authorityKeyIdentifier(issuer.key.keyId, { dn, serial: issuer.serial }),
    subject: extensions.subjectKeyIdentifier(leaf.key.keyId),
  };
  const usage = extensions.keyUsage(shape.purpose);
  return mint({
    ...leaf,
    issuer: dn,
    signer: issuer.key,
    extensions:
      shape.purpose === 'digital-signature'
        ? [
            usage,
            extensions.personalAttributes(leaf.attributes),
            common.policy,
            common.issuerName,
            common.distribution,
            common.authority,
            common.subject,
          ]
        : [
            usage,
            extensions.extendedKeyUsage(OID.clientAuth),
            common.policy,
            common.issuerName,
            common.distribution,
            extensions.ocspAccess(leaf.ocspUrl),
            common.authority,
            common.subject,
          ],
  });
}

export function mintResponder(
  shape: ClassShape,
  issuer: Issuer,
  responder: { readonly serial: number; readonly key: TestKey },
): Promise<Uint8Array> {
  const dn = issuerDn(shape.purpose);
  return mint({
    ...responder,
    subject: responderDn(shape.class),
    issuer: dn,
    notBefore: issuer.notBefore,
    notAfter: issuer.notAfter,
    signer: issuer.key,
    extensions: [
      extensions.keyUsage('user-authentication'),
      extensions.extendedKeyUsage(OID.ocspSigning),
      extensions.ocspNoCheck(),
      extensions.authorityKeyIdentifier(issuer.key.keyId, { dn, serial: issuer.serial }),
      extensions.subjectKeyIdentifier(responder.key.keyId),
    ],
  });
}
