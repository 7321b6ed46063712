package template

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"runut/api/text"
)

// An Order says which workbook to make.
type Order struct {
	ID        uuid.UUID // of the file; rows are known by it for ever
	Year      int       // fiscal year
	Kabupaten string    // kode wilayah
	Title     string    // who it is for: "Desa Kota Maju"
	Rows      int       // how many are prepared
	Choices   Choices
}

// Where things stand in the sheet of rows.
const (
	titleRow   = 1
	helpRow    = 2
	headRow    = 3
	noteRow    = 4
	exampleRow = 5
	firstRow   = exampleRow + 2
)

// Write writes the workbook.
func Write(to io.Writer, o Order) error {
	f := excelize.NewFile()
	defer f.Close()
	w := &writing{file: f, order: o, lists: o.Choices.lists()}
	for _, step := range []func() error{w.sheets, w.styles, w.choices, w.rows, w.guide, w.validate, w.protect, w.properties} {
		if err := step(); err != nil {
			return fmt.Errorf("write the template: %w", err)
		}
	}
	return f.Write(to)
}

// A writing is a workbook in the making.
type writing struct {
	file  *excelize.File
	order Order
	lists map[string][]Choice

	title, hint, head, note, shown, free, whole, amount, day int // styles
}

func (w *writing) sheets() error {
	if err := w.file.SetSheetName("Sheet1", sheetRows); err != nil {
		return err
	}
	for _, name := range []string{sheetHelp, sheetChoices} {
		if _, err := w.file.NewSheet(name); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) styles() error {
	grid := []excelize.Border{{Type: "left", Color: "C9D1D9", Style: 1}, {Type: "right", Color: "C9D1D9", Style: 1}, {Type: "top", Color: "C9D1D9", Style: 1}, {Type: "bottom", Color: "C9D1D9", Style: 1}}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	solid := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	open := &excelize.Protection{Locked: false}
	numbers, money, date := "#,##0.###", "#,##0", "dd/mm/yyyy"
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&w.title, excelize.Style{Font: &excelize.Font{Family: "Calibri", Bold: true, Size: 14, Color: "1F4E5F"}}},
		{&w.hint, excelize.Style{Font: &excelize.Font{Family: "Calibri", Color: "57606A"}}},
		{&w.head, excelize.Style{Font: &excelize.Font{Family: "Calibri", Bold: true, Color: "FFFFFF"}, Fill: solid("1F4E5F"), Border: grid, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}}},
		{&w.note, excelize.Style{Font: &excelize.Font{Family: "Calibri", Italic: true, Size: 9, Color: "57606A"}, Fill: solid("EAF1F3"), Border: grid, Alignment: top}},
		{&w.shown, excelize.Style{Font: &excelize.Font{Family: "Calibri", Italic: true, Color: "8A6D00"}, Fill: solid("FFF8E1"), Border: grid, Alignment: top}},
		{&w.free, excelize.Style{Border: grid, Alignment: top, Protection: open}},
		{&w.whole, excelize.Style{Border: grid, Alignment: top, Protection: open, CustomNumFmt: &numbers}},
		{&w.amount, excelize.Style{Border: grid, Alignment: top, Protection: open, CustomNumFmt: &money}},
		{&w.day, excelize.Style{Border: grid, Alignment: top, Protection: open, CustomNumFmt: &date}},
	} {
		var err error
		if *s.into, err = w.file.NewStyle(&s.style); err != nil {
			return err
		}
	}
	return nil
}

// style returns how the cells of a column look that people fill in.
func (w *writing) style(c column) int {
	switch c.key {
	case "volume", "priority":
		return w.whole
	case "estimate":
		return w.amount
	case "date":
		return w.day
	}
	return w.free
}

// choices writes what the cells offer, a column a list, and names the lists.
func (w *writing) choices() error {
	for i, name := range slices.Sorted(maps.Keys(w.lists)) {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := w.file.SetCellStr(sheetChoices, column+"1", name); err != nil {
			return err
		}
		list := w.lists[name]
		for j, c := range list {
			if err := w.file.SetCellStr(sheetChoices, column+strconv.Itoa(j+2), text.Guard(c.label())); err != nil {
				return err
			}
		}
		if err := w.file.SetDefinedName(&excelize.DefinedName{Name: "pilihan_" + name,
			RefersTo: fmt.Sprintf("%s!$%s$2:$%s$%d", sheetChoices, column, column, max(len(list), 1)+1)}); err != nil {
			return err
		}
	}
	return w.file.SetSheetVisible(sheetChoices, false)
}

