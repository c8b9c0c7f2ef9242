export type { VerdictSealKey, VerdictSealOptions } from './seal-verdict.ts';
export { openVerdict, sealVerdict } from './seal-verdict.ts';
