package register

import (
	"fmt"
	"regexp"
	"strings"

	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/reference"
)

// places is the register of kode wilayah: a code and a name in every row, from
// the province down to the village. Codes without dots are dotted.
var places = shape{
	columns: []sheet.Column{
		{Key: "code", Names: []string{"Kode Wilayah", "Kode", "Kode Kemendagri", "Kode Desa", "Kode Desa/Kelurahan"}, Required: true},
		{Key: "name", Names: []string{"Nama Wilayah", "Nama", "Wilayah", "Nama Desa", "Nama Desa/Kelurahan", "Desa/Kelurahan"}, Required: true},
		{Key: "until", Names: []string{"Sampai", "Berlaku Sampai"}},
	},
	take: func(r *reading, row sheet.Row) error {
		code, err := r.codeOf(row, "code", "64.08.01.2001")
		if err != nil {
			return err
		}
		if !r.All && !domain.Within(code, r.Tenant) {
			r.Elsewhere++
			return nil
		}
		name, err := r.text(row, "name")
		if err != nil {
			return err
		}
		until, err := r.until(row)
		if err != nil {
			return err
		}
		parent := ""
		if at := strings.LastIndexByte(code, '.'); at > 0 && (r.All || code != r.Tenant) {
			parent = code[:at]
		}
		return r.add(row, reference.Entry{Code: code, Name: name, Parent: parent, Until: until})
	},
}

// dotted writes a kode wilayah of digits alone with its dots.
func dotted(code string) string {
	if strings.Trim(code, "0123456789") != "" {
		return code
	}
	switch len(code) {
	case 4:
		return code[:2] + "." + code[2:]
	case 6:
		return code[:2] + "." + code[2:4] + "." + code[4:]
	case 10:
		return code[:2] + "." + code[2:4] + "." + code[4:6] + "." + code[6:]
	}
	return code
}

// nomenclature is the register of urusan down to sub kegiatan (Permendagri
// 90/2019 and its updates). A row is about any level; one of a sub kegiatan may
// name what it stands below in columns of their own, and those become entries too.
var nomenclature = shape{
	columns: []sheet.Column{
		{Key: "code", Names: []string{"Kode Sub Kegiatan", "Kode", "Kode Nomenklatur", "Kode Rekening"}, Required: true},
		{Key: "name", Names: []string{"Nama Sub Kegiatan", "Sub Kegiatan", "Nomenklatur", "Nama", "Uraian", "Nomenklatur Urusan Kabupaten/Kota"}, Required: true},
		{Key: "urusan", Names: []string{"Nama Urusan", "Urusan"}},
		{Key: "bidang", Names: []string{"Bidang Urusan", "Nama Bidang Urusan"}},
		{Key: "program", Names: []string{"Nama Program"}},
		{Key: "kegiatan", Names: []string{"Nama Kegiatan"}},
		{Key: "government", Names: []string{"Jenis Pemda", "Jns Pemda", "Kewenangan"}},
		{Key: "unit", Names: []string{"Satuan"}},
		{Key: "indicator", Names: []string{"Indikator", "Indikator Kinerja"}},
		{Key: "until", Names: []string{"Sampai", "Berlaku Sampai"}},
	},
	take: func(r *reading, row sheet.Row) error {
		code, err := r.codeOf(row, "code", "1.03.10.2.01.0011")
		if err != nil {
			return err
		}
		name, err := r.text(row, "name")
		if err != nil {
			return err
		}
		facts, err := r.facts(row, "government", "unit", "indicator")
		if err != nil {
			return err
		}
		until, err := r.until(row)
		if err != nil {
			return err
		}
		if err := r.add(row, reference.Entry{Code: code, Name: unmarked(name), Parent: above(code), Until: until, Facts: facts}); err != nil {
			return err
		}
		for at := above(code); at != ""; at = above(at) {
			heading, err := r.text(row, levels[strings.Count(at, ".")])
			if err != nil {
				return err
			}
			r.derive(reference.Entry{Code: at, Name: unmarked(heading), Parent: above(at)})
		}
		return nil
	},
	parent: func(r *reading, e reference.Entry) string {
		for at := above(e.Code); at != ""; at = above(at) {
			if _, ok := r.at[at]; ok {
				return at
			}
		}
		return ""
	},
}

