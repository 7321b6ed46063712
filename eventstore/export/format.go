// Package export is the file in which a log leaves the house: everything an
// auditor needs, and everything another database needs to become the same log.
//
// An export is text, one JSON object a line, and may be compressed with zstd as
// a whole:
//
//	{"runut_export":1,"origin":"…","tenant":"99.01","keys":["…"],"after":0,"size":2,"root":"…"}
//	{"position":1,"leaf":"…","record":{…}}
//	{"position":2,"leaf":"…","texts":{…},"sealed":{…},"record":{…}}
//	{"trailer":{"events":2,"digest":"…","checkpoint":"…","signature":"…"}}
//
// A line holds the exact bytes of a record, unescaped and last, so that it is cut
// out without being read, and so that jq and grep work on the file. Beside it
// stand what the log keeps beside the record, and the leaf hash, by which damage
// is pinned to its event. The trailer signs the digest of all bytes before it,
// under the log's key, and carries the signed checkpoint of the size the file
// reaches: nothing is believed before both are checked, which is for package
// verify to do.
//
// A file that continues an earlier one begins after its size, and says what the
// tree was there: the signed checkpoint and the hashes of its perfect subtrees,
// so that the files of a chain are checked together or each by itself.
//
// Documents and the keys of sealed data are never part of an export.
package export

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"runut/eventstore/proof"
)

// Version is that of the format written here, the only one that is read.
const Version = 1

const (
	// MaxLine bounds a line: an event has at most a megabyte of payload and texts,
	// which escaping may swell.
	MaxLine = 16 << 20
	// maxFrame bounds the first and the last line.
	maxFrame = 128 << 10
	// MaxHeads bounds the checkpoints of a header.
	MaxHeads = 64
)

// ErrForm is wrapped by every error about bytes that Writer would not have
// written.
var ErrForm = errors.New("not the form of an export")

// A Header is the first line.
type Header struct {
	Version int         `json:"runut_export"`
	Origin  string      `json:"origin"` // the log's name
	Tenant  string      `json:"tenant"` // kode wilayah of the kabupaten
	Demo    bool        `json:"demo,omitzero"`
	Keys    []string    `json:"keys"`             // verifier keys the log signed under, as the log itself says
	After   int64       `json:"after"`            // position before the first event; 0: from the beginning
	Size    int64       `json:"size"`             // position of the last event
	Root    tlog.Hash   `json:"root"`             // of the tree at Size
	Heads   []string    `json:"heads,omitempty"`  // signed checkpoints on the way to Size, by size: what narrows down where a root went wrong
	Earlier string      `json:"earlier,omitzero"` // the signed checkpoint of After
	Nodes   []tlog.Hash `json:"nodes,omitempty"`  // of proof.Range at After
}

// A Trailer is the last line.
type Trailer struct {
	Events     int64  `json:"events"`
	Digest     string `json:"digest"`     // SHA-256 of all bytes before this line, hex
	Checkpoint string `json:"checkpoint"` // the log's signed checkpoint of Size
	Signature  string `json:"signature"`  // signed note over Statement
}

// Statement returns the text that a trailer's signature is about. Its second line
// is no number, so that it can never be taken for a checkpoint.
func Statement(h Header, digest string) string {
	return fmt.Sprintf("%s\nexport %d-%d\n%s\n", h.Origin, h.After+1, h.Size, digest)
}

// A Line is one event.
type Line struct {
	Position int64
	Leaf     tlog.Hash
	Texts    []byte // JSON object as the log keeps it; nil where there is none
	Sealed   []byte // the same
	Record   []byte // exact bytes
}

// AppendLine appends a line with its end to dst.
func AppendLine(dst []byte, l Line) []byte {
	dst = append(dst, linePosition...)
	dst = strconv.AppendInt(dst, l.Position, 10)
	dst = append(dst, lineLeaf...)
	dst = base64.StdEncoding.AppendEncode(dst, l.Leaf[:])
	dst = append(dst, '"')
	if l.Texts != nil {
		dst = append(append(dst, lineTexts...), l.Texts...)
	}
	if l.Sealed != nil {
		dst = append(append(dst, lineSealed...), l.Sealed...)
	}
	dst = append(append(dst, lineRecord...), l.Record...)
	return append(dst, '}', '\n')
}

const (
	linePosition = `{"position":`
	lineLeaf     = `,"leaf":"`
	lineTexts    = `,"texts":`
	lineSealed   = `,"sealed":`
	lineRecord   = `,"record":`
)

