export type { CeremonyClaim } from './ceremony.ts';
export type { LinkStoreConformance } from './conformance.ts';
export { linkStoreConformance } from './conformance.ts';
export type { LinkEvent, PersonState } from './events.ts';
export { fold } from './events.ts';
export type { FollowerCheck, FollowerReport, OverdueFollower } from './followers.ts';
export type { CertificateName, HmacIdentifierKey, Identifier } from './identifier.ts';
export { hmacIdentifier } from './identifier.ts';
export { createLinkLedger } from './ledger.ts';
export type {
  BasisClaim,
  ChangeResult,
  EraseResult,
  EstablishContext,
  EstablishResult,
  ExportedLink,
  ExportResult,
  FindContext,
  FindResult,
  Found,
  HeldCertificate,
  History,
  HistoryResult,
  LinkLedger,
  LinkLedgerOptions,
  LinkOf,
  ObserveResult,
  Refusal,
  RenewContext,
  ResumeRequest,
  ResumeResult,
  StoreRefusal,
  UndoResult,
} from './ledger.types.ts';
export type {
  ActionIn,
  Assurance,
  Basis,
  CeremonyRelation,
  EndReason,
  EndRequest,
  LegalSource,
  Link,
  LinkAction,
  LinkedCertificate,
  LinkState,
  LiveState,
  Relation,
  RenewalRelation,
  Side,
  StateAfter,
  Suspension,
  SuspensionReason,
} from './link.ts';
export { RELATIONS, stateAfter, transition } from './link.ts';
export type { RevocationList } from './listed.ts';
export { revocationsIn } from './listed.ts';
export type { LookUpReport, LookUpSweep, RevocationIndex } from './look-up.ts';
export { memoryLinkStore } from './memory.ts';
export type { OneByOne, OneByOneReport, StatusAnswer } from './one-by-one.ts';
export { sweepOneByOne } from './one-by-one.ts';
export type { RecheckCandidate, RecheckPlan, RecheckPolicy, RecheckTier } from './recheck.ts';
export { planRechecks } from './recheck.ts';
export type { VerdictSealKey, VerdictSealOptions } from './seal-verdict.ts';
export { openVerdict, sealVerdict } from './seal-verdict.ts';
export type { SealKey } from './sealed-box.ts';
export type {
  Claim,
  CommitResult,
  LinkCommit,
  LinkNotice,
  LinkStore,
  NamedClaims,
  Settlement,
  StoredEvent,
  StoredPerson,
  Tombstone,
} from './store.ts';
export type { RevokedCertificate, Sweep, SweepProgress, SweepReport } from './sweep.types.ts';
export type { SweepLog, SweepMark } from './sweeps.ts';
export { memorySweepLog } from './sweeps.ts';
export type { SweepLogConformance } from './sweeps-conformance.ts';
export { sweepLogConformance } from './sweeps-conformance.ts';
