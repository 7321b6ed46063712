package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"strconv"

	"runut/domain/event"
	"runut/eventstore/dossier"
	"runut/eventstore/proof"
)

// Dossier checks a dossier: that its files are those its manifest lists, that every
// event is in the log under the one signed checkpoint, that acts were allowed, that
// documents are those the events name, and that the explanation follows from the
// events. Without trust the keys in it are taken, and the report says so.
//
// What is signed is the events. Pages and manifest are nobody's word but that of
// whoever made the file, so pages are compared with nothing, and the manifest is
// believed only in what is checked. That no further event of a stream exists is for
// an export to show.
func Dossier(ctx context.Context, in io.ReaderAt, size int64, place string, trust *proof.Trust, progress func(done, total int64), r *Report) error {
	d := &dossierCheck{ctx: ctx, report: r, trust: trust, place: place, progress: progress, streams: make(map[string][]event.Record), proven: make(map[string]bool), cited: make(map[string]bool)}
	var err error
	if d.Reader, err = dossier.Open(in, size); err == nil {
		d.manifest, err = d.Reader.Manifest()
	}
	if err != nil {
		r.Add(Finding{Code: "verify.archive", Place: place, Observed: err.Error()})
		return nil
	}
	r.Tenant, r.Demo, r.Known, r.AsOf = d.manifest.Tenant, d.manifest.Demo, d.manifest.Known, d.manifest.AsOf
	for _, step := range []func() error{d.files, d.signed, d.contents} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// A dossierCheck checks one dossier.
type dossierCheck struct {
	*dossier.Reader
	ctx      context.Context
	report   *Report
	place    string // of the archive, for people
	progress func(done, total int64)
	manifest dossier.Manifest
	trust    *proof.Trust

	head    *proof.Checkpoint         // nil where it is not to be believed
	note    []byte                    // as it was signed
	streams map[string][]event.Record // read off the events
	proven  map[string]bool           // files that were needed
	cited   map[string]bool           // digests of documents that events name
	course  *course
}

func (d *dossierCheck) add(code, name string, f Finding) {
	f.Code, f.Place = code, d.place+":"+name
	d.report.Add(f)
}

// files holds that every file is the one that both lists name, and that none is
// missing or too many.
func (d *dossierCheck) files() error {
	listed, err := d.Sums()
	if err != nil {
		d.add("verify.archive", dossier.Sums, Finding{Observed: err.Error()})
		listed = map[string]string{}
	}
	also := make(map[string]dossier.File, len(d.manifest.Files))
	for _, f := range d.manifest.Files {
		also[f.Name] = f
	}
	for i, f := range d.Reader.Files {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		if d.progress != nil {
			d.progress(int64(i+1), int64(2*len(d.Reader.Files)))
		}
		if f.Name == dossier.Sums {
			continue
		}
		sum := sha256.New()
		if err := d.Copy(sum, f.Name); err != nil {
			d.add("verify.archive", f.Name, Finding{Observed: err.Error()})
			continue
		}
		digest := hex.EncodeToString(sum.Sum(nil))
		entry, inManifest := also[f.Name]
		switch {
		case err == nil && listed[f.Name] == "", !inManifest && f.Name != dossier.Contents:
			d.add("verify.file_extra", f.Name, Finding{})
		case err == nil && listed[f.Name] != digest:
			d.add("verify.file_altered", f.Name, Finding{Want: listed[f.Name], Observed: digest})
		case f.Name != dossier.Contents && (entry.Digest != digest || entry.Size != int64(f.UncompressedSize64)):
			d.add("verify.file_altered", f.Name, Finding{Want: entry.Digest, Observed: digest})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if !d.Has(name) {
			d.add("verify.file_missing", name, Finding{})
		}
		delete(also, name)
	}
	for _, name := range slices.Sorted(maps.Keys(also)) {
		if !d.Has(name) {
			d.add("verify.file_missing", name, Finding{})
		}
	}
	d.report.Checked = append(d.report.Checked, "manifest")
	return nil
}

// signed checks the checkpoint.
func (d *dossierCheck) signed() error {
	if !d.Has(dossier.Head) {
		d.add("verify.file_missing", dossier.Head, Finding{})
		return nil
	}
	var err error
	if d.note, err = d.Read(dossier.Head); err != nil {
		return nil // named already
	}
	if d.trust == nil {
		keys, err := d.Read(dossier.Keys)
		if err == nil {
			if own, err := proof.ParseTrust(keys); err == nil {
				d.trust, d.report.OwnKey = &own, true
			}
		}
	}
	d.head = Checkpoint(d.note, d.place+":"+dossier.Head, d.trust, d.report)
	if d.head == nil {
		return nil
	}
	d.report.Size, d.report.Root = d.head.Size, d.head.Root.String()
	m := d.manifest
	if m.Size != d.head.Size || m.Root != d.head.Root.String() || m.Origin != d.head.Origin {
		d.add("verify.manifest", dossier.Contents, Finding{Field: "checkpoint", Want: d.head.Origin + " " + strconv.FormatInt(d.head.Size, 10), Observed: m.Origin + " " + strconv.FormatInt(m.Size, 10)})
	}
	if m.Demo != proof.IsDemo(d.head.Origin) {
		d.add("verify.manifest", dossier.Contents, Finding{Field: "demo", Want: strconv.FormatBool(!m.Demo), Observed: strconv.FormatBool(m.Demo)})
	}
	return nil
}

func (d *dossierCheck) contents() error {
	if d.manifest.Kind == dossier.Public {
		d.released()
		d.report.Unchecked = append(d.report.Unchecked, "records_public", "pages")
		return nil
	}
	if !d.Has(dossier.Events) {
		d.add("verify.file_missing", dossier.Events, Finding{})
		return nil
	}
	if err := d.events(); err != nil {
		return err
	}
	d.strays()
	d.legality()
	d.documents()
	if err := d.explanations(); err != nil {
		return err
	}
	d.report.Unchecked = append(d.report.Unchecked, "complete", "sealed_left_out", "pages")
	return nil
}
