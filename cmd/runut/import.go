package main

type importCommand struct {
	Template  importTemplate  `cmd:"" help:"Templat usulan yang diisi desa. · Templates that villages filled in."`
	Sipd      importSipd      `cmd:"" name:"sipd" help:"Ekspor SIPD: bandingkan dengan log, catat perbedaannya. · An export of SIPD: compare it with the log and record what differs."`
	RKPD      importRKPD      `cmd:"" name:"rkpd" help:"Daftar RKPD: putuskan banyak usulan sekaligus. · A list of the RKPD: decide many proposals at once."`
	PPAS      importPPAS      `cmd:"" name:"ppas" help:"Daftar KUA-PPAS. · A list of the KUA-PPAS."`
	APBD      importAPBD      `cmd:"" name:"apbd" help:"Daftar APBD (DPA). · A list of the APBD (DPA)."`
	Perubahan importPerubahan `cmd:"" name:"perubahan" help:"Daftar perubahan atau pergeseran APBD. · A list of a change of the APBD."`
	List      importFiles     `cmd:"" help:"Berkas yang sudah diimpor dan karantina yang terbuka. · Files taken in, and what is quarantined still."`
	Dismiss   importDismiss   `cmd:"" help:"Tutup baris karantina SIPD tanpa mengimpornya. · Dismiss quarantined rows of SIPD."`
	StatusMap importStatusMap `cmd:"" help:"Cetak peta status SIPD, untuk disalin dan ditambah. · Print the status map of SIPD, to be copied and added to."`
	Sample    importSample    `cmd:"" help:"Tulis ekspor SIPD rekaan untuk dicoba: DATA CONTOH. · Write invented exports of SIPD to try: DEMO DATA."`
	Log       importLog       `cmd:"" help:"Berkas ekspor log, ke basis data kosong. · Exports of a log, into an empty database."`
}
