export { canonicalJson } from './jcs.ts';
export type { EvidenceRecord } from './record.ts';
export type { EvidenceKey } from './seal.ts';
export { sealEvidence } from './seal.ts';
export type { EvidenceVerification, VerifyEvidenceOptions } from './verify.ts';
export { verifyEvidence } from './verify.ts';
