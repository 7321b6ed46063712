package projections_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
)

var musrenbang = sync.OnceValue(func() *workflow.Definition {
	d, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		panic(err)
	}
	return d
})

func definitions(hash string) *workflow.Definition {
	if d := musrenbang(); hash == d.Hash() {
		return d
	}
	return nil
}

// A town is a world in which proposals are handed in and decided at random, by
// events that nobody judged: projections have to live with every log there can be.
type town struct {
	*world
	rand     *rand.Rand
	cards    map[string]*card
	order    []string // numbers
	text     func(what string) domain.Text
	forum    string
	released uuid.UUID // the last publication
	open     bool      // no text is closed any more
	lists    int
}

// A card is what the generator knows of a proposal.
type card struct {
	number   string
	stream   string
	state    string
	village  string
	opd      string
	estimate domain.Rupiah
	events   []uuid.UUID
	last     any // event that brought it where it is
	children []string
	parent   string
	cycle    int
	texts    []uuid.UUID // events that have a /title or /reason
	resume   string
}

var (
	kecamatans = []string{"99.01.01", "99.01.02", "99.01.03"}
	opds       = []string{"1.03", "1.01", "2.10"}
)

func village(r *rand.Rand) string {
	return fmt.Sprintf("%s.20%02d", kecamatans[r.IntN(len(kecamatans))], 1+r.IntN(4))
}

func newTown(w *world, seed uint64) *town {
	w.def = musrenbang().Hash()
	t := &town{world: w, rand: rand.New(rand.NewPCG(seed, 1)), cards: map[string]*card{}, forum: forum.Stream("f1")}
	t.text = func(what string) domain.Text {
		return domain.Mask(fmt.Sprintf("%s %s nomor %d", what, []string{"jalan", "jembatan", "drainase", "posyandu", "irigasi"}[t.rand.IntN(5)], t.rand.IntN(1000)))
	}
	t.found()
	return t
}

func official(role domain.Role, scope domain.Scope) domain.Actor {
	return domain.Actor{Person: "p-" + string(role), Role: role, Scope: scope, Office: "Kantor " + scope.String(), Capacity: domain.Definitif}
}

var planner = official("planner", domain.Scope{Kind: domain.ScopeKabupaten})

// found writes the registers, the cycles and a forum.
func (t *town) found() {
	var villages []reference.Entry
	for _, k := range kecamatans {
		villages = append(villages, reference.Entry{Code: k, Name: "Kecamatan " + k[6:], Parent: "99.01"})
		for i := range 5 {
			villages = append(villages, reference.Entry{Code: fmt.Sprintf("%s.20%02d", k, i+1), Name: fmt.Sprintf("Sukamaju %s%d", k[7:], i+1), Parent: k})
		}
	}
	edition := func(register, name string, entries ...reference.Entry) {
		t.do(planner, fact{stream: reference.Stream(register), event: &reference.EditionPublished{
			Register: register, Edition: name, ValidFrom: "2025-01-01", Digest: "00", Rows: len(entries), Part: 1, Parts: 1, Entries: entries}})
	}
	edition("wilayah", "2025", villages...)
	edition("opd", "2025", reference.Entry{Code: "1.03", Name: "Dinas Pekerjaan Umum"}, reference.Entry{Code: "1.01", Name: "Dinas Pendidikan"})
	for _, year := range []int{2027, 2028} {
		t.cycle = year
		d := musrenbang()
		t.do(planner, fact{stream: cycle.Stream(year), event: &cycle.Opened{Year: year, Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()},
			Kabupaten: "99.01", Title: "Kabupaten Contoh", Zone: "WITA", Demo: year == 2027, Wilayah: "2025"}})
		for _, w := range musrenbang().WindowNames() {
			t.do(planner, fact{stream: cycle.Stream(year), event: &cycle.WindowOpened{Window: w, Scope: domain.Scope{Kind: musrenbang().Windows[w].Scope},
				OpensAt: t.now, ClosesAt: t.now.AddDate(1, 0, 0)}})
		}
		t.do(planner,
			fact{stream: cycle.Stream(year), event: &cycle.CeilingSet{Scope: domain.Scope{Kind: domain.ScopeOPD, Code: "1.03"}, Stage: "kabupaten", Amount: 5_000_000_000}},
			fact{stream: cycle.Stream(year), event: &cycle.VocabularyPublished{Register: "kamus", Edition: fmt.Sprint("kamus ", year), Digest: "00",
				Entries: []cycle.Word{{Code: "K-1", ID: "Pemeliharaan berkala jalan", OPD: "1.03", Unit: "m"}}}})
	}
	t.cycle = 2027
	t.do(planner, fact{stream: t.forum, event: &forum.Convened{Kind: "musrenbang_kecamatan", Stage: "kecamatan",
		Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatans[0]}, Date: "2026-02-10", Place: t.text("balai"), Chair: "Camat"}})
}

