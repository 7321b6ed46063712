package sipd

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"runut/domain"
	"runut/domain/reference"
)

// Places finds codes for the names that people write of villages and OPDs, by the
// registers of a day.
type places struct {
	kabupaten string // kode wilayah
	name      string // of the kabupaten, where the register says
	kecamatan names
	villages  map[string]names // by kode wilayah of the kecamatan
	anywhere  names            // villages of all kecamatan
	opds      names
	byCode    map[string]reference.Entry
}

// names are entries by what they are called: as written, and without the word
// that says what they are.
type names struct {
	full, short map[string][]reference.Entry
	all         []reference.Entry
}

func (n *names) add(e reference.Entry) {
	if n.full == nil {
		n.full, n.short = make(map[string][]reference.Entry), make(map[string][]reference.Entry)
	}
	n.full[squeezed(e.Name)] = append(n.full[squeezed(e.Name)], e)
	n.short[shortened(e.Name)] = append(n.short[shortened(e.Name)], e)
	n.all = append(n.all, e)
}

// find returns the entries that a name can mean.
func (n names) find(name string) []reference.Entry {
	if found := n.full[squeezed(name)]; len(found) > 0 {
		return found
	}
	return n.short[shortened(name)]
}

// newPlaces reads the registers as they hold on a local day.
func newPlaces(kabupaten, day string, wilayah, opd *reference.Edition) *places {
	p := &places{kabupaten: kabupaten, villages: make(map[string]names), byCode: make(map[string]reference.Entry)}
	for _, e := range entriesOf(wilayah) {
		if e.Code == kabupaten {
			p.name = e.Name
		}
		if !domain.Within(e.Code, kabupaten) || !e.On(day) {
			continue
		}
		p.byCode[e.Code] = e
		switch strings.Count(e.Code, ".") {
		case 2:
			p.kecamatan.add(e)
		case 3:
			of := p.villages[domain.KecamatanOf(e.Code)]
			of.add(e)
			p.villages[domain.KecamatanOf(e.Code)] = of
			p.anywhere.add(e)
		}
	}
	for _, e := range entriesOf(opd) {
		if e.On(day) {
			p.byCode[e.Code] = e
			p.opds.add(e)
		}
	}
	return p
}

func entriesOf(e *reference.Edition) []reference.Entry {
	if e == nil {
		return nil
	}
	return e.Entries
}

var (
	villageCode = regexp.MustCompile(`[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}`)
	officeCode  = regexp.MustCompile(`[0-9]\.[0-9]{2}(?:\.[0-9]{1,4}){1,6}`)
)

// village returns the kode wilayah of a village by what kecamatan and kelurahan
// are called. The refusal names what comes nearest.
func (p *places) village(kecamatan, kelurahan string) (string, error) {
	if code := villageCode.FindString(kelurahan); code != "" {
		if _, known := p.byCode[code]; known {
			return code, nil
		}
	}
	within := p.anywhere
	if strings.TrimSpace(kecamatan) != "" {
		found := p.kecamatan.find(kecamatan)
		if len(found) != 1 {
			return "", domain.Refuse(domain.Invalid, "sipd.kecamatan_unknown", "name", plain(kecamatan), "near", nearest(kecamatan, p.kecamatan.all)).At("kecamatan")
		}
		within = p.villages[found[0].Code]
	}
	found := within.find(kelurahan)
	if len(found) > 1 {
		found = ofKind(found, kelurahan)
	}
	switch {
	case len(found) == 1:
		return found[0].Code, nil
	case len(found) > 1:
		return "", domain.Refuse(domain.Invalid, "sipd.village_ambiguous", "name", plain(kelurahan), "near", listed(found)).At("kelurahan")
	}
	return "", domain.Refuse(domain.Invalid, "sipd.village_unknown", "name", plain(kelurahan), "kecamatan", plain(kecamatan), "near", nearest(kelurahan, within.all)).At("kelurahan")
}

