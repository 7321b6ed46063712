package lists

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"runut/api/intake/sheet"
	"runut/api/text"
	"runut/domain"
)

// The workbook in which an officer says what rows mean.
const (
	confirmSheet = "Cocokkan"
	guideSheet   = "Petunjuk"
	metaSheet    = "_runut"
	headOrigin   = "Baris daftar"
	headContent  = "Isi baris"
	headAnswer   = "Keputusan"
	headChoice   = "Nomor pilihan"
)

var (
	headSuggestions = [most]string{"Saran 1", "Saran 2", "Saran 3"}
	headWhy         = [most]string{"Mengapa 1", "Mengapa 2", "Mengapa 3"}
	told            = append([]string{headContent}, headWhy[:]...) // columns for people, which reading passes over
)

// The answers an officer may give. Without an answer nothing happens.
const (
	answerYes     = "ya"
	answerSecond  = "saran 2"
	answerThird   = "saran 3"
	answerWithout = "tanpa usulan"
	answerNo      = "tidak"
)

var answers = []string{answerYes, answerSecond, answerThird, answerWithout, answerNo}

// A Meta says which list a workbook of Confirm belongs to, so that what is
// confirmed goes on the same document with its lines and its total.
type Meta struct {
	Kind   string
	Digest string // SHA-256 of the list, hex
	Lines  int    // rows of the list that decide something
	Total  domain.Rupiah
}

// Confirm writes the workbook in which an officer says what rows mean that name
// no proposal: the row, what it may mean and why, and a cell for the answer. The
// columns of the list follow, so that the workbook reads as a list.
func Confirm(to io.Writer, l *List, waiting []Waiting, m Meta, r *Registers, lang text.Lang) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", confirmSheet); err != nil {
		return err
	}
	w := &confirming{file: f, list: l, registers: r, lang: lang}
	for _, step := range []func() error{w.styles, func() error { return w.choices(len(waiting)) }, func() error { return w.rows(waiting) },
		w.guide, func() error { return meta(f, m) }} {
		if err := step(); err != nil {
			return fmt.Errorf("write the workbook to confirm: %w", err)
		}
	}
	return f.Write(to)
}

// A confirming is a workbook being written.
type confirming struct {
	file                   *excelize.File
	list                   *List
	registers              *Registers
	lang                   text.Lang
	head, wrap, ask, money int // styles
	original               []int
	headings               []string // of the columns of the list
	isMoney                map[int]bool
}

