package dossier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/reference"
	format "runut/eventstore/dossier"
	"runut/eventstore/export"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/record"
	"runut/eventstore/vault"
	"runut/projections"
)

// A reading reads streams up to the position of a dossier. What proposals have in
// common, cycles and forums, it keeps; proposals it forgets.
type reading struct {
	maker Maker
	ctx   context.Context
	known int64
	cache map[string][]event.Record
	used  map[string]bool // streams that the dossier holds
}

// fetch reads streams that were not read yet, cut off behind the position.
func (r *reading) fetch(wanted []string) error {
	var missing []string
	for _, name := range wanted {
		if _, ok := r.cache[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found, err := r.maker.Desk.Store.Streams(r.ctx, missing)
	if err != nil {
		return err
	}
	for _, name := range missing {
		records := found[name]
		n, _ := slices.BinarySearchFunc(records, r.known+1, func(x event.Record, p int64) int { return cmp.Compare(x.Position, p) })
		r.cache[name] = records[:n]
	}
	return nil
}

// streams is what an explanation reads from.
func (r *reading) streams(wanted []string) (map[string][]event.Record, error) {
	if err := r.fetch(wanted); err != nil {
		return nil, err
	}
	out := make(map[string][]event.Record, len(wanted))
	for _, name := range wanted {
		if out[name] = r.cache[name]; len(out[name]) > 0 {
			r.used[name] = true
		}
	}
	return out, nil
}

// ahead reads what some proposals need in a few queries for all of them.
func (r *reading) ahead(numbers []string) error {
	var own []string
	for _, n := range numbers {
		own = append(own, proposal.Stream(n), cycle.Stream(proposal.Year(n)))
	}
	if err := r.fetch(own); err != nil {
		return err
	}
	for range history.MostRounds {
		more := history.Sources(numbers[0], r.cache)
		if len(more) == 0 {
			return nil
		}
		if err := r.fetch(more); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) forget() {
	maps.DeleteFunc(r.cache, func(name string, _ []event.Record) bool { _, ok := proposal.NumberOf(name); return ok })
}

// tales explains some proposals and reads all that their pages name.
func (r *reading) tales(d *Dossier, numbers []string) ([]*tale, error) {
	if err := r.ahead(numbers); err != nil {
		return nil, err
	}
	r.used[reference.Stream("workflow")] = true // by whose texts acts are judged
	var tales []*tale
	codes, digests := map[string]bool{}, map[string]bool{}
	for _, number := range numbers {
		t, err := r.tale(d, number)
		if err != nil {
			return nil, err
		}
		tales = append(tales, t)
		t.codes(codes)
		t.digests(digests)
	}
	called, err := names(r.ctx, projections.Register{DB: r.maker.Desk.DB}, slices.Sorted(maps.Keys(codes)))
	if err != nil {
		return nil, err
	}
	held, err := r.held(slices.Sorted(maps.Keys(digests)))
	if err != nil {
		return nil, err
	}
	for _, t := range tales {
		t.speaker.Name = func(code string) string { return called[code] }
		t.held = held
	}
	return tales, nil
}

func (r *reading) tale(d *Dossier, number string) (*tale, error) {
	x, streams, err := format.Explain(number, d.manifest, r.maker.Desk.Charts, r.streams)
	if err != nil {
		return nil, err
	}
	v := d.manifest.View()
	c := cycle.Fold(event.Sequence(streams[cycle.Stream(x.Cycle)], event.View{Known: v.Known}))
	own := streams[proposal.Stream(number)]
	t := &tale{Explanation: x, steps: projections.StepsOf(number, own, v, r.maker.Desk.Charts),
		speaker: answer.Speaker{Lang: d.lang, Definition: r.maker.Desk.Charts.For(c.Pin.Hash).Definition, Zone: cmp.Or(c.Zone, domain.Zones["WITA"])}}
	state := proposal.Fold(event.Sequence(own, v))
	t.title, t.village, t.opd, t.lane = state.Title.String(), state.Village, state.OPD, string(state.Lane)
	slices.SortStableFunc(t.steps, func(a, b projections.Step) int {
		return cmp.Or(a.Effective.Compare(b.Effective), cmp.Compare(a.Position, b.Position))
	})
	for _, records := range streams {
		t.events += len(records)
	}
	return t, nil
}

// held returns the files of the documents that are held, by digest.
func (r *reading) held(digests []string) (map[string]string, error) {
	out := make(map[string]string, len(digests))
	if r.maker.Documents == nil || len(digests) == 0 {
		return out, nil
	}
	var asked []vault.Digest
	for _, hex := range digests {
		if digest, err := vault.ParseDigest(hex); err == nil {
			asked = append(asked, digest)
		}
	}
	types, err := r.maker.Documents.Held(r.ctx, asked)
	for digest, kind := range types {
		out[digest.String()] = format.Document(digest.String(), kind)
	}
	return out, err
}

// events writes the events of all streams that were read, and their proofs, and
// returns the digests of the documents they name, in order.
func (r *reading) events(w *format.Writer, d *Dossier) ([]string, error) {
	store := r.maker.Desk.Store
	positions, err := store.Positions(r.ctx, slices.Sorted(maps.Keys(r.used)), r.known)
	if err != nil {
		return nil, err
	}
	if err := w.Create(format.Events); err != nil {
		return nil, err
	}
	places := make([]notary.Place, 0, len(positions))
	cited := map[string]bool{}
	var line []byte
	for rows, err := range store.Rows(r.ctx, positions) {
		if err != nil {
			return nil, err
		}
		for i := range rows.Len() {
			row, err := rows.At(i)
			if err != nil {
				return nil, err
			}
			said, err := record.Parse(row.Record)
			if err != nil {
				return nil, err
			}
			for _, digest := range format.Cited(said.Payload) {
				cited[digest] = true
			}
			places = append(places, notary.Place{Event: said.ID, Position: row.Position, RecordedAt: said.RecordedAt, Entry: proof.NewEntry(said.ID, said.RecordedAt, sha256.Sum256(row.Record))})
			line = export.AppendLine(line[:0], export.Line{Position: row.Position, Leaf: row.Leaf, Texts: row.Texts, Record: row.Record}) // what is sealed stays
			if _, err := w.Write(line); err != nil {
				return nil, err
			}
		}
	}
	if err := addProofs(r.ctx, w, d, *r.maker.Book, places); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(cited)), nil
}

// post is the place or office of "camat@99.01.03".
func post(at string) string {
	_, code, _ := strings.Cut(at, "@")
	return code
}
