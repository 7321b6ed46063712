package web

import (
	"net/url"

	"github.com/go-chi/chi/v5"

	"runut/domain"
)

// A Filing is where the dossier of a proposal is to be had.
type Filing struct{ Zip, Print string }

// filing returns where the dossier of what is looked at is; nil where the log is not
// signed, so that nothing could be proven.
func (v *visit) filing(s *subject) *Filing {
	if v.Book == nil || v.sealed == 0 || !v.official() && s.answer == nil {
		return nil
	}
	q := url.Values{}
	for _, name := range []string{"pada", "diketahui"} {
		if said := v.query(name); said != "" && v.official() {
			q.Set(name, said)
		}
	}
	more := ""
	if len(q) > 0 {
		more = "?" + q.Encode()
	}
	return &Filing{"/dosir/" + s.Number + ".zip" + more, "/dosir/" + s.Number + more}
}

// dossierPage answers with the page of a dossier, which prints well and stands by
// itself.
func (v *visit) dossierPage() error {
	number, err := domain.ParseNumber(chi.URLParam(v.r, "number"))
	if err != nil {
		return err
	}
	d, err := v.Dossier(v.r, number)
	if err != nil {
		return err
	}
	return d.Show(v.w, v.r)
}

// dossierFile answers with a dossier: of the proposal in the address, of those the
// query names, or of those it filters.
func (v *visit) dossierFile() error {
	var numbers []string
	if typed := chi.URLParam(v.r, "number"); typed != "" {
		number, err := domain.ParseNumber(typed)
		if err != nil {
			return err
		}
		numbers = []string{number}
	}
	d, err := v.Dossier(v.r, numbers...)
	if err != nil {
		return err
	}
	d.Send(v.w, v.r)
	return nil
}
