/**
 * Mutated inputs end in a value or an error of ours: no other exception, no hang, no more work than their size pays for. Bounded here; `npm run fuzz` does
 * as many as it is told.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleWorker, fuzz } from './host.ts';
import { TARGET_NAMES, type TargetName } from './targets.ts';

/** Of every thousand executions. */
const SHARE: Readonly<Record<TargetName, number>> = {
  der: 250,
  certificate: 300,
  crl: 200,
  ocsp: 200,
  environment: 5,
  'app-message': 45,
  cms: 10,
  verify: 5,
  path: 5,
};

const EXECUTIONS = Number(process.env['FUZZ_EXECUTIONS'] ?? 60_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const only = process.env['FUZZ_TARGETS']?.split(',');

let worker: string;
beforeAll(async () => {
  worker = await bundleWorker();
});
afterAll(() => {
  rmSync(dirname(worker), { recursive: true, force: true });
});

describe(`mutated inputs (seed ${SEED})`, () => {
  test.each(TARGET_NAMES.filter((name) => only?.includes(name) !== false))(
    '%s',
    async (name) => {
      const executions = Math.ceil((EXECUTIONS * SHARE[name]) / 1000);
      const run = await fuzz(worker, name, executions, SEED + TARGET_NAMES.indexOf(name));
      if (process.env['FUZZ_EXECUTIONS'] !== undefined) {
        process.stdout.write(
          `fuzz ${name}: ${run.executions} executions, ${run.taken} read to the end, at most ${run.elements} elements ` +
            `(${run.elementsPerOctet.toFixed(2)} per octet) and ${run.signatures} public-key operations\n`,
        );
      }
      expect({ fault: run.fault, input: run.input }).toEqual({ fault: null, input: null });
      expect(run.executions).toBe(executions);
    },
    Math.max(300_000, EXECUTIONS * 3),
  );
});
