package verify

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"runut/domain"
	"runut/eventstore/export"
	"runut/eventstore/proof"
)

// A File is an export that can be read from its beginning again and again.
type File struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// A Chain is exports of one log, each of which begins where the one before ends.
type Chain struct {
	Headers []export.Header
	Trust   proof.Trust
	Last    proof.Signed // the checkpoint the chain reaches, once it was read and is signed

	files []File
	found []Finding // about whole files, by whoever reads them
	told  bool      // what the ends of the files say was examined
}

// OpenChain reads the headers of exports and puts them in order. Without trust
// the keys in the headers themselves are taken, and the report says so. What
// cannot be a chain is noted in the report, and the chain is nil.
func OpenChain(files []File, trust *proof.Trust, r *Report) (*Chain, error) {
	c := &Chain{files: slices.Clone(files)}
	headers := make(map[string]export.Header, len(files))
	for _, f := range files {
		h, err := headerOf(f)
		if errors.Is(err, export.ErrForm) {
			r.Add(Finding{Code: "verify.line", Place: f.Name + ":1", Observed: err.Error()})
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		headers[f.Name] = h
	}
	slices.SortStableFunc(c.files, func(a, b File) int {
		return int(headers[a.Name].After - headers[b.Name].After)
	})
	for _, f := range c.files {
		c.Headers = append(c.Headers, headers[f.Name])
	}
	first, last := c.Headers[0], c.Headers[len(c.Headers)-1]
	r.Origin, r.Tenant, r.Demo, r.After = first.Origin, first.Tenant, first.Demo || proof.IsDemo(first.Origin), first.After
	for i, h := range c.Headers[1:] {
		before := c.Headers[i]
		if h.After != before.Size || h.Origin != before.Origin || h.Tenant != before.Tenant {
			r.Add(Finding{Code: "verify.chain", Place: c.files[i+1].Name, Want: fmt.Sprintf("%s %d", before.Origin, before.Size), Observed: fmt.Sprintf("%s %d", h.Origin, h.After)})
			return nil, nil
		}
	}
	return c, c.trusting(trust, last, r)
}

func headerOf(f File) (export.Header, error) {
	in, err := f.Open()
	if err != nil {
		return export.Header{}, err
	}
	defer in.Close()
	read, err := export.NewReader(in)
	if err != nil {
		return export.Header{}, err
	}
	read.Close()
	return read.Header, nil
}

// trusting settles which keys are believed.
func (c *Chain) trusting(trust *proof.Trust, last export.Header, r *Report) error {
	if trust != nil {
		c.Trust = *trust
		return nil
	}
	own, err := proof.ParseTrust([]byte(strings.Join(last.Keys, "\n")))
	if err != nil {
		r.Doubt(Finding{Code: "verify.no_key", Place: c.files[len(c.files)-1].Name})
	}
	c.Trust, r.OwnKey = own, true
	return nil
}

// Check checks the chain, each file's signatures included.
func (c *Chain) Check(ctx context.Context, o Options, r *Report) error {
	first := c.Headers[0]
	from, err := proof.NewRange(first.After, first.Nodes)
	if err != nil {
		return err
	}
	o.From = from
	for i, h := range c.Headers {
		c.earlier(i, r)
		o.Heads = append(o.Heads, c.onTheWay(i, r)...)
		o.Heads = append(o.Heads, Head{h.Size, h.Root, c.files[i].Name})
	}
	if err := Log(ctx, Source{After: first.After, Each: c.each}, o, r); err != nil {
		return err
	}
	r.Add(c.found...)
	signedBy(c.Last, r)
	r.Checked = append(r.Checked, "digest", "signature", "root")
	return nil
}

// earlier holds that what a file says of the tree before it was signed, and is
// where the file before it ended.
func (c *Chain) earlier(i int, r *Report) {
	h := c.Headers[i]
	if h.After == 0 {
		return
	}
	place := c.files[i].Name + ":1"
	signed, err := c.Trust.Open([]byte(h.Earlier))
	if err != nil {
		r.Add(Finding{Code: "verify.checkpoint", Place: place, Why: refusal(err)})
		return
	}
	tree, err := proof.NewRange(h.After, h.Nodes)
	if err != nil || signed.Size != h.After || signed.Root != tree.Root() || i > 0 && signed.Root != c.Headers[i-1].Root {
		r.Add(Finding{Code: "verify.root", Place: place, Position: 1, Until: h.After, Want: signed.Root.String(), Observed: tree.Root().String()})
	}
}

// onTheWay returns the heads in a file's header that are signed.
func (c *Chain) onTheWay(i int, r *Report) []Head {
	var heads []Head
	place := c.files[i].Name + ":1"
	for _, note := range c.Headers[i].Heads {
		signed, err := c.Trust.Open([]byte(note))
		if err != nil {
			r.Add(Finding{Code: "verify.checkpoint", Place: place, Why: refusal(err)})
			continue
		}
		heads = append(heads, Head{signed.Size, signed.Root, place})
	}
	return heads
}

func refusal(err error) *domain.Error {
	e, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return domain.Refuse(domain.Invalid, "internal")
	}
	return e
}

