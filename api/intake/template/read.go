package template

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/proposal"
)

// Most is how many rows a workbook may have.
const Most = 50_000

// An Entry is one filled row.
type Entry struct {
	Number  int       // in the file
	Cells   sheet.Row // as they stand, for a quarantine
	Key     uuid.UUID // what the row is known by
	ByRow   bool      // the key is that of a prepared row; else it is drawn from what the row says
	Lane    proposal.Lane
	Idea    proposal.Idea
	Minutes domain.Document
	Column  string // heading of the first cell that cannot be read
	Err     error  // why; nil for a row that reads
}

// A Table is a workbook that was read.
type Table struct {
	Mark     Mark
	Layout   sheet.Layout
	Entries  []Entry
	Examples int // rows that only showed how it is done
}

// MarkOf returns what a workbook says it is. A refusal says why it cannot be
// read: it is none of ours, or of another version.
func MarkOf(f *sheet.File) (Mark, error) {
	seen := 0
	for row, err := range f.Rows(rowsOf(f)) {
		if err != nil {
			return Mark{}, err
		}
		for _, c := range row.Cells[:min(len(row.Cells), 4)] {
			m, _, ok := parseMark(c.Text)
			if ok && m.Version != Version {
				return m, domain.Refuse(domain.Invalid, "template.version", "file", f.Name, "version", strconv.Itoa(m.Version), "wanted", strconv.Itoa(Version))
			}
			if ok {
				return m, nil
			}
		}
		if seen++; seen > 100 {
			break
		}
	}
	return Mark{}, domain.Refuse(domain.Invalid, "template.unrecognised", "file", f.Name)
}

// rowsOf returns the sheet that holds the rows: its own, or that of a quarantine.
func rowsOf(f *sheet.File) string {
	if slices.Contains(f.Sheets, sheetRows) {
		return sheetRows
	}
	return ""
}

// Read reads the rows of a workbook whose mark is known, by the choices of its
// year and kabupaten.
func Read(f *sheet.File, m Mark, c Choices) (*Table, error) {
	name := rowsOf(f)
	layout, err := sheet.Find(f.Rows(name), readColumns())
	if err != nil {
		return nil, err
	}
	t := &Table{Mark: m, Layout: layout}
	r := reader{layout: layout, mark: m, choices: c, seen: map[uuid.UUID]bool{}}
	for row, err := range layout.Data(f.Rows(name)) {
		if err != nil {
			return nil, err
		}
		if r.isNote(row) || r.isEmpty(row) {
			continue
		}
		if strings.HasPrefix(strings.ToUpper(r.line(row, "title")), example) {
			t.Examples++
			continue
		}
		if len(t.Entries) >= Most {
			return nil, domain.Refuse(domain.Exhausted, "template.too_long", "file", f.Name, "most", strconv.Itoa(Most))
		}
		t.Entries = append(t.Entries, r.entry(row))
	}
	return t, nil
}

// A reader reads rows one after the other.
type reader struct {
	layout  sheet.Layout
	mark    Mark
	choices Choices
	seen    map[uuid.UUID]bool // keys of rows before this one
	at      *Entry
}

func (r *reader) cell(row sheet.Row, key string) sheet.Cell { return r.layout.Get(row, key) }

func (r *reader) line(row sheet.Row, key string) string {
	if c := r.cell(row, key); !c.Blank() {
		return sheet.Line(c.Text)
	}
	return ""
}

// isNote reports whether a row is the one of notes under the headings.
func (r *reader) isNote(row sheet.Row) bool {
	return r.line(row, "title") == columns[indexOf("title")].note
}

// isEmpty reports whether nobody has written in a prepared row: the number, and
// the village of a workbook for one, stand in every row.
func (r *reader) isEmpty(row sheet.Row) bool {
	for _, c := range columns {
		if c.key != "row" && c.key != "village" && !r.cell(row, c.key).Blank() {
			return false
		}
	}
	return true
}

// fault notes the first thing in a row that cannot be read.
func (r *reader) fault(key string, err error) {
	if r.at.Err == nil && err != nil {
		r.at.Column, r.at.Err = r.layout.Heading(key), err
	}
}

// choice reads a cell that offers choices.
func (r *reader) choice(row sheet.Row, key string, list []Choice) (Choice, bool) {
	written := r.line(row, key)
	if written == "" {
		return Choice{}, false
	}
	c, ok := find(list, written)
	if !ok {
		r.fault(key, domain.Refuse(domain.Invalid, "template.choice", "column", columns[indexOf(key)].heading, "value", short(written)))
	}
	return c, ok
}

