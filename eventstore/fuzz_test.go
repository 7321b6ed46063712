package eventstore_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// Whatever people type, each of the three ways into the table (alone, in a batch,
// by COPY) either refuses it or gives back the same, and all three do alike.
func FuzzWhatIsAppendedReadsBack(f *testing.F) {
	for _, seed := range []struct {
		title, village, tenant, stream string
		estimate                       int64
	}{
		{"Jalan usaha tani", "99.01.03.2001", "99.01", "proposal-", 185_000_000},
		{"", "", "99.01", "forum-2027-desa-99.01.", 0},
		{"\x00", "a\x00b", "99.01\x00", "proposal-\x00", -1},
		{"\xff\xfe", "\xc3\x28", "\xff", "proposal-\xff", 1 << 62},
		{"\"\\\u2028\u0000\U0001F6A7", "</script>", "99.01", "Proposal-", 9007199254740993},
		{`{"t":"x","s":"y"}`, "{},{}", "{", "cycle-'); drop table events; --", -9223372036854775808},
	} {
		f.Add(seed.title, seed.village, seed.tenant, seed.stream, seed.estimate)
	}
	pool := pgtest.Open(f)
	s := open(f, pool, quiet, func(o *eventstore.Options) { o.Tenant = "" })
	f.Fuzz(func(t *testing.T, title, village, tenant, stream string, estimate int64) {
		want := &submitted{Title: title, Village: village, Estimate: domain.Rupiah(estimate)}
		ways := map[string]func(event.Command, event.Change) (eventstore.Receipt, error){
			"alone": func(c event.Command, x event.Change) (eventstore.Receipt, error) { return s.Append(t.Context(), c, x) },
			"batched": func(c event.Command, x event.Change) (eventstore.Receipt, error) {
				x.Facts = append(x.Facts, event.Fact{Event: road(1)})
				return s.Append(t.Context(), c, x)
			},
			"copied": func(c event.Command, x event.Change) (eventstore.Receipt, error) {
				receipts, err := s.Import(t.Context(), []eventstore.Entry{{Command: c, Changes: []event.Change{x}}})
				if err != nil {
					return eventstore.Receipt{}, err
				}
				return receipts[0], nil
			},
		}
		taken := 0
		for way, write := range ways {
			cmd := command()
			cmd.Tenant = tenant
			name := stream + uuid.NewString()
			r, err := write(cmd, add(name, 0, want))
			if err != nil {
				if refusal, ok := errors.AsType[*domain.Error](err); ok && refusal.Kind == domain.Unready {
					t.Fatalf("%s: %v, which is to be tried again for ever", way, err)
				}
				continue
			}
			taken++
			if !utf8.ValidString(title + village + tenant) {
				t.Errorf("%s: took what is not UTF-8", way)
			}
			raw, err := s.At(t.Context(), r.First)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Decode(&raw)
			if err != nil {
				t.Fatalf("%s: %v", way, err)
			}
			if diff := cmp.Diff(want, got.Event); diff != "" || got.Tenant != tenant || got.Stream != name {
				t.Errorf("%s: tenant %q, stream %q, event (-written +read):\n%s", way, got.Tenant, got.Stream, diff)
			}
		}
		if taken != 0 && taken != len(ways) {
			t.Errorf("%d of %d ways took it", taken, len(ways))
		}
	})
}
