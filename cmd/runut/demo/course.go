package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A course is the planning of one fiscal year while it is being made.
type course struct {
	*world
	year    int
	earlier int // days that it runs before the calendar, see daysBefore
	windows []windowSpan
	forum   forumDays
	number  int // papers written so far

	marked map[string]bool // proposals with something planted, which little else happens to
	silent map[string]bool // those of them that nobody touches

	rkpd, apbd domain.Document
	rkpdTotal  domain.Rupiah
	dear       []string // included in the RKPD for much more than was accepted
}

func (w *world) course(year, earlier int) *course {
	return &course{world: w, year: year, earlier: earlier, windows: windows, forum: wholeForum, marked: map[string]bool{}, silent: map[string]bool{}}
}

// on lets something happen on a day of the calendar. What would lie in the
// future is not put on the agenda: the cycle has not come that far.
func (c *course) on(before, hour int, do func()) {
	if before+c.earlier > 0 {
		c.world.on(before+c.earlier, hour, do)
	}
}

// onTime lets something happen at a time of day.
func (c *course) onTime(before, hour, minute int, do func()) {
	if before+c.earlier > 0 {
		c.world.push(c.world.at(before+c.earlier, hour).Add(time.Duration(minute)*time.Minute), do)
	}
}

// at returns a moment of the calendar.
func (c *course) at(before, hour int) time.Time { return c.world.at(before+c.earlier, hour) }

// date returns a day of the calendar.
func (c *course) date(before int) string { return c.world.date(before + c.earlier) }

// take lets somebody act on one proposal.
func (c *course) take(actor domain.Actor, number string, ask proposal.Event) {
	c.do(c.year, actor, act.Take{Proposal: number, Ask: ask})
}

// takeOn lets somebody record an act that took effect earlier.
func (c *course) takeOn(occurred domain.Interval, actor domain.Actor, number string, ask proposal.Event) {
	c.doWith(c.year, actor, nil, occurred, act.Take{Proposal: number, Ask: ask})
}

// deliver records what came in or went out.
func (c *course) deliver(actor domain.Actor, stream string, ask delivery.Event) {
	c.do(c.year, actor, act.OnDelivery{Stream: stream, Ask: ask})
}

// text is what somebody wrote.
func text(s string) domain.Text { return domain.Mask(s) }

func yearWord(year int) string { return strconv.Itoa(year) }

// submit begins a proposal and returns its number.
func (c *course) submit(actor domain.Actor, ask proposal.Event) string {
	return c.do(c.year, actor, act.Submit{Year: c.year, Ask: ask})[0]
}

// in returns the proposals that are in one of the states and lie in a place or
// with an office.
func (c *course) in(scope domain.Scope, states ...workflow.State) []string {
	if scope.Kind == domain.ScopeVillage {
		return slices.DeleteFunc(slices.Clone(c.homes[home{c.year, scope.Code}]), func(n string) bool { return !slices.Contains(states, c.states[n].At) })
	}
	return c.whereIn(c.year, scope.Code, states...)
}

// paper makes up a paper of today.
func (c *course) paper(kind, series string) domain.Document {
	c.number++
	d := domain.Document{Kind: kind, Number: fmt.Sprintf("%s/%03d/%d", series, c.number, c.year), Date: c.today()}
	d.Digest = digest(d.Kind + d.Number)
	return d
}

func (c *course) today() string { return c.now.In(zone).Format("2006-01-02") }

// An assembly is a forum in session: who keeps it and what it has decided on.
type assembly struct {
	stream, kind, stage string
	scope               domain.Scope
	keeper              domain.Actor
	covers              []string
}

// convene calls a forum together for a day so many days before the demo is made.
// The name tells several of one place apart.
func (c *course) convene(kind, stage string, scope domain.Scope, keeper domain.Actor, before int, name string) *assembly {
	id := c.forumOf(strings.ReplaceAll(kind, "_", "-"), cmp.Or(scope.Code, Kabupaten))
	if name != "" {
		id += "-" + name
	}
	a := &assembly{stream: forum.Stream(id), kind: kind, stage: stage, scope: scope, keeper: keeper}
	c.do(c.year, keeper, act.OnForum{Forum: a.stream, Year: c.year, Ask: &forum.Convened{
		Kind: kind, Stage: stage, Scope: scope, Date: c.date(before), Place: domain.Mask("Aula " + keeper.Office), Chair: keeper.Office,
	}})
	return a
}

// forumOf returns the name of a place's or office's usual forum.
func (c *course) forumOf(kind, code string) string {
	return fmt.Sprintf("%d-%s-%s", c.year, kind, code)
}

// attend records who came of those whom the forum expects. A few stay away, and
// silent villages always do.
func (c *course) attend(a *assembly, expected []string) {
	var present []forum.Attended
	for i, code := range expected {
		if silentVillages[code] || len(expected) > 1 && i > 0 && c.chance(6) {
			continue
		}
		came := forum.Attended{Code: code, Channel: "luring", Count: c.between(2, 9)}
		if len(expected) == 1 {
			came.Count = c.between(24, 85)
		} else if c.chance(12) {
			came.Channel = "daring"
		}
		came.Women = came.Count * c.between(15, 48) / 100
		present = append(present, came)
	}
	c.do(c.year, a.keeper, act.OnForum{Forum: a.stream, Year: c.year, Ask: &forum.AttendanceRecorded{Present: present, Document: c.paper("daftar_hadir", "DH")}})
}

