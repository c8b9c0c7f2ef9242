/** RFC 5280 §6.1 for one path, in the order of the text; policies by RFC 9618. Revocation (§6.1.3 (a)(3)) is asked for where the path is otherwise good. */
import { type Certificate, unprocessedCriticalExtension } from '../certificate/certificate.ts';
import { OID } from '../der/oids.ts';
import { keyAllowed } from '../signature/signed-data.ts';
import { allowsPurpose, anchorFault, isSelfIssued, KEY_CERT_SIGN, PROCESSED_EXTENSIONS } from './anchor.ts';
import type { CandidatePath } from './build.ts';
import type { PathFault } from './fault.ts';
import { NameConstraintState } from './name-constraints.ts';
import { PolicyGraph } from './policy-graph.ts';
import type { Session } from './session.ts';

/** The inputs (c) to (g) of RFC 5280 §6.1.1, and the purpose asked for. */
export interface PathRequirements {
  readonly initialPolicies: ReadonlySet<string>;
  readonly requireExplicitPolicy: boolean;
  readonly inhibitPolicyMapping: boolean;
  readonly inhibitAnyPolicy: boolean;
  readonly extendedKeyUsage: string | undefined;
}

/** RFC 5280 §6.1.2. */
interface State {
  readonly policies: PolicyGraph;
  readonly names: NameConstraintState;
  explicitPolicy: number;
  policyMapping: number;
  inhibitAnyPolicy: number;
  maxPathLength: number;
}

/** Null proves that the path holds under the requirements, revocation aside. */
export const validateCertificates = (path: CandidatePath, requirements: PathRequirements, session: Session): PathFault | null => {
  const { anchor, certificates } = path;
  const fault = anchorFault(anchor, session.at, requirements.extendedKeyUsage);
  if (fault !== null) return fault;
  const state = initialise(path, requirements, session);
  let issuer = anchor;
  for (const [i, certificate] of certificates.entries()) {
    const last = i === certificates.length - 1;
    const found =
      processBasics(certificate, issuer, session) ??
      processNames(certificate, last, state) ??
      processPolicies(certificate, last, state) ??
      (last ? wrapUp(certificate, state, requirements, session) : prepareForNext(certificate, state, requirements));
    if (found !== null) return found;
    issuer = certificate;
  }
  return null;
};

const initialise = ({ anchor, certificates }: CandidatePath, requirements: PathRequirements, session: Session): State => {
  const n = certificates.length;
  const state: State = {
    policies: new PolicyGraph(session.account),
    names: new NameConstraintState(session.account),
    explicitPolicy: requirements.requireExplicitPolicy ? 0 : n + 1,
    policyMapping: requirements.inhibitPolicyMapping ? 0 : n + 1,
    inhibitAnyPolicy: requirements.inhibitAnyPolicy ? 0 : n + 1,
    maxPathLength: n,
  };
  // RFC 5937: the anchor's certificate constrains the path as if it stood at its head.
  constrain(anchor, state);
  return state;
};

/** §6.1.3 (a)(1), (2), (4). */
const processBasics = (certificate: Certificate, issuer: Certificate, session: Session): PathFault | null => {
  const signature = session.verifyCertificate(certificate, issuer.publicKeyInfo);
  if (signature === 'algorithm-not-allowed') return { check: 'algorithm', code: signature };
  if (signature !== 'ok') return { check: 'signature', code: 'path-signature' };
  if (session.at < certificate.notBefore) return { check: 'validity', code: 'path-not-yet-valid' };
  // notAfter is inclusive to its second.
  if (session.at >= certificate.notAfter + 1000) return { check: 'validity', code: 'path-expired' };
  if (!certificate.issuer.equals(issuer.subject)) return { check: 'name-chaining', code: 'path-name-chaining' };
  return null;
};

/** §6.1.3 (b), (c): self-issued certificates are exempt, but not the last. */
const processNames = (certificate: Certificate, last: boolean, { names }: State): PathFault | null => {
  if (isSelfIssued(certificate) && !last) return null;
  const fault = names.faultOf(certificate);
  return fault === null ? null : { check: 'name-constraints', code: 'path-name-constraint', detail: fault };
};

