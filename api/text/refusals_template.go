package text

// templateRefusals are why a workbook of villages, or a row of one, is not taken
// in. They are read by village operators: no codes, no names of members.
var templateRefusals = map[string]Pair{
	"template.unrecognised":    {"Berkas {file} bukan templat usulan Runut, atau kolom tersembunyi A-nya terhapus. Buat templat baru dengan runut intake template, lalu salin isinya.", "The file {file} is no template of Runut, or its hidden column A is gone. Make a new one by runut intake template and copy the rows over."},
	"template.version":         {"Berkas {file} adalah templat versi {version}; yang dibaca versi {wanted}. Buat templat baru dengan runut intake template.", "The file {file} is a template of version {version}; version {wanted} is read. Make a new one by runut intake template."},
	"template.other_year":      {"Berkas {file} adalah templat tahun {year}, bukan {wanted}. Pakai templat tahun {wanted}.", "The file {file} is the template of {year}, not {wanted}. Use that of {wanted}."},
	"template.other_kabupaten": {"Berkas {file} dibuat untuk kabupaten {kabupaten}, bukan {wanted}.", "The file {file} was made for the kabupaten {kabupaten}, not {wanted}."},
	"template.too_long":        {"Berkas {file} berisi lebih dari {most} baris. Pecah menjadi beberapa berkas.", "The file {file} has more than {most} rows. Divide it."},
	"template.area":            {"Kode wilayah {area} tidak ada dalam register. Periksa kodenya.", "The code {area} is not in the register. Check it."},
	"template.choice":          {"“{value}” tidak ada dalam pilihan kolom {column}. Pilih dari daftarnya.", "“{value}” is none of the choices of {column}. Choose from its list."},
	"template.missing":         {"Kolom ini wajib dan masih kosong: {columns}. Isi lalu kirim lagi.", "These columns must be filled in and are empty: {columns}. Fill them in and send the file again."},
	"template.priority":        {"Prioritas “{value}” bukan angka bulat mulai dari 1.", "The priority “{value}” is no whole number from 1."},
	"template.point":           {"Koordinat “{value}” tidak terbaca atau berada di luar Indonesia. Tulis lintang lalu bujur, misalnya -0,502106 117,153709, atau kosongkan.", "The coordinates “{value}” cannot be read or lie outside Indonesia. Write latitude, then longitude, like -0.502106 117.153709, or leave them out."},
	"template.issue":           {"Isu strategis “{value}” hanya boleh berisi huruf, misalnya stunting atau ekonomi hijau; pisahkan dengan koma.", "A strategic issue such as “{value}” may hold letters only, like stunting or ekonomi hijau; set commas between them."},
	"template.minutes":         {"Nomor berita acara berisi NIK, telepon, surel, atau nama orang. Tulis nomor suratnya saja.", "The number of the minutes holds a NIK, a phone number, an e-mail address or a name. Write the number of the paper alone."},
	"template.opd_missing":     {"Usulan di luar kamus perlu OPD tujuan. Pilih OPD yang paling sesuai.", "A proposal outside the kamus needs an OPD. Choose the one that fits best."},
	"template.row_other":       {"Baris ini memakai nomor baris yang sudah dikirim sebagai usulan {proposal} (“{title}”), tetapi isinya usulan lain. Dua salinan berkas yang sama mungkin diisi terpisah. Salin baris ini ke baris kosong yang belum pernah dikirim.", "This row bears the number of one that came in as {proposal} (“{title}”), but tells of something else. Two copies of the file may have been filled in apart. Copy it into an empty row that was never sent."},
	"template.row_twice":       {"Desa, nama, dan lokasi baris ini sama dengan baris sebelumnya. Hapus salah satunya, atau bedakan namanya.", "Village, title and location of this row are those of a row before it. Delete one, or give it another title."},
	"template.repair_closed":   {"Usulan {proposal} sudah diterima dan masa perbaikannya ({window}) tidak sedang dibuka, sehingga perubahan baris ini tidak dicatat. Sampaikan perbaikan dalam forum.", "{proposal} was taken in, and the time to repair it ({window}) is not open, so this change is not recorded. Bring it up in the forum."},
	"template.repair_late":     {"Usulan {proposal} sudah berstatus “{standing}”, sehingga perubahan baris ini tidak dicatat. Sampaikan perbaikan dalam forum.", "{proposal} stands at “{standing}” by now, so this change is not recorded. Bring it up in the forum."},
	"template.busy":            {"Usulan ini sedang diubah orang lain. Impor berkas ini sekali lagi.", "Somebody else is changing this proposal. Import the file once more."},
}

// templateWords are what making and taking in templates print on a terminal.
var templateWords = map[string]Pair{
	"template.for_kabupaten":  {"{title}, semua desa/kelurahan", "{title}, all villages"},
	"template.made":           {"{file}: templat usulan {year} untuk {title}; {rows} baris siap diisi, {villages} desa/kelurahan, {kamus} kamus usulan, {offices} OPD.", "{file}: template of {year} for {title}; {rows} rows to fill in, {villages} villages, {kamus} entries of the kamus, {offices} OPDs."},
	"template.there":          {"Berkas {file} sudah ada dan mungkin sudah diisi. Pilih nama lain dengan -o.", "The file {file} is there already and may be filled in. Choose another name by -o."},
	"template.head":           {"Templat usulan {year}, berkas {file}", "Template of {year}, file {file}"},
	"template.head_try":       {"UJI COBA, tidak ada yang dicatat. Templat usulan {year}, berkas {file}", "TRIAL, nothing is recorded. Template of {year}, file {file}"},
	"template.submitted":      {"Diajukan", "Submitted"},
	"template.revised":        {"Diperbaiki", "Revised"},
	"template.unchanged":      {"Tetap", "Unchanged"},
	"template.refused":        {"Karantina", "Quarantined"},
	"template.all":            {"Semua baris yang diisi", "All filled rows"},
	"template.examples":       {"{n} baris CONTOH dilewati.", "{n} rows of examples were passed over."},
	"template.receipt":        {"Nomor usulan tiap baris ada di {file}; kirim kembali ke desa sebagai tanda terima.", "The number of each row's proposal stands in {file}; send it back to the village as a receipt."},
	"template.quarantine":     {"{n} baris dikarantina: betulkan di {file}, lalu impor berkas itu.", "{n} rows are quarantined: mend them in {file}, then import that file."},
	"template.recorded":       {"{events} peristiwa ditulis.", "{events} events were written."},
	"template.receipt_row":    {"Baris", "Row"},
	"template.receipt_place":  {"Desa/kelurahan", "Village"},
	"template.receipt_title":  {"Nama usulan", "Title"},
	"template.receipt_what":   {"Hasil", "Result"},
	"template.receipt_number": {"Nomor usulan", "Number"},
}
