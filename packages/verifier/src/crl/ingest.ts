/** From a CRL, in one pass, to a published index. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import type { OperationCode, VerdictCode } from '../codes.ts';
import { toHex } from '../der/bytes.ts';
import { DerError } from '../der/reader.ts';
import { JpkiError } from '../errors.ts';
import { BudgetError, SKEW_MS } from '../revocation/budget.ts';
import { CRL_SIGN, keyShortfall } from '../revocation/crl/check.ts';
import { type AlgorithmPolicy, algorithmOf, keyAllowed } from '../signature/signed-data.ts';
import { type ArchiveWriter, archiveTo } from './archive.ts';
import { Chunks, type CrlSource, chunksOf } from './chunks.ts';
import { Collector } from './collector.ts';
import { applyDelta } from './delta.ts';
import { FileWriter, sweepUnfinished, unfinishedName } from './file-writer.ts';
import { HeapWriter } from './heap.ts';
import { CrlIndexError } from './index-error.ts';
import { openIndex } from './index-file.ts';
import { writeIndex } from './index-writer.ts';
import type { CrlIndexInfo, CrlOverride } from './info.ts';
import { HEAP_START } from './layout.ts';
import { type ListHead, ListStream, type ListTail } from './list-stream.ts';
import { foreign, overrideRecord, type Published, publishedAt, rollback } from './publication.ts';
import { type CrlScope, distributionPointOf, scopeShortfall } from './scope.ts';
import { type Hashed, inlineSignature, type SignatureStream, threadedSignature } from './signature-stream.ts';

export interface IngestProgress {
  readonly bytes: number;
  /** Octets of the whole CRL; null until its head has been read. */
  readonly totalBytes: number | null;
  readonly entries: number;
}

/** What an operator has to hear of, refused or overridden. No serial numbers. */
export interface CrlAlarm {
  readonly code: Extract<OperationCode, 'crl-rollback' | `index-${string}`>;
  readonly detail?: string;
  /** Set where the operator's override let it pass. */
  readonly override: CrlOverride | null;
}

export interface IngestCrlOptions {
  /** An anchor of the environment, or the DER of the certificate whose key signs the CRL. */
  readonly issuer: { readonly certificate: Certificate } | Uint8Array;
  readonly scope: CrlScope;
  /** The index file; readers keep the one they have opened, whatever is published here. */
  readonly into: string;
  /** A MAC over every page, with this key of at least 16 octets. */
  readonly key?: Uint8Array;
  readonly algorithms?: AlgorithmPolicy;
  /** The present time: a CRL of the future (300 s allowed) is refused. Without it that is left to whoever uses the index. */
  readonly at?: Date;
  /** Octets of the CRL; default 2 GiB. Memory and disk are taken in proportion before the signature is known. */
  readonly maxBytes?: number;
  /** 1 hashes in this thread, 2 beside it. Default: beside it where the CRL is large enough to be worth the start of threads. */
  readonly threads?: 1 | 2;
  /** A folder that keeps the CRL, named by its SHA-256. */
  readonly archive?: string;
  /** Lets an older CRL, or one in the place of an unreadable index, be published: recorded in the index. */
  readonly override?: CrlOverride;
  readonly onProgress?: (progress: IngestProgress) => void;
  readonly onAlarm?: (alarm: CrlAlarm) => void;
  /** Awaited when all is verified and nothing is published yet: what it throws rejects, and nothing is. */
  readonly beforePublish?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

export type IngestCode = Extract<VerdictCode, `crl-${string}` | 'budget-crl'> | Extract<OperationCode, 'crl-rollback' | `index-${string}`>;

export type IngestResult =
  | { readonly ok: true; readonly info: CrlIndexInfo }
  | { readonly ok: false; readonly code: IngestCode; readonly detail?: string };

const DEFAULTS = {
  algorithms: { algorithms: ['rsa-pkcs1-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'], minimumRsaBits: 2048 },
  maxBytes: 2 ** 31,
} as const satisfies Partial<IngestCrlOptions>;

/** Below this threads take longer to start than they save. */
const WORTH_A_THREAD = 64 * 1024 * 1024;

const beside = (threads: 1 | 2 | undefined, bytes: number): boolean => (threads === undefined ? bytes >= WORTH_A_THREAD : threads === 2);

class Refused extends Error {
  readonly result: Extract<IngestResult, { ok: false }>;

