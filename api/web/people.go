package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/grant"
	"runut/domain/person"
	"runut/projections"
)

// People is the page of who may act as what.
type People struct {
	Shell
	Text     string // what was searched for
	Rows     []PersonRow
	First    string
	Next     string
	Register *Deed // nil: who looks may not
}

// A PersonRow is one person of the list.
type PersonRow struct {
	Link   Link // pseudonym
	Badge  *Badge
	Grants []GrantLine
}

// A GrantLine is one grant in a list.
type GrantLine struct {
	What  string // role and office
	Badge Badge
}

// PersonPage is the page of one person: their grants, and what can be done.
type PersonPage struct {
	Shell
	Heading  string
	Recorded string // position of what was just done
	Code     string // just handed out; shown once
	CodeNote string
	Facts    []Pair
	Grants   []GrantRow
	Give     *Deed
	Correct  *Deed
}

// A GrantRow is one grant of a person.
type GrantRow struct {
	ID     string
	What   string
	Badge  Badge
	Facts  []Pair
	Invite *Deed
	Revoke *Deed
}

// A Deed is a form that asks for one act.
type Deed struct {
	Action, Key, Title, Button string
	Version                    int
	Fields                     []Field
	Problem                    *Problem
	Open                       bool // unfolded
	Files                      bool // fields of it are files
}

// deed makes a form; id keeps its fields apart from those of other forms.
func deed(id, action, title, button string, version int, fields ...Field) *Deed {
	for i := range fields {
		fields[i].ID = id + "-" + fields[i].Name
	}
	return &Deed{Action: action, Key: uuid.NewString(), Title: title, Button: button, Version: version, Fields: fields}
}

// retry puts back what was typed, and why it was refused. Tokens are not repeated.
func (d *Deed) retry(v *visit, typed url.Values, p Problem) {
	f := form{fields: d.Fields}
	f.refill(typed)
	for i := range d.Fields {
		switch x := &d.Fields[i]; {
		case x.Kind == kindSecret:
			x.Value = ""
		case x.Kind == kindTick && typed.Get(x.Name) == "":
			x.Value = "" // browsers send nothing of what is not ticked
		}
	}
	f.blame(v, p)
	d.Problem, d.Open = &p, true
	if key := typed.Get("kunci"); key != "" {
		d.Key = key
	}
}

// body returns what the form says as the API takes it.
func (d *Deed) body(typed url.Values) (map[string]any, error) {
	f := form{fields: d.Fields}
	f.refill(typed)
	said := make(map[string]any)
	for _, x := range d.Fields {
		value, err := x.value()
		if err != nil {
			return nil, err
		}
		if value != nil && x.Kind != kindSecret {
			said[x.Name] = value
		}
	}
	return said, nil
}

// mayRegister returns for what somebody may register people.
func mayRegister(c Caller) []string {
	var purposes []string
	for _, purpose := range []string{"official", "council_member", "proposer"} {
		if slices.Contains(person.Registrars[purpose], c.Role) {
			purposes = append(purposes, purpose)
		}
	}
	return purposes
}

func (v *visit) seesPeople() bool { return slices.Contains(person.Readers, v.caller.Role) }

// peopleOnly lets in those who may see who holds what.
func (v *visit) peopleOnly() (bool, error) {
	if !v.officersOnly() {
		return false, nil
	}
	if !v.seesPeople() {
		return false, domain.Refuse(domain.Forbidden, "person.role_missing", "role", v.role(v.caller.Role), "wanted", v.rolesIn(person.Readers))
	}
	return true, nil
}

func (v *visit) rolesIn(all []domain.Role) string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = v.role(r)
	}
	return strings.Join(names, ", ")
}

func (v *visit) people() error {
	if ok, err := v.peopleOnly(); !ok {
		return err
	}
	return v.showPeople(http.StatusOK, nil)
}

