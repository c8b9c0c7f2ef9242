export type { Audit, AuditEvent } from './audit/audit.ts';
export type { AppLinkDoorProfile, DoorProfile, EncodingStep, RequestValue } from './door/profile.types.ts';
export { parseDoorProfile } from './door/schema.ts';
export type { BeginInput } from './flow/begin.ts';
export type { CompleteInput } from './flow/complete.ts';
export type { RedeemInput } from './flow/redeem.ts';
export type { LinksPort, VerifierPort } from './flow/rooms.ts';
export type { StatusInput } from './flow/status.ts';
export { BINDING_COOKIE, type Binding } from './http/binding.ts';
export type { Handler, HandlerContext, HttpLimits } from './http/handler.ts';
export type {
  BeginRequest,
  CompleteRequest,
  Json,
  PublicOutcome,
  Start,
  StartDescriptor,
  TransactionStatus,
  WireError,
} from './http/wire.ts';
export { type Identity, identityOf, type Person } from './identity/identity.ts';
export { messageFor } from './messages/messages.ts';
export type { CeremonyContext, Operation, OutcomeContext, PrepareContext, Prepared } from './operation/operation.ts';
export { type IdentifiedOutcome, type Outcome, toPublicOutcome, type UnsuccessfulOutcome } from './operation/outcome.ts';
export type { OperationPolicy } from './operation/policy.ts';
export { createRelyingParty, type RelyingParty, type RelyingPartyOptions } from './relying-party.ts';
export { transactionStoreConformance } from './transaction/conformance.ts';
export { type MemoryTransactionStoreOptions, memoryTransactionStore } from './transaction/memory.ts';
export type { Ceremony, Channel, Language, NewTransaction, Transaction, TransactionState } from './transaction/record.ts';
export type { SignedDocument } from './transaction/signed-bytes.ts';
export type { KeptCeremony, TransactionStore } from './transaction/store.ts';
