/** The wall clock: the only place that reads it. Everything below `createVerifier` takes its time as an argument. */
export const systemClock = (): Date => new Date(Date.now());
