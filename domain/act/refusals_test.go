package act_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/proposal"
)

// What people may not do: each is refused with a code, says where and what was
// observed, and leaves nothing behind.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name  string
		given step
		when  step
		code  string
	}{
		{"an act after closes_at, though nobody has closed the window yet", all(inOPD("a"), until("forum_opd")), accept("a"), "workflow.window_closed"},
		{"an act in a window that a person closed early", all(inKecamatan("a"), shut("kecamatan")), kecList(1, "a"), "workflow.state"},
		{"an act that the state does not know", submit("a"), accept("a"), "workflow.state"},

		{"closing a text of another proposal's event", all(submit("a"), submit("b")), redact("a", "b", "/problem"), "correct.unknown"},
		{"closing a text that the event does not hold", submit("a"), redact("a", "a", "/note"), "redact.field"},
		{"closing what is no text", submit("a"), redact("a", "a", "/estimate"), "redact.field"},

		{"merging a child that is absorbed already", all(inKecamatan("a", "b", "c"), mergeKec("p", "a", "b")), mergeKec("q", "a", "c"), "merge.absorbed"},
		{"merging across kecamatan at the kecamatan stage", all(inKecamatan("a"), submitIn("b", village3, 1), villageList("b")), mergeKec("p", "a", "b"), "merge.not_same"},
		{"merging one alone", inKecamatan("a"), mergeKec("p", "a"), "merge.too_few"},
		{"merging one with itself", inKecamatan("a"), mergeKec("p", "a", "a"), "merge.twice"},
		{"merging two of different stages", all(inKecamatan("a", "b"), kecList(1, "b", "a"), inKecamatan2("c")), mergeKec("p", "c", "b"), "workflow.role"},
		{"merging two parts of one", all(inOPD("a"), split("a", "x", "y")), mergeOPD("p", "x", "y"), "merge.parts_of_one"},
		{"merging with a share of nothing", inKecamatan("a", "b"), func(w *town) error {
			return w.as("camat", act.Merge{Children: w.numbers([]string{"a", "b"}), Weights: []int64{1, 0}, Reason: text("x"), Forum: w.kecForum("a")}, w.kecamatan("a"))
		}, "merge.weights"},
		{"merging without a reason", inKecamatan("a", "b"), func(w *town) error {
			return w.as("camat", act.Merge{Children: w.numbers([]string{"a", "b"}), Forum: w.kecForum("a")}, w.kecamatan("a"))
		}, "workflow.need"},
		{"un-merging what was never merged", inOPD("a"), unmerge("a", "planner"), "unmerge.not_merged"},

		{"splitting twice", all(inOPD("a"), split("a", "x", "y")), split("a", "u", "v"), "workflow.state"},
		{"splitting a part", all(inOPD("a"), split("a", "x", "y")), split("x", "u", "v"), "split.depth"},
		{"splitting a merger of a part", all(inOPD("a"), split("a", "x", "y"), submitPokir("b"), verifyPokir("b"), mergeOPD("p", "x", "b")), split("p", "u", "v"), "split.depth"},
		{"splitting into one", inOPD("a"), split("a", "x"), "split.too_few"},

		{"a list whose sum passes its ceiling", all(inKecamatan("a", "b"), ceiling(domain.ScopeKecamatan, "99.01.03", "kecamatan", 300_000_000)), kecList(2, "a", "b"), "forum.limit_passed"},
		{"a list longer than its quota", all(submit("a"), submit("b"), quota(1)), func(w *town) error {
			return w.as("village_head", act.FinalizeList{Forum: w.villageForum("a"), List: "L1", Entries: w.entries([]string{"a", "b"}), In: 2}, w.village("a"))
		}, "forum.limit_passed"},
		{"a list with a stranger on it", all(inKecamatan("a"), submitIn("b", village3, 1), villageList("b")), kecList(2, "a", "b"), "list.foreign"},
		{"a second list beside one that stands", all(inKecamatan("a", "b"), kecList(1, "a")), func(w *town) error {
			return w.as("camat", act.FinalizeList{Forum: w.kecForum("a"), List: "L2", Entries: w.entries([]string{"b"})}, w.kecamatan("a"))
		}, "forum.list_stands"},
		{"a list that supersedes another and leaves somebody off", all(inKecamatan("a", "b"), kecList(1, "a", "b"), shut("kecamatan"), reopen("kecamatan")), supersedeKec(1, "a"), "list.incomplete"},
		{"ranking without a list", submit("a"), take("a", "village_head", village("a"), func(w *town) proposal.Event {
			return &proposal.Prioritized{Ranking: proposal.Ranking{List: "x", Rank: 1}, Forum: w.villageForum("a")}
		}), "workflow.list_only"},

		{"a reason that is not on the list", inOPD("a"), reject("a", "PAG-LANGIT", "Tanah labil"), "workflow.reason"},
		{"a reason that only the system gives", inOPD("a"), reject("a", "ALS-KOSONG", "Tanah labil"), "workflow.reason"},
		{"another reason in too few words", inOPD("a"), reject("a", "LNY", "Kurang tepat saja menurut kami"), "workflow.reason_words"},

		{"deciding on what one has handed in", ownProposal("a"), func(w *town) error {
			return w.run(w.grants["own head"], act.Take{Proposal: w.number("a"), Ask: &proposal.Rejected{Reason: "TEK-LAYAK", Forum: w.villageForum("a")}})
		}, "workflow.duties"},
		{"deciding on what one has handed in, once it is merged", all(ownProposal("a"), submit("b"), villageList("a", "b"), mergeKec("p", "a", "b")), func(w *town) error {
			return w.run(w.grants["own camat"], act.FinalizeList{Forum: w.kecForum("p"), List: "L1", Entries: w.entries([]string{"p"})})
		}, "workflow.duties"},

		{"an act in another role", inOPD("a"), take("a", "camat", kec("a"), func(w *town) proposal.Event { return acceptance(w, "a") }), "workflow.role"},
		{"an act for another office", inOPD("a"), func(w *town) error {
			return w.as("opd_head", act.Take{Proposal: w.number("a"), Ask: acceptance(w, "a")}, "opd:"+water)
		}, "workflow.scope"},
		{"an act by the OPD that had it before", all(inOPD("a"), transfer("a", water)), func(w *town) error {
			return w.as("opd_head", act.Take{Proposal: w.number("a"), Ask: acceptance(w, "a")}, "opd:"+roads)
		}, "workflow.scope"},
		{"an act by a grant that was revoked", inOPD("a"), func(w *town) error {
			head := w.who("opd_head", "opd:"+roads)
			w.opdForum("a")
			w.must(w.as("approver", act.OnGrant{Grant: head.Grant, Ask: &grant.Revoked{Decree: paper("sk", w.now)}}))
			return accept("a")(w)
		}, "grant.revoked"},
		{"an act without a grant", inOPD("a"), func(w *town) error {
			return w.run(domain.Actor{Person: "p-X", Role: "opd_head", Scope: domain.Scope{Kind: domain.ScopeOPD, Code: roads}}, act.Take{Proposal: w.number("a"), Ask: acceptance(w, "a")})
		}, "grant.unknown"},
		{"an act by somebody else's grant", inOPD("a"), func(w *town) error {
			thief := w.who("opd_head", "opd:"+roads)
			thief.Person = "p-X"
			return w.run(thief, act.Take{Proposal: w.number("a"), Ask: acceptance(w, "a")})
		}, "grant.other"},
		{"closing a window by a grant that was revoked", nil, func(w *town) error {
			planner := w.who("planner")
			w.must(w.as("approver", act.OnGrant{Grant: planner.Grant, Ask: &grant.Revoked{Decree: paper("sk", w.now)}}))
			return shut("desa")(w)
		}, "grant.revoked"},

		{"an act of tomorrow", inOPD("a"), at(24*time.Hour, accept("a")), "time.future"},
		{"an act from before the cycle", inOPD("a"), at(-400*24*time.Hour, accept("a")), "time.before_cycle"},
		{"an act from before what it follows", all(wait(3), inOPD("a")), at(-48*time.Hour, accept("a")), "workflow.state"},
		{"a repair due yesterday", inOPD("a"), due("a", -2), "time.due_past"},
		{"a repair due after the window", inOPD("a"), due("a", 300), "time.due_after_window"},

		{"without what is needed", nil, func(w *town) error {
			return w.as("village_operator", act.Submit{Year: 2027, Ask: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: proposal.Idea{Village: village1}}}, "village:"+village1)
		}, "workflow.need"},
		{"in a lane that does not exist", nil, func(w *town) error {
			return w.as("village_operator", act.Submit{Year: 2027, Ask: &proposal.Submitted{Lane: "titipan", Idea: idea(village1, 1)}}, "village:"+village1)
		}, "workflow.unfitting"},
		{"of a village of another kabupaten", nil, func(w *town) error {
			return w.as("planner", act.Submit{Year: 2027, Ask: &proposal.Submitted{Lane: proposal.KiprahDesa, Idea: idea("99.02.01.2001", 1), Visit: "K-1"}})
		}, "place.outside"},
		{"with a negative amount", nil, submitIn("a", village1, -5), "amount.implausible"},
		{"in a year that is not planned", nil, func(w *town) error {
			return w.as("village_operator", act.Submit{Year: 2031, Ask: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea(village1, 1)}}, "village:"+village1)
		}, "workflow.cycle_unopened"},
		{"on a proposal that does not exist", nil, func(w *town) error {
			return w.as("planner", act.Take{Proposal: domain.Number(2027, uuid.UUID{9}, 1), Ask: &proposal.Aligned{Plan: "rpjmd"}})
		}, "proposal.unknown"},
		{"on a number that is mistyped", nil, func(w *town) error {
			return w.as("planner", act.Take{Proposal: "U-27-0000002", Ask: &proposal.Aligned{Plan: "rpjmd"}})
		}, "number.mistyped"},
		{"nothing at all", inOPD("a"), func(w *town) error { return w.as("planner", act.Take{Proposal: w.number("a")}) }, "act.nothing_asked"},
		{"what binds several streams, alone", inOPD("a"), take("a", "planner", nil, func(*town) proposal.Event { return &proposal.Merged{Parent: "x"} }), "act.own"},
		{"what only the system writes", inOPD("a"), take("a", "planner", nil, func(*town) proposal.Event { return &proposal.Lapsed{Reason: "WKT-TUTUP"} }), "act.own"},

		{"accepting with other numbers and no word why", inOPD("a"), take("a", "opd_head", office("a"), func(w *town) proposal.Event {
			return &proposal.AcceptedByOPD{Forum: w.opdForum("a"), SubKegiatan: "1.03", Volume: domain.Volume{Amount: "1", Unit: "m"}, Estimate: 5}
		}), "accept.unexplained"},
		{"naming a forum that was never convened", inOPD("a"), take("a", "opd_head", office("a"), func(w *town) proposal.Event {
			e := acceptance(w, "a")
			e.Forum = "forum-none"
			return e
		}), "forum.unknown"},
		{"naming a forum of another stage", inOPD("a"), take("a", "opd_head", office("a"), func(w *town) proposal.Event {
			e := acceptance(w, "a")
			e.Forum = w.kecForum("a")
			return e
		}), "forum.other_stage"},
		{"naming another office's forum", inOPD("a"), take("a", "opd_head", office("a"), func(w *town) proposal.Event {
			e := acceptance(w, "a")
			e.Forum = w.forum("forum_opd", "forum_opd", "opd:"+water)
			return e
		}), "forum.other_scope"},
		{"deciding in a session that is over", inOPD("a"), func(w *town) error {
			f := w.opdForum("a")
			w.must(w.as("opd_head", act.OnForum{Forum: f, Year: 2027, Ask: &forum.Closed{}}, "opd:"+roads))
			return accept("a")(w)
		}, "forum.closed"},

		{"a fourth transfer", all(inOPD("a"), transfer("a", water), transfer("a", roads), transfer("a", water)), transfer("a", roads), "workflow.transfer_limit"},
		{"a transfer to who has it", inOPD("a"), transfer("a", roads), "transfer.same"},
		{"a third return by the OPD", all(inOPD("a"), returnOPD("a"), mend("a"), returnOPD("a"), mend("a")), returnOPD("a"), "workflow.visits"},
		{"a repair that hands it to another OPD", all(inOPD("a"), returnOPD("a")), take("a", "village_operator", village("a"), func(*town) proposal.Event {
			return &proposal.Revised{Idea: proposal.Idea{OPD: water}}
		}), "revise.opd"},
		{"a repair that changes nothing", all(inOPD("a"), returnOPD("a")), take("a", "village_operator", village("a"), func(*town) proposal.Event { return &proposal.Revised{} }), "revise.empty"},
		{"a transfer to an OPD whose forum is over", all(inOPD("a"), closeFor(water)), transfer("a", water), "workflow.strands"},

		{"a revision from an amount that is not in force", funded("a"), take("a", "tapd", nil, func(*town) proposal.Event {
			return &proposal.AmountRevised{Old: 7, New: 8, Ground: paper("perkada", start)}
		}), "amount.old"},
		{"a budget line a second time", funded("a"), apbd("a"), "fund.line_twice"},
		{"a document that gives out more than it holds", agreed("a"), func(w *town) error {
			return w.as("head_of_planning", act.AdoptDocument{Year: 2027, Kind: "rkpd", Document: paper("perkada", w.now), Lines: 1, Total: 1_000_000, Decisions: []act.Decision{
				{Proposal: w.number("a"), Ask: &proposal.IncludedInRKPD{Allocation: proposal.Allocation{SubKegiatan: "1.03", Amount: 200_000_000}}}}})
		}, "document.total"},
		{"a budget line that gives out more than it holds", all(agreed("a", "b"), rkpd("a", "b"), ppas("a", "b")), adopt("apbd", "tapd", each([]string{"a", "b"}, func(p proposal.State) proposal.Event {
			return &proposal.Funded{Allocation: proposal.Allocation{Amount: 60}, Line: "DPA-1", Account: "5", Source: "PAD", LineTotal: 100}
		})...), "document.line_total"},
		{"dropping every component", all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p")), take("p", "opd_head", office("p"), func(w *town) proposal.Event {
			e := acceptance(w, "p")
			e.Components = []proposal.Component{{Child: w.number("a")}, {Child: w.number("b")}}
			return e
		}), "components.none_left"},
		{"a component that is none", all(inKecamatan("a", "b", "c"), mergeKec("p", "a", "b"), kecList(2, "p", "c")), take("p", "opd_head", office("p"), func(w *town) proposal.Event {
			e := acceptance(w, "p")
			e.Components = []proposal.Component{{Child: w.number("c"), Weight: 1}}
			return e
		}), "components.unknown"},

		{"closing a window twice", shut("desa"), shut("desa"), "cycle.window_closed"},
		{"closing a window that does not exist", nil, shut("pilkada"), "cycle.window_unknown"},
		{"re-opening a window that is open", nil, reopen("desa"), "cycle.window_not_closed"},
		{"re-opening for one that the closing did not end", all(inOPD("a"), rejectOPD("a"), shut("forum_opd")), reopen("forum_opd", "a"), "reopen.not_ended"},
		{"closing a cycle with open windows", nil, closeCycle, "cycle.window_still_open"},
		{"a window's closing asked of the cycle alone", nil, func(w *town) error {
			return w.as("planner", act.OnCycle{Year: 2027, Ask: &cycle.WindowClosed{Window: "desa"}})
		}, "act.own"},

		{"answering an objection nobody made", all(inOPD("a"), rejectOPD("a")), uphold("a"), "workflow.flag_missing"},
		{"objecting twice at once", all(inOPD("a"), rejectOPD("a"), object("a")), object("a"), "workflow.flag_raised"},

		{"a correction by one person", all(inOPD("a"), rejectOPD("a")), func(w *town) error {
			return w.as("approver", act.Correct{Proposal: w.number("a"), Fix: act.Fix{Target: w.newest("a").ID, Action: event.Void}, Reason: text("Salah ketik")})
		}, "second.missing"},
		{"a correction by one person twice", all(inOPD("a"), rejectOPD("a")), func(w *town) error {
			me := w.who("approver")
			w.second = &me
			return w.as("approver", act.Correct{Proposal: w.number("a"), Fix: act.Fix{Target: w.newest("a").ID, Action: event.Void}, Reason: text("Salah ketik")})
		}, "second.same_person"},
		{"a correction after which the history does not hold", accepted("a"), func(w *town) error {
			records := w.log[proposal.Stream(w.number("a"))]
			return w.correct("a", act.Fix{Target: records[0].ID, Action: event.Void})
		}, "history.state"},
		{"a correction of what binds several proposals", all(inKecamatan("a", "b"), mergeKec("p", "a", "b")), func(w *town) error {
			return w.correct("a", act.Fix{Target: w.newest("a").ID, Action: event.Void})
		}, "correct.bound"},
		{"a correction that strikes out a closing alone", all(inOPD("a"), shut("forum_opd")), func(w *town) error {
			return w.correct("a", act.Fix{Target: w.newest("a").ID, Action: event.Void})
		}, "workflow.strands"},
		{"a correction of an event that is not there", inOPD("a"), func(w *town) error {
			return w.correct("a", act.Fix{Target: uuid.UUID{1}, Action: event.Void})
		}, "correct.unknown"},
		{"a late record that refutes a person's act", all(inOPD("a"), wait(20), rejectOPD("a"), until("forum_opd"), shut("forum_opd")), func(w *town) error {
			return w.recordLate("a", w.newest("a").ID, start.AddDate(0, 0, 15), paper("ba", start.AddDate(0, 0, 15)))
		}, "late.not_a_closing"},
		{"a late record of after the window", all(inOPD("a"), until("forum_opd"), wait(3), shut("forum_opd")), func(w *town) error {
			return w.recordLate("a", w.newest("a").ID, w.now.AddDate(0, 0, -1), paper("ba", start.AddDate(0, 0, 80)))
		}, "workflow.window_closed"},

		{"carrying over what was won", all(funded("a"), nextCycle), carryOver("a", "village_head"), "workflow.state"},
		{"carrying over into a cycle that is not open", all(inOPD("a"), rejectOPD("a")), carryOver("a", "village_head"), "workflow.cycle_unopened"},
		{"an import by somebody else than an importer", submit("a"), func(w *town) error {
			return w.as("planner", act.Observe{Year: 2027, Source: "sipd", Rows: []act.Row{{Proposal: w.number("a")}}})
		}, "workflow.role"},
		{"an import of what there is no way to", all(inOPD("a"), rejectOPD("a")), observe("a", nil, &proposal.AcceptedByOPD{}), "observe.no_way"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			if test.given != nil {
				w.must(test.given(w))
			}
			before := w.size()
			err := test.when(w)
			if got := w.refusal(err); got != test.code {
				t.Fatalf("refused with %q, want %q: %v", got, test.code, err)
			}
			if before != w.size() {
				t.Errorf("the refusal left %d events", w.size()-before)
			}
			w.sound()
		})
	}
}

