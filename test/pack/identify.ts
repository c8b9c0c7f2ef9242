/** A browser's half of one identification, without a browser: begin, let the virtual app answer, complete. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { PublicOutcome, StartDescriptor } from '@jpki-rp/node-sdk';
import type { Person, Simulator } from '@jpki-rp/simulator';

export interface Bank {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts a server file in the consumer's folder and waits until it says where it listens. */
export function startBank(file: string, args: readonly string[], folder: string, environment: NodeJS.ProcessEnv): Promise<Bank> {
  const child: ChildProcess = spawn(process.execPath, [file, ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (data: Buffer): void => {
      output += data.toString();
      const origin = /listening (http:\S+)/.exec(output)?.[1];
      if (origin !== undefined) resolve({ origin, stop });
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}\n${output}`)));
  });
}

export async function identify(bank: Bank, simulator: Simulator, person: Person): Promise<PublicOutcome> {
  let cookie = '';
  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const headers: Record<string, string> = { origin: bank.origin, 'sec-fetch-site': 'same-origin' };
    if (cookie !== '') headers['cookie'] = cookie;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${bank.origin}/jpki${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const begun = (await (await call('POST', '/transactions', { v: 1, operation: 'login', start: 'app-link' })).json()) as StartDescriptor;
  if (begun.start.kind !== 'app-link') throw new Error(`started by ${begun.start.kind}`);
  const session = await simulator.app.open(begun.start.href);
  const { returnUrl } = await session.answer({ person, carrier: 'smartphone', unlock: 'biometrics' });
  await fetch(returnUrl, { headers: { cookie }, redirect: 'manual' });
  return (await (await call('POST', `/transactions/${begun.transactionId}/complete`, { v: 1 })).json()) as PublicOutcome;
}
