-- +goose Up

-- How far each durable group has read the log. It holds a position and the
-- event found there, never anything of a transaction: so it survives a dump and
-- restore into a younger cluster, and a log that was restored from before the
-- checkpoint is noticed instead of being skipped.
create table consumers (
    name          text        collate "C" primary key check (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
    position      bigint      not null check (position >= 0),
    event_id      uuid,
    leader        uuid,
    leader_name   text,
    leading_since timestamptz,
    failing       bigint,
    failures      int         not null default 0,
    last_error    text,
    failed_at     timestamptz,
    created_at    timestamptz not null default now(),
    moved_at      timestamptz not null default now(),
    check ((leader is null) = (leading_since is null))
) with (fillfactor = 50); -- one row is written again and again: leave room beside it

-- +goose StatementBegin
do $$
begin
    if exists (select from pg_roles where rolname = 'runut_app') then
        grant select, insert, update, delete on consumers to runut_app;
    end if;
end $$;
-- +goose StatementEnd
