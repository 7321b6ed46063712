package act_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
)

// An asking is a question put from another time: what was in effect at the end
// of a day, as known at the end of a day. Both are days after start; 0: now.
type asking struct {
	of          string
	asOf, known int
}

// whys are stories told for the sake of their explanation. Days are days after
// start; the forum of the OPDs closes on day 90, the kecamatan on day 60.
var whys = []story{
	{
		name:  "E1 one rank below the line of a ceiling that had been higher, and what would have got it in",
		given: all(inKecamatan("a", "b", "c"), kecCeiling(450_000_000), goTo(10), kecCeiling(250_000_000)),
		when:  all(goTo(20), kecScores(scored{"b", 90, ""}, scored{"c", 80, ""}, scored{"a", 70, ""}), shut("kecamatan")),
		then:  is{"a": "left_out", "c": "left_out", "b": "at_opd"},
	}, {
		name:  "E2 merged twice, then the whole is split and one part alone is funded",
		given: all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), submitPokir("c"), verifyPokir("c"), mergeOPD("q", "p", "c"), split("q", "x", "y")),
		when:  all(accept("x"), rejectOPD("y"), kabList(1, "x"), rkpd("x"), ppas("x"), apbd("x")),
		then:  is{"a": "merged", "c": "merged", "p": "merged", "q": "split", "x": "funded", "y": "rejected"},
	}, {
		name:  "E3 a component of a twice merged proposal is dropped with its whole half, and the rest is cancelled later",
		given: all(inKecamatan("a", "b"), mergeKec("p", "a", "b"), kecList(1, "p"), submitPokir("c"), verifyPokir("c"), mergeOPD("q", "p", "c")),
		when:  all(acceptWithout("q", "p"), kabList(1, "q"), rkpd("q"), ppas("q"), apbd("q"), cancel("q")),
		then:  is{"a": "merged", "p": "merged", "c": "merged", "q": "cancelled"},
	}, {
		name:  "E4 un-merged after the list was final: one goes on, the other falls with the next list",
		given: all(inKecamatan("a", "b", "c"), mergeKec("p", "a", "b"), kecList(2, "c", "p"), shut("kecamatan"), accept("p"), unmerge("p", "planner"), accept("a"), accept("b"), accept("c")),
		when:  all(kabList(2, "c", "b", "a"), shut("forum_opd"), shut("kabupaten")),
		then:  is{"p": "dissolved", "a": "left_out", "b": "agreed"},
	}, {
		name:  "E5 a list is corrected twice: down, up, and down again",
		given: all(inKecamatan("a", "b"), goTo(10), kecList(1, "a", "b"), goTo(61), shut("kecamatan"), goTo(62), correctKec(1, "b", "a"), goTo(64), correctKec(1, "a", "b")),
		when:  all(goTo(66), correctKec(1, "b", "a")),
		then:  is{"a": "left_out", "b": "at_opd"},
		asked: []asking{{"a", 0, 61}, {"a", 0, 63}, {"a", 0, 65}, {"b", 0, 63}, {"b", 0, 65}, {"a", 20, 0}},
	}, {
		name:  "E6 the window closes, is opened again by decree, the objection is upheld, and the OPD rejects once more",
		given: all(inOPD("a"), goTo(40), rejectOPD("a"), object("a"), goTo(50), shut("forum_opd"), goTo(60), reopen("forum_opd"), uphold("a")),
		when:  all(goTo(70), rejectFor("a", "LHN-MILIK")),
		then:  is{"a": "rejected"},
		asked: []asking{{"a", 45, 0}, {"a", 55, 0}, {"a", 65, 0}},
	}, {
		name:  "E7 three offices hand it round, none acts, and the last is the one that sent it away",
		given: all(inOPD("a"), goTo(85), transfer("a", water), goTo(86), transfer("a", roads)),
		when:  all(until("forum_opd"), shut("forum_opd")),
		then:  is{"a": "lapsed"},
	}, {
		name:  "E8 a rejection on paper of day 80 is typed in after the lapse of day 90",
		given: all(inOPD("a"), goTo(91), shut("forum_opd"), goTo(95)),
		when:  lateRejection("a", 80),
		then:  is{"a": "rejected"},
		asked: []asking{{"a", 85, 94}, {"a", 85, 0}, {"a", 92, 94}, {"a", 92, 0}, {"a", 70, 0}},
	}, {
		name:  "E9 the ceiling is raised after the list; nobody makes another list",
		given: all(inKecamatan("a", "b"), kecCeiling(250_000_000), kecScores(scored{"b", 90, ""}, scored{"a", 80, ""})),
		when:  all(kecCeiling(900_000_000), shut("kecamatan")),
		then:  is{"a": "left_out", "b": "at_opd"},
	}, {
		name:  "E10 carried over, funded the next year, and cancelled there",
		given: all(inOPD("a"), rejectOPD("a"), nextCycle, carryOver("a", "village_head")),
		when:  all(fundedNext("a"), cancelNext("a")),
		then:  is{"a": "rejected"},
		also: func(t *testing.T, w *town) {
			if at := w.state(w.state("a").Next).At; at != "cancelled" {
				t.Errorf("its successor is %s", at)
			}
		},
	}, {
		name:  "E11 the province has been asked and nothing is known of its answer",
		given: all(inOPD("a"), goTo(50), refer("a"), goTo(91), shut("forum_opd")),
		when:  goTo(120),
		then:  is{"a": "referred"},
		asked: []asking{{"a", 40, 0}, {"a", 100, 0}},
	}, {
		name:  "E12 its proposer withdraws it when the line it was below is drawn anew",
		given: all(inKecamatan("a", "b"), kecCeiling(250_000_000), goTo(20), kecScores(scored{"b", 90, ""}, scored{"a", 80, ""}), shut("kecamatan"), goTo(30), reopen("kecamatan"), goTo(35)),
		when:  withdraw("a"),
		then:  is{"a": "withdrawn"},
	}, {
		name:  "E13 two of equal score at the line, parted by lot",
		given: all(inKecamatan("a", "b", "c"), kecCeiling(450_000_000)),
		when:  all(kecScores(scored{"c", 90, ""}, scored{"b", 80, "draw"}, scored{"a", 80, ""}), shut("kecamatan")),
		then:  is{"a": "left_out", "b": "at_opd", "c": "at_opd"},
	}, {
		name:  "E14 split in two, handed to two offices, and both let the time pass",
		given: all(inOPD("a"), goTo(40), split("a", "x", "y"), goTo(88), transfer("y", water)),
		when:  all(until("forum_opd"), shut("forum_opd")),
		then:  is{"a": "split", "x": "lapsed", "y": "lapsed"},
	}, {
		name: "E15 an overdue window: one was looked at after its end, and lapsed all the same",
		given: all(inOPD("a", "b"), until("forum_opd"), wait(5), take("b", "opd_officer", office("b"), func(*town) proposal.Event {
			return &proposal.Verified{Kind: "lapangan", Result: "pass"}
		})),
		when:  all(wait(2), shut("forum_opd")),
		then:  is{"a": "lapsed", "b": "lapsed"},
		asked: []asking{{"b", 93, 0}},
	}, {
		name:  "E15 the same where nothing but the window led on",
		given: all(inOPD("a"), goTo(50), returnOPD("a"), until("forum_opd"), wait(5), succeed(roads, "1.99")),
		when:  all(wait(2), shut("forum_opd")),
		then:  is{"a": "lapsed"},
	}, {
		name:  "E16 the reason of the decisive act is closed, and it names no document",
		given: all(inOPD("a"), rejectOPD("a")),
		when:  redact("a", "a", "/text"),
		then:  is{"a": "rejected"},
	}, {
		name:  "E17 the decisive act is struck out, then that is taken back",
		given: all(inOPD("a"), goTo(40), rejectOPD("a")),
		when: all(goTo(50), func(w *town) error {
			return w.correct("a", act.Fix{Target: w.newest("a").ID, Action: event.Void})
		}, goTo(60), func(w *town) error {
			records := w.log[proposal.Stream(w.number("a"))]
			return w.correct("a", act.Fix{Target: records[len(records)-2].ID, Action: event.Restore})
		}),
		then:  is{"a": "rejected"},
		asked: []asking{{"a", 45, 0}, {"a", 0, 55}, {"a", 45, 55}, {"a", 0, 45}},
	}, {
		name: "E18 a transfer of day 35 is typed in on day 50, when the rejection of day 40 was known already",
		given: all(inOPD("a"), goTo(40), func(w *town) error {
			w.who("planner")
			return returnByPlanner("a")(w)
		}, goTo(50), func(w *town) error {
			w.who("planner")
			w.past = domain.Moment(start.AddDate(0, 0, 35))
			return take("a", "planner", nil, func(*town) proposal.Event {
				return &proposal.Transferred{To: water, Reason: text("Bukan tugas kami")}
			})(w)
		}),
		when:  all(until("forum_opd"), shut("forum_opd")),
		then:  is{"a": "lapsed"},
		asked: []asking{{"a", 45, 45}, {"a", 45, 0}},
	}, {
		name:  "E19 dropped from a merge, which is undone afterwards",
		given: all(inKecamatan("a", "b", "c"), mergeKec("p", "a", "b", "c"), kecList(1, "p"), goTo(40), acceptWithout("p", "a")),
		when:  all(goTo(50), unmerge("p", "planner"), accept("a"), rejectOPD("b"), until("forum_opd"), shut("forum_opd")),
		then:  is{"p": "dissolved", "a": "accepted", "b": "rejected", "c": "lapsed"},
		asked: []asking{{"a", 45, 0}},
	}, {
		name:  "S1 cut after a merge: both components cite the same act",
		given: all(inKecamatan("a", "b", "c"), mergeKec("p", "a", "b"), kecList(2, "c", "p"), accept("c"), accept("p")),
		when:  all(kabList(1, "c", "p"), shut("kabupaten")),
		then:  is{"a": "merged", "b": "merged", "p": "left_out"},
		also: func(t *testing.T, w *town) {
			a, b, p := w.explain("a", event.View{}), w.explain("b", event.View{}), w.explain("p", event.View{})
			if len(a.Decisive) != 1 || a.Decisive[0].Event != b.Decisive[0].Event || a.Decisive[0].Event != p.Decisive[0].Event {
				t.Errorf("a cites %+v, b %+v, p %+v", a.Decisive, b.Decisive, p.Decisive)
			}
		},
	}, {
		name:  "S2 the window closes and nobody has acted",
		given: inOPD("a"),
		when:  all(until("forum_opd"), shut("forum_opd")),
		then:  is{"a": "lapsed"},
	}, {
		name:    "S3 a rejection typed in after the window's end is refused: the omission stands",
		given:   all(inOPD("a"), until("forum_opd"), wait(3)),
		when:    rejectOPD("a"),
		refused: "workflow.window_closed",
		then:    is{"a": "at_opd"},
		also: func(t *testing.T, w *town) {
			w.must(shut("forum_opd")(w))
			if x := w.explain("a", event.View{}); x.Kind != history.ByOmission || x.Decisive[0].Type != "proposal.lapsed" {
				t.Errorf("%s by %s: %+v", x.Outcome, x.Kind, x.Decisive)
			}
		},
	}, {
		name:  "S4 the window is opened again",
		given: all(inOPD("a"), goTo(80), shut("forum_opd")),
		when:  reopen("forum_opd"),
		then:  is{"a": "at_opd"},
	}, {
		name:  "S6 handed in, and the village never met; before that it was not there",
		given: all(goTo(3), submit("a"), goTo(31)),
		when:  shut("desa"),
		then:  is{"a": "lapsed"},
		asked: []asking{{"a", 2, 0}, {"a", 0, 2}},
	}, {
		name:  "S7 below the line, ended by the closing: no omission",
		given: all(inKecamatan("a", "b"), goTo(20), kecList(1, "b", "a")),
		when:  all(goTo(61), shut("kecamatan")),
		then:  is{"a": "left_out", "b": "at_opd"},
		asked: []asking{{"a", 30, 0}},
	},
}

