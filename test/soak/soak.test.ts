import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findings, type SoakReport } from './report.ts';

const script = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url));
const always = process.env['CI'] === 'true' || process.env['REQUIRE'] === 'all';
/** Two minutes where everything has to run; half a minute for who only tries. */
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? (always ? 2 : 0.5));

const run = async (env: Readonly<Record<string, string>>): Promise<{ readonly report: SoakReport; readonly code: number | null }> => {
  const out = mkdtempSync(join(tmpdir(), 'jpki-soak-report-'));
  try {
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, ...env, SOAK_OUT: out },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (lines: Buffer) => process.stdout.write(lines));
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { report: JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as SoakReport, code };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};

test(
  `${MINUTES} minutes under faults, swaps and kills: no wrong answer, no lost index, flat memory`,
  async () => {
    const { report, code } = await run({ SOAK_MINUTES: String(MINUTES) });
    expect(report.finished).toBe(true);
    expect(findings(report).filter(({ holds }) => !holds)).toEqual([]);
    expect(report.wrong).toEqual({ count: 0, why: {} });
    expect(report.keeper.lost).toEqual([]);
    expect(report.forged.refused).toBe(report.forged.asked);
    // All three verdicts came up: a relying party that always said the same would not be noticed otherwise.
    for (const times of Object.values(report.verdicts)) expect(times).toBeGreaterThan(0);
    expect(code).toBe(0);
  },
  MINUTES * 60_000 + 180_000,
);

test('a wrong answer, a lost index and a leak are noticed', async () => {
  const { report, code } = await run({ SOAK_MINUTES: '0.5', SOAK_PLANT: 'wrong,lost,leak' });
  expect(report.finished).toBe(true);
  expect(report.wrong.count).toBeGreaterThan(0);
  expect(report.keeper.lost).toContainEqual(expect.stringMatching(/index-missing$/));
  expect(report.memory?.flat).toBe(false);
  expect(code).toBe(1);
}, 210_000);
