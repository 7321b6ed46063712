package api

import (
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/api/intake/register"
	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/eventstore"
)

// A RegisterOrder is a new edition of a register that is to be published from a
// table.
type RegisterOrder struct {
	Register   string
	File       *sheet.File
	Sheet      string // "": the first
	Edition    string // what the source calls it: "Kepmendagri 300.2.2-2138/2025"
	ValidFrom  string // local day from which it holds
	All        bool   // of wilayah: places of other kabupaten too
	SkipFaulty bool   // publish without the rows that are faulty; else nothing is published where there is one
	Try        bool   // judge, and append nothing
	Progress   func(rows int)
}

// A RegisterReport says what became of it.
type RegisterReport struct {
	Table      *register.Table
	Difference register.Difference
	Published  bool // it stands in the log now
	Already    bool // it stood there before, from this very file
	Events     int  // appended
}

// ImportRegister publishes an edition of a register in the name of a caller, as
// one append. It refuses an edition that is older than the newest one, and one
// that says what the newest says under another name; the same edition from the
// same file is answered with Already. Where rows are faulty and not to be skipped
// nothing is appended and the report is returned with the refusal.
//
// Whoever calls closes the quarantine of the table.
func (s *Server) ImportRegister(ctx context.Context, by Caller, o RegisterOrder) (*RegisterReport, error) {
	past, err := s.register(ctx, o.Register)
	if err != nil {
		return nil, err
	}
	options := register.Options{Register: o.Register, Sheet: o.Sheet, Tenant: s.Tenant, All: o.All, Progress: o.Progress}
	if o.Register == "kamus" {
		offices, err := s.register(ctx, "opd")
		if err != nil {
			return nil, err
		}
		options.Offices = offices.On("")
	}
	table, err := register.Read(o.File, options)
	if err != nil {
		return nil, err
	}
	r := &RegisterReport{Table: table}
	named, newest := past.Named(o.Edition), past.On("")
	if named != nil {
		table.Carry(named)
	} else {
		table.Carry(newest)
	}
	if named != nil && named.Digest == table.Digest && named.ValidFrom == o.ValidFrom && register.Compare(o.Register, named, table.Entries).Empty() {
		r.Already = true
		r.Difference = register.Compare(o.Register, named, table.Entries)
		return r, nil
	}
	r.Difference = register.Compare(o.Register, newest, table.Entries)
	if table.Faulty > 0 && !o.SkipFaulty {
		return r, domain.Refuse(domain.Invalid, "register.faulty_rows", "rows", strconv.Itoa(table.Faulty), "of", strconv.Itoa(table.Rows))
	}
	if newest != nil && named == nil {
		if o.ValidFrom < newest.ValidFrom {
			return r, domain.Refuse(domain.Conflict, "register.older_edition", "register", o.Register, "edition", o.Edition, "from", o.ValidFrom, "newest", newest.Name, "holds", newest.ValidFrom)
		}
		if r.Difference.Empty() {
			return r, domain.Refuse(domain.Conflict, "register.nothing_new", "register", o.Register, "edition", o.Edition, "newest", newest.Name)
		}
	}
	if len(table.Entries) == 0 {
		return r, domain.Refuse(domain.Invalid, "register.no_entries", "file", table.File)
	}
	ask := Ask{
		Act: act.OnReference{Ask: &reference.EditionPublished{
			Register: o.Register, Edition: o.Edition, ValidFrom: o.ValidFrom, Digest: table.Digest, Entries: table.Entries,
		}},
		Actor: by.Actor, Version: -1,
	}
	ask.Command, ask.Fingerprint = intakeCommand(by.Actor, "reference import", o.Register, o.Edition, o.ValidFrom, table.Digest, strconv.FormatBool(o.All), strconv.Itoa(len(table.Entries)))
	if o.Try {
		changes, err := s.Try(ctx, ask)
		for _, c := range changes {
			r.Events += len(c.Facts)
		}
		return r, err
	}
	receipt, err := s.Do(ctx, ask)
	if err != nil {
		return r, err
	}
	r.Published, r.Already, r.Events = !receipt.Duplicate, receipt.Duplicate, len(receipt.Events)
	return r, nil
}

// register returns the editions of a register.
func (s *Server) register(ctx context.Context, name string) (reference.Register, error) {
	stream := reference.Stream(name)
	histories, err := s.Store.Streams(ctx, []string{stream})
	if err != nil {
		return reference.Register{}, err
	}
	return reference.Fold(event.Sequence(histories[stream], event.View{})), nil
}

// intakeCommand returns the command, and what it was asked with, of something
// that a file says: the same file for the same end by the same person is the same
// command, so that what broke off can simply be run again.
func intakeCommand(by domain.Actor, what ...string) (uuid.UUID, [32]byte) {
	text := strings.Join(append([]string{by.Person, by.Grant}, what...), "\x00")
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(text)), sha256.Sum256([]byte(text))
}

// A SuccessionOrder is a table of who follows whom, to be recorded in a cycle.
type SuccessionOrder struct {
	Register string // wilayah or opd
	Year     int    // fiscal year whose open proposals move along
	File     *sheet.File
	Sheet    string // "": the first
	Try      bool   // judge, and append nothing
}

