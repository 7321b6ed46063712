package sipd

import (
	"runut/api/intake/sheet"
	"runut/domain/proposal"
	"runut/domain/reference"
)

// ReadRow reads one row of cells under headings, without a log.
func ReadRow(wilayah, opd []reference.Entry, headings []string, cells []sheet.Cell) (Entry, error) {
	head := sheet.Row{Number: 1}
	for _, h := range headings {
		head.Cells = append(head.Cells, sheet.Cell{Kind: sheet.Text, Text: h, Raw: h})
	}
	t, err := findTable(func(yield func(sheet.Row, error) bool) { yield(head, nil) })
	if err != nil {
		return Entry{}, err
	}
	r := &reader{table: t, places: newPlaces("99.01", "2026-02-06", &reference.Edition{Entries: wilayah}, &reference.Edition{Entries: opd}), status: BaseStatusMap(), box: sheet.Indonesia}
	return r.read(sheet.Row{Number: 2, Cells: cells}), nil
}

// Reading returns what a map says of a status: the states it may stand for.
func (m *StatusMap) Reading(status string, pokir bool, filled ...string) ([]string, error) {
	slots := map[string]Slot{}
	for _, level := range filled {
		slots[level] = Slot{}
	}
	lane := map[bool]string{true: "pokir", false: "musrenbang"}[pokir]
	meanings, err := m.read(status, proposal.Lane(lane), slots)
	var states []string
	for _, x := range meanings {
		states = append(states, string(x.State))
	}
	return states, err
}
