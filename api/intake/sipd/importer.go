package sipd

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/reference"
	"runut/eventstore"
	"runut/eventstore/vault"
	"runut/projections"
)

// An Importer takes exports in. Its fields are set before use.
type Importer struct {
	Store       *eventstore.Store
	DB          *pgxpool.Pool // read models, up to date
	Vault       *vault.Vault  // which details were erased
	Definitions act.Definitions
	Tenant      string       // kode wilayah of the kabupaten
	Actor       domain.Actor // with the role importer
}

// Options is one export and how it is to be taken in.
type Options struct {
	File       *sheet.File
	Sheet      string // of a workbook; "": the first
	Year       int    // fiscal year
	ExportedAt time.Time
	AsHistory  bool        // it may be older than the last one
	Confirmed  bool        // so many rows may be missing
	DryRun     bool        // say what would happen and do nothing
	Map        *StatusMap  // nil: the one that comes with the program
	Box        *sheet.Box  // the kabupaten lies in; nil: as the register says, else the country
	Covers     []string    // kode wilayah and OPD it speaks for; none: those of its rows
	Mends      string      // SHA-256 of the file whose quarantined rows it holds, mended; "": as its columns say
	Quarantine Quarantiner // takes the rows that are not taken in; nil: nobody
	Progress   func(done, total int64)
}

// A Quarantiner keeps quarantined rows for a person to mend.
type Quarantiner interface {
	// Add keeps a row, the column at fault and why.
	Add(l sheet.Layout, row sheet.Row, column string, reason error) error
}

// batchRows is how many rows are taken in by one command.
const batchRows = 500

// Run takes an export in. What it refuses of a file as a whole (an older one, too
// much missing, columns that are not there) is a *domain.Error, and then nothing
// was recorded. Rows that cannot be read or do not fit are quarantined and keep no
// other row from being taken in.
//
// A run that broke off is run again: what it had recorded is found to be there
// already.
func (i *Importer) Run(ctx context.Context, o Options) (Report, error) {
	began := time.Now()
	release, err := i.alone(ctx, o.Year)
	if err != nil {
		return Report{}, err
	}
	defer release()
	r := &run{Importer: i, Options: o}
	if r.Map == nil {
		r.Map = BaseStatusMap()
	}
	if r.Progress == nil {
		r.Progress = func(int64, int64) {}
	}
	err = r.all(ctx)
	r.report.Seconds = time.Since(began).Seconds()
	r.report.finish()
	return r.report, err
}

// alone holds that one import of a year runs at a time.
func (i *Importer) alone(ctx context.Context, year int) (release func(), err error) {
	conn, err := i.DB.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	key := "runut import sipd " + strconv.Itoa(year)
	var got bool
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock(hashtextextended($1, 0))`, key).Scan(&got); err != nil {
		conn.Release()
		return nil, fmt.Errorf("import: %w", err)
	}
	if !got {
		conn.Release()
		return nil, domain.Refuse(domain.Conflict, "import.busy", "year", strconv.Itoa(year))
	}
	return func() {
		conn.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtextextended($1, 0))`, key)
		conn.Release()
	}, nil
}

// A run is one export being taken in.
type run struct {
	*Importer
	Options
	reader   *reader
	scan     *scan
	cycle    cycle.State
	imports  delivery.State
	received delivery.Received
	again    bool // the file was taken in before: only what is quarantined still is looked at
	compare  *comparison
	tail     map[string]string // numbers by id that the read model does not know yet
	mended   []int             // rows that had been quarantined and are in now
	report   Report
}

// all goes through the steps of an import.
func (r *run) all(ctx context.Context) error {
	r.report = Report{File: r.File.Name, Digest: r.File.Digest, Year: r.Year, DryRun: r.DryRun, StatusMap: r.Map.Name(), Warnings: r.File.Warnings, Events: map[string]int{}}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if r.again && !r.newest() {
		r.report.Known = true // an older file that was taken in: nothing of it is news
		return nil
	}
	if err := r.survey(ctx); err != nil {
		return err
	}
	if err := r.rows(ctx); err != nil {
		return err
	}
	if err := r.vanished(ctx); err != nil {
		return err
	}
	return r.conclude(ctx)
}

