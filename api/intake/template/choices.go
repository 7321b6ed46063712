package template

import (
	"cmp"
	"slices"
	"strings"

	"runut/api/intake/sheet"
	"runut/api/text"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/proposal"
	"runut/domain/reference"
)

// A Choice is one value that a cell offers.
type Choice struct {
	Code string
	Name string
	Unit string // of an entry of the kamus: the usual unit
	OPD  string // of an entry of the kamus: who is asked
}

// Choices are what the cells offer, from the registers in the log.
type Choices struct {
	Villages []Choice
	Kamus    []Choice
	Offices  []Choice
	Services []Choice
	Lanes    []Choice
	Units    []Choice
	Edition  string // of the kamus
}

// services are the classes of basic service; lanes those ways in that a village
// or who carries its file may use.
var (
	services = []string{"pendidikan", "kesehatan", "air_sanitasi", "perlindungan_sosial", "adminduk"}
	lanes    = []proposal.Lane{proposal.Musrenbang, proposal.UsulanLangsung, proposal.KiprahDesa, proposal.Pokir}
	units    = []string{"m", "m2", "m3", "km", "unit", "paket", "titik", "ruang", "orang", "ha", "ekor", "batang", "kelompok"}
)

// NewChoices returns what the registers offer on a day, for the villages within
// an area: a kabupaten, a kecamatan, or one village. The kamus is the cycle's
// own where it published one.
func NewChoices(places, offices, kamus *reference.Edition, c cycle.State, area, day string) Choices {
	var out Choices
	for _, e := range entries(places) {
		if strings.Count(e.Code, ".") == 3 && domain.Within(e.Code, area) && e.On(day) {
			name := e.Name
			if up, ok := places.Entry(domain.KecamatanOf(e.Code)); ok && e.Code != area {
				name += ", " + kecamatan(up.Name)
			}
			out.Villages = append(out.Villages, Choice{Code: e.Code, Name: name})
		}
	}
	for _, e := range entries(offices) {
		if e.On(day) {
			out.Offices = append(out.Offices, Choice{Code: e.Code, Name: e.Name})
		}
	}
	if words := c.Words["kamus"]; words != nil {
		out.Edition = words.Edition
		for _, w := range words.Entries {
			out.Kamus = append(out.Kamus, Choice{Code: w.Code, Name: w.ID, Unit: w.Unit, OPD: w.OPD})
		}
	} else if kamus != nil {
		out.Edition = kamus.Name
		for _, e := range kamus.Entries {
			if e.On(day) {
				out.Kamus = append(out.Kamus, Choice{Code: e.Code, Name: e.Name, Unit: e.Facts["unit"], OPD: e.Facts["opd"]})
			}
		}
	}
	for _, code := range services {
		out.Services = append(out.Services, Choice{Code: code, Name: text.ID.T("basic." + code)})
	}
	for _, lane := range lanes {
		out.Lanes = append(out.Lanes, Choice{Code: string(lane), Name: text.ID.T("lane." + string(lane))})
	}
	seen := map[string]bool{}
	add := func(unit string) {
		if unit = sheet.Unit(unit); unit != "" && !seen[unit] {
			seen[unit] = true
			out.Units = append(out.Units, Choice{Code: unit, Name: unit})
		}
	}
	for _, k := range out.Kamus {
		add(k.Unit)
	}
	for _, unit := range units {
		add(unit)
	}
	for _, list := range [][]Choice{out.Villages, out.Kamus, out.Offices, out.Units} {
		slices.SortStableFunc(list, func(a, b Choice) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code)) })
	}
	return out
}

func entries(e *reference.Edition) []reference.Entry {
	if e == nil {
		return nil
	}
	return e.Entries
}

func kecamatan(name string) string {
	if strings.HasPrefix(strings.ToLower(name), "kecamatan ") {
		return "Kec." + name[len("kecamatan"):]
	}
	return "Kec. " + name
}

// behind is what stands between the name of a choice and its code. The name
// comes first, so that typing it finds the choice.
const behind = " · "

// label is what a cell shows of a choice.
func (c Choice) label() string {
	if c.Name == c.Code {
		return c.Code
	}
	return c.Name + behind + c.Code
}

// find returns the choice that a cell means: by what the list shows, by the code
// or by a name that is only one's.
func find(list []Choice, written string) (Choice, bool) {
	written = sheet.Line(written)
	code := written
	if i := strings.LastIndex(written, strings.TrimSpace(behind)); i >= 0 {
		code = strings.TrimSpace(written[i+len(strings.TrimSpace(behind)):])
	}
	named := -1
	for i, c := range list {
		if strings.EqualFold(c.Code, code) {
			return c, true
		}
		short, _, _ := strings.Cut(c.Name, ", Kec.")
		if !strings.EqualFold(c.Name, written) && !strings.EqualFold(short, written) {
			continue
		}
		if named >= 0 {
			return Choice{}, false // two of one name
		}
		named = i
	}
	if named < 0 {
		return Choice{}, false
	}
	return list[named], true
}

// lists returns the choices by the name that columns give them.
func (c Choices) lists() map[string][]Choice {
	return map[string][]Choice{"desa": c.Villages, "kamus": c.Kamus, "opd": c.Offices, "layanan": c.Services, "jalur": c.Lanes, "satuan": c.Units}
}
