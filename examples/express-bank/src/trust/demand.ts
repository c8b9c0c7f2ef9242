/** What an operation demands of a smartphone that comes alone. What it does not meet, the card makes good. */

export interface Demand {
  /** How old the knowledge may be that the card behind the link is still good. */
  readonly maxStatusAgeSeconds: number;
  /** How long the smartphone must have belonged to the account: time for its owner to read the notice and say "not mine". */
  readonly coolingOffSeconds: number;
}

const DAY = 86_400;

/** Above this amount, in yen, a transfer is a large one. */
export const LARGE_AMOUNT = 100_000;

export const DEMANDS = {
  login: { maxStatusAgeSeconds: 30 * DAY, coolingOffSeconds: 0 },
  transfer: { maxStatusAgeSeconds: 7 * DAY, coolingOffSeconds: 1 * DAY },
  'large-transfer': { maxStatusAgeSeconds: 7 * DAY, coolingOffSeconds: 7 * DAY },
} as const satisfies Readonly<Record<string, Demand>>;

/** Why the card is asked for. */
export type StepUpReason = 'link-status-age' | 'link-cooling-off' | 'large-amount';

export const demandOfTransfer = (amount: number): Demand => (amount > LARGE_AMOUNT ? DEMANDS['large-transfer'] : DEMANDS.transfer);
