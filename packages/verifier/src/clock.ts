/** The wall clock: the only place that reads it. Everything below `createVerifier` takes its time as an argument. */
export const systemClock = (): Date => new Date(Date.now());

/** Milliseconds that only ever run forward: for pauses and breakers, never for judging. */
export const monotonicClock = (): number => performance.now();
