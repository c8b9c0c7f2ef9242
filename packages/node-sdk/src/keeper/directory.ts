/** What lies where below a keeper's directory. Owner only: serial numbers are in it. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { JpkiError } from '@jpki-rp/verifier';

const ROOMS = ['indexes', 'archive', 'state', 'lock'] as const;
type Room = (typeof ROOMS)[number];

/** What `writeWhole` here, and the writing of indexes and archives, call what is not finished. */
const UNFINISHED = /^\.(.+\.)?unfinished(-.+)?$/;

/** Thrown where others could put their own indexes in the place of these: without a MAC key anybody can seal an index. */
export class KeeperDirectoryError extends JpkiError {
  override readonly name = 'KeeperDirectoryError';
  /** `owner`: neither this user nor root. `writable`: by the group or by everybody. `link`: a folder in it is a symbolic link. `no-folder`: it is something else. */
  readonly detail: 'owner' | 'writable' | 'link' | 'no-folder';

  constructor(detail: KeeperDirectoryError['detail'], place: string) {
    super('keeper-directory', `keeper-directory: ${detail} ${place}`);
    this.detail = detail;
  }
}

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
    this.assertOwn();
    for (const room of ROOMS) mkdirSync(join(this.path, room), { recursive: true, mode: 0o700 });
    // Somebody may have been quicker in a folder that everybody may write to.
    this.assertOwn();
  }

  /**
   * Whoever made the folder before this user did, or may write to it, decides what is revoked. What is not there is no danger yet.
   *
   * @throws KeeperDirectoryError
   */
  assertOwn(rooms: readonly Room[] = ROOMS): void {
    // A link to the folder can be set to another place by its owner only.
    if (lstatSync(this.path, { throwIfNoEntry: false })?.isSymbolicLink() === true) assertOwner(lstatSync(this.path), this.path);
    assertFolder(statSync(this.path, { throwIfNoEntry: false }), this.path);
    for (const room of rooms) assertFolder(lstatSync(join(this.path, room), { throwIfNoEntry: false }), room);
  }

  /**
   * Removes what others have left unfinished. Only for whoever has just been given the right to publish: a predecessor that still works, not knowing that
   * it is none any more, can then not give its files their names. Nothing else is touched, and what cannot be removed is told and left.
   */
  sweep(failed: (error: unknown) => void): void {
    const attempt = <T>(work: () => T, otherwise: T): T => {
      try {
        return work();
      } catch (error) {
        failed(error);
        return otherwise;
      }
    };
    const entriesOf = (room: string) => attempt(() => readdirSync(join(this.path, room), { withFileTypes: true }), []);
    const archives = entriesOf('archive').flatMap((entry) => (entry.isDirectory() ? join('archive', entry.name) : []));
    for (const room of ['indexes', 'state', ...archives]) {
      for (const entry of entriesOf(room)) {
        if (!UNFINISHED.test(entry.name) || entry.isDirectory()) continue;
        attempt(() => rmSync(join(this.path, room, entry.name), { force: true }), undefined);
      }
    }
  }
}

const assertFolder = (found: Stats | undefined, place: string): void => {
  if (found === undefined) return;
  if (found.isSymbolicLink()) throw new KeeperDirectoryError('link', place);
  if (!found.isDirectory()) throw new KeeperDirectoryError('no-folder', place);
  assertOwner(found, place);
  // Where there are no users by number, the bits say nothing either.
  if (process.getuid !== undefined && (found.mode & 0o022) !== 0) throw new KeeperDirectoryError('writable', place);
};

const assertOwner = ({ uid }: Stats, place: string): void => {
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && uid !== 0) throw new KeeperDirectoryError('owner', place);
};

/** Whole or not at all, also after a crash. One writer. No link that waits under the unfinished name is followed. */
export const writeWhole = (folder: string, name: string, text: string, mode = 0o600): void => {
  const unfinished = join(folder, `.${name}.unfinished`);
  rmSync(unfinished, { force: true });
  const fd = openSync(unfinished, 'wx', mode);
  try {
    writeFileSync(fd, text);
    // Whatever the umask of this process.
    fchmodSync(fd, mode);
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
