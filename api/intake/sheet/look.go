package sheet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"unicode/utf8"
)

// errEnough says that whoever reads the rows wants no more.
var errEnough = errors.New("sheet: enough")

// A sighting is what one reading of all bytes told.
type sighting struct {
	digest string
	form   string // zip, text, encrypted; the name of an old format; "" for anything else
	bom    string // utf8, utf16le, utf16be
	utf8   bool
}

var (
	ole       = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
	encrypted = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	boms      = []struct{ name, bytes string }{{"utf8", "\xEF\xBB\xBF"}, {"utf16le", "\xFF\xFE"}, {"utf16be", "\xFE\xFF"}}
)

// look reads a file once: its digest, and what it is.
func look(r io.Reader) (sighting, error) {
	s := sighting{utf8: true}
	hash := sha256.New()
	var head, carry []byte // carry: the end of the chunk before, for what straddles two
	sealed, nul := false, false
	chunk := make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(r, chunk)
		hash.Write(chunk[:n])
		if head == nil {
			head = bytes.Clone(chunk[:min(n, 4096)])
		}
		joined := append(carry, chunk[:n]...)
		sealed = sealed || bytes.Contains(joined, encrypted)
		nul = nul || bytes.IndexByte(chunk[:n], 0) >= 0
		whole := err != nil
		if s.utf8 {
			s.utf8 = validUpToEnd(joined, whole)
		}
		carry = bytes.Clone(tail(joined, len(encrypted)))
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return s, err
		}
	}
	s.digest = hex.EncodeToString(hash.Sum(nil))
	s.form, s.bom = formOf(head, sealed, nul)
	return s, nil
}

// tail returns the last bytes of b, about n, beginning at a character's start.
func tail(b []byte, n int) []byte {
	at := max(0, len(b)-n)
	for i := at; i > 0 && at-i < utf8.UTFMax && !utf8.RuneStart(b[i]); i-- {
		at = i - 1
	}
	return b[at:]
}

// validUpToEnd reports whether b is UTF-8, where a last character may be cut
// unless b is the end.
func validUpToEnd(b []byte, end bool) bool {
	if utf8.Valid(b) || end {
		return utf8.Valid(b)
	}
	for cut := 1; cut < utf8.UTFMax && cut <= len(b); cut++ {
		if rest := b[len(b)-cut:]; utf8.RuneStart(rest[0]) {
			return !utf8.FullRune(rest) && utf8.Valid(b[:len(b)-cut])
		}
	}
	return false
}

func formOf(head []byte, sealed, nul bool) (form, bom string) {
	for _, b := range boms {
		if bytes.HasPrefix(head, []byte(b.bytes)) {
			bom = b.name
		}
	}
	begin := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte(boms[0].bytes))))
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip", ""
	case bytes.HasPrefix(head, ole) && sealed:
		return "encrypted", ""
	case bytes.HasPrefix(head, ole):
		return "xls", ""
	case bytes.HasPrefix(begin, []byte("%pdf")):
		return "pdf", ""
	case bytes.HasPrefix(begin, []byte("<")) && (bytes.Contains(begin, []byte("<html")) || bytes.Contains(begin, []byte("<table")) || bytes.Contains(begin, []byte("<!doctype"))):
		return "html", ""
	case bytes.HasPrefix(begin, []byte("<?xml")):
		return "xml", ""
	case nul && bom != "utf16le" && bom != "utf16be":
		return "", ""
	}
	return "text", bom
}
