package proof_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/eventstore/proof"
)

func signer(t testing.TB, origin string) *proof.Signer {
	t.Helper()
	s, err := proof.CreateSigner(filepath.Join(t.TempDir(), "signer"), origin)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func witness(t testing.TB, name string) *torchwood.CosignatureSigner {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := torchwood.NewCosignatureSigner(name, key)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func sign(t testing.TB, c proof.Checkpoint, signers ...note.Signer) []byte {
	t.Helper()
	signed, err := c.Sign(signers...)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func refused(t testing.TB, err error, code string) {
	t.Helper()
	if !errors.Is(err, &domain.Error{Code: code}) {
		t.Errorf("got %v, want %s", err, code)
	}
}

var head = proof.Checkpoint{Origin: "runut.example/99.01", Size: 7, Root: tlog.Hash{1, 2, 3}}

func TestACheckpointIsBelievedByItsKeysAlone(t *testing.T) {
	ours, theirs := signer(t, head.Origin), signer(t, head.Origin)
	good := sign(t, head, ours.Keys...)
	got, err := ours.Trust.Open(good)
	if err != nil || got.Checkpoint != head || len(got.Keys) != 1 {
		t.Fatalf("Open = %+v, %v", got, err)
	}
	if c, err := torchwood.ParseCheckpoint(head.Text()); err != nil || c.N != head.Size || c.Hash != head.Root || c.Extension != "" {
		t.Errorf("torchwood reads %+v, %v", c, err)
	}

	_, err = theirs.Trust.Open(good)
	refused(t, err, "checkpoint.unsigned")
	_, err = ours.Trust.Open(bytes.Replace(good, []byte("\n7\n"), []byte("\n8\n"), 1))
	refused(t, err, "checkpoint.forged")
	_, err = signer(t, "runut.example/99.02").Trust.Open(good)
	refused(t, err, "checkpoint.other_origin")
	for _, bad := range []string{"", "\n\n", "x\n\n", head.Text(), strings.Replace(string(good), "\n7\n", "\n07\n", 1), string(good) + strings.Repeat("x", proof.MaxCheckpoint)} {
		_, err = ours.Trust.Open([]byte(bad))
		refused(t, err, "checkpoint.malformed")
	}
}

// While one key follows upon another both sign, and whoever knows either is
// content.
func TestTwoKeysSignWhileOneFollowsTheOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signer")
	first, err := proof.CreateSigner(path, head.Origin)
	if err != nil {
		t.Fatal(err)
	}
	both, err := proof.RotateSigner(path)
	if err != nil || len(both.Keys) != 2 || both.Public[0] != first.Public[0] {
		t.Fatalf("rotated: %+v, %v", both, err)
	}
	signed := sign(t, head, both.Keys...)
	for _, trusted := range []string{both.Public[0], both.Public[1], both.Public[0] + "\n# later\n" + both.Public[1] + "\n" + both.Public[1]} {
		trust, err := proof.ParseTrust([]byte(trusted))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := trust.Open(signed); err != nil || len(got.Keys) != len(trust.Keys) {
			t.Errorf("with %d keys: %d signatures, %v", len(trust.Keys), len(got.Keys), err)
		}
	}
}

// Witnesses one knows are told with their time; those one does not know are
// passed over; a witness alone does not make a checkpoint.
func TestWitnessesAreCheckedWhereTheyAreKnown(t *testing.T) {
	log, known, stranger := signer(t, head.Origin), witness(t, "bpk.example"), witness(t, "press.example")
	trust, err := proof.ParseTrust([]byte(log.Public[0] + "\n" + known.Verifier().String()))
	if err != nil || len(trust.Witnesses) != 1 {
		t.Fatalf("trust %+v, %v", trust, err)
	}
	signed := sign(t, head, log.Keys[0], stranger, known)
	got, err := trust.Open(signed)
	if err != nil || len(got.Witnesses) != 1 || got.Witnesses[0].Name != "bpk.example" || got.Witnesses[0].At.IsZero() {
		t.Errorf("Open = %+v, %v", got.Witnesses, err)
	}
	_, err = trust.Open(sign(t, head, known))
	refused(t, err, "checkpoint.unsigned")

	_, err = proof.ParseTrust([]byte(known.Verifier().String()))
	refused(t, err, "trust.no_key")
	_, err = proof.ParseTrust([]byte(log.Public[0] + "\n" + signer(t, "other.example").Public[0]))
	refused(t, err, "trust.two_logs")
	_, err = proof.ParseTrust([]byte("nonsense"))
	refused(t, err, "trust.malformed")
}

func TestASigningKeyIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signer")
	_, err := proof.LoadSigner(path)
	refused(t, err, "signer.missing")
	_, err = proof.CreateSigner(path, "two words")
	refused(t, err, "signer.origin")
	made, err := proof.CreateSigner(path, proof.DemoOrigin("99.01"))
	if err != nil {
		t.Fatal(err)
	}
	if !proof.IsDemo(made.Origin) || proof.IsDemo(head.Origin) {
		t.Errorf("a demo log is called %q", made.Origin)
	}
	again, err := proof.CreateSigner(path, "another.example")
	if err != nil || again.Public[0] != made.Public[0] {
		t.Errorf("the second start made another key: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("files left: %v, %v", files, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err = proof.LoadSigner(path)
	refused(t, err, "signer.exposed")
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Dir(path))
	if err := os.Rename(path, filepath.Join(filepath.Dir(path), proof.CredentialName)); err != nil {
		t.Fatal(err)
	}
	if _, err := proof.LoadSigner(proof.SignerCredential()); err != nil {
		t.Errorf("from systemd: %v", err)
	}
	if err := os.WriteFile(path, []byte("# ours\n\nPRIVATE+KEY+x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = proof.LoadSigner(path)
	refused(t, err, "signer.malformed")
}

// A .tlog-proof leads from the entry to the signed root, for every leaf, by our
// reading and by torchwood's.
func TestAnInclusionShowsOneEvent(t *testing.T) {
	log := signer(t, head.Origin)
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(log.Origin), torchwood.SingleVerifierPolicy(log.Trust.Keys[0]))
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.Int64Range(1, 1500), rapid.SampledFrom([]int64{256, 257, 66_000})).Draw(t, "size")
		index := rapid.Int64Range(0, size-1).Draw(t, "index")
		f := newForest()
		f.grow(index)
		e := proof.Entry{1, 2, 3}
		f.tree.Add(e.Leaf())
		f.grow(size)
		signed, err := proof.Checkpoint{Origin: log.Origin, Size: size, Root: f.tree.Root()}.Sign(log.Keys...)
		if err != nil {
			t.Fatal(err)
		}
		path, err := tlog.ProveRecord(size, index, proof.Hashes(size, f.read))
		if err != nil {
			t.Fatal(err)
		}
		file := proof.Inclusion{Index: index, Extra: e[:], Hashes: path, Checkpoint: signed}.Format()
		p, err := proof.ParseInclusion(file)
		if err != nil || p.Index != index || !bytes.Equal(p.Format(), file) {
			t.Fatalf("read back %+v, %v", p, err)
		}
		if got, ok := p.Entry(); !ok || got != e {
			t.Fatalf("entry %v", got)
		}
		if c, err := p.Verify(e.Leaf(), log.Trust); err != nil || c.Size != size {
			t.Fatal(err)
		}
		if err := torchwood.VerifyProof(policy, e.Leaf(), file); err != nil {
			t.Fatalf("torchwood: %v", err)
		}
		other := e
		other[56]++
		if _, err := p.Verify(other.Leaf(), log.Trust); !errors.Is(err, &domain.Error{Code: "inclusion.wrong"}) {
			t.Fatalf("another record at that place: %v", err)
		}
		p.Index = size
		if _, err := p.Verify(e.Leaf(), log.Trust); !errors.Is(err, &domain.Error{Code: "inclusion.outside"}) {
			t.Fatalf("a place outside: %v", err)
		}
	})
}

