// Package dossier makes dossiers (package eventstore/dossier) of what the log holds,
// and the page of a proposal that prints well. What is signed and what can be
// checked stands in the events; the page says the same in words.
//
// Whoever signed in gets the events. A visitor gets what was released, through the
// public read model alone, with proofs whose entries the log's tiles publish too.
package dossier

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/api/answer"
	"runut/api/text"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
	format "runut/eventstore/dossier"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/vault"
	"runut/projections"
)

// Most is how many proposals one dossier holds, MostPublic one for a visitor.
const (
	Most       = 10_000
	MostPublic = 200
)

// A Maker makes dossiers for whoever signed in. Documents may be nil: then none are
// put in.
type Maker struct {
	Desk      answer.Desk
	Book      *notary.Book // of the signed log; nil: it is not signed here, and there are no dossiers
	Documents *vault.Documents
	Tenant    string
}

// An Ask says what a dossier shall be of.
type Ask struct {
	Numbers     []string
	AsOf, Known string // as people write them; "": all that is sealed
	Filter      string // the query that Numbers come from; "": they were named
	Lang        text.Lang
	Progress    func(done, total int64) // nil: nobody watches
}

// A Dossier is one that can be written: what could be refused was looked at.
type Dossier struct {
	Place *Place // which Send and Show leave when they are done

	lang     text.Lang
	manifest format.Manifest
	head     notary.Head
	keys     []string
	progress func(done, total int64)
	write    func(ctx context.Context, w *format.Writer, d *Dossier) error
	only     func(ctx context.Context, d *Dossier) (*tale, error) // the first of its proposals
}

// Name is what the file is called.
func (d *Dossier) Name() string {
	name := "dosir-" + strconv.FormatInt(d.manifest.Known, 10)
	if !d.manifest.Several() {
		name = "dosir-" + d.manifest.Proposals[0] + "-" + strconv.FormatInt(d.manifest.Known, 10)
	}
	return name
}

// Position is that of the log which the dossier looks up to; View all it looks from.
func (d *Dossier) Position() int64  { return d.manifest.Known }
func (d *Dossier) View() event.View { return d.manifest.View() }

// Proposals are the numbers of those it is of, in order.
func (d *Dossier) Proposals() []string { return d.manifest.Proposals }

// Page returns the page of the only proposal of a dossier, without links to files that
// are not beside it.
func (d *Dossier) Page(ctx context.Context) ([]byte, error) {
	t, err := d.only(ctx, d)
	if err != nil {
		return nil, err
	}
	t.alone, t.held = true, nil
	return t.page(d)
}

// Write writes the dossier as a stream. The same dossier asked for again is the same
// to the byte, as long as no text was closed, no document erased and no place or office
// renamed.
func (d *Dossier) Write(ctx context.Context, to io.Writer) error {
	d.manifest.Missing = nil
	w := format.NewWriter(to, d.head.At)
	for _, l := range []text.Lang{text.ID, text.EN} {
		if err := w.Add(helpName[l], d.help(l)); err != nil {
			return err
		}
	}
	if err := d.write(ctx, w, d); err != nil {
		return err
	}
	if err := w.Add(format.Head, []byte(d.head.Note)); err != nil {
		return err
	}
	if err := w.Add(format.Keys, keyFile(d.keys)); err != nil {
		return err
	}
	return w.Close(d.manifest)
}

func keyFile(keys []string) []byte {
	var out strings.Builder
	out.WriteString("# " + text.ID.T("dossier.keys_caution") + "\n# " + text.EN.T("dossier.keys_caution") + "\n")
	for _, key := range keys {
		out.WriteString(key + "\n")
	}
	return []byte(out.String())
}

// Prepare looks at all that may be refused, and reads nothing of the proposals yet. It
// refuses with dossier.none, dossier.too_many or dossier.unsigned, a view that nobody
// can look from, and proposal.unknown (NotFound).
func (m Maker) Prepare(ctx context.Context, ask Ask) (*Dossier, error) {
	numbers, err := chosen(ask, Most)
	if err != nil {
		return nil, err
	}
	if m.Book == nil {
		return nil, domain.Refuse(domain.Unready, "dossier.unsigned")
	}
	known := ask.Known
	if known == "" {
		head, err := m.Book.Latest(ctx)
		if err != nil {
			return nil, unsigned(err)
		}
		known = strconv.FormatInt(head.Size, 10)
	}
	v, err := m.Desk.View(ctx, proposal.Year(numbers[0]), ask.AsOf, known)
	if err != nil {
		return nil, err
	}
	d, err := prepare(ctx, *m.Book, ask, numbers, v.Known)
	if err != nil {
		return nil, err
	}
	d.manifest.Kind, d.manifest.Tenant, d.manifest.AsOf = format.Internal, m.Tenant, v.AsOf
	streams := make([]string, len(numbers))
	for i, n := range numbers {
		streams[i] = proposal.Stream(n)
	}
	begun, err := m.Desk.Store.Begun(ctx, streams, v.Known)
	if err != nil {
		return nil, err
	}
	for i, n := range numbers {
		if !begun[streams[i]] {
			return nil, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", n)
		}
	}
	d.write = m.write
	d.only = m.only
	return d, nil
}

