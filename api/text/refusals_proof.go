package text

// proofRefusals are the sentences of what checking and signing the log refuses.
var proofRefusals = map[string]Pair{
	"checkpoint.forged":       {"Tanda tangan {key} pada checkpoint {origin} palsu atau rusak. Jangan percayai berkas ini; minta checkpoint dari sumber lain dan bandingkan.", "The signature of {key} on the checkpoint of {origin} is false or damaged. Do not believe this file; get the checkpoint from elsewhere and compare."},
	"checkpoint.malformed":    {"Berkas ini bukan checkpoint: harus asal, ukuran, akar, baris kosong, lalu tanda tangan. Salin lagi seluruhnya, apa adanya.", "This is no checkpoint: one is origin, size, root, an empty line and signatures. Copy it again, whole and unchanged."},
	"checkpoint.other_origin": {"Checkpoint ini milik log {observed}, bukan {want}. Pakai kunci pemeriksa milik log itu.", "This checkpoint is of the log {observed}, not of {want}. Use that log's verifier key."},
	"checkpoint.unsigned":     {"Checkpoint {origin} tidak bertanda tangan kunci yang Anda percayai; yang ada: {found}. Periksa kunci pemeriksa, atau apakah kunci log sudah diganti.", "The checkpoint of {origin} bears no signature of a key you trust; it has: {found}. Check the verifier key, or whether the log changed its key."},

	"consistency.forked": {"Ukuran {size} punya dua akar: {want} dan {observed}. Log ini bercabang: sejarahnya ditulis ulang. Simpan kedua checkpoint sebagai bukti.", "Size {size} has two roots: {want} and {observed}. The log is forked: history was rewritten. Keep both checkpoints as evidence."},
	"consistency.shrunk": {"Checkpoint yang lebih baru lebih kecil: {to}, sebelumnya {from}. Catatan di antaranya hilang, atau urutan kedua berkas tertukar.", "The newer checkpoint is smaller: {to}, before it {from}. What was between is lost, or the two files are the wrong way round."},
	"consistency.wrong":  {"Log ukuran {to} tidak berawal dengan log ukuran {from}. Sejarah di antaranya diubah, atau buktinya rusak.", "The log of size {to} does not begin with that of size {from}. History was changed, or the proof is damaged."},

	"inclusion.malformed": {"Berkas ini bukan .tlog-proof. Unduh lagi dan simpan apa adanya.", "This is no .tlog-proof. Download it again and keep it unchanged."},
	"inclusion.outside":   {"Peristiwa pada indeks {index} tidak tercakup checkpoint berukuran {size}. Unduh bukti yang lebih baru.", "The event at index {index} is not covered by a checkpoint of size {size}. Download a newer proof."},
	"inclusion.wrong":     {"Bukti ini tidak cocok: peristiwa itu tidak berada pada indeks {index} dari log berukuran {size}. Catatan atau buktinya diubah.", "The proof does not fit: that event is not at index {index} of the log of size {size}. The record or the proof was changed."},

	"signer.exposed":   {"Kunci penanda tangan {path} terbaca pengguna lain (mode {mode}). Jalankan chmod 600 {path}.", "The signing key {path} can be read by others (mode {mode}). Run chmod 600 {path}."},
	"signer.malformed": {"Kunci penanda tangan {path} tidak sah pada baris {line}. Satu kunci sebaris, semuanya untuk log yang sama.", "The signing key {path} is not valid on line {line}. One key a line, all of the same log."},
	"signer.missing":   {"Tidak ada kunci penanda tangan di {path}. Buat dengan runut log key, atau sebutkan tempatnya.", "There is no signing key at {path}. Make one by runut log key, or say where it is."},
	"signer.origin":    {"Nama log “{origin}” tidak sah. Pakai alamat tanpa https:// seperti runut.kabupaten.go.id/log, tanpa spasi dan tanda tambah.", "The log's name “{origin}” is not valid. Use an address without https:// such as runut.kabupaten.go.id/log, without spaces or plus."},

	"trust.malformed": {"Baris {line} bukan kunci pemeriksa. Bentuknya asal+sidik+kunci, seperti yang dicetak runut log keys.", "Line {line} is no verifier key. One looks like origin+hash+key, as printed by runut log keys."},
	"trust.no_key":    {"Tidak ada kunci pemeriksa log. Minta kuncinya dari pengelola lewat jalur lain, misalnya berita acara.", "There is no verifier key of a log. Get it from the operator by another way, for example from printed minutes."},
	"trust.two_logs":  {"Baris {line} kunci log {observed}, sedangkan yang lain log {want}. Pisahkan: satu berkas untuk satu log.", "Line {line} is a key of the log {observed}, the others are of {want}. Keep them apart: one file for one log."},
}
