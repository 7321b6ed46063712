package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"runut/api"
	"runut/api/intake/lists"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/proposal"
)

// A tally is how many rows there are of something, and what they come to.
type tally struct {
	Rows   int           `json:"rows"`
	Amount domain.Rupiah `json:"amount"`
}

func (t *tally) add(amount domain.Rupiah) { t.Rows, t.Amount = t.Rows+1, t.Amount+amount }

// listSums is what became of every row of a list, and of every rupiah.
type listSums struct {
	Decided    tally            `json:"decided"`
	ByEvent    map[string]tally `json:"by_event"`
	Unchanged  tally            `json:"unchanged"`
	Waiting    tally            `json:"waiting"`
	Aside      tally            `json:"aside"`
	Quarantine tally            `json:"quarantined"`
	All        tally            `json:"all"`
}

func sumsOf(r *api.ListReport) listSums {
	s := listSums{ByEvent: map[string]tally{}}
	for _, d := range r.Decided {
		name := "proposal." + proposal.EventName(d.Decision.Ask)
		t := s.ByEvent[name]
		t.add(d.Row.Amount)
		s.ByEvent[name] = t
		s.Decided.add(d.Row.Amount)
	}
	for _, row := range r.Unchanged {
		s.Unchanged.add(row.Amount)
	}
	for _, w := range r.Waiting {
		s.Waiting.add(w.Row.Amount)
	}
	for _, row := range r.Aside {
		s.Aside.add(row.Amount)
	}
	for _, one := range r.Refused {
		s.Quarantine.add(one.Row.Amount)
	}
	for _, t := range []tally{s.Decided, s.Unchanged, s.Waiting, s.Aside, s.Quarantine} {
		s.All.Rows, s.All.Amount = s.All.Rows+t.Rows, s.All.Amount+t.Amount
	}
	return s
}

func printList(s *session, c *importList, o api.ListOrder, r *api.ListReport, files leftFiles) error {
	sums := sumsOf(r)
	if c.JSON {
		return json.NewEncoder(s.out).Encode(struct {
			Kind     string          `json:"kind"`
			Year     int             `json:"year"`
			Document domain.Document `json:"document"`
			Digest   string          `json:"digest"`
			DryRun   bool            `json:"dry_run"`
			Rows     int             `json:"rows"`
			Sum      domain.Rupiah   `json:"sum"`
			listSums
			Faults   []rowFault `json:"faults"`
			Headings int        `json:"headings"`
			Footers  int        `json:"footers"`
			Absent   int        `json:"absent"`
			LeftOut  int        `json:"left_out"`
			Spared   int        `json:"spared"`
			Events   int        `json:"events"`
			Appends  int        `json:"appends"`
			Files    leftFiles  `json:"files"`
		}{o.Kind, o.Year, o.Document, o.File.Digest, o.Try, len(r.List.Rows) + len(r.List.Refused), r.List.Sum, sums,
			faultsOf(s, r.Refused), r.List.Headings, r.List.Footers, len(r.Absent), len(r.LeftOut), len(r.Spared), r.Events, r.Appends, files})
	}
	say := func(code string, params ...string) { fmt.Fprintln(s.out, s.lang.T(code, params...)) }
	head := "lists.head"
	if o.Try {
		head = "lists.head_try"
	}
	say(head, "kind", s.lang.T("lists.kind."+o.Kind), "year", fmt.Sprint(o.Year), "number", o.Document.Number, "day", s.lang.Date(o.Document.Date))
	printSums(s, sums)
	if n := r.List.Headings + r.List.Footers; n > 0 {
		say("lists.not_counted", "n", s.lang.Count(int64(n)))
	}
	if f := r.List.Footer; f > 0 && f != r.List.Sum {
		say("lists.footer_differs", "stated", s.lang.Rupiah(f), "sum", s.lang.Rupiah(r.List.Sum))
	}
	if unknown := r.List.Layout.Unknown; len(unknown) > 0 {
		say("lists.unknown_columns", "columns", strings.Join(unknown, ", "))
	}
	printAbsent(s, o, r)
	if files.Confirm != "" {
		say("lists.confirm_left", "n", s.lang.Count(int64(len(r.Waiting))), "file", files.Confirm, "command", "runut import "+o.Kind)
	}
	if files.Quarantine != "" {
		say("lists.quarantine_left", "n", s.lang.Count(int64(len(r.Refused))), "file", files.Quarantine)
		printReasons(s, r.Refused)
	}
	if o.Try {
		say("lists.nothing_recorded")
		return nil
	}
	say("lists.recorded", "events", s.lang.Count(int64(r.Events)), "appends", s.lang.Count(int64(r.Appends)))
	return nil
}

