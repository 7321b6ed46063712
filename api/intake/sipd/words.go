package sipd

import (
	"strings"

	"runut/api/text"
	"runut/domain/catalog"
)

// EventWords returns what people call an event of a proposal, by its stored name
// without the noun.
func EventWords(l text.Lang, name string) string {
	term, ok := catalog.Terms["proposal."+name]
	switch {
	case !ok:
		return name
	case l == text.EN:
		return term.EN
	}
	return term.ID
}

// NoteWords returns a note in words: a key of the catalogue, or a member and what
// is doubtful of it.
func NoteWords(l text.Lang, note string) string {
	if member, doubt, ok := strings.Cut(note, ":"); ok {
		return member + ": " + l.T("sipd.doubt_"+doubt)
	}
	return l.T(note)
}

// Words fills in the words of a report's refusals.
func Words(r *Report, l text.Lang) {
	for i := range r.Held {
		for j := range r.Held[i].Examples {
			x := &r.Held[i].Examples[j]
			x.Words = l.Refuse(x.Err).Title
		}
	}
}