// Sought asks for the proposals that a filter finds, as its later moment shows them. It
// looks no further than the log is sealed.
func (m Maker) Sought(ctx context.Context, kept *answer.Kept, f answer.Filter) (Ask, error) {
	if err := m.Desk.Check(ctx, f.Year, f.Sought, answer.Typed); err != nil {
		return Ask{}, err
	}
	if m.Book == nil {
		return Ask{}, domain.Refuse(domain.Unready, "dossier.unsigned")
	}
	if f.Now.Known == "" {
		head, err := m.Book.Latest(ctx)
		if err != nil {
			return Ask{}, unsigned(err)
		}
		f.Now.Known = strconv.FormatInt(head.Size, 10)
		if f.Then.Known == "" {
			f.Then.Known = f.Now.Known
		}
	}
	found, err := kept.Find(ctx, m.Desk, f)
	if err != nil {
		return Ask{}, err
	}
	ask := Ask{AsOf: found.Filter.Now.AsOf, Known: found.Filter.Now.Known, Filter: found.Filter.Values().Encode()}
	for i, r := range found.Rows {
		if found.Matches[i] != "then" { // it is no longer what was sought
			ask.Numbers = append(ask.Numbers, r.Number)
		}
	}
	return ask, nil
}

func chosen(ask Ask, most int) ([]string, error) {
	numbers := slices.Compact(slices.Sorted(slices.Values(ask.Numbers)))
	switch {
	case len(numbers) == 0:
		return nil, domain.Refuse(domain.Invalid, "dossier.none")
	case len(numbers) > most:
		return nil, domain.Refuse(domain.Invalid, "dossier.too_many", "n", strconv.Itoa(len(numbers)), "most", strconv.Itoa(most))
	}
	return numbers, nil
}

func unsigned(err error) error {
	if errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
		return domain.Refuse(domain.Unready, "dossier.unsigned")
	}
	return err
}

// prepare takes the first head that covers a position, which is the same for ever.
func prepare(ctx context.Context, book notary.Book, ask Ask, numbers []string, known int64) (*Dossier, error) {
	head, err := book.Covering(ctx, max(known, 1))
	if err != nil {
		return nil, unsigned(err)
	}
	keys, err := book.Keys(ctx)
	if err != nil {
		return nil, err
	}
	d := &Dossier{lang: ask.Lang, head: head, keys: keys, progress: ask.Progress}
	if d.progress == nil {
		d.progress = func(int64, int64) {}
	}
	d.manifest = format.Manifest{Origin: head.Origin, Demo: proof.IsDemo(head.Origin), Size: head.Size, Root: head.Root.String(),
		SignedAt: head.At.UTC().Truncate(time.Microsecond), Known: known, Filter: ask.Filter, Proposals: numbers, Program: Program()}
	return d, nil
}

// Program names the program and its version, as it was built.
func Program() string {
	version := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && (version == "" || version == "(devel)") {
				version = s.Value
			}
		}
	}
	return "runut " + cmp.Or(version, "(devel)")
}

// atOnce is how many proposals are in memory at once.
const atOnce = 200

// write writes all that a dossier holds beside its head.
func (m Maker) write(ctx context.Context, w *format.Writer, d *Dossier) error {
	read := m.reading(ctx, d)
	var list []Line
	done := int64(0)
	total := int64(len(d.manifest.Proposals))
	for some := range slices.Chunk(d.manifest.Proposals, atOnce) {
		tales, err := read.tales(d, some)
		if err != nil {
			return err
		}
		for _, t := range tales {
			if err := t.add(w, d); err != nil {
				return err
			}
			list = append(list, t.line(d))
			done++
			d.progress(done, 2*total)
		}
		read.forget()
	}
	if d.manifest.Several() {
		if err := addList(w, d, list); err != nil {
			return err
		}
	}
	cited, err := read.events(w, d)
	if err != nil {
		return err
	}
	d.progress(2*total, 2*total)
	return m.documents(ctx, w, d, cited)
}

// only tells the first proposal of a dossier.
func (m Maker) only(ctx context.Context, d *Dossier) (*tale, error) {
	tales, err := m.reading(ctx, d).tales(d, d.manifest.Proposals[:1])
	if err != nil {
		return nil, err
	}
	return tales[0], nil
}

func (m Maker) reading(ctx context.Context, d *Dossier) *reading {
	return &reading{maker: m, ctx: ctx, known: d.manifest.Known, cache: make(map[string][]event.Record), used: make(map[string]bool)}
}

// documents puts in the documents that are held, and notes those that are not.
func (m Maker) documents(ctx context.Context, w *format.Writer, d *Dossier, cited []string) error {
	for _, hex := range cited {
		digest, err := vault.ParseDigest(hex)
		if err != nil {
			continue
		}
		if m.Documents == nil {
			d.manifest.Missing = append(d.manifest.Missing, hex)
			continue
		}
		doc, content, err := m.Documents.Get(ctx, digest)
		if refused, ok := errors.AsType[*domain.Error](err); ok && refused.Kind == domain.NotFound {
			d.manifest.Missing = append(d.manifest.Missing, hex)
			continue
		}
		if err != nil {
			return err
		}
		err = w.Create(format.Document(hex, doc.Type))
		if err == nil {
			_, err = io.Copy(w, content)
		}
		if err := errors.Join(err, content.Close()); err != nil {
			return fmt.Errorf("document %s: %w", hex, err)
		}
	}
	return nil
}

// names reads the names of places and offices.
func names(ctx context.Context, r register, codes []string) (map[string]string, error) {
	all := make(map[string]string, len(codes))
	for _, of := range []string{projections.RegisterWilayah, projections.RegisterOPD} {
		found, err := r.Names(ctx, of, codes...)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, found.Value)
	}
	return all, nil
}

// A register is where names are read: the internal one or the public.
type register interface {
	Names(ctx context.Context, register string, codes ...string) (projections.At[map[string]string], error)
}
