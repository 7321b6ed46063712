// Package bench measures Runut beside plain PostgreSQL, on one cluster and in
// one run, because on a shared machine only ratios within a round mean anything.
//
// Every figure is the median of interleaved rounds: what is compared takes turns
// within a round, and who goes first alternates. The range is printed too; a
// difference smaller than it is no difference.
package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A Row is one comparison of a report.
type Row struct {
	What    string    `json:"what"`    // "append, 8 callers"
	Against string    `json:"against"` // "raw INSERT, 8 connections"
	Unit    string    `json:"unit"`    // of Ours and Theirs: "/s", "ms"
	Ours    []float64 `json:"ours"`    // a round each
	Theirs  []float64 `json:"theirs"`  // a round each
	Least   float64   `json:"least,omitzero"`
	Most    float64   `json:"most,omitzero"`
	Goal    float64   `json:"goal,omitzero"`
	Within  float64   `json:"within,omitzero"` // what Ours itself may not pass, where that is what is promised
	Note    string    `json:"note,omitzero"`

	Ratio float64    `json:"ratio"` // median of the rounds' ratios
	Range [2]float64 `json:"range"` // least and greatest
	Holds bool       `json:"holds"` // the bar
}

// judge fills in what follows from the rounds.
func (r *Row) judge() {
	ratios := make([]float64, len(r.Ours))
	for i := range ratios {
		ratios[i] = r.Ours[i] / r.Theirs[i]
	}
	r.Ratio, r.Range = median(ratios), [2]float64{slices.Min(ratios), slices.Max(ratios)}
	r.Holds = r.Ratio >= r.Least && (r.Most == 0 || r.Ratio <= r.Most) && (r.Within == 0 || median(r.Ours) <= r.Within)
}

// bar returns what the row is held to, in words.
func (r *Row) bar() string {
	switch {
	case r.Within > 0:
		return fmt.Sprintf("≤ %.0f %s", r.Within, r.Unit)
	case r.Most > 0:
		return fmt.Sprintf("≤ %.2f", r.Most)
	case r.Goal > 0:
		return fmt.Sprintf("≥ %.2f, goal %.2f", r.Least, r.Goal)
	case r.Least > 0:
		return fmt.Sprintf("≥ %.2f", r.Least)
	}
	return ""
}

// A Report is the rows of one run and where it ran.
type Report struct {
	At         time.Time `json:"at"`
	PostgreSQL string    `json:"postgresql"`
	Processors int       `json:"processors"`
	Rounds     int       `json:"rounds"`
	Round      string    `json:"round"` // how long each measurement of a round took
	Rows       []*Row    `json:"rows"`
	Costs      []*Cost   `json:"costs,omitzero"`
}

// A Cost is what an event costs on logs of different sizes: it ought to be the
// same on all of them.
type Cost struct {
	What   string    `json:"what"`
	Events []int     `json:"events"`           // in the log
	Micros []float64 `json:"micros"`           // an event, by size: the median of the rounds
	Memory []float64 `json:"memory,omitempty"` // most MiB the program held, by size
}

// cost notes at how many events a second something went on a log of a size.
func (r *Report) cost(what string, events int, rates []float64) {
	c := r.costOf(what)
	c.Events, c.Micros = append(c.Events, events), append(c.Micros, 1e6/median(rates))
}

// memory notes the most memory that something took on a log of the size noted last.
func (r *Report) memory(what string, bytes uint64) {
	c := r.costOf(what)
	c.Memory = append(c.Memory, float64(bytes)/(1<<20))
}

func (r *Report) costOf(what string) *Cost {
	for _, c := range r.Costs {
		if c.What == what {
			return c
		}
	}
	c := &Cost{What: what}
	r.Costs = append(r.Costs, c)
	return c
}

// Print writes the report as a table.
func (r *Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s · PostgreSQL %s · %d processors · median of %d interleaved rounds of %s\n\n",
		r.At.Format(time.DateTime), r.PostgreSQL, r.Processors, r.Rounds, r.Round)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tagainst\truns\tit\tratio\trange\tbar\t")
	for _, row := range r.Rows {
		verdict := "below"
		switch {
		case row.bar() == "":
			verdict = ""
		case row.Holds:
			verdict = "holds"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.2f\t%.2f–%.2f\t%s\t%s\n", row.What, row.Against,
			figure(median(row.Ours), row.Unit), figure(median(row.Theirs), row.Unit), row.Ratio, row.Range[0], row.Range[1], row.bar(), verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, row := range r.Rows {
		if row.Note != "" {
			fmt.Fprintf(w, "\n%s: %s", row.What, row.Note)
		}
	}
	if _, err := fmt.Fprintln(w); err != nil || len(r.Costs) == 0 {
		return err
	}
	return r.printCosts(w)
}

func (r *Report) printCosts(w io.Writer) error {
	fmt.Fprint(w, "\ncost of an event by the size of the log\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range r.Costs {
		fmt.Fprint(t, c.What, "\t")
		for i, n := range c.Events {
			fmt.Fprintf(t, "%s: %.1f µs", thousands(n), c.Micros[i])
			if i < len(c.Memory) {
				fmt.Fprintf(t, ", %.0f MiB at most", c.Memory[i])
			}
			fmt.Fprint(t, "\t")
		}
		if last := len(c.Micros) - 1; last > 0 {
			fmt.Fprintf(t, "%.2f times", c.Micros[last]/c.Micros[0])
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// thousands writes a size for people: "100,000".
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// JSON writes the report as one line.
func (r *Report) JSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

func figure(x float64, unit string) string {
	if unit == "/s" {
		return fmt.Sprintf("%.0f/s", x)
	}
	return strings.TrimSpace(fmt.Sprintf("%.2f %s", x, unit))
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// bar returns a progress bar of n steps on w, or one that nobody sees where w is
// no terminal.
func bar(w io.Writer, n int) *progressbar.ProgressBar {
	f, ok := w.(*os.File)
	visible := ok && term.IsTerminal(int(f.Fd()))
	if !visible {
		w = io.Discard
	}
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(w), progressbar.OptionSetVisibility(visible),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
}
