/** What a source resolved to, before anything is made of it: sources are other people's code. */
import type { RevocationSourceReport } from '../verdict.ts';
import { isReason } from './reason.ts';
import type { FailedAttempt, RevocationAnswer } from './types.ts';

/**
 * The answer, its octets copied, so that they are the same at every look. Throws where it has not the shape of one. What is odd about a determination beside
 * its status is left out: *revoked* stays revoked.
 */
export const checkedAnswer = (given: RevocationAnswer): RevocationAnswer => {
  switch (given.kind) {
    case 'data': {
      const { crls, ocspResponses, ocspNonce, attempts } = given;
      return {
        kind: 'data',
        ...(crls === undefined ? {} : { crls: all(crls, copied) }),
        ...(ocspResponses === undefined ? {} : { ocspResponses: all(ocspResponses, copied) }),
        ...(ocspNonce === undefined ? {} : { ocspNonce: copied(ocspNonce) }),
        ...(attempts === undefined ? {} : { attempts: all(attempts, attempt) }),
      };
    }
    case 'determination': {
      const { report, reason, revokedAt } = given;
      if (typeof report !== 'object' || report === null) throw new TypeError('a determination has a report');
      return {
        kind: 'determination',
        report: plain(report),
        ...(isReason(reason) ? { reason } : {}),
        ...(isTime(revokedAt) ? { revokedAt: new Date(revokedAt) } : {}),
      };
    }
    case 'failed': {
      const { attempts } = given;
      return { kind: 'failed', ...attempt(given), ...(attempts === undefined ? {} : { attempts: all(attempts, attempt) }) };
    }
    default:
      throw new TypeError('an answer is of one of three kinds');
  }
};

/** Holes of a list are looked at too. */
const all = <T, R>(list: readonly T[], take: (item: T) => R): readonly R[] => {
  if (!Array.isArray(list)) throw new TypeError('list expected');
  return Array.from(list as readonly T[], take);
};

const copied = (octets: unknown): Uint8Array => {
  if (!(octets instanceof Uint8Array)) throw new TypeError('octets expected');
  return new Uint8Array(octets);
};

const attempt = ({ code, detail }: FailedAttempt): FailedAttempt => {
  if (typeof code !== 'string' || typeof detail !== 'string') throw new TypeError('a failure has a code and a detail');
  return { code, detail };
};

const TEXTS = ['code', 'detail', 'sha256', 'coverage'] as const;

/** The report itself where every text in it is one; times are looked at where they count. */
const plain = (report: RevocationSourceReport): RevocationSourceReport => {
  const odd: readonly string[] = TEXTS.filter((name) => report[name] !== undefined && typeof report[name] !== 'string');
  if (odd.length === 0) return report;
  return Object.fromEntries(Object.entries(report).filter(([name]) => !odd.includes(name))) as unknown as RevocationSourceReport;
};

const isTime = (time: unknown): time is Date => time instanceof Date && !Number.isNaN(time.getTime());
