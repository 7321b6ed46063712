package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/intake/sipd"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/projections"
)

// zoneOf returns where the days of a fiscal year's kabupaten begin and end.
func zoneOf(ctx context.Context, a *app, year int) (*time.Location, error) {
	stream := cycle.Stream(year)
	histories, err := a.store.Streams(ctx, []string{stream})
	if err != nil {
		return nil, err
	}
	c := cycle.Fold(event.Sequence(histories[stream], event.View{}))
	if c.Opened == nil {
		return nil, domain.Refuse(domain.Conflict, "workflow.cycle_unopened", "year", strconv.Itoa(year))
	}
	return c.Zone, nil
}

// tell prints what came of a file.
func tell(s *session, r sipd.Report, zone *time.Location) {
	t, out := s.lang.T, s.out
	at := func(when time.Time) string { return s.lang.Moment(when, zone) }
	count := func(n int) string { return s.lang.Count(int64(n)) }
	if r.DryRun {
		fmt.Fprintln(out, t("import.dry"))
	}
	if r.Known && r.Mended == 0 {
		fmt.Fprintln(out, t("import.known"))
		return
	}
	since := "import.since_cycle"
	if r.Before != "" {
		since = "import.since_export"
	}
	fmt.Fprintln(out, t("import.head", "file", r.File, "exported", at(r.ExportedAt), "by", t("import.by_"+r.ExportedBy), "since", t(since, "at", at(r.Since))))
	if r.Mends != "" {
		fmt.Fprintln(out, t("import.mends", "digest", r.Mends))
	}
	if r.Known {
		fmt.Fprintln(out, t("import.known_mended", "rows", count(r.Mended)))
	}
	fmt.Fprintln(out, t("import.rows", "rows", count(r.Rows), "accepted", count(r.Accepted), "unchanged", count(r.Unchanged), "quarantined", count(r.Quarantined)))
	fmt.Fprintln(out, " ", t("import.accepted", "new", count(r.New), "changed", count(r.Changed)))
	if r.Earlier > 0 {
		fmt.Fprintln(out, " ", t("import.earlier", "rows", count(r.Earlier)))
	}
	if r.Missing > 0 {
		fmt.Fprintln(out, " ", t("import.gone", "missing", count(r.Missing), "numbers", strings.Join(r.MissingIDs, ", ")))
	}
	tellEvents(s, r)
	if len(r.Held) > 0 {
		fmt.Fprintln(out, t("import.held"))
	}
	for _, h := range r.Held {
		fmt.Fprintf(out, "  %6s × %s\n", count(h.Count), h.Reason)
		for _, x := range h.Examples {
			fmt.Fprintln(out, "          ", t("import.held_row", "row", strconv.Itoa(x.Row), "column", x.Column, "reason", s.lang.Refuse(x.Err).Title))
		}
	}
	tellNotes(s, r)
	if r.Quarantine != "" {
		fmt.Fprintln(out, t("import.quarantine_file", "file", r.Quarantine, "year", strconv.Itoa(r.Year)))
	}
	fmt.Fprintln(out, t("import.digest", "digest", r.Digest))
	fmt.Fprintln(out, t("import.took", "seconds", fmt.Sprintf("%.1f", r.Seconds)))
}

// tellEvents prints what is recorded, in numbers and by example.
func tellEvents(s *session, r sipd.Report) {
	if len(r.Events) == 0 {
		return
	}
	fmt.Fprintln(s.out, s.lang.T("import.events"))
	for _, name := range slices.Sorted(maps.Keys(r.Events)) {
		fmt.Fprintf(s.out, "  %6s × %s\n", s.lang.Count(int64(r.Events[name])), sipd.EventWords(s.lang, name))
	}
	if len(r.Examples) > 0 {
		fmt.Fprintln(s.out, s.lang.T("import.examples"))
	}
	for _, x := range r.Examples {
		number, words := x.Proposal, make([]string, len(x.Events))
		if number == "" {
			number = s.lang.T("import.new")
		}
		for i, name := range x.Events {
			words[i] = sipd.EventWords(s.lang, name)
		}
		fmt.Fprintln(s.out, " ", s.lang.T("import.example", "row", strconv.Itoa(x.Row), "id", x.ID, "proposal", number, "events", strings.Join(words, ", ")))
	}
}

// tellNotes prints what a person may want to look at.
func tellNotes(s *session, r sipd.Report) {
	if len(r.Notes) > 0 {
		fmt.Fprintln(s.out, s.lang.T("import.notes"))
	}
	for _, n := range r.Notes {
		fmt.Fprintln(s.out, " ", s.lang.T("import.note", "count", s.lang.Count(int64(n.Count)), "note", sipd.NoteWords(s.lang, n.Note), "rows", numbers(n.Rows, n.Count)))
	}
	if len(r.Suggestions) > 0 {
		fmt.Fprintln(s.out, s.lang.T("import.suggestions"))
	}
	for _, x := range r.Suggestions {
		fmt.Fprintln(s.out, " ", s.lang.T("import.suggestion", "row", strconv.Itoa(x.Row), "id", x.ID, "alike", strings.Join(x.Alike, ", ")))
	}
	if len(r.Unknown) > 0 {
		fmt.Fprintln(s.out, s.lang.T("import.unknown", "columns", strings.Join(r.Unknown, ", ")))
	}
}

// numbers joins row numbers, with a sign that there are more.
func numbers(rows []int, count int) string {
	words := make([]string, len(rows))
	for i, n := range rows {
		words[i] = strconv.Itoa(n)
	}
	if count > len(rows) {
		words = append(words, "…")
	}
	return strings.Join(words, ", ")
}

// listImports prints files that were taken in, the last one first.
func listImports(s *session, pool *pgxpool.Pool, c importFiles) error {
	page, err := projections.Imports{DB: pool}.Files(s.ctx, projections.ImportFilter{Year: c.Year, Open: c.Open}, projections.Cursor(c.After), c.Limit)
	if err != nil {
		return err
	}
	if len(page.Items) == 0 && !c.JSON {
		fmt.Fprintln(s.out, s.lang.T("import.list_none"))
	}
	for _, f := range page.Items {
		if c.JSON {
			if err := json.NewEncoder(s.out).Encode(f); err != nil {
				return err
			}
			continue
		}
		e := f.Received
		count := func(n int) string { return s.lang.Count(int64(n)) }
		fmt.Fprintln(s.out, s.lang.T("import.list_row", "year", strconv.Itoa(f.Year), "source", e.Source, "exported", s.lang.Day(e.ExportedAt, domain.Zones["WITA"]), "rows", count(e.Rows),
			"accepted", count(e.Accepted), "unchanged", count(e.Unchanged), "quarantined", count(e.Quarantined), "missing", count(e.Missing), "digest", e.Digest))
		for _, h := range e.Held {
			if f.Reasons[h.Reason] > 0 {
				fmt.Fprintf(s.out, "    %s × %s: %s\n", count(f.Reasons[h.Reason]), h.Reason, stretches(h.Rows))
			}
		}
	}
	if page.Next != "" && !c.JSON {
		fmt.Fprintf(s.out, "--after %s\n", page.Next)
	}
	return nil
}

// stretches writes row numbers as people type them: 4, 9-12.
func stretches(rows []delivery.Stretch) string {
	var words []string
	for i, r := range rows {
		if i == 30 {
			words = append(words, "…")
			break
		}
		if r.From == r.To {
			words = append(words, strconv.Itoa(r.From))
			continue
		}
		words = append(words, fmt.Sprintf("%d-%d", r.From, r.To))
	}
	return strings.Join(words, ", ")
}
