package dossier

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
	format "runut/eventstore/dossier"
	"runut/eventstore/notary"
	"runut/projections"
)

// A Visitor makes dossiers for those who did not sign in: of what was released, and
// of nothing else.
type Visitor struct {
	Public     projections.Public
	Book       *notary.Book         // nil: there are no dossiers
	Definition *workflow.Definition // whose words are used
	Tenant     string
}

// Prepare reads all that was released of the proposals. It refuses as Maker.Prepare
// does, and what was not released is unknown to it.
func (v Visitor) Prepare(ctx context.Context, ask Ask) (*Dossier, error) {
	numbers, err := chosen(ask, MostPublic)
	if err != nil {
		return nil, err
	}
	if v.Book == nil {
		return nil, domain.Refuse(domain.Unready, "dossier.unsigned")
	}
	var tales []*tale
	known := int64(0)
	positions := map[int64]bool{}
	for _, n := range numbers {
		t, err := v.tale(ctx, n, ask)
		if err != nil {
			return nil, err
		}
		tales = append(tales, t)
		known = max(known, t.Known)
		t.positions(positions)
	}
	for p := range positions {
		known = max(known, p)
	}
	d, err := prepare(ctx, *v.Book, ask, numbers, known)
	if err != nil {
		return nil, err
	}
	d.manifest.Kind, d.manifest.Tenant = format.Public, v.Tenant
	d.only = func(context.Context, *Dossier) (*tale, error) { return tales[0], nil }
	d.write = func(ctx context.Context, w *format.Writer, d *Dossier) error {
		var list []Line
		for i, t := range tales {
			if err := t.add(w, d); err != nil {
				return err
			}
			list = append(list, t.line(d))
			d.progress(int64(i+1), int64(len(tales)))
		}
		if d.manifest.Several() {
			if err := addList(w, d, list); err != nil {
				return err
			}
		}
		return v.proofs(ctx, w, d, slices.Sorted(maps.Keys(positions)))
	}
	return d, nil
}

// positions are the events that a dossier proves.
func (t *tale) positions(into map[int64]bool) {
	for _, s := range t.steps {
		into[s.Position] = true
	}
	for _, a := range slices.Concat(t.Decisive, t.Won) {
		into[a.Position] = true
	}
	delete(into, 0)
}

// proofs puts in the proofs of released events, each with the entry that the log's
// tiles hold of it.
func (v Visitor) proofs(ctx context.Context, w *format.Writer, d *Dossier, positions []int64) error {
	places, err := v.Book.Entries(ctx, positions)
	if err != nil {
		return err
	}
	return addProofs(ctx, w, d, *v.Book, places)
}

func (v Visitor) tale(ctx context.Context, number string, ask Ask) (*tale, error) {
	full, _, err := answer.Announced(ctx, v.Public, number, ask.Lang, v.Definition)
	if err != nil {
		return nil, err
	}
	p, err := v.Public.Get(ctx, number)
	if err != nil {
		return nil, err
	}
	t := &tale{Explanation: full.Explanation, speaker: full.Speaker, forums: map[int64]projections.PublicForum{},
		title: p.Value.Title, village: p.Value.Village, opd: p.Value.OPD, lane: string(p.Value.Lane)}
	for after := projections.Cursor(""); ; {
		page, err := v.Public.Timeline(ctx, number, after, projections.MaxLimit)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Items {
			t.steps = append(t.steps, stepOf(s))
			if s.Forum != nil {
				t.forums[s.Position] = *s.Forum
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	codes := map[string]bool{}
	t.codes(codes)
	called, err := names(ctx, v.Public, slices.Sorted(maps.Keys(codes)))
	t.speaker.Name = func(code string) string { return called[code] }
	return t, err
}

// stepOf writes a released step the way others are.
func stepOf(p projections.PublicStep) projections.Step {
	s := projections.Step{Position: p.Position, Number: p.Number, Type: p.Type, Effective: p.Effective, Recorded: p.Recorded, Role: p.Role, Office: p.Office,
		From: p.From, To: p.To, Stage: p.Stage, Kind: p.Kind, Reason: p.Reason, Changes: p.Changes, Link: p.Link, Rank: p.Rank, Late: p.Late,
		Facts: p.Facts, Corrected: p.Corrected, Holder: p.Holder, CouldAct: p.CouldAct}
	s.Event, _ = uuid.Parse(p.Event)
	if p.Observed {
		s.Observed = new(proposal.Observed)
	}
	for _, d := range p.Docs {
		s.Docs = append(s.Docs, projections.Evidence{Document: domain.Document{Kind: d.Kind, Number: d.Number, Date: d.Date}})
	}
	return s
}
