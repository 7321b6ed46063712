package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"runut/domain"
	"runut/projections"
)

// A Step is one act that the workflow allows on a proposal, as it stands for who
// looks: a form where it is open, the reason where it is not.
type Step struct {
	Name, Title, Stage string
	URL                string
	Form               bool   // whether it can be done on a page
	Note               string // how else
	Fields, More       []Field
	Key                string // of the command: the same form sent twice acts once
	Why                string
	Checks             []Check
	Problem            *Problem // why what was just tried was refused
}

// An action is a step as the JSON API describes it.
type action struct {
	Name    string            `json:"name"`
	Event   string            `json:"event"`
	Title   string            `json:"title"`
	Stage   string            `json:"stage"`
	Open    bool              `json:"open"`
	Href    string            `json:"href"`
	Needs   []string          `json:"needs"`
	Fixed   map[string]string `json:"fixed"`
	Reasons []struct {
		Code  string `json:"code"`
		Title string `json:"title"`
	} `json:"reasons"`
	Why    string  `json:"why"`
	Checks []Check `json:"checks"`
}

// An attempt is a form that was sent and refused.
type attempt struct {
	step    string
	form    url.Values
	problem Problem
}

// Error makes a Problem an error, so that what the API refuses can be handed on.
func (p Problem) Error() string { return p.Code + ": " + p.Title }

