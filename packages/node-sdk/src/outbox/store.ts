/** The port to where events wait for delivery. */

export interface OutboxEntry {
  /** The same at every delivery: whoever receives it drops what they have seen. */
  readonly id: string;
  readonly type: string;
  /** JSON text, exactly as it is sent and signed every time. */
  readonly body: string;
  /** How often it was handed out, this time included. */
  readonly attempts: number;
}

/**
 * Where events wait, written in one transaction with what they tell of. Each method is one atomic step over all processes that share the store.
 * Instants are milliseconds since the epoch.
 */
export interface OutboxStore {
  /**
   * Hands out up to `limit` entries that are due, and lets none of them be handed out again before `at + lease`. Of entries about the same person
   * only the oldest that waits is handed out, so that they arrive in order.
   */
  take(limit: number, at: number, lease: number): Promise<readonly OutboxEntry[]>;
  /** Has been received: forgotten. Unknown ids are ignored. */
  delivered(id: string): Promise<void>;
  /** Not before `dueAt` again. */
  postpone(id: string, dueAt: number): Promise<void>;
  /** Kept, but no longer tried; younger entries of the same person go on. `requeue` brings it back. */
  giveUp(id: string): Promise<void>;
  /** Makes everything that was given up due again, though younger events of the same person may have gone before. How many there were. */
  requeue(at: number): Promise<number>;
  /** How many wait and how many were given up. For monitoring. */
  backlog(): Promise<{ readonly waiting: number; readonly givenUp: number }>;
}
