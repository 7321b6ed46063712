package delivery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/delivery"
	"runut/domain/event"
)

var now = time.Date(2026, 7, 20, 4, 0, 0, 0, time.UTC)

func digest(b string) string { return strings.Repeat(b, 32) }

func number(n int) string {
	return domain.Number(2027, uuid.MustParse("0198c2f0-0000-7000-8000-000000000001"), n)
}

func state(events ...delivery.Event) delivery.State {
	records := make([]event.Record, len(events))
	for i, e := range events {
		records[i] = event.Record{Envelope: event.Envelope{Version: i + 1}, Position: int64(i + 1), Event: e}
	}
	return delivery.Fold(records)
}

func TestDecide(t *testing.T) {
	received := func(change func(*delivery.Received)) *delivery.Received {
		e := &delivery.Received{Source: "sipd", Digest: digest("0a"), ExportedAt: now.AddDate(0, 0, -1), Rows: 100, Accepted: 60, Unchanged: 37, Quarantined: 3, Missing: 5}
		if change != nil {
			change(e)
		}
		return e
	}
	another := func(change func(*delivery.Received)) *delivery.Received {
		return received(func(e *delivery.Received) {
			e.Digest = digest("0b")
			change(e)
		})
	}
	resolved := func(rows ...int) *delivery.QuarantineResolved {
		return &delivery.QuarantineResolved{File: digest("0a"), Rows: rows, How: "reimported"}
	}
	sent := func(change func(*delivery.AnswerSent)) *delivery.AnswerSent {
		e := &delivery.AnswerSent{Village: "99.01.03.2001", Letter: domain.Document{Kind: "surat", Number: "050/7", Date: "2026-07-20", Digest: digest("0c")}, Covers: []string{number(0), number(1)}, Channel: "surat"}
		if change != nil {
			change(e)
		}
		return e
	}
	file := state(received(nil))

	for _, test := range []struct {
		name      string
		given     delivery.State
		ask       delivery.Event
		by        domain.Role
		confirmed bool
		codes     []string
	}{
		{name: "a file", ask: received(nil), by: "importer"},
		{name: "not by a camat", ask: received(nil), by: "camat", codes: []string{"delivery.role_missing"}},
		{name: "the same file again", given: file, ask: received(nil), by: "importer", codes: []string{"import.file_known"}},
		{name: "from a source there is", ask: received(func(e *delivery.Received) { e.Source, e.Digest = "mimpi", "x" }), by: "importer", codes: []string{"delivery.word_unknown", "delivery.digest_malformed"}},
		{name: "rows that do not add up", ask: received(func(e *delivery.Received) { e.Accepted-- }), by: "importer", codes: []string{"import.rows_do_not_add_up"}},
		{name: "rows below none", ask: received(func(e *delivery.Received) { e.Unchanged, e.Accepted = -3, 100 }), by: "importer", codes: []string{"import.rows_do_not_add_up"}},
		{name: "too many missing", ask: received(func(e *delivery.Received) { e.Missing = 6 }), by: "importer", codes: []string{"import.too_many_missing"}},
		{name: "too many missing, confirmed", ask: received(func(e *delivery.Received) { e.Missing = 90 }), by: "importer", confirmed: true},
		{name: "exported tomorrow", ask: received(func(e *delivery.Received) { e.ExportedAt = now.Add(time.Hour) }), by: "importer", codes: []string{"import.exported_in_future"}},
		{name: "older than the last", given: file, ask: another(func(e *delivery.Received) { e.ExportedAt = now.AddDate(0, 0, -2) }), by: "importer", codes: []string{"import.older_than_last"}},
		{name: "older than the last, as history", given: file, ask: another(func(e *delivery.Received) { e.ExportedAt, e.History = now.AddDate(0, 0, -2), true }), by: "importer"},
		{name: "of unknown day", given: file, ask: another(func(e *delivery.Received) { e.ExportedAt = time.Time{} }), by: "importer"},

		{name: "rows mended", given: file, ask: resolved(7, 9), by: "planner"},
		{name: "rows of a file nobody took in", ask: resolved(7), by: "planner", codes: []string{"import.file_unknown"}},
		{name: "rows mended before", given: state(received(nil), resolved(7)), ask: resolved(7), by: "planner", codes: []string{"import.row_resolved"}},
		{name: "rows named twice, or none", given: file, ask: resolved(7, 7, 0), by: "planner", codes: []string{"import.row_wrong", "import.row_wrong"}},
		{name: "more rows than were quarantined", given: file, ask: resolved(1, 2, 3, 4), by: "planner", codes: []string{"import.more_than_quarantined"}},
		{name: "no rows, in some way", given: file, ask: &delivery.QuarantineResolved{File: digest("0a"), How: "shouted"}, by: "planner", codes: []string{"delivery.word_unknown", "import.missing"}},

		{name: "an answer", ask: sent(nil), by: "head_of_planning"},
		{name: "an answer by a village", ask: sent(nil), by: "village_head", codes: []string{"delivery.role_missing"}},
		{name: "an answer to a village", ask: sent(func(e *delivery.AnswerSent) { e.Village = "99.01.03" }), by: "planner", codes: []string{"letter.village_malformed"}},
		{name: "an answer under a new number", given: state(sent(nil)), ask: sent(nil), by: "planner", codes: []string{"letter.number_taken"}},
		{name: "an answer about something", ask: sent(func(e *delivery.AnswerSent) { e.Covers, e.Channel = nil, "merpati" }), by: "planner", codes: []string{"delivery.word_unknown", "letter.missing"}},
		{name: "an answer about the same thing twice", ask: sent(func(e *delivery.AnswerSent) { e.Covers = []string{number(0), number(0), "U-27"} }), by: "planner", codes: []string{"letter.number_wrong", "letter.number_wrong"}},
		{name: "an answer on paper", ask: sent(func(e *delivery.AnswerSent) { e.Letter = domain.Document{Digest: "x"} }), by: "planner", codes: []string{"letter.incomplete", "delivery.digest_malformed"}},
		{name: "an answer of next week", ask: sent(func(e *delivery.AnswerSent) { e.Letter.Date = "2026-07-27" }), by: "planner", codes: []string{"letter.date_wrong"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := delivery.Decide(test.given, test.ask, delivery.Rules{Actor: domain.Actor{Role: test.by}, Now: now, Confirmed: test.confirmed})
			var codes []string
			if e, ok := err.(*domain.Error); ok {
				codes = []string{e.Code}
				for _, more := range e.All {
					codes = append(codes, more.Code)
				}
			}
			if d := cmp.Diff(test.codes, codes); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			if err == nil && (len(got) != 1 || got[0] != test.ask) {
				t.Errorf("events %v", got)
			}
		})
	}
	_, err := delivery.Decide(delivery.State{}, received(nil), delivery.Rules{Actor: domain.Actor{Role: "importer"}, Now: now, Occurred: domain.Moment(now.Add(time.Hour))})
	if e, ok := err.(*domain.Error); !ok || e.Code != "delivery.occurred_in_future" {
		t.Errorf("received tomorrow: %v", err)
	}
}