// actions asks the API what can be done with a proposal, and for which version
// of it that holds.
func (v *visit) actions(number string) ([]action, int, error) {
	a, err := v.ask(http.MethodGet, "/api/v1/proposals/"+number, nil)
	if err != nil {
		return nil, 0, err
	}
	if a.status != http.StatusOK {
		return nil, 0, a.problem()
	}
	var body struct {
		Actions []action `json:"actions"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &body); err != nil {
		return nil, 0, err
	}
	version, err := strconv.Atoi(strings.Trim(a.header.Get("ETag"), `"`))
	return body.Actions, version, err
}

// steps fills what an officer can do with a proposal and what not.
func (p *Proposal) steps(v *visit, s *subject, tried attempt) error {
	actions, version, err := v.actions(s.Number)
	if err != nil {
		return err
	}
	p.Version = version
	for _, a := range actions {
		if strings.HasSuffix(a.Href, "/unmerge") && len(s.detail.Components) == 0 {
			continue // nothing was merged in it
		}
		step := Step{Name: a.Name, Title: a.Title, Why: a.Why, Checks: failed(a.Checks)}
		if a.Stage != "" {
			step.Stage = v.stage(a.Stage)
		}
		if a.Name == tried.step {
			step.Problem = &tried.problem
		}
		if !a.Open {
			step.Why = v.closedWhy(a)
			p.Closed = append(p.Closed, step)
			continue
		}
		step.URL, step.Key = proposalURL(s.Number)+"/langkah/"+a.Name, uuid.NewString()
		f, err := v.form(s, a)
		if err != nil {
			return err
		}
		step.Form, step.Note = f.path != "", f.note
		step.Fields, step.More = f.fields, f.more
		f.identify(a.Name)
		if a.Name == tried.step {
			f.refill(tried.form)
			f.blame(v, tried.problem)
		}
		p.Steps = append(p.Steps, step)
	}
	slices.SortStableFunc(p.Steps, func(a, b Step) int { return rank(a) - rank(b) })
	return nil
}

// closedWhy says why a step is closed. Where it is another role's, it says whose.
func (v *visit) closedWhy(a action) string {
	t := v.flow.Transitions[a.Name]
	if t == nil || !slices.ContainsFunc(a.Checks, func(c Check) bool { return c.Check == "role" && !c.OK }) {
		return a.Why
	}
	var roles []string
	for _, r := range t.By {
		roles = append(roles, v.role(r))
	}
	return v.t("act.for_roles", "roles", strings.Join(roles, ", "))
}

// rank puts what moves a proposal before what only keeps its record.
func rank(s Step) int {
	switch {
	case s.Problem != nil:
		return 0
	case !s.Form:
		return 2
	case slices.Contains([]string{"recommend", "align", "verify", "redact", "correct"}, s.Name):
		return 1
	}
	return 0
}

func failed(all []Check) []Check {
	return slices.DeleteFunc(all, func(c Check) bool { return c.OK })
}

// largestForm is how many bytes a form may have.
const largestForm = 256 << 10

// longestWait is how long a page waits for the read models to show what it just
// did.
const longestWait = 8 * time.Second

// act carries out what a form asks for, then shows the proposal again: with what
// was recorded, or with the refusal and everything that was typed.
func (v *visit) act() error {
	number, err := domain.ParseNumber(chi.URLParam(v.r, "number"))
	if err != nil {
		return err
	}
	if !v.official() {
		http.Redirect(v.w, v.r, "/masuk?ke="+url.QueryEscape(proposalURL(number)), http.StatusSeeOther)
		return nil
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, largestForm)
	if err := v.r.ParseForm(); err != nil {
		return domain.Refuse(domain.Exhausted, "request.too_large")
	}
	s, err := v.subject(number)
	if err != nil {
		return err
	}
	tried := attempt{step: chi.URLParam(v.r, "step"), form: v.r.PostForm}
	position, err := v.do(s, tried)
	if err == nil {
		v.await(position)
		http.Redirect(v.w, v.r, proposalURL(number)+"?tercatat="+strconv.FormatInt(position, 10), http.StatusSeeOther)
		return nil
	}
	tried.problem = v.word(err)
	page := v.proposalPage(s)
	page.Title = v.t("act.refused_title") + page.Title
	page.Here = proposalURL(number)
	if err := page.steps(v, s, tried); err != nil {
		return err
	}
	return v.show(tried.problem.Status, "proposal", page)
}

// do sends a form to the API as the command it stands for, and returns the
// position of the last event it wrote.
func (v *visit) do(s *subject, tried attempt) (int64, error) {
	actions, _, err := v.actions(s.Number)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(actions, func(a action) bool { return a.Name == tried.step })
	if i < 0 {
		return 0, domain.Refuse(domain.Conflict, "act.step_gone", "step", clip(tried.step))
	}
	if !actions[i].Open {
		return 0, Problem{Title: actions[i].Why, Status: http.StatusConflict, Code: "act.step_closed", Checks: failed(actions[i].Checks)}
	}
	f, err := v.form(s, actions[i])
	if err != nil {
		return 0, err
	}
	if f.path == "" {
		return 0, domain.Refuse(domain.Conflict, "act.not_on_pages", "step", actions[i].Title)
	}
	f.refill(tried.form)
	path, body, err := f.command(v, s)
	if err != nil {
		return 0, err
	}
	key, version := tried.form.Get("kunci"), `"`+clip(tried.form.Get("versi"))+`"`
	if f.anyVersion {
		version = "*"
	}
	a, err := v.ask(http.MethodPost, path, body, "Idempotency-Key", key, "If-Match", version)
	if err != nil {
		return 0, err
	}
	if a.status != http.StatusOK {
		return 0, a.problem()
	}
	return strconv.ParseInt(a.header.Get("X-Runut-Position"), 10, 64)
}

// await gives the read models a moment to take in what was just recorded. Where
// they do not in time the page is shown all the same, a little behind.
func (v *visit) await(position int64) {
	ctx, cancel := context.WithTimeout(v.ctx(), longestWait)
	defer cancel()
	_ = projections.WaitFor(ctx, v.DB, position, "proposals", "timeline", "lineage", "funnel", "forums", "letters", "people", "imports")
}

// backToProposal answers who reloads the address of a form.
func (v *visit) backToProposal() error {
	number, err := domain.ParseNumber(chi.URLParam(v.r, "number"))
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, proposalURL(number), http.StatusSeeOther)
	return nil
}
