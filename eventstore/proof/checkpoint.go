package proof

import (
	"fmt"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
)

// MaxCheckpoint is how long a signed checkpoint may be, in bytes: room for the
// log's signatures and some fifty witnesses.
const MaxCheckpoint = 16 << 10

// A Checkpoint says what the first Size leaves of a log are, whoever asks. Its
// text is as c2sp.org/tlog-checkpoint lays it down, three lines:
//
//	runut.example/99.01
//	20852163
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text returns the three lines that are signed.
func (c Checkpoint) Text() string {
	return torchwood.Checkpoint{Origin: c.Origin, Tree: tlog.Tree{N: c.Size, Hash: c.Root}}.String()
}

// Sign returns the checkpoint as a note signed by each signer, in their order.
func (c Checkpoint) Sign(signers ...note.Signer) ([]byte, error) {
	if len(signers) == 0 {
		return nil, fmt.Errorf("proof: nobody signs the checkpoint of size %d", c.Size)
	}
	return note.Sign(&note.Note{Text: c.Text()}, signers...)
}

// A Signed is a checkpoint whose signatures were checked.
type Signed struct {
	Checkpoint
	Note      []byte           // as it was signed, with all signatures
	Keys      []note.Signature // of the log, under keys that are trusted; one at least
	Witnesses []Cosignature    // of witnesses that are trusted
}

// A Cosignature says that a witness saw a checkpoint, consistent with all it had
// seen of that log before.
type Cosignature struct {
	Name string
	At   time.Time // to the second, by the witness's clock
}

// Open checks a signed checkpoint: that it is well formed, that its origin is the
// log's own and that the log signed it, under one of its keys. Signatures nobody
// told us about are passed over, as signed notes ask for; a false signature under
// a key that is trusted is refused.
//
// It refuses with checkpoint.malformed, checkpoint.other_origin,
// checkpoint.unsigned or checkpoint.forged, all of kind Invalid.
func (t Trust) Open(signed []byte) (Signed, error) {
	c, n, err := t.read(signed)
	if err != nil {
		return Signed{}, err
	}
	s := Signed{Checkpoint: c, Note: signed}
	for _, sig := range n.Sigs {
		if _, ok := find(t.Keys, sig.Name, sig.Hash); ok {
			s.Keys = append(s.Keys, sig)
			continue
		}
		at, err := torchwood.CosignatureTimestamp(sig)
		if err != nil {
			return Signed{}, domain.Refuse(domain.Invalid, "checkpoint.malformed")
		}
		s.Witnesses = append(s.Witnesses, Cosignature{sig.Name, time.Unix(at, 0).UTC()})
	}
	if len(s.Keys) == 0 {
		return Signed{}, domain.Refuse(domain.Invalid, "checkpoint.unsigned", "origin", c.Origin, "found", signatures(n))
	}
	return s, nil
}

func (t Trust) read(signed []byte) (Checkpoint, *note.Note, error) {
	c, err := Peek(signed)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if t.Origin != c.Origin {
		return Checkpoint{}, nil, domain.Refuse(domain.Invalid, "checkpoint.other_origin", "want", t.Origin, "observed", c.Origin)
	}
	n, err := note.Open(signed, t)
	switch err := err.(type) {
	case nil:
		return c, n, nil
	case *note.UnverifiedNoteError:
		return Checkpoint{}, nil, domain.Refuse(domain.Invalid, "checkpoint.unsigned", "origin", c.Origin, "found", signatures(err.Note))
	case *note.InvalidSignatureError:
		return Checkpoint{}, nil, domain.Refuse(domain.Invalid, "checkpoint.forged", "origin", c.Origin, "key", keyName(err.Name, err.Hash))
	}
	return Checkpoint{}, nil, domain.Refuse(domain.Invalid, "checkpoint.malformed")
}

// Peek reads what a signed checkpoint says and checks no signature: for finding
// out which log it is of, never for believing it.
func Peek(signed []byte) (Checkpoint, error) {
	end := strings.LastIndex(string(signed), "\n\n") // the text is what the signatures are of
	if end < 0 || len(signed) > MaxCheckpoint {
		return Checkpoint{}, domain.Refuse(domain.Invalid, "checkpoint.malformed")
	}
	text := string(signed[:end+1])
	read, err := torchwood.ParseCheckpoint(text)
	c := Checkpoint{read.Origin, read.N, read.Hash}
	if err != nil || c.Origin == "" || !strings.HasPrefix(text, c.Text()) { // base64 has other ways to write a root
		return Checkpoint{}, domain.Refuse(domain.Invalid, "checkpoint.malformed")
	}
	return c, nil
}

// signatures names the keys that an untrusted note claims to be signed by.
func signatures(n *note.Note) string {
	var names []string
	for _, sig := range append(n.Sigs, n.UnverifiedSigs...) {
		names = append(names, keyName(sig.Name, sig.Hash))
	}
	return strings.Join(names, ", ")
}

func keyName(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }
