/** The CAs: one per purpose, several generations under one name. One key issues for card and smartphone. */
import type { CertificateClass, Purpose } from '@jpki-rp/verifier';
import type { Random } from '../random.ts';
import { mintIssuer, mintResponder } from './certificates.ts';
import { type KeyPool, MAXIMUM_GENERATIONS, type TestKey } from './keys.ts';
import { CLASSES, PURPOSES } from './profiles.ts';
import { endOfDay, years } from './time.ts';

export interface Issuer {
  readonly purpose: Purpose;
  /** 1-based, oldest first. */
  readonly generation: number;
  readonly serial: number;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: TestKey;
  readonly certificate: Uint8Array;
}

export interface Responder {
  readonly class: CertificateClass;
  readonly issuer: Issuer;
  readonly key: TestKey;
  readonly certificate: Uint8Array;
}

export interface Authorities {
  readonly generations: number;
  readonly issuers: readonly Issuer[];
  readonly responders: readonly Responder[];
  issuer(purpose: Purpose, generation: number): Issuer;
  responder(certificateClass: CertificateClass, generation: number): Responder;
  /** One counter for everything ever issued: serials of card and smartphone, sign and auth, CA and responder never meet. */
  nextSerial(): number;
}

export interface AuthoritiesOptions {
  readonly keys: KeyPool;
  readonly random: Random;
  readonly generations: number;
  readonly at: Date;
}

export async function createAuthorities({ keys, random, generations, at }: AuthoritiesOptions): Promise<Authorities> {
  if (!Number.isInteger(generations) || generations < 1 || generations > MAXIMUM_GENERATIONS) {
    throw new RangeError(`generations must be 1 to ${MAXIMUM_GENERATIONS}`);
  }
  let serial = 0x06000000 + random.integer(0x100000);
  const nextSerial = (): number => {
    serial += 1 + random.integer(9);
    return serial;
  };
  // Keys are drawn for all generations that could exist, in a fixed order, so that a simulator with two has the same keys as one with three.
  const drawn = Array.from({ length: MAXIMUM_GENERATIONS }, () => ({
    issuers: PURPOSES.map(() => keys.infrastructure()),
    responders: CLASSES.map(() => keys.infrastructure()),
  })).slice(0, generations);

  const plans: Omit<Issuer, 'certificate'>[] = [];
  drawn.forEach((generationKeys, index) => {
    // A new key about every four years, each living ten.
    const notBefore = years(at, -1 - 4 * (generations - 1 - index));
    PURPOSES.forEach((purpose, p) => {
      const key = generationKeys.issuers[p];
      if (key === undefined) return;
      plans.push({ purpose, generation: index + 1, serial: nextSerial(), notBefore, notAfter: endOfDay(years(notBefore, 10)), key });
    });
  });
  const issuers = await Promise.all(plans.map(async (plan) => ({ ...plan, certificate: await mintIssuer(plan) })));
  const issuer = (purpose: Purpose, generation: number): Issuer => {
    const found = issuers.find((candidate) => candidate.purpose === purpose && candidate.generation === generation);
    if (found === undefined) throw new RangeError(`no generation ${generation} of the ${purpose} CA`);
    return found;
  };
  const responders = await Promise.all(
    drawn.flatMap((generationKeys, index) =>
      CLASSES.map(async (shape, c) => {
        const key = generationKeys.responders[c];
        if (key === undefined) throw new RangeError('the pool of test keys is spent');
        const by = issuer(shape.purpose, index + 1);
        return { class: shape.class, issuer: by, key, certificate: await mintResponder(shape, by, { serial: nextSerial(), key }) };
      }),
    ),
  );
  return {
    generations,
    issuers,
    responders,
    issuer,
    responder: (certificateClass, generation) => {
      const found = responders.find((candidate) => candidate.class === certificateClass && candidate.issuer.generation === generation);
      if (found === undefined) throw new RangeError(`no generation ${generation} of the ${certificateClass} responder`);
      return found;
    },
    nextSerial,
  };
}
