package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/answer"
	"runut/api/dossier"
	"runut/domain"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/vault"
)

type dossierCommand struct {
	keyed
	Number    []string          `arg:"" optional:"" help:"Nomor usulan, satu atau lebih. · Numbers of proposals, one or more."`
	AsOf      string            `help:"Keadaan pada hari atau saat ini, mis. 2027-02-28. · What was in effect on that day or at that moment."`
	KnownAt   string            `help:"Yang diketahui pada hari, saat, atau posisi log ini. · What was known on that day, at that moment or position."`
	Year      int               `help:"Alih-alih nomor: usulan tahun anggaran ini yang cocok. · Instead of numbers: the proposals of this fiscal year that fit."`
	Where     map[string]string `help:"Saringan seperti di halaman auditor, mis. --where kecamatan=99.01.03 --where nasib=dropped. · Filters as on the auditor's page."`
	Out       string            `short:"o" help:"Berkas hasil; - untuk keluaran baku; kosong: nama menurut isinya. · File to write; - for standard output; empty: named by what it holds."`
	Documents bool              `default:"true" negatable:"" help:"Sertakan dokumen yang disebut peristiwa. · Put in the documents that events name."`
	JSON      bool              `help:"Hasil untuk mesin. · Output for machines."`
}

// Run writes a dossier. Nothing is left behind of one that could not be finished.
func (c *dossierCommand) Run(s *session) error {
	var numbers []string
	for _, typed := range c.Number {
		number, err := domain.ParseNumber(typed)
		if err != nil {
			return err
		}
		numbers = append(numbers, number)
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
	maker := dossier.Maker{Desk: desk}
	if maker.Book, err = bookOf(s, pool); err != nil {
		return err
	}
	if maker.Tenant, err = tenantOf(s.ctx, pool); err != nil {
		return err
	}
	if c.Documents {
		if maker.Documents, err = c.documents(s, pool); err != nil {
			return err
		}
	}
	bar := newBar(s.err, s.lang.T("dossier.bar"))
	ask := dossier.Ask{Numbers: numbers, AsOf: c.AsOf, Known: c.KnownAt}
	if c.Year != 0 {
		if ask, err = c.sought(s, maker); err != nil {
			return err
		}
	}
	ask.Lang, ask.Progress = s.lang, bar.set
	d, err := maker.Prepare(s.heeding(), ask)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return d.Write(s.ctx, w) }
	file := c.Out
	switch c.Out {
	case "-":
		err = write(s.out)
	case "":
		file = d.Name() + ".zip"
		fallthrough
	default:
		err = whole(file, write)
	}
	bar.done()
	if err != nil {
		return err
	}
	return c.tell(s, file, d)
}

// filters are what --where may name: those of answer.Filter that are no moments.
var filters = []string{"kecamatan", "desa", "opd", "jalur", "tahap", "status", "nasib", "alasan", "aturan", "nilai", "asal"}

// sought asks for the proposals that the filter finds.
func (c *dossierCommand) sought(s *session, m dossier.Maker) (dossier.Ask, error) {
	q := url.Values{"tahun": {strconv.Itoa(c.Year)}, "pada": {c.AsOf}, "diketahui": {c.KnownAt}, "pada_kini": {c.AsOf}, "diketahui_kini": {c.KnownAt}}
	for _, name := range slices.Sorted(maps.Keys(c.Where)) {
		if !slices.Contains(filters, name) {
			return dossier.Ask{}, domain.Refuse(domain.Invalid, "dossier.where", "name", name, "known", strings.Join(filters, ", "))
		}
		q[name] = strings.Split(c.Where[name], ",")
	}
	f, err := answer.ParseFilter(q)
	if err != nil {
		return dossier.Ask{}, err
	}
	return m.Sought(s.ctx, new(answer.Kept), f)
}

func (c *dossierCommand) tell(s *session, file string, d *dossier.Dossier) error {
	if c.JSON && file != "-" {
		return json.NewEncoder(s.out).Encode(struct {
			File      string   `json:"file"`
			Proposals []string `json:"proposals"`
			Position  int64    `json:"position"`
		}{file, d.Proposals(), d.Position()})
	}
	fmt.Fprintln(s.err, s.lang.T("dossier.done", "file", file, "proposals", fmt.Sprint(len(d.Proposals())), "position", s.lang.Count(d.Position())))
	return nil
}

// bookOf reads what was signed of the log, by whoever signed it last; nil where
// nobody did.
func bookOf(s *session, pool *pgxpool.Pool) (*notary.Book, error) {
	var origin string
	err := pool.QueryRow(s.ctx, `select coalesce((select origin from tree.checkpoints order by signed_at desc, size desc limit 1), '')`).Scan(&origin)
	if err != nil || !proof.ValidOrigin(origin) {
		return nil, err
	}
	return &notary.Book{DB: pool, Origin: origin}, nil
}

// documents opens the documents, where their keys are at hand.
func (c *dossierCommand) documents(s *session, pool *pgxpool.Pool) (*vault.Documents, error) {
	path := c.Keyring
	if path == "" {
		path = keyringIn(c.Data)
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && c.Keyring == "" {
		return nil, nil
	}
	ring, err := vault.LoadKeyring(path)
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(s.ctx, pool, ring)
	if err != nil {
		return nil, err
	}
	return &vault.Documents{Vault: v}, nil
}
