package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"io"
)

// maxToken is how many bytes one piece of XML may have: a tag, or a run of text.
const maxToken = 2 << 20

var errToken = errors.New("sheet: a piece of XML that is too long")

// tokens reads a part of a workbook piece by piece. What it holds at a time is
// bounded, whatever the part says of itself.
type tokens struct {
	part io.ReadCloser
	from *bufio.Reader
	left int // bytes the piece at hand may still have
	xml  *xml.Decoder
}

func newTokens(part *zip.File) (*tokens, error) {
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	t := &tokens{part: r, from: bufio.NewReaderSize(r, 64<<10)}
	t.xml = xml.NewDecoder(t)
	return t, nil
}

// ReadByte and Read are how the XML decoder gets its bytes.
func (t *tokens) ReadByte() (byte, error) {
	if t.left--; t.left < 0 {
		return 0, errToken
	}
	return t.from.ReadByte()
}

func (t *tokens) Read(p []byte) (int, error) {
	c, err := t.ReadByte()
	if err != nil || len(p) == 0 {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

// next returns the next piece; it is valid until the one after. io.EOF is the
// end of the part, and comes early where the part was cut.
func (t *tokens) next() (xml.Token, error) {
	t.left = maxToken
	return t.xml.RawToken()
}

func (t *tokens) close() { t.part.Close() }

// attribute returns an attribute's value by its name without the namespace.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
