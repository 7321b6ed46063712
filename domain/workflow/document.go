package workflow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
)

// Document returns d as a Markdown page for people who plan, with the words of
// the other language beside: what the stages are, who may do what when, what a
// closing does, and which reasons there are. docs/workflow.md is this page.
func (d *Definition) Document(lang string) string {
	p := page{d: d, lang: lang}
	p.heading()
	p.stages()
	p.lanes()
	p.states()
	p.acts()
	p.closings()
	p.reasons()
	p.roles()
	p.checks()
	return p.b.String()
}

type page struct {
	d    *Definition
	lang string
	b    strings.Builder
}

func (p *page) say(id, en string) string { return Label{id, en}.In(p.lang) }

// text writes a paragraph.
func (p *page) text(id, en string) { p.b.WriteString(p.say(id, en)) }

func (p *page) write(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

// both writes a label in the page's language, then in the other.
func (p *page) both(l Label) string {
	other := English
	if p.lang == English {
		other = Indonesian
	}
	return l.In(p.lang) + " | *" + l.In(other) + "*"
}

func (p *page) other() string { return p.say("Inggris", "Indonesian") }

func (p *page) section(id, en string) { p.write("\n## %s\n\n", p.say(id, en)) }

// table begins a table with these columns.
func (p *page) table(columns ...string) {
	p.write("| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

func (p *page) row(cells ...string) {
	for i, c := range cells {
		if c == "" {
			cells[i] = "–"
		}
	}
	p.write("| %s |\n", strings.Join(cells, " | "))
}

func code[T ~string](name T) string {
	if name == "" {
		return ""
	}
	return "`" + string(name) + "`"
}

func codes[T ~string](names []T) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = code(n)
	}
	return strings.Join(out, ", ")
}

func (p *page) heading() {
	d := p.d
	p.write("# %s\n\n", d.Title.In(p.lang))
	p.text(
		"Halaman ini dibuat dari definisi; jangan disunting langsung. Sidik jarinya, yang dikunci tiap siklus saat dibuka dan tercatat pada setiap peristiwa:\n",
		"This page is made from the definition; do not edit it. Its fingerprint, which every cycle pins when it is opened and every event repeats:\n")
	p.write("`%s`\n\n", d.Pin())
	p.write("%s: %s.\n\n", p.say("Dasar hukum", "Law"), strings.Join(d.Legal, ", "))
	p.text(
		"Nama tetap (`seperti_ini`) dipakai dalam catatan dan API, dan tidak pernah berubah.\n\n",
		"Fixed names (`like_this`) are used in records and the API, and never change.\n\n")
	p.text(
		"Gambar ini hanya memuat jalan menuju pendanaan; semua jalan keluar lainnya ada dalam tabel di bawah, dan dalam gambar lengkap dari `runut workflow diagram`.\n\n",
		"This picture shows the road to funding alone; every other way out stands in the tables below, and in the whole diagram that `runut workflow diagram` draws.\n\n")
	p.write("```mermaid\n%s```\n", d.Overview(p.lang))
}

func (p *page) stages() {
	p.section("Tahap dan masa", "Stages and windows")
	p.text(
		"Tindakan yang terikat masa hanya sah selama masa itu dibuka untuk wilayah atau kantor usulan. Hari-harinya bukan bagian definisi: masa dibuka, diperpanjang, ditutup, dan dibuka kembali oleh peristiwa siklus, dengan surat keputusan.\n\n",
		"An act that is bound to a window holds only while that window is open for the proposal's place or office. The days are no part of the definition: windows are opened, extended, closed and reopened by events of the cycle, by decree.\n\n")
	p.table(p.say("Tahap", "Stage"), p.other(), p.say("Masa", "Window"), p.say("Dibuka per", "Opened per"), p.say("Tidak berakhir sebelum", "Does not end before"), p.say("Dasar hukum", "Law"))
	for _, s := range p.d.StageNames() {
		shown := false
		for _, w := range p.d.WindowNames() {
			if spec := p.d.Windows[w]; spec.Stage == s {
				p.row(p.both(p.d.Stages[s].Title), code(w), p.scope(spec.Scope), codes(spec.After), strings.Join(p.d.Stages[s].Legal, ", "))
				shown = true
			}
		}
		if !shown {
			p.row(p.both(p.d.Stages[s].Title), "", "", "", strings.Join(p.d.Stages[s].Legal, ", "))
		}
	}
}

func (p *page) scope(k domain.ScopeKind) string {
	return map[domain.ScopeKind]Label{
		domain.ScopeNone:      {"–", "–"},
		domain.ScopeVillage:   {"desa/kelurahan", "village"},
		domain.ScopeKecamatan: {"kecamatan", "kecamatan"},
		domain.ScopeOPD:       {"OPD", "OPD"},
		domain.ScopeKabupaten: {"kabupaten", "kabupaten"},
		domain.ScopeProvince:  {"provinsi", "province"},
	}[k].In(p.lang)
}

func (p *page) lanes() {
	p.section("Jalur masuk", "Lanes")
	p.table(p.say("Jalur", "Lane"), p.other(), p.say("Nama tetap", "Fixed name"), p.say("Mulai di", "Starts at"), p.say("Yang harus ada", "What must be given"))
	for _, lane := range sortedKeys(p.d.Lanes) {
		for _, t := range p.d.From(p.d.Initial) {
			if t.When["lane"] == lane {
				p.row(p.both(p.d.Lanes[lane]), code(lane), p.title(t.To), codes(t.Need))
			}
		}
	}
}

func (p *page) title(s State) string {
	if spec := p.d.States[s]; spec != nil {
		return spec.Title.In(p.lang)
	}
	return ""
}

func (p *page) states() {
	p.section("Keadaan", "States")
	p.table(p.say("Keadaan", "State"), p.other(), p.say("Nama tetap", "Fixed name"), p.say("Tahap", "Stage"), p.say("Hasil", "Outcome"), p.say("Paling banyak", "At most"))
	for _, s := range p.d.StateNames() {
		spec := p.d.States[s]
		stage, visits := p.say("akhir", "end"), ""
		if spec.Stage != "" {
			stage = p.d.Stages[spec.Stage].Title.In(p.lang)
		}
		if spec.MaxVisits > 0 {
			visits = strconv.Itoa(spec.MaxVisits) + "×"
		}
		outcome := code(spec.Outcome)
		switch spec.FateFollows {
		case "parent":
			outcome = p.say("mengikuti gabungannya", "that of the merged proposal")
		case "parts":
			outcome = p.say("mengikuti pecahannya", "that of its parts")
		}
		p.row(p.both(spec.Title), code(s), stage, outcome, visits)
	}
}

// A chapter is a heading of the acts, and which acts stand under it.
type chapter struct {
	title string
	holds func(*Transition) bool
}

func (p *page) acts() {
	p.section("Tindakan", "Acts")
	p.text(
		"**Tebal**: memutuskan nasib usulan di tahapnya; yang mengajukan tidak boleh memutuskan. ●: wajib ada di setiap kabupaten.\n",
		"**Bold**: settles a proposal's fate at its stage; who entered it may not. ●: mandatory in every kabupaten.\n")
	beside := func(t *Transition) bool { return t.Stay && t.Window == "" && len(t.From) > 3 && !t.Remedy }
	chapters := []chapter{{p.say("Pencatatan", "Entry"), func(t *Transition) bool { return t.From[0] == p.d.Initial }}}
	for _, s := range p.d.StageNames() {
		chapters = append(chapters, chapter{p.d.Stages[s].Title.In(p.lang), func(t *Transition) bool {
			return t.From[0] != p.d.Initial && !t.Remedy && !beside(t) && p.stageOf(t) == s
		}})
	}
	chapters = append(chapters,
		chapter{p.say("Pemulihan", "Remedies"), func(t *Transition) bool { return t.Remedy }},
		chapter{p.say("Kapan saja", "At any time"), func(t *Transition) bool { return beside(t) }})
	for _, c := range chapters {
		acts := kept(p.d.All(), c.holds)
		if len(acts) == 0 {
			continue
		}
		p.write("\n### %s\n\n", c.title)
		p.table(p.say("Tindakan", "Act"), p.other(), p.say("Nama tetap", "Fixed name"), p.say("Dari → ke", "From → to"), p.say("Oleh", "By"), p.say("Masa", "Window"), p.say("Yang harus ada", "What must be given"), p.say("Mencatat", "Records"))
		for _, t := range acts {
			p.act(t)
		}
	}
}

// stageOf returns the first stage an act belongs to, "" before and after all.
func (p *page) stageOf(t *Transition) string {
	for _, s := range p.d.StageNames() {
		if slices.ContainsFunc(t.From, func(f State) bool { return p.d.StageOf(t, f) == s }) {
			return s
		}
	}
	return ""
}

func (p *page) act(t *Transition) {
	title := Label{t.Title.ID, t.Title.EN}
	if t.Decides {
		title = Label{"**" + title.ID + "**", "**" + title.EN + "**"}
	}
	name := code(t.Name)
	if t.Mandatory {
		name += " ●"
	}
	need := codes(t.Need)
	for _, extra := range []string{p.reason(t), p.rank(t), p.effect(t)} {
		if extra != "" {
			need = strings.TrimPrefix(need+"; "+extra, "; ")
		}
	}
	roles := make([]string, len(t.By))
	for i, r := range t.By {
		roles[i] = p.d.Roles[r].Title.In(p.lang)
	}
	records := []string{code(t.Event)}
	for _, f := range sortedKeys(t.When) {
		records = append(records, f+"="+t.When[f])
	}
	p.row(p.both(title), name, p.fromTo(t), strings.Join(roles, ", "), code(t.Window), need, strings.Join(records, " "))
}

// fromTo writes the states of an act, by a word where they are all of a kind.
func (p *page) fromTo(t *Transition) string {
	from := ""
	for word, l := range map[string]Label{fromOpen: {"setiap keadaan berjalan", "every open state"}, fromAny: {"setiap keadaan", "every state"}, fromEnded: {"setiap akhir", "every end"}} {
		states := p.d.macro(word)
		slices.Sort(states)
		if slices.Equal(states, t.From) {
			from = l.In(p.lang)
		}
	}
	if from == "" {
		titles := make([]string, len(t.From))
		for i, s := range t.From {
			titles[i] = p.title(s)
		}
		from = strings.Join(titles, ", ")
	}
	if t.Stay {
		return from + " (" + p.say("tetap", "unchanged") + ")"
	}
	return from + " → " + p.title(t.To)
}

func (p *page) reason(t *Transition) string {
	if t.Reason == "" {
		return ""
	}
	return p.say("kode alasan: ", "reason code: ") + code(t.Reason)
}

func (p *page) rank(t *Transition) string {
	if t.Rank == nil {
		return ""
	}
	cutoff := map[string]Label{"quota": {"kuota", "quota"}, "ceiling": {"pagu", "ceiling"}, "quota_or_ceiling": {"kuota atau pagu", "quota or ceiling"}}[t.Rank.Cutoff]
	return p.say("daftar akhir per ", "final list per ") + p.scope(t.Rank.Scope) + p.say(", garis menurut ", ", cut by ") + cutoff.In(p.lang)
}

func (p *page) effect(t *Transition) string {
	switch e := t.Effect; {
	case e.Merge != nil:
		return fmt.Sprintf(p.say("paling sedikit %d usulan, sama %s, paling dalam %d gabungan", "at least %d proposals, same %s, at most %d merges deep"), e.Merge.Min, codes(e.Merge.Same), e.Merge.MaxDepth)
	case e.Split != nil:
		return fmt.Sprintf(p.say("paling sedikit %d bagian, dipecah paling banyak %d kali", "at least %d parts, split at most %d times"), e.Split.Min, e.Split.MaxDepth)
	case e.Transfer != nil:
		return fmt.Sprintf(p.say("paling banyak %d kali", "at most %d times"), e.Transfer.Max)
	case e.CarryOver != nil:
		return fmt.Sprintf(p.say("mulai lagi %d tahun kemudian", "starts again %d years later"), e.CarryOver.Cycle)
	}
	return ""
}

func (p *page) closings() {
	p.section("Yang terjadi saat masa ditutup", "What a closing does")
	p.text(
		"Tidak ada usulan yang menggantung diam-diam: penutupan mencatat satu peristiwa untuk setiap usulan yang masih menunggu, dan tidak pernah mengarang alasan.\n\n",
		"No proposal hangs silently: a closing records one event for each proposal that still waits, and never invents a reason.\n\n")
	p.table(p.say("Masa", "Window"), p.say("Menunggu di", "Waiting in"), p.say("Menjadi", "Becomes"), p.say("Sebab", "Cause"), p.say("Alasan", "Reason"), p.say("Bila dibuka kembali", "If reopened"))
	for _, w := range p.d.WindowNames() {
		for _, r := range p.d.Rows(w) {
			p.closing(r)
		}
	}
}

func (p *page) closing(r *Row) {
	waiting, becomes := p.title(r.State), p.title(r.To)
	if r.Flag != "" {
		waiting = p.say("penanda ", "flag ") + code(r.Flag)
		becomes = p.say("dilepas", "cleared")
	}
	cause := p.say("tidak ada yang memutuskan", "nobody decided")
	if r.Kind == KindRule {
		cause = p.say("daftar akhir", "final list")
	}
	reason := code(r.Reason)
	if r.Reason == ReasonFromList {
		reason = p.say("garis daftar", "the list's cutoff")
	} else if c := p.d.Codes[r.Reason]; c != nil {
		reason += " " + c.Title.In(p.lang)
	}
	back := ""
	if t := p.d.WayBack(r); t != nil {
		back = t.Title.In(p.lang)
	}
	p.row(code(r.Window), waiting, becomes, cause, reason, back)
}

func (p *page) reasons() {
	p.section("Alasan", "Reasons")
	p.text(
		"Kode yang berbeda maknanya tidak pernah dijumlahkan sebagai satu “ditolak”. Kode bertanda ⚙ hanya dipakai sistem.\n",
		"Codes that mean different things are never added up as one “rejected”. Codes with ⚙ are the system's alone.\n")
	for _, m := range sortedKeys(p.d.Meanings) {
		p.write("\n### %s\n\n", p.d.Meanings[m].In(p.lang))
		p.table(p.say("Kode", "Code"), p.say("Alasan", "Reason"), p.other(), p.say("Kelompok nasional", "National group"), p.say("Daftar", "Lists"))
		for _, name := range sortedKeys(p.d.Codes) {
			c := p.d.Codes[name]
			if c.Means != m {
				continue
			}
			shown := code(name)
			if !c.Selectable {
				shown += " ⚙"
			}
			p.row(shown, p.both(c.Title), p.d.Groups[c.Group].Title.In(p.lang), codes(c.Lists))
		}
	}
}

func (p *page) roles() {
	p.section("Peran", "Roles")
	p.table(p.say("Peran", "Role"), p.other(), p.say("Nama tetap", "Fixed name"), p.say("Diberikan per", "Granted per"), p.say("Keputusan", "Decisions"))
	for _, name := range sortedKeys(p.d.Roles) {
		var decides []string
		for _, t := range p.d.All() {
			if t.Decides && slices.Contains(t.By, name) && !p.d.Roles[name].Observes {
				decides = append(decides, t.Title.In(p.lang))
			}
		}
		if p.d.Roles[name].Observes {
			decides = []string{p.say("tidak ada: mencatat yang diputuskan di tempat lain", "none: records what was decided elsewhere")}
		}
		p.row(p.both(p.d.Roles[name].Title), code(name), p.scope(p.d.Roles[name].Scope), strings.Join(decides, ", "))
	}
}

func (p *page) checks() {
	p.section("Pemeriksaan kelayakan", "Checks of soundness")
	p.text(
		"Definisi yang melanggar salah satunya tidak dapat dipakai; semua cacat dilaporkan sekaligus dengan berkas dan barisnya.\n\n",
		"A definition that breaks one of them cannot be used; all defects are reported at once, with file and line.\n\n")
	moments := map[Moment]Label{AtLoad: {"saat dimuat", "when loaded"}, AtOpening: {"saat siklus dibuka", "when a cycle is opened"}, AtCommand: {"pada setiap perintah", "with each command"}}
	p.table("No", p.say("Pemeriksaan", "Check"), p.other(), p.say("Kapan", "When"))
	for _, c := range Checks {
		when := make([]string, len(c.When))
		for i, m := range c.When {
			when[i] = moments[m].In(p.lang)
		}
		p.row(strconv.Itoa(c.Number), p.both(c.Name), strings.Join(when, ", "))
	}
}
