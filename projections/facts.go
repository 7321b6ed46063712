package projections

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/proposal"
)

// stated is what an event states, sorted by what it is good for.
type stated struct {
	facts []Fact     // values by the names of their JSON members
	words []Fact     // texts, masked
	docs  []Evidence // documents
	links []string   // numbers of proposals
	forum string     // stream
	place *Place
	close proposal.Closing
}

// unsaid are members that name a person, if only by pseudonym, or that stand
// elsewhere in a step.
var unsaid = map[string]bool{"proposer": true, "second_approver": true, "entered_by": true, "reason": true, "target": true, "action": true, "lane": true}

// linked are members that name other proposals.
var linked = map[string]bool{"parent": true, "parts": true, "whole": true, "next": true, "previous": true}

// statements returns what an event states beside its idea, which is told as
// changes, and its step.
func statements(e any) stated {
	var s stated
	if v := reflect.ValueOf(e); v.Kind() == reflect.Pointer && !v.IsNil() {
		s.walk(v.Elem())
	}
	return s
}

func (s *stated) walk(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch x := v.Field(i).Interface().(type) {
		case proposal.Step, []proposal.Component, *proposal.Amendment, *domain.Interval:
		case proposal.Idea:
			s.documents("attachments", x.Attachments)
		case proposal.Closing:
			s.close = x
		case proposal.Ranking:
			forum, list, _ := strings.Cut(x.List, "/")
			s.place = &Place{Forum: forum, List: list, Rank: x.Rank, Of: x.Of, Score: x.Score, Cutoff: x.Cutoff}
			if x.Amount != 0 {
				s.fact("list_amount", x.Amount)
			}
		case proposal.Allocation:
			s.walk(v.Field(i))
		default:
			s.member(name, x)
		}
	}
}

func (s *stated) member(name string, x any) {
	switch x := x.(type) {
	case domain.Text:
		if !x.IsZero() {
			s.words = append(s.words, Fact{name, x.String()})
		}
	case domain.Document:
		if !x.IsZero() {
			s.documents(name, []domain.Document{x})
		}
	case []domain.Document:
		s.documents(name, x)
	case string:
		switch {
		case x == "" || unsaid[name]:
		case name == "forum":
			s.forum = x
		case linked[name]:
			s.links = append(s.links, x)
		default:
			s.facts = append(s.facts, Fact{name, x})
		}
	case []string:
		switch {
		case len(x) == 0 || unsaid[name]:
		case linked[name]:
			s.links = append(s.links, x...)
		default:
			s.facts = append(s.facts, Fact{name, strings.Join(x, ", ")})
		}
	default:
		if !unsaid[name] {
			s.fact(name, x)
		}
	}
}

func (s *stated) documents(name string, all []domain.Document) {
	for _, d := range all {
		s.docs = append(s.docs, Evidence{name, d})
	}
}

// fact adds a value that is not zero, as people read it: rupiah as digits, per
// cents with two decimals.
func (s *stated) fact(name string, x any) {
	text := ""
	switch x := x.(type) {
	case proposal.Percent:
		if x != 0 {
			text = fmt.Sprintf("%d.%02d", x/100, x%100)
		}
	case domain.Volume:
		text = x.String()
	case time.Time:
		if !x.IsZero() {
			text = x.UTC().Format(time.RFC3339)
		}
	case bool:
		if x {
			text = "true"
		}
	default:
		switch v := reflect.ValueOf(x); v.Kind() {
		case reflect.Int, reflect.Int64:
			if v.Int() != 0 {
				text = strconv.FormatInt(v.Int(), 10)
			}
		case reflect.String:
			text = v.String()
		}
	}
	if text != "" {
		s.facts = append(s.facts, Fact{name, text})
	}
}

// changed returns what of a proposal differs between two states of it, in a
// fixed order.
func changed(a, b proposal.State) []Change {
	var out []Change
	text := func(field, old, new string) {
		if old != new {
			out = append(out, Change{field, old, new})
		}
	}
	money := func(field string, old, new domain.Rupiah) { text(field, rupiah(old), rupiah(new)) }
	text("title", a.Title.String(), b.Title.String())
	text("problem", a.Problem.String(), b.Problem.String())
	text("description", a.Description.String(), b.Description.String())
	text("location", a.Location.String(), b.Location.String())
	text("point", point(a.Point), point(b.Point))
	text("village", a.Village, b.Village)
	text("opd", a.OPD, b.OPD)
	text("kamus", a.Kamus, b.Kamus)
	text("sub_kegiatan", a.SubKegiatan, b.SubKegiatan)
	text("basic_service", a.BasicService, b.BasicService)
	text("issues", strings.Join(a.Issues, ", "), strings.Join(b.Issues, ", "))
	text("priority", number(a.Priority), number(b.Priority))
	text("volume", a.Volume.String(), b.Volume.String())
	money("estimate", a.Estimate, b.Estimate)
	money("accepted", a.Accepted, b.Accepted)
	for _, kind := range bothKeys(a.Included, b.Included) {
		money(kind, a.Included[kind], b.Included[kind])
	}
	for _, line := range bothKeys(a.Lines, b.Lines) {
		money("line:"+line, a.Lines[line], b.Lines[line])
	}
	money("granted", a.Granted(), b.Granted())
	text("parent", a.Parent, b.Parent)
	for _, c := range b.Components {
		i := slices.IndexFunc(a.Components, func(o proposal.Component) bool { return o.Child == c.Child })
		old := ""
		if i >= 0 {
			old = strconv.FormatInt(a.Components[i].Weight, 10)
		}
		text("component:"+c.Child, old, strconv.FormatInt(c.Weight, 10))
	}
	return out
}

// isMoney reports whether a change is one of money or of whose it is.
func (c Change) isMoney() bool {
	field, _, _ := strings.Cut(c.Field, ":")
	switch field {
	case "estimate", "accepted", "rkpd", "ppas", "line", "granted", "component", "parent":
		return true
	}
	return false
}

func rupiah(r domain.Rupiah) string {
	if r == 0 {
		return ""
	}
	return strconv.FormatInt(int64(r), 10)
}

func number(n int) string { return rupiah(domain.Rupiah(n)) }

func point(p *domain.Point) string {
	if p == nil {
		return ""
	}
	return p.Lat + ", " + p.Lon
}

func bothKeys[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// amended returns what a correction changes of an event's facts.
func amended(old, new any) []Change {
	flat := func(e any) map[string]string {
		all := make(map[string]string)
		s := statements(e)
		for _, f := range slices.Concat(s.facts, s.words) {
			all[f.Name] = f.Value
		}
		for _, d := range s.docs {
			all[d.Name] = strings.TrimSpace(d.Kind + " " + d.Number + " " + d.Date)
		}
		if s.place != nil {
			all["rank"] = number(s.place.Rank)
		}
		if code, _ := reasonOf(e); code != "" {
			all["reason"] = code
		}
		if p, ok := e.(proposal.Event); ok {
			all["state"] = string(p.Base().State)
			for _, c := range changed(proposal.State{}, proposal.Evolve(proposal.State{}, p, emptyEnvelope)) {
				all[c.Field] = cmp.Or(all[c.Field], c.New)
			}
		}
		return all
	}
	a, b := flat(old), flat(new)
	var out []Change
	for _, k := range bothKeys(a, b) {
		if a[k] != b[k] {
			out = append(out, Change{k, a[k], b[k]})
		}
	}
	return out
}
