/** Complete sweeps as knowledge: what was held when a list of all revocations was gone through, and was not in it, was good. */
import { timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../evidence/jcs.ts';
import type { CertificateClass } from '../verdict.ts';
import { base64url, type Identifier, label, macOf } from './identifier.ts';

/** One complete sweep. It names no person and no certificate. */
export interface SweepMark {
  readonly class: CertificateClass;
  /** As of when the lists were true. */
  readonly asOf: string;
  /** Links made later were not there to be swept. */
  readonly begunAt: string;
  readonly keyId: string;
  /** base64url, over all of the above: nobody without the key claims to have looked. */
  readonly mac: string;
}

/** Where the newest complete sweep of each class is kept. Losing it, or going back to an older one, only makes knowledge older. */
export interface SweepLog {
  read(): Promise<readonly SweepMark[]>;
  /** Keeps the mark in place of the one before of its class. */
  write(mark: SweepMark): Promise<void>;
}

/** A `SweepLog` in this process. */
export const memorySweepLog = (): SweepLog => {
  const marks = new Map<CertificateClass, SweepMark>();
  return {
    async read() {
      return [...marks.values()];
    },
    async write(mark) {
      marks.set(mark.class, mark);
    },
  };
};

/** A link's time is taken before it is committed, in another process perhaps: one this young may have slipped past the sweep. */
const SETTLING_MS = 300_000;

/** As of when certificates of a class that belong to a link of that age are known good by sweeps; 0 where no sweep says so. */
export type Swept = (certificateClass: CertificateClass, linkedAt: string) => number;

export const sweptBy = async (log: SweepLog | null, identifier: Identifier): Promise<Swept> => {
  const marks = log === null ? [] : await log.read();
  const genuine = await Promise.all(marks.map((mark) => isGenuine(identifier, mark)));
  const known = new Map(marks.filter((_, index) => genuine[index]).map((mark) => [mark.class, mark]));
  return (certificateClass, linkedAt) => {
    const mark = known.get(certificateClass);
    if (mark === undefined || !(Date.parse(mark.begunAt) > Date.parse(linkedAt) + SETTLING_MS)) return 0;
    return Date.parse(mark.asOf);
  };
};

export const markOf = async (identifier: Identifier, certificateClass: CertificateClass, asOf: Date, begunAt: Date): Promise<SweepMark> => {
  const signed = {
    class: certificateClass,
    // A list cannot know more than was true when it was gone through.
    asOf: new Date(Math.min(asOf.getTime(), begunAt.getTime())).toISOString(),
    begunAt: begunAt.toISOString(),
    keyId: identifier.keyId,
  };
  return { ...signed, mac: await macOfMark(identifier, signed) };
};

const isGenuine = async (identifier: Identifier, { mac, ...signed }: SweepMark): Promise<boolean> => {
  if (![identifier.keyId, ...identifier.previousKeyIds].includes(signed.keyId)) return false;
  const [given, expected] = [Buffer.from(mac, 'utf8'), Buffer.from(await macOfMark(identifier, signed), 'utf8')];
  return given.length === expected.length && timingSafeEqual(given, expected);
};

const macOfMark = async (identifier: Identifier, { class: name, asOf, begunAt, keyId }: Omit<SweepMark, 'mac'>): Promise<string> =>
  base64url(
    await macOf(
      identifier,
      keyId,
      Buffer.concat([label('sweep'), Buffer.from(canonicalJson({ class: name, asOf, begunAt, keyId }), 'utf8')]),
    ),
  );
