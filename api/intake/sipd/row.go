package sipd

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/proposal"
)

// An Entry is one row of an export, read: every value normalised, or the reason
// why not.
type Entry struct {
	Row      int // number in the file
	ID       string
	Lane     proposal.Lane
	Idea     proposal.Idea // without an OPD
	First    string        // code of the OPD it was addressed to
	Last     string        // code of the OPD it is with
	Status   string        // as written, on one line
	Note     domain.Text
	Slots    map[string]Slot
	Kept     []proposal.Said // columns that are kept as they are written
	Raw      []proposal.Said // what was written where a value was normalised
	Blank    []string        // columns of the table that say nothing in this row
	Doubts   []string
	Proposer domain.Secret

	SubKegiatan string // code
	Problems    []Problem
	source      sheet.Row
}

// A Slot is what one level's columns say.
type Slot struct {
	Text   domain.Text // as written
	Result string      // yes, no, changed, or the word of the source
	Volume domain.Volume
	Amount domain.Rupiah
}

// A Problem is why a row cannot be taken in, and the column at fault.
type Problem struct {
	Column string // key
	Err    *domain.Error
}

// A reader reads the rows of one table.
type reader struct {
	*table
	places *places
	status *StatusMap
	box    sheet.Box
	kamus  map[string]string // codes by squeezed name
	erased map[domain.Span]bool
}

// kept are columns that no member of an event holds: they are kept as they are
// written.
var kept = []string{"status", "catatan", "tanggal_usul", "profil", "jenis_belanja", "sub_kegiatan", "lokus", "status_lahan", "sertifikat_lahan",
	"kembalikan", "batal_teks", "tolak_teks"}

// read reads one row. It never fails: what is wrong is in Problems.
func (r *reader) read(row sheet.Row) Entry {
	e := Entry{Row: row.Number, Lane: r.lane, source: row}
	r.identity(&e, row)
	r.texts(&e, row)
	r.place(&e, row)
	r.measures(&e, row)
	r.offices(&e, row)
	r.opinions(&e, row)
	r.words(&e, row)
	return e
}

// cell returns what a column says and whether it says anything; a faulty cell is
// a problem.
func (r *reader) cell(e *Entry, row sheet.Row, key string) (sheet.Cell, bool) {
	if !r.Has(key) {
		return sheet.Cell{}, false
	}
	c := r.Get(row, key)
	if c.Kind == sheet.Fault {
		e.problem(key, domain.Refuse(domain.Invalid, "sheet.cell_faulty", "value", plain(c.Text)))
		return c, false
	}
	if c.Blank() {
		e.Blank = append(e.Blank, key)
		return c, false
	}
	return c, true
}

func (e *Entry) problem(key string, err error) {
	refusal, ok := err.(*domain.Error)
	if !ok {
		refusal = domain.Refuse(domain.Invalid, "sipd.unreadable")
	}
	e.Problems = append(e.Problems, Problem{key, refusal})
}

func (e *Entry) doubt(key, what string) {
	if d := key + ":" + what; !slices.Contains(e.Doubts, d) {
		e.Doubts = append(e.Doubts, d)
	}
}

// raw keeps what was written where it was read as something else.
func (e *Entry) raw(key, written string) {
	e.Raw = append(e.Raw, proposal.Said{Column: key, Text: domain.Mask(written)})
}

