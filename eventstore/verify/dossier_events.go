package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/proposal"
	"runut/eventstore/dossier"
	"runut/eventstore/export"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

// A dossierRun is what is remembered of the events read so far, to judge the next by.
type dossierRun struct {
	now      time.Time
	last     int64     // position
	recorded time.Time // the latest
	versions map[string]tip
	besides  sequence // what is gone beside records, and what ordered it
	steps    []step
	words    record.Reader
}

// events reads the events, holds each by itself against its proof, and their
// streams against each other.
func (d *dossierCheck) events() error {
	run := &dossierRun{now: time.Now(), versions: make(map[string]tip), besides: sequence{orders: make(map[order]bool)}}
	d.course = newCourse(d.report, 1, 1, make(map[string]bool)) // what takes the whole log is judged by the first part alone
	files, n := int64(len(d.Reader.Files)), 0
	err := d.Lines(dossier.Events, export.MaxLine, func(line []byte) error {
		n++
		if d.progress != nil && n%256 == 0 {
			d.progress(files+min(int64(n), files), 2*files) // about a proof an event
		}
		d.line(run, n, bytes.Clone(line))
		return d.ctx.Err()
	})
	if err := d.ctx.Err(); err != nil {
		return err
	}
	if err != nil {
		d.add("verify.line", dossier.Events, Finding{Observed: err.Error()})
	}
	if at := d.manifest.SignedAt; at.Before(run.recorded.Add(-clockSkew)) || at.After(run.now.Add(24*time.Hour)) { // until then waits are counted
		d.add("verify.manifest", dossier.Contents, Finding{Field: "signed_at", Want: domain.Stamp(run.recorded) + "..", Observed: domain.Stamp(at)})
	}
	d.closed(run)
	for i := range run.steps {
		d.course.next(&run.steps[i])
	}
	d.counterparts(run.steps)
	d.report.Streams = len(run.versions)
	d.report.Checked = append(d.report.Checked, "records", "leaves", "beside", "times", "versions", "inclusion")
	return nil
}

// line judges one event by itself and by those before it.
func (d *dossierCheck) line(run *dossierRun, n int, line []byte) {
	place := d.place + ":" + dossier.Events + ":" + strconv.Itoa(n)
	l, err := export.ParseLine(line)
	if err == nil && l.Sealed != nil {
		err = errors.New("sealed")
	}
	if err != nil {
		d.report.Add(Finding{Code: "verify.line", Place: place, Observed: err.Error()})
		return
	}
	x := new(examined)
	examine(x, Entry{Position: l.Position, Record: l.Record, Leaf: l.Leaf, Texts: l.Texts, Place: place, Bare: true}, run.now)
	d.report.Add(x.found...)
	if l.Position <= run.last || l.Position > d.manifest.Known {
		d.report.Add(Finding{Code: "verify.order", Want: strconv.FormatInt(run.last+1, 10)}.of(x))
	}
	run.last = max(run.last, l.Position)
	if !x.sound {
		return
	}
	d.report.Events++
	if x.says.RecordedAt.After(run.recorded) {
		run.recorded = x.says.RecordedAt
	}
	d.event(x)
	d.version(run, x)
	run.besides.beside(x)
	for _, digest := range dossier.Cited(x.says.Payload) {
		d.cited[digest] = true
	}
	if s, ok := d.decode(x, &run.words); ok {
		run.steps = append(run.steps, s)
	}
}

// version holds that the versions of a stream follow upon each other from the first.
func (d *dossierCheck) version(run *dossierRun, x *examined) {
	t := run.versions[x.says.Stream]
	if want := int(t.version) + 1; x.says.Version != want {
		d.report.Add(Finding{Code: "verify.version", Field: "version", Want: strconv.Itoa(want), Observed: strconv.Itoa(x.says.Version)}.of(x))
	}
	effective := x.says.Occurred.Effective(x.says.RecordedAt).UnixMicro()
	if _, ok := proposal.NumberOf(x.says.Stream); ok && (effective < t.latest || x.says.Type == corrected) {
		d.course.disordered[x.says.Stream] = true
	}
	run.versions[x.says.Stream] = tip{version: int32(x.says.Version), latest: max(t.latest, effective)}
}

// closed counts texts that events ordered closed. Of others nothing is said: what
// ordered it may stand after the position looked at.
func (d *dossierCheck) closed(run *dossierRun) {
	for _, c := range run.besides.closed {
		text, _, _ := strings.Cut(c.order.field, "#")
		if run.besides.orders[c.order] || run.besides.orders[order{c.target, text}] {
			d.report.Closed++
		} else if !slices.Contains(d.report.Unchecked, "closed") {
			d.report.Unchecked = append(d.report.Unchecked, "closed")
		}
	}
}

