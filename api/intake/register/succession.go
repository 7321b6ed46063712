package register

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/reference"
)

// A Succession is what one paper says of who follows whom.
type Succession struct {
	Decree domain.Document
	To     map[string][]string // successors of a code; a village has one
	Assign map[string]string   // number of a proposal to its OPD, where there are several
}

// A SuccessionTable is a table of successions that was read. Rows = Taken + Faulty.
type SuccessionTable struct {
	File        string
	Digest      string
	Successions []Succession // in the order of the papers' days
	Rows        int
	Taken       int
	Faulty      int
	Faults      []Fault
	Quarantine  *sheet.Quarantine
}

var successionColumns = []sheet.Column{
	{Key: "from", Names: []string{"Dari", "Kode Lama", "Dari Kode"}, Required: true},
	{Key: "to", Names: []string{"Ke", "Kode Baru", "Ke Kode", "Menjadi"}, Required: true},
	{Key: "ground", Names: []string{"Dasar", "Dasar Hukum"}, Required: true},
	{Key: "day", Names: []string{"Tanggal", "Tanggal Dasar"}, Required: true},
	{Key: "proposal", Names: []string{"Usulan", "Nomor Usulan"}},
}

// ReadSuccession reads who follows whom in a register: from, to, the paper that
// says so ("Perda 5/2026") and its day. Rows about an OPD that is divided may name
// the proposal that goes to this successor. From must be a code that an edition
// before had, to one of the edition in force.
func ReadSuccession(f *sheet.File, sheetName, register string, known reference.Register) (*SuccessionTable, error) {
	layout, err := sheet.Find(f.Rows(sheetName), successionColumns)
	if err != nil {
		return nil, err
	}
	r := &reading{layout: layout}
	r.Table.Register = register
	t := &SuccessionTable{File: f.Name, Digest: f.Digest}
	papers := map[domain.Document]*Succession{}
	successors := map[string]string{} // of a village, over all papers
	for row, err := range layout.Data(f.Rows(sheetName)) {
		if err != nil {
			return nil, err
		}
		r.Rows++
		s, err := r.succession(row, known, successors)
		if err != nil {
			if err := r.refuse(row, err); err != nil {
				return nil, err
			}
			continue
		}
		r.Taken++
		p := papers[s.decree]
		if p == nil {
			p = &Succession{Decree: s.decree, To: map[string][]string{}, Assign: map[string]string{}}
			papers[s.decree] = p
		}
		if !slices.Contains(p.To[s.from], s.to) {
			p.To[s.from] = append(p.To[s.from], s.to)
		}
		if s.proposal != "" {
			p.Assign[s.proposal] = s.to
		}
	}
	for _, decree := range slices.SortedFunc(maps.Keys(papers), func(a, b domain.Document) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Number, b.Number))
	}) {
		t.Successions = append(t.Successions, *papers[decree])
	}
	t.Rows, t.Taken, t.Faulty, t.Faults, t.Quarantine = r.Rows, r.Taken, r.Faulty, r.Faults, r.Quarantine
	if t.Rows == 0 {
		return nil, domain.Refuse(domain.Invalid, "register.no_entries", "file", f.Name)
	}
	return t, nil
}

type successionRow struct {
	from, to, proposal string
	decree             domain.Document
}

func (r *reading) succession(row sheet.Row, known reference.Register, successors map[string]string) (s successionRow, err error) {
	villages := r.Table.Register == "wilayah"
	example := "1.03.0.00.0.00.01.0000"
	if villages {
		example = "64.08.01.2001"
	}
	if s.from, err = r.codeOf(row, "from", example); err != nil {
		return s, err
	}
	if s.to, err = r.codeOf(row, "to", example); err != nil {
		return s, err
	}
	if s.from == s.to {
		return s, in("to", domain.Refuse(domain.Invalid, "register.succeeds_itself", "code", s.from))
	}
	if !slices.ContainsFunc(known.Editions, func(e *reference.Edition) bool { _, had := e.Entry(s.from); return had }) {
		return s, in("from", domain.Refuse(domain.NotFound, "register.never_known", "code", s.from, "register", r.Table.Register))
	}
	if _, ok := known.On("").Entry(s.to); !ok {
		return s, in("to", domain.Refuse(domain.NotFound, "register.not_in_force", "code", s.to, "register", r.Table.Register, "edition", known.On("").Name))
	}
	if other := successors[s.from]; villages && other != "" && other != s.to {
		return s, in("to", domain.Refuse(domain.Conflict, "register.two_successors", "code", s.from, "first", other, "second", s.to))
	}
	if s.decree, err = r.decree(row); err != nil {
		return s, err
	}
	if s.proposal, err = r.text(row, "proposal"); err != nil || s.proposal == "" {
		successors[s.from] = s.to
		return s, err
	}
	if s.proposal, err = domain.ParseNumber(s.proposal); err != nil {
		return s, in("proposal", err)
	}
	successors[s.from] = s.to
	return s, nil
}

// papersBy are the kinds of paper by the word that stands before their number.
var papersBy = map[string]string{
	"perda": "perda", "perbup": "perkada", "perwali": "perkada", "perkada": "perkada", "perwal": "perkada", "uu": "undang_undang", "pp": "peraturan_pemerintah", "permendagri": "permendagri",
	"kepmendagri": "kepmendagri", "sk": "sk", "kepbup": "sk", "surat": "surat", "qanun": "perda",
}

var paperForm = regexp.MustCompile(`^(\pL+)\.?\s+(?i:nomor|no\.?)?\s*(.*\d.*)$`)

// decree reads a paper: "Perda 5/2026", "Perda Nomor 5 Tahun 2026", and its day.
func (r *reading) decree(row sheet.Row) (domain.Document, error) {
	written, err := r.text(row, "ground")
	if err != nil {
		return domain.Document{}, err
	}
	m := paperForm.FindStringSubmatch(written)
	if m == nil || papersBy[strings.ToLower(m[1])] == "" {
		return domain.Document{}, in("ground", domain.Refuse(domain.Invalid, "register.ground_unreadable", "ground", written))
	}
	day, err := sheet.Day(r.layout.Get(row, "day"))
	if err != nil {
		return domain.Document{}, in("day", err)
	}
	number := strings.TrimSpace(m[2])
	if domain.Identifies(number) {
		return domain.Document{}, in("ground", domain.Refuse(domain.Invalid, "register.personal", "code", fmt.Sprint(row.Number)))
	}
	return domain.Document{Kind: papersBy[strings.ToLower(m[1])], Number: strings.ReplaceAll(number, " Tahun ", "/"), Date: day}, nil
}
