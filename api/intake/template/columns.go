package template

import (
	"runut/api/intake/sheet"
)

// Version is that of the columns and what they mean. A workbook of another
// version is not read.
const Version = 1

// The sheets of the workbook.
const (
	sheetRows    = "Usulan"
	sheetChoices = "Pilihan"
	sheetHelp    = "Petunjuk"
)

// A column is one thing that a row states.
type column struct {
	key      string
	heading  string
	note     string // what to write, under the heading
	width    float64
	required bool
	list     string // name of the choices that the cell offers; "" for none
	strict   bool   // nothing but these choices
	examples [2]string
}

// columns are the columns of a row, in their order. What an arrow of the workflow
// asks for is marked as required; the rest helps those who decide.
var columns = []column{
	{key: "row", heading: "Baris", width: 6},
	{key: "village", heading: "Desa/kelurahan", note: "Pilih dari daftar.", width: 26, required: true, list: "desa", strict: true},
	{key: "priority", heading: "Prioritas", note: "1 untuk yang terpenting menurut musyawarah.", width: 10, required: true, examples: [2]string{"1", "2"}},
	{key: "title", heading: "Nama usulan", note: "Singkat: pekerjaan dan tempatnya.", width: 36, required: true,
		examples: [2]string{"CONTOH: Rabat beton jalan usaha tani RT 03", "CONTOH: Perbaikan atap ruang kelas SD"}},
	{key: "problem", heading: "Permasalahan", note: "Apa yang terjadi sekarang, dan siapa yang terkena.", width: 40, required: true,
		examples: [2]string{"Jalan tanah licin saat hujan, hasil panen sulit diangkut", "Atap bocor, dua kelas tidak dapat dipakai"}},
	{key: "description", heading: "Uraian pekerjaan", note: "Apa yang dikerjakan; boleh kosong.", width: 34, examples: [2]string{"Rabat beton lebar 2,5 m", ""}},
	{key: "kamus", heading: "Kamus usulan", note: "Pilih yang paling dekat; kosongkan bila tidak ada.", width: 34, list: "kamus", strict: true, examples: [2]string{"usaha tani", "ruang kelas"}},
	{key: "volume", heading: "Volume", note: "Angka saja, misalnya 350 atau 2,5.", width: 10, required: true, examples: [2]string{"350", "2"}},
	{key: "unit", heading: "Satuan", note: "Pilih atau tulis; kosong: menurut kamus.", width: 12, list: "satuan", examples: [2]string{"m", "ruang"}},
	{key: "estimate", heading: "Perkiraan biaya (Rp)", note: "Rupiah penuh tanpa titik, misalnya 120000000.", width: 18, required: true, examples: [2]string{"217000000", "145000000"}},
	{key: "location", heading: "Lokasi", note: "RT/RW, dusun, nama jalan atau bangunan.", width: 32, required: true, examples: [2]string{"RT 03 Dusun Hilir", "SD di Dusun Lama"}},
	{key: "point", heading: "Koordinat", note: "Dari telepon, misalnya -0,502106 117,153709; boleh kosong.", width: 22},
	{key: "opd", heading: "OPD tujuan", note: "Kosong: menurut kamus. Wajib bila di luar kamus.", width: 34, list: "opd", strict: true},
	{key: "basic", heading: "Layanan dasar", note: "Pilih bila usulan menyangkut layanan dasar.", width: 24, list: "layanan", strict: true},
	{key: "issues", heading: "Isu strategis", note: "Misalnya stunting, kemiskinan; pisahkan dengan koma.", width: 22},
	{key: "lane", heading: "Jalur", note: "Kosong: musrenbang.", width: 22, list: "jalur", strict: true},
	{key: "minutes", heading: "Nomor berita acara", note: "Musyawarah yang menyepakati usulan ini.", width: 22, required: true, examples: [2]string{"07/BA/YYYY", "07/BA/YYYY"}},
	{key: "date", heading: "Tanggal berita acara", note: "Tanggal/bulan/tahun.", width: 16, required: true, examples: [2]string{"20/01/YYYY", "20/01/YYYY"}},
}

// readColumns are the same for package sheet. Where people renamed a heading a
// little, it is understood all the same.
func readColumns() []sheet.Column {
	more := map[string][]string{
		"village": {"Desa", "Kelurahan", "Desa/Kel"}, "title": {"Usulan", "Judul usulan"}, "problem": {"Masalah"}, "kamus": {"Kamus"}, "estimate": {"Perkiraan biaya", "Biaya"},
		"opd": {"OPD"}, "minutes": {"No berita acara", "Nomor BA"}, "date": {"Tanggal BA"},
	}
	out := make([]sheet.Column, len(columns))
	for i, c := range columns {
		out[i] = sheet.Column{Key: c.key, Names: append([]string{c.heading, heading(c)}, more[c.key]...), Required: c.key == "title" || c.key == "village"}
	}
	return out
}

// heading is what stands above a column: a star marks what must be filled in.
func heading(c column) string {
	if c.required {
		return c.heading + " *"
	}
	return c.heading
}

// example is what the titles of the rows begin with that only show how it is
// done. Rows without such a title are never taken for examples.
const example = "CONTOH"

// help is the sheet that explains the workbook, a paragraph a row. The first is
// its title.
var help = []string{
	"Petunjuk mengisi usulan",
	"1. Buka lembar “Usulan”. Isi satu baris untuk satu usulan, mulai di bawah baris CONTOH. Baris CONTOH tidak ikut dikirim.",
	"2. Kolom bertanda * wajib diisi. Catatan di bawah judul kolom menjelaskan isinya. Sel dengan panah menyediakan pilihan; ketik beberapa huruf lalu pilih.",
	"3. Urutkan menurut kesepakatan musyawarah: Prioritas 1 untuk yang terpenting.",
	"4. Nomor dan tanggal berita acara adalah berita acara musyawarah yang menyepakati usulan itu.",
	"5. Jangan menulis NIK, nomor telepon, atau nama warga. Bila ada, Runut menutupnya.",
	"6. Bila pekerjaan tidak ada dalam kamus, kosongkan Kamus usulan dan pilih OPD tujuan. Usulan di luar kamus tetap diterima dan dicatat.",
	"7. Simpan berkas, lalu kirim ke kecamatan atau Bappeda lewat cara apa pun: surel, aplikasi pesan, atau flashdisk.",
	"8. Ada yang keliru sesudah dikirim? Betulkan di baris yang sama pada berkas yang sama, lalu kirim lagi. Runut mengenali barisnya dan mencatat perubahannya; usulan tidak menjadi ganda.",
	"9. Baris yang belum dapat diterima dikembalikan dalam berkas karantina bersama alasannya. Betulkan di sana lalu kirim kembali.",
	"Berkas ini dapat dibuka dengan Excel atau LibreOffice. Jangan menghapus kolom, jangan mengubah judul kolom, dan jangan memakai berkas tahun lalu: Runut mengenali tahun dan versi berkas.",
}
