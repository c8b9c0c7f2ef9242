import type { StartDescriptor } from '@jpki-rp/node-sdk/wire';

export type Choice = 'auto' | 'card' | 'smartphone';
export type StartKind = 'app-link' | 'qr';

/** One begun transaction as the page holds it. */
export interface Transaction {
  readonly id: string;
  readonly choice: Choice;
  readonly kind: 'link' | 'qr';
  /** Absent after the page was left and came back: the link is not kept. */
  readonly href?: string;
  readonly content?: string;
  /** The two digits shown on the phone must be typed here. */
  readonly match: boolean;
  readonly show: StartDescriptor['show'];
  readonly expiresAt: string;
  /** When its time is over here, on the page's monotonic clock, in milliseconds. */
  readonly deadline: number;
}

const LONGEST_MILLISECONDS = { link: 900_000, qr: 120_000 } as const;

/**
 * @param now the page's monotonic clock
 * @param serverTime the server's clock at the same moment, in epoch milliseconds: a page whose clock is wrong still counts down rightly
 */
export function transactionOf(descriptor: StartDescriptor, choice: Choice, now: number, serverTime: number): Transaction {
  const { start } = descriptor;
  const kind = start.kind === 'qr' ? 'qr' : 'link';
  const refresh = start.kind === 'qr' && start.refreshSeconds !== undefined ? start.refreshSeconds * 1000 : Number.POSITIVE_INFINITY;
  const left = Math.min(Date.parse(descriptor.expiresAt) - serverTime, LONGEST_MILLISECONDS[kind], refresh);
  return {
    id: descriptor.transactionId,
    choice,
    kind,
    ...(start.kind === 'qr' ? { content: start.content } : { href: start.href }),
    match: descriptor.match !== undefined,
    show: descriptor.show,
    expiresAt: descriptor.expiresAt,
    deadline: now + Math.max(0, left),
  };
}
