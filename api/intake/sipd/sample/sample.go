// Package sample makes exports as SIPD would write them, of a kabupaten that does
// not exist: for trying the import, and for testing it. Everything in them is
// invented; nobody's number in them is anybody's.
//
// The same options give the same rows. A later week is the week before with some
// rows changed, some added and few gone.
package sample

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/reference"
)

// Options say what is made.
type Options struct {
	Wilayah []reference.Entry // kecamatan and villages
	OPD     []reference.Entry
	Rows    int
	Seed    uint64
	Week    int  // 0 is the first export
	Pokir   bool // the export of the council's points: no profile, no places, but the secretariat
	Traps   bool // every trap there is known of, behind the rows
	Wide    bool // with the columns that the larger variants have besides
	Merged  bool // a title above, and headings over two rows with merged cells
	Shuffle bool // the columns in another order
}

// A Table is an export: what stands above, the headings and the rows.
type Table struct {
	Above []string
	Upper []string // the upper row of headings, where there are two
	Lower []string
	Rows  [][]any
	Traps []Trap
}

// A Trap is a row that is not as it should be.
type Trap struct {
	ID   string
	What string
	Code string // of the refusal; "" where the row is to be taken in
}

// A row is what one proposal says, by column.
type row map[string]any

type maker struct {
	Options
	rand     *rand.Rand
	villages []reference.Entry
	parents  map[string]string
}

// Make returns an export.
func Make(o Options) Table {
	m := &maker{Options: o, parents: map[string]string{}}
	for _, e := range o.Wilayah {
		m.parents[e.Code] = e.Name
		if strings.Count(e.Code, ".") == 3 && e.Until == "" {
			m.villages = append(m.villages, e)
		}
	}
	m.OPD = slices.DeleteFunc(slices.Clone(o.OPD), func(e reference.Entry) bool { return e.Until != "" })
	var rows []row
	for n := range o.Rows + o.Week*(o.Rows/50+1) {
		if r := m.at(n); r != nil {
			rows = append(rows, r)
		}
	}
	var traps []Trap
	if o.Traps {
		var odd []row
		odd, traps = m.traps()
		rows = append(rows, odd...)
	}
	return m.table(rows, traps)
}

