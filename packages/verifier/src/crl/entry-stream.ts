/** revokedCertificates in pieces of any size: the common shape at speed, every other well-formed entry by the general reader. */
import { DerError, DerReader, TAG } from '../der/reader.ts';
import { BudgetError } from '../revocation/budget.ts';
import { readEntryExtensions, readSerialNumber } from '../revocation/crl/entries.ts';
import type { Collector } from './collector.ts';
import { REMOVE_FROM_CRL } from './reason-code.ts';
import { LONGEST_SHAPE, scanEntries } from './scan.ts';

/** An entry with extensions nobody has thought of. */
const MAX_ENTRY = 65_536;

export class EntryStream {
  removal = false;
  certificateIssuer = false;
  unprocessedCritical: string | null = null;
  /** Entries that took the general reader. */
  slow = 0;
  readonly #collector: Collector;
  readonly #version: 1 | 2;
  readonly #scanned = { pos: 0, removal: false };
  /** The beginning of an entry whose end has not arrived. */
  #pending: Uint8Array = new Uint8Array(0);
  #offset: number;

  constructor(collector: Collector, version: 1 | 2, offset: number) {
    this.#collector = collector;
    this.#version = version;
    this.#offset = offset;
  }

  /** The first `length` octets of the chunk are entries. */
  push(chunk: Uint8Array, length: number): void {
    let pos = this.#complete(chunk, length);
    while (pos < length) {
      // v1 has no entry extensions: the general reader knows.
      if (this.#version === 2 && length - pos >= LONGEST_SHAPE) {
        this.#scanned.pos = pos;
        scanEntries(chunk, pos, length, this.#collector, this.#scanned);
        pos = this.#scanned.pos;
        this.removal ||= this.#scanned.removal;
        if (pos >= length) break;
      }
      const end = entryEnd(chunk, pos, length, this.#offset);
      if (end < 0 || end > length) {
        this.#pending = new Uint8Array(chunk.subarray(pos, length));
        break;
      }
      this.#one(chunk, pos, end);
      pos = end;
    }
    this.#offset += length;
  }

  /** Throws `DerError` where an entry has begun and not ended. */
  end(): void {
    if (this.#pending.length > 0) throw new DerError('entry truncated', this.#offset);
  }

  /** Completes the pending entry; returns where the next one begins. */
  #complete(chunk: Uint8Array, length: number): number {
    let pos = 0;
    while (this.#pending.length > 0 && pos < length) {
      const end = entryEnd(this.#pending, 0, this.#pending.length, this.#offset);
      const wanted = end < 0 ? 1 : end - this.#pending.length;
      const taken = Math.min(wanted, length - pos);
      const joined = new Uint8Array(this.#pending.length + taken);
      joined.set(this.#pending);
      joined.set(chunk.subarray(pos, pos + taken), this.#pending.length);
      pos += taken;
      this.#pending = joined;
      if (end === joined.length) {
        this.#pending = new Uint8Array(0);
        this.#one(joined, 0, end);
      }
    }
    return pos;
  }

  #one(bytes: Uint8Array, start: number, end: number): void {
    this.slow += 1;
    const r = new DerReader(bytes, start, end);
    const entry = r.enter(TAG.SEQUENCE);
    const serialAt = r.pos;
    readSerialNumber(r, null, 'refuse');
    // One octet of tag and one of length: no serial number is longer than 20.
    const serialStart = serialAt + 2;
    const serialLength = r.pos - serialStart;
    const time = r.time();
    let code = 0;
    if (!r.done) {
      if (this.#version === 1) r.fail('entry extensions without v2');
      const said = readEntryExtensions(r);
      code = said.code;
      this.certificateIssuer ||= said.certificateIssuer !== null;
      this.unprocessedCritical ??= said.unprocessedCritical;
    }
    if (code === REMOVE_FROM_CRL) this.removal = true;
    r.leave(entry);
    r.end();
    this.#collector.add(bytes, serialStart, serialLength, time, code);
  }
}

/** Where the entry at `pos` ends; -1 where its header is not complete. */
const entryEnd = (bytes: Uint8Array, pos: number, length: number, offset: number): number => {
  if (bytes[pos] !== TAG.SEQUENCE) throw new DerError('SEQUENCE expected', offset);
  if (pos + 2 > length) return -1;
  const first = bytes[pos + 1] as number;
  if (first < 0x80) return pos + 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new DerError('length of an entry', offset);
  if (pos + 2 + count > length) return -1;
  let content = 0;
  for (let i = 0; i < count; i++) content = content * 256 + (bytes[pos + 2 + i] as number);
  if (content > MAX_ENTRY) throw new BudgetError('CRL entry larger than allowed');
  return pos + 2 + count + content;
};
