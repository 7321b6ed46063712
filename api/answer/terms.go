package answer

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"runut/domain"
	"runut/domain/finding"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/projections"
)

// A member is one of a Sought that holds values.
type member struct {
	name  string // as the API calls it
	typed string // as the query of a page does
	of    func(*Sought) *[]string
}

var named = []member{
	{"kecamatan", "kecamatan", func(s *Sought) *[]string { return &s.Kecamatan }},
	{"village", "desa", func(s *Sought) *[]string { return &s.Village }},
	{"opd", "opd", func(s *Sought) *[]string { return &s.OPD }},
	{"lane", "jalur", func(s *Sought) *[]string { return &s.Lane }},
	{"stage", "tahap", func(s *Sought) *[]string { return &s.Stage }},
	{"state", "status", func(s *Sought) *[]string { return &s.State }},
	{"fate", "nasib", func(s *Sought) *[]string { return &s.Fate }},
	{"reason", "alasan", func(s *Sought) *[]string { return &s.Reason }},
	{"rule", "aturan", func(s *Sought) *[]string { return &s.Rule }},
}

// A Naming says where a member stands in what was asked.
type Naming func(member) string

// In the query of an API call, in that of a page, and in the path of a feed.
var (
	Query Naming = func(m member) string { return "query/" + m.name }
	Typed Naming = func(m member) string { return m.typed }
	Path  Naming = func(member) string { return "path/code" }
)

// Standing are the fates that may be sought of what stands now. Of a moment there is
// what was lost after an acceptance too; of what was released, what is not announced.
var (
	Standing = []string{string(history.Funded), string(history.Partly), string(history.Dropped), string(history.Deferred), string(history.Cancelled),
		string(history.Withdrawn), string(history.Elsewhere), string(history.Pending), string(history.Unknown)}
	fates    = slices.Concat(Standing, []string{AfterAcceptance})
	released = slices.Concat(Standing, []string{projections.FateUnannounced})
)

// Check refuses a fate (filter.fate) or a rule (filter.rule) that there is none of,
// which would find nothing and say so of the year.
func (s Sought) Check(by Naming) error { return s.check(by, fates) }

func (s Sought) check(by Naming, fates []string) error {
	for _, word := range s.Fate {
		if word != "" && !slices.Contains(fates, word) {
			return none(by, "fate", "filter.fate", word, "known", strings.Join(fates, ", "))
		}
	}
	for _, code := range s.Rule {
		if _, known := finding.RuleOf(code); !known && code != "" {
			return none(by, "rule", "filter.rule", code)
		}
	}
	return nil
}

// none refuses a value that is none.
func none(by Naming, name, code, value string, params ...string) error {
	m := named[slices.IndexFunc(named, func(m member) bool { return m.name == name })]
	return domain.Refuse(domain.Invalid, code, append(params, "parameter", path.Base(by(m)), "value", brief(value))...).At("/" + by(m))
}

// Terms are what the words of a Sought are held against, so that a value which is
// none is told from one that fits nothing.
type Terms struct {
	// Definitions are those of the years asked about. Without any, or where one is not
	// known, nobody can say which words of the process there are.
	Definitions []*workflow.Definition
	Register    codes
	// Has reports whether there is a proposal that is such. What one has is a value,
	// whatever registers and definitions say.
	Has func(context.Context, Sought) (bool, error)
	// Fates are those that may be sought; nil: those of a moment.
	Fates []string
}

// codes is where codes are looked up: the internal registers or the public ones.
type codes interface {
	Names(ctx context.Context, register string, codes ...string) (projections.At[map[string]string], error)
	Search(ctx context.Context, register, text string, limit int) (projections.At[[]projections.RegisterEntry], error)
}

// CodeTerms are the codes that may be asked about a fiscal year, 0 for all of them.
func CodeTerms(db projections.DB, year int) Terms {
	return Terms{Register: projections.Register{DB: db}, Has: func(ctx context.Context, s Sought) (bool, error) {
		f := projections.ProposalFilter{Cycle: year, Kecamatan: s.Kecamatan, Village: s.Village, OPD: s.OPD, Lane: s.Lane, Stage: s.Stage, State: s.State, Reason: s.Reason}
		found, err := projections.Proposals{DB: db}.List(ctx, f, projections.ByNumber, "", 1)
		return len(found.Items) > 0, err
	}}
}

// Terms returns what may be asked about a fiscal year, 0 for all of them.
func (d Desk) Terms(ctx context.Context, year int) (Terms, error) {
	t := CodeTerms(d.DB, year)
	cycles, err := projections.Cycles{DB: d.DB}.List(ctx)
	for _, c := range cycles.Items {
		if year == 0 || c.Year == year {
			t.Definitions = append(t.Definitions, d.Charts.For(c.Pin.Hash).Definition)
		}
	}
	return t, err
}

