package web

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/proposal"
	"runut/projections"
)

// Kinds of fields.
const (
	kindLine     = "line"     // one line of text
	kindArea     = "area"     // several lines
	kindNumber   = "number"   // a whole number
	kindMoney    = "money"    // rupiah
	kindPercent  = "percent"  // per cent, kept in hundredths
	kindDate     = "date"     // a local day
	kindSelect   = "select"   // one of Options
	kindHidden   = "hidden"   // stated without being asked
	kindVolume   = "volume"   // an amount and its unit
	kindDocument = "document" // kind, number and date
	kindWords    = "words"    // several, by commas
	kindFile     = "file"     // a file; Value says which are accepted
	kindTick     = "tick"     // yes, or nothing
	kindSecret   = "secret"   // a token, never shown again
	kindNumbers  = "numbers"  // numbers of proposals, one a line
)

// A Field is one fact that a form asks for.
type Field struct {
	ID                string // of its element
	Name, Label, Hint string
	Kind              string
	Required          bool
	Value             string
	Second, Third     string // of a volume: its unit; of a document: number and date
	Options           []Option
	Problem           string // what is wrong with it
}

// A form is how a page asks for an act. What it asks for follows from the
// workflow's needs and the event's type, so that a changed definition changes
// the form with it.
type form struct {
	fields, more []Field
	fixed        map[string]any
	path         string // where the API takes it; "" where no page can ask for it
	note         string
	anyVersion   bool // the version of the proposal is not what it speaks of
	build        func(body map[string]any, s *subject) (path string, err error)
}

// unasked are members that a form never asks for: the decider fills them in, or
// they take more than a page of today offers.
var unasked = []string{"state", "stage", "via", "checks", "observed", "recorded_late", "components", "attachments", "photos", "point",
	"proposer", "source_id", "village", "lane", "parts", "weights", "issues"}

// choices are the words that a member may have, by event and member.
var choices = map[string][]string{
	"verified.kind": {"administrasi", "lapangan"}, "verified.result": {"pass", "fail"},
	"recommended.level": {"lurah", "camat", "sekwan", "mitra", "skpd", "tapd"}, "recommended.result": {"yes", "no", "changed"},
	"responded.leaning": {"terima", "ragu", "tolak"}, "referred.target": {"provinsi", "pusat", "desa", "bumn"},
	"financed_elsewhere.mode":   {"elsewhere", "already_budgeted", "already_done", "usulan_langsung"},
	"reinstated.ground":         {"reopening", "objection", "reversal"},
	"objection_answered.result": {"upheld", "upheld_without_remedy", "refused"}, "aligned.plan": {"rpjmn", "rpjmd", "renstra"},
	"revised.basic_service": {"pendidikan", "kesehatan", "air_sanitasi", "perlindungan_sosial", "adminduk"},
}

// usual are members that most people state though the workflow does not insist.
var usual = map[string][]string{
	"rejected": {"ground", "text"}, "accepted_by_opd": {"change"}, "deferred": {"text"}, "cancelled": {"text"}, "withdrawn": {"text"}, "left_out": {"text"},
	"returned": {"fields", "note"}, "recommended": {"amount", "note"}, "verified": {"kind", "result", "note"}, "responded": {"note"},
	"revised": {"title", "problem", "location", "volume", "estimate"},
}

// papers are what sort of document a member usually is.
var papers = map[string]string{
	"included_in_rkpd.document": "perkada", "included_in_ppas.document": "nota_kesepakatan", "funded.document": "perda",
	"left_out.document": "berita_acara", "rejected.document": "berita_acara", "completed.handover": "berita_acara", "cancelled.legal_ground": "perkada",
	"amount_revised.ground": "perkada", "reinstated.document": "sk", "objection_answered.document": "surat",
}

var paperKinds = []string{"berita_acara", "surat", "sk", "perkada", "perda", "nota_kesepakatan", "dpa", "rab", "foto", "lainnya"}

