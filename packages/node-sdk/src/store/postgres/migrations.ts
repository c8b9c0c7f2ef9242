/**
 * The tables, oldest first. A migration that was released is never changed: what is wrong is put right by the next one.
 *
 * In the open stand keyed MACs, hashes, states, times and the relying party's own account ids. Certificates, names, signatures and documents
 * are sealed before they come here, or never come.
 */
export const MIGRATIONS: readonly string[] = Object.freeze([
  `
-- Links: a person is a stream of events.
create table jpki_person (
  person text collate "C" primary key,
  account text collate "C" not null unique,
  salt text not null,
  key_id text not null,
  events integer not null check (events >= 0)
);

create table jpki_person_event (
  person text collate "C" not null references jpki_person on delete cascade,
  sequence integer not null check (sequence > 0),
  event json not null,
  mac text not null,
  primary key (person, sequence)
);

-- Who claims which certificate. A certificate has as many slots as accounts may hold it: uniqueness per slot is the guard behind the lock.
create table jpki_claim (
  ref text collate "C" not null,
  person text collate "C" not null references jpki_person on delete cascade,
  slot integer not null check (slot >= 0),
  primary key (ref, person),
  constraint jpki_claim_slot unique (ref, slot)
);
create index jpki_claim_person on jpki_claim (person);

-- A ceremony is redeemed once, whoever is erased afterwards.
create table jpki_ceremony (name text collate "C" primary key);

create table jpki_tombstone (person text collate "C" primary key, tombstone json not null);

create table jpki_notice (
  position bigint generated always as identity primary key,
  id text collate "C" not null unique,
  person text collate "C" not null references jpki_person on delete cascade,
  notice json not null
);
create index jpki_notice_person on jpki_notice (person);

-- Outbox: written in the same transaction as what it tells of.
create table jpki_outbox (
  position bigint generated always as identity primary key,
  id text collate "C" not null unique,
  person text collate "C" references jpki_person on delete cascade,
  type text not null,
  body text not null,
  attempts integer not null default 0,
  due_at bigint not null,
  given_up boolean not null default false
);
create index jpki_outbox_due on jpki_outbox (due_at, position) where not given_up;
create index jpki_outbox_person on jpki_outbox (person, position) where not given_up;

-- Locks taken one after the other, in the order of the array: sorted by the caller, so that no two callers wait for each other.
create function jpki_lock(names text[]) returns void language plpgsql as $function$
declare
  key bigint;
begin
  for key in select distinct hashtextextended(name, 5126) as k from unnest(names) as name order by k loop
    perform pg_advisory_xact_lock(key);
  end loop;
end
$function$;

create function jpki_link_commit(change json, outbox boolean, due bigint) returns text language plpgsql as $function$
declare
  who text := change->>'person';
  expected integer := (change->>'expectedSequence')::integer;
  allowed integer := (change->>'accountsPerCertificate')::integer;
  present integer;
  held text[];
  claim json;
  names text[];
  free integer;
begin
  -- A snapshot from before the locks would not see what they were waiting for.
  if current_setting('transaction_isolation') not in ('read committed', 'serializable') then
    raise exception 'links are committed under read committed or serializable only';
  end if;
  -- Everything this commit could collide with another one over. Each statement below sees what was committed before the locks were given.
  perform jpki_lock(array(
    select 'person ' || who
    union select 'account ' || (change->>'account')
    union select 'ceremony ' || name from json_array_elements_text(change->'ceremonies') as name
    union select 'certificate ' || (c->>'ref') from json_array_elements(change->'claims') as c
    union select 'certificate ' || alias from json_array_elements(change->'claims') as c, json_array_elements_text(c->'aliases') as alias
  ));

  select p.events into present from jpki_person p where p.person = who for update;
  if coalesce(present, 0) <> expected then return 'conflict'; end if;
  if present is null and exists (select from jpki_tombstone t where t.person = who) then return 'conflict'; end if;
  if expected = 0 and (present is not null or exists (select from jpki_person p where p.account = change->>'account')) then
    return 'conflict';
  end if;
  if exists (select from jpki_ceremony c where c.name in (select json_array_elements_text(change->'ceremonies'))) then
    return 'ceremony-used';
  end if;

  held := array(select c.ref from jpki_claim c where c.person = who);
  for claim in select c from json_array_elements(change->'claims') as c loop
    names := array(select claim->>'ref' union select json_array_elements_text(claim->'aliases'));
    if not names && held
      and (select count(distinct c.person) from jpki_claim c where c.ref = any(names) and c.person <> who) >= allowed then
      return 'claimed';
    end if;
  end loop;

  if present is null then
    insert into jpki_person (person, account, salt, key_id, events)
      values (who, change->>'account', change->>'salt', change->>'keyId', 0);
  end if;
  if change->'rechained' is not null and json_typeof(change->'rechained') <> 'null' then
    delete from jpki_person_event e where e.person = who;
    insert into jpki_person_event (person, sequence, event, mac)
      select who, (e->>'sequence')::integer, e->'event', e->>'mac' from json_array_elements(change->'rechained') as e;
  end if;
  insert into jpki_person_event (person, sequence, event, mac)
    select who, (e->>'sequence')::integer, e->'event', e->>'mac' from json_array_elements(change->'events') as e;
  update jpki_person p
    set salt = change->>'salt', key_id = change->>'keyId',
        events = expected + json_array_length(change->'events')
    where p.person = who;

  delete from jpki_claim c
    where c.person = who and c.ref not in (select x->>'ref' from json_array_elements(change->'claims') as x);
  for claim in select c from json_array_elements(change->'claims') as c loop
    if exists (select from jpki_claim c where c.ref = claim->>'ref' and c.person = who) then continue; end if;
    select min(s) into free
      from generate_series(0, (select count(*)::integer from jpki_claim c where c.ref = claim->>'ref')) as s
      where not exists (select from jpki_claim c where c.ref = claim->>'ref' and c.slot = s);
    insert into jpki_claim (ref, person, slot) values (claim->>'ref', who, free);
  end loop;

  insert into jpki_ceremony (name) select distinct name from json_array_elements_text(change->'ceremonies') as name;
  insert into jpki_notice (id, person, notice)
    select n->>'id', who, n from json_array_elements(change->'notices') with ordinality as x(n, i) order by i;
  if outbox then
    insert into jpki_outbox (id, person, type, body, due_at)
      select n->>'id', who, n->>'type',
        json_build_object('v', 1, 'id', n->'id', 'type', n->'type', 'at', n->'at',
          'data', json_build_object('account', n->'account', 'link', n->'link', 'reason', n->'reason'))::text,
        due
      from json_array_elements(change->'notices') with ordinality as x(n, i) order by i;
  end if;
  return 'committed';
end
$function$;

create function jpki_link_erase(stone json) returns text language plpgsql as $function$
declare
  who text := stone->>'person';
begin
  perform jpki_lock(array['person ' || who]);
  -- What hangs on the person goes with it: events, claims, notices, and what waits in the outbox.
  delete from jpki_person p where p.person = who and p.events = (stone->>'events')::integer;
  if not found then return 'conflict'; end if;
  insert into jpki_tombstone (person, tombstone) values (who, stone);
  return 'erased';
end
$function$;

create view jpki_person_stream as
  select p.person, p.account, p.salt, p.key_id,
    coalesce(
      (select json_agg(json_build_object('sequence', e.sequence, 'event', e.event, 'mac', e.mac) order by e.sequence)
        from jpki_person_event e where e.person = p.person),
      '[]'::json
    )::text as events
  from jpki_person p;

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
  `
-- Complete sweeps: the newest of each class.
create table jpki_sweep (class text collate "C" primary key, mark json not null);
`,
]);
