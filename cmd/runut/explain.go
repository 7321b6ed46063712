package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/term"

	"runut/api/answer"
	"runut/api/text"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/projections"
)

type explainCommand struct {
	database
	Number  string `arg:"" help:"Nomor usulan, mis. U-27-4K7M2XR. · Number of the proposal."`
	AsOf    string `help:"Keadaan pada hari atau saat ini, mis. 2027-02-28. · What was in effect on that day or at that moment."`
	KnownAt string `help:"Yang diketahui pada hari, saat, atau posisi log ini. · What was known on that day, at that moment or position."`
	JSON    bool   `help:"Hasil untuk mesin. · Output for machines."`
}

// Run says what became of a proposal and why, on a terminal.
func (c *explainCommand) Run(s *session) error {
	number, err := domain.ParseNumber(c.Number)
	if err != nil {
		return err
	}
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	desk, closing, err := openDesk(s, pool)
	if err != nil {
		return err
	}
	defer closing()
	v, err := desk.View(s.heeding(), proposal.Year(number), c.AsOf, c.KnownAt)
	if err != nil {
		return err
	}
	full, err := desk.Explain(s.ctx, number, v, s.lang)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		return enc.Encode(full)
	}
	title := ""
	if p, err := (projections.Proposals{DB: pool}).Get(s.ctx, number); err == nil {
		title = p.Value.Title
	}
	p := printer{w: s.out, s: full.Speaker, width: width(s.out)}
	p.explanation(title, full)
	return nil
}

// openDesk returns where questions about histories are asked, over a database
// that is only read.
func openDesk(s *session, pool *pgxpool.Pool) (answer.Desk, func(), error) {
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := eventstore.Open(s.ctx, pool, eventstore.Options{Catalog: catalog.Events, Log: log})
	if err != nil {
		return answer.Desk{}, nil, err
	}
	known, err := loadDefinitions(s.ctx, store)
	if err != nil {
		store.Close()
		return answer.Desk{}, nil, err
	}
	return answer.Desk{Store: store, DB: pool, Charts: history.NewCharts(known.find)}, store.Close, nil
}

// heeding is the context in which it is said on standard error where a position that
// was asked about was rounded.
func (s *session) heeding() context.Context {
	return answer.Heed(s.ctx, func(r answer.Rounded) { fmt.Fprintln(s.err, r.In(s.lang)) })
}

// A printer lays an answer out on a terminal.
type printer struct {
	w     io.Writer
	s     answer.Speaker
	width int
}

func (p printer) t(code string, params ...string) string { return p.s.Lang.T(code, params...) }

func (p printer) explanation(title string, x answer.Full) {
	p.line(x.Proposal + "  " + title)
	p.line(strings.Repeat("─", p.width))
	p.line(x.Answer.Headline)
	if !x.AsOf.IsZero() {
		p.line(p.t("explain.as_of", "day", p.s.Lang.Moment(x.AsOf, p.s.Zone)))
	}
	p.line("")
	for _, sentence := range x.Answer.Sentences {
		p.wrap(sentence, "  ")
	}
	for _, d := range append(append([]history.Deciding{}, x.Decisive...), x.Won...) {
		p.deciding(d)
	}
	if len(x.Custody) > 0 {
		p.heading("explain.custody")
		for _, c := range x.Custody {
			to := p.t("explain.still")
			if !c.To.IsZero() {
				to = p.s.Lang.Day(c.To, p.s.Zone)
			}
			p.row(p.s.Lang.Day(c.From, p.s.Zone)+" – "+to, p.s.Post(c.Holder)+", "+p.t("explain.days", "n", p.s.Lang.Count(int64(c.WorkingDays))), 40)
		}
	}
	if len(x.NotTaken) > 0 {
		p.heading("explain.not_taken")
		for _, n := range x.NotTaken {
			p.wrap("· "+n.Label.In(string(p.s.Lang))+" ("+strings.Join(p.s.Roles(n.By), ", ")+")", "  ")
		}
	}
	p.list("explain.would", x.Answer.Would)
	p.list("explain.bore", x.Answer.Bore)
	p.list("explain.missing", x.Answer.Gaps)
	p.line("")
	p.wrap(p.t("explain.again", "command", again(x.Explanation)), "")
}

