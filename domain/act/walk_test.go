package act_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// moves are the ways to take each transition, of one proposal a walker picks.
var moves = map[string]func(name string) step{
	"revise_own": func(n string) step {
		return take(n, "village_operator", village(n), func(*town) proposal.Event { return &proposal.Revised{Reason: text("Disempurnakan")} })
	},
	"prioritize_desa": func(n string) step { return villageList(n) },
	"reject_desa": func(n string) step {
		return take(n, "village_head", village(n), func(w *town) proposal.Event {
			return &proposal.Rejected{Reason: "DBL-USULAN", Forum: w.villageForum(n)}
		})
	},
	"verify": func(n string) step {
		return take(n, "council_secretary", nil, func(*town) proposal.Event { return &proposal.Verified{Kind: "lapangan", Result: "fail"} })
	},
	"return_kec": func(n string) step {
		return take(n, "kecamatan_officer", kec(n), func(w *town) proposal.Event {
			return &proposal.Returned{Reason: "ADM-LOKASI", Due: w.now.AddDate(0, 0, 1).Format(time.DateOnly)}
		})
	},
	"revise_kec":     mend,
	"prioritize_kec": func(n string) step { return kecList(1, n) },
	"reject_kec": func(n string) step {
		return take(n, "camat", kec(n), func(w *town) proposal.Event {
			return &proposal.Rejected{Reason: "KWN-DESA", Forum: w.kecForum(n)}
		})
	},
	"verify_pokir": verifyPokir,
	"return_opd":   returnOPD,
	"revise_opd":   mend,
	"transfer": func(n string) step {
		return func(w *town) error {
			to := roads
			if w.state(n).OPD == roads {
				to = water
			}
			return transfer(n, to)(w)
		}
	},
	"split":      func(n string) step { return split(n, n+"x", n+"y") },
	"refer":      refer,
	"answer_yes": func(n string) step { return answer(n, "yes", false) },
	"answer_no":  func(n string) step { return answer(n, "no", false) },
	"answer_no_open": func(n string) step {
		return answer(n, "back", false)
	},
	"answer_late_yes": func(n string) step { return answer(n, "yes", true) },
	"accept":          accept,
	"reject_opd":      rejectOPD,
	"defer": func(n string) step {
		return take(n, "opd_head", office(n), func(w *town) proposal.Event {
			f := w.opdForum(n)
			if w.state(n).At == "accepted" {
				f = w.kabForum()
			}
			return &proposal.Deferred{Reason: "PAG-KURANG", Until: 2028, Condition: text("Menunggu lahan"), Forum: f}
		})
	},
	"finance_elsewhere": func(n string) step {
		return take(n, "planner", nil, func(*town) proposal.Event {
			return &proposal.FinancedElsewhere{Mode: "elsewhere", Source: "dana_desa", Code: "X", FiscalYear: 2027, Reason: "ALH-DESA"}
		})
	},
	"agree":        func(n string) step { return kabList(1, n) },
	"include_rkpd": func(n string) step { return rkpd(n) },
	"leave_rkpd": func(n string) step {
		return take(n, "head_of_planning", nil, func(*town) proposal.Event {
			return &proposal.LeftOut{Reason: "PAG-KURANG", Document: paper("perkada", start)}
		})
	},
	"include_ppas":      func(n string) step { return ppas(n) },
	"include_ppas_late": func(n string) step { return ppas(n) },
	"fund":              func(n string) step { return apbd(n) },
	"fund_late":         func(n string) step { return apbd(n) },
	"revise_amount":     func(n string) step { return revise(n, 90_000_000) },
	"complete":          complete,
	"cancel":            cancel,
	"withdraw":          withdraw,
	"object":            object,
	"answer_objection":  uphold,
	"unmerge_parent":    func(n string) step { return unmerge(n, "planner") },
	"reinstate_funded":  func(n string) step { return reinstate(n, "funded", "tapd", 80_000_000) },
	"reinstate_opd":     func(n string) step { return reinstate(n, "at_opd", "head_of_planning", 0) },
	"reinstate_kec":     func(n string) step { return reinstate(n, "at_kecamatan", "head_of_planning", 0) },
}

// entries are the ways in, and some of the way on.
var entries = []func(string) step{
	submit, submitPokir, submitOPD, submitLate,
	func(n string) step { return submitIn(n, village2, 70_000_000) },
	func(n string) step { return inKecamatan(n) },
	func(n string) step { return inOPD(n) },
	func(n string) step { return all(inOPD(n), refer(n)) },
	func(n string) step { return accepted(n) },
	func(n string) step { return agreed(n) },
	func(n string) step { return all(agreed(n), rkpd(n)) },
	func(n string) step { return all(agreed(n), rkpd(n), ppas(n)) },
	func(n string) step { return funded(n) },
}

