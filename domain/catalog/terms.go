package catalog

import "runut/domain/workflow"

// A Term is what people call something that can happen, and one sentence that
// says what it means.
type Term struct {
	ID    string // Indonesian, the one that counts: "Diajukan"
	EN    string // English: "Submitted"
	Means workflow.Label
}

// Terms holds the term of every event, by stored name.
var Terms = map[string]Term{
	"proposal.submitted":          term("Diajukan", "Submitted", "Usulan diserahkan lewat salah satu jalur masuk.", "The proposal was handed in by one of the lanes."),
	"proposal.submitted_late":     term("Diajukan terlambat", "Submitted late", "Usulan diterima setelah waktunya lewat, dengan surat dan alasannya.", "Taken in after its time had passed, with a letter and a reason."),
	"proposal.revised":            term("Diperbaiki", "Revised", "Pengusul mengubah isi usulan; yang lama tetap terbaca.", "The proposer changed facts; the old ones stay readable."),
	"proposal.returned":           term("Dikembalikan", "Returned", "Usulan dikembalikan untuk diperbaiki sampai hari tertentu.", "Sent back for repair, until a day."),
	"proposal.verified":           term("Diverifikasi", "Verified", "Berkas atau lokasi diperiksa dan hasilnya dicatat; keadaan usulan tidak berubah.", "Papers or place were examined; the state does not change."),
	"proposal.recommended":        term("Direkomendasikan", "Recommended", "Satu tingkat memberi rekomendasi; keadaan usulan tidak berubah.", "One level gave its opinion; the state does not change."),
	"proposal.responded":          term("Ditanggapi", "Responded", "OPD menyatakan kecenderungannya di pra forum; keadaan usulan tidak berubah.", "The OPD said at the pra forum what it leans to; the state does not change."),
	"proposal.merged":             term("Digabung", "Merged", "Usulan dilebur ke usulan induk dan sejak itu ikut nasibnya.", "Absorbed into a parent, whose fate it shares from then on."),
	"proposal.formed_by_merge":    term("Hasil gabungan", "Formed by merge", "Usulan induk baru terbentuk dari beberapa usulan.", "A new proposal that stands for several."),
	"proposal.merge_reversed":     term("Gabungan dibatalkan", "Merge reversed", "Penggabungan dibatalkan: induk bubar, tiap usulan berjalan lagi sendiri.", "The merge was undone: the parent is dissolved, each child goes on by itself."),
	"proposal.split":              term("Dipecah", "Split", "Usulan dibagi menjadi beberapa bagian yang berjalan sendiri-sendiri.", "Divided into parts that go on by themselves."),
	"proposal.formed_by_split":    term("Hasil pecahan", "Formed by split", "Usulan baru yang merupakan satu bagian dari usulan lain.", "A new proposal that is one part of another."),
	"proposal.prioritized":        term("Masuk prioritas", "Prioritized", "Daftar final menempatkan usulan di atas garis.", "A final list holds it above the line."),
	"proposal.below_cutoff":       term("Di bawah garis", "Below the line", "Daftar final menempatkan usulan di bawah garis batas.", "A final list holds it below the line."),
	"proposal.transferred":        term("Dialihkan OPD", "Transferred", "Usulan dialihkan ke OPD lain untuk dijawab; setiap perpindahan disimpan.", "Another OPD is to answer it; every hop is kept."),
	"proposal.office_changed":     term("OPD berganti nama", "Office changed", "OPD yang memegang usulan berganti nama atau digantikan; bukan pengalihan.", "Its OPD was renamed or succeeded by another; not a transfer."),
	"proposal.relocated":          term("Wilayah berganti", "Relocated", "Desa usulan mendapat kode wilayah lain.", "Its village got another kode wilayah."),
	"proposal.referred":           term("Dirujuk", "Referred", "Pemerintah lain diminta menjawab karena kewenangannya di sana.", "Another government is asked, because the authority is theirs."),
	"proposal.referral_answered":  term("Rujukan dijawab", "Referral answered", "Pemerintah tujuan menjawab: ya, tidak, atau dikembalikan.", "That government answered: yes, no, or back."),
	"proposal.accepted_by_opd":    term("Diterima OPD", "Accepted by OPD", "OPD memasukkan usulan ke rencananya, mungkin dengan perubahan.", "An OPD took it into its plan, perhaps changed."),
	"proposal.agreed":             term("Disepakati kabupaten", "Agreed", "Musrenbang kabupaten menyepakati usulan dalam daftar final.", "The musrenbang of the kabupaten agreed it on a final list."),
	"proposal.rejected":           term("Ditolak", "Rejected", "Usulan ditolak dengan kode alasan, penjelasan untuk warga, dan dasarnya.", "Turned down, with a reason code, words for citizens, and a ground."),
	"proposal.deferred":           term("Ditunda", "Deferred", "Usulan disimpan di bank usulan sampai tahun dan syarat tertentu.", "Kept for a later year, under a condition."),
	"proposal.included_in_rkpd":   term("Masuk RKPD", "Included in the RKPD", "RKPD yang ditetapkan memuat usulan.", "The adopted RKPD holds it."),
	"proposal.included_in_ppas":   term("Masuk PPAS", "Included in the PPAS", "KUA-PPAS yang disepakati memuat usulan.", "The agreed KUA-PPAS hold it."),
	"proposal.funded":             term("Didanai APBD", "Funded", "APBD mendanai usulan lewat satu baris anggaran; dapat berulang.", "The APBD funds it by one budget line; it may repeat."),
	"proposal.left_out":           term("Tidak masuk", "Left out", "Dokumen atau daftar final berikutnya tidak memuat usulan.", "A later document or a final list does not hold it."),
	"proposal.lapsed":             term("Tidak dibahas", "Lapsed", "Tidak seorang pun memutuskan sampai masanya ditutup.", "Nobody decided before the window closed."),
	"proposal.reinstated":         term("Dihidupkan kembali", "Reinstated", "Usulan yang sudah berakhir berjalan lagi atas dasar tertulis.", "Brought back from an end, on a written ground."),
	"proposal.amount_revised":     term("Pagu berubah", "Amount revised", "Uang yang disediakan untuk usulan berubah.", "The money set aside changed."),
	"proposal.cancelled":          term("Dibatalkan", "Cancelled", "Pendanaan ditarik kembali dengan dasar hukum.", "Funding was taken back, on a legal ground."),
	"proposal.financed_elsewhere": term("Dibiayai jalur lain", "Financed elsewhere", "Usulan dibiayai lewat jalur lain, misalnya Dana Desa atau provinsi.", "Paid another way, such as the village fund or the province."),
	"proposal.appeared_in_budget": term("Muncul di anggaran tanpa usulan", "Appeared in the budget", "Uang tercantum dalam dokumen tanpa pernah diusulkan.", "Money stands in a document that no proposal asked for."),
	"proposal.withdrawn":          term("Ditarik", "Withdrawn", "Pengusul menarik usulannya.", "The proposer took it back."),
	"proposal.carried_over":       term("Diusulkan ulang", "Carried over", "Usulan diajukan lagi pada siklus berikutnya dengan nomor baru.", "Proposed again in a later cycle, under another number."),
	"proposal.continued":          term("Lanjutan", "Continued", "Usulan ini melanjutkan usulan dari siklus sebelumnya.", "Goes on from a proposal of an earlier cycle."),
	"proposal.progress_reported":  term("Dikerjakan", "Progress reported", "Kemajuan pekerjaan dan penyerapan uang dilaporkan.", "How far work and money have come."),
	"proposal.completed":          term("Selesai", "Completed", "Pekerjaan selesai dan diserahterimakan.", "The work was done and handed over."),
	"proposal.unfinished":         term("Tidak selesai", "Unfinished", "Tahun anggaran berakhir sebelum pekerjaan selesai.", "The year ended before the work did."),
	"proposal.objected":           term("Sanggahan", "Objected", "Pengusul menyanggah bagaimana usulannya berakhir.", "The proposer objects to how it ended."),
	"proposal.objection_answered": term("Sanggahan dijawab", "Objection answered", "Sanggahan dikabulkan, ditolak, atau dibiarkan tanpa jawaban.", "The objection was upheld, refused, or left unanswered."),
	"proposal.aligned":            term("Diselaraskan", "Aligned", "Usulan dikaitkan dengan sasaran rencana di atasnya.", "Matched with goals of the plans above it."),
	"proposal.corrected":          term("Dikoreksi", "Corrected", "Dua orang menyatakan catatan sebelumnya keliru; yang keliru tetap terlihat.", "Two persons say that an earlier record was wrong; it stays for all to see."),
	"proposal.text_redacted":      term("Teks ditutup", "Text redacted", "Teks di samping suatu catatan ditutup; buktinya tetap utuh.", "A text beside a record was closed; its proof stays whole."),
	"proposal.source_missing":     term("Hilang dari sumber", "Missing from the source", "Berkas sumber yang mestinya memuat usulan tidak lagi memuatnya.", "A source that ought to hold it no longer does."),
	"proposal.source_found":       term("Ada lagi di sumber", "Found again", "Berkas sumber memuat usulan lagi.", "The source holds it again."),

	"forum.convened":            term("Forum diadakan", "Convened", "Suatu musyawarah dipanggil untuk tahap, wilayah, dan hari tertentu.", "A forum was called together."),
	"forum.attendance_recorded": term("Kehadiran dicatat", "Attendance recorded", "Yang hadir dan tidak hadir dicatat terhadap register.", "Who of the register came, and who did not."),
	"forum.list_ranked":         term("Daftar diurutkan", "List ranked", "Rancangan urutan dengan nilainya; belum memutuskan apa pun.", "A draft order with its scores; it decides nothing yet."),
	"forum.list_finalized":      term("Daftar ditetapkan", "List finalized", "Urutan, batas, dan garisnya ditetapkan; nasib tiap usulan di dalamnya dicatat bersamaan.", "Order, limit and line stand; the outcome of each proposal is recorded with it."),
	"forum.list_superseded":     term("Daftar diganti", "List superseded", "Dengan keputusan tertulis, daftar tidak lagi berlaku.", "By decree the list no longer stands."),
	"forum.minutes_issued":      term("Berita acara diterbitkan", "Minutes issued", "Berita acara dan lampirannya dibuat dari keputusan yang sudah dicatat.", "The berita acara was made from the decisions on record."),
	"forum.minutes_signed":      term("Berita acara ditandatangani", "Minutes signed", "Berita acara yang ditandatangani menjadi bukti bagi usulan yang dicakupnya.", "The signed minutes are evidence for what they cover."),
	"forum.corrected":           term("Daftar dikoreksi", "List corrected", "Dua orang membetulkan salah tulis dalam daftar; berubah pendapat bukan koreksi.", "Two persons put a mistake of writing right; a change of mind is no correction."),
	"forum.closed":              term("Forum ditutup", "Forum closed", "Sidang forum berakhir.", "The session ended."),

	"cycle.opened":                 term("Siklus dibuka", "Cycle opened", "Perencanaan satu tahun anggaran dimulai dengan alur yang dikunci.", "The planning of a fiscal year began, under one pinned workflow."),
	"cycle.window_opened":          term("Masa dibuka", "Window opened", "Suatu masa dibuka dari saat tertentu sampai saat tertentu, untuk wilayah atau OPD-nya.", "Acts bound to the window may take effect in its span, for its scope."),
	"cycle.window_extended":        term("Masa diperpanjang", "Window extended", "Masa ditutup lebih lambat, dengan keputusan tertulis.", "The window closes later, by decree."),
	"cycle.window_closed":          term("Masa ditutup", "Window closed", "Seseorang menutup masa; yang masih menunggu mendapat akhirnya dalam catatan yang sama.", "A person closed it; whatever still waited was given its end in the same append."),
	"cycle.window_reopened":        term("Masa dibuka kembali", "Window reopened", "Dengan keputusan tertulis masa dibuka lagi bagi yang diakhiri penutupannya.", "By decree it is open again for what its closing ended."),
	"cycle.ceiling_set":            term("Pagu ditetapkan", "Ceiling set", "Berapa rupiah yang boleh direncanakan kecamatan atau OPD pada suatu tahap.", "How much a kecamatan or OPD may plan at a stage."),
	"cycle.quota_set":              term("Kuota ditetapkan", "Quota set", "Berapa usulan yang boleh diteruskan dari suatu tahap.", "How many proposals may go on from a stage."),
	"cycle.vocabulary_published":   term("Kosakata diterbitkan", "Vocabulary published", "Edisi kode alasan atau kamus usulan mulai berlaku.", "An edition of reason codes or of the kamus usulan holds from here."),
	"cycle.publication_policy_set": term("Kebijakan publikasi ditetapkan", "Publication policy set", "Isian mana yang boleh dilihat publik, dan mulai tahap mana.", "Which facts the public may see, and from which stage."),
	"cycle.publication_released":   term("Diumumkan", "Published", "Sejak ini publik boleh melihat apa yang telah terjadi dalam cakupannya.", "From here the public may see what had happened in its scope."),
	"cycle.document_adopted":       term("Dokumen ditetapkan", "Document adopted", "RKPD, KUA-PPAS, RAPBD, APBD, atau perubahannya ditetapkan.", "RKPD, KUA-PPAS, RAPBD, APBD or its change was adopted."),
	"cycle.office_succeeded":       term("OPD digantikan", "Office succeeded", "Suatu OPD berganti nama, dipecah, atau digabung.", "An OPD was renamed, split or merged."),
	"cycle.territory_changed":      term("Wilayah berubah", "Territory changed", "Beberapa desa mendapat kode wilayah lain.", "Villages got other codes."),
	"cycle.definition_migrated":    term("Alur diganti", "Definition migrated", "Sejak ini alur lain yang berlaku, dengan peta keadaan yang lengkap.", "From here another definition holds, with a total map of states."),
	"cycle.corrected":              term("Catatan siklus dikoreksi", "Cycle corrected", "Dua orang menyatakan suatu catatan siklus keliru dan tidak berlaku lagi.", "Two persons say that an event of the cycle was wrong and no longer counts."),
	"cycle.closed":                 term("Siklus ditutup", "Cycle closed", "Tidak ada lagi usulan yang menunggu dan masa yang terbuka.", "No proposal waits and no window is open."),

	"grant.given":   term("Wewenang diberikan", "Grant given", "Seseorang boleh bertindak dalam suatu peran, untuk suatu wilayah atau OPD, dengan keputusan tertulis.", "A person may act in a role, for a place or office, by decree."),
	"grant.revoked": term("Wewenang dicabut", "Grant revoked", "Wewenang itu berakhir dengan keputusan tertulis.", "The grant ended, by decree."),

	"grant.invited": term("Kode masuk diberikan", "Invited to sign in", "Pemegang wewenang diberi kode sekali pakai untuk masuk; kodenya sendiri tidak tercatat.", "The holder was given a code to sign in with, once; the code itself is not recorded."),

	"person.registered":        term("Orang didaftarkan", "Person registered", "Seseorang mendapat nama samaran; nama dan nomornya disegel.", "Somebody got a pseudonym; name and numbers are sealed."),
	"person.details_corrected": term("Data orang dibetulkan", "Person's details corrected", "Nama atau nomor seseorang dibetulkan; yang baru disegel juga.", "A name or number was put right; the new one is sealed as well."),
	"person.unsealed":          term("Segel dibuka", "Unsealed", "Data tersegel dilihat atau diekspor, untuk tujuan yang disebut.", "Sealed data were looked at or exported, for a stated purpose."),
	"person.erasure_requested": term("Penghapusan diminta", "Erasure requested", "Seseorang meminta data pribadinya dihapus (UU 27/2022).", "The person asks to be erased (UU 27/2022)."),
	"person.erasure_decided":   term("Penghapusan diputuskan", "Erasure decided", "Permintaan penghapusan dikabulkan atau ditolak, dengan dasarnya.", "The request was granted or refused, with its ground."),
	"person.erased":            term("Data pribadi dihapus", "Erased", "Kunci segel dimusnahkan; data pribadinya tidak dapat dibaca lagi oleh siapa pun.", "The key is gone; what was sealed under it cannot be read again by anybody."),

	"import.received":            term("Berkas diterima", "File received", "Berkas dari sistem lain dibaca, dengan hitungan barisnya.", "A file of another system was read, with the count of its rows."),
	"import.quarantine_resolved": term("Karantina diselesaikan", "Quarantine resolved", "Baris yang tidak terbaca sudah diperbaiki atau dikesampingkan.", "Rows that could not be read were dealt with."),
	"letter.answer_sent":         term("Jawaban dikirim", "Answer sent", "Desa diberi tahu apa yang terjadi dengan usulan-usulannya.", "A village was told what became of its proposals."),

	"log.restarted":               term("Log dimulai dengan nama baru", "Restarted", "Sejak di sini log ditandatangani dengan nama lain, karena sebagian yang sudah ditandatangani hilang.", "From here on the log is signed under another name, because part of what was signed is lost."),
	"reference.edition_published": term("Edisi register diterbitkan", "Edition published", "Sejak hari tertentu edisi register ini yang berlaku.", "From a day on, this edition of a register holds."),
}

