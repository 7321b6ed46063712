package demo

import "fmt"

// A kecamatan and its villages.
type kecamatan struct {
	code, name string
	villages   []village
}

// A village is a desa, or a kelurahan whose code's last part begins with 1.
type village struct {
	code, name string
	kelurahan  bool
	silent     bool // never hands anything in
}

func (v village) title() string {
	if v.kelurahan {
		return "Kelurahan " + v.name
	}
	return "Desa " + v.name
}

// The names are ordinary words, joined so that no real place is meant.
var kecamatanNames = []string{
	"Contoh Kota", "Misal Hulu", "Misal Hilir", "Umpama Barat", "Umpama Timur", "Teladan", "Tamsil Raya", "Tamsil Utara", "Andai Jaya",
	"Andai Selatan", "Ibarat", "Rekaan", "Khayal Makmur", "Cita Mulia", "Angan Sari", "Contoh Pesisir", "Contoh Pedalaman", "Contoh Pulau",
}

var villageWords = []string{"Maju", "Rukun", "Sari", "Jaya", "Mulya", "Makmur", "Damai", "Harapan", "Sentosa", "Bakti", "Lestari", "Subur"}

var villageStems = []string{
	"Kota", "Hulu", "Hilir", "Barat", "Timur", "Teladan", "Tamsil", "Tamsil Ilir", "Andai", "Andai Ulu", "Ibarat", "Rekaan", "Khayal", "Cita", "Angan", "Pesisir", "Pedalaman", "Pulau",
}

// silentVillages never take part: somebody must be able to ask why.
var silentVillages = map[string]bool{
	Kabupaten + ".03.2006": true, Kabupaten + ".07.2004": true, Kabupaten + ".11.2002": true,
	Kabupaten + ".16.2007": true, Kabupaten + ".17.2003": true, Kabupaten + ".18.2006": true,
}

// territory returns 18 kecamatan with 139 desa and 2 kelurahan; or for tests all
// villages of the first kecamatan and every part-th of the others, above 20 of
// those alone that the demo does something particular with.
func territory(part int) []kecamatan {
	out := make([]kecamatan, len(kecamatanNames))
	for i, name := range kecamatanNames {
		k := kecamatan{code: fmt.Sprintf("%s.%02d", Kabupaten, i+1), name: name}
		desa := 8
		if i%4 == 1 {
			desa = 7
		}
		for n := range desa {
			if n%part != 0 && i > 0 || part > 20 && i > 1 && i != extendedKecamatan && i != reopenedKecamatan {
				continue
			}
			code := fmt.Sprintf("%s.%d", k.code, 2001+n)
			k.villages = append(k.villages, village{code: code, name: villageStems[i] + " " + villageWords[n], silent: silentVillages[code]})
		}
		if i == 0 {
			for n, word := range []string{"Pasar", "Alun-Alun"} {
				k.villages = append(k.villages, village{code: fmt.Sprintf("%s.%d", k.code, 1001+n), name: "Kota " + word, kelurahan: true})
			}
		}
		out[i] = k
	}
	return out
}