// each yields the lines of all files. The first time it also examines their ends.
func (c *Chain) each() iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		examineEnds := !c.told
		c.told = true
		for i := range c.files {
			if !c.file(i, examineEnds, yield) {
				return
			}
		}
	}
}

func (c *Chain) file(i int, examineEnd bool, yield func(Batch, error) bool) bool {
	f := c.files[i]
	in, err := f.Open()
	if err != nil {
		return yield(Batch{}, err) && false
	}
	defer in.Close()
	read, err := export.NewReader(in)
	if err != nil {
		return yield(Batch{}, err) && false
	}
	defer read.Close()
	for {
		block, err := read.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return yield(Batch{}, &Finding{Code: "verify.line", Place: f.Name, Observed: err.Error()}) && false
		}
		if !yield(Batch{len(block.Lines), func(i int) Entry { return entry(f.Name, block, i) }}, nil) {
			return false
		}
	}
	if examineEnd {
		c.end(i, read)
	}
	return true
}

func entry(file string, block export.Block, i int) Entry {
	place := file + ":" + strconv.FormatInt(block.First+int64(i), 10)
	l, err := export.ParseLine(block.Lines[i])
	if err != nil {
		return Entry{Place: place, Err: err}
	}
	return Entry{Position: l.Position, Record: l.Record, Leaf: l.Leaf, Texts: l.Texts, Sealed: l.Sealed, Place: place}
}

// end examines a trailer: that the log signed just these bytes, and a checkpoint
// of just this tree.
func (c *Chain) end(i int, read *export.Reader) {
	h, name := c.Headers[i], c.files[i].Name
	t, digest, err := read.End()
	if err != nil {
		c.found = append(c.found, Finding{Code: "verify.line", Place: name, Observed: err.Error()})
		return
	}
	place := name + ":trailer"
	if t.Digest != digest {
		c.found = append(c.found, Finding{Code: "verify.digest", Place: place, Want: t.Digest, Observed: digest})
	}
	if events := h.Size - h.After; t.Events != events {
		c.found = append(c.found, Finding{Code: "verify.events", Place: place, Want: strconv.FormatInt(t.Events, 10), Observed: strconv.FormatInt(events, 10)})
	}
	statement, err := note.Open([]byte(t.Signature), note.VerifierList(c.Trust.Keys...))
	if err != nil || statement.Text != export.Statement(h, t.Digest) || !exact(statement.Sigs) {
		c.found = append(c.found, Finding{Code: "verify.signature", Place: place})
	}
	signed, err := c.Trust.Open([]byte(t.Checkpoint))
	switch {
	case err == nil && !exact(signed.Keys):
		c.found = append(c.found, Finding{Code: "verify.checkpoint", Place: place, Why: domain.Refuse(domain.Invalid, "checkpoint.malformed")})
	case err != nil:
		c.found = append(c.found, Finding{Code: "verify.checkpoint", Place: place, Why: refusal(err)})
	case signed.Size != h.Size || signed.Root != h.Root:
		c.found = append(c.found, Finding{Code: "verify.root", Place: place, Position: h.After + 1, Until: h.Size, Want: signed.Root.String(), Observed: h.Root.String()})
	default:
		c.Last = signed
	}
}

// Refused returns the finding that something was refused.
func Refused(code, place string, err error) Finding {
	return Finding{Code: code, Place: place, Why: refusal(err)}
}

// exact reports whether signatures are written in the one way there is: the last
// digit of base64 has bits that mean nothing, and a bit that was flipped is a bit
// that was flipped.
func exact(signatures []note.Signature) bool {
	return !slices.ContainsFunc(signatures, func(s note.Signature) bool {
		_, err := base64.StdEncoding.Strict().DecodeString(s.Base64)
		return err != nil
	})
}

// Names returns the files in the order in which they continue each other.
func (c *Chain) Names() []string {
	names := make([]string, len(c.files))
	for i, f := range c.files {
		names[i] = f.Name
	}
	return names
}
