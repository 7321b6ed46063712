package paper

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"runut/api/text"
	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/projections"
)

// Letter returns a letter to a village as a file.
func Letter(l *projections.LetterPaper) ([]byte, error) { return file("letter.html", letterOf(l)) }

// LetterPart returns it as part of a page.
func LetterPart(l *projections.LetterPaper) (template.HTML, error) {
	return part("letter", letterOf(l))
}

// A letter is what the template of a letter shows.
type letter struct {
	*projections.LetterPaper
	To     string // "Kepala Desa Kota Maju"
	From   string // "Desa Kota Maju"
	In     string // "Kecamatan Contoh Kota"
	Rows   []fateRow
	Ledger []sum
	zone   *time.Location
}

// A fateRow is how many proposals have a fate.
type fateRow struct {
	Fate, Tone string
	Count      string
	Asked      domain.Rupiah
	Granted    domain.Rupiah
}

// A sum is one line of the money that must come out even.
type sum struct {
	Title  string
	Amount domain.Rupiah
}

var tones = map[history.Fate]string{history.Funded: "good", history.Partly: "good", history.Elsewhere: "move", history.Pending: "wait",
	history.Deferred: "bad", history.Dropped: "bad", history.Cancelled: "bad"}

func letterOf(p *projections.LetterPaper) letter {
	l := letter{LetterPaper: p, From: village(p.Village, p.VillageName), In: kecamatan(p.Kecamatan), zone: domain.Zones[p.Zone]}
	if l.zone == nil {
		l.zone = time.UTC
	}
	l.To = "Kepala " + l.From
	if isKelurahan(p.Village) {
		l.To = "Lurah " + strings.TrimPrefix(l.From, "Kelurahan ")
	}
	t := p.Totals
	for _, f := range t.Fates {
		if f.Fate == string(history.Partly) {
			continue // a headline only: its parts stand under their own fates
		}
		row := fateRow{Fate: text.ID.T("fate." + f.Fate), Tone: tones[history.Fate(f.Fate)], Count: share(f.Count), Asked: f.Asked}
		if f.Fate == string(history.Funded) {
			row.Granted = t.Granted
		}
		l.Rows = append(l.Rows, row)
	}
	for _, s := range []sum{{"Dikurangi dari yang didanai", t.Cut}, {"Ditambah pada yang didanai", t.Uplift}, {"Pindahan karena penggabungan", t.Moved}} {
		if s.Amount != 0 {
			l.Ledger = append(l.Ledger, s)
		}
	}
	return l
}

// share writes a count of proposals, of which one may be in parts.
func share(s projections.Share) string {
	if s%projections.One == 0 {
		return text.ID.Count(int64(s / projections.One))
	}
	return text.ID.Decimal(strconv.FormatFloat(s.Float(), 'f', 2, 64))
}

// Count is how many proposals the letter tells of.
func (l letter) Count() string { return text.ID.Count(int64(l.Totals.Origins)) }

// Own is how many of them came in by the musrenbang.
func (l letter) Own() string {
	n := 0
	for _, o := range l.Origins {
		if o.Lane == proposal.Musrenbang {
			n++
		}
	}
	return text.ID.Count(int64(n))
}

// Heir is the title of what a proposal was merged into.
func (l letter) Heir(o projections.LetterOrigin) string {
	for _, s := range o.Shares {
		if s.Heir == o.Merged {
			return s.Title
		}
	}
	return ""
}

// All is how many proposals all rows make together.
func (l letter) All() string { return share(l.Totals.Count) }

// On writes the local day of a moment.
func (l letter) On(t time.Time) string { return text.ID.Day(t, l.zone) }

// Headline is the fate of a proposal in a word or two.
func (l letter) Headline(o projections.LetterOrigin) string {
	return text.ID.T("fate." + string(o.Fate))
}

// Tone is how a fate looks.
func (l letter) Tone(o projections.LetterOrigin) string { return tones[o.Fate] }

// Part says which part of a proposal something is told of, "" for all of it.
func (l letter) Part(o projections.LetterOrigin, s projections.LetterShare) string {
	if len(o.Shares) == 1 {
		return ""
	}
	return text.ID.Percent(int64(s.Part), int64(projections.One))
}

// Lane says by which way a proposal came in that is not the village's own.
func (l letter) Lane(o projections.LetterOrigin) string {
	if o.Lane == proposal.Musrenbang {
		return ""
	}
	return o.LaneText
}

