package vault

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"runut/domain"
)

// A format is one type of document that is taken in.
type format struct {
	mime       string
	extensions []string
	looks      func(head []byte) bool
	// keep copies what may be kept and names what was left out. It refuses what
	// is damaged, hides something that runs, or unpacks without end.
	keep func(dst io.Writer, src source) (removed []string, err error)
}

// A source is the upload as a format reads it.
type source struct {
	io.ReaderAt
	size  int64
	limit int64  // largest document that is taken in
	mime  string // as declared and found
}

// all returns the whole upload as a stream.
func (s source) all() *io.SectionReader { return io.NewSectionReader(s, 0, s.size) }

const (
	typePDF  = "application/pdf"
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typeWebP = "image/webp"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typeDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	typeODS  = "application/vnd.oasis.opendocument.spreadsheet"
	typeCSV  = "text/csv"
	typeText = "text/plain"
)

var formats = []format{
	{typePDF, []string{".pdf"}, looksPDF, keepPDF},
	{typeJPEG, []string{".jpg", ".jpeg", ".jpe"}, begins("\xff\xd8\xff"), keepJPEG},
	{typePNG, []string{".png"}, begins("\x89PNG\r\n\x1a\n"), keepPNG},
	{typeWebP, []string{".webp"}, looksWebP, keepWebP},
	{typeXLSX, []string{".xlsx"}, begins("PK\x03\x04"), keepArchive},
	{typeDOCX, []string{".docx"}, begins("PK\x03\x04"), keepArchive},
	{typeODS, []string{".ods"}, begins("PK\x03\x04"), keepArchive},
	{typeCSV, []string{".csv"}, looksText, keepText},
	{typeText, []string{".txt", ".text", ".md", ".log"}, looksText, keepText},
}

// aliases are what programs declare for a type by mistake. A browser on Windows
// calls a .csv by the name of the old Excel format where Excel is installed.
var aliases = map[string]string{
	"image/jpg":                typeJPEG,
	"image/pjpeg":              typeJPEG,
	"application/x-pdf":        typePDF,
	"application/csv":          typeCSV,
	"text/x-csv":               typeCSV,
	"application/vnd.ms-excel": typeCSV,
}

// Types returns the media types that are taken in.
func Types() []string {
	types := make([]string, len(formats))
	for i, f := range formats {
		types[i] = f.mime
	}
	return types
}

// examine decides what an upload is and writes what may be kept of it to dst.
func examine(dst io.Writer, src source, declared, name string) (kind string, removed []string, err error) {
	head := make([]byte, min(src.size, 3072))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", nil, err
	}
	media, _, err := mime.ParseMediaType(declared)
	if err != nil {
		media = declared
	}
	if right, ok := aliases[media]; ok {
		media = right
	}
	at := slices.IndexFunc(formats, func(f format) bool { return f.mime == media })
	if at < 0 {
		return "", nil, domain.Refuse(domain.Invalid, "document.type_forbidden",
			"declared", clip(media), "found", guess(head), "allowed", strings.Join(Types(), ", "))
	}
	f := formats[at]
	if !f.looks(head) {
		return "", nil, mismatch(media, guess(head))
	}
	if ext := strings.ToLower(path.Ext(name)); ext != "" && !slices.Contains(f.extensions, ext) {
		return "", nil, mismatch(media, clip(ext))
	}
	src.mime = f.mime
	removed, err = f.keep(dst, src)
	return f.mime, removed, err
}

// guess names what content looks like, for the message of a refusal.
func guess(head []byte) string {
	for _, f := range formats {
		if f.mime != typeCSV && f.looks(head) {
			return f.mime
		}
	}
	if markup(head) && bytes.Contains(bytes.ToLower(head), []byte("<svg")) {
		return "image/svg+xml"
	}
	found, _, _ := strings.Cut(http.DetectContentType(head), ";")
	return found
}

func mismatch(declared, found string) *domain.Error {
	return domain.Refuse(domain.Invalid, "document.type_mismatch", "declared", declared, "found", found)
}

// damaged refuses content that breaks its own format.
func damaged(kind, place string) *domain.Error {
	return domain.Refuse(domain.Invalid, "document.damaged", "type", kind, "place", place)
}

// active refuses content that a reader's program might run.
func active(place string) *domain.Error {
	return domain.Refuse(domain.Invalid, "document.active_content", "place", clip(place))
}

func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func begins(magic string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }
}

// names is a set of what was removed, in the order it was met.
type names []string

func (n *names) add(what ...string) {
	for _, w := range what {
		if !slices.Contains(*n, w) {
			*n = append(*n, w)
		}
	}
}

// copyRange copies size bytes of src from an offset.
func copyRange(dst io.Writer, src source, from, size int64) error {
	_, err := io.Copy(dst, io.NewSectionReader(src, from, size))
	return err
}
