package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	say "runut/api/answer"
	"runut/api/proofs"
	"runut/domain/person"
	"runut/projections"
)

// Access is the page of who opened sealed data, for what, and by what right. It shows
// no more than the log holds, which is pseudonyms and where the data stand.
type Access struct {
	Shell
	Filters     []Filter
	From, To    string
	Export      bool
	Rows        []AccessRow
	First, Next string
	JSON        string
}

// An AccessRow is one opening.
type AccessRow struct {
	When, Recorded   string
	Who, Reader      string
	Purpose, Ground  string
	Subject, Fields  string
	About            string // receipt of the event they belong to
	Export           bool
	Position, Proven string
}

const accessRows = 50

var accessNames = map[string]string{"purpose": "tujuan", "role": "peran", "from": "sejak", "to": "sampai"}

func (v *visit) access() error {
	if !v.officersOnly() {
		return nil
	}
	if err := say.Watch(v.caller.Role); err != nil {
		return err
	}
	asked := say.Opened{Purpose: v.query("tujuan"), Role: v.query("peran"), Export: v.query("ekspor") == "1", From: v.query("sejak"), To: v.query("sampai")}
	f, err := asked.Filter(v.zone, accessNames)
	if err != nil {
		return err
	}
	after := v.query("setelah")
	found, err := projections.Access{DB: v.DB}.List(v.ctx(), f, projections.Cursor(after), accessRows)
	if err != nil {
		return err
	}
	v.position = found.Position
	page := &Access{Shell: v.shell("access", v.t("access.title"), nil), From: asked.From, To: asked.To, Export: asked.Export}
	purposes, roles := Filter{Name: "tujuan", Label: v.t("access.purpose")}, Filter{Name: "peran", Label: v.t("access.role")}
	for _, p := range person.Purposes {
		purposes.Options = append(purposes.Options, Option{p, v.purpose(p), p == asked.Purpose})
	}
	for _, r := range person.Openers {
		roles.Options = append(roles.Options, Option{string(r), v.role(r), string(r) == asked.Role})
	}
	page.Filters = []Filter{purposes, roles}
	for _, o := range found.Items {
		page.Rows = append(page.Rows, v.opening(o))
	}
	here, call := url.Values{}, url.Values{}
	for name, said := range map[string][2]string{"tujuan": {"purpose", asked.Purpose}, "peran": {"role", asked.Role}, "sejak": {"from", asked.From}, "sampai": {"to", asked.To}} {
		if said[1] != "" {
			here.Set(name, said[1])
			call.Set(said[0], said[1])
		}
	}
	if asked.Export {
		here.Set("ekspor", "1")
		call.Set("export", "true")
	}
	page.JSON = withQuery("/api/v1/access", call)
	if after != "" {
		page.First = withQuery("/akses", here)
	}
	if found.Next != "" {
		here.Set("setelah", string(found.Next))
		page.Next = withQuery("/akses", here)
	}
	return v.show(http.StatusOK, "access", page)
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (v *visit) purpose(code string) string { return v.lang.Or("access.for."+code, code) }

func (v *visit) opening(o projections.Opening) AccessRow {
	row := AccessRow{When: v.moment(o.At), Who: v.who(o.Role, o.Office), Reader: o.Reader, Purpose: v.purpose(o.Purpose), Subject: o.Subject, Fields: strings.Join(o.Fields, ", "),
		Export: o.Export, Position: v.lang.Count(o.Position)}
	if !o.Recorded.Equal(o.At) {
		row.Recorded = v.moment(o.Recorded)
	}
	if !o.Ground.IsZero() {
		ground := []string{v.lang.Or("document."+o.Ground.Kind, o.Ground.Kind), o.Ground.Number}
		if o.Ground.Date != "" {
			ground = append(ground, v.lang.Date(o.Ground.Date))
		}
		row.Ground = strings.Join(slices.DeleteFunc(ground, func(s string) bool { return s == "" }), " · ")
	}
	if v.Book != nil {
		row.Proven = proofs.Page(o.Event)
	}
	row.About = o.About
	return row
}
