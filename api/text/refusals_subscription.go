package text

// What goes wrong with where an OPD's feed is sent to.
var subscriptionRefusals = map[string]Pair{
	"subscription.url_form":     {"“{url}” bukan alamat web yang lengkap. Tulis mis. https://sistem.opd.example/runut, paling panjang 500 karakter.", "“{url}” is no complete web address. Write e.g. https://system.opd.example/runut, of 500 characters at most."},
	"subscription.url_password": {"Alamat tidak boleh memuat nama pengguna atau sandi. Kiriman ditandatangani; penerima memeriksa tanda tangannya.", "The address may hold no user name and no password. What is sent is signed; the receiver checks the signature."},
	"subscription.url_fragment": {"Hapus bagian setelah # dari alamat itu.", "Remove what comes after # from the address."},
	"subscription.url_scheme":   {"Alamat harus diawali https://.", "The address must begin with https://."},
	"subscription.url_port":     {"Alamat hanya boleh memakai porta 443. Untuk server di jaringan sendiri, pengelola menetapkan --webhook-inside.", "The address may use port 443 only. For servers of your own network the operator sets --webhook-inside."},
	"subscription.url_address":  {"{url} bukan alamat umum di internet. Untuk server di jaringan sendiri, pengelola menetapkan --webhook-inside.", "{url} is no public address of the internet. For servers of your own network the operator sets --webhook-inside."},
	"subscription.ordering":     {"Urutan “{ordering}” tidak dikenal. Pilih proposal atau endpoint.", "There is no ordering “{ordering}”. Choose proposal or endpoint."},
	"subscription.position":     {"Posisi {position} tidak mungkin. Pakai 0 untuk semuanya, atau posisi peristiwa terakhir yang sudah diterima.", "There is no position {position}. Use 0 for everything, or the position of the last event that was taken."},
	"subscription.from":         {"Sebutkan salah satu: after (posisi) atau since (saat).", "Give one of them: after (a position) or since (a moment)."},
	"subscription.too_many":     {"Sudah ada {most} alamat untuk OPD ini. Hapus satu yang tidak dipakai lagi.", "This OPD has {most} endpoints already. Remove one that is no longer used."},
	"subscription.other":        {"Kunci ini sudah dipakai untuk alamat lain ({id}). Pakai Idempotency-Key yang baru.", "This key was used for another endpoint ({id}). Use a new Idempotency-Key."},
	"subscription.unknown":      {"Tidak ada alamat {id} yang Anda kelola.", "There is no endpoint {id} that you manage."},
	"subscription.role":         {"Peran {role} tidak dapat mengatur pengiriman umpan OPD. Mintalah kepala, petugas atau perencana OPD itu.", "The role {role} cannot manage where an OPD's feed is sent. Ask that OPD's head, officer or planner."},
	"subscription.opd_unknown":  {"OPD {opd} tidak ada dalam register. Lihat kodenya dengan GET /api/v1/registers/opd.", "There is no OPD {opd} in the register. See the codes by GET /api/v1/registers/opd."},
}

// subscriptionWords are what pages and commands say of endpoints.
var subscriptionWords = map[string]Pair{
	"subscription.shown_once":          {"Simpan rahasia ini di sistem penerima sekarang: ia tidak ditampilkan lagi.", "Keep this secret in the receiving system now: it is not shown again."},
	"subscription.standing":            {"{waiting} menunggu, {parked} usulan tertahan, {failures} kali gagal berturut-turut", "{waiting} waiting, {parked} proposals held back, {failures} failures in a row"},
	"subscription.state.active":        {"aktif", "active"},
	"subscription.state.paused":        {"dijeda", "paused"},
	"subscription.state.disabled":      {"dimatikan", "disabled"},
	"subscription.why.gone":            {"penerima menjawab 410 Gone", "the receiver answered 410 Gone"},
	"subscription.why.failing":         {"lima hari tidak ada yang diterima", "nothing was taken for five days"},
	"subscription.outcome.taken":       {"diterima", "taken"},
	"subscription.outcome.gone":        {"alamat ditutup (410)", "gone (410)"},
	"subscription.outcome.redirected":  {"dialihkan, tidak diikuti", "redirected, not followed"},
	"subscription.outcome.throttled":   {"diminta menunggu", "asked to wait"},
	"subscription.outcome.refused":     {"ditolak", "refused"},
	"subscription.outcome.timed_out":   {"tidak ada jawaban dalam 15 detik", "no answer within 15 seconds"},
	"subscription.outcome.forbidden":   {"alamat tidak boleh dikirimi", "the address may not be sent to"},
	"subscription.outcome.unreachable": {"tidak dapat dihubungi", "unreachable"},
}
