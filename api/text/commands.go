package text

// commands are the words of the program on a terminal.
var commands = map[string]Pair{
	"account.expired":        {"kedaluwarsa", "expired"},
	"account.revoked":        {"dicabut", "revoked"},
	"account.shown_once":     {"Token hanya ditampilkan sekali. Simpan di tempat aman.", "Tokens are shown once. Keep them in a safe place."},
	"account.valid_until":    {"sampai {day}", "until {day}"},
	"dev.pages":              {"Halaman", "Pages"},
	"dev.read_models":        {"Model baca disusun dari log", "Building read models from the log"},
	"dev.ready":              {"Runut siap dalam {seconds} detik, {events} peristiwa. DATA CONTOH: semua nama dan angka rekaan.", "Runut is ready after {seconds} s, {events} events. DEMO DATA: every name and figure is invented."},
	"dev.ready_own":          {"Runut siap dalam {seconds} detik, {events} peristiwa.", "Runut is ready after {seconds} s, {events} events."},
	"dev.empty":              {"Log masih kosong. Berikutnya, di terminal lain: runut account init (docs/panduan.md).", "The log is empty. Next, in another terminal: runut account init (docs/panduan.md)."},
	"dev.seeding":            {"Data contoh dibuat: satu kabupaten rekaan", "Making demo data: a fictional kabupaten"},
	"dev.seeding_bar":        {"peristiwa", "events"},
	"dev.stop":               {"Ctrl-C menghentikan semuanya.", "Ctrl-C stops everything."},
	"dev.tokens":             {"Token contoh, satu per peran:", "Demo tokens, one per role:"},
	"dev.try":                {"Coba:", "Try:"},
	"grant.code_note":        {"Kode ini hanya ditampilkan sekali dan berlaku sekali, sampai {until}. Serahkan langsung kepada orangnya; ia mengetiknya di halaman /masuk.", "This code is shown once and works once, until {until}. Hand it to the person directly; they type it on the page /masuk."},
	"grant.revoked_note":     {"Penugasan {grant} dicabut; tokennya tidak berlaku lagi.", "The grant {grant} is revoked; its tokens are no longer good."},
	"person.corrected_note":  {"Data {person} dibetulkan dan disegel.", "The details of {person} were put right and sealed."},
	"person.erased_state":    {"data dihapus", "data erased"},
	"person.from":            {"mulai {day}", "from {day}"},
	"person.in_force":        {"berlaku", "in force"},
	"person.registered_note": {"Namanya disegel. Pakai nama samaran ini saat memberi penugasan: runut grant give --person …", "The name is sealed. Name them by this pseudonym when giving a grant: runut grant give --person …"},
	"person.unregistered":    {"belum didaftarkan", "not registered"},
	"rebuild.bar":            {"peristiwa dibaca", "events read"},
	"workflow.sound":         {"{name} versi {version} sehat: {states} status, {transitions} langkah. Sidik {hash}", "{name} version {version} is sound: {states} states, {transitions} transitions. Hash {hash}"},
}
