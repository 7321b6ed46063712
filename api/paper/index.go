package paper

import "runut/domain"

// An IndexEntry is one letter in a folder of them.
type IndexEntry struct {
	File      string // name in the folder
	Code      string // kode wilayah
	Village   string
	Kecamatan string
	Number    string // of the letter; "" for a draft
	Digest    string
	Origins   int
	Asked     domain.Rupiah
	Granted   domain.Rupiah
}

// Index returns the contents of a folder of letters as a file.
func Index(kabupaten string, year int, demo bool, entries []IndexEntry) ([]byte, error) {
	for i, e := range entries {
		entries[i].Village, entries[i].Kecamatan = village(e.Code, e.Village), kecamatan(e.Kecamatan)
	}
	return file("index.html", struct {
		Kabupaten      string
		Year           int
		Demo, Practice bool
		Entries        []IndexEntry
	}{kabupaten, year, demo, false, entries})
}
