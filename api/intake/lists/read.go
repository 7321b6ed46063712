package lists

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"runut/api/intake/sheet"
	"runut/domain"
)

// Most is how many rows a list may have: all of them are held, for the rows of
// one budget line are judged together.
const Most = 200_000

// Kinds are the documents whose lists are read, and the name each goes by.
var Kinds = []string{"rkpd", "ppas", "apbd", "perubahan"}

// columns are what a list may say. Names are those of SIPD's exports, of RKPD and
// PPAS as kabupaten print them, and of the workbook that Confirm writes.
var columns = []sheet.Column{
	{Key: "proposal", Names: []string{"Nomor usulan", "No usulan Runut", "Nomor Runut", "Kode usulan"}},
	{Key: "source", Names: []string{"ID usulan", "ID SIPD", "id_usulan", "ID usulan SIPD"}},
	{Key: "sub", Names: []string{"Kode sub kegiatan", "Sub kegiatan", "Kode subkegiatan", "Kode sub giat", "Kode", "Kode program/kegiatan/sub kegiatan"}},
	{Key: "account", Names: []string{"Kode rekening", "Rekening", "Kode akun", "Akun"}},
	{Key: "line", Names: []string{"Kode rincian", "ID rincian", "Kode SBL", "kode_sbl", "Rincian belanja", "ID DPA", "Nomor rincian"}},
	{Key: "amount", Names: []string{"Nilai", "Pagu", "Anggaran", "Pagu indikatif", "Pagu RKPD", "Pagu PPAS", "Pagu APBD", "Nilai anggaran", "Jumlah", "Pagu setelah perubahan", "Setelah perubahan"}},
	{Key: "line_total", Names: []string{"Nilai rincian", "Total rincian", "Pagu rincian", "Jumlah rincian"}},
	{Key: "fund", Names: []string{"Sumber dana", "Sumber pendanaan"}},
	{Key: "village", Names: []string{"Desa/Kelurahan", "Desa", "Kelurahan", "Kode desa", "Kode wilayah", "Desa/Kel", "Nama desa"}},
	{Key: "kecamatan", Names: []string{"Kecamatan", "Kode kecamatan"}},
	{Key: "location", Names: []string{"Lokasi", "Alamat", "Lokasi kegiatan", "Detail lokasi"}},
	{Key: "opd", Names: []string{"OPD", "SKPD", "Perangkat daerah", "Kode OPD", "Kode SKPD", "OPD pelaksana"}},
	{Key: "text", Names: []string{"Uraian", "Usulan", "Nama usulan", "Pekerjaan", "Uraian pekerjaan", "Nama kegiatan", "Uraian kegiatan", "Uraian belanja", "Nama paket"}},
	{Key: "reason", Names: []string{"Kode alasan", "Alasan tidak masuk", "Kode alasan tidak masuk"}},
	{Key: "words", Names: []string{"Penjelasan", "Penjelasan alasan", "Keterangan alasan"}},
	{Key: "origin", Names: []string{headOrigin}},
	{Key: "answer", Names: []string{headAnswer}},
	{Key: "choice", Names: []string{headChoice}},
	{Key: "first", Names: []string{headSuggestions[0]}},
	{Key: "second", Names: []string{headSuggestions[1]}},
	{Key: "third", Names: []string{headSuggestions[2]}},
}

// A Row is one row of a list as it reads.
type Row struct {
	Number      int       // in the file
	Cells       sheet.Row // as they stand, for a quarantine
	Proposal    string    // number of the proposal; "" where it names none
	Source      string    // id in SIPD
	SubKegiatan string
	Account     string
	Line        string
	Amount      domain.Rupiah
	Priced      bool // states an amount, perhaps of nothing
	LineTotal   domain.Rupiah
	Fund        string   // source of funds
	Villages    []string // kode wilayah of the village; several where a name is that of several
	VillageText string
	Kecamatan   string
	OPD         string
	Location    string
	Text        string
	Reason      string // code, where the row says why it is not in the document
	Words       string
	Answer      string // what an officer answered: see the answers of Confirm
	Of          int    // row of the list that this row of a confirmation is about; 0: none

	reads []read
	meant string // number of the proposal it means, once that is known
}