func (r *reader) entry(row sheet.Row) Entry {
	e := Entry{Number: row.Number, Cells: row, Lane: proposal.Musrenbang}
	r.at = &e
	text := func(key string) domain.Text { return domain.Mask(sheet.Clean(r.cell(row, key).Text)) }
	if lane, ok := r.choice(row, "lane", r.choices.Lanes); ok {
		e.Lane = proposal.Lane(lane.Code)
	}
	r.missing(row, e.Lane)
	if village, ok := r.choice(row, "village", r.choices.Villages); ok {
		e.Idea.Village = village.Code
	}
	kamus, known := Choice{}, false
	if !outside(r.line(row, "kamus")) {
		kamus, known = r.choice(row, "kamus", r.choices.Kamus)
	}
	if known {
		e.Idea.Kamus, e.Idea.OPD = kamus.Code, kamus.OPD
	}
	if office, ok := r.choice(row, "opd", r.choices.Offices); ok {
		e.Idea.OPD = office.Code
	}
	if e.Idea.OPD == "" {
		r.fault("opd", domain.Refuse(domain.Invalid, "template.opd_missing"))
	}
	e.Idea.Title, e.Idea.Problem = domain.Mask(r.line(row, "title")), text("problem")
	e.Idea.Description, e.Idea.Location = text("description"), domain.Mask(r.line(row, "location"))
	r.numbers(row, &e, kamus)
	if basic, ok := r.choice(row, "basic", r.choices.Services); ok {
		e.Idea.BasicService = basic.Code
	}
	e.Idea.Issues = r.issues(row)
	r.minutes(row, &e)
	e.Key, e.ByRow = r.key(row, e.Idea)
	return e
}

// missing examines that a row of the musrenbang states all that it must. What
// other lanes need, whoever takes them in is told by the rules.
func (r *reader) missing(row sheet.Row, lane proposal.Lane) {
	var missing []string
	first := ""
	for _, c := range columns {
		if c.required && r.cell(row, c.key).Blank() && (lane == proposal.Musrenbang || c.key == "title" || c.key == "village") {
			missing = append(missing, c.heading)
			if first == "" {
				first = c.key
			}
		}
	}
	if missing != nil {
		r.fault(first, domain.Refuse(domain.Invalid, "template.missing", "columns", strings.Join(missing, ", ")))
	}
}

// numbers reads what is counted.
func (r *reader) numbers(row sheet.Row, e *Entry, kamus Choice) {
	if c := r.cell(row, "priority"); !c.Blank() {
		n, err := strconv.Atoi(strings.TrimSpace(c.Text))
		if err != nil || n < 1 || n > 9999 {
			r.fault("priority", domain.Refuse(domain.Invalid, "template.priority", "value", short(c.Text)))
		}
		e.Idea.Priority = n
	}
	unit := r.cell(row, "unit")
	if unit.Blank() && kamus.Unit != "" {
		unit = sheet.Cell{Kind: sheet.Text, Text: kamus.Unit, Raw: kamus.Unit}
	}
	if c := r.cell(row, "volume"); !c.Blank() {
		volume, _, err := sheet.Volume(c, unit)
		r.fault("volume", err)
		e.Idea.Volume = volume
	}
	if c := r.cell(row, "estimate"); !c.Blank() {
		estimate, err := sheet.Rupiah(c)
		r.fault("estimate", err)
		e.Idea.Estimate = estimate
	}
	if written := r.line(row, "point"); written != "" {
		at, _, rest, ok := sheet.Place(written, sheet.Indonesia)
		if !ok || strings.IndexFunc(rest, unicode.IsLetter) >= 0 {
			r.fault("point", domain.Refuse(domain.Invalid, "template.point", "value", short(written)))
			return
		}
		e.Idea.Point = &at
	}
}

// issues reads strategic issues, as words of a list.
func (r *reader) issues(row sheet.Row) []string {
	var out []string
	for one := range strings.SplitSeq(r.line(row, "issues"), ",") {
		word := strings.Join(strings.Fields(strings.ToLower(one)), "_")
		if word == "" {
			continue
		}
		if len(word) > 40 || strings.IndexFunc(word, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) }) >= 0 {
			r.fault("issues", domain.Refuse(domain.Invalid, "template.issue", "value", short(one)))
			continue
		}
		out = append(out, word)
	}
	return out
}

// minutes reads the paper of the musyawarah, or of what else the lane rests on.
func (r *reader) minutes(row sheet.Row, e *Entry) {
	number := r.line(row, "minutes")
	if domain.Identifies(number) {
		r.fault("minutes", domain.Refuse(domain.Invalid, "template.minutes"))
		return
	}
	if number == "" {
		return
	}
	e.Minutes = domain.Document{Kind: "berita_acara", Number: number}
	if c := r.cell(row, "date"); !c.Blank() {
		day, err := sheet.Day(c)
		r.fault("date", err)
		e.Minutes.Date = day
	}
}

// key returns what a row is known by: the number that was prepared for it, or
// where it has none, or one that an earlier row has too, what it says itself.
func (r *reader) key(row sheet.Row, i proposal.Idea) (uuid.UUID, bool) {
	m, n, ok := parseMark(r.cell(row, "row").Text)
	if ok && n > 0 && m.Year == r.mark.Year {
		key := uuid.NewSHA1(m.File, []byte(strconv.Itoa(n)+" "+i.Village))
		if !r.seen[key] {
			r.seen[key] = true
			return key, true
		}
	}
	said := strings.Join([]string{"runut template", strconv.Itoa(r.mark.Year), i.Village, fold(i.Title.Masked), fold(i.Location.Masked)}, "\x00")
	key := uuid.NewSHA1(uuid.NameSpaceOID, []byte(said))
	if r.seen[key] {
		r.fault("title", domain.Refuse(domain.Conflict, "template.row_twice"))
	}
	r.seen[key] = true
	return key, false
}

// fold returns a text as it is compared: its letters and digits, in lower case.
func fold(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, text)
}

// outside reports whether a cell says that the kamus has no word for it.
func outside(written string) bool {
	switch fold(written) {
	case "", "diluarkamus", "tidakada", "lainnya":
		return true
	}
	return false
}

func short(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}
