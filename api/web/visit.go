package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	say "runut/api/answer"
	"runut/api/text"
	"runut/domain"
	"runut/domain/workflow"
	"runut/projections"
)

// A visit is one request for a page.
type visit struct {
	*Pages
	w      http.ResponseWriter
	r      *http.Request
	lang   text.Lang
	caller Caller
	flow   *workflow.Definition // whose words states, stages and reasons have
	cycles []projections.PublicCycle
	zone   *time.Location
	now    time.Time

	position int64    // of the log, that what is shown stands at
	rounded  []string // what was asked about inside of an append, in words
	sealed   int64    // position up to which the log is sealed; 0 where it is not
}

// page makes a handler of a method of visit. An error becomes a page too.
func (p *Pages) page(answer func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := p.visit(w, r)
		err := v.open()
		if err == nil {
			err = answer(v)
		}
		if err != nil {
			v.fail(err)
		}
	}
}

func (p *Pages) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{Pages: p, w: w, lang: p.Language(r.Context()), caller: p.Caller(r.Context()),
		flow: p.Definitions(p.Current), zone: domain.Zones["WITA"], now: p.Now()}
	v.r = r.WithContext(say.Heed(r.Context(), func(x say.Rounded) {
		if said := x.In(v.lang); !slices.Contains(v.rounded, said) {
			v.rounded = append(v.rounded, said)
		}
	}))
	return v
}

// open reads what every page shows: which cycles there are, whose calendar is
// public from the start, and how far the log is sealed.
func (v *visit) open() error {
	if chosen, ok := text.Parse(v.query("lang")); ok {
		http.SetCookie(v.w, &http.Cookie{Name: "lang", Value: string(chosen), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	cycles, err := projections.Public{DB: v.Public}.Cycles(v.ctx())
	if err != nil {
		return err
	}
	v.cycles, v.position = cycles.Value, cycles.Position
	if len(v.cycles) > 0 {
		if zone := domain.Zones[v.cycles[0].Zone]; zone != nil {
			v.zone = zone
		}
	}
	if v.Book == nil {
		return v.knownYear()
	}
	head, err := v.Book.Latest(v.ctx())
	if errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
		return v.knownYear()
	}
	if err != nil {
		return err
	}
	v.sealed = head.Size
	return v.knownYear()
}

// knownYear refuses a ?tahun= that has no cycle: an address must not show
// another year than it names.
func (v *visit) knownYear() error {
	named := v.query("tahun")
	if named == "" || named == "semua" || len(v.cycles) == 0 {
		return nil
	}
	if year, err := strconv.Atoi(named); err == nil && v.cycle(year) != nil {
		return nil
	}
	var years []string
	for _, c := range v.cycles {
		years = append(years, strconv.Itoa(c.Year))
	}
	return domain.Refuse(domain.Invalid, "filter.cycle", "year", clip(named), "known", strings.Join(years, ", "))
}

func (v *visit) ctx() context.Context     { return v.r.Context() }
func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }
func (v *visit) official() bool           { return v.caller.Known() }

func (v *visit) t(code string, params ...string) string { return v.lang.T(code, params...) }
func (v *visit) label(l workflow.Label) string          { return l.In(string(v.lang)) }
func (v *visit) day(t time.Time) string                 { return v.lang.Day(t, v.zone) }
func (v *visit) moment(t time.Time) string              { return v.lang.Moment(t, v.zone) }

// cycle returns the cycle of a fiscal year, nil where there is none.
func (v *visit) cycle(year int) *projections.PublicCycle {
	for i := range v.cycles {
		if v.cycles[i].Year == year {
			return &v.cycles[i]
		}
	}
	return nil
}

// chosen returns the cycle that ?tahun= names; else the latest that is no
// practice, of which something was released where the visitor sees only that.
func (v *visit) chosen() *projections.PublicCycle {
	if year, err := strconv.Atoi(v.query("tahun")); err == nil {
		if c := v.cycle(year); c != nil {
			return c
		}
	}
	var second *projections.PublicCycle
	for i := range v.cycles {
		c := &v.cycles[i]
		if c.Practice {
			continue
		}
		if v.official() || len(c.Releases) > 0 {
			return c
		}
		if second == nil {
			second = c
		}
	}
	if second == nil && len(v.cycles) > 0 {
		return &v.cycles[0]
	}
	return second
}

// A figures is where sums come from: the public read model or the internal one.
type figures interface {
	Sum(context.Context, projections.FunnelFilter) (projections.At[projections.Totals], error)
	Reasons(context.Context, projections.FunnelFilter) (projections.At[[]projections.ReasonSum], error)
	Coverage(ctx context.Context, cycle int, kecamatan ...string) (projections.At[[]projections.Covered], error)
}

func (v *visit) figures() figures {
	if v.official() {
		return projections.Funnel{DB: v.DB}
	}
	return projections.Public{DB: v.Public}
}

// names returns the names of codes of a register. A code without a name stands
// for itself.
func (v *visit) names(register string, codes ...string) (names, error) {
	found, err := projections.Public{DB: v.Public}.Names(v.ctx(), register, codes...)
	return names(found.Value), err
}

type names map[string]string

func (n names) of(code string) string {
	if name := n[code]; name != "" {
		return name
	}
	return code
}

// titled writes a place with what sort of place it is, unless its name says so.
func titled(sort, name string) string {
	if name == "" || strings.HasPrefix(strings.ToLower(name), strings.ToLower(sort)) {
		return name
	}
	return sort + " " + name
}

func (v *visit) stage(name string) string {
	if s := v.flow.Stages[name]; s != nil {
		return v.label(s.Title)
	}
	if name == "" {
		return v.t("stage.none")
	}
	return name
}

func (v *visit) state(name workflow.State) string {
	if s := v.flow.States[name]; s != nil {
		return v.label(s.Title)
	}
	return string(name)
}

func (v *visit) reason(code string) string {
	switch {
	case code == "" || code == noReason:
		return v.t("reason.none")
	case v.flow.Codes[code] != nil:
		return v.label(v.flow.Codes[code].Title)
	}
	return code
}

// noReason is the code an act has of which no reason is on record.
const noReason = "ALS-KOSONG"

func (v *visit) lane(name string) string {
	if l, ok := v.flow.Lanes[name]; ok {
		return v.label(l)
	}
	return name
}

func (v *visit) role(name domain.Role) string {
	if r := v.flow.Roles[name]; r != nil {
		return v.label(r.Title)
	}
	if code := "role." + string(name); text.Has(code) {
		return v.t(code)
	}
	return string(name)
}

func (v *visit) window(name string) string {
	if w := v.flow.Windows[name]; w != nil {
		return v.label(w.Title)
	}
	return name
}

// who writes somebody as a role at an office.
func (v *visit) who(role domain.Role, office string) string {
	if office == "" || strings.EqualFold(office, v.role(role)) {
		return v.role(role)
	}
	return v.role(role) + ", " + office
}

// listURL returns the address of the list of proposals with a filter, of
// alternating names and values; empty values are left out.
func listURL(year int, filter ...string) string {
	q := url.Values{}
	if year != 0 {
		q.Set("tahun", strconv.Itoa(year))
	}
	for i := 0; i+1 < len(filter); i += 2 {
		if filter[i+1] != "" {
			q.Add(filter[i], filter[i+1])
		}
	}
	return "/usulan?" + q.Encode()
}

func proposalURL(number string) string { return "/usulan/" + number }
