import type { LinkNotice, LinkStore, NamedClaims, Settlement, StoredEvent, StoredPerson, Tombstone } from '@jpki-rp/verifier/links';
import { inSnapshot, retried, type SqlClient, type SqlPool, type SqlResult } from './client.ts';

export interface PostgresLinkStoreOptions {
  /** A `Pool` of `pg`, or `pgliteClient(db)`. `migrate` must have run on it. */
  readonly pool: SqlPool;
  /**
   * `keep`: every notice is also written to the outbox, in the same transaction, for `deliverOutbox` to bring to other systems. Only with
   * something that delivers, as the outbox else grows for ever. Default `none`.
   */
  readonly outbox?: 'keep' | 'none';
  readonly clock?: () => Date;
}

/**
 * A `LinkStore` in PostgreSQL. Each method is one statement or one transaction, so that it works through any connection pooler that keeps transactions
 * together; a commit takes transaction locks on person, account, ceremony and every certificate it names before it looks, and is tried again where the
 * database preferred someone else.
 */
export function postgresLinkStore({ pool, outbox = 'none', clock = () => new Date() }: PostgresLinkStoreOptions): LinkStore {
  const one = async (text: string, values: unknown[]): Promise<string> =>
    String((await retried(() => pool.query(text, values))).rows[0]?.['result']);

  return {
    async load(by) {
      const found =
        'person' in by
          ? await pool.query('select * from jpki_person_stream where person = $1', [by.person])
          : await pool.query('select * from jpki_person_stream where account = $1', [by.account]);
      return persons(found)[0] ?? null;
    },
    async holders(refs) {
      if (refs.length === 0) return [];
      // A list as JSON: drivers differ in how they write arrays.
      return persons(
        await pool.query(
          `select * from jpki_person_stream where person in (
            select person from jpki_claim where ref = any(array(select json_array_elements_text($1::json))))`,
          [JSON.stringify(refs)],
        ),
      );
    },
    async scan(after, limit) {
      return persons(await pool.query('select * from jpki_person_stream where person > $1 order by person limit $2', [after ?? '', limit]));
    },
    async commit(change) {
      const result = await one('select jpki_link_commit($1::json, $2::boolean, $3::bigint) as result', [
        JSON.stringify(change),
        outbox === 'keep',
        clock().getTime(),
      ]);
      if (result === 'committed' || result === 'conflict' || result === 'claimed' || result === 'ceremony-used') return result;
      throw new Error('the database gave no result that a commit can have');
    },
    async settle(settlements) {
      if (settlements.length === 0) return new Set();
      const result = await one('select jpki_link_settle($1::jsonb, $2::boolean, $3::bigint)::text as result', [
        JSON.stringify(columnsOf(settlements)),
        outbox === 'keep',
        clock().getTime(),
      ]);
      return new Set(JSON.parse(result) as readonly string[]);
    },
    async fingerprints(atMost) {
      const { rows } = await pool.query(`select pg_relation_size('jpki_claim')::text as octets`);
      if (Number(rows[0]?.['octets']) > atMost * OCTETS_PER_CLAIM) return null;
      return await inSnapshot(pool, readFingerprints);
    },
    async names(after, limit) {
      const { rows } = await pool.query(
        `select p.person, c.ref, c.name from (select person from jpki_person where person > $1 order by person limit $2) as p
          left join jpki_claim c using (person) order by p.person`,
        [after ?? '', limit],
      );
      return {
        last: (rows.at(-1)?.['person'] as string | undefined) ?? null,
        claims: rows.filter(({ ref }) => ref !== null) as unknown as NamedClaims['claims'],
      };
    },
    async erase(tombstone) {
      const result = await one('select jpki_link_erase($1::json) as result', [JSON.stringify(tombstone)]);
      if (result === 'erased' || result === 'conflict') return result;
      throw new Error('the database gave no result that an erasure can have');
    },
    async tombstone(person) {
      const { rows } = await pool.query('select tombstone::text as result from jpki_tombstone where person = $1', [person]);
      return rows[0] === undefined ? null : (JSON.parse(String(rows[0]['result'])) as Tombstone);
    },
    async pendingNotices(limit) {
      const { rows } = await pool.query('select notice::text as result from jpki_notice order by position limit $1', [limit]);
      return rows.map((row) => JSON.parse(String(row['result'])) as LinkNotice);
    },
    async delivered(ids) {
      if (ids.length === 0) return;
      await pool.query('delete from jpki_notice where id = any(array(select json_array_elements_text($1::json)))', [JSON.stringify(ids)]);
    },
  };
}