// form returns how a page asks for an action that is open.
func (v *visit) form(s *subject, a action) (*form, error) {
	switch {
	case a.Href == "/api/v1/merges":
		return v.mergeForm(s, a)
	case strings.HasSuffix(a.Href, "/finalize"):
		return v.listForm(s, a)
	case strings.HasSuffix(a.Href, "/split"):
		return v.splitForm(s, a)
	case strings.HasSuffix(a.Href, "/unmerge"):
		return v.plainForm(s, a, []string{"reason", "forum"})
	case strings.HasSuffix(a.Href, "/carry-over"):
		return &form{path: a.Href, fixed: map[string]any{"year": 0}}, nil
	case strings.HasSuffix(a.Href, "/correct"), strings.HasSuffix(a.Href, "/"), a.Href == "", a.Event == "proposal.text_redacted":
		return &form{note: v.t("act.by_api")}, nil
	}
	return v.plainForm(s, a, nil)
}

// plainForm asks for the members of the action's event: what the workflow needs
// first, the rest folded away. With only, it asks for those and nothing else.
func (v *visit) plainForm(s *subject, a action, only []string) (*form, error) {
	t, ok := catalog.Events.Named(a.Event)
	if !ok {
		return &form{note: v.t("act.by_api")}, nil
	}
	f := &form{path: a.Href, fixed: make(map[string]any)}
	for _, m := range reflect.VisibleFields(t.Go()) {
		name, _, _ := strings.Cut(m.Tag.Get("json"), ",")
		if m.Anonymous || name == "" || slices.Contains(unasked, name) && !slices.Contains(a.Needs, name) || only != nil && !slices.Contains(only, name) {
			continue
		}
		if fixed, ok := a.Fixed[name]; ok {
			f.fixed[name] = typed(m.Type, fixed)
			continue
		}
		field, ok, err := v.field(s, a, t.Go(), m.Type, name)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		field.Required = slices.Contains(a.Needs, name) || name == "reason" && len(a.Reasons) > 0
		if field.Required || only != nil || slices.Contains(usual[strings.TrimPrefix(a.Event, "proposal.")], name) {
			f.fields = append(f.fields, field)
		} else {
			f.more = append(f.more, field)
		}
	}
	if stage, ok := a.Fixed["stage"]; ok && only == nil {
		f.fixed["stage"] = stage
	}
	order := func(list []Field) {
		at := func(f Field) int { // reason first, then as the workflow names them, then the rest
			if i := slices.Index(a.Needs, f.Name); i >= 0 || f.Name == "reason" {
				return i
			}
			return len(a.Needs)
		}
		slices.SortStableFunc(list, func(x, y Field) int { return at(x) - at(y) })
	}
	order(f.fields)
	if len(f.fields) == 0 {
		f.fields, f.more = f.more, nil
	}
	return f, nil
}

// typed turns a fixed value of the workflow into what the member holds.
func typed(t reflect.Type, value string) any {
	if t.Kind() == reflect.Bool {
		return value == "true"
	}
	return value
}

var (
	typeText     = reflect.TypeFor[domain.Text]()
	typeRupiah   = reflect.TypeFor[domain.Rupiah]()
	typeVolume   = reflect.TypeFor[domain.Volume]()
	typeDocument = reflect.TypeFor[domain.Document]()
	typePercent  = reflect.TypeFor[proposal.Percent]()
)

