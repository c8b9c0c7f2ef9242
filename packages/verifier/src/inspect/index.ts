export type { CertificateView, CrlView, Inspection, InspectOptions, OcspView } from './inspect.ts';
export { inspect } from './inspect.ts';
export type { CertificateStatus, CertificateStatusInput } from './status.ts';
export { certificateStatus } from './status.ts';
