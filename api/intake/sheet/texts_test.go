package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"runut/domain"
)

// A small file cannot hold so many texts that telling them apart takes all memory.
func TestTextsAreBounded(t *testing.T) {
	defer func(n int) { mostTexts = n }(mostTexts)
	mostTexts = 100
	for times, want := range map[int]string{100: "", 101: "sheet.too_many_texts"} {
		const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, text := range map[string]string{
			"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml":            `<workbook xmlns:r="` + office + `"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   `<worksheet><sheetData/></worksheet>`,
			"xl/sharedStrings.xml":       `<sst>` + strings.Repeat(`<si><t/></si>`, times) + `</sst>`,
		} {
			part, err := w.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(part, text)
		}
		w.Close()
		f, err := OpenReader("besar.xlsx", bytes.NewReader(b.Bytes()), int64(b.Len()))
		if want == "" && err != nil || want != "" && !errors.Is(err, &domain.Error{Code: want}) {
			t.Errorf("%d texts: %v", times, err)
		}
		if f != nil {
			f.Close()
		}
	}
}
