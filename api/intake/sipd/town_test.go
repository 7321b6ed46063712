package sipd_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/intake/sheet"
	"runut/api/intake/sipd"
	"runut/api/intake/sipd/sample"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/grant"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
	"runut/projections"
)

const (
	kabupaten = "99.01"
	year      = 2027
)

// opened is when the cycle was opened, friday when the first export was made.
var (
	opened = time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC)
	friday = time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC)
)

var definition = func() *workflow.Definition {
	d, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		panic(err)
	}
	return d
}()

func find(hash string) *workflow.Definition {
	if hash == definition.Hash() {
		return definition
	}
	return nil
}

// wilayah and offices are the registers of a kabupaten that does not exist.
var wilayah, offices = func() (w, o []reference.Entry) {
	w = append(w, reference.Entry{Code: kabupaten, Name: "Kabupaten Contoh"})
	for k, name := range []string{"Contoh Kota", "Misal Hulu", "Umpama Barat"} {
		code := fmt.Sprintf("%s.%02d", kabupaten, k+1)
		w = append(w, reference.Entry{Code: code, Name: name, Parent: kabupaten})
		for n, village := range []string{"Maju", "Rukun", "Sari", "Jaya", "Mulya"} {
			w = append(w, reference.Entry{Code: fmt.Sprintf("%s.%d", code, 2001+n), Name: name + " " + village, Parent: code})
		}
	}
	for n, name := range []string{"Dinas Pekerjaan Umum", "Dinas Pendidikan", "Dinas Kesehatan", "Dinas Sosial", "Dinas Pertanian"} {
		o = append(o, reference.Entry{Code: fmt.Sprintf("1.0%d.0.00.0.00.01.0000", n+1), Name: name})
	}
	return w, o
}()

