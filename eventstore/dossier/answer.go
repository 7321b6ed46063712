package dossier

import (
	"bytes"
	"encoding/json"

	"runut/domain/event"
	"runut/domain/history"
)

// Explain answers about a proposal as the dossier of a manifest does: nothing after
// its position is looked at, and what waits has waited until its checkpoint was
// signed. Whoever makes a dossier and whoever checks one come to the same answer,
// since both ask here. Read returns streams by name, none of them with an event after
// the position. It returns the streams that were read, too.
func Explain(number string, m Manifest, charts *history.Charts, read func(names []string) (map[string][]event.Record, error)) (history.Explanation, map[string][]event.Record, error) {
	streams, err := history.Gather(number, read)
	if err != nil {
		return history.Explanation{}, nil, err
	}
	return history.Explain(history.Inquiry{Proposal: number, View: m.View(), Streams: streams, Charts: charts, Now: m.SignedAt}), streams, nil
}

// View returns from where a dossier looks.
func (m Manifest) View() event.View { return event.View{AsOf: m.AsOf, Known: m.Known} }

// Encode writes an explanation as it stands in a dossier.
func Encode(explanation any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(explanation)
	return b.Bytes(), err
}
