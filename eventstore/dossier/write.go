package dossier

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"
)

// A Writer writes a dossier as a stream: nothing of it is held but the list of its
// files.
type Writer struct {
	zip     *zip.Writer
	at      time.Time
	files   []File
	open    io.Writer // the file being written; nil: none
	sum     hash.Hash
	written int64
}

// NewWriter returns a writer whose files bear the time at.
func NewWriter(to io.Writer, at time.Time) *Writer {
	return &Writer{zip: zip.NewWriter(to), at: at.UTC().Truncate(2 * time.Second), sum: sha256.New()} // a zip counts by two seconds
}

// Create ends the file before and begins one, which Write fills.
func (w *Writer) Create(name string) error {
	w.end()
	if !Named(name) {
		return fmt.Errorf("%w: a file called %q", ErrForm, name)
	}
	f, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.at})
	if err != nil {
		return err
	}
	w.open, w.written = f, 0
	w.sum.Reset()
	w.files = append(w.files, File{Name: name})
	return nil
}

// Write implements io.Writer for the file begun last.
func (w *Writer) Write(b []byte) (int, error) {
	n, err := w.open.Write(b)
	w.sum.Write(b[:n])
	w.written += int64(n)
	return n, err
}

// end settles size and digest of the file begun last.
func (w *Writer) end() {
	if w.open == nil {
		return
	}
	f := &w.files[len(w.files)-1]
	f.Size, f.Digest, w.open = w.written, hex.EncodeToString(w.sum.Sum(nil)), nil
}

// Add writes a whole file.
func (w *Writer) Add(name string, body []byte) error {
	if err := w.Create(name); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// Close writes the two lists of files and ends the zip. It does not close what is
// written to.
func (w *Writer) Close(m Manifest) error {
	w.end()
	m.Version, m.Files = Version, slices.Clone(w.files)
	slices.SortFunc(m.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(m); err != nil {
		return err
	}
	if err := w.Add(Contents, text.Bytes()); err != nil {
		return err
	}
	w.end()
	if err := w.Add(Sums, sums(w.files)); err != nil {
		return err
	}
	return w.zip.Close()
}

// sums writes digests as sha256sum does.
func sums(files []File) []byte {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b, "%s  %s\n", f.Digest, f.Name)
	}
	return b.Bytes()
}
