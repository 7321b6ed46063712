-- The log: what happened, in the order it was committed. Everything a reader
-- sees is made from the table events; commands is an index of it by request.

-- +goose Up

create table events (
    position      bigint           primary key,    -- from 1, without gaps; also the order of commit and the Merkle leaf + 1
    event_id      uuid             not null,       -- drawn from the command and the ordinal in it
    stream        text collate "C" not null,
    version       int              not null,       -- place in the stream, from 1
    type          text collate "C" not null,
    type_version  int              not null,
    tenant        text collate "C" not null,
    cycle         int              not null,       -- fiscal year; 0 for what belongs to none
    occurred_from timestamptz      not null,
    occurred_to   timestamptz      not null,
    recorded_at   timestamptz      not null,       -- the writer's clock: not monotone in position
    record        bytea            not null,       -- the exact bytes; the columns above repeat them for indexing
    leaf_hash     bytea            not null,
    texts         jsonb,                           -- {pointer: {"t": text, "s": salt}}, null once closed
    sealed        jsonb,                           -- {pointer: ciphertext in base64}, null once erased
    unique (stream, version)
);

-- A record is read whole and in order: keep it in the row's own page.
alter table events alter column record set storage main;

create table commands (
    id          uuid   primary key,
    fingerprint bytea  not null,
    first       bigint not null,
    last        bigint not null
);

-- Appenders queue on this row. It is locked and never updated, so that there is
-- no dead version of it to step over while an old snapshot is held open.
create table head (one boolean primary key default true check (one));
insert into head (one) values (true);

-- Commands that were refused, with every check that was made. They are not part
-- of history and use up no command id. No personal data: the actor is a pseudonym.
create table refusals (
    id         bigint           generated always as identity primary key,
    at         timestamptz      not null,
    command_id uuid             not null,
    command    text             not null,       -- what was asked: "proposal.accept"
    stream     text collate "C" not null,
    person     text             not null,
    role       text             not null,
    scope      text             not null,
    kind       text             not null,
    code       text             not null,       -- why: "workflow.window_closed"
    field      text             not null,
    checks     jsonb            not null
);
create index refusals_stream on refusals (stream, id);

-- +goose StatementBegin
-- append_one writes one event of one command and returns its position, or null
-- where something stands against it; append_batch then says what. Each statement
-- of a function sees what was committed before it began, so what is read after
-- the lock is what the last holder of the lock left. A plain statement would
-- judge versions by a snapshot older than the lock it waited for.
create function append_one(
    command uuid, print bytea, asserted_stream text[], asserted_version int[],
    id uuid, into_stream text, into_version int, of_type text, of_type_version int, of_tenant text, of_cycle int,
    occurs_from timestamptz, occurs_to timestamptz, at timestamptz, bytes bytea, leaf bytea, beside_texts text, beside_sealed text
) returns bigint language plpgsql as $$
declare p bigint; fits boolean;
begin
    perform from head for update;
    select (select coalesce(max(e.position), 0) + 1 from events e),
           not exists (select from commands c where c.id = command)
       and coalesce((select max(e.version) from events e where e.stream = into_stream), 0) = into_version - 1
      into p, fits;
    if fits and cardinality(asserted_stream) > 0 then
        fits := not exists (
            select from unnest(asserted_stream, asserted_version) a(stream, expected)
             where a.expected <> coalesce((select max(e.version) from events e where e.stream = a.stream), 0));
    end if;
    if not fits then return null; end if;
    insert into events (position, event_id, stream, version, type, type_version, tenant, cycle,
           occurred_from, occurred_to, recorded_at, record, leaf_hash, texts, sealed)
    values (p, append_one.id, into_stream, into_version, of_type, of_type_version, of_tenant, of_cycle,
           occurs_from, occurs_to, at, bytes, leaf, beside_texts::jsonb, beside_sealed::jsonb);
    insert into commands (id, fingerprint, first, last) values (command, print, p, p);
    perform pg_notify('runut_log', p::text);
    return p;
end $$;
-- +goose StatementEnd

