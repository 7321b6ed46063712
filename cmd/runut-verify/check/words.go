package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"runut/api/text"
	"runut/domain"
	"runut/eventstore/verify"
)

// Words returns a report as people read it.
func Words(r *verify.Report, l text.Lang, took time.Duration) string {
	var b strings.Builder
	say := func(code string, params ...string) { fmt.Fprintln(&b, l.T(code, params...)) }
	if r.Demo {
		say("verify.demo")
	}
	switch {
	case r.Tenant != "":
		say("verify.log", "origin", r.Origin, "tenant", r.Tenant)
	case r.Origin != "":
		say("verify.log_named", "origin", r.Origin)
	}
	if r.After > 0 {
		say("verify.after", "after", fmt.Sprint(r.After+1))
	}
	if r.Root != "" {
		say("verify.tree", "size", fmt.Sprint(r.Size), "root", r.Root)
	}
	if r.Streams > 0 && r.Commands > 0 {
		code := "verify.counts"
		if !slices.Contains(r.Checked, "legality") {
			code = "verify.counts_only"
		}
		say(code, "streams", fmt.Sprint(r.Streams), "commands", fmt.Sprint(r.Commands),
			"decided", fmt.Sprint(r.Decided), "observed", fmt.Sprint(r.Observed), "closed", fmt.Sprint(r.Closed))
	}
	if a := r.About; a != nil {
		say("verify.about", "position", fmt.Sprint(a.Position), "event", a.Event, "type", a.Type, "stream", a.Stream)
	}
	answers(&b, l, r)
	if r.SignedBy != "" {
		say("verify.signed_by", "keys", r.SignedBy)
	}
	for _, w := range r.Witnesses {
		say("verify.witness", "witness", w)
	}
	if r.OwnKey {
		say("verify.own_key")
	}
	list := func(code string, names []string) {
		if len(names) > 0 {
			say(code, "list", strings.Join(named(l, names), "; "))
		}
	}
	list("verify.checked", r.Checked)
	list("verify.unchecked", r.Unchecked)
	findings(&b, l, "verify.findings", r.Findings, r.Found)
	findings(&b, l, "verify.doubts", r.Doubts, r.Doubted)
	say(fmt.Sprintf("verify.status.%d", r.Status()), "seconds", fmt.Sprintf("%.1f", took.Seconds()))
	return b.String()
}

// told is how many answers are told in full.
const told = 20

// answers tells what became of the proposals of a dossier, as the check derived it,
// to be compared with what its pages say.
func answers(b *strings.Builder, l text.Lang, r *verify.Report) {
	if r.What == "dossier" && r.Events > 0 {
		fmt.Fprintln(b, l.T("verify.dossier", "events", fmt.Sprint(r.Events), "known", fmt.Sprint(r.Known)))
		if !r.AsOf.IsZero() {
			fmt.Fprintln(b, l.T("verify.dossier_as_of", "moment", r.AsOf.UTC().Format(time.RFC3339)))
		}
	}
	for _, a := range r.Answers[:min(told, len(r.Answers))] {
		fate := l.T("fate." + a.Outcome)
		if a.Kind != "" {
			fate += " (" + l.T("deciding."+a.Kind) + ")"
		}
		line := l.T("verify.answer", "proposal", a.Proposal, "fate", fate)
		if a.Position > 0 {
			line += " " + l.T("verify.answer_by", "type", a.Type, "position", fmt.Sprint(a.Position))
		}
		fmt.Fprintln(b, clean(line))
	}
	if more := len(r.Answers) - told; more > 0 {
		fmt.Fprintln(b, "  "+l.T("verify.more", "n", fmt.Sprint(more)))
	}
}

func named(l text.Lang, names []string) []string {
	var out []string
	for _, name := range names {
		if words := l.T("verify.checked." + name); !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}

func findings(b *strings.Builder, l text.Lang, title string, list []verify.Finding, all int64) {
	if all == 0 {
		return
	}
	fmt.Fprintln(b, l.T(title, "n", fmt.Sprint(all)))
	for _, f := range list {
		fmt.Fprintln(b, "  "+Sentence(f, l))
	}
	if more := all - int64(len(list)); more > 0 {
		fmt.Fprintln(b, "  "+l.T("verify.more", "n", fmt.Sprint(more)))
	}
}

// Sentence returns a finding in words, where it is first.
func Sentence(f verify.Finding, l text.Lang) string {
	params := []string{"why", why(f.Why, l)}
	for _, p := range f.Params() {
		params = append(params, p[0], p[1])
	}
	var where []string
	if f.Place != "" {
		where = append(where, f.Place)
	}
	if f.Position > 0 && f.Until == 0 {
		where = append(where, "#"+fmt.Sprint(f.Position))
	}
	switch {
	case f.Proposal != "":
		where = append(where, f.Proposal)
	case f.Stream != "":
		where = append(where, f.Stream)
	}
	if p := f.Params(); f.Position > 0 && p[2][1] != "" {
		where = append(where, p[2][1])
	}
	sentence := clean(l.T(f.Code, params...))
	if len(where) == 0 {
		return sentence
	}
	return clean(strings.Join(where, " ")) + ": " + sentence
}

// why returns the rule that was offended, in the words of a verifier where they
// differ from those of a refusal.
func why(refused *domain.Error, l text.Lang) string {
	if refused == nil {
		return ""
	}
	if code := "verify." + refused.Code; text.Has(code) {
		own := *refused
		own.Code = code
		refused = &own
	}
	return l.Refuse(refused).Title
}

// clean keeps what a hostile file says from steering a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '�'
		}
		return r
	}, s)
}
