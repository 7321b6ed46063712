package cycle

import "runut/domain"

// A verdict gathers the conditions of one decision as they are examined, so
// that a refusal can show all of them and not only the first that failed.
type verdict struct {
	checks   []domain.Check
	refusals []*domain.Error
}

// hold notes a condition and, where it does not hold, why that is a refusal.
// It returns ok, for conditions that only make sense after this one.
func (v *verdict) hold(ok bool, name, want, observed string, refusal *domain.Error) bool {
	v.checks = append(v.checks, domain.Check{Name: name, OK: ok, Want: want, Observed: observed})
	if !ok {
		v.refusals = append(v.refusals, refusal)
	}
	return ok
}

// each is hold for one of many: it leaves a trace only where it fails, so that a
// long list does not bury what matters.
func (v *verdict) each(ok bool, name, want, observed string, refusal *domain.Error) bool {
	return ok || v.hold(false, name, want, observed, refusal)
}

// err returns nil where every condition held, else the first refusal, with the
// others in All and every check that was made. Refusals are kept, so what was
// observed is masked like any other text.
func (v *verdict) err() error {
	if len(v.refusals) == 0 {
		return nil
	}
	for i, c := range v.checks {
		v.checks[i].Observed = domain.Mask(c.Observed).Masked
	}
	e := v.refusals[0]
	e.Checks, e.All = v.checks, v.refusals[1:]
	return e
}
