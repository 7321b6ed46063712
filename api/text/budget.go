package text

// budgetWords are what comparing the documents of a year prints.
var budgetWords = map[string]Pair{
	"budget.to_ppas":           {"Dari RKPD ke KUA-PPAS", "From the RKPD to the KUA-PPAS"},
	"budget.to_ppas_from":      {"Dalam RKPD", "In the RKPD"},
	"budget.to_ppas_to":        {"Dalam KUA-PPAS", "In the KUA-PPAS"},
	"budget.to_apbd":           {"Dari KUA-PPAS ke APBD", "From the KUA-PPAS to the APBD"},
	"budget.to_apbd_from":      {"Dalam KUA-PPAS", "In the KUA-PPAS"},
	"budget.to_apbd_to":        {"Dalam APBD", "In the APBD"},
	"budget.dropped":           {"Hilang", "Dropped"},
	"budget.waiting":           {"Belum diputuskan", "Not decided yet"},
	"budget.lowered":           {"Pagu turun, selisihnya", "Lowered, by"},
	"budget.raised":            {"Pagu naik, selisihnya", "Raised, by"},
	"budget.joined":            {"Baru muncul", "Only in the second"},
	"budget.written":           {"{n} baris ditulis ke {file}.", "{n} rows were written to {file}."},
	"budget.column.number":     {"Nomor usulan", "Number"},
	"budget.column.title":      {"Nama usulan", "Title"},
	"budget.column.village":    {"Kode desa", "Village"},
	"budget.column.opd":        {"Kode OPD", "OPD"},
	"budget.column.state":      {"Status", "State"},
	"budget.column.asked":      {"Diminta", "Asked"},
	"budget.column.accepted":   {"Diterima OPD", "Accepted"},
	"budget.column.rkpd":       {"RKPD", "RKPD"},
	"budget.column.ppas":       {"KUA-PPAS", "KUA-PPAS"},
	"budget.column.apbd":       {"APBD", "APBD"},
	"budget.column.ppas_drift": {"Selisih KUA-PPAS", "KUA-PPAS less RKPD"},
	"budget.column.apbd_drift": {"Selisih APBD", "APBD less KUA-PPAS"},
}
