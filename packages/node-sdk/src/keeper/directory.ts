/** What lies where below a keeper's directory. Owner only: serial numbers are in it. */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const ROOMS = ['indexes', 'archive', 'state', 'lock'] as const;

export class KeeperDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  index(id: string): string {
    return join(this.path, 'indexes', `${id}.idx`);
  }

  archive(id: string): string {
    return join(this.path, 'archive', id);
  }

  state(id: string): string {
    return join(this.path, 'state', `${id}.json`);
  }

  get lock(): string {
    return join(this.path, 'lock');
  }

  prepare(): void {
    for (const room of ROOMS) mkdirSync(join(this.path, room), { recursive: true, mode: 0o700 });
  }

  /**
   * Removes what others have left unfinished. Only for whoever has just been given the right to publish: a predecessor that still works, not knowing that
   * it is none any more, can then not give its files their names.
   */
  sweep(): void {
    const archives = readdirSync(join(this.path, 'archive')).map((id) => join('archive', id));
    for (const room of ['indexes', 'state', ...archives]) {
      for (const name of readdirSync(join(this.path, room))) {
        if (name.startsWith('.')) rmSync(join(this.path, room, name), { force: true });
      }
    }
  }
}

/** Whole or not at all, also after a crash. One writer. */
export const writeWhole = (folder: string, name: string, text: string): void => {
  const unfinished = join(folder, `.${name}.unfinished`);
  const fd = openSync(unfinished, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, join(folder, name));
};

/** Null where there is none. */
export const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};