func TestARefusalShowsEveryCheckAndWhatItObserved(t *testing.T) {
	w := newTown(t)
	w.must(all(inOPD("a"), until("forum_opd"))(w))
	err := w.as("opd_head", act.Take{Proposal: w.number("a"), Ask: &proposal.Rejected{Reason: "HARI-BURUK"}}, "opd:"+water)
	refused, ok := err.(*domain.Error)
	if !ok {
		t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, c := range refused.Checks {
		if !c.OK {
			failed[c.Name] = true
		}
		if c.Observed == "" {
			t.Errorf("check %s observed nothing", c.Name)
		}
	}
	for _, name := range []string{"scope", "window", "need", "reason"} {
		if !failed[name] {
			t.Errorf("%s is not among what failed: %v", name, failed)
		}
	}
	if refused.Code != "workflow.scope" || len(refused.All) != len(failed)-1 {
		t.Errorf("code %s, %d more of %v", refused.Code, len(refused.All), failed)
	}
}

func acceptance(w *town, name string) *proposal.AcceptedByOPD {
	p := w.state(name)
	return &proposal.AcceptedByOPD{Forum: w.opdForum(name), SubKegiatan: "1.03.10.2.01.0005", Volume: p.Volume, Estimate: p.Estimate}
}

func reject(name, code, why string) step {
	return take(name, "opd_head", office(name), func(w *town) proposal.Event {
		return &proposal.Rejected{Reason: code, Text: text(why), Ground: "Renstra", Forum: w.opdForum(name)}
	})
}

// at says that the act took effect so long from now.
func at(d time.Duration, s step) step {
	return func(w *town) error {
		w.who("opd_head", "opd:"+roads)
		w.opdForum("a")
		w.past = domain.Moment(w.now.Add(d))
		return s(w)
	}
}

func due(name string, days int) step {
	return take(name, "opd_officer", office(name), func(w *town) proposal.Event {
		return &proposal.Returned{Reason: "ADM-LENGKAP", Due: w.now.AddDate(0, 0, days).Format(time.DateOnly)}
	})
}

func mend(name string) step {
	return take(name, "village_operator", village(name), func(*town) proposal.Event {
		return &proposal.Revised{Reason: text("RAB dilampirkan"), Idea: proposal.Idea{Attachments: []domain.Document{paper("rab", start)}}}
	})
}

func ceiling(kind domain.ScopeKind, code, stage string, amount domain.Rupiah) step {
	return func(w *town) error {
		return w.as("tapd", act.OnCycle{Year: 2027, Ask: &cycle.CeilingSet{Stage: stage, Scope: domain.Scope{Kind: kind, Code: code}, Amount: amount, Decree: paper("sk", w.now)}})
	}
}

func quota(n int) step {
	return func(w *town) error {
		return w.as("planner", act.OnCycle{Year: 2027, Ask: &cycle.QuotaSet{Stage: "desa", Scope: domain.Scope{Kind: domain.ScopeVillage}, Count: n}})
	}
}

// closeFor closes the forum's window for one OPD.
func closeFor(opd string) step {
	return shutFor("forum_opd", domain.Scope{Kind: domain.ScopeOPD, Code: opd})
}

func closeCycle(w *town) error {
	return w.as("head_of_planning", act.CloseCycle{Year: 2027, Candidates: w.proposals(2027)})
}

// inKecamatan2 brings another village's proposals to the kecamatan.
func inKecamatan2(name string) step {
	return all(submitIn(name, village2, 100_000_000), villageList(name))
}

// ownProposal is handed in by somebody who also heads the village and the
// kecamatan, in an acting capacity.
func ownProposal(name string) step {
	return func(w *town) error {
		operator := w.who("village_operator", "village:"+village1)
		for role, scope := range map[string]domain.Scope{
			"village_head": {Kind: domain.ScopeVillage, Code: village1}, "camat": {Kind: domain.ScopeKecamatan, Code: "99.01.03"},
		} {
			second := w.who("head_of_planning")
			w.second = &second
			stream := grant.Stream("own-" + role)
			w.must(w.run(w.grants["approver"], act.OnGrant{Grant: stream, Definition: musrenbang().Hash(), Ask: &grant.Given{
				Person: operator.Person, Role: domain.Role(role), Scope: scope, Office: "Kantor", Capacity: domain.Plt, From: start, Decree: paper("sk", start),
			}}))
			w.grants[map[string]string{"village_head": "own head", "camat": "own camat"}[role]] = grant.Fold(w.log.Now(stream)).Actor()
		}
		return submit(name)(w)
	}
}
