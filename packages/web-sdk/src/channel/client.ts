/** The four verbs of the wire, as `fetch` calls whose answers have passed the guards. */
import type { BeginRequest, CompleteRequest, PublicOutcome, StartDescriptor, TransactionStatus, WireError } from '@jpki-rp/node-sdk/wire';
import { AnswerError, readError, readOutcome, readStartDescriptor, readStatus } from './guard.ts';

/** The relying party answered with an error of the wire contract. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly error: WireError;
  readonly status: number;
  constructor(error: WireError, status: number) {
    super(error.code);
    this.error = error;
    this.status = status;
  }
}

/** No answer, or one from something between the page and the relying party (gateway page, captive portal). Worth another try. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

export interface Client {
  /** `serverTime`: the server's clock in epoch milliseconds, where it tells (1 s resolution). */
  begin(request: BeginRequest, signal: AbortSignal): Promise<{ readonly descriptor: StartDescriptor; readonly serverTime?: number }>;
  status(id: string, waitSeconds: number, signal: AbortSignal): Promise<TransactionStatus>;
  complete(id: string, match: string | undefined, signal: AbortSignal): Promise<PublicOutcome>;
  /** Best effort and never throws: an abandoned transaction ends by itself when its time is over. */
  remove(id: string): Promise<void>;
  eventsUrl(id: string): string;
}

const MAX_ANSWER_CHARACTERS = 65_536;
const SECONDS = { begin: 15, complete: 45, remove: 10, statusMargin: 10 } as const;

/**
 * The endpoint as an absolute URL without a trailing slash.
 * @throws TypeError when it is of another origin than the page: the binding cookie is first-party by construction.
 */
export function resolveEndpoint(endpoint: string, page: string): string {
  const url = new URL(endpoint, page);
  if (url.origin !== new URL(page).origin) throw new TypeError('endpoint must be of the same origin as the page');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** `signal`, or the time limit, whichever comes first. */
async function within<T>(seconds: number, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const timer = setTimeout(() => controller.abort(new ConnectionError('time limit')), seconds * 1000);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof RefusalError || error instanceof AnswerError) throw error;
    throw new ConnectionError('no answer', { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  const isJson = /^application\/json\b/i.test(type);
  if (!isJson) {
    if (response.ok) throw new AnswerError('content-type');
    throw new ConnectionError(`status ${response.status}`);
  }
  const body = await response.text();
  if (body.length > MAX_ANSWER_CHARACTERS) throw new AnswerError('size');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AnswerError('json');
  }
  if (response.ok) return value;
  throw new RefusalError(readError(value), response.status);
}

export function createClient(base: string, fetcher: typeof fetch = (input, init) => fetch(input, init)): Client {
  const at = (id: string): string => `${base}/transactions/${encodeURIComponent(id)}`;
  const send = (url: string, method: string, signal: AbortSignal, body?: BeginRequest | CompleteRequest): Promise<Response> =>
    fetcher(url, {
      method,
      signal,
      credentials: 'same-origin',
      mode: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      ...(method === 'DELETE' ? { keepalive: true } : {}),
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  return {
    begin: (request, signal) =>
      within(SECONDS.begin, signal, async (limited) => {
        const response = await send(`${base}/transactions`, 'POST', limited, request);
        const descriptor = readStartDescriptor(await answerOf(response));
        const serverTime = Date.parse(response.headers.get('date') ?? '');
        return Number.isNaN(serverTime) ? { descriptor } : { descriptor, serverTime };
      }),
    status: (id, waitSeconds, signal) =>
      within(waitSeconds + SECONDS.statusMargin, signal, async (limited) =>
        readStatus(await answerOf(await send(`${at(id)}?wait=${waitSeconds}`, 'GET', limited)), id),
      ),
    complete: (id, match, signal) =>
      within(SECONDS.complete, signal, async (limited) =>
        readOutcome(await answerOf(await send(`${at(id)}/complete`, 'POST', limited, { v: 1, ...(match === undefined ? {} : { match }) }))),
      ),
    remove: (id) =>
      within(SECONDS.remove, undefined, (limited) => send(at(id), 'DELETE', limited)).then(
        () => undefined,
        () => undefined,
      ),
    eventsUrl: (id) => `${at(id)}/events`,
  };
}
