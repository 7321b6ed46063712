package proofs

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"time"

	"runut/domain"
)

// days is how far back the feed reaches.
const days = 60

// An atomFeed is RFC 4287, as much as is needed.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Author  string      `xml:"author>name"`
	Updated string      `xml:"updated"`
	Link    atomLink    `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Content atomContent `xml:"content"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// atom answers the last checkpoint of each day that had one: whoever reads the
// feed keeps an anchor that the log can never go behind again.
func (p *Proofs) atom(r *http.Request) (file, error) {
	heads, err := p.Book.Daily(r.Context(), days)
	if err != nil {
		return file{}, err
	}
	if len(heads) == 0 {
		return file{}, domain.Refuse(domain.NotFound, "log.unsigned")
	}
	f := atomFeed{ID: "tag:" + p.Book.Origin, Title: "Checkpoint " + p.Book.Origin, Author: p.Book.Origin,
		Updated: heads[0].At.Format(time.RFC3339), Link: atomLink{"self", "/log/checkpoints.atom"}}
	for _, h := range heads {
		f.Entries = append(f.Entries, atomEntry{ID: fmt.Sprintf("tag:%s:%d", h.Origin, h.Size), Title: fmt.Sprintf("%s · %d", h.At.Format(time.DateOnly), h.Size),
			Updated: h.At.Format(time.RFC3339), Content: atomContent{"text", h.Note}})
	}
	body, err := xml.MarshalIndent(f, "", " ")
	return file{kind: "application/atom+xml; charset=utf-8", cache: "public, max-age=60", body: append([]byte(xml.Header), body...)}, err
}

func isUnsigned(err error) bool { return errors.Is(err, &domain.Error{Code: "log.unsigned"}) }
