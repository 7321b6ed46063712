package workflow_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain/workflow"
)

// variant returns the document of a kabupaten that changes base by patch.
func variant(base *workflow.Definition, patch string) string {
	return "workflow: musrenbang-contoh\nversion: 1\nstatus: published\nextends: " + base.Pin() + "\nkabupaten: \"99.01\"\n" +
		"title: {id: Musrenbang Kabupaten Contoh, en: Musrenbang of Kabupaten Contoh}\npatch:\n" + patch
}

func TestAVariantAsksForMore(t *testing.T) {
	b := base(t)
	v := vocabulary()
	v.External = []string{"responded"} // the only act that records it is taken out
	d, err := workflow.Resolve(b, "contoh.yaml", []byte(variant(b, `  windows:
    kecamatan: {title: {id: Masa musrenbang distrik}}
  reasons:
    LHN-ADAT: {group: LHN, lists: [reject], title: {id: Tanah adat, en: Customary land}}
    PRI-TEMA: null
  transitions:
    accept: {need: [forum, sub_kegiatan, volume, estimate, state]}
    prioritize_kec: {rank: {scope: kecamatan, cutoff: quota}}
    respond: null
`)), v)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "musrenbang-contoh" || d.Extends != b.Pin() || d.Kabupaten != "99.01" {
		t.Errorf("the variant is %s, extends %s, for %s", d.Name, d.Extends, d.Kabupaten)
	}
	if got, want := d.Windows["kecamatan"].Title, (workflow.Label{ID: "Masa musrenbang distrik", EN: "Kecamatan musrenbang window"}); got != want {
		t.Errorf("title is %v, want %v", got, want)
	}
	if !slices.Contains(d.Transitions["accept"].Need, "state") || d.Transitions["respond"] != nil || d.Codes["PRI-TEMA"] != nil || d.Reasons["reject"]["LHN-ADAT"].ID != "Tanah adat" {
		t.Error("the patch was not applied")
	}
	if b.Transitions["respond"] == nil || b.Codes["PRI-TEMA"] == nil || b.Hash() == d.Hash() {
		t.Error("the base was changed")
	}
	want := []string{
		"changed: workflow: musrenbang → musrenbang-contoh",
		"changed: title.id: Usulan Musrenbang, dari desa sampai APBD → Musrenbang Kabupaten Contoh",
		"changed: title.en: Musrenbang proposals, from village to budget → Musrenbang of Kabupaten Contoh",
		"changed: window kecamatan “Kecamatan musrenbang window”, title: {id: Masa musrenbang kecamatan, en: Kecamatan musrenbang window} → {id: Masa musrenbang distrik, en: Kecamatan musrenbang window}",
		"added: reason LHN-ADAT “Customary land”",
		"removed: reason PRI-TEMA “Off the theme of the annual plan”",
		"changed: act prioritize_kec “Put on the kecamatan's priority list”, rank: {scope: kecamatan, cutoff: quota_or_ceiling} → {scope: kecamatan, cutoff: quota}",
		"changed: act accept “Accept”, need: [forum, sub_kegiatan, volume, estimate] → [forum, sub_kegiatan, volume, estimate, state]",
		"removed: act respond “Respond at the pre-forum”",
	}
	got := slices.DeleteFunc(workflow.Diff(b, d, workflow.English), func(s string) bool {
		return strings.Contains(s, "extends") || strings.Contains(s, "kabupaten: ")
	})
	if x := cmp.Diff(want, got); x != "" {
		t.Errorf("Diff (-want +got):\n%s", x)
	}
	if got := workflow.Diff(b, b, workflow.Indonesian); len(got) > 0 {
		t.Errorf("a definition differs from itself: %v", got)
	}
	again, err := workflow.Load("stored.json", d.Canonical(), v)
	if err != nil || again.Hash() != d.Hash() || again.Extends != b.Pin() {
		t.Errorf("read back: %v", err)
	}
}

