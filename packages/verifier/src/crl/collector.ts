/** Everything that goes into one index, before it is sorted: small serial numbers packed into eight octets, the others kept whole in the heap. */
import { baseDayOf, baseTimeOf, PACKED_SECONDS } from './calendar.ts';
import type { HeapWriter } from './heap.ts';
import { fingerprint, mixSerial, print, shortSerial } from './mix.ts';
import { Parts } from './parts.ts';
import { knownCode } from './reason-code.ts';

/** Reason code of a packed entry whose date does not fit: the heap has it. */
export const ELSEWHERE = 15;

/** The shortest entry: a serial number of one octet and a UTCTime. */
const SHORTEST_ENTRY = 20;

export class Collector {
  readonly short: Parts;
  readonly baseDay: number;
  readonly heap: HeapWriter;
  readonly #baseTime: number;
  readonly #maxEntries: number;
  #long: Parts | undefined;
  /** Entries added, duplicates included. */
  count = 0;
  /** Some packed entry says that the heap has it. */
  elsewhere = false;

  /** `listBytes`: octets of all entries together; `thisUpdate`: milliseconds since 1970. `shared`: small serial numbers in memory that threads share. */
  constructor(heap: HeapWriter, listBytes: number, thisUpdate: number, shared = false) {
    this.heap = heap;
    this.#maxEntries = Math.ceil(listBytes / SHORTEST_ENTRY);
    this.short = new Parts(2, this.#maxEntries, shared);
    this.baseDay = baseDayOf(thisUpdate);
    this.#baseTime = baseTimeOf(this.baseDay);
  }

  /** Serial numbers of more than 32 bits, and dates that cannot be packed. */
  get long(): Parts | undefined {
    return this.#long;
  }

  /** `time`: milliseconds since 1970, whole seconds. The serial number is content octets of a positive INTEGER in its shortest form. */
  add(bytes: Uint8Array, start: number, length: number, time: number, code: number): void {
    this.count += 1;
    const serial = shortSerial(bytes, start, length);
    const reason = knownCode(code);
    if (serial >= 0) {
      const seconds = (time - this.#baseTime) / 1000;
      if (seconds >= 0 && seconds < PACKED_SECONDS) {
        this.short.add(mixSerial(serial), ((seconds << 4) | reason) >>> 0);
        return;
      }
      this.short.add(mixSerial(serial), ELSEWHERE);
      this.elsewhere = true;
    }
    this.keep(bytes, start, length, time, reason);
  }

  /** Puts an entry into the heap, under its fingerprint. */
  keep(bytes: Uint8Array, start: number, length: number, time: number, reason: number): void {
    fingerprint(bytes, start, length);
    const high = print[0] as number;
    const low = print[1] as number;
    // A serial number with a packed and an unpacked date may come here a second time.
    this.#long ??= new Parts(3, this.#maxEntries * 2);
    this.#long.add(high, low, this.heap.append(bytes, start, length, time, reason));
  }

  /** Milliseconds since 1970 of a packed entry. */
  timeOf(payload: number): number {
    return this.#baseTime + (payload >>> 4) * 1000;
  }
}