func FuzzParseInclusion(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra AQ==\nindex 0\n\nx\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := proof.ParseInclusion(b)
		if err != nil {
			return
		}
		if again, err := proof.ParseInclusion(p.Format()); err != nil || !bytes.Equal(again.Format(), p.Format()) {
			t.Errorf("%q reads as %+v, which does not read back: %v", b, p, err)
		}
	})
}

func TestAForkIsToldFromGrowth(t *testing.T) {
	f, g := newForest(), newForest()
	f.grow(1000)
	small := proof.Checkpoint{Origin: "log", Size: 600}
	small.Root, _ = tlog.TreeHash(600, proof.Hashes(1000, f.read))
	large := proof.Checkpoint{Origin: "log", Size: 1000, Root: f.tree.Root()}
	path, err := proof.ProveConsistent(600, 1000, proof.Hashes(1000, f.read))
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.CheckConsistent(small, large, path); err != nil {
		t.Error(err)
	}
	refused(t, proof.CheckConsistent(large, small, path), "consistency.shrunk")
	g.tree.Add(numbered(-1))
	g.grow(600)
	forked := proof.Checkpoint{Origin: "log", Size: 600, Root: g.tree.Root()}
	refused(t, proof.CheckConsistent(forked, large, path), "consistency.wrong")
	refused(t, proof.CheckConsistent(forked, small, nil), "consistency.forked")
	forked.Origin = "other"
	refused(t, proof.CheckConsistent(small, forked, nil), "checkpoint.other_origin")
	if err := proof.CheckConsistent(proof.Checkpoint{Origin: "log"}, large, nil); err != nil {
		t.Errorf("everything begins with nothing: %v", err)
	}
}