// A SuccessionReport says what became of it.
type SuccessionReport struct {
	Table *register.SuccessionTable
	Done  []SuccessionDone
}

// A SuccessionDone is what one paper brought.
type SuccessionDone struct {
	Decree  domain.Document
	To      map[string][]string // successors by code
	Moved   []string            // numbers of the proposals that moved along, or would
	Already bool                // it had been recorded before, from this very file
	Refused error               // a *domain.Error, where it could not be recorded
}

// RecordSuccession records in a cycle which villages or OPDs were succeeded by
// which, one append for every paper and, of OPDs, for every one that went; open
// proposals move along. What is refused of one does not hold up the others. Where
// a row is faulty nothing is appended, and the report is returned with the refusal.
//
// Whoever calls closes the quarantine of the table.
func (s *Server) RecordSuccession(ctx context.Context, by Caller, o SuccessionOrder) (*SuccessionReport, error) {
	if o.Register != "wilayah" && o.Register != "opd" {
		return nil, domain.Refuse(domain.Invalid, "register.no_succession", "register", o.Register)
	}
	known, err := s.register(ctx, o.Register)
	if err != nil {
		return nil, err
	}
	if known.On("") == nil {
		return nil, domain.Refuse(domain.Conflict, "register.never_published", "register", o.Register)
	}
	table, err := register.ReadSuccession(o.File, o.Sheet, o.Register, known)
	if err != nil {
		return nil, err
	}
	r := &SuccessionReport{Table: table}
	if table.Faulty > 0 {
		return r, domain.Refuse(domain.Invalid, "register.faulty_rows", "rows", strconv.Itoa(table.Faulty), "of", strconv.Itoa(table.Rows))
	}
	definition, _, err := s.pinned(ctx, o.Year, "")
	if err != nil {
		return r, err
	}
	for _, one := range table.Successions {
		for _, a := range acts(o, known.On("").Name, one) {
			done, err := s.succeed(ctx, by, o, definition, table.Digest, a)
			if err != nil {
				return r, err
			}
			done.Decree = one.Decree
			r.Done = append(r.Done, done)
		}
	}
	return r, nil
}

// acts returns what one paper asks for.
func acts(o SuccessionOrder, edition string, one register.Succession) []act.Act {
	if o.Register == "wilayah" {
		a := act.ChangeTerritory{Year: o.Year, Edition: edition, Successors: map[string]string{}, Ground: one.Decree}
		for from, to := range one.To {
			a.Successors[from] = to[0]
		}
		return []act.Act{a}
	}
	var all []act.Act
	for _, from := range slices.Sorted(maps.Keys(one.To)) {
		a := act.SucceedOffice{Year: o.Year, From: from, To: one.To[from], Decree: one.Decree, Assign: map[string]string{}}
		for number, to := range one.Assign {
			if slices.Contains(a.To, to) {
				a.Assign[number] = to
			}
		}
		all = append(all, a)
	}
	return all
}

// succeed records one act of succession, or tries it.
func (s *Server) succeed(ctx context.Context, by Caller, o SuccessionOrder, definition, digest string, a act.Act) (SuccessionDone, error) {
	var done SuccessionDone
	what := []string{"reference succeed", o.Register, strconv.Itoa(o.Year), digest}
	switch a := a.(type) {
	case act.ChangeTerritory:
		done.To = map[string][]string{}
		for from, to := range a.Successors {
			done.To[from] = []string{to}
		}
		what = append(what, a.Ground.Kind, a.Ground.Number, a.Ground.Date)
	case act.SucceedOffice:
		done.To = map[string][]string{a.From: a.To}
		what = append(what, a.From, a.Decree.Kind, a.Decree.Number, a.Decree.Date)
	}
	ask := Ask{Act: a, Actor: by.Actor, Version: -1, Cycle: o.Year, Definition: definition, Gather: s.gather(a, o.Year, definition)}
	ask.Command, ask.Fingerprint = intakeCommand(by.Actor, what...)
	var streams []string
	var err error
	if o.Try {
		streams, err = s.trySuccession(ctx, ask)
	} else {
		var receipt eventstore.Receipt
		receipt, err = s.Do(ctx, ask)
		for _, e := range receipt.Events {
			streams = append(streams, e.Stream)
		}
		done.Already = receipt.Duplicate
	}
	for _, stream := range streams {
		if n, ok := proposal.NumberOf(stream); ok {
			done.Moved = append(done.Moved, n)
		}
	}
	if refusal, ok := err.(*domain.Error); ok {
		done.Refused = refusal
		return done, nil
	}
	return done, err
}

func (s *Server) trySuccession(ctx context.Context, ask Ask) ([]string, error) {
	if ask.Gather != nil {
		found, err := ask.Gather(ctx)
		if err != nil {
			return nil, err
		}
		ask.Act = found
	}
	changes, err := s.Try(ctx, ask)
	var streams []string
	for _, c := range changes {
		if len(c.Facts) > 0 {
			streams = append(streams, c.Stream)
		}
	}
	return streams, err
}