// A scored is a proposal with its points on a list, and by what it stands before
// the next of as many.
type scored struct {
	name   string
	points int64
	tie    string
}

// kecScores makes the kecamatan's list final under whatever limit is set.
func kecScores(list ...scored) step {
	return func(w *town) error {
		var entries []forum.Entry
		for _, s := range list {
			entries = append(entries, forum.Entry{Proposal: w.number(s.name), Score: s.points * 1000, Tie: s.tie, Amount: w.state(s.name).Estimate})
		}
		return w.as("camat", act.FinalizeList{Forum: w.kecForum(list[0].name), List: "L1", Entries: entries}, w.kecamatan(list[0].name))
	}
}

func kecCeiling(amount domain.Rupiah) step {
	return ceiling(domain.ScopeKecamatan, "99.01.03", "kecamatan", amount)
}

// correctKec corrects a mistake of writing in the kecamatan's list.
func correctKec(in int, names ...string) step {
	return func(w *town) error {
		second := w.who("head_of_planning")
		w.second = &second
		return w.as("approver", act.CorrectList{Forum: w.kecForum(names[0]), List: "L1", Entries: w.entries(names), In: in, Reason: text("Nilai dua usulan tertukar waktu diketik")})
	}
}

// acceptWithout accepts a merged proposal and drops one of its components.
func acceptWithout(name, child string) step {
	return take(name, "opd_head", office(name), func(w *town) proposal.Event {
		p := w.state(name)
		return &proposal.AcceptedByOPD{Forum: w.opdForum(name), SubKegiatan: "1.03.10.2.01.0005", Volume: p.Volume, Estimate: p.Estimate,
			Components: []proposal.Component{{Child: w.number(child), Weight: 0}}}
	})
}