// levels are the columns that name what stands above a sub kegiatan, by the dots
// in its code.
var levels = map[int]string{0: "urusan", 1: "bidang", 2: "program", 4: "kegiatan"}

// above returns the code that a code of the nomenclature stands below: urusan 1,
// bidang urusan 1.03, program 1.03.10, kegiatan 1.03.10.2.01, sub kegiatan
// 1.03.10.2.01.0005. It is "" for an urusan.
func above(code string) string {
	at := strings.LastIndexByte(code, '.')
	if at < 0 {
		return ""
	}
	if code = code[:at]; strings.Count(code, ".") == 3 {
		return code[:strings.LastIndexByte(code, '.')] // 1 or 2 says whose part of the kegiatan it is
	}
	return code
}

// footnote is what printed lists hang on names: "Dinas Pendidikan Dayah******)".
var footnote = regexp.MustCompile(`\s*\*+\)?$`)

func unmarked(name string) string { return footnote.ReplaceAllString(name, "") }

// offices is the register of OPDs. Codes of the form that SIPD uses say which
// office a sub unit belongs to: 1.03.0.00.0.00.01.0001 to ….0000.
var offices = shape{
	columns: []sheet.Column{
		{Key: "code", Names: []string{"Kode OPD", "Kode SKPD", "Kode Perangkat Daerah", "Kode PD", "Kode"}},
		{Key: "unit", Names: []string{"Kode Unit", "Kode Sub Unit", "Kode Unit SKPD"}},
		{Key: "id", Names: []string{"ID Unit", "ID SKPD"}},
		{Key: "name", Names: []string{"Nama OPD", "Nama SKPD", "Nama Perangkat Daerah", "Perangkat Daerah", "Nama Unit", "Nama", "OPD", "SKPD"}, Required: true},
		{Key: "parent", Names: []string{"Kode Induk", "Induk"}},
		{Key: "government", Names: []string{"Jenis Pemda", "Jns Pemda"}},
		{Key: "until", Names: []string{"Sampai", "Berlaku Sampai"}},
	},
	take: func(r *reading, row sheet.Row) error {
		key := "code"
		for _, other := range []string{"id", "unit"} {
			if !r.layout.Has(key) && r.layout.Has(other) {
				key = other
			}
		}
		if !r.layout.Has(key) {
			return domain.Refuse(domain.Invalid, "register.code_column", "columns", "Kode OPD")
		}
		code, err := r.codeOf(row, key, "1.03.0.00.0.00.01.0000")
		if err != nil {
			return err
		}
		name, err := r.text(row, "name")
		if err != nil {
			return err
		}
		parent, err := r.text(row, "parent")
		if err != nil {
			return err
		}
		if whole := headOffice(code); parent == "" && whole != code {
			parent = whole
		}
		facts, err := r.facts(row, "government")
		if err != nil {
			return err
		}
		until, err := r.until(row)
		if err != nil {
			return err
		}
		return r.add(row, reference.Entry{Code: code, Name: unmarked(name), Parent: parent, Until: until, Facts: facts})
	},
	parent: func(*reading, reference.Entry) string { return "" },
}

var subUnit = regexp.MustCompile(`^([0-9]\.[0-9]{2}(?:\.[0-9]\.[0-9]{2}){2}\.[0-9]{2})\.[0-9]{4}$`)

// headOffice returns the code of the office that a sub unit belongs to.
func headOffice(code string) string {
	if m := subUnit.FindStringSubmatch(code); m != nil {
		return m[1] + ".0000"
	}
	return code
}

