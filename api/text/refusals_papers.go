package text

// paperRefusals are the sentences of what berita acara and letters refuse.
var paperRefusals = map[string]Pair{
	"letter.all_told":          {"Semua usulan desa {village} tahun {year} sudah diberitahukan. Surat baru diperlukan setelah ada keputusan yang berubah.", "Everything about the proposals of village {village} for {year} has been told. Another letter is due once a decision changes."},
	"letter.nothing_handed_in": {"Desa {village} tidak mengajukan usulan untuk tahun {year}, jadi tidak ada yang perlu dijawab. Periksa kode desanya.", "Village {village} handed in no proposal for {year}, so there is nothing to answer. Check its code."},
	"letter.unknown":           {"Tidak ada surat nomor {number} untuk desa {village}. Lihat daftar surat desa itu.", "There is no letter {number} to village {village}. See the list of its letters."},
}