-- What append_batch is handed of an event. One array of these costs the server
-- half of what an array a column would.
create type event_to_append as (
    place         int, -- in the batch, from 1
    member        int, -- the command of the batch it belongs to, from 1
    event_id      uuid,
    stream        text collate "C",
    version       int,
    type          text collate "C",
    type_version  int,
    tenant        text collate "C",
    cycle         int,
    occurred_from timestamptz,
    occurred_to   timestamptz,
    recorded_at   timestamptz,
    record        bytea,
    leaf_hash     bytea,
    texts         jsonb,
    sealed        jsonb
);

-- +goose StatementBegin
-- append_batch writes many commands, each all or none. Members are numbered from
-- 1 in the order of the arrays. A check with a parent expects what that earlier
-- member leaves behind; it fails only with the parent.
--
-- The first row it returns (member 0) carries the last position before the
-- batch. Every further row is a member that was not written: known already
-- (first and fingerprint set), in conflict (stream and version set), or chained
-- on one of those (nothing set), which the caller tries again.
create function append_batch(
    c_id uuid[], c_print bytea[], c_first int[], c_last int[], -- the places of a command's events
    s_member int[], s_parent int[], s_stream text[], s_expected int[],
    arriving event_to_append[]
) returns table (member int, first bigint, fingerprint bytea, stream text, version int)
language plpgsql as $$
#variable_conflict use_column
declare p bigint; n bigint; known int[]; bad int[]; more int[];
begin
    perform from head for update;
    select (select coalesce(max(position), 0) from events),
           array(select c.member::int from unnest(c_id) with ordinality c(id, member)
                  where exists (select from commands where commands.id = c.id)),
           array(select s.member from unnest(s_member, s_parent, s_stream, s_expected) s(member, parent, stream, expected)
                  where s.parent = 0
                    and s.expected <> coalesce((select max(e.version) from events e where e.stream = s.stream), 0))
      into p, known, bad;
    member := 0;
    first := p;
    return next;
    if known = '{}' and bad = '{}' then
        insert into events (position, event_id, stream, version, type, type_version, tenant, cycle,
               occurred_from, occurred_to, recorded_at, record, leaf_hash, texts, sealed)
        select p + a.place, a.event_id, a.stream, a.version, a.type, a.type_version, a.tenant, a.cycle,
               a.occurred_from, a.occurred_to, a.recorded_at, a.record, a.leaf_hash, a.texts, a.sealed
          from unnest(arriving) a;
        get diagnostics n = row_count;
        insert into commands (id, fingerprint, first, last)
        select c.id, c.print, p + c.first, p + c.last from unnest(c_id, c_print, c_first, c_last) c(id, print, first, last);
    else
        bad := array(select distinct b.member from unnest(bad || known) b(member));
        loop
            more := array(select distinct s.member from unnest(s_member, s_parent) s(member, parent)
                           where s.parent = any (bad) and s.member <> all (bad));
            exit when more = '{}';
            bad := bad || more;
        end loop;
        return query select k.member, c.first, c.fingerprint, null::text, null::int
          from unnest(known) k(member) join commands c on c.id = c_id[k.member];
        return query select b.member, null::bigint, null::bytea, s.stream, s.actual
          from unnest(bad) b(member)
          left join lateral (
               select u.stream, coalesce(m.version, 0) as actual
                 from unnest(s_member, s_parent, s_stream, s_expected) u(member, parent, stream, expected)
                 left join lateral (select max(e.version) as version from events e where e.stream = u.stream) m on true
                where u.member = b.member and u.parent = 0 and u.expected <> coalesce(m.version, 0)
                limit 1) s on true
         where b.member <> all (known);
        insert into events (position, event_id, stream, version, type, type_version, tenant, cycle,
               occurred_from, occurred_to, recorded_at, record, leaf_hash, texts, sealed)
        select p + row_number() over (order by a.place), a.event_id, a.stream, a.version, a.type, a.type_version, a.tenant, a.cycle,
               a.occurred_from, a.occurred_to, a.recorded_at, a.record, a.leaf_hash, a.texts, a.sealed
          from unnest(arriving) a
         where a.member <> all (bad);
        get diagnostics n = row_count;
        if n = 0 then return; end if;
        insert into commands (id, fingerprint, first, last)
        select c.id, c.print, p + c.upto - c.events + 1, p + c.upto
          from (select u.id, u.print, u.last - u.first + 1 as events, sum(u.last - u.first + 1) over (order by u.ord) as upto
                  from unnest(c_id, c_print, c_first, c_last) with ordinality u(id, print, first, last, ord)
                 where u.ord <> all (bad)) c;
    end if;
    perform pg_notify('runut_log', (p + n)::text);
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- closing_ordered reports whether the event at position cause says that a field
-- beside the event id of a stream is to be closed. An order names target and
-- field itself, or lists such pairs under "closes"; the erasure of a person also
-- covers whatever stands in that person's own stream. The spans sealed out of a
-- text ("/problem#0") go with the text.
create function closing_ordered(cause bigint, id uuid, of_stream text, field text) returns boolean
language sql stable as $$
    select exists (
        select from events c, lateral (select convert_from(c.record, 'UTF8')::jsonb -> 'payload' as payload) p
         where c.position = cause and c.type in ('proposal.text_redacted', 'person.erased')
           and (c.type = 'person.erased' and c.stream = of_stream
             or exists (select from jsonb_array_elements(
                               case jsonb_typeof(p.payload -> 'closes') when 'array' then p.payload -> 'closes' else '[]' end
                               || jsonb_build_array(p.payload)) o(o)
                         where o ->> 'target' = id::text and o ->> 'field' in (field, split_part(field, '#', 1)))))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- An event is never changed and never removed, by nobody. The one exception is a