// at returns the n-th proposal as it stands in the week, nil where it is not in
// the export: not yet, or not any more.
func (m *maker) at(n int) row {
	born := 0
	for w := 1; w <= m.Week; w++ {
		if n >= m.Rows+(w-1)*(m.Rows/50+1) {
			born = w
		}
	}
	m.rand = rand.New(rand.NewPCG(m.Seed, uint64(n)<<8|b2u(m.Pokir)))
	r, stage := m.fresh(n)
	for w := born + 1; w <= m.Week; w++ {
		m.rand = rand.New(rand.NewPCG(m.Seed^uint64(w)<<40, uint64(n)))
		switch p := m.rand.IntN(1000); {
		case p < 4:
			return nil
		case p < 40:
			stage++
		case p < 50:
			r["volume"] = fmt.Sprint(50 + 10*m.rand.IntN(90))
		case p < 58:
			r["anggaran"] = 25_000_000 * (1 + m.rand.IntN(20))
		case p < 64:
			r["opd_akhir"] = m.pick(m.OPD).Name
		case p < 68:
			r["catatan"] = "Sesuai hasil verifikasi lapangan"
		}
	}
	m.advance(r, stage)
	return r
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (m *maker) pick(of []reference.Entry) reference.Entry { return of[m.rand.IntN(len(of))] }

var works = []struct{ title, problem, unit, sub string }{
	{"Peningkatan jalan lingkungan", "Jalan berlubang dan tergenang saat hujan", "m", "1.03.10.2.01.0005 Rekonstruksi Jalan"},
	{"Rabat beton jalan usaha tani", "Hasil panen sulit diangkut", "M'", "1.03.10.2.01.0011 Pembangunan Jalan"},
	{"Pembangunan drainase", "Rumah warga tergenang tiap hujan deras", "meter", "1.03.06.2.01.0002 Pembangunan Sistem Drainase"},
	{"Rehabilitasi ruang kelas SD", "Plafon ambruk dan atap bocor", "ruang", "1.01.02.2.01.0011 Rehabilitasi Ruang Kelas"},
	{"Pembangunan sumur bor", "Sumur warga asin dan keruh", "unit", "1.03.03.2.01.0009 Pembangunan SPAM"},
	{"Bantuan bibit padi", "Panen gagal tahun lalu, bibit habis", "ha", "3.27.02.2.01.0006 Penyediaan Benih"},
	{"Penerangan jalan lingkungan", "Jalan gelap, rawan kecelakaan", "titik", "1.04.05.2.01.0021 Penyediaan PSU"},
	{"Pelatihan keterampilan menjahit", "Ibu rumah tangga ingin menambah penghasilan", "org", "2.07.03.2.01.0001 Pelatihan"},
	{"Pengadaan alat posyandu", "Timbangan posyandu rusak", "pkt", "1.02.02.2.02.0015 Pengelolaan Gizi"},
	{"Perbaikan rumah tidak layak huni", "Rumah berlantai tanah", "unit", "1.04.02.2.01.0004 Rehabilitasi Rumah"},
}

var people = []string{"Sukarman Kenanga", "Wartinah Dahlia", "Mulyono Cempaka", "Rusmiati Melati", "Partono Anggrek"}

// fresh returns the n-th proposal as it was handed in, and how far it had come.
func (m *maker) fresh(n int) (row, int) {
	w := works[m.rand.IntN(len(works))]
	v := m.pick(m.villages)
	office := m.pick(m.OPD)
	r := row{
		"id": fmt.Sprint(410_000 + n + int(b2u(m.Pokir))*500_000), "tanggal_usul": fmt.Sprintf("%02d/%02d/2026", 1+m.rand.IntN(28), 1+m.rand.IntN(2)),
		"pengusul": people[m.rand.IntN(len(people))], "profil": "Desa", "usulan": w.title, "masalah": w.problem,
		"alamat":    fmt.Sprintf("RT %02d RW %02d Dusun %s", 1+m.rand.IntN(9), 1+m.rand.IntN(4), []string{"Mawar", "Melur", "Kenanga"}[m.rand.IntN(3)]),
		"kabupaten": "Kabupaten Contoh", "kecamatan": strings.ToUpper(m.parents[domain.KecamatanOf(v.Code)]), "kelurahan": v.Name, "usulan_ke": fmt.Sprint(1 + m.rand.IntN(12)),
		"opd_awal": office.Name, "opd_akhir": "", "volume": fmt.Sprint(20 + 10*m.rand.IntN(60)), "satuan": w.unit,
		"anggaran": 10_000_000 * (1 + m.rand.IntN(40)), "jenis_belanja": "Belanja Modal", "sub_kegiatan": w.sub, "catatan": "",
		"village": v.Code,
	}
	if m.Pokir {
		r["pengusul"] = "Anggota Dewan " + people[m.rand.IntN(len(people))]
	}
	return r, m.rand.IntN(3)
}

// chain is what a proposal's status and recommendations say, step by step.
var chain = []struct{ status, level, opinion string }{
	{"Menunggu Verifikasi Kelurahan", "", ""},
	{"Menunggu Verifikasi Kecamatan", "lurah", "Disetujui"},
	{"Menunggu Verifikasi Mitra Bappeda", "camat", "Disetujui"},
	{"Menunggu Verifikasi SKPD", "mitra", "Direkomendasikan"},
	{"Menunggu Validasi TAPD", "skpd", "Disetujui dengan catatan"},
	{"Disetujui TAPD", "tapd", "Disetujui"},
}

func (m *maker) advance(r row, stage int) {
	steps := chain
	if m.Pokir {
		steps = slices.Clone(chain)[1:]
		steps[0].status, steps[0].level = "Menunggu Verifikasi Sekwan", ""
		steps[0].opinion = ""
		steps[1].level = "sekwan"
	}
	stage = min(stage, len(steps)-1)
	r["status"] = steps[stage].status
	for _, s := range steps[1 : stage+1] {
		if s.level != "" {
			r["rekom_"+s.level] = s.opinion
		}
	}
	if m.Wide && stage >= len(steps)-2 {
		r["anggaran_skpd"], r["koefisien_skpd"] = r["anggaran"], r["volume"]
	}
}

// A heading is a column of the export, with the group it stands in where headings
// have two rows.
type heading struct{ key, group, name string }

var usual = []heading{
	{"no", "", "No"}, {"id", "", "ID Usulan"}, {"tanggal_usul", "", "Tanggal Usul"}, {"pengusul", "", "Pengusul"}, {"profil", "", "Profil"},
	{"usulan", "", "Usulan"}, {"masalah", "", "Masalah"}, {"alamat", "Lokasi", "Alamat"}, {"kabupaten", "Lokasi", "Kabupaten"},
	{"kecamatan", "Lokasi", "Kecamatan"}, {"kelurahan", "Lokasi", "Kelurahan"}, {"usulan_ke", "", "Usulan Ke"},
	{"opd_awal", "", "OPD Tujuan Awal"}, {"opd_akhir", "", "OPD Tujuan Akhir"}, {"status", "", "Status"}, {"catatan", "", "Catatan"},
	{"rekom_mitra", "Rekomendasi", "Mitra"}, {"rekom_lurah", "Rekomendasi", "Kelurahan/Desa"}, {"rekom_camat", "Rekomendasi", "Kecamatan"},
	{"rekom_skpd", "Rekomendasi", "SKPD"}, {"rekom_tapd", "Rekomendasi", "TAPD"}, {"volume", "", "Volume"}, {"satuan", "", "Satuan"},
	{"anggaran", "", "Anggaran"}, {"jenis_belanja", "", "Jenis Belanja"}, {"sub_kegiatan", "", "Sub Kegiatan"},
}

var wider = []heading{
	{"anggaran_skpd", "", "anggaran_skpd"}, {"koefisien_skpd", "", "koefisien_skpd"}, {"latar", "", "latbel_teks"}, {"dasar", "", "dashuk_teks"},
	{"maksud", "", "maksud_teks"}, {"tujuan", "", "tujuan_teks"}, {"lokus", "", "lokus_usulan"}, {"lat", "", "map_lat"}, {"lng", "", "map_lng"},
	{"status_lahan", "", "is_stat_lahan"}, {"sertifikat_lahan", "", "is_sertifikat_lahan"}, {"is_tolak", "", "is_tolak"}, {"is_batal", "", "is_batal"},
	{"file_foto", "", "file_foto"}, {"nama_kontak", "", "nama_kontak"},
}

// headings returns the columns of the variant that is wanted.
func (m *maker) headings() []heading {
	all := slices.Clone(usual)
	if m.Pokir {
		all = slices.DeleteFunc(all, func(h heading) bool {
			return slices.Contains([]string{"profil", "kabupaten", "kecamatan", "kelurahan", "rekom_lurah", "rekom_camat"}, h.key)
		})
		all = slices.Insert(all, 1+slices.IndexFunc(all, func(h heading) bool { return h.key == "rekom_mitra" }), heading{"rekom_sekwan", "Rekomendasi", "Sekwan"})
	}
	if m.Wide {
		all = append(all, wider...)
	}
	if m.Shuffle {
		rand.New(rand.NewPCG(m.Seed, 7)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	return all
}

// table lays rows out.
func (m *maker) table(rows []row, traps []Trap) Table {
	headings := m.headings()
	t := Table{Traps: traps, Above: []string{"DATA CONTOH · DAFTAR USULAN", ""}}
	for _, h := range headings {
		name := h.name
		if h.group == "Rekomendasi" && !m.Merged {
			name = "Rekomendasi " + h.name
		}
		t.Lower = append(t.Lower, name)
		t.Upper = append(t.Upper, cmp.Or(h.group, h.name))
	}
	if !m.Merged {
		t.Upper, t.Above = nil, nil
	}
	for i, r := range rows {
		cells := make([]any, len(headings))
		for c, h := range headings {
			cells[c] = r[h.key]
		}
		if c := slices.IndexFunc(headings, func(h heading) bool { return h.key == "no" }); c >= 0 {
			cells[c] = i + 1
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// Exported is when the export of a week was made, for names of files: Fridays at
// four in the afternoon.
func Exported(first time.Time, week int) time.Time { return first.AddDate(0, 0, 7*week) }
