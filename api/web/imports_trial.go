package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"runut/api/intake"
	"runut/domain"
)

// Trial is the page of an uploaded file: what would be recorded of it, or what was.
type Trial struct {
	Shell
	Heading     string
	Done        bool   // it was just recorded
	Lead        string // what this is: a trial, or the result
	Running     string // how far the work is; "" where it is done
	Look        string // where to look how far it is
	Facts       []Pair
	Problem     *Problem // why the file as a whole is not taken in
	Said, Notes []string
	Rows        []TrialRow
	Amounts     bool // rows have amounts
	Events      []TrialRow
	Held        []HeldRow
	HeldMore    string
	HeldFile    string // address of the workbook
	Waiting     []WaitRow
	WaitMore    string
	WaitFile    string
	Answer      *Deed // the form around Waiting
	Record      *Deed // nil: there is nothing to record
	Options     *Deed // nil: the kind has none
	Discard     *Deed
}

// A TrialRow is how many there are of something.
type TrialRow struct {
	What, Rows, Amount string
	Sum                bool
}

// A HeldRow is a row that is not taken in.
type HeldRow struct{ Row, Column, Code, Why string }

// A WaitRow is a row that somebody must say the meaning of.
type WaitRow struct {
	Name, Row, Text, Amount string
	Choices                 []WaitChoice
}

// A WaitChoice is one thing that a row may mean.
type WaitChoice struct {
	Value, Text, Why, URL string
	Chosen                bool
}

// answers are what a row may be besides a proposal: what the workbook of
// confirmation calls them.
var answers = []string{"tanpa usulan", "tidak"}

// trial shows what would be recorded of an upload; where it was just recorded, what
// was.
func (v *visit) trial() error {
	if ok, err := v.importersOnly(""); !ok {
		return err
	}
	u, err := v.Importing.Upload(v.ctx(), chi.URLParam(v.r, "id"))
	if err != nil {
		return err
	}
	if v.query("hasil") != "" {
		if j := v.jobs.find(u.ID, false); j != nil {
			return v.showTrial(u, j, false)
		}
	}
	return v.showTrial(u, v.jobs.start(v, u.ID, true), true)
}

// showTrial shows what a job came to, or how far it is.
func (v *visit) showTrial(u intake.Upload, j *job, try bool) error {
	page := &Trial{Shell: v.shell("imports", v.kind(u.Order.Kind), nil, Link{v.t("impor.title"), "/impor"}), Heading: v.kind(u.Order.Kind), Done: !try}
	page.Here = uploadURL(u.ID)
	page.Facts = v.uploadFacts(u)
	here := uploadURL(u.ID)
	page.Discard = deed("buang", here+"/buang", v.t("impor.discard"), v.t("impor.discard_go"), 0)
	if fields := v.optionFields(u.Order.Kind, u.Order, false); len(fields) > 0 {
		page.Options = deed("pilihan", here+"/pilihan", v.t("impor.options"), v.t("impor.try_again"), 0, fields...)
	}
	if !j.wait(v.ctx()) {
		page.Running, page.Look = j.progress(v), here
		if !try {
			page.Look += "?hasil=1"
		}
		page.Lead = v.t("impor.working")
		page.Options = nil
		return v.show(http.StatusOK, "trial", page)
	}
	if try {
		v.jobs.forget(u.ID, true)
	} else if j.err == nil {
		v.await(j.position)
	}
	page.Lead = v.t(map[bool]string{true: "impor.is_trial", false: "impor.is_result"}[try])
	status := http.StatusOK
	if j.err != nil {
		p := v.word(j.err)
		page.Problem, status = &p, p.Status
		page.Done = false
		if page.Options != nil {
			page.Options.Open = true
		}
	}
	if j.report != nil {
		page.fill(v, u, j.report)
	}
	if j.err == nil && try && !j.report.Nothing {
		page.Record = deed("catat", here+"/catat", v.t("impor.record"), v.t("impor.record_go"), 0, Field{Name: "sidik", Kind: kindHidden, Value: tried(u)})
	}
	return v.show(status, "trial", page)
}

func (v *visit) uploadFacts(u intake.Upload) []Pair {
	facts := []Pair{{Label: v.t("impor.file"), Value: u.Order.Name}, {Label: v.t("impor.size"), Value: v.size(u.Size)}}
	add := func(code, value string) {
		if value != "" {
			facts = append(facts, Pair{Label: v.t(code), Value: value})
		}
	}
	o := u.Order
	if o.Year != 0 {
		add("impor.year", strconv.Itoa(o.Year))
	}
	if o.Document.Number != "" {
		add("impor.document", strings.TrimSpace(v.lang.Or("document."+o.Document.Kind, o.Document.Kind)+" "+o.Document.Number+", "+v.lang.Date(o.Document.Date)))
	}
	add("impor.edition", o.Edition)
	if o.ValidFrom != "" {
		add("impor.valid_from", v.lang.Date(o.ValidFrom))
	}
	add("impor.digest", u.Digest)
	add("impor.kept_until", v.day(u.Expires))
	return facts
}

// size writes how many bytes there are.
func (v *visit) size(bytes int64) string {
	if bytes < 1<<20 {
		return v.lang.Count((bytes+1023)>>10) + " kB"
	}
	return v.lang.Decimal(strconv.FormatFloat(float64(bytes)/(1<<20), 'f', 1, 64)) + " MB"
}

