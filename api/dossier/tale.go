package dossier

import (
	"encoding/csv"
	"strconv"
	"time"

	"runut/api/answer"
	"runut/api/text"
	"runut/domain/history"
	format "runut/eventstore/dossier"
	"runut/projections"
)

// A tale is everything a dossier tells of one proposal.
type tale struct {
	history.Explanation
	speaker answer.Speaker
	steps   []projections.Step
	forums  map[int64]projections.PublicForum // visitors: by the position of what was decided there
	title   string
	village string
	opd     string
	lane    string
	events  int               // that the answer rests on; 0 in a public dossier
	held    map[string]string // files of documents, by digest
	alone   bool              // its page stands beside no other file
}

// codes are the places and offices that its page names.
func (t *tale) codes(into map[string]bool) {
	for _, code := range answer.Codes(t.Explanation) {
		into[code] = true
	}
	into[t.village], into[t.opd] = true, true
	for _, s := range t.steps {
		into[s.Scope.Code], into[post(s.Holder)] = true, true
		for _, p := range s.CouldAct {
			into[post(p)] = true
		}
		for _, c := range s.Changes {
			if c.Field == "opd" || c.Field == "village" {
				into[c.Old], into[c.New] = true, true
			}
		}
		for _, f := range s.Facts {
			into[f.Value] = true
		}
	}
	delete(into, "")
}

func (t *tale) digests(into map[string]bool) {
	for _, s := range t.steps {
		for _, e := range s.Docs {
			into[e.Digest] = true
		}
	}
	for _, a := range append(append([]history.Deciding{}, t.Decisive...), t.Won...) {
		for _, e := range a.Evidence {
			into[e.Digest] = true
		}
	}
	delete(into, "")
}

// add writes the answer and its page.
func (t *tale) add(w *format.Writer, d *Dossier) error {
	body, err := format.Encode(t.Explanation)
	if err != nil {
		return err
	}
	if err := w.Add(d.manifest.Place(t.Proposal, format.Answer), body); err != nil {
		return err
	}
	if body, err = t.page(d); err != nil {
		return err
	}
	return w.Add(d.manifest.Place(t.Proposal, format.Page), body)
}

// A Line is one proposal in the list of a dossier of several.
type Line struct {
	Number, Title, Village, OPD string
	Fate, Kind, Stage           string
	Asked, Granted              string // in words
	raw                         []string
}

func (t *tale) line(d *Dossier) Line {
	w := t.words()
	var decided, when, reason string
	for _, a := range append(append([]history.Deciding{}, t.Decisive...), t.Won...) {
		decided, when = strconv.FormatInt(a.Position, 10), a.Occurred.Effective(a.Recorded).UTC().Format(time.RFC3339)
		if a.Reason != nil {
			reason = a.Reason.Code
		}
	}
	l := Line{Number: t.Proposal, Title: text.Guard(t.heading(w)), Village: w.name(t.village), OPD: w.name(t.opd), Fate: w.t("fate." + string(t.Outcome)),
		Kind: w.deciding(string(t.Kind)), Stage: w.stage(t.Stage), Asked: w.Lang.Rupiah(t.Asked), Granted: w.Lang.Rupiah(t.Granted)}
	l.raw = []string{t.Proposal, strconv.Itoa(t.Cycle), t.village, t.opd, t.lane, string(t.Outcome), string(t.Kind), t.Stage, reason,
		strconv.FormatInt(int64(t.Asked), 10), strconv.FormatInt(int64(t.Granted), 10), decided, when, l.Title}
	return l
}

var columns = []string{"number", "cycle", "village", "opd", "lane", "outcome", "kind", "stage", "reason", "asked", "granted", "deciding_position", "deciding_effective", "title"}

// addList writes the list of a dossier of several, for people and for machines.
func addList(w *format.Writer, d *Dossier, list []Line) error {
	shown, err := listOf(d, list)
	if err != nil {
		return err
	}
	body, err := render("list", shown)
	if err != nil {
		return err
	}
	if err := w.Add(format.Page, body); err != nil {
		return err
	}
	if err := w.Create(format.Table); err != nil {
		return err
	}
	table := csv.NewWriter(w)
	table.UseCRLF = true // RFC 4180
	rows := [][]string{columns}
	for _, l := range list {
		rows = append(rows, l.raw)
	}
	return table.WriteAll(rows)
}
