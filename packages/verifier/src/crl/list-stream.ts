/** A CertificateList read while it arrives, as strictly as `readCertificateList` reads one that is all there. Entries go to a collector and are forgotten. */
import { readExtensions } from '../certificate/extensions.ts';
import { type Name, readName } from '../certificate/name.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../certificate/public-key.ts';
import { equalBytes } from '../der/bytes.ts';
import { contextConstructed, DerError, DerReader, TAG } from '../der/reader.ts';
import { BudgetError } from '../revocation/budget.ts';
import { type DecodedExtensions, decodeExtensions, PROCESSED } from '../revocation/crl/list.ts';
import type { Collector } from './collector.ts';
import { EntryStream } from './entry-stream.ts';

/** Version, algorithm, issuer and times are far smaller; what comes after the entries holds the extensions and the signature. */
const MAX_HEAD = 65_536;
const MAX_TAIL = 1_048_576;

export interface ListHead {
  /** Octets of the whole CRL. */
  readonly totalBytes: number;
  /** Offsets of the signed part. */
  readonly tbsStart: number;
  readonly tbsEnd: number;
  readonly version: 1 | 2;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  /** Octets of all entries. */
  readonly entriesBytes: number;
}

export interface ListTail extends DecodedExtensions {
  readonly signatureValue: Uint8Array;
  /** Some entry says removeFromCRL. */
  readonly removal: boolean;
  readonly unprocessedCritical: string | null;
}

export class ListStream {
  readonly #maxBytes: number;
  readonly #begin: (head: ListHead) => Collector;
  #gathered: Uint8Array[] = [];
  #gatheredLength = 0;
  #received = 0;
  #head: ListHead | undefined;
  /** Offset behind the last entry. */
  #entriesEnd = 0;
  #entries: EntryStream | undefined;

  /** `begin` is called once the head has been read, before any entry. */
  constructor(maxBytes: number, begin: (head: ListHead) => Collector) {
    this.#maxBytes = maxBytes;
    this.#begin = begin;
  }

  get head(): ListHead | undefined {
    return this.#head;
  }

