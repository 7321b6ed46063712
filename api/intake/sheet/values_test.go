package sheet_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"runut/api/intake/sheet"
	words "runut/api/text"
	"runut/domain"
)

func text(s string) sheet.Cell {
	if s = sheet.Clean(s); s == "" {
		return sheet.Cell{}
	}
	return sheet.Cell{Kind: sheet.Text, Text: s, Raw: s}
}

func number(s string) sheet.Cell { return sheet.Cell{Kind: sheet.Number, Text: s, Raw: s} }

// code returns the code of a refusal, without "sheet.".
func code(err error) string {
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return strings.TrimPrefix(refusal.Code, "sheet.")
	}
	if err != nil {
		return "not a refusal: " + err.Error()
	}
	return ""
}

func TestRupiahReadsWhatIsCertainAndRefusesTheRest(t *testing.T) {
	for _, test := range []struct {
		cell sheet.Cell
		want string
	}{
		{text("Rp1.234.567,00"), "1234567"}, {text("Rp. 1.234.567,-"), "1234567"}, {text("IDR 1,234,567.00"), "1234567"}, {text("1 234 567"), "1234567"},
		{text("rp 1.234"), "1234"}, {text("1,234"), "1234"}, {text("1234567.0"), "1234567"}, {text("1'234'567"), "1234567"}, {text("0"), "0"}, {text("Rp0"), "0"},
		{text("Rp\u00a0150.000.000"), "150000000"}, {number("1234567"), "1234567"}, {number("1999.999999"), "2000"}, {text("1.234.567,000"), "amount_ambiguous"},
		{number("1234567.5"), "amount_fraction"}, {text("1234567,89"), "amount_fraction"}, {text("1.5"), "amount_fraction"},
		{text("1.2 juta"), "amount_words"}, {text("Rp 150 jt"), "amount_words"}, {text("2,5M"), "amount_words"}, {text("1,25E+09"), "amount_rounded"},
		{text("1.234,567"), "amount_ambiguous"}, {text("12.34.567"), "amount_ambiguous"}, {text("0.500"), "amount_ambiguous"}, {text("1234.567"), "amount_ambiguous"},
		{text("1,234.567.890"), "amount_ambiguous"}, {text("-5"), "amount_negative"}, {text("(5.000)"), "amount_negative"},
		{text("seratus"), "amount_unreadable"}, {text("5000000 per unit"), "amount_unreadable"}, {text("5 s/d 10"), "amount_unreadable"}, {text("5.000.000 - 10.000.000"), "amount_unreadable"},
		{text("-"), "amount_missing"}, {sheet.Cell{}, "amount_missing"}, {text("99999999999999999999"), "amount_too_large"},
		{sheet.Cell{Kind: sheet.Fault, Text: "#REF!"}, "cell_faulty"}, {sheet.Cell{Kind: sheet.Date, Text: "2026-01-01"}, "amount_unreadable"},
		{sheet.Cell{Kind: sheet.Number, Text: "5", Merged: true}, "amount_merged"},
	} {
		got, err := sheet.Rupiah(test.cell)
		if is := code(err); is != test.want && (is != "" || fmt.Sprintf("%d", got) != test.want) {
			t.Errorf("%q: %d, %v; want %s", test.cell.Text, got, err, test.want)
		}
	}
}

func TestEveryWayOfWritingAnAmountMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := domain.Rupiah(rapid.Int64Range(0, 1e15).Draw(t, "amount"))
		dotted := strings.TrimPrefix(amount.String(), "Rp")
		commas := strings.ReplaceAll(dotted, ".", ",")
		for _, written := range []string{dotted, commas, "Rp" + dotted + ",00", "Rp. " + dotted + ",-", commas + ".00", fmt.Sprintf("%d.0", amount), "IDR " + commas, strings.ReplaceAll(dotted, ".", "\u00a0")} {
			got, err := sheet.Rupiah(text(written))
			if err != nil || got != amount {
				t.Fatalf("%q: %d, %v; want %d", written, got, err, amount)
			}
		}
	})
}