func step(state, stage string) proposal.Step {
	return proposal.Step{State: workflow.State(state), Stage: stage, Via: "by hand"}
}

// act appends facts for cards and keeps the cards up to date.
func (t *town) act(actor domain.Actor, facts ...fact) {
	t.world.t.Helper()
	ids := t.do(actor, facts...)
	for i, f := range facts {
		number, ok := proposal.NumberOf(f.stream)
		if !ok {
			continue
		}
		c := t.cards[number]
		c.events = append(c.events, ids[i])
		e := f.event.(proposal.Event)
		if to := string(e.Base().State); to != "" && to != c.state {
			c.state, c.last = to, e
		}
		switch e.(type) {
		case *proposal.Submitted, *proposal.FormedByMerge, *proposal.FormedBySplit, *proposal.Continued:
			c.texts = append(c.texts, ids[i])
		}
	}
}

// one is act for one event of one card.
func (t *town) one(c *card, e proposal.Event) { t.act(planner, fact{stream: c.stream, event: e}) }

func (t *town) newCard(year int) *card {
	n := domain.Number(year, uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, "card ", len(t.order))), 0)
	c := &card{number: n, stream: proposal.Stream(n), cycle: year}
	t.cards[n] = c
	t.order = append(t.order, n)
	return c
}

// in returns the cards that are in one of some states.
func (t *town) in(states ...string) []*card {
	var out []*card
	for _, n := range t.order {
		if c := t.cards[n]; slices.Contains(states, c.state) {
			out = append(out, c)
		}
	}
	return out
}

func (t *town) pick(states ...string) *card {
	if all := t.in(states...); len(all) > 0 {
		return all[t.rand.IntN(len(all))]
	}
	return nil
}

func (t *town) idea(v, opd string, estimate domain.Rupiah) proposal.Idea {
	return proposal.Idea{Village: v, Title: t.text("Perbaikan"), Problem: t.text("Rusak"), Description: t.text("Uraian"), Location: t.text("RT 03"),
		Volume: domain.Volume{Amount: fmt.Sprint(1 + t.rand.IntN(500)), Unit: "m"}, Estimate: estimate, OPD: opd, Kamus: []string{"K-1", ""}[t.rand.IntN(2)],
		BasicService: []string{"", "pendidikan", "kesehatan"}[t.rand.IntN(3)], Point: &domain.Point{Lat: "-0.5", Lon: "117.1"},
		Attachments: []domain.Document{{Kind: "foto", Digest: "ab12"}}}
}

func (t *town) submit() *card {
	c := t.newCard(2027)
	c.village, c.opd = village(t.rand), opds[t.rand.IntN(len(opds))]
	c.estimate = domain.Rupiah(1+t.rand.IntN(900)) * 1_000_000
	lane, state, stage := proposal.Musrenbang, "submitted", "desa"
	if t.rand.IntN(5) == 0 {
		lane, state, stage = proposal.Pokir, "at_secretariat", "pokir"
	}
	t.act(official("village_operator", domain.Scope{Kind: domain.ScopeVillage, Code: c.village}),
		fact{stream: c.stream, event: &proposal.Submitted{Step: step(state, stage), Lane: lane, Idea: t.idea(c.village, c.opd, c.estimate), Proposer: "p-secretproposer"}})
	return c
}

// grow lets n things happen.
func (t *town) grow(n int) {
	t.world.t.Helper()
	for range n {
		t.happen()
	}
}

