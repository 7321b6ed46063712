package lists

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// filler are words that tell nothing about which work is meant.
var filler = map[string]bool{
	"dan": true, "di": true, "ke": true, "dari": true, "yang": true, "untuk": true, "pada": true, "dengan": true, "dalam": true, "oleh": true, "atau": true,
	"rp": true, "desa": true, "kelurahan": true, "kecamatan": true, "kec": true, "kel": true, "ds": true, "kab": true, "kabupaten": true, "usulan": true,
	"kegiatan": true, "pekerjaan": true, "belanja": true, "lokasi": true,
}

// spellings are short forms of planners, and what they stand for.
var spellings = map[string]string{
	"pembang": "pembangunan", "pemb": "pembangunan", "bangun": "pembangunan", "rehab": "rehabilitasi", "peningk": "peningkatan", "pemel": "pemeliharaan",
	"jln": "jalan", "jl": "jalan", "jbt": "jembatan", "jemb": "jembatan", "sal": "saluran", "drainase": "drainase", "irig": "irigasi", "pkt": "paket",
	"gdg": "gedung", "sdn": "sd", "ling": "lingkungan", "dsn": "dusun", "bh": "buah",
}

// wordsOf returns the words of texts that tell works apart, each once and
// sorted: lower case, without marks, short forms written out, and numbers
// without leading zeros, for RT 03 is RT 3.
func wordsOf(texts ...string) []string {
	var out []string
	for _, text := range texts {
		for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if full, ok := spellings[w]; ok {
				w = full
			}
			if w = strings.TrimLeft(w, "0"); w == "" || filler[w] {
				continue
			}
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A scale weighs words by how rare they are among the proposals: every second
// one asks for a road, few for that of Gang Mawar.
type scale struct {
	known map[string]int // how many proposals have the word
	of    int            // proposals
}

// weight returns the weight of a word; one that no proposal has weighs most.
func (s scale) weight(word string) float64 {
	return math.Log(1 + float64(s.of+1)/float64(s.known[word]+1))
}

// alike returns how much of the weight of the words of a and b together they
// share, from 0 to 1, and the words they share, the weightiest first. Both are
// sorted.
func (s scale) alike(a, b []string) (float64, []string) {
	var shared []string
	var common, all float64
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			all += s.weight(a[i])
			i++
		case i == len(a) || b[j] < a[i]:
			all += s.weight(b[j])
			j++
		default:
			w := s.weight(a[i])
			common, all = common+w, all+w
			shared = append(shared, a[i])
			i, j = i+1, j+1
		}
	}
	if all == 0 {
		return 0, nil
	}
	slices.SortStableFunc(shared, func(x, y string) int { return s.known[x] - s.known[y] })
	return common / all, shared
}
