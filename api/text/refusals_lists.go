package text

// listRefusals are the sentences of what lists of documents, and the template
// for villages, are refused with; and the words of the workbooks that are made
// of them.
var listRefusals = map[string]Pair{
	"lists.amount_column":      {"Daftar ini tidak punya kolom nilai (Nilai, Pagu, atau Anggaran) dan tidak punya Kode alasan; judul yang terbaca: {columns}. Beri judul pada kolom nilainya.", "This list has no column of amounts (Nilai, Pagu or Anggaran) and no Kode alasan; the headings read: {columns}. Give the column of amounts its heading."},
	"lists.what_column":        {"Daftar ini tidak punya kolom yang mengatakan untuk apa nilainya (Nomor usulan, ID SIPD, Kode sub kegiatan, Uraian, atau Lokasi); judul yang terbaca: {columns}.", "This list has no column that says what its amounts are for (Nomor usulan, ID SIPD, Kode sub kegiatan, Uraian or Lokasi); the headings read: {columns}."},
	"lists.too_long":           {"Berkas {file} berisi lebih dari {most} baris. Pecah menjadi beberapa berkas dengan dokumen yang sama.", "The file {file} has more than {most} rows. Divide it into several files of the same document."},
	"lists.no_amount":          {"Nilai untuk usulan {proposal} kosong atau nol. Isi nilainya, atau isi Kode alasan bila usulan itu memang tidak masuk.", "The amount for {proposal} is empty or zero. Fill it in, or give a Kode alasan where the proposal is left out."},
	"lists.proposal_twice":     {"Beberapa baris ({rows}) memutuskan hal yang sama untuk usulan {proposal}. Jumlahkan menjadi satu baris, atau bedakan kode rinciannya.", "Several rows ({rows}) decide the same of {proposal}. Add them up to one row, or give them different lines."},
	"lists.line_twice":         {"Rincian {line} tanpa usulan muncul di beberapa baris ({rows}). Satu rincian satu baris.", "The line {line}, of no proposal, stands in several rows ({rows}). One row a line."},
	"lists.line_totals":        {"Baris {rows} menyebut nilai rincian {line} berbeda-beda: {total} dan {other}. Samakan dulu.", "Rows {rows} state different totals of the line {line}: {total} and {other}. Make them one."},
	"lists.line_overdrawn":     {"Baris {rows} membagi rincian {line} sebesar {sum}, melampaui nilainya {total}. Periksa pembagiannya; tidak satu pun baris ini dijalankan.", "Rows {rows} give out {sum} of the line {line}, which holds {total}. Check the shares; none of these rows is carried out."},
	"lists.total_short":        {"Jumlah nilai semua baris {sum}, lebih {excess} dari total dokumen {total}. Periksa --total atau baris yang terhitung dua kali.", "All rows come to {sum}, {excess} more than the document's total {total}. Check --total, or for rows that count twice."},
	"lists.answer_unknown":     {"Keputusan “{answer}” tidak dikenal. Pilih salah satu: {known}.", "The answer “{answer}” is not known. Choose one of: {known}."},
	"lists.answer_of_nothing":  {"Keputusan “{answer}” dipilih, tetapi kolom sarannya kosong. Isi Nomor pilihan, atau pilih tanpa usulan atau tidak.", "The answer “{answer}” was chosen, but that suggestion is empty. Fill in Nomor pilihan, or choose “tanpa usulan” or “tidak”."},
	"lists.confirmation_bare":  {"Berkas {file} kehilangan lembar tersembunyi _runut, sehingga tidak diketahui daftar mana yang dikonfirmasi. Impor lagi daftar aslinya dan isi berkas yang baru.", "The file {file} lost its hidden sheet _runut, so it cannot be told which list it confirms. Import the list again and fill in the new file."},
	"lists.confirmation_other": {"Berkas {file} adalah konfirmasi daftar {kind}, bukan {wanted}. Jalankan runut import {kind}.", "The file {file} confirms a list of the {kind}, not the {wanted}. Run runut import {kind}."},
	"lists.left_out_early":     {"Masih ada {waiting} baris menunggu konfirmasi dan {refused} baris dikarantina; salah satunya mungkin berarti salah satu dari {absent} usulan yang hendak dinyatakan tidak masuk. Selesaikan dulu, lalu ulangi dengan --left-out.", "{waiting} rows still wait for confirmation and {refused} are quarantined; one of them may mean one of the {absent} proposals to be left out. Deal with those first, then ask for --left-out again."},
	"lists.left_out_of_part":   {"{file} adalah berkas konfirmasi atau karantina dan tidak memuat seluruh daftar. Pakai --left-out bersama daftar aslinya.", "{file} is a confirmation or a quarantine and does not hold the whole list. Use --left-out with the list itself."},
	"lists.paper_missing":      {"Sidik (digest) dokumen {kind} belum ada. Sebutkan berkasnya dengan --document-file, atau sidik SHA-256-nya dengan --digest.", "The digest of the document {kind} is missing. Name its file by --document-file, or its SHA-256 by --digest."},
	"lists.stands_elsewhere":   {"Usulan {proposal} berstatus “{standing}”, sehingga daftar {kind} ini tidak dapat memutuskannya. Periksa nomornya, atau lihat riwayatnya.", "{proposal} stands at “{standing}”, so this list of the {kind} cannot decide on it. Check its number, or look at its history."},
	"lists.day":                {"“{day}” bukan tanggal. Tulis seperti 2026-11-30.", "“{day}” is no day. Write it like 2026-11-30."},

	"match.place":       {"Tempat sama: {place}", "Same place: {place}"},
	"match.work":        {"Sub kegiatan sama: {work}", "Same sub kegiatan: {work}"},
	"match.work_near":   {"Kegiatan sama, sub kegiatan lain: {work}", "Same kegiatan, another sub kegiatan: {work}"},
	"match.words":       {"Kata yang sama: {words}", "Words in common: {words}"},
	"match.amount":      {"Nilai sama: {amount}", "Same amount: {amount}"},
	"match.amount_near": {"Nilai beda {percent} %: {amount}", "Amount {percent}% apart: {amount}"},
	"match.source":      {"ID SIPD sama ({id}), dipakai beberapa usulan", "Same id in SIPD ({id}), which several proposals bear"},
	"match.parent":      {"Induk gabungan dari {child}", "Merged from {child}"},
	"match.score":       {"Kemiripan {score} dari 100", "Likeness {score} of 100"},

	"confirm.answer_title": {"Keputusan", "Answer"},
	"confirm.answer_help":  {"ya = saran 1 benar. Kosong = belum diputuskan.", "ya = suggestion 1 is right. Empty = not decided yet."},
	"confirm.answer_wrong": {"Pilih dari daftar: ya, saran 2, saran 3, tanpa usulan, tidak.", "Choose from the list: ya, saran 2, saran 3, tanpa usulan, tidak."},
	"confirm.guide": {`Cara mengisi berkas ini
Setiap baris pada lembar “Cocokkan” adalah baris daftar yang tidak menyebut nomor usulan. Runut tidak memutuskan sendiri: pilih pada kolom “Keputusan”.
ya – Saran 1 benar.
saran 2 atau saran 3 – saran itu yang benar.
ya dengan “Nomor pilihan” terisi – usulan lain yang benar; tulis nomornya, misalnya U-27-4K7M2XR.
tanpa usulan – anggaran ini tidak berasal dari usulan mana pun. Pada daftar APBD ia dicatat sebagai “muncul di anggaran tanpa usulan”.
tidak – bukan usulan mana pun yang disarankan; baris dibiarkan dan tidak dicatat.
Kosong – belum diputuskan; baris ditanyakan lagi.
Kolom “Mengapa” menjelaskan kemiripannya: desa, sub kegiatan, kata yang sama, dan nilai. Skor tinggi bukan bukti; bandingkan isinya.
Sesudah diisi, simpan sebagai .xlsx lalu impor berkas ini dengan perintah, nomor, dan tanggal dokumen yang sama.`,
		`How to fill in this file
Each row of the sheet “Cocokkan” is a row of the list that names no proposal. Runut does not decide by itself: choose in the column “Keputusan”.
ya – suggestion 1 is right.
saran 2 or saran 3 – that suggestion is.
ya with “Nomor pilihan” filled in – another proposal is; write its number, for example U-27-4K7M2XR.
tanpa usulan – no proposal asked for this money. On a list of the APBD it is recorded as such.
tidak – it is none of those suggested; the row is left alone and nothing is recorded.
Empty – not decided yet; the row will be asked about again.
The column “Mengapa” says why the two look alike: village, sub kegiatan, words in common, amount. A high score is no proof; compare what they say.
Then save it as .xlsx and import it by the same command, number and date of the document.`},
}
