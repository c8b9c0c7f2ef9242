/** The threads beside an ingest, as text: so it runs alike from sources, ES modules and CommonJS, wherever they were bundled to. */
import { MADE, QUEUE, TAKEN, WAITING } from './chunks.ts';
import { type PartKernel, partKernel } from './part-kernel.ts';
import { PARTS } from './parts.ts';

/** What the thread that has hashed takes over of the pages. */
export interface PagesJob {
  /** The index file, open for writing. */
  readonly fd: number;
  readonly offset: number;
  readonly words: Uint32Array;
  readonly ranges: readonly Int32Array[];
  /** Records in the parts before each. */
  readonly before: readonly number[];
  readonly pageBits: number;
  readonly starts: Uint32Array;
  readonly sums: Uint32Array;
  /** The next part that nobody has taken; `PARTS` or more: no more are needed. */
  readonly next: Int32Array;
}

/** Takes part after part; false where the general writer has to do it all again. */
const takeParts = (kernel: PartKernel, job: PagesJob, write: (octets: Uint8Array, position: number) => void, parts: number): boolean => {
  for (;;) {
    const part = Atomics.add(job.next, 0, 1);
    if (part >= parts) return true;
    const before = job.before[part] as number;
    const ranges = job.ranges[part] as Int32Array;
    const { words, pageBits, starts, sums } = job;
    const length = kernel.pages({ words, ranges, part, before, pageBits, starts, sums });
    if (length < 0) {
      Atomics.store(job.next, 0, parts);
      return false;
    }
    write(new Uint8Array(kernel.units.buffer, 0, length), job.offset + before * 6);
  }
};

/**
 * `__name`: what a bundler may have put around functions to keep their names; under another name it is missing here. Then this thread takes no part, or a
 * part it has taken is made again with all others.
 */
export const THREAD: string = `
const { parentPort, workerData } = require('node:worker_threads');
const { createHash, createPublicKey, createVerify, constants } = require('node:crypto');
const { writeSync } = require('node:fs');
const __name = (named) => named;
const { memory, headerBytes, slotBytes, queueLength, seat, verifies, hash, start, end, spki, pss } = workerData;
const MADE = ${MADE}, WAITING = ${WAITING}, TAKEN = ${TAKEN}, QUEUE = ${QUEUE};
const control = new Int32Array(memory, 0, headerBytes / 4);
const stream = verifies ? createVerify(hash) : createHash('sha256');
let offset = 0;
for (let taken = 0; ; ) {
  while (Atomics.load(control, MADE) === taken) Atomics.wait(control, MADE, taken);
  const at = QUEUE + (taken % queueLength) * 2;
  const length = control[at + 1];
  if (length === 0) break;
  const from = Math.max(0, start - offset);
  const to = Math.min(length, end - offset);
  if (from < to) stream.update(new Uint8Array(memory, headerBytes + control[at] * slotBytes + from, to - from));
  offset += length;
  taken += 1;
  Atomics.store(control, TAKEN + seat, taken);
  if (Atomics.exchange(control, WAITING, 0) === 1) parentPort.postMessage('taken');
}
const verified = (signature) => {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return stream.verify(pss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : key, signature);
  } catch {
    return false;
  }
};
const pages = (job) => {
  const write = (octets, position) => {
    for (let done = 0; done < octets.length; ) done += writeSync(job.fd, octets, done, octets.length - done, position + done);
  };
  let kernel;
  try {
    kernel = (${partKernel.toString()})();
  } catch {
    return true;
  }
  try {
    return (${takeParts.toString()})(kernel, job, write, ${PARTS});
  } catch (error) {
    if (error instanceof ReferenceError) return false;
    throw error;
  }
};
if (!verifies) parentPort.postMessage({ done: stream.digest('hex') });
parentPort.on('message', (message) => parentPort.postMessage({ done: verifies ? verified(message.signature) : pages(message.job) }));
`;
