/** Who may sign a CRL about a certificate, and whether they did (RFC 5280 §6.3.3 (f), (g)). */
import type { Certificate } from '../certificate/certificate.ts';
import { keyUsageMask } from '../certificate/extensions.ts';
import type { PublicKeyInfo } from '../certificate/public-key.ts';
import { OID } from '../der/oids.ts';
import type { CertificateList } from '../revocation/crl/list.ts';
import { type CandidatePath, pathsFrom } from './build.ts';
import type { PathFault } from './fault.ts';
import { nameKey, type Session } from './session.ts';
import { type PathRequirements, validateCertificates } from './validate.ts';

const CRL_SIGN = keyUsageMask(['cRLSign']);

/**
 * §6.3.3 (f): the key usage, where present, has cRLSign. Who is not the certificate's issuer has to have it: §4.2.1.3 makes CAs say so of every key that
 * signs CRLs, and nothing else tells such a key from that of anybody who got a certificate in the issuer's name.
 */
const maySignCrls = ({ keyUsage }: Certificate, isIssuer: boolean): boolean => (keyUsage === null ? isIssuer : (keyUsage & CRL_SIGN) !== 0);

/** A path to a CRL's signer serves no policy of the caller. */
const NO_REQUIREMENTS: PathRequirements = {
  initialPolicies: new Set([OID.anyPolicy]),
  requireExplicitPolicy: false,
  inhibitPolicyMapping: false,
  inhibitAnyPolicy: false,
  extendedKeyUsage: undefined,
};

export interface SignerQuestion {
  readonly list: CertificateList;
  readonly certificate: Certificate;
  /** The issuer of the certificate in its path. */
  readonly issuer: Certificate;
  readonly anchor: Certificate;
  /** Whether every certificate of a signer's own path is good. */
  readonly revocation: (path: CandidatePath) => PathFault | null;
}

export type SignerAnswer =
  | { readonly key: PublicKeyInfo }
  | { readonly detail: 'issuer-key-usage' | 'algorithm-not-allowed' | 'signature-invalid' };

/**
 * The key that signed the list and may: first the certificate issuer's own; else one in a certificate of the CRL issuer's name with its own valid,
 * unrevoked path to the same anchor. A list under another anchor, whatever names it bears, is by a stranger.
 */
export const signerOf = (question: SignerQuestion, session: Session): SignerAnswer => {
  const { list, issuer, anchor } = question;
  let detail: 'issuer-key-usage' | 'algorithm-not-allowed' | 'signature-invalid' = 'signature-invalid';
  const signs = (candidate: Certificate): boolean => {
    const outcome = session.verify(
      list,
      { tbs: list.tbs, algorithm: list.signatureAlgorithm, signature: list.signatureValue },
      candidate.publicKeyInfo,
    );
    if (outcome === 'algorithm-not-allowed') detail = outcome;
    if (outcome !== 'ok') return false;
    if (maySignCrls(candidate, candidate === issuer || candidate === anchor)) return true;
    detail = 'issuer-key-usage';
    return false;
  };
  if (list.issuer.equals(issuer.subject) && signs(issuer)) return { key: issuer.publicKeyInfo };
  const name = nameKey(list.issuer);
  for (const candidate of session.anchorsNamed(name)) if (candidate === anchor && signs(candidate)) return { key: candidate.publicKeyInfo };
  for (const candidate of session.intermediatesNamed(name)) {
    session.account.spend('candidates');
    if (candidate !== issuer && signs(candidate) && isEstablished(candidate, question, session)) return { key: candidate.publicKeyInfo };
  }
  return { detail };
};

const isEstablished = (signer: Certificate, { anchor, revocation }: SignerQuestion, session: Session): boolean => {
  const trace = { fault: { check: 'building', code: 'path-not-found' } as PathFault };
  for (const path of pathsFrom(signer, session, trace, [anchor])) {
    if (validateCertificates(path, NO_REQUIREMENTS, session) === null && revocation(path) === null) return true;
  }
  return false;
};