/** Of the table, about: what a reader has to go through, whatever else is in it. */
const OCTETS_PER_CLAIM = 200;
/** 64 MiB of the table per statement: no answer grows with it. */
const BLOCKS = 8_192;

/**
 * The table range by range, in one snapshot: between two statements of their own a claim could move from where nobody has read to where everybody has. Rows keep
 * their place meanwhile, as the first statement's lock keeps everybody from writing the table anew.
 */
const readFingerprints = async (client: SqlClient): Promise<readonly Uint8Array[]> => {
  const pieces: Uint8Array[] = [];
  for (let from = 0, last = 0; from <= last; from += BLOCKS) {
    // Eight characters of base64url are six octets: cut out here, decoded there.
    const { rows } = await client.query(
      `select coalesce(string_agg(substr(ref, strpos(ref, '.') + 1, 8), ''), '') as text, count(*)::integer as count,
          (pg_relation_size('jpki_claim') / current_setting('block_size')::bigint)::integer as last
        from jpki_claim where ctid >= $1::tid and ctid < $2::tid and length(ref) - strpos(ref, '.') = 43`,
      [`(${from},0)`, `(${from + BLOCKS},0)`],
    );
    const found = rows[0] ?? {};
    const bytes = Buffer.from(String(found['text']), 'base64url');
    // One that is none would shift all the others: what is missed here is revoked without effect.
    if (bytes.length !== Number(found['count']) * 6) throw new Error('the database has claims that are no identifiers');
    pieces.push(bytes);
    last = Number(found['last']);
  }
  return pieces;
};

/** Settlements as columns: parsed once, whatever their number. */
const columnsOf = (settlements: readonly Settlement[]) => {
  const of = <T>(rows: (settlement: Settlement) => readonly T[]): readonly T[] => settlements.flatMap(rows);
  return {
    persons: of(({ person }) => [person]),
    heads: of(({ headMac }) => [headMac]),
    expected: of(({ expectedSequence }) => [expectedSequence]),
    counts: of(({ events }) => [events.length]),
    eventPersons: of(({ person, events }) => events.map(() => person)),
    sequences: of(({ events }) => events.map(({ sequence }) => sequence)),
    events: of(({ events }) => events.map(({ event }) => JSON.stringify(event))),
    macs: of(({ events }) => events.map(({ mac }) => mac)),
    releasePersons: of(({ person, released }) => released.map(() => person)),
    released: of(({ released }) => released),
    noticePersons: of(({ person, notices }) => notices.map(() => person)),
    noticeIds: of(({ notices }) => notices.map(({ id }) => id)),
    notices: of(({ notices }) => notices.map((notice) => JSON.stringify(notice))),
  };
};

/** What the ledger reads back is judged by its chain, not by its shape here. */
const persons = ({ rows }: SqlResult): readonly StoredPerson[] =>
  rows.map((row) => ({
    person: String(row['person']),
    account: String(row['account']),
    salt: String(row['salt']),
    keyId: String(row['key_id']),
    headMac: String(row['head_mac']),
    events: JSON.parse(String(row['events'])) as readonly StoredEvent[],
    claims: JSON.parse(String(row['claims'])) as readonly string[],
  }));
