/** Brings what happened to other systems: signed, repeated until it was received, recognisable when it comes twice. */
import { randomInt } from 'node:crypto';
import { JpkiError } from '@jpki-rp/verifier';
import { signedWebhookBytes, WEBHOOK_HEADERS, type WebhookSigner } from './sign.ts';
import type { OutboxEntry, OutboxStore } from './store.ts';

export type DeliveryFailure = 'status' | 'network' | 'timeout' | 'destination' | 'signer';

/** Codes and ids only. `id` names the event, not the person. */
export interface DeliveryEvent {
  readonly type: 'delivered' | 'postponed' | 'given-up';
  readonly id: string;
  readonly attempts: number;
  readonly failure?: DeliveryFailure;
  /** HTTP status, for failure `status`. */
  readonly status?: number;
}

export interface DeliverOutboxOptions {
  readonly store: OutboxStore;
  /** Full addresses that may be sent to; https, or http on loopback. Nothing in an event can add to them. */
  readonly destinations: readonly string[];
  /** Where an event goes: one of `destinations`. Default: the first. */
  readonly route?: (event: { readonly id: string; readonly type: string }) => string;
  readonly sign: WebhookSigner;
  /** Default: the global `fetch`. Redirects are never followed. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock?: () => Date;
  /** Events under way at once. Default 8. */
  readonly concurrency?: number;
  /** For one request. Default 10. */
  readonly timeoutSeconds?: number;
  /** After the first failure; doubled with each further one, to at most `maxDelaySeconds`. Defaults 5 and 3 600. */
  readonly firstDelaySeconds?: number;
  readonly maxDelaySeconds?: number;
  /** After so many failures it is kept but no longer tried. Default 100: about four days. */
  readonly maxAttempts?: number;
  readonly onEvent?: (event: DeliveryEvent) => void;
  readonly signal?: AbortSignal;
}

export interface DeliveryReport {
  readonly delivered: number;
  readonly postponed: number;
  readonly givenUp: number;
}

const DEFAULTS = { concurrency: 8, timeoutSeconds: 10, firstDelaySeconds: 5, maxDelaySeconds: 3_600, maxAttempts: 100 } as const;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Delivers everything that is due, once through; call it again and again. Every event arrives at least once and, per person, in order; one that
 * was received but not yet noted as such arrives again under the same id. Runs in several processes at once. Resolves when nothing is due any
 * more, or on abort after what was under way. Throws `argument-invalid` for destinations that may not be sent to.
 */
export async function deliverOutbox(options: DeliverOutboxOptions): Promise<DeliveryReport> {
  const { store, signal, onEvent } = options;
  const settings = { ...DEFAULTS, ...options };
  const destinations = checkedDestinations(options.destinations);
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    if (!Number.isFinite(settings[name]) || settings[name] <= 0)
      throw new JpkiError('argument-invalid', `${name} must be positive`, { pointer: `/${name}` });
  }
  const now = options.clock ?? (() => new Date());
  const report = { delivered: 0, postponed: 0, givenUp: 0 };
  // Long enough that nobody else takes what is still under way.
  const lease = (settings.timeoutSeconds + 30) * 1_000;

  const settle = async (entry: OutboxEntry): Promise<void> => {
    const failed = await attempt(entry, { ...options, destinations, timeoutSeconds: settings.timeoutSeconds }, now);
    const told = { id: entry.id, attempts: entry.attempts, ...(failed ?? {}) };
    if (failed === null) {
      await store.delivered(entry.id);
      report.delivered += 1;
      onEvent?.({ type: 'delivered', ...told });
    } else if (entry.attempts >= settings.maxAttempts) {
      await store.giveUp(entry.id);
      report.givenUp += 1;
      onEvent?.({ type: 'given-up', ...told });
    } else {
      await store.postpone(entry.id, now().getTime() + delayAfter(entry.attempts, settings));
      report.postponed += 1;
      onEvent?.({ type: 'postponed', ...told });
    }
  };

  while (signal?.aborted !== true) {
    const entries = await store.take(settings.concurrency, now().getTime(), lease);
    if (entries.length === 0) break;
    const settled = await Promise.allSettled(entries.map(settle));
    const broken = settled.find((result) => result.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
  }
  return report;
}

function checkedDestinations(destinations: readonly string[]): readonly string[] {
  for (const [index, destination] of destinations.entries()) {
    const url = URL.canParse(destination) ? new URL(destination) : null;
    const plain = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
    if (url === null || !plain || url.username !== '' || url.password !== '')
      throw new JpkiError('argument-invalid', 'a destination is an https address without credentials', {
        pointer: `/destinations/${index}`,
      });
  }
  if (destinations.length === 0) throw new JpkiError('argument-invalid', 'an outbox needs a destination', { pointer: '/destinations' });
  return destinations;
}

/** Half of the doubled delay is left to chance, so that many senders do not come back together. */
function delayAfter(
  attempts: number,
  { firstDelaySeconds, maxDelaySeconds }: { firstDelaySeconds: number; maxDelaySeconds: number },
): number {
  const full = Math.min(maxDelaySeconds, firstDelaySeconds * 2 ** Math.min(attempts - 1, 40)) * 1_000;
  return Math.ceil(full / 2) + randomInt(Math.ceil(full / 2) + 1);
}

type Failed = Pick<DeliveryEvent, 'failure' | 'status'>;
type Attempt = Pick<DeliverOutboxOptions, 'route' | 'sign' | 'fetch' | 'signal' | 'destinations'> & { readonly timeoutSeconds: number };

async function attempt(entry: OutboxEntry, options: Attempt, now: () => Date): Promise<Failed | null> {
  const { destinations, route, sign, fetch: send = fetch, timeoutSeconds, signal } = options;
  const { id, type, body } = entry;
  let url: string | undefined;
  try {
    url = route === undefined ? destinations[0] : route({ id, type });
  } catch {
    // A route that throws leads nowhere.
  }
  if (url === undefined || !destinations.includes(url) || !/^[\x21-\x7e]{1,200}$/.test(id)) return { failure: 'destination' };
  const bytes = Buffer.from(body, 'utf8');
  const timestamp = Math.floor(now().getTime() / 1_000);
  let signature: string;
  try {
    const raw = await sign.sign(signedWebhookBytes(id, timestamp, bytes));
    signature = `${sign.algorithm} ${sign.keyId} ${Buffer.from(raw).toString('base64url')}`;
  } catch {
    return { failure: 'signer' };
  }
  const headers = {
    'content-type': 'application/json',
    [WEBHOOK_HEADERS.id]: id,
    [WEBHOOK_HEADERS.timestamp]: String(timestamp),
    [WEBHOOK_HEADERS.signature]: signature,
  };
  const deadline = AbortSignal.timeout(timeoutSeconds * 1_000);
  const either = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  try {
    const response = await send(url, { method: 'POST', headers, body: bytes, redirect: 'manual', signal: either });
    // What the receiver says beyond its status is not of interest, however long it is.
    await response.body?.cancel().catch(() => undefined);
    return response.ok ? null : { failure: 'status', status: response.status };
  } catch {
    return { failure: deadline.aborted ? 'timeout' : 'network' };
  }
}
