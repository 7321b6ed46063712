package web

import (
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	say "runut/api/answer"
	"runut/api/paper"
	"runut/domain"
	"runut/domain/forum"
	"runut/projections"
)

// Forums is the list of sessions of one fiscal year, for officers.
type Forums struct {
	Shell
	Years []Choice
	Rows  []ForumRow
	First string
	Next  string
	Came  string // address of the attendance of the year
}

// A ForumRow is one session in a list.
type ForumRow struct {
	URL, Title, Date string
	Decided          string
	Came             string // "7 dari 8"
	Badge            Badge  // of its berita acara
}

// Session is the page of one forum: who came, where the lines fell, and its
// berita acara.
type Session struct {
	Shell
	Heading    string
	Facts      []Pair
	Came       string
	Attendance []AttendeeRow
	Lists      []LineRow
	Minutes    []MinutesRow
	Draft      string // address of the draft
	Issue      *IssueForm
	Recorded   string
}

// An AttendeeRow is one whom the forum expected.
type AttendeeRow struct {
	Code, Name, How, Persons string
	Absent                   bool
}

// A LineRow is where the line of a final list fell.
type LineRow struct {
	Name, Limit, Used, In string
	Last, First           Link
}

// A MinutesRow is a berita acara that was issued.
type MinutesRow struct {
	Number, URL, File, Covers string
	Digest                    string
	Badge                     Badge
	Signers                   string
}

// An IssueForm is the form by which a berita acara is issued, or a letter is
// recorded.
type IssueForm struct {
	Action, Key, Version string
	Number, Date         string
	Channel              []Option // letters only
	Problem              *Problem
}

// PaperPage is the page that shows a berita acara or a letter as it will be on
// paper.
type PaperPage struct {
	Shell
	Heading string
	Note    string // what it is: a draft, issued, sent
	Warning string // the log names other bytes
	Digest  string
	File    string        // address of the file
	Part    template.HTML // nil where the paper is too long for a page
	Others  []Choice      // the other letters of a village
	Issue   *IssueForm
	Send    bool // the form records a letter
	Done    string
}

// officersOnly sends visitors to sign in, and back afterwards.
func (v *visit) officersOnly() bool {
	if v.official() {
		return true
	}
	http.Redirect(v.w, v.r, "/masuk?ke="+url.QueryEscape(v.r.URL.RequestURI()), http.StatusSeeOther)
	return false
}

// inspectorsOnly is officersOnly for what those who may inspect a year see; the error
// is for all other officers.
func (v *visit) inspectorsOnly() (bool, error) {
	if !v.officersOnly() {
		return false, nil
	}
	err := say.Inspect(v.caller.Role)
	return err == nil, err
}

func (v *visit) forums() error {
	if !v.officersOnly() {
		return nil
	}
	c := v.chosen()
	page := &Forums{Shell: v.shell("forums", v.t("forums.title"), c)}
	if c == nil {
		return v.show(http.StatusOK, "forums", page)
	}
	after := v.query("setelah")
	found, err := projections.Forums{DB: v.DB}.List(v.ctx(), projections.ForumFilter{Cycle: c.Year}, projections.Cursor(after), 50)
	if err != nil {
		return err
	}
	v.position = found.Position
	page.Shell = v.shell("forums", v.t("forums.title"), c)
	year := "tahun=" + strconv.Itoa(c.Year)
	page.Years, page.Came = v.years(c.Year, "/forum?"), "/kehadiran?"+year
	scopes, err := v.scopes(found.Items)
	if err != nil {
		return err
	}
	for _, f := range found.Items {
		page.Rows = append(page.Rows, v.forumRow(f, scopes))
	}
	if after != "" {
		page.First = "/forum?" + year
	}
	if found.Next != "" {
		page.Next = "/forum?" + year + "&setelah=" + url.QueryEscape(string(found.Next))
	}
	return v.show(http.StatusOK, "forums", page)
}

// scopes returns the names of the places and offices of forums.
func (v *visit) scopes(all []projections.Forum) (names, error) {
	var places, offices []string
	for _, f := range all {
		if f.Scope.Kind == domain.ScopeOPD {
			offices = append(offices, f.Scope.Code)
		} else {
			places = append(places, f.Scope.Code)
		}
	}
	out, err := v.names(projections.RegisterWilayah, places...)
	if err != nil {
		return nil, err
	}
	opd, err := v.names(projections.RegisterOPD, offices...)
	maps.Copy(out, opd)
	return out, err
}

