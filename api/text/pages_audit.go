package text

// auditPages are the words of the auditor's pages, and what their filters are
// refused with.
var auditPages = map[string]Pair{
	"filter.year":   {"“{value}” bukan tahun anggaran. Tulis empat angka, seperti tahun=2027.", "“{value}” is no fiscal year. Write four digits, like tahun=2027."},
	"filter.rule":   {"“{value}” bukan kode aturan temuan. Pilih A1 sampai A8 atau B1 sampai B8.", "“{value}” is no code of an audit rule. Choose A1 to A8 or B1 to B8."},
	"filter.amount": {"“{value}” bukan jumlah rupiah. Tulis angka bulat, seperti 500.000.000.", "“{value}” is no amount of rupiah. Write a whole number, like 500000000."},
}
