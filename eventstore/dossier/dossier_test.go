package dossier_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"runut/eventstore/dossier"
)

const number = "U-27-4K7M2XQ"

// small returns a dossier with a file of every make.
func small(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := dossier.NewWriter(&b, time.Date(2026, 11, 22, 14, 0, 1, 5, time.UTC))
	for name, body := range map[string]string{dossier.Events: "{}\n", dossier.Page: "<p>", dossier.Proof(7): "proof", dossier.Document(strings.Repeat("ab", 32), "application/pdf"): "%PDF"} {
		if err := w.Add(name, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(dossier.Manifest{Kind: dossier.Internal, Size: 9, Known: 7, Proposals: []string{number}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(b []byte) (*dossier.Reader, error) { return dossier.Open(bytes.NewReader(b), int64(len(b))) }

func TestADossierReadsBack(t *testing.T) {
	r, err := open(small(t))
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Manifest()
	if err != nil || m.Known != 7 || m.Several() || len(m.Files) != 4 || !slices.IsSortedFunc(m.Files, func(a, b dossier.File) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%+v, %v", m, err)
	}
	sums, err := r.Sums()
	if err != nil || len(sums) != 5 {
		t.Errorf("%v, %v", sums, err)
	}
	for _, f := range m.Files {
		body, err := r.Read(f.Name)
		sum := sha256.Sum256(body)
		if digest := hex.EncodeToString(sum[:]); err != nil || digest != f.Digest || sums[f.Name] != digest || f.Size != int64(len(body)) {
			t.Errorf("%s: %+v, %s, %v", f.Name, f, sums[f.Name], err)
		}
	}
	for _, f := range r.Files {
		if !f.Modified.Equal(time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)) {
			t.Errorf("%s bears the time %s", f.Name, f.Modified)
		}
	}
	if m.Place(number, dossier.Answer) != dossier.Answer {
		t.Error("the answer of one lies at the top")
	}
	m.Proposals = append(m.Proposals, number)
	if got := m.Place(number, dossier.Answer); got != "usulan/"+number+"/explanation.json" || !dossier.Named(got) {
		t.Errorf("the answer of one of several lies at %s", got)
	}
}

func TestNamesOfProofsAndDocumentsReadBack(t *testing.T) {
	for _, n := range []int64{1, 999_999_999_999, 1 << 62} {
		name := dossier.Proof(n)
		if got, ok := dossier.PositionOf(name); !ok || got != n || !dossier.Named(name) {
			t.Errorf("%s reads as %d, %t", name, got, ok)
		}
	}
	for _, name := range []string{"proofs/7.tlog-proof", "proofs/0000000000007.tlog-proof", "proofs/-00000000007.tlog-proof", "checkpoint"} {
		if _, ok := dossier.PositionOf(name); ok {
			t.Errorf("%s is no name of a proof", name)
		}
	}
	digest := strings.Repeat("0a", 32)
	if got, ok := dossier.DigestOf(dossier.Document(digest, "image/x-unheard-of")); !ok || got != digest {
		t.Error(got)
	}
	cited := dossier.Cited([]byte(`{"evidence":[{"kind":"sk","digest":"` + digest + `"}],"digest":"` + digest + `","x":{"kind":"sk","digest":"short"}}`))
	if !slices.Equal(cited, []string{digest}) {
		t.Error(cited)
	}
}

// What could lie outside its folder, stands twice, unpacks to more than it says or
// is no plain file is refused before anything in it is read.
func TestHostileArchivesAreRefused(t *testing.T) {
	archive := func(add func(z *zip.Writer)) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		add(z)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	named := func(names ...string) []byte {
		return archive(func(z *zip.Writer) {
			for _, name := range names {
				if _, err := z.Create(name); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	link := &zip.FileHeader{Name: dossier.Page}
	link.SetMode(fs.ModeSymlink | 0o777)
	bomb := archive(func(z *zip.Writer) {
		w, err := z.Create(dossier.Events)
		if err == nil {
			_, err = io.Copy(w, io.LimitReader(zeroes{}, 64<<20))
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	for name, file := range map[string][]byte{
		"nothing": nil, "no zip": []byte("PK\x03\x04 and no more"), "half of one": small(t)[:200],
		"above": named("../index.html"), "absolute": named("/index.html"), "a drive": named(`C:\index.html`), "below": named("proofs/../../x.tlog-proof"), "a folder": named("proofs/"),
		"a script": named("index.js"), "other letters": named("INDEX.html"), "a long number": named("usulan/U-27-" + strings.Repeat("A", 500) + "/index.html"), "a line": named("checkpoint\n"),
		"twice": named(dossier.Page, dossier.Page), "a bomb": bomb,
		"a link":           archive(func(z *zip.Writer) { z.CreateHeader(link) }),
		"a strange method": bytes.ReplaceAll(named(dossier.Page), []byte("\x08\x00"), []byte("\x0c\x00")),
		"a huge file": archive(func(z *zip.Writer) {
			if _, err := z.CreateRaw(&zip.FileHeader{Name: dossier.Head, UncompressedSize64: 1 << 40, CompressedSize64: 0}); err != nil {
				t.Fatal(err)
			}
		}),
	} {
		if _, err := open(file); !errors.Is(err, dossier.ErrForm) {
			t.Errorf("%s passed: %v", name, err)
		}
	}
}

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A file that holds more or less than the list of the archive says is not handed out
// as whole.
func TestAFileIsNeverMoreThanItsListSays(t *testing.T) {
	good := small(t)
	for at := range len(good) {
		bad := bytes.Clone(good)
		bad[at] ^= 0x55
		r, err := open(bad)
		if err != nil {
			continue
		}
		for _, f := range r.Files {
			if b, err := r.Read(f.Name); err == nil && int64(len(b)) != int64(f.UncompressedSize64) {
				t.Fatalf("byte %d altered: %s is %d bytes, its list says %d", at, f.Name, len(b), f.UncompressedSize64)
			}
		}
	}
}

func TestManifestsThatNobodyWroteAreRefused(t *testing.T) {
	good := `{"runut_dossier":1,"kind":"internal","origin":"x","tenant":"99.01","size":9,"root":"","signed_at":"2026-11-22T14:00:00Z","position":7,"proposals":["` + number + `"],"program":"","files":[]}`
	with := func(body string) error {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(dossier.Contents)
		if err == nil {
			_, err = io.WriteString(w, body)
		}
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		r, err := open(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Manifest()
		return err
	}
	if err := with(good); err != nil {
		t.Fatal(err)
	}
	changes := map[string][2]string{
		"another version": {`"runut_dossier":1`, `"runut_dossier":2`}, "another kind": {`internal`, `secret`}, "an unknown member": {`"root"`, `"roots"`},
		"no proposal": {`["` + number + `"]`, `[]`}, "a path for a proposal": {number, "../../x"}, "a position beyond": {`"position":7`, `"position":10`}, "no position": {`"position":7`, `"position":0`},
		"something behind": {`"files":[]}`, `"files":[]}{}`},
	}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if err := with(strings.Replace(good, changes[name][0], changes[name][1], 1)); !errors.Is(err, dossier.ErrForm) {
			t.Errorf("%s passed: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	good := small(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(append(bytes.Clone(good), good...))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := open(b)
		if err != nil {
			if !errors.Is(err, dossier.ErrForm) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		r.Manifest()
		r.Sums()
		for _, f := range r.Files {
			if !dossier.Named(f.Name) || strings.Contains(f.Name, "..") {
				t.Errorf("a file called %q passed", f.Name)
			}
			r.Read(f.Name)
		}
	})
}
