package answer

import (
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/person"
	"runut/projections"
)

// Watch refuses (Forbidden, access.not_entitled) a role that may not see who opened
// sealed data: those who may open them, one of whom inspects and one of whom answers to
// the people they are of.
func Watch(role domain.Role) error {
	if slices.Contains(person.Openers, role) {
		return nil
	}
	return domain.Refuse(domain.Forbidden, "access.not_entitled")
}

// An Opened is a question about the access log, in the words of its query.
type Opened struct {
	Purpose, Role string // "": any
	Export        bool
	From, To      string // local days, both of them included; "": no bound
}

// Filter reads the question. It refuses a purpose or a role that is none
// (request.query_choice) and a day that is none (filter.day); names say where in the
// query each of purpose, role, from and to stands.
func (o Opened) Filter(zone *time.Location, names map[string]string) (projections.AccessFilter, error) {
	f := projections.AccessFilter{Export: o.Export}
	roles := make([]string, len(person.Openers))
	for i, r := range person.Openers {
		roles[i] = string(r)
	}
	for _, x := range []struct {
		name, said string
		known      []string
		to         *[]string
	}{{"purpose", o.Purpose, person.Purposes, &f.Purpose}, {"role", o.Role, roles, &f.Role}} {
		switch {
		case x.said == "":
		case !slices.Contains(x.known, x.said):
			return f, domain.Refuse(domain.Invalid, "request.query_choice", "where", names[x.name], "known", strings.Join(x.known, ", ")).At("/" + names[x.name])
		default:
			*x.to = []string{x.said}
		}
	}
	for _, x := range []struct {
		name, said string
		add        int
		to         *time.Time
	}{{"from", o.From, 0, &f.From}, {"to", o.To, 1, &f.To}} {
		if x.said == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, x.said, zone)
		if err != nil {
			return f, domain.Refuse(domain.Invalid, "filter.day", "parameter", names[x.name], "value", brief(x.said)).At("/" + names[x.name])
		}
		*x.to = day.AddDate(0, 0, x.add)
	}
	return f, nil
}
