package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	say "runut/api/answer"
	"runut/api/intake"
	"runut/api/text"
	"runut/domain"
	"runut/domain/delivery"
	"runut/projections"
)

// Importing is how pages take files in, as whoever looks at them.
type Importing struct {
	Receive      func(context.Context, intake.Order, io.Reader) (intake.Upload, error)
	ReceivePaper func(context.Context, io.Reader) (intake.Upload, error)
	Uploads      func(context.Context) ([]intake.Upload, error)
	Upload       func(context.Context, string) (intake.Upload, error)
	Reorder      func(context.Context, string, intake.Order) error
	Discard      func(context.Context, string) error
	TakeIn       func(ctx context.Context, id string, try bool, lang text.Lang, progress func(done, total int64)) (*intake.Report, error)
}

// Imports is the page of files that came in, and of those that wait.
type Imports struct {
	Shell
	Recorded string
	Kinds    []Link // what who looks may take in
	Waiting  []WaitingRow
	Years    []Choice
	Only     []Choice // all files, or those with open quarantine
	Rows     []ImportRow
	First    string
	Next     string
	Held     bool     // some of Rows have rows in quarantine still, by reason
	Problem  *Problem // of dismissing rows
}

// A WaitingRow is an upload that was not thrown away yet.
type WaitingRow struct {
	Link          Link
	Kind, Expires string
	Badge         Badge
}

// An ImportRow is one file that was taken in.
type ImportRow struct {
	Source, When, Exported     string
	Rows, Accepted, Unchanged  string
	Quarantined, Missing, Open string
	Digest, Short              string
	Reasons                    []Pair
	Dismiss                    *Deed
}

// NewImport is the page that asks for a file of one kind.
type NewImport struct {
	Shell
	Heading, Lead, Limit string
	Form                 *Deed
}

// seesImports reports whether somebody takes files in, or inspects those who do.
func (v *visit) seesImports() bool {
	return len(intake.May(v.caller.Role)) > 0 || v.official() && say.Inspect(v.caller.Role) == nil
}

// importersOnly lets in those who take files in or inspect them.
func (v *visit) importersOnly(kind string) (bool, error) {
	if !v.officersOnly() {
		return false, nil
	}
	if kind == "" && v.seesImports() || kind != "" && slices.Contains(intake.May(v.caller.Role), kind) {
		return true, nil
	}
	wanted := intake.Takers[kind]
	if kind == "" {
		wanted = intake.Takers[intake.SIPD]
	}
	return false, domain.Refuse(domain.Forbidden, "upload.role_missing", "kind", v.kind(kind), "role", v.role(v.caller.Role), "wanted", v.rolesIn(wanted))
}

// kind returns what people call a kind of file.
func (v *visit) kind(name string) string {
	if !slices.Contains(intake.Kinds, name) {
		return v.t("impor.files")
	}
	return v.t("impor.kind." + name)
}

func (v *visit) imports() error {
	if ok, err := v.importersOnly(""); !ok {
		return err
	}
	return v.showImports(http.StatusOK, nil, nil)
}

// showImports shows the list; tried is what was typed to dismiss rows of a file,
// and refused why that was not done.
func (v *visit) showImports(status int, tried url.Values, refused *Problem) error {
	year, _ := strconv.Atoi(v.query("tahun"))
	open, after := v.query("terbuka") == "1", v.query("setelah")
	found, err := projections.Imports{DB: v.DB}.Files(v.ctx(), projections.ImportFilter{Year: year, Open: open}, projections.Cursor(after), 25)
	if err != nil {
		return err
	}
	v.position = found.Position
	page := &Imports{Shell: v.shell("imports", v.t("impor.title"), nil), Problem: refused}
	page.Here = "/impor"
	for _, k := range intake.May(v.caller.Role) {
		page.Kinds = append(page.Kinds, Link{v.kind(k), "/impor/baru/" + k})
	}
	if n, err := strconv.ParseInt(v.query("tercatat"), 10, 64); err == nil && n > 0 && n <= v.position {
		page.Recorded = v.lang.Count(n)
	}
	waiting, err := v.Importing.Uploads(v.ctx())
	if err != nil {
		return err
	}
	for _, u := range waiting {
		row := WaitingRow{Link: Link{u.Order.Name, uploadURL(u.ID)}, Kind: v.kind(u.Order.Kind), Expires: v.day(u.Expires), Badge: Badge{v.t("impor.untaken"), "wait"}}
		if u.Taken {
			row.Badge = Badge{v.t("impor.taken_in"), "good"}
		}
		page.Waiting = append(page.Waiting, row)
	}
	address := "/impor?"
	if year != 0 {
		address += "tahun=" + strconv.Itoa(year) + "&"
	}
	page.Only = []Choice{{Link{v.t("impor.all_files"), strings.TrimRight(address, "?&")}, !open}, {Link{v.t("impor.open_files"), address + "terbuka=1"}, open}}
	if open {
		address += "terbuka=1&"
	}
	for _, f := range found.Items {
		row := v.importRow(f, tried, refused)
		page.Rows, page.Held = append(page.Rows, row), page.Held || len(row.Reasons) > 0
	}
	if after != "" {
		page.First = strings.TrimRight(address, "?&")
	}
	if found.Next != "" {
		page.Next = address + "setelah=" + url.QueryEscape(string(found.Next))
	}
	return v.show(status, "imports", page)
}

