/** What the page and the control interface may show of a fictional person: PINs, yes; keys, no. */
import { CARRIERS, PURPOSES } from '../authority/profiles.ts';
import type { AppOutcome, Person } from '../surface.ts';

export const OUTCOMES: readonly AppOutcome[] = [
  'success',
  'cancel',
  'pin-wrong',
  'pin-locked',
  'no-certificate',
  'app-outdated',
  'rp-not-allowed',
  'timeout',
];

export function personView(person: Person): unknown {
  const { id, name, pins } = person;
  return {
    id,
    name,
    pins,
    certificates: CARRIERS.flatMap((carrier) =>
      PURPOSES.flatMap((purpose) => {
        const issued = person.certificate(carrier, purpose);
        return issued === null ? [] : [{ carrier, purpose, notAfter: issued.notAfter.toISOString() }];
      }),
    ),
  };
}
