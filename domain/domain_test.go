package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/domain"
)

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func TestNumberNoticesEverySlip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id uuid.UUID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "command"))
		n := domain.Number(2027, id, rapid.IntRange(0, 9).Draw(t, "ordinal"))
		if got, err := domain.ParseNumber(strings.ToLower(n)); err != nil || got != n {
			t.Fatalf("ParseNumber(%q) = %q, %v", strings.ToLower(n), got, err)
		}
		at := rapid.IntRange(5, len(n)-1).Draw(t, "at")
		with := alphabet[rapid.IntRange(0, 31).Draw(t, "with")]
		if slip := n[:at] + string(with) + n[at+1:]; slip != n {
			if _, err := domain.ParseNumber(slip); err == nil {
				t.Fatalf("%s passed for %s", slip, n)
			}
		}
		if at+1 < len(n) && n[at] != n[at+1] {
			slip := n[:at] + string(n[at+1]) + string(n[at]) + n[at+2:]
			if _, err := domain.ParseNumber(slip); err == nil {
				t.Fatalf("swapped %s passed for %s", slip, n)
			}
		}
	})
}

func TestParseNumberForgivesWhatPeopleType(t *testing.T) {
	n := domain.Number(2027, uuid.MustParse("0198c2f0-0000-7000-8000-000000000001"), 0)
	typed := " " + strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(n), "0", "o"), "1", "l") + " "
	if got, err := domain.ParseNumber(typed); err != nil || got != n {
		t.Errorf("ParseNumber(%q) = %q, %v; want %q", typed, got, err, n)
	}
	for _, bad := range []string{"", "U-27-", "U-27-00000000", "X-27-0000000", strings.Repeat("9", 10000)} {
		if got, err := domain.ParseNumber(bad); err == nil {
			t.Errorf("ParseNumber(%.20q) = %q, want a refusal", bad, got)
		}
	}
}

func TestMaskCutsOutPersonalDetails(t *testing.T) {
	for _, test := range []struct{ written, want string }{
		{"Rumah rusak, NIK 9901014101850001 sudah didata", "Rumah rusak, NIK [NIK disamarkan] sudah didata"},
		{"NIK 9901 0141 0185 0001.", "NIK [NIK disamarkan]."},
		{"hub. 0812-3456-7890 atau +62 812 3456 7890", "hub. [telepon disamarkan] atau [telepon disamarkan]"},
		{"kirim ke warga.contoh@surel.example", "kirim ke [surel disamarkan]"},
		{"desa1@contoh.desa.id.", "[surel disamarkan]."},
		{"milik Bapak Sutrisno Hadi di RT 03", "milik Bapak [nama disamarkan] di RT 03"},
		{"a.n. H. Slamet Riyadi, tanah waris", "a.n. H. [nama disamarkan], tanah waris"},
		{"almarhum Slamet, Almarhumah Siti", "almarhum [nama disamarkan], Almarhumah [nama disamarkan]"},
		{"bantuan ibu hamil dan Ibu Menyusui", "bantuan ibu hamil dan Ibu Menyusui"},
		{"sesuai arahan Bapak Camat", "sesuai arahan Bapak Camat"},
		{"jalan 350 m, Rp185.000.000, kode 1.03.10.2.01.0005", "jalan 350 m, Rp185.000.000, kode 1.03.10.2.01.0005"},
		{"", ""},
	} {
		got := domain.Mask(test.written)
		if got.Masked != test.want {
			t.Errorf("Mask(%q) = %q, want %q", test.written, got.Masked, test.want)
		}
	}
}

// Codes are not people, however many digits they have; and nobody hides in one.
func TestMaskLeavesCodesAlone(t *testing.T) {
	for _, code := range []string{
		"0198c2f0-0000-7000-8000-000000000001", "forum-01234567-8901-2345-6789-012345678901", strings.Repeat("0123456789abcdef", 4),
		"62.01.03.2001", "village:62.01.03.2001", "letter-62.01.03.2001-2027",
		"1.03.0.00.0.00.01.0000", "1.03.0.00.0.00.01.0000 1.04.0.00.0.00.02.0000", "1.03.10.2.01.0005-5.2.04.01.01.0003",
		"X.XX.01.2.01.0005", "camat@99.01.03", "opd_head@1.03.0.00.0.00.01.0000", "musrenbang@1#0f", "2026-02-20T04:05:06Z..2026-03-20T04:05:06Z", "B/000.7.2/1234/2026",
		"Kecamatan Ibu Selatan", "ibu kota Nusantara", "Ibu Kota Nusantara",
	} {
		if got := domain.Mask(code); len(got.Spans) > 0 || got.Masked != code {
			t.Errorf("%q became %q", code, got.Masked)
		}
		if domain.Identifies(code) {
			t.Errorf("%q identifies somebody", code)
		}
	}
	for _, hidden := range []string{
		"p-9901014101850001", "forum-9901014101850001", "99.01.01.410185.0001", "99.01.01.4101.850001", "9901.0141.0185.0001", "99.01.01.41.01.85.0001",
		"0812.3456.7890", "62.812.3456.7890", "0198c2f0-0000-7000-8000-000000000001 0812-3456-7890", "1.03.10.2.01.0005/081234567890",
		"62.01.03.2001@surel.example", "a.n. Slamet Riyadi",
	} {
		if !domain.Identifies(hidden) {
			t.Errorf("nobody is seen in %q", hidden)
		}
	}
	for detail, kind := range map[string]domain.SpanKind{"Bapak Sutrisno": domain.SpanName, "opd_head@dinas.pu": domain.SpanEmail} {
		if domain.Identifies(detail, kind) || !domain.Identifies(detail) {
			t.Errorf("%q identifies somebody where %s is looked for, and only there", detail, kind)
		}
	}
}

