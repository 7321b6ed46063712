package catalog

// A Field is what people call one member of an event: the label of a form
// field, the heading of a column.
type Field struct {
	ID   string // "volume dan satuan"
	EN   string // "volume and unit"
	Form Form   // what its words and numbers stand for, where the Go type alone does not say
}

// A Form is what a word or number stands for.
type Form string

// The forms of words.
const (
	Wilayah      Form = "wilayah"      // kode wilayah: 99.01.03.2001
	Office       Form = "office"       // OPD code
	Number       Form = "number"       // a proposal's number: U-27-4K7M2XR
	EventID      Form = "event_id"     // id of an event
	Stream       Form = "stream"       // name of a stream: forum-…
	Day          Form = "day"          // local day: 2026-02-20
	Year         Form = "year"         // fiscal year
	Digest       Form = "digest"       // SHA-256, hexadecimal
	Reason       Form = "reason"       // reason code
	Pseudonym    Form = "pseudonym"    // p-…
	Post         Form = "post"         // role@office
	Word         Form = "word"         // one of a closed list
	Name         Form = "name"         // a short name or title
	Nomenclature Form = "nomenclature" // code of a sub kegiatan
	Process      Form = "process"      // a name in the workflow: state, stage, transition, window
	Pointer      Form = "pointer"      // JSON pointer
)

// The forms of numbers.
const (
	Count         Form = "count"          // how many
	Ordinal       Form = "ordinal"        // which one, from 1
	Money         Form = "money"          // rupiah
	MilliPoint    Form = "milli_point"    // thousandths of a point
	Hundredth     Form = "hundredth"      // hundredths
	CentiPerCent  Form = "centi_per_cent" // hundredths of a per cent: 8750 is 87.50 %
	LimitedAmount Form = "limited_amount" // proposals, or rupiah under a ceiling
	Degrees       Form = "degrees"        // decimal degrees, WGS 84
)

// FieldOf returns the words for a member of a Go struct, named as in
// "forum.Entry".
func FieldOf(owner, member string) (Field, bool) {
	if f, ok := Fields[owner+"."+member]; ok {
		return f, true
	}
	f, ok := Fields[member]
	return f, ok
}

