-- Webhooks: where an OPD's feed is sent to, how far it has come there, and what
-- was answered. One cursor an endpoint and a row for each proposal that is held
-- back; never a job an event. Losing these tables loses no history: the feed can
-- be sent again from any position.

-- +goose Up
create table subscriptions (
    id            uuid        primary key,
    opd           text        collate "C" not null,   -- whose feed
    url           text        not null,
    ordering      text        not null check (ordering in ('proposal', 'endpoint')),
    state         text        not null default 'active' check (state in ('active', 'paused', 'disabled')),
    why           text        not null default '',    -- disabled: gone, failing
    position      bigint      not null check (position >= 0), -- all up to here was sent or is held back
    failures      int         not null default 0,     -- in a row
    failing_since timestamptz,
    next_at       timestamptz not null default now(), -- not before this
    lease         uuid,                               -- the run that sends now
    leased_until  timestamptz not null default '-infinity',
    created_at    timestamptz not null default now(),
    created_by    text        collate "C" not null,   -- a pseudonym
    delivered_at  timestamptz
) with (fillfactor = 50);
create index subscriptions_opd on subscriptions (opd, id);
create index subscriptions_due on subscriptions (next_at) where state = 'active';

-- What a receiver tells us by: two while one follows the other. Sealed by the vault.
create table subscription_secrets (
    subscription uuid        not null references subscriptions on delete cascade,
    n            int         not null,
    sealed       bytea       not null,
    made_at      timestamptz not null default now(),
    until        timestamptz,                         -- null: in force
    primary key (subscription, n)
);

-- Proposals that are held back at an endpoint while the others go on.
create table subscription_parked (
    subscription uuid        not null references subscriptions on delete cascade,
    number       text        collate "C" not null,
    position     bigint      not null,                -- the first that was not taken
    failures     int         not null,
    next_at      timestamptz,                         -- null: given up, until somebody asks
    primary key (subscription, number)
);
create index subscription_parked_due on subscription_parked (next_at);

-- What was sent and what was answered, the newest of each endpoint.
create table subscription_deliveries (
    id           bigint      generated always as identity primary key,
    subscription uuid        not null references subscriptions on delete cascade,
    at           timestamptz not null default now(),
    position     bigint      not null,                -- 0: a test
    event        uuid        not null,
    type         text        not null,
    number       text        not null,
    attempt      int         not null,
    status       int         not null,                -- of HTTP; 0: there was no answer
    outcome      text        not null,                -- taken, or why not
    took         interval    not null,
    answer       text        not null                 -- the beginning of it, personal details masked
);
create index subscription_deliveries_newest on subscription_deliveries (subscription, id desc);

-- Who did what to an endpoint.
create table subscription_acts (
    id           bigint      generated always as identity primary key,
    subscription uuid        not null,                -- may be gone
    at           timestamptz not null default now(),
    person       text        collate "C" not null,    -- a pseudonym
    role         text        not null,
    act          text        not null,
    about        text        not null default ''
);
create index subscription_acts_of on subscription_acts (subscription, id desc);

-- +goose StatementBegin
do $$
begin
    if exists (select from pg_roles where rolname = 'runut_app') then
        grant select, insert, update, delete on subscriptions, subscription_secrets, subscription_parked, subscription_deliveries to runut_app;
        grant select, insert on subscription_acts to runut_app;
    end if;
end $$;
-- +goose StatementEnd