func uploadURL(id string) string { return "/impor/berkas/" + url.PathEscape(id) }

func (v *visit) importRow(f projections.ImportedFile, tried url.Values, refused *Problem) ImportRow {
	e := f.Received
	row := ImportRow{Source: v.kind(e.Source) + " " + strconv.Itoa(f.Year), When: v.moment(f.At), Rows: v.count(e.Rows), Accepted: v.count(e.Accepted), Unchanged: v.count(e.Unchanged),
		Quarantined: v.count(e.Quarantined), Missing: v.count(e.Missing), Digest: e.Digest, Short: short12(e.Digest)}
	if !e.ExportedAt.IsZero() {
		row.Exported = v.moment(e.ExportedAt)
	}
	if f.Open == 0 {
		return row
	}
	row.Open = v.count(f.Open)
	for _, h := range e.Held {
		if f.Reasons[h.Reason] > 0 {
			row.Reasons = append(row.Reasons, Pair{Label: v.t("impor.reason", "n", v.count(f.Reasons[h.Reason]), "code", h.Reason), Value: stretches(h.Rows)})
		}
	}
	if len(row.Reasons) == 0 || !slices.Contains(delivery.Duties["import.quarantine_resolved"], v.caller.Role) {
		return row
	}
	row.Dismiss = deed("tutup-"+short12(e.Digest), "/impor/tutup", v.t("impor.dismiss"), v.t("impor.dismiss_go"), 0,
		Field{Name: "source", Kind: kindHidden, Value: e.Source}, Field{Name: "year", Kind: kindHidden, Value: strconv.Itoa(f.Year)}, Field{Name: "file", Kind: kindHidden, Value: e.Digest},
		Field{Name: "rows", Label: v.t("impor.rows"), Hint: v.t("impor.rows_hint"), Kind: kindLine, Required: true},
		Field{Name: "note", Label: v.t("impor.note"), Hint: v.t("impor.note_hint"), Kind: kindArea, Required: true})
	if refused != nil && tried.Get("file") == e.Digest {
		row.Dismiss.retry(v, tried, *refused)
	}
	return row
}

// short12 is how much of a digest people compare.
func short12(digest string) string { return digest[:min(len(digest), 12)] }

// stretches writes row numbers as people type them: 4, 9-12.
func stretches(rows []delivery.Stretch) string {
	var words []string
	for i, r := range rows {
		if i == 30 {
			words = append(words, "…")
			break
		}
		if r.From == r.To {
			words = append(words, strconv.Itoa(r.From))
			continue
		}
		words = append(words, strconv.Itoa(r.From)+"-"+strconv.Itoa(r.To))
	}
	return strings.Join(words, ", ")
}

// dismiss records that quarantined rows are not taken in.
func (v *visit) dismiss() error {
	if ok, err := v.importersOnly(""); !ok {
		return err
	}
	typed, err := v.typed()
	if err != nil {
		return err
	}
	a, err := v.dismissed(typed)
	if err != nil {
		p := v.word(err)
		return v.showImports(p.Status, typed, &p)
	}
	return v.recorded("/impor", a)
}

func (v *visit) dismissed(typed url.Values) (*answer, error) {
	year, err := strconv.Atoi(typed.Get("year"))
	if err != nil {
		return nil, domain.Refuse(domain.Invalid, "upload.year", "year", clip(typed.Get("year")))
	}
	var rows []int
	if intake.All(typed.Get("rows")) {
		stream := delivery.ImportStream(typed.Get("source"), strconv.Itoa(year))
		histories, err := v.Store.Streams(v.ctx(), []string{stream})
		if err != nil {
			return nil, err
		}
		rows = delivery.Fold(histories[stream]).OpenRows(typed.Get("file"))
	} else if rows, err = intake.Rows(typed.Get("rows")); err != nil {
		return nil, err
	}
	return v.carry("/api/v1/imports/dismiss", map[string]any{"source": typed.Get("source"), "year": year, "file": typed.Get("file"), "rows": rows, "note": typed.Get("note")}, typed)
}

