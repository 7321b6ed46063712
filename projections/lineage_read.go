package projections

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Lineage answers what a proposal was merged with, split into and carried on as.
type Lineage struct{ DB DB }

// A Family is a proposal with all it is connected to.
type Family struct {
	Nodes []Relative `json:"nodes"` // in the order of generations, then of numbers
	Edges []Edge     `json:"edges"`
	More  bool       `json:"more"` // the family is larger than what is shown
}

// A Relative is one proposal of a family.
type Relative struct {
	Number     string         `json:"number"`
	Known      bool           `json:"known"` // false: the log names it but does not hold it
	Cycle      int            `json:"cycle"`
	Generation int            `json:"generation"` // 0 for what nothing leads to; arrows go to higher ones
	Title      string         `json:"title"`
	Village    string         `json:"village"`
	OPD        string         `json:"opd"`
	State      workflow.State `json:"state"`
	Fate       string         `json:"fate"`
	Lane       proposal.Lane  `json:"lane"`
	Asked      domain.Rupiah  `json:"asked"`
	Granted    domain.Rupiah  `json:"granted"`
	Dissolved  bool           `json:"dissolved"` // a merge that was undone
}

// An Edge leads from what was to what it became.
type Edge struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Kind   string `json:"kind"`   // merged, split, continued
	Weight int64  `json:"weight"` // rupiah; of a continuation 0
	Of     int64  `json:"of"`     // sum of the weights it is a share of
	Ended  bool   `json:"ended"`  // undone, or its weight was set to 0
	Reason string `json:"reason"` // reason code of a component that was dropped
}

func compareEdges(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind))
}

// mostRelatives is how many proposals of a family are shown.
const mostRelatives = 500

// Of returns the family of a proposal, at most 500 proposals of it.
func (l Lineage) Of(ctx context.Context, number string) (At[Family], error) {
	var out At[Family]
	var err error
	out.Position, err = reading(ctx, l.DB, "lineage", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			with recursive family (number) as (
			    select number from read.lineage_nodes where number = $1
			    union
			    select x.number
			      from family f
			      join lateral (
			           select to_no from read.lineage_edges where from_no = f.number
			           union all
			           select from_no from read.lineage_edges where to_no = f.number) x (number) on true
			), shown as (select number from family limit $2)
			select s.number, n.number is not null, coalesce(n.cycle, 0), 0, coalesce(n.title, ''), coalesce(n.village, ''), coalesce(n.opd, ''),
			       coalesce(n.state, ''), coalesce(n.fate, 'unknown'), coalesce(n.lane, ''), coalesce(n.asked, 0), coalesce(n.granted, 0), coalesce(n.dissolved, false)
			  from shown s left join read.lineage_nodes n using (number)`, number, mostRelatives+1)
		if err != nil {
			return err
		}
		nodes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Relative])
		if err != nil {
			return err
		}
		if len(nodes) == 0 {
			return domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
		}
		out.Value.More = len(nodes) > mostRelatives
		nodes = nodes[:min(len(nodes), mostRelatives)]
		numbers := make([]string, len(nodes))
		for i, n := range nodes {
			numbers[i] = n.Number
		}
		rows, err = tx.Query(ctx, `
			select from_no, to_no, kind, weight, of, ended, reason
			  from read.lineage_edges
			 where from_no = any ($1) and to_no = any ($1)
			 order by from_no, to_no, kind`, numbers)
		if err != nil {
			return err
		}
		out.Value.Edges, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Edge])
		pairs := make([][2]string, len(out.Value.Edges))
		for i, e := range out.Value.Edges {
			pairs[i] = [2]string{e.From, e.To}
		}
		generation := generationsOf(numbers, pairs)
		for i := range nodes {
			nodes[i].Generation = generation[nodes[i].Number]
		}
		slices.SortFunc(nodes, func(a, b Relative) int {
			return cmp.Or(cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.Number, b.Number))
		})
		out.Value.Nodes = nodes
		return err
	})
	return out, err
}

// generationsOf returns for each number the length of the longest way of edges
// that leads to it. Should edges run in a circle, the walk ends all the same.
func generationsOf(numbers []string, edges [][2]string) map[string]int {
	out := make(map[string]int, len(numbers))
	for range numbers {
		moved := false
		for _, e := range edges {
			if g := out[e[0]] + 1; g > out[e[1]] && g < len(numbers) {
				out[e[1]], moved = g, true
			}
		}
		if !moved {
			break
		}
	}
	return out
}
