/** Request → Response for every route of the wire contract. Knows no framework. */
import { CODES, JpkiError, type OutcomeCode } from '@jpki-rp/verifier';
import { begin } from '../flow/begin.ts';
import { complete } from '../flow/complete.ts';
import { MAX_MESSAGE_BYTES, receive } from '../flow/receive.ts';
import { redeem } from '../flow/redeem.ts';
import { ownReturn } from '../flow/return.ts';
import type { Rooms } from '../flow/rooms.ts';
import { cancel, MAX_WAIT_SECONDS, status } from '../flow/status.ts';
import { toPublicOutcome } from '../operation/outcome.ts';
import { empty, json, refuse, stream } from './answers.ts';
import { type Binding, bindingCookie, bindingOf, newCookieBinding } from './binding.ts';
import { type BodyLimits, readJsonBytes, readJsonObject } from './body.ts';
import { eventStream } from './events.ts';
import { readBegin, readComplete, readTicket } from './requests.ts';
import { returnPage } from './return-page.ts';
import { comesFromOwnPage } from './same-origin.ts';
import { type Turnstile, turnstile } from './turnstile.ts';
import type { TransactionStatus } from './wire.ts';

/** What an adapter knows besides the request. */
export interface HandlerContext {
  /** Where the routes are really mounted. Default: the relying party's base path. */
  readonly basePath?: string;
  /** The framework's own request, for `prepare` and `onOutcome`. */
  readonly raw?: unknown;
}

export type Handler = (request: Request, context?: HandlerContext) => Promise<Response>;

export interface HttpLimits {
  /** Seconds in which a body must have arrived. Default 10. */
  readonly bodySeconds: number;
  /** Long polls and event streams held open at once. Default 2 000. */
  readonly maxWaiting: number;
  /** The same for one transaction. Default 8. */
  readonly maxWaitingPerTransaction: number;
}

export const HTTP_DEFAULTS: HttpLimits = Object.freeze({ bodySeconds: 10, maxWaiting: 2_000, maxWaitingPerTransaction: 8 });

/** Segments of unreserved characters; begins and does not end with a slash. */
export const BASE_PATH: RegExp = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/;

interface Call {
  readonly rooms: Rooms;
  readonly request: Request;
  readonly url: URL;
  readonly basePath: string;
  readonly raw: { readonly raw?: unknown };
  readonly limits: BodyLimits;
  readonly waiting: Turnstile;
}

type Route = (call: Call, id: string) => Promise<Response>;

const ROUTES: readonly (readonly [path: RegExp, methods: Readonly<Record<string, Route>>])[] = [
  [/^\/transactions$/, { POST: (call) => postTransaction(call) }],
  [
    /^\/transactions\/([A-Za-z0-9_-]{1,64})$/,
    { GET: (call, id) => getTransaction(call, id), DELETE: (call, id) => deleteTransaction(call, id) },
  ],
  [/^\/transactions\/([A-Za-z0-9_-]{1,64})\/events$/, { GET: (call, id) => getEvents(call, id) }],
  [/^\/transactions\/([A-Za-z0-9_-]{1,64})\/complete$/, { POST: (call, id) => postComplete(call, id) }],
  [/^\/request\/([a-z0-9-]{1,32})$/, { POST: (call, door) => postRequest(call, door) }],
  [/^\/callback\/([a-z0-9-]{1,32})$/, { POST: (call, door) => postCallback(call, door), GET: (call, door) => getCallback(call, door) }],
];

export function createHandler(rooms: Rooms, limits: HttpLimits): Handler {
  const waiting = turnstile(limits.maxWaiting, limits.maxWaitingPerTransaction);
  return async (request, context = {}) => {
    const basePath = context.basePath ?? rooms.basePath;
    try {
      const url = new URL(request.url);
      // A mount path may hold what a client wrote (`/:tenant`); it becomes part of addresses, so it must be plain.
      if (!BASE_PATH.test(basePath) || !url.pathname.startsWith(`${basePath}/`)) return refuse('request-invalid', {}, 404);
      const path = url.pathname.slice(basePath.length);
      for (const [pattern, methods] of ROUTES) {
        const found = pattern.exec(path);
        if (found === null) continue;
        const route = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
        if (route === undefined) return refuse('request-invalid', { allow: Object.keys(methods).join(', ') }, 405);
        const bodyLimits = { maxBytes: MAX_MESSAGE_BYTES, seconds: limits.bodySeconds };
        const raw = context.raw === undefined ? {} : { raw: context.raw };
        return await route({ rooms, request, url, basePath, raw, limits: bodyLimits, waiting }, found[1] ?? '');
      }
      return refuse('request-invalid', {}, 404);
    } catch (error) {
      const code = outcomeCode(error);
      if (code === null) rooms.onError(error, 'handler-failed');
      rooms.audit({ type: 'refused', code: code ?? 'handler-failed' });
      return refuse(code ?? 'handler-failed');
    }
  };
}

const isOutcomeCode = (code: string): code is OutcomeCode => Object.hasOwn(CODES, code) && CODES[code as OutcomeCode].kind === 'outcome';

const outcomeCode = (error: unknown): OutcomeCode | null => (error instanceof JpkiError && isOutcomeCode(error.code) ? error.code : null);

