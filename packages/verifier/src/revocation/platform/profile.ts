/** How an operator's HTTP interface is spoken to, as data: member names, spellings and places of the answer. */
import { z } from 'zod';
import { JpkiError } from '../../errors.ts';
import { CERTIFICATE_CLASSES, type CertificateClass, type RevocationReason, type SignatureScheme } from '../../verdict.ts';

/** What a member of the request can carry. Binary values are standard base64; `request-id` is 32 hex digits, new each time. */
export type PlatformValue = 'certificate' | 'digest' | 'signature' | 'class' | 'scheme' | 'request-id';
export type PlatformStatus = 'good' | 'revoked' | 'expired' | 'unknown';

export interface PlatformProfile {
  /** https; plain http on loopback only. */
  readonly url: string;
  readonly request: {
    /** Member of the JSON body → what it carries. */
    readonly members: Readonly<Record<string, PlatformValue>>;
    /** Sent as they are, for example a check method. */
    readonly constants?: Readonly<Record<string, string | number | boolean>>;
    readonly schemes?: Readonly<Partial<Record<SignatureScheme, string>>>;
  };
  /** Both ways: how the operator spells the four classes. */
  readonly classes: Readonly<Record<CertificateClass, string>>;
  readonly response: {
    /** JSON pointers (RFC 6901). */
    readonly status: string;
    readonly class: string;
    readonly checkedAt: string;
    readonly requestId?: string;
    readonly certificateSha256?: string;
    readonly signature?: string;
    readonly reason?: string;
    readonly revokedAt?: string;
    readonly currentAsOf?: string;
    readonly nextUpdate?: string;
    /** The operator's states. One that is not listed is no answer. */
    readonly states: Readonly<Record<string, PlatformStatus>>;
    /** How it says that a signature is genuine, or not. */
    readonly signatures?: Readonly<Record<string, 'valid' | 'invalid'>>;
    /** A reason that is not listed is `unspecified`. */
    readonly reasons?: Readonly<Record<string, RevocationReason>>;
    readonly times: 'iso-8601' | 'unix-seconds' | 'unix-milliseconds';
  };
}

const text = z.string().min(1).max(200);
const pointer = z.string().regex(/^(\/([^~/]|~[01])*)+$/);
const SCHEMES = ['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'] as const;
const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const satisfies readonly RevocationReason[];

const profileSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => new URL(url).protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname), {
      message: 'https expected',
    }),
  request: z.strictObject({
    members: z
      .record(text, z.enum(['certificate', 'digest', 'signature', 'class', 'scheme', 'request-id']))
      .refine((members) => Object.values(members).includes('certificate'), { message: 'a member for the certificate expected' }),
    constants: z.record(text, z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
    schemes: z.partialRecord(z.enum(SCHEMES), text).exactOptional(),
  }),
  classes: z
    .record(z.enum(CERTIFICATE_CLASSES as [CertificateClass, ...CertificateClass[]]), text)
    .refine((classes) => new Set(Object.values(classes)).size === CERTIFICATE_CLASSES.length, {
      message: 'four different spellings expected',
    }),
  response: z.strictObject({
    status: pointer,
    class: pointer,
    checkedAt: pointer,
    requestId: pointer.exactOptional(),
    certificateSha256: pointer.exactOptional(),
    signature: pointer.exactOptional(),
    reason: pointer.exactOptional(),
    revokedAt: pointer.exactOptional(),
    currentAsOf: pointer.exactOptional(),
    nextUpdate: pointer.exactOptional(),
    states: z.record(text, z.enum(['good', 'revoked', 'expired', 'unknown'])),
    signatures: z.record(text, z.enum(['valid', 'invalid'])).exactOptional(),
    reasons: z.record(text, z.enum(REASONS)).exactOptional(),
    times: z.enum(['iso-8601', 'unix-seconds', 'unix-milliseconds']),
  }),
});

/** A profile from JSON (already parsed). Throws `argument-invalid` with a JSON pointer. */
export const parsePlatformProfile = (json: unknown): PlatformProfile => {
  const parsed = profileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new JpkiError('argument-invalid', `platform profile: ${issue?.message ?? 'invalid'}`, {
    pointer: (issue?.path ?? []).map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  });
};

const identical = <T extends string>(words: readonly T[]): Record<T, T> =>
  Object.fromEntries(words.map((word) => [word, word])) as Record<T, T>;

/** Version 1 of the contract in docs/platform-operator.md. `url` is that of `…/v1/determinations`. */
export const platformContractV1 = (url: string): PlatformProfile =>
  parsePlatformProfile({
    url,
    request: {
      members: {
        requestId: 'request-id',
        certificate: 'certificate',
        certificateClass: 'class',
        digest: 'digest',
        signature: 'signature',
        scheme: 'scheme',
      },
      constants: { v: 1 },
    },
    classes: identical(CERTIFICATE_CLASSES),
    response: {
      status: '/status',
      class: '/certificateClass',
      checkedAt: '/checkedAt',
      requestId: '/requestId',
      certificateSha256: '/certificateSha256',
      signature: '/signature',
      reason: '/reason',
      revokedAt: '/revokedAt',
      currentAsOf: '/currentAsOf',
      nextUpdate: '/nextUpdate',
      states: identical(['good', 'revoked', 'expired', 'unknown']),
      signatures: identical(['valid', 'invalid']),
      reasons: identical(REASONS),
      times: 'iso-8601',
    },
  });

/** What is not published about an operator in the style of PocketSign comes from its contract documents. */
export interface PocketSignStyle {
  readonly url: string;
  readonly request: PlatformProfile['request'];
  readonly response: Omit<PlatformProfile['response'], 'states'>;
}

/**
 * A profile with the published words of PocketSign-style interfaces built in: the four certificate types and the states GOOD, REVOKED, EXPIRED, UNKNOWN.
 * Paths, members and times are configuration.
 */
export const pocketSignStyle = ({ url, request, response }: PocketSignStyle): PlatformProfile =>
  parsePlatformProfile({
    url,
    request,
    classes: {
      'card-digital-signature': 'JPKI_CARD_DIGITAL_SIGNATURE',
      'card-user-authentication': 'JPKI_CARD_USER_AUTHENTICATION',
      'smartphone-digital-signature': 'JPKI_MOBILE_DIGITAL_SIGNATURE',
      'smartphone-user-authentication': 'JPKI_MOBILE_USER_AUTHENTICATION',
    },
    response: { ...response, states: { GOOD: 'good', REVOKED: 'revoked', EXPIRED: 'expired', UNKNOWN: 'unknown' } },
  });
