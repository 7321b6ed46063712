package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	say "runut/api/answer"
	"runut/api/feed"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/projections"
)

// Subscriptions is the page of where an OPD's feed is sent to.
type Subscriptions struct {
	Shell
	OPD     string // name
	Choices []Option
	Rows    []EndpointRow
	Pull    string // address of the pull feed
	Secret  string // of the endpoint just added; shown once
	Made    Link
	Add     *Deed
	Next    string
}

// An EndpointRow is one endpoint of a list.
type EndpointRow struct {
	Link  Link // address
	Badge Badge
	Facts string
}

// SubscriptionPage is the page of one endpoint.
type SubscriptionPage struct {
	Shell
	Address    string
	Badge      Badge
	Done       string // what was just done
	Secret     string // just made; shown once
	Facts      []Pair
	Deeds      []*Deed
	Deliveries []DeliveryRow
	Next       string
}

// A DeliveryRow is one attempt.
type DeliveryRow struct {
	When, Event, Number string
	URL                 string // of the proposal
	Badge               Badge
	Answer              string
}

// endpoint and sending are what the API answers of them.
type (
	endpoint struct {
		ID, OPD, URL, Ordering, State, Why string
		Position                           int64
		Waiting, Parked, Stuck, Failures   int
		Next, Created                      time.Time
		Delivered                          *time.Time
		Secret                             string
	}
	sending struct {
		ID, Position, Took    int64
		At                    time.Time
		Type, Number, Outcome string
		Answer                string
		Attempt, Status       int
	}
	items[T any] struct {
		Items []T
		Next  string
	}
)

const subscriptionsPath = "/api/v1/subscriptions"

func subscriptionURL(id string) string { return "/langganan/" + url.PathEscape(id) }

// read asks the API and returns what it answers.
func read[T any](v *visit, method, path string, body []byte, headers ...string) (out T, err error) {
	a, err := v.ask(method, path, body, headers...)
	if err != nil {
		return out, err
	}
	if a.status != http.StatusOK {
		return out, a.problem()
	}
	return out, json.Unmarshal(a.body.Bytes(), &out)
}

// subscribersOnly lets in who may manage endpoints.
func (v *visit) subscribersOnly() (bool, error) {
	if !v.officersOnly() {
		return false, nil
	}
	return true, say.Subscribe(v.caller.Role, v.caller.Scope, "")
}

func (v *visit) subscriptions() error {
	if ok, err := v.subscribersOnly(); !ok || err != nil {
		return err
	}
	return v.showSubscriptions(http.StatusOK, nil, nil)
}

// showSubscriptions shows the endpoints of the OPD asked about, with the form as it
// was tried, or the endpoint that was just made.
func (v *visit) showSubscriptions(status int, tried *Deed, made *endpoint) error {
	page := &Subscriptions{Shell: v.shell("subscriptions", v.t("subscriptions.title"), nil), Add: tried}
	opd := v.caller.Scope.Code
	if v.caller.Scope.Kind != domain.ScopeOPD {
		opd = v.query("opd")
		offices, err := projections.Register{DB: v.DB}.List(v.ctx(), projections.RegisterOPD, "", "", "", projections.MaxLimit)
		if err != nil {
			return err
		}
		for _, o := range offices.Items {
			page.Choices = append(page.Choices, Option{o.Code, o.Name, o.Code == opd})
		}
	}
	page.Here = "/langganan"
	if opd == "" {
		return v.show(status, "subscriptions", page)
	}
	names, err := v.names(projections.RegisterOPD, opd)
	if err != nil {
		return err
	}
	page.OPD, page.Pull = names.of(opd), "/api/v1/feeds/opd/"+url.PathEscape(opd)+"/accepted"
	if page.Choices != nil {
		page.Here += "?opd=" + url.QueryEscape(opd)
	}
	after := ""
	if a := v.query("setelah"); a != "" {
		after = "&after=" + url.QueryEscape(a)
	}
	found, err := read[items[endpoint]](v, http.MethodGet, subscriptionsPath+"?opd="+url.QueryEscape(opd)+after, nil)
	if err != nil {
		return err
	}
	for _, x := range found.Items {
		page.Rows = append(page.Rows, EndpointRow{Link{x.URL, subscriptionURL(x.ID)}, v.endpointBadge(x), v.backlog(x)})
	}
	if found.Next != "" {
		page.Next = "/langganan?opd=" + url.QueryEscape(opd) + "&setelah=" + url.QueryEscape(found.Next)
	}
	if tried == nil {
		page.Add = v.addDeed(opd)
	}
	if made != nil {
		page.Secret, page.Made = made.Secret, Link{made.URL, subscriptionURL(made.ID)}
	}
	return v.show(status, "subscriptions", page)
}

func (v *visit) backlog(x endpoint) string {
	waiting := v.count(x.Waiting)
	if x.Waiting >= 1000 {
		waiting = v.t("subscription.many", "n", waiting)
	}
	return v.t("subscription.standing", "waiting", waiting, "parked", v.count(x.Parked), "failures", v.count(x.Failures))
}

