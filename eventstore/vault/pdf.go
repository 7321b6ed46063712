package vault

import (
	"bytes"
	"io"
)

// looksPDF wants the header at the very beginning: what comes before it in
// some files is how two formats are hidden in one.
func looksPDF(head []byte) bool {
	return len(head) > 5 && bytes.HasPrefix(head, []byte("%PDF-")) && '0' <= head[5] && head[5] <= '9'
}

// keepPDF copies a PDF that has an end: a broken transfer is the usual defect.
func keepPDF(dst io.Writer, src source) ([]string, error) {
	tail := make([]byte, min(src.size, 4096))
	if _, err := src.ReadAt(tail, src.size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, err
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return nil, damaged(typePDF, "%%EOF")
	}
	_, err := io.Copy(dst, src.all())
	return nil, err
}