// A read is a value that could not be read, and the heading it stands under.
type read struct {
	heading string
	err     error
}

// A Refused is a row that is not taken in.
type Refused struct {
	Row    *Row
	Column string // heading; "" for the row as a whole
	Err    error
}

// A List is a list that was read.
type List struct {
	Layout   sheet.Layout
	Rows     []*Row
	Refused  []Refused
	Headings int           // rows of programmes and kegiatan above the rows that decide
	Footers  int           // rows of sums
	Footer   domain.Rupiah // the largest sum that the list itself states; 0: none
	Sum      domain.Rupiah // of all rows, those that were refused too as far as their amount can be read
	Confirms bool          // it is a workbook of Confirm
	Partial  bool          // it holds rows of a list, not all of one: it confirms, or mends a quarantine
}

// Read reads a sheet of a list; "" is the first one.
func Read(f *sheet.File, name string, registers *Registers) (*List, error) {
	if name == "" && slices.Contains(f.Sheets, confirmSheet) {
		name = confirmSheet
	}
	layout, err := sheet.Find(f.Rows(name), columns)
	if err != nil {
		return nil, err
	}
	if err := readable(layout); err != nil {
		return nil, err
	}
	layout.Unknown = slices.DeleteFunc(layout.Unknown, func(heading string) bool { return slices.Contains(told, heading) })
	l := &List{Layout: layout, Confirms: layout.Has("answer") && layout.Has("first") && layout.Has("origin")}
	l.Partial = l.Confirms || slices.Contains(layout.Headings, "Baris asal") && slices.Contains(layout.Headings, "Alasan")
	for row, err := range layout.Data(f.Rows(name)) {
		if err != nil {
			return nil, err
		}
		if len(l.Rows)+len(l.Refused) >= Most {
			return nil, domain.Refuse(domain.Exhausted, "lists.too_long", "file", f.Name, "most", strconv.Itoa(Most))
		}
		l.take(row, registers)
	}
	return l, nil
}

// readable examines that a list has the columns without which nothing can be
// decided: what is set aside, and for what.
func readable(l sheet.Layout) error {
	if !l.Has("amount") && !l.Has("reason") {
		return domain.Refuse(domain.Invalid, "lists.amount_column", "columns", strings.Join(l.Headings, ", "))
	}
	if slices.ContainsFunc([]string{"proposal", "source", "sub", "text", "location"}, l.Has) {
		return nil
	}
	return domain.Refuse(domain.Invalid, "lists.what_column", "columns", strings.Join(l.Headings, ", "))
}

func (l *List) take(row sheet.Row, registers *Registers) {
	r := &Row{Number: row.Number, Cells: row}
	said := func(key string) string {
		if c := l.Layout.Get(row, key); !c.Blank() {
			return sheet.Line(c.Text)
		}
		return ""
	}
	money := func(key string) (domain.Rupiah, bool) {
		c := l.Layout.Get(row, key)
		if c.Blank() {
			return 0, false
		}
		amount, err := sheet.Rupiah(c)
		if err != nil {
			r.reads = append(r.reads, read{l.Layout.Heading(key), err})
		}
		return amount, err == nil
	}
	r.Amount, r.Priced = money("amount")
	if l.footer(row, r, said) {
		return
	}
	r.Source, r.SubKegiatan, r.Account = said("source"), dottedCode(said("sub")), code(said("account"))
	r.Line, r.Fund, r.OPD = said("line"), said("fund"), said("opd")
	r.VillageText, r.Kecamatan, r.Location, r.Text = said("village"), said("kecamatan"), said("location"), said("text")
	r.Reason, r.Words = strings.ToUpper(code(said("reason"))), said("words")
	r.LineTotal, _ = money("line_total")
	if l.Confirms {
		r.Answer = strings.ToLower(said("answer"))
		r.Of, _ = strconv.Atoi(said("origin"))
	}
	if r.heads(said("proposal")) {
		l.Headings++
		return
	}
	if r.Amount == 0 && !r.Priced && r.nothing(said) {
		return
	}
	l.Sum += r.Amount
	r.Villages, r.OPD = registers.Villages(r.VillageText, r.Kecamatan, r.Location), registers.Office(r.OPD)
	l.answer(r, said)
	if len(r.reads) > 0 {
		l.Refused = append(l.Refused, Refused{r, r.reads[0].heading, r.reads[0].err})
		return
	}
	l.Rows = append(l.Rows, r)
}

