-- The log's Merkle tree, and the heads of it that were signed. Everything here
-- but the signatures follows from events and can be made again from them. It
-- shows neither content nor decision, and anybody may read it.

-- +goose Up
create schema tree;

-- Tiles of 256 hashes as c2sp.org/tlog-tiles lays them down: level 0 holds leaf
-- hashes, each level above the hashes of full tiles below. About 40 bytes an event.
create table tree.tiles (
    level  smallint not null check (level between 0 and 7),
    n      bigint   not null check (n >= 0),
    width  smallint not null check (width between 1 and 256),
    hashes bytea    not null check (octet_length(hashes) = 32 * width),
    primary key (level, n)
);
alter table tree.tiles alter column hashes set storage external; -- hashes do not compress

-- Where an event stands, for those who know its id. Kept here and not as an index
-- of events, so that no appender waits for it.
create table tree.places (
    event_id uuid   primary key,
    position bigint not null
);

-- Every head that was ever signed: one root for one size of one log, for ever.
-- Signatures may be added to it, of a further key or of a witness.
create table tree.checkpoints (
    origin    text        collate "C" not null,
    size      bigint      not null check (size > 0),
    root      bytea       not null check (octet_length(root) = 32),
    note      text        not null,   -- text and signatures, as it is handed out
    signed_at timestamptz not null default now(),
    primary key (origin, size)
);
create index checkpoints_by_time on tree.checkpoints (origin, signed_at);

-- The verifier keys that signed, and from which size on.
create table tree.signing_keys (
    key       text        collate "C" primary key, -- origin+hash+key
    origin    text        collate "C" not null,
    since     bigint      not null,
    signed_at timestamptz not null default now()
);

-- What the leaves are hashes of.
create view tree.entries as
    select position, event_id, recorded_at, sha256(record) as digest from events;

-- +goose StatementBegin
-- A tile only ever gains hashes behind those it has; a full one is final.
create function tree.tiles_only_grow() returns trigger language plpgsql as $$
begin
    if (new.level, new.n) = (old.level, old.n) and new.width > old.width
       and substring(new.hashes for octet_length(old.hashes)) = old.hashes then
        return new;
    end if;
    raise exception 'tile %/% does not grow by this', old.level, old.n using errcode = 'insufficient_privilege';
end $$;

create function tree.heads_are_final() returns trigger language plpgsql as $$
begin
    if (new.origin, new.size, new.root) = (old.origin, old.size, old.root) then
        return new;
    end if;
    raise exception 'a head that was signed is never changed' using errcode = 'insufficient_privilege';
end $$;

create function tree.never() returns trigger language plpgsql as $$
begin
    raise exception 'what was signed is never changed or removed' using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd

create trigger tiles_only_grow before update on tree.tiles for each row execute function tree.tiles_only_grow();
create trigger heads_never_change before update on tree.checkpoints for each row execute function tree.heads_are_final();
create trigger heads_never_vanish before delete on tree.checkpoints for each row execute function tree.never();
create trigger heads_never_go before truncate on tree.checkpoints for each statement execute function tree.never();
create trigger keys_never_change before update or delete on tree.signing_keys for each row execute function tree.never();
create trigger keys_never_go before truncate on tree.signing_keys for each statement execute function tree.never();

-- +goose StatementBegin
-- The role that reads for the public belongs to the whole cluster and may be
-- there already; the read models make it too.
do $$
begin
    create role runut_public nologin;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise notice 'role runut_public is missing: create it and run the grants of this migration';
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
do $$
begin
    if exists (select from pg_roles where rolname = 'runut_app') then
        grant usage on schema tree to runut_app;
        grant select, insert on all tables in schema tree to runut_app;
        grant update (width, hashes) on tree.tiles to runut_app;
        grant update (note, signed_at) on tree.checkpoints to runut_app;
        revoke insert on tree.entries from runut_app;
    end if;
    if exists (select from pg_roles where rolname = 'runut_public') then
        grant usage on schema tree to runut_public;
        grant select on all tables in schema tree to runut_public;
    end if;
end $$;
-- +goose StatementEnd
