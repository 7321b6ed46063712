package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"runut/api/answer"
	"runut/api/data"
	"runut/api/text"
	"runut/cmd/runut/demo"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/process"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
	"runut/projections"
)

// An archive is a demo in a database, for whoever asks questions of it.
type archive struct {
	*testing.T
	pool *pgxpool.Pool
	desk answer.Desk
	day  time.Time
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	pool := pgtest.Open(t)
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, AllowUnsafe: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	definition := musrenbang(t)
	find := func(hash string) *workflow.Definition {
		if hash == definition.Hash() {
			return definition
		}
		return nil
	}
	day := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	if err := demo.Seed(t.Context(), demo.Options{Store: store, Seed: 1, Day: day, Part: 40}); err != nil {
		t.Fatal(err)
	}
	run := &projections.Runner{DB: pool, Store: store, Log: quiet, Definitions: find}
	if err := run.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &archive{t, pool, answer.Desk{Store: store, DB: pool, Charts: history.NewCharts(find), Shelf: new(answer.Shelf)}, day}
}

// The demo's log answers what an auditor asks, and every answer agrees with
// every other.
func TestTheDemoAnswersAnAuditor(t *testing.T) {
	a := newArchive(t)
	t.Run("every proposal is explained", func(t *testing.T) { a.explains(t, demo.Complete(a.day)) })
	t.Run("how the work went", func(t *testing.T) { a.processes(t, demo.Complete(a.day)) })
	t.Run("OCEL 2.0", func(t *testing.T) { a.exports(t, demo.Complete(a.day)) })
	t.Run("dossiers", func(t *testing.T) { a.dossiers(t, demo.Complete(a.day)) })
}

// explains asks about every proposal of a year. The explanation agrees with the
// read model's fate, accounts for all of the proposal, and its reasons, counted,
// are those that SQL counts in the log.
func (a *archive) explains(t *testing.T, year int) {
	rows, err := a.pool.Query(t.Context(), `select number, fate from read.proposals where cycle = $1 order by number`, year)
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ Number, Fate string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]int{}
	asked := 0
	for _, p := range all {
		v, err := a.desk.View(t.Context(), year, "", "")
		if err != nil {
			t.Fatal(err)
		}
		x, err := a.desk.Explain(t.Context(), p.Number, v, text.ID)
		if err != nil {
			t.Fatal(err)
		}
		if asked%5 == 0 { // what many answers rest on is kept between them, and changes none of them
			anew := a.desk
			anew.Shelf = nil
			same(t, anew, x, v)
		}
		asked++
		agrees(t, p.Fate, x)
		for _, d := range x.Decisive {
			if d.Reason != nil && d.Stream == "proposal-"+p.Number {
				reasons[d.Reason.Code]++
			}
		}
		if strings.Contains(x.Answer.String(), "{") || strings.Contains(x.Answer.String(), "answer.") {
			t.Errorf("%s: words are missing in %q", p.Number, x.Answer)
		}
	}
	if counted := a.countReasons(t, year); !mapsEqual(reasons, counted) {
		t.Errorf("reasons by explanation %v\nby SQL %v", reasons, counted)
	}
	t.Logf("%d proposals explained, %d reasons", asked, len(reasons))
}

// same holds an answer against one for which everything was read anew.
func same(t *testing.T, desk answer.Desk, x answer.Full, v event.View) {
	t.Helper()
	again, err := desk.Explain(t.Context(), x.Proposal, v, text.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: read anew the answer is\n%s\nand was\n%s", x.Proposal, want, got)
	}
}

// agrees holds an explanation to the read model and to itself.
func agrees(t *testing.T, fate string, x answer.Full) {
	t.Helper()
	switch {
	case string(x.Outcome) == fate:
	case x.Outcome == history.Dropped && fate == "pending": // below the line of a final list, the window still open
	case x.Outcome == history.Unknown && slices.ContainsFunc(x.Gaps, func(g history.Gap) bool { return g.Code == "dissolved" }):
	default:
		t.Errorf("%s: explained as %s, the read model says %s", x.Proposal, x.Outcome, fate)
	}
	var parts int64
	lost := x.Outcome == history.Dropped || x.Outcome == history.Deferred || x.Outcome == history.Cancelled || x.Outcome == history.Withdrawn
	for _, e := range x.Ends {
		parts += e.Millionths
	}
	if parts != history.Whole {
		t.Errorf("%s: its ends make %d", x.Proposal, parts)
	}
	if lost && (len(x.Decisive) == 0 || x.Kind == "") {
		t.Errorf("%s is %s, and nothing decided: %+v", x.Proposal, x.Outcome, x.Gaps)
	}
	if len(x.Answer.Sentences) == 0 && x.Outcome != history.Unknown {
		t.Errorf("%s: nothing is said of it but %q", x.Proposal, x.Answer.Headline)
	}
}

