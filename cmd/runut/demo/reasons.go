package demo

import (
	"runut/domain"
	"runut/domain/proposal"
)

// A saying is how somebody explains a reason to a citizen, and what it rests on.
type saying struct {
	code, text, ground string
	weight             int
}

// A collection of sayings is what one sort of forum says when it says no.
type sayings []saying

var (
	inVillage = sayings{
		{"DBL-USULAN", "Dusun sebelah mengusulkan pekerjaan yang sama di titik yang sama, cukup satu usulan yang diteruskan.", "Kesepakatan musyawarah desa", 5},
		{"KWN-DESA", "Pekerjaan ini cukup kecil dan menjadi urusan desa sendiri, akan dimasukkan ke RKP Desa.", "UU 6/2014", 5},
		{"ADM-LOKASI", "Titik lokasi tidak dapat ditunjukkan saat musyawarah.", "Tata tertib musrenbang desa", 2},
		{"LHN-MILIK", "Lahan milik perorangan dan pemiliknya tidak bersedia menghibahkan.", "Kesepakatan musyawarah desa", 3},
	}
	atKecamatan = sayings{
		{"ADM-LENGKAP", "Berita acara desa dan foto lokasi tidak dilampirkan sampai batas waktu perbaikan.", "Petunjuk teknis musrenbang kecamatan", 6},
		{"ADM-LOKASI", "Lokasi yang ditulis tidak ditemukan petugas saat pemeriksaan lapangan.", "Petunjuk teknis musrenbang kecamatan", 4},
		{"DBL-USULAN", "Usulan yang sama sudah ada dari desa ini dengan judul lain.", "Kamus usulan Kabupaten Contoh", 5},
		{"DBL-POKIR", "Pekerjaan di ruas ini sudah diusulkan anggota DPRD pada masa reses.", "Rekapitulasi pokir DPRD", 3},
		{"KWN-DESA", "Jalan ini jalan desa, pembiayaannya dari APB Desa.", "UU 6/2014", 6},
		{"LHN-SENGKETA", "Lahan masih disengketakan dua keluarga dan belum ada putusan.", "Petunjuk teknis musrenbang kecamatan", 2},
		{"PNR-SYARAT", "Calon penerima belum terdaftar dalam data terpadu kesejahteraan sosial.", "Petunjuk teknis bantuan sosial", 2},
		{"PGS-TIDAK-HADIR", "Tidak ada wakil desa yang hadir untuk menjelaskan usulan ini.", "Tata tertib musrenbang kecamatan", 3},
		{"KUO-LEBIH", "Desa ini sudah mengirim usulan sebanyak jatah yang ada untuk bidang yang sama.", "Surat edaran musrenbang kecamatan", 1},
		{"PAG-KECAMATAN", "Pagu kewilayahan kecamatan sudah habis untuk usulan yang lebih mendesak.", "Surat edaran pagu kewilayahan", 2},
	}
	ofPokir = sayings{
		{"WKT-LEWAT", "Risalah reses diterima setelah batas waktu penelaahan.", "Permendagri 86/2017 pasal 178", 4},
		{"KMS-LUAR", "Pekerjaan yang diminta tidak ada dalam kamus usulan pokir tahun ini.", "Kamus usulan Kabupaten Contoh", 4},
		{"DBL-USULAN", "Sudah diusulkan desa melalui musrenbang dan sudah diteruskan ke OPD.", "Rekapitulasi musrenbang kecamatan", 4},
		{"PRI-RPJMD", "Tidak mendukung sasaran RPJMD yang sedang berjalan.", "RPJMD Kabupaten Contoh", 3},
		{"HKM-LARANG", "Bantuan kepada penerima yang sama dua tahun berturut-turut tidak diperbolehkan.", "Peraturan bupati tentang hibah dan bantuan sosial", 2},
	}
	atOPD = sayings{
		{"PAG-KURANG", "Pagu dinas tidak cukup, usulan lain lebih mendesak.", "Pagu indikatif OPD", 16},
		{"PRI-RENSTRA", "Tidak ada dalam sasaran Renstra dinas.", "Renstra OPD", 9},
		{"PRI-TEMA", "Tidak sejalan dengan tema pembangunan tahun rencana.", "Rancangan awal RKPD", 5},
		{"KWN-PROV", "Jalan dan jaringan ini milik provinsi, kabupaten tidak boleh membiayainya.", "UU 23/2014", 7},
		{"KWN-PUSAT", "Sungai ini di bawah balai wilayah sungai milik pemerintah pusat.", "UU 23/2014", 4},
		{"KWN-LAIN", "Jaringan listrik dikerjakan perusahaan listrik negara.", "UU 23/2014", 3},
		{"KWN-DESA", "Pekerjaan dengan skala ini dibiayai Dana Desa.", "UU 6/2014", 7},
		{"LHN-MILIK", "Tanah milik perusahaan, belum ada pelepasan hak.", "Standar teknis OPD", 4},
		{"LHN-STATUS", "Sertifikat tanah belum ada, bangunan pemerintah tidak boleh didirikan.", "Standar teknis OPD", 6},
		{"LHN-SENGKETA", "Batas lahan masih disengketakan.", "Standar teknis OPD", 2},
		{"LHN-KAWASAN", "Lokasi masuk kawasan hutan menurut rencana tata ruang.", "RTRW Kabupaten Contoh", 4},
		{"AST-SERAH", "Jalan perumahan ini belum diserahkan pengembang kepada pemerintah daerah.", "Peraturan daerah tentang prasarana perumahan", 3},
		{"KMS-LUAR", "Pekerjaan yang diminta tidak ada dalam kamus usulan tahun ini.", "Kamus usulan Kabupaten Contoh", 4},
		{"DBL-PROGRAM", "Sudah termasuk program yang berjalan tahun ini di lokasi yang sama.", "DPA tahun berjalan", 5},
		{"DBL-POKIR", "Sudah diterima melalui pokir dengan lokasi yang sama.", "Rekapitulasi pokir DPRD", 2},
		{"TEK-LAYAK", "Kemiringan tanah terlalu besar, konstruksi yang diminta tidak akan bertahan.", "Hasil pemeriksaan lapangan", 7},
		{"HRG-SSH", "Harga satuan jauh di atas standar harga kabupaten.", "Peraturan bupati tentang SSH dan ASB", 4},
		{"PNR-SYARAT", "Kelompok penerima belum berbadan hukum tiga tahun.", "Peraturan bupati tentang hibah dan bantuan sosial", 4},
		{"LNG-IZIN", "Perlu persetujuan lingkungan lebih dulu karena dekat sempadan sungai.", "Peraturan tentang persetujuan lingkungan", 2},
		{"LNY", "Setelah ditinjau bersama wakil desa ternyata bangunan yang diminta sudah diperbaiki warga dengan gotong royong dan bantuan bahan dari toko setempat sehingga pekerjaan tidak diperlukan lagi tahun ini.", "Hasil pemeriksaan lapangan", 1},
	}
	atKabupaten = sayings{
		{"PAG-KURANG", "Pagu dinas setelah penyesuaian pendapatan tidak cukup.", "Pagu indikatif OPD", 3},
		{"PRI-RPJMD", "Tidak mendukung prioritas RPJMD yang disepakati musrenbang kabupaten.", "RPJMD Kabupaten Contoh", 4},
		{"DBL-PROGRAM", "Sudah ada dalam kegiatan OPD lain untuk lokasi yang sama.", "Rancangan RKPD", 2},
	}
	outOfRKPD = sayings{
		{"PRI-RPJMD", "Tidak sejalan dengan hasil penyelarasan akhir dengan RPJMD.", "", 4},
		{"PRI-TEMA", "Di luar tema RKPD yang ditetapkan.", "", 3},
		{"TEK-DED", "Gambar rencana rinci belum ada sampai RKPD ditetapkan.", "", 5},
		{"PAG-KURANG", "Proyeksi pendapatan turun, pagu dinas dikurangi.", "", 6},
	}
	outOfPPAS = sayings{
		{"FIS-TRANSFER", "Dana transfer dari pusat turun, plafon dinas dikurangi.", "", 6},
		{"DPRD-UBAH", "Digeser dalam pembahasan KUA-PPAS dengan DPRD.", "", 3},
		{"PAG-KURANG", "Plafon dinas tidak cukup.", "", 4},
		{"SDH-ANGGAR", "Sudah dianggarkan dalam perubahan APBD tahun berjalan.", "", 2},
	}
	outOfAPBD = sayings{
		{"DPRD-UBAH", "Digeser dalam pembahasan RAPBD dengan DPRD.", "", 5},
		{"FIS-EFISIENSI", "Belanja dikurangi mengikuti surat edaran efisiensi.", "", 4},
		{"TEK-STUDI", "Perlu kajian kelayakan lebih dulu.", "", 2},
	}
	toDefer = sayings{
		{"TEK-DED", "Gambar rencana rinci selesai disusun", "", 4},
		{"TEK-STUDI", "Kajian kelayakan selesai", "", 3},
		{"LHN-STATUS", "Sertifikat tanah terbit", "", 4},
		{"AST-SERAH", "Serah terima aset selesai", "", 2},
		{"PAG-KURANG", "Pagu dinas tahun berikutnya mencukupi", "", 4},
	}
	toRepair = sayings{
		{"ADM-FOTO", "Foto yang dilampirkan bukan foto lokasi yang diusulkan.", "", 4},
		{"ADM-RAB", "RAB belum ditandatangani dan volumenya berbeda dengan uraian.", "", 3},
		{"ADM-LOKASI", "Sebutkan RT dan titik awal pekerjaan.", "", 4},
		{"TEK-VOLUME", "Volume terlalu besar untuk panjang ruas yang ada.", "", 3},
		{"LHN-STATUS", "Lampirkan surat pernyataan hibah tanah.", "", 2},
		{"HRG-SSH", "Sesuaikan harga satuan dengan standar harga kabupaten.", "", 2},
	}
	toCancel = sayings{
		{"FIS-REFOKUS", "Anggaran dialihkan untuk penanganan banjir.", "", 3},
		{"FIS-EFISIENSI", "Belanja dikurangi mengikuti instruksi efisiensi.", "", 3},
		{"FIS-TRANSFER", "Dana transfer dari pusat dipotong.", "", 2},
		{"DPRD-UBAH", "Digeser dalam penyempurnaan APBD.", "", 1},
	}
)

// say picks one of the sayings by weight.
func (w *world) say(among sayings) saying {
	total := 0
	for _, s := range among {
		total += s.weight
	}
	n := w.random.IntN(total)
	for _, s := range among {
		if n -= s.weight; n < 0 {
			return s
		}
	}
	return among[0]
}

// rejected returns a rejection for one of the reasons, in words and with its
// ground.
func (w *world) rejected(among sayings, forum string) *proposal.Rejected {
	s := w.say(among)
	return &proposal.Rejected{Reason: s.code, Text: domain.Mask(s.text), Ground: s.ground, Forum: forum}
}
