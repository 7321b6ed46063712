package projections

import (
	"context"
	"slices"

	"runut/domain/workflow"
)

// lineage is how proposals hang together: each with what its card shows, and
// the edges between them, undone ones too.
var lineage = Projection{
	Name: "lineage", Version: 1, Streams: []string{proposals},
	Tables: `
create table lineage_nodes (
    number    text collate "C" not null,
    cycle     int              not null,
    title     text             not null,
    village   text collate "C" not null,
    opd       text collate "C" not null,
    state     text collate "C" not null,
    fate      text collate "C" not null,
    lane      text collate "C" not null,
    asked     bigint           not null,
    granted   bigint           not null,
    dissolved boolean          not null  -- a merge that was undone
);
create table lineage_edges (
    owner     text collate "C" not null, -- the end whose history gives the edge
    from_no   text collate "C" not null, -- what was
    to_no     text collate "C" not null, -- what it became
    kind      text collate "C" not null, -- merged, split, continued
    weight    bigint           not null, -- rupiah
    of        bigint           not null, -- sum of the weights it is a share of
    ended     boolean          not null, -- undone, or given weight 0
    reason    text collate "C" not null  -- of a component that was dropped
);`,
	Indexes: `
alter table lineage_nodes add primary key (number);
alter table lineage_edges add primary key (from_no, to_no, kind);
create index on lineage_edges (to_no);
create index on lineage_edges (owner);`,
	Fold: foldLineage,
}

var (
	lineageNodes = &Table{Name: "lineage_nodes", Key: "number", Owner: "number",
		Columns: "number, cycle, title, village, opd, state, fate, lane, asked, granted, dissolved"}
	lineageEdges = &Table{Name: "lineage_edges", Key: "from_no, to_no, kind", Owner: "owner",
		Columns: "owner, from_no, to_no, kind, weight, of, ended, reason"}
)

func foldLineage(ctx context.Context, b *Batch, w *Writer) error {
	return b.families(ctx, w, func(k *kinship, due []*life) {
		fates := k.fates()
		for _, l := range due {
			s := l.state
			w.Put(lineageNodes, l.number, s.Cycle, s.Title.String(), s.Village, s.OPD, string(s.At), string(fates[l.number].fate),
				string(s.Lane), int64(s.Asked), int64(s.Granted()), l.dissolved())
			w.Replace(lineageEdges, l.number)
			for _, e := range k.edges(l) {
				w.Put(lineageEdges, l.number, e.From, e.To, e.Kind, e.Weight, e.Of, e.Ended, e.Reason)
			}
		}
	})
}

// dissolved reports whether a proposal is a merge that was undone.
func (l *life) dissolved() bool {
	if l.chart.Definition == nil {
		return false
	}
	spec := l.chart.Definition.States[l.state.At]
	return spec != nil && spec.Final == workflow.FinalDissolved
}

// edges returns the edges that a proposal's history gives: those to its
// components, to its parts, and to what it continues.
func (k *kinship) edges(l *life) []Edge {
	var out []Edge
	var of int64
	for _, c := range l.state.Components {
		of += max(c.Weight, 0)
	}
	for _, c := range l.state.Components {
		child := k.lives[c.Child]
		left := child != nil && child.state.Parent != l.number
		e := Edge{From: c.Child, To: l.number, Kind: "merged", Weight: c.Weight, Of: of, Ended: c.Weight <= 0 || l.dissolved() || left}
		if c.Weight <= 0 {
			e.Reason = c.Reason
		}
		out = append(out, e)
	}
	of = 0
	for _, weight := range l.state.Weights {
		of += max(weight, 0)
	}
	for i, part := range l.state.Parts {
		e := Edge{From: l.number, To: part, Kind: "split", Of: of}
		if i < len(l.state.Weights) {
			e.Weight = l.state.Weights[i]
		}
		out = append(out, e)
	}
	if p := l.state.Previous; p != "" && p != l.number {
		out = append(out, Edge{From: p, To: l.number, Kind: "continued"})
	}
	slices.SortFunc(out, compareEdges)
	return slices.CompactFunc(out, func(a, b Edge) bool { return compareEdges(a, b) == 0 })
}
