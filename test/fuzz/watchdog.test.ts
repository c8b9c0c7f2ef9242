/** The watch itself is watched: a thread that hangs, dies or reports a fault does not pass for one that is done. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzz } from './host.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const worker = (name: string, body: string): string => {
  const file = join(folder, `${name}.mjs`);
  const head = `import { parentPort, workerData } from 'node:worker_threads';
new Uint8Array(workerData.input).set([1, 2, 3]);
const heart = new Int32Array(workerData.beat);
Atomics.store(heart, 1, 3);
`;
  writeFileSync(file, head + body);
  return file;
};

test('an input without end is found, and kept', async () => {
  const run = await fuzz(worker('hang', 'for (;;);'), 'der', 1, 1, 1);
  expect(run).toMatchObject({ fault: 'no end after 1 s', input: Buffer.of(1, 2, 3).toString('base64') });
});

test('an error outside the executions is a fault', async () => {
  const run = await fuzz(worker('throw', 'throw new RangeError("stack");'), 'der', 1, 1);
  expect(run).toMatchObject({ fault: 'RangeError: stack', input: Buffer.of(1, 2, 3).toString('base64') });
});

test('a thread that ends without a word is no success', async () => {
  await expect(fuzz(worker('exit', 'process.exit(3);'), 'der', 1, 1)).rejects.toThrow('ended with 3');
});
