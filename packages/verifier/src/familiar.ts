/** Certificates that this verifier has examined before: what does not depend on time, message or status need not be established twice. */
import { hash } from 'node:crypto';
import type { Certificate } from './certificate/certificate.ts';
import { toHex, view } from './der/bytes.ts';
import type { Anchor, ClassProfile } from './environment.types.ts';

/** A certificate whose form, issuer, signature and class were in order, with what was found. Its octets are a copy of our own. */
export class Familiar {
  readonly certificate: Certificate;
  readonly anchor: Anchor;
  readonly profile: ClassProfile;
  readonly warnings: readonly string[];
  #serialNumber: string | undefined;
  #sha256: string | undefined;

  constructor(certificate: Certificate, anchor: Anchor, profile: ClassProfile, warnings: readonly string[]) {
    this.certificate = certificate;
    this.anchor = anchor;
    this.profile = profile;
    this.warnings = warnings;
  }

  /** Hex, made when the certificate is seen again. */
  get serialNumber(): string {
    this.#serialNumber ??= toHex(this.certificate.serialNumber);
    return this.#serialNumber;
  }

  /** Of its octets, hex; made when the certificate is seen again. */
  get sha256(): string {
    this.#sha256 ??= hash('sha256', this.certificate.der, 'hex');
    return this.#sha256;
  }
}

export interface RememberOptions {
  /** How many certificates, rounded up to an even number; 0 remembers none. */
  readonly certificates: number;
  /** `remember`: the issuer's signature over the same octets, under the same anchor, is verified once. `verify`: at every call. */
  readonly issuerSignature: 'remember' | 'verify';
}

/**
 * Belongs to one verifier, and so to one environment: an entry names that environment's anchor object. It is found by the last octets of a certificate and
 * believed only where all its octets are the same, which leaves nothing to a hash. Certificates with personal attributes are never kept. Two generations,
 * so that a hit moves nothing: when the young one is full it becomes the old one, and what was in the old one and not asked for since is gone.
 */
export class FamiliarCertificates {
  readonly issuerSignature: RememberOptions['issuerSignature'];
  readonly #half: number;
  #young = new Map<number, Familiar>();
  #old = new Map<number, Familiar>();

  constructor({ certificates, issuerSignature }: RememberOptions) {
    this.issuerSignature = issuerSignature;
    this.#half = Math.ceil(certificates / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  find(der: Uint8Array): Familiar | null {
    if (this.#half === 0) return null;
    const place = placeOf(der);
    const young = this.#young.get(place);
    if (young !== undefined) return isOf(young, der) ? young : null;
    const old = this.#old.get(place);
    if (old === undefined || !isOf(old, der)) return null;
    this.#put(place, old);
    return old;
  }

  /** Only what was found genuine, and valid at the instant it was judged at. */
  remember(familiar: Familiar): void {
    if (this.#half > 0) this.#put(placeOf(familiar.certificate.der), familiar);
  }

  #put(place: number, familiar: Familiar): void {
    this.#old.delete(place);
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(place, familiar);
  }
}

/** The end of the issuer's signature: as good as random, and whoever makes it so makes a certificate that is not genuine. */
const placeOf = (der: Uint8Array): number => {
  const end = der.length;
  if (end < 4) return 0;
  return (
    (((der[end - 4] as number) << 22) ^ ((der[end - 3] as number) << 14) ^ ((der[end - 2] as number) << 7) ^ (der[end - 1] as number)) >>> 0
  );
};

const isOf = ({ certificate }: Familiar, der: Uint8Array): boolean =>
  certificate.der.length === der.length && view(certificate.der).equals(der);
