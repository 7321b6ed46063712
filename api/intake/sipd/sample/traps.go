package sample

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"
)

// Details that identify somebody, as careless people write them into texts. All
// are made up.
const (
	NIK   = "9901015507880003"
	Phone = "0812-7788-9900"
	Email = "warga.contoh@surel.example"
	Name  = "Suparjo Kenari"
)

// Details are all of them, and the proposers' names.
func Details() []string {
	return append([]string{NIK, Phone, Email, Name, "081277889900"}, people...)
}

// spellings are twelve ways to write units.
var spellings = []string{"m", "M'", "m1", "mtr", "Meter", "m²", "meter persegi", "bh", "Paket", "pkt.", "LS", "org"}

// traps returns one row for each thing that is known to go wrong.
func (m *maker) traps() ([]row, []Trap) {
	var rows []row
	var traps []Trap
	n := 0
	add := func(what, code string, change func(r row)) {
		m.rand = rand.New(rand.NewPCG(m.Seed, uint64(9_000_000+n)))
		r, _ := m.fresh(90_000 + n)
		m.advance(r, 0)
		change(r)
		rows = append(rows, r)
		traps = append(traps, Trap{ID: fmt.Sprint(r["id"]), What: what, Code: code})
		n++
	}
	set := func(key string, value any) func(row) { return func(r row) { r[key] = value } }
	for _, unit := range spellings {
		add("unit "+unit, "", set("satuan", unit))
	}
	add("rupiah with signs", "", set("anggaran", "Rp1.234.567,00"))
	add("rupiah as a float", "", set("anggaran", 1234567.0))
	add("rupiah in words", "sheet.amount_words", set("anggaran", "1,2 juta"))
	add("rupiah that was rounded", "sheet.amount_rounded", set("anggaran", "1,25E+09"))
	add("a date as a serial number", "", set("tanggal_usul", 46055))
	add("a date as a date", "", set("tanggal_usul", time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)))
	add("a day that is none", "sheet.day_impossible", set("tanggal_usul", "31/02/2026"))
	add("coordinates in the address", "", set("alamat", "Jl. Poros RT 03 (0.502106, 117.153709)"))
	add("the wrong hemisphere", "", set("alamat", "Jl. Poros RT 03 -8.502106, -115.153709"))
	add("latitude and longitude swapped", "", set("alamat", "Dusun Mawar 117.153709, -0.502106"))
	add("coordinates of another country", "sipd.point_outside", set("alamat", "Dusun Mawar 48.858400, 2.294500"))
	add("a text cut at 255 characters", "", set("masalah", strings.Repeat("Jalan rusak berat. ", 20)[:255]))
	add("a NIK and a telephone number in the problem", "", set("masalah", "Atas nama "+Name+" NIK "+NIK+" hp "+Phone+" surel "+Email))
	add("a NIK in the address", "", set("alamat", "Rumah Bapak "+Name+" ("+NIK+") RT 02"))
	add("a telephone number in the note", "", set("catatan", "Hubungi "+Phone))
	add("a blank that does not show for the village", "sipd.column_blank", set("kelurahan", "\u00a0\u200b "))
	add("a village that is not there", "sipd.village_unknown", set("kelurahan", "Desa Antah Berantah"))
	add("a kecamatan that is not there", "sipd.kecamatan_unknown", set("kecamatan", "Kecamatan Negeri Dongeng"))
	add("a village with its kind before it", "", func(r row) { r["kelurahan"] = "DESA " + strings.ToUpper(fmt.Sprint(r["kelurahan"])) })
	add("a village by its code", "", func(r row) { r["kelurahan"], r["kecamatan"] = r["village"], "" })
	add("an OPD that is not there", "sipd.opd_unknown", set("opd_awal", "Dinas Perbintangan dan Perkapalan"))
	add("no OPD", "sipd.column_blank", set("opd_awal", "-"))
	add("a status that nobody knows", "sipd.status_unknown", set("status", "Menunggu Wangsit"))
	add("no status", "sipd.column_blank", set("status", nil))
	add("no id", "sipd.id_missing", set("id", ""))
	add("an id that is a NIK", "sipd.id_wrong", set("id", NIK))
	add("no title", "sipd.column_blank", set("usulan", "  "))
	add("no volume", "", set("volume", ""))
	add("no money", "", set("anggaran", 0))
	add("a range for a volume", "sheet.volume_unreadable", set("volume", "200-300"))
	add("an error for a volume", "sheet.volume_unreadable", set("volume", fault("#REF!")))
	add("a formula for a title", "", set("usulan", "=HYPERLINK(\"http://surel.example\",\"Jalan\")"))
	add("line breaks in a text", "", set("masalah", "Jalan rusak\nSaat hujan tergenang"))
	add("another kabupaten", "sipd.kabupaten_other", set("kabupaten", "Kabupaten Seberang"))
	twin := ""
	add("an id twice, the first", "sipd.id_twice", func(r row) { twin = fmt.Sprint(r["id"]) })
	add("an id twice, the second", "sipd.id_twice", func(r row) { r["id"], r["masalah"] = twin, "Lain sama sekali" })
	add("the same row", "", func(r row) {})
	same := row{}
	maps.Copy(same, rows[len(rows)-1])
	rows = append(rows, same)
	return m.fitting(rows, traps)
}

// fitting leaves out what the export of pokir has no columns for.
func (m *maker) fitting(rows []row, traps []Trap) ([]row, []Trap) {
	if !m.Pokir {
		return rows, traps
	}
	for i := range traps {
		switch what := traps[i].What; {
		case strings.Contains(what, "village"), strings.Contains(what, "kecamatan"), strings.Contains(what, "kabupaten"):
			traps[i].Code = ""
		}
	}
	return rows, traps
}

// A fault is a cell that holds an error.
type fault string
