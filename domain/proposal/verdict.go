package proposal

import "runut/domain"

// A verdict gathers the conditions of one decision as they are examined, so
// that a refusal shows all of them and an accepted event can be explained.
type verdict struct {
	checks   []domain.Check
	refusals []*domain.Error
}

// hold notes a condition. Where it does not hold, kind, code and params say
// why that is a refusal. It returns ok.
func (v *verdict) hold(ok bool, name, want, observed string, kind domain.Kind, code string, params ...string) bool {
	v.checks = append(v.checks, domain.Check{Name: name, OK: ok, Want: want, Observed: observed})
	if !ok {
		v.refusals = append(v.refusals, domain.Refuse(kind, code, params...))
	}
	return ok
}

// at names the input that the last refusal is about.
func (v *verdict) at(field string) { v.refusals[len(v.refusals)-1].At(field) }

// err returns nil where every condition held, else the first refusal, with the
// others in All and every check that was made.
func (v *verdict) err() error {
	if len(v.refusals) == 0 {
		return nil
	}
	e := v.refusals[0]
	e.Checks, e.All = v.checks, v.refusals[1:]
	return e
}