// Whatever people do in whatever order, every refusal leaves nothing, every
// history replays, nobody is stranded, and when all windows are closed every
// proposal has ended.
func TestWalks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTown(t)
		w.fast = true
		for i := range rapid.IntRange(2, 5).Draw(t, "proposals") {
			name := string(rune('a' + i))
			w.must(entries[rapid.IntRange(0, len(entries)-1).Draw(t, "entry")](name)(w))
		}
		for range rapid.IntRange(10, 45).Draw(t, "steps") {
			w.move(t)
		}
		w.ends()
	})
}

// move takes one random step: mostly an act that the state knows, sometimes a
// merge, a closing or a re-opening.
func (w *town) move(t *rapid.T) {
	var names []string
	for n := range w.name {
		if strings.HasPrefix(w.name[n], "U-27-") {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	name := rapid.SampledFrom(names).Draw(t, "proposal")
	before := w.size()
	w.walking = true
	defer func() {
		w.walking, w.second, w.past = false, nil, domain.Interval{}
		if r := recover(); r != nil {
			if _, ok := r.(impossible); !ok {
				panic(r)
			}
		}
	}()
	var err error
	what := rapid.IntRange(0, 20).Draw(t, "what")
	switch {
	case what == 0:
		err = shut(rapid.SampledFrom(windows).Draw(t, "window").name)(w)
	case what == 1:
		scope := domain.Scope{Kind: domain.ScopeOPD, Code: rapid.SampledFrom([]string{roads, water}).Draw(t, "office")}
		err = shutFor("forum_opd", scope)(w)
	case what == 2:
		err = reopen(rapid.SampledFrom(windows).Draw(t, "window").name)(w)
	case what == 3:
		other := rapid.SampledFrom(names).Draw(t, "other")
		err = mergeOPD("m"+name, name, other)(w)
	case what == 4:
		other := rapid.SampledFrom(names).Draw(t, "other")
		err = mergeKec("m"+name, name, other)(w)
	case what == 5:
		w.now = w.now.AddDate(0, 0, rapid.IntRange(1, 10).Draw(t, "days"))
		return
	default:
		err = w.moveOne(t, name)
	}
	if _, refused := errors.AsType[*domain.Error](err); err != nil && !refused {
		t.Fatalf("not a refusal: %v", err)
	}
	if err != nil && w.size() != before {
		t.Fatalf("a refusal left %d events: %v", w.size()-before, err)
	}
	if err == nil {
		w.sound()
	}
}

// moveOne takes a transition that the state knows.
func (w *town) moveOne(t *rapid.T, name string) error {
	p := w.state(name)
	var ways []*workflow.Transition
	for _, x := range musrenbang().From(p.At) {
		if moves[x.Name] == nil {
			continue
		}
		ways = append(ways, x)
		if musrenbang().States[x.Target(p.At)].Final == "" { // walk on rather than end
			ways = append(ways, x, x, x)
		}
	}
	if len(ways) == 0 {
		return nil
	}
	return moves[rapid.SampledFrom(ways).Draw(t, "way").Name](name)(w)
}

// Actions, which draws the buttons, agrees with Decide: what it shows as closed
// is refused for that reason, and what it shows as open is not refused for any
// reason it could have known.
func TestActionsAgreeWithDecide(t *testing.T) {
	for _, given := range []step{submit("a"), inKecamatan("a"), inOPD("a"), all(inOPD("a"), refer("a")), accepted("a"), funded("a"), all(inOPD("a"), shut("forum_opd")), all(inOPD("a"), until("forum_opd"))} {
		w := newTown(t)
		w.must(given(w))
		p := w.state("a")
		for role := range musrenbang().Roles {
			if role == domain.RoleSystem {
				continue
			}
			who := w.holder(role, "a")
			c := w.cycle(2027)
			rules := proposal.Rules{Workflow: musrenbang(), Cycle: c, Actor: who, Grant: w.grantOf(who), Now: w.now}
			for _, a := range proposal.Actions(p, rules) {
				if moves[a.Transition] == nil {
					continue
				}
				x := musrenbang().Transitions[a.Transition]
				if can := slices.Contains(x.By, role); a.Open && !can {
					t.Errorf("%s in %s is open to %s", a.Transition, p.At, role)
				}
				if a.Open != (a.Code == "") || !a.Open && !slices.ContainsFunc(a.Checks, func(c domain.Check) bool { return !c.OK }) {
					t.Errorf("%s in %s for %s: open %v, code %q, checks %v", a.Transition, p.At, role, a.Open, a.Code, a.Checks)
				}
			}
		}
	}
}