/** Thrown instead of answered, so that every refusal is recorded in one place. */
const forbidden = (rooms: Rooms): Response => {
  rooms.audit({ type: 'refused', code: 'request-invalid' });
  return refuse('request-invalid', {}, 403);
};

async function postTransaction(call: Call): Promise<Response> {
  const { rooms, request } = call;
  const present = bindingOf(request);
  if (present === 'invalid') throw new JpkiError('request-invalid');
  if (!comesFromOwnPage(request, rooms.origin, present)) return forbidden(rooms);
  const body = readBegin(await readJsonObject(request, call.limits));
  const operation = rooms.operations.get(body.operation);
  if (operation === undefined) throw new JpkiError('operation-closed');

  const hint = body.carrier === undefined || body.carrier === 'auto' ? {} : { carrierHint: body.carrier };
  const lang = body.lang ?? 'ja';
  const prepared = operation.prepare ? await operation.prepare(request, { operation: body.operation, lang, ...hint, ...call.raw }) : {};
  if (prepared === null) throw new JpkiError('operation-closed');
  const binding: Binding = present ?? newCookieBinding(rooms.randomBytes);
  const { account, document, ceremony } = prepared;
  const descriptor = await begin(rooms, {
    operation: body.operation,
    ...(account === undefined ? {} : { account }),
    ...(document === undefined ? {} : { document }),
    ...(ceremony === undefined ? {} : { ceremony }),
    ...hint,
    ...(body.start === undefined ? {} : { start: body.start }),
    ...(body.returnTo === undefined ? {} : { returnTo: body.returnTo }),
    lang,
    binding,
    basePath: call.basePath,
  });
  return json(201, descriptor, present === null ? { 'set-cookie': bindingCookie(binding) } : {});
}

/** Whoever shows no binding has begun nothing. */
function requiredBinding(request: Request): Binding {
  const binding = bindingOf(request);
  if (binding === null || binding === 'invalid') throw new JpkiError('transaction-unknown');
  return binding;
}

const STATES: readonly string[] = ['pending', 'opened', 'arrived', 'done', 'expired'] satisfies TransactionStatus['state'][];

async function getTransaction(call: Call, id: string): Promise<Response> {
  const binding = requiredBinding(call.request);
  const wait = call.url.searchParams.get('wait') ?? '0';
  const seen = call.url.searchParams.get('seen');
  if (!/^[0-9]{1,2}$/.test(wait) || (seen !== null && !STATES.includes(seen))) throw new JpkiError('request-invalid');
  // At the bound a poll is answered at once: the page falls back to asking again, and nobody's state is withheld.
  const leave = wait === '0' ? null : call.waiting.enter(id);
  try {
    const current = await status(call.rooms, id, {
      binding,
      waitSeconds: leave === null ? 0 : Math.min(Number(wait), MAX_WAIT_SECONDS),
      ...(seen === null ? {} : { seen: seen as TransactionStatus['state'] }),
      signal: call.request.signal,
    });
    return json(200, current);
  } finally {
    leave?.();
  }
}

async function getEvents(call: Call, id: string): Promise<Response> {
  const binding = requiredBinding(call.request);
  const first = await status(call.rooms, id, { binding });
  const leave = call.waiting.enter(id);
  if (leave === null) throw new JpkiError('store-full');
  const { signal } = call.request;
  return stream(eventStream({ id, binding, first, signal, status: (input) => status(call.rooms, id, input), release: leave }));
}

async function postComplete(call: Call, id: string): Promise<Response> {
  const { rooms, request } = call;
  const binding = requiredBinding(request);
  if (!comesFromOwnPage(request, rooms.origin, binding)) return forbidden(rooms);
  const { match } = readComplete(await readJsonObject(request, call.limits));
  const outcome = await complete(rooms, id, { binding, ...(match === undefined ? {} : { match }), request, ...call.raw });
  if (outcome.result !== 'identified' && (outcome.code === 'transaction-unknown' || outcome.code === 'already-completed'))
    return refuse(outcome.code);
  return json(200, toPublicOutcome(outcome));
}

async function deleteTransaction(call: Call, id: string): Promise<Response> {
  const binding = requiredBinding(call.request);
  if (!comesFromOwnPage(call.request, call.rooms.origin, binding)) return forbidden(call.rooms);
  await cancel(call.rooms, id, { binding });
  return empty(204);
}

const isThisDoor = (call: Call, door: string): boolean => door === call.rooms.door.profile.id;

async function postRequest(call: Call, door: string): Promise<Response> {
  if (!isThisDoor(call, door)) return refuse('request-invalid', {}, 404);
  const ticket = readTicket(await readJsonObject(call.request, call.limits));
  return json(200, await redeem(call.rooms, { ticket, basePath: call.basePath }));
}

async function postCallback(call: Call, door: string): Promise<Response> {
  if (!isThisDoor(call, door)) return refuse('request-invalid', {}, 404);
  await receive(call.rooms, await readJsonBytes(call.request, call.limits));
  return empty(204);
}

async function getCallback(call: Call, door: string): Promise<Response> {
  if (!isThisDoor(call, door)) return refuse('request-invalid', {}, 404);
  const binding = bindingOf(call.request);
  const back = await ownReturn(call.rooms, call.url.searchParams.get('r'), binding === 'invalid' ? null : binding);
  return back === null ? returnPage() : empty(303, { location: `${call.rooms.origin}${back}` });
}