// answer reads which proposal a row is about: the one that it names or, in a
// workbook of Confirm, the one that an officer chose.
func (l *List) answer(r *Row, said func(string) string) {
	key := "proposal"
	switch {
	case !l.Confirms:
	case r.Answer == answerNo || r.Answer == "" || r.Answer == answerWithout:
		key = ""
	case said("choice") != "":
		key = "choice"
	case r.Answer == answerYes:
		key = "first"
	case r.Answer == answerSecond:
		key = "second"
	case r.Answer == answerThird:
		key = "third"
	default:
		r.reads = append(r.reads, read{headAnswer, domain.Refuse(domain.Invalid, "lists.answer_unknown", "answer", r.Answer, "known", strings.Join(answers, ", "))})
		return
	}
	if key == "" {
		return
	}
	typed := said(key)
	if typed == "" && l.Confirms {
		r.reads = append(r.reads, read{headAnswer, domain.Refuse(domain.Invalid, "lists.answer_of_nothing", "answer", r.Answer)})
	}
	if typed == "" {
		return
	}
	number, err := domain.ParseNumber(strings.Fields(typed)[0])
	if err != nil {
		r.reads = append(r.reads, read{l.Layout.Heading(key), err})
		return
	}
	r.Proposal = number
}

// Say takes what somebody says that rows mean, by row of the file: the number of a
// proposal, or that no proposal asked for it, or that it is none of those suggested.
// Rows that the list does not have are passed over: it may have been mended since.
func (l *List) Say(answers map[int]string) error {
	for _, r := range l.Rows {
		switch said := answers[r.Number]; said {
		case "":
		case answerWithout, answerNo:
			r.Answer, r.Proposal = said, ""
		default:
			number, err := domain.ParseNumber(said)
			if err != nil {
				return err
			}
			r.Proposal = number
		}
	}
	return nil
}

// Says is what a row says in words, without anybody's details.
func (r *Row) Says() string {
	var parts []string
	for _, part := range []string{r.Text, r.Location, r.VillageText} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return domain.Mask(strings.Join(parts, " · ")).Masked
}

// footer reports whether a row states a sum, and notes the largest.
func (l *List) footer(row sheet.Row, r *Row, said func(string) string) bool {
	if said("proposal") != "" || said("source") != "" || said("sub") != "" && !sums.MatchString(said("sub")) {
		return false
	}
	for _, c := range row.Cells {
		if c.Blank() {
			continue
		}
		if !sums.MatchString(c.Text) {
			return false
		}
		l.Footers++
		if !partial.MatchString(c.Text) {
			l.Footer = max(l.Footer, r.Amount)
		}
		return true
	}
	return false
}

// sums is how rows begin that add up others.
var (
	sums    = regexp.MustCompile(`(?i)^(sub ?total|grand total|total|jumlah)\b`)
	partial = regexp.MustCompile(`(?i)^sub`)
)

// heads reports whether a row is the heading of a programme, a kegiatan or an
// account of which the rows below it are parts: lists of a budget repeat there
// the sum of what follows.
func (r *Row) heads(named string) bool {
	if named != "" || r.Source != "" {
		return false
	}
	short := func(code string) bool { return dotted.MatchString(code) && strings.Count(code, ".") < 5 }
	return short(r.SubKegiatan) || r.SubKegiatan == "" && short(r.Account)
}

var dotted = regexp.MustCompile(`^[0-9X](\.[0-9X]+)*$`)

// nothing reports whether a row says nothing that a list is about.
func (r *Row) nothing(said func(string) string) bool {
	for _, c := range columns {
		if said(c.Key) != "" {
			return false
		}
	}
	return true
}

// dottedCode returns the code that a cell begins with, "" where it begins with a
// name.
func dottedCode(text string) string {
	if c := code(text); dotted.MatchString(c) {
		return c
	}
	return ""
}

// code returns the code that a cell begins with: "1.03.10.2.01.0011 Rabat beton".
func code(text string) string {
	first, _, _ := strings.Cut(text, " ")
	return strings.TrimRight(first, ".")
}
