export type {
  Actor,
  Code,
  CodeEntry,
  CodeKind,
  IndeterminateCode,
  InvalidCode,
  MisuseCode,
  OperationCode,
  OutcomeCode,
  Place,
  VerdictCode,
} from './codes.ts';
export { CODES, resultOf } from './codes.ts';
export { loadEnvironment } from './environment.ts';
export type { AnchorJson, Environment, EnvironmentKind, SignatureAlgorithm } from './environment.types.ts';
export { EnvironmentError, JpkiError } from './errors.ts';
export type { EvidenceRecord } from './evidence/record.ts';
export type { RememberOptions } from './familiar.ts';
export type { Fetcher, FetchRequest, FetchResponse } from './net/fetcher.types.ts';
export { productionAnchors } from './production-anchors.ts';
export type { CrlSourceOptions } from './revocation/crl/source.ts';
export { crlSource } from './revocation/crl/source.ts';
export type { ExplainOptions, Explanation } from './revocation/explain.ts';
export { explainRevocationPolicy } from './revocation/explain.ts';
export type { Freshness } from './revocation/freshness.ts';
export type { OcspRetry } from './revocation/ocsp/client.ts';
export type { CertIdHash, OcspRequestSigner } from './revocation/ocsp/request.ts';
export type { OcspSourceOptions } from './revocation/ocsp/source.ts';
export { ocspSource } from './revocation/ocsp/source.ts';
export type { HttpPlatformOptions } from './revocation/platform/http.ts';
export { httpPlatformOperator } from './revocation/platform/http.ts';
export type { PlatformAnswer, PlatformOperator, PlatformQuestion } from './revocation/platform/operator.ts';
export { PlatformFault } from './revocation/platform/operator.ts';
export type { PlatformProfile, PlatformStatus, PlatformValue, PocketSignStyle } from './revocation/platform/profile.ts';
export { parsePlatformProfile, platformContractV1, pocketSignStyle } from './revocation/platform/profile.ts';
export type { PlatformSourceOptions } from './revocation/platform/source.ts';
export { platformSource } from './revocation/platform/source.ts';
export { parseRevocationPolicy } from './revocation/policy-data.ts';
export type {
  FailedAttempt,
  RevocationAnswer,
  RevocationConfiguration,
  RevocationMode,
  RevocationPolicy,
  RevocationQuery,
  RevocationSource,
  SignedProof,
} from './revocation/types.ts';
export type {
  Carrier,
  CertificateClass,
  CertificateIdentity,
  Check,
  CheckName,
  PersonalAttributes,
  ProvenVerdict,
  Purpose,
  RefusedVerdict,
  RevocationFinding,
  RevocationReason,
  RevocationSourceReport,
  SignatureScheme,
  Verdict,
} from './verdict.ts';
export { CERTIFICATE_CLASSES } from './verdict.ts';
export { createVerifier } from './verifier.ts';
export type { Role, Verifier, VerifierEvent, VerifierOptions, VerifyInput } from './verifier.types.ts';
