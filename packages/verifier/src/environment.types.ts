/** The shape of an environment, as JSON and as loaded. */
import type { KeyObject } from 'node:crypto';
import type { Certificate, KeyUsageBit } from './certificate/certificate.ts';
import type { Name } from './certificate/name.ts';
import type { Carrier, CertificateClass, Purpose } from './verdict.ts';

export type EnvironmentKind = 'production' | 'test' | 'simulator';

/** Names of the allow-list: key type, padding and hash in one word. `rsa-pkcs1-sha256` also admits the bare scheme for messages. */
export type SignatureAlgorithm = 'rsa-pkcs1-sha256' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384';

export interface AnchorJson {
  readonly id: string;
  readonly purpose: Purpose;
  /** Base64 DER. */
  readonly certificate: string;
}

/** A trust anchor: name, key and the constraints of its certificate (RFC 5937). */
export interface Anchor {
  readonly id: string;
  readonly purpose: Purpose;
  readonly certificate: Certificate;
  /** Hex of subjectKeyIdentifier. */
  readonly keyId: string;
  /** Imported once. */
  readonly publicKey: KeyObject;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256: string;
}

/** What a genuine certificate of one class looks like, and where its status data come from. */
export interface ClassProfile {
  readonly class: CertificateClass;
  readonly carrier: Carrier;
  readonly purpose: Purpose;
  readonly policyOids: readonly string[];
  readonly keyUsage: readonly KeyUsageBit[];
  readonly extendedKeyUsage: readonly string[];
  readonly personalAttributes: boolean;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly minimumRsaBits: number;
  readonly crl: {
    readonly distributionPointBase: Name;
    readonly sources: readonly { readonly anchor: string; readonly distributionPoint: Name; readonly url: string }[];
    /** `asserted`: the operator states that a CRL without IDP is complete for that anchor and class. */
    readonly coverage: 'idp' | 'asserted';
  };
  readonly ocsp: {
    readonly urls: readonly string[];
    /**
     * `issuer-delegated`: whomever the issuer's key delegated, for any class. `delegated`: of those, only the ones of these subjects, and so nobody who
     * answers for another class under the same CA key. `pinned`: these certificates and nobody else.
     */
    readonly responders: 'issuer-delegated' | { readonly delegated: readonly Name[] } | { readonly pinned: readonly Certificate[] };
    readonly maxAgeSeconds: number;
    readonly nonce: 'optional' | 'required';
  };
}

export interface Environment {
  readonly id: string;
  readonly kind: EnvironmentKind;
  /** Certificates in a path, anchor included. */
  readonly pathLength: number;
  readonly anchors: readonly Anchor[];
  readonly classes: Readonly<Partial<Record<CertificateClass, ClassProfile>>>;
  /** SHA-256 over the canonical (JCS) environment JSON, lower-case hex: names this configuration in evidence. */
  readonly digest: string;
}
