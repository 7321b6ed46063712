package api

import (
	"cmp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

const tagProposals = "Usulan"

// take registers the act that asks for one kind of event on one proposal.
func take[T any, E interface {
	*T
	proposal.Event
}](s *Server, api huma.API, verb, summary, doc string) {
	t, _ := catalog.Events.Of(E(new(T)))
	s.verbs[strings.TrimPrefix(t.Name, "proposal.")] = verb
	post[proposalInput](s, api, command[T]{
		Path: "/proposals/{number}/" + verb, ID: verb, Summary: summary, Doc: doc, Tag: tagProposals, Hide: filledIn,
		Stream: func(t target) string { return proposal.Stream(t.Number) },
		Make: func(t target, facts *T) (act.Act, int, error) {
			ask := E(facts)
			if err := asked(ask); err != nil {
				return nil, 0, err
			}
			return act.Take{Proposal: t.Number, Ask: ask}, t.Year, nil
		},
	})
}

// asked refuses an ask that states what only the decider may.
func asked(e proposal.Event) error {
	b := e.Base()
	switch {
	case b.State != "":
		return domain.Refuse(domain.Invalid, "request.unknown_field", "field", "/state").At("/state")
	case b.Via != "":
		return domain.Refuse(domain.Invalid, "request.unknown_field", "field", "/via").At("/via")
	case b.Checks != nil:
		return domain.Refuse(domain.Invalid, "request.unknown_field", "field", "/checks").At("/checks")
	case b.Observed != nil:
		return domain.Refuse(domain.Invalid, "request.unknown_field", "field", "/observed").At("/observed")
	case b.Late != nil:
		return domain.Refuse(domain.Invalid, "request.unknown_field", "field", "/recorded_late").At("/recorded_late")
	}
	return nil
}

// stated refuses a command that does not say which fiscal year it is about.
func stated(year int) error {
	if year == 0 {
		return domain.Refuse(domain.Invalid, "request.field_missing", "field", "/year").At("/year")
	}
	return nil
}

type submitBody struct {
	Year int `json:"year" doc:"Fiscal year it is proposed for" example:"2028"`
	proposal.Submitted
}

type submitLateBody struct {
	Year int `json:"year" doc:"Fiscal year"`
	proposal.SubmittedLate
}

type mergeBody struct {
	Year     int           `json:"year" doc:"Fiscal year of the children"`
	Children []string      `json:"children" doc:"Numbers, two or more"`
	Weights  []int64       `json:"weights" doc:"Rupiah, in the order of children; empty: their last estimates"`
	Idea     proposal.Idea `json:"idea" doc:"The parent's own facts; what is empty comes from the children"`
	Reason   domain.Text   `json:"reason"`
	Forum    string        `json:"forum" doc:"Forum stream the merge was agreed in" example:"forum-0198c2f0"`
}

type unmergeBody struct {
	Resume workflow.State `json:"resume" doc:"State the children resume; empty: the one before the last act on the parent"`
	Reason domain.Text    `json:"reason"`
	Forum  string         `json:"forum"`
}

type splitBody struct {
	Parts []struct {
		proposal.Idea
		Weight int64 `json:"weight" doc:"Rupiah"`
	} `json:"parts"`
	Reason domain.Text `json:"reason"`
	Forum  string      `json:"forum"`
}

type carryOverBody struct {
	Year int `json:"year" doc:"Fiscal year to go on in; 0: the next one the workflow names"`
}

type fixBody struct {
	Target   uuid.UUID           `json:"target" doc:"Id of the event that was wrong"`
	Action   event.CorrectAction `json:"action" enum:"void,amend,restore"`
	With     *proposal.Amendment `json:"with" doc:"amend: the full facts, under the name of the event: {\"rejected\": {…}}"`
	Occurred *domain.Interval    `json:"occurred" doc:"amend: when it really took effect"`
}

func (f fixBody) fix() act.Fix {
	fix := act.Fix{Target: f.Target, Action: f.Action, Occurred: f.Occurred}
	if f.With != nil {
		fix.With = f.With.Event()
	}
	return fix
}

type correctBody struct {
	fixBody
	Reason domain.Text `json:"reason"`
	Also   []fixBody   `json:"also" doc:"Further corrections without which the history would not hold"`
}

type lateBody struct {
	Void     uuid.UUID           `json:"void" doc:"Id of the closing event it refutes, where there is one"`
	Ask      *proposal.Amendment `json:"ask" doc:"What was decided on paper: {\"accepted_by_opd\": {…}}"`
	Evidence domain.Document     `json:"evidence" doc:"Signed, dated inside the window"`
	Reason   domain.Text         `json:"reason"`
}

type answerObjectionBody struct {
	Result   string          `json:"result" enum:"upheld,upheld_without_remedy,refused"`
	Text     domain.Text     `json:"text"`
	Document domain.Document `json:"document"`
	Resume   workflow.State  `json:"resume" doc:"upheld: the state it resumes; empty: the one it was ended in"`
}

func onProposal(t target) string { return proposal.Stream(t.Number) }

func (s *Server) proposalCommands(api huma.API) {
	post[plainInput](s, api, command[submitBody]{
		Path: "/proposals", ID: "submit", Tag: tagProposals, Hide: filledIn,
		Summary: "Ajukan usulan · Hand in a proposal",
		Doc:     "The lane decides what must be stated. The answer names the number of the new proposal.",
		Make: func(_ target, b *submitBody) (act.Act, int, error) {
			return act.Submit{Year: b.Year, Ask: &b.Submitted}, b.Year, cmp.Or(stated(b.Year), asked(&b.Submitted))
		},
	})
	post[plainInput](s, api, command[submitLateBody]{
		Path: "/proposals/late", ID: "submit-late", Tag: tagProposals, Hide: filledIn,
		Summary: "Catat usulan terlambat · Record a late proposal",
		Make: func(_ target, b *submitLateBody) (act.Act, int, error) {
			return act.Submit{Year: b.Year, Ask: &b.SubmittedLate}, b.Year, cmp.Or(stated(b.Year), asked(&b.SubmittedLate))
		},
	})
	post[plainInput](s, api, command[mergeBody]{
		Path: "/merges", ID: "merge", Tag: tagProposals,
		Summary: "Gabungkan beberapa usulan · Merge proposals",
		Doc:     "Each child is absorbed in a new proposal, keeps its own page and shares the parent's fate. All children or none.",
		Make: func(_ target, b *mergeBody) (act.Act, int, error) {
			return act.Merge{Children: b.Children, Weights: b.Weights, Idea: b.Idea, Reason: b.Reason, Forum: b.Forum}, b.Year, stated(b.Year)
		},
	})
	post[proposalInput](s, api, command[unmergeBody]{
		Path: "/proposals/{number}/unmerge", ID: "unmerge", Tag: tagProposals, Stream: onProposal,
		Summary: "Batalkan penggabungan · Undo a merge",
		Make: func(t target, b *unmergeBody) (act.Act, int, error) {
			return act.Unmerge{Parent: t.Number, Resume: b.Resume, Reason: b.Reason, Forum: b.Forum}, t.Year, nil
		},
	})
	post[proposalInput](s, api, command[splitBody]{
		Path: "/proposals/{number}/split", ID: "split", Tag: tagProposals, Stream: onProposal,
		Summary: "Pecah usulan · Split a proposal",
		Make: func(t target, b *splitBody) (act.Act, int, error) {
			a := act.Split{Proposal: t.Number, Reason: b.Reason, Forum: b.Forum}
			for _, p := range b.Parts {
				a.Parts = append(a.Parts, act.Part{Idea: p.Idea, Weight: p.Weight})
			}
			return a, t.Year, nil
		},
	})
	post[proposalInput](s, api, command[carryOverBody]{
		Path: "/proposals/{number}/carry-over", ID: "carry-over", Tag: tagProposals, Stream: onProposal,
		Summary: "Usulkan ulang di siklus berikut · Carry over to a later cycle",
		Make: func(t target, b *carryOverBody) (act.Act, int, error) {
			return act.CarryOver{Proposal: t.Number, Year: b.Year}, t.Year, nil
		},
	})
	post[proposalInput](s, api, command[correctBody]{
		Path: "/proposals/{number}/correct", ID: "correct", Tag: tagProposals, Stream: onProposal,
		Summary: "Koreksi peristiwa · Correct an event",
		Doc:     "Two persons: the second one's token goes into Runut-Second-Token. The wrong event stays for all to see.",
		Make: func(t target, b *correctBody) (act.Act, int, error) {
			a := act.Correct{Proposal: t.Number, Fix: b.fix(), Reason: b.Reason}
			for _, f := range b.Also {
				a.Also = append(a.Also, f.fix())
			}
			return a, t.Year, nil
		},
	})
	post[proposalInput](s, api, command[lateBody]{
		Path: "/proposals/{number}/record-late", ID: "record-late", Tag: tagProposals, Stream: onProposal,
		Summary: "Catat keputusan kertas yang terlambat dimasukkan · Record a paper decision late",
		Doc:     "Runut-Occurred says when it was decided; evidence dated inside the window and a second approver are needed.",
		Make: func(t target, b *lateBody) (act.Act, int, error) {
			a := act.RecordLate{Proposal: t.Number, Void: b.Void, Evidence: b.Evidence, Reason: b.Reason}
			if b.Ask == nil || b.Ask.Event() == nil {
				return nil, 0, domain.Refuse(domain.Invalid, "request.field_missing", "field", "/ask").At("/ask")
			}
			a.Ask = b.Ask.Event()
			return a, t.Year, asked(a.Ask)
		},
	})
	post[proposalInput](s, api, command[answerObjectionBody]{
		Path: "/proposals/{number}/answer-objection", ID: "answer-objection", Tag: tagProposals, Stream: onProposal,
		Summary: "Jawab sanggahan · Answer an objection",
		Make: func(t target, b *answerObjectionBody) (act.Act, int, error) {
			return act.AnswerObjection{Proposal: t.Number, Result: b.Result, Text: b.Text, Document: b.Document, Resume: b.Resume}, t.Year, nil
		},
	})

	take[proposal.Revised](s, api, "revise", "Perbaiki isi usulan · Revise", "Members that are left out stand as before.")
	take[proposal.Returned](s, api, "return", "Kembalikan untuk diperbaiki · Return for repair", "")
	take[proposal.Verified](s, api, "verify", "Catat hasil verifikasi · Record a verification", "A fact only; no change of state.")
	take[proposal.Recommended](s, api, "recommend", "Beri rekomendasi · Recommend", "A fact only; no change of state.")
	take[proposal.Responded](s, api, "respond", "Tanggapi di pra forum · Respond at the pra forum", "A fact only; no change of state.")
	take[proposal.Transferred](s, api, "transfer", "Alihkan ke OPD lain · Transfer to another OPD", "")
	take[proposal.Referred](s, api, "refer", "Rujuk ke pemerintah lain · Refer to another government", "")
	take[proposal.ReferralAnswered](s, api, "answer-referral", "Catat jawaban rujukan · Record a referral's answer", "")
	take[proposal.AcceptedByOPD](s, api, "accept", "Terima oleh OPD · Accept by the OPD", "")
	take[proposal.Rejected](s, api, "reject", "Tolak · Reject", "A reason code, its ground, and words a villager understands.")
	take[proposal.Deferred](s, api, "defer", "Tunda ke bank usulan · Defer", "")
	take[proposal.IncludedInRKPD](s, api, "include-in-rkpd", "Masukkan ke RKPD · Include in the RKPD", "")
	take[proposal.IncludedInPPAS](s, api, "include-in-ppas", "Masukkan ke KUA-PPAS · Include in the KUA-PPAS", "")
	take[proposal.Funded](s, api, "fund", "Danai di APBD · Fund in the APBD", "May repeat: one proposal may have several budget lines.")
	take[proposal.LeftOut](s, api, "leave-out", "Tidak dimuat dalam dokumen · Leave out", "")
	take[proposal.AmountRevised](s, api, "revise-amount", "Ubah pagu · Revise the amount", "")
	take[proposal.Cancelled](s, api, "cancel", "Batalkan pendanaan · Cancel", "")
	take[proposal.FinancedElsewhere](s, api, "finance-elsewhere", "Dibiayai jalur lain · Finance elsewhere", "")
	take[proposal.Withdrawn](s, api, "withdraw", "Tarik usulan · Withdraw", "")
	take[proposal.Reinstated](s, api, "reinstate", "Hidupkan kembali · Reinstate", "")
	take[proposal.ProgressReported](s, api, "report-progress", "Laporkan kemajuan · Report progress", "")
	take[proposal.Completed](s, api, "complete", "Selesai · Complete", "")
	take[proposal.Objected](s, api, "object", "Ajukan sanggahan · Object", "")
	take[proposal.Aligned](s, api, "align", "Selaraskan dengan rencana · Align with plans", "")
}