// newImport asks for a file of a kind.
func (v *visit) newImport() error {
	kind := chi.URLParam(v.r, "kind")
	if ok, err := v.importersOnly(kind); !ok {
		return err
	}
	return v.showNew(http.StatusOK, v.importDeed(kind))
}

func (v *visit) showNew(status int, d *Deed) error {
	kind := chi.URLParam(v.r, "kind")
	page := &NewImport{Shell: v.shell("imports", v.kind(kind), nil, Link{v.t("impor.title"), "/impor"}), Heading: v.kind(kind), Lead: v.t("impor.lead." + groupOf(kind)), Limit: v.t("impor.limit"), Form: d}
	page.Here = "/impor/baru/" + kind
	return v.show(status, "import", page)
}

// groupOf returns the sort of form that a kind has.
func groupOf(kind string) string {
	switch {
	case intake.IsList(kind):
		return "list"
	case intake.IsRegister(kind):
		return "register"
	}
	return kind
}

func (v *visit) importDeed(kind string) *Deed {
	d := deed("berkas", "/impor/baru/"+kind, v.kind(kind), v.t("impor.try"), 0, append(v.optionFields(kind, intake.Order{}, true),
		Field{Name: "berkas", Label: v.t("impor.file"), Hint: v.t("impor.file_hint." + groupOf(kind)), Kind: kindFile, Value: ".xlsx,.csv", Required: true})...)
	d.Files = true
	return d
}

// optionFields ask for all that a kind of file needs besides the file. The paper of
// a list can be handed in with the file only.
func (v *visit) optionFields(kind string, o intake.Order, first bool) []Field {
	year := Field{Name: "year", Label: v.t("impor.year"), Kind: kindSelect, Required: true}
	for _, c := range v.cycles {
		text := strconv.Itoa(c.Year)
		if c.Practice {
			text = v.t("cycle.practice", "year", text)
		}
		year.Options = append(year.Options, Option{Value: strconv.Itoa(c.Year), Text: text, Selected: c.Year == o.Year || o.Year == 0 && len(v.cycles) == 1})
	}
	sheet := Field{Name: "sheet", Label: v.t("impor.sheet"), Hint: v.t("impor.sheet_hint"), Kind: kindLine, Value: o.Sheet}
	tick := func(name string, on bool) Field {
		value := ""
		if on {
			value = "1"
		}
		return Field{Name: name, Label: v.t("impor." + name), Hint: v.t("impor." + name + "_hint"), Kind: kindTick, Value: value}
	}
	switch {
	case kind == intake.SIPD:
		return []Field{year, {Name: "exported_at", Label: v.t("impor.exported_at"), Hint: v.t("impor.exported_at_hint"), Kind: kindLine, Value: o.ExportedAt}, sheet,
			tick("as_history", o.AsHistory), tick("confirmed", o.Confirmed)}
	case kind == intake.Template:
		return nil
	case intake.IsRegister(kind):
		return []Field{{Name: "edition", Label: v.t("impor.edition"), Hint: v.t("impor.edition_hint"), Kind: kindLine, Required: true, Value: o.Edition},
			{Name: "valid_from", Label: v.t("impor.valid_from"), Kind: kindDate, Required: true, Value: o.ValidFrom}, sheet, tick("skip_faulty", o.SkipFaulty)}
	}
	paper := Field{Name: "document", Label: v.t("impor.document"), Kind: kindDocument, Required: true, Value: o.Document.Kind, Second: o.Document.Number, Third: o.Document.Date}
	if paper.Value == "" {
		paper.Value = map[string]string{"rkpd": "perkada", "ppas": "nota_kesepakatan", "apbd": "perda", "perubahan": "perda"}[kind]
	}
	for _, k := range []string{"perkada", "nota_kesepakatan", "perda"} {
		paper.Options = append(paper.Options, Option{Value: k, Text: v.t("document." + k), Selected: k == paper.Value})
	}
	fields := []Field{year, paper, {Name: "total", Label: v.t("impor.total"), Hint: v.t("impor.total_hint"), Kind: kindLine, Value: o.Total},
		{Name: "occurred", Label: v.t("impor.occurred"), Hint: v.t("impor.occurred_hint"), Kind: kindDate, Value: o.Occurred}, sheet,
		v.leftOutField(o.LeftOut), {Name: "left_out_text", Label: v.t("impor.left_out_text"), Kind: kindLine, Value: o.LeftOutWords}}
	if first {
		fields = append(fields, Field{Name: "naskah", Label: v.t("impor.paper"), Hint: v.t("impor.paper_hint"), Kind: kindFile, Value: ".pdf"})
	}
	return fields
}

