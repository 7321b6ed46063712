package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"runut/api"
	"runut/api/wire"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/person"
	"runut/projections"
)

type personCommand struct {
	Register personRegister `cmd:"" help:"Daftarkan orang; namanya disegel dan ia mendapat nama samaran. · Register a person: the name is sealed, and a pseudonym given."`
	Correct  personCorrect  `cmd:"" help:"Betulkan nama atau nomor seseorang. · Put somebody's name or number right."`
	List     personList     `cmd:"" help:"Nama samaran dan penugasannya. · Pseudonyms and their grants."`
}

// A onceKey makes a command that is given twice act once.
type onceKey struct {
	Key  string `help:"Kunci perintah (UUID): perintah yang sama dengan kunci yang sama hanya tercatat sekali. · Key of the command (UUID): asked twice, it is recorded once."`
	JSON bool   `help:"Hasil untuk mesin. · Output for machines."`
}

func (k onceKey) id() (uuid.UUID, error) {
	if k.Key == "" {
		return uuid.New(), nil
	}
	id, err := uuid.Parse(k.Key)
	if err != nil || id == uuid.Nil {
		return id, domain.Refuse(domain.Invalid, "person.key_wrong")
	}
	return id, nil
}

// personDetails are what is sealed. On a command line others on the machine can
// read them, so that they may come from a file.
type personDetails struct {
	Name    string `help:"Nama lengkap; disegel. · Full name; sealed."`
	NIK     string `name:"nik" help:"NIK, 16 angka; disegel. · NIK, 16 digits; sealed."`
	Phone   string `help:"Nomor telepon; disegel. · Phone number; sealed."`
	Email   string `help:"Alamat surel; disegel. · E-mail address; sealed."`
	Details string `help:"Berkas JSON dengan name, nik, phone, email; \"-\": dari masukan, agar tidak terbaca di baris perintah. · JSON file with them; \"-\": standard input, so that no command line shows them."`
}

type secrets struct {
	Name  domain.Secret `json:"name"`
	NIK   domain.Secret `json:"nik"`
	Phone domain.Secret `json:"phone"`
	Email domain.Secret `json:"email"`
}

// read returns the details; those of the command line come first.
func (d personDetails) read() (secrets, error) {
	var s secrets
	if d.Details != "" {
		in := io.Reader(os.Stdin)
		if d.Details != "-" {
			f, err := os.Open(d.Details)
			if err != nil {
				return s, domain.Refuse(domain.NotFound, "sheet.unreadable", "file", d.Details)
			}
			defer f.Close()
			in = f
		}
		body, err := io.ReadAll(io.LimitReader(in, 64<<10))
		if err != nil {
			return s, err
		}
		if err := wire.Decode(body, &s); err != nil {
			return s, err
		}
	}
	for said, into := range map[string]*domain.Secret{d.Name: &s.Name, d.NIK: &s.NIK, d.Phone: &s.Phone, d.Email: &s.Email} {
		if said != "" {
			into.Plain = said
		}
	}
	api.Tidy(&s.Name, &s.NIK, &s.Phone, &s.Email)
	return s, nil
}

// told is what a fingerprint is made of.
func (s secrets) told(more ...string) []byte {
	return []byte(strings.Join(append(more, s.Name.Plain, s.NIK.Plain, s.Phone.Plain, s.Email.Plain), "\x00"))
}

type personRegister struct {
	acting
	personDetails
	onceKey
	Purpose string `default:"official" enum:"official,council_member,proposer" help:"Untuk apa: official (pejabat), council_member (anggota DPRD), proposer (pengusul). · What for."`
}

// Run registers a person in the name of whoever holds the token.
func (c *personRegister) Run(s *session) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	d, err := c.read()
	if err != nil {
		return err
	}
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	pseudonym := person.Pseudonym(id)
	got, err := server.Do(s.ctx, api.Ask{
		Act:   act.OnPerson{Person: pseudonym, Ask: &person.Registered{Name: d.Name, NIK: d.NIK, Phone: d.Phone, Email: d.Email, Purpose: c.Purpose}},
		Actor: caller.Actor, Command: id, Fingerprint: server.Fingerprint(caller.Actor, "person register", d.told(c.Purpose)), Version: -1,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"person": pseudonym, "command": id, "position": got.Last, "duplicate": got.Duplicate})
	}
	fmt.Fprintln(s.out, pseudonym)
	fmt.Fprintln(s.err, s.lang.T("person.registered_note"))
	return nil
}

type personCorrect struct {
	acting
	personDetails
	onceKey
	Person string `arg:"" help:"Nama samaran, mis. p-4K7M2XQ0TB9D. · Pseudonym."`
}

// Run puts details right; those not given stay as they were.
func (c *personCorrect) Run(s *session) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	d, err := c.read()
	if err != nil {
		return err
	}
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	got, err := server.Do(s.ctx, api.Ask{
		Act:   act.OnPerson{Person: c.Person, Ask: &person.DetailsCorrected{Name: d.Name, NIK: d.NIK, Phone: d.Phone, Email: d.Email}},
		Actor: caller.Actor, Command: id, Fingerprint: server.Fingerprint(caller.Actor, "person correct", d.told(c.Person)), Version: -1,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"person": c.Person, "command": id, "position": got.Last, "duplicate": got.Duplicate})
	}
	fmt.Fprintln(s.out, s.lang.T("person.corrected_note", "person", c.Person))
	return nil
}

type personList struct {
	keyed
	Text string `arg:"" optional:"" help:"Bagian dari kantor, peran, kode, nomor SK, atau nama samaran; kosong: semua. · Part of an office, role, code, decree or pseudonym; empty: all."`
	JSON bool   `help:"Hasil untuk mesin, satu baris per orang. · Output for machines, a line a person."`
}

// Run lists who may act as what. Names are sealed and stand nowhere here.
func (c *personList) Run(s *session) error {
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	zone, err := zoneHere(s.ctx, a)
	if err != nil {
		return err
	}
	for cursor, first := projections.Cursor(""), true; first || cursor != ""; first = false {
		page, err := projections.People{DB: a.pool}.List(s.ctx, projections.PeopleFilter{Text: c.Text}, cursor, 200)
		if err != nil {
			return err
		}
		cursor = page.Next
		for _, p := range page.Items {
			if c.JSON {
				if err := json.NewEncoder(s.out).Encode(p); err != nil {
					return err
				}
				continue
			}
			printPerson(s, p, zone)
		}
	}
	return nil
}

func printPerson(s *session, p projections.Person, zone *time.Location) {
	state := p.Purpose
	switch {
	case p.Erased != nil:
		state = s.lang.T("person.erased_state")
	case p.Version == 0:
		state = s.lang.T("person.unregistered")
	}
	fmt.Fprintf(s.out, "%s  %s\n", p.Person, state)
	for _, g := range p.Grants {
		fmt.Fprintf(s.out, "  %-42s  %-18s  %-24s  %s  %s\n", g.Stream, g.Role, g.Scope, g.Office, grantState(s, g, zone))
	}
}

// grantState says whether a grant is in force.
func grantState(s *session, g projections.Grant, zone *time.Location) string {
	switch now := time.Now(); {
	case g.Revoked != nil:
		return s.lang.T("account.revoked")
	case now.Before(g.From):
		return s.lang.T("person.from", "day", s.lang.Day(g.From, zone))
	case g.Until != nil && !now.Before(*g.Until):
		return s.lang.T("account.expired")
	case g.Until != nil:
		return s.lang.T("account.valid_until", "day", s.lang.Day(*g.Until, zone))
	}
	return s.lang.T("person.in_force")
}