  /** Throws `DerError`, `BudgetError`. The chunk is not kept. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#head !== undefined) {
      this.#continue(chunk, this.#head);
      return;
    }
    this.#gather(chunk);
    const start = this.#joined();
    const total = totalLength(start);
    if (total === null) return;
    if (total > this.#maxBytes) throw new BudgetError('CRL larger than allowed');
    if (start.length < Math.min(total, MAX_HEAD)) return;
    const { head, pos } = readHead(start, total);
    this.#head = head;
    this.#gathered = [];
    this.#gatheredLength = 0;
    this.#entriesEnd = pos + head.entriesBytes;
    const collector = this.#begin(head);
    this.#entries = new EntryStream(collector, head.version, pos);
    this.#received = pos;
    this.#continue(start.subarray(pos), head);
  }

  /** All octets have been pushed. */
  end(): ListTail {
    const head = this.#head;
    if (head === undefined || this.#entries === undefined || this.#received !== head.totalBytes) {
      throw new DerError('CRL truncated', this.#received);
    }
    this.#entries.end();
    const { removal, certificateIssuer, unprocessedCritical } = this.#entries;
    const tail = readTail(this.#joined(), head, this.#entriesEnd);
    // RFC 5280 §5.3.1, §5.3.3: what an entry may say depends on the kind of the list.
    if (removal && tail.baseCrlNumber === null) throw new DerError('removeFromCRL outside a delta CRL', this.#entriesEnd);
    if (certificateIssuer && tail.issuingDistributionPoint?.indirectCrl !== true) {
      throw new DerError('certificateIssuer outside an indirect CRL', this.#entriesEnd);
    }
    return { ...tail, removal, unprocessedCritical: tail.unprocessedCritical ?? unprocessedCritical };
  }

  #continue(chunk: Uint8Array, head: ListHead): void {
    if (this.#received + chunk.length > head.totalBytes) throw new DerError('trailing bytes', head.totalBytes);
    const inEntries = Math.max(0, Math.min(chunk.length, this.#entriesEnd - this.#received));
    if (inEntries > 0) this.#entries?.push(chunk, inEntries);
    this.#received += chunk.length;
    if (inEntries < chunk.length) this.#gather(chunk.subarray(inEntries));
    if (this.#gatheredLength > MAX_TAIL) throw new BudgetError('CRL extensions larger than allowed');
  }

  #gather(chunk: Uint8Array): void {
    // A copy, also where the chunk is a Buffer.
    this.#gathered.push(new Uint8Array(chunk));
    this.#gatheredLength += chunk.length;
  }

  #joined(): Uint8Array {
    if (this.#gathered.length > 1) this.#gathered = [new Uint8Array(Buffer.concat(this.#gathered))];
    return this.#gathered[0] ?? new Uint8Array(0);
  }
}

/** The length of the outermost element, header included; null where its header is not complete. */
const totalLength = (bytes: Uint8Array): number | null => {
  const header = longHeader(bytes, 0, TAG.SEQUENCE);
  return header === null ? null : header.content + header.length;
};

/** A header whose content need not be there yet; null where the header itself is not. */
const longHeader = (bytes: Uint8Array, at: number, tag: number): { readonly content: number; readonly length: number } | null => {
  if (bytes.length < at + 2) return null;
  if (bytes[at] !== tag) throw new DerError('SEQUENCE expected', at);
  const first = bytes[at + 1] as number;
  if (first < 0x80) return { content: at + 2, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new DerError(count === 0 ? 'indefinite length' : 'length too long', at);
  if (bytes.length < at + 2 + count) return null;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[at + 2 + i] as number);
  if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new DerError('length not minimal', at);
  return { content: at + 2 + count, length };
};

/** Where a head does not fit into `bytes` the reader itself finds elements missing. */
const readHead = (bytes: Uint8Array, totalBytes: number): { readonly head: ListHead; readonly pos: number } => {
  const header = (at: number): { readonly content: number; readonly length: number } => {
    const found = longHeader(bytes, at, TAG.SEQUENCE);
    if (found === null) throw new DerError('element missing', at);
    return found;
  };
  const tbsStart = header(0).content;
  const tbs = header(tbsStart);
  const tbsEnd = tbs.content + tbs.length;
  if (tbsEnd > totalBytes) throw new DerError('element longer than its container', tbsStart);

  const r = new DerReader(bytes, tbs.content, Math.min(bytes.length, tbsEnd));
  let version: 1 | 2 = 1;
  if (r.peek() === TAG.INTEGER) {
    if (r.smallInteger() !== 1) r.fail('CRL version');
    version = 2;
  }
  const signatureAlgorithm = readAlgorithmIdentifier(r);
  const issuer = readName(r);
  if (issuer.isEmpty) r.fail('issuer empty');
  const thisUpdate = r.time();
  const nextUpdate = r.peek() === TAG.UTC_TIME || r.peek() === TAG.GENERALIZED_TIME ? r.time() : null;
  if (nextUpdate !== null && nextUpdate < thisUpdate) r.fail('nextUpdate before thisUpdate');
  let { pos } = r;
  let entriesBytes = 0;
  if (r.peek() === TAG.SEQUENCE) {
    const list = header(pos);
    // RFC 5280 §5.1.2.6: where nothing is revoked the list is absent.
    if (list.length === 0) r.fail('revokedCertificates empty');
    if (list.content + list.length > tbsEnd) r.fail('element longer than its container');
    pos = list.content;
    entriesBytes = list.length;
  }
  const head = { totalBytes, tbsStart, tbsEnd, version, signatureAlgorithm, issuer, thisUpdate, nextUpdate, entriesBytes };
  return { head, pos };
};

/** `bytes` begin at `offset` of the CRL, behind the entries. */
const readTail = (bytes: Uint8Array, head: ListHead, offset: number): Omit<ListTail, 'removal'> => {
  const r = new DerReader(bytes, 0, head.tbsEnd - offset);
  let extensions: ReturnType<typeof readExtensions> = [];
  if (r.peek() === contextConstructed(0)) {
    if (head.version !== 2) r.fail('extensions without v2');
    const explicit = r.enter(contextConstructed(0));
    extensions = readExtensions(r);
    r.leave(explicit);
  }
  r.leave(bytes.length);
  const algorithm = readAlgorithmIdentifier(r);
  // RFC 5280 §5.1.1.2: both fields are the same.
  if (!equalBytes(algorithm.der, head.signatureAlgorithm.der)) r.fail('signature algorithms differ');
  const signatureValue = r.octetAlignedBitString();
  r.end();
  return {
    signatureValue,
    ...decodeExtensions(extensions),
    unprocessedCritical: extensions.find((e) => e.critical && !PROCESSED.has(e.oid))?.oid ?? null,
  };
};