func (t *town) happen() {
	switch x := t.rand.IntN(100); {
	case x < 18 || len(t.order) < 8:
		t.submit()
	case x < 34:
		t.forward()
	case x < 38:
		t.merge("at_kecamatan", "kecamatan")
	case x < 41:
		t.merge("at_opd", "forum_opd")
	case x < 44:
		t.split()
	case x < 47:
		t.unmerge()
	case x < 52:
		t.sideways()
	case x < 60:
		t.lose()
	case x < 63:
		t.closeWindow()
	case x < 66:
		t.reinstate()
	case x < 69:
		t.carryOver()
	case x < 73:
		t.correct()
	case x < 75:
		t.late()
	case x < 77:
		t.redact()
	case x < 79:
		t.object()
	case x < 83:
		t.recompose()
	case x < 87:
		t.finalize()
	case x < 92:
		t.release()
	case x < 93:
		t.adopt()
	default:
		t.forward()
	}
}

// forward takes a proposal a step on.
func (t *town) forward() {
	c := t.pick("submitted", "at_secretariat", "at_kecamatan", "at_opd", "accepted", "agreed", "in_rkpd", "in_ppas", "funded", "returned_kec", "referred")
	if c == nil {
		return
	}
	rank := proposal.Ranking{List: t.forum + "/L1", Rank: 1 + t.rand.IntN(20), Of: 20, Cutoff: 10, Score: 71_200}
	ba := domain.Document{Kind: "berita_acara", Number: "BA-1", Date: "2026-02-20", Digest: "cd34"}
	switch c.state {
	case "submitted":
		t.one(c, &proposal.Prioritized{Step: step("at_kecamatan", "desa"), Ranking: rank, Forum: t.forum})
	case "at_secretariat":
		t.one(c, &proposal.Prioritized{Step: step("at_opd", "pokir"), Ranking: rank})
	case "at_kecamatan":
		if t.rand.IntN(4) == 0 {
			t.one(c, &proposal.Returned{Step: step("returned_kec", "kecamatan"), Reason: "ADM-LOKASI", Fields: []string{"location"}, Note: t.text("lengkapi"), Due: "2026-03-01"})
			return
		}
		t.one(c, &proposal.Prioritized{Step: step("at_opd", "kecamatan"), Ranking: rank, Forum: t.forum})
	case "returned_kec":
		t.one(c, &proposal.Revised{Step: step("at_kecamatan", "kecamatan"), Idea: proposal.Idea{Estimate: c.estimate / 2, Title: t.text("Revisi")}})
	case "at_opd":
		t.one(c, &proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), Forum: t.forum, SubKegiatan: "1.03.10", Volume: domain.Volume{Amount: "10", Unit: "m"}, Estimate: c.estimate * 9 / 10, Change: t.text("disesuaikan")})
	case "referred":
		t.one(c, &proposal.ReferralAnswered{Step: step("elsewhere", "referral"), Answer: "yes", Letter: ba})
	case "accepted":
		t.one(c, &proposal.Agreed{Step: step("agreed", "kabupaten"), Ranking: rank, Forum: t.forum})
	case "agreed":
		t.one(c, &proposal.IncludedInRKPD{Step: step("in_rkpd", "rkpd"), Allocation: proposal.Allocation{Document: ba, SubKegiatan: "1.03.10", Amount: c.estimate}})
	case "in_rkpd":
		t.one(c, &proposal.IncludedInPPAS{Step: step("in_ppas", "ppas"), Allocation: proposal.Allocation{Document: ba, Amount: c.estimate}})
	case "in_ppas", "funded":
		if c.state == "funded" && t.rand.IntN(3) > 0 {
			t.one(c, &proposal.AmountRevised{Step: step("", "apbd"), Old: c.estimate, New: c.estimate * domain.Rupiah(1+t.rand.IntN(3)) / 2, Ground: ba})
			return
		}
		t.one(c, &proposal.Funded{Step: step("funded", "apbd"), Allocation: proposal.Allocation{Document: ba, Amount: c.estimate * domain.Rupiah(5+t.rand.IntN(8)) / 10},
			Line: fmt.Sprint("L", t.rand.IntN(3)), Account: "5.2", Source: "DAU"})
	}
}

