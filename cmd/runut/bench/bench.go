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
	r.Holds = r.Ratio >= r.Least && (r.Most == 0 || r.Ratio <= r.Most)
}

// bar returns what the row is held to, in words.
func (r *Row) bar() string {
	switch {
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
	_, err := fmt.Fprintln(w)
	return err
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