// prepare loads what rows are read and judged by.
func (r *run) prepare(ctx context.Context) error {
	stream := delivery.ImportStream(Source, strconv.Itoa(r.Year))
	streams := []string{cycle.Stream(r.Year), stream, reference.Stream("wilayah"), reference.Stream("opd")}
	loaded, err := r.Store.Streams(ctx, streams)
	if err != nil {
		return err
	}
	h := act.Histories(loaded)
	r.cycle = cycle.Fold(h.Now(cycle.Stream(r.Year)))
	if r.cycle.Opened == nil {
		return domain.Refuse(domain.Conflict, "workflow.cycle_unopened", "year", strconv.Itoa(r.Year))
	}
	def := r.Definitions(r.cycle.Pin.Hash)
	if def == nil {
		return domain.Refuse(domain.Unready, "workflow.unknown_definition", "hash", r.cycle.Pin.Hash, "year", strconv.Itoa(r.Year))
	}
	r.imports = delivery.Fold(h[stream])
	r.again = r.imports.Files[r.File.Digest] != nil
	t, err := findTable(r.File.Rows(r.Sheet))
	if err != nil {
		return err
	}
	r.report.Unknown, r.report.Lane = t.Unknown, string(t.lane)
	if err := r.dated(t); err != nil {
		return err
	}
	day := r.received.ExportedAt.In(r.cycle.Zone).Format(time.DateOnly)
	wilayah, opd := reference.Fold(h.Now(reference.Stream("wilayah"))), reference.Fold(h.Now(reference.Stream("opd")))
	edition := wilayah.On(day)
	if edition == nil {
		edition = wilayah.Named(r.cycle.Opened.Wilayah)
	}
	if edition == nil || opd.On(day) == nil {
		return domain.Refuse(domain.Conflict, "sipd.registers_missing", "day", day)
	}
	r.reader = &reader{table: t, places: newPlaces(r.cycle.Opened.Kabupaten, day, edition, opd.On(day)), status: r.Map, kamus: kamusOf(r.cycle)}
	if r.reader.box, err = r.boxed(edition); err != nil {
		return err
	}
	r.compare = &comparison{def: def, cycle: r.cycle, status: r.Map, file: r.File.Digest}
	return nil
}

// dated finds out when the file was exported, and what it mends.
func (r *run) dated(t *table) error {
	now := time.Now().UTC()
	e := &r.received
	*e = delivery.Received{Source: Source, Digest: r.File.Digest, Lane: string(t.lane), Rules: r.Map.Name(), History: r.AsHistory}
	if r.again {
		e.ExportedAt, r.report.ExportedBy = r.imports.Files[r.File.Digest].ExportedAt, "known"
		return nil
	}
	if !t.Has(originKey) && r.Mends == "" {
		var err error
		e.ExportedAt, r.report.ExportedBy, err = exportedAt(r.File, r.ExportedAt, r.cycle.Zone, now)
		if err == nil && e.ExportedAt.Before(r.cycle.OpenedAt) {
			err = domain.Refuse(domain.Invalid, "sipd.exported_before_cycle", "exported", domain.Stamp(e.ExportedAt), "opened", domain.Stamp(r.cycle.OpenedAt), "year", strconv.Itoa(r.Year))
		}
		return err
	}
	origin := r.imports.Files[r.Mends]
	for n := len(r.imports.Order) - 1; n >= 0 && r.Mends == ""; n-- {
		if o := r.imports.Order[n]; o.Lane == e.Lane && o.Mends == "" && r.imports.Open(o.Digest) > 0 {
			origin = o
			break
		}
	}
	if origin == nil || !t.Has(originKey) {
		return domain.Refuse(domain.NotFound, "sipd.mends_nothing", "file", r.File.Name)
	}
	e.Mends, e.ExportedAt, e.Coverage = origin.Digest, origin.ExportedAt, origin.Coverage
	r.report.Mends, r.report.ExportedBy = origin.Digest, "mended"
	return nil
}

// boxed returns the part of the world that the kabupaten lies in.
func (r *run) boxed(wilayah *reference.Edition) (sheet.Box, error) {
	if r.Box != nil {
		return *r.Box, nil
	}
	e, _ := wilayah.Entry(r.cycle.Opened.Kabupaten)
	if text := e.Facts["box"]; text != "" {
		return ParseBox(text)
	}
	return sheet.Indonesia, nil
}