// counterparts holds that what binds proposals together is on record on both sides, as
// course does within a command: all that hang together are in a dossier. At a position
// that may lie within an append, the other side may follow.
func (d *dossierCheck) counterparts(steps []step) {
	if d.head == nil || d.manifest.Known != d.head.Size {
		return
	}
	said := make(map[string]bool)
	for _, s := range steps {
		are, _ := counterpart(s.Record)
		for _, side := range are {
			said[side] = true
		}
	}
	for i := range steps {
		_, ask := counterpart(steps[i].Record)
		for _, side := range ask {
			if !said[side] {
				d.report.Add(at("verify.counterpart", &steps[i], Finding{Place: d.place + ":" + dossier.Events, Field: "type", Want: side, Observed: steps[i].Type}))
			}
		}
	}
}

// event holds that one event is in the log.
func (d *dossierCheck) event(x *examined) {
	name := dossier.Proof(x.entry.Position)
	if !d.Has(name) {
		d.report.Add(Finding{Code: "verify.unproven"}.of(x))
		return
	}
	p, err := d.proof(x.entry.Position)
	if err != nil {
		d.add("verify.proof", name, Finding{Position: x.entry.Position, Why: refusal(err)})
		return
	}
	entry := proof.NewEntry(x.says.ID, x.says.RecordedAt, sha256.Sum256(x.entry.Record))
	if carried, carries := p.Entry(); carries && carried != entry {
		d.add("verify.proof_other", name, Finding{Position: x.entry.Position})
		return
	}
	d.included(p, x.entry.Position, entry.Leaf(), name)
}

// decode reads an event with its texts, for the explanation, and keeps it.
func (d *dossierCheck) decode(x *examined, words *record.Reader) (step, bool) {
	var s step
	payload, err := words.Read(x.entry.Record, &s.Envelope)
	if err != nil {
		d.report.Add(Finding{Code: "verify.record", Observed: err.Error()}.of(x))
		return s, false
	}
	s.Position = x.entry.Position
	texts := make(map[string]string)
	var beside map[string]*kept
	if x.entry.Texts != nil && json.Unmarshal(x.entry.Texts, &beside) == nil {
		for pointer, k := range beside {
			if k != nil {
				texts[pointer] = k.Text
			}
		}
	}
	s.Event, s.err = catalog.Events.Decode(s.Type, s.TypeVersion, payload, texts)
	noun, _, _ := strings.Cut(s.Type, ".")
	s.wanted = noun == "proposal" || noun == "cycle" || noun == "grant" || noun == "reference"
	if s.err == nil {
		d.streams[s.Stream] = append(d.streams[s.Stream], s.Record)
	}
	return s, true
}

// strays names proofs that are of no event here.
func (d *dossierCheck) strays() {
	for _, f := range d.Reader.Files {
		if position, ok := dossier.PositionOf(f.Name); ok && !d.proven[f.Name] {
			d.add("verify.proof_stray", f.Name, Finding{Position: position})
		}
	}
}

// legality ends the judging of acts, which went along with the reading.
func (d *dossierCheck) legality() {
	if d.course != nil {
		d.course.endRun()
		d.report.Checked = append(d.report.Checked, "legality")
	}
}

// documents holds that each is the one its name says, and that an event names it.
func (d *dossierCheck) documents() {
	some := false
	for _, f := range d.Reader.Files {
		digest, ok := dossier.DigestOf(f.Name)
		if !ok {
			continue
		}
		some = true
		sum := sha256.New()
		if d.Copy(sum, f.Name) == nil && hex.EncodeToString(sum.Sum(nil)) != digest {
			d.add("verify.document_altered", f.Name, Finding{Want: digest, Observed: hex.EncodeToString(sum.Sum(nil))})
		}
		if !d.cited[digest] {
			d.add("verify.document_stray", f.Name, Finding{})
		}
	}
	if some {
		d.report.Checked = append(d.report.Checked, "documents")
	}
}

// proof reads the proof of the event at a position.
func (d *dossierCheck) proof(position int64) (proof.Inclusion, error) {
	name := dossier.Proof(position)
	b, err := d.Read(name)
	if err != nil {
		return proof.Inclusion{}, err
	}
	d.proven[name] = true
	return proof.ParseInclusion(b)
}

// included holds that a proof leads from a leaf to the one checkpoint, which was
// checked once.
func (d *dossierCheck) included(p proof.Inclusion, position int64, leaf tlog.Hash, name string) {
	switch {
	case !bytes.Equal(p.Checkpoint, d.note), p.Index != position-1:
		d.add("verify.proof_other", name, Finding{Position: position})
	case d.head == nil: // said already
	case tlog.CheckRecord(p.Hashes, d.head.Size, d.head.Root, p.Index, leaf) != nil:
		d.add("verify.not_included", name, Finding{Position: position})
	}
}