// A rowFault is why a row was not taken in, for machines.
type rowFault struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"` // heading
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func faultOf(s *session, row int, column string, err error) rowFault {
	why := s.lang.Refuse(err)
	return rowFault{row, column, why.Code, why.Title}
}

func faultsOf(s *session, refused []lists.Refused) []rowFault {
	out := []rowFault{}
	for _, one := range refused {
		out = append(out, faultOf(s, one.Row.Number, one.Column, one.Err))
	}
	return out
}

// printSums prints the table whose last line is the sum of those above it.
func printSums(s *session, sums listSums) {
	type line struct {
		title string
		tally
	}
	lines := []line{{s.lang.T("lists.decided"), sums.Decided}}
	for _, name := range slices.Sorted(maps.Keys(sums.ByEvent)) {
		term := catalog.Terms[name]
		title := term.ID
		if s.lang == text.EN {
			title = term.EN
		}
		lines = append(lines, line{"  " + title, sums.ByEvent[name]})
	}
	lines = append(lines, line{s.lang.T("lists.unchanged"), sums.Unchanged}, line{s.lang.T("lists.waiting"), sums.Waiting})
	if sums.Aside.Rows > 0 {
		lines = append(lines, line{s.lang.T("lists.aside"), sums.Aside})
	}
	lines = append(lines, line{s.lang.T("lists.quarantined"), sums.Quarantine}, line{s.lang.T("lists.all"), sums.All})
	wide := 0
	for _, l := range lines {
		wide = max(wide, utf8.RuneCountInString(l.title))
	}
	for i, l := range lines {
		if i == len(lines)-1 {
			fmt.Fprintf(s.out, "  %s\n", dashes(wide+34))
		}
		fmt.Fprintf(s.out, "  %-*s %10s %22s\n", wide, l.title, s.lang.Count(int64(l.Rows)), s.lang.Rupiah(l.Amount))
	}
}

func dashes(width int) string {
	out := make([]byte, width)
	for i := range out {
		out[i] = '-'
	}
	return string(out)
}

// printAbsent says what becomes of the proposals that wait for the document and
// stand in no row.
func printAbsent(s *session, o api.ListOrder, r *api.ListReport) {
	if len(r.Absent) == 0 {
		return
	}
	n, left := s.lang.Count(int64(len(r.Absent))), s.lang.Count(int64(len(r.LeftOut)))
	if o.LeftOut == "" {
		fmt.Fprintln(s.out, s.lang.T("lists.absent", "n", n, "window", s.lang.T("lists.kind."+o.Kind)))
		return
	}
	fmt.Fprintln(s.out, s.lang.T("lists.left_out", "n", left, "code", o.LeftOut))
	for _, one := range r.Spared {
		fmt.Fprintln(s.out, " ", s.lang.Refuse(one.Err).Title)
	}
}

// shown is how many reasons are printed; all stand in the workbook.
const shown = 8

// printReasons prints the first reasons why rows were not taken in.
func printReasons(s *session, refused []lists.Refused) {
	for _, one := range refused[:min(len(refused), shown)] {
		fmt.Fprintln(s.out, "  "+s.lang.T("lists.row", "row", fmt.Sprint(one.Row.Number), "why", s.lang.Refuse(one.Err).Title))
	}
	if more := len(refused) - shown; more > 0 {
		fmt.Fprintln(s.out, "  "+s.lang.T("lists.more", "n", s.lang.Count(int64(more))))
	}
}