func TestAGlanceMissesNobody(t *testing.T) {
	somebody := rapid.StringMatching(`((0|62|\+62|\+ 62)[ .\-]?\(?[0-9]([ .\-()]?[0-9]){6,8}|[0-9]([ .\-]?[0-9]){14,16}|[ .:()+-]|[ax1]|` +
		`[a-z]{1,3}@[a-z]{1,3}\.[a-z0-9]{2}|(Pak|a\.n\.|nama|H\.|alm|SDR|Bu|Bapak)[ .:]{1,2}|\p{Lu}[a-z.]{1,3}|1\.0[0-9]\.00|62\.01\.03\.2001){0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			written := somebody.Draw(t, "written")
			if got, want := len(domain.Mask(written).Spans), domain.SearchAll(written); got != want {
				t.Fatalf("%d personal details seen in %q, there are %d", got, written, want)
			}
		}
	})
}

func TestMaskLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := rapid.StringMatching(`([a-zA-Z0-9@. +-]|NIK 99010141018500|Pak [A-Z][a-z]{3}){0,30}`).Draw(t, "written")
		got := domain.Mask(written)
		back := got.Masked
		for _, s := range got.Spans { // put each span back where its mask stands
			i := strings.Index(back, "disamarkan]")
			if i < 0 {
				t.Fatalf("%d spans but too few masks in %q", len(got.Spans), got.Masked)
			}
			j := strings.LastIndex(back[:i], "[")
			back = back[:j] + s.Plain + back[i+len("disamarkan]"):]
		}
		if back != written {
			t.Fatalf("masked %q, unmasked %q", written, back)
		}
	})
}

func TestEndOfDayIsLocal(t *testing.T) {
	at := time.Date(2026, 2, 28, 17, 0, 0, 0, time.UTC) // 1 March in WITA
	want := time.Date(2026, 3, 1, 15, 59, 59, 999999000, time.UTC)
	if got := domain.EndOfDay(at, domain.Zones["WITA"]); !got.Equal(want) {
		t.Errorf("EndOfDay = %s, want %s", got, want)
	}
}

func TestScopeHolds(t *testing.T) {
	const village, kecamatan, opd = "99.01.03.2001", "99.01.03", "1.03"
	for _, test := range []struct {
		scope string
		want  bool
	}{
		{"village:99.01.03.2001", true}, {"village:99.01.03.2002", false}, {"village", false},
		{"kecamatan:99.01.03", true}, {"kecamatan:99.01.0", false}, {"kecamatan:99.01.04", false},
		{"opd:1.03", true}, {"opd:1.04", false}, {"kabupaten", true}, {"kabupaten:99.01", true},
	} {
		s, err := domain.ParseScope(test.scope)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Holds(village, kecamatan, opd); got != test.want {
			t.Errorf("%s holds %s: %v, want %v", test.scope, village, got, test.want)
		}
		if s.String() != test.scope {
			t.Errorf("scope %q became %q", test.scope, s)
		}
	}
	if _, err := domain.ParseScope("planet:3"); err == nil {
		t.Error("an unknown kind of scope was accepted")
	}
}

func TestRupiah(t *testing.T) {
	got := []string{domain.Rupiah(0).String(), domain.Rupiah(999).String(), domain.Rupiah(1234567).String(), domain.Rupiah(-1000).String()}
	if d := cmp.Diff([]string{"Rp0", "Rp999", "Rp1.234.567", "-Rp1.000"}, got); d != "" {
		t.Error(d)
	}
}

func TestVolume(t *testing.T) {
	for amount, want := range map[string]bool{"350.5": true, "1": true, "0": false, "-1": false, "1e9": false, "1,5": false, "": false, strings.Repeat("9", 20): false} {
		if got := (domain.Volume{Amount: amount, Unit: "m"}).Valid(); got != want {
			t.Errorf("volume %q valid: %v, want %v", amount, got, want)
		}
	}
}
