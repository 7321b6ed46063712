package dossier

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Reader reads a dossier that anybody may have made.
type Reader struct {
	Files []*zip.File // in the order of the archive
	by    map[string]*zip.File
}

// Open looks at the list of files in an archive and at nothing in them. It fails,
// with an error that wraps ErrForm and names the file, where a file has a name that
// no file of a dossier has, stands twice, is no plain file, or would unpack to more
// than it may.
func Open(in io.ReaderAt, size int64) (*Reader, error) {
	archive, err := zip.NewReader(in, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if len(archive.File) > MaxFiles {
		return nil, fmt.Errorf("%w: %d files", ErrForm, len(archive.File))
	}
	r := &Reader{Files: archive.File, by: make(map[string]*zip.File, len(archive.File))}
	var total uint64
	for _, f := range archive.File {
		if err := examine(f); err != nil {
			return nil, err
		}
		if r.by[f.Name] != nil {
			return nil, fmt.Errorf("%w: %s stands twice", ErrForm, f.Name)
		}
		r.by[f.Name] = f
		if total += f.UncompressedSize64; total > MaxTotal {
			return nil, fmt.Errorf("%w: more than %d bytes unpacked", ErrForm, int64(MaxTotal))
		}
	}
	return r, nil
}

func examine(f *zip.File) error {
	most := limit(f.Name)
	switch {
	case !Named(f.Name):
		return fmt.Errorf("%w: a file called %.100q", ErrForm, f.Name)
	case !f.Mode().IsRegular():
		return fmt.Errorf("%w: %s is no plain file", ErrForm, f.Name)
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return fmt.Errorf("%w: %s is packed by method %d", ErrForm, f.Name, f.Method)
	case f.Flags&1 != 0:
		return fmt.Errorf("%w: %s is encrypted", ErrForm, f.Name)
	case f.UncompressedSize64 > uint64(most):
		return fmt.Errorf("%w: %s unpacks to %d bytes, at most %d are allowed", ErrForm, f.Name, f.UncompressedSize64, most)
	case f.UncompressedSize64 > ratioAllowed && f.UncompressedSize64/ratio(f.Name) > f.CompressedSize64:
		return fmt.Errorf("%w: %s unpacks from %d to %d bytes", ErrForm, f.Name, f.CompressedSize64, f.UncompressedSize64)
	}
	return nil
}

// Has reports whether there is a file of a name.
func (r *Reader) Has(name string) bool { return r.by[name] != nil }

// Copy writes a file to where it is wanted, never more than its list says it holds.
// An error that wraps ErrForm is about the archive.
func (r *Reader) Copy(to io.Writer, name string) error {
	f := r.by[name]
	if f == nil {
		return fmt.Errorf("%w: no %s", ErrForm, name)
	}
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrForm, name, err)
	}
	defer in.Close()
	n, err := io.Copy(to, io.LimitReader(in, int64(f.UncompressedSize64)+1))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s: %w", ErrForm, name, err)
	case n != int64(f.UncompressedSize64):
		return fmt.Errorf("%w: %s holds %d bytes, not %d", ErrForm, name, n, f.UncompressedSize64)
	}
	return nil
}

// Lines hands on the lines of a file without their ends, one at a time; each is gone
// with the next. A line longer than most bytes ends it with an error that wraps ErrForm,
// as does what is not whole; so does yield, with an error of its own.
func (r *Reader) Lines(name string, most int, yield func(line []byte) error) error {
	out, in := io.Pipe()
	go func() { in.CloseWithError(r.Copy(in, name)) }()
	defer out.Close()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, most)
	for lines.Scan() {
		if err := yield(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrForm, name, err)
	}
	return nil
}

// Read returns a file whole. Lists, explanations and proofs are small by Open.
func (r *Reader) Read(name string) ([]byte, error) {
	var b bytes.Buffer
	err := r.Copy(&b, name)
	return b.Bytes(), err
}

// Manifest reads manifest.json. It believes nothing of it.
func (r *Reader) Manifest() (Manifest, error) {
	var m Manifest
	b, err := r.Read(Contents)
	if err != nil {
		return m, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("%w: %s: %w", ErrForm, Contents, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("%w: %s goes on behind its end", ErrForm, Contents)
	}
	switch {
	case m.Version != Version:
		return m, fmt.Errorf("%w: version %d", ErrForm, m.Version)
	case m.Kind != Internal && m.Kind != Public:
		return m, fmt.Errorf("%w: of kind %.40q", ErrForm, m.Kind)
	case len(m.Proposals) == 0:
		return m, fmt.Errorf("%w: of no proposal", ErrForm)
	case m.Known < 1 || m.Known > m.Size:
		return m, fmt.Errorf("%w: position %d under a checkpoint of %d", ErrForm, m.Known, m.Size)
	}
	for _, n := range m.Proposals {
		if !Named("usulan/" + n + "/" + Page) {
			return m, fmt.Errorf("%w: a proposal called %.40q", ErrForm, n)
		}
	}
	return m, nil
}

// Sums reads MANIFEST.sha256: the digest of every other file, in hex, by name.
func (r *Reader) Sums() (map[string]string, error) {
	b, err := r.Read(Sums)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(r.Files))
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		digest, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" || !Named(name) || out[name] != "" {
			return nil, fmt.Errorf("%w: %s: %.120q", ErrForm, Sums, lines.Text())
		}
		out[name] = digest
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrForm, Sums, err)
	}
	return out, nil
}