/** §6.1.3 (d), (e), (f). */
const processPolicies = (certificate: Certificate, last: boolean, state: State): PathFault | null => {
  const { certificatePolicies } = certificate;
  if (certificatePolicies === null) state.policies.clear();
  else {
    const oids = certificatePolicies.map(({ oid }) => oid);
    // §4.2.1.4: a policy must not appear more than once.
    if (new Set(oids).size !== oids.length) return { check: 'policy', code: 'path-policy', detail: 'duplicate-policy' };
    state.policies.addCertificate(oids, state.inhibitAnyPolicy > 0 || (!last && isSelfIssued(certificate)));
  }
  return state.explicitPolicy > 0 || !state.policies.isNull ? null : { check: 'policy', code: 'path-policy', detail: 'no-policy' };
};

/** §6.1.4. */
const prepareForNext = (certificate: Certificate, state: State, requirements: PathRequirements): PathFault | null => {
  // (a), (b)
  const mappings = certificate.policyMappings;
  if (mappings !== null) {
    if (mappings.some((m) => m.issuerDomainPolicy === OID.anyPolicy || m.subjectDomainPolicy === OID.anyPolicy))
      return { check: 'policy', code: 'path-policy', detail: 'any-policy-mapped' };
    state.policies.applyMappings(mappings, state.policyMapping > 0);
  }
  // (h)
  if (!isSelfIssued(certificate)) {
    state.explicitPolicy = Math.max(0, state.explicitPolicy - 1);
    state.policyMapping = Math.max(0, state.policyMapping - 1);
    state.inhibitAnyPolicy = Math.max(0, state.inhibitAnyPolicy - 1);
  }
  // (k), then (l)
  if (certificate.version !== 3 || certificate.basicConstraints?.ca !== true) return { check: 'basic-constraints', code: 'path-not-ca' };
  if (!isSelfIssued(certificate)) {
    if (state.maxPathLength === 0) return { check: 'path-length', code: 'path-length' };
    state.maxPathLength -= 1;
  }
  // (g), (i), (j), (m)
  constrain(certificate, state);
  // (n), (o)
  if (certificate.keyUsage !== null && (certificate.keyUsage & KEY_CERT_SIGN) === 0) return { check: 'key-usage', code: 'path-key-usage' };
  return extensionsAndPurpose(certificate, requirements);
};

/** §6.1.4 (g), (i), (j), (m): what a CA's certificate says about those below it. */
const constrain = (certificate: Certificate, state: State): void => {
  const { nameConstraints, policyConstraints, inhibitAnyPolicy, basicConstraints } = certificate;
  if (nameConstraints !== null) state.names.add(nameConstraints);
  const { requireExplicitPolicy, inhibitPolicyMapping } = policyConstraints ?? { requireExplicitPolicy: null, inhibitPolicyMapping: null };
  if (requireExplicitPolicy !== null) state.explicitPolicy = Math.min(state.explicitPolicy, requireExplicitPolicy);
  if (inhibitPolicyMapping !== null) state.policyMapping = Math.min(state.policyMapping, inhibitPolicyMapping);
  if (inhibitAnyPolicy !== null) state.inhibitAnyPolicy = Math.min(state.inhibitAnyPolicy, inhibitAnyPolicy);
  const pathLength = basicConstraints?.pathLength ?? null;
  if (pathLength !== null) state.maxPathLength = Math.min(state.maxPathLength, pathLength);
};

/** §6.1.5. */
const wrapUp = (certificate: Certificate, state: State, requirements: PathRequirements, session: Session): PathFault | null => {
  // (a), (b)
  let explicitPolicy = Math.max(0, state.explicitPolicy - 1);
  if (certificate.policyConstraints?.requireExplicitPolicy === 0) explicitPolicy = 0;
  // (f)
  const fault = extensionsAndPurpose(certificate, requirements);
  if (fault !== null) return fault;
  // (g)
  if (explicitPolicy === 0 && state.policies.userConstrainedPolicies(requirements.initialPolicies).size === 0)
    return { check: 'policy', code: 'path-policy', detail: 'no-policy' };
  // (c) to (e) hand out the target's key: it is one that the algorithm policy would use.
  return keyAllowed(certificate.publicKeyInfo, session.algorithms)
    ? null
    : { check: 'algorithm', code: 'algorithm-not-allowed', detail: 'target-key' };
};

const extensionsAndPurpose = (certificate: Certificate, { extendedKeyUsage }: PathRequirements): PathFault | null => {
  if (unprocessedCriticalExtension(certificate.extensions, PROCESSED_EXTENSIONS) !== null)
    return { check: 'critical-extensions', code: 'unknown-critical-extension' };
  if (!allowsPurpose(certificate, extendedKeyUsage)) return { check: 'extended-key-usage', code: 'path-extended-key-usage' };
  return null;
};
