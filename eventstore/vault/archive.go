package vault

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
)

// Bounds of what an office document may unpack to: ten times the largest
// document that is taken in. A workbook of a whole kabupaten, of 8 MB, unpacks to
// some 60.
const (
	unpackFactor = 10
	maxEntries   = 10_000
)

// officeMain is what a document's own table of contents must call its main part.
var officeMain = map[string]string{
	typeXLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
	typeDOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
	typeODS:  typeODS,
}

// runs are extensions of entries that a program might run.
var runs = []string{
	".exe", ".dll", ".com", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta",
	".jar", ".class", ".sh", ".py", ".lnk", ".html", ".htm", ".svg", ".zip", ".xlsm", ".docm",
}

// keepArchive copies an office document that is what it says: every entry
// unpacks within bounds, nothing in it runs, and its own table of contents
// names the declared type.
func keepArchive(dst io.Writer, src source) ([]string, error) {
	z, err := zip.NewReader(src, src.size)
	if err != nil {
		return nil, damaged(src.mime, "zip")
	}
	if len(z.File) > maxEntries {
		return nil, unpacksTooLarge(src.limit)
	}
	var contents bytes.Buffer
	left := unpackFactor * src.limit
	for _, f := range z.File {
		if err := checkEntry(src.mime, f); err != nil {
			return nil, err
		}
		var into io.Writer = io.Discard
		if f.Name == "[Content_Types].xml" || f.Name == "mimetype" {
			into = &capped{&contents, 1 << 20}
		}
		n, err := unpack(into, f, left)
		if err != nil {
			return nil, err
		}
		if left -= n; left < 0 {
			return nil, unpacksTooLarge(src.limit)
		}
	}
	if err := checkContents(src.mime, contents.String()); err != nil {
		return nil, err
	}
	_, err = io.Copy(dst, src.all())
	return nil, err
}

// checkEntry looks at an entry's name and flags.
func checkEntry(kind string, f *zip.File) error {
	const encrypted = 1
	name := strings.ToLower(f.Name)
	switch {
	case f.Flags&encrypted != 0:
		return domain.Refuse(domain.Invalid, "document.encrypted", "place", clip(f.Name))
	case strings.HasPrefix(name, "/"), strings.Contains(name, `\`), slices.Contains(strings.Split(name, "/"), ".."):
		return damaged(kind, clip(f.Name))
	case strings.Contains(name, "vbaproject"), strings.Contains(name, "activex"), strings.HasPrefix(name, "basic/"),
		strings.HasPrefix(name, "scripts/"), strings.Contains(path.Base(name), "oleobject"), slices.Contains(runs, path.Ext(name)):
		return active(f.Name)
	}
	return nil
}

// unpack inflates an entry, up to a byte more than is left, and counts what really
// comes out: sizes in a zip's directory are only claims.
func unpack(into io.Writer, f *zip.File, left int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, damaged("zip", clip(f.Name))
	}
	defer r.Close()
	n, err := io.Copy(into, io.LimitReader(r, left+1))
	if err != nil {
		return n, damaged("zip", clip(f.Name))
	}
	return n, nil
}

func unpacksTooLarge(limit int64) *domain.Error {
	return domain.Refuse(domain.Exhausted, "document.unpacks_too_large",
		"limit", strconv.FormatInt(unpackFactor*limit, 10), "entries", strconv.Itoa(maxEntries))
}

// checkContents compares the document's table of contents with the declared type.
func checkContents(kind, contents string) error {
	if strings.Contains(contents, "macroEnabled") || strings.Contains(contents, "vnd.ms-office.vbaProject") {
		return active("[Content_Types].xml")
	}
	if strings.Contains(contents, officeMain[kind]) {
		return nil
	}
	for other, mark := range officeMain {
		if strings.Contains(contents, mark) {
			return mismatch(kind, other)
		}
	}
	return mismatch(kind, "application/zip")
}

// capped keeps the first bytes written to it and drops the rest.
type capped struct {
	buf  *bytes.Buffer
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	keep := p[:min(len(p), c.left)]
	c.buf.Write(keep)
	c.left -= len(keep)
	return len(p), nil
}
