package answer

import (
	"slices"

	"runut/domain"
	"runut/domain/person"
)

// inspectors may put questions about a whole year's work: Inspektorat and whoever
// audits from outside, and Bappeda, which answers for the year.
var inspectors = []domain.Role{person.Auditor, person.HeadOfPlanning, person.Planner}

// Inspect refuses (Forbidden, audit.not_entitled) a role that may not look at what
// the rules found, a year at two moments, or how its work went.
func Inspect(role domain.Role) error {
	if slices.Contains(inspectors, role) {
		return nil
	}
	return domain.Refuse(domain.Forbidden, "audit.not_entitled")
}
