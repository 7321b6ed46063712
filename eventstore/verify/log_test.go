package verify_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore/proof"
	"runut/eventstore/record"
	"runut/eventstore/verify"
)

var (
	noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	salt = [32]byte{7}
)

// A paperLog is a log that was never in a database: commands of two events each,
// on two streams, the first event with a text beside it.
type paperLog []verify.Entry

// told is what the n-th event of the log says.
func told(n int) record.Record {
	command, half := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "command ", n/2)), n%2
	r := record.Record{Envelope: event.Envelope{
		ID: event.IDOf(command, half+1), Tenant: "99.01", Cycle: 2027, Stream: fmt.Sprintf("forum-%d", half), Version: n/2 + 1,
		Type: "forum.noted", TypeVersion: 1, Occurred: domain.Moment(noon), RecordedAt: noon.Add(time.Duration(n/2) * time.Minute),
		Actor: domain.System(), Command: command, Correlation: command, Causation: command,
	}, Payload: []byte(`{"n":1}`)}
	if half == 0 {
		r.Texts = record.Commitments{"/note": record.Commit(salt, "/note", "Lengkap")}
	}
	return r
}

func entry(t testing.TB, position int64, r record.Record) verify.Entry {
	t.Helper()
	bytes, err := r.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	e := verify.Entry{Position: position, Record: bytes, Leaf: proof.Leaf(r.ID, r.RecordedAt, sha256.Sum256(bytes)), Place: fmt.Sprintf("log:%d", position)}
	if len(r.Texts) > 0 {
		e.Texts = fmt.Appendf(nil, `{"/note":{"t":"Lengkap","s":%q}}`, base64.StdEncoding.EncodeToString(salt[:]))
	}
	return e
}

func paper(t testing.TB, n int) paperLog {
	t.Helper()
	log := make(paperLog, n)
	for i := range log {
		log[i] = entry(t, int64(i+1), told(i))
	}
	return log
}

func (l paperLog) root() tlog.Hash {
	var tree proof.Range
	for _, e := range l {
		tree.Add(e.Leaf)
	}
	return tree.Root()
}