// showPeople shows the list, with the form as it was tried.
func (v *visit) showPeople(status int, tried *Deed) error {
	search, after := strings.TrimSpace(v.query("q")), v.query("setelah")
	found, err := projections.People{DB: v.DB}.List(v.ctx(), projections.PeopleFilter{Text: clip(search)}, projections.Cursor(after), 50)
	if err != nil {
		return err
	}
	v.position = found.Position
	page := &People{Shell: v.shell("people", v.t("people.title"), nil), Text: search, Register: tried}
	page.Here = "/petugas"
	if tried == nil {
		page.Register = v.registerDeed()
	}
	for _, p := range found.Items {
		row := PersonRow{Link: Link{p.Person, personURL(p.Person)}, Badge: v.personBadge(p)}
		for _, g := range p.Grants {
			row.Grants = append(row.Grants, GrantLine{v.who(g.Role, g.Office), v.grantBadge(g)})
		}
		page.Rows = append(page.Rows, row)
	}
	q := "/petugas?"
	if search != "" {
		q += "q=" + url.QueryEscape(search) + "&"
	}
	if after != "" {
		page.First = strings.TrimRight(q, "?&")
	}
	if found.Next != "" {
		page.Next = q + "setelah=" + url.QueryEscape(string(found.Next))
	}
	return v.show(status, "people", page)
}

func personURL(pseudonym string) string { return "/petugas/" + url.PathEscape(pseudonym) }

func (v *visit) personBadge(p projections.Person) *Badge {
	switch {
	case p.Erased != nil:
		return &Badge{v.t("people.erased"), "bad"}
	case p.Version == 0:
		return &Badge{v.t("people.unregistered"), "wait"}
	}
	return nil
}

func (v *visit) grantBadge(g projections.Grant) Badge {
	switch {
	case g.Revoked != nil:
		return Badge{v.t("people.revoked"), "bad"}
	case v.now.Before(g.From):
		return Badge{v.t("people.not_yet"), "wait"}
	case !g.Holds(v.now):
		return Badge{v.t("people.over"), "bad"}
	}
	return Badge{v.t("people.in_force"), "good"}
}

// registerDeed asks for a new person; nil where who looks may register nobody.
func (v *visit) registerDeed() *Deed {
	purposes := mayRegister(v.caller)
	if len(purposes) == 0 {
		return nil
	}
	purpose := Field{Name: "purpose", Label: v.t("people.purpose"), Kind: kindSelect, Required: true}
	for _, p := range purposes {
		purpose.Options = append(purpose.Options, Option{Value: p, Text: v.t("people.purpose." + p), Selected: p == purposes[0]})
	}
	return deed("daftar", "/petugas/daftar", v.t("people.register"), v.t("people.register_go"), 0, append(v.detailFields(true), purpose)...)
}

func (v *visit) detailFields(named bool) []Field {
	return []Field{
		{Name: "name", Label: v.t("people.name"), Hint: v.t("people.name_hint"), Kind: kindLine, Required: named},
		{Name: "nik", Label: v.t("people.nik"), Kind: kindLine},
		{Name: "phone", Label: v.t("people.phone"), Kind: kindLine},
		{Name: "email", Label: v.t("people.email"), Kind: kindLine},
	}
}

// typed reads the form that was sent.
func (v *visit) typed() (url.Values, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, largestForm)
	if err := v.r.ParseForm(); err != nil {
		return nil, domain.Refuse(domain.Exhausted, "request.too_large")
	}
	return v.r.PostForm, nil
}

// carry sends a body to the API as the command that a form stands for.
func (v *visit) carry(path string, body map[string]any, typed url.Values, headers ...string) (*answer, error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	headers = append([]string{"Idempotency-Key", typed.Get("kunci")}, headers...)
	if version := typed.Get("versi"); version != "" {
		headers = append(headers, "If-Match", `"`+clip(version)+`"`)
	}
	if second := strings.TrimSpace(typed.Get("second")); second != "" {
		headers = append(headers, "Runut-Second-Token", clipTo(second, 300))
	}
	a, err := v.ask(http.MethodPost, path, sent, headers...)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, a.problem()
	}
	position, err := strconv.ParseInt(a.header.Get("X-Runut-Position"), 10, 64)
	if err == nil {
		v.await(position)
	}
	return a, err
}

