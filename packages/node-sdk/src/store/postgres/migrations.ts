import { LINKS } from './links-tables.ts';

/**
 * The tables, oldest first. A migration that was released is never changed: what is wrong is put right by the next one.
 *
 * In the open stand keyed MACs, hashes, states, times and the relying party's own account ids. Certificates, names, signatures and documents
 * are sealed before they come here, or never come.
 */
export const MIGRATIONS: readonly string[] = Object.freeze([
  `
${LINKS}
-- Transactions: hashes and states in the open, the rest sealed.
create table jpki_transaction (
  id text collate "C" primary key,
  ticket text collate "C" not null unique,
  answer_hash text collate "C" unique,
  return_hash text collate "C" unique,
  state text not null check (state in ('pending', 'opened', 'arrived', 'completing', 'done')),
  version integer not null,
  matches_left integer not null check (matches_left >= 0),
  returned boolean not null,
  expires_at bigint not null,
  bytes integer not null,
  fixed text not null,
  content text,
  answer text,
  outcome text
);
create index jpki_transaction_expiry on jpki_transaction (expires_at);

create table jpki_kept_ceremony (
  id text collate "C" primary key,
  expires_at bigint not null,
  bytes integer not null,
  sealed text not null
);
create index jpki_kept_ceremony_expiry on jpki_kept_ceremony (expires_at);

-- Whether so much more fits. Holds the lock until the caller's transaction ends; what has expired makes room, what lives never does.
create function jpki_room(cost bigint, entries integer, at bigint, grace bigint, max_entries bigint, max_bytes bigint)
  returns boolean language plpgsql as $function$
declare
  used record;
begin
  perform jpki_lock(array['room']);
  delete from jpki_transaction t where t.expires_at <= at - grace;
  delete from jpki_kept_ceremony k where k.expires_at <= at - grace;
  for pass in 1..2 loop
    select count(*) as n, coalesce(sum(b.bytes), 0) as size into used
      from (select t.bytes from jpki_transaction t union all select k.bytes from jpki_kept_ceremony k) as b;
    if used.n + entries <= max_entries and used.size + cost <= max_bytes then return true; end if;
    exit when pass = 2;
    delete from jpki_transaction t where t.expires_at <= at;
    delete from jpki_kept_ceremony k where k.expires_at <= at;
  end loop;
  return false;
end
$function$;
`,
]);
