/** Who of several nodes publishes: the one that holds a session-level advisory lock of PostgreSQL, on a connection of its own. */
import { createHash } from 'node:crypto';
import { JpkiError } from '@jpki-rp/verifier';
import type { SqlConnection, SqlResult } from '../store/postgres/client.ts';
import type { KeeperPorts, Leadership, LeadershipTerm } from './keeper.types.ts';
import { rest } from './ports.ts';

export interface LeaderConnection extends SqlConnection {
  on(event: 'error' | 'end', listener: () => void): unknown;
}

/** A `Pool` of `pg` is one. Behind a pooler of transactions (PgBouncer) no session is one’s own: connect past it. */
export interface LeaderPool {
  connect(): Promise<LeaderConnection>;
}

export interface PostgresLeadershipOptions {
  readonly pool: LeaderPool;
  /** Keepers of one directory have the same name. Default `crl-keeper`. */
  readonly name?: string;
  /** How often others try, and how often the holder asks whether its session lives. Default 5 000. */
  readonly retryMs?: number;
  /** An answer that takes longer means that the session is lost. Default 5 000. */
  readonly timeoutMs?: number;
}

const DEFAULTS = { name: 'crl-keeper', retryMs: 5_000, timeoutMs: 5_000 } as const;

/** First key of the lock: 'jpki'. */
const FAMILY = 0x6a706b69;

const LOCK = 'select pg_try_advisory_lock($1::int, $2::int) as held';
/** Of this very session, granted, in this database. Two-key locks have objsubid 2. */
const HELD = `select exists (
  select from pg_locks
  where locktype = 'advisory' and pid = pg_backend_pid() and granted
    and database = (select oid from pg_database where datname = current_database())
    and classid = $1::oid and objid = $2::oid and objsubid = 2
) as held`;
/** The server notices within half a minute that this machine has died without a word. */
const KEEPALIVE = `select set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
  set_config('tcp_keepalives_count', '3', false), set_config('idle_session_timeout', '0', false)`;

/** The lock ends with the session: with the process, with the connection, or when the server cuts it. The directory is shared by the nodes. */
export const postgresLeadership = (options: PostgresLeadershipOptions): Leadership => {
  const { pool, name, retryMs, timeoutMs } = { ...DEFAULTS, ...options };
  if (!(retryMs > 0) || !(timeoutMs > 0)) throw new JpkiError('argument-invalid', 'retryMs and timeoutMs must be positive');
  const keys = [FAMILY, createHash('sha256').update(name).digest().readUInt32BE(0) >>> 1];
  return Object.freeze({
    retryMs,
    acquire: async (ports: KeeperPorts): Promise<LeadershipTerm | null> => {
      const session = new Session(await pool.connect(), timeoutMs, ports);
      try {
        await session.ask(KEEPALIVE);
        if (await session.ask(LOCK, keys)) return hold(session, keys, retryMs, ports);
      } catch (error) {
        session.end();
        throw error;
      }
      session.giveBack();
      return null;
    },
  });
};

const hold = (session: Session, keys: readonly number[], retryMs: number, ports: KeeperPorts): LeadershipTerm => {
  const released = new AbortController();
  const confirm = async (): Promise<boolean> => {
    const held = !session.lost.aborted && (await session.ask(HELD, keys).catch(() => false));
    if (!held) session.end();
    return held && !session.lost.aborted;
  };
  const watching = async (): Promise<void> => {
    for (;;) {
      await rest(ports, retryMs, released.signal);
      if (released.signal.aborted || !(await confirm())) return;
    }
  };
  const ended = watching().catch(() => session.end());
  return {
    lost: session.lost,
    confirm,
    release: async () => {
      released.abort();
      await ended;
      session.end();
    },
  };
};

/** One connection, asked one thing at a time; whatever goes wrong with it is its end. */
class Session {
  readonly #connection: LeaderConnection;
  readonly #lost = new AbortController();
  readonly #timeoutMs: number;
  readonly #ports: KeeperPorts;
  #last: Promise<unknown> = Promise.resolve();
  #owned = true;

  constructor(connection: LeaderConnection, timeoutMs: number, ports: KeeperPorts) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#ports = ports;
    connection.on('error', () => this.end());
    connection.on('end', () => this.end());
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The column `held`. Rejects where no answer comes in time. */
  async ask(text: string, values: readonly number[] = []): Promise<boolean> {
    const asked = this.#last.then(() => this.#connection.query(text, [...values]));
    this.#last = asked.catch(() => undefined);
    const { rows } = await this.#inTime(asked);
    return rows[0]?.['held'] === true;
  }

  /** Unharmed, to the pool. */
  giveBack(): void {
    if (this.#owned) this.#connection.release();
    this.#owned = false;
  }

  /** Closes it, and with it the lock. */
  end(): void {
    this.#lost.abort();
    if (this.#owned) this.#connection.release(true);
    this.#owned = false;
  }

  async #inTime(answer: Promise<SqlResult>): Promise<SqlResult> {
    const answered = new AbortController();
    const late = rest(this.#ports, this.#timeoutMs, answered.signal).then(() => {
      if (!answered.signal.aborted) throw new JpkiError('keeper-lost');
      return { rows: [] };
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } finally {
      answered.abort();
    }
  }
}
