/** The relying party: configuration checked once, then four verbs and a handler. */
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { JpkiError, type OutcomeCode } from '@jpki-rp/verifier';
import type { Audit } from './audit/audit.ts';
import { appLinkDoor } from './door/app-link.ts';
import type { DoorProfile } from './door/profile.types.ts';
import { parseDoorProfile } from './door/schema.ts';
import { type BeginInput, begin } from './flow/begin.ts';
import { type CompleteInput, complete } from './flow/complete.ts';
import { receive } from './flow/receive.ts';
import { type RedeemInput, redeem } from './flow/redeem.ts';
import { auditor, type LinksPort, type Rooms, type VerifierPort } from './flow/rooms.ts';
import { cancel, type StatusInput, status } from './flow/status.ts';
import type { Binding } from './http/binding.ts';
import { BASE_PATH, createHandler, type Handler, HTTP_DEFAULTS, type HttpLimits } from './http/handler.ts';
import type { StartDescriptor, TransactionStatus } from './http/wire.ts';
import type { JsonObject } from './json/parse.ts';
import type { Operation } from './operation/operation.ts';
import type { Outcome } from './operation/outcome.ts';
import type { RandomBytes } from './transaction/secrets.ts';
import type { TransactionStore } from './transaction/store.ts';

export interface RelyingPartyOptions {
  /** `https://bank.example`; plain http on loopback only. */
  readonly origin: string;
  /** Shown on the page and on the phone. */
  readonly name: { readonly ja: string; readonly en: string };
  /** Carries role and environment. */
  readonly verifier: VerifierPort;
  readonly door: DoorProfile;
  readonly transactions: TransactionStore;
  /** Sees every user-authentication verdict before your handler does, so that a revocation ends its links at once. */
  readonly links?: LinksPort;
  /** What can be begun. Anything not named here is closed. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** Where the routes are mounted. Default `/jpki`. */
  readonly basePath?: string;
  /**
   * Whether an answer that came by app link waits until the person is back in the browser that began. `after-return` stops an attacker who
   * begins in their own browser and sends the link to someone else; it is the default. `without-return` gives that up for people whose phone
   * comes back in another browser.
   */
  readonly appLinkCompletion?: 'after-return' | 'without-return';
  readonly limits?: Partial<HttpLimits>;
  /** Gets codes and hashed identifiers only. */
  readonly audit?: Audit;
  /** Gets what your own handlers threw, which may hold anything they put in. */
  readonly onError?: (error: unknown, code: OutcomeCode) => void;
  /** Of the transactions. Certificates are judged by the verifier's clock. */
  readonly clock?: () => Date;
  readonly randomBytes?: RandomBytes;
}

export interface RelyingParty {
  readonly origin: string;
  readonly basePath: string;
  /** Throws `operation-closed`, `store-full`, `request-invalid`, `relying-party-invalid`. */
  begin(input: BeginInput): Promise<StartDescriptor>;
  /** The app's one-time ticket for its request document. Throws `ticket-spent`. */
  redeem(input: RedeemInput): Promise<JsonObject>;
  /** The app's answer, as it came. Returns nothing. Throws `request-too-large`, `app-message-invalid`, `store-full`. */
  receive(appMessage: Uint8Array): Promise<void>;
  /** Every result is data. */
  complete(transactionId: string, input: CompleteInput): Promise<Outcome>;
  /** Throws `transaction-unknown`. */
  status(transactionId: string, input: StatusInput): Promise<TransactionStatus>;
  /** Throws `transaction-unknown`. */
  cancel(transactionId: string, input: { readonly binding: Binding }): Promise<void>;
  readonly handler: Handler;
}

/**
 * Checks the configuration once and freezes it. Throws `relying-party-invalid` or `door-profile-invalid`, with a JSON pointer.
 *
 * ```ts
 * const rp = createRelyingParty({ origin: 'https://bank.example', name, verifier, door, transactions: memoryTransactionStore(), operations });
 * app.use('/jpki', jpki(rp));
 * ```
 */
