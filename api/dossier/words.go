package dossier

import (
	"strings"
	"time"

	"runut/api/answer"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/workflow"
	"runut/projections"
)

// words are what a page calls things.
type words struct{ answer.Speaker }

func (t *tale) words() words { return words{t.speaker} }

func (w words) t(code string, params ...string) string { return w.Lang.T(code, params...) }

func (w words) name(code string) string {
	if w.Name != nil && code != "" {
		if name := w.Name(code); name != "" {
			return name
		}
	}
	return code
}

func (w words) stage(name string) string {
	if w.Definition != nil && w.Definition.Stages[name] != nil {
		return w.Definition.Stages[name].Title.In(string(w.Lang))
	}
	return name
}

func (w words) state(name workflow.State) string {
	if w.Definition != nil && w.Definition.States[name] != nil {
		return w.Definition.States[name].Title.In(string(w.Lang))
	}
	return string(name)
}

func (w words) reason(code string) string {
	if w.Definition != nil && w.Definition.Codes[code] != nil {
		return w.Definition.Codes[code].Title.In(string(w.Lang)) + " (" + code + ")"
	}
	return code
}

func (w words) lane(name string) string {
	if w.Definition != nil {
		if l, ok := w.Definition.Lanes[name]; ok {
			return l.In(string(w.Lang))
		}
	}
	return name
}

func (w words) deciding(kind string) string {
	if kind == "" {
		return ""
	}
	return w.t("deciding." + kind)
}

func (w words) role(r domain.Role) string { return w.Roles([]domain.Role{r})[0] }

// who writes somebody as a role at an office.
func (w words) who(r domain.Role, office string) string {
	role := w.role(r)
	if office == "" || strings.EqualFold(office, role) {
		return role
	}
	return role + ", " + office
}

func (w words) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.Lang.Moment(t, w.Zone)
}

// when writes the time at which something took effect, as precisely as is known.
func (w words) when(o domain.Interval, recorded time.Time) string {
	switch o.Precision {
	case domain.BetweenExports:
		return w.t("when.between", "from", w.Lang.Day(o.From, w.Zone), "to", w.Lang.Day(o.To, w.Zone))
	case domain.Day:
		return w.Lang.Day(o.From, w.Zone)
	}
	return w.moment(o.Effective(recorded))
}

func (w words) fact(stored string, f projections.Fact) Pair {
	label, form := w.Lang.Field(stored, f.Name)
	p := Pair{label, f.Value}
	switch form {
	case catalog.Money:
		p.Value = w.Lang.Digits(f.Value)
	case catalog.Office, catalog.Wilayah:
		p.Value = w.name(f.Value)
	case catalog.Day:
		p.Value = w.Lang.Date(f.Value)
	case catalog.CentiPerCent:
		p.Value = w.Lang.Decimal(f.Value) + " %"
	case catalog.Word:
		p.Value = w.Lang.Or("word."+f.Name+"."+f.Value, f.Value)
	}
	return p
}

func (w words) edit(c projections.Change) Edit {
	name, rest, _ := strings.Cut(c.Field, ":")
	label, _ := w.Lang.Field("", name)
	e := Edit{strings.TrimSpace(w.Lang.Or("change."+name, label) + " " + rest), c.Old, c.New}
	for _, side := range []*string{&e.Old, &e.New} {
		switch {
		case *side == "":
		case text.OfMoney(name):
			*side = w.Lang.Digits(*side)
		case name == "opd", name == "village":
			*side = w.name(*side)
		case name == "basic_service":
			*side = w.Lang.Or("basic."+*side, *side)
		case name == "volume":
			amount, unit, _ := strings.Cut(*side, " ")
			*side = strings.TrimSpace(w.Lang.Decimal(amount) + " " + unit)
		}
	}
	return e
}

func (w words) document(d domain.Document) string {
	out := []string{w.Lang.Or("document."+d.Kind, strings.ReplaceAll(d.Kind, "_", " "))}
	if d.Number != "" {
		out = append(out, d.Number)
	}
	if d.Date != "" {
		out = append(out, w.Lang.Date(d.Date))
	}
	return strings.Join(out, " · ")
}

func (w words) count(n int) string { return w.Lang.Count(int64(n)) }
