package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"runut/api/paper"
	"runut/domain"
	"runut/domain/delivery"
	"runut/projections"
)

// Letters is the page of which villages were told what became of their
// proposals. An officer of a village sees the village alone.
type Letters struct {
	Shell
	Years    []Choice
	Statuses []Choice
	Rows     []LetterRow
	First    string
	Next     string
	Missing  string // how many villages were never told
	How      bool   // say how many are sent at once: to those who send
}

// A LetterRow is one village and its letters.
type LetterRow struct {
	Name, URL, Kecamatan string
	Badge                Badge
	Origins, Untold      string
	Changed              string
	Number, Date         string
}

var letterTones = map[string]string{projections.LetterMissing: "bad", projections.LetterStale: "wait", projections.LetterSent: "good"}

func letterURL(village string, year int) string {
	return "/surat/" + url.PathEscape(village) + "/" + strconv.Itoa(year)
}

func (v *visit) letters() error {
	if !v.officersOnly() {
		return nil
	}
	c := v.chosen()
	page := &Letters{Shell: v.shell("letters", v.t("letters.title"), c)}
	if c == nil {
		return v.show(http.StatusOK, "letters", page)
	}
	status, after := v.query("status"), v.query("setelah")
	filter := projections.LetterFilter{Cycle: c.Year}
	switch v.caller.Scope.Kind {
	case domain.ScopeVillage:
		filter.Village = []string{v.caller.Scope.Code}
	case domain.ScopeKecamatan:
		filter.Kecamatan = []string{v.caller.Scope.Code}
	}
	if slices.Contains(projections.LetterStatuses, status) {
		filter.Status = []string{status}
	} else {
		status = ""
	}
	letters := projections.Letters{DB: v.DB}
	counts, err := letters.Counts(v.ctx(), filter)
	if err != nil {
		return err
	}
	found, err := letters.List(v.ctx(), filter, projections.Cursor(after), 60)
	if err != nil {
		return err
	}
	v.position = found.Position
	page.Shell = v.shell("letters", v.t("letters.title"), c)
	page.Years, page.How = v.years(c.Year, "/surat?"), maySend(v.caller)
	page.Missing = v.t("letters.missing", "n", v.count(counts.Value[projections.LetterMissing]))
	here := "/surat?tahun=" + strconv.Itoa(c.Year)
	all := 0
	for _, s := range projections.LetterStatuses {
		all += counts.Value[s]
		page.Statuses = append(page.Statuses, Choice{Link{v.t("letter.status."+s) + " (" + v.count(counts.Value[s]) + ")", here + "&status=" + s}, s == status})
	}
	page.Statuses = append([]Choice{{Link{v.t("list.any") + " (" + v.count(all) + ")", here}, status == ""}}, page.Statuses...)
	if err := page.rows(v, found.Items); err != nil {
		return err
	}
	if status != "" {
		here += "&status=" + status
	}
	if after != "" {
		page.First = here
	}
	if found.Next != "" {
		page.Next = here + "&setelah=" + url.QueryEscape(string(found.Next))
	}
	return v.show(http.StatusOK, "letters", page)
}

func (l *Letters) rows(v *visit, all []projections.VillageLetters) error {
	var codes []string
	for _, x := range all {
		codes = append(codes, x.Village, x.Kecamatan)
	}
	places, err := v.names(projections.RegisterWilayah, codes...)
	if err != nil {
		return err
	}
	for _, x := range all {
		row := LetterRow{Name: places.of(x.Village), URL: letterURL(x.Village, x.Cycle), Kecamatan: titled(v.t("place.kecamatan"), places.of(x.Kecamatan)),
			Badge: Badge{v.t("letter.status." + x.Status), letterTones[x.Status]}, Origins: v.count(x.Origins), Untold: v.count(x.Untold), Changed: v.count(x.Changed),
			Number: x.Number, Date: "–"}
		if x.Date != "" {
			row.Date = v.lang.Date(x.Date)
		}
		l.Rows = append(l.Rows, row)
	}
	return nil
}

// maySend reports whether somebody answers villages. The act itself decides.
func maySend(c Caller) bool { return slices.Contains(delivery.Duties["letter.answer_sent"], c.Role) }

func (v *visit) letter() error {
	if !v.officersOnly() {
		return nil
	}
	return v.showLetter(http.StatusOK, nil)
}

