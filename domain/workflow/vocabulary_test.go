package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"runut/domain/workflow"
)

// fields are the events of a proposal with the members of their payloads that
// the base definition asks for or compares. They stand here, and not in the
// catalogue of event types, so that this package is tested by itself; that the
// catalogue fits the definition is tested where the catalogue is.
var fields = map[string]string{
	"submitted":          "lane village problem location volume estimate minutes_village priority visit recess_minutes sub_kegiatan",
	"submitted_late":     "lane ground letter",
	"revised":            "",
	"returned":           "reason due",
	"verified":           "",
	"recommended":        "level result",
	"responded":          "leaning note forum",
	"merged":             "parent reason forum",
	"formed_by_merge":    "",
	"merge_reversed":     "role resume reason forum",
	"split":              "parts weights",
	"formed_by_split":    "",
	"prioritized":        "list forum",
	"below_cutoff":       "list forum",
	"transferred":        "from to reason",
	"office_changed":     "from to decree",
	"relocated":          "from to edition ground",
	"referred":           "target legal_ground letter",
	"referral_answered":  "answer late letter reason",
	"accepted_by_opd":    "forum sub_kegiatan volume estimate",
	"agreed":             "list forum",
	"rejected":           "reason forum document",
	"deferred":           "reason until condition forum",
	"included_in_rkpd":   "document sub_kegiatan amount",
	"included_in_ppas":   "document sub_kegiatan amount",
	"funded":             "document line account amount source",
	"left_out":           "reason document",
	"lapsed":             "reason",
	"reinstated":         "resume cause ground document amount",
	"amount_revised":     "old new ground",
	"cancelled":          "reason legal_ground",
	"financed_elsewhere": "mode source code fiscal_year reason",
	"appeared_in_budget": "document line amount",
	"withdrawn":          "reason",
	"carried_over":       "cycle",
	"continued":          "",
	"progress_reported":  "physical financial",
	"completed":          "handover",
	"unfinished":         "",
	"objected":           "text",
	"objection_answered": "result text",
	"aligned":            "",
	"corrected":          "target action reason second_approver",
	"text_redacted":      "field ground second_approver",
	"source_missing":     "file",
	"source_found":       "file",
}

// vocabulary is what the program is taken to know.
func vocabulary() workflow.Vocabulary {
	v := workflow.Vocabulary{Events: make(map[string][]string, len(fields)), Guards: []string{"fate_lost"}}
	for event, members := range fields {
		v.Events[event] = slices.Concat(strings.Fields(members), []string{"state", "stage", "via"})
	}
	return v
}

// base returns the definition that comes with the program.
func base(t testing.TB) *workflow.Definition {
	t.Helper()
	d, err := workflow.Musrenbang(vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	return d
}
