/** From a link to what the phone shows: the ticket redeemed, the request document read by the door profile's names. */
import type { AppLinkDoorProfile } from '@jpki-rp/node-sdk/door';
import type { Carrier, Purpose, SignatureScheme } from '@jpki-rp/verifier';
import type { AppSession } from '../surface.ts';
import { AppFailure } from './failure.ts';
import { allowedUrl, type OriginRule, type PostJson } from './network.ts';

export interface AppRequest {
  readonly shown: AppSession['request'];
  readonly transactionId: string;
  readonly callbackUrl: URL;
  readonly scheme: SignatureScheme;
  readonly message: Uint8Array;
}

const SCHEMES: readonly string[] = ['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'];

export interface RedeemOptions {
  readonly profile: AppLinkDoorProfile;
  readonly isAllowed: OriginRule;
  readonly post: PostJson;
}

function readLink(link: string, { profile, isAllowed }: RedeemOptions): { readonly requestUrl: URL; readonly ticket: string } {
  const url = URL.canParse(link.trim()) ? new URL(link.trim()) : undefined;
  const ticket = url?.searchParams.get('t');
  const request = url?.searchParams.get('r');
  if (!ticket || !request) throw new AppFailure('link-invalid', 'not a link to this app');
  const requestUrl = allowedUrl(request, isAllowed);
  // Any web site can open a link: it must not make this process post to whatever else listens on the machine.
  if (!requestUrl.pathname.endsWith(`/request/${profile.id}`)) throw new AppFailure('link-invalid', 'not where tickets are redeemed');
  return { requestUrl, ticket };
}

/** The ticket is spent by this: opening the same link twice fails at the relying party. */
export async function redeem(link: string, options: RedeemOptions): Promise<AppRequest> {
  const { profile, isAllowed, post } = options;
  const { requestUrl, ticket } = readLink(link, options);
  const { status, text } = await post(requestUrl, { ticket });
  if (status !== 200) throw new AppFailure('ticket-refused', `the service refused the ticket (${status})`, { status });
  const read = readerOf(parseObject(text), profile);
  const callbackUrl = allowedUrl(read('callbackUrl'), isAllowed);
  const returnUrl = allowedUrl(read('returnUrl'), isAllowed);
  const relyingPartyOrigin = string(read('relyingPartyOrigin'));
  // Whoever is shown to the person must be who gets the answer.
  if ([callbackUrl.origin, returnUrl.origin, relyingPartyOrigin].some((origin) => origin !== requestUrl.origin)) {
    throw new AppFailure('origin-mismatch', 'the request names another origin than the one it came from');
  }
  if (!callbackUrl.pathname.endsWith(`/callback/${profile.id}`)) throw new AppFailure('request-invalid', 'not where answers go');
  const purpose = read('purpose');
  const scheme = read('scheme');
  const message = read('message');
  if (purpose !== 'digital-signature' && purpose !== 'user-authentication') throw new AppFailure('request-invalid', 'unknown purpose');
  if (typeof scheme !== 'string' || !SCHEMES.includes(scheme)) throw new AppFailure('scheme-unsupported', 'unknown signature scheme');
  const documentText = optional(read('documentText'));
  const matchNumber = optional(read('matchNumber'));
  return {
    transactionId: string(read('transactionId')),
    callbackUrl,
    scheme: scheme as SignatureScheme,
    message: typeof message === 'string' ? new TextEncoder().encode(message) : bytes(message),
    shown: {
      relyingPartyName: string(read('relyingPartyName')),
      relyingPartyOrigin,
      operationName: string(read('operationName')),
      purpose: purpose satisfies Purpose,
      carriers: carriersOf(read('carriers')),
      ...(documentText === undefined ? {} : { documentText }),
      ...(matchNumber === undefined ? {} : { matchNumber }),
      returnUrl: returnUrl.href,
    },
  };
}

/** Finds a value by what it means: the profile says under which name and in which encoding. */
function readerOf(document: Readonly<Record<string, unknown>>, profile: AppLinkDoorProfile): (value: string) => unknown {
  return (wanted) => {
    for (const [name, field] of Object.entries(profile.request)) {
      if (!('value' in field) || field.value !== wanted) continue;
      const present = Object.hasOwn(document, name) ? document[name] : undefined;
      return [...(field.encode ?? [])].reverse().reduce<unknown>(undo, present);
    }
    return undefined;
  };
}

function undo(value: unknown, step: 'utf8' | 'base64' | 'base64url' | 'hex'): unknown {
  if (step === 'utf8') return Buffer.from(bytes(value)).toString('utf8');
  return new Uint8Array(Buffer.from(string(value), step));
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppFailure('request-invalid', 'the service’s request is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppFailure('request-invalid', 'the service’s request is not an object');
  }
  return value as Record<string, unknown>;
}

function carriersOf(value: unknown): readonly Carrier[] {
  const list = Array.isArray(value) ? value : string(value).split(/[\s,]+/);
  const carriers = list.filter((carrier): carrier is Carrier => carrier === 'card' || carrier === 'smartphone');
  if (carriers.length === 0) throw new AppFailure('request-invalid', 'the request accepts no carrier');
  return carriers;
}

function string(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new AppFailure('request-invalid', 'the request lacks a value');
  return value;
}

const optional = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function bytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new AppFailure('request-invalid', 'the request lacks the bytes to sign');
  return value;
}