func (t *town) merge(state, stage string) {
	var same []*card
	for _, c := range t.in(state) {
		if c.cycle == 2027 && (stage == "forum_opd" || len(same) == 0 || domain.KecamatanOf(same[0].village) == domain.KecamatanOf(c.village)) {
			same = append(same, c)
		}
	}
	if len(same) < 2 {
		return
	}
	same = same[:min(len(same), 2+t.rand.IntN(2))]
	parent := t.newCard(2027)
	parent.village, parent.opd = same[0].village, same[0].opd
	var facts []fact
	var components []proposal.Component
	for _, c := range same {
		weight := max(int64(c.estimate), 1)
		if t.rand.IntN(4) == 0 {
			weight = weight/3 + 1
		}
		components = append(components, proposal.Component{Child: c.number, Village: c.village, Location: t.text("lokasi"), Estimate: c.estimate, Weight: weight})
		parent.estimate += c.estimate
		parent.children = append(parent.children, c.number)
		c.parent, c.resume = parent.number, state
		facts = append(facts, fact{stream: c.stream, event: &proposal.Merged{Step: step("merged", stage), Parent: parent.number, Reason: t.text("satu ruas"), Forum: t.forum}})
	}
	facts = append(facts, fact{stream: parent.stream, event: &proposal.FormedByMerge{Step: step(state, stage), Lane: proposal.Musrenbang,
		Idea: t.idea(parent.village, parent.opd, parent.estimate), Components: components, Reason: t.text("satu ruas"), Forum: t.forum, Depth: 1}})
	t.act(planner, facts...)
}

func (t *town) unmerge() {
	for _, p := range t.in("at_kecamatan", "at_opd", "accepted") {
		if len(p.children) == 0 || p.parent != "" {
			continue
		}
		facts := []fact{{stream: p.stream, event: &proposal.MergeReversed{Step: step("dissolved", ""), Role: "parent", Parent: p.number, Reason: t.text("keliru"), Forum: t.forum}}}
		for _, n := range p.children {
			if c := t.cards[n]; c.state == "merged" {
				facts = append(facts, fact{stream: c.stream, event: &proposal.MergeReversed{Step: step(c.resume, ""), Role: "child", Resume: c.resume, Parent: p.number, Reason: t.text("keliru"), Forum: t.forum}})
			}
		}
		t.act(planner, facts...)
		for _, n := range p.children {
			t.cards[n].parent = ""
		}
		return
	}
}

func (t *town) split() {
	c := t.pick("at_opd")
	if c == nil || c.cycle != 2027 {
		return
	}
	var parts []string
	var weights []int64
	var facts []fact
	for i := range 2 + t.rand.IntN(2) {
		p := t.newCard(2027)
		p.village, p.opd, p.estimate = c.village, opds[i%len(opds)], c.estimate/domain.Rupiah(i+2)
		parts, weights = append(parts, p.number), append(weights, int64(1+t.rand.IntN(9))*1_000_000)
	}
	var of int64
	for _, w := range weights {
		of += w
	}
	facts = append(facts, fact{stream: c.stream, event: &proposal.Split{Step: step("split", "forum_opd"), Parts: parts, Weights: weights, Reason: t.text("dua paket"), Forum: t.forum}})
	for i, n := range parts {
		p := t.cards[n]
		facts = append(facts, fact{stream: p.stream, event: &proposal.FormedBySplit{Step: step("at_opd", "forum_opd"), Lane: proposal.Musrenbang,
			Idea: t.idea(p.village, p.opd, p.estimate), Whole: c.number, Weight: weights[i], Of: of, Depth: 1}})
	}
	t.act(planner, facts...)
}

