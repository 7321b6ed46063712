package api

import (
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/forum"
	"runut/domain/proposal"
)

const (
	tagCycles = "Siklus"
	tagForums = "Forum"
)

// onCycleAsk registers the act that asks for one kind of event on one cycle.
func onCycleAsk[T any, E interface {
	*T
	cycle.Event
}](s *Server, api huma.API, verb, summary string) {
	post[cycleInput](s, api, command[T]{
		Path: "/cycles/{year}/" + verb, ID: verb, Summary: summary, Tag: tagCycles, Stream: onCycle,
		Make: func(t target, facts *T) (act.Act, int, error) {
			return act.OnCycle{Year: t.Year, Ask: E(facts)}, t.Year, nil
		},
	})
}

func onCycle(t target) string { return cycle.Stream(t.Year) }

type windowBody struct {
	Window string       `json:"window" doc:"Name of the window in the definition" example:"kecamatan"`
	Scope  domain.Scope `json:"scope" doc:"Left out: the whole kabupaten"`
}

type extendBody struct {
	windowBody
	ClosesAt time.Time       `json:"closes_at"`
	Decree   domain.Document `json:"decree"`
}

type reopenBody struct {
	extendBody
	Covers []string `json:"covers" doc:"Numbers to bring back; empty: all that the closing ended"`
}

type decisionBody struct {
	Number string              `json:"number" doc:"Proposal; empty for money that no proposal asked for"`
	Ask    *proposal.Amendment `json:"ask" doc:"{\"included_in_rkpd\": {…}}, {\"funded\": {…}}, {\"left_out\": {…}} …"`
}

type adoptBody struct {
	Kind      string          `json:"kind" enum:"rkpd,ppas,rapbd,apbd,perubahan"`
	Document  domain.Document `json:"document"`
	Lines     int             `json:"lines"`
	Total     domain.Rupiah   `json:"total"`
	Decisions []decisionBody  `json:"decisions"`
}

type territoryBody struct {
	Edition    string            `json:"edition"`
	Successors map[string]string `json:"successors" doc:"Kode wilayah, old to new"`
	Ground     domain.Document   `json:"ground"`
}

type succeedBody struct {
	From   string            `json:"from"`
	To     []string          `json:"to"`
	Decree domain.Document   `json:"decree"`
	Assign map[string]string `json:"assign" doc:"Number to OPD, where there are several successors"`
}

type emptyBody struct{}