func (v *visit) endpointBadge(x endpoint) Badge {
	tone := map[string]string{"active": "good", "paused": "wait", "disabled": "bad"}[x.State]
	if x.State == "active" && x.Failures > 0 {
		return Badge{v.t("subscription.state.failing"), "wait"}
	}
	return Badge{v.t("subscription.state." + x.State), tone}
}

func (v *visit) addDeed(opd string) *Deed {
	order := Field{Name: "ordering", Label: v.t("subscriptions.ordering"), Hint: v.t("subscriptions.ordering_hint"), Kind: kindSelect, Required: true}
	for _, o := range []string{"proposal", "endpoint"} {
		order.Options = append(order.Options, Option{o, v.t("subscriptions.ordering." + o), o == "proposal"})
	}
	from := Field{Name: "from", Label: v.t("subscriptions.from"), Kind: kindSelect, Required: true}
	for _, o := range []string{"now", "beginning"} {
		from.Options = append(from.Options, Option{o, v.t("subscriptions.from." + o), o == "now"})
	}
	return deed("tambah", "/langganan/tambah?opd="+url.QueryEscape(opd), v.t("subscriptions.add"), v.t("subscriptions.add_go"), 0,
		Field{Name: "url", Label: v.t("subscriptions.url"), Hint: v.t("subscriptions.url_hint"), Kind: kindLine, Required: true}, order, from)
}

func (v *visit) addSubscription() error {
	if ok, err := v.subscribersOnly(); !ok || err != nil {
		return err
	}
	typed, err := v.typed()
	if err != nil {
		return err
	}
	opd := v.query("opd")
	d := v.addDeed(opd)
	body := map[string]any{"opd": opd, "url": strings.TrimSpace(typed.Get("url")), "ordering": typed.Get("ordering")}
	if typed.Get("from") == "beginning" {
		body["after"] = 0
	}
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	made, err := read[endpoint](v, http.MethodPost, subscriptionsPath, sent, "Idempotency-Key", typed.Get("kunci"))
	if err != nil {
		p := v.word(err)
		d.retry(v, typed, p)
		return v.showSubscriptions(p.Status, d, nil)
	}
	if made.Secret == "" { // sent twice: it was shown then
		http.Redirect(v.w, v.r, subscriptionURL(made.ID), http.StatusSeeOther)
		return nil
	}
	return v.showSubscriptions(http.StatusOK, nil, &made)
}

func (v *visit) subscription() error {
	if ok, err := v.subscribersOnly(); !ok || err != nil {
		return err
	}
	return v.showSubscription(http.StatusOK, nil, "", v.query("sudah"))
}

