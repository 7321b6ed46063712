package web

import (
	"slices"

	say "runut/api/answer"
	"runut/api/text"
	"runut/projections"
)

// A Shell is what stands around the content of every page.
type Shell struct {
	Lang      text.Lang
	Title     string
	Section   string // of the navigation that is current
	Kabupaten string
	Crumbs    []Link   // the way here; the page itself is not in it
	Here      string   // permanent address of the page
	Other     string   // the page in the other language
	Style     string   // address of the style sheet
	Demo      bool     // what is shown is fictional
	Practice  bool     // what is shown is for practice
	Officer   string   // who signed in, "" for a visitor
	Inspector bool     // who may look at the auditor's desk
	Imports   bool     // who signed in takes files in
	People    bool     // who signed in may see who holds which grant
	Watcher   bool     // who may see who opened sealed data
	Sender    bool     // who may manage where an OPD's feed is sent
	Rounded   []string // where a position that was asked about was rounded
	Position  string   // of the log
	Read      string   // when it was read
	Released  string   // visitors: as of when
	SealedTo  string   // position up to which the log is sealed, "" where it is not
}

// A Link is a place to go to.
type Link struct{ Text, URL string }

// A view is a page's struct: it embeds Shell.
type view interface{ around() *Shell }

func (s *Shell) around() *Shell { return s }

// shell returns what stands around a page about a cycle, nil for none.
func (v *visit) shell(section, title string, about *projections.PublicCycle, crumbs ...Link) Shell {
	s := Shell{Lang: v.lang, Title: title, Section: section, Crumbs: crumbs, Style: styleURL,
		Position: v.lang.Count(v.position), Read: v.moment(v.now)}
	if v.sealed > 0 {
		s.SealedTo = v.lang.Count(v.sealed)
	}
	here := *v.r.URL
	q := here.Query()
	q.Del("lang")
	q.Del("tercatat")
	leaf := q["daun"] // what stands on somebody's paper is no part of a lasting address
	q.Del("daun")
	here.RawQuery = q.Encode()
	s.Here = here.RequestURI()
	if leaf != nil {
		q["daun"] = leaf
	}
	if v.r.Method != "GET" {
		s.Here = "/"
	}
	other := text.EN
	if v.lang == text.EN {
		other = text.ID
	}
	q.Set("lang", string(other))
	here.RawQuery = q.Encode()
	s.Other = here.RequestURI()
	if v.official() {
		s.Officer, s.People = v.who(v.caller.Role, v.caller.Office), v.seesPeople()
		s.Inspector, s.Watcher = say.Inspect(v.caller.Role) == nil, say.Watch(v.caller.Role) == nil
		s.Imports = v.seesImports()
		s.Sender = say.Subscribe(v.caller.Role, v.caller.Scope, "") == nil
	}
	switch {
	case about != nil:
		s.Demo, s.Practice, s.Kabupaten = about.Demo, about.Practice, about.Title
		if n := len(about.Releases); n > 0 && !v.official() {
			s.Released = v.day(about.Releases[n-1].At)
		}
	default:
		s.Demo = slices.ContainsFunc(v.cycles, func(c projections.PublicCycle) bool { return c.Demo })
		if len(v.cycles) > 0 {
			s.Kabupaten = v.cycles[0].Title
		}
	}
	return s
}