func (s *Server) cycleCommands(api huma.API) {
	post[plainInput](s, api, command[cycle.Opened]{
		Path: "/cycles", ID: "open-cycle", Summary: "Buka siklus · Open a cycle", Tag: tagCycles,
		Doc: "Without a definition the one that comes with the program is pinned.",
		Make: func(_ target, b *cycle.Opened) (act.Act, int, error) {
			if d := s.Definitions(s.Current); d != nil && b.Definition == (cycle.Pin{}) {
				b.Definition = cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}
			}
			return act.OnCycle{Year: b.Year, Ask: b}, b.Year, stated(b.Year)
		},
	})
	onCycleAsk[cycle.WindowOpened](s, api, "open-window", "Buka jadwal tahapan · Open a window")
	onCycleAsk[cycle.CeilingSet](s, api, "set-ceiling", "Tetapkan pagu · Set a ceiling")
	onCycleAsk[cycle.QuotaSet](s, api, "set-quota", "Tetapkan kuota · Set a quota")
	onCycleAsk[cycle.VocabularyPublished](s, api, "publish-vocabulary", "Terbitkan kosakata · Publish a vocabulary")
	onCycleAsk[cycle.PublicationPolicySet](s, api, "set-publication-policy", "Tetapkan kebijakan publikasi · Set the publication policy")
	onCycleAsk[cycle.PublicationReleased](s, api, "release", "Umumkan · Release to the public")

	post[cycleInput](s, api, command[extendBody]{
		Path: "/cycles/{year}/extend-window", ID: "extend-window", Summary: "Perpanjang jadwal · Extend a window", Tag: tagCycles, Stream: onCycle,
		Make: func(t target, b *extendBody) (act.Act, int, error) {
			return act.ExtendWindow{Year: t.Year, Window: b.Window, Scope: b.Scope, ClosesAt: b.ClosesAt, Decree: b.Decree}, t.Year, nil
		},
	})
	post[cycleInput](s, api, command[windowBody]{
		Path: "/cycles/{year}/close-window", ID: "close-window", Summary: "Tutup jadwal · Close a window", Tag: tagCycles, Stream: onCycle,
		Doc: "Every proposal that still waits gets its closing event in the same append.",
		Make: func(t target, b *windowBody) (act.Act, int, error) {
			return act.CloseWindow{Year: t.Year, Window: b.Window, Scope: b.Scope}, t.Year, nil
		},
	})
	post[cycleInput](s, api, command[reopenBody]{
		Path: "/cycles/{year}/reopen-window", ID: "reopen-window", Summary: "Buka kembali jadwal · Re-open a window", Tag: tagCycles, Stream: onCycle,
		Make: func(t target, b *reopenBody) (act.Act, int, error) {
			return act.ReopenWindow{Year: t.Year, Window: b.Window, Scope: b.Scope, ClosesAt: b.ClosesAt, Decree: b.Decree, Covers: b.Covers}, t.Year, nil
		},
	})
	post[cycleInput](s, api, command[adoptBody]{
		Path: "/cycles/{year}/adopt-document", ID: "adopt-document", Summary: "Tetapkan dokumen dan isinya · Adopt a document", Tag: tagCycles, Stream: onCycle,
		Make: func(t target, b *adoptBody) (act.Act, int, error) {
			a := act.AdoptDocument{Year: t.Year, Kind: b.Kind, Document: b.Document, Lines: b.Lines, Total: b.Total}
			for i, d := range b.Decisions {
				if d.Ask == nil || d.Ask.Event() == nil {
					at := "/decisions/" + itoa(i) + "/ask"
					return nil, 0, domain.Refuse(domain.Invalid, "request.field_missing", "field", at).At(at)
				}
				if err := asked(d.Ask.Event()); err != nil {
					return nil, 0, err
				}
				a.Decisions = append(a.Decisions, act.Decision{Proposal: d.Number, Ask: d.Ask.Event()})
			}
			return a, t.Year, nil
		},
	})
	post[cycleInput](s, api, command[territoryBody]{
		Path: "/cycles/{year}/change-territory", ID: "change-territory", Summary: "Wilayah berganti · Change of territory", Tag: tagCycles, Stream: onCycle,
		Make: func(t target, b *territoryBody) (act.Act, int, error) {
			return act.ChangeTerritory{Year: t.Year, Edition: b.Edition, Successors: b.Successors, Ground: b.Ground}, t.Year, nil
		},
	})
	post[cycleInput](s, api, command[succeedBody]{
		Path: "/cycles/{year}/succeed-office", ID: "succeed-office", Summary: "OPD berganti · Succession of an OPD", Tag: tagCycles, Stream: onCycle,
		Make: func(t target, b *succeedBody) (act.Act, int, error) {
			return act.SucceedOffice{Year: t.Year, From: b.From, To: b.To, Decree: b.Decree, Assign: b.Assign}, t.Year, nil
		},
	})
	post[cycleInput](s, api, command[emptyBody]{
		Path: "/cycles/{year}/close", ID: "close-cycle", Summary: "Tutup siklus · Close the cycle", Tag: tagCycles, Stream: onCycle,
		Make: func(t target, _ *emptyBody) (act.Act, int, error) {
			return act.CloseCycle{Year: t.Year}, t.Year, nil
		},
	})
}

type conveneBody struct {
	Year int `json:"year" doc:"Fiscal year"`
	forum.Convened
}

