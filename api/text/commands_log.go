package text

// logCommands are what exporting and importing a log says on a terminal.
var logCommands = map[string]Pair{
	"export.bar":       {"peristiwa ditulis", "events written"},
	"export.done":      {"{events} peristiwa log {origin} ditulis (setelah {after} sampai {size}), akar {root}.", "{events} events of the log {origin} written (after {after} to {size}), root {root}."},
	"import.checking":  {"peristiwa diperiksa", "events checked"},
	"import.done":      {"{events} peristiwa diimpor; log kini {size} peristiwa, akar {root}: sama dengan berkasnya.", "{events} events imported; the log now has {size} events, root {root}: the same as the file."},
	"import.not_in_it": {"Dokumen dan kunci data tersegel tidak ada di dalam ekspor. Pulihkan dari cadangannya sendiri (skema vault dan berkas kunci), lalu ulangi penghapusan yang tercatat di log.", "Documents and the keys of sealed data are not in an export. Restore them from their own backups (schema vault and key file), then repeat the erasures that the log records."},
	"import.writing":   {"peristiwa dimasukkan", "events written"},
}
