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

	"event.unsealed": {"Peristiwa {event} tidak ada dalam log yang tersegel. Periksa nomornya; peristiwa baru tersegel dalam beberapa detik.", "The event {event} is not in the sealed log. Check its id; a new event is sealed within seconds."},

	"log.fork_name":     {"Nama log “{origin}” tidak dapat dipakai: harus baru, berupa alamat tanpa https://, tanpa spasi dan tanda tambah.", "The log's name “{origin}” cannot be used: it must be a new one, an address without https://, without spaces or plus."},
	"log.fork_needless": {"Log {origin} masih memuat semua yang ditandatangani, atau belum dapat diperiksa; ia tidak perlu dimulai lagi.", "The log {origin} holds all that was signed, or could not be compared; it need not begin anew."},
	"log.forked":        {"Program hanya membaca: isi log di posisi {from} sampai {to} bukan yang pernah ditandatangani (checkpoint {size}). Pulihkan basis data yang benar, atau mulai log baru dengan runut log fork; lihat docs/operating.md.", "Read-only: what the log holds from position {from} to {to} is not what was signed (checkpoint {size}). Restore the right database, or begin a new log by runut log fork; see docs/operating.md."},
	"log.other_origin":  {"Program hanya membaca: kunci dan berkas checkpoint bukan untuk log yang sama: {want} dan {observed}. Pasang kunci dan berkas milik log ini.", "Read-only: key and checkpoint file are not of one log: {want} and {observed}. Put in those of this log."},
	"log.shrunk":        {"Program hanya membaca: log berakhir di posisi {head}, padahal {size} peristiwa sudah ditandatangani. Yang hilang: posisi {from} sampai {to}. Pulihkan dari cadangan atau ekspor yang lebih baru, atau mulai log baru dengan runut log fork; lihat docs/operating.md.", "Read-only: the log ends at position {head}, but {size} events were signed. Missing are positions {from} to {to}. Restore from a younger backup or export, or begin a new log by runut log fork; see docs/operating.md."},
	"log.size_unsealed": {"Ukuran {size} belum tersegel; checkpoint terbaru {newest}.", "Size {size} is not sealed yet; the newest checkpoint is {newest}."},
	"log.state_damaged": {"Program hanya membaca: berkas checkpoint {path} rusak atau bukan dari log ini. Singkirkan berkas itu, lalu pasang checkpoint yang benar dengan runut log adopt.", "Read-only: the checkpoint file {path} is damaged or not of this log. Move it away, then put in the right checkpoint by runut log adopt."},
	"log.state_missing": {"Program hanya membaca: berkas checkpoint {path} tidak ada, padahal log ini sudah ditandatangani sampai {size}. Salin berkas dari mesin lama, atau jalankan runut log adopt.", "Read-only: the checkpoint file {path} is missing, but this log was signed up to {size}. Copy the file from the old machine, or run runut log adopt."},
	"log.state_newer":   {"Berkas checkpoint sudah memuat ukuran {have}, lebih baru dari {want}. Tidak ada yang diubah.", "The checkpoint file holds size {have}, younger than {want}. Nothing was changed."},
	"log.unsealed":      {"Log belum dapat disegel: {error}. Penyegelan dicoba lagi terus; perintah tetap jalan.", "The log cannot be sealed at present: {error}. Sealing is tried again; commands go on."},
	"log.unsigned":      {"Log ini belum punya checkpoint.", "This log has no checkpoint yet."},

	"serve.signer_missing": {"runut serve memerlukan kunci penanda tangan log: --signer, RUNUT_SIGNER, atau kredensial systemd runut-signer. Buat dengan runut log key; tanpa tanda tangan hanya dengan --unsigned.", "runut serve needs the key that signs the log: --signer, RUNUT_SIGNER, or systemd's credential runut-signer. Make one by runut log key; to go without, say --unsigned."},
	"serve.state_missing":  {"Sebutkan folder checkpoint dengan --state atau RUNUT_STATE (systemd: StateDirectory=). Folder itu tidak boleh berada di dalam basis data atau cadangannya.", "Name the folder of the last checkpoint by --state or RUNUT_STATE (systemd: StateDirectory=). It must not lie in the database or its backups."},

	"signer.exposed":   {"Kunci penanda tangan {path} terbaca pengguna lain (mode {mode}). Jalankan chmod 600 {path}.", "The signing key {path} can be read by others (mode {mode}). Run chmod 600 {path}."},
	"signer.malformed": {"Kunci penanda tangan {path} tidak sah pada baris {line}. Satu kunci sebaris, semuanya untuk log yang sama.", "The signing key {path} is not valid on line {line}. One key a line, all of the same log."},
	"signer.present":   {"{path} sudah ada. Pilih nama berkas lain; kunci tidak pernah ditimpa.", "{path} exists. Choose another file; a key is never written over."},
	"signer.missing":   {"Tidak ada kunci penanda tangan di {path}. Buat dengan runut log key, atau sebutkan tempatnya.", "There is no signing key at {path}. Make one by runut log key, or say where it is."},
	"signer.origin":    {"Nama log “{origin}” tidak sah. Pakai alamat tanpa https:// seperti runut.kabupaten.go.id/log, tanpa spasi dan tanda tambah.", "The log's name “{origin}” is not valid. Use an address without https:// such as runut.kabupaten.go.id/log, without spaces or plus."},

	"tile.absent":  {"Tidak ada ubin {tile} dalam log berukuran {size}.", "There is no tile {tile} in a log of size {size}."},
	"tree.damaged": {"Salinan pohon hash tidak cocok dengan log di {place}. Log tidak berubah, tetapi belum dapat disegel: jalankan runut log rebuild, lalu runut verify.", "The copy of the hash tree does not fit the log, at {place}. The log is unchanged, but cannot be sealed: run runut log rebuild, then runut verify."},

	"trust.malformed": {"Baris {line} bukan kunci pemeriksa. Bentuknya asal+sidik+kunci, seperti yang dicetak runut log keys.", "Line {line} is no verifier key. One looks like origin+hash+key, as printed by runut log keys."},
	"trust.no_key":    {"Tidak ada kunci pemeriksa log. Minta kuncinya dari pengelola lewat jalur lain, misalnya berita acara.", "There is no verifier key of a log. Get it from the operator by another way, for example from printed minutes."},
	"trust.two_logs":  {"Baris {line} kunci log {observed}, sedangkan yang lain log {want}. Pisahkan: satu berkas untuk satu log.", "Line {line} is a key of the log {observed}, the others are of {want}. Keep them apart: one file for one log."},
}
