package answer

import (
	"cmp"
	"strings"

	"runut/api/text"
	"runut/domain"
	"runut/domain/history"
)

// decided tells who decided on a part, and why; or that nobody did.
func (s Speaker) decided(x history.Explanation, d history.Deciding) []string {
	var out []string
	switch d.Kind {
	case history.ByRule:
		out = append(out, s.byRule(d)...)
	case history.ByOmission:
		out = append(out, s.byOmission(d)...)
	case history.ByWithdrawal:
		out = append(out, s.t("answer.withdrawal", "who", s.Who(d), "day", s.when(d)))
	case history.ByMigration:
		return append(out, s.t("answer.migration", "day", s.when(d)))
	default:
		out = append(out, s.byAct(x, d))
	}
	out = append(out, s.reason(d)...)
	if d.Late {
		out = append(out, s.t("answer.recorded_late", "day", s.day(d.Recorded)))
	}
	if d.Amended != nil {
		out = append(out, s.t("answer.amended", "day", s.day(d.Amended.Recorded)))
	}
	return out
}

func (s Speaker) byAct(x history.Explanation, d history.Deciding) string {
	if d.Observed != "" {
		return s.t("answer.act.observed", "source", strings.ToUpper(d.Observed), "stage", s.stage(d.Stage), "day", s.when(d))
	}
	code := "answer.act." + strings.TrimPrefix(d.Type, "proposal.")
	switch {
	case droppedWithin(x, d.End):
		code = "answer.act.component"
	case !known[code]:
		code = "answer.act.other"
	}
	return s.t(code, "who", s.Who(d), "day", s.when(d), "stage", s.stage(d.Stage))
}

// known are the acts that have a sentence of their own.
var known = map[string]bool{
	"answer.act.rejected": true, "answer.act.deferred": true, "answer.act.left_out": true, "answer.act.cancelled": true, "answer.act.referral_answered": true,
	"answer.won.funded": true, "answer.won.financed_elsewhere": true, "answer.won.referral_answered": true, "answer.won.reinstated": true, "answer.won.appeared_in_budget": true,
}

// droppedWithin reports whether an end is a component that a merge went on
// without.
func droppedWithin(x history.Explanation, end string) bool {
	for _, t := range x.Chain {
		if t.Dropped && t.From == end {
			return true
		}
	}
	return false
}

func (s Speaker) byRule(d history.Deciding) []string {
	p := d.Ranking
	if p == nil || p.Rank == 0 {
		return []string{s.t("answer.rule_none", "stage", s.stage(d.Stage))}
	}
	out := []string{s.t("answer.rule", "forum", s.Forum(d), "rank", s.Lang.Count(int64(p.Rank)), "of", s.Lang.Count(int64(p.Of)), "cutoff", s.Lang.Count(int64(p.Cutoff)))}
	switch p.Limit.Kind {
	case "quota":
		out = append(out, s.t("answer.rule_quota", "limit", s.Lang.Count(p.Limit.Value)))
	case "ceiling":
		out = append(out, s.t("answer.rule_ceiling", "limit", s.rupiah(p.Limit.Value), "used", s.rupiah(p.Used)))
	}
	if code := "tie." + p.Behind; p.Behind != "" && text.Has(code) {
		out = append(out, s.t("answer.rule_tie", "tie", s.t(code)))
	}
	return out
}

func (s Speaker) byOmission(d history.Deciding) []string {
	var out []string
	if c := d.Closing; c != nil {
		day := s.when(d)
		if !c.Recorded.IsZero() { // an overdue one may end a wait later than the window
			day = s.day(c.Occurred.Effective(c.Recorded))
		}
		out = append(out, s.t("answer.omission", "window", s.window(c.Window), "day", day))
	} else {
		out = append(out, s.t("answer.omission_document", "stage", s.stage(d.Stage), "day", s.when(d)))
	}
	switch w := d.Wait; {
	case w == nil:
	case w.Late:
		out = append(out, s.t("answer.omission_late", "holder", s.Post(w.Holder), "before", s.Post(w.Before)))
	case w.Times > 1:
		out = append(out, s.t("answer.omission_again", "since", s.day(w.Since), "holder", s.Post(w.Holder), "times", s.Lang.Count(int64(w.Times)), "days", s.Lang.Count(int64(w.WorkingDays))))
	default:
		out = append(out, s.t("answer.omission_held", "since", s.day(w.Since), "holder", s.Post(w.Holder), "days", s.Lang.Count(int64(w.WorkingDays))))
	}
	return out
}

// reason tells why, in the words of the code and of whoever decided.
func (s Speaker) reason(d history.Deciding) []string {
	r := d.Reason
	if r == nil || d.Kind == history.ByOmission && r.Means == "nobody_decided" {
		return nil // that nobody decided has been said
	}
	var out []string
	label := r.Label.In(string(s.Lang))
	switch {
	case r.Code == "" || r.Means == "not_recorded":
		out = append(out, s.t("answer.reason_unsaid"))
	case label == "":
		out = append(out, s.t("answer.reason", "reason", r.Code, "code", r.Code))
	default:
		out = append(out, s.t("answer.reason", "reason", lowerInitial(label), "code", r.Code))
	}
	if r.Text != "" {
		out = append(out, s.t("answer.reason_words", "words", sentence(r.Text)))
	}
	if r.Ground != "" {
		out = append(out, s.t("answer.ground", "ground", r.Ground))
	}
	return out
}

// sentence gives what somebody wrote the full stop it may lack.
func sentence(written string) string {
	written = strings.TrimSpace(written)
	if strings.ContainsAny(written[max(len(written)-1, 0):], ".!?") {
		return written
	}
	return written + "."
}

// lowerInitial fits a label into a sentence, unless it begins with an
// abbreviation.
func lowerInitial(label string) string {
	if len(label) > 1 && label[1] >= 'A' && label[1] <= 'Z' {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

func (s Speaker) won(d history.Deciding) string {
	code := "answer.won." + strings.TrimPrefix(d.Type, "proposal.")
	if !known[code] {
		code = "answer.won.other"
	}
	return s.t(code, "who", s.Who(d), "day", s.when(d))
}

// Who names the office that decided, or the government it was asked of.
func (s Speaker) Who(d history.Deciding) string {
	a := d.Authority
	if a.Elsewhere != "" {
		return s.t("target." + a.Elsewhere)
	}
	if a.Role == "" {
		return s.Forum(d)
	}
	return s.office(a.Role, cmp.Or(a.Office, s.name(a.Scope.Code)))
}

func (s Speaker) when(d history.Deciding) string { return s.day(d.Occurred.Effective(d.Recorded)) }

// Forum names the session a decision was made in.
func (s Speaker) Forum(d history.Deciding) string {
	if d.Forum == nil || d.Forum.Kind == "" {
		return s.stage(d.Stage)
	}
	stage := s.stage(d.Stage)
	if name := s.name(d.Forum.Scope.Code); name != "" && d.Forum.Scope.Code != "" {
		return stage + ", " + name
	}
	return stage
}

func (s Speaker) rupiah(n int64) string { return s.Lang.Rupiah(domain.Rupiah(n)) }
