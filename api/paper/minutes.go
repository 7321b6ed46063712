package paper

import (
	"cmp"
	"html/template"
	"strings"

	"runut/api/text"
	"runut/domain"
	"runut/domain/forum"
	"runut/projections"
)

// Annexes are the annexes that a berita acara has, by the names of their events.
func Annexes(m *projections.MinutesPaper) []string {
	var out []string
	if m.Register != "" {
		out = append(out, "attendance")
	}
	if len(m.Agreed) > 0 {
		out = append(out, "agreed_by_opd")
	}
	if len(m.NotAgreed) > 0 {
		out = append(out, "not_agreed_with_reason")
	}
	if len(m.Joined)+len(m.Heard) > 0 {
		out = append(out, "notes")
	}
	return out
}

// Minutes returns a berita acara as a file.
func Minutes(m *projections.MinutesPaper) ([]byte, error) { return file("minutes.html", minutesOf(m)) }

// MinutesPart returns it as part of a page.
func MinutesPart(m *projections.MinutesPaper) (template.HTML, error) {
	return part("minutes", minutesOf(m))
}

// A minutes is what the template of a berita acara shows.
type minutes struct {
	*projections.MinutesPaper
	Session string // "Musrenbang kecamatan Contoh"
	Came    int
	Sent    int // by somebody with a mandate
	Absent  []string
	Persons int
	Women   int
	ByOPD   []officeItems
	Total   domain.Rupiah // of what is agreed
	Lost    domain.Rupiah // of what is not
	Roman   map[string]string
}

// An officeItems is what was agreed for one OPD.
type officeItems struct {
	Name  string
	Items []projections.MinutesItem
	Total domain.Rupiah
}

func minutesOf(p *projections.MinutesPaper) minutes {
	m := minutes{MinutesPaper: p, Session: session(p), Roman: map[string]string{}}
	for _, a := range p.Attendance {
		if !a.Came {
			m.Absent = append(m.Absent, a.Name)
			continue
		}
		m.Came++
		m.Persons += a.Count
		m.Women += a.Women
		if a.Delegate {
			m.Sent++
		}
	}
	for _, it := range p.Agreed {
		if n := len(m.ByOPD); n == 0 || m.ByOPD[n-1].Items[0].OPD != it.OPD {
			m.ByOPD = append(m.ByOPD, officeItems{Name: cmp.Or(it.Office, "OPD belum ditentukan")})
		}
		o := &m.ByOPD[len(m.ByOPD)-1]
		o.Items = append(o.Items, it)
		o.Total += it.Amount
		m.Total += it.Amount
	}
	for _, it := range p.NotAgreed {
		m.Lost += it.Amount
	}
	numbers := []string{"I", "II", "III", "IV", "V"}
	for _, x := range []struct {
		name string
		has  bool
	}{{"attendance", p.Register != ""}, {"agreed", len(p.Agreed) > 0}, {"not_agreed", len(p.NotAgreed) > 0}, {"joined", len(p.Joined) > 0}, {"heard", len(p.Heard) > 0}} {
		if x.has {
			m.Roman[x.name], numbers = numbers[0], numbers[1:]
		}
	}
	return m
}

// session is what people call a forum.
func session(p *projections.MinutesPaper) string {
	kind := text.ID.T("forum." + p.Kind)
	switch p.Scope.Kind {
	case domain.ScopeVillage:
		return kind + " " + strings.TrimPrefix(strings.TrimPrefix(p.ScopeName, "Desa "), "Kelurahan ")
	case domain.ScopeKecamatan:
		return kind + " " + strings.TrimPrefix(p.ScopeName, "Kecamatan ")
	}
	return kind + " " + p.ScopeName
}

// Limit says what bounds a list.
func (m minutes) Limit(l projections.MinutesList) string {
	switch l.Limit.Kind {
	case forum.LimitQuota:
		return "kuota " + text.ID.Count(l.Limit.Value) + " usulan"
	case forum.LimitCeiling:
		return "pagu " + text.ID.Rupiah(domain.Rupiah(l.Limit.Value))
	}
	return "tanpa batas"
}

// Used says how much of the limit is used.
func (m minutes) Used(l projections.MinutesList) string {
	if l.Limit.Kind == forum.LimitCeiling {
		return text.ID.Rupiah(domain.Rupiah(l.Used))
	}
	return text.ID.Count(l.Used) + " usulan"
}

// Channel says how somebody attended.
func (m minutes) Channel(a projections.Attendee) string {
	return map[string]string{"luring": "luring (tatap muka)", "daring": "daring"}[a.Channel]
}

// Why says why something was not agreed; that a line ran above it where the list
// is the reason.
func (m minutes) Why(it projections.MinutesItem) string {
	switch {
	case it.ReasonText != "":
		return it.ReasonText
	case it.Type == "proposal.below_cutoff":
		return "Di bawah garis prioritas"
	}
	return "Alasan tidak dicatat"
}

// Did says what was done that is neither agreed nor refused.
func (m minutes) Did(it projections.MinutesItem) string {
	related := strings.Join(it.Related, ", ")
	switch it.Type {
	case "proposal.merged":
		return "Digabung ke " + related
	case "proposal.merge_reversed":
		if related == "" {
			return "Gabungan dibatalkan"
		}
		return "Dikeluarkan dari gabungan " + related
	case "proposal.split":
		return "Dipecah menjadi " + related
	case "proposal.transferred":
		return "Dialihkan ke " + related
	case "proposal.referred":
		return "Dirujuk ke " + strings.ToLower(text.ID.T("word.target."+related))
	}
	return ""
}

// Leaning says what an OPD leans to.
func (m minutes) Leaning(it projections.MinutesItem) string {
	return text.ID.T("word.leaning." + it.Leaning)
}
