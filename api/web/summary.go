package web

import (
	"slices"
	"strconv"
	"time"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/projections"
)

// A summary is what pages show of a proposal, whichever read model it is from.
type summary struct {
	Number                   string
	Cycle                    int
	Lane                     proposal.Lane
	Village, Kecamatan       string
	OPD, Kamus, Title, Basic string
	State                    workflow.State
	Stage                    string
	Since                    time.Time
	Fate, Kind, Reason       string
	Contested                bool
	Asked, Estimate          domain.Rupiah
	Accepted, Granted        domain.Rupiah
	Volume                   domain.Volume
	Rank, RankOf, Cutoff     int
	Parent                   string
	Children                 int
	Origin                   bool
	Released                 time.Time // public: the last release that covers it
}

func summaryOf(p projections.Proposal) summary {
	return summary{Number: p.Number, Cycle: p.Cycle, Lane: p.Lane, Village: p.Village, Kecamatan: p.Kecamatan, OPD: p.OPD, Kamus: p.Kamus,
		Title: p.Title, Basic: p.Basic, State: p.State, Stage: p.StateStage, Since: p.Since, Fate: p.Fate, Kind: p.Kind, Reason: p.Reason,
		Contested: p.Contested, Asked: p.Asked, Estimate: p.Estimate, Accepted: p.Accepted, Granted: p.Granted, Volume: p.Volume,
		Rank: p.Rank, RankOf: p.RankOf, Cutoff: p.Cutoff, Parent: p.Parent, Children: p.Children, Origin: p.Origin}
}

func summaryOfPublic(p projections.PublicProposal) summary {
	return summary{Number: p.Number, Cycle: p.Cycle, Lane: p.Lane, Village: p.Village, Kecamatan: p.Kecamatan, OPD: p.OPD, Kamus: p.Kamus,
		Title: p.Title, Basic: p.Basic, State: p.State, Stage: p.StateStage, Since: p.Since, Fate: p.Fate, Kind: p.Kind, Reason: p.Reason,
		Asked: p.Asked, Estimate: p.Estimate, Accepted: p.Accepted, Granted: p.Granted, Volume: p.Volume,
		Rank: p.Rank, RankOf: p.RankOf, Cutoff: p.Cutoff, Parent: p.Parent, Children: p.Children, Origin: p.Origin, Released: p.Released}
}

// lost reports whether a fate asks for a reason.
func lost(fate string) bool {
	return slices.Contains([]string{"dropped", "deferred", "cancelled"}, fate)
}

// titleOf is a proposal's own title; where it has none, or none that may be
// shown, what sort of thing it is.
func (v *visit) titleOf(p summary) string {
	if p.Title != "" {
		return p.Title
	}
	return v.t("proposal.untitled", "lane", v.lane(string(p.Lane)), "year", strconv.Itoa(p.Cycle))
}

// badge says what became of a proposal; of one on its way, where it stands.
func (v *visit) badge(p summary) Badge {
	switch {
	case p.State == "merged" || p.State == "split":
		return Badge{v.state(p.State) + " · " + v.fate(p.Fate), tones[p.Fate]}
	case p.Fate == "pending":
		return Badge{v.state(p.State), "wait"}
	case p.Fate == projections.FateUnannounced:
		return Badge{v.t("badge.unannounced", "state", v.state(p.State)), "wait"}
	case p.State == "completed" || p.State == "unfinished" || p.State == "lapsed" || p.State == "dissolved":
		return Badge{v.state(p.State), tones[p.Fate]}
	}
	return Badge{v.fate(p.Fate), tones[p.Fate]}
}

// sentence says in plain words where a proposal stands, since when, and why.
func (v *visit) sentence(p summary) string {
	since := ""
	if !p.Since.IsZero() {
		since = v.day(p.Since)
	}
	params := []string{"state", v.state(p.State), "stage", v.stage(p.Stage), "since", since, "reason", v.reason(p.Reason),
		"amount", v.lang.Rupiah(p.Granted), "year", strconv.Itoa(p.Cycle), "parent", p.Parent, "released", v.releasedOn(p)}
	switch {
	case p.State == "merged" && p.Parent != "":
		return v.t("sentence.merged", params...) + " " + v.t("sentence.merged."+p.Fate, params...)
	case p.State == "split":
		return v.t("sentence.split", params...)
	case p.State == "dissolved":
		return v.t("sentence.dissolved", params...)
	case p.Fate == "dropped" && p.Kind == "omission":
		return v.t("sentence.omission", params...)
	case p.Fate == "dropped" && p.Kind == "rule":
		return v.t("sentence.rule", params...)
	case lost(p.Fate) && (p.Reason == "" || p.Reason == noReason):
		return v.t("sentence.unwritten", params...)
	case p.State == "completed":
		return v.t("sentence.completed", params...)
	case p.State == "unfinished":
		return v.t("sentence.unfinished", params...)
	case p.Fate == "funded" && p.Granted == 0:
		return v.t("sentence.funded_hidden", params...)
	}
	return v.t("sentence."+p.Fate, params...)
}

func (v *visit) releasedOn(p summary) string {
	if p.Released.IsZero() {
		return ""
	}
	return v.day(p.Released)
}
