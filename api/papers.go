package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/api/paper"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/eventstore"
	"runut/eventstore/notary"
	"runut/eventstore/vault"
	"runut/projections"
)

// Papers reads what berita acara and letters say.
func (s *Server) Papers() projections.Papers {
	return projections.Papers{DB: s.DB, Store: s.Store, Definitions: s.Definitions}
}

// paperwork returns how to complete an act that issues or sends a paper which
// Runut makes: with what it covers, its annexes and its digest. It is asked while
// nobody can append, so the paper tells of everything before it in the log, and
// can be made again from that. It returns nil for every other act, and for papers
// that somebody else made and names by digest or by what they cover.
func (s *Server) paperwork(a act.Act) func(context.Context) (act.Act, error) {
	switch a := a.(type) {
	case act.OnForum:
		e, ok := a.Ask.(*forum.MinutesIssued)
		if !ok || e.Digest != "" {
			return nil
		}
		return func(ctx context.Context) (act.Act, error) {
			m, err := s.Papers().Minutes(ctx, strings.TrimPrefix(a.Forum, forum.Stream("")), "", 0)
			if err != nil {
				return nil, err
			}
			m.Number = e.Number
			if m.Anchor, err = s.anchor(ctx); err != nil {
				return nil, err
			}
			body, err := paper.Minutes(m)
			a.Ask = &forum.MinutesIssued{Number: e.Number, Annexes: paper.Annexes(m), Covers: m.Covers, Digest: paper.Digest(body), Anchor: m.AnchorLines()}
			return a, err
		}
	case act.OnDelivery:
		e, ok := a.Ask.(*delivery.AnswerSent)
		if !ok || len(e.Covers) > 0 {
			return nil
		}
		return func(ctx context.Context) (act.Act, error) {
			village, year := letterOf(a.Stream)
			l, err := s.Papers().Letter(ctx, projections.LetterAsk{Village: village, Year: year, Draft: e.Letter.Number, Date: e.Letter.Date})
			if err != nil {
				return nil, err
			}
			if l.Untold == 0 {
				return nil, domain.Refuse(domain.Conflict, "letter.all_told", "village", village, "year", itoa(year))
			}
			body, err := paper.Letter(l)
			sent := *e
			sent.Letter.Digest, sent.Covers = paper.Digest(body), l.Covers()
			a.Ask = &sent
			return a, err
		}
	}
	return nil
}

// anchor returns the newest signed checkpoint of the log, which is printed on
// what is signed by hand; "" where the log is not signed.
func (s *Server) anchor(ctx context.Context) (string, error) {
	newest, err := notary.Newest(ctx, s.DB)
	if refusal, ok := errors.AsType[*domain.Error](err); ok && refusal.Code == "log.unsigned" {
		return "", nil
	}
	return newest.Note, err
}

// letterOf reads a village and a fiscal year off the name of a stream.
func letterOf(stream string) (village string, year int) {
	village, text, _ := strings.Cut(strings.TrimPrefix(stream, "letter-"), "-")
	year, _ = strconv.Atoi(text)
	return village, year
}

// filePaper keeps the paper that an act issued or sent, by its digest. It can be
// made again from the log for as long as the program words it the same, so what
// fails here is noted and not the asker's affair.
func (s *Server) filePaper(ctx context.Context, a act.Act) {
	var err error
	switch a := a.(type) {
	case act.OnForum:
		if e, ok := a.Ask.(*forum.MinutesIssued); ok && e.Digest == "" {
			_, _, err = s.MinutesFile(ctx, strings.TrimPrefix(a.Forum, forum.Stream("")), e.Number, 0)
		}
	case act.OnDelivery:
		if e, ok := a.Ask.(*delivery.AnswerSent); ok && len(e.Covers) == 0 {
			village, year := letterOf(a.Stream)
			_, _, err = s.LetterFile(ctx, projections.LetterAsk{Village: village, Year: year, Number: e.Letter.Number})
		}
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "a paper was not kept", "act", a.Name(), "err", err)
	}
}

// A PaperFile is a paper as a file.
type PaperFile struct {
	Body   []byte
	Digest string // SHA-256 of Body, hex
	Said   string // digest that the log names it by; "" for a draft
	Kept   bool   // Body is what was kept when it was issued or sent, not made anew
}

// Agrees reports whether the paper is the one that the log names.
func (p PaperFile) Agrees() bool { return p.Said == "" || p.Said == p.Digest }