func rejectFor(name, reason string) step {
	return take(name, "opd_head", office(name), func(w *town) proposal.Event {
		return &proposal.Rejected{Reason: reason, Text: text("Lahan milik perorangan"), Ground: "Sertifikat", Forum: w.opdForum(name)}
	})
}

func succeed(from, to string) step {
	return func(w *town) error {
		return w.as("head_of_planning", act.SucceedOffice{Year: 2027, From: from, To: []string{to}, Decree: paper("perda", w.now), Candidates: w.proposals(2027)})
	}
}

// lateRejection records a rejection of an earlier day that stands on a paper of
// that day, and strikes out the lapse it refutes.
func lateRejection(name string, day int) step {
	return func(w *town) error {
		f, lapse := w.opdForum(name), w.newest(name).ID
		w.who("opd_head", w.opd(name))
		second, at := w.who("approver"), start.AddDate(0, 0, day)
		w.second, w.past = &second, domain.Moment(at)
		return w.as("opd_head", act.RecordLate{
			Proposal: w.number(name), Void: lapse, Evidence: paper("berita_acara", at), Reason: text("Berita acara baru diterima"),
			Ask: &proposal.Rejected{Reason: "TEK-LAYAK", Text: text("Tanah labil"), Ground: "Permen PUPR 5/2023", Forum: f},
		}, w.opd(name))
	}
}

