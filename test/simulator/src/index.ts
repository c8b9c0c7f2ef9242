export type { AppFailureCode } from './app/failure.ts';
export { AppFailure } from './app/failure.ts';
export { virtualAppDoorProfile } from './door-profile.ts';
export type { Fault, FaultTarget } from './http/status-data.ts';
export { FAULTS } from './http/status-data.ts';
export type { Municipality } from './register/municipalities.ts';
export { MUNICIPALITIES } from './register/municipalities.ts';
export { startSimulator } from './simulator.ts';
export type {
  AppOutcome,
  AppSession,
  CertificateReference,
  IssuedCertificate,
  LinkInformation,
  LinkInformationSource,
  Person,
  PersonOptions,
  Simulator,
  SimulatorOptions,
  VirtualApp,
} from './surface.ts';