func forumURL(id string) string { return "/forum/" + url.PathEscape(id) }

func (v *visit) session(kind string, scope domain.Scope, places names) string {
	name := places.of(scope.Code)
	if name == "" && len(v.cycles) > 0 {
		name = v.cycles[0].Title
	}
	return v.t("forum."+kind) + " · " + name
}

func (v *visit) forumRow(f projections.Forum, places names) ForumRow {
	r := ForumRow{URL: forumURL(f.ID), Title: v.session(f.Kind, f.Scope, places), Date: v.lang.Date(f.Date), Decided: v.count(f.Decided)}
	if f.Present+f.Absent > 0 {
		r.Came = v.t("forums.came", "n", v.count(f.Present), "of", v.count(f.Present+f.Absent))
	}
	r.Badge = Badge{v.t("minutes.none"), "wait"}
	if f.Signed {
		r.Badge = Badge{v.t("minutes.signed"), "good"}
	}
	return r
}

func (v *visit) forum() error {
	if !v.officersOnly() {
		return nil
	}
	return v.showForum(http.StatusOK, nil)
}

// showForum shows a forum, with the form for its berita acara as it was tried.
func (v *visit) showForum(status int, tried *IssueForm) error {
	id := chi.URLParam(v.r, "id")
	f, err := projections.Forums{DB: v.DB}.Get(v.ctx(), forum.Stream(id))
	if err != nil {
		return err
	}
	m, err := v.Papers.Minutes(v.ctx(), id, "", 0)
	if err != nil {
		return err
	}
	v.position = f.Position
	places, err := v.scopes([]projections.Forum{f.Value.Forum})
	if err != nil {
		return err
	}
	heading := v.session(f.Value.Kind, f.Value.Scope, places)
	page := &Session{Shell: v.shell("forums", heading, v.cycle(f.Value.Cycle), Link{v.t("forums.title"), "/forum?tahun=" + strconv.Itoa(f.Value.Cycle)}), Heading: heading,
		Draft: forumURL(id) + "/berita-acara"}
	page.Here = forumURL(id)
	page.fill(v, m)
	if mayKeep(v.caller, f.Value.Forum) {
		page.Issue = tried
		if tried == nil {
			page.Issue = &IssueForm{Key: uuid.NewString(), Version: strconv.Itoa(f.Value.Version)}
		}
		page.Issue.Action = page.Draft
	}
	if n, err := strconv.ParseInt(v.query("tercatat"), 10, 64); err == nil && n > 0 && n <= v.position {
		page.Recorded = v.lang.Count(n)
	}
	return v.show(status, "forum", page)
}

// mayKeep reports whether somebody keeps the record of a forum. The act itself
// decides; this only spares others a form that would be refused.
func mayKeep(c Caller, f projections.Forum) bool {
	return slices.Contains(forum.Kinds[f.Kind].Keeps, c.Role) && forum.Within(c.Scope, f.Scope)
}

func (s *Session) fill(v *visit, m *projections.MinutesPaper) {
	add := func(code, value string) {
		if value != "" {
			s.Facts = append(s.Facts, Pair{Label: v.t(code), Value: value})
		}
	}
	add("session.date", v.lang.Date(m.Date))
	add("session.place", m.Place)
	add("session.chair", m.Chair)
	add("session.stage", v.stage(m.Stage))
	add("session.agreed", v.count(len(m.Agreed)))
	add("session.not_agreed", v.count(len(m.NotAgreed)))
	add("session.joined", v.count(len(m.Joined)))
	came := 0
	for _, a := range m.Attendance {
		row := AttendeeRow{Code: a.Code, Name: a.Name, Absent: !a.Came, How: v.t("attendance.absent")}
		if a.Came {
			came++
			row.How = v.t("attendance.came")
			if a.Delegate {
				row.How = v.t("attendance.delegate")
			}
			if a.Channel != "" {
				row.How += ", " + v.t("attendance."+a.Channel)
			}
			if a.Count > 0 {
				row.Persons = v.t("attendance.persons", "n", v.count(a.Count), "women", v.count(a.Women))
			}
		}
		s.Attendance = append(s.Attendance, row)
	}
	if m.Register != "" {
		s.Came = v.t("attendance.against", "n", v.count(came), "of", v.count(len(m.Attendance)), "register", m.Register)
	}
	for _, l := range m.Lists {
		s.Lists = append(s.Lists, v.lineRow(l))
	}
	for _, x := range m.Issued {
		file := "/api/v1" + forumURL(strings.TrimPrefix(m.Forum, forum.Stream(""))) + "/minutes/html?number=" + url.QueryEscape(x.Number)
		row := MinutesRow{Number: x.Number, URL: s.Draft + "?nomor=" + url.QueryEscape(x.Number), File: strings.Replace(file, "/forum/", "/forums/", 1),
			Covers: v.count(x.Covers), Digest: x.Digest, Badge: Badge{v.t("minutes.unsigned"), "wait"}}
		if x.Signed {
			row.Badge = Badge{v.t("minutes.signed"), "good"}
		}
		s.Minutes = append(s.Minutes, row)
	}
}