// MinutesFile returns a berita acara of a forum and what it says: of number, as it
// was issued; of "", a draft of what is known at a position, 0 for everything.
func (s *Server) MinutesFile(ctx context.Context, id, number string, at int64) (*projections.MinutesPaper, PaperFile, error) {
	m, err := s.Papers().Minutes(ctx, id, number, at)
	if err != nil {
		return nil, PaperFile{}, err
	}
	said := ""
	for _, x := range m.Issued {
		if number != "" && x.Number == number {
			said = x.Digest
		}
	}
	body, err := paper.Minutes(m)
	if err != nil {
		return nil, PaperFile{}, err
	}
	f, err := s.filed(ctx, body, said)
	return m, f, err
}

// LetterFile returns a letter and what it says: one that was sent, or a draft.
func (s *Server) LetterFile(ctx context.Context, ask projections.LetterAsk) (*projections.LetterPaper, PaperFile, error) {
	l, err := s.Papers().Letter(ctx, ask)
	if err != nil {
		return nil, PaperFile{}, err
	}
	body, err := paper.Letter(l)
	if err != nil {
		return nil, PaperFile{}, err
	}
	f, err := s.filed(ctx, body, l.Said)
	return l, f, err
}

// filed returns what is kept of a paper that the log names by digest. Where
// nothing is, and what was made anew is that very paper, it is kept now.
func (s *Server) filed(ctx context.Context, made []byte, said string) (PaperFile, error) {
	f := PaperFile{Body: made, Digest: paper.Digest(made), Said: said}
	digest, err := vault.ParseDigest(said)
	if err != nil {
		return f, nil // a draft
	}
	kept, err := s.filedAs(ctx, digest)
	switch {
	case err != nil:
		return PaperFile{}, err
	case kept != nil:
		f.Body, f.Digest, f.Kept = kept, said, true
	case f.Digest == said:
		if _, err := s.Documents.Keep(ctx, made, paper.Type); err != nil {
			return PaperFile{}, err
		}
	}
	return f, nil
}

// filedAs returns the paper of a digest, nil where none is kept: it was uploaded as
// something else, or erased.
func (s *Server) filedAs(ctx context.Context, digest vault.Digest) ([]byte, error) {
	d, content, err := s.Documents.Get(ctx, digest)
	if refusal, ok := errors.AsType[*domain.Error](err); ok && refusal.Kind == domain.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if d.Type != paper.Type {
		return nil, nil
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, content)
	return b.Bytes(), err
}

// A LetterOrder is a letter to be recorded as sent.
type LetterOrder struct {
	Village string
	Year    int
	Number  string // of the letter
	Date    string // local day, as printed
	Channel string // surat, surel, aplikasi, langsung
}

// SendLetter records that a village was answered, with the letter that Runut
// makes. The same order again is the same command, and answered with its first
// receipt.
func (s *Server) SendLetter(ctx context.Context, actor domain.Actor, o LetterOrder) (eventstore.Receipt, error) {
	a := act.OnDelivery{Stream: delivery.LetterStream(o.Village, itoa(o.Year)), Ask: &delivery.AnswerSent{Village: o.Village, Channel: o.Channel,
		Letter: domain.Document{Kind: "surat", Number: o.Number, Date: o.Date}}}
	return s.issue(ctx, actor, a, o.Year, "letter", o.Village, itoa(o.Year), o.Number, o.Date, o.Channel)
}

// IssueMinutes issues the berita acara of a forum, as Runut makes it. The same
// number again is the same command.
func (s *Server) IssueMinutes(ctx context.Context, actor domain.Actor, id, number string) (eventstore.Receipt, error) {
	stream := forum.Stream(id)
	year, err := s.cycleOf(ctx, stream)
	if err != nil {
		return eventstore.Receipt{}, err
	}
	if year == 0 {
		return eventstore.Receipt{}, domain.Refuse(domain.NotFound, "forum.not_convened", "forum", stream)
	}
	a := act.OnForum{Forum: stream, Year: year, Ask: &forum.MinutesIssued{Number: number}}
	return s.issue(ctx, actor, a, year, "minutes", stream, number)
}

// issue carries out an act that makes a paper. The command is named by all that
// is asked, so that asking again changes nothing.
func (s *Server) issue(ctx context.Context, actor domain.Actor, a act.Act, year int, said ...string) (eventstore.Receipt, error) {
	all := strings.Join(said, "\x00")
	ask := Ask{Act: a, Actor: actor, Cycle: year, Version: -1, Command: uuid.NewSHA1(uuid.NameSpaceOID, []byte(all)),
		Fingerprint: s.Fingerprint(actor, said[0], []byte(all)), Gather: s.paperwork(a)}
	var err error
	if ask.Definition, ask.Occurred, err = s.pinned(ctx, year, ""); err != nil {
		return eventstore.Receipt{}, err
	}
	got, err := s.Do(ctx, ask)
	if err == nil {
		s.filePaper(ctx, a)
	}
	return got, err
}