// kamus is the kamus usulan: what can be proposed, in which unit, of whom.
var kamus = shape{
	columns: []sheet.Column{
		{Key: "code", Names: []string{"Kode Kamus", "Kode", "ID Kamus", "ID"}, Required: true},
		{Key: "name", Names: []string{"Nama Kamus", "Nama", "Nama Usulan", "Usulan", "Kamus Usulan", "Pekerjaan", "Uraian"}, Required: true},
		{Key: "kind", Names: []string{"Jenis", "Jenis Usulan", "Kategori"}},
		{Key: "office", Names: []string{"Pelaksana", "OPD", "OPD Tujuan", "Perangkat Daerah", "SKPD"}},
		{Key: "opd", Names: []string{"Kode OPD", "Kode SKPD", "Kode Perangkat Daerah"}},
		{Key: "unit", Names: []string{"Satuan"}},
		{Key: "price", Names: []string{"Harga Satuan", "Harga", "Anggaran", "Pagu"}},
		{Key: "sub_kegiatan", Names: []string{"Kode Sub Kegiatan", "Sub Kegiatan"}},
		{Key: "until", Names: []string{"Sampai", "Berlaku Sampai"}},
	},
	take: func(r *reading, row sheet.Row) error {
		code, err := r.codeOf(row, "code", "JLN-01")
		if err != nil {
			return err
		}
		name, err := r.text(row, "name")
		if err != nil {
			return err
		}
		facts, err := r.facts(row, "kind", "office", "opd", "unit", "price", "sub_kegiatan")
		if err != nil {
			return err
		}
		if facts["price"] != "" {
			price, err := sheet.Rupiah(r.layout.Get(row, "price"))
			if err != nil {
				return in("price", err)
			}
			facts["price"] = fmt.Sprintf("%d", price)
		}
		if facts["unit"] != "" {
			facts["unit"] = sheet.Unit(facts["unit"])
		}
		if err := r.office(facts); err != nil {
			return err
		}
		until, err := r.until(row)
		if err != nil {
			return err
		}
		return r.add(row, reference.Entry{Code: code, Name: name, Until: until, Facts: facts})
	},
}

// office completes the code of an OPD that is named, where the register in force
// has just one of that name, and refuses a code that the register does not have.
func (r *reading) office(facts map[string]string) error {
	if code := facts["opd"]; code != "" && r.Offices != nil {
		if _, ok := r.Offices.Entry(code); !ok {
			return in("opd", domain.Refuse(domain.NotFound, "register.office_unknown", "code", code, "edition", r.Offices.Name))
		}
	}
	if facts["office"] == "" || facts["opd"] != "" || r.Offices == nil {
		return nil
	}
	found := ""
	for _, o := range r.Offices.Entries {
		if !strings.EqualFold(o.Name, facts["office"]) {
			continue
		}
		if found != "" {
			return nil
		}
		found = o.Code
	}
	if found != "" {
		facts["opd"] = found
	}
	return nil
}

// holidays is the list of days that are no working days: national holidays and
// days of common leave. Two on one day get a second code.
var holidays = shape{
	columns: []sheet.Column{
		{Key: "day", Names: []string{"Tanggal", "Hari/Tanggal", "Hari", "Date"}, Required: true},
		{Key: "name", Names: []string{"Nama", "Nama Libur", "Hari Libur", "Keterangan", "Perayaan", "Uraian", "Name"}, Required: true},
		{Key: "kind", Names: []string{"Jenis", "Kategori", "Jenis Libur", "Kind"}},
	},
	take: func(r *reading, row sheet.Row) error {
		day, err := sheet.Day(r.layout.Get(row, "day"))
		if err != nil {
			return in("day", err)
		}
		name, err := r.text(row, "name")
		if err != nil {
			return err
		}
		facts, err := r.facts(row, "kind")
		if err != nil {
			return err
		}
		if facts["kind"] != "" {
			kind, ok := kindsOfDay[strings.ToLower(facts["kind"])]
			if !ok {
				return in("kind", domain.Refuse(domain.Invalid, "register.kind_unknown", "kind", facts["kind"]))
			}
			facts["kind"] = kind
		}
		code := day
		for n := 2; ; n++ {
			i, taken := r.at[code]
			if !taken || r.Entries[i].Name == name {
				return r.add(row, reference.Entry{Code: code, Name: name, Facts: facts})
			}
			code = fmt.Sprintf("%s-%d", day, n)
		}
	},
}

var kindsOfDay = map[string]string{
	"libur": "libur_nasional", "libur nasional": "libur_nasional", "hari libur": "libur_nasional", "hari libur nasional": "libur_nasional", "nasional": "libur_nasional", "national holiday": "libur_nasional",
	"cuti": "cuti_bersama", "cuti bersama": "cuti_bersama", "common leave": "cuti_bersama",
	"daerah": "libur_daerah", "libur daerah": "libur_daerah", "libur lokal": "libur_daerah", "local holiday": "libur_daerah",
}