func (v *visit) lineRow(l projections.MinutesList) LineRow {
	row := LineRow{Name: l.Name, Limit: v.t("limit.none"), Used: v.lang.Count(l.Used), In: v.t("forums.came", "n", v.count(l.Cutoff), "of", v.count(l.Of))}
	switch l.Limit.Kind {
	case forum.LimitQuota:
		row.Limit = v.t("limit.quota", "n", v.lang.Count(l.Limit.Value))
	case forum.LimitCeiling:
		row.Limit, row.Used = v.lang.Rupiah(domain.Rupiah(l.Limit.Value)), v.lang.Rupiah(domain.Rupiah(l.Used))
	}
	if l.LastIn != "" {
		row.Last = Link{l.LastIn, proposalURL(l.LastIn)}
	}
	if l.FirstOut != "" {
		row.First = Link{l.FirstOut, proposalURL(l.FirstOut)}
	}
	return row
}

// longestPart is how many proposals a paper may tell of to be shown on a page;
// longer ones are files only.
const longestPart = 400

func (v *visit) minutes() error {
	if !v.officersOnly() {
		return nil
	}
	id, number := chi.URLParam(v.r, "id"), v.query("nomor")
	m, err := v.Papers.Minutes(v.ctx(), id, number, 0)
	if err != nil {
		return err
	}
	body, err := paper.Minutes(m)
	if err != nil {
		return err
	}
	heading := v.t("minutes.heading")
	page := &PaperPage{Heading: heading, Digest: paper.Digest(body), File: "/api/v1/forums/" + url.PathEscape(id) + "/minutes/html", Note: v.t("minutes.is_draft")}
	for _, x := range m.Issued {
		if number != "" && x.Number == number {
			page.Note = v.t("minutes.is_issued", "number", number, "position", v.lang.Count(x.Position))
			page.File += "?number=" + url.QueryEscape(number)
			page.agree(v, x.Digest)
		}
	}
	if len(m.Covers) <= longestPart {
		if page.Part, err = paper.MinutesPart(m); err != nil {
			return err
		}
	}
	v.position = m.Position
	page.Shell = v.shell("forums", heading, v.cycle(m.Cycle), Link{v.t("forums.title"), "/forum?tahun=" + strconv.Itoa(m.Cycle)}, Link{v.t("session.title"), forumURL(id)})
	page.Style = paperURL
	return v.show(http.StatusOK, "paper", page)
}

// agree warns where the log names other bytes than those shown.
func (p *PaperPage) agree(v *visit, said string) {
	if said != "" && said != p.Digest {
		p.Warning = v.t("paper.differs", "said", said)
	}
}

func (v *visit) issueMinutes() error {
	if !v.officersOnly() {
		return nil
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, largestForm)
	id := chi.URLParam(v.r, "id")
	tried := &IssueForm{Number: strings.TrimSpace(v.r.PostFormValue("nomor")), Key: v.r.PostFormValue("kunci"), Version: v.r.PostFormValue("versi")}
	body, err := json.Marshal(map[string]string{"number": tried.Number})
	if err != nil {
		return err
	}
	position, err := v.command("/api/v1/forums/"+url.PathEscape(id)+"/issue-minutes", body, tried)
	if err == nil {
		v.await(position)
		http.Redirect(v.w, v.r, forumURL(id)+"?tercatat="+strconv.FormatInt(position, 10), http.StatusSeeOther)
		return nil
	}
	p := v.word(err)
	tried.Problem = &p
	return v.showForum(p.Status, tried)
}

