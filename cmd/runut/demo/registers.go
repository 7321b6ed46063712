package demo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"runut/domain/act"
	"runut/domain/reference"
)

// An office is an OPD: what it is called, what people ask it for, and what that
// costs.
type office struct {
	code, name string
	weight     int   // how often it is asked, in proportion
	near       []int // offices that a proposal handed on may rather belong to
}

var offices = []office{
	{OPD, "Dinas Pekerjaan Umum", 34, []int{3, 10, 4, 8}},
	{"1.01.0.00.0.00.01.0000", "Dinas Pendidikan", 11, []int{13, 15, 9}},
	{"1.02.0.00.0.00.01.0000", "Dinas Kesehatan", 8, []int{5, 23, 3}},
	{"1.04.0.00.0.00.01.0000", "Dinas Perumahan dan Permukiman", 9, []int{0, 8, 5}},
	{"1.05.0.00.0.00.01.0000", "Badan Penanggulangan Bencana", 2, []int{0, 5}},
	{"1.06.0.00.0.00.01.0000", "Dinas Sosial", 3, []int{2, 3, 20}},
	{"2.07.0.00.0.00.01.0000", "Dinas Tenaga Kerja", 2, []int{12, 9}},
	{"2.09.0.00.0.00.01.0000", "Dinas Ketahanan Pangan", 2, []int{18, 19}},
	{"2.11.0.00.0.00.01.0000", "Dinas Lingkungan Hidup", 3, []int{3, 0}},
	{"2.13.0.00.0.00.01.0000", "Dinas Pemberdayaan Masyarakat dan Desa", 4, []int{12, 11}},
	{"2.15.0.00.0.00.01.0000", "Dinas Perhubungan", 3, []int{0, 11}},
	{"2.16.0.00.0.00.01.0000", "Dinas Komunikasi dan Informatika", 2, []int{9}},
	{"2.17.0.00.0.00.01.0000", "Dinas Koperasi dan Usaha Kecil", 3, []int{19, 24}},
	{"2.19.0.00.0.00.01.0000", "Dinas Pemuda dan Olahraga", 3, []int{1, 17}},
	{"2.22.0.00.0.00.01.0000", "Dinas Kebudayaan", 1, []int{17, 1}},
	{"2.23.0.00.0.00.01.0000", "Dinas Perpustakaan", 1, []int{1}},
	{"3.25.0.00.0.00.01.0000", "Dinas Perikanan", 3, []int{18, 7}},
	{"3.26.0.00.0.00.01.0000", "Dinas Pariwisata", 2, []int{14, 13}},
	{"3.27.0.00.0.00.01.0000", "Dinas Pertanian", 8, []int{0, 7, 16}},
	{"3.30.0.00.0.00.01.0000", "Dinas Perdagangan", 2, []int{12, 24}},
	{"2.08.0.00.0.00.01.0000", "Dinas Pemberdayaan Perempuan dan Perlindungan Anak", 1, []int{5, 2}},
	{"2.10.0.00.0.00.01.0000", "Dinas Pertanahan", 1, []int{0, 3}},
	{"2.12.0.00.0.00.01.0000", "Dinas Kependudukan dan Pencatatan Sipil", 1, []int{5, 9}},
	{"2.14.0.00.0.00.01.0000", "Dinas Pengendalian Penduduk dan Keluarga Berencana", 1, []int{2, 20}},
	{"3.31.0.00.0.00.01.0000", "Dinas Perindustrian", 1, []int{12, 19}},
}

// A work is an entry of the kamus usulan: what can be asked for, in which unit,
// of whom, for how much a unit, and the sub kegiatan it is done under.
type work struct {
	code, name, unit string
	opd              int // index in offices
	price            int // thousand rupiah a unit
	from, to         int // usual volume
	sub              string
	basic            string // basic service it belongs to
	problems         []string
}