export function createRelyingParty(options: RelyingPartyOptions): RelyingParty {
  const origin = checkedOrigin(options.origin);
  const basePath = checkedBasePath(options.basePath ?? '/jpki');
  const profile = parseDoorProfile(options.door);
  if (profile.synthetic && options.verifier.environment.kind === 'production') {
    throw new JpkiError('door-profile-invalid', 'a synthetic door does not lead to production', { pointer: '/synthetic' });
  }
  for (const lang of ['ja', 'en'] as const) if (!isText(options.name?.[lang])) throw invalid(`/name/${lang}`, 'must be text');
  const clock = options.clock ?? (() => new Date());
  const onError = options.onError ?? (() => undefined);
  const rooms: Rooms = Object.freeze({
    origin,
    basePath,
    name: Object.freeze({ ja: options.name.ja, en: options.name.en }),
    verifier: options.verifier,
    door: appLinkDoor(profile),
    store: options.transactions,
    links: options.links ?? null,
    operations: checkedOperations(options.operations, profile),
    appLinkCompletion: options.appLinkCompletion ?? 'after-return',
    clock,
    randomBytes: options.randomBytes ?? ((length: number) => nodeRandomBytes(length)),
    audit: auditor(options.audit, clock, onError),
    onError,
  });
  return Object.freeze({
    origin,
    basePath,
    begin: (input: BeginInput) => begin(rooms, input),
    redeem: (input: RedeemInput) => redeem(rooms, input),
    receive: (appMessage: Uint8Array) => receive(rooms, appMessage),
    complete: (transactionId: string, input: CompleteInput) => complete(rooms, transactionId, input),
    status: (transactionId: string, input: StatusInput) => status(rooms, transactionId, input),
    cancel: (transactionId: string, input: { readonly binding: Binding }) => cancel(rooms, transactionId, input),
    handler: createHandler(rooms, checkedLimits(options.limits ?? {})),
  });
}

const invalid = (pointer: string, message: string): JpkiError =>
  new JpkiError('relying-party-invalid', `${pointer} ${message}`, { pointer });

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '' && value.length <= 200;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

function checkedOrigin(origin: string): string {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url === null || url.origin !== origin) throw invalid('/origin', 'must be an origin: scheme, host and port, nothing else');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname))) return origin;
  throw invalid('/origin', 'must be https; plain http is served on loopback only');
}

function checkedBasePath(basePath: string): string {
  if (BASE_PATH.test(basePath)) return basePath;
  throw invalid('/basePath', 'must be a plain path that begins and does not end with a slash');
}

function checkedLimits(limits: Partial<HttpLimits>): HttpLimits {
  const all = { ...HTTP_DEFAULTS, ...limits };
  for (const [name, value] of Object.entries(all))
    if (!(Number.isFinite(value) && value > 0)) throw invalid(`/limits/${name}`, 'must be positive');
  return Object.freeze(all);
}

const SCHEMES = ['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'];

function checkedOperations(operations: Readonly<Record<string, Operation>>, door: DoorProfile): ReadonlyMap<string, Operation> {
  const entries = Object.entries(operations);
  if (entries.length === 0) throw invalid('/operations', 'must name at least one operation');
  for (const [name, { policy, onOutcome }] of entries) {
    const at = `/operations/${name}`;
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw invalid(at, 'must be named with lower-case letters, digits and hyphens');
    for (const lang of ['ja', 'en'] as const) if (!isText(policy.name?.[lang])) throw invalid(`${at}/policy/name/${lang}`, 'must be text');
    if (policy.purpose !== 'digital-signature' && policy.purpose !== 'user-authentication')
      throw invalid(`${at}/policy/purpose`, 'is unknown');
    const { carriers } = policy;
    if (
      carriers.length === 0 ||
      new Set(carriers).size !== carriers.length ||
      !carriers.every((one) => one === 'card' || one === 'smartphone')
    ) {
      throw invalid(`${at}/policy/carriers`, 'must be card, smartphone or both');
    }
    if (policy.scheme !== undefined && !SCHEMES.includes(policy.scheme)) throw invalid(`${at}/policy/scheme`, 'is unknown');
    for (const [kind, seconds] of Object.entries(policy.freshness ?? {})) {
      const known = kind === 'crlSeconds' || kind === 'ocspSeconds' || kind === 'platformSeconds';
      if (!known || !Number.isSafeInteger(seconds) || seconds < 1) throw invalid(`${at}/policy/freshness`, 'must be whole seconds by kind');
    }
    if (typeof onOutcome !== 'function') throw invalid(`${at}/onOutcome`, 'must be a function');
    const witnesses = policy.carrierWitnesses ?? 'two';
    if (witnesses !== 'two' && witnesses !== 'certificate-only') throw invalid(`${at}/policy/carrierWitnesses`, 'is unknown');
    if (witnesses === 'two' && door.response.carrier === undefined) {
      throw invalid(`${at}/policy/carrierWitnesses`, 'wants two witnesses, but this door does not report the carrier');
    }
  }
  return new Map(entries);
}