// command sends a form to the JSON API and returns the position of what it wrote.
func (v *visit) command(path string, body []byte, f *IssueForm) (int64, error) {
	a, err := v.ask(http.MethodPost, path, body, "Idempotency-Key", f.Key, "If-Match", `"`+clip(f.Version)+`"`)
	if err != nil {
		return 0, err
	}
	if a.status != http.StatusOK {
		return 0, a.problem()
	}
	return strconv.ParseInt(a.header.Get("X-Runut-Position"), 10, 64)
}

// Attendance is the page of who never came and who never handed in.
type Attendance struct {
	Shell
	Years  []Choice
	Never  []Choice // only those that never came, or all
	Rows   []AttendanceRow
	First  string
	Next   string
	Silent []CoverageRow // kecamatan with villages that handed in nothing
	Count  string        // of such villages
}

// An AttendanceRow is how often somebody came.
type AttendanceRow struct {
	Code, Name, Expected, Came, Delegated, Last string
	Never                                       bool
}

func (v *visit) attendance() error {
	if !v.officersOnly() {
		return nil
	}
	c := v.chosen()
	page := &Attendance{Shell: v.shell("forums", v.t("attendance.title"), c)}
	if c == nil {
		return v.show(http.StatusOK, "attendance", page)
	}
	never, after := v.query("semua") != "1", v.query("setelah")
	found, err := projections.Forums{DB: v.DB}.Attendance(v.ctx(), projections.AttendanceFilter{Cycle: c.Year, Never: never}, projections.Cursor(after), 100)
	if err != nil {
		return err
	}
	covered, err := projections.Funnel{DB: v.DB}.Coverage(v.ctx(), c.Year)
	if err != nil {
		return err
	}
	places, err := v.placesOf(covered.Value)
	if err != nil {
		return err
	}
	v.position = found.Position
	year := "tahun=" + strconv.Itoa(c.Year)
	page.Shell = v.shell("forums", v.t("attendance.title"), c, Link{v.t("forums.title"), "/forum?" + year})
	page.Years = v.years(c.Year, "/kehadiran?")
	page.Never = []Choice{{Link{v.t("attendance.never_only"), "/kehadiran?" + year}, never}, {Link{v.t("attendance.everybody"), "/kehadiran?semua=1&" + year}, !never}}
	if err := page.rows(v, found.Items); err != nil {
		return err
	}
	here := "/kehadiran?" + year
	if !never {
		here += "&semua=1"
	}
	if after != "" {
		page.First = here
	}
	if found.Next != "" {
		page.Next = here + "&setelah=" + url.QueryEscape(string(found.Next))
	}
	silent := 0
	for _, x := range covered.Value {
		if len(x.Silent) == 0 {
			continue
		}
		silent += len(x.Silent)
		row := CoverageRow{Name: titled(v.t("place.kecamatan"), places.of(x.Kecamatan)), URL: listURL(c.Year, "kecamatan", x.Kecamatan)}
		for _, code := range x.Silent {
			row.Silent = append(row.Silent, places.of(code))
		}
		page.Silent = append(page.Silent, row)
	}
	page.Count = v.count(silent)
	return v.show(http.StatusOK, "attendance", page)
}

func (a *Attendance) rows(v *visit, all []projections.Attendance) error {
	codes := make([]string, len(all))
	for i, x := range all {
		codes[i] = x.Code
	}
	places, err := v.names(projections.RegisterWilayah, codes...)
	if err != nil {
		return err
	}
	offices, err := v.names(projections.RegisterOPD, codes...)
	if err != nil {
		return err
	}
	for _, x := range all {
		row := AttendanceRow{Code: x.Code, Name: offices.of(places.of(x.Code)), Expected: v.count(x.Expected), Came: v.count(x.Came), Delegated: v.count(x.Delegated),
			Last: "–", Never: x.Came == 0}
		if x.Last != "" {
			row.Last = v.lang.Date(x.Last)
		}
		a.Rows = append(a.Rows, row)
	}
	return nil
}