func term(id, en, meansID, meansEN string) Term {
	return Term{ID: id, EN: en, Means: workflow.Label{ID: meansID, EN: meansEN}}
}

// A Noun is what a family of events happens to.
type Noun struct {
	ID     string // "Usulan"
	EN     string // "Proposal"
	Stream string // how its streams are named, with an example
	Means  workflow.Label
}

// Nouns holds the noun of every event: what stands before the dot of its stored
// name. NounOrder is the order in which people read them.
var (
	Nouns = map[string]Noun{
		"proposal":  noun("Usulan", "Proposal", "proposal-U-27-4K7M2XR", "Satu usulan sejak diajukan sampai selesai.", "One usulan, from being handed in to being done."),
		"forum":     noun("Forum", "Forum", "forum-…", "Satu musyawarah: siapa hadir, apa yang diurutkan dan ditetapkan, berita acaranya.", "One musyawarah: who came, what was ranked and decided, its minutes."),
		"cycle":     noun("Siklus", "Cycle", "cycle-2027", "Satu tahun anggaran: alurnya, masa-masanya, pagu dan kuota, dokumen, publikasi.", "One fiscal year: its workflow, windows, limits, documents and publication."),
		"grant":     noun("Wewenang", "Grant", "grant-…", "Siapa boleh bertindak sebagai apa, di mana, sejak dan sampai kapan, dengan keputusan mana.", "Who may act as what, where, from when until when, by which decree."),
		"person":    noun("Orang", "Person", "person-p-4K7M2XQ0TB9D", "Data pribadi di balik nama samaran, dan setiap kali ia dibuka.", "The personal data behind a pseudonym, and every time they are opened."),
		"import":    noun("Impor", "Import", "import-sipd-2027", "Berkas dari sistem lain yang diambil ke dalam catatan.", "Files of other systems that were taken in."),
		"letter":    noun("Surat", "Letter", "letter-99.01.03.2001-2027", "Jawaban kepada desa.", "Answers to a village."),
		"log":       noun("Log", "Log", "log-self", "Yang dikatakan log tentang dirinya.", "What the log says of itself."),
		"reference": noun("Register", "Register", "reference-wilayah", "Kode dan nama yang dipakai usulan, edisi demi edisi.", "Codes and names that proposals use, edition by edition."),
	}
	NounOrder = []string{"proposal", "forum", "cycle", "grant", "person", "import", "letter", "reference", "log"}
)

func noun(id, en, stream, meansID, meansEN string) Noun {
	return Noun{ID: id, EN: en, Stream: stream, Means: workflow.Label{ID: meansID, EN: meansEN}}
}