  constructor(code: IngestCode, detail?: string) {
    super(code);
    this.result = { ok: false, code, ...(detail === undefined ? {} : { detail }) };
  }
}

/**
 * Reads, hashes and indexes the CRL while it arrives; verifies its signature; then, and only then, publishes the index at `into`: at whatever moment the
 * process or the machine stops, the old index or the new one is there. A delta CRL is applied to the index at `into`. The old index serves meanwhile.
 *
 * `ok: true` proves: a strict v2 CRL by the issuer's key, of this scope, no older than what it replaces (or overridden). Refusals are data:
 * `crl-malformed`, `crl-signature`, `crl-scope-mismatch`, `crl-unsupported`, `crl-not-yet-valid`, `budget-crl`, `crl-rollback`, `index-*`.
 * What breaks below (source, disk, an aborted `signal`) rejects; nothing is left behind.
 */
export const ingestCrl = async (source: CrlSource, options: IngestCrlOptions): Promise<IngestResult> => {
  const ingest = new Ingest(source, options);
  try {
    return { ok: true, info: await ingest.run() };
  } catch (error) {
    if (error instanceof Refused) return error.result;
    if (error instanceof DerError) return { ok: false, code: 'crl-malformed' };
    if (error instanceof BudgetError) return { ok: false, code: 'budget-crl' };
    if (error instanceof CrlIndexError)
      return { ok: false, code: error.code, ...(error.detail === undefined ? {} : { detail: error.detail }) };
    throw error;
  } finally {
    ingest.discard();
  }
};

class Ingest {
  readonly #source: CrlSource;
  readonly #options: IngestCrlOptions;
  readonly #issuer: Certificate;
  readonly #published: Published;
  readonly #identity: Pick<CrlIndexInfo, 'class' | 'distributionPoint' | 'coverage' | 'issuerKeySha256' | 'issuerKeyId'>;
  readonly #files: FileWriter[] = [];
  #archive: ArchiveWriter | undefined;
  #signature: SignatureStream | undefined;
  #collector: Collector | undefined;

  constructor(source: CrlSource, options: IngestCrlOptions) {
    this.#source = source;
    this.#options = options;
    this.#issuer = options.issuer instanceof Uint8Array ? readIssuer(options.issuer) : options.issuer.certificate;
    const { subjectKeyIdentifier, publicKeyInfo } = this.#issuer;
    this.#identity = {
      class: options.scope.class,
      distributionPoint: distributionPointOf(options.scope).toString(),
      coverage: options.scope.coverage ?? 'idp',
      issuerKeySha256: createHash('sha256').update(publicKeyInfo.der).digest('hex'),
      issuerKeyId: subjectKeyIdentifier === null ? null : toHex(subjectKeyIdentifier),
    };
    sweepUnfinished(options.into);
    this.#published = publishedAt(options.into, options.key);
  }