// sideways writes facts that move nothing.
func (t *town) sideways() {
	c := t.pick("submitted", "at_kecamatan", "at_opd", "accepted", "agreed")
	if c == nil {
		return
	}
	switch t.rand.IntN(7) {
	case 0:
		t.one(c, &proposal.Verified{Step: step("", ""), Kind: "administrasi", Result: "pass", Note: t.text("catatan")})
	case 1:
		t.one(c, &proposal.Recommended{Step: proposal.Step{Stage: "kecamatan", Observed: &proposal.Observed{Source: "sipd", Row: 3}}, Level: "camat", Result: "yes", Amount: c.estimate, Note: t.text("catatan")})
	case 2:
		to := opds[t.rand.IntN(len(opds))]
		if to != c.opd {
			t.one(c, &proposal.Transferred{Step: step("", "forum_opd"), From: c.opd, To: to, Reason: t.text("kewenangan"), Forum: t.forum})
			c.opd = to
		}
	case 3:
		t.one(c, &proposal.Aligned{Step: step("", ""), Plan: "rpjmd", Issues: []string{"stunting"}})
	case 4:
		t.one(c, &proposal.SourceMissing{Step: step("", ""), File: "ff"})
	case 5:
		t.one(c, &proposal.Responded{Step: step("", "forum_opd"), Leaning: "ragu", Note: t.text("catatan"), Forum: t.forum})
	case 6:
		t.one(c, &proposal.OfficeChanged{Step: step("", ""), From: c.opd, To: "9.99", Decree: domain.Document{Kind: "perda", Number: "1/2026"}})
		c.opd = "9.99"
	}
}

func (t *town) lose() {
	c := t.pick("submitted", "at_kecamatan", "at_opd", "accepted", "in_rkpd", "funded")
	if c == nil {
		return
	}
	ba := domain.Document{Kind: "sk", Number: "7", Date: "2026-05-01"}
	switch {
	case c.state == "funded":
		t.one(c, &proposal.Cancelled{Step: step("cancelled", "execution"), Reason: "EFI", LegalGround: ba, Text: t.text("efisiensi")})
	case c.state == "in_rkpd":
		t.one(c, &proposal.LeftOut{Step: step("left_out", "ppas"), Reason: "PAG-KURANG", Document: ba, Text: t.text("pagu")})
	case c.state == "accepted":
		t.one(c, &proposal.Deferred{Step: step("deferred", "forum_opd"), Reason: "PAG-KURANG", Until: 2029, Condition: t.text("bila ada"), Forum: t.forum})
	case c.state == "at_kecamatan" && t.rand.IntN(2) == 0:
		t.one(c, &proposal.BelowCutoff{Step: step("below_line_kec", "kecamatan"), Ranking: proposal.Ranking{List: t.forum + "/L1", Rank: 15, Of: 20, Cutoff: 10}, Reason: "KUO-LEBIH", Forum: t.forum})
	case c.state == "at_opd" && t.rand.IntN(3) == 0:
		t.one(c, &proposal.Referred{Step: step("referred", "forum_opd"), Target: "provinsi", LegalGround: "UU 23/2014", Letter: ba, Due: "2026-06-01"})
	case c.state == "submitted" && t.rand.IntN(2) == 0:
		t.one(c, &proposal.Withdrawn{Step: step("withdrawn", "desa"), Reason: "LNY", Text: t.text("ditarik")})
	default:
		t.one(c, &proposal.Rejected{Step: step("rejected", "forum_opd"), Reason: "KWN-PROV", Text: t.text("bukan kewenangan"), Ground: "UU 23/2014", Forum: t.forum})
	}
}

// closeWindow ends up to six waits in one append.
func (t *town) closeWindow() {
	waiting := t.in("below_line_kec", "returned_kec", "at_kecamatan")
	waiting = waiting[:min(len(waiting), 6)]
	scope := domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatans[t.rand.IntN(3)]}
	facts := []fact{{stream: cycle.Stream(2027), event: &cycle.WindowClosed{Window: "kecamatan", Scope: scope, ClosesAt: t.now, ClosedBy: "planner@Bappeda", Waiting: len(waiting)}}}
	for _, c := range waiting {
		facts = append(facts, fact{stream: c.stream, event: &proposal.Lapsed{Step: proposal.Step{State: "lapsed", Stage: "kecamatan", Via: "close:kecamatan"}, Reason: "WKT-TUTUP",
			Closing: proposal.Closing{Window: "kecamatan", Scope: scope, Kind: "omission", Since: t.now.AddDate(0, 0, -3), Holder: "camat@Kantor", CouldHaveActed: []string{"camat@Kantor"}}}})
	}
	t.act(domain.System(), facts...)
}

