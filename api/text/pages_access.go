package text

// accessPages are the words of the page of who opened sealed data.
var accessPages = map[string]Pair{
	"access.not_entitled": {"Log akses hanya untuk auditor dan PPID, yang boleh membuka data tersegel. Mintalah kepada PPID bila Anda ingin tahu siapa yang membuka data Anda.", "The access log is for the auditor and PPID, who may open sealed data. Ask PPID if you want to know who opened yours."},
	"filter.day":          {"{parameter}: “{value}” bukan hari. Tulis seperti 2026-02-28.", "{parameter}: “{value}” is no day. Write it like 2026-02-28."},

	"access.title":            {"Akses", "Access"},
	"access.heading":          {"Log akses data tersegel", "Who opened sealed data"},
	"access.lead":             {"Setiap kali data pribadi yang tersegel dilihat atau diekspor, log mencatat siapa, kapan, dan untuk apa. Orang disebut dengan nama samarannya; isinya tidak ada di sini.", "Every time sealed personal data are looked at or exported, the log says who, when and what for. People go by their pseudonyms; what was opened is not here."},
	"access.filter":           {"Saringan", "Filter"},
	"access.purpose":          {"Tujuan", "Purpose"},
	"access.role":             {"Peran", "Role"},
	"access.from":             {"Sejak", "From"},
	"access.to":               {"Sampai", "To"},
	"access.exports":          {"hanya yang diekspor", "exports only"},
	"access.export":           {"diekspor", "exported"},
	"access.when":             {"Waktu", "When"},
	"access.recorded":         {"dicatat {moment}", "recorded {moment}"},
	"access.who":              {"Siapa", "Who"},
	"access.what":             {"Data", "Data"},
	"access.about":            {"peristiwa {event}", "event {event}"},
	"access.none":             {"Tidak ada pembukaan yang cocok", "No opening fits"},
	"access.for.audit":        {"Audit", "Audit"},
	"access.for.court_order":  {"Perintah pengadilan", "Court order"},
	"access.for.complaint":    {"Pengaduan", "Complaint"},
	"access.for.data_subject": {"Permintaan orangnya", "The person asked"},
	"access.for.verification": {"Verifikasi", "Verification"},
}