func (v *visit) leftOutField(chosen string) Field {
	f := Field{Name: "left_out", Label: v.t("impor.left_out"), Hint: v.t("impor.left_out_hint"), Kind: kindSelect}
	for code := range v.flow.Codes {
		if code != noReason {
			f.Options = append(f.Options, Option{Value: code, Text: code + " – " + v.reason(code), Selected: code == chosen})
		}
	}
	slices.SortFunc(f.Options, func(a, b Option) int { return strings.Compare(a.Value, b.Value) })
	return f
}

// ordered reads the options of a form.
func ordered(kind string, typed url.Values, o intake.Order) intake.Order {
	said := func(name string) string { return strings.TrimSpace(typed.Get(name)) }
	o.Kind, o.Sheet = kind, said("sheet")
	o.Year, _ = strconv.Atoi(said("year"))
	o.ExportedAt, o.AsHistory, o.Confirmed = said("exported_at"), said("as_history") != "", said("confirmed") != ""
	o.Document = domain.Document{Kind: said("document"), Number: said("document.2"), Date: said("document.3"), Digest: o.Document.Digest}
	o.Total, o.Occurred, o.LeftOut, o.LeftOutWords = said("total"), said("occurred"), said("left_out"), said("left_out_text")
	o.Edition, o.ValidFrom, o.SkipFaulty = said("edition"), said("valid_from"), said("skip_faulty") != ""
	return o
}

// How much of a form with files is read: two files and what is typed, all of it
// together; typedPart is what the least field counts for.
const (
	largestForms = 2*64<<20 + 1<<20
	largestTyped = 64 << 10
	typedPart    = 64
	longestSend  = 15 * time.Minute
)

// upload takes a file in for a trial. It is read as it comes: what is typed stands
// before the files, as the form has it.
func (v *visit) upload() error {
	kind := chi.URLParam(v.r, "kind")
	if ok, err := v.importersOnly(kind); !ok {
		return err
	}
	http.NewResponseController(v.w).SetReadDeadline(time.Now().Add(longestSend))
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, largestForms)
	typed, got, err := v.received(kind)
	if err != nil {
		io.Copy(io.Discard, v.r.Body) // or the browser, still sending, would never see why
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			err = domain.Refuse(domain.Exhausted, "upload.too_large", "limit", "64")
		}
		p := v.word(err)
		d := v.importDeed(kind)
		d.retry(v, typed, p)
		return v.showNew(p.Status, d)
	}
	http.Redirect(v.w, v.r, uploadURL(got.ID), http.StatusSeeOther)
	return nil
}

func (v *visit) received(kind string) (typed url.Values, got intake.Upload, err error) {
	typed = url.Values{}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return typed, got, domain.Refuse(domain.Invalid, "upload.no_file")
	}
	paper, read := "", 0
	for {
		part, err := parts.NextPart()
		if err != nil {
			if paper != "" {
				err = errors.Join(err, v.Importing.Discard(v.ctx(), paper))
			}
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = domain.Refuse(domain.Invalid, "upload.no_file")
			}
			return typed, got, err
		}
		switch {
		case part.FileName() == "":
			said, err := io.ReadAll(io.LimitReader(part, largestTyped+1))
			if read += len(said) + len(part.FormName()) + typedPart; err == nil && read > largestTyped {
				err = domain.Refuse(domain.Exhausted, "request.too_large")
			}
			if err != nil {
				if paper != "" {
					err = errors.Join(err, v.Importing.Discard(v.ctx(), paper))
				}
				return typed, got, err
			}
			typed.Add(part.FormName(), string(said))
		case part.FormName() == "naskah":
			if paper != "" {
				return typed, got, errors.Join(domain.Refuse(domain.Invalid, "upload.no_file"), v.Importing.Discard(v.ctx(), paper))
			}
			kept, err := v.Importing.ReceivePaper(v.ctx(), part)
			if err != nil {
				return typed, got, err
			}
			paper = kept.ID
		case part.FormName() == "berkas":
			return v.keep(kind, typed, paper, part)
		}
	}
}

func (v *visit) keep(kind string, typed url.Values, paper string, part *multipart.Part) (url.Values, intake.Upload, error) {
	o := ordered(kind, typed, intake.Order{Name: part.FileName(), Paper: paper})
	got, err := v.Importing.Receive(v.ctx(), o, part)
	if err != nil && paper != "" {
		err = errors.Join(err, v.Importing.Discard(v.ctx(), paper))
	}
	return typed, got, err
}
