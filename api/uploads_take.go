package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/api/intake"
	"runut/api/intake/lists"
	"runut/api/intake/sheet"
	"runut/api/intake/sipd"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/proposal"
	"runut/eventstore/vault"
)

// A heldRow is what a quarantine of SIPD hands on: to the report, and to the
// workbook where one is asked for.
type heldRows struct {
	taking *taking
	book   *sheet.Quarantine
}

// Add implements sipd.Quarantiner.
func (h *heldRows) Add(l sheet.Layout, row sheet.Row, column string, reason error) (err error) {
	h.taking.hold(row.Number, column, reason)
	if h.taking.books.Held == nil {
		return nil
	}
	if h.book == nil {
		if h.book, err = sheet.NewQuarantine(l); err != nil {
			return err
		}
	}
	return h.book.Add(row, column, reason)
}

// finish writes the workbook out, if any.
func (h *heldRows) finish() error {
	if h.book == nil {
		return nil
	}
	_, err := h.book.WriteTo(h.taking.books.Held)
	return err
}

func (h *heldRows) close() {
	if h.book != nil {
		h.book.Close()
	}
}

func (t *taking) sipd(ctx context.Context) error {
	c, err := t.year(ctx)
	if err != nil {
		return err
	}
	held := &heldRows{taking: t}
	defer held.close()
	o := sipd.Options{File: t.file, Sheet: t.order.Sheet, Year: t.order.Year, AsHistory: t.order.AsHistory, Confirmed: t.order.Confirmed, DryRun: t.try, Quarantine: held, Progress: t.progress}
	if o.ExportedAt, err = ParseMoment(t.order.ExportedAt, c.Zone); err != nil {
		return err
	}
	if err := t.current(ctx); err != nil {
		return err
	}
	importer := &sipd.Importer{Store: t.Store, DB: t.DB, Vault: t.Documents.Vault, Definitions: t.Definitions, Tenant: t.Tenant, Actor: t.by.Actor}
	r, err := importer.Run(ctx, o)
	if err != nil {
		return err
	}
	t.exported(r, c.Zone)
	return held.finish()
}

// exported puts the report of an export into words.
func (t *taking) exported(r sipd.Report, zone *time.Location) {
	out := t.report
	at := func(when time.Time) string { return t.lang.Moment(when, zone) }
	if r.Known && r.Mended == 0 && r.Rows == 0 {
		out.Known, out.Nothing = true, true
		t.told("import.known")
		return
	}
	since := "import.since_cycle"
	if r.Before != "" {
		since = "import.since_export"
	}
	t.told("import.head", "file", r.File, "exported", at(r.ExportedAt), "by", t.say(exportedBy(r.ExportedBy)), "since", t.say(since, "at", at(r.Since)))
	if r.Mends != "" {
		t.told("import.mends", "digest", r.Mends)
	}
	if r.Known {
		out.Known, out.Nothing = true, r.Accepted+r.Mended == 0
		t.told("import.known_mended", "rows", t.count(r.Mended))
	}
	add := func(code string, n int) { out.Rows = append(out.Rows, intake.Count{What: t.say(code), Rows: n}) }
	add("impor.new", r.New)
	add("impor.changed", r.Changed)
	if r.Earlier > 0 {
		add("impor.earlier", r.Earlier)
	}
	add("lists.unchanged_short", r.Unchanged)
	add("lists.quarantined", r.Quarantined)
	add("lists.all", r.Rows)
	for _, name := range slices.Sorted(maps.Keys(r.Events)) {
		out.Facts = append(out.Facts, intake.Count{What: sipd.EventWords(t.lang, name), Rows: r.Events[name]})
		if !t.try {
			out.Events += r.Events[name]
		}
	}
	if r.Missing > 0 {
		t.noted("import.gone", "missing", t.count(r.Missing), "numbers", strings.Join(r.MissingIDs, ", "))
	}
	for _, n := range r.Notes {
		t.noted("import.note", "count", t.count(n.Count), "note", sipd.NoteWords(t.lang, n.Note), "rows", rowsOf(n.Rows, n.Count))
	}
	for i, x := range r.Suggestions {
		if i == intake.Most {
			break
		}
		t.noted("import.suggestion", "row", strconv.Itoa(x.Row), "id", x.ID, "alike", strings.Join(x.Alike, ", "))
	}
	if len(r.Unknown) > 0 {
		t.noted("import.unknown", "columns", strings.Join(r.Unknown, ", "))
	}
}

