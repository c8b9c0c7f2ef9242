/**
 * The rooms that check status data for JPKI ask for an anchor and a class profile. In a path the certificate's issuer stands in the anchor's place, and
 * the caller's options in the profile's.
 */
import { createHash } from 'node:crypto';
import type { Certificate } from '../certificate/certificate.ts';
import { Name } from '../certificate/name.ts';
import { toHex } from '../der/bytes.ts';
import type { ClassProfile, SignatureAlgorithm } from '../environment.types.ts';
import type { StatusContext } from '../revocation/types.ts';
import type { Session } from './session.ts';

export interface StatusOptions {
  /** With any, no other responder counts. */
  readonly pinnedResponders: readonly Certificate[];
}

/** Null where the issuer's key cannot be used at all. */
export const statusContext = (
  certificate: Certificate,
  issuer: Certificate,
  { pinnedResponders }: StatusOptions,
  session: Session,
): StatusContext | null => {
  const publicKey = issuer.publicKeyInfo.keyObject;
  if (publicKey === null) return null;
  return {
    certificate,
    anchor: {
      id: 'issuer',
      purpose: 'digital-signature',
      certificate: issuer,
      keyId: toHex(issuer.subjectKeyIdentifier ?? createHash('sha1').update(issuer.publicKeyInfo.key).digest()),
      publicKey,
      sha256: createHash('sha256').update(issuer.der).digest('hex'),
    },
    profile: profileOf(session, pinnedResponders),
    at: session.at,
  };
};

/** Any distribution point, any age within nextUpdate, no nonce: `validatePath` is handed data, it sends nothing. */
const profileOf = ({ algorithms }: Session, pinned: readonly Certificate[]): ClassProfile => ({
  class: 'card-digital-signature',
  carrier: 'card',
  purpose: 'digital-signature',
  policyOids: [],
  keyUsage: [],
  extendedKeyUsage: [],
  personalAttributes: false,
  // An environment can name fewer algorithms than a caller of `validatePath`; the rooms only hand the list on to the signature room.
  algorithms: algorithms.algorithms as readonly SignatureAlgorithm[],
  minimumRsaBits: algorithms.minimumRsaBits,
  crl: { distributionPointBase: EVERYTHING, sources: [], coverage: 'idp' },
  ocsp: {
    urls: [],
    responders: pinned.length === 0 ? 'issuer-delegated' : { pinned },
    maxAgeSeconds: Number.POSITIVE_INFINITY,
    nonce: 'optional',
  },
});

/** The empty name: every name is within it. */
const EVERYTHING = new Name(Uint8Array.of(0x30, 0), []);
