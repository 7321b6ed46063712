package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// A workbook is an open xlsx file: its directory, and what all sheets share.
type workbook struct {
	parts   map[string]*zip.File
	sheets  []sheetPart
	formats []format // by style
	epoch   int      // 1904 or 0
	texts   sharedTexts
}

type sheetPart struct {
	name   string
	part   string
	hidden bool
}

// maxParts is how many files a workbook may consist of.
const maxParts = 10_000

// openBook reads everything of a workbook but its rows.
func (f *File) openBook() error {
	archive, err := zip.NewReader(f.from, f.Size)
	if err != nil {
		return f.broken()
	}
	b := &workbook{parts: make(map[string]*zip.File, len(archive.File))}
	unpacked := uint64(0)
	for _, part := range archive.File {
		unpacked += part.UncompressedSize64
		if unpacked > MaxUnpacked || len(archive.File) > maxParts {
			return domain.Refuse(domain.Exhausted, "sheet.too_large", "file", f.Name, "limit", "2 GB")
		}
		b.parts[strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))] = part
	}
	if old := b.otherFormat(); old != "" {
		return domain.Refuse(domain.Invalid, "sheet.old_format", "file", f.Name, "format", old)
	}
	f.book = b
	main := b.related("", "officeDocument")
	if main == nil {
		return domain.Refuse(domain.Invalid, "sheet.not_a_table", "file", f.Name)
	}
	if err := b.open(main[0]); err != nil || len(b.sheets) == 0 {
		if refusal, ok := err.(*domain.Error); ok {
			return refusal
		}
		if errors.Is(err, errTooManyTexts) {
			return domain.Refuse(domain.Exhausted, "sheet.too_many_texts", "file", f.Name, "limit", strconv.Itoa(mostTexts))
		}
		return f.broken()
	}
	for _, hidden := range []bool{false, true} {
		for _, s := range b.sheets {
			if s.hidden == hidden {
				f.Sheets = append(f.Sheets, s.name)
			}
		}
	}
	f.Modified = b.modified()
	return nil
}

// otherFormat returns the name of a format that comes zipped too but is not ours.
func (b *workbook) otherFormat() string {
	if _, ok := b.parts["xl/workbook.bin"]; ok {
		return "xlsb"
	}
	if mime, err := b.read("mimetype", 200); err == nil && bytes.Contains(mime, []byte("opendocument")) {
		return "ods"
	}
	return ""
}

// A relation names another part of the workbook.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
	part   string
}

// relations returns what a part refers to; "" is the workbook as a whole.
func (b *workbook) relations(of string) []relation {
	dir, name := path.Split(of)
	var doc struct {
		Relationship []relation `xml:"Relationship"`
	}
	if err := b.decode(dir+"_rels/"+name+".rels", &doc); err != nil {
		return nil
	}
	for i, r := range doc.Relationship {
		if target, absolute := strings.CutPrefix(r.Target, "/"); absolute {
			doc.Relationship[i].part = strings.ToLower(target)
		} else {
			doc.Relationship[i].part = strings.ToLower(path.Join(dir, r.Target))
		}
	}
	return doc.Relationship
}

// related returns the parts of one type that a part refers to.
func (b *workbook) related(of, kind string) []string {
	var parts []string
	for _, r := range b.relations(of) {
		if _, there := b.parts[r.part]; there && strings.HasSuffix(r.Type, "/"+kind) {
			parts = append(parts, r.part)
		}
	}
	return parts
}

func (b *workbook) open(main string) error {
	var doc struct {
		Properties struct {
			Since1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.decode(main, &doc); err != nil {
		return err
	}
	if doc.Properties.Since1904 == "1" || doc.Properties.Since1904 == "true" {
		b.epoch = 1904
	}
	parts := map[string]string{}
	for _, r := range b.relations(main) {
		if strings.HasSuffix(r.Type, "/worksheet") {
			parts[r.ID] = r.part
		}
	}
	for _, s := range doc.Sheets {
		for _, a := range s.Attrs {
			part, ok := parts[a.Value]
			if _, there := b.parts[part]; ok && there && a.Name.Local == "id" {
				b.sheets = append(b.sheets, sheetPart{s.Name, part, s.State != "" && s.State != "visible"})
				break
			}
		}
	}
	if styles := b.related(main, "styles"); styles != nil {
		if err := b.openStyles(styles[0]); err != nil {
			return err
		}
	}
	if texts := b.related(main, "sharedStrings"); texts != nil {
		return b.openTexts(texts[0])
	}
	return nil
}

// modified returns when the program that wrote the workbook says it was changed.
func (b *workbook) modified() time.Time {
	parts := b.related("", "core-properties")
	if parts == nil {
		return time.Time{}
	}
	var doc struct {
		Modified string `xml:"modified"`
	}
	if b.decode(parts[0], &doc) != nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(doc.Modified))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// sheet returns the part of a sheet by its name; of "" the first that shows.
func (b *workbook) sheet(name string) (string, bool) {
	for _, s := range b.sheets {
		if s.name == name || name == "" && !s.hidden {
			return s.part, true
		}
	}
	if name == "" {
		return b.sheets[0].part, true
	}
	return "", false
}

// decode reads a small part whole.
func (b *workbook) decode(part string, into any) error {
	text, err := b.read(part, 32<<20)
	if err != nil {
		return err
	}
	return xml.Unmarshal(text, into)
}

func (b *workbook) read(part string, limit int64) ([]byte, error) {
	file := b.parts[strings.ToLower(part)]
	if file == nil || file.UncompressedSize64 > uint64(limit) {
		return nil, io.ErrUnexpectedEOF
	}
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, limit))
}

func (b *workbook) close() { b.texts.close() }