func (w *confirming) styles() error {
	border := []excelize.Border{{Type: "bottom", Color: "D0D7DE", Style: 1}, {Type: "right", Color: "D0D7DE", Style: 1}}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	amounts := "#,##0"
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&w.head, excelize.Style{Font: &excelize.Font{Family: "Calibri", Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E5F"}}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}, Border: border}},
		{&w.wrap, excelize.Style{Alignment: top, Border: border}},
		{&w.ask, excelize.Style{Alignment: top, Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF4CC"}}}},
		{&w.money, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}, Border: border, CustomNumFmt: &amounts}},
	} {
		var err error
		if *s.into, err = w.file.NewStyle(&s.style); err != nil {
			return err
		}
	}
	w.columns()
	return nil
}

// columns settles which columns of the list follow, and under which heading
// they are understood again.
func (w *confirming) columns() {
	l := w.list.Layout
	w.isMoney = map[int]bool{}
	own := []string{"origin", "answer", "choice", "first", "second", "third"}
	names := map[int]string{}
	for _, c := range columns {
		i := slices.Index(l.Headings, l.Heading(c.Key))
		if i < 0 || !l.Has(c.Key) {
			continue
		}
		names[i] = c.Names[0]
		if slices.Contains(own, c.Key) {
			names[i] = ""
		}
		w.isMoney[i] = c.Key == "amount" || c.Key == "line_total"
	}
	for i, heading := range l.Headings {
		name, known := names[i]
		if known && name == "" || heading == "" || slices.Contains(told, heading) {
			continue
		}
		if !known {
			name = heading
		}
		w.original, w.headings = append(w.original, i), append(w.headings, name)
	}
}

// answerColumn is where the officer writes: after the row, and three suggestions
// with their reasons.
const answerColumn = 2 + 2*most + 1

func (w *confirming) rows(waiting []Waiting) error {
	s, err := w.file.NewStreamWriter(confirmSheet)
	if err != nil {
		return err
	}
	for _, width := range []struct {
		from, to int
		width    float64
	}{{1, 1, 8}, {2, 2, 44}, {3, 2 + 2*most, 34}, {answerColumn, answerColumn, 15}, {answerColumn + 1, answerColumn + 1, 18}, {answerColumn + 2, answerColumn + 2 + max(len(w.headings), 1), 18}} {
		if err := s.SetColWidth(width.from, width.to, width.width); err != nil {
			return err
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	head := []any{excelize.Cell{StyleID: w.head, Value: headOrigin}, excelize.Cell{StyleID: w.head, Value: headContent}}
	for i := range most {
		head = append(head, excelize.Cell{StyleID: w.head, Value: headSuggestions[i]}, excelize.Cell{StyleID: w.head, Value: headWhy[i]})
	}
	head = append(head, excelize.Cell{StyleID: w.head, Value: headAnswer}, excelize.Cell{StyleID: w.head, Value: headChoice})
	for _, heading := range w.headings {
		head = append(head, excelize.Cell{StyleID: w.head, Value: text.Guard(heading)})
	}
	if err := s.SetRow("A1", head, excelize.RowOpts{Height: 30}); err != nil {
		return err
	}
	for i, one := range waiting {
		cells := w.row(one)
		if err := s.SetRow("A"+strconv.Itoa(i+2), cells, excelize.RowOpts{Height: height(cells)}); err != nil {
			return err
		}
	}
	return s.Flush()
}

func (w *confirming) row(one Waiting) []any {
	r := one.Row
	of := r.Of
	if of == 0 {
		of = r.Number
	}
	out := []any{excelize.Cell{StyleID: w.wrap, Value: of}, excelize.Cell{StyleID: w.wrap, Value: text.Guard(w.content(r))}}
	for i := range most {
		suggestion, why := "", ""
		if i < len(one.Suggestions) {
			suggestion, why = w.suggestion(one.Suggestions[i]), w.why(one.Suggestions[i])
		}
		out = append(out, excelize.Cell{StyleID: w.wrap, Value: text.Guard(suggestion)}, excelize.Cell{StyleID: w.wrap, Value: text.Guard(why)})
	}
	out = append(out, excelize.Cell{StyleID: w.ask}, excelize.Cell{StyleID: w.ask})
	for _, i := range w.original {
		cell := excelize.Cell{StyleID: w.wrap, Value: text.Guard(r.Cells.Cell(i).Text)}
		if amount, err := sheet.Rupiah(r.Cells.Cell(i)); err == nil && w.isMoney[i] {
			cell = excelize.Cell{StyleID: w.money, Value: int64(amount)}
		}
		out = append(out, cell)
	}
	return out
}

// height returns how high a row must be for all that is to be compared: not
// every program finds out by itself.
func height(cells []any) float64 {
	lines := 1
	for _, c := range cells[:2+2*most] {
		text, _ := c.(excelize.Cell).Value.(string)
		n := 0
		for line := range strings.SplitSeq(text, "\n") {
			n += 1 + utf8.RuneCountInString(line)/36
		}
		lines = max(lines, n)
	}
	return min(float64(lines)*15+3, 400)
}

// content is what an officer needs to see of a row.
func (w *confirming) content(r *Row) string {
	return said(r.Text, r.Location, strings.TrimSpace(r.VillageText+" "+r.Kecamatan), w.lang.Rupiah(r.Amount), strings.Trim(r.SubKegiatan+" · "+r.Line, " ·"))
}

// said returns the lines that say something.
func said(lines ...string) string {
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

// Suggested says what a suggestion is and what speaks for it, on one line each.
func Suggested(s Suggestion, r *Registers, lang text.Lang) (what, why string) {
	w := &confirming{registers: r, lang: lang}
	return w.suggestion(s), strings.ReplaceAll(w.why(s), "\n", " ")
}

func (w *confirming) suggestion(s Suggestion) string {
	c := s.Of
	where := w.registers.Name(c.Village)
	return said(c.Number, c.Title, c.Location, strings.Trim(where+" · "+w.lang.Rupiah(c.Amount), " ·"), c.Standing)
}

func (w *confirming) why(s Suggestion) string {
	lines := []string{w.lang.T("match.score", "score", strconv.Itoa(s.Score))}
	for _, y := range s.Why {
		params := slices.Clone(y.Params)
		for i := 1; i < len(params); i += 2 {
			if name := w.registers.Name(params[i]); name != "" {
				params[i] = name
			}
		}
		lines = append(lines, "• "+w.lang.T(y.Code, params...)+" (+"+strconv.Itoa(y.Points)+")")
	}
	return strings.Join(lines, "\n")
}

// choices gives the cells of the answer their list. What belongs to the sheet as
// a whole has to stand before its rows are streamed.
func (w *confirming) choices(rows int) error {
	column, err := excelize.ColumnNumberToName(answerColumn)
	if err != nil {
		return err
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", column, column, rows+1)
	if err := v.SetDropList(answers); err != nil {
		return err
	}
	v.SetInput(w.lang.T("confirm.answer_title"), w.lang.T("confirm.answer_help"))
	v.SetError(excelize.DataValidationErrorStyleStop, w.lang.T("confirm.answer_title"), w.lang.T("confirm.answer_wrong"))
	if err := w.file.AddDataValidation(confirmSheet, v); err != nil {
		return err
	}
	if err := w.file.SetSheetProps(confirmSheet, &excelize.SheetPropsOptions{FitToPage: new(true)}); err != nil {
		return err
	}
	return w.file.SetPageLayout(confirmSheet, &excelize.PageLayoutOptions{Orientation: new("landscape"), Size: new(8), FitToWidth: new(1), FitToHeight: new(0)})
}

func (w *confirming) guide() error {
	if _, err := w.file.NewSheet(guideSheet); err != nil {
		return err
	}
	if err := w.file.SetColWidth(guideSheet, "A", "A", 100); err != nil {
		return err
	}
	for i, line := range strings.Split(w.lang.T("confirm.guide"), "\n") {
		at := "A" + strconv.Itoa(i+1)
		if err := w.file.SetRowHeight(guideSheet, i+1, float64(1+utf8.RuneCountInString(line)/95)*15+3); err != nil {
			return err
		}
		style := w.wrap
		if i == 0 {
			style = w.head
		}
		if err := w.file.SetCellValue(guideSheet, at, line); err != nil {
			return err
		}
		if err := w.file.SetCellStyle(guideSheet, at, at, style); err != nil {
			return err
		}
	}
	return nil
}

func meta(f *excelize.File, m Meta) error {
	if _, err := f.NewSheet(metaSheet); err != nil {
		return err
	}
	for i, pair := range [][2]string{{"kind", m.Kind}, {"digest", m.Digest}, {"lines", strconv.Itoa(m.Lines)}, {"total", strconv.FormatInt(int64(m.Total), 10)}} {
		if err := f.SetSheetRow(metaSheet, "A"+strconv.Itoa(i+1), &[]string{pair[0], pair[1]}); err != nil {
			return err
		}
	}
	return f.SetSheetVisible(metaSheet, false)
}

// MetaOf returns what a workbook of Confirm says of its list; false for any
// other file, and for a workbook from which it was taken away.
func MetaOf(f *sheet.File) (Meta, bool) {
	var m Meta
	if !slices.Contains(f.Sheets, metaSheet) {
		return m, false
	}
	for row, err := range f.Rows(metaSheet) {
		if err != nil {
			return m, false
		}
		value := row.Cell(1).Text
		n, _ := strconv.ParseInt(value, 10, 64)
		switch row.Cell(0).Text {
		case "kind":
			m.Kind = value
		case "digest":
			m.Digest = value
		case "lines":
			m.Lines = int(n)
		case "total":
			m.Total = domain.Rupiah(n)
		}
	}
	return m, slices.Contains(Kinds, m.Kind) && m.Lines > 0 && m.Total > 0
}