// Said says in plain words what became of a share.
func (l letter) Said(s projections.LetterShare) string {
	by, when := "", ""
	if s.Deed != nil {
		by, when = who(s.Deed.Role, s.Deed.Office), l.On(s.Deed.When)
	}
	switch s.Fate {
	case history.Funded:
		return l.funded(s)
	case history.Pending:
		return "Masih berjalan. Keadaannya sekarang: " + lower(s.State) + "."
	case history.Elsewhere:
		return l.elsewhere(s)
	case history.Deferred:
		out := "Ditunda pada tahap " + lower(s.Stage) + " oleh " + by + ", " + when + ", dan disimpan dalam bank usulan"
		if s.Deed != nil && s.Deed.Until != 0 {
			out += " sampai tahun anggaran " + strconv.Itoa(s.Deed.Until)
		}
		return out + "."
	case history.Withdrawn:
		return "Ditarik kembali oleh pengusul pada " + when + "."
	case history.Cancelled:
		return "Sudah didanai, lalu dibatalkan pada " + when + " oleh " + by + "."
	case history.Unknown:
		return "Keputusannya tidak tercatat."
	}
	switch {
	case s.Kind == string(history.ByOmission):
		out := "Tidak ada yang memutuskan sampai jadwal tahap " + lower(s.Stage) + " ditutup pada " + when + "."
		if s.Deed.Holder != "" {
			out += " Saat itu usulan ada pada " + s.Deed.Holder + "."
		}
		return out
	case s.Kind == string(history.ByRule):
		return "Tidak masuk pada tahap " + lower(s.Stage) + ", " + when + ", karena berada di bawah garis prioritas."
	case s.Deed != nil && strings.HasPrefix(s.Deed.Type, "proposal.left_out"):
		return "Tidak dimasukkan pada tahap " + lower(s.Stage) + ", " + when + "."
	case s.Deed != nil && s.Deed.Type != "proposal.rejected" && s.Title == "":
		return "Dikeluarkan dari gabungan pada " + when + " oleh " + by + "."
	}
	return "Tidak diterima pada tahap " + lower(s.Stage) + " oleh " + by + ", " + when + "."
}

func (l letter) funded(s projections.LetterShare) string {
	out := "Didanai " + text.ID.Rupiah(s.Granted)
	if s.Granted == 0 {
		out = "Didanai"
	}
	if s.Deed != nil && s.Deed.Document != nil && s.Deed.Document.Number != "" {
		out += " dalam APBD (" + documentKind(s.Deed.Document.Kind) + " " + s.Deed.Document.Number + ")"
	}
	if s.Deed != nil && s.Deed.Source != "" {
		out += ", sumber dana " + s.Deed.Source
	}
	if s.Office != "" {
		out += ", dikerjakan oleh " + s.Office
	}
	return out + ". Keadaannya sekarang: " + lower(s.State) + "."
}

var payers = map[string]string{"dana_desa": "Dana Desa", "apbd_provinsi": "APBD provinsi", "apbn": "APBN", "csr": "tanggung jawab sosial perusahaan", "apbd": "APBD kabupaten"}

func (l letter) elsewhere(s projections.LetterShare) string {
	if s.Deed == nil || s.Deed.Source == "" {
		return "Dibiayai lewat jalur lain."
	}
	payer := payers[s.Deed.Source]
	if payer == "" {
		payer = s.Deed.Source
	}
	out := "Dibiayai lewat jalur lain: " + payer
	if s.Deed.Year != 0 {
		out += ", tahun " + strconv.Itoa(s.Deed.Year)
	}
	return out + "."
}

// Reason says why, where that is to be said: of what is lost, and of what others
// pay for.
func (l letter) Reason(s projections.LetterShare) string {
	switch s.Fate {
	case history.Funded, history.Pending, history.Unknown:
		return ""
	}
	switch {
	case s.ReasonText != "" && s.Reason != "ALS-KOSONG":
		return s.ReasonText + " (" + s.Reason + ")"
	case s.Deed != nil && s.Deed.ReasonText != "" && s.Deed.Reason != "ALS-KOSONG":
		return s.Deed.ReasonText + " (" + s.Deed.Reason + ")"
	case s.Fate == history.Elsewhere || s.Fate == history.Withdrawn:
		return ""
	}
	return "tidak dicatat oleh yang memutuskan"
}

// Lost reports whether something of a proposal may be objected to.
func (l letter) Lost() bool {
	for _, f := range l.Totals.Fates {
		switch history.Fate(f.Fate) {
		case history.Dropped, history.Deferred, history.Cancelled:
			return true
		}
	}
	return false
}

func who(role, office string) string {
	if office == "" || strings.Contains(role, office) {
		return role
	}
	return role + ", " + office
}

var documentKinds = map[string]string{"perda": "Perda", "perkada": "Perkada", "sk": "SK", "surat": "surat", "berita_acara": "berita acara", "nota_kesepakatan": "nota kesepakatan"}

func documentKind(kind string) string {
	if words := documentKinds[kind]; words != "" {
		return words
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// lower writes a title in the middle of a sentence; abbreviations stay.
func lower(title string) string {
	first, rest, _ := strings.Cut(title, " ")
	if len(first) > 1 && strings.ToUpper(first) == first {
		return title
	}
	return strings.TrimSpace(strings.ToLower(first) + " " + rest)
}
