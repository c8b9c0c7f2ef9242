/** The signature and the SHA-256 of a CRL, hashed while it arrives: here, or by threads that read the same memory. */
import { constants, createHash, createPublicKey, createVerify, type KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { PublicKeyInfo } from '../certificate/public-key.ts';
import type { AlgorithmName } from '../signature/signed-data.ts';
import type { Chunks } from './chunks.ts';
import { type PagesJob, THREAD } from './ingest-thread.ts';

export interface Signed {
  readonly algorithm: AlgorithmName;
  readonly key: PublicKeyInfo;
  readonly tbsStart: number;
  readonly tbsEnd: number;
}

export interface Hashed {
  /** The signature verifies over the signed part. */
  readonly valid: boolean;
  /** Of all octets, lower-case hex. */
  readonly sha256: string;
}

export interface SignatureStream {
  /** The octets that follow; a slot of shared memory is not given out again before they have been hashed. */
  update(chunk: Uint8Array): Promise<void>;
  finish(signature: Uint8Array): Promise<Hashed>;
  /** After `finish`, where there are threads: one of them takes parts of the job, as this thread does. False: the general writer has to do it all again. */
  readonly pages: ((job: PagesJob) => Promise<boolean>) | null;
  stop(): void;
}

const hashName = (algorithm: AlgorithmName): string => algorithm.slice(algorithm.lastIndexOf('-') + 1);

const keyInput = ({ algorithm }: Signed, key: KeyObject): Parameters<ReturnType<typeof createVerify>['verify']>[0] =>
  algorithm === 'rsa-pss-sha256' ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : key;

/** In this thread. */
export const inlineSignature = (signed: Signed): SignatureStream => {
  const whole = createHash('sha256');
  const verify = createVerify(hashName(signed.algorithm));
  let offset = 0;
  return {
    update: async (chunk) => {
      whole.update(chunk);
      const from = Math.max(0, signed.tbsStart - offset);
      const to = Math.min(chunk.length, signed.tbsEnd - offset);
      if (from < to) verify.update(chunk.subarray(from, to));
      offset += chunk.length;
    },
    finish: async (signature) => ({
      valid: check(() => verify.verify(keyInput(signed, keyOf(signed)), signature)),
      sha256: whole.digest('hex'),
    }),
    pages: null,
    stop: () => undefined,
  };
};

const keyOf = ({ key }: Signed): KeyObject => key.keyObject ?? createPublicKey({ key: Buffer.from(key.der), format: 'der', type: 'spki' });

const check = (verify: () => boolean): boolean => {
  try {
    return verify();
  } catch {
    return false;
  }
};

type Answer = { readonly done: unknown } | 'taken';

/** What a thread keeps besides the chunks is small. */
const LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 64 };

/**
 * In threads beside this one: SHA-256 is what an ingest waits for, and the hash of the signed part and that of all octets have nothing in common but the
 * memory they read. Chunks that do not lie in the shared memory of `chunks` are copied there.
 */
export const threadedSignature = (signed: Signed, chunks: Chunks): SignatureStream => {
  const waiting: ((error: unknown) => void)[] = [];
  let broken: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    broken ??= { error };
    for (const reject of waiting.splice(0)) reject(error);
    chunks.fail(error);
  };
  const start = (verifies: boolean): Worker => {
    const part = verifies ? { start: signed.tbsStart, end: signed.tbsEnd } : { start: 0, end: Number.MAX_SAFE_INTEGER };
    const workerData = {
      ...chunks.handover,
      ...part,
      seat: verifies ? 1 : 0,
      verifies,
      hash: hashName(signed.algorithm),
      spki: Uint8Array.from(signed.key.der),
      pss: signed.algorithm === 'rsa-pss-sha256',
    };
    const worker = new Worker(THREAD, { eval: true, workerData, resourceLimits: LIMITS });
    worker.on('message', (answer: Answer) => {
      if (answer === 'taken') chunks.wake();
    });
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('a hashing thread ended')));
    return worker;
  };
  const verifier = start(true);
  const hasher = start(false);
  const answer = <T>(worker: Worker): Promise<T> =>
    new Promise((resolve, reject) => {
      if (broken !== undefined) {
        reject(broken.error);
        return;
      }
      waiting.push(reject);
      worker.on('message', (message: Answer) => {
        if (message !== 'taken') resolve(message.done as T);
      });
    });
  const end = (worker: Worker): void => {
    worker.removeAllListeners('exit');
    void worker.terminate();
  };
  return {
    update: async (chunk) => {
      if (chunk.buffer === chunks.memory) {
        chunks.hand(chunk);
        return;
      }
      for (let at = 0; at < chunk.length; at += chunks.slotBytes) {
        const piece = chunk.subarray(at, at + chunks.slotBytes);
        const slot = await chunks.acquire();
        slot.set(piece);
        chunks.hand(slot.subarray(0, piece.length));
        chunks.release(slot);
      }
    },
    finish: async (signature) => {
      const answers = [answer<boolean>(verifier), answer<string>(hasher)] as const;
      chunks.end();
      verifier.postMessage({ signature: Uint8Array.from(signature) });
      const [valid, sha256] = await Promise.all(answers);
      end(verifier);
      return { valid, sha256 };
    },
    pages: async (job) => {
      const taken = answer<boolean>(hasher);
      hasher.postMessage({ job });
      return taken;
    },
    stop: () => {
      for (const worker of [verifier, hasher]) end(worker);
    },
  };
};
