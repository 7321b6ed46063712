package answer

import (
	"crypto/sha256"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// Whatever a shelf keeps, it gives what the log holds now.
func TestAShelfIsNeverBehindTheLog(t *testing.T) {
	store, err := eventstore.Open(t.Context(), pgtest.Open(t), eventstore.Options{Catalog: catalog.Events, AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	version := map[string]int{}
	write := func(stream string, events ...any) {
		t.Helper()
		id := uuid.New()
		c := event.Change{Stream: stream, Version: version[stream]}
		for _, e := range events {
			c.Facts = append(c.Facts, event.Fact{Event: e})
		}
		version[stream] += len(events)
		command := event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: domain.System(), Tenant: "99.01", Cycle: 2027}
		if _, err := store.Append(t.Context(), command, c); err != nil {
			t.Fatal(err)
		}
	}
	shelf, names := new(Shelf), []string{"cycle-2027", "forum-1", "forum-2"}
	same := func(when string) {
		t.Helper()
		got, err := shelf.streams(t.Context(), store, names)
		if err != nil {
			t.Fatal(err)
		}
		want, err := new(Shelf).streams(t.Context(), store, names)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: kept %v, in the log %v", when, got, want)
		}
	}
	same("nothing is there")
	write("cycle-2027", &cycle.QuotaSet{Stage: "desa", Count: 3})
	write("forum-1", &forum.Convened{Kind: "musrenbang_desa"}, &forum.ListRanked{List: "L1"})
	same("first read")
	write("forum-1", &forum.AttendanceRecorded{}, &forum.Closed{})
	write("cycle-2027", &cycle.QuotaSet{Stage: "desa", Count: 4})
	same("read again")
	write("forum-1", &forum.ListRanked{List: "L2"})
	same("nothing came that answers rest on")
	write("forum-2", &forum.Convened{Kind: "musrenbang_desa"})
	shelf.size = generation // the next to come is put in a new generation
	same("after the first generation")
	shelf.size = generation
	write("forum-2", &forum.Closed{})
	same("after the second")
	if len(shelf.old) == 0 {
		t.Error("no generation was ever full")
	}
	if got, _ := shelf.streams(t.Context(), store, names); len(got["forum-1"]) != 2 || len(got["cycle-2027"]) != 2 || len(got["forum-2"]) != 2 {
		t.Errorf("in the end %v", got)
	}
}