// works is the kamus usulan. Sub kegiatan codes have the form of the national
// nomenclature.
var works = []work{
	{"JLN-01", "Peningkatan jalan lingkungan", "m", 0, 850, 100, 600, "1.03.10.2.01.0005", "", []string{"Jalan berlubang dan tergenang saat hujan", "Anak sekolah sulit lewat pada musim hujan"}},
	{"JLN-02", "Rabat beton jalan usaha tani", "m", 0, 620, 150, 900, "1.03.10.2.01.0011", "", []string{"Hasil panen sulit diangkut", "Jalan tanah licin, motor sering jatuh"}},
	{"JLN-03", "Pemeliharaan jalan desa", "m", 0, 240, 300, 1500, "1.03.10.2.01.0014", "", []string{"Permukaan jalan mengelupas", "Belum dipelihara lebih dari lima tahun"}},
	{"JBT-01", "Pembangunan jembatan kecil", "unit", 0, 385000, 1, 1, "1.03.10.2.01.0021", "", []string{"Jembatan kayu lapuk dan dilewati anak sekolah", "Warga memutar 6 km bila air naik"}},
	{"JBT-02", "Rehabilitasi jembatan gantung", "unit", 0, 265000, 1, 1, "1.03.10.2.01.0023", "", []string{"Tali sling berkarat", "Papan lantai banyak yang hilang"}},
	{"DRN-01", "Pembangunan drainase", "m", 0, 720, 80, 450, "1.03.06.2.01.0002", "air_sanitasi", []string{"Rumah warga tergenang tiap hujan deras", "Air limbah meluap ke jalan"}},
	{"IRG-01", "Rehabilitasi saluran irigasi", "m", 0, 940, 100, 500, "1.03.02.2.02.0014", "", []string{"Saluran bocor, sawah di hilir kering", "Tanggul saluran longsor"}},
	{"AIR-01", "Sambungan air bersih perdesaan", "SR", 0, 4200, 15, 70, "1.03.03.2.01.0006", "air_sanitasi", []string{"Warga membeli air tangki pada musim kemarau", "Sumur warga asin dan keruh"}},
	{"AIR-02", "Pembangunan sumur bor", "unit", 0, 165000, 1, 2, "1.03.03.2.01.0009", "air_sanitasi", []string{"Tidak ada sumber air dalam jarak 2 km", "Debit sumur lama mengecil"}},
	{"TRP-01", "Turap penahan tebing sungai", "m", 0, 2900, 30, 120, "1.03.02.2.01.0062", "", []string{"Tebing sungai longsor mendekati rumah", "Jalan desa tergerus arus"}},
	{"SKL-01", "Rehabilitasi ruang kelas SD", "ruang", 1, 145000, 1, 4, "1.01.02.2.01.0011", "pendidikan", []string{"Plafon ambruk dan atap bocor", "Dua rombongan belajar berbagi satu ruang"}},
	{"SKL-02", "Pembangunan pagar sekolah", "m", 1, 1150, 60, 180, "1.01.02.2.01.0035", "pendidikan", []string{"Sekolah di tepi jalan raya tanpa pagar", "Ternak masuk halaman sekolah"}},
	{"SKL-03", "Pengadaan meubelair sekolah", "paket", 1, 68000, 1, 3, "1.01.02.2.01.0048", "pendidikan", []string{"Murid belajar di lantai", "Bangku rusak lebih dari separuh"}},
	{"PAU-01", "Pembangunan ruang PAUD", "ruang", 1, 190000, 1, 1, "1.01.02.2.03.0003", "pendidikan", []string{"PAUD menumpang di rumah warga"}},
	{"KES-01", "Rehabilitasi pos kesehatan desa", "unit", 2, 175000, 1, 1, "1.02.02.2.01.0006", "kesehatan", []string{"Ibu bersalin harus ke puskesmas sejauh 18 km", "Bangunan retak dan tidak dipakai"}},
	{"KES-02", "Pengadaan alat posyandu", "paket", 2, 14000, 1, 6, "1.02.02.2.02.0015", "kesehatan", []string{"Timbangan posyandu rusak, data balita tidak lengkap", "Kasus stunting naik dan alat ukur tidak ada"}},
	{"KES-03", "Pemberian makanan tambahan balita", "orang", 2, 950, 30, 120, "1.02.02.2.02.0020", "kesehatan", []string{"Balita kurang gizi di beberapa dusun"}},
	{"RTL-01", "Perbaikan rumah tidak layak huni", "unit", 3, 25000, 3, 15, "1.04.02.2.01.0004", "perlindungan_sosial", []string{"Rumah berlantai tanah dan berdinding bambu lapuk", "Keluarga lansia tinggal di rumah hampir roboh"}},
	{"SNT-01", "Pembangunan jamban keluarga", "unit", 3, 7500, 8, 35, "1.04.05.2.01.0008", "air_sanitasi", []string{"Warga masih buang air di sungai"}},
	{"PJU-01", "Penerangan jalan lingkungan", "titik", 3, 6800, 8, 40, "1.04.05.2.01.0021", "", []string{"Jalan gelap, rawan kecelakaan"}},
	{"BCN-01", "Pengadaan perahu evakuasi", "unit", 4, 92000, 1, 1, "1.05.03.2.02.0007", "", []string{"Desa terendam tiap musim hujan dan tidak ada perahu"}},
	{"SOS-01", "Bantuan alat bantu penyandang disabilitas", "orang", 5, 3600, 3, 15, "1.06.04.2.01.0005", "perlindungan_sosial", []string{"Penyandang disabilitas belum punya kursi roda"}},
	{"KRJ-01", "Pelatihan keterampilan menjahit", "orang", 6, 4500, 10, 20, "2.07.03.2.01.0001", "", []string{"Ibu rumah tangga ingin menambah penghasilan"}},
	{"KRJ-02", "Pelatihan las dan bengkel", "orang", 6, 5200, 10, 20, "2.07.03.2.01.0001", "", []string{"Pemuda putus sekolah tidak punya keterampilan"}},
	{"PGN-01", "Pembangunan lumbung pangan", "unit", 7, 210000, 1, 1, "2.09.03.2.01.0004", "", []string{"Harga gabah jatuh saat panen raya"}},
	{"LHK-01", "Pengadaan motor sampah", "unit", 8, 38000, 1, 3, "2.11.11.2.01.0009", "", []string{"Sampah dibuang ke sungai"}},
	{"LHK-02", "Bank sampah", "unit", 8, 55000, 1, 1, "2.11.11.2.03.0002", "", []string{"Warga mau memilah sampah tetapi tidak ada tempat"}},
	{"DES-01", "Pelatihan aparatur desa", "orang", 9, 3800, 5, 20, "2.13.04.2.01.0006", "", []string{"Aparatur baru belum memahami pengelolaan keuangan desa"}},
	{"DES-02", "Penguatan BUM Desa", "paket", 9, 75000, 1, 1, "2.13.04.2.01.0013", "", []string{"BUM Desa berdiri tetapi belum berusaha"}},
	{"HUB-01", "Rambu dan marka jalan", "paket", 10, 32000, 1, 3, "2.15.02.2.02.0003", "", []string{"Tikungan tajam tanpa rambu"}},
	{"HUB-02", "Pembangunan dermaga kecil", "unit", 10, 340000, 1, 1, "2.15.03.2.01.0011", "", []string{"Perahu warga merapat di lumpur"}},
	{"KOM-01", "Jaringan internet balai desa", "paket", 11, 46000, 1, 1, "2.16.03.2.02.0009", "", []string{"Sinyal tidak ada, laporan harus diantar ke kecamatan"}},
	{"UKM-01", "Bantuan peralatan usaha kecil", "paket", 12, 28000, 1, 5, "2.17.07.2.01.0004", "", []string{"Kelompok usaha memakai alat seadanya"}},
	{"OLR-01", "Pembangunan lapangan olahraga", "unit", 13, 240000, 1, 1, "2.19.03.2.01.0018", "", []string{"Pemuda tidak punya tempat berolahraga"}},
	{"OLR-02", "Pengadaan alat olahraga", "paket", 13, 12000, 1, 4, "2.19.03.2.03.0002", "", []string{"Karang taruna belum punya alat"}},
	{"BDY-01", "Pembinaan sanggar seni", "paket", 14, 35000, 1, 1, "2.22.02.2.02.0001", "", []string{"Sanggar anak tidak punya alat musik"}},
	{"PST-01", "Taman baca masyarakat", "paket", 15, 27000, 1, 1, "2.23.02.2.01.0012", "pendidikan", []string{"Anak-anak tidak punya bahan bacaan"}},
	{"IKN-01", "Bantuan bibit ikan dan kolam", "paket", 16, 42000, 1, 4, "3.25.04.2.04.0003", "", []string{"Kelompok pembudidaya kehabisan modal bibit"}},
	{"IKN-02", "Bantuan mesin perahu nelayan", "unit", 16, 17500, 2, 10, "3.25.03.2.01.0002", "", []string{"Nelayan melaut dengan mesin rusak"}},
	{"WST-01", "Penataan objek wisata desa", "paket", 17, 185000, 1, 1, "3.26.02.2.03.0007", "", []string{"Air terjun ramai tetapi tidak ada toilet"}},
	{"TNI-01", "Bantuan traktor tangan", "unit", 18, 34000, 1, 4, "3.27.03.2.01.0005", "", []string{"Petani bergiliran menyewa traktor dari desa lain"}},
	{"TNI-02", "Bantuan bibit padi dan pupuk", "ha", 18, 4200, 10, 60, "3.27.02.2.01.0006", "", []string{"Panen gagal tahun lalu, bibit habis"}},
	{"TNI-03", "Pembangunan embung desa", "unit", 18, 275000, 1, 1, "3.27.03.2.01.0011", "", []string{"Sawah tadah hujan hanya panen sekali"}},
	{"TNI-04", "Bantuan ternak kambing", "ekor", 18, 2600, 10, 40, "3.27.02.2.03.0002", "", []string{"Kelompok ternak baru terbentuk"}},
	{"PSR-01", "Rehabilitasi pasar desa", "unit", 19, 295000, 1, 1, "3.30.03.2.01.0002", "", []string{"Los pasar bocor dan becek"}},
	{"JLN-04", "Pembangunan jalan penghubung antardesa", "m", 0, 1450, 200, 900, "1.03.10.2.01.0007", "", []string{"Warga dua desa memutar lewat kecamatan lain", "Jalan rintisan putus bila hujan"}},
	{"JLN-05", "Pemasangan gorong-gorong", "unit", 0, 18500, 1, 6, "1.03.10.2.01.0017", "", []string{"Air memotong badan jalan", "Gorong-gorong lama ambles"}},
	{"JBT-03", "Penggantian lantai jembatan kayu", "m", 0, 5200, 8, 30, "1.03.10.2.01.0024", "", []string{"Lantai jembatan berlubang, motor pernah terperosok"}},
	{"DRN-02", "Normalisasi parit lingkungan", "m", 0, 310, 200, 1200, "1.03.06.2.01.0005", "air_sanitasi", []string{"Parit dangkal dan penuh sampah, air naik ke rumah"}},
	{"IRG-02", "Pembangunan pintu air", "unit", 0, 47000, 1, 3, "1.03.02.2.02.0019", "", []string{"Air asin masuk ke sawah saat pasang"}},
	{"AIR-03", "Perluasan jaringan pipa air bersih", "m", 0, 265, 500, 2500, "1.03.03.2.01.0012", "air_sanitasi", []string{"Dusun di ujung belum terlayani pipa"}},
	{"SKL-04", "Pembangunan jamban sekolah", "unit", 1, 78000, 1, 2, "1.01.02.2.01.0022", "pendidikan", []string{"Satu jamban dipakai seratus lebih murid"}},
	{"SKL-05", "Pembangunan rumah dinas guru", "unit", 1, 265000, 1, 1, "1.01.02.2.01.0029", "pendidikan", []string{"Guru pulang pergi 40 km dan sering terlambat"}},
	{"SKL-06", "Beasiswa anak keluarga miskin", "orang", 1, 1800, 10, 50, "1.01.02.2.02.0041", "pendidikan", []string{"Anak berhenti sekolah karena biaya seragam dan ongkos"}},
	{"KES-04", "Pembangunan gedung posyandu", "unit", 2, 135000, 1, 1, "1.02.02.2.01.0009", "kesehatan", []string{"Posyandu berpindah-pindah di teras rumah warga"}},
	{"KES-05", "Pengadaan ambulans desa", "unit", 2, 310000, 1, 1, "1.02.02.2.01.0026", "kesehatan", []string{"Warga sakit diangkut dengan mobil bak terbuka"}},
	{"RTL-02", "Pembangunan talud permukiman", "m", 3, 1650, 30, 150, "1.04.05.2.01.0012", "", []string{"Tanah di belakang rumah warga terus tergerus"}},
	{"SNT-02", "Pembangunan tangki septik komunal", "unit", 3, 285000, 1, 1, "1.04.05.2.01.0010", "air_sanitasi", []string{"Sumur tercemar, banyak kasus diare"}},
	{"BCN-02", "Pelatihan warga tangguh bencana", "orang", 4, 1400, 20, 60, "1.05.03.2.01.0004", "", []string{"Warga panik dan tidak tahu jalur aman saat banjir"}},
	{"SOS-02", "Bantuan usaha keluarga prasejahtera", "paket", 5, 6500, 3, 20, "1.06.05.2.01.0003", "perlindungan_sosial", []string{"Keluarga penerima bantuan ingin berusaha sendiri"}},
	{"PGN-02", "Pengembangan pekarangan pangan lestari", "paket", 7, 24000, 1, 4, "2.09.03.2.02.0003", "", []string{"Sayur didatangkan dari luar dengan harga mahal"}},
	{"LHK-03", "Penanaman bibit mangrove", "batang", 8, 18, 1000, 6000, "2.11.04.2.01.0008", "", []string{"Pantai terkikis belasan meter dalam lima tahun"}},
	{"DES-03", "Penyusunan peta batas desa", "paket", 9, 62000, 1, 1, "2.13.02.2.01.0004", "", []string{"Batas dengan desa tetangga belum jelas, sering berselisih"}},
	{"HUB-03", "Pembangunan halte sekolah", "unit", 10, 27000, 1, 2, "2.15.02.2.02.0011", "", []string{"Murid menunggu angkutan di tepi jalan tanpa atap"}},
	{"KOM-02", "Pelatihan sistem informasi desa", "orang", 11, 2600, 3, 15, "2.16.03.2.01.0005", "", []string{"Situs desa ada tetapi tidak ada yang mengisi"}},
	{"UKM-02", "Pelatihan pemasaran daring", "orang", 12, 2900, 10, 30, "2.17.08.2.01.0002", "", []string{"Keripik dan madu desa hanya dijual di pasar mingguan"}},
	{"OLR-03", "Pembangunan gedung serbaguna pemuda", "unit", 13, 420000, 1, 1, "2.19.02.2.01.0014", "", []string{"Kegiatan pemuda selalu batal saat hujan"}},
	{"BDY-02", "Pengadaan alat musik tradisional", "paket", 14, 42000, 1, 2, "2.22.02.2.01.0006", "", []string{"Alat musik peninggalan sudah rusak dan tidak dapat dipakai"}},
	{"IKN-03", "Pembangunan tambatan perahu", "unit", 16, 190000, 1, 1, "3.25.03.2.02.0004", "", []string{"Perahu rusak terhantam gelombang karena tidak ada tambatan"}},
	{"WST-02", "Pelatihan pemandu wisata desa", "orang", 17, 3100, 8, 20, "3.26.05.2.01.0003", "", []string{"Pengunjung datang tanpa pemandu dan pernah tersesat"}},
	{"TNI-05", "Jalan produksi perkebunan", "m", 18, 410, 300, 2000, "3.27.03.2.01.0014", "", []string{"Buah sawit membusuk di kebun saat jalan rusak"}},
	{"TNI-06", "Bantuan alat perontok padi", "unit", 18, 21000, 1, 5, "3.27.02.2.02.0003", "", []string{"Panen serentak dan alat perontok hanya satu"}},
	{"PSR-02", "Penyediaan kios pedagang kecil", "unit", 19, 32000, 2, 10, "3.30.03.2.01.0006", "", []string{"Pedagang berjualan di badan jalan"}},
	{"PPA-01", "Pelatihan kader perlindungan perempuan dan anak", "orang", 20, 2100, 10, 30, "2.08.03.2.01.0004", "", []string{"Kasus kekerasan tidak dilaporkan karena tidak tahu ke mana"}},
	{"PTN-01", "Sertifikasi tanah aset desa", "bidang", 21, 4800, 2, 12, "2.10.05.2.01.0002", "", []string{"Tanah balai desa dan lapangan belum bersertifikat"}},
	{"DKC-01", "Pelayanan dokumen kependudukan keliling", "kali", 22, 9500, 2, 6, "2.12.02.2.01.0007", "adminduk", []string{"Mengurus akta harus menyeberang sungai dua kali"}},
	{"KBN-01", "Pembinaan kampung keluarga berkualitas", "paket", 23, 31000, 1, 1, "2.14.04.2.01.0003", "kesehatan", []string{"Banyak anak kurang gizi dan pernikahan usia anak"}},
	{"IND-01", "Bantuan alat pengolahan hasil kebun", "unit", 24, 58000, 1, 2, "3.31.02.2.01.0005", "", []string{"Pisang dan singkong dijual mentah dengan harga rendah"}},
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// publishRegisters makes what proposals are written in terms of known to the log:
// the definition itself, places, offices, nomenclature, kamus and holidays.
func (w *world) publishRegisters() {
	w.day(registersDay, 9, 0)
	planner := w.holder("planner", "")
	validFrom := w.now.AddDate(0, 0, -30).Format("2006-01-02")
	publish := func(register, edition string, entries []reference.Entry) {
		w.do(0, planner, act.OnReference{Ask: &reference.EditionPublished{
			Register: register, Edition: edition, ValidFrom: validFrom, Digest: digest(fmt.Sprint(entries)), Entries: entries,
		}})
	}
	w.do(0, planner, act.OnReference{Ask: &reference.EditionPublished{
		Register: "workflow", Edition: fmt.Sprintf("%s@%d", w.definition.Name, w.definition.Version), ValidFrom: validFrom, Digest: w.definition.Hash(),
		Entries: []reference.Entry{{Code: fmt.Sprintf("%s@%d", w.definition.Name, w.definition.Version), Name: w.definition.Title.ID, Facts: map[string]string{"canonical": string(w.definition.Canonical())}}},
	}})

	places := []reference.Entry{{Code: Kabupaten, Name: "Kabupaten Contoh"}}
	for _, k := range territory(1) {
		places = append(places, reference.Entry{Code: k.code, Name: "Kecamatan " + k.name, Parent: Kabupaten})
		for _, v := range k.villages {
			places = append(places, reference.Entry{Code: v.code, Name: v.title(), Parent: k.code})
		}
	}
	publish("wilayah", "Contoh 1", places)

	var opds, subs, kamus []reference.Entry
	for _, o := range offices {
		opds = append(opds, reference.Entry{Code: o.code, Name: o.name})
	}
	publish("opd", "Contoh 1", opds)
	for _, work := range works {
		kamus = append(kamus, reference.Entry{Code: work.code, Name: work.name, Facts: map[string]string{"unit": work.unit, "opd": offices[work.opd].code, "sub_kegiatan": work.sub}})
		if !slices.ContainsFunc(subs, func(e reference.Entry) bool { return e.Code == work.sub }) {
			subs = append(subs, reference.Entry{Code: work.sub, Name: work.name, Parent: above(work.sub), Facts: map[string]string{"unit": work.unit}})
		}
	}
	publish("nomenclature", "Contoh 1", append(headings(subs), subs...))
	publish("kamus", "Contoh 1", kamus)

	var reasons []reference.Entry
	for code, r := range w.definition.Codes {
		reasons = append(reasons, reference.Entry{Code: code, Name: r.Title.ID, Facts: map[string]string{"group": r.Group}})
	}
	slices.SortFunc(reasons, func(a, b reference.Entry) int { return cmp.Compare(a.Code, b.Code) })
	publish("reasons", "Contoh 1", reasons)

	this := w.o.Day.In(zone).Year()
	var holidays []reference.Entry
	for y := this - 3; y <= this+2; y++ {
		for _, h := range []struct{ day, name string }{{"01-01", "Tahun Baru"}, {"05-01", "Hari Buruh"}, {"06-01", "Hari Lahir Pancasila"}, {"08-17", "Hari Kemerdekaan"}, {"12-25", "Natal"}} {
			holidays = append(holidays, reference.Entry{Code: fmt.Sprintf("%d-%s", y, h.day), Name: h.name})
		}
	}
	publish("holidays", "Contoh 1", holidays)
}

// above returns the code that a code of the nomenclature stands below: urusan
// 1, bidang urusan 1.03, program 1.03.10, kegiatan 1.03.10.2.01, sub kegiatan
// 1.03.10.2.01.0005. It is "" for an urusan.
func above(code string) string {
	last := strings.LastIndexByte(code, '.')
	if last < 0 {
		return ""
	}
	if code = code[:last]; strings.Count(code, ".") == 3 {
		return code[:strings.LastIndexByte(code, '.')] // 2 is the kabupaten's part of a kegiatan code
	}
	return code
}

// urusan and programs name the headings that the demo's sub kegiatan stand below.
var (
	urusan   = map[string]string{"1": "Urusan wajib pelayanan dasar", "2": "Urusan wajib bukan pelayanan dasar", "3": "Urusan pilihan"}
	programs = map[string]string{
		"1.03.02": "Program pengelolaan sumber daya air", "1.03.03": "Program penyediaan air minum", "1.03.06": "Program pengelolaan drainase",
		"1.03.10": "Program penyelenggaraan jalan", "1.01.02": "Program pengelolaan pendidikan", "1.02.02": "Program pemenuhan upaya kesehatan",
		"1.04.02": "Program pengembangan perumahan", "1.04.05": "Program peningkatan prasarana permukiman", "1.05.03": "Program penanggulangan bencana",
	}
)

// headings returns the urusan, bidang urusan, programs and kegiatan above sub
// kegiatan, the highest first.
func headings(subs []reference.Entry) []reference.Entry {
	names := map[string]string{}
	for _, s := range subs {
		for code := s.Parent; code != ""; code = above(code) {
			names[code] = heading(code, s.Name)
		}
	}
	var out []reference.Entry
	for _, code := range slices.SortedFunc(maps.Keys(names), func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) {
		out = append(out, reference.Entry{Code: code, Name: names[code], Parent: above(code)})
	}
	return out
}

func heading(code, below string) string {
	field := code
	if len(code) >= 4 {
		field = code[:4]
	}
	office := "Bidang " + field
	for _, o := range offices {
		if o.code[:4] == field {
			office = strings.TrimPrefix(strings.TrimPrefix(o.name, "Dinas "), "Badan ")
		}
	}
	switch strings.Count(code, ".") {
	case 0:
		return urusan[code]
	case 1:
		return "Bidang urusan " + strings.ToLower(office[:1]) + office[1:]
	case 2:
		if name := programs[code]; name != "" {
			return name
		}
		return "Program urusan " + strings.ToLower(office[:1]) + office[1:]
	}
	return "Kegiatan " + strings.ToLower(below[:1]) + below[1:]
}