  async run(): Promise<CrlIndexInfo> {
    const { signal, into, key = null, archive } = this.#options;
    signal?.throwIfAborted();
    const other = foreign(this.#published, this.#identity);
    if (other !== null) throw this.#alarmed(other);
    const file = this.#file();
    if (archive !== undefined) this.#archive = archiveTo(archive);
    const { head, tail, hashed } = await this.#read(file);
    this.#judge(head, tail, hashed);
    const described = this.#describe(head, tail, hashed);
    const override = this.#mayReplace(this.#published, described);
    const collector = this.#collector as Collector;
    const complete = (entries: number): CrlIndexInfo => ({ ...described, override, entries });
    let ready = file;
    let info: CrlIndexInfo;
    if (tail.baseCrlNumber === null)
      info = await writeIndex(file, collector, complete, { key, signal, beside: this.#signature?.pages ?? null });
    else if (this.#isPublished(described)) return (this.#published as Extract<Published, { state: 'index' }>).info;
    else [ready, info] = await this.#applied(file, complete, decimal(tail.baseCrlNumber));
    await this.#options.beforePublish?.();
    // Somebody else may have published meanwhile.
    const now = publishedAt(into, this.#options.key);
    const meanwhile = foreign(now, this.#identity);
    if (meanwhile !== null) throw this.#alarmed(meanwhile);
    this.#mayReplace(now, described);
    this.#archive?.publish(hashed.sha256);
    ready.publish(into);
    return info;
  }

  discard(): void {
    this.#signature?.stop();
    this.#archive?.discard();
    for (const file of this.#files) file.discard();
  }

  #file(): FileWriter {
    const file = new FileWriter(unfinishedName(this.#options.into));
    this.#files.push(file);
    return file;
  }

  async #read(file: FileWriter): Promise<{ head: ListHead; tail: ListTail; hashed: Hashed }> {
    const { signal, onProgress, maxBytes = DEFAULTS.maxBytes, threads } = this.#options;
    const size = typeof this.#source === 'string' ? statSync(this.#source).size : null;
    const slots = new Chunks(size !== null && beside(threads, size) ? 2 : 0);
    const list = new ListStream(maxBytes, (head) => {
      if (size !== null && size !== head.totalBytes) throw new DerError('length of the file', 0);
      this.#signature = this.#begin(head, size === null ? null : slots);
      this.#collector = new Collector(new HeapWriter(file, HEAP_START), head.entriesBytes, head.thisUpdate, this.#signature.pages !== null);
      return this.#collector;
    });
    const early: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of chunksOf(this.#source, slots)) {
      signal?.throwIfAborted();
      bytes += chunk.length;
      if (list.head === undefined) {
        list.push(chunk);
        early.push(new Uint8Array(chunk));
        if (this.#signature !== undefined) for (const piece of early.splice(0)) await this.#signature.update(piece);
      } else {
        // The other thread begins before this one does.
        await this.#signature?.update(chunk);
        list.push(chunk);
      }
      this.#archive?.write(chunk);
      onProgress?.({ bytes, totalBytes: list.head?.totalBytes ?? null, entries: this.#collector?.count ?? 0 });
      if (size === null) await setImmediate();
    }
    signal?.throwIfAborted();
    const tail = list.end();
    const hashed = await (this.#signature as SignatureStream).finish(tail.signatureValue);
    return { head: list.head as ListHead, tail, hashed };
  }

  /** What the head shows to be useless is not read to its end. */
  #begin(head: ListHead, slots: Chunks | null): SignatureStream {
    const { algorithms = DEFAULTS.algorithms, threads } = this.#options;
    const { publicKeyInfo: key, keyUsage, subject } = this.#issuer;
    if (!head.issuer.equals(subject)) throw new Refused('crl-scope-mismatch', 'issuer');
    if (keyUsage !== null && (keyUsage & CRL_SIGN) === 0) throw new Refused('crl-signature', 'issuer-key-usage');
    const algorithm = algorithmOf(head.signatureAlgorithm, key);
    if (algorithm === null || !algorithms.algorithms.includes(algorithm) || !keyAllowed(key, algorithms)) {
      throw new Refused('crl-signature', 'algorithm-not-allowed');
    }
    if (algorithm.startsWith('rsa-') !== (key.description.type === 'rsa') || key.keyObject === null) {
      throw new Refused('crl-signature', 'signature-invalid');
    }
    const signed = { algorithm, key, tbsStart: head.tbsStart, tbsEnd: head.tbsEnd };
    if (!beside(threads, head.totalBytes)) return inlineSignature(signed);
    return threadedSignature(signed, slots ?? new Chunks(2));
  }

  /** The signature first: an unsigned CRL has nothing to say about itself. */
  #judge(head: ListHead, tail: ListTail, { valid }: Hashed): void {
    const { scope, at } = this.#options;
    if (!valid) throw new Refused('crl-signature', 'signature-invalid');
    if (head.version !== 2) throw new Refused('crl-unsupported', 'version-1');
    if (tail.unprocessedCritical !== null) throw new Refused('crl-unsupported', 'critical-extension');
    const anchor = { certificate: this.#issuer, keyId: this.#identity.issuerKeyId ?? '' };
    const short = keyShortfall(tail, { anchor }) ?? scopeShortfall(tail, head.issuer, scope);
    if (short !== null) throw new Refused(short.code, short.detail);
    if (at !== undefined && !(head.thisUpdate <= at.getTime() + SKEW_MS)) throw new Refused('crl-not-yet-valid', 'this-update');
  }

  #describe(head: ListHead, tail: ListTail, { sha256 }: Hashed): Omit<CrlIndexInfo, 'entries' | 'override'> {
    const { issuingDistributionPoint: idp, crlNumber } = tail;
    return {
      ...this.#identity,
      thisUpdate: new Date(head.thisUpdate),
      nextUpdate: head.nextUpdate === null ? null : new Date(head.nextUpdate),
      crlNumber: crlNumber === null ? null : decimal(crlNumber),
      sha256,
      bytes: head.totalBytes,
      scopeSha256: idp === null ? null : createHash('sha256').update(idp.der).digest('hex'),
      base: null,
      removedRevoked: 0,
    };
  }

  /** Refuses, or says what the operator's override is to be recorded as. */
  #mayReplace(published: Published, next: Pick<CrlIndexInfo, 'crlNumber' | 'thisUpdate'>): CrlIndexInfo['override'] {
    const refusal = rollback(published, next);
    if (refusal === null) return null;
    const { override } = this.#options;
    if (override === undefined) throw this.#alarmed(refusal);
    this.#options.onAlarm?.({ ...refusal, override });
    return overrideRecord(override, published);
  }

  #alarmed(refusal: { readonly code: CrlAlarm['code']; readonly detail?: string }): Refused {
    this.#options.onAlarm?.({ ...refusal, override: null });
    return new Refused(refusal.code, refusal.detail);
  }

  #isPublished({ crlNumber, thisUpdate }: Pick<CrlIndexInfo, 'crlNumber' | 'thisUpdate'>): boolean {
    if (this.#published.state !== 'index') return false;
    const { info } = this.#published;
    return info.crlNumber !== null && info.crlNumber === crlNumber && info.thisUpdate.getTime() === thisUpdate.getTime();
  }

  /** RFC 5280 §5.2.4: same scope, BaseCRLNumber ≤ number of the complete list < number of the delta. */
  async #applied(file: FileWriter, complete: (entries: number) => CrlIndexInfo, baseNumber: string): Promise<[FileWriter, CrlIndexInfo]> {
    const { into, key = null, signal } = this.#options;
    const deltaInfo = await writeIndex(file, this.#collector as Collector, complete, { key, signal });
    if (this.#published.state !== 'index') throw new Refused('crl-unsupported', 'delta-without-base');
    const keyed = key === null ? {} : { key };
    const base = openIndex(into, keyed);
    try {
      const { crlNumber, scopeSha256, sha256, thisUpdate } = base.info;
      if (crlNumber === null || deltaInfo.crlNumber === null || scopeSha256 !== deltaInfo.scopeSha256) {
        throw new Refused('crl-unsupported', 'delta-scope');
      }
      if (BigInt(baseNumber) > BigInt(crlNumber) || BigInt(crlNumber) >= BigInt(deltaInfo.crlNumber)) {
        throw new Refused('crl-unsupported', 'delta-base');
      }
      const delta = openIndex(file.path, { mode: 'memory', ...keyed });
      try {
        const merged = this.#file();
        const { collector, removedRevoked } = await applyDelta(base, delta, merged, signal);
        const describe = (entries: number): CrlIndexInfo => ({
          ...complete(entries),
          base: { sha256, crlNumber, thisUpdate },
          removedRevoked,
        });
        return [merged, await writeIndex(merged, collector, describe, { key, signal })];
      } finally {
        delta.close();
      }
    } finally {
      base.close();
    }
  }
}

const readIssuer = (der: Uint8Array): Certificate => {
  try {
    return readCertificate(der);
  } catch (error) {
    throw new JpkiError('argument-invalid', 'issuer: certificate expected', { cause: error });
  }
};

const decimal = (octets: Uint8Array): string => BigInt(`0x${toHex(octets)}`).toString();
