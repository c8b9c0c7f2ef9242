/** Looks after the published indexes from outside: none may be lost, and none may be older than it was. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '@jpki-rp/simulator';
import { type CrlIndex, CrlIndexError, openCrlIndex } from '@jpki-rp/verifier/crl';

export interface Pickup {
  readonly edition: number;
  /** When the new index was seen, milliseconds since 1970. */
  readonly at: number;
}

interface Seen {
  readonly edition: number;
  readonly partition: string;
  /** To tell whether it is still the same file. */
  readonly stamp: string;
}

/** Which CRL has which octets. */
export class Editions {
  readonly #known = new Map<string, { readonly partition: string; readonly edition: number }>();

  add(edition: number, partition: string, crl: Uint8Array): void {
    this.#known.set(createHash('sha256').update(crl).digest('hex'), { partition, edition });
  }

  of(sha256: string): { readonly partition: string; readonly edition: number } | undefined {
    return this.#known.get(sha256);
  }
}

/** The addresses of all CRLs of the environment. */
export const crlAddresses = (simulator: Simulator): readonly string[] => {
  const { classes } = simulator.environment as {
    readonly classes: Readonly<Record<string, { readonly crl: { readonly sources: readonly { readonly url: string }[] } }>>;
  };
  return Object.values(classes).flatMap(({ crl }) => crl.sources.map(({ url }) => url));
};

export class IndexWatch {
  /** What was lost, in words. */
  readonly lost: string[] = [];
  readonly #folder: string;
  readonly #editions: Editions;
  readonly #seen = new Map<string, Seen>();
  readonly #pickups = new Map<string, Pickup[]>();
  readonly #completed = new Map<number, number>();
  audits = 0;
  /** The most files there were that are no index: what a killed keeper left. */
  leftovers = 0;

  constructor(folder: string, editions: Editions) {
    this.#folder = folder;
    this.#editions = editions;
  }

  get published(): number {
    return this.#seen.size;
  }

  /** The newest edition that had surely been published for the partition by then; -1 where none had. */
  pickedUp(partition: string, by: number): number {
    return this.#pickups.get(partition)?.findLast(({ at }) => at <= by)?.edition ?? -1;
  }

  /** When the last of the partitions had that edition or a newer one; null while one has not. */
  completedAt(edition: number, partitions: readonly string[]): number | null {
    const kept = this.#completed.get(edition);
    if (kept !== undefined) return kept;
    let last = 0;
    for (const partition of partitions) {
      const pickup = this.#pickups.get(partition)?.find((one) => one.edition >= edition);
      if (pickup === undefined) return null;
      last = Math.max(last, pickup.at);
    }
    this.#completed.set(edition, last);
    return last;
  }

  /** What is no longer needed to judge anything is forgotten. */
  forget(before: number): void {
    for (const [partition, pickups] of this.#pickups) {
      const first = pickups.findLastIndex(({ at }) => at <= before);
      if (first > 0) this.#pickups.set(partition, pickups.slice(first));
    }
  }

  /** Looks at the files that changed. */
  async scan(): Promise<void> {
    const names = this.#names();
    for (const name of names) {
      const stamp = this.#stamp(name);
      if (stamp !== this.#seen.get(name)?.stamp) await this.#look(name, stamp, () => undefined);
    }
  }

  /** Opens every index there ever was and reads it to its end. */
  async audit(): Promise<void> {
    this.audits += 1;
    for (const name of new Set([...this.#names(), ...this.#seen.keys()])) {
      await this.#look(name, this.#stamp(name), (index) => {
        let entries = 0;
        for (const _ of index.entries()) entries += 1;
        if (entries !== index.info.entries) this.lost.push(`${name}: ${entries} of ${index.info.entries} entries`);
      });
    }
  }

  async #look(name: string, stamp: string, read: (index: CrlIndex) => void): Promise<void> {
    const before = this.#seen.get(name);
    let index: CrlIndex;
    try {
      index = await openCrlIndex(join(this.#folder, name));
    } catch (error) {
      this.lost.push(`${name}: ${error instanceof CrlIndexError ? error.code : 'cannot be opened'}`);
      return;
    }
    try {
      read(index);
      const now = this.#editions.of(index.info.sha256);
      if (now === undefined) this.lost.push(`${name}: of a CRL that was never published`);
      else if (before !== undefined && now.partition !== before.partition) this.lost.push(`${name}: of another CRL`);
      else if (before !== undefined && now.edition < before.edition) this.lost.push(`${name}: older than before`);
      else {
        this.#seen.set(name, { ...now, stamp });
        if (before?.edition !== now.edition) this.#picked(now.partition, { edition: now.edition, at: Date.now() });
      }
    } catch (error) {
      this.lost.push(`${name}: ${error instanceof CrlIndexError ? error.code : 'cannot be read'}`);
    } finally {
      index.close();
    }
  }

  #picked(partition: string, pickup: Pickup): void {
    const pickups = this.#pickups.get(partition);
    if (pickups === undefined) this.#pickups.set(partition, [pickup]);
    else pickups.push(pickup);
  }

  #names(): readonly string[] {
    const all = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    const indexes = all.filter((name) => name.endsWith('.idx'));
    this.leftovers = Math.max(this.leftovers, all.length - indexes.length);
    return indexes;
  }

  /** An index is never written to: another file is another number and another time. */
  #stamp(name: string): string {
    try {
      const { ino, mtimeMs } = statSync(join(this.#folder, name));
      return `${ino} ${mtimeMs}`;
    } catch {
      return 'none';
    }
  }
}