// Fields holds the words for the members of events, by JSON name; where a name
// means something else in one struct, by that struct's name and it:
// "forum.Entry.amount".
var Fields = map[string]Field{
	"absent":           {"yang tidak hadir", "the absent", Wilayah},
	"accepted":         {"baris yang masuk", "rows taken in", Count},
	"account":          {"kode rekening", "account code", Name},
	"action":           {"apa yang dilakukan koreksi: void (dicoret), amend (diganti), restore (dipulihkan)", "what the correction does", Word},
	"after":            {"mulai tahap", "from which stage", Process},
	"amount":           {"jumlah uang", "amount", Money},
	"annexes":          {"lampiran", "annexes", Word},
	"answer":           {"jawaban: yes (ya), no (tidak), back (dikembalikan)", "the answer", Word},
	"at":               {"berakhir pada", "ended at", ""},
	"attachments":      {"lampiran", "attachments", ""},
	"basic_service":    {"pelayanan dasar", "basic service", Word},
	"by":               {"daftar penggantinya", "list that takes its place", Name},
	"capacity":         {"kapasitas jabatan: definitif, plt, plh, an", "capacity in office", Word},
	"cause":            {"peristiwa yang mengakhirinya", "event that ended it", EventID},
	"ceiling":          {"pagu OPD saat itu", "ceiling of its OPD at the time", Money},
	"chair":            {"jabatan pimpinan sidang", "office in the chair", Name},
	"change":           {"alasan berubahnya volume atau biaya", "why volume or estimate differ", ""},
	"channel":          {"cara hadir: luring atau daring", "channel: on site or online", Word},
	"check":            {"syarat yang diperiksa", "condition examined", Name},
	"checks":           {"syarat yang diperiksa beserta temuannya", "conditions examined and what each observed", ""},
	"child":            {"usulan anak", "child proposal", Number},
	"closed_by":        {"ditutup oleh", "closed by", Post},
	"closes_at":        {"tutup pada", "closes at", ""},
	"closing":          {"penutupan yang dibuka kembali", "closing that is undone", EventID},
	"code":             {"kode", "code", Name},
	"components":       {"komponen gabungan", "components of the merge", ""},
	"condition":        {"syarat", "condition", ""},
	"could_have_acted": {"siapa saja yang dapat memutuskan", "who could have decided", Post},
	"coverage":         {"wilayah dan OPD yang dicakup berkas", "places and OPDs the file speaks for", Name},
	"covers":           {"usulan yang dicakup", "proposals covered", Number},
	"criteria":         {"kriteria penilaian", "criteria", ""},
	"cutoff":           {"banyaknya yang di atas garis", "how many are above the line", Count},
	"cycle":            {"siklus (tahun anggaran)", "cycle", Year},
	"date":             {"tanggal", "date", Day},
	"deadline":         {"batas waktu jawaban", "to be answered by", Day},
	"decree":           {"keputusan tertulis", "decree", ""},
	"definition":       {"alur yang dikunci", "pinned workflow", ""},
	"demo":             {"data contoh, bukan kejadian nyata", "fictional data", ""},
	"depth":            {"berapa kali digabung di bawahnya", "merges below it", Count},
	"description":      {"uraian", "what is to be done", ""},
	"digest":           {"sidik digital", "digest", Digest},
	"anchor":           {"checkpoint log yang dicetak", "checkpoint of the log that is printed", Name},
	"document":         {"dokumen", "document", ""},
	"due":              {"paling lambat", "due", Day},
	"edition":          {"edisi", "edition", Name},
	"email":            {"surel", "e-mail", ""},
	"en":               {"dalam bahasa Inggris", "in English", Name},
	"entered_by":       {"siapa yang memasukkan asalnya", "who entered its origins", Pseudonym},
	"entries":          {"isi daftar", "entries", ""},
	"estimate":         {"perkiraan biaya", "estimate", Money},
	"event":            {"peristiwa pemilik data", "event the data belong to", EventID},
	"evidence":         {"bukti bertanggal di dalam masanya", "evidence dated inside the window", ""},
	"export":           {"diekspor", "exported", ""},
	"exported_at":      {"diekspor dari sumber pada", "exported at", ""},
	"facts":            {"keterangan lain", "further facts", Name},
	"fate":             {"nasibnya", "its fate", Word},
	"field":            {"isian", "field", Pointer},
	"fields":           {"isian", "fields", Name},
	"file":             {"sidik digital berkas", "digest of the file", Digest},
	"financial":        {"kemajuan keuangan", "financial progress", CentiPerCent},
	"first":            {"wewenang pertama, dari sistem", "first grant, by the system", ""},
	"first_out":        {"yang pertama di bawah garis", "first one out", Number},
	"fiscal_year":      {"tahun anggaran", "fiscal year", Year},
	"forum":            {"forum yang memutuskan", "forum", Stream},
	"gaps":             {"yang diminta aturan tetapi tidak ada di sumber", "what the rule asks for and the source does not hold", Name},
	"goals":            {"sasaran", "goals", Name},
	"granted":          {"dikabulkan", "granted", ""},
	"ground":           {"dasar", "ground", Name},
	"group":            {"kelompok nasional", "national group", Word},
	"handover":         {"berita acara serah terima", "handover document", ""},
	"hash":             {"sidik digital alur", "hash of the definition", Digest},
	"history":          {"diambil sebagai riwayat", "taken in as history", ""},
	"holder":           {"pemegang saat itu", "who had it", Post},
	"how":              {"cara penyelesaian: reimported (diimpor ulang), dismissed (dikesampingkan)", "how it was dealt with", Word},
	"id":               {"dalam bahasa Indonesia", "in Indonesian", Name},
	"inherited":        {"peringkat yang diwarisi, menurut tahap", "rankings inherited, by stage", ""},
	"issues":           {"isu strategis", "strategic issues", Word},
	"kabupaten":        {"kabupaten", "kabupaten", Wilayah},
	"kamus":            {"entri kamus usulan", "entry of the kamus usulan", Name},
	"keys":             {"banyaknya kunci yang dimusnahkan", "keys deleted", Count},
	"kind":             {"jenis", "kind", Word},
	"lane":             {"jalur masuk", "lane", Word},
	"last_in":          {"yang terakhir di atas garis", "last one in", Number},
	"lat":              {"lintang", "latitude", Degrees},
	"late":             {"terlambat", "late", ""},
	"leaning":          {"kecenderungan: terima, ragu, tolak", "leaning", Word},
	"legal_ground":     {"dasar hukum", "legal ground", Name},
	"letter":           {"surat", "letter", ""},
	"level":            {"tingkat pemberi rekomendasi", "level", Word},
	"limit":            {"batas", "limit", ""},
	"line":             {"baris anggaran", "budget line", Name},
	"line_total":       {"jumlah seluruh baris anggaran", "total of the line", Money},
	"lines":            {"banyaknya baris", "lines", Count},
	"list":             {"daftar", "list", Name},
	"location":         {"lokasi (RT, RW, dusun, jalan)", "location", ""},
	"lon":              {"bujur", "longitude", Degrees},
	"map":              {"keadaan lama ke keadaan baru", "state before to state after", Process},
	"merges":           {"berapa kali digabung di bawahnya", "merges below it", Count},
	"minutes_village":  {"berita acara musyawarah desa", "minutes of the village forum", ""},
	"missing":          {"baris yang hilang", "rows missing", Count},
	"mode":             {"cara pembiayaan", "mode", Word},
	"name":             {"nama", "name", Name},
	"new":              {"menjadi", "new", Money},
	"next":             {"nomor di siklus berikutnya", "number in the later cycle", Number},
	"nik":              {"NIK", "NIK", ""},
	"note":             {"catatan", "note", ""},
	"number":           {"nomor", "number", Name},
	"observed":         {"dibaca dari sumber, tidak diputuskan di sini", "read off a source, not decided here", ""},
	"occurred":         {"waktu kejadian yang benar", "when it really took effect", ""},
	"of":               {"banyaknya dalam daftar", "length of the list", Count},
	"office":           {"jabatan atau kantor sebagaimana ditampilkan", "office as shown", Name},
	"ok":               {"terpenuhi", "whether it held", ""},
	"old":              {"semula", "old", Money},
	"opd":              {"OPD", "OPD", Office},
	"opens_at":         {"buka pada", "opens at", ""},
	"origins":          {"banyaknya usulan asal", "origins", Count},
	"parent":           {"usulan induk", "parent proposal", Number},
	"part":             {"bagian ke", "part", Ordinal},
	"parts":            {"bagian-bagian", "parts", Number},
	"person":           {"orang", "person", Pseudonym},
	"phone":            {"nomor telepon", "phone number", ""},
	"photos":           {"foto", "photos", ""},
	"physical":         {"kemajuan fisik", "physical progress", CentiPerCent},
	"place":            {"tempat", "place", ""},
	"plan":             {"rencana: rpjmn, rpjmd, renstra", "plan", Word},
	"point":            {"titik koordinat", "where it was measured", ""},
	"practice":         {"siklus latihan; tidak dihitung", "for practice; nothing in it counts", ""},
	"precision":        {"ketelitian: instant, day, between_exports", "precision", Word},
	"present":          {"yang hadir", "who came", ""},
	"previous":         {"nomor di siklus sebelumnya", "number in the earlier cycle", Number},
	"priority":         {"urutan menurut pengusul", "the proposer's own order", Ordinal},
	"problem":          {"masalah", "why it is needed", ""},
	"proposal":         {"usulan", "proposal", Number},
	"proposer":         {"pengusul perorangan", "person who proposes", Pseudonym},
	"purpose":          {"tujuan", "purpose", Word},
	"quarantined":      {"baris yang dikarantina", "rows quarantined", Count},
	"rank":             {"peringkat", "rank", Ordinal},
	"reason":           {"alasan", "reason", Reason},
	"recess_minutes":   {"risalah reses", "minutes of the recess", ""},
	"recorded_late":    {"dicatat setelah masanya ditutup, dengan bukti", "recorded after its window had closed, with evidence", ""},
	"register":         {"register", "register", Word},
	"result":           {"hasil", "result", Word},
	"resume":           {"keadaan yang dilanjutkan", "state it resumes", Process},
	"role":             {"peran", "role", Word},
	"row":              {"baris ke", "row", Ordinal},
	"rows":             {"banyaknya baris", "rows", Count},
	"scope":            {"cakupan", "scope", ""},
	"score":            {"nilai", "score", MilliPoint},
	"scores":           {"nilai per kriteria", "score per criterion", MilliPoint},
	"second_approver":  {"penyetuju kedua", "second approver", Pseudonym},
	"signers":          {"penanda tangan", "signers", Post},
	"since":            {"menunggu sejak", "waiting since", ""},
	"skipped":          {"langkah yang dilompati sumber", "transitions the source jumped over", Process},
	"source":           {"sumber", "source", Word},
	"source_id":        {"id di sistem asal", "id in the source system", Name},
	"splits":           {"berapa kali dipecah di bawahnya", "splits below it", Count},
	"stage":            {"tahap", "stage", Process},
	"state":            {"keadaan sesudahnya", "state it leads to", Process},
	"sub_kegiatan":     {"sub kegiatan", "sub kegiatan", Nomenclature},
	"successors":       {"kode lama ke kode baru", "old code to new", Wilayah},
	"supersedes":       {"daftar yang digantikan", "list it replaces", Name},
	"target":           {"catatan yang dituju", "event it acts on", EventID},
	"text":             {"penjelasan untuk warga", "in words for citizens", ""},
	"tie":              {"alasan mendahului yang nilainya sama", "why it stands before an equal score", Word},
	"title":            {"judul", "title", Name},
	"total":            {"jumlah seluruhnya", "total", Money},
	"unchanged":        {"baris tanpa perubahan", "rows unchanged", Count},
	"unit":             {"satuan", "unit", Name},
	"used":             {"terpakai dari batas", "used of the limit", LimitedAmount},
	"valid_from":       {"berlaku sejak", "valid from", Day},
	"value":            {"besarnya", "value", LimitedAmount},
	"version":          {"versi", "version", Ordinal},
	"via":              {"lewat langkah alur", "transition", Process},
	"village":          {"desa atau kelurahan", "village", Wilayah},
	"visit":            {"kunjungan lapangan", "field visit", Name},
	"volume":           {"volume dan satuan", "volume and unit", ""},
	"waiting":          {"banyaknya yang masih menunggu", "how many still waited", Count},
	"want":             {"yang diminta aturan", "what the rule asks for", Name},
	"weight":           {"bobot", "weight", Money},
	"weights":          {"bobot tiap bagian", "weights of the parts", Money},
	"whole":            {"usulan yang dipecah", "proposal that was split", Number},
	"wilayah":          {"edisi register wilayah", "edition of the register of wilayah", Name},
	"window":           {"masa", "window", Process},
	"with":             {"peristiwa pengganti yang lengkap", "the full replacement", ""},
	"women":            {"di antaranya perempuan", "women among them", Count},
	"year":             {"tahun anggaran", "fiscal year", Year},
	"zone":             {"zona waktu: WIB, WITA, WIT", "time zone", Word},

	"domain.Check.observed":             {"yang ditemukan", "what was found", Name},
	"domain.Interval.from":              {"mulai", "from", ""},
	"domain.Interval.to":                {"sampai", "to", ""},
	"domain.Scope.code":                 {"kode wilayah atau OPD; kosong berarti semua sejenis", "code of the place or office; empty for all of the kind", Name},
	"domain.Scope.kind":                 {"jenis: village, kecamatan, opd, kabupaten, province, none", "kind", Word},
	"domain.Volume.amount":              {"banyaknya, desimal", "amount, a decimal", Name},
	"proposal.Closing.kind":             {"omission (tidak ada yang memutuskan) atau rule (daftar final sudah memutuskan)", "omission or rule", Word},
	"proposal.Closing.of":               {"penutupan yang mengakhiri penantian", "closing that ended the wait", EventID},
	"proposal.FormedBySplit.depth":      {"berapa kali sudah dipecah", "how often it has been split", Count},
	"proposal.FormedBySplit.of":         {"jumlah bobot semua bagian", "sum of all weights", Money},
	"proposal.Ranking.cutoff":           {"peringkat terakhir di atas garis", "rank of the last one in", Ordinal},
	"proposal.Ranking.list":             {"daftar, dengan forumnya", "list, with its forum", Stream},
	"proposal.Ranking.amount":           {"yang dihitung terhadap pagu", "what it counts against a ceiling", Money},
	"proposal.Referred.target":          {"pemerintah yang dituju", "which government", Word},
	"proposal.Relocated.from":           {"kode lama", "code before", Wilayah},
	"proposal.Relocated.to":             {"kode baru", "code after", Wilayah},
	"proposal.Transferred.from":         {"dari OPD", "from OPD", Office},
	"proposal.Transferred.to":           {"ke OPD", "to OPD", Office},
	"proposal.OfficeChanged.from":       {"dari OPD", "from OPD", Office},
	"proposal.OfficeChanged.to":         {"ke OPD", "to OPD", Office},
	"proposal.MergeReversed.role":       {"sebagai induk atau anak: parent, child", "as parent or child", Word},
	"proposal.Reinstated.ground":        {"dasar: reopening, objection, reversal", "ground", Word},
	"proposal.Deferred.until":           {"sampai tahun anggaran", "until fiscal year", Year},
	"proposal.CarriedOver.parent":       {"induk yang menentukan nasibnya", "merged proposal whose fate that was", Number},
	"proposal.Observed.before":          {"sidik berkas sebelumnya", "digest of the file before it", Digest},
	"proposal.Observed.doubts":          {"yang diragukan saat membaca", "what reading it left in doubt", Word},
	"proposal.Observed.said":            {"tulisan asli di sumber", "what the source wrote", ""},
	"proposal.Observed.id":              {"ID di sistem asal", "id in the source system", Name},
	"proposal.Observed.proposer":        {"nama pengusul, disegel", "the proposer's name, sealed", ""},
	"proposal.Said.column":              {"kolom", "column", Word},
	"proposal.Said.text":                {"tulisannya", "its words", ""},
	"proposal.Observed.source":          {"sistem asal", "source system", Word},
	"proposal.Funded.source":            {"sumber dana", "source of funds", Word},
	"proposal.FinancedElsewhere.code":   {"kode kegiatan di sana", "code of the activity there", Name},
	"logbook.Restarted.before":          {"nama log sebelumnya", "name before", Name},
	"logbook.Restarted.kept":            {"peristiwa lama yang masih ada", "events that are still there", Count},
	"logbook.Restarted.origin":          {"nama log sejak di sini", "name from here on", Name},
	"logbook.Restarted.root":            {"akar checkpoint terakhir", "root of the last checkpoint", Digest},
	"logbook.Restarted.size":            {"peristiwa dalam checkpoint terakhir", "events in the last checkpoint", Count},
	"logbook.Restarted.reason":          {"apa yang terjadi", "what happened", ""},
	"proposal.Corrected.reason":         {"alasan koreksi", "why", ""},
	"forum.Attended.code":               {"desa atau OPD", "village or OPD", Name},
	"forum.Attended.count":              {"banyaknya orang", "persons", Count},
	"forum.Criterion.weight":            {"bobot", "weight", Hundredth},
	"forum.Entry.amount":                {"yang dihitung terhadap pagu", "what it counts against a ceiling", Money},
	"forum.Entry.reason":                {"alasan sendiri untuk di bawah garis", "reason of its own to be below the line", Reason},
	"forum.Limit.kind":                  {"quota (usulan), ceiling (rupiah), none", "quota, ceiling or none", Word},
	"forum.Limit.source":                {"peristiwa yang menetapkannya", "event that set it", EventID},
	"forum.Convened.date":               {"hari", "local day", Day},
	"forum.AttendanceRecorded.register": {"edisi register yang dipakai", "edition of the register", Name},
	"cycle.OfficeSucceeded.from":        {"OPD lama", "OPD before", Office},
	"cycle.OfficeSucceeded.to":          {"OPD baru", "OPDs after", Office},
	"cycle.DefinitionMigrated.from":     {"alur lama", "definition before", ""},
	"cycle.DefinitionMigrated.to":       {"alur baru", "definition after", ""},
	"cycle.WindowReopened.covers":       {"usulan yang dihidupkan kembali; kosong berarti semua", "proposals brought back; empty for all", Number},
	"cycle.QuotaSet.count":              {"banyaknya usulan", "how many proposals", Count},
	"cycle.QuotaSet.old":                {"semula", "old", Count},
	"cycle.Word.opd":                    {"OPD pelaksana", "OPD in charge", Office},
	"cycle.Opened.title":                {"nama kabupaten", "name of the kabupaten", Name},
	"cycle.PublicationReleased.stage":   {"sampai dengan tahap; kosong berarti semuanya", "up to and with the stage; empty for everything", Process},
	"grant.Given.from":                  {"berlaku sejak", "from", ""},
	"grant.Given.until":                 {"berlaku sampai; kosong berarti sampai dicabut", "until; empty until it is revoked", ""},
	"grant.Given.cycle":                 {"hanya untuk tahun anggaran", "limited to the fiscal year", Year},
	"grant.Invited.until":               {"kode berlaku sampai", "the code lasts until", ""},
	"person.Unsealed.fields":            {"isian yang dibuka", "fields that were opened", Pointer},
	"person.ErasureDecided.ground":      {"dasar hukum", "article it rests on", Name},
	"delivery.Received.before":          {"sidik berkas pembanding", "digest of the file compared with", Digest},
	"delivery.Received.mends":           {"sidik berkas yang diperbaiki", "digest of the file it mends", Digest},
	"delivery.Received.rules":           {"versi peta status", "version of the status map", Name},
	"delivery.Received.confirmed":       {"hilangnya dikonfirmasi", "missing rows were confirmed", ""},
	"delivery.Received.held":            {"karantina menurut alasan", "quarantine by reason", ""},
	"delivery.Held.reason":              {"alasan karantina", "reason of the quarantine", Word},
	"delivery.Held.count":               {"banyak baris", "how many rows", Count},
	"delivery.Held.rows":                {"nomor baris", "row numbers", ""},
	"delivery.Stretch.from":             {"dari baris", "from row", Ordinal},
	"delivery.Stretch.to":               {"sampai baris", "to row", Ordinal},
	"delivery.Received.source":          {"sistem asal", "source system", Word},
	"delivery.QuarantineResolved.rows":  {"nomor baris", "row numbers", Ordinal},
	"forum.Attended.delegate":           {"datang lewat utusan yang membawa mandat", "came by somebody with a mandate", ""},
	"delivery.AnswerSent.channel":       {"cara kirim: surat, surel, aplikasi, langsung", "channel", Word},
	"reference.Entry.parent":            {"kode di atasnya", "parent code", Name},
	"reference.Entry.until":             {"tidak dipakai lagi sejak", "no longer used from", Day},
	"reference.EditionPublished.parts":  {"banyaknya bagian", "how many parts", Count},
}

