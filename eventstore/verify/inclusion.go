package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"runut/domain/proposal"
	"runut/eventstore/export"
	"runut/eventstore/proof"
)

// Inclusion checks a .tlog-proof, and that it is of a record: the exact bytes of
// one, or a line of an export, whose texts are then checked too. Without a record
// it is of the entry that the proof carries, which shows that something with that
// id, time and digest is in the log, and not what. trust must not be nil.
func Inclusion(file, given []byte, place string, trust *proof.Trust, r *Report) {
	p, err := proof.ParseInclusion(file)
	if err != nil {
		r.Add(Finding{Code: "verify.proof", Place: place, Why: refusal(err)})
		return
	}
	leaf, ok := leafOf(p, given, place, r)
	if !ok {
		return
	}
	signed, err := p.Verify(leaf, *trust)
	if err != nil {
		r.Add(Finding{Code: "verify.proof", Place: place, Position: p.Index + 1, Why: refusal(err)})
		return
	}
	r.Origin, r.Demo, r.Size, r.Root, r.Events = signed.Origin, proof.IsDemo(signed.Origin), signed.Size, signed.Root.String(), 1
	signedBy(signed, r)
	r.Checked = append(r.Checked, "signature", "inclusion")
}

// leafOf returns the leaf that a proof must be of.
func leafOf(p proof.Inclusion, given []byte, place string, r *Report) (leaf [32]byte, ok bool) {
	carried, carries := p.Entry()
	if given == nil {
		if !carries {
			r.Doubt(Finding{Code: "verify.no_record", Place: place, Position: p.Index + 1})
			return leaf, false
		}
		id, _, _, _ := proof.ParseEntry(carried[:])
		r.Unchecked = append(r.Unchecked, "records")
		r.About = &About{Position: p.Index + 1, Event: id.String()}
		return carried.Leaf(), true
	}
	x := new(examined)
	e := Entry{Position: p.Index + 1, Record: bytes.TrimRight(given, "\r\n"), Place: place}
	if l, err := export.ParseLine(e.Record); err == nil {
		e.Record, e.Texts, e.Sealed = l.Record, l.Texts, l.Sealed
	}
	x.entry = e
	if f, good := readable(x); !good {
		r.Add(f.of(x))
		return leaf, false
	}
	if e.Texts != nil || e.Sealed != nil {
		for _, f := range besides(x) {
			r.Add(f.of(x))
		}
		r.Checked = append(r.Checked, "beside")
	}
	entry := proof.NewEntry(x.says.ID, x.says.RecordedAt, sha256.Sum256(e.Record))
	if carries && entry != carried {
		r.Add(Finding{Code: "verify.leaf", Want: hex.EncodeToString(carried[25:]), Observed: hex.EncodeToString(entry[25:])}.of(x))
		return leaf, false
	}
	r.Checked = append(r.Checked, "records")
	r.About = about(x)
	return entry.Leaf(), true
}

// An About says which event a proof is of.
type About struct {
	Position   int64     `json:"position"`
	Event      string    `json:"event"`
	Stream     string    `json:"stream,omitzero"`
	Proposal   string    `json:"proposal,omitzero"`
	Version    int       `json:"version,omitzero"`
	Type       string    `json:"type,omitzero"`
	RecordedAt time.Time `json:"recorded_at,omitzero"`
}

func about(x *examined) *About {
	r := &x.says
	number, _ := proposal.NumberOf(r.Stream)
	return &About{x.entry.Position, r.ID.String(), r.Stream, number, r.Version, r.Type, r.RecordedAt}
}