-- closing that an event of the log ordered, and it nulls exactly the field named.
create function events_are_final() returns trigger language plpgsql as $$
declare
    cause bigint := nullif(current_setting('runut.closing_cause', true), '')::bigint;
    field text := current_setting('runut.closing_field', true);
    same  events%rowtype;
begin
    if tg_op = 'UPDATE' and tg_level = 'ROW' and cause is not null then
        same := new;
        same.texts := old.texts;
        same.sealed := old.sealed;
        if same is not distinct from old
           and new.texts is not distinct from (case when old.texts ? field then jsonb_set(old.texts, array[field], 'null') else old.texts end)
           and new.sealed is not distinct from (case when old.sealed ? field then jsonb_set(old.sealed, array[field], 'null') else old.sealed end)
           and closing_ordered(cause, old.event_id, old.stream, field)
        then
            return new;
        end if;
    end if;
    raise exception 'events are never changed or removed' using errcode = 'insufficient_privilege',
        hint = 'A text or a sealed value is closed by close_text, when an event says so.';
end $$;
-- +goose StatementEnd

create trigger events_never_change before update or delete on events for each row execute function events_are_final();
create trigger events_never_vanish before truncate on events for each statement execute function events_are_final();
-- also where a session calls itself a replica
alter table events enable always trigger events_never_change;
alter table events enable always trigger events_never_vanish;

-- +goose StatementBegin
-- close_text nulls one field of texts or sealed beside the event at position,
-- because the event at position cause says so. It returns whether anything was
-- there to close; asking twice is harmless.
create function close_text(at_position bigint, field text, cause bigint) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare done boolean;
begin
    if not exists (select from events e where e.position = at_position and closing_ordered(cause, e.event_id, e.stream, field)) then
        raise exception 'the event at % does not order % beside the event at % to be closed', cause, field, at_position
            using errcode = 'insufficient_privilege';
    end if;
    perform set_config('runut.closing_cause', cause::text, true), set_config('runut.closing_field', field, true);
    update events
       set texts = case when texts ? field then jsonb_set(texts, array[field], 'null') else texts end,
           sealed = case when sealed ? field then jsonb_set(sealed, array[field], 'null') else sealed end
     where position = at_position
       and (jsonb_typeof(texts -> field) <> 'null' or jsonb_typeof(sealed -> field) <> 'null');
    done := found;
    perform set_config('runut.closing_cause', '', true), set_config('runut.closing_field', '', true);
    return done;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The role a server may run as: it adds to the log and reads it, no more. Roles
-- belong to the whole cluster, so another database may have made it, even at
-- this moment; and where this login may not make roles, an operator does.
do $$
begin
    create role runut_app nologin;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise notice 'role runut_app is missing: create it and run the grants of this migration to serve with fewer rights';
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
do $$
begin
    revoke execute on function close_text from public;
    if exists (select from pg_roles where rolname = 'runut_app') then
        grant select, insert on events, commands, refusals to runut_app;
        grant select, update (one) on head to runut_app; -- what locking a row takes; its only value is true
        grant execute on function close_text to runut_app;
    end if;
end $$;
-- +goose StatementEnd