// ParseLine cuts a line, without its end, into its parts. They share memory with
// b. What they hold is not looked at beyond what cutting takes.
func ParseLine(b []byte) (Line, error) {
	var l Line
	rest, ok := cut(b, linePosition)
	digits := 0
	for digits < len(rest) && digits < 19 && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	n, err := strconv.ParseInt(string(rest[:digits]), 10, 64)
	if !ok || err != nil || n < 1 || rest[0] == '0' {
		return l, fmt.Errorf("%w: no position", ErrForm)
	}
	l.Position = n
	rest, ok = cut(rest[digits:], lineLeaf)
	if !ok || len(rest) < leafDigits+1 || rest[leafDigits] != '"' {
		return l, fmt.Errorf("%w: no leaf", ErrForm)
	}
	var leaf [33]byte // what as many digits without padding come to
	if got, err := base64.StdEncoding.Strict().Decode(leaf[:], rest[:leafDigits]); err != nil || got != tlog.HashSize {
		return l, fmt.Errorf("%w: no leaf", ErrForm)
	}
	l.Leaf = tlog.Hash(leaf[:])
	rest = rest[leafDigits+1:]
	if l.Texts, rest, err = object(rest, lineTexts); err != nil {
		return l, err
	}
	if l.Sealed, rest, err = object(rest, lineSealed); err != nil {
		return l, err
	}
	rest, ok = cut(rest, lineRecord)
	if n := len(rest); !ok || n < 3 || rest[0] != '{' || rest[n-1] != '}' || rest[n-2] != '}' {
		return l, fmt.Errorf("%w: no record", ErrForm)
	}
	l.Record = rest[: len(rest)-1 : len(rest)-1]
	return l, nil
}

const leafDigits = 44 // base64 of 32 bytes

func cut(b []byte, prefix string) ([]byte, bool) {
	if len(b) < len(prefix) || string(b[:len(prefix)]) != prefix {
		return b, false
	}
	return b[len(prefix):], true
}

// object takes an object off the front of b where one stands under a name.
func object(b []byte, name string) (object, rest []byte, err error) {
	b, ok := cut(b, name)
	if !ok {
		return nil, b, nil
	}
	end := objectEnd(b)
	if end == 0 {
		return nil, b, fmt.Errorf("%w:%s", ErrForm, strings.Trim(name, `,:`))
	}
	return b[:end:end], b[end:], nil
}

// objectEnd returns where the object that b begins with ends; 0 where there is
// none. Whether it is sound inside is for whoever reads it.
func objectEnd(b []byte) int {
	if len(b) == 0 || b[0] != '{' {
		return 0
	}
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// strict is how the first and the last line are read: as Writer wrote them.
var strict = json.JoinOptions(json.RejectUnknownMembers(true), json.Deterministic(true))

// ParseHeader reads the first line, without its end. It examines the form alone:
// every key and hash in it is only claimed.
func ParseHeader(b []byte) (Header, error) {
	var h Header
	if err := parseFrame(b, &h); err != nil {
		return Header{}, err
	}
	switch {
	case h.Version != Version:
		return Header{}, fmt.Errorf("%w: version %d", ErrForm, h.Version)
	case !proof.ValidOrigin(h.Origin):
		return Header{}, fmt.Errorf("%w: origin %q", ErrForm, h.Origin)
	case h.After < 0 || h.Size <= h.After:
		return Header{}, fmt.Errorf("%w: from %d to %d", ErrForm, h.After, h.Size)
	case len(h.Heads) > MaxHeads:
		return Header{}, fmt.Errorf("%w: %d heads", ErrForm, len(h.Heads))
	case (h.Earlier == "") != (h.After == 0):
		return Header{}, fmt.Errorf("%w: earlier checkpoint", ErrForm)
	}
	if _, err := proof.NewRange(h.After, h.Nodes); err != nil {
		return Header{}, fmt.Errorf("%w: %w", ErrForm, err)
	}
	for _, key := range h.Keys {
		if v, err := note.NewVerifier(key); err != nil || v.Name() != h.Origin {
			return Header{}, fmt.Errorf("%w: key %q", ErrForm, key)
		}
	}
	return h, nil
}

// isTrailer reports whether a line is the last one, whatever it holds.
func isTrailer(line []byte) bool { _, ok := cut(line, `{"trailer":`); return ok }

// ParseTrailer reads the last line, without its end.
func ParseTrailer(b []byte) (Trailer, error) {
	var t struct {
		Trailer *Trailer `json:"trailer"`
	}
	if err := parseFrame(b, &t); err != nil {
		return Trailer{}, err
	}
	if t.Trailer == nil {
		return Trailer{}, fmt.Errorf("%w: no trailer", ErrForm)
	}
	if sum, err := hex.DecodeString(t.Trailer.Digest); err != nil || len(sum) != sha256.Size {
		return Trailer{}, fmt.Errorf("%w: digest", ErrForm)
	}
	return *t.Trailer, nil
}

// parseFrame reads a line that json wrote, and holds that it is that very line:
// nothing may be said twice, or unsaid, in white space and escapes.
func parseFrame(b []byte, into any) error {
	if len(b) > maxFrame {
		return fmt.Errorf("%w: a line of %d bytes", ErrForm, len(b))
	}
	if err := json.Unmarshal(b, into, strict); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	again, err := frame(into)
	if err != nil || string(again) != string(b) {
		return fmt.Errorf("%w: it would have been written otherwise", ErrForm)
	}
	return nil
}

func frame(v any) ([]byte, error) {
	return json.Marshal(v, strict, jsontext.EscapeForHTML(false), json.FormatNilSliceAsNull(false))
}