// newest reports whether no newer export of what this one speaks for was taken in.
func (r *run) newest() bool {
	known := r.imports.Files[r.File.Digest]
	last := r.imports.Last(known)
	return known.Mends == "" && (last == nil || !last.ExportedAt.After(known.ExportedAt))
}

// survey reads the file once and examines it as a whole.
func (r *run) survey(ctx context.Context) error {
	s, err := r.reader.look(r.File, r.Sheet, func(done int) { r.Progress(int64(done), -1) })
	if err != nil {
		return err
	}
	r.scan = s
	e := &r.received
	if e.Mends == "" {
		places, opds := s.coverage(r.reader.lane)
		e.Coverage = append(places, opds...)
		if len(r.Covers) > 0 {
			e.Coverage = r.Covers
		}
	}
	if r.again {
		*e = *r.imports.Files[r.File.Digest]
		r.report.Known = true
	}
	if s.rows == 0 {
		return domain.Refuse(domain.Invalid, "sheet.no_rows")
	}
	from := r.cycle.OpenedAt
	before := r.imports.Before(e)
	if before != nil {
		e.Before, r.compare.before = before.Digest, before.Coverage
		if before.ExportedAt.After(from) {
			from = before.ExportedAt
		}
	}
	r.compare.over = domain.Interval{From: from, To: e.ExportedAt, Precision: domain.BetweenExports}
	r.report.ExportedAt, r.report.Since, r.report.Before, r.report.Coverage, r.report.Rows = e.ExportedAt, from, e.Before, e.Coverage, s.rows
	if r.tail, err = r.behind(ctx); err != nil {
		return err
	}
	if r.speaksForAll() {
		if err := r.absent(ctx, func(rows []projections.SourceRow) error { e.Missing += len(rows); return nil }); err != nil {
			return err
		}
	}
	r.report.Missing = e.Missing
	e.Rows, e.Accepted = s.rows, s.rows
	if r.again {
		return nil
	}
	rules := delivery.Rules{Actor: r.Actor, Now: time.Now().UTC()}
	_, err = delivery.Decide(r.imports, e, rules)
	if err == nil || !r.Confirmed {
		return err
	}
	e.Confirmed = true // it was needed, so it is on record
	_, err = delivery.Decide(r.imports, e, rules)
	return err
}

// speaksForAll reports whether what the file does not hold is missing from the
// source: not where it is history, nor where it holds some mended rows only.
func (r *run) speaksForAll() bool { return !r.AsHistory && r.received.Mends == "" && !r.again }

// behind returns by id the proposals that the log holds and the read model does
// not yet.
func (r *run) behind(ctx context.Context) (map[string]string, error) {
	at, err := (projections.Imports{DB: r.DB}).ByID(ctx, r.Year, Source, nil)
	if err != nil {
		return nil, err
	}
	return r.startedAfter(ctx, at.Position)
}

// conclude records the file itself, with what really came of its rows.
func (r *run) conclude(ctx context.Context) error {
	e := &r.received
	e.Rows, e.Accepted, e.Unchanged, e.Quarantined, e.Missing = r.report.Rows, r.report.Accepted, r.report.Unchanged, r.report.Quarantined, r.report.Missing
	e.Held = r.report.heldRows()
	r.report.Mended = len(r.mended)
	observe := r.observe(nil)
	switch {
	case r.DryRun:
		return nil
	case len(r.mended) == 0 && (r.again || e.Mends != "" && e.Accepted == 0):
		return nil // nothing of it is news
	case !r.again:
		observe.Received = e
	}
	if len(r.mended) > 0 {
		origin := e.Mends
		if r.again {
			origin = r.File.Digest
		}
		observe.Resolved = &delivery.QuarantineResolved{File: origin, Rows: r.mended, How: "reimported"}
	}
	_, err := r.do(ctx, "conclude", func(act.Histories, act.Rules) (act.Observe, error) { return observe, nil }, nil)
	return err
}

// observe returns the act that records rows of this file.
func (r *run) observe(rows []act.Row) act.Observe {
	return act.Observe{Year: r.Year, Source: Source, File: r.File.Digest, Before: r.received.Before, Imports: r.imports.Version, Rows: rows}
}
