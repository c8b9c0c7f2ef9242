/** One thread that executes; the other one watches it. Whatever happens, the input in hand stands in shared memory. */
import { parentPort, workerData } from 'node:worker_threads';
import { startCounting, work } from './counters.ts';
import type { Assignment, Report } from './protocol.ts';
import { Random } from './random.ts';
import { targetsFrom } from './targets.ts';

const { vectors, conformance, target: name, executions, seed, beat, input: memory } = workerData as Assignment;
const target = targetsFrom(vectors, conformance)[name];
const random = new Random(seed);
const heart = new Int32Array(beat);
const hand = new Uint8Array(memory);
const report: Report = { executions: 0, taken: 0, elements: 0, elementsPerOctet: 0, signatures: 0, fault: null };

const hold = (bytes: Uint8Array): void => {
  const kept = bytes.subarray(0, hand.length);
  hand.set(kept);
  Atomics.store(heart, 1, kept.length);
};

startCounting();
// Millions of expected errors: their stack traces would cost more than all the rest.
Error.stackTraceLimit = 0;
for (let i = 0; i < executions && report.fault === null; i++) {
  const bytes = target.make(random);
  hold(bytes);
  work.elements = 0;
  work.signatures = 0;
  try {
    const taken = target.run(bytes);
    if (taken instanceof Promise ? await taken : taken) report.taken += 1;
    if (work.elements > target.elements(bytes.length)) throw new Error(`${work.elements} elements read in ${bytes.length} octets`);
    if (work.signatures > target.signatures) throw new Error(`${work.signatures} public-key operations`);
  } catch (error) {
    report.fault = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  report.executions += 1;
  report.elements = Math.max(report.elements, work.elements);
  report.elementsPerOctet = Math.max(report.elementsPerOctet, work.elements / Math.max(64, bytes.length));
  report.signatures = Math.max(report.signatures, work.signatures);
  Atomics.add(heart, 0, 1);
}
parentPort?.postMessage(report);
