// Package feed is what other systems read: the pull feed of an OPD's accepted
// proposals, and the stream of server-sent events. Both speak CloudEvents 1.0,
// are cursors over the log, and remember nothing of who reads: the reader does.
package feed

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"runut/api/wire"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/projections"
)

// A CloudEvent is one event in the structured JSON form of CloudEvents 1.0. Its
// id is the position in the log, which is also the reader's cursor; the id of
// the event itself is the extension eventid.
type CloudEvent struct {
	SpecVersion     string `json:"specversion" example:"1.0"`
	ID              string `json:"id" doc:"Position in the log; hand the last one back as lastEventId" example:"18342"`
	Source          string `json:"source" doc:"The log it is from" example:"/kabupaten/99.01"`
	Type            string `json:"type" example:"proposal.accepted_by_opd"`
	Subject         string `json:"subject,omitempty" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
	Time            string `json:"time" doc:"When it was recorded, RFC 3339"`
	DataContentType string `json:"datacontenttype"`
	Sequence        string `json:"sequence" doc:"The position, padded so that it sorts as text"`
	PartitionKey    string `json:"partitionkey" doc:"Order holds per key: the stream"`
	EventID         string `json:"eventid" doc:"Id of the event in the log, a UUID"`
	Demo            bool   `json:"demo,omitempty" doc:"Data contoh: fictional"`
	Data            any    `json:"data"`
}

func envelope(position int64, tenant, kind, stream, id string, recorded time.Time) CloudEvent {
	e := CloudEvent{
		SpecVersion: "1.0", ID: strconv.FormatInt(position, 10), Source: "/kabupaten/" + tenant, Type: kind,
		Time: recorded.UTC().Format(time.RFC3339Nano), DataContentType: "application/json",
		Sequence: fmt.Sprintf("%020d", position), PartitionKey: stream, EventID: id,
	}
	if n, ok := proposal.NumberOf(stream); ok {
		e.Subject = n
	}
	return e
}

// A Fact is an event of the log as those who signed in read it.
type Fact struct {
	Stream   string `json:"stream"`
	Version  int    `json:"version"`
	Cycle    int    `json:"cycle,omitempty"`
	Occurred any    `json:"occurred"`
	Role     string `json:"role" doc:"In which role it was done; never a person"`
	Office   string `json:"office,omitempty"`
	Facts    any    `json:"facts" doc:"The payload; texts as far as they may be read"`
}

// Of returns the CloudEvent of a record, with its payload.
func Of(r event.Record) CloudEvent {
	e := envelope(r.Position, r.Tenant, r.Type, r.Stream, r.ID.String(), r.RecordedAt)
	e.Data = Fact{Stream: r.Stream, Version: r.Version, Cycle: r.Cycle, Occurred: r.Occurred,
		Role: string(r.Actor.Role), Office: r.Actor.Office, Facts: r.Event}
	return e
}

// Line returns the JSON of r's CloudEvent on one line.
func Line(r event.Record) ([]byte, error) { return wire.Marshal(Of(r)) }

// OfNotice returns the CloudEvent of a notice in an OPD's feed.
func OfNotice(n projections.Notice, tenant string) CloudEvent {
	e := envelope(n.Position, tenant, n.Type, proposal.Stream(n.Number), n.Event.String(), n.Recorded)
	e.Demo = n.Demo
	e.Data = n
	return e
}

// ofPublic returns the CloudEvent of a fact that became public. Its id is the
// place in the order of becoming public.
func ofPublic(f projections.PublicFact, tenant string) CloudEvent {
	e := envelope(f.Position, tenant, f.Type, proposal.Stream(f.Number), f.Event, f.Recorded)
	e.ID, e.Demo, e.Data = string(f.ID), f.Demo, f.PublicStep
	return e
}

// TypeTest is the type of an event that only tries whether an endpoint takes what
// is sent to it.
const TypeTest = "runut.test"

// Test returns such an event for the feed of an OPD.
func Test(opd, tenant string, id uuid.UUID, at time.Time) CloudEvent {
	e := envelope(0, tenant, TypeTest, "opd-"+opd, id.String(), at)
	e.Data = map[string]string{"opd": opd}
	return e
}