func TestVolume(t *testing.T) {
	for _, spelling := range []string{"m", "M", "meter", "Meter", "M'", "m1", "mtr", "Mtr.", "meter lari", "m’", "METER PANJANG", "ml"} {
		if got := sheet.Unit(spelling); got != "m" {
			t.Errorf("%q is the unit %q, want m", spelling, got)
		}
	}
	for _, test := range []struct {
		amount, unit sheet.Cell
		want         string
	}{
		{text("350"), text("Meter"), "350 m"}, {text("350 m"), text(""), "350 m"}, {text("350 M2"), text("m²"), "350 m2"}, {number("1.5"), text("km"), "1.5 km"},
		{text("1,5"), text("km"), "1.5 km"}, {text("0,125"), text("ha"), "0.125 ha"}, {text("1.500,00"), text("bh"), "1500 buah"}, {text("1 Pkt"), text("-"), "1 paket"},
		{text("12"), text("meter persegi"), "12 m2"}, {text("3"), text("Kelompok Tani"), "3 kelompok tani"}, {text("2 unit (kecil)"), text(""), "2 unit (kecil)"}, {text("1 LS"), text(""), "1 ls"},
		{text("1.500"), text("m"), "number_ambiguous"}, {text("350 m"), text("unit"), "units_differ"}, {text("350"), text(""), "unit_missing"}, {text("0"), text("m"), "volume_unreadable"},
		{text("2 x 3 m"), text(""), "volume_unreadable"}, {text("seratus"), text("m"), "volume_unreadable"}, {text(""), text("m"), "volume_missing"},
		{sheet.Cell{Kind: sheet.Date, Text: "2026-02-01"}, text("m"), "volume_unreadable"}, {sheet.Cell{Kind: sheet.Fault, Text: "=A1"}, text("m"), "cell_faulty"},
	} {
		got, raw, err := sheet.Volume(test.amount, test.unit)
		if is := code(err); is != test.want && (is != "" || got.String() != test.want) {
			t.Errorf("%q %q: %s, %v; want %s", test.amount.Text, test.unit.Text, got, err, test.want)
		}
		if want := strings.TrimSpace(test.amount.Text + " " + test.unit.Text); raw != want {
			t.Errorf("what stood there was %q, kept is %q", want, raw)
		}
	}
}

func TestDay(t *testing.T) {
	for _, test := range []struct {
		cell sheet.Cell
		want string
	}{
		{text("2026-01-05"), "2026-01-05"}, {text("05/01/2026"), "2026-01-05"}, {text("5-1-26"), "2026-01-05"}, {text("5 Januari 2026"), "2026-01-05"}, {text("Senin, 5 Nopember 2026 pukul 10.30 WITA"), "2026-11-05"},
		{text("2026-01-05 10:33:21"), "2026-01-05"}, {text("2026-01-05T10:33:21+08:00"), "2026-01-05"}, {text("05 Jan 2026"), "2026-01-05"}, {text("5 May 2026"), "2026-05-05"}, {text("46027"), "2026-01-05"},
		{number("46027.5"), "2026-01-05"}, {sheet.Cell{Kind: sheet.Number, Text: "44565", Epoch: 1904}, "2026-01-05"}, {sheet.Cell{Kind: sheet.Date, Text: "2026-01-05 10:00:00"}, "2026-01-05"}, {text("29/02/2028"), "2028-02-29"},
		{text("31/02/2026"), "day_impossible"}, {text("29/02/2026"), "day_impossible"}, {text("00/01/2026"), "day_impossible"}, {text("2026-13-01"), "day_month_first"}, {text("01/25/2026"), "day_month_first"}, {text("2026-02-30"), "day_impossible"},
		{text("2026-01-05T17:00:00Z"), "day_zone"}, {text("5/1/1026"), "day_implausible"}, {number("5"), "day_unreadable"}, {text("besok"), "day_unreadable"}, {text("5 Foo 2026"), "day_unreadable"},
		{text("-"), "day_missing"}, {sheet.Cell{Kind: sheet.Fault, Text: "#N/A"}, "cell_faulty"}, {sheet.Cell{Kind: sheet.Bool, Text: "true"}, "day_unreadable"},
	} {
		got, err := sheet.Day(test.cell)
		if is := code(err); is != test.want && (is != "" || got != test.want) {
			t.Errorf("%q: %s, %v; want %s", test.cell.Text, got, err, test.want)
		}
	}
}