// countReasons counts the reason codes of the last deciding event of each lost
// proposal, in SQL over the records themselves.
func (a *archive) countReasons(t *testing.T, year int) map[string]int {
	rows, err := a.pool.Query(t.Context(), `
		with told as (
		    select e.stream, e.position, e.type, convert_from(e.record, 'UTF8')::jsonb as record
		      from events e
		     where e.cycle = $1 and e.stream like 'proposal-%'
		), corrected as (
		    select record -> 'payload' ->> 'target' as id from told where type = 'proposal.corrected' and record -> 'payload' ->> 'action' = 'void'
		), standing as (
		    select t.*, row_number() over (partition by stream order by (record -> 'occurred' ->> 'to') desc, position desc) as back
		      from told t
		     where type in ('proposal.rejected', 'proposal.deferred', 'proposal.below_cutoff', 'proposal.left_out', 'proposal.lapsed', 'proposal.cancelled', 'proposal.withdrawn', 'proposal.referral_answered')
		       and not exists (select from corrected c where c.id = record ->> 'id')
		       and coalesce(record -> 'payload' ->> 'reason', '') <> ''
		)
		select s.record -> 'payload' ->> 'reason'
		  from read.proposals p
		  join standing s on s.stream = 'proposal-' || p.number
		 where p.cycle = $1 and s.back = 1 and p.fate in ('dropped', 'deferred', 'cancelled', 'withdrawn') and p.state not in ('merged', 'split', 'dissolved')`, year)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	var reason string
	_, err = pgx.ForEachRow(rows, []any{&reason}, func() error { out[reason]++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func mapsEqual(a, b map[string]int) bool {
	return fmt.Sprint(a) == fmt.Sprint(b)
}

// processes holds the analysis of a year against counts in SQL.
func (a *archive) processes(t *testing.T, year int) {
	r, err := a.desk.Process(t.Context(), year, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	var proposals, events, returned int
	err = a.pool.QueryRow(t.Context(), `
		select count(distinct stream), count(*), count(*) filter (where type = 'proposal.returned')
		  from events where cycle = $1 and stream like 'proposal-%'`, year).Scan(&proposals, &events, &returned)
	if err != nil {
		t.Fatal(err)
	}
	if r.Proposals != proposals || r.Events != events {
		t.Errorf("%d proposals and %d events, in SQL %d and %d", r.Proposals, r.Events, proposals, events)
	}
	again := 0
	for _, w := range r.Rework {
		if w.What == "returned" {
			again += w.Count
		}
	}
	if again != returned {
		t.Errorf("returned %d times, in SQL %d", again, returned)
	}
	if r.Fitness.Fit != r.Fitness.Replayed {
		t.Errorf("%d of %d histories do not follow their rules: %+v", r.Fitness.Replayed-r.Fitness.Fit, r.Fitness.Replayed, r.Fitness.Misfits[:min(3, len(r.Fitness.Misfits))])
	}
	ways := 0
	for _, v := range r.Variants {
		ways += v.Count
	}
	if ways > proposals || r.Ways < len(r.Variants) || len(r.Stages) < 5 {
		t.Errorf("%d proposals in %d of %d variants, %d stages", ways, len(r.Variants), r.Ways, len(r.Stages))
	}
}

// exports writes a year as OCEL 2.0 and reads it back: it fits the schema where
// that is at hand, its counts are those of SQL, and whatever is named is there.
func (a *archive) exports(t *testing.T, year int) {
	var out bytes.Buffer
	if err := data.Ocel(t.Context(), &out, a.desk.Store, year, nil); err != nil {
		t.Fatal(err)
	}
	a.fitsSchema(t, out.Bytes())
	var back struct {
		Events  []process.OcelEvent
		Objects []process.OcelObject
	}
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	byType := map[string]int{}
	for _, e := range back.Events {
		byType[e.Type]++
	}
	counted := map[string]int{}
	var name string
	var n int
	rows, err := a.pool.Query(t.Context(), `
		select type, count(*) from events
		 where cycle = $1 and (stream like 'proposal-%' or stream like 'forum-%' or stream like 'cycle-%') and type not like '%.corrected'
		   and event_id not in (select (convert_from(record, 'UTF8')::jsonb -> 'payload' ->> 'target')::uuid from events where type like '%.corrected' and convert_from(record, 'UTF8')::jsonb -> 'payload' ->> 'action' = 'void')
		 group by type`, year)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { counted[name] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	if !mapsEqual(byType, counted) {
		t.Errorf("events by type %v\nin SQL %v", byType, counted)
	}
	objects := map[string]string{}
	for _, o := range back.Objects {
		if objects[o.ID] != "" {
			t.Errorf("%s is told twice", o.ID)
		}
		objects[o.ID] = o.Type
		if !slices.IsSortedFunc(o.Attributes, func(x, y process.OcelChange) int { return x.Time.Compare(y.Time) }) {
			t.Errorf("the changes of %s are not in the order of time", o.ID)
		}
	}
	for _, e := range back.Events {
		for _, r := range e.Relationships {
			if objects[r.ObjectID] == "" && !strings.HasPrefix(r.ObjectID, "U-") {
				t.Errorf("%s of %s names %s, which is not there", r.Qualifier, e.Type, r.ObjectID)
			}
		}
	}
	if strings.Contains(out.String(), "p-") && strings.Contains(out.String(), `"person"`) {
		t.Error("persons are in it")
	}
	t.Logf("%d events, %d objects, %d bytes", len(back.Events), len(back.Objects), out.Len())
}

// fitsSchema validates a document against the standard's own JSON schema.
func (a *archive) fitsSchema(t *testing.T, document []byte) {
	path := filepath.Join(sharedData(), "ocel2.schema.json")
	if _, err := os.Stat(path); err != nil {
		t.Logf("the schema of OCEL 2.0 is not at hand (%s): set RUNUT_SHARED_DATA to validate against it", path)
		return
	}
	schema, err := jsonschema.NewCompiler().Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance); err != nil {
		t.Errorf("not OCEL 2.0: %.2000s", err)
	}
}

// sharedData is where public reference data for tests lies, if anywhere.
func sharedData() string {
	if dir := os.Getenv("RUNUT_SHARED_DATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "shared", "data")
}