func (t *town) reinstate() {
	c := t.pick("lapsed", "rejected", "cancelled", "left_out")
	if c == nil {
		return
	}
	resume := map[string]string{"lapsed": "at_kecamatan", "rejected": "at_opd", "cancelled": "funded", "left_out": "in_rkpd"}[c.state]
	e := &proposal.Reinstated{Step: step(resume, ""), Resume: resume, Ground: "reopening", Document: domain.Document{Kind: "sk", Number: "9"}, Cause: c.events[len(c.events)-1].String()}
	if resume == "funded" {
		e.Amount = c.estimate / 2
	}
	t.one(c, e)
}

func (t *town) carryOver() {
	c := t.pick("rejected", "lapsed", "deferred")
	if c == nil || c.cycle != 2027 {
		return
	}
	next := t.newCard(2028)
	next.village, next.opd, next.estimate = c.village, c.opd, c.estimate
	t.act(planner,
		fact{stream: c.stream, event: &proposal.CarriedOver{Step: step("", ""), Cycle: 2028, Next: next.number, Fate: "dropped"}},
		fact{stream: next.stream, event: &proposal.Continued{Step: step("at_kecamatan", "kecamatan"), Lane: proposal.Musrenbang, Idea: t.idea(next.village, next.opd, next.estimate), Cycle: 2027, Previous: c.number, Fate: "dropped"}})
}

// correct voids, amends or restores an event.
func (t *town) correct() {
	c := t.pick("at_opd", "accepted", "rejected", "lapsed", "agreed", "funded", "at_kecamatan")
	if c == nil || len(c.events) < 2 {
		return
	}
	target := c.events[1+t.rand.IntN(len(c.events)-1)]
	e := &proposal.Corrected{Step: step("", ""), Target: target, Action: event.Void, Reason: t.text("salah ketik"), SecondApprover: "p-second"}
	switch t.rand.IntN(3) {
	case 0:
		e.Action = event.Restore
	case 1:
		e.Action = event.Amend
		e.With = proposal.Amend(&proposal.Revised{Step: step(c.state, ""), Idea: proposal.Idea{Estimate: 123_000_000, Title: t.text("Dibetulkan")}})
		if t.rand.IntN(2) == 0 {
			at := domain.Moment(t.now.Add(-200 * time.Hour))
			e.Occurred = &at
		}
	}
	t.one(c, e)
}

// late records on paper what happened days ago.
func (t *town) late() {
	c := t.pick("lapsed", "at_opd", "accepted")
	if c == nil {
		return
	}
	at := domain.OnDay(2026, 1, 5+t.rand.IntN(20), domain.Zones["WITA"])
	if at.To.After(t.now) {
		return
	}
	t.act(planner, fact{stream: c.stream, at: at, event: &proposal.Verified{Step: step("", "kecamatan"), Kind: "lapangan", Result: "fail", Note: t.text("terlambat")}},
		fact{stream: c.stream, at: at, event: &proposal.Revised{Step: step("", ""), Idea: proposal.Idea{Volume: domain.Volume{Amount: "77", Unit: "m"}}}})
}

func (t *town) redact() {
	c := t.pick("submitted", "at_kecamatan", "at_opd", "accepted", "funded", "rejected", "merged")
	if c == nil || len(c.texts) == 0 || t.open {
		return
	}
	t.one(c, &proposal.TextRedacted{Step: step("", ""), Target: c.texts[0].String(), Field: "/title", Ground: domain.Document{Kind: "surat", Number: "3"}, SecondApprover: "p-second"})
}

func (t *town) object() {
	c := t.pick("rejected", "lapsed")
	if c == nil {
		return
	}
	t.one(c, &proposal.Objected{Step: step("", ""), Text: t.text("keberatan"), Deadline: "2026-07-01"})
	if t.rand.IntN(2) == 0 {
		t.one(c, &proposal.ObjectionAnswered{Step: step("", ""), Result: "refused", Text: t.text("tetap")})
	}
}

// recompose changes the weights of a merged proposal when it is accepted; one
// component may be dropped.
func (t *town) recompose() {
	for _, p := range t.in("at_opd") {
		if len(p.children) < 2 {
			continue
		}
		t.one(p, &proposal.AcceptedByOPD{Step: step("accepted", "forum_opd"), Forum: t.forum, SubKegiatan: "1.03.10", Volume: domain.Volume{Amount: "4", Unit: "m"}, Estimate: p.estimate / 2,
			Components: []proposal.Component{{Child: p.children[0], Weight: int64(t.rand.IntN(2)) * 50_000_000, Reason: "KMP-HAPUS"}}})
		return
	}
}

