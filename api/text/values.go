package text

// values are words for stored values, as "kind.value". They are put in where a
// sentence mentions the value as a parameter of that kind.
var values = map[string]Pair{
	"lane.musrenbang":      {"Musrenbang", "Musrenbang"},
	"lane.pokir":           {"Pokok pikiran DPRD", "Council members' points (pokir)"},
	"lane.teknokratis":     {"Rencana OPD", "Agency's own plan"},
	"lane.usulan_langsung": {"Usulan langsung", "Direct proposal"},
	"lane.kiprah_desa":     {"Kunjungan lapangan", "Field visit"},
	"kind.rkpd":            {"RKPD", "RKPD"},
	"kind.ppas":            {"KUA-PPAS", "KUA-PPAS"},
	"kind.apbd":            {"APBD", "APBD"},
	"kind.perubahan":       {"perubahan APBD", "change of the APBD"},
	"fate.funded":          {"Didanai", "Funded"},
	"fate.partly":          {"Didanai sebagian", "Partly funded"},
	"fate.elsewhere":       {"Dibiayai jalur lain", "Financed elsewhere"},
	"fate.deferred":        {"Ditunda", "Deferred"},
	"fate.dropped":         {"Tidak didanai", "Not funded"},
	"fate.cancelled":       {"Dibatalkan", "Cancelled"},
	"fate.withdrawn":       {"Ditarik pengusul", "Withdrawn"},
	"fate.pending":         {"Masih berjalan", "Still under way"},
	"fate.unknown":         {"Tidak diketahui", "Unknown"},
}
