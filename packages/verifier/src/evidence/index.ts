export { canonicalJson } from './jcs.ts';
export type { EvidenceRecord } from './record.ts';
export type { EvidenceKey } from './seal.ts';
export { sealEvidence } from './seal.ts';
