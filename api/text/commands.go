package text

// commands are the words of the program on a terminal.
var commands = map[string]Pair{
	"account.expired":     {"kedaluwarsa", "expired"},
	"account.revoked":     {"dicabut", "revoked"},
	"account.shown_once":  {"Token hanya ditampilkan sekali. Simpan di tempat aman.", "Tokens are shown once. Keep them in a safe place."},
	"account.valid_until": {"sampai {day}", "until {day}"},
	"dev.pages":           {"Halaman", "Pages"},
	"dev.read_models":     {"Model baca disusun dari log", "Building read models from the log"},
	"dev.ready":           {"Runut siap dalam {seconds} detik, {events} peristiwa. DATA CONTOH: semua nama dan angka rekaan.", "Runut is ready after {seconds} s, {events} events. DEMO DATA: every name and figure is invented."},
	"dev.ready_own":       {"Runut siap dalam {seconds} detik, {events} peristiwa.", "Runut is ready after {seconds} s, {events} events."},
	"dev.empty":           {"Log masih kosong. Berikutnya, di terminal lain: runut account init (docs/panduan.md).", "The log is empty. Next, in another terminal: runut account init (docs/panduan.md)."},
	"dev.seeding":         {"Data contoh dibuat: satu kabupaten rekaan", "Making demo data: a fictional kabupaten"},
	"dev.seeding_bar":     {"peristiwa", "events"},
	"dev.stop":            {"Ctrl-C menghentikan semuanya.", "Ctrl-C stops everything."},
	"dev.tokens":          {"Token contoh, satu per peran:", "Demo tokens, one per role:"},
	"dev.try":             {"Coba:", "Try:"},
	"rebuild.bar":         {"peristiwa dibaca", "events read"},
	"workflow.sound":      {"{name} versi {version} sehat: {states} status, {transitions} langkah. Sidik {hash}", "{name} version {version} is sound: {states} states, {transitions} transitions. Hash {hash}"},
}