func TestAVariantMayAddAStage(t *testing.T) {
	b := base(t)
	d, err := workflow.Resolve(b, "contoh.yaml", []byte(variant(b, `  stages:
    kabupaten2: {order: 65, title: {id: Musrenbang lanjutan, en: Second musrenbang}}
  windows:
    lanjutan: {scope: kabupaten, stage: kabupaten2, after: [kabupaten], title: {id: Masa lanjutan, en: Second window}}
    rkpd: {after: [kabupaten, lanjutan]}
  states:
    on_hold: {stage: kabupaten2, max_visits: 1, title: {id: Ditahan, en: On hold}}
  transitions:
    hold: {title: {id: Tahan, en: Hold}, from: [accepted], to: on_hold, event: responded, by: [head_of_planning], window: kabupaten, need: [leaning, note]}
    release: {title: {id: Lepas, en: Release}, from: [on_hold], to: agreed, event: responded, by: [head_of_planning], window: lanjutan, need: [leaning, note]}
    reinstate_lanjutan: {title: {id: Hidupkan lanjutan, en: Reinstate second}, from: [lapsed], to: on_hold, event: reinstated, when: {resume: on_hold}, by: [head_of_planning], window: lanjutan, need: [cause, ground, document], remedy: true}
  on_window_close:
    lanjutan:
      on_hold: {to: lapsed, event: lapsed, kind: omission, reason: WKT-TUTUP}
`)), vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(d.Transitions["align"].From, "on_hold") || !slices.Contains(d.Transitions["correct"].From, "on_hold") {
		t.Error("open and any do not hold the state that was added")
	}
	if got := d.Later("kabupaten"); !slices.Contains(got, "lanjutan") {
		t.Errorf("later than kabupaten: %v", got)
	}
}

// loosened are patches that a variant may not make.
var loosened = []struct {
	code, patch, on string
}{
	{"variant_key", "  initial: submitted\n", "initial:"},
	{"mandatory_removed", "  transitions:\n    object: null\n", "object:"},
	{"mandatory_weakened", "  transitions:\n    reject_opd: {mandatory: false}\n", "reject_opd:"},
	{"mandatory_weakened", "  transitions:\n    accept: {to: deferred}\n", "accept:"},
	{"mandatory_weakened", "  transitions:\n    accept: {window: null}\n", "accept:"},
	{"mandatory_weakened", "  transitions:\n    reject_kec: {reason: null}\n", "reject_kec:"},
	{"mandatory_weakened", "  transitions:\n    agree:\n      rank: null\n", "rank:"},
	{"mandatory_weakened", "  transitions:\n    prioritize_desa: {quota: null}\n", "prioritize_desa:"},
	{"mandatory_weakened", "  transitions:\n    carry_over: {guard: []}\n", "carry_over:"},
	{"mandatory_weakened", "  transitions:\n    merge_kec:\n      effect: {merge: {same: []}}\n", "effect:"},
	{"mandatory_weakened", "  transitions:\n    object: {from: [rejected]}\n", "object:"},
	{"event_renamed", "  transitions:\n    align: {event: verified, from: [referred]}\n", "align:"},
	{"need_removed", "  transitions:\n    defer: {need: [until, forum]}\n", "defer:"},
	{"role_added", "  transitions:\n    respond: {by: [opd_officer, camat]}\n", "respond:"},
	{"duty_loosened", "  roles:\n    camat: {scope: kabupaten}\n", "camat:"},
	{"duty_loosened", "  roles:\n    planner: {observes: true}\n", "planner:"},
	{"duty_loosened", "  roles:\n    clerk: {scope: kabupaten, observes: true, title: {id: Juru tulis, en: Clerk}}\n", "clerk:"},
	{"duty_loosened", "  transitions:\n    fund_late: {decides: false}\n", "fund_late:"},
	{"row_weakened", "  on_window_close:\n    forum_opd:\n      at_opd: null\n", "at_opd:"},
	{"row_weakened", "  on_window_close:\n    referral:\n      referred: {reason: WKT-TUTUP}\n", "referred:"},
	{"row_weakened", "  on_window_close:\n    objection: null\n", "objection:"},
	{"order_loosened", "  windows:\n    apbd: {after: []}\n", "apbd:"},
	{"bound_loosened", "  states:\n    returned_opd: {max_visits: 9}\n", "returned_opd:"},
	{"bound_loosened", "  reasons:\n    LNY: {min_words: 1}\n", "LNY:"},
	{"meaning_changed", "  states:\n    lapsed: {outcome: deferred}\n", "lapsed:"},
	{"meaning_changed", "  reasons:\n    PAG-KURANG: {means: not_ours}\n", "PAG-KURANG:"},
	{"meaning_changed", "  reasons:\n    WKT-TUTUP: {selectable: true}\n", "WKT-TUTUP:"},
	{"meaning_changed", "  reason_groups:\n    PAG: {means: lower_priority}\n", "PAG:"},
	{"meaning_changed", "  reason_lists:\n    silent: {engine: false}\n", "silent:"},
}

func TestAVariantMayNotLoosen(t *testing.T) {
	b := base(t)
	for _, m := range loosened {
		t.Run(m.code, func(t *testing.T) {
			t.Parallel()
			text := variant(b, m.patch)
			d, err := workflow.Resolve(b, "contoh.yaml", []byte(text), vocabulary())
			found := defects(t, d, err)
			if len(found) == 0 {
				t.Fatal("accepted")
			}
			if found[0].Check != 17 || found[0].Code != m.code {
				t.Errorf("first report is %s, want %s", found[0], m.code)
			}
			reported(t, found[0], "contoh.yaml", text, m.on)
		})
	}
}

func TestAVariantOfAnotherBaseIsRefused(t *testing.T) {
	b := base(t)
	text := strings.Replace(variant(b, "  lanes: {}\n"), b.Hash(), strings.Repeat("0", 64), 1)
	d, err := workflow.Resolve(b, "contoh.yaml", []byte(text), vocabulary())
	found := defects(t, d, err)
	if len(found) != 1 || found[0].Code != "extends_other" || found[0].Check != 17 {
		t.Fatalf("found %v", found)
	}
	reported(t, found[0], "contoh.yaml", text, "extends:")
}

// What a variant breaks elsewhere is reported where that stands: in the base.
func TestDefectsOfAVariantNameTheirOwnFile(t *testing.T) {
	b := base(t)
	text := variant(b, "  roles:\n    opd_planner: null\n")
	d, err := workflow.Resolve(b, "contoh.yaml", []byte(text), vocabulary())
	found := defects(t, d, err)
	if len(found) == 0 || found[0].Code != "role_unknown" {
		t.Fatalf("found %v, want the role missed", found)
	}
	reported(t, found[0], "musrenbang.yaml", source(t), "by: [opd_planner")
	text = variant(b, "  transitions:\n    accept: {need: [forum, sub_kegiatan, volume, estimate, colour]}\n")
	d, err = workflow.Resolve(b, "contoh.yaml", []byte(text), vocabulary())
	found = defects(t, d, err)
	if len(found) != 1 || found[0].Code != "field_unknown" {
		t.Fatalf("found %v, want the field missed", found)
	}
	reported(t, found[0], "contoh.yaml", text, "accept:")
}

func TestABrokenVariantIsReadStrictly(t *testing.T) {
	b := base(t)
	for _, text := range []string{"", "extends: [x]\n", variant(b, "  - a\n"), variant(b, "") + "colour: red\n", variant(b, "  states: 7\n"), "a: &a b\n"} {
		d, err := workflow.Resolve(b, "contoh.yaml", []byte(text), vocabulary())
		if found := defects(t, d, err); len(found) == 0 || found[0].Check != 0 {
			t.Errorf("%q: found %v", text, found)
		}
	}
}

func TestSeparationHoldsForWhatAVariantAdds(t *testing.T) {
	b := base(t)
	text := variant(b, "  transitions:\n    fast: {title: {id: Jalur cepat, en: Fast track}, from: [at_opd], to: agreed, event: agreed, by: [village_head], need: [list, forum], decides: true}\n")
	d, err := workflow.Resolve(b, "contoh.yaml", []byte(text), vocabulary())
	found := defects(t, d, err)
	if !slices.ContainsFunc(found, func(x workflow.Defect) bool { return x.Check == 11 && x.Code == "enters_and_decides" }) {
		t.Errorf("found %v, want a village head who enters and decides", found)
	}
}

// A variant with windows beside each other has more histories than can be
// explored; that is said, and refuses nothing.
func TestTooManyHistoriesAreWarnedOf(t *testing.T) {
	b := base(t)
	var windows, states, acts, rows strings.Builder
	for i := range 10 {
		fill := func(to *strings.Builder, text string) {
			to.WriteString(strings.ReplaceAll(text, "#", strconv.Itoa(i)))
		}
		fill(&windows, "    w#: {scope: village, stage: desa, after: [desa], title: {id: Masa #, en: Window #}}\n")
		fill(&states, "    s#: {stage: desa, title: {id: Keadaan #, en: State #}}\n")
		fill(&acts, "    a#: {title: {id: Masuk #, en: Enter #}, from: [submitted], to: s#, event: responded, when: {leaning: \"#\"}, by: [camat], window: desa}\n")
		fill(&acts, "    b#: {title: {id: Keluar #, en: Leave #}, from: [s#], to: withdrawn, event: withdrawn, by: [village_head], window: w#, reason: own}\n")
		fill(&acts, "    c#: {title: {id: Kembali #, en: Back #}, from: [lapsed], to: s#, event: reinstated, when: {resume: s#}, by: [head_of_planning], window: w#, need: [cause], remedy: true}\n")
		fill(&rows, "    w#:\n      s#: {to: lapsed, event: lapsed, kind: omission, reason: WKT-TUTUP}\n")
	}
	text := variant(b, "  windows:\n"+windows.String()+"  states:\n"+states.String()+"  transitions:\n"+acts.String()+"  on_window_close:\n"+rows.String())
	d, err := workflow.Resolve(b, "wide.yaml", []byte(text), vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Warnings) != 2 || d.Warnings[0].Code != "product_too_large" || d.Warnings[0].Check != 27 {
		t.Fatalf("warnings are %v", d.Warnings)
	}
	reported(t, d.Warnings[0], "musrenbang.yaml", source(t), "merge_kec:")
}