// again is the command that gives this very answer for ever.
func again(x history.Explanation) string {
	out := fmt.Sprintf("runut explain %s --known-at %d", x.Proposal, x.Known)
	if !x.AsOf.IsZero() {
		out += " --as-of " + x.AsOf.UTC().Format(time.RFC3339)
	}
	return out
}

// deciding prints what an answer rests on, each fact on a line of its own.
func (p printer) deciding(d history.Deciding) {
	p.heading("explain.act")
	p.row(p.t("explain.event"), catalogTerm(d.Type, p.s.Lang)+" · "+d.End, labelled)
	p.row(p.t("explain.when"), p.s.Lang.Moment(d.Occurred.Effective(d.Recorded), p.s.Zone), labelled)
	if !d.Recorded.Equal(d.Occurred.Effective(d.Recorded)) {
		p.row(p.t("explain.recorded"), p.s.Lang.Moment(d.Recorded, p.s.Zone), labelled)
	}
	if who := p.s.Who(d); who != "" && d.Authority.Role != "" {
		p.row(p.t("explain.who"), who, labelled)
		if !d.Authority.Decree.IsZero() {
			p.row(p.t("explain.grant"), document(d.Authority.Decree), labelled)
		}
	}
	if d.Closing != nil {
		p.row(p.t("explain.closed_by"), p.s.Post(d.Closing.ClosedBy), labelled)
	}
	if d.Forum != nil {
		p.row(p.t("explain.forum"), p.s.Forum(d)+" "+d.Forum.Date, labelled)
	}
	if r := d.Ranking; r != nil {
		p.row(p.t("explain.rank"), p.t("rank.of_with_cutoff", "rank", fmt.Sprint(r.Rank), "of", fmt.Sprint(r.Of), "cutoff", fmt.Sprint(r.Cutoff)), labelled)
		for _, m := range r.Criteria {
			p.row("", fmt.Sprintf("%s %s × %d %%", m.Name, p.s.Score(m.Score), m.Weight), labelled)
		}
	}
	for _, e := range d.Evidence {
		p.row(p.t("explain.evidence"), document(e.Document), labelled)
	}
	if d.Rule.Transition != "" {
		p.row(p.t("explain.rule"), d.Rule.Transition+", "+d.Rule.Definition, labelled)
	}
	p.row(p.t("explain.position"), fmt.Sprintf("%d · %s", d.Position, d.Event), labelled)
}

func document(d domain.Document) string {
	out := strings.TrimSpace(strings.ReplaceAll(d.Kind, "_", " ") + " " + d.Number)
	if d.Date != "" {
		out += ", " + d.Date
	}
	if len(d.Digest) > 12 {
		out += " (sha256 " + d.Digest[:12] + "…)"
	}
	return out
}

func (p printer) list(heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.heading(heading)
	for _, line := range lines {
		p.wrap("· "+line, "  ")
	}
}

// labelled is how wide the names of facts are.
const labelled = 16

func (p printer) heading(code string) { p.line("\n" + p.t(code)) }

func (p printer) line(text string) { fmt.Fprintln(p.w, text) }

// row prints a name and a value beside it, wrapped under itself.
func (p printer) row(name, value string, column int) {
	pad := max(1, column-utf8.RuneCountInString(name))
	lines := wrapped(value, p.width-column-2)
	fmt.Fprintf(p.w, "  %s%s%s\n", name, strings.Repeat(" ", pad), lines[0])
	for _, line := range lines[1:] {
		fmt.Fprintf(p.w, "  %s%s\n", strings.Repeat(" ", column), line)
	}
}

func (p printer) wrap(text, indent string) {
	for _, line := range wrapped(text, p.width-len(indent)) {
		p.line(indent + line)
	}
}

// wrapped breaks a text into lines of at most so many characters, at spaces.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// width returns how many columns there are to write on: those of the terminal,
// at most as many as the eye follows.
func width(w io.Writer) int {
	const comfortable = 88
	f, ok := w.(*os.File)
	if !ok {
		return comfortable
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 20 {
		return comfortable
	}
	return min(columns, comfortable)
}

// catalogTerm returns what people call an event.
func catalogTerm(stored string, lang text.Lang) string {
	t, ok := catalog.Terms[stored]
	switch {
	case !ok:
		return stored
	case lang == text.EN:
		return t.EN
	}
	return t.ID
}