// showSubscription shows an endpoint, with a form as it was tried, a secret that was
// just made, and what was just done.
func (v *visit) showSubscription(status int, tried *Deed, secret, done string) error {
	id := chi.URLParam(v.r, "id")
	path := subscriptionsPath + "/" + url.PathEscape(id)
	x, err := read[endpoint](v, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	before := ""
	if b := v.query("sebelum"); b != "" {
		before = "&before=" + url.QueryEscape(b)
	}
	log, err := read[items[sending]](v, http.MethodGet, path+"/deliveries?limit=20"+before, nil)
	if err != nil {
		return err
	}
	names, err := v.names(projections.RegisterOPD, x.OPD)
	if err != nil {
		return err
	}
	list := "/langganan"
	if v.caller.Scope.Kind != domain.ScopeOPD {
		list += "?opd=" + url.QueryEscape(x.OPD)
	}
	page := &SubscriptionPage{Shell: v.shell("subscriptions", x.URL, nil, Link{v.t("subscriptions.title"), list}), Address: x.URL, Badge: v.endpointBadge(x), Secret: secret}
	page.Here = subscriptionURL(id)
	if text := v.t("subscriptions.done." + done); done != "" && text != "subscriptions.done."+done {
		page.Done = text
	}
	add := func(code, value string) {
		if value != "" {
			page.Facts = append(page.Facts, Pair{Label: v.t(code), Value: value})
		}
	}
	add("fact.opd", names.of(x.OPD))
	if x.Why != "" {
		add("subscriptions.why", v.t("subscription.why."+x.Why))
	}
	add("subscriptions.stands", v.backlog(x))
	if x.Stuck > 0 {
		add("subscriptions.stuck", v.count(x.Stuck))
	}
	if x.State == "active" && x.Next.After(v.now) {
		add("subscriptions.next", v.moment(x.Next))
	}
	add("subscriptions.ordering", v.t("subscriptions.ordering."+x.Ordering))
	add("subscriptions.position", "#"+v.lang.Count(x.Position))
	if x.Delivered != nil {
		add("subscriptions.delivered", v.moment(*x.Delivered))
	}
	add("subscriptions.created", v.moment(x.Created))
	page.Deeds = v.endpointDeeds(x)
	for i := range page.Deeds {
		if tried != nil && page.Deeds[i].Action == tried.Action {
			page.Deeds[i] = tried
		}
	}
	for _, a := range log.Items {
		page.Deliveries = append(page.Deliveries, v.deliveryRow(a))
	}
	if log.Next != "" {
		page.Next = subscriptionURL(id) + "?sebelum=" + url.QueryEscape(log.Next)
	}
	return v.show(status, "subscription", page)
}

func (v *visit) deliveryRow(a sending) DeliveryRow {
	row := DeliveryRow{When: v.moment(a.At), Event: v.eventName(a.Type), Number: a.Number, Answer: a.Answer, Badge: Badge{v.t("subscription.outcome." + a.Outcome), "bad"}}
	switch a.Outcome {
	case "taken":
		row.Badge.Tone = "good"
	case "throttled":
		row.Badge.Tone = "wait"
	}
	if a.Status > 0 {
		row.Badge.Text += " · " + strconv.Itoa(a.Status)
	}
	if a.Attempt > 1 {
		row.Badge.Text += " · " + v.t("subscriptions.again", "n", v.count(a.Attempt))
	}
	if a.Number != "" {
		row.URL = proposalURL(a.Number)
	}
	if a.Position > 0 {
		row.Event += " #" + v.lang.Count(a.Position)
	}
	return row
}

// endpointDeeds are what can be done with an endpoint.
func (v *visit) endpointDeeds(x endpoint) []*Deed {
	here := subscriptionURL(x.ID)
	one := func(act string, fields ...Field) *Deed {
		return deed(act, here+"/"+act, v.t("subscriptions."+act), v.t("subscriptions."+act+"_go"), 0, fields...)
	}
	onward := one("jeda")
	if x.State != "active" || x.Parked > 0 {
		onward = one("lanjut")
	}
	return []*Deed{one("coba"), onward,
		one("ulang", Field{Name: "since", Label: v.t("subscriptions.since"), Kind: kindDate}, Field{Name: "after", Label: v.t("subscriptions.after"), Hint: v.t("subscriptions.after_hint"), Kind: kindNumber}),
		one("rahasia"), one("hapus")}
}

// endpointActs are the acts of the page and of the API.
var endpointActs = map[string]string{"coba": "test", "jeda": "pause", "lanjut": "resume", "ulang": "replay", "rahasia": "rotate", "hapus": "remove"}

func (v *visit) changeSubscription() error {
	if ok, err := v.subscribersOnly(); !ok || err != nil {
		return err
	}
	id, act := chi.URLParam(v.r, "id"), chi.URLParam(v.r, "act")
	verb := endpointActs[act]
	if verb == "" {
		return domain.Refuse(domain.NotFound, "request.path", "path", clip(v.r.URL.Path))
	}
	typed, err := v.typed()
	if err != nil {
		return err
	}
	var body []byte
	if verb == "replay" {
		if body, err = v.replayed(typed); err != nil {
			return err
		}
	}
	done, err := read[struct{ Secret, Outcome, OPD string }](v, http.MethodPost, subscriptionsPath+"/"+url.PathEscape(id)+"/"+verb, body)
	if err != nil {
		p := v.word(err)
		for _, d := range v.endpointDeeds(endpoint{ID: id}) {
			if d.Action == subscriptionURL(id)+"/"+act {
				d.retry(v, typed, p)
				return v.showSubscription(p.Status, d, "", "")
			}
		}
		return err
	}
	switch verb {
	case "rotate":
		return v.showSubscription(http.StatusOK, nil, done.Secret, "")
	case "remove":
		http.Redirect(v.w, v.r, "/langganan?opd="+url.QueryEscape(done.OPD), http.StatusSeeOther)
		return nil
	case "test":
		act += "." + done.Outcome
	}
	http.Redirect(v.w, v.r, subscriptionURL(id)+"?sudah="+url.QueryEscape(act), http.StatusSeeOther)
	return nil
}

// replayed returns what the form says of where to begin again, as the API takes it.
func (v *visit) replayed(typed url.Values) ([]byte, error) {
	body := map[string]any{}
	if day := typed.Get("since"); day != "" {
		at, err := time.ParseInLocation(time.DateOnly, day, v.zone)
		if err != nil {
			return nil, domain.Refuse(domain.Invalid, "view.time_malformed", "text", clip(day))
		}
		body["since"] = at
	}
	if after := strings.TrimPrefix(strings.TrimSpace(typed.Get("after")), "#"); after != "" {
		n, err := strconv.ParseInt(strings.ReplaceAll(after, ".", ""), 10, 64)
		if err != nil {
			return nil, domain.Refuse(domain.Invalid, "subscription.position", "position", clip(after))
		}
		body["after"] = n
	}
	return json.Marshal(body)
}

func (v *visit) backToSubscription() error {
	http.Redirect(v.w, v.r, subscriptionURL(chi.URLParam(v.r, "id")), http.StatusSeeOther)
	return nil
}

func (v *visit) eventName(stored string) string {
	term, ok := catalog.Terms[stored]
	switch {
	case stored == feed.TypeTest:
		return v.t("subscriptions.test_event")
	case !ok:
		return stored
	case v.lang == text.EN:
		return term.EN
	}
	return term.ID
}