// exportedBy returns the words for what told when a file was exported.
func exportedBy(what string) string {
	if what == "flag" {
		return "impor.by_order" // here it is no flag of a command line
	}
	return "import.by_" + what
}

// rowsOf joins row numbers, with a sign that there are more.
func rowsOf(rows []int, count int) string {
	words := make([]string, len(rows))
	for i, n := range rows {
		words[i] = strconv.Itoa(n)
	}
	if count > len(rows) {
		words = append(words, "…")
	}
	return strings.Join(words, ", ")
}

func (t *taking) template(ctx context.Context) error {
	r, err := t.ImportTemplate(ctx, t.by, TemplateOrder{File: t.file, Year: t.order.Year, Try: t.try, Progress: t.progress})
	if err != nil {
		return err
	}
	out := t.report
	out.Year, out.Events = r.Table.Mark.Year, r.Events
	out.Nothing = len(r.Submitted)+len(r.Revised) == 0
	for _, part := range []struct {
		code string
		rows []TemplateRow
	}{{"template.submitted", r.Submitted}, {"template.revised", r.Revised}, {"template.unchanged", r.Unchanged}, {"template.refused", r.Refused}} {
		out.Rows = append(out.Rows, intake.Count{What: t.say(part.code), Rows: len(part.rows)})
	}
	out.Rows = append(out.Rows, intake.Count{What: t.say("template.all"), Rows: len(r.Table.Entries)})
	for _, row := range r.Refused {
		t.hold(row.Number, row.Column, row.Err)
	}
	return t.quarantine(r.Table.Layout, func(add func(sheet.Row, string, error) error) error {
		for _, row := range r.Refused {
			if err := add(row.Cells, row.Column, row.Err); err != nil {
				return err
			}
		}
		return nil
	})
}

// quarantine writes the workbook of rows to mend, where it is asked for.
func (t *taking) quarantine(l sheet.Layout, each func(add func(sheet.Row, string, error) error) error) error {
	if t.books.Held == nil || t.report.HeldTotal == 0 {
		return nil
	}
	q, err := sheet.NewQuarantine(l)
	if err != nil {
		return err
	}
	defer q.Close()
	if err := each(q.Add); err != nil {
		return err
	}
	_, err = q.WriteTo(t.books.Held)
	return err
}

func (t *taking) list(ctx context.Context) error {
	c, err := t.year(ctx)
	if err != nil {
		return err
	}
	o := ListOrder{Kind: t.order.Kind, Year: t.order.Year, File: t.file, Sheet: t.order.Sheet, Document: t.order.Document, LeftOut: t.order.LeftOut,
		LeftOutWords: domain.Mask(t.order.LeftOutWords), Answers: t.order.Answers, Try: t.try, Progress: t.progress}
	if o.Document.Kind == "" {
		o.Document.Kind = map[string]string{"rkpd": "perkada", "ppas": "nota_kesepakatan"}[o.Kind]
	}
	if o.Document.Kind == "" {
		o.Document.Kind = "perda"
	}
	if t.order.Total != "" {
		if o.Total, err = sheet.Rupiah(sheet.Cell{Kind: sheet.Text, Text: t.order.Total, Raw: t.order.Total}); err != nil {
			return err
		}
	}
	if t.order.Occurred != "" {
		day, err := ParseDay(t.order.Occurred, c.Zone)
		if err != nil {
			return err
		}
		o.Occurred = domain.OnDay(day.Year(), day.Month(), day.Day(), c.Zone)
	}
	adopted := c.Adopted[o.Kind].Document
	if adopted.Number != o.Document.Number || adopted.Date != o.Document.Date {
		if o.Document.Digest, err = t.paper(ctx); err != nil {
			return err
		}
	}
	r, err := t.ImportList(ctx, t.by, o)
	if err != nil {
		return err
	}
	t.listed(o, r)
	if t.books.Confirm != nil && len(r.Waiting) > 0 {
		if err := lists.Confirm(t.books.Confirm, r.List, r.Waiting, r.Meta, r.Registers, t.lang); err != nil {
			return err
		}
	}
	return t.quarantine(r.List.Layout, func(add func(sheet.Row, string, error) error) error {
		for _, one := range r.Refused {
			if err := add(one.Row.Cells, one.Column, one.Err); err != nil {
				return err
			}
		}
		return nil
	})
}

