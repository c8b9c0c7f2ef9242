/** begin(): fixes everything that will decide the verdict, before anyone else has a say. */
import { type Carrier, JpkiError } from '@jpki-rp/verifier';
import { type Binding, hashBinding, isBinding } from '../http/binding.ts';
import type { StartDescriptor } from '../http/wire.ts';
import type { Prepared } from '../operation/operation.ts';
import type { OperationPolicy } from '../operation/policy.ts';
import { isWellFormed } from '../transaction/jcs.ts';
import type { Channel, Language, NewTransaction } from '../transaction/record.ts';
import { hashSecret, mintMatchNumber, mintSecret } from '../transaction/secrets.ts';
import { type SignedDocument, signedBytes } from '../transaction/signed-bytes.ts';
import { safeReturnTo } from './return-to.ts';
import type { Rooms } from './rooms.ts';

export interface BeginInput extends Prepared {
  readonly operation: string;
  readonly binding: Binding;
  /** A hint for the app's first screen, never authority. */
  readonly carrierHint?: Carrier;
  /** Default `app-link`. */
  readonly start?: Channel;
  /** Path and query on the own origin. Default `/`. */
  readonly returnTo?: string;
  /** Default `ja`. */
  readonly lang?: Language;
  /** Where this package's routes are mounted, if not at the configured base path. */
  readonly basePath?: string;
}

const MAX_DOCUMENT_TEXT = 16 * 1024;

/**
 * Begins a transaction and says how to open the app. Throws `operation-closed`, `store-full`, `request-invalid` (returnTo, binding), and
 * `relying-party-invalid` where the operation's own preparation does not fit its purpose.
 */
export async function begin(rooms: Rooms, input: BeginInput): Promise<StartDescriptor> {
  const operation = rooms.operations.get(input.operation);
  if (operation === undefined) throw new JpkiError('operation-closed');
  if (!isBinding(input.binding)) throw new JpkiError('request-invalid', 'the binding is not 256 bits in base64url');
  const returnTo = safeReturnTo(input.returnTo ?? '/', rooms.origin);
  if (returnTo === null) throw new JpkiError('request-invalid', 'returnTo is not a path of this origin');
  const { policy } = operation;
  checkDocument(policy, input.document);
  checkIdentifiers(input);

  const now = rooms.clock();
  const channel = input.start ?? 'app-link';
  const { timing } = rooms.door.profile;
  const ticket = mintSecret(rooms.randomBytes);
  const id = Buffer.from(rooms.randomBytes(16)).toString('base64url');
  const lang = input.lang ?? 'ja';
  const transaction: NewTransaction = {
    id,
    operation: input.operation,
    purpose: policy.purpose,
    carriers: [...policy.carriers],
    scheme: policy.scheme ?? 'rsa-pkcs1-sha256',
    carrierWitnesses: policy.carrierWitnesses ?? 'two',
    door: rooms.door.profile.id,
    channel,
    binding: hashBinding(input.binding),
    message: signedBytes({
      purpose: policy.purpose,
      operation: input.operation,
      origin: rooms.origin,
      transactionId: id,
      time: now,
      nonce: mintSecret(rooms.randomBytes),
      ...(input.ceremony === undefined ? {} : { ceremony: input.ceremony }),
      ...(input.document === undefined ? {} : { document: input.document }),
    }),
    ...(input.document === undefined ? {} : { documentText: input.document.text }),
    ...(input.account === undefined ? {} : { account: input.account }),
    ...(input.ceremony === undefined ? {} : { ceremony: { id: input.ceremony.id, step: input.ceremony.step } }),
    ...(input.carrierHint === undefined ? {} : { carrierHint: input.carrierHint }),
    returnTo,
    lang,
    createdAt: now.getTime(),
    expiresAt: now.getTime() + (channel === 'qr' ? timing.qrSeconds : timing.transactionSeconds) * 1_000,
    ticket: hashSecret('ticket', ticket),
    ...(channel === 'qr' ? { matchNumber: mintMatchNumber(rooms.randomBytes) } : {}),
  };
  if ((await rooms.store.create(transaction, now.getTime())) === 'full') throw new JpkiError('store-full');
  rooms.audit({ type: 'begun', operation: transaction.operation }, id);

  const requestUrl = `${rooms.origin}${input.basePath ?? rooms.basePath}/request/${rooms.door.profile.id}`;
  const link = rooms.door.start(channel, { requestUrl, ticket });
  return {
    v: 1,
    transactionId: id,
    expiresAt: new Date(transaction.expiresAt).toISOString(),
    start: channel === 'qr' ? { kind: 'qr', content: link } : { kind: 'app-link', href: link },
    ...(transaction.matchNumber === undefined ? {} : { match: { digits: 2 } }),
    show: { relyingParty: rooms.name[lang], operation: policy.name[lang], purpose: policy.purpose, carriers: transaction.carriers },
  };
}

function checkDocument(policy: OperationPolicy, document: SignedDocument | undefined): void {
  if (policy.purpose === 'user-authentication') {
    if (document !== undefined)
      throw new JpkiError('relying-party-invalid', 'user authentication signs no document', { pointer: '/document' });
    return;
  }
  if (document === undefined || typeof document.text !== 'string' || document.text.trim() === '') {
    throw new JpkiError('relying-party-invalid', 'a digital signature needs a declaration that the person can read', {
      pointer: '/document/text',
    });
  }
  if (Buffer.byteLength(document.text, 'utf8') > MAX_DOCUMENT_TEXT || !isWellFormed(document.text)) {
    throw new JpkiError('relying-party-invalid', 'the declaration is longer than 16 KiB or not well-formed Unicode', {
      pointer: '/document/text',
    });
  }
}

function checkIdentifiers({ account, ceremony }: BeginInput): void {
  for (const [pointer, value] of [
    ['/account', account],
    ['/ceremony/id', ceremony?.id],
    ['/ceremony/step', ceremony?.step],
  ] as const) {
    if (value !== undefined && !(typeof value === 'string' && value.length >= 1 && value.length <= 256 && isWellFormed(value))) {
      throw new JpkiError('relying-party-invalid', `${pointer} must be text of 1 to 256 characters`, { pointer });
    }
  }
}