// showLetter shows a letter of a village, with the form by which it is recorded
// as it was tried.
func (v *visit) showLetter(status int, tried *IssueForm) error {
	village := chi.URLParam(v.r, "village")
	year, err := strconv.Atoi(chi.URLParam(v.r, "year"))
	if err != nil {
		return domain.Refuse(domain.NotFound, "request.path", "path", clip(v.r.URL.Path))
	}
	sent, err := projections.Letters{DB: v.DB}.Of(v.ctx(), village, year)
	if err != nil {
		return err
	}
	number := v.query("nomor")
	l, err := v.Papers.Letter(v.ctx(), projections.LetterAsk{Village: village, Year: year, Number: number})
	if err != nil {
		return err
	}
	body, err := paper.Letter(l)
	if err != nil {
		return err
	}
	file := "/api/v1/letters/" + url.PathEscape(village) + "/" + strconv.Itoa(year) + "/html"
	page := &PaperPage{Heading: v.t("letter.heading", "village", l.VillageName, "year", strconv.Itoa(year)), Digest: paper.Digest(body), File: file, Send: true}
	page.Note = v.t("letter.is_draft", "n", v.count(l.Untold))
	if l.Untold == 0 {
		page.Note = v.t("letter.nothing_new")
	}
	page.Others = []Choice{{Link{v.t("letter.draft"), letterURL(village, year)}, number == ""}}
	for _, x := range sent.Value {
		at := letterURL(village, year) + "?nomor=" + url.QueryEscape(x.Number)
		page.Others = append(page.Others, Choice{Link{x.Number, at}, x.Number == number})
		if x.Number == number {
			page.File += "?number=" + url.QueryEscape(number)
			page.Note = v.t("letter.is_sent", "number", number, "day", v.lang.Date(x.Date), "channel", v.t("channel."+x.Channel), "position", v.lang.Count(x.Position))
		}
	}
	page.agree(v, l.Said)
	if len(l.Origins) <= longestPart {
		if page.Part, err = paper.LetterPart(l); err != nil {
			return err
		}
	}
	v.position = max(l.Position, sent.Position)
	page.Shell = v.shell("letters", page.Heading, v.cycle(year), Link{v.t("letters.title"), "/surat?tahun=" + strconv.Itoa(year)})
	page.Style = paperURL
	if v.r.Method == http.MethodPost {
		page.Here = letterURL(village, year)
	}
	if number == "" && l.Untold > 0 && maySend(v.caller) {
		page.Issue = v.letterForm(tried, letterURL(village, year))
	}
	if n, err := strconv.ParseInt(v.query("tercatat"), 10, 64); err == nil && n > 0 && n <= v.position {
		page.Done = v.lang.Count(n)
	}
	return v.show(status, "paper", page)
}

// letterForm returns the form by which a letter is recorded, as it was tried.
func (v *visit) letterForm(tried *IssueForm, action string) *IssueForm {
	f := tried
	if f == nil {
		f = &IssueForm{Key: uuid.NewString(), Date: v.now.In(v.zone).Format(time.DateOnly)}
	}
	chosen := v.r.PostFormValue("cara")
	f.Action = action
	for _, c := range delivery.Channels {
		f.Channel = append(f.Channel, Option{c, v.t("channel." + c), c == chosen})
	}
	return f
}

func (v *visit) sendLetter() error {
	if !v.officersOnly() {
		return nil
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, largestForm)
	village := chi.URLParam(v.r, "village")
	year, err := strconv.Atoi(chi.URLParam(v.r, "year"))
	if err != nil {
		return domain.Refuse(domain.NotFound, "request.path", "path", clip(v.r.URL.Path))
	}
	tried := &IssueForm{Number: strings.TrimSpace(v.r.PostFormValue("nomor")), Date: v.r.PostFormValue("tanggal"), Key: v.r.PostFormValue("kunci")}
	body, err := json.Marshal(map[string]any{"year": year, "village": village, "number": tried.Number, "date": tried.Date, "channel": v.r.PostFormValue("cara")})
	if err != nil {
		return err
	}
	position, err := v.command("/api/v1/letters", body, tried)
	if err == nil {
		v.await(position)
		http.Redirect(v.w, v.r, letterURL(village, year)+"?nomor="+url.QueryEscape(tried.Number)+"&tercatat="+strconv.FormatInt(position, 10), http.StatusSeeOther)
		return nil
	}
	p := v.word(err)
	tried.Problem = &p
	return v.showLetter(p.Status, tried)
}
