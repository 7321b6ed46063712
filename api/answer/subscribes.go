package answer

import (
	"slices"

	"runut/domain"
)

// subscribers may let an OPD's feed be sent somewhere, each within their scope.
var subscribers = []domain.Role{"opd_head", "opd_planner", "opd_officer", "planner", "head_of_planning"}

// Subscribe refuses (Forbidden) whoever may not manage where an OPD's feed is sent:
// subscription.role, or feed.other_opd for another OPD's; "" is the caller's own.
func Subscribe(role domain.Role, scope domain.Scope, opd string) error {
	switch {
	case !slices.Contains(subscribers, role):
		return domain.Refuse(domain.Forbidden, "subscription.role", "role", string(role))
	case opd != "" && !scope.Holds("", "", opd):
		return domain.Refuse(domain.Forbidden, "feed.other_opd", "opd", opd, "scope", scope.String())
	}
	return nil
}
