/** How `links` reaches a ledger: its database and its identifier key. Nothing of either is ever printed. */
import { JpkiError } from '@jpki-rp/verifier';
import { createLinkLedger, hmacIdentifier, type Identifier, type LinkLedger } from '@jpki-rp/verifier/links';
import { z } from 'zod';
import { connect } from '../store/postgres/connect.ts';
import { postgresLinkStore, postgresSweepLog } from '../store/postgres/index.ts';
import { fault, octetsOf } from './files.ts';
import { CliFault, EXIT, type Terminal } from './terminal.ts';

export interface LedgerArguments {
  /** A connection string, or the file that holds it: what stands on a command line is seen by everybody on the machine. */
  readonly database?: string;
  readonly databaseFile?: string;
  readonly identifierKey: string;
  /** Whether what is written is also to go to the outbox. */
  readonly outbox?: 'keep' | 'none';
}

const KEY = z.strictObject({ keyId: z.string(), key: z.base64() });
const KEYS = z.strictObject({ ...KEY.shape, previous: z.array(KEY).optional() });

const identifierOf = async (path: string): Promise<Identifier> => {
  const octets = await octetsOf(path);
  try {
    const { keyId, key, previous = [] } = KEYS.parse(JSON.parse(Buffer.from(octets).toString('utf8')));
    const secret = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
    return hmacIdentifier({
      keyId,
      key: secret(key),
      previous: previous.map((older) => ({ keyId: older.keyId, key: secret(older.key) })),
    });
  } catch (error) {
    // What is wrong may be said only where it quotes nothing of the file.
    const where = error instanceof JpkiError ? `: ${error.message}` : '';
    throw fault(
      `識別子の鍵として読めません: ${path}${where}`,
      `no identifier key ({ "keyId", "key": base64, "previous": […] }): ${path}${where}`,
    );
  }
};

const connectionOf = async ({ database, databaseFile }: LedgerArguments): Promise<string> => {
  if ((database === undefined) === (databaseFile === undefined)) {
    throw new CliFault(EXIT.usage, {
      ja: '--database か --database-file のどちらか一方を指定してください',
      en: 'either --database or --database-file is needed',
    });
  }
  const text = database ?? Buffer.from(await octetsOf(databaseFile ?? '')).toString('utf8');
  const connection = text.trim();
  if (!/^postgres(ql)?:\/\/\S+$/.test(connection) || !URL.canParse(connection)) {
    throw fault('接続文字列は postgres:// で始まるURLです', 'a connection string is a URL that begins with postgres://');
  }
  return connection;
};

/** SQLSTATE, or the system's code: never a message, which may quote a connection string or a row. */
const codeOf = (error: unknown): string | null => {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{3,32}$/.test(code) ? code : null;
};

const unknownTable = ['42P01', '42883'];

const databaseFault = (error: unknown): CliFault => {
  const code = codeOf(error);
  if (code !== null && unknownTable.includes(code))
    return fault(
      'データベースに台帳の表がありません（migrateを実行してください）',
      'the database has no tables of a ledger: run migrate first',
    );
  const suffix = code === null ? '' : `: ${code}`;
  return new CliFault(EXIT.unknown, { ja: `データベースが応答しません${suffix}`, en: `the database does not answer${suffix}` });
};

/**
 * Gives a ledger to `use` and closes its connections afterwards. The command line tells nobody: notices stay in the database for the service that
 * runs the ledger.
 */
export const withLedger = async <T>(args: LedgerArguments, terminal: Terminal, use: (ledger: LinkLedger) => Promise<T>): Promise<T> => {
  const identifier = await identifierOf(args.identifierKey);
  const pool = await connect(await connectionOf(args));
  if (pool === null) throw fault('このコマンドには pg パッケージが必要です', 'this command needs the package pg beside this one');
  const ledger = createLinkLedger({
    store: postgresLinkStore({ pool, outbox: args.outbox ?? 'none', clock: terminal.now }),
    sweeps: postgresSweepLog({ pool }),
    identifier,
    clock: terminal.now,
    notify: () => Promise.reject(new Error('told by the service')),
  });
  try {
    return await use(ledger);
  } catch (error) {
    if (error instanceof CliFault || error instanceof JpkiError || (error instanceof Error && error.name === 'CrlIndexError')) throw error;
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw databaseFault(error);
  } finally {
    await pool.end().catch(() => undefined);
  }
};