// A Shape is what people call a struct that events share.
type Shape struct {
	Go    string // "forum.Entry"
	ID    string // "Entri daftar"
	Means string // in Indonesian; the English stands with the Go type
}

// Shapes holds the words for the structs that events share, in the order in
// which they are read.
var Shapes = []Shape{
	{"proposal.Step", "Langkah proses", "Yang dikatakan setiap peristiwa usulan tentang prosesnya: ke keadaan mana, lewat langkah apa, syarat apa yang diperiksa."},
	{"proposal.Lateness", "Pencatatan terlambat", "Yang membolehkan suatu tindakan dicatat setelah masanya ditutup."},
	{"proposal.Said", "Tulisan di sumber", "Apa yang tertulis di satu kolom berkas, sebagaimana tertulis."},
	{"delivery.Held", "Karantina", "Baris yang dikarantina karena satu alasan."},
	{"delivery.Stretch", "Rentang baris", "Baris-baris yang berurutan."},
	{"proposal.Observed", "Pembacaan dari sumber", "Membedakan yang dibaca dari berkas sistem lain dengan yang diputuskan di Runut."},
	{"proposal.Idea", "Isi usulan", "Yang diusulkan."},
	{"proposal.Component", "Komponen gabungan", "Satu usulan anak sebagaimana dipegang induknya. Bobot nol berarti dikeluarkan dari gabungan pada peristiwa itu."},
	{"proposal.Ranking", "Tempat dalam daftar", "Tempat suatu usulan dalam daftar final."},
	{"proposal.Allocation", "Alokasi", "Jumlah uang untuk suatu usulan dalam dokumen yang ditetapkan."},
	{"proposal.Closing", "Penantian yang diakhiri", "Yang diketahui sistem tentang penantian yang diakhiri penutupan suatu masa: sejak kapan, di tangan siapa, siapa yang dapat memutuskan."},
	{"proposal.Amendment", "Peristiwa pengganti", "Isian lengkap yang menggantikan isian peristiwa yang keliru."},
	{"forum.Attended", "Yang hadir", "Satu desa atau OPD yang hadir."},
	{"forum.Criterion", "Kriteria", "Satu hal yang dinilai, dengan bobotnya. Jumlah bobot 100."},
	{"forum.Entry", "Entri daftar", "Satu tempat dalam daftar."},
	{"forum.Limit", "Batas", "Yang tidak boleh dilampaui daftar final."},
	{"cycle.Pin", "Alur yang dikunci", "Menyebut satu alur untuk selamanya."},
	{"cycle.Word", "Kata kosakata", "Satu kode alasan atau satu entri kamus usulan."},
	{"reference.Entry", "Entri register", "Satu baris register."},
	{"domain.Document", "Dokumen", "Selembar bukti: namanya di atas kertas dan, bila diunggah, sidik digitalnya."},
	{"domain.Scope", "Cakupan", "Untuk wilayah atau OPD mana. Kode kosong berarti semua yang sejenis."},
	{"domain.Volume", "Volume", "Banyaknya sesuatu, dengan satuannya."},
	{"domain.Point", "Titik", "Satu tempat di bumi."},
	{"domain.Interval", "Waktu kejadian", "Kapan suatu fakta berlaku."},
	{"domain.Check", "Syarat yang diperiksa", "Satu syarat yang diperiksa sebelum memutuskan, dan apa yang ditemukan."},
}
