package verify_test

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore/dossier"
	"runut/eventstore/export"
	"runut/eventstore/proof"
	"runut/eventstore/record"
	"runut/eventstore/verify"
)

// signedDossier returns a dossier of one event that no program knows, and the key it
// is signed under.
func signedDossier(t testing.TB, kind string) ([]byte, *proof.Signer) {
	t.Helper()
	signer, err := proof.CreateSigner(t.TempDir()+"/signer", "runut.example/99.01")
	if err != nil {
		t.Fatal(err)
	}
	at, command := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC), uuid.NewSHA1(uuid.Nil, []byte("x"))
	r := record.Record{Envelope: event.Envelope{ID: event.IDOf(command, 1), Command: command, Tenant: "99.01", Stream: "village-1", Version: 1, Type: "village.noted", TypeVersion: 1,
		Occurred: domain.Moment(at), RecordedAt: at, Actor: domain.System()}, Payload: []byte(`{"n":1}`)}
	b, err := r.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	entry := proof.NewEntry(r.ID, at, sha256.Sum256(b))
	other := tlog.RecordHash([]byte("another"))
	root := tlog.NodeHash(entry.Leaf(), other)
	note, err := proof.Checkpoint{Origin: signer.Origin, Size: 2, Root: root}.Sign(signer.Keys...)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w := dossier.NewWriter(&file, at)
	add := func(name string, body []byte) {
		if err := w.Add(name, body); err != nil {
			t.Fatal(err)
		}
	}
	add(dossier.Proof(1), proof.Inclusion{Index: 0, Extra: entry[:], Hashes: tlog.RecordProof{other}, Checkpoint: note}.Format())
	if kind == dossier.Internal {
		add(dossier.Events, export.AppendLine(nil, export.Line{Position: 1, Leaf: entry.Leaf(), Record: b}))
	}
	add(dossier.Answer, []byte("{}"))
	add(dossier.Head, note)
	add(dossier.Keys, []byte(signer.Public[0]+"\n"))
	if err := w.Close(dossier.Manifest{Kind: kind, Origin: signer.Origin, Tenant: "99.01", Size: 2, Root: root.String(), SignedAt: at, Known: 1, Proposals: []string{"U-27-4K7M2XQ"}}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), signer
}

func check(t testing.TB, file []byte, trust *proof.Trust) *verify.Report {
	t.Helper()
	r := &verify.Report{What: "dossier"}
	if err := verify.Dossier(t.Context(), bytes.NewReader(file), int64(len(file)), "d.zip", trust, nil, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// An event that a newer program wrote is proven, and what rests on it cannot be told.
func TestADossierOfANewerProgramIsDoubted(t *testing.T) {
	file, signer := signedDossier(t, dossier.Internal)
	r := check(t, file, &signer.Trust)
	if r.Doubted != 1 || r.Doubts[0].Code != "verify.newer" || r.Events != 1 || len(r.Findings) != 1 || r.Findings[0].Code != "verify.explanation" {
		t.Errorf("%+v", r)
	}
	file, signer = signedDossier(t, dossier.Public)
	if r = check(t, file, &signer.Trust); r.Status() != verify.Good || r.OwnKey {
		t.Errorf("%+v", r)
	}
	if r = check(t, file, nil); r.Status() != verify.Good || !r.OwnKey {
		t.Errorf("under the key in it: %+v", r)
	}
}

// Whatever somebody hands over is told apart from what was signed, and nothing in it
// makes the check fail.
func FuzzDossier(f *testing.F) {
	internal, signer := signedDossier(f, dossier.Internal)
	public, _ := signedDossier(f, dossier.Public)
	f.Add(internal)
	f.Add(public)
	f.Add(internal[:len(internal)-40])
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := check(t, b, &signer.Trust); r.Status() == verify.Good && r.SignedBy == "" {
			t.Errorf("nobody signed it, and it is good: %+v", r)
		}
	})
}
