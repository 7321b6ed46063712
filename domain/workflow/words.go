package workflow

import "strings"

// Sentence says what is wrong and, where that is not plain, what to do about
// it, in words of planning rather than of programs.
func (x Defect) Sentence(lang string) string {
	words := sentences[x.Code].In(lang)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(words, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		key, after, _ := strings.Cut(rest, "}")
		b.WriteString(x.mention(key, lang))
		words = after
	}
}

// mention returns the value of a param, after its label where it has one:
// “Diterima OPD” (accepted).
func (x Defect) mention(key, lang string) string {
	if key == "path" && x.Params[key] == "" {
		return Label{"tingkat teratas", "the top level"}.In(lang)
	}
	name, label := x.Params[key], x.Params[key+"_"+lang]
	switch "" {
	case label:
		return name
	case name:
		return label
	}
	return "“" + label + "” (" + name + ")"
}

// sentences are the words of every defect, by code.
var sentences = map[string]Label{
	// Reading the document.
	"too_large":         {"berkas ini {bytes} bita; definisi paling besar {limit} bita", "this file has {bytes} bytes; a definition has at most {limit}"},
	"not_utf8":          {"berkas ini bukan teks UTF-8; simpan ulang dengan penyandian UTF-8", "this file is not UTF-8 text; save it again as UTF-8"},
	"empty":             {"berkas ini kosong", "this file is empty"},
	"syntax":            {"baris ini tidak terbaca sebagai YAML: {message}", "this line cannot be read as YAML: {message}"},
	"tab":               {"baris ini menjorok dengan tab; pakai spasi", "this line is indented with a tab; use spaces"},
	"second_document":   {"berkas ini memuat dokumen kedua; satu berkas berisi satu definisi", "this file holds a second document; one file holds one definition"},
	"not_a_map":         {"berkas ini tidak berisi pasangan kunci dan nilai", "this file does not hold keys and values"},
	"too_deep":          {"susunan ini bertingkat lebih dari {limit}; definisi tidak memerlukannya", "this is nested deeper than {limit} levels; no definition needs that"},
	"anchor":            {"jangkar &{name} tidak diterima: tuliskan nilainya di tiap tempat", "the anchor &{name} is not accepted: write the value out at each place"},
	"alias":             {"rujukan *{name} tidak diterima: tuliskan nilainya di tiap tempat", "the alias *{name} is not accepted: write the value out at each place"},
	"tag":               {"penanda jenis {name} tidak diterima", "the tag {name} is not accepted"},
	"control_character": {"teks di {path} memuat karakter kendali atau ganti baris", "the text at {path} holds a control character or a line break"},
	"key_not_text":      {"kunci di {path} harus berupa teks biasa", "a key at {path} must be plain text"},
	"duplicate_key":     {"kunci {key} ditulis dua kali, pertama di baris {first}", "the key {key} is given twice, first on line {first}"},
	"unknown_key":       {"kunci {key} di {path} tidak dikenal; yang ada: {known}", "the key {key} at {path} is not known; there are: {known}"},
	"unknown_key_near":  {"kunci {key} di {path} tidak dikenal; mungkin maksudnya {known}", "the key {key} at {path} is not known; perhaps {known} is meant"},
	"missing_key":       {"{path} belum ditulis, padahal wajib", "{path} is missing and must be given"},
	"name_form":         {"nama {key} di {path} tidak sah; bentuknya: {form}", "the name {key} at {path} will not do; names are {form}"},
	"wrong_type":        {"{path} berisi {found}; seharusnya {want}", "{path} holds {found}; wanted is {want}"},
	"quote_it":          {"{path} berisi {found}; seharusnya teks, jadi tulis di antara tanda kutip", "{path} holds {found}; wanted is text, so put it in quotes"},
	"not_one_of":        {"{path} berisi {found}; pilihannya: {allowed}", "{path} holds {found}; the choices are: {allowed}"},
	"listed_twice":      {"{name} tertulis dua kali di {path}", "{name} is listed twice at {path}"},
	"too_many":          {"{path} memuat {count} hal; paling banyak {limit}", "{path} holds {count} entries; at most {limit}"},
	"and_more":          {"dan {count} cacat lagi; perbaiki dulu yang di atas", "and {count} more defects; mend those above first"},
	"one_effect":        {"{path} harus berisi tepat satu akibat", "{path} must hold exactly one effect"},

	// 1: names.
	"state_unknown":         {"keadaan {state} tidak ada", "there is no state {state}"},
	"stage_unknown":         {"tahap {stage} tidak ada", "there is no stage {stage}"},
	"window_unknown":        {"masa {window} tidak ada", "there is no window {window}"},
	"lane_unknown":          {"jalur {lane} tidak ada", "there is no lane {lane}"},
	"group_unknown":         {"kelompok alasan {group} dari kode {code} tidak ada", "there is no reason group {group}, which code {code} names"},
	"meaning_unknown":       {"makna alasan {meaning} tidak ada", "there is no meaning {meaning} of reasons"},
	"list_unknown":          {"daftar alasan {list} tidak ada", "there is no list of reasons {list}"},
	"initial_is_end":        {"keadaan awal {state} sekaligus keadaan akhir", "the initial state {state} is an end"},
	"back_to_initial":       {"tindakan {act} kembali ke keadaan awal {state}; usulan tidak dapat menjadi belum diajukan", "the act {act} leads back to the initial state {state}; nothing can become not submitted"},
	"state_without_stage":   {"keadaan {state} tidak termasuk tahap mana pun", "the state {state} belongs to no stage"},
	"end_with_stage":        {"keadaan akhir {state} tidak boleh termasuk tahap", "the end {state} may not belong to a stage"},
	"stage_of_other_window": {"tindakan {act} menyebut tahap {stage}, tetapi berlangsung dalam {window}", "the act {act} names the stage {stage} but is taken within {window}"},
	"start_not_open":        {"tindakan {act} memulai usulan lain di {state}, yang bukan keadaan berjalan", "the act {act} begins another proposal in {state}, which is no open state"},

	// 2 to 6: the graph.
	"unreachable":        {"tidak ada usulan yang dapat sampai ke {state}", "no proposal can ever come to {state}"},
	"never_ends":         {"dari {state} sebuah usulan tidak pernah dapat sampai ke akhir", "from {state} a proposal can never come to an end"},
	"leaves_end":         {"tindakan {act} meninggalkan keadaan akhir {state}; hanya pemulihan (remedy: true) yang boleh", "the act {act} leaves the end {state}; only a remedy may (remedy: true)"},
	"remedy_from_open":   {"pemulihan {act} berangkat dari {state}, yang belum berakhir", "the remedy {act} starts from {state}, which is no end"},
	"act_window_unknown": {"tindakan {act} hanya boleh dalam masa {window}, yang tidak ada", "the act {act} is bound to the window {window}, which does not exist"},
	"never_possible":     {"tindakan {act} tidak pernah mungkin: tidak ada usulan yang sampai ke keadaan asalnya", "the act {act} is never possible: no proposal comes to a state it starts from"},
	"nobody_may":         {"tindakan {act} tidak dapat dilakukan siapa pun: tidak ada peran yang bisa diberikan", "nobody can take the act {act}: no role in it can be granted"},
	"ambiguous":          {"di {state} peristiwa {event} dapat berarti {a} atau {b}; bedakan dengan when", "in {state} the event {event} may mean {a} or {b}; tell them apart with when"},
	"row_ambiguous":      {"penutupan mencatat {event} di {state} seperti tindakan {act}, tetapi menuju keadaan lain", "the closing records {event} in {state} just as the act {act} does, but leads elsewhere"},

	// 7, 8: events.
	"event_unknown": {"peristiwa {event} tidak dikenal program", "the program knows no event {event}"},
	"field_unknown": {"peristiwa {event} tidak mempunyai isian {field}", "the event {event} has no field {field}"},
	"guard_unknown": {"syarat {guard} pada {act} tidak dikenal program; yang ada: {known}", "the program knows no guard {guard}, which {act} asks for; there are: {known}"},
	"event_unused":  {"peristiwa {event} tidak pernah dicatat oleh tindakan mana pun", "no act ever records the event {event}"},

	// 9, 10: windows.
	"row_window_unknown":   {"penutupan masa {window} diatur, padahal masa itu tidak ada", "the closing of the window {window} is described, but there is no such window"},
	"row_on_end":           {"penutupan {window} mengakhiri {state}, yang sudah berakhir", "the closing of {window} ends {state}, which is an end already"},
	"row_does_not_end":     {"penutupan {window} tidak mengakhiri usulan yang menunggu di {state}", "the closing of {window} does not end a proposal that waits in {state}"},
	"hangs":                {"usulan yang menunggu di {state} menggantung: tidak ada penutupan yang mengakhirinya (masa jalan keluarnya: {windows})", "a proposal that waits in {state} hangs: no closing ends it (windows of its exits: {windows})"},
	"window_after_itself":  {"{window} tidak boleh berakhir sebelum dirinya sendiri: urutannya melingkar", "{window} may not end before itself: its order is a circle"},
	"against_stages":       {"{window} berakhir sesudah {before}, padahal tahapnya lebih awal", "{window} ends after {before}, yet its stage comes earlier"},
	"may_end_before":       {"{act} menyerahkan usulan ke {state}, tetapi {window} boleh berakhir sebelum {before}: usulan itu bisa terdampar", "{act} hands a proposal to {state}, but {window} may end before {before}: it could be stranded"},
	"calendar_window":      {"masa {window} tidak ada dalam definisi", "the definition has no window {window}"},
	"calendar_scope":       {"{window} dibuka per {kind}; lingkup {scope} tidak cocok", "{window} is opened per {kind}; the scope {scope} does not fit"},
	"calendar_twice":       {"{window} untuk {scope} tertulis dua kali", "{window} for {scope} is given twice"},
	"calendar_backwards":   {"{window} untuk {scope} berakhir ({closes}) sebelum dibuka ({opens})", "{window} for {scope} ends ({closes}) before it opens ({opens})"},
	"calendar_ends_before": {"{window} untuk {scope} berakhir {closes}, sebelum {before} untuk {before_scope} berakhir {before_closes}; perpanjang juga {window}", "{window} for {scope} ends {closes}, before {before} for {before_scope} ends {before_closes}; extend {window} too"},

	// 11, 12: people and reasons.
	"role_unknown":          {"peran {role} pada {act} tidak ada", "there is no role {role}, which {act} names"},
	"enters_and_decides":    {"{role} dapat mengajukan lewat {enter} dan memutuskan lewat {act}: pengusul tidak boleh memutuskan usulannya sendiri", "{role} may enter by {enter} and decide by {act}: nobody decides on what he entered"},
	"decision_undeclared":   {"{act} menentukan nasib usulan tetapi tidak ditandai decides: true, sehingga pemisahan tugas tidak diperiksa", "{act} settles a proposal's fate but is not marked decides: true, so separation of duties is not checked"},
	"reason_list_empty":     {"{act} meminta alasan dari daftar {list}, yang tidak ada atau kosong", "{act} asks for a reason from the list {list}, which does not exist or is empty"},
	"loss_without_reason":   {"{act} menggugurkan usulan ke {state} tanpa kode alasan", "{act} ends a proposal in {state} without a reason code"},
	"loss_without_evidence": {"{act} menggugurkan usulan tanpa bukti; minta salah satu dari: {known}", "{act} ends a proposal without evidence; ask for one of: {known}"},
	"row_without_reason":    {"penutupan {window} menggugurkan usulan di {state} tanpa kode alasan", "the closing of {window} ends a proposal in {state} without a reason code"},
	"code_unknown":          {"kode alasan {code} tidak ada", "there is no reason code {code}"},

	// 13 to 16.
	"fate_follows_nobody":     {"keadaan {state}: yang diserap harus menyebut nasibnya mengikuti siapa (fate_follows), yang lain tidak boleh", "the state {state}: what is absorbed must say whose fate it follows (fate_follows), nothing else may"},
	"no_outcome":              {"keadaan akhir {state} tidak menyebut hasil yang sesuai (outcome: {outcome})", "the end {state} does not state a fitting outcome (outcome: {outcome})"},
	"goal_without_outcome":    {"keadaan {state} mencapai {goal}, tetapi hasilnya lain", "the state {state} reaches {goal}, but its outcome is another"},
	"merge_of_one":            {"{act} menggabungkan paling sedikit {min}; gabungan butuh paling sedikit 2", "{act} merges at least {min}; a merge needs at least 2"},
	"split_in_one":            {"{act} memecah menjadi paling sedikit {min}; pecahan butuh paling sedikit 2", "{act} splits into at least {min}; a split needs at least 2"},
	"absorbed_alone":          {"{act} menuju {state} tanpa menggabungkan atau memecah apa pun", "{act} leads to {state} without merging or splitting anything"},
	"absorbs_nobody":          {"{act} menggabungkan atau memecah, tetapi keadaan sesudahnya tidak mengikuti {follows}", "{act} merges or splits, but the state after it does not follow the {follows}"},
	"split_unbounded":         {"{act} dapat memecah pecahan tanpa batas; beri max_depth", "{act} can split parts without bound; give max_depth"},
	"transfer_unbounded":      {"{act} dapat mengalihkan tanpa batas; beri max", "{act} can hand on without bound; give max"},
	"unbounded_loop":          {"usulan dapat berputar tanpa batas lewat {state}: {loop}; beri max_visits", "a proposal can go round for ever through {state}: {loop}; give max_visits"},
	"carry_over_to_same_year": {"{act} mengusulkan ulang ke tahun yang sama", "{act} carries over to the same year"},
	"lane_without_start":      {"{act} tidak menyebut di mana jalur {lane} mulai lagi", "{act} does not say where the lane {lane} starts again"},
	"next_without_lane":       {"{act} mengusulkan ulang jalur {lane}, yang tidak ada dalam {next}", "{act} carries over the lane {lane}, which {next} does not have"},
	"next_without_state":      {"{act} memulai jalur {lane} di {state}, yang dalam {next} tidak ada atau bukan keadaan berjalan", "{act} starts the lane {lane} in {state}, which in {next} does not exist or is not open"},
	"no_counter":              {"{act} dihitung per {scope}; kuota dan pagu hanya ada per {known}", "{act} is counted per {scope}; quotas and ceilings exist per {known}"},
	"rank_without_list":       {"{act} memutus menurut daftar akhir, tetapi tidak meminta daftarnya (need: list)", "{act} decides by a final list but does not ask for it (need: list)"},

	// 17: variants.
	"extends_other":      {"varian ini mengubah {found}, sedangkan dasarnya {base}", "this variant changes {found}, but the base is {base}"},
	"variant_key":        {"varian tidak boleh mengubah {key}", "a variant may not change {key}"},
	"mandatory_removed":  {"{act} wajib; varian tidak boleh menghapusnya", "{act} is mandatory; a variant may not remove it"},
	"mandatory_weakened": {"{act} wajib; varian tidak boleh mengubah {field}", "{act} is mandatory; a variant may not change {field}"},
	"event_renamed":      {"{act} mencatat {event}; varian tidak boleh mengubah nama peristiwa", "{act} records {event}; a variant may not rename events"},
	"need_removed":       {"{act} meminta {field}; varian hanya boleh menambah", "{act} asks for {field}; a variant may only add to that"},
	"role_added":         {"varian tidak boleh menambah {role} pada {act}: pemisahan tugas melonggar", "a variant may not add {role} to {act}: separation of duties would loosen"},
	"duty_loosened":      {"varian tidak boleh mengubah {field} pada {what}: pemisahan tugas melonggar", "a variant may not change {field} of {what}: separation of duties would loosen"},
	"row_weakened":       {"penutupan {window} mengakhiri {state}; varian tidak boleh menghapus atau mengubahnya", "the closing of {window} ends {state}; a variant may not remove or change that"},
	"order_loosened":     {"{window} tidak boleh berakhir sebelum {before}; varian hanya boleh menambah", "{window} may not end before {before}; a variant may only add to that"},
	"meaning_changed":    {"varian tidak boleh mengubah {field} dari {what}: hasil antarkabupaten tidak dapat dibandingkan lagi", "a variant may not change {field} of {what}: outcomes of kabupaten could no longer be compared"},
	"bound_loosened":     {"varian tidak boleh melonggarkan batas {field} pada {what}", "a variant may not loosen the bound {field} of {what}"},

	// 18: versions.
	"version_not_positive": {"versi {version}: versi dimulai dari 1", "version {version}: versions start at 1"},
	"version_not_raised":   {"{name} versi {version} berbeda isi dari versi {before}; nomor versi harus naik", "{name} version {version} differs from version {before}; the version must rise"},
	"not_published":        {"{name} berstatus {status}; siklus hanya memakai yang published", "{name} is {status}; a cycle uses what is published"},
	"map_misses_state":     {"pemetaan tidak menyebut {state}", "the map does not mention {state}"},
	"map_to_unknown":       {"pemetaan membawa {state} ke {to}, yang tidak ada dalam versi tujuan", "the map leads {state} to {to}, which the target version does not have"},
	"map_changes_fate":     {"pemetaan membawa {state} ke {to}: usulan yang sudah berakhir akan berjalan lagi atau sebaliknya", "the map leads {state} to {to}: what has ended would go on, or the reverse"},

	// 19 to 25.
	"label_missing":           {"{what} belum berlabel dalam bahasa {language}", "{what} has no label in language {language}"},
	"label_twice":             {"{what} dan {other} sama-sama berlabel “{words}”; pembaca tidak dapat membedakannya", "{what} and {other} are both labelled “{words}”; no reader can tell them apart"},
	"idle":                    {"{name} di {section} tidak dipakai", "{name} in {section} is not used"},
	"circular_evidence":       {"{act} meminta {field}, padahal berita acara dibuat dari keputusan itu sendiri; minta forum", "{act} asks for {field}, but the minutes are made from that very decision; ask for forum"},
	"no_way_back":             {"bila {window} dibuka kembali, tidak ada pemulihan dari {to} untuk yang menunggu di {state}", "if {window} is reopened, no remedy leads back from {to} for what waited in {state}"},
	"flag_never_cleared":      {"{act} memasang penanda {flag}, yang tidak pernah dilepas tindakan apa pun", "{act} raises the flag {flag}, which no act ever clears"},
	"flag_outlives_window":    {"{act} memasang penanda {flag}, tetapi penutupan {window} tidak melepasnya", "{act} raises the flag {flag}, but the closing of {window} does not clear it"},
	"flag_never_raised":       {"{act} melepas penanda {flag}, yang tidak pernah dipasang", "{act} clears the flag {flag}, which is never raised"},
	"flag_row_clears_nothing": {"baris penutupan penanda {flag} tidak melepas penanda itu (clear)", "the closing row of the flag {flag} does not clear it (clear)"},
	"kind_and_reason":         {"penutupan {window} untuk {state}: kind {kind} tidak cocok dengan alasan {code}; rule hanya mengulang garis daftar akhir (from_list), omission tidak pernah", "the closing of {window} for {state}: kind {kind} does not fit reason {code}; a rule only repeats the cutoff of a final list (from_list), an omission never does"},
	"system_claims":           {"penutupan {window} mengaku beralasan {code}, padahal tidak ada orang yang mengatakannya", "the closing of {window} claims the reason {code}, though nobody said so"},
	"act_uses_engine_list":    {"{act} menawarkan daftar {list}, yang hanya diisi sistem", "{act} offers the list {list}, which only the system fills"},
	"system_code_offered":     {"kode {code} hanya dipakai sistem, tetapi ditawarkan dalam daftar {list}", "the code {code} is the system's alone but is offered on the list {list}"},
	"row_on_other_window":     {"penutupan {window} mengakhiri {state}, yang tidak punya jalan keluar dalam masa itu (masa jalan keluarnya: {windows})", "the closing of {window} ends {state}, which has no exit within that window (windows of its exits: {windows})"},

	// 26, 27.
	"waits_for_ever":    {"sesudah {act}, usulan tetap menunggu di {state} ketika semua masa sudah ditutup: {history}", "after {act}, a proposal is left waiting in {state} when all windows are closed: {history}"},
	"product_too_large": {"akibat {act} terlalu banyak kemungkinannya untuk diperiksa seluruhnya (lebih dari {limit}); urutkan masa-masa dengan after", "the consequences of {act} are too many to be explored in full (over {limit}); put windows in order with after"},
	"parent_gone":       {"sesudah {act}, yang diserap di {state} kehilangan induknya: {history}", "after {act}, what was absorbed in {state} loses its parent: {history}"},
}
