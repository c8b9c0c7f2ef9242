/** Tables and functions of the ledger and its outbox: part of the first migration. */
export const LINKS = `
-- Links: a person is a stream of events.
create table jpki_person (
  person text collate "C" primary key,
  account text collate "C" not null unique,
  salt text not null,
  key_id text not null,
  head_mac text not null,
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
  -- Sealed.
  name text,
  primary key (ref, person),
  constraint jpki_claim_slot unique (ref, slot)
);
create index jpki_claim_person on jpki_claim (person);

-- A ceremony is redeemed once, whoever is erased afterwards.
create table jpki_ceremony (name text collate "C" primary key);

create table jpki_tombstone (person text collate "C" primary key, tombstone json not null);

-- Complete sweeps: the newest of each class.
create table jpki_sweep (class text collate "C" primary key, mark json not null);

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

create function jpki_webhook_body(n json) returns text language sql immutable as $function$
  select json_build_object('v', 1, 'id', n->'id', 'type', n->'type', 'at', n->'at',
    'data', json_build_object('account', n->'account', 'link', n->'link', 'reason', n->'reason'))::text
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
    insert into jpki_person (person, account, salt, key_id, head_mac, events)
      values (who, change->>'account', change->>'salt', change->>'keyId', change->>'headMac', 0);
  end if;
  if change->'rechained' is not null and json_typeof(change->'rechained') <> 'null' then
    delete from jpki_person_event e where e.person = who;
    insert into jpki_person_event (person, sequence, event, mac)
      select who, (e->>'sequence')::integer, e->'event', e->>'mac' from json_array_elements(change->'rechained') as e;
  end if;
  insert into jpki_person_event (person, sequence, event, mac)
    select who, (e->>'sequence')::integer, e->'event', e->>'mac' from json_array_elements(change->'events') as e;
  update jpki_person p
    set salt = change->>'salt', key_id = change->>'keyId', head_mac = change->>'headMac',
        events = expected + json_array_length(change->'events')
    where p.person = who;

  delete from jpki_claim c
    where c.person = who and c.ref not in (select x->>'ref' from json_array_elements(change->'claims') as x);
  for claim in select c from json_array_elements(change->'claims') as c loop
    update jpki_claim c set name = claim->>'name'
      where c.ref = claim->>'ref' and c.person = who and c.name is distinct from claim->>'name';
    if exists (select from jpki_claim c where c.ref = claim->>'ref' and c.person = who) then continue; end if;
    select min(s) into free
      from generate_series(0, (select count(*)::integer from jpki_claim c where c.ref = claim->>'ref')) as s
      where not exists (select from jpki_claim c where c.ref = claim->>'ref' and c.slot = s);
    insert into jpki_claim (ref, person, slot, name) values (claim->>'ref', who, free, claim->>'name');
  end loop;

  insert into jpki_ceremony (name) select distinct name from json_array_elements_text(change->'ceremonies') as name;
  insert into jpki_notice (id, person, notice)
    select n->>'id', who, n from json_array_elements(change->'notices') with ordinality as x(n, i) order by i;
  if outbox then
    insert into jpki_outbox (id, person, type, body, due_at)
      select n->>'id', who, n->>'type', jpki_webhook_body(n), due
      from json_array_elements(change->'notices') with ordinality as x(n, i) order by i;
  end if;
  return 'committed';
end
$function$;

-- Many persons at once. Columns come as arrays, each of one length: what is appended, what is released, what is told.
create function jpki_link_settle(change jsonb, outbox boolean, due bigint) returns json language plpgsql as $function$
declare
  kept text[];
begin
  if current_setting('transaction_isolation') not in ('read committed', 'serializable') then
    raise exception 'links are committed under read committed or serializable only';
  end if;
  -- Always in the same order, so that no two callers wait for each other. A commit on one of them holds this lock, too.
  perform from jpki_person p where p.person in (select jsonb_array_elements_text(change->'persons')) order by p.person for update;
  with given as (
    select * from rows from (
      jsonb_array_elements_text(change->'persons'), jsonb_array_elements_text(change->'heads'), jsonb_array_elements_text(change->'expected'),
      jsonb_array_elements_text(change->'counts')
    ) as x(person, head_mac, expected, count)
  ), updated as (
    update jpki_person p set head_mac = given.head_mac, events = p.events + given.count::integer
      from given where p.person = given.person and p.events = given.expected::integer returning p.person
  ) select array(select person from updated) into kept;

  insert into jpki_person_event (person, sequence, event, mac)
    select x.person, x.sequence::integer, x.event::json, x.mac from rows from (
      jsonb_array_elements_text(change->'eventPersons'), jsonb_array_elements_text(change->'sequences'),
      jsonb_array_elements_text(change->'events'), jsonb_array_elements_text(change->'macs')
    ) as x(person, sequence, event, mac) where x.person = any(kept);
  delete from jpki_claim c using rows from (
      jsonb_array_elements_text(change->'releasePersons'), jsonb_array_elements_text(change->'released')
    ) as x(person, ref) where c.ref = x.ref and c.person = x.person and x.person = any(kept);
  insert into jpki_notice (id, person, notice)
    select x.id, x.person, x.notice::json from rows from (
      jsonb_array_elements_text(change->'noticeIds'), jsonb_array_elements_text(change->'noticePersons'), jsonb_array_elements_text(change->'notices')
    ) with ordinality as x(id, person, notice, i) where x.person = any(kept) order by x.i;
  if outbox then
    insert into jpki_outbox (id, person, type, body, due_at)
      select n->>'id', x.person, n->>'type', jpki_webhook_body(n), due
        from rows from (jsonb_array_elements_text(change->'noticePersons'), jsonb_array_elements_text(change->'notices'))
          with ordinality as x(person, notice, i), lateral (select x.notice::json as n) as y
        where x.person = any(kept) order by x.i;
  end if;
  return to_json(kept);
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
  select p.person, p.account, p.salt, p.key_id, p.head_mac,
    coalesce(
      (select json_agg(json_build_object('sequence', e.sequence, 'event', e.event, 'mac', e.mac) order by e.sequence)
        from jpki_person_event e where e.person = p.person),
      '[]'::json
    )::text as events,
    coalesce((select json_agg(c.ref) from jpki_claim c where c.person = p.person), '[]'::json)::text as claims
  from jpki_person p;
`;
