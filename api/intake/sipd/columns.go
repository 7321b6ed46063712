package sipd

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/proposal"
)

// The levels of SIPD's chain that give an opinion, as proposal.Recommended names
// them.
var levels = []string{"lurah", "camat", "sekwan", "mitra", "skpd", "tapd"}

// usual is the order of the columns in the export of musrenbang proposals. It
// counts only where a heading is missing in the midst of headings that agree.
var usual = []string{
	"no", "id", "tanggal_usul", "pengusul", "profil", "usulan", "masalah", "alamat", "kabupaten", "kecamatan", "kelurahan", "usulan_ke",
	"opd_awal", "opd_akhir", "status", "catatan", "rekom_mitra", "rekom_lurah", "rekom_camat", "rekom_skpd", "rekom_tapd",
	"volume", "satuan", "anggaran", "jenis_belanja", "sub_kegiatan",
}

// columns are all that an export of SIPD is known to have. What is not here is
// not taken in: an unknown column may name somebody.
var columns = []sheet.Column{
	{Key: originKey, Names: []string{"Baris asal"}},
	{Key: "no", Names: []string{"No.", "Nomor Urut", "No Urut"}},
	{Key: "id", Names: []string{"ID Usulan", "id_usulan", "ID", "Kode Usulan", "ID Usulan SIPD"}},
	{Key: "tanggal_usul", Names: []string{"Tanggal Usul", "Tanggal Usulan", "Tgl Usul", "Tanggal Input", "created_date"}},
	{Key: "pengusul", Names: []string{"Pengusul", "Nama Pengusul", "Pengusul Nama", "Nama Anggota DPRD", "Anggota DPRD", "nama_user"}},
	{Key: "profil", Names: []string{"Profil", "Jenis Profil", "Profil Pengusul", "jenis_profil", "level_pengusul"}},
	{Key: "usulan", Names: []string{"Usulan", "Nama Usulan", "Kamus Usulan", "Nama Kamus", "Usulan (Nama Kamus)", "giat_teks", "Kegiatan/Pekerjaan", "Pekerjaan"}},
	{Key: "masalah", Names: []string{"Masalah", "Permasalahan", "Uraian Masalah", "masalah_teks"}},
	{Key: "alamat", Names: []string{"Alamat", "Alamat Lokasi", "Lokasi Alamat", "Alamat/Lokasi", "Detail Lokasi", "alamat_teks", "Lokasi"}},
	{Key: "kabupaten", Names: []string{"Kabupaten", "Kabupaten/Kota", "Kab/Kota", "Lokasi Kabupaten", "Lokasi Kabupaten/Kota", "nama_kab", "kab_teks"}},
	{Key: "kecamatan", Names: []string{"Kecamatan", "Lokasi Kecamatan", "nama_kec", "camat_teks"}},
	{Key: "kelurahan", Names: []string{"Kelurahan", "Desa", "Desa/Kelurahan", "Kelurahan/Desa", "Lokasi Kelurahan", "Lokasi Desa/Kelurahan", "Lokasi Kelurahan/Desa", "nama_kel", "lurah_teks"}},
	{Key: "usulan_ke", Names: []string{"Usulan Ke", "Usulan ke-", "Prioritas", "Urutan Prioritas"}},
	{Key: "opd_awal", Names: []string{"OPD Tujuan Awal", "SKPD Tujuan Awal", "Perangkat Daerah Tujuan Awal", "OPD Awal", "SKPD Awal", "Tujuan Awal", "nama_skpd_awal", "id_skpd_awal"}},
	{Key: "opd_akhir", Names: []string{"OPD Tujuan Akhir", "SKPD Tujuan Akhir", "Perangkat Daerah Tujuan Akhir", "OPD Akhir", "SKPD Akhir", "Tujuan Akhir", "nama_skpd", "rev_unit", "OPD Tujuan", "SKPD Tujuan"}},
	{Key: "status", Names: []string{"Status", "Status Usulan", "nama_status", "Status Terakhir"}},
	{Key: "catatan", Names: []string{"Catatan", "Keterangan", "Catatan Status", "Catatan Verifikasi"}},
	{Key: "volume", Names: []string{"Volume", "koefisien", "Volume Usulan"}},
	{Key: "satuan", Names: []string{"Satuan", "Satuan Volume"}},
	{Key: "anggaran", Names: []string{"Anggaran", "Anggaran Usulan", "Pagu", "Pagu Usulan", "Anggaran (Rp)", "Perkiraan Anggaran", "Nilai Usulan"}},
	{Key: "jenis_belanja", Names: []string{"Jenis Belanja", "Belanja"}},
	{Key: "sub_kegiatan", Names: []string{"Sub Kegiatan", "Subkegiatan", "Kode Sub Kegiatan", "nama_sub_giat"}},
	// What the wider variants have besides.
	{Key: "latar", Names: []string{"latbel_teks", "Latar Belakang"}},
	{Key: "dasar", Names: []string{"dashuk_teks", "Dasar Hukum"}},
	{Key: "maksud", Names: []string{"maksud_teks", "Maksud"}},
	{Key: "tujuan", Names: []string{"tujuan_teks", "Tujuan"}},
	{Key: "lokus", Names: []string{"lokus_usulan", "Lokus"}},
	{Key: "lat", Names: []string{"map_lat", "Latitude", "Lintang", "Lat"}},
	{Key: "lng", Names: []string{"map_lng", "Longitude", "Bujur", "Long", "Lng"}},
	{Key: "status_lahan", Names: []string{"is_stat_lahan", "Status Lahan"}},
	{Key: "sertifikat_lahan", Names: []string{"is_sertifikat_lahan", "Sertifikat Lahan"}},
	{Key: "is_kembalikan", Names: []string{"is_kembalikan"}},
	{Key: "is_batal", Names: []string{"is_batal"}},
	{Key: "is_tolak", Names: []string{"is_tolak"}},
	{Key: "kembalikan", Names: []string{"kembalikan", "Alasan Dikembalikan"}},
	{Key: "batal_teks", Names: []string{"batal_teks", "Alasan Batal"}},
	{Key: "tolak_teks", Names: []string{"tolak_teks", "Alasan Ditolak", "Alasan Penolakan"}},
}

