package sipd_test

import (
	"slices"
	"strings"
	"testing"

	"runut/api/intake/sipd"
)

func TestTheStatusMapReadsWords(t *testing.T) {
	m := sipd.BaseStatusMap()
	for _, test := range []struct {
		status string
		pokir  bool
		filled []string // levels whose column says something
		want   []string // states
		code   string
	}{
		{status: "Menunggu Verifikasi", want: nil},
		{status: "MENUNGGU  VERIFIKASI KECAMATAN", want: []string{"at_kecamatan"}},
		{status: "Disetujui oleh Camat", want: []string{"at_opd"}},
		{status: "Ditolak SKPD.", want: []string{"rejected"}},
		{status: "Dikembalikan Kecamatan", want: []string{"returned_kec"}},
		{status: "Dibatalkan", want: []string{"withdrawn", "rejected", "cancelled"}},
		{status: "Disetujui", filled: []string{"lurah", "camat"}, want: []string{"at_opd"}},
		{status: "Ditolak", filled: []string{"lurah", "camat", "mitra", "skpd"}, want: []string{"rejected"}},
		{status: "Disetujui", code: "sipd.status_levelless"},
		{status: "Disetujui Setwan", pokir: true, want: []string{"at_opd"}},
		{status: "Disetujui Kelurahan", pokir: true, code: "sipd.status_levelless"}, // the council's proposals pass no village
		{status: "Menunggu Wangsit", code: "sipd.status_unknown"},
		{status: "", code: "sipd.status_unknown"},
	} {
		got, err := m.Reading(test.status, test.pokir, test.filled...)
		if code(err) != test.code || !slices.Equal(got, test.want) {
			t.Errorf("%q (%v) is %v, %q; want %v, %q", test.status, test.filled, got, code(err), test.want, test.code)
		}
	}
}

func TestAStatusMapThatIsWrongSaysWhere(t *testing.T) {
	base := string(sipd.BaseStatusYAML())
	for name, text := range map[string]string{
		"no YAML":              "status: [",
		"an unknown member":    base + "\nwarna: merah\n",
		"no version":           strings.Replace(base, "version: 1", "version: 0", 1),
		"an unknown verdict":   strings.Replace(base, "verdict: rkpd", "verdict: mungkin", 1),
		"an unknown level":     strings.Replace(base, "level: camat", "level: gubernur", 1),
		"an unknown event":     strings.Replace(base, "event: agreed", "event: dreamt", 1),
		"a word of two senses": strings.Replace(base, "words: [ditolak,", "words: [disetujui, ditolak,", 1),
		"an unknown opinion":   strings.Replace(base, "  changed: [", "  perhaps: [", 1),
	} {
		if text == base {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := sipd.ParseStatusMap("peta.yaml", []byte(text)); code(err) != "sipd.map_wrong" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