// field returns how one member is asked for, and whether a page can ask.
func (v *visit) field(s *subject, a action, owner, t reflect.Type, name string) (Field, bool, error) {
	f := Field{Name: name, Label: v.fieldLabel(a.Event, name), Kind: kindLine}
	event := strings.TrimPrefix(a.Event, "proposal.")
	if code := "hint." + event + "." + name; v.t(code) != code {
		f.Hint = v.t(code)
	}
	switch {
	case name == "reason" && len(a.Reasons) > 0:
		f.Kind = kindSelect
		for _, r := range a.Reasons {
			f.Options = append(f.Options, Option{Value: r.Code, Text: r.Title})
		}
		return f, true, nil
	case name == "forum":
		return v.forumField(f, s, a.Stage)
	case event == "transferred" && name == "to":
		return v.officeField(f, s.OPD)
	case event == "transferred" && name == "from":
		f.Kind, f.Value = kindHidden, s.OPD
		return f, true, nil
	case event == "reinstated" && name == "cause":
		f.Kind, f.Value = kindHidden, s.endedBy()
		return f, true, nil
	case choices[event+"."+name] != nil:
		f.Kind = kindSelect
		for _, w := range choices[event+"."+name] {
			f.Options = append(f.Options, Option{Value: w, Text: v.lang.Or("word."+name+"."+w, w)})
		}
		return f, true, nil
	}
	meaning, _ := catalog.FieldOf(owner.String(), name)
	switch {
	case t == typeText:
		f.Kind = kindArea
		if name == "title" || name == "location" {
			f.Kind = kindLine
		}
	case t == typeRupiah:
		f.Kind = kindMoney
	case t == typeVolume:
		f.Kind = kindVolume
		if event == "accepted_by_opd" {
			f.Value, f.Second = s.Volume.Amount, s.Volume.Unit
		}
	case t == typeDocument:
		f.Kind = kindDocument
		f.Value = papers[event+"."+name]
		if f.Value == "" {
			f.Value = map[bool]string{true: "surat", false: "sk"}[name == "letter"]
		}
		for _, k := range paperKinds {
			f.Options = append(f.Options, Option{Value: k, Text: v.lang.Or("document."+k, k), Selected: k == f.Value})
		}
	case t == typePercent:
		f.Kind = kindPercent
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		f.Kind = kindNumber
	case t.Kind() == reflect.String && meaning.Form == catalog.Day:
		f.Kind = kindDate
	case t.Kind() == reflect.String:
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		f.Kind = kindWords
	default:
		return f, false, nil
	}
	f.Value = v.present(f, event, s)
	return f, true, nil
}

// present is what a field begins with: what stands now, where keeping it is the
// usual answer.
func (v *visit) present(f Field, event string, s *subject) string {
	switch event + "." + f.Name {
	case "accepted_by_opd.estimate":
		return strconv.FormatInt(int64(s.Estimate), 10)
	case "amount_revised.old":
		return strconv.FormatInt(int64(s.Granted), 10)
	case "funded.sub_kegiatan", "included_in_rkpd.sub_kegiatan", "included_in_ppas.sub_kegiatan":
		return s.detail.SubKegiatan
	case "deferred.until":
		return strconv.Itoa(s.Cycle + 1)
	case "financed_elsewhere.fiscal_year":
		return strconv.Itoa(s.Cycle)
	}
	return f.Value
}

// endedBy returns the event that a proposal was ended by.
func (s *subject) endedBy() string {
	for _, x := range slices.Backward(s.steps) {
		if x.Corrected == "" && x.From != x.To && x.To == s.State {
			return x.Event.String()
		}
	}
	return ""
}

// forumField offers the sessions that a decision on s at a stage can have been
// made in.
func (v *visit) forumField(f Field, s *subject, stage string) (Field, bool, error) {
	filter := projections.ForumFilter{Cycle: s.Cycle}
	if stage != "" {
		filter.Stage = []string{stage}
	}
	found, err := projections.Forums{DB: v.DB}.List(v.ctx(), filter, "", projections.MaxLimit)
	if err != nil {
		return f, false, err
	}
	f.Kind = kindSelect
	for _, x := range found.Items {
		if x.Scope.Holds(s.Village, s.Kecamatan, s.OPD) {
			f.Options = append(f.Options, Option{Value: x.Stream, Text: v.lang.Or("forum."+x.Kind, x.Kind) + ", " + v.lang.Date(x.Date)})
		}
	}
	if len(f.Options) == 1 {
		f.Options[0].Selected, f.Value = true, f.Options[0].Value
	}
	if len(f.Options) == 0 {
		f.Kind, f.Hint = kindLine, v.t("act.no_forum")
	}
	return f, true, nil
}

func (v *visit) officeField(f Field, except string) (Field, bool, error) {
	found, err := projections.Register{DB: v.DB}.List(v.ctx(), projections.RegisterOPD, "", "", "", projections.MaxLimit)
	if err != nil {
		return f, false, err
	}
	f.Kind = kindSelect
	for _, x := range found.Items {
		if x.Code != except && x.Until == "" {
			f.Options = append(f.Options, Option{Value: x.Code, Text: x.Name})
		}
	}
	return f, true, nil
}

