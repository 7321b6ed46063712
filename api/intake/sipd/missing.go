package sipd

import (
	"context"
	"strconv"
	"strings"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
	"runut/projections"
)

// absent calls f with the proposals that SIPD held when last seen, within what the
// file speaks for, and that it does not hold, some hundred at a time.
func (r *run) absent(ctx context.Context, f func([]projections.SourceRow) error) error {
	var places, opds []string
	for _, code := range r.received.Coverage {
		if domain.Within(code, r.cycle.Opened.Kabupaten) {
			places = append(places, code)
		} else {
			opds = append(opds, code)
		}
	}
	imports := projections.Imports{DB: r.DB}
	for after := ""; ; {
		page, err := imports.Held(ctx, r.Year, Source, string(r.reader.lane), r.File.Digest, places, opds, after, batchRows)
		if err != nil || len(page.Value) == 0 {
			return err
		}
		var gone []projections.SourceRow
		for _, row := range page.Value {
			after = row.ID
			if _, there := r.scan.ids[row.ID]; !there {
				gone = append(gone, row)
			}
		}
		if len(gone) == 0 {
			continue
		}
		if err := f(gone); err != nil {
			return err
		}
	}
}

// vanished records what the file ought to hold and does not.
func (r *run) vanished(ctx context.Context) error {
	if !r.speaksForAll() || r.received.Missing == 0 {
		return nil
	}
	r.report.Missing = 0
	n := 0
	return r.absent(ctx, func(rows []projections.SourceRow) error {
		n++
		var numbers []string
		for _, row := range rows {
			numbers = append(numbers, row.Number)
		}
		var told []act.Row
		earlier := 0
		refused, err := r.do(ctx, "missing "+strconv.Itoa(n), func(h act.Histories, _ act.Rules) (act.Observe, error) {
			told, earlier = nil, 0
			for _, row := range rows {
				seen := proposal.See(h.Now(proposal.Stream(row.Number)), Source)
				switch seen.Missing {
				case r.File.Digest: // by a run over this file that broke off
					earlier++
				case "":
					told = append(told, act.Row{ID: row.ID, Proposal: row.Number, Occurred: r.compare.over, Facts: []proposal.Event{&proposal.SourceMissing{File: r.File.Digest}}})
				}
			}
			return r.observe(told), nil
		}, numbers)
		if err != nil {
			return err
		}
		r.report.Missing += earlier + len(told) - len(refused)
		r.report.Events["source_missing"] += len(told) - len(refused)
		for _, row := range told {
			if len(r.report.MissingIDs) < mostNamed {
				r.report.MissingIDs = append(r.report.MissingIDs, row.Proposal)
			}
		}
		return nil
	})
}

// ParseBox reads "south,west,north,east" in decimal degrees.
func ParseBox(text string) (sheet.Box, error) {
	wrong := domain.Refuse(domain.Invalid, "sipd.box_wrong", "box", text)
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return sheet.Box{}, wrong
	}
	var n [4]float64
	for i, p := range parts {
		var err error
		if n[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil {
			return sheet.Box{}, wrong
		}
	}
	b := sheet.Box{South: n[0], West: n[1], North: n[2], East: n[3]}
	if b.South >= b.North || b.West >= b.East || b.South < -90 || b.North > 90 || b.West < -180 || b.East > 180 {
		return sheet.Box{}, wrong
	}
	return b, nil
}
