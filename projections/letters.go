package projections

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
)

const letterStreams = "letter-"

// letters is which villages were told what became of their proposals, and what
// they have not been told yet.
var letters = Projection{
	Name: "letters", Version: 1, Streams: []string{proposals, letterStreams},
	Tables: `
create table letter_origins (
    number    text collate "C" not null,
    cycle     int              not null,
    village   text collate "C" not null, -- kode wilayah
    kecamatan text collate "C" not null, -- kode wilayah
    headline  text collate "C" not null, -- fate of the origin as a whole
    asked     bigint           not null,
    granted   bigint           not null,
    turned    bigint           not null  -- position of the last event that changed what is to be told of it
);
create table letters_sent (
    stream    text collate "C" not null,
    number    text collate "C" not null, -- of the letter
    ordinal   int              not null, -- in which they were sent
    village   text collate "C" not null,
    cycle     int              not null,
    day       text collate "C" not null, -- local day, as printed on it
    digest    text collate "C" not null,
    channel   text collate "C" not null,
    role      text collate "C" not null, -- of who sent it, like the next one
    office    text             not null,
    covers    text[]           not null, -- numbers of proposals
    position  bigint           not null,
    sent      timestamptz      not null
);
create table letter_covers (
    stream   text collate "C" not null,
    proposal text collate "C" not null,
    position bigint           not null  -- of the last letter that tells of it
);`,
	Indexes: `
alter table letter_origins add primary key (number);
alter table letters_sent add primary key (stream, number);
alter table letter_covers add primary key (stream, proposal);
create index on letter_origins (cycle, village);
create index on letters_sent (cycle, village);
create index on letter_covers (proposal);`,
	Fold: foldLetters,
}

var (
	letterOrigins = &Table{Name: "letter_origins", Key: "number", Owner: "number",
		Columns: "number, cycle, village, kecamatan, headline, asked, granted, turned"}
	lettersSent = &Table{Name: "letters_sent", Key: "stream, number", Owner: "stream",
		Columns: "stream, number, ordinal, village, cycle, day, digest, channel, role, office, covers, position, sent"}
	letterCovers = &Table{Name: "letter_covers", Key: "stream, proposal", Owner: "stream", Columns: "stream, proposal, position"}
)

func foldLetters(ctx context.Context, b *Batch, w *Writer) error {
	for streams := range slices.Chunk(b.Streams(letterStreams), 200) {
		histories, err := b.Histories(ctx, streams)
		if err != nil {
			return err
		}
		for _, s := range streams {
			putLetters(w, s, histories[s])
		}
		if err := w.Spill(ctx); err != nil {
			return err
		}
	}
	return b.families(ctx, w, func(k *kinship, due []*life) {
		for _, l := range due {
			w.Replace(letterOrigins, l.number)
		}
		for a := range k.accounts(due) {
			if a.Root == history.Origin {
				w.Put(letterOrigins, a.Number, a.Cycle, a.Village, a.Kecamatan(), string(a.Headline), int64(a.Asked), int64(a.granted()), k.turned(a))
			}
		}
	})
}

func putLetters(w *Writer, stream string, records []event.Record) {
	w.Replace(lettersSent, stream)
	w.Replace(letterCovers, stream)
	_, year := letterOf(stream)
	told := make(map[string]int64)
	var order []string
	for i, l := range lettersIn(records) {
		w.Put(lettersSent, stream, l.Number, i+1, l.Village, year, l.Date, l.Digest, l.Channel, string(l.Role), l.Office, l.Covers, l.Position, l.Sent)
		for _, number := range l.Covers {
			if told[number] == 0 {
				order = append(order, number)
			}
			told[number] = l.Position
		}
	}
	for _, number := range order {
		w.Put(letterCovers, stream, number, told[number])
	}
}

// lettersIn returns the letters of a stream, in the order they were recorded.
func lettersIn(records []event.Record) []Letter {
	var out []Letter
	for _, r := range records {
		if e, ok := r.Event.(*delivery.AnswerSent); ok {
			out = append(out, Letter{Number: e.Letter.Number, Village: e.Village, Date: e.Letter.Date, Digest: e.Letter.Digest, Channel: e.Channel,
				Role: r.Actor.Role, Office: r.Actor.Office, Covers: append([]string{}, e.Covers...), Position: r.Position, Sent: r.Effective()})
		}
	}
	return out
}

// letterOf reads a village and a fiscal year off the name of a stream.
func letterOf(stream string) (village string, year int) {
	village, text, _ := strings.Cut(strings.TrimPrefix(stream, letterStreams), "-")
	year, _ = strconv.Atoi(text)
	return village, year
}

// turned returns the position of the last event that changed what is to be told
// of an origin: its fate or that of what it went into, the money, the reason.
// How far a proposal that waits has come is not such a change.
func (k *kinship) turned(a account) int64 {
	var last int64
	for _, number := range k.path(a) {
		last = max(last, k.lives[number].turned())
	}
	return last
}

// path returns an origin, all that it went into, and what holds its shares.
func (k *kinship) path(a account) []string {
	out := []string{a.Number}
	add := func(number string) {
		if k.lives[number] != nil && !slices.Contains(out, number) {
			out = append(out, number)
		}
	}
	for i := 0; i < len(out); i++ {
		s := k.lives[out[i]].state
		add(s.Parent)
		for _, part := range s.Parts {
			add(part)
		}
	}
	for _, s := range a.Shares {
		add(s.Leaf)
	}
	return out
}

// turned returns the position of the last event that changed a proposal's fate,
// reason, money or lineage; of the first where none did.
func (l *life) turned() int64 {
	last := l.all[0].Position
	for _, x := range l.learning() {
		_, corrects := x.record.Event.(event.Correction)
		if corrects || l.telling(x.before) != l.telling(x.after) {
			last = x.record.Position
		}
	}
	return last
}

// telling is what a letter would say of a proposal in a state, in short.
func (l *life) telling(s proposal.State) string {
	fate := ""
	if d := l.chart.Definition; d != nil && d.States[s.At] != nil {
		spec := d.States[s.At]
		fate = cmp.Or(spec.Outcome, spec.Goal, string(spec.Final))
	}
	said := []string{fate, s.Parent, strings.Join(s.Parts, " ")}
	if fate != "" {
		said = append(said, strconv.FormatInt(int64(s.Granted()), 10))
	}
	for _, c := range s.Components {
		said = append(said, c.Child, strconv.FormatInt(c.Weight, 10))
	}
	return strings.Join(said, "\x00")
}