// mask cuts personal details out of what was written.
func (r *reader) mask(written string) domain.Text {
	return domain.MaskErased(written, func(s domain.Span) bool { return r.erased[s] })
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$`)

func (r *reader) identity(e *Entry, row sheet.Row) {
	c, says := r.cell(e, row, "id")
	switch {
	case !says:
		e.problem("id", domain.Refuse(domain.Invalid, "sipd.id_missing"))
	case !idForm.MatchString(c.Text) || domain.Identifies(c.Text):
		e.problem("id", domain.Refuse(domain.Invalid, "sipd.id_wrong", "value", plain(c.Text)))
	default:
		e.ID = c.Text
	}
	if c, says := r.cell(e, row, "pengusul"); says {
		e.Proposer = domain.Secret{Plain: sheet.Line(c.Text)}
	}
}

// texts reads what is asked for and why. A text of exactly 255 characters was
// perhaps cut by whoever stored it.
func (r *reader) texts(e *Entry, row sheet.Row) {
	if c, says := r.cell(e, row, "usulan"); says {
		e.Idea.Title = r.mask(sheet.Line(c.Text))
		e.Idea.Kamus = r.kamus[squeezed(c.Text)]
		e.cut("title", c)
	} else {
		e.problem("usulan", domain.Refuse(domain.Invalid, "sipd.column_blank", "column", r.heading("usulan")))
	}
	if c, says := r.cell(e, row, "masalah"); says {
		e.Idea.Problem = r.mask(c.Text)
		e.cut("problem", c)
	}
	var parts []string
	for _, key := range []string{"latar", "dasar", "maksud", "tujuan"} {
		if c, says := r.cell(e, row, key); says {
			parts = append(parts, c.Text)
			e.cut("description", c)
		}
	}
	e.Idea.Description = r.mask(strings.Join(parts, "\n"))
	if c, says := r.cell(e, row, "usulan_ke"); says {
		n, err := strconv.Atoi(strings.TrimSuffix(c.Text, ".0"))
		if err != nil || n < 1 || n > 100_000 {
			e.doubt("priority", "unreadable")
			e.raw("usulan_ke", sheet.Line(c.Text))
		} else {
			e.Idea.Priority = n
		}
	}
}

func (e *Entry) cut(member string, c sheet.Cell) {
	if sheet.LooksCut(c.Text) || sheet.LooksCut(c.Raw) {
		e.doubt(member, "cut")
	}
}

// place reads where it is: the village by the registers, the point out of the
// address or of columns of its own.
func (r *reader) place(e *Entry, row sheet.Row) {
	address, says := r.cell(e, row, "alamat")
	written, key := "", "alamat"
	if says {
		written = sheet.Line(address.Text)
		e.Idea.Location = r.mask(address.Text)
		e.cut("location", address)
	}
	lat, hasLat := r.cell(e, row, "lat")
	lng, hasLng := r.cell(e, row, "lng")
	if hasLat && hasLng {
		written, key = decimals(lat.Text)+", "+decimals(lng.Text), "lat"
	}
	r.point(e, written, key)
	if c, says := r.cell(e, row, "kabupaten"); says && !r.places.isKabupaten(c.Text) {
		e.problem("kabupaten", domain.Refuse(domain.Invalid, "sipd.kabupaten_other", "name", plain(c.Text), "kabupaten", r.places.name))
	}
	kecamatan, _ := r.cell(e, row, "kecamatan")
	kelurahan, says := r.cell(e, row, "kelurahan")
	if !says {
		if e.Lane != proposal.Pokir {
			e.problem("kelurahan", domain.Refuse(domain.Invalid, "sipd.column_blank", "column", r.heading("kelurahan")))
		}
		return
	}
	code, err := r.places.village(blanked(kecamatan), kelurahan.Text)
	if err != nil {
		refusal := err.(*domain.Error)
		column := refusal.Field
		refusal.Field = ""
		e.problem(column, refusal)
		return
	}
	e.Idea.Village = code
	if name := r.places.byCode[code].Name; squeezed(name) != squeezed(kelurahan.Text) {
		e.raw("kelurahan", sheet.Line(kelurahan.Text))
	}
}

func blanked(c sheet.Cell) string {
	if c.Blank() {
		return ""
	}
	return c.Text
}

// decimals puts a point where a comma stands, so that two numbers can be told
// apart by the comma between them.
func decimals(written string) string { return strings.ReplaceAll(strings.TrimSpace(written), ",", ".") }

var world = sheet.Box{South: -90, North: 90, West: -180, East: 180}

// point reads coordinates. Out of an address they are taken away, so that nobody
// takes them for a telephone number; put right, they are kept as written too.
func (r *reader) point(e *Entry, written, key string) {
	if written == "" {
		return
	}
	at, mends, rest, ok := sheet.Place(written, r.box)
	if !ok {
		if far, _, _, somewhere := sheet.Place(written, world); somewhere && !(far.Lat == "0" && far.Lon == "0") {
			e.problem(key, domain.Refuse(domain.Invalid, "sipd.point_outside", "point", far.Lat+", "+far.Lon))
		} else if somewhere {
			e.doubt("point", "zero")
		}
		return
	}
	e.Idea.Point = &at
	if key == "alamat" {
		e.Idea.Location = r.mask(rest)
	}
	for _, m := range mends {
		e.doubt("point", string(m))
	}
	if len(mends) > 0 {
		e.raw(key, written)
	}
}

// measures reads how much and for how much money.
func (r *reader) measures(e *Entry, row sheet.Row) {
	amount, says := r.cell(e, row, "volume")
	unit, _ := r.cell(e, row, "satuan")
	if says && !zero(amount) {
		v, raw, err := sheet.Volume(amount, unit)
		if err != nil {
			e.problem("volume", err)
		} else {
			e.Idea.Volume = v
			if raw != v.String() {
				e.raw("volume", raw)
			}
		}
	} else if says {
		e.nothing("volume", "volume")
	}
	if c, says := r.cell(e, row, "anggaran"); says && !zero(c) {
		e.Idea.Estimate = r.money(e, "anggaran", c)
	} else if says {
		e.nothing("anggaran", "estimate")
	}
}

// nothing notes that a column says zero, which is how people leave it empty.
func (e *Entry) nothing(key, member string) {
	e.doubt(member, "zero")
	e.Blank = append(e.Blank, key)
}

// money reads an amount, keeping what was written where that is more than digits.
func (r *reader) money(e *Entry, key string, c sheet.Cell) domain.Rupiah {
	n, err := sheet.Rupiah(c)
	if err != nil {
		e.problem(key, err)
		return 0
	}
	if written := sheet.Line(c.Text); written != strconv.FormatInt(int64(n), 10) {
		e.raw(key, written)
	}
	return n
}

func zero(c sheet.Cell) bool {
	return strings.Trim(strings.TrimPrefix(strings.ToLower(c.Text), "rp"), " 0.,") == ""
}

// offices reads whom it was addressed to and with whom it is now. SIPD keeps the
// first and the last.
func (r *reader) offices(e *Entry, row sheet.Row) {
	read := func(key string) string {
		c, says := r.cell(e, row, key)
		if !says {
			return ""
		}
		code, err := r.places.opd(sheet.Line(c.Text))
		if err != nil {
			e.problem(key, err)
			return ""
		}
		if squeezed(r.places.byCode[code].Name) != squeezed(c.Text) {
			e.raw(key, sheet.Line(c.Text))
		}
		return code
	}
	e.First, e.Last = read("opd_awal"), read("opd_akhir")
	if e.First == "" {
		e.First = e.Last
	}
	if e.Last == "" {
		e.Last = e.First
	}
	if e.First == "" && !slices.ContainsFunc(e.Problems, func(p Problem) bool { return strings.HasPrefix(p.Column, "opd_") }) {
		e.problem("opd_awal", domain.Refuse(domain.Invalid, "sipd.column_blank", "column", r.heading("opd_awal")))
	}
}

// opinions reads the columns of those who recommend.
func (r *reader) opinions(e *Entry, row sheet.Row) {
	for _, level := range levels {
		var s Slot
		c, says := r.cell(e, row, "rekom_"+level)
		if says {
			s.Text = r.mask(c.Text)
			s.Result = r.result(c.Text)
		}
		if c, has := r.cell(e, row, "anggaran_"+level); has && !zero(c) {
			s.Amount, says = r.money(e, "anggaran_"+level, c), true
		}
		if c, has := r.cell(e, row, "koefisien_"+level); has && !zero(c) {
			unit := r.Get(row, "satuan")
			v, _, err := sheet.Volume(c, unit)
			if err != nil {
				e.problem("koefisien_"+level, err)
				continue
			}
			s.Volume, says = v, true
		}
		if !says {
			continue
		}
		if s.Result == "" {
			s.Result = "amount"
		}
		if e.Slots == nil {
			e.Slots = make(map[string]Slot)
		}
		e.Slots[level] = s
	}
}

// result returns what a level's words come to: yes, no or changed where the map
// knows them, the words themselves where they are short, and "other" for prose,
// which is kept as a note.
func (r *reader) result(written string) string {
	if opinion := r.status.opinion(written); opinion != "" {
		return opinion
	}
	if word := plainWords(written); word != "" && len(word) <= 40 && !domain.Identifies(word) && !domain.Identifies(written) {
		return word
	}
	return "other"
}

var subKegiatan = regexp.MustCompile(`[0-9]\.[0-9]{2}(?:\.[0-9]{1,4}){3,4}`)

// words reads what is kept as it is written, and the status.
func (r *reader) words(e *Entry, row sheet.Row) {
	for _, key := range kept {
		c, says := r.cell(e, row, key)
		if !says {
			continue
		}
		written := c.Text
		switch key {
		case "tanggal_usul":
			day, err := sheet.Day(c)
			if err != nil {
				e.problem(key, err)
				continue
			}
			written = day
		case "status":
			e.Status = sheet.Line(c.Text)
		case "sub_kegiatan":
			e.SubKegiatan = subKegiatan.FindString(c.Text)
		case "catatan", "kembalikan", "batal_teks", "tolak_teks":
			e.Note = r.mask(c.Text)
			e.cut("note", c)
		}
		e.Kept = append(e.Kept, proposal.Said{Column: key, Text: r.mask(written)})
	}
	if e.Status == "" {
		e.Status = r.flagged(row)
		if e.Status != "" {
			e.Kept = append(e.Kept, proposal.Said{Column: "status", Text: domain.Text{Masked: e.Status}})
		}
	}
	if e.Status == "" {
		e.problem("status", domain.Refuse(domain.Invalid, "sipd.column_blank", "column", r.heading("status")))
	}
}

// flagged returns the word of a status that the flags of the wider variants stand
// for.
func (r *reader) flagged(row sheet.Row) string {
	for _, flag := range []struct{ key, status string }{{"is_batal", "dibatalkan"}, {"is_tolak", "ditolak"}, {"is_kembalikan", "dikembalikan"}} {
		if c := r.Get(row, flag.key); c.Text == "1" || c.Text == "true" {
			return flag.status
		}
	}
	if r.Has("status") {
		return ""
	}
	return "proses"
}

// spans returns the personal details that a row's texts hold.
func (e *Entry) spans() []domain.Span {
	var out []domain.Span
	for _, t := range []domain.Text{e.Idea.Title, e.Idea.Problem, e.Idea.Description, e.Idea.Location, e.Note} {
		out = append(out, t.Spans...)
	}
	for _, s := range e.Kept {
		out = append(out, s.Text.Spans...)
	}
	for _, s := range e.Raw {
		out = append(out, s.Text.Spans...)
	}
	for _, s := range e.Slots {
		out = append(out, s.Text.Spans...)
	}
	return out
}

// kamusOf returns the codes of a cycle's kamus usulan by what they are called.
func kamusOf(c cycle.State) map[string]string {
	words := c.Words["kamus"]
	if words == nil {
		return nil
	}
	codes := make(map[string]string, len(words.Entries))
	for _, w := range words.Entries {
		codes[squeezed(w.ID)] = w.Code
	}
	return codes
}
