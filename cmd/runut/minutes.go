package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"runut/api"
	"runut/domain/forum"
	"runut/projections"
)

type minutesCommand struct {
	keyed
	Forum  string `arg:"" optional:"" help:"Id forum; kosong: daftar forum. · Id of the forum; empty: a list of forums."`
	Out    string `short:"o" help:"Berkas tujuan; kosong: ke layar. · File to write; empty: to the screen."`
	Number string `help:"Nomor berita acara yang sudah terbit; kosong: rancangan. · Number of one that was issued; empty: a draft."`
	At     int64  `help:"Rancangan menurut yang diketahui sampai posisi ini. · A draft of what was known at this position."`
	Issue  string `help:"Terbitkan dengan nomor ini. · Issue it under this number."`
	Token  string `env:"RUNUT_TOKEN" help:"Token penyelenggara forum, untuk --issue. · Token of who keeps the forum, for --issue."`
	Year   int    `help:"Daftar forum: tahun anggaran. · List of forums: fiscal year."`
	JSON   bool   `help:"Isi berita acara untuk mesin. · What it says, for machines."`
}

// Run writes the berita acara of a forum as an HTML file, issues it first where
// that is asked for, and says its digest.
func (c *minutesCommand) Run(s *session) error {
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	if c.Forum == "" {
		return c.list(s, a)
	}
	id := strings.TrimPrefix(c.Forum, forum.Stream(""))
	server := a.server("")
	if c.Issue != "" {
		if err := c.issue(s, a, id); err != nil {
			return err
		}
		c.Number = c.Issue
	}
	m, f, err := server.MinutesFile(s.ctx, id, c.Number, c.At)
	if err != nil {
		return err
	}
	return c.write(s, m, f)
}

func (c *minutesCommand) write(s *session, m *projections.MinutesPaper, f api.PaperFile) error {
	if c.Out != "" {
		if err := os.WriteFile(c.Out, f.Body, 0o644); err != nil {
			return err
		}
	}
	said := "minutes.draft"
	switch {
	case f.Said != "" && f.Agrees():
		said = "minutes.agrees"
	case f.Said != "":
		said = "minutes.differs"
	}
	fmt.Fprintln(s.err, s.lang.T(said, "digest", f.Digest, "said", f.Said, "position", s.lang.Count(m.Position)))
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"digest": f.Digest, "said": f.Said, "agrees": f.Agrees(), "kept": f.Kept, "paper": m})
	}
	if c.Out == "" {
		_, err := s.out.Write(f.Body)
		return err
	}
	return nil
}

func (c *minutesCommand) issue(s *session, a *app, id string) error {
	server, caller, err := acting{keyed: c.keyed, Token: c.Token}.identify(s.ctx, a)
	if err != nil {
		return err
	}
	_, err = server.IssueMinutes(s.ctx, caller.Actor, id, c.Issue)
	return err
}

func (c *minutesCommand) list(s *session, a *app) error {
	for after := projections.Cursor(""); ; {
		page, err := projections.Forums{DB: a.pool}.List(s.ctx, projections.ForumFilter{Cycle: c.Year}, after, 200)
		if err != nil {
			return err
		}
		for _, f := range page.Items {
			if c.JSON {
				if err := json.NewEncoder(s.out).Encode(f); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(s.out, "%s  %s  %-30s %-28s %4d\n", f.ID, f.Date, s.lang.T("forum."+f.Kind), f.Scope, f.Decided)
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}
