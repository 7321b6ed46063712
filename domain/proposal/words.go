package proposal

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/workflow"
)

// The short forms in which checks say what is wanted and what was found. Times
// are in UTC; whoever shows them puts them into the kabupaten's zone.

func year(n int) string { return strconv.Itoa(n) }

func number(n int64) string { return strconv.FormatInt(n, 10) }

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func span(i domain.Interval) string {
	if i.From.Equal(i.To) {
		return domain.Stamp(i.From)
	}
	return domain.Stamp(i.From) + ".." + domain.Stamp(i.To)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// words joins what f says of each transition, every word once, in order.
func words(of []*workflow.Transition, f func(*workflow.Transition) []string) string {
	all := make(map[string]bool)
	for _, t := range of {
		for _, w := range f(t) {
			all[w] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), ", ")
}

func pairs(of map[string]string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(of)) {
		out = append(out, k+"="+of[k])
	}
	return out
}

// codes returns the reason codes a person may choose from for t, in order.
func codes(d *workflow.Definition, t *workflow.Transition) []string {
	if t.Reason == "" {
		return nil
	}
	var out []string
	for _, code := range slices.Sorted(maps.Keys(d.Codes)) {
		if d.Chooses(t, code) {
			out = append(out, code)
		}
	}
	return out
}

func lanes(of map[string]workflow.Label) string {
	return strings.Join(slices.Sorted(maps.Keys(of)), ", ")
}
