-- Files that somebody is about to take in: kept, sealed, between the trial and the
-- word to record them, and a few days after it, so that quarantined rows can be
-- fetched. They are no documents: nothing names them, and they are deleted.

-- +goose Up
create table vault.uploads (
    id         uuid        primary key,
    owner      text        collate "C" not null, -- stream of the grant under which it was uploaded
    digest     bytea       not null check (octet_length(digest) = 32), -- SHA-256 of the file
    size       bigint      not null check (size > 0),
    about      bytea       not null, -- sealed: what it is to be taken for, and its name
    master     text        collate "C" not null,
    wrapped    bytea       not null, -- the key it is sealed under
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    taken_at   timestamptz
);
create index uploads_by_owner on vault.uploads (owner, created_at);
create index uploads_by_expiry on vault.uploads (expires_at);
create table vault.upload_pieces (
    upload uuid  not null references vault.uploads (id) on delete cascade,
    n      int   not null check (n >= 0),
    sealed bytea not null,
    primary key (upload, n)
);
alter table vault.upload_pieces alter column sealed set storage external;

-- +goose StatementBegin
do $$
begin
    if exists (select from pg_roles where rolname = 'runut_app') then
        grant select, insert, update, delete on vault.uploads to runut_app;
        grant select, insert, delete on vault.upload_pieces to runut_app;
    end if;
end $$;
-- +goose StatementEnd
