package sheet

import (
	"regexp"
	"strings"

	"runut/domain"
)

// Volume reads how much of something from two cells, or from one that says both
// ("350 m"). The amount becomes a plain decimal, the unit one of those that
// Unit knows or stays as it is written; raw is what stood there.
func Volume(amount, unit Cell) (v domain.Volume, raw string, err error) {
	raw = strings.TrimSpace(Line(amount.Text) + " " + Line(unit.Text))
	refuse := func(code string) (domain.Volume, string, error) {
		return domain.Volume{}, raw, domain.Refuse(domain.Invalid, code, "value", short(raw))
	}
	switch {
	case amount.Kind == Fault:
		return domain.Volume{}, raw, domain.Refuse(domain.Invalid, "sheet.cell_faulty", "value", short(raw))
	case amount.Blank():
		return domain.Volume{}, raw, domain.Refuse(domain.Invalid, "sheet.volume_missing")
	case amount.Merged:
		return refuse("sheet.amount_merged")
	case amount.Kind == Date || amount.Kind == Bool:
		return refuse("sheet.volume_unreadable") // 1/2 becomes a day in Excel
	}
	m := measured.FindStringSubmatch(strings.ToLower(Line(amount.Text)))
	if m == nil {
		return refuse("sheet.volume_unreadable")
	}
	written := strings.ReplaceAll(m[1], " ", "")
	decimal, ok := written, true
	if amount.Kind != Number {
		decimal, ok = decimalOf(written, false)
	}
	if !ok {
		return refuse("sheet.number_ambiguous")
	}
	v = domain.Volume{Amount: trimZeros(decimal), Unit: Unit(m[2])}
	if !unit.Blank() {
		if v.Unit != "" && v.Unit != Unit(unit.Text) {
			return refuse("sheet.units_differ")
		}
		v.Unit = Unit(unit.Text)
	}
	if v.Unit == "" {
		return refuse("sheet.unit_missing")
	}
	if !v.Valid() {
		return refuse("sheet.volume_unreadable")
	}
	return v, raw, nil
}

// measured is a number and perhaps a unit behind it that begins with a letter.
var measured = regexp.MustCompile(`^([0-9][0-9.,']*(?: [0-9]{3})*) *(\pL[\pL.'’/-]*[23²³]?(?:[ /(][\pL.'’()/ -]*)?)?$`)

// trimZeros takes away the zeros that say nothing, before and behind.
func trimZeros(decimal string) string {
	whole, part, _ := strings.Cut(decimal, ".")
	whole, part = strings.TrimLeft(whole, "0"), strings.TrimRight(part, "0")
	if whole == "" {
		whole = "0"
	}
	if part == "" {
		return whole
	}
	return whole + "." + part
}

// Unit returns the usual spelling of a unit of volume; one that is not known is
// returned on one line in lower case.
func Unit(written string) string {
	text := strings.ToLower(strings.TrimRight(Line(written), " ."))
	key := strings.Map(func(r rune) rune {
		switch r {
		case '²':
			return '2'
		case '³':
			return '3'
		case ' ', '.', '\'', '’', '`', '´', '^', '(', ')', '-', '/':
			return -1
		}
		return r
	}, text)
	if unit, ok := units[key]; ok {
		return unit
	}
	return text
}

// units maps spellings, without blanks and signs, to the usual one.
var units = func() map[string]string {
	spellings := map[string]string{
		"m":           "m m1 mtr meter metre mter meterlari mlari meterpanjang mpanjang ml meter1",
		"m2":          "m2 mtr2 meter2 meterpersegi mpersegi meterkuadrat meterkwadrat m2persegi",
		"m3":          "m3 mtr3 meter3 meterkubik mkubik kubik kibik",
		"km":          "km kilometer kilo",
		"km2":         "km2 kilometerpersegi",
		"ha":          "ha hektar hektare hekto",
		"cm":          "cm sentimeter centimeter",
		"unit":        "unit unt units",
		"buah":        "buah bh bua buahnya biji bj pcs pc",
		"paket":       "paket pkt pket paketpekerjaan pakt pk",
		"ls":          "ls lumpsum lumsum lsm",
		"orang":       "orang org orng jiwa peserta",
		"orang/hari":  "oranghari oh orghari",
		"orang/bulan": "orangbulan ob orgbulan",
		"orang/kali":  "orangkali ok orgkali",
		"kg":          "kg kilogram kilogr",
		"ton":         "ton tonase",
		"liter":       "liter ltr lt",
		"set":         "set st",
		"titik":       "titik ttk titk",
		"lokasi":      "lokasi lok lks tempat",
		"ruas":        "ruas rs",
		"ruang":       "ruang ruangan rg",
		"rumah":       "rumah rmh",
		"kk":          "kk kepalakeluarga",
		"kelompok":    "kelompok klp kel klmpk",
		"kegiatan":    "kegiatan keg kgt",
		"dokumen":     "dokumen dok",
		"batang":      "batang btg",
		"ekor":        "ekor ekr",
		"bibit":       "bibit bbt",
		"hari":        "hari hr",
		"bulan":       "bulan bln",
		"tahun":       "tahun thn th",
		"sambungan":   "sambungan sr sambunganrumah",
	}
	units := map[string]string{}
	for unit, list := range spellings {
		for spelling := range strings.FieldsSeq(list) {
			units[spelling] = unit
		}
	}
	return units
}()
