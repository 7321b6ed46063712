package api

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

type historyInput struct {
	PageInput
	ViewInput
	Number string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
}

// A HistoryEntry is one event of a proposal as it was recorded, and whether it
// counts from where it is looked at.
type HistoryEntry struct {
	history.Mention
	Counts  bool            `json:"counts" doc:"false: struck out, not in effect yet, or a correction, whose work is done"`
	Role    domain.Role     `json:"role"`
	Office  string          `json:"office,omitzero"`
	Scope   domain.Scope    `json:"scope"`
	Cause   string          `json:"cause" doc:"Event or command that caused it"`
	Payload json.RawMessage `json:"payload" doc:"What it states; a text is only true here, for texts stand beside the record"`
}

func (s *Server) historyReads(api huma.API) {
	get(s, api, "/proposals/{number}/history", "history-of-proposal", tagProposals, "Riwayat usulan apa adanya · Every event as it was recorded, with both its times",
		func(ctx context.Context, in *historyInput) (*many[HistoryEntry], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			v, err := s.Desk().View(ctx, yearOf(number), in.AsOf, in.KnownAt)
			if err != nil {
				return nil, err
			}
			stream := proposal.Stream(number)
			read, err := s.Store.Streams(ctx, []string{stream})
			if err != nil {
				return nil, err
			}
			if len(read[stream]) == 0 {
				return nil, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
			}
			after := 0
			if in.Cursor != "" {
				if after, err = strconv.Atoi(in.Cursor); err != nil {
					return nil, domain.Refuse(domain.Invalid, "cursor.unknown").At("/cursor")
				}
			}
			out := &many[HistoryEntry]{Position: v.Known, Body: List[HistoryEntry]{Items: []HistoryEntry{}}}
			counting := map[string]bool{}
			for _, r := range event.Sequence(read[stream], v) {
				counting[r.ID.String()] = true
			}
			for _, r := range read[stream] {
				if r.Version <= after || r.Position > v.Known {
					continue
				}
				if n := len(out.Body.Items); n == in.Limit {
					out.Body.Next = strconv.Itoa(out.Body.Items[n-1].Version)
					break
				}
				entry, err := historyEntry(r, counting[r.ID.String()])
				if err != nil {
					return nil, err
				}
				out.Body.Items = append(out.Body.Items, entry)
			}
			return out, nil
		})
}

func historyEntry(r event.Record, counts bool) (HistoryEntry, error) {
	encoded, err := catalog.Events.Encode(r.Event)
	if err != nil {
		return HistoryEntry{}, err
	}
	return HistoryEntry{
		Mention: history.MentionOf(r), Counts: counts, Role: r.Actor.Role, Office: r.Actor.Office, Scope: r.Actor.Scope,
		Cause: r.Causation.String(), Payload: json.RawMessage(encoded.Payload),
	}, nil
}
