package projections

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/domain/proposal"
)

// A LetterPaper is what a letter to a village says: what became of each of its
// proposals.
type LetterPaper struct {
	Paper
	Village     string         `json:"village"` // kode wilayah
	VillageName string         `json:"village_name"`
	Kecamatan   string         `json:"kecamatan"` // name
	Number      string         `json:"number"`    // of the letter; "" for a draft
	Date        string         `json:"date"`      // local day, as printed; "" for a draft
	Channel     string         `json:"channel,omitzero"`
	Signer      string         `json:"signer"`             // the office that answers
	Former      *Letter        `json:"former,omitempty"`   // the letter that this one adds to
	Origins     []LetterOrigin `json:"origins"`            // by the proposer's own order
	Totals      Totals         `json:"totals"`             // of those proposals; they conserve
	Objection   *Period        `json:"objection,omitzero"` // in which objections are taken
	Untold      int            `json:"untold"`             // of a draft: proposals that no letter tells of yet
	Said        string         `json:"said,omitzero"`      // of a letter that was sent: the digest the log names it by
}

// Covers returns the numbers of the proposals it tells of, in order.
func (l *LetterPaper) Covers() []string {
	out := make([]string, len(l.Origins))
	for i, o := range l.Origins {
		out[i] = o.Number
	}
	slices.Sort(out)
	return out
}

// A Period is a span of time.
type Period struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// A LetterOrigin is one proposal of the village and what became of it.
type LetterOrigin struct {
	Number   string        `json:"number"`
	Title    string        `json:"title"` // masked
	Lane     proposal.Lane `json:"lane"`
	LaneText string        `json:"lane_text"`
	Priority int           `json:"priority,omitzero"`
	Volume   domain.Volume `json:"volume,omitzero"`
	Asked    domain.Rupiah `json:"asked"`
	Granted  domain.Rupiah `json:"granted"`
	Fate     history.Fate  `json:"fate"`            // headline
	Merged   string        `json:"merged,omitzero"` // number of what it was merged into
	Next     string        `json:"next,omitzero"`   // number in a later cycle
	Objected bool          `json:"objected,omitzero"`
	Shares   []LetterShare `json:"shares"`
}

// A LetterShare is the part of an origin that one heir holds.
type LetterShare struct {
	Heir       string        `json:"heir"`           // number
	Title      string        `json:"title,omitzero"` // of an heir that is another proposal, masked
	Part       Share         `json:"part"`
	Fate       history.Fate  `json:"fate"`
	Kind       string        `json:"kind,omitzero"`
	Reason     string        `json:"reason,omitzero"`
	ReasonText string        `json:"reason_text,omitzero"`
	Stage      string        `json:"stage"`           // title of where it ended or waits
	State      string        `json:"state"`           // title
	Office     string        `json:"office,omitzero"` // name of its OPD
	Asked      domain.Rupiah `json:"asked"`
	Granted    domain.Rupiah `json:"granted"`
	Deed       *Deed         `json:"deed,omitempty"` // what settled it
}

// A LetterAsk says which letter is wanted.
type LetterAsk struct {
	Village string
	Year    int
	Number  string // of a letter that was sent: it is made again as it was
	Draft   string // number that a draft is to carry
	Date    string // local day that a draft is to carry
	All     bool   // a draft of every proposal, and not only of what was not told yet
	At      int64  // a draft of what was known at this position; 0: of all
}

