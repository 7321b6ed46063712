-- What must be forgotten on demand stands apart from the log, in a schema of
-- its own, so that its backups are dumped (pg_dump --schema=vault) and thrown
-- away on a schedule of their own: a key deleted here is gone for good when the
-- last backup that holds it is. Nothing in this schema can be read without the
-- master key, which is never in the database.

-- +goose Up
create schema vault;

-- One row per data key, wrapped by the master key it names. An erased key keeps
-- its row and says which event ordered it; its bytes are gone.
create table vault.keys (
    id              uuid        primary key,
    purpose         text        not null check (purpose in ('subject', 'field', 'document', 'index')),
    subject         text        collate "C",
    event_id        uuid,
    pointer         text        collate "C",
    master          text        collate "C" not null,
    wrapped         bytea,
    created_at      timestamptz not null default now(),
    erased_at       timestamptz,
    erased_event    uuid,
    erased_position bigint,
    check ((purpose = 'subject') = (subject is not null)),
    check ((purpose = 'field') = (event_id is not null)),
    check ((purpose = 'field') = (pointer is not null)),
    check (num_nulls(erased_at, erased_event, erased_position) in (0, 3)),
    check ((wrapped is null) = (erased_at is not null))
);
create unique index keys_of_subjects on vault.keys (subject) where purpose = 'subject';
create unique index keys_of_fields on vault.keys (event_id, pointer) where purpose = 'field';
create unique index key_of_the_index on vault.keys (purpose) where purpose = 'index';
create index keys_by_master on vault.keys (master) where wrapped is not null;

-- Where a personal detail occurs: by keyed HMAC, never by a plain hash, because
-- the numbers of a whole kabupaten are guessed through in a second.
create table vault.occurrences (
    kind     text  collate "C" not null,
    mac      bytea not null check (octet_length(mac) = 32),
    event_id uuid  not null,
    pointer  text  collate "C" not null,
    key_id   uuid  not null references vault.keys (id),
    primary key (kind, mac, event_id, pointer)
);
create index occurrences_by_key on vault.occurrences (key_id);

-- Details that were erased and must not come back with the next import.
create table vault.suppressed (
    kind     text        collate "C" not null,
    mac      bytea       not null check (octet_length(mac) = 32),
    at       timestamptz not null,
    event_id uuid        not null,
    position bigint      not null,
    primary key (kind, mac)
);

-- Documents by the SHA-256 of what is kept, in sealed pieces.
create table vault.documents (
    digest     bytea       primary key check (octet_length(digest) = 32),
    size       bigint      not null check (size > 0),
    type       text        not null,
    key_id     uuid        not null references vault.keys (id),
    created_at timestamptz not null default now()
);
create table vault.pieces (
    document bytea not null references vault.documents (digest),
    n        int   not null check (n >= 0),
    sealed   bytea not null,
    primary key (document, n)
);
alter table vault.pieces alter column sealed set storage external; -- ciphertext does not compress

-- What was handed in, where cleaning changed it: its digest is what the sender knows.
create table vault.originals (
    digest     bytea       primary key check (octet_length(digest) = 32),
    document   bytea       not null references vault.documents (digest),
    removed    text[]      not null,
    created_at timestamptz not null default now()
);
create index originals_by_document on vault.originals (document);

-- +goose StatementBegin
-- The server's role: it may take a key's bytes away but not the row that says so,
-- and it cannot make a suppressed detail come back.
do $$
begin
    if exists (select from pg_roles where rolname = 'runut_app') then
        grant usage on schema vault to runut_app;
        grant select, insert, update on vault.keys to runut_app;
        grant select, insert, delete on vault.occurrences, vault.pieces to runut_app;
        grant select, insert on vault.suppressed, vault.documents, vault.originals to runut_app;
    end if;
end $$;
-- +goose StatementEnd