// A town is a log with registers, one cycle and somebody who may import.
type town struct {
	*testing.T
	pool   *pgxpool.Pool
	store  *eventstore.Store
	vault  *vault.Vault
	runner *projections.Runner
	actor  domain.Actor
	logged *bytes.Buffer
	held   bytes.Buffer // the last quarantine workbook
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{T: t, pool: pgtest.Open(t), logged: new(bytes.Buffer)}
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	w.must(err)
	w.vault, err = vault.Open(t.Context(), w.pool, ring)
	w.must(err)
	log := slog.New(slog.NewJSONHandler(w.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.store, err = eventstore.Open(t.Context(), w.pool, eventstore.Options{Catalog: catalog.Events, Sealer: w.vault, AllowUnsafe: true, Log: log})
	w.must(err)
	t.Cleanup(w.store.Close)
	w.runner = &projections.Runner{DB: w.pool, Store: w.store, Definitions: find, Log: log}
	w.actor = domain.Actor{Person: "p-4K7M2XQ0TB9D", Role: cycle.Importer, Scope: domain.Scope{Kind: domain.ScopeKabupaten}, Grant: grant.Stream("importer"), Office: "Bappeda", Capacity: domain.Definitif}
	w.write(grant.Stream("importer"), &grant.Given{Person: w.actor.Person, Role: w.actor.Role, Scope: w.actor.Scope, Office: "Bappeda", Capacity: domain.Definitif, From: opened,
		Decree: domain.Document{Kind: "sk", Number: "1/2026", Date: "2026-01-05"}})
	w.write(reference.Stream("wilayah"), edition("wilayah", wilayah))
	w.write(reference.Stream("opd"), edition("opd", offices))
	w.write(cycle.Stream(year), &cycle.Opened{Year: year, Title: "Kabupaten Contoh", Kabupaten: kabupaten, Zone: "WITA", Wilayah: "2026",
		Definition: cycle.Pin{Name: definition.Name, Version: definition.Version, Hash: definition.Hash()}, Demo: true})
	w.caughtUp()
	return w
}

func edition(register string, entries []reference.Entry) *reference.EditionPublished {
	return &reference.EditionPublished{Register: register, Edition: "2026", ValidFrom: "2026-01-01", Digest: strings.Repeat("0a", 32), Rows: len(entries), Part: 1, Parts: 1, Entries: entries}
}

func (w *town) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// write appends an event that nobody judges, as of the day the cycle was opened.
func (w *town) write(stream string, e any) {
	w.Helper()
	var version int
	w.must(w.pool.QueryRow(w.Context(), `select coalesce(max(version), 0) from events where stream = $1`, stream).Scan(&version))
	cmd := event.Command{ID: uuid.New(), Actor: domain.System(), Tenant: kabupaten, Cycle: year, Definition: definition.Hash(), RecordedAt: opened}
	_, err := w.store.Append(w.Context(), cmd, event.Change{Stream: stream, Version: version, Cycle: year, Definition: definition.Hash(), Facts: []event.Fact{{Event: e}}})
	w.must(err)
}

func (w *town) caughtUp() {
	w.Helper()
	w.must(w.runner.CatchUp(w.Context()))
}

// export returns an export of a week as a workbook.
func (w *town) export(o sample.Options) *sheet.File {
	w.Helper()
	o.Wilayah, o.OPD = wilayah, offices
	var b bytes.Buffer
	w.must(sample.Make(o).XLSX(&b, sample.Exported(friday, o.Week)))
	return w.open(fmt.Sprintf("usulan-%d.xlsx", o.Week), b.Bytes())
}

func (w *town) open(name string, content []byte) *sheet.File {
	w.Helper()
	f, err := sheet.OpenReader(name, bytes.NewReader(content), int64(len(content)))
	w.must(err)
	w.Cleanup(func() { f.Close() })
	return f
}

// A quarantine keeps the workbook of quarantined rows in memory.
type quarantine struct {
	book *sheet.Quarantine
	rows int
}

func (q *quarantine) Add(l sheet.Layout, row sheet.Row, column string, reason error) error {
	if q.book == nil {
		var err error
		if q.book, err = sheet.NewQuarantine(l); err != nil {
			return err
		}
	}
	q.rows++
	return q.book.Add(row, column, reason)
}

// imports takes a file in and holds what is always so: the rows add up, and every
// quarantined row is in the workbook.
func (w *town) imports(f *sheet.File, change ...func(*sipd.Options)) (sipd.Report, error) {
	w.Helper()
	q := new(quarantine)
	o := sipd.Options{File: f, Year: year, Quarantine: q}
	for _, c := range change {
		c(&o)
	}
	report, err := w.importer().Run(w.Context(), o)
	if err == nil && !(report.Known && report.Rows == 0) {
		if report.Rows != report.Accepted+report.Unchanged+report.Quarantined {
			w.Errorf("%d rows are not %d + %d + %d", report.Rows, report.Accepted, report.Unchanged, report.Quarantined)
		}
		if !o.DryRun && q.rows != report.Quarantined {
			w.Errorf("%d rows in the workbook, %d quarantined", q.rows, report.Quarantined)
		}
	}
	w.held.Reset()
	if q.book != nil {
		_, err := q.book.WriteTo(&w.held)
		w.must(err)
		w.must(q.book.Close())
	}
	w.caughtUp()
	return report, err
}

func (w *town) importer() *sipd.Importer {
	return &sipd.Importer{Store: w.store, DB: w.pool, Vault: w.vault, Definitions: find, Tenant: kabupaten, Actor: w.actor}
}

// taken is imports for a file that is to be taken in.
func (w *town) taken(f *sheet.File, change ...func(*sipd.Options)) sipd.Report {
	w.Helper()
	report, err := w.imports(f, change...)
	w.must(err)
	return report
}

// head returns how many events there are.
func (w *town) head() int64 {
	w.Helper()
	n, err := w.store.Head(w.Context())
	w.must(err)
	return n
}

// since returns the events after a position.
func (w *town) since(position int64) []event.Record {
	w.Helper()
	var out []event.Record
	for r, err := range w.store.Since(w.Context(), position, 0, eventstore.Filter{}) {
		w.must(err)
		out = append(out, r)
	}
	return out
}

// byID returns the number and the state of the proposal with an id in SIPD.
func (w *town) byID(id string) (string, proposal.State, []event.Record) {
	w.Helper()
	found, err := (projections.Imports{DB: w.pool}).ByID(w.Context(), year, sipd.Source, []string{id})
	w.must(err)
	number := found.Value[id].Number
	histories, err := w.store.Streams(w.Context(), []string{proposal.Stream(number)})
	w.must(err)
	records := event.Sequence(histories[proposal.Stream(number)], event.View{})
	return number, proposal.Fold(records), records
}

func (w *town) imported() delivery.State {
	w.Helper()
	stream := delivery.ImportStream(sipd.Source, fmt.Sprint(year))
	histories, err := w.store.Streams(w.Context(), []string{stream})
	w.must(err)
	return delivery.Fold(histories[stream])
}

// code returns the code of a refusal, "" for no error.
func code(err error) string {
	refusal, ok := errors.AsType[*domain.Error](err)
	switch {
	case err == nil:
		return ""
	case !ok:
		return err.Error()
	}
	return refusal.Code
}
