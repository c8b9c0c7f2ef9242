/** Starts the keeper, kills it, starts it again. */
import { type ChildProcess, fork } from 'node:child_process';
import type { FromKeeper, KeeperOrders, Sample } from './wire.ts';

export interface KeeperProcessOptions {
  readonly script: string;
  readonly orders: KeeperOrders;
  readonly onEvent: (what: string) => void;
  readonly onSample: (sample: Sample) => void;
  /** It ended, and nobody had killed it. */
  readonly onCrash: () => void;
}

export class KeeperProcess {
  readonly #options: KeeperProcessOptions;
  #child: ChildProcess | null = null;

  constructor(options: KeeperProcessOptions) {
    this.#options = options;
  }

  start(): void {
    const { script, orders, onEvent, onSample, onCrash } = this.#options;
    const child = fork(script, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    child.on('message', (message: FromKeeper) => {
      if (message.type === 'event') onEvent(message.what);
      else onSample(message.sample);
    });
    child.on('error', () => undefined);
    child.once('exit', () => {
      if (this.#child !== child) return;
      onCrash();
      this.start();
    });
    child.send(orders);
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}
