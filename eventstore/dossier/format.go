// Package dossier is the file in which what there is about one proposal, or
// about some, leaves the house: what an auditor reads on paper, and what lets
// anybody check it without asking us.
//
// A dossier is a zip:
//
//	BACA-SAYA.txt, README.txt       how to read and how to check it
//	index.html                      the answer, to be read and printed; of several, a list
//	explanation.json                why it ended as it did, as package history explains it
//	usulan/NUMBER/index.html, …     of several, the two for each of them
//	usulan.csv                      of several, one line each
//	events.ndjson                   the events that answer rests on, in the order of positions
//	proofs/POSITION.tlog-proof      for each of them, that it is in the log
//	checkpoint                      the one signed head that all proofs lead to
//	kunci                           the keys the log says it signs under
//	documents/SHA256.EXT            documents that the events name, where they are held
//	manifest.json                   what this is, and every file with size and SHA-256
//	MANIFEST.sha256                 the same digests, as sha256sum -c reads them
//
// A line of events.ndjson is a line of an export (package export) without what
// stands sealed beside the record, which never leaves by a dossier. Nothing vouches
// for the manifest itself: what is signed is the checkpoint, and the proofs tie the
// events to it. So a checker believes events alone, and derives the explanation from
// them again.
//
// A public dossier holds what was released: no events.ndjson and no documents; its
// proofs carry the entries of the released events, which the log's tiles publish too.
//
// The same question about the same position gives the same bytes: files come in a
// fixed order and bear the time at which the checkpoint was signed. That order is not
// the order of names, since a dossier is written as a stream and its lists come last.
package dossier

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Version is that of the format written here, the only one that is read.
const Version = 1

// The files with a fixed name.
const (
	Events   = "events.ndjson"
	Head     = "checkpoint"
	Keys     = "kunci"
	Page     = "index.html"
	Answer   = "explanation.json"
	Table    = "usulan.csv"
	Contents = "manifest.json"
	Sums     = "MANIFEST.sha256"
	Help     = "BACA-SAYA.txt"
	HelpEN   = "README.txt"
)

// The kinds of dossier.
const (
	Internal = "internal" // with the events
	Public   = "public"   // with what was released
)

// What bounds a dossier, whoever made it.
const (
	MaxFiles     = 400_000
	MaxTotal     = 8 << 30 // bytes unpacked
	MaxEvents    = 1 << 30 // of events.ndjson
	MaxSmall     = 8 << 20 // of a manifest of one proposal, an explanation, a proof
	MaxContents  = 128 << 20
	MaxDocument  = 256 << 20
	ratioAllowed = 1 << 20 // smaller files may be packed however well they can
)

// ErrForm is wrapped by every error about an archive that Writer would not have
// written.
var ErrForm = errors.New("not the form of a dossier")

// A Manifest says what a dossier is of.
type Manifest struct {
	Version   int       `json:"runut_dossier"`
	Kind      string    `json:"kind"`
	Origin    string    `json:"origin"` // the log's name
	Tenant    string    `json:"tenant"` // kode wilayah of the kabupaten
	Demo      bool      `json:"demo,omitzero"`
	Size      int64     `json:"size"`      // of the checkpoint
	Root      string    `json:"root"`      // of the checkpoint
	SignedAt  time.Time `json:"signed_at"` // by the clock of the log's server; until then waits are counted that nobody ended
	Known     int64     `json:"position"`  // nothing after it was looked at; of a public dossier, the release
	AsOf      time.Time `json:"as_of,omitzero"`
	Filter    string    `json:"filter,omitzero"` // what several proposals were chosen by, as a query
	Proposals []string  `json:"proposals"`
	Missing   []string  `json:"documents_not_held,omitempty"` // digests that the events name
	Program   string    `json:"program"`                      // that made it
	Files     []File    `json:"files"`                        // every other file but MANIFEST.sha256
}

// A File is one file of a dossier.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Digest string `json:"sha256"` // hex
}

// Several reports whether the dossier is one of several proposals.
func (m Manifest) Several() bool { return len(m.Proposals) != 1 || m.Filter != "" }

// Place returns where the file of a proposal stands: at the top, or of several, in
// a folder of its own.
func (m Manifest) Place(number, name string) string {
	if !m.Several() {
		return name
	}
	return "usulan/" + number + "/" + name
}

// Proof returns the name of the proof of the event at a position. Its digits are
// filled up, so that names sort as positions do.
func Proof(position int64) string { return fmt.Sprintf("proofs/%012d.tlog-proof", position) }

// PositionOf reads the position off the name of a proof.
func PositionOf(name string) (int64, bool) {
	digits, ok := strings.CutPrefix(name, "proofs/")
	if !ok {
		return 0, false
	}
	position, err := strconv.ParseInt(strings.TrimSuffix(digits, ".tlog-proof"), 10, 64)
	return position, err == nil && position > 0 && name == Proof(position)
}

// extensions are those of the media types a document may have.
var extensions = map[string]string{
	"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "text/csv": "csv", "text/plain": "txt", "text/html": "html",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       "xlsx",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
	"application/vnd.oasis.opendocument.spreadsheet":                          "ods",
}

// Document returns the name of the document with a digest, in hex.
func Document(digest, mediaType string) string {
	extension := extensions[mediaType]
	if extension == "" {
		extension = "bin"
	}
	return "documents/" + digest + "." + extension
}

// DigestOf reads the digest off the name of a document.
func DigestOf(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "documents/")
	digest, _, _ := strings.Cut(rest, ".")
	return digest, ok && len(digest) == 64
}

// names are all that a file of a dossier may be called: nothing that could lie
// outside its folder, and nothing that two systems take for different files.
var names = regexp.MustCompile(`^(BACA-SAYA\.txt|README\.txt|index\.html|explanation\.json|usulan\.csv|events\.ndjson|checkpoint|kunci|manifest\.json|MANIFEST\.sha256` +
	`|proofs/[0-9]{12,19}\.tlog-proof|documents/[0-9a-f]{64}\.[a-z]{2,5}|usulan/U-[0-9]{2}-[0-9A-Z]{5,12}/(index\.html|explanation\.json))$`)

// Named reports whether a file may be called so.
func Named(name string) bool { return names.MatchString(name) }

// limit returns how long a file of a name may be, in bytes.
func limit(name string) int64 {
	switch {
	case name == Events:
		return MaxEvents
	case name == Contents, name == Sums, name == Table, name == Page:
		return MaxContents
	case strings.HasPrefix(name, "documents/"):
		return MaxDocument
	}
	return MaxSmall
}

// ratio returns how often larger than packed a file of a name may be. Salts and hashes
// hardly pack at all, so events come to six; what people upload may be anything.
func ratio(name string) uint64 {
	if name == Events {
		return 60
	}
	return 400
}

// Cited returns the digests of the documents that the payload of an event names:
// every member "digest" beside a member "kind".
func Cited(payload []byte) []string {
	var v any
	if json.Unmarshal(payload, &v) != nil {
		return nil
	}
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			digest, named := v["digest"].(string)
			if _, kind := v["kind"].(string); named && kind && len(digest) == 64 {
				out = append(out, digest)
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return out
}