func TestPlace(t *testing.T) {
	north := sheet.Box{South: -1.5, North: 1.9, West: 115.9, East: 119}
	for _, test := range []struct {
		box            sheet.Box
		text, at, rest string
		mended         []sheet.Mend
	}{
		{north, "Jl. Poros RT 03 (0.502106, 117.153709)", "0.502106 117.153709", "Jl. Poros RT 03", nil},
		{north, "Dusun Makmur, -0,502; 117,153", "-0.502 117.153", "Dusun Makmur", nil},
		{north, "-0,502,117,153 dekat masjid", "-0.502 117.153", "dekat masjid", nil},
		{north, "Lat: -0.502 Long: 117.153", "-0.502 117.153", "", nil},
		{north, "117.153709, -0.502106 RT 1", "-0.502106 117.153709", "RT 1", []sheet.Mend{sheet.Swapped}},
		{north, "0.502 LS 117.153 BT", "-0.502 117.153", "", nil},
		{north, "0°30'07.6\"S 117°09'13.4\"E Sangatta", "-0.502111 117.153722", "Sangatta", nil},
		{north, "0° 30,5' LU, 117° 9,25' BT", "0.508333 117.154167", "", nil},
		{north, "-0.502, -117.153", "-0.502 117.153", "", []sheet.Mend{sheet.Hemisphere}},
		{sheet.Box{South: -8.4, North: -7.9, West: 110.9, East: 111.6}, "Desa X 8.19562 111.10521", "-8.19562 111.10521", "Desa X", []sheet.Mend{sheet.Hemisphere}},
		{north, "Kode 64.08.01.2001 RT 12.50", "", "Kode 64.08.01.2001 RT 12.50", nil},
		{north, "-6,547,843,512,000", "", "-6,547,843,512,000", nil},
		{north, "volume 10,50, 20,75", "", "volume 10,50, 20,75", nil},
		{north, "0.502, 97.153 di luar", "", "0.502, 97.153 di luar", nil},
		{sheet.Indonesia, "tanpa koordinat", "", "tanpa koordinat", nil},
	} {
		at, mends, rest, ok := sheet.Place(test.text, test.box)
		got := strings.TrimSpace(at.Lat + " " + at.Lon)
		if got != test.at || rest != test.rest || ok != (test.at != "") || !slices.Equal(mends, test.mended) {
			t.Errorf("%q: %q %v, rest %q; want %q %v, rest %q", test.text, got, mends, rest, test.at, test.mended, test.rest)
		}
		if ok && !at.Valid() {
			t.Errorf("%q: %v is no place on earth", test.text, at)
		}
	}
}

func TestCleanTakesAwayWhatDoesNotShow(t *testing.T) {
	for given, want := range map[string]string{
		" Jalan\u00a0 usaha\u200b tani ": "Jalan usaha tani", "\ufeffDesa": "Desa", "a\r\n\r\n b\tc": "a\nb c", "\u200b\u00a0": "", "'=SUM(A1)": "=SUM(A1)", "Jum'at": "Jum'at", "'90an": "'90an", "a\x00b\x07": "ab", "\xff\xfe": "",
	} {
		if got := sheet.Clean(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestAGuardedTextIsNoFormulaAndReadsAsBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clean := sheet.Clean(rapid.StringMatching(`['=+\-@|%\t ]{0,4}[\pL\pN \n\x00\x{200b}']{0,8}`).Draw(t, "text"))
		if again := sheet.Clean(clean); again != clean {
			t.Fatalf("%q cleaned twice is %q", clean, again)
		}
		guarded := words.Guard(clean)
		if guarded != "" && strings.ContainsRune("=+-@\t|%", rune(guarded[0])) {
			t.Fatalf("%q is written as %q", clean, guarded)
		}
		if back := sheet.Clean(guarded); back != clean {
			t.Fatalf("%q came back as %q", clean, back)
		}
	})
}

func FuzzValues(f *testing.F) {
	for _, seed := range []string{"Rp1.234.567,00", "1,25E+09", "350 m²", "31/02/2026", "-0,502,117,153", "0°30'07.6\"S 117°09'13.4\"E", "'=1+1", "5 Januari 2026 10:30", "_x000D_", "\u00a0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cleaned := sheet.Clean(s)
		if again := sheet.Clean(cleaned); again != cleaned || !utf8.ValidString(cleaned) {
			t.Errorf("%q cleaned is %q, cleaned twice %q", s, cleaned, again)
		}
		for _, kind := range []sheet.CellKind{sheet.Text, sheet.Number, sheet.Date} {
			c := sheet.Cell{Kind: kind, Text: cleaned, Raw: s}
			if amount, err := sheet.Rupiah(c); err == nil && amount < 0 {
				t.Errorf("%q is %d", s, amount)
			}
			if v, _, err := sheet.Volume(c, sheet.Cell{Kind: sheet.Text, Text: "m"}); err == nil && !v.Valid() {
				t.Errorf("%q is the volume %v", s, v)
			}
			if day, err := sheet.Day(c); err == nil && len(day) != 10 {
				t.Errorf("%q is the day %q", s, day)
			}
		}
		if at, _, _, ok := sheet.Place(s, sheet.Indonesia); ok && !at.Valid() {
			t.Errorf("%q is at %v", s, at)
		}
		sheet.Unit(s)
		if sheet.LooksCut(s) && len(s) < 255 {
			t.Errorf("a text of %d bytes looks cut", len(s))
		}
	})
}
