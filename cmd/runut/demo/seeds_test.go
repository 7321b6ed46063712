package demo

import (
	"fmt"
	"os"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"strconv"
	"testing"
	"time"
)

func TestManySeeds(t *testing.T) {
	if os.Getenv("SEEDS") == "" {
		t.Skip()
	}
	n, _ := strconv.Atoi(os.Getenv("SEEDS"))
	sc, _ := strconv.Atoi(os.Getenv("SCALE"))
	for seed := range n {
		b := time.Now()
		w := newWorld(Options{Seed: uint64(seed + 1), Day: today.AddDate(0, 0, seed*37), Scale: sc}, few(t).definition)
		if err := w.make(); err != nil {
			t.Error(seed, err)
			continue
		}
		y := Complete(w.o.Day)
		chart := history.NewChart(w.definition)
		l := history.Trace(func(yield func(history.Node) bool) {
			for _, n := range w.numbers[y] {
				if !yield(chart.Node(w.histories.Now(proposal.Stream(n)))) {
					return
				}
			}
		})
		sum := history.SumOf(l.Accounts())
		lanes := map[proposal.Lane]int{}
		m := map[workflow.State]int{}
		hops := map[int]int{}
		parents := 0
		for _, n := range w.numbers[y] {
			s := w.state(n)
			if s.Origin {
				lanes[s.Lane]++
			}
			m[s.At]++
			hops[s.Hops]++
			if s.Depth > 0 {
				parents++
			}
		}
		fmt.Println(time.Since(b), w.position, sum.Check(), sum.Origins, sum.Headlines, lanes, hops, parents, "\n", m, sum.Asked, sum.Granted, sum.WithoutProposal)
	}
}
