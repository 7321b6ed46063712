package export

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

// A Writer writes one export, line after line, in memory that does not grow.
type Writer struct {
	header Header
	out    *bufio.Writer
	packer *zstd.Encoder // nil where the file stays plain
	sum    hash.Hash
	tree   proof.Range
	words  record.Reader
	line   []byte
}

// NewWriter writes the first line of an export, packed by zstd if asked for.
func NewWriter(to io.Writer, h Header, packed bool) (*Writer, error) {
	w := &Writer{header: h, out: bufio.NewWriterSize(to, 1<<20), sum: sha256.New()}
	if packed {
		packer, err := zstd.NewWriter(w.out, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		w.packer = packer
	}
	tree, err := proof.NewRange(h.After, h.Nodes)
	if err != nil {
		return nil, err
	}
	w.tree = tree
	first, err := frame(h)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if _, err := ParseHeader(first); err != nil {
		return nil, err
	}
	return w, w.put(append(first, '\n'))
}

// Write adds an event. It refuses one that is not the next, or whose record is
// not what its leaf says (export.damaged, Conflict): a log that was tampered with
// is not signed once more.
func (w *Writer) Write(l Line) error {
	var e event.Envelope
	switch _, err := w.words.Read(l.Record, &e); {
	case l.Position != w.tree.Size+1:
		return w.damaged(w.tree.Size + 1)
	case err != nil, proof.Leaf(e.ID, e.RecordedAt, sha256.Sum256(l.Record)) != l.Leaf:
		return w.damaged(l.Position)
	case l.Texts != nil && objectEnd(l.Texts) != len(l.Texts), l.Sealed != nil && objectEnd(l.Sealed) != len(l.Sealed), bytes.IndexByte(l.Record, '\n') >= 0:
		return w.damaged(l.Position)
	}
	w.tree.Add(l.Leaf)
	w.line = AppendLine(w.line[:0], l)
	return w.put(w.line)
}

func (w *Writer) damaged(position int64) error {
	return domain.Refuse(domain.Conflict, "export.damaged", "position", strconv.FormatInt(position, 10))
}

// Close writes the trailer: the signed checkpoint that the header promised, and
// the statement over all that was written, signed. It refuses where the events do
// not come to the root that was promised (export.other_root, Conflict).
func (w *Writer) Close(checkpoint []byte, signers ...note.Signer) error {
	if root := w.tree.Root(); w.tree.Size != w.header.Size || root != w.header.Root {
		return domain.Refuse(domain.Conflict, "export.other_root", "size", strconv.FormatInt(w.header.Size, 10),
			"reached", strconv.FormatInt(w.tree.Size, 10), "want", w.header.Root.String(), "observed", root.String())
	}
	digest := hex.EncodeToString(w.sum.Sum(nil))
	signed, err := note.Sign(&note.Note{Text: Statement(w.header, digest)}, signers...)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	last, err := frame(struct {
		Trailer Trailer `json:"trailer"`
	}{Trailer{w.tree.Size - w.header.After, digest, string(checkpoint), string(signed)}})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := w.put(append(last, '\n')); err != nil {
		return err
	}
	if w.packer != nil {
		if err := w.packer.Close(); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// Root returns the root of the tree over what was written so far.
func (w *Writer) Root() tlog.Hash { return w.tree.Root() }

func (w *Writer) put(b []byte) error {
	w.sum.Write(b)
	var to io.Writer = w.out
	if w.packer != nil {
		to = w.packer
	}
	if _, err := to.Write(b); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
