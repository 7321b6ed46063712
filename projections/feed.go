package projections

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"runut/domain/event"
	"runut/domain/proposal"
)

// feed is, for each OPD, what it accepted and what happened to that since, in
// the order of positions and as it was known then.
var feed = Projection{
	Name: "feed", Version: 1, Streams: []string{proposals, cycleStreams},
	Tables: `
create table feed (
    opd       text collate "C" not null,
    position  bigint           not null,
    number    text collate "C" not null,
    subject   text collate "C" not null,
    type      text collate "C" not null,
    cycle     int              not null,
    notice    jsonb            not null
);
create table feed_years (
    stream text collate "C" not null,
    cycle  int              not null,
    demo   boolean          not null
);`,
	Indexes: `
alter table feed add primary key (opd, position);
alter table feed_years add primary key (stream);
create index on feed (number);`,
	Fold: foldFeed,
}

var (
	feedRows  = &Table{Name: "feed", Key: "opd, position", Owner: "number", Columns: "opd, position, number, subject, type, cycle, notice"}
	feedYears = &Table{Name: "feed_years", Key: "stream", Owner: "stream", Columns: "stream, cycle, demo"}
)

func foldFeed(ctx context.Context, b *Batch, w *Writer) error {
	years, err := b.years(ctx)
	if err != nil {
		return err
	}
	for _, y := range years {
		w.Put(feedYears, y.stream, y.state.Year, y.opened().Demo)
	}
	first := make(map[string]int64)    // by stream, the first new event
	rewritten := make(map[string]bool) // streams of which a text was closed
	for _, r := range b.Records {
		if _, ok := first[r.Stream]; !ok {
			first[r.Stream] = r.Position
		}
		if _, ok := r.Event.(*proposal.TextRedacted); ok {
			rewritten[r.Stream] = true
		}
	}
	for streams := range slices.Chunk(b.Streams(proposals), 1000) {
		lives, err := b.lives(ctx, streams)
		if err != nil {
			return err
		}
		for _, s := range streams {
			l := lives[strings.TrimPrefix(s, proposals)]
			if rewritten[s] {
				w.Replace(feedRows, l.number)
			}
			for _, n := range l.notices() {
				if rewritten[s] || n.Position >= first[s] {
					w.Put(feedRows, n.OPD, n.Position, n.Number, n.Subject, n.Type, n.Cycle, asJSON(n))
				}
			}
		}
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

// notices returns what an OPD that accepted a proposal is told of it.
func (l *life) notices() []Notice {
	if !slices.ContainsFunc(l.all, func(r event.Record) bool { _, ok := r.Event.(*proposal.AcceptedByOPD); return ok }) {
		return nil
	}
	var out []Notice
	holder := "" // the OPD whose acceptance stands
	for _, k := range l.learning() {
		e, ok := k.record.Event.(proposal.Event)
		if !ok {
			continue
		}
		switch x := e.(type) {
		case *proposal.AcceptedByOPD:
			if k.after.OPD == "" {
				continue // an import that does not say whose it is
			}
			holder = k.after.OPD
			out = append(out, l.notice(k, holder, "accepted"))
		case *proposal.OfficeChanged:
			if holder != "" && holder == x.From {
				gone := l.notice(k, holder, "transferred_away")
				gone.To, holder = x.To, x.To
				out = append(out, gone, l.notice(k, holder, "accepted"))
			}
		case *proposal.Transferred:
			if holder != "" {
				gone := l.notice(k, holder, "transferred_away")
				gone.To, holder = x.To, ""
				out = append(out, gone)
			}
		case *proposal.Corrected:
			if holder != "" {
				n := l.notice(k, holder, "corrected")
				n.Target = x.Target
				out = append(out, n)
			}
			if k.after.Accepted == 0 && k.before.Accepted != 0 {
				holder = ""
			}
			if holder == "" && k.after.Accepted != 0 && k.before.Accepted == 0 { // an acceptance was restored
				holder = k.after.OPD
				n := l.notice(k, holder, "accepted")
				n.Target = x.Target
				out = append(out, n)
			}
		case *proposal.TextRedacted:
			if holder != "" {
				n := l.notice(k, holder, "erased")
				n.Target, _ = uuid.Parse(x.Target)
				out = append(out, n)
			}
		default:
			if holder != "" {
				out = append(out, l.notice(k, holder, l.subject(k, e)))
			}
		}
	}
	return out
}

// subject returns what an event is to an OPD that accepted the proposal.
func (l *life) subject(k learned, e proposal.Event) string {
	switch e.(type) {
	case *proposal.Merged:
		return "merged"
	case *proposal.Split:
		return "split"
	case *proposal.Reinstated:
		return "restored"
	}
	if lost(l.charts.For(k.record.Definition).Fate(k.after.At)) && k.after.At != k.before.At {
		return "lost"
	}
	return "changed"
}

func (l *life) notice(k learned, opd, subject string) Notice {
	r, s := k.record, k.after
	n := Notice{
		Position: r.Position, Event: r.ID, Type: r.Type, Subject: subject, OPD: opd, Number: l.number, Version: r.Version, Cycle: s.Cycle,
		Effective: r.Effective(), Recorded: r.RecordedAt, Role: r.Actor.Role, Office: r.Actor.Office, State: s.At, Stage: k.stage,
		Title: s.Title.String(), Village: s.Village, Kecamatan: s.Kecamatan(), SubKegiatan: s.SubKegiatan, Volume: s.Volume,
		Estimate: s.Accepted, Granted: s.Granted(), Changes: changed(k.before, k.after),
	}
	n.Reason, _ = reasonOf(r.Event)
	n.Link = statements(r.Event).links
	return n
}
