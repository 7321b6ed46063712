package lists

import (
	"slices"
	"strings"
	"unicode"

	"runut/domain"
	"runut/domain/reference"
)

// Registers find what people write for villages and offices.
type Registers struct {
	names    map[string][]string // name of a village, its words joined, to kode wilayah
	villages map[string]bool
	areas    map[string][]string // name of a kecamatan to kode wilayah
	offices  map[string]string   // name or code of an OPD to its code
	called   map[string]string   // code of a place to its name
}

// NewRegisters returns what the registers of places and offices know; either may
// be nil.
func NewRegisters(places, offices *reference.Edition) *Registers {
	r := &Registers{names: map[string][]string{}, villages: map[string]bool{}, areas: map[string][]string{}, offices: map[string]string{}, called: map[string]string{}}
	if places != nil {
		for _, e := range places.Entries {
			r.called[e.Code] = e.Name
			switch strings.Count(e.Code, ".") {
			case 3:
				r.villages[e.Code] = true
				name := joined(e.Name)
				r.names[name] = append(r.names[name], e.Code)
			case 2:
				name := joined(e.Name)
				r.areas[name] = append(r.areas[name], e.Code)
			}
		}
	}
	if offices != nil {
		for _, e := range offices.Entries {
			r.offices[e.Code], r.offices[joined(e.Name)] = e.Code, e.Code
		}
	}
	return r
}

// Name returns what a place is called; "" for a code that is not known.
func (r *Registers) Name(code string) string { return r.called[code] }

// Office returns the code of an OPD by its code or name; "" for none that is
// known.
func (r *Registers) Office(text string) string {
	if code, ok := r.offices[code(text)]; ok {
		return code
	}
	return r.offices[joined(text)]
}

// Villages returns the villages that a row may lie in: by the code or the name in
// its own column, else by a name in its location. A name that several villages
// bear gives all of them, unless the kecamatan tells which.
func (r *Registers) Villages(village, kecamatan, location string) []string {
	if code := code(village); r.villages[code] {
		return []string{code}
	}
	found := r.names[joined(village)]
	if village == "" {
		found = r.within(location)
	}
	if len(found) < 2 || kecamatan == "" {
		return found
	}
	areas := r.areas[joined(kecamatan)]
	in := slices.DeleteFunc(slices.Clone(found), func(v string) bool {
		area := domain.KecamatanOf(v)
		return area != code(kecamatan) && !slices.Contains(areas, area)
	})
	if len(in) == 0 {
		return found
	}
	return in
}

// longest is how many words the name of a village has at most, in a text.
const longest = 4

// within returns the villages whose name stands in a text: of names that begin
// at the same word the longest.
func (r *Registers) within(text string) []string {
	words := pieces(text)
	for i := range words {
		for n := min(longest, len(words)-i); n > 0; n-- {
			if found := r.names[strings.Join(words[i:i+n], "")]; found != nil {
				return found
			}
		}
	}
	return nil
}

// joined returns a name as it is compared: lower case, without signs, blanks and
// the word that only says what kind of place it is.
func joined(name string) string { return strings.Join(pieces(name), "") }

func pieces(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool {
		switch w {
		case "desa", "ds", "kelurahan", "kel", "kecamatan", "kec", "kampung", "gampong", "nagari", "kalurahan", "kapanewon", "distrik":
			return true
		}
		return false
	})
}
