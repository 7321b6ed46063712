package text

// explanations are the sentences by which package answer tells what became of a
// proposal. They are written for villagers: short, one thought each, no
// abbreviation that the village office would not use.
var explanations = map[string]Pair{
	// What became of it.
	"answer.funded":              {"Usulan ini didanai.", "This proposal was funded."},
	"answer.partly":              {"Usulan ini didanai sebagian.", "This proposal was funded in part."},
	"answer.elsewhere":           {"Usulan ini dibiayai lewat jalur lain.", "This proposal is paid for another way."},
	"answer.pending":             {"Usulan ini masih diproses.", "This proposal is still under way."},
	"answer.deferred":            {"Usulan ini ditunda.", "This proposal was deferred."},
	"answer.dropped":             {"Usulan ini tidak didanai.", "This proposal was not funded."},
	"answer.cancelled":           {"Usulan ini sempat didanai, lalu dibatalkan.", "This proposal was funded, then cancelled."},
	"answer.withdrawn":           {"Usulan ini ditarik oleh pengusulnya.", "This proposal was withdrawn by its proposer."},
	"answer.unknown":             {"Nasib usulan ini tidak dapat dipastikan dari catatan yang ada.", "What became of this proposal cannot be told from what is on record."},
	"answer.dissolved":           {"Penggabungan ini dibatalkan; usulan-usulan asalnya berjalan sendiri-sendiri.", "This merge was undone; the proposals in it went on by themselves."},
	"answer.not_yet":             {"Pada saat yang ditanyakan, usulan ini belum diajukan.", "At the time asked about, this proposal had not been handed in."},
	"answer.unannounced":         {"Yang terjadi sesudah {day} belum diumumkan.", "What happened after {day} has not been announced."},
	"answer.unasked":             {"Kegiatan ini ada di anggaran tanpa pernah diusulkan.", "This stands in the budget and was never proposed."},
	"answer.money_unasked":       {"Anggarannya {granted}.", "Its budget: {granted}."},
	"answer.entered_late":        {"Usulan ini dicatat masuk sesudah masa pengajuannya lewat.", "It is on record as handed in after the time for it had passed."},
	"answer.money":               {"Diminta {asked}, diberi {granted}.", "Asked: {asked}; granted: {granted}."},
	"answer.contested":           {"Pengusul mengajukan sanggahan dan belum dijawab.", "The proposer has objected and has not been answered."},
	"answer.delivery.under_way":  {"Pekerjaannya berjalan: fisik {physical}, keuangan {financial}.", "The work is under way: {physical} of the work, {financial} of the money."},
	"answer.delivery.completed":  {"Pekerjaannya sudah selesai dan diserahterimakan.", "The work is done and handed over."},
	"answer.delivery.unfinished": {"Sampai akhir tahun pekerjaannya belum selesai: fisik {physical}.", "By the end of the year the work was not finished: {physical} of it."},

	// The way it went.
	"answer.merged":         {"Usulan ini digabung dengan {n} usulan lain menjadi {parent}, dan nasibnya mengikuti gabungan itu.", "It was merged with {n} other {n?proposal|proposals} into {parent} and shares what became of that."},
	"answer.dropped_within": {"Gabungan {parent} berjalan terus, tetapi bagian dari usulan ini dikeluarkan.", "The merged proposal {parent} went on, but this proposal’s part was taken out of it."},
	"answer.split":          {"Usulan ini dipecah menjadi {n} bagian.", "It was split into {n} {n?part|parts}."},
	"answer.part":           {"Bagian {number} ({share} dari usulan): {fate}.", "Part {number} ({share} of the proposal): {fate}."},
	"answer.later":          {"Usulan ini diajukan lagi untuk tahun {year} sebagai {number}: {fate}.", "It was proposed again for {year} as {number}: {fate}."},
	"answer.transferred":    {"Sebelumnya usulan ini dialihkan dari {from} ke {to}.", "Before, it was handed from {from} to {to}."},

	// Who decided, by kind.
	"answer.act.rejected":          {"{who} menolaknya pada {day}, di tahap {stage}.", "{who} turned it down on {day}, at the stage “{stage}”."},
	"answer.act.deferred":          {"{who} menundanya pada {day}, di tahap {stage}.", "{who} deferred it on {day}, at the stage “{stage}”."},
	"answer.act.left_out":          {"{who} tidak memasukkannya ke dokumen tahap {stage}, pada {day}.", "{who} left it out of the document of “{stage}” on {day}."},
	"answer.act.cancelled":         {"{who} membatalkan pendanaannya pada {day}.", "{who} cancelled its funding on {day}."},
	"answer.act.referral_answered": {"{who} menjawab tidak bersedia pada {day}.", "{who} answered on {day} that it would not."},
	"answer.act.component":         {"{who} mengeluarkan bagian ini dari gabungan pada {day}, di tahap {stage}.", "{who} took this part out of the merged proposal on {day}, at the stage “{stage}”."},
	"answer.act.other":             {"Yang memutuskan: {who}, pada {day}, di tahap {stage}.", "Decided by {who} on {day}, at the stage “{stage}”."},
	"answer.act.observed":          {"Menurut data {source}, putusan ini terjadi di tahap {stage} pada {day}. Siapa yang memutuskan tidak tercatat di sana.", "According to the data of {source} this was decided at the stage “{stage}” on {day}. Who decided is not on record there."},
	"answer.withdrawal":            {"{who} menariknya pada {day}.", "{who} withdrew it on {day}."},
	"answer.rule":                  {"Dalam daftar akhir {forum} usulan ini berada di urutan {rank} dari {of}; garis batasnya di urutan {cutoff}.", "On the final list of {forum} it stood in place {rank} of {of}; the line was drawn after place {cutoff}."},
	"answer.rule_none":             {"Usulan ini berada di bawah garis daftar akhir di tahap {stage}.", "It stood below the line of the final list at the stage “{stage}”."},
	"answer.rule_quota":            {"Kuotanya {limit} usulan.", "The quota was {limit} {limit?proposal|proposals}."},
	"answer.rule_ceiling":          {"Pagunya {limit}, dan {used} sudah terpakai oleh usulan di atasnya.", "The ceiling was {limit}, of which {used} was used by the proposals above it."},
	"answer.omission":              {"Tidak ada yang memutuskan usulan ini sampai {window} ditutup pada {day}.", "Nobody decided on this proposal until {window} closed on {day}."},
	"answer.omission_document":     {"Tidak ada yang memutuskan usulan ini sampai dokumen tahap {stage} ditetapkan pada {day}.", "Nobody decided on this proposal until the document of “{stage}” was adopted on {day}."},
	"answer.omission_held":         {"Sejak {since} usulan ini ada di tangan {holder}, {days} hari kerja.", "From {since} on it was with {holder}, for {days} working {days?day|days}."},
	"answer.omission_late":         {"Usulan ini baru diserahkan kepada {holder} menjelang masa ditutup; sebelumnya ada di tangan {before}.", "It was handed to {holder} only shortly before the end; until then it was with {before}."},
	"answer.migration":             {"Aturan prosesnya diganti pada {day}, dan sesudah itu tidak ada lagi jalan ke pendanaan.", "The rules of the process were changed on {day}, and no way to funding was left after that."},

	// Why.
	"answer.reason":        {"Alasannya: {reason} ({code}).", "The reason: {reason} ({code})."},
	"answer.reason_unsaid": {"Alasannya tidak tercatat.", "No reason is on record."},
	"answer.reason_words":  {"Penjelasannya: “{words}”", "In their words: “{words}”"},
	"answer.ground":        {"Dasarnya: {ground}.", "On the ground of: {ground}."},
	"answer.recorded_late": {"Keputusan ini baru dicatat pada {day}, sesudah masanya ditutup.", "This decision was recorded only on {day}, after its window had closed."},

	// Who won it.
	"answer.won.funded":             {"{who} memasukkannya ke APBD pada {day}.", "{who} put it into the budget on {day}."},
	"answer.won.financed_elsewhere": {"{who} mencatat pada {day} bahwa usulan ini dibiayai jalur lain.", "{who} recorded on {day} that it is paid for another way."},
	"answer.won.referral_answered":  {"{who} menyanggupi pada {day}.", "{who} agreed to pay for it on {day}."},
	"answer.won.reinstated":         {"{who} memulihkannya pada {day}.", "{who} brought it back on {day}."},
	"answer.won.appeared_in_budget": {"{who} mencatatnya pada {day}.", "{who} recorded it on {day}."},
	"answer.won.other":              {"Tercatat pada {day} oleh {who}.", "Recorded on {day} by {who}."},

	// Whose turn it is.
	"answer.turn":        {"Sekarang giliran {holder}, sampai {window} ditutup pada {day}.", "It is now with {holder}, until {window} closes on {day}."},
	"answer.turn_opens":  {"Sekarang menunggu {holder}; {window} belum dibuka.", "It waits for {holder}; {window} has not opened yet."},
	"answer.turn_nobody": {"Sekarang menunggu tahap {stage}.", "It waits for the stage “{stage}”."},

	// What would have got it in.
	"answer.would.ceiling": {"Usulan ini akan masuk bila pagunya {need}, {more} lebih besar.", "It would have been in with a ceiling of {need}, {more} more."},
	"answer.would.quota":   {"Usulan ini akan masuk bila kuotanya {need}, {more} lebih banyak.", "It would have been in with a quota of {need}, {more} more."},
	"answer.would.score":   {"Usulan ini akan masuk bila nilainya paling sedikit {need}; nilainya {was}.", "It would have been in with a score of at least {need}; its score was {was}."},
	"answer.would.cost":    {"Usulan ini akan masuk bila biayanya paling banyak {need}; biayanya {was}.", "It would have been in at a cost of at most {need}; its cost was {was}."},

	// What bore on it.
	"answer.bore.ceiling_set":     {"Pagu diubah dari {was} menjadi {is} pada {day}.", "The ceiling was changed from {was} to {is} on {day}."},
	"answer.bore.quota_set":       {"Kuota diubah dari {was} menjadi {is} pada {day}.", "The quota was changed from {was} to {is} on {day}."},
	"answer.bore.list_superseded": {"Daftar akhir sebelumnya digantikan pada {day}; di daftar itu usulan ini berada di urutan {was}.", "The final list before was replaced on {day}; on it this proposal stood in place {was}."},
	"answer.bore.pivotal":         {"Tanpa itu usulan ini masuk.", "Without that it would have been in."},

	// What is missing.
	"answer.gap.not_handed_in":         {"Usulan {about} belum diajukan pada saat yang ditanyakan.", "Proposal {about} had not been handed in at the time asked about."},
	"answer.gap.not_held":              {"Catatan tentang {about} tidak ada di sini.", "There is no record of {about} here."},
	"answer.gap.dissolved":             {"Gabungan {about} dibatalkan.", "The merge {about} was undone."},
	"answer.gap.unknown_state":         {"Keadaan {about} tidak dikenal alur yang dikunci.", "The state of {about} is not known to the pinned process."},
	"answer.gap.no_point_of_no_return": {"Peristiwa yang menutup jalan {about} tidak ditemukan.", "No event was found that closed the way of {about}."},
	"answer.gap.reason_not_recorded":   {"Alasan putusan tidak dicatat.", "The reason of the decision was not recorded."},
	"answer.gap.definition_unknown":    {"Alur yang dikunci siklus ini tidak ditemukan.", "The process pinned by this cycle was not found."},
	"answer.gap.no_evidence":           {"Putusan tidak menyebut dokumen bukti.", "The decision names no document as evidence."},
	"answer.gap.minutes_unsigned":      {"Berita acara forum belum ditandatangani atau tidak mencakup usulan ini.", "The minutes of the forum are not signed, or do not cover this proposal."},
	"answer.gap.forum_unheld":          {"Catatan forum {about} tidak ada di sini.", "There is no record of the forum {about} here."},
	"answer.gap.list_unheld":           {"Daftar akhir {about} tidak ada di sini.", "The final list {about} is not here."},
	"answer.gap.cycle_unheld":          {"Catatan siklus {about} tidak ada di sini.", "There is no record of the cycle {about} here."},
	"answer.gap.source_does_not_say":   {"Sumber data tidak memuat: {about}.", "The source does not say: {about}."},
	"answer.gap.text_closed":           {"Sebagian teks ditutup menurut ketentuan.", "Some texts were closed as the rules provide."},
	"answer.gap.later_unheld":          {"Usulan lanjutan {about} tidak ada di sini.", "The proposal that continues it, {about}, is not here."},
	"answer.gap.uncertain":             {"{n} peristiwa mungkin sudah atau belum terjadi pada saat yang ditanyakan.", "{n} {n?event|events} may or may not have happened by the time asked about."},

	// On a terminal.
	"findings.bar":      {"usulan diperiksa", "proposals looked at"},
	"findings.done":     {"{proposals} usulan diperiksa dalam {seconds} detik. Temuan bukan tuduhan; artinya ada di docs/findings.md.", "{proposals} {proposals?proposal|proposals} looked at in {seconds} s. A finding is no accusation; docs/findings.md says what each means."},
	"explain.as_of":     {"Keadaan pada {day}.", "As of {day}."},
	"explain.act":       {"Peristiwa penentu", "The deciding act"},
	"explain.event":     {"peristiwa", "event"},
	"explain.when":      {"berlaku", "took effect"},
	"explain.recorded":  {"dicatat", "recorded"},
	"explain.who":       {"oleh", "by"},
	"explain.grant":     {"wewenang", "authority"},
	"explain.closed_by": {"ditutup oleh", "closed by"},
	"explain.forum":     {"forum", "forum"},
	"explain.rank":      {"urutan", "rank"},
	"explain.evidence":  {"bukti", "evidence"},
	"explain.rule":      {"aturan", "rule"},
	"explain.position":  {"catatan", "record"},
	"explain.custody":   {"Di tangan siapa", "Who had it"},
	"explain.still":     {"sekarang", "now"},
	"explain.days":      {"{n} hari kerja", "{n} working {n?day|days}"},
	"explain.not_taken": {"Yang dapat dilakukan dan tidak dilakukan", "What could have been done and was not"},
	"explain.would":     {"Apa yang akan mengubahnya", "What would have changed it"},
	"explain.bore":      {"Yang berpengaruh sebelumnya", "What bore on it before"},
	"explain.missing":   {"Yang tidak tercatat", "What is not on record"},
	"explain.again":     {"Jawaban yang sama kapan pun: {command}", "The same answer at any time: {command}"},

	// Governments that answer referrals.
	"target.provinsi": {"Pemerintah provinsi", "The province"},
	"target.pusat":    {"Pemerintah pusat", "The central government"},
	"target.desa":     {"Pemerintah desa", "The village"},
	"target.bumn":     {"BUMN", "The state company"},
}
