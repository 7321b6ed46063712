-- What makes going through whole years cheap: nine events in ten are longer than
-- two kilobytes or nearly so, and were packed by a method that takes longer than
-- writing them; and the streams of a year are found by their first events.

-- +goose Up

-- A server built without lz4 goes on as before.
-- +goose StatementBegin
do $$
begin
    alter table events alter column record set compression lz4;
exception when feature_not_supported then
    raise notice 'this server has no lz4: records are packed by pglz';
end
$$;
-- +goose StatementEnd

create index events_first on events (cycle, stream) where version = 1;
