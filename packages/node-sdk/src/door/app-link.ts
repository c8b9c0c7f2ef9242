/** The app-link engine: one DoorProfile turned into a link, a request document, and a reader of answers. Holds no constant of any door. */
import type { Carrier, OutcomeCode } from '@jpki-rp/verifier';
import type { Json } from '../http/wire.ts';
import { type JsonObject, parseJsonObject } from '../json/parse.ts';
import { valueAt } from '../json/pointer.ts';
import { decodeText } from './encoding.ts';
import type { DoorProfile, EncodingStep, RequestValue } from './profile.types.ts';

/** What a door can place in the app's request. `undefined` members are left out. */
export type RequestValues = { readonly [value in RequestValue]: string | readonly string[] | Uint8Array | undefined };

/** What the app says, decoded but not believed. */
export type DoorAnswer =
  | {
      readonly kind: 'signed';
      readonly unverifiedCertificate: Uint8Array;
      readonly unverifiedSignature: Uint8Array;
      /** Absent only where the profile says that this door does not report it. */
      readonly reportedCarrier?: Carrier;
    }
  | { readonly kind: 'failed'; readonly code: OutcomeCode; readonly remainingTries?: number };

export interface Door {
  readonly profile: DoorProfile;
  /** The URL that opens the app, or the QR code's content. */
  start(channel: 'app-link' | 'qr', parts: { readonly requestUrl: string; readonly ticket: string }): string;
  /** The document that the app receives for its ticket. */
  request(values: RequestValues): JsonObject;
  /** The token by which the app names its transaction, or null. */
  answerToken(message: Uint8Array): string | null;
  /** `app-message-invalid`, `app-result-unknown` and `carrier-unreported` where the answer is not what the profile describes. */
  decode(message: Uint8Array): DoorAnswer;
}

export function appLinkDoor(profile: DoorProfile): Door {
  const { response } = profile;
  return {
    profile,
    start(channel, { requestUrl, ticket }) {
      const template = channel === 'qr' ? profile.start.qr : profile.start.appLink;
      return template.replaceAll(/\{(requestUrl|ticket)\}/g, (_match, name) => encodeURIComponent(name === 'ticket' ? ticket : requestUrl));
    },
    request(values) {
      const document: { [key: string]: Json } = {};
      for (const [name, member] of Object.entries(profile.request)) {
        if ('constant' in member) document[name] = member.constant;
        else {
          const value = values[member.value];
          if (value !== undefined) document[name] = encode(value, member.encode ?? []);
        }
      }
      return document;
    },
    answerToken(message) {
      const parsed = parseJsonObject(message);
      const token = parsed === null ? undefined : valueAt(parsed, response.transactionId.path);
      return typeof token === 'string' && token.length >= 1 && token.length <= 128 ? token : null;
    },
    decode(message) {
      const parsed = parseJsonObject(message);
      if (parsed === null) return failed('app-message-invalid');
      const result = valueAt(parsed, response.result.path);
      const name = typeof result === 'number' && Number.isSafeInteger(result) ? String(result) : result;
      if (typeof name !== 'string') return failed('app-message-invalid');
      const meaning = Object.hasOwn(profile.results, name) ? profile.results[name] : undefined;
      if (meaning === undefined) return failed('app-result-unknown');
      if (meaning !== 'ok') return failed(meaning, remainingTries(profile, parsed));

      const certificate = decodeText(valueAt(parsed, response.certificate.path), response.certificate.encoding);
      const signature = decodeText(signatureOf(profile, parsed), response.signature.encoding);
      if (certificate === null || signature === null) return failed('app-message-invalid');
      const answer = { kind: 'signed', unverifiedCertificate: certificate, unverifiedSignature: signature } as const;
      if (response.carrier === undefined) return answer;
      const reported = valueAt(parsed, response.carrier.path);
      const carrier =
        typeof reported === 'string' && Object.hasOwn(response.carrier.map, reported) ? response.carrier.map[reported] : undefined;
      return carrier === undefined ? failed('carrier-unreported') : { ...answer, reportedCarrier: carrier };
    },
  };
}

const failed = (code: OutcomeCode, tries?: number): DoorAnswer => ({
  kind: 'failed',
  code,
  ...(tries === undefined ? {} : { remainingTries: tries }),
});

function signatureOf(profile: DoorProfile, message: JsonObject): Json | undefined {
  const value = valueAt(message, profile.response.signature.path);
  if (profile.response.signature.array === undefined) return value;
  return Array.isArray(value) ? value[0] : undefined;
}

function remainingTries(profile: DoorProfile, message: JsonObject): number | undefined {
  if (profile.response.remainingTries === undefined) return undefined;
  const value = valueAt(message, profile.response.remainingTries.path);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 99 ? value : undefined;
}

function encode(value: string | readonly string[] | Uint8Array, steps: readonly EncodingStep[]): Json {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return value;
  let current: string | Uint8Array = value;
  for (const step of steps) {
    if (step === 'utf8') current = typeof current === 'string' ? Buffer.from(current, 'utf8') : Buffer.from(current).toString('utf8');
    else current = Buffer.from(typeof current === 'string' ? Buffer.from(current, 'utf8') : current).toString(step);
  }
  return typeof current === 'string' ? current : Buffer.from(current).toString('base64url');
}