// identify gives every field an id that no other form of the page has.
func (f *form) identify(step string) {
	for _, list := range [][]Field{f.fields, f.more} {
		for i := range list {
			list[i].ID = step + "-" + list[i].Name
		}
	}
}

// refill puts what was typed back into the fields.
func (f *form) refill(typed url.Values) {
	for _, list := range [][]Field{f.fields, f.more} {
		for i := range list {
			x := &list[i]
			if _, sent := typed[x.Name]; !sent {
				continue
			}
			x.Value, x.Second, x.Third = typed.Get(x.Name), typed.Get(x.Name+".2"), typed.Get(x.Name+".3")
			for j := range x.Options {
				x.Options[j].Selected = x.Options[j].Value == x.Value
			}
		}
	}
}

// blame shows what is wrong beside the field it is wrong with: what was left
// empty that may not be, and what the refusal points at.
func (f *form) blame(v *visit, p Problem) {
	for _, list := range [][]Field{f.fields, f.more} {
		for i := range list {
			x := &list[i]
			if x.Required && x.empty() {
				x.Problem = v.t("field.required")
				continue
			}
			for _, one := range append([]Problem{p}, p.Errors...) {
				if name, _, _ := strings.Cut(strings.TrimPrefix(one.Field, "/"), "/"); name == x.Name {
					x.Problem = one.Title
				}
			}
		}
	}
}

// empty reports whether nothing was typed. The kind of a document is preset.
func (f Field) empty() bool {
	if f.Kind == kindDocument {
		return strings.TrimSpace(f.Second) == ""
	}
	return strings.TrimSpace(f.Value) == ""
}

// command returns the body that the API takes for what was typed, and where.
func (f *form) command(v *visit, s *subject) (path string, body []byte, err error) {
	facts := make(map[string]any)
	maps.Copy(facts, f.fixed)
	for _, x := range append(slices.Clone(f.fields), f.more...) {
		value, err := x.value()
		if err != nil {
			return "", nil, err
		}
		if value != nil {
			facts[x.Name] = value
		}
	}
	path = f.path
	if f.build != nil {
		if path, err = f.build(facts, s); err != nil {
			return "", nil, err
		}
	}
	body, err = json.Marshal(facts)
	return path, body, err
}

// value returns what was typed as JSON has it, nil for nothing.
func (f Field) value() (any, error) {
	typed := strings.TrimSpace(f.Value)
	switch f.Kind {
	case kindVolume:
		amount := plainDecimal(typed)
		if amount == "" {
			return nil, nil
		}
		return map[string]string{"amount": amount, "unit": strings.TrimSpace(f.Second)}, nil
	case kindDocument:
		number, date := strings.TrimSpace(f.Second), strings.TrimSpace(f.Third)
		if number == "" && date == "" {
			return nil, nil
		}
		return map[string]string{"kind": typed, "number": number, "date": date}, nil
	}
	if typed == "" {
		return nil, nil
	}
	bad := domain.Refuse(domain.Invalid, "act.not_a_number", "field", f.Label, "got", clip(typed)).At("/" + f.Name)
	switch f.Kind {
	case kindNumber:
		n, err := strconv.Atoi(typed)
		if err != nil {
			return nil, bad
		}
		return n, nil
	case kindMoney:
		n, err := strconv.ParseInt(strings.NewReplacer("Rp", "", "rp", "", ".", "", ",", "", " ", "", "\u00a0", "").Replace(typed), 10, 64)
		if err != nil {
			return nil, bad
		}
		return n, nil
	case kindPercent:
		n, err := strconv.ParseFloat(plainDecimal(typed), 64)
		if err != nil {
			return nil, bad
		}
		return int(n*100 + 0.5), nil
	case kindWords:
		var words []string
		for w := range strings.SplitSeq(typed, ",") {
			if w = strings.TrimSpace(w); w != "" {
				words = append(words, w)
			}
		}
		return words, nil
	case kindNumbers:
		var numbers []string
		for n := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
			number, err := domain.ParseNumber(n)
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, number)
		}
		return numbers, nil
	}
	return typed, nil
}

// plainDecimal reads a decimal as people type it, "1.250,5" or "350.5".
func plainDecimal(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), "%")
	if strings.Contains(s, ",") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	}
	return strings.TrimSpace(s)
}
