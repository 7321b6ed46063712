package domain

// A Verdict gathers the conditions of one decision as they are examined, so
// that a refusal shows all of them and not only the first that failed, and what
// was accepted can be explained.
//
//	v := domain.Verdict{Noun: "grant"}
//	v.Role(Givers, r.Actor.Role)
//	v.InTime(r.Occurred, r.Now)
//	if v.Hold(s.Given != nil, "grant", "given", "unknown",
//		domain.Refuse(domain.NotFound, "grant.unknown", "grant", s.Stream)) {
//		… // what only makes sense of a grant that was given
//	}
//	return v.Err()
//
// Conditions that several nouns examine in the same words are methods (see
// examine.go); what only one of them knows is a function of its package that
// takes the verdict.
type Verdict struct {
	Noun     string   // of what is decided on: "grant"; the codes of shared refusals begin with it
	Checks   []Check  // every condition, in the order of examination
	Refusals []*Error // why those that do not hold are refusals, in the same order
}

// Hold notes a condition and, where it does not hold, why that is a refusal. It
// returns ok, for conditions that only make sense after this one.
func (v *Verdict) Hold(ok bool, name, want, observed string, refusal *Error) bool {
	v.Checks = append(v.Checks, Check{Name: name, OK: ok, Want: want, Observed: observed})
	if !ok {
		v.Refusals = append(v.Refusals, refusal)
	}
	return ok
}

// Each is Hold for one of many: it leaves a trace only where it fails, so that a
// long list does not bury what matters.
func (v *Verdict) Each(ok bool, name, want, observed string, refusal *Error) bool {
	return ok || v.Hold(false, name, want, observed, refusal)
}

// Err returns nil where every condition held, else the first refusal, with the
// others in All and every check that was made. Refusals are kept and shown, so
// their checks are masked like anything else that somebody wrote.
func (v *Verdict) Err() error {
	if len(v.Refusals) == 0 {
		return nil
	}
	e := v.Refusals[0]
	e.Checks, e.All = Masked(v.Checks), v.Refusals[1:]
	return e
}

// Masked returns checks that may be kept: what was observed may be what somebody
// wrote, and so may what was wanted, a place that the asker named. It changes
// those it was given.
func Masked(checks []Check) []Check {
	for i, c := range checks {
		checks[i].Want, checks[i].Observed = Mask(c.Want).Masked, Mask(c.Observed).Masked
	}
	return checks
}