// check reads the log in batches of three, and without legality.
func (l paperLog) check(t testing.TB, heads ...verify.Head) *verify.Report {
	t.Helper()
	var r verify.Report
	src := verify.Source{Each: func() iter.Seq2[verify.Batch, error] {
		return func(yield func(verify.Batch, error) bool) {
			for part := range slices.Chunk([]verify.Entry(l), 3) {
				if !yield(verify.Batch{Len: len(part), At: func(i int) verify.Entry { return part[i] }}, nil) {
					return
				}
			}
		}
	}}
	if err := verify.Log(t.Context(), src, verify.Options{Heads: heads, Now: noon.Add(time.Hour)}, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// again replaces what an event says, with a leaf to match: the work of whoever
// can write records and cannot sign.
func (l paperLog) again(t testing.TB, position int64, change func(*record.Record)) {
	t.Helper()
	r := told(int(position - 1))
	change(&r)
	l[position-1] = entry(t, position, r)
}

func TestASoundLogIsGood(t *testing.T) {
	log := paper(t, 20)
	r := log.check(t, verify.Head{Size: 12, Root: log[:12].root(), Place: "old"}, verify.Head{Size: 20, Root: log.root(), Place: "checkpoint"})
	if r.Status() != verify.Good || r.Events != 20 || r.Commands != 10 || r.Streams != 2 || r.Root != log.root().String() {
		t.Fatalf("%+v", r)
	}
	if !slices.Equal(r.Unchecked, []string{"legality"}) {
		t.Errorf("unchecked %v", r.Unchecked)
	}
}

// TestWhatIsWrongIsNamedOnce alters a log of twenty events, whose first twelve
// and whole were signed, in one way each. Every wound is named where it is, and
// shows as no more than is listed.
func TestWhatIsWrongIsNamedOnce(t *testing.T) {
	type found struct {
		code            string
		position, until int64
		field           string
	}
	for name, c := range map[string]struct {
		when func(t *testing.T, l *paperLog)
		then []found
	}{
		"a record says something else": {
			func(t *testing.T, l *paperLog) { (*l)[4].Record = entry(t, 5, told(6)).Record },
			[]found{{code: "verify.leaf", position: 5}},
		},
		"a record says something else and its leaf agrees": {
			func(t *testing.T, l *paperLog) {
				l.again(t, 14, func(r *record.Record) { r.Payload = []byte(`{"n":2}`) })
			},
			[]found{{code: "verify.root", position: 13, until: 20}},
		},
		"a byte that no writer leaves": {
			func(_ *testing.T, l *paperLog) { (*l)[4].Record = append([]byte(" "), (*l)[4].Record...) },
			[]found{{code: "verify.record", position: 5}},
		},
		"two events are gone": {
			func(_ *testing.T, l *paperLog) { *l = slices.Delete(*l, 6, 8) },
			[]found{{code: "verify.missing", position: 7, until: 8}},
		},
		"the end is gone": {
			func(_ *testing.T, l *paperLog) { *l = (*l)[:16] },
			[]found{{code: "verify.missing", position: 17, until: 20}},
		},
		"an event stands twice": {
			func(_ *testing.T, l *paperLog) { *l = slices.Insert(*l, 8, (*l)[7]) },
			[]found{{code: "verify.order", position: 8}},
		},
		"a version is left out": {
			func(t *testing.T, l *paperLog) { l.again(t, 19, func(r *record.Record) { r.Version++ }) },
			[]found{{code: "verify.version", position: 19, field: "version"}, {code: "verify.root", position: 13, until: 20}},
		},
		"an id of another command": {
			func(t *testing.T, l *paperLog) { l.again(t, 20, func(r *record.Record) { r.ID = uuid.UUID{1} }) },
			[]found{{code: "verify.id", position: 20, field: "id"}, {code: "verify.root", position: 13, until: 20}},
		},
		"a text that is not the one": {
			func(_ *testing.T, l *paperLog) {
				(*l)[8].Texts = fmt.Appendf(nil, `{"/note":{"t":"Kurang","s":%q}}`, base64.StdEncoding.EncodeToString(salt[:]))
			},
			[]found{{code: "verify.beside", position: 9, field: "/note"}},
		},
		"a text that nobody ordered closed": {
			func(_ *testing.T, l *paperLog) { (*l)[8].Texts = []byte(`{"/note":null}`) },
			[]found{{code: "verify.closed", position: 9, field: "/note"}},
		},
		"a column that says something else": {
			func(_ *testing.T, l *paperLog) {
				r := told(2)
				(*l)[2].Columns = &verify.Columns{EventID: r.ID, Stream: "forum-9", Version: r.Version, Type: r.Type, TypeVersion: 1, Tenant: r.Tenant, Cycle: r.Cycle,
					From: r.Occurred.From, To: r.Occurred.To, RecordedAt: r.RecordedAt}
			},
			[]found{{code: "verify.column", position: 3, field: "stream"}},
		},
		"recorded before it happened": {
			func(t *testing.T, l *paperLog) {
				l.again(t, 18, func(r *record.Record) { r.Occurred = domain.Moment(r.RecordedAt.Add(time.Hour)) })
			},
			[]found{{code: "verify.occurred", position: 18, field: "occurred"}, {code: "verify.root", position: 13, until: 20}},
		},
		"another kabupaten's": {
			func(t *testing.T, l *paperLog) { l.again(t, 17, func(r *record.Record) { r.Tenant = "99.02" }) },
			[]found{{code: "verify.tenant", position: 17, field: "tenant"}, {code: "verify.root", position: 13, until: 20}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			log := paper(t, 20)
			heads := []verify.Head{{Size: 12, Root: log[:12].root(), Place: "old"}, {Size: 20, Root: log.root(), Place: "checkpoint"}}
			c.when(t, &log)
			var got []found
			for _, f := range log.check(t, heads...).Findings {
				got = append(got, found{f.Code, f.Position, f.Until, f.Field})
			}
			if !slices.Equal(got, c.then) {
				t.Errorf("got  %+v\nwant %+v", got, c.then)
			}
		})
	}
}

// TestAReportStaysSmall: however much is wrong, what is held of it is bounded,
// and all of it is counted.
func TestAReportStaysSmall(t *testing.T) {
	log := paper(t, 2*verify.Most+50)
	for i := range log {
		log[i].Leaf[0] ^= 1
	}
	r := log.check(t)
	if len(r.Findings) != verify.Most || r.Found != int64(len(log)) {
		t.Errorf("%d findings held of %d", len(r.Findings), r.Found)
	}
}