// paper returns the digest of the document that was adopted; where it was uploaded
// it is kept as evidence, once the list is really taken in.
func (t *taking) paper(ctx context.Context) (string, error) {
	if t.order.Paper == "" {
		if t.order.Document.Digest == "" {
			return "", domain.Refuse(domain.Invalid, "lists.paper_missing", "kind", t.order.Kind)
		}
		return t.order.Document.Digest, nil
	}
	u, err := t.Upload(ctx, t.by, t.order.Paper)
	if err != nil || t.try {
		return u.Digest, err
	}
	content, err := t.uploads().Open(ctx, u.kept)
	if err != nil {
		return "", err
	}
	defer content.Close()
	kept, err := (&vault.Documents{Vault: t.Documents.Vault, MaxSize: vault.LargestUpload, Dir: t.Documents.Dir}).Put(ctx, content.Reader(), "application/pdf", "")
	if err != nil {
		return "", err
	}
	return kept.Digest.String(), nil
}

// listed puts the report of a list into words.
func (t *taking) listed(o ListOrder, r *ListReport) {
	out := t.report
	out.Events, out.Nothing = r.Events, len(r.Decided)+len(r.LeftOut) == 0
	t.told("lists.head", "kind", t.say("lists.kind."+o.Kind), "year", itoa(o.Year), "number", o.Document.Number, "day", t.lang.Date(o.Document.Date))
	var sum domain.Rupiah
	rows := 0
	add := func(code string, n int, amount domain.Rupiah) {
		out.Rows = append(out.Rows, intake.Count{What: t.say(code), Rows: n, Amount: t.lang.Rupiah(amount)})
		sum, rows = sum+amount, rows+n
	}
	events := map[string]*intake.Count{}
	amounts := map[string]domain.Rupiah{}
	var decided domain.Rupiah
	for _, d := range r.Decided {
		name := "proposal." + proposal.EventName(d.Decision.Ask)
		if events[name] == nil {
			events[name] = &intake.Count{What: termOf(t.lang, name)}
		}
		events[name].Rows++
		amounts[name] += d.Row.Amount
		decided += d.Row.Amount
	}
	add("lists.decided", len(r.Decided), decided)
	add("lists.unchanged", len(r.Unchanged), sumOf(r.Unchanged))
	waiting, refused := make([]*lists.Row, len(r.Waiting)), make([]*lists.Row, len(r.Refused))
	for i, w := range r.Waiting {
		waiting[i] = w.Row
		t.wait(w, r.Registers)
	}
	for i, one := range r.Refused {
		refused[i] = one.Row
		t.hold(one.Row.Number, one.Column, one.Err)
	}
	add("lists.waiting", len(waiting), sumOf(waiting))
	add("lists.aside", len(r.Aside), sumOf(r.Aside))
	add("lists.quarantined", len(refused), sumOf(refused))
	out.Rows = append(out.Rows, intake.Count{What: t.say("lists.all"), Rows: rows, Amount: t.lang.Rupiah(sum)})
	for _, name := range slices.Sorted(maps.Keys(events)) {
		events[name].Amount = t.lang.Rupiah(amounts[name])
		out.Facts = append(out.Facts, *events[name])
	}
	if n := r.List.Headings + r.List.Footers; n > 0 {
		t.noted("lists.not_counted", "n", t.count(n))
	}
	if r.List.Footer > 0 && r.List.Footer != r.List.Sum {
		t.noted("lists.footer_differs", "stated", t.lang.Rupiah(r.List.Footer), "sum", t.lang.Rupiah(r.List.Sum))
	}
	if len(r.List.Layout.Unknown) > 0 {
		t.noted("lists.unknown_columns", "columns", strings.Join(r.List.Layout.Unknown, ", "))
	}
	if left := len(r.Absent) - len(r.LeftOut); left > 0 && !r.List.Partial {
		t.noted("impor.absent", "n", t.count(left))
	}
	if len(r.LeftOut) > 0 {
		t.noted("lists.left_out", "n", t.count(len(r.LeftOut)), "code", o.LeftOut)
	}
}