// onForumAsk registers the act that asks for one kind of event on one forum.
func onForumAsk[T any, E interface {
	*T
	forum.Event
}](s *Server, api huma.API, verb, summary string, doc ...string) {
	post[idInput](s, api, command[T]{
		Path: "/forums/{id}/" + verb, ID: verb, Summary: summary, Doc: strings.Join(doc, " "), Tag: tagForums, Stream: onForum,
		Make: func(t target, facts *T) (act.Act, int, error) {
			return act.OnForum{Forum: forum.Stream(t.ID), Year: t.Year, Ask: E(facts)}, t.Year, nil
		},
	})
}

func onForum(t target) string { return forum.Stream(t.ID) }

type finalizeBody struct {
	List       string            `json:"list" doc:"A draft of the forum, or the name of a new list" example:"L1"`
	Stage      string            `json:"stage" doc:"Left out: the draft's"`
	Scope      domain.Scope      `json:"scope"`
	Criteria   []forum.Criterion `json:"criteria"`
	Entries    []forum.Entry     `json:"entries" doc:"Best first; left out: the draft's"`
	In         int               `json:"in" doc:"How many are in; 0: as many as the limit holds"`
	Supersedes string            `json:"supersedes"`
	Decree     domain.Document   `json:"decree"`
}

type correctListBody struct {
	List    string        `json:"list"`
	Entries []forum.Entry `json:"entries"`
	In      int           `json:"in"`
	Reason  domain.Text   `json:"reason"`
}

func (s *Server) forumCommands(api huma.API) {
	post[plainInput](s, api, command[conveneBody]{
		Path: "/forums", ID: "convene", Summary: "Buka forum · Convene a forum", Tag: tagForums,
		Doc: "The answer's receipt names the stream of the new forum.",
		Make: func(t target, b *conveneBody) (act.Act, int, error) {
			return act.OnForum{Forum: forum.Stream(t.Command.String()), Year: b.Year, Ask: &b.Convened}, b.Year, stated(b.Year)
		},
	})
	onForumAsk[forum.AttendanceRecorded](s, api, "record-attendance", "Catat kehadiran · Record attendance")
	onForumAsk[forum.ListRanked](s, api, "rank", "Simpan rancangan urutan · Save a draft ranking")
	onForumAsk[forum.MinutesIssued](s, api, "issue-minutes", "Terbitkan berita acara · Issue the minutes",
		"With the number alone: Runut makes the berita acara from the log as it then stands, with what it covers, its annexes and its digest, and keeps it. With a digest: it is a document that somebody else wrote.")
	onForumAsk[forum.MinutesSigned](s, api, "sign-minutes", "Berita acara ditandatangani · Record the signed minutes")
	onForumAsk[forum.Closed](s, api, "close-forum", "Tutup forum · Close the forum")
	post[idInput](s, api, command[finalizeBody]{
		Path: "/forums/{id}/finalize", ID: "finalize", Summary: "Tetapkan daftar prioritas · Make a list final", Tag: tagForums, Stream: onForum,
		Doc: "Quota and ceiling are checked here, and every proposal on the list gets its outcome in the same append.",
		Make: func(t target, b *finalizeBody) (act.Act, int, error) {
			return act.FinalizeList{Forum: forum.Stream(t.ID), List: b.List, Stage: b.Stage, Scope: b.Scope, Criteria: b.Criteria,
				Entries: b.Entries, In: b.In, Supersedes: b.Supersedes, Decree: b.Decree}, t.Year, nil
		},
	})
	post[idInput](s, api, command[correctListBody]{
		Path: "/forums/{id}/correct-list", ID: "correct-list", Summary: "Koreksi salah tulis daftar · Correct a list", Tag: tagForums, Stream: onForum,
		Make: func(t target, b *correctListBody) (act.Act, int, error) {
			return act.CorrectList{Forum: forum.Stream(t.ID), List: b.List, Entries: b.Entries, In: b.In, Reason: b.Reason}, t.Year, nil
		},
	})
}
