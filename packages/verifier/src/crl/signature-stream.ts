/** The signature and the SHA-256 of a CRL, hashed while it arrives: here, or by threads that read the same memory. */
import { constants, createHash, createPublicKey, createVerify, type KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { PublicKeyInfo } from '../certificate/public-key.ts';
import type { AlgorithmName } from '../signature/signed-data.ts';
import type { Chunks } from './chunks.ts';

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
  /** The octets that follow; they are not to be changed before `settled` says so, nor before this resolves. */
  update(chunk: Uint8Array): Promise<void>;
  finish(signature: Uint8Array): Promise<Hashed>;
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

/**
 * Source text, so that it runs alike from sources, ES modules and CommonJS. One worker verifies the signed part, another hashes all of it: SHA-256 is
 * what an ingest waits for, and these two have nothing in common but the memory they read.
 */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const { createHash, createPublicKey, createVerify, constants } = require('node:crypto');
const { memory, slotBytes, verifies, hash, start, end, spki, pss } = workerData;
const stream = verifies ? createVerify(hash) : createHash('sha256');
let offset = 0;
parentPort.on('message', (message) => {
  if (message.signature !== undefined) {
    if (!verifies) return parentPort.postMessage({ done: stream.digest('hex') });
    let valid = false;
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      valid = stream.verify(pss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : key, message.signature);
    } catch {}
    return parentPort.postMessage({ done: valid });
  }
  const chunk = new Uint8Array(memory, message.slot * slotBytes, message.length);
  const from = Math.max(0, start - offset);
  const to = Math.min(chunk.length, end - offset);
  if (from < to) stream.update(chunk.subarray(from, to));
  offset += chunk.length;
  parentPort.postMessage({ slot: message.slot });
});
`;

type Answer = { readonly slot: number } | { readonly done: boolean | string };

/** In threads beside this one. Chunks that do not lie in the shared memory of `chunks` are copied there. */
export const threadedSignature = (signed: Signed, chunks: Chunks): SignatureStream => {
  const { memory, slotBytes } = chunks;
  const workers: Worker[] = [];
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
      memory,
      slotBytes,
      verifies,
      ...part,
      hash: hashName(signed.algorithm),
      spki: Uint8Array.from(signed.key.der),
      pss: signed.algorithm === 'rsa-pss-sha256',
    };
    const worker = new Worker(WORKER, { eval: true, workerData });
    worker.on('message', (answer: Answer) => {
      if ('slot' in answer) chunks.release(answer.slot);
    });
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('a hashing thread ended')));
    workers.push(worker);
    return worker;
  };
  const verifier = start(true);
  const hasher = start(false);
  const post = (chunk: Uint8Array): void => {
    for (const worker of workers) {
      chunks.retain(chunk);
      worker.postMessage({ slot: chunk.byteOffset / slotBytes, length: chunk.length });
    }
  };
  const conclusion = <T>(worker: Worker, signature: Uint8Array): Promise<T> =>
    new Promise((resolve, reject) => {
      if (broken !== undefined) {
        reject(broken.error);
        return;
      }
      waiting.push(reject);
      worker.on('message', (answer: Answer) => {
        if ('done' in answer) resolve(answer.done as T);
      });
      worker.postMessage({ signature: Uint8Array.from(signature) });
    });
  const stop = (): void => {
    for (const worker of workers) {
      worker.removeAllListeners('exit');
      void worker.terminate();
    }
  };
  return {
    update: async (chunk) => {
      if (chunk.buffer === memory) {
        post(chunk);
        return;
      }
      for (let at = 0; at < chunk.length; at += slotBytes) {
        const piece = chunk.subarray(at, at + slotBytes);
        const slot = await chunks.acquire();
        slot.set(piece);
        post(slot.subarray(0, piece.length));
        chunks.release(slot.byteOffset / slotBytes);
      }
    },
    finish: async (signature) => {
      const [valid, sha256] = await Promise.all([conclusion<boolean>(verifier, signature), conclusion<string>(hasher, signature)]);
      stop();
      return { valid, sha256 };
    },
    stop,
  };
};
