package sipd

import (
	"hash/maphash"
	"maps"
	"slices"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/proposal"
)

// A scan is what one pass over a file tells before anything is taken in: how many
// rows it has, which ids, and for which places and OPDs it speaks. It holds some
// tens of bytes a row.
type scan struct {
	rows   int
	ids    map[string]known
	seed   maphash.Seed
	places map[string]bool // kode wilayah of villages
	opds   map[string]bool
}

// known is what is kept of an id: where it stands first, a hash of that row, and
// whether another row of the same id says something else.
type known struct {
	first  int32
	hash   uint64
	differ bool
}

// look reads every row once.
func (r *reader) look(f *sheet.File, name string, progress func(done int)) (*scan, error) {
	s := &scan{ids: make(map[string]known), seed: maphash.MakeSeed(), places: make(map[string]bool), opds: make(map[string]bool)}
	found := make(map[string]string) // codes by what is written: the same names come by the thousand
	cached := func(kind, a, b string, find func() (string, error)) string {
		key := kind + "\x00" + a + "\x00" + b
		code, ok := found[key]
		if !ok {
			code, _ = find()
			if len(found) < 50_000 {
				found[key] = code
			}
		}
		return code
	}
	for row, err := range r.Data(f.Rows(name)) {
		if err != nil {
			return nil, err
		}
		s.rows++
		if s.rows%1000 == 0 {
			progress(s.rows)
		}
		s.note(r, row)
		kecamatan, kelurahan := blanked(r.Get(row, "kecamatan")), blanked(r.Get(row, "kelurahan"))
		if kelurahan != "" {
			if code := cached("village", kecamatan, kelurahan, func() (string, error) { return r.places.village(kecamatan, kelurahan) }); code != "" {
				s.places[code] = true
			}
		}
		office := blanked(r.Get(row, "opd_akhir"))
		if office == "" {
			office = blanked(r.Get(row, "opd_awal"))
		}
		if code := cached("opd", office, "", func() (string, error) { return r.places.opd(office) }); code != "" {
			s.opds[code] = true
		}
	}
	return s, nil
}

// note remembers a row's id.
func (s *scan) note(r *reader, row sheet.Row) {
	c := r.Get(row, "id")
	if c.Blank() {
		return
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	for i := range row.Cells {
		if i == r.numbered() {
			continue // a running number says nothing of the row
		}
		h.WriteString(row.Cells[i].Text)
		h.WriteByte(0)
	}
	k, twice := s.ids[c.Text]
	if !twice {
		s.ids[c.Text] = known{first: int32(row.Number), hash: h.Sum64()}
		return
	}
	if k.hash != h.Sum64() {
		k.differ = true
		s.ids[c.Text] = k
	}
}

// coverage returns what the file speaks for: the kecamatan its rows lie in and the
// OPDs they are with. A file of one village speaks for that village alone.
func (s *scan) coverage(lane proposal.Lane) (places, opds []string) {
	opds = slices.Sorted(maps.Keys(s.opds))
	if lane == proposal.Pokir {
		return nil, opds
	}
	villages := slices.Sorted(maps.Keys(s.places))
	if len(villages) == 1 {
		return villages, opds
	}
	for _, v := range villages {
		if k := domain.KecamatanOf(v); !slices.Contains(places, k) {
			places = append(places, k)
		}
	}
	return places, opds
}