// Letter returns what a letter says. A draft tells of all proposals that no
// letter has told of, or that were decided anew since; where there are none, or
// All is set, of every proposal. It refuses a village that handed in nothing, and
// the number of a letter that is not known.
func (p Papers) Letter(ctx context.Context, ask LetterAsk) (*LetterPaper, error) {
	stream := delivery.LetterStream(ask.Village, strconv.Itoa(ask.Year))
	read, err := p.Store.Streams(ctx, []string{stream})
	if err != nil {
		return nil, err
	}
	sent := lettersIn(read[stream])
	covers, at, said := []string(nil), ask.At, ""
	if ask.Number != "" {
		i := slices.IndexFunc(sent, func(l Letter) bool { return l.Number == ask.Number })
		if i < 0 {
			return nil, domain.Refuse(domain.NotFound, "letter.unknown", "village", ask.Village, "number", ask.Number)
		}
		covers, at, said = sent[i].Covers, sent[i].Position-1, sent[i].Digest
		ask.Draft, ask.Date = sent[i].Number, sent[i].Date
	}
	sent = slices.DeleteFunc(sent, func(l Letter) bool { return at > 0 && l.Position > at })
	d, err := p.desk(ctx, ask.Year, at)
	if err != nil {
		return nil, err
	}
	candidates := covers
	if candidates == nil {
		if candidates, err = p.handedIn(ctx, d, ask.Village); err != nil {
			return nil, err
		}
	}
	k, err := d.family(ctx, candidates)
	if err != nil {
		return nil, err
	}
	accounts := k.of(candidates, ask.Village, covers != nil)
	if len(accounts) == 0 {
		return nil, domain.Refuse(domain.NotFound, "letter.nothing_handed_in", "village", ask.Village, "year", strconv.Itoa(ask.Year))
	}
	untold, adds := 0, len(sent) > 0
	if covers == nil {
		all := len(accounts)
		accounts, untold = k.untold(accounts, sent, ask.All)
		adds = adds && len(accounts) < all
	}
	d.rests(k, accounts)
	l := d.letter(k, accounts, ask)
	l.Untold, l.Said = untold, said
	if adds {
		l.Former = &sent[len(sent)-1]
	}
	return l, nil
}