func sumOf(rows []*lists.Row) (sum domain.Rupiah) {
	for _, r := range rows {
		sum += r.Amount
	}
	return sum
}

// wait notes a row that somebody must say the meaning of.
func (t *taking) wait(w lists.Waiting, names *lists.Registers) {
	t.report.WaitingTotal++
	if len(t.report.Waiting) >= intake.Most {
		return
	}
	row := intake.Waiting{Row: w.Row.Number, Text: w.Row.Says(), Amount: t.lang.Rupiah(w.Row.Amount), Choices: []intake.Choice{}}
	for _, s := range w.Suggestions {
		text, why := lists.Suggested(s, names, t.lang)
		row.Choices = append(row.Choices, intake.Choice{Proposal: s.Of.Number, Text: text, Why: why})
	}
	t.report.Waiting = append(t.report.Waiting, row)
}

// termOf returns what people call an event.
func termOf(lang text.Lang, stored string) string {
	term, ok := catalog.Terms[stored]
	switch {
	case !ok:
		return stored
	case lang == text.EN:
		return term.EN
	}
	return term.ID
}

func (t *taking) register(ctx context.Context) error {
	if _, err := ParseDay(t.order.ValidFrom, time.UTC); err != nil {
		return err
	}
	r, err := t.ImportRegister(ctx, t.by, RegisterOrder{Register: t.order.Kind, File: t.file, Sheet: t.order.Sheet, Edition: strings.TrimSpace(t.order.Edition), ValidFrom: t.order.ValidFrom,
		SkipFaulty: t.order.SkipFaulty, Try: t.try, Progress: func(rows int) { t.progress(int64(rows), -1) }})
	if r != nil && r.Table != nil && r.Table.Quarantine != nil {
		defer r.Table.Quarantine.Close()
	}
	if r == nil || r.Table == nil {
		return err
	}
	t.published(r)
	if r.Table.Quarantine != nil && t.books.Held != nil {
		if _, bad := r.Table.Quarantine.WriteTo(t.books.Held); bad != nil {
			return bad
		}
	}
	return err
}

// published puts the report of a register into words.
func (t *taking) published(r *RegisterReport) {
	out, d := t.report, r.Difference
	if !t.try {
		out.Events = r.Events
	}
	out.Known, out.Nothing = r.Already, r.Already
	if d.Against == "" {
		t.told("register.first")
	} else {
		t.told("register.against", "edition", d.Against)
	}
	for _, c := range []struct {
		code string
		n    int
	}{{"impor.taken", r.Table.Taken}, {"impor.repeated", r.Table.Repeated}, {"impor.elsewhere", r.Table.Elsewhere}, {"register.list_faulty", r.Table.Faulty}, {"lists.all", r.Table.Rows}} {
		out.Rows = append(out.Rows, intake.Count{What: t.say(c.code), Rows: c.n})
	}
	for _, c := range []struct {
		code string
		n    int
	}{{"register.list_new", len(d.New)}, {"register.list_renamed", len(d.Renamed)}, {"register.list_changed", len(d.Changed)}, {"register.list_gone", len(d.Gone)}, {"template.unchanged", d.Unchanged}} {
		out.Facts = append(out.Facts, intake.Count{What: t.say(c.code), Rows: c.n})
	}
	for _, f := range r.Table.Faults {
		t.hold(f.Row, f.Column, f.Err)
	}
	out.HeldTotal = r.Table.Faulty
	for i, n := range d.Renamed {
		if i == 20 {
			break
		}
		out.Notes = append(out.Notes, fmt.Sprintf("%s: %s → %s", n.Code, n.From, n.To))
	}
	if len(r.Table.Unknown) > 0 {
		t.noted("register.unknown_columns", "columns", strings.Join(r.Table.Unknown, ", "))
	}
}

// ParseMoment reads a time as people type it, in the kabupaten's zone. A day alone
// is its end; nothing is the zero time.
func ParseMoment(typed string, zone *time.Location) (time.Time, error) {
	if typed == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, typed, zone); err == nil {
			return t, nil
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, typed, zone)
	if err != nil {
		return time.Time{}, domain.Refuse(domain.Invalid, "sipd.moment", "value", typed)
	}
	end := domain.EndOfDay(day, zone)
	if now := time.Now(); end.After(now) && day.Before(now) {
		return now, nil
	}
	return end, nil
}