// clipTo cuts what cannot be a header.
func clipTo(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), n)]
}

func (v *visit) registerPerson() error {
	if ok, err := v.peopleOnly(); !ok {
		return err
	}
	typed, err := v.typed()
	if err != nil {
		return err
	}
	d := v.registerDeed()
	if d == nil {
		return domain.Refuse(domain.Forbidden, "person.role_missing", "role", v.role(v.caller.Role), "wanted", v.rolesIn(person.Registrars["official"]))
	}
	body, err := d.body(typed)
	if err != nil {
		return err
	}
	a, err := v.carry("/api/v1/persons", body, typed)
	if err != nil {
		p := v.word(err)
		d.retry(v, typed, p)
		return v.showPeople(p.Status, d)
	}
	var done struct {
		Receipt struct {
			Last   int64 `json:"last"`
			Events []struct {
				Stream string `json:"stream"`
			} `json:"events"`
		} `json:"receipt"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &done); err != nil || len(done.Receipt.Events) == 0 {
		return err
	}
	pseudonym := strings.TrimPrefix(done.Receipt.Events[0].Stream, person.Stream(""))
	return v.recorded(personURL(pseudonym), a)
}

// recorded goes to a page that says what was recorded.
func (v *visit) recorded(address string, a *answer) error {
	http.Redirect(v.w, v.r, address+"?tercatat="+url.QueryEscape(a.header.Get("X-Runut-Position")), http.StatusSeeOther)
	return nil
}

func (v *visit) person() error {
	if ok, err := v.peopleOnly(); !ok {
		return err
	}
	page, err := v.personPage()
	if err != nil {
		return err
	}
	if n, err := strconv.ParseInt(v.query("tercatat"), 10, 64); err == nil && n > 0 && n <= v.position {
		page.Recorded = v.lang.Count(n)
	}
	return v.show(http.StatusOK, "person", page)
}

// personPage returns the page of the person in the address.
func (v *visit) personPage() (*PersonPage, error) {
	found, err := projections.People{DB: v.DB}.Get(v.ctx(), chi.URLParam(v.r, "person"))
	if err != nil {
		return nil, err
	}
	v.position = found.Position
	p, here := found.Value, personURL(found.Value.Person)
	page := &PersonPage{Shell: v.shell("people", p.Person, nil, Link{v.t("people.title"), "/petugas"}), Heading: p.Person}
	page.Here = here
	add := func(code, value string) { page.Facts = append(page.Facts, Pair{Label: v.t(code), Value: value}) }
	if p.Registered != nil {
		add("people.purpose", v.t("people.purpose."+p.Purpose))
		add("people.registered", v.moment(*p.Registered))
	} else {
		add("people.state", v.t("people.unregistered"))
	}
	if p.Corrected != nil {
		add("people.corrected", v.moment(*p.Corrected))
	}
	if p.Erased != nil {
		add("people.erased_at", v.moment(*p.Erased))
	}
	gives := slices.Contains(grant.Givers, v.caller.Role)
	for _, g := range p.Grants {
		page.Grants = append(page.Grants, v.grantRow(here, g, gives))
	}
	if gives && p.Erased == nil {
		page.Give = v.giveDeed(here)
	}
	if p.Registered != nil && p.Erased == nil && slices.Contains(person.Registrars[p.Purpose], v.caller.Role) {
		page.Correct = deed("betul", here+"/betulkan", v.t("people.correct"), v.t("people.correct_go"), p.Version, v.detailFields(false)...)
	}
	return page, nil
}

func (v *visit) grantRow(here string, g projections.Grant, gives bool) GrantRow {
	id := strings.TrimPrefix(g.Stream, grant.Stream(""))
	row := GrantRow{ID: id, What: v.who(g.Role, g.Office), Badge: v.grantBadge(g)}
	add := func(code, value string) {
		if value != "" {
			row.Facts = append(row.Facts, Pair{Label: v.t(code), Value: value})
		}
	}
	add("people.scope", v.t("people.scope."+string(g.Scope.Kind))+map[bool]string{true: " " + g.Scope.Code}[g.Scope.Code != ""])
	add("people.capacity", v.t("capacity."+string(g.Capacity)))
	if g.Cycle != 0 {
		add("people.year", strconv.Itoa(g.Cycle))
	}
	add("people.from", v.day(g.From))
	if g.Until != nil {
		add("people.until", v.day(*g.Until))
	}
	add("people.decree", g.Decree+", "+v.lang.Date(g.Decided))
	if g.Revoked != nil {
		add("people.revoked_at", v.moment(*g.Revoked))
	}
	if g.Invited != nil {
		add("people.invited_at", v.moment(*g.Invited))
	}
	add("people.grant", g.Stream)
	if !gives || g.Revoked != nil || g.Until != nil && !v.now.Before(*g.Until) {
		return row
	}
	base := here + "/penugasan/" + url.PathEscape(id)
	row.Invite = deed("kode-"+id, base+"/kode", v.t("people.invite"), v.t("people.invite_go"), 0, v.secondField())
	row.Revoke = deed("cabut-"+id, base+"/cabut", v.t("people.revoke"), v.t("people.revoke_go"), g.Version,
		v.decreeField(), Field{Name: "reason", Label: v.t("people.reason"), Kind: kindLine})
	return row
}

func (v *visit) secondField() Field {
	return Field{Name: "second", Label: v.t("people.second"), Hint: v.t("people.second_hint", "roles", v.rolesIn(grant.Seconds)), Kind: kindSecret, Required: true}
}

func (v *visit) decreeField() Field {
	f := Field{Name: "decree", Label: v.t("people.decree"), Kind: kindDocument, Required: true, Value: "sk"}
	for _, k := range []string{"sk", "surat", "perkada", "lainnya"} {
		f.Options = append(f.Options, Option{Value: k, Text: v.t("document." + k), Selected: k == "sk"})
	}
	return f
}

// givable returns the roles that can be given, and what each is held for.
func (v *visit) givable() map[domain.Role]domain.ScopeKind {
	all := make(map[domain.Role]domain.ScopeKind)
	for name, r := range v.flow.Roles {
		if name != domain.RoleSystem {
			all[name] = r.Scope
		}
	}
	maps.Copy(all, grant.Standing)
	return all
}

// giveDeed asks for a grant.
func (v *visit) giveDeed(here string) *Deed {
	role := Field{Name: "role", Label: v.t("people.role"), Kind: kindSelect, Required: true}
	for name, kind := range v.givable() {
		role.Options = append(role.Options, Option{Value: string(name), Text: v.role(name) + " – " + v.t("people.scope."+string(kind))})
	}
	slices.SortFunc(role.Options, func(a, b Option) int { return strings.Compare(a.Text, b.Text) })
	capacity := Field{Name: "capacity", Label: v.t("people.capacity"), Kind: kindSelect, Required: true}
	for _, c := range []domain.Capacity{domain.Definitif, domain.Plt, domain.Plh, domain.An} {
		capacity.Options = append(capacity.Options, Option{Value: string(c), Text: v.t("capacity." + string(c)), Selected: c == domain.Definitif})
	}
	return deed("beri", here+"/penugasan", v.t("people.give"), v.t("people.give_go"), 0, role,
		Field{Name: "scope", Label: v.t("people.code"), Hint: v.t("people.code_hint"), Kind: kindLine},
		Field{Name: "office", Label: v.t("people.office"), Hint: v.t("people.office_hint"), Kind: kindLine, Required: true},
		capacity,
		Field{Name: "from", Label: v.t("people.from"), Kind: kindDate, Required: true, Value: v.now.In(v.zone).Format(time.DateOnly)},
		Field{Name: "until", Label: v.t("people.until"), Hint: v.t("people.until_hint"), Kind: kindDate},
		Field{Name: "cycle", Label: v.t("people.year"), Hint: v.t("people.year_hint"), Kind: kindNumber},
		v.decreeField(), v.secondField())
}

// given turns what the form says into what a grant holds: a scope of the kind
// that the role is held for, and days as their beginning and end.
func (v *visit) given(body map[string]any) error {
	body["person"] = chi.URLParam(v.r, "person")
	role, _ := body["role"].(string)
	code, _ := body["scope"].(string)
	scope := map[string]string{"kind": string(v.givable()[domain.Role(role)])}
	if code != "" {
		scope["code"] = code
	}
	body["scope"] = scope
	for _, name := range []string{"from", "until"} {
		said, _ := body[name].(string)
		if said == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, said, v.zone)
		if err != nil {
			return domain.Refuse(domain.Invalid, "lists.day", "day", clip(said)).At("/" + name)
		}
		if name == "until" {
			day = domain.EndOfDay(day, v.zone)
		}
		body[name] = day
	}
	return nil
}

// personDeed carries out one of the forms of a person's page.
func (v *visit) personDeed(pick func(*PersonPage) *Deed, path string, complete func(map[string]any) error, done func(*PersonPage, *answer) error) error {
	if ok, err := v.peopleOnly(); !ok {
		return err
	}
	typed, err := v.typed()
	if err != nil {
		return err
	}
	page, err := v.personPage()
	if err != nil {
		return err
	}
	d := pick(page)
	if d == nil {
		return domain.Refuse(domain.Conflict, "people.form_gone")
	}
	body, err := d.body(typed)
	if err == nil && complete != nil {
		err = complete(body)
	}
	var a *answer
	if err == nil {
		a, err = v.carry(path, body, typed)
	}
	if err != nil {
		p := v.word(err)
		d.retry(v, typed, p)
		page.Title = v.t("act.refused_title") + page.Title
		return v.show(p.Status, "person", page)
	}
	if done != nil {
		return done(page, a)
	}
	return v.recorded(page.Here, a)
}

func (v *visit) correctPerson() error {
	return v.personDeed(func(p *PersonPage) *Deed { return p.Correct }, "/api/v1/persons/"+url.PathEscape(chi.URLParam(v.r, "person"))+"/correct", nil, nil)
}

func (v *visit) giveGrant() error {
	return v.personDeed(func(p *PersonPage) *Deed { return p.Give }, "/api/v1/grants", v.given, nil)
}

// grantOf returns the form of the grant in the address.
func (v *visit) grantOf(pick func(GrantRow) *Deed) func(*PersonPage) *Deed {
	return func(p *PersonPage) *Deed {
		for _, g := range p.Grants {
			if g.ID == chi.URLParam(v.r, "grant") {
				return pick(g)
			}
		}
		return nil
	}
}

func (v *visit) revokeGrant() error {
	return v.personDeed(v.grantOf(func(g GrantRow) *Deed { return g.Revoke }), "/api/v1/grants/"+url.PathEscape(chi.URLParam(v.r, "grant"))+"/revoke", nil, nil)
}

// inviteHolder shows the code on this very answer, the only one that has it.
func (v *visit) inviteHolder() error {
	return v.personDeed(v.grantOf(func(g GrantRow) *Deed { return g.Invite }), "/api/v1/grants/"+url.PathEscape(chi.URLParam(v.r, "grant"))+"/invite", nil, func(_ *PersonPage, a *answer) error {
		var made struct {
			Code    string    `json:"code"`
			Expires time.Time `json:"expires"`
		}
		if err := json.Unmarshal(a.body.Bytes(), &made); err != nil {
			return err
		}
		page, err := v.personPage() // as it is now
		if err != nil {
			return err
		}
		page.Code, page.CodeNote = made.Code, v.t("people.code_note", "until", v.moment(made.Expires))
		return v.show(http.StatusOK, "person", page)
	})
}

// backToPerson answers who reloads the address of a form.
func (v *visit) backToPerson() error {
	http.Redirect(v.w, v.r, personURL(chi.URLParam(v.r, "person")), http.StatusSeeOther)
	return nil
}
