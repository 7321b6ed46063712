package main

type importCommand struct {
	Template  importTemplate  `cmd:"" help:"Templat usulan yang diisi desa. · Templates that villages filled in."`
	RKPD      importRKPD      `cmd:"" name:"rkpd" help:"Daftar RKPD: putuskan banyak usulan sekaligus. · A list of the RKPD: decide many proposals at once."`
	PPAS      importPPAS      `cmd:"" name:"ppas" help:"Daftar KUA-PPAS. · A list of the KUA-PPAS."`
	APBD      importAPBD      `cmd:"" name:"apbd" help:"Daftar APBD (DPA). · A list of the APBD (DPA)."`
	Perubahan importPerubahan `cmd:"" name:"perubahan" help:"Daftar perubahan atau pergeseran APBD. · A list of a change of the APBD."`
}