// finalize makes a list final, and supersedes or corrects an earlier one.
func (t *town) finalize() {
	t.lists++
	name := fmt.Sprint("L", t.lists+1)
	var entries []forum.Entry
	for _, c := range t.in("at_opd", "at_kecamatan") {
		entries = append(entries, forum.Entry{Proposal: c.number, Score: int64(t.rand.IntN(100_000))})
	}
	scope := domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatans[0]}
	t.do(planner, fact{stream: t.forum, event: &forum.ListRanked{List: name, Stage: "kecamatan", Scope: scope, Entries: entries}})
	switch t.rand.IntN(4) {
	case 0:
		t.do(planner, fact{stream: t.forum, event: &forum.ListFinalized{List: name, Stage: "kecamatan", Scope: scope, Entries: entries, Cutoff: len(entries) / 2, Supersedes: fmt.Sprint("L", t.lists)}})
	case 1:
		t.do(planner, fact{stream: t.forum, event: &forum.Corrected{List: fmt.Sprint("L", t.lists), Entries: entries, Reason: t.text("salah tulis"), SecondApprover: "p-second"}})
	case 2:
		t.do(planner, fact{stream: t.forum, event: &forum.MinutesIssued{Number: fmt.Sprint("BA-", t.lists), Digest: "ee", Covers: []string{t.order[0]}}},
			fact{stream: t.forum, event: &forum.MinutesSigned{Document: domain.Document{Kind: "berita_acara", Number: fmt.Sprint("BA-", t.lists)}, Signers: []string{"camat@Kantor"}}})
	case 3:
		t.do(planner, fact{stream: t.forum, event: &forum.AttendanceRecorded{Register: "2025", Present: []forum.Attended{{Code: "99.01.01.2001", Channel: "luring", Count: 2}}, Absent: []string{"99.01.01.2002"}}})
	}
}

var someFields = []string{"number", "lineage", "title", "year", "lane", "village", "kecamatan", "opd", "stage", "state", "timeline", "outcome", "reason", "volume", "estimate", "amounts", "rank", "forum", "document", "progress", "referral"}

// release publishes something, takes a publication back, or changes the policy.
func (t *town) release() {
	stream := cycle.Stream(2027 + t.rand.IntN(2))
	switch t.rand.IntN(6) {
	case 0:
		t.do(planner, fact{stream: stream, event: &cycle.PublicationPolicySet{Fields: someFields[:2+t.rand.IntN(len(someFields)-2)]}})
	case 1, 2:
		ids := t.do(planner, fact{stream: stream, event: &cycle.PublicationReleased{Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatans[t.rand.IntN(3)]}, Stage: []string{"", "kecamatan", "forum_opd"}[t.rand.IntN(3)]}})
		if t.rand.IntN(2) == 0 {
			t.do(planner, fact{stream: stream, event: &cycle.Corrected{Target: ids[0], Action: event.Void, Reason: t.text("keliru"), SecondApprover: "p-second"}})
		}
	case 3:
		t.do(planner, fact{stream: stream, event: &cycle.PublicationReleased{Scope: domain.Scope{Kind: domain.ScopeOPD, Code: opds[t.rand.IntN(len(opds))]}}})
	default:
		t.do(planner, fact{stream: stream, event: &cycle.PublicationReleased{Scope: domain.Scope{Kind: domain.ScopeKabupaten}}})
	}
}

func (t *town) adopt() {
	t.do(planner, fact{stream: cycle.Stream(2027), event: &cycle.DocumentAdopted{Kind: "rkpd", Document: domain.Document{Kind: "perbup", Number: fmt.Sprint(t.rand.IntN(90))}, Lines: 10, Total: 1_000_000_000}},
		fact{stream: cycle.Stream(2027), event: &cycle.WindowExtended{Window: "rkpd", Scope: domain.Scope{Kind: domain.ScopeKabupaten}, ClosesAt: t.now.AddDate(1, 1, 0)}})
}
