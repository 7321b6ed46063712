-- Tokens by which programs and people act. A token is shown once; only its
-- hash is kept. What it may do comes from the grant it was made for, which is
-- in the log; losing this table loses no history.

-- +goose Up
create table tokens (
    id         text        primary key,          -- public part: rnt_<id>_<secret>
    hash       bytea       not null,             -- SHA-256 of the secret
    name       text        not null,             -- what it is for, chosen by who made it
    grant_stream text      not null,             -- stream of the grant it acts under
    uses       text[]      not null,             -- read, act, feed
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index tokens_grant on tokens (grant_stream);