// handedIn returns the proposals that may be a village's.
func (p Papers) handedIn(ctx context.Context, d *desk, village string) ([]string, error) {
	var found []string
	position, err := reading(ctx, p.DB, "letters", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select number from read.letter_origins where cycle = $1 and village = $2 order by number`, d.cycle.Year, village)
		if err == nil {
			found, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	late, err := d.tail(ctx, position)
	return append(found, late...), err
}

// of returns the accounts of origins: of those named, or those of them that lie
// in a village.
func (k *kinship) of(numbers []string, village string, all bool) []account {
	due := make([]*life, 0, len(numbers))
	for _, n := range numbers {
		if l := k.lives[n]; l != nil {
			due = append(due, l)
		}
	}
	var out []account
	for a := range k.accounts(due) {
		if a.Root == history.Origin && a.owner == a.Number && (all || a.Village == village) {
			out = append(out, a)
		}
	}
	return out
}

// untold returns what the letters that were sent do not tell, all where that is
// wanted or nothing is left, and how much is left.
func (k *kinship) untold(accounts []account, sent []Letter, all bool) ([]account, int) {
	told := make(map[string]int64)
	for _, l := range sent {
		for _, n := range l.Covers {
			told[n] = l.Position
		}
	}
	left := slices.DeleteFunc(slices.Clone(accounts), func(a account) bool { return told[a.Number] != 0 && told[a.Number] >= k.turned(a) })
	if all || len(left) == 0 {
		return accounts, len(left)
	}
	return left, len(left)
}

// rests notes which proposals the accounts rest on: the origins and, as was known
// then, all they were tied to.
func (d *desk) rests(k *kinship, accounts []account) {
	var numbers []string
	for _, a := range accounts {
		numbers = append(numbers, a.Number)
	}
	seen := make(map[string]bool)
	for i := 0; i < len(numbers); i++ {
		l := k.lives[numbers[i]]
		if seen[numbers[i]] || l == nil {
			continue
		}
		seen[numbers[i]] = true
		d.bears(l)
		numbers = slices.AppendSeq(numbers, named(l.seq, false))
	}
}

func (d *desk) letter(k *kinship, accounts []account, ask LetterAsk) *LetterPaper {
	l := &LetterPaper{Village: ask.Village, VillageName: d.place(ask.Village), Kecamatan: d.place(domain.KecamatanOf(ask.Village)),
		Number: ask.Draft, Date: ask.Date, Signer: d.role(forum.HeadOfPlanning)}
	for _, a := range accounts {
		l.Origins = append(l.Origins, d.origin(k, a))
	}
	slices.SortFunc(l.Origins, func(a, b LetterOrigin) int {
		return cmp.Or(compareRanks(a.Priority, b.Priority), cmp.Compare(a.Number, b.Number))
	})
	l.Totals = total(accounts)
	if w, ok := d.cycle.Find("objection", domain.Scope{Kind: domain.ScopeKabupaten}); ok {
		l.Objection = &Period{w.OpensAt, w.ClosesAt}
	}
	l.Paper = d.paper()
	return l
}

func (d *desk) origin(k *kinship, a account) LetterOrigin {
	l := k.lives[a.Number]
	s := l.state
	o := LetterOrigin{Number: a.Number, Title: masked(s.Title), Lane: a.Lane, LaneText: d.flow.Lanes[string(a.Lane)].ID, Priority: s.Priority, Volume: s.Volume,
		Asked: a.Asked, Granted: a.granted(), Fate: a.Headline, Merged: s.Parent, Next: s.Next}
	_, o.Objected = s.Flags["objection"]
	for _, x := range a.parts {
		o.Shares = append(o.Shares, d.share(k, a.Number, x))
	}
	return o
}

func (d *desk) share(k *kinship, origin string, x portion) LetterShare {
	s := LetterShare{Heir: x.Leaf, Part: Share(x.Millionths), Fate: x.Fate, Kind: x.kind, Reason: x.reason, Stage: d.stage(x.stage),
		Asked: x.Asked, Granted: x.Granted}
	if x.OPD != "" {
		s.Office = d.office(x.OPD)
	}
	if s.Reason != "" {
		s.ReasonText = d.reason(s.Reason)
	}
	leaf := k.lives[x.Leaf]
	if leaf == nil {
		return s
	}
	s.State = d.state(leaf.state.At)
	if x.Leaf != origin {
		s.Title = masked(leaf.state.Title)
	}
	if r, ok := k.settling(leaf, x); ok {
		s.Deed = d.deed(r)
	}
	return s
}

// settling returns the event that settled a share: that dropped it from a merge,
// that gave it money, or that brought it to its end.
func (k *kinship) settling(leaf *life, x portion) (event.Record, bool) {
	if x.Fate == history.Pending {
		return event.Record{}, false
	}
	if leaf.node.Fate == "" { // a component that was given weight 0
		for _, l := range k.lives {
			if i := slices.IndexFunc(l.seq, func(r event.Record) bool { return r.ID == x.Dropped }); i >= 0 {
				return l.seq[i], true
			}
		}
	}
	for _, r := range slices.Backward(leaf.seq) {
		if _, funded := r.Event.(*proposal.Funded); funded && x.Fate == history.Funded || x.Fate != history.Funded && r.ID == leaf.state.Last {
			return r, true
		}
	}
	return event.Record{}, false
}

// total adds accounts up, as Funnel.Sum does rows of them.
func total(accounts []account) Totals {
	t := Totals{Origins: len(accounts)}
	fates := make(map[string]*FateSum)
	of := func(f history.Fate) *FateSum { return entry(fates, string(f), FateSum{Fate: string(f)}) }
	for _, a := range accounts {
		of(a.Headline).Headline++
		if a.merged {
			t.Merged++
		}
		for _, s := range a.Shares {
			t.Count += Share(s.Millionths)
			t.Asked += s.Asked
			t.Granted += s.Granted
			t.Cut += s.Cut
			t.Uplift += s.Uplift
			t.Moved += s.Moved
			f := of(s.Fate)
			f.Count += Share(s.Millionths)
			f.Asked += s.Asked
		}
	}
	for _, f := range fates {
		t.Fates = append(t.Fates, *f)
	}
	slices.SortFunc(t.Fates, func(x, y FateSum) int { return cmp.Compare(fateIndex(x.Fate), fateIndex(y.Fate)) })
	return t
}
