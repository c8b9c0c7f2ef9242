/** A file being made: invisible under its final name until everything is on the disk. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

export class FileWriter {
  readonly path: string;
  /** Other threads write through it as well. */
  readonly fd: number;
  #open = true;

  /** Owner only: serial numbers are in it. */
  constructor(path: string) {
    this.path = path;
    this.fd = openSync(path, 'wx+', 0o600);
  }

  writeAt(position: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done, bytes.length - done, position + done);
  }

  readAt(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.fd, bytes, done, length - done, position + done);
      if (read === 0) throw new RangeError('read beyond what was written');
      done += read;
    }
    return bytes;
  }

  truncate(length: number): void {
    ftruncateSync(this.fd, length);
  }

  /** Everything is on the disk when this returns; then the file takes its name, at once and for good. */
  publish(target: string): void {
    fsyncSync(this.fd);
    this.close();
    renameSync(this.path, target);
    syncFolder(dirname(target));
  }

  close(): void {
    if (this.#open) closeSync(this.fd);
    this.#open = false;
  }

  /** Leaves nothing behind; harmless after `publish`. */
  discard(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}

/** A rename is durable once its folder is. */
const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

const MARK = '.unfinished-';

/** A name beside the target that no other run uses. */
export const unfinishedName = (target: string): string =>
  join(dirname(target), `.${basename(target)}${MARK}${hostname()}@${process.pid}-${randomBytes(6).toString('hex')}`);

/** Removes what runs of this machine that were killed left beside the target. */
export const sweepUnfinished = (target: string): void => {
  const prefix = `.${basename(target)}${MARK}${hostname()}@`;
  for (const name of readdirSync(dirname(target))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (Number.isSafeInteger(pid) && pid > 0 && !isRunning(pid)) rmSync(join(dirname(target), name), { force: true });
  }
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};