// fill puts a report on the page.
func (p *Trial) fill(v *visit, u intake.Upload, r *intake.Report) {
	p.Said, p.Notes = r.Said, r.Notes
	if r.Events > 0 {
		p.Said = append(slices.Clone(r.Said), v.t("impor.written", "n", v.count(r.Events)))
	}
	if r.Nothing && p.Problem == nil {
		p.Said = append(slices.Clone(p.Said), v.t("impor.nothing"))
	}
	for i, c := range r.Rows {
		p.Rows = append(p.Rows, TrialRow{c.What, v.count(c.Rows), c.Amount, i == len(r.Rows)-1})
		p.Amounts = p.Amounts || c.Amount != ""
	}
	for _, c := range r.Facts {
		p.Events = append(p.Events, TrialRow{c.What, v.count(c.Rows), c.Amount, false})
	}
	for _, h := range r.Held {
		p.Held = append(p.Held, HeldRow{strconv.Itoa(h.Row), h.Column, h.Code, h.Why})
	}
	files := "/api/v1/uploads/" + url.PathEscape(u.ID)
	if r.HeldTotal > 0 {
		p.HeldFile = files + "/quarantine"
	}
	if more := r.HeldTotal - len(r.Held); more > 0 {
		p.HeldMore = v.t("impor.more", "n", v.count(more))
	}
	if p.Done || r.WaitingTotal == 0 {
		return
	}
	p.WaitFile = files + "/confirm"
	if more := r.WaitingTotal - len(r.Waiting); more > 0 {
		p.WaitMore = v.t("impor.more", "n", v.count(more))
	}
	p.Answer = deed("jawab", uploadURL(u.ID)+"/jawab", v.t("impor.answer"), v.t("impor.answer_go"), 0)
	for _, w := range r.Waiting {
		p.Waiting = append(p.Waiting, v.waitRow(w, u.Order.Answers[w.Row]))
	}
}

func (v *visit) waitRow(w intake.Waiting, chosen string) WaitRow {
	row := WaitRow{Name: "baris-" + strconv.Itoa(w.Row), Row: strconv.Itoa(w.Row), Text: w.Text, Amount: w.Amount}
	for _, c := range w.Choices {
		row.Choices = append(row.Choices, WaitChoice{Value: c.Proposal, Text: c.Text, Why: c.Why, URL: proposalURL(c.Proposal), Chosen: c.Proposal == chosen})
	}
	for _, a := range answers {
		row.Choices = append(row.Choices, WaitChoice{Value: a, Text: v.t("impor.answer." + strings.ReplaceAll(a, " ", "_")), Chosen: a == chosen})
	}
	return row
}

// reorder takes other options for an upload, and tries it again.
func (v *visit) reorder(change func(*intake.Order, url.Values)) error {
	if ok, err := v.importersOnly(""); !ok {
		return err
	}
	typed, err := v.typed()
	if err != nil {
		return err
	}
	u, err := v.Importing.Upload(v.ctx(), chi.URLParam(v.r, "id"))
	if err != nil {
		return err
	}
	o := u.Order
	change(&o, typed)
	if err := v.Importing.Reorder(v.ctx(), u.ID, o); err != nil {
		return err
	}
	v.jobs.forget(u.ID, true) // what it says is of the order before
	http.Redirect(v.w, v.r, uploadURL(u.ID), http.StatusSeeOther)
	return nil
}

func (v *visit) options() error {
	return v.reorder(func(o *intake.Order, typed url.Values) { *o = ordered(o.Kind, typed, *o) })
}

// meant keeps what somebody says that rows mean. A row without an answer goes on
// waiting.
func (v *visit) meant() error {
	return v.reorder(func(o *intake.Order, typed url.Values) {
		all := make(map[int]string)
		maps.Copy(all, o.Answers)
		for name := range typed {
			digits, isRow := strings.CutPrefix(name, "baris-")
			row, err := strconv.Atoi(digits)
			if !isRow || err != nil || len(all) >= 10*intake.Most {
				continue
			}
			said := strings.TrimSpace(typed.Get(name))
			if number, err := domain.ParseNumber(said); err == nil {
				said = number
			} else if !slices.Contains(answers, said) {
				continue
			}
			all[row] = said
		}
		o.Answers = all
	})
}

// tried is the digest of what a trial is of: the bytes, and what they are to be
// taken for.
func tried(u intake.Upload) string {
	said, err := json.Marshal(u.Order)
	if err != nil { // of strings and numbers there is none
		return ""
	}
	sum := sha256.Sum256(append([]byte(u.Digest), said...))
	return hex.EncodeToString(sum[:])
}

// record takes an upload in, as it was tried: of the same bytes, and with the same
// options, which may have been changed meanwhile in another window. The form carries
// the digest of both.
func (v *visit) record() error {
	if ok, err := v.importersOnly(""); !ok {
		return err
	}
	typed, err := v.typed()
	if err != nil {
		return err
	}
	u, err := v.Importing.Upload(v.ctx(), chi.URLParam(v.r, "id"))
	if err != nil {
		return err
	}
	if typed.Get("sidik") != tried(u) {
		return domain.Refuse(domain.Stale, "upload.other_bytes")
	}
	v.jobs.start(v, u.ID, false)
	http.Redirect(v.w, v.r, uploadURL(u.ID)+"?hasil=1", http.StatusSeeOther)
	return nil
}

func (v *visit) discard() error {
	if ok, err := v.importersOnly(""); !ok {
		return err
	}
	if err := v.Importing.Discard(v.ctx(), chi.URLParam(v.r, "id")); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/impor", http.StatusSeeOther)
	return nil
}

// backToTrial answers who reloads the address of a form.
func (v *visit) backToTrial() error {
	if _, err := uuid.Parse(chi.URLParam(v.r, "id")); err != nil {
		return domain.Refuse(domain.NotFound, "upload.gone")
	}
	http.Redirect(v.w, v.r, uploadURL(chi.URLParam(v.r, "id")), http.StatusSeeOther)
	return nil
}