// PublicTerms are what a visitor may ask about a fiscal year, 0 for all of them: the
// words of a definition, what the public registers hold, and what was released.
func PublicTerms(public projections.Public, d *workflow.Definition, year int) Terms {
	return Terms{Definitions: []*workflow.Definition{d}, Register: public, Fates: released, Has: func(ctx context.Context, s Sought) (bool, error) {
		f := projections.PublicFilter{Cycle: year, Kecamatan: s.Kecamatan, Village: s.Village, OPD: s.OPD, Lane: s.Lane, Stage: s.Stage, Reason: s.Reason}
		found, err := public.List(ctx, f, projections.ByNumber, "", 1)
		return len(found.Items) > 0, err
	}}
}

// Check refuses the first value that is none of a year's, as Terms.Check does.
func (d Desk) Check(ctx context.Context, year int, s Sought, by Naming) error {
	t, err := d.Terms(ctx, year)
	if err != nil {
		return err
	}
	return t.Check(ctx, s, by)
}

// Check refuses the first value that is none: filter.word of what the definition
// says, filter.code of what stands in a register, and what Sought.Check refuses.
func (t Terms) Check(ctx context.Context, s Sought, by Naming) error {
	known := t.Fates
	if known == nil {
		known = fates
	}
	if err := s.check(by, known); err != nil {
		return err
	}
	for _, m := range named {
		said := slices.DeleteFunc(slices.Clone(*m.of(&s)), func(value string) bool { return value == "" })
		if len(said) == 0 || m.name == "fate" || m.name == "rule" {
			continue
		}
		missing, refuse, err := t.missing(ctx, m.name, said)
		if err != nil {
			return err
		}
		for _, value := range missing {
			var only Sought
			*m.of(&only) = []string{value}
			if has, err := t.Has(ctx, only); err != nil {
				return err
			} else if !has {
				return refuse(by, value)
			}
		}
	}
	return nil
}

// A refusing refuses a value under the name it was asked by.
type refusing func(by Naming, value string) error

// missing returns the values of a member that neither definition nor register has,
// and how they are refused.
func (t Terms) missing(ctx context.Context, name string, said []string) ([]string, refusing, error) {
	switch name {
	case "kecamatan", "village":
		return t.unlisted(ctx, name, projections.RegisterWilayah, said)
	case "opd":
		return t.unlisted(ctx, name, projections.RegisterOPD, said)
	}
	words, sure := t.words(name)
	missing := slices.DeleteFunc(said, func(word string) bool { return slices.Contains(words, word) })
	if !sure {
		missing = nil
	}
	if name == "reason" && len(missing) > 0 { // a cycle may have published further ones
		held, err := t.Register.Names(ctx, projections.RegisterReasons, missing...)
		if err != nil {
			return nil, nil, err
		}
		missing = slices.DeleteFunc(missing, func(code string) bool { _, ok := held.Value[code]; return ok })
	}
	return missing, func(by Naming, value string) error {
		return none(by, name, "filter.word", value, "known", strings.Join(words, ", "))
	}, nil
}

// words returns what a member may be called in the definitions, in their order, and
// whether all of these are known.
func (t Terms) words(name string) (words []string, sure bool) {
	if name == "reason" {
		words = append(words, proposal.ReasonUnsaid)
	}
	for _, d := range t.Definitions {
		if d == nil {
			return nil, false
		}
		switch name {
		case "stage":
			words = append(words, d.StageNames()...)
		case "state":
			for _, s := range d.StateNames() {
				words = append(words, string(s))
			}
		case "lane":
			words = append(words, slices.Sorted(maps.Keys(d.Lanes))...)
		case "reason":
			words = append(words, slices.Sorted(maps.Keys(d.Codes))...)
		}
	}
	var once []string
	for _, w := range words {
		if !slices.Contains(once, w) {
			once = append(once, w)
		}
	}
	return once, len(t.Definitions) > 0
}

// unlisted returns the codes that no edition of a register holds. A register that
// nobody has filled yet says nothing of any code.
func (t Terms) unlisted(ctx context.Context, name, register string, said []string) ([]string, refusing, error) {
	held, err := t.Register.Names(ctx, register, said...)
	if err != nil {
		return nil, nil, err
	}
	missing := slices.DeleteFunc(said, func(code string) bool {
		_, ok := held.Value[code]
		return ok && (name != "kecamatan" || domain.KecamatanOf(code) == code)
	})
	if len(missing) > 0 {
		any, err := t.Register.Search(ctx, register, "", 1)
		if err != nil || len(any.Value) == 0 {
			return nil, nil, err
		}
	}
	return missing, func(by Naming, value string) error { return none(by, name, "filter.code", value, "register", register) }, nil
}