func (w *writing) rows() error {
	o := w.order
	mark := Mark{Version, o.Year, o.ID, o.Kabupaten}
	first := cellOf("village", titleRow)
	for at, text := range map[string]string{
		"A1":                       Mark{Version, o.Year, o.ID, o.Kabupaten}.String(),
		first:                      "Usulan tahun " + strconv.Itoa(o.Year) + " — " + o.Title,
		cellOf("village", helpRow): "Isi mulai baris " + strconv.Itoa(firstRow) + ". Kolom bertanda * wajib. Baris CONTOH tidak dikirim. Petunjuk lengkap ada di lembar “" + sheetHelp + "”.",
	} {
		if err := w.file.SetCellStr(sheetRows, at, text); err != nil {
			return err
		}
	}
	if err := w.file.SetCellStyle(sheetRows, first, first, w.title); err != nil {
		return err
	}
	if err := w.file.SetCellStyle(sheetRows, cellOf("village", helpRow), cellOf("village", helpRow), w.hint); err != nil {
		return err
	}
	for _, c := range columns {
		if err := w.column(c); err != nil {
			return err
		}
	}
	for n := range o.Rows {
		if err := w.file.SetCellStr(sheetRows, cellOf("row", firstRow+n), mark.row(n+1)); err != nil {
			return err
		}
	}
	if len(o.Choices.Villages) == 1 { // a village need not say which it is
		for n := range o.Rows {
			if err := w.file.SetCellStr(sheetRows, cellOf("village", firstRow+n), o.Choices.Villages[0].label()); err != nil {
				return err
			}
		}
	}
	for row, height := range map[int]float64{headRow: 32, noteRow: 52, exampleRow: 30, exampleRow + 1: 30} {
		if err := w.file.SetRowHeight(sheetRows, row, height); err != nil {
			return err
		}
	}
	for n := range o.Rows {
		if err := w.file.SetRowHeight(sheetRows, firstRow+n, 30); err != nil {
			return err
		}
	}
	if err := w.file.SetColVisible(sheetRows, "A", false); err != nil {
		return err
	}
	return w.file.SetPanes(sheetRows, &excelize.Panes{Freeze: true, XSplit: indexOf("title") + 1, YSplit: noteRow,
		TopLeftCell: cellOf("problem", exampleRow), ActivePane: "bottomRight"})
}

// column writes a column: heading, note, examples, and the cells to fill in.
func (w *writing) column(c column) error {
	letter := letterOf(c.key)
	if err := w.file.SetColWidth(sheetRows, letter, letter, c.width); err != nil {
		return err
	}
	for _, cell := range []struct {
		row   int
		text  string
		style int
	}{{headRow, heading(c), w.head}, {noteRow, c.note, w.note}, {exampleRow, w.example(c, 0), w.shown}, {exampleRow + 1, w.example(c, 1), w.shown}} {
		at := letter + strconv.Itoa(cell.row)
		if err := w.file.SetCellStr(sheetRows, at, cell.text); err != nil {
			return err
		}
		if err := w.file.SetCellStyle(sheetRows, at, at, cell.style); err != nil {
			return err
		}
	}
	return w.file.SetCellStyle(sheetRows, letter+strconv.Itoa(firstRow), letter+strconv.Itoa(firstRow+w.order.Rows-1), w.style(c))
}

// example is what a cell of an example shows: of a village one of the list, of
// the kamus the entry that the example is about, where there is one.
func (w *writing) example(c column, n int) string {
	list := w.lists[c.list]
	switch c.key {
	case "village":
		return list[min(n, len(list)-1)].label()
	case "kamus":
		i := slices.IndexFunc(list, func(k Choice) bool { return strings.Contains(strings.ToLower(k.Name), c.examples[n]) })
		if i < 0 {
			return ""
		}
		return list[i].label()
	}
	return strings.ReplaceAll(c.examples[n], "YYYY", strconv.Itoa(w.order.Year-1)) // the year of planning
}