// ofKind keeps the desa or the kelurahan where the name says which is meant: the
// last part of the code of a kelurahan begins with 1, that of a desa with 2.
func ofKind(found []reference.Entry, name string) []reference.Entry {
	kind := ""
	switch words := strings.Fields(strings.ToLower(name)); {
	case len(words) == 0:
	case strings.HasPrefix(words[0], "kel"):
		kind = "1"
	case words[0] == "desa" || words[0] == "ds" || words[0] == "ds.":
		kind = "2"
	}
	if kind == "" {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(e reference.Entry) bool {
		return !strings.HasPrefix(e.Code[strings.LastIndexByte(e.Code, '.')+1:], kind)
	})
}

// opd returns the code of an OPD by its name or code.
func (p *places) opd(name string) (string, error) {
	if code := officeCode.FindString(name); code != "" {
		if _, known := p.byCode[code]; known {
			return code, nil
		}
	}
	found := p.opds.find(officeCode.ReplaceAllString(name, ""))
	switch len(found) {
	case 1:
		return found[0].Code, nil
	case 0:
		return "", domain.Refuse(domain.Invalid, "sipd.opd_unknown", "name", plain(name), "near", nearest(name, p.opds.all))
	}
	return "", domain.Refuse(domain.Invalid, "sipd.opd_ambiguous", "name", plain(name), "near", listed(found))
}

// isKabupaten reports whether a name can be that of the kabupaten.
func (p *places) isKabupaten(name string) bool {
	return p.name == "" || strings.TrimSpace(name) == "" || shortened(name) == shortened(p.name) || strings.Contains(name, p.kabupaten)
}

// plain returns what a person wrote as it may be shown.
func plain(written string) string {
	if runes := []rune(written); len(runes) > 80 {
		written = string(runes[:80]) + "…"
	}
	return domain.Mask(written).Masked
}

// squeezed returns letters and digits alone, in lower case.
func squeezed(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// kinds are words before a name that say what it is the name of.
var kinds = map[string]bool{
	"kecamatan": true, "kec": true, "desa": true, "ds": true, "kelurahan": true, "kel": true, "kabupaten": true, "kab": true, "kota": true,
	"kampung": true, "kp": true, "nagari": true, "gampong": true, "distrik": true, "kapanewon": true, "kalurahan": true,
}

// shortened is squeezed without the words before a name that say what it is.
func shortened(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for len(words) > 1 && kinds[words[0]] {
		words = words[1:]
	}
	short := words[:0]
	for _, w := range words {
		if w != "dan" {
			short = append(short, w)
		}
	}
	return strings.Join(short, "")
}

// nearest returns the three entries whose names come nearest, as they are shown
// to whoever mends the row.
func nearest(name string, all []reference.Entry) string {
	type scored struct {
		entry reference.Entry
		far   int
	}
	wanted := []rune(shortened(name))
	if len(wanted) > 60 {
		wanted = wanted[:60]
	}
	var near []scored
	for _, e := range all {
		near = append(near, scored{e, distance(wanted, []rune(shortened(e.Name)))})
	}
	slices.SortStableFunc(near, func(a, b scored) int { return cmp.Compare(a.far, b.far) })
	var out []reference.Entry
	for _, s := range near[:min(3, len(near))] {
		if s.far <= max(2, len(wanted)/2) {
			out = append(out, s.entry)
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return listed(out)
}

func listed(entries []reference.Entry) string {
	var out []string
	for _, e := range entries[:min(5, len(entries))] {
		out = append(out, e.Name+" ("+e.Code+")")
	}
	return strings.Join(out, ", ")
}

// distance is how many letters must be changed, added or left out to make one
// word of the other (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		corner := row[0]
		row[0] = i + 1
		for j, y := range b {
			above := row[j+1]
			cost := corner
			if x != y {
				cost++
			}
			row[j+1] = min(cost, above+1, row[j]+1)
			corner = above
		}
	}
	return row[len(b)]
}
