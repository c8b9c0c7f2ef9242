/** One request for all who want the same at the same time. */

/** The value, or a rejection with the signal's reason as soon as it aborts. What is waited for goes on for the others. */
const unlessAborted = async <T>(value: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return await value;
  signal.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([value, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

interface Flight<T> {
  readonly value: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Shares work underway by key. Whoever gives up leaves it to the others. */
export class SingleFlight<T> {
  readonly #underway = new Map<string, Flight<T>>();

  /** The value of the one piece of work; it is stopped, by its `signal`, once the last of those who wait has gone. */
  async join(key: string, start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    const flight = this.#underway.get(key) ?? this.#begin(key, start);
    flight.waiting += 1;
    const leave = (): void => {
      flight.waiting -= 1;
      if (flight.waiting > 0) return;
      // Nobody may join what is being stopped.
      if (this.#underway.get(key) === flight) this.#underway.delete(key);
      flight.controller.abort(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    // An abort while the work was being started has told no listener.
    if (signal?.aborted === true) leave();
    try {
      return await unlessAborted(flight.value, signal);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  /** As `join`, for work that is worth finishing even when nobody waits any more. */
  async finish(key: string, start: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    return await unlessAborted((this.#underway.get(key) ?? this.#begin(key, start)).value, signal);
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const value = start(controller.signal).finally(() => {
      if (this.#underway.get(key) === flight) this.#underway.delete(key);
    });
    // Where all who waited have gone, nobody is left to hear of a failure.
    value.catch(() => undefined);
    const flight: Flight<T> = { value, controller, waiting: 0 };
    this.#underway.set(key, flight);
    return flight;
  }
}