// expected returns the places and offices that a forum of a scope expects.
func (c *course) expected(scope domain.Scope) []string {
	var out []string
	for _, k := range c.places {
		if scope.Kind == domain.ScopeKecamatan && k.code == scope.Code {
			for _, v := range k.villages {
				out = append(out, v.code)
			}
		}
		if scope.Kind == domain.ScopeOPD || scope.Kind == domain.ScopeKabupaten {
			out = append(out, k.code)
		}
	}
	if scope.Kind == domain.ScopeKabupaten {
		for _, o := range offices {
			out = append(out, o.code)
		}
	}
	if scope.Kind == domain.ScopeVillage {
		out = []string{scope.Code}
	}
	return out
}

var criteria = []forum.Criterion{{Name: "Mendesak", Weight: 40}, {Name: "Jumlah penerima manfaat", Weight: 35}, {Name: "Kesiapan lahan dan dokumen", Weight: 25}}

// sessions returns in how many lists so many proposals are ranked.
func (w *world) sessions(proposals int) int { return max((proposals+w.longest-1)/w.longest, 1) }

// dayNow returns the day of the calendar that the clock shows.
func (c *course) dayNow() int {
	d, now := c.o.Day.In(zone), c.now.In(zone)
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone) }
	return int(midnight(d).Sub(midnight(now)).Hours()/24) - c.earlier
}

// ranked puts proposals into the order of scores that the forum gives them.
func (c *course) ranked(numbers []string) []forum.Entry {
	entries := make([]forum.Entry, len(numbers))
	for i, n := range numbers {
		s := c.state(n)
		scores := []int64{int64(c.between(30, 100)) * 1000, int64(c.between(20, 100)) * 1000, int64(c.between(20, 100)) * 1000}
		if s.BasicService != "" {
			scores[0] = min(scores[0]+15_000, 100_000)
		}
		entries[i] = forum.Entry{Proposal: n, Scores: scores, Score: forum.Score(criteria, scores), Amount: s.Estimate}
	}
	slices.SortStableFunc(entries, func(a, b forum.Entry) int { return cmp.Compare(b.Score, a.Score) })
	for i := range len(entries) - 1 {
		if entries[i].Score == entries[i+1].Score {
			entries[i].Tie = pick(c.world, []string{"deliberation", "readiness", "beneficiaries", "earlier"})
		}
	}
	return entries
}

// explainTies says of every tie that the forum deliberated on it, where nothing
// else is said.
func explainTies(entries []forum.Entry) {
	for i := range len(entries) - 1 {
		if entries[i].Score == entries[i+1].Score && entries[i].Tie == "" {
			entries[i].Tie = "deliberation"
		}
	}
}

// finalize makes a list of a forum final, after a draft of it where that is
// wanted.
//
// A list is one event, and an event has a size. What is too long for one list,
// as in a demo of many times the usual size, is dealt with in further sessions.
func (c *course) finalize(a *assembly, by domain.Actor, list string, scope domain.Scope, numbers []string, draft bool) {
	if len(numbers) > c.longest {
		for i, rest := range slices.Collect(slices.Chunk(numbers[c.longest:], c.longest)) {
			further := c.convene(a.kind, a.stage, a.scope, a.keeper, c.dayNow(), fmt.Sprintf("%s-%d", strings.ToLower(list), i+2))
			c.attend(further, c.expected(a.scope))
			c.finalize(further, by, list, scope, rest, draft)
			c.minute(further, c.dayNow()-3, "agreed")
		}
		numbers = numbers[:c.longest]
	}
	if len(numbers) == 0 {
		return
	}
	entries := c.ranked(numbers)
	final := act.FinalizeList{Forum: a.stream, List: list, Stage: a.stage, Scope: scope, Criteria: criteria, Entries: entries}
	if draft {
		c.do(c.year, a.keeper, act.OnForum{Forum: a.stream, Year: c.year, Ask: &forum.ListRanked{List: list, Stage: a.stage, Scope: scope, Criteria: criteria, Entries: entries}})
		final = act.FinalizeList{Forum: a.stream, List: list}
	}
	c.do(c.year, by, final)
	a.covers = append(a.covers, numbers...)
}

// minute issues the berita acara of a forum and has it signed some days later.
func (c *course) minute(a *assembly, before int, annexes ...string) {
	if len(a.covers) == 0 {
		return
	}
	slices.Sort(a.covers)
	a.covers = slices.Compact(a.covers)
	var signed domain.Document
	c.on(before, 15, func() {
		signed = c.paper("berita_acara", "BA")
		c.do(c.year, a.keeper, act.OnForum{Forum: a.stream, Year: c.year, Ask: &forum.MinutesIssued{
			Number: signed.Number, Annexes: append([]string{"attendance"}, annexes...), Covers: a.covers, Digest: signed.Digest,
		}})
	})
	c.on(before-2, 10, func() {
		c.do(c.year, a.keeper, act.OnForum{Forum: a.stream, Year: c.year, Ask: &forum.MinutesSigned{
			Document: signed, Covers: a.covers, Signers: []string{string(a.keeper.Role) + "@" + cmp.Or(a.scope.Code, Kabupaten)},
		}})
		c.do(c.year, a.keeper, act.OnForum{Forum: a.stream, Year: c.year, Ask: &forum.Closed{At: c.now}})
	})
}
