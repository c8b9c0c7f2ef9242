/** What tests may ask of the machine. A file that needs one of these says so by its name; see `docs/contributing.md`. */
import { chromiumPath, conformanceDir, postgresAddress, redisAddress } from '../scripts/capabilities.mjs';

const present = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`${name} is missing on this machine: name the test file *.${name}.test.ts`);
  return value;
};

/** Path of the browser that playwright-core drives. Only for `*.browser.test.ts`. */
export const chromium = (): string => present(chromiumPath(), 'browser');
/** Root needs `--no-sandbox`; the rest keeps the browser from talking to anything but the test. */
export const chromiumArguments: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Folder of the public suites. Only for `*.conformance.test.ts`. */
export const conformance = (): string => present(conformanceDir(), 'conformance');
export const postgres = postgresAddress;
export const redis = redisAddress;
