-- Codes by which the holder of a grant gets a first token, once. Only a hash is
-- kept. That somebody was invited, and by whom, is in the log (grant.invited).

-- +goose Up
create table invitations (
    command    uuid        primary key,          -- that invited; asked again, it replaces the code
    hash       bytea       not null unique,      -- SHA-256 of the code
    grant_stream text      not null,             -- stream of the grant
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz
);

-- The server's role checks tokens and makes them out of codes.
-- +goose StatementBegin
do $$
begin
    if exists (select from pg_roles where rolname = 'runut_app') then
        grant select, insert, update on tokens, invitations to runut_app;
    end if;
end $$;
-- +goose StatementEnd