// originKey is the column of a quarantine workbook that says which row of the
// source a row was.
const originKey = "baris_asal"

func init() {
	names := map[string][]string{
		"lurah": {"Kelurahan/Desa", "Desa/Kelurahan", "Kelurahan", "Desa", "Lurah"}, "camat": {"Kecamatan", "Camat"},
		"sekwan": {"Sekwan", "Setwan", "Sekretariat DPRD"}, "mitra": {"Mitra", "Mitra Bappeda", "Bappeda"},
		"skpd": {"SKPD", "OPD", "PD"}, "tapd": {"TAPD"},
	}
	for _, level := range levels {
		opinion, amount, volume := []string{"rekom_" + level}, []string{"anggaran_" + level}, []string{"koefisien_" + level}
		for _, who := range names[level] {
			opinion = append(opinion, "Rekomendasi "+who, "Rekom "+who)
			amount = append(amount, "Anggaran "+who, "Anggaran Rekomendasi "+who, "Rekomendasi Anggaran "+who, "Rekomendasi "+who+" Anggaran")
			volume = append(volume, "Koefisien "+who, "Volume "+who, "Volume Rekomendasi "+who, "Rekomendasi "+who+" Volume", "Rekomendasi "+who+" Koefisien")
		}
		columns = append(columns, sheet.Column{Key: "rekom_" + level, Names: opinion},
			sheet.Column{Key: "anggaran_" + level, Names: amount}, sheet.Column{Key: "koefisien_" + level, Names: volume})
	}
}

// A table is one export and where in it what stands.
type table struct {
	sheet.Layout
	lane   proposal.Lane
	placed map[string]int // columns without a heading, found by their place
}

// findTable finds the heading of an export, and of which lane its rows are: the
// export of pokir has no places of its own and the council's secretariat among
// those who recommend.
func findTable(rows iter.Seq2[sheet.Row, error]) (*table, error) {
	l, err := sheet.Find(rows, columns)
	if err != nil {
		return nil, err
	}
	t := &table{Layout: l, lane: proposal.Musrenbang}
	t.place()
	if t.Has("rekom_sekwan") || !t.Has("kelurahan") && !t.Has("kecamatan") {
		t.lane = proposal.Pokir
	}
	var missing []string
	for _, key := range []string{"id", "usulan", "status"} {
		if !t.Has(key) && !(key == "status" && (t.Has("is_tolak") || t.Has("is_batal") || t.Has("is_kembalikan"))) {
			missing = append(missing, "“"+headingOf(key)+"”")
		}
	}
	if !t.Has("opd_awal") && !t.Has("opd_akhir") {
		missing = append(missing, "“"+headingOf("opd_awal")+"”")
	}
	if len(missing) > 0 {
		return nil, domain.Refuse(domain.Invalid, "sheet.columns_missing", "columns", strings.Join(missing, ", "), "row", strconv.Itoa(l.Header[0].Number))
	}
	return t, nil
}

// place gives columns without a heading the name of their place in the usual
// order, where nearly all others stand as usual.
func (t *table) place() {
	t.placed = make(map[string]int)
	agree, named := 0, 0
	for _, first := range []int{0, 1} { // with and without a column of numbers
		agree, named = 0, 0
		for i, key := range usual[first:] {
			if t.Layout.Has(key) {
				named++
				if i < len(t.Headings) && t.Headings[i] != "" && t.Headings[i] == t.Heading(key) {
					agree++
				}
			}
		}
		if agree < 15 || agree < named-2 {
			continue
		}
		for i, key := range usual[first:] {
			if i < len(t.Headings) && t.Headings[i] == "" && !t.Layout.Has(key) {
				t.placed[key] = i
			}
		}
		return
	}
}

// Has reports whether the table has a column.
func (t *table) Has(key string) bool {
	_, placed := t.placed[key]
	return placed || t.Layout.Has(key)
}

// Get returns a row's cell of a column.
func (t *table) Get(row sheet.Row, key string) sheet.Cell {
	if i, ok := t.placed[key]; ok {
		return row.Cell(i)
	}
	return t.Layout.Get(row, key)
}

// heading returns what the table calls a column, or what it is usually called.
func (t *table) heading(key string) string {
	if h := t.Heading(key); h != "" {
		return h
	}
	return headingOf(key)
}

// headingOf returns what a column is usually called.
func headingOf(key string) string {
	for _, c := range columns {
		if c.Key == key {
			return c.Names[0]
		}
	}
	return key
}

// bare returns the layout without the columns that a quarantine workbook added,
// for writing another.
func (t *table) bare() sheet.Layout {
	l := t.Layout
	for i, h := range l.Headings {
		if h != "Baris asal" {
			continue
		}
		l.Headings = l.Headings[:i]
		header := make([]sheet.Row, len(l.Header))
		for n, row := range l.Header {
			row.Cells = row.Cells[:min(i, len(row.Cells))]
			header[n] = row
		}
		l.Header = header
		break
	}
	return l
}

// numbered returns which column only counts the rows; -1 for none.
func (t *table) numbered() int {
	h := t.Heading("no")
	if h == "" {
		return -1
	}
	return slices.Index(t.Headings, h)
}
