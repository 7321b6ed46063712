package sheet

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"runut/domain"
)

// A Column is one that a reader of a table knows.
type Column struct {
	Key      string   // what the reader calls it
	Names    []string // what headings call it; letter case, blanks, signs and common abbreviations do not matter
	Required bool     // no table without it
}

// A Layout says which column of a table is which.
type Layout struct {
	Header   []Row    // the one or two rows of the heading
	Headings []string // of every column, the rows of the heading joined
	Unknown  []string // headings that were not understood
	columns  map[string]int
}

// searched is how many rows are looked at for the heading: above it stand titles,
// the name of the kabupaten, a logo.
const searched = 30

// quarantineColumns are what a Quarantine adds. They are not the table's own.
var quarantineColumns = []string{"Baris asal", "Kolom", "Alasan"}

// Find finds the heading of a table among its first rows: the row, or the two
// rows on top of each other, that name most of the columns. Where required
// columns are missing the refusal says which.
func Find(rows iter.Seq2[Row, error], columns []Column) (Layout, error) {
	first, err := firstRows(rows)
	if err != nil {
		return Layout{}, err
	}
	if len(first) == 0 {
		return Layout{}, domain.Refuse(domain.Invalid, "sheet.no_rows")
	}
	names := namesOf(columns)
	var best Layout
	for i, row := range first {
		candidates := []Layout{layout(names, row)}
		if i+1 < len(first) && headings(row) > 1 {
			candidates = append(candidates, layout(names, row, first[i+1]))
		}
		for _, c := range candidates {
			if len(c.columns) > len(best.columns) {
				best = c
			}
		}
	}
	var missing []string
	for _, c := range columns {
		if _, found := best.columns[c.Key]; c.Required && !found {
			missing = append(missing, "“"+c.Names[0]+"”")
		}
	}
	if len(best.columns) == 0 {
		return Layout{}, domain.Refuse(domain.Invalid, "sheet.heading_not_found", "columns", strings.Join(missing, ", "), "rows", strconv.Itoa(searched))
	}
	if len(missing) > 0 {
		return best, domain.Refuse(domain.Invalid, "sheet.columns_missing", "columns", strings.Join(missing, ", "), "row", strconv.Itoa(best.Header[0].Number))
	}
	return best, nil
}

func firstRows(rows iter.Seq2[Row, error]) ([]Row, error) {
	var first []Row
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if first = append(first, row); len(first) == searched {
			break
		}
	}
	return first, nil
}

// headings returns how many different texts a row has.
func headings(row Row) int {
	seen := map[string]bool{}
	for _, c := range row.Cells {
		if c.Kind != Empty {
			seen[c.Text] = true
		}
	}
	return len(seen)
}

// namesOf maps every name of every column to its key; the first column wins.
func namesOf(columns []Column) map[string]string {
	names := map[string]string{}
	for _, c := range columns {
		for _, name := range append([]string{c.Key}, c.Names...) {
			if _, taken := names[fold(name)]; !taken {
				names[fold(name)] = c.Key
			}
		}
	}
	return names
}

// layout reads one or two rows as the heading. The whole heading of a column
// counts before its lower row alone, so that "Rekomendasi SKPD / Volume" is not
// taken for the volume where there is a column of that name.
func layout(names map[string]string, header ...Row) Layout {
	l := Layout{Header: header, columns: map[string]int{}}
	width := 0
	for _, row := range header {
		width = max(width, len(row.Cells))
	}
	l.Headings = make([]string, width)
	lower := make([]string, width)
	for i := range width {
		lower[i] = Line(header[len(header)-1].Cell(i).Text)
		l.Headings[i] = lower[i]
		if upper := Line(header[0].Cell(i).Text); upper != lower[i] {
			l.Headings[i] = strings.TrimSpace(upper + " " + lower[i])
		}
	}
	understood := make([]bool, width)
	for _, headings := range [][]string{l.Headings, lower} {
		for i, heading := range headings {
			key, known := names[fold(heading)]
			if _, taken := l.columns[key]; heading != "" && known && !taken && !understood[i] {
				l.columns[key], understood[i] = i, true
			}
		}
	}
	for i, heading := range l.Headings {
		if heading != "" && !understood[i] && !slices.Contains(quarantineColumns, heading) {
			l.Unknown = append(l.Unknown, heading)
		}
	}
	return l
}

// Has reports whether the table has a column.
func (l Layout) Has(key string) bool {
	_, ok := l.columns[key]
	return ok
}

// Get returns a row's cell of a column; the zero Cell where the table has no such
// column.
func (l Layout) Get(row Row, key string) Cell {
	if i, ok := l.columns[key]; ok {
		return row.Cell(i)
	}
	return Cell{}
}

// Heading returns what the table calls a column.
func (l Layout) Heading(key string) string {
	if i, ok := l.columns[key]; ok {
		return l.Headings[i]
	}
	return ""
}

// Keys returns the keys of the columns that the table has, in alphabetical order.
func (l Layout) Keys() []string { return slices.Sorted(maps.Keys(l.columns)) }

// Data yields the rows below the heading, without the row that numbers the
// columns and without repetitions of the heading, which long tables have on every
// page.
func (l Layout) Data(rows iter.Seq2[Row, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		last := l.Header[len(l.Header)-1]
		for row, err := range rows {
			if err == nil && (row.Number <= last.Number || l.repeats(row) || row.Number <= last.Number+2 && numbers(row)) {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// repeats reports whether a row says in every column what the heading says.
func (l Layout) repeats(row Row) bool {
	for _, header := range l.Header {
		same := len(row.Cells) == len(header.Cells)
		for i := 0; same && i < len(row.Cells); i++ {
			same = row.Cells[i].Text == header.Cells[i].Text
		}
		if same {
			return true
		}
	}
	return false
}

// numbers reports whether a row counts the columns: 1, 2, 3 or (1), (2), (3).
func numbers(row Row) bool {
	at := 0
	for i, c := range row.Cells {
		if c.Kind == Empty {
			continue
		}
		n, err := strconv.Atoi(strings.Trim(c.Text, "()[] ."))
		if err != nil || n != at+1 && n != i+1 {
			return false
		}
		at = n
	}
	return at > 2
}

// abbreviations are how headings shorten common words.
var abbreviations = map[string]string{
	"kec": "kecamatan", "kel": "kelurahan", "kab": "kabupaten", "prov": "provinsi", "ds": "desa",
	"no": "nomor", "nmr": "nomor", "nm": "nama", "kd": "kode", "thn": "tahun", "th": "tahun", "tgl": "tanggal",
	"ket": "keterangan", "jml": "jumlah", "jlh": "jumlah", "vol": "volume", "sat": "satuan", "keg": "kegiatan",
	"subkeg": "subkegiatan", "prog": "program", "rek": "rekening", "rekom": "rekomendasi", "lok": "lokasi",
	"perm": "permasalahan", "prio": "prioritas",
}

// fold returns a heading as it is compared: lower case, abbreviations written out,
// without blanks, signs and the currency.
func fold(heading string) string {
	words := strings.FieldsFunc(strings.ToLower(Line(heading)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var b strings.Builder
	for _, w := range words {
		if w == "rp" {
			continue
		}
		if long, ok := abbreviations[w]; ok {
			w = long
		}
		b.WriteString(w)
	}
	return b.String()
}