// fundedNext lets an import say that a carried-over proposal came into the
// budget of its year.
func fundedNext(name string) step {
	return func(w *town) error {
		return w.as("importer", act.Observe{Year: 2028, Source: "sipd", File: "ff", Rows: []act.Row{{Row: 2, Proposal: w.state(name).Next, Outcome: &proposal.Funded{
			Allocation: proposal.Allocation{Document: paper("perda", start), Amount: 150_000_000}, Line: "DPA-7", Account: "5.2.04.01", Source: "DAU"}}}})
	}
}

func cancelNext(name string) step {
	return func(w *town) error { return cancel(w.state(name).Next)(w) }
}

// view is how an asking looks at the log.
func (w *town) view(asOf, known int) event.View {
	var v event.View
	if asOf != 0 {
		v.AsOf = start.AddDate(0, 0, asOf)
	}
	if known != 0 {
		var all []event.Record
		for _, records := range w.log {
			all = append(all, records...)
		}
		slices.SortFunc(all, func(a, b event.Record) int { return cmp.Compare(a.Position, b.Position) })
		v.Known = event.KnownAt(all, start.AddDate(0, 0, known))
	}
	return v
}

// from says from where an asking looks.
func (q asking) from() string {
	out := ""
	if q.asOf != 0 {
		out += fmt.Sprintf(" as of day %d", q.asOf)
	}
	if q.known != 0 {
		out += fmt.Sprintf(" known on day %d", q.known)
	}
	return out
}

// askings are the questions every story is asked: of each proposal it names, now.
func askings(s story) []asking {
	var out []asking
	for _, name := range slices.Sorted(maps.Keys(s.then)) {
		out = append(out, asking{of: name})
	}
	return out
}
