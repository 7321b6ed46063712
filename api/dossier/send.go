package dossier

import (
	"bufio"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
)

// Send answers with a dossier, as a stream. Where that breaks off the connection does
// too, so that nobody takes half a dossier for one.
func (d *Dossier) Send(w http.ResponseWriter, r *http.Request) {
	defer d.Place.Leave()
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+d.Name()+`.zip"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Runut-Position", strconv.FormatInt(d.Position(), 10))
	buffered := bufio.NewWriterSize(patient{w, http.NewResponseController(w), d.Place.patience()}, 64<<10)
	if err := errors.Join(d.Write(r.Context(), buffered), buffered.Flush()); err != nil {
		slog.ErrorContext(r.Context(), "a dossier was not written to its end", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// Show answers with the page of the only proposal of a dossier.
func (d *Dossier) Show(w http.ResponseWriter, r *http.Request) error {
	defer d.Place.Leave()
	body, err := d.Page(r.Context())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", Policy)
	h.Set("Content-Language", string(d.lang))
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Runut-Position", strconv.FormatInt(d.Position(), 10))
	w.Write(body)
	return nil
}
