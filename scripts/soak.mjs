#!/usr/bin/env node
// `npm run soak`: a JPKI that changes and misbehaves, a keeper killed once a minute, 200 verifications a second. SOAK_MINUTES=60 for the long run, which
// nothing else should run beside. SOAK_SEED, SOAK_RATE, SOAK_OUT; SOAK_PLANT=leak,wrong,lost does these wrong on purpose, to see it noticed.
import './node-version.mjs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install } from './prepare.mjs';
import { bin, root, run } from './process.mjs';

await install();
const out = mkdtempSync(join(tmpdir(), 'jpki-soak-build-'));
try {
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  const built = await bin('tsup/dist/cli-default.js', ['--config', 'test/soak/tsup.config.ts'], {
    env: { ...process.env, SOAK_BUILD: out },
  });
  process.exitCode = built === 0 ? await run(process.execPath, [join(out, 'run.js'), root]) : built;
} finally {
  rmSync(out, { recursive: true, force: true });
}
