package api

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"runut/api/intake"
	"runut/api/intake/sheet"
	"runut/api/text"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/eventstore/vault"
	"runut/projections"
)

// An Upload is a file that somebody is about to take in.
type Upload struct {
	intake.Upload
	kept vault.Upload
}

// desk holds that one file is worked on at a time: a workbook of the largest size
// takes a processor and some memory. longestQueue is how long others wait for it.
var desk = make(chan struct{}, 1)

const longestQueue = 10 * time.Minute

func (s *Server) uploads() *vault.Uploads {
	return &vault.Uploads{Vault: s.Documents.Vault, Dir: s.Documents.Dir}
}

// mayTake refuses callers who take in nothing of a kind.
func mayTake(by Caller, kind string) error {
	may, known := intake.Takers[kind]
	if !known {
		return domain.Refuse(domain.Invalid, "upload.kind_unknown", "kind", clip(kind), "known", strings.Join(intake.Kinds, ", "))
	}
	if slices.Contains(may, by.Actor.Role) {
		return nil
	}
	return domain.Refuse(domain.Forbidden, "upload.role_missing", "kind", kind, "role", string(by.Actor.Role), "wanted", domain.Words(may))
}

// listTakers are who takes in lists, and so the papers that go with them.
func listTakers() (all []domain.Role) {
	for _, kind := range intake.Lists {
		for _, role := range intake.Takers[kind] {
			if !slices.Contains(all, role) {
				all = append(all, role)
			}
		}
	}
	return all
}

// Receive keeps a file that is being sent, if it is a table at all. paper, where
// there is one, is the document that a list was adopted as.
func (s *Server) Receive(ctx context.Context, by Caller, o intake.Order, file io.Reader) (Upload, error) {
	if err := mayTake(by, o.Kind); err != nil {
		return Upload{}, err
	}
	got, err := s.uploads().Receive(file)
	if err != nil {
		return Upload{}, err
	}
	defer got.Close()
	table, err := sheet.OpenReader(o.Name, got, got.Size)
	if err != nil {
		return Upload{}, err
	}
	table.Close()
	return s.keep(ctx, by, o, got)
}

// ReceivePaper keeps the document that a list was adopted as, until the list is
// taken in.
func (s *Server) ReceivePaper(ctx context.Context, by Caller, file io.Reader) (Upload, error) {
	if may := listTakers(); !slices.Contains(may, by.Actor.Role) {
		return Upload{}, domain.Refuse(domain.Forbidden, "upload.role_missing", "kind", paperKind, "role", string(by.Actor.Role), "wanted", domain.Words(may))
	}
	got, err := s.uploads().Receive(file)
	if err != nil {
		return Upload{}, err
	}
	defer got.Close()
	head, tail := make([]byte, 5), make([]byte, min(got.Size, 4096))
	_, first := got.ReadAt(head, 0)
	_, last := got.ReadAt(tail, got.Size-int64(len(tail)))
	if first != nil || last != nil || string(head) != "%PDF-" || !bytes.Contains(tail, []byte("%%EOF")) { // the rest is examined when it is kept
		return Upload{}, domain.Refuse(domain.Invalid, "upload.not_pdf")
	}
	return s.keep(ctx, by, intake.Order{Kind: paperKind}, got)
}

// paperKind is what an upload is that is no table but goes with one.
const paperKind = "paper"

func (s *Server) keep(ctx context.Context, by Caller, o intake.Order, got *vault.Spooled) (Upload, error) {
	about, err := json.Marshal(o)
	if err != nil {
		return Upload{}, err
	}
	kept, err := s.uploads().Keep(ctx, got, by.Actor.Grant, about)
	if err != nil {
		return Upload{}, err
	}
	return uploadOf(kept)
}

func uploadOf(kept vault.Upload) (Upload, error) {
	u := Upload{intake.Upload{ID: kept.ID.String(), Digest: kept.Digest.String(), Size: kept.Size, Expires: kept.Expires, Taken: kept.Taken}, kept}
	return u, json.Unmarshal(kept.About, &u.Order)
}

// Upload returns an upload of the caller's.
func (s *Server) Upload(ctx context.Context, by Caller, id string) (Upload, error) {
	known, err := uuid.Parse(id)
	if err != nil {
		return Upload{}, domain.Refuse(domain.NotFound, "upload.gone")
	}
	kept, err := s.uploads().Get(ctx, known, by.Actor.Grant)
	if err != nil {
		return Upload{}, err
	}
	return uploadOf(kept)
}

// Uploads returns the tables that the caller uploaded, the last one first.
func (s *Server) Uploads(ctx context.Context, by Caller) ([]intake.Upload, error) {
	kept, err := s.uploads().List(ctx, by.Actor.Grant)
	if err != nil {
		return nil, err
	}
	all := []intake.Upload{}
	for _, k := range kept {
		u, err := uploadOf(k)
		if err != nil {
			return nil, err
		}
		if u.Order.Kind != paperKind {
			all = append(all, u.Upload)
		}
	}
	return all, nil
}

