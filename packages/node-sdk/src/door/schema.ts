/** The one place that knows what a usable DoorProfile looks like. The schema itself stays private; its type would leak zod. */
import { CODES, type Code, JpkiError, type OutcomeCode } from '@jpki-rp/verifier';
import { z } from 'zod';
import { POINTER_SYNTAX, pointerOf } from '../json/pointer.ts';
import type { AppLinkDoorProfile, DoorProfile, EncodingStep, RequestValue } from './profile.types.ts';

const text = z.string().min(1).max(200);
const pointer = z.string().max(200).regex(POINTER_SYNTAX, 'must be a JSON pointer');
const place = z.strictObject({ path: pointer });
const encoding = z.enum(['base64', 'base64url', 'hex']);
const memberName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must be a plain member name');

const VALUES = [
  'transactionId',
  'relyingPartyName',
  'relyingPartyOrigin',
  'operationName',
  'operationNameEn',
  'purpose',
  'carriers',
  'carrierHint',
  'scheme',
  'message',
  'documentText',
  'callbackUrl',
  'returnUrl',
  'matchNumber',
  'expiresAt',
] as const satisfies readonly RequestValue[];

const STEPS = ['utf8', 'base64', 'base64url', 'hex'] as const satisfies readonly EncodingStep[];

const mapping = z
  .union([
    z.strictObject({ value: z.enum(VALUES), encode: z.array(z.enum(STEPS)).min(1).max(4).optional() }),
    z.strictObject({ constant: z.union([z.string().max(2_000), z.number(), z.boolean()]) }),
  ])
  .superRefine((member, context) => {
    if (!('value' in member)) return;
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message, path: ['encode'] });
    if (member.value === 'carriers' && member.encode !== undefined) refuse('carriers is a list and takes no encoding');
    if (member.value === 'message' && !endsAsText(member.encode ?? [])) refuse('message is bytes and must be encoded to text');
    if (
      member.value !== 'message' &&
      member.value !== 'carriers' &&
      !endsAsText(['utf8', ...(member.encode ?? [])]) &&
      member.encode !== undefined
    ) {
      refuse('the encoding does not end in text');
    }
  });

/** `utf8` turns text into bytes and bytes into text; the others turn bytes (or the UTF-8 of text) into text. */
function endsAsText(steps: readonly EncodingStep[]): boolean {
  let isText = false;
  for (const step of steps) isText = step === 'utf8' ? !isText : true;
  return isText;
}

/** Schemes that would run in the page or read local data. */
const DANGEROUS = /^(javascript|data|vbscript|file|blob|about|view-source|filesystem):/i;
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/?#]|$)/;

const template = z
  .string()
  .max(500)
  .superRefine((value, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
    if (!value.includes('{ticket}')) refuse('must contain {ticket}');
    const filled = value.replaceAll('{ticket}', 'T').replaceAll('{requestUrl}', 'U');
    if (/[{}\s<>"'`\\]/.test(filled)) refuse('knows {requestUrl} and {ticket} only, and is otherwise a URL');
    if (!/^[a-z][a-z0-9+.-]*:/i.test(filled) || !URL.canParse(filled)) refuse('must be an absolute URL');
    if (DANGEROUS.test(filled)) refuse('must not have a scheme that runs in the page');
    if (/^http:/i.test(filled) && !LOOPBACK.test(filled)) refuse('plain http is for loopback only');
    if (/^[^?#]*\{(ticket|requestUrl)\}/.test(value) && /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\{/i.test(value))
      refuse('the host must not be a placeholder');
  });

const isOutcomeCode = (code: string): boolean => Object.hasOwn(CODES, code) && CODES[code as Code].kind === 'outcome';
const resultCode = z.string().refine((code) => code === 'ok' || isOutcomeCode(code), 'must be ok or an outcome code');

const appLink = z.strictObject({
  v: z.literal(1),
  kind: z.literal('app-link'),
  id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'lower-case letters, digits, hyphen'),
  revision: text,
  visibility: z.enum(['public', 'restricted']),
  synthetic: z.boolean(),
  basis: z.strictObject({ document: text, date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be YYYY-MM-DD'), reviewer: text }),
  start: z.strictObject({ appLink: template, qr: template }),
  request: z.record(memberName, mapping).superRefine((members, context) => {
    const values = Object.values(members).flatMap((member) => ('value' in member ? [member.value] : []));
    for (const needed of ['transactionId', 'message', 'callbackUrl', 'returnUrl', 'relyingPartyName', 'matchNumber'] as const) {
      // Without the name the phone cannot show who asks; without the number a QR code cannot be tied to the browser that shows it.
      if (!values.includes(needed)) context.addIssue({ code: 'custom', message: `no member carries ${needed}` });
    }
  }),
  response: z.strictObject({
    transactionId: place,
    result: place,
    certificate: z.strictObject({ path: pointer, encoding }),
    signature: z.strictObject({ path: pointer, encoding, array: z.literal('first').optional() }),
    carrier: z
      .strictObject({
        path: pointer,
        map: z
          .record(z.string().min(1).max(64), z.enum(['card', 'smartphone']))
          .refine((map) => Object.keys(map).length > 0, 'must map at least one value'),
      })
      .optional(),
    remainingTries: place.optional(),
  }),
  results: z
    .record(z.string().min(1).max(64), resultCode)
    .refine((results) => Object.values(results).filter((code) => code === 'ok').length === 1, 'exactly one value must mean ok'),
  timing: z.strictObject({ transactionSeconds: z.number().int().min(30).max(900), qrSeconds: z.number().int().min(30).max(120) }),
});

/**
 * Checks an operator's profile. Throws `door-profile-invalid` with the JSON pointer of the first offending member; unknown members are refused.
 *
 * ```ts
 * const door = parseDoorProfile(JSON.parse(await readFile('door.json', 'utf8')));
 * ```
 */
export function parseDoorProfile(input: unknown): DoorProfile {
  const parsed = appLink.safeParse(input);
  if (parsed.success) return deepFreeze(compact(parsed.data));
  const issue = deepest(parsed.error.issues[0]);
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : (issue?.path ?? []);
  const at = pointerOf(path);
  throw new JpkiError('door-profile-invalid', `${at === '' ? 'the profile' : at}: ${issue?.message ?? 'not a door profile'}`, {
    pointer: at,
  });
}

type Issue = z.core.$ZodIssue;

/** A union reports its branches; the branch that came furthest names the member that is wrong. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
  return inner === undefined ? issue : { ...inner, path: [...issue.path, ...inner.path] };
}

const compact = (data: z.infer<typeof appLink>): AppLinkDoorProfile => {
  const { carrier, remainingTries, signature, ...response } = data.response;
  const request: Record<string, AppLinkDoorProfile['request'][string]> = {};
  for (const [name, member] of Object.entries(data.request)) {
    if ('constant' in member) request[name] = { constant: member.constant };
    else request[name] = member.encode === undefined ? { value: member.value } : { value: member.value, encode: member.encode };
  }
  return {
    ...data,
    request,
    results: data.results as Record<string, 'ok' | OutcomeCode>,
    response: {
      ...response,
      signature:
        signature.array === undefined ? { path: signature.path, encoding: signature.encoding } : { ...signature, array: signature.array },
      ...(carrier === undefined ? {} : { carrier }),
      ...(remainingTries === undefined ? {} : { remainingTries }),
    },
  };
};

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
