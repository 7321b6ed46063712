package projections

import (
	"fmt"
	"strings"
)

// A tally is a table of counts over a table of rows: how many rows have the same
// values in some columns, in column n, and the sums of others. It has as many rows
// as there are different values, however many are counted, so that a page which
// shows how many there are need not go through them.
//
// The database keeps it. What a statement of a Writer changes in the rows is what
// its counts change by, in the same transaction, so that they are right at every
// position that can be read. Counts of nothing are removed: equal rows have equal
// counts, whichever way they came about.
type tally struct {
	Name string // of the table of counts; its DDL stands among the projection's
	Of   string // table that is counted
	By   string // columns by which, "cycle, lane"
	Sums string // columns that are added up
}

// kept returns the DDL that fills the table of counts and has it kept from then on.
// It is run with the schema of the projection first in search_path, which the
// function remembers.
func (t tally) kept() string {
	sums := strings.Split(t.Sums, ", ")
	each := func(format, between string) string {
		out := make([]string, len(sums))
		for i, s := range sums {
			out[i] = fmt.Sprintf(format, s)
		}
		return strings.Join(out, between)
	}
	return strings.NewReplacer(
		"{name}", t.Name, "{of}", t.Of, "{by}", t.By, "{sums}", t.Sums,
		"{added}", each("sum(%s)::bigint", ", "), "{taken}", each("-%[1]s as %[1]s", ", "),
		"{more}", each("%[1]s = t.%[1]s + excluded.%[1]s", ", "), "{any}", each("or sum(%s) <> 0", " "),
	).Replace(`
insert into {name} ({by}, n, {sums}) select {by}, count(*), {added} from {of} group by {by};
create unique index on {name} ({by});
create index on {name} (n) where n = 0;
analyze {name};
create function {name}_came() returns trigger language plpgsql set search_path from current as $$
begin
    insert into {name} as t ({by}, n, {sums})
    select {by}, count(*), {added} from came group by {by}
        on conflict ({by}) do update set n = t.n + excluded.n, {more};
    return null;
end $$;
create function {name}_went() returns trigger language plpgsql set search_path from current as $$
begin
    insert into {name} as t ({by}, n, {sums})
    select {by}, -count(*), {added} from (select {by}, {taken} from went) x group by {by}
        on conflict ({by}) do update set n = t.n + excluded.n, {more};
    delete from {name} where n = 0;
    return null;
end $$;
create function {name}_turned() returns trigger language plpgsql set search_path from current as $$
begin
    insert into {name} as t ({by}, n, {sums})
    select {by}, sum(n), {added} from (
           select {by}, -1 as n, {taken} from went union all select {by}, 1, {sums} from came) x
     group by {by} having sum(n) <> 0 {any}
        on conflict ({by}) do update set n = t.n + excluded.n, {more};
    delete from {name} where n = 0;
    return null;
end $$;
create trigger {name}_came after insert on {of} referencing new table as came for each statement execute function {name}_came();
create trigger {name}_went after delete on {of} referencing old table as went for each statement execute function {name}_went();
create trigger {name}_turned after update on {of} referencing old table as went new table as came for each statement execute function {name}_turned();
`)
}
