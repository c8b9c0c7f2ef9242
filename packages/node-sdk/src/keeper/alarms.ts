/** What stands wrong with a target: raised once, cleared once. */
import type { KeeperAlarmCode, TargetStatus } from './keeper.types.ts';
import type { Standing } from './standing.ts';

export interface Aging {
  readonly code: KeeperAlarmCode | null;
  readonly detail?: string;
  /** Milliseconds since 1970 at which it changes by itself; null: it does not. */
  readonly until: number | null;
}

/** How a published index ages. */
export const agingOf = (standing: Standing, now: number, leadMs: number): Aging => {
  if (standing.state === 'missing') return { code: 'crl-missing', until: null };
  if (standing.state === 'unreadable') return { code: standing.code, until: null };
  const { nextUpdate } = standing.info;
  if (nextUpdate === null) return { code: 'crl-stale', detail: 'no-next-update', until: null };
  const end = nextUpdate.getTime();
  if (now > end) return { code: 'crl-stale', detail: 'next-update', until: null };
  if (now >= end - leadMs) return { code: 'crl-expiring', until: end + 1 };
  return { code: null, until: end - leadMs };
};

export const stateOf = ({ code }: Aging): TargetStatus['state'] => {
  if (code === null) return 'fresh';
  if (code === 'crl-expiring') return 'expiring';
  if (code === 'crl-stale') return 'stale';
  return code === 'crl-missing' ? 'missing' : 'unreadable';
};

export interface Raised {
  readonly code: KeeperAlarmCode;
  readonly detail?: string;
}

/** The alarms that stand, per target. `ageing` ones follow from the index as it stands, `refused` ones from what was last offered. */
export class Alarms {
  readonly #standing = new Map<string, Map<'ageing' | 'refused', Raised>>();
  readonly #tell: (target: string, change: 'raised' | 'cleared', alarm: Raised) => void;

  constructor(tell: (target: string, change: 'raised' | 'cleared', alarm: Raised) => void) {
    this.#tell = tell;
  }

  set(target: string, kind: 'ageing' | 'refused', alarm: Raised | null): void {
    const own = this.#standing.get(target) ?? new Map<'ageing' | 'refused', Raised>();
    const before = own.get(kind);
    if (before?.code === alarm?.code) return;
    this.#standing.set(target, own);
    if (alarm === null) own.delete(kind);
    else own.set(kind, alarm);
    const others = (code: KeeperAlarmCode): boolean => [...own].some(([of, { code: other }]) => of !== kind && other === code);
    // Both kinds can say the same of a damaged index: that is one alarm.
    if (before !== undefined && !others(before.code)) this.#tell(target, 'cleared', before);
    if (alarm !== null && !others(alarm.code)) this.#tell(target, 'raised', alarm);
  }

  *all(): IterableIterator<{ readonly target: string; readonly code: KeeperAlarmCode }> {
    for (const [target, own] of this.#standing) {
      for (const code of new Set([...own.values()].map((alarm) => alarm.code))) yield { target, code };
    }
  }
}
