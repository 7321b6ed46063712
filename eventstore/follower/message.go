package follower

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"runut/domain/event"
)

// Metadata of a message: what a handler or a broker needs to route it, and
// nothing personal. The correlation is called as Watermill's middleware calls it.
const (
	MetaPosition    = "position"       // decimal
	MetaStream      = "stream"         // "proposal-U-27-4K7M2XR"
	MetaVersion     = "version"        // place in the stream, from 1
	MetaType        = "type"           // "proposal.rejected"
	MetaTypeVersion = "type_version"   // shape of the payload in the record
	MetaTenant      = "tenant"         // kode wilayah of the kabupaten
	MetaCycle       = "cycle"          // fiscal year; "0" for what belongs to none
	MetaRecordedAt  = "recorded_at"    // RFC 3339, UTC
	MetaRole        = "actor_role"     // in which role it was done
	MetaCorrelation = "correlation_id" // forum session, import or request
	MetaCausation   = "causation_id"   // event that caused it, or the command
)

// newMessage returns the message of an event: its UUID is the event's id, its
// payload the exact bytes of the record, which hold neither a text nor a secret
// and are what the log's tree commits to.
func newMessage(ctx context.Context, e *entry) (*message.Message, *fault) {
	m := message.NewMessage(e.ID.String(), bytes.Clone(e.Record))
	m.Metadata = message.Metadata{
		MetaPosition:    strconv.FormatInt(e.Position, 10),
		MetaStream:      e.Stream,
		MetaVersion:     strconv.Itoa(e.Version),
		MetaType:        e.Type,
		MetaTypeVersion: strconv.Itoa(e.TypeVersion),
		MetaTenant:      e.Tenant,
		MetaCycle:       strconv.Itoa(e.Cycle),
		MetaRecordedAt:  e.RecordedAt.UTC().Format(time.RFC3339Nano),
		MetaRole:        string(e.Actor.Role),
		MetaCorrelation: e.Correlation.String(),
		MetaCausation:   e.Causation.String(),
	}
	f := new(fault)
	ctx = context.WithValue(ctx, entryKey{}, e)
	m.SetContext(context.WithValue(ctx, faultKey{}, f))
	return m, f
}

type (
	entryKey struct{}
	faultKey struct{}
)

// Record returns the event of a message that a Group handed over, decoded to its
// newest shape, with what may be read of its texts. It is decoded once for all
// groups of a process; nobody may change it.
func Record(m *message.Message) (event.Record, error) {
	e, ok := m.Context().Value(entryKey{}).(*entry)
	if !ok {
		return event.Record{}, errors.New("follower: the message does not come from a group")
	}
	return e.record()
}

// A fault carries the reason of a failure from KeepError to the group: Watermill
// itself only says that there was one.
type fault struct {
	mu     sync.Mutex
	reason string
}

func (f *fault) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reason = err.Error()
}

// String returns the reason, where one was kept.
func (f *fault) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reason == "" {
		return "the handler failed"
	}
	return f.reason
}
