package text

// verifyRefusals are the sentences of what exporting, importing and checking a
// log refuse to begin with.
var verifyRefusals = map[string]Pair{
	"export.damaged":     {"Log rusak di posisi {position}: rekamannya hilang atau tidak cocok dengan daunnya. Ekspor tidak ditandatangani; jalankan runut verify database.", "The log is damaged at position {position}: its record is missing or does not fit its leaf. The export is not signed; run runut verify database."},
	"export.exists":      {"Berkas {path} sudah ada. Pilih nama lain; ekspor tidak pernah menimpa.", "The file {path} exists. Choose another name; an export never overwrites."},
	"export.nothing_new": {"Tidak ada peristiwa bertanda tangan setelah posisi {after}; checkpoint terakhir mencakup {size}.", "There is no signed event after position {after}; the last checkpoint covers {size}."},
	"export.other_log":   {"Berkas {path} adalah ekspor log {observed}, bukan {want}.", "The file {path} is an export of the log {observed}, not of {want}."},
	"export.other_root":  {"Log tidak sampai pada akar yang ditandatangani: {reached} dari {size} peristiwa, akar {observed}, seharusnya {want}. Jalankan runut verify database.", "The log does not come to the root that was signed: {reached} of {size} events, root {observed}, it should be {want}. Run runut verify database."},
	"export.since":       {"“{since}” bukan posisi yang pernah ditandatangani dan bukan berkas ekspor. Sebutkan posisi akhir ekspor sebelumnya, atau berkasnya.", "“{since}” is no position that was signed and no export file. Name the last position of the earlier export, or its file."},
	"export.unsigned":    {"Belum ada checkpoint yang ditandatangani. Jalankan server (runut serve) sebentar, lalu ulangi.", "No checkpoint was signed yet. Run the server (runut serve) for a moment and try again."},
	"import.not_empty":   {"Log ini sudah berisi {position} peristiwa, sedangkan berkas dimulai setelah {after}. Impor hanya ke basis data kosong, atau yang berakhir tepat di sana.", "This log holds {position} events, and the file begins after {after}. Import only into an empty database, or one that ends just there."},
	"import.other_root":  {"Log di basis data ini bukan awal dari berkas: akarnya {observed}, seharusnya {want}. Tidak ada yang diimpor.", "The log in this database is not what the file continues: its root is {observed}, it should be {want}. Nothing was imported."},
	"import.refused":     {"Berkas tidak lolos pemeriksaan ({found} temuan); tidak ada yang diimpor.", "The files did not pass the checks ({found} findings); nothing was imported."},
	"verify.address":     {"“{address}” bukan alamat http atau https.", "“{address}” is no http or https address."},
	"verify.http":        {"{url} menjawab {status}. Coba lagi nanti.", "{url} answered {status}. Try again later."},
	"verify.too_large":   {"Berkas {path} terlalu besar untuk kunci, checkpoint, bukti atau satu rekaman.", "The file {path} is too large for a key, checkpoint, proof or single record."},
}