// guide writes the sheet that explains it all.
func (w *writing) guide() error {
	if err := w.file.SetColWidth(sheetHelp, "A", "A", 110); err != nil {
		return err
	}
	wrapped, err := w.file.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	for i, paragraph := range help {
		at, style := "A"+strconv.Itoa(i+1), wrapped
		if i == 0 {
			style = w.title
		}
		if err := w.file.SetCellStr(sheetHelp, at, paragraph); err != nil {
			return err
		}
		if err := w.file.SetRowHeight(sheetHelp, i+1, float64(1+utf8.RuneCountInString(paragraph)/105)*15+6); err != nil {
			return err
		}
		if err := w.file.SetCellStyle(sheetHelp, at, at, style); err != nil {
			return err
		}
	}
	return nil
}

// validate makes the cells offer their choices and refuse what cannot be meant.
func (w *writing) validate() error {
	for _, c := range columns {
		v := excelize.NewDataValidation(true)
		v.Sqref = fmt.Sprintf("%s%d:%s%d", letterOf(c.key), firstRow, letterOf(c.key), firstRow+w.order.Rows-1)
		title, message := c.heading, "Pilih dari daftar."
		var err error
		switch {
		case c.list != "" && len(w.lists[c.list]) == 0:
			continue
		case c.list != "":
			v.SetSqrefDropList("pilihan_" + c.list)
		case c.key == "priority":
			err, message = v.SetRange(1, 9999, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween), "Tulis angka bulat mulai dari 1."
		case c.key == "volume":
			err, message = v.SetRange(0, 999999999, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween), "Tulis angka di atas nol tanpa satuan."
		case c.key == "estimate":
			err, message = v.SetRange(1, 9999999999999, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween), "Tulis rupiah penuh tanpa titik dan tanpa Rp."
		case c.key == "date":
			from, to := serial(w.order.Year-3), serial(w.order.Year+1)
			err, message = v.SetRange(from, to, excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween), "Tulis tanggal seperti 20/01/"+strconv.Itoa(w.order.Year-1)+"."
		default:
			continue
		}
		if err != nil {
			return err
		}
		style := excelize.DataValidationErrorStyleStop
		if c.list != "" && !c.strict {
			style, message = excelize.DataValidationErrorStyleWarning, "Satuan ini tidak ada di daftar. Lanjutkan?"
		}
		v.SetError(style, title, message)
		if err := w.file.AddDataValidation(sheetRows, v); err != nil {
			return err
		}
	}
	return nil
}

// protect locks everything but the cells to fill in. There is no password: who
// knows what they do can lift it.
func (w *writing) protect() error {
	for _, name := range []string{sheetRows, sheetHelp} {
		if err := w.file.ProtectSheet(name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatCells: true, FormatColumns: true, FormatRows: true}); err != nil {
			return err
		}
	}
	return w.file.SetPageLayout(sheetRows, &excelize.PageLayoutOptions{Orientation: new("landscape"), Size: new(8), FitToWidth: new(1), FitToHeight: new(0)})
}

// properties tell people, and programs that list files, what this one is.
func (w *writing) properties() error {
	if err := w.file.SetSheetProps(sheetRows, &excelize.SheetPropsOptions{FitToPage: new(true)}); err != nil {
		return err
	}
	return w.file.SetDocProps(&excelize.DocProperties{Title: "Usulan " + strconv.Itoa(w.order.Year) + ", " + w.order.Title, Creator: "Runut",
		Subject: "Templat usulan, versi " + strconv.Itoa(Version), Identifier: w.order.ID.String(), Version: strconv.Itoa(Version), Category: strconv.Itoa(w.order.Year)})
}

func indexOf(key string) int {
	return slices.IndexFunc(columns, func(c column) bool { return c.key == key })
}

func letterOf(key string) string {
	letter, _ := excelize.ColumnNumberToName(indexOf(key) + 1)
	return letter
}

func cellOf(key string, row int) string { return letterOf(key) + strconv.Itoa(row) }
