package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"runut/api/answer"
	"runut/api/dossier"
	"runut/api/text"
	"runut/cmd/runut-verify/check"
	format "runut/eventstore/dossier"
	"runut/eventstore/export"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/record"
	"runut/eventstore/verify"
)

// A filing is a demo whose log is signed, so that dossiers can be made of it.
type filing struct {
	*archive
	maker  dossier.Maker
	signer *proof.Signer
	trust  proof.Trust
	dir    string
}

func (a *archive) signed(t *testing.T) *filing {
	dir := t.TempDir()
	signer, err := proof.CreateSigner(filepath.Join(dir, "signer"), proof.DemoOrigin("99.01"))
	if err != nil {
		t.Fatal(err)
	}
	n := &notary.Notary{DB: a.pool, Store: a.desk.Store, Signer: signer, State: filepath.Join(dir, "checkpoint"), Log: quiet}
	if _, err := n.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(signer.Public[0]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	book := &notary.Book{DB: a.pool, Origin: signer.Origin}
	return &filing{a, dossier.Maker{Desk: a.desk, Book: book, Tenant: "99.01"}, signer, signer.Trust, dir}
}

// dossier makes a dossier, twice: the same question has the same bytes.
func (f *filing) dossier(t *testing.T, ask dossier.Ask) []byte {
	t.Helper()
	ask.Lang = text.ID
	var files [2]bytes.Buffer
	for i := range files {
		d, err := f.maker.Prepare(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(t.Context(), &files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("made again it has other bytes")
	}
	return files[0].Bytes()
}

// one returns a proposal of the demo that a condition on the read model fits.
func (f *filing) one(t *testing.T, where string) string {
	t.Helper()
	var number string
	if err := f.pool.QueryRow(t.Context(), `select number from read.proposals where `+where+` order by number limit 1`).Scan(&number); err != nil {
		t.Fatalf("no proposal of the demo is %s: %v", where, err)
	}
	return number
}

// dossiers are made of proposals that ended in every way, and the auditor's program,
// by itself, finds that all is as it was signed and derives the same answers.
func (a *archive) dossiers(t *testing.T, year int) {
	f := a.signed(t)
	program := filepath.Join(f.dir, "runut-verify")
	if out, err := exec.Command("go", "build", "-o", program, "runut/cmd/runut-verify").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	runs := func(t *testing.T, file []byte, wish int, also ...string) verify.Report {
		t.Helper()
		path := filepath.Join(f.dir, "d.zip")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, append([]string{"dossier", path, "--json"}, also...)...)
		cmd.Env = []string{} // neither database nor network is told of
		out, _ := cmd.Output()
		var r verify.Report
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if cmd.ProcessState.ExitCode() != wish {
			t.Errorf("exit status %d, want %d:\n%s", cmd.ProcessState.ExitCode(), wish, check.Words(&r, text.EN, 0))
		}
		return r
	}
	key := []string{"--key", filepath.Join(f.dir, "key")}
	numbers := map[string]string{}
	for name, where := range map[string]string{
		"merged, then cut": `state = 'merged' and fate = 'dropped'`, "split": `state = 'split' and fate = 'partly'`, "nobody decided": `kind = 'omission' and fate = 'dropped' and state <> 'merged'`,
		"funded": `fate = 'funded' and state <> 'merged'`, "carried over": `fate = 'deferred'`, "pending": `fate = 'pending'`,
	} {
		number := f.one(t, where)
		numbers[name] = number
		t.Run(name, func(t *testing.T) {
			r := runs(t, f.dossier(t, dossier.Ask{Numbers: []string{number}}), verify.Good, key...)
			v, err := a.desk.View(t.Context(), year, "", "")
			if err != nil {
				t.Fatal(err)
			}
			x, err := a.desk.Explain(t.Context(), number, v, text.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Answers) != 1 || r.Answers[0].Outcome != string(x.Outcome) || r.Answers[0].Kind != string(x.Kind) {
				t.Errorf("%+v, and the log says %s %s", r.Answers, x.Outcome, x.Kind)
			}
			if r.OwnKey || !slices.Contains(r.Checked, "explanation") || !slices.Contains(r.Checked, "legality") || r.Events < 5 {
				t.Errorf("%+v", r)
			}
		})
	}
	t.Run("an earlier moment", func(t *testing.T) {
		r := runs(t, f.dossier(t, dossier.Ask{Numbers: []string{numbers["funded"]}, AsOf: fmt.Sprintf("%d-03-01", year-1), Known: "3000"}), verify.Good)
		v, err := f.maker.Desk.View(t.Context(), year, "", "3000") // down to the end of an append
		if err != nil || !r.OwnKey || len(r.Answers) != 1 || r.Known != v.Known || r.Known > 3000 || r.AsOf.IsZero() {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("several", func(t *testing.T) {
		file := f.dossier(t, dossier.Ask{Numbers: slices.Collect(maps.Values(numbers))})
		if r := runs(t, file, verify.Good, key...); len(r.Answers) != len(numbers) {
			t.Errorf("%+v", r.Answers)
		}
	})
	t.Run("by a filter", func(t *testing.T) {
		ask, err := f.maker.Sought(t.Context(), new(answer.Kept), answer.Filter{Year: year, Sought: answer.Sought{Fate: []string{"dropped"}, Origins: true}})
		if err != nil {
			t.Fatal(err)
		}
		if r := runs(t, f.dossier(t, ask), verify.Good, key...); len(r.Answers) != len(ask.Numbers) || len(r.Answers) < 10 {
			t.Errorf("%d answers of %d", len(r.Answers), len(ask.Numbers))
		}
	})
	t.Run("altered", func(t *testing.T) { f.altered(t, f.dossier(t, dossier.Ask{Numbers: []string{numbers["split"]}})) })
	t.Run("refused", func(t *testing.T) {
		for code, ask := range map[string]dossier.Ask{"dossier.none": {}, "proposal.unknown": {Numbers: []string{"U-27-0000000"}}, "dossier.too_many": {Numbers: slices.Collect(func(yield func(string) bool) {
			for i := range dossier.Most + 1 {
				if !yield(fmt.Sprint("U-27-", i)) {
					return
				}
			}
		})}} {
			if _, err := f.maker.Prepare(t.Context(), ask); err == nil || !strings.Contains(err.Error(), code) {
				t.Errorf("%s: %v", code, err)
			}
		}
	})
}

// A parcel is a dossier unpacked.
type parcel map[string][]byte

func unpack(t *testing.T, file []byte) parcel {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	p := parcel{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if p[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	return p
}

func (p parcel) pack(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = w.Write(p[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// relisted is what a forger does, who has no key: both lists are right again.
func (p parcel) relisted(t *testing.T) parcel {
	t.Helper()
	var m format.Manifest
	if err := json.Unmarshal(p[format.Contents], &m); err != nil {
		t.Fatal(err)
	}
	m.Files = nil
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if name != format.Contents && name != format.Sums {
			m.Files = append(m.Files, format.File{Name: name, Size: int64(len(p[name])), Digest: digestOf(p[name])})
		}
	}
	p[format.Contents], _ = json.Marshal(m)
	var sums strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if name != format.Sums {
			fmt.Fprintf(&sums, "%s  %s\n", digestOf(p[name]), name)
		}
	}
	p[format.Sums] = []byte(sums.String())
	return p
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// altered holds that whatever is done to a dossier is found, and where: first by
// somebody careless, then by a forger who puts both lists right again.
func (f *filing) altered(t *testing.T, file []byte) {
	good := unpack(t, file)
	proofs := slices.Sorted(func(yield func(string) bool) {
		for name := range good {
			if strings.HasPrefix(name, "proofs/") && !yield(name) {
				return
			}
		}
	})
	lines := bytes.SplitAfter(bytes.TrimSpace(good[format.Events]), []byte("\n"))
	middle := slices.IndexFunc(lines, func(b []byte) bool { return bytes.Contains(b, []byte(`"type":"proposal.split"`)) })
	written := slices.IndexFunc(lines, func(b []byte) bool {
		return bytes.Contains(b, []byte(`"texts":`)) && bytes.Contains(b, []byte(`"t": "`))
	})
	at, err := export.ParseLine(bytes.TrimSpace(lines[middle]))
	if err != nil || written < 0 {
		t.Fatal(err, written)
	}
	own := format.Proof(at.Position)
	found := func(t *testing.T, p parcel, code, place string) {
		t.Helper()
		packed := p.pack(t)
		r := &verify.Report{What: "dossier"}
		if err := verify.Dossier(t.Context(), bytes.NewReader(packed), int64(len(packed)), "d.zip", &f.trust, nil, r); err != nil {
			t.Fatal(err)
		}
		if r.Status() != verify.Tampered || !slices.ContainsFunc(r.Findings, func(x verify.Finding) bool {
			return (code == "" || x.Code == code) && strings.Contains(x.Place, place)
		}) {
			t.Errorf("want %s at %s:\n%s", code, place, check.Words(r, text.EN, 0))
		}
	}
	untouched := &verify.Report{}
	packed := maps.Clone(good).relisted(t).pack(t)
	if err := verify.Dossier(t.Context(), bytes.NewReader(packed), int64(len(packed)), "d.zip", &f.trust, nil, untouched); err != nil || untouched.Status() != verify.Good {
		t.Fatalf("packed again by others it is not good any more: %v\n%s", err, check.Words(untouched, text.EN, 0))
	}
	for _, name := range []string{format.Help, format.Page, format.Answer, format.Events, own, format.Head, format.Keys} {
		t.Run("careless with "+name, func(t *testing.T) {
			p := maps.Clone(good)
			p[name] = bytes.Clone(p[name])
			p[name][len(p[name])/2] ^= 1
			found(t, p, "verify.file_altered", name)
			delete(p, name)
			found(t, p, "verify.file_missing", name)
		})
	}
	t.Run("careless with an addition", func(t *testing.T) {
		p := maps.Clone(good)
		p["usulan.csv"] = []byte("x")
		found(t, p, "verify.file_extra", "usulan.csv")
	})
	for _, name := range []string{format.Contents, format.Sums} {
		t.Run("without "+name, func(t *testing.T) {
			p := maps.Clone(good)
			delete(p, name)
			found(t, p, "verify.archive", "")
		})
	}

	forge := func(name, code, place string, do func(p parcel)) {
		t.Run("forger: "+name, func(t *testing.T) {
			p := maps.Clone(good)
			do(p)
			found(t, p.relisted(t), code, place)
		})
	}
	replace := func(p parcel, name, old, new string) {
		changed := bytes.Replace(p[name], []byte(old), []byte(new), 1)
		if bytes.Equal(changed, p[name]) {
			t.Errorf("%q is not in %s", old, name)
		}
		p[name] = changed
	}
	event := func(p parcel, i int, change func(l *export.Line)) {
		l, err := export.ParseLine(bytes.TrimSpace(lines[i]))
		if err != nil {
			t.Fatal(err)
		}
		change(&l)
		all := slices.Clone(lines)
		all[i] = export.AppendLine(nil, l)
		p[format.Events] = slices.Concat(all...)
	}
	leafOf := func(b []byte) (proof.Entry, record.Record) {
		r, err := record.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		return proof.NewEntry(r.ID, r.RecordedAt, sha256.Sum256(b)), r
	}
	edited := bytes.Replace(at.Record, []byte(`"tenant":"99.01"`), []byte(`"tenant":"99.02"`), 1)

	forge("another outcome", "verify.explanation", format.Answer, func(p parcel) { replace(p, format.Answer, `"outcome": "partly"`, `"outcome": "funded"`) })
	forge("no answer", "verify.explanation_unreadable", format.Answer, func(p parcel) { delete(p, format.Answer) })
	forge("another record", "verify.leaf", format.Events, func(p parcel) { event(p, middle, func(l *export.Line) { l.Record = edited }) })
	forge("another record with its leaf", "verify.proof_other", own, func(p parcel) {
		event(p, middle, func(l *export.Line) { e, _ := leafOf(edited); l.Record, l.Leaf = edited, e.Leaf() })
	})
	forge("another record with leaf and entry", "verify.not_included", own, func(p parcel) {
		e, _ := leafOf(edited)
		event(p, middle, func(l *export.Line) { l.Record, l.Leaf = edited, e.Leaf() })
		old, _ := leafOf(at.Record)
		replace(p, own, base64.StdEncoding.EncodeToString(old[:]), base64.StdEncoding.EncodeToString(e[:]))
	})
	forge("another text", "verify.beside", format.Events, func(p parcel) {
		event(p, written, func(l *export.Line) { l.Texts = bytes.Replace(l.Texts, []byte(`"t": "`), []byte(`"t": "X`), 1) })
	})
	without := func(p parcel, i int) {
		l, err := export.ParseLine(bytes.TrimSpace(lines[i]))
		if err != nil {
			t.Fatal(err)
		}
		p[format.Events] = slices.Concat(append(slices.Clone(lines[:i]), lines[i+1:]...)...)
		delete(p, format.Proof(l.Position))
	}
	forge("a missing event", "verify.version", format.Events, func(p parcel) { without(p, written) })
	forge("one side of a split", "verify.counterpart", format.Events, func(p parcel) { without(p, middle) })
	forge("an event twice", "verify.order", format.Events, func(p parcel) {
		p[format.Events] = slices.Concat(slices.Insert(slices.Clone(lines), middle, lines[middle])...)
	})
	forge("sealed data", "verify.line", format.Events, func(p parcel) {
		event(p, middle, func(l *export.Line) { l.Sealed = []byte(`{"/x":"AAAA"}`) })
	})
	forge("no proof", "verify.unproven", format.Events, func(p parcel) { delete(p, own) })
	forge("proofs exchanged", "verify.proof_other", proofs[0], func(p parcel) { p[proofs[0]], p[own] = p[own], p[proofs[0]] })
	forge("a proof of nothing here", "verify.proof_stray", "proofs/", func(p parcel) { p[format.Proof(1)] = p[own] })
	forge("a hash of a proof", "verify.not_included", own, func(p parcel) {
		i, err := proof.ParseInclusion(p[own])
		if err != nil {
			t.Fatal(err)
		}
		i.Hashes[2][0] ^= 1
		p[own] = i.Format()
	})
	forge("the checkpoint", "verify.checkpoint", format.Head, func(p parcel) { replace(p, format.Head, "\n", "x\n") })
	forge("the size in the manifest", "verify.manifest", format.Contents, func(p parcel) { replace(p, format.Contents, `"size": `, `"size": 1`) })
	forge("demo data as real", "verify.manifest", format.Contents, func(p parcel) { replace(p, format.Contents, `"demo": true`, `"demo": false`) })
	forge("signed before the last event", "verify.manifest", format.Contents, func(p parcel) { replace(p, format.Contents, `"signed_at": "2`, `"signed_at": "1`) })
	forge("an earlier position", "", format.Answer, func(p parcel) {
		var m format.Manifest
		if err := json.Unmarshal(p[format.Contents], &m); err != nil {
			t.Fatal(err)
		}
		m.Known = at.Position
		p[format.Contents], _ = json.Marshal(m)
	})
	forge("a document of nobody", "verify.document_stray", "documents/", func(p parcel) { p[format.Document(digestOf([]byte("x")), "text/plain")] = []byte("x") })
	forge("a document that is another", "verify.document_altered", "documents/", func(p parcel) { p[format.Document(digestOf([]byte("x")), "text/plain")] = []byte("y") })
	t.Run("forger: all of it under another key", func(t *testing.T) {
		other, err := proof.CreateSigner(filepath.Join(t.TempDir(), "signer"), f.signer.Origin)
		if err != nil {
			t.Fatal(err)
		}
		head, err := proof.Peek(good[format.Head])
		if err != nil {
			t.Fatal(err)
		}
		note, err := head.Sign(other.Keys...)
		if err != nil {
			t.Fatal(err)
		}
		p := maps.Clone(good)
		for name, body := range p {
			p[name] = bytes.ReplaceAll(body, good[format.Head], note)
		}
		p[format.Keys] = []byte(other.Public[0] + "\n")
		found(t, p.relisted(t), "verify.checkpoint", format.Head)
		packed, r := p.pack(t), &verify.Report{}
		if err := verify.Dossier(t.Context(), bytes.NewReader(packed), int64(len(packed)), "d.zip", nil, nil, r); err != nil || r.Status() != verify.Good || !r.OwnKey {
			t.Errorf("under its own key it is whole, and the report must say whose key that is: %+v, %v", r, err)
		}
	})
}