// Reorder says anew what an upload is to be taken for; what it is stays.
func (s *Server) Reorder(ctx context.Context, u *Upload, o intake.Order) error {
	o.Kind, o.Name = u.Order.Kind, u.Order.Name
	about, err := json.Marshal(o)
	if err != nil {
		return err
	}
	u.Order = o
	return s.uploads().Describe(ctx, u.kept, about)
}

// Discard throws an upload of the caller's away, and the paper that goes with it.
func (s *Server) Discard(ctx context.Context, by Caller, id string) error {
	u, err := s.Upload(ctx, by, id)
	if err != nil {
		return err
	}
	if paper, err := uuid.Parse(u.Order.Paper); err == nil {
		if err := s.uploads().Delete(ctx, paper, by.Actor.Grant); err != nil {
			return err
		}
	}
	return s.uploads().Delete(ctx, u.kept.ID, by.Actor.Grant)
}

// TakeIn takes an upload in, or with try says what would come of it and writes
// nothing. What is refused of the file as a whole is the error; then nothing was
// written. held, where it is not nil, gets the rows that are not taken in as a
// workbook, confirm those that somebody must say the meaning of.
func (s *Server) TakeIn(ctx context.Context, by Caller, u Upload, try bool, lang text.Lang, books Books, progress func(done, total int64)) (*intake.Report, error) {
	if err := mayTake(by, u.Order.Kind); err != nil {
		return nil, err
	}
	queue, cancel := context.WithTimeout(ctx, longestQueue)
	defer cancel()
	select {
	case desk <- struct{}{}:
		defer func() { <-desk }()
	case <-queue.Done():
		return nil, domain.Refuse(domain.Unready, "upload.busy")
	}
	content, err := s.uploads().Open(ctx, u.kept)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	file, err := sheet.OpenReader(u.Order.Name, content, content.Size)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	t := &taking{Server: s, by: by, upload: u, order: u.Order, file: file, try: try, lang: lang, books: books, progress: progress,
		report: &intake.Report{Kind: u.Order.Kind, Year: u.Order.Year, File: file.Name, Digest: file.Digest, DryRun: try, Said: []string{}, Rows: []intake.Count{}, Facts: []intake.Count{},
			Held: []intake.Held{}, Waiting: []intake.Waiting{}, Notes: []string{}}}
	if t.progress == nil {
		t.progress = func(int64, int64) {}
	}
	for _, w := range file.Warnings {
		t.report.Said = append(t.report.Said, lang.Refuse(w).Title)
	}
	switch {
	case u.Order.Kind == intake.SIPD:
		err = t.sipd(ctx)
	case u.Order.Kind == intake.Template:
		err = t.template(ctx)
	case intake.IsList(u.Order.Kind):
		err = t.list(ctx)
	default:
		err = t.register(ctx)
	}
	if err == nil && !try {
		err = s.uploads().Took(ctx, u.kept)
	}
	return t.report, err
}

// Books are where workbooks go that belong to a report; nil: nowhere.
type Books struct {
	Held    io.Writer // rows that are not taken in, to be mended
	Confirm io.Writer // rows to say the meaning of
}

// A taking is one upload on its way into the log.
type taking struct {
	*Server
	by       Caller
	upload   Upload
	order    intake.Order
	file     *sheet.File
	try      bool
	lang     text.Lang
	books    Books
	progress func(done, total int64)
	report   *intake.Report
}

func (t *taking) say(code string, params ...string) string { return t.lang.T(code, params...) }
func (t *taking) count(n int) string                       { return t.lang.Count(int64(n)) }

func (t *taking) told(code string, params ...string) {
	t.report.Said = append(t.report.Said, t.say(code, params...))
}

func (t *taking) noted(code string, params ...string) {
	t.report.Notes = append(t.report.Notes, t.say(code, params...))
}

// hold notes a row that is not taken in.
func (t *taking) hold(row int, column string, why error) {
	t.report.HeldTotal++
	if len(t.report.Held) >= intake.Most {
		return
	}
	refusal := t.lang.Refuse(why)
	words := []string{refusal.Title}
	for _, more := range refusal.All {
		words = append(words, more.Title)
	}
	t.report.Held = append(t.report.Held, intake.Held{Row: row, Column: column, Code: refusal.Code, Why: strings.Join(words, " ")})
}

// year returns the cycle that a file belongs to.
func (t *taking) year(ctx context.Context) (cycle.State, error) {
	stream := cycle.Stream(t.order.Year)
	histories, err := t.Store.Streams(ctx, []string{stream})
	if err != nil {
		return cycle.State{}, err
	}
	c := cycle.Fold(event.Sequence(histories[stream], event.View{}))
	if c.Opened == nil {
		return c, domain.Refuse(domain.Conflict, "workflow.cycle_unopened", "year", itoa(t.order.Year))
	}
	return c, nil
}

// current waits until the read model of imports holds the whole log.
func (t *taking) current(ctx context.Context) error {
	head, err := t.Store.Head(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	return projections.WaitFor(ctx, t.DB, head, "imports")
}
