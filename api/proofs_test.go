package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"runut/api/proofs"
	"runut/domain"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/secretfile"
)

// withProofs makes the town sign its log, as the program does.
func withProofs(signed **notary.Notary) func(*town) {
	return func(w *town) {
		dir := w.TempDir()
		signer, err := proof.CreateSigner(filepath.Join(dir, "signer"), proof.DemoOrigin(kabupaten))
		if err != nil {
			w.Fatal(err)
		}
		n := &notary.Notary{DB: w.pool, Store: w.server.Store, Signer: signer, State: filepath.Join(dir, "checkpoint"), Log: w.server.Log}
		w.server.AddProofs(&proofs.Proofs{Book: notary.Book{DB: w.server.Public, Origin: signer.Origin}, Await: n.Await})
		*signed = n
	}
}

// policyOf is what somebody trusts who knows the log's key and nothing else.
func policyOf(s *proof.Signer) torchwood.Policy {
	return torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(s.Origin), torchwood.SingleVerifierPolicy(s.Trust.Keys[0]))
}

// A client that was written by somebody else, for any log of this kind, reads
// all of ours over HTTP and finds it good.
func TestAForeignClientAcceptsTheLog(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n))
	for range 480 {
		w.submit(nil)
	}
	head, err := n.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if head.Size < 2*256 {
		t.Fatalf("only %d events", head.Size)
	}
	fetcher, err := torchwood.NewTileFetcher(w.url + "/log/")
	if err != nil {
		t.Fatal(err)
	}
	client, err := torchwood.NewClient(fetcher)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := fetcher.ReadEndpoint(t.Context(), "checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := torchwood.VerifyCheckpoint(signed, policyOf(n.Signer))
	if err != nil {
		t.Fatal(err)
	}
	if c.N != head.Size || c.Hash != head.Root {
		t.Errorf("the client reads size %d root %v, signed was %d %v", c.N, c.Hash, head.Size, head.Root)
	}
	seen := int64(0)
	for i, entry := range client.AllEntries(t.Context(), c.Tree, 0) {
		if i != seen {
			t.Fatalf("entry %d came after %d", i, seen-1)
		}
		seen++
		raw, err := w.server.Store.At(t.Context(), i+1)
		if err != nil {
			t.Fatal(err)
		}
		if id, at, _, err := proof.ParseEntry(entry); err != nil || id != raw.ID || !at.Equal(raw.RecordedAt) {
			t.Errorf("entry %d is of %s at %s, %v; the event is %s at %s", i, id, at, err, raw.ID, raw.RecordedAt)
		}
	}
	if client.Err() != nil || seen != c.N {
		t.Errorf("it read %d of %d entries: %v", seen, c.N, client.Err())
	}
	for _, index := range []int64{0, 255, 256, c.N - 1} {
		if _, _, err := client.Entry(t.Context(), c.Tree, index); err != nil {
			t.Errorf("entry %d: %v", index, err)
		}
	}
	// what the client held before is contained in what is signed now
	w.submit(nil)
	later, err := n.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hashes := torchwood.TileHashReaderWithContext(t.Context(), tlog.Tree{N: later.Size, Hash: later.Root}, fetcher)
	tree, err := tlog.ProveTree(later.Size, c.N, hashes)
	if err != nil {
		t.Fatal(err)
	}
	if err := tlog.CheckTree(tree, later.Size, later.Root, c.N, c.Hash); err != nil {
		t.Error(err)
	}
}

// Who hands something in gets a receipt; who asks with it, signed in or not, gets
// the proof, at once.
func TestAReceiptLeadsToItsProof(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n))
	r := w.post("village_operator", "/api/v1/proposals", submission(nil))
	page, path := r.get(t, "/receipt/events/0/page"), r.get(t, "/receipt/events/0/proof").(string)
	leaf := r.get(t, "/receipt/events/0/leaf").(string)
	id := r.get(t, "/receipt/events/0/id").(string)
	if page != "/tanda-terima/"+id || path != "/api/v1/events/"+id+"/proof" {
		t.Errorf("the receipt leads to %v and %s", page, path)
	}

	receipt := w.send("", http.MethodGet, "/api/v1/events/"+id+"/receipt", nil)
	if receipt.StatusCode != http.StatusOK || receipt.get(t, "/sealed") != false || receipt.get(t, "/leaf") != leaf {
		t.Errorf("before it is sealed: %d %s", receipt.StatusCode, receipt.body)
	}
	for _, who := range []string{"", "opd_officer"} {
		file := w.send(who, http.MethodGet, path, nil)
		if file.StatusCode != http.StatusOK || !strings.Contains(file.Header.Get("Content-Disposition"), id+".tlog-proof") {
			t.Fatalf("%s gets %d %s", path, file.StatusCode, file.body)
		}
		p, err := proof.ParseInclusion(file.body)
		if err != nil {
			t.Fatal(err)
		}
		entry, ok := p.Entry()
		hash := entry.Leaf()
		if !ok || fmt.Sprintf("%x", hash[:]) != leaf {
			t.Errorf("the proof is of %x, the receipt of %s", hash[:], leaf)
		}
		if err := torchwood.VerifyProof(policyOf(n.Signer), hash, file.body); err != nil {
			t.Error(err)
		}
	}
	receipt = w.send("", http.MethodGet, "/api/v1/events/"+id+"/receipt", nil)
	if receipt.get(t, "/sealed") != true || receipt.get(t, "/checkpoint/origin") != n.Signer.Origin {
		t.Errorf("once it is sealed: %s", receipt.body)
	}
	// the checkpoint a village has on paper is enough, however old
	old := int64(receipt.get(t, "/checkpoint/size").(float64))
	w.submit(nil)
	if _, err := n.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := w.send("", http.MethodGet, fmt.Sprintf("%s?size=%d", path, old), nil)
	p, err := proof.ParseInclusion(file.body)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := proof.Peek(p.Checkpoint); err != nil || c.Size != old {
		t.Errorf("proven in %+v, %v; asked for %d", c, err, old)
	}

	w.refused(w.send("", http.MethodGet, "/api/v1/events/"+uuid.NewString()+"/proof", nil), http.StatusNotFound, "event.unsealed")
	w.refused(w.send("", http.MethodGet, "/api/v1/events/"+uuid.NewString()+"/receipt", nil), http.StatusNotFound, "event.unsealed")
	w.refused(w.send("", http.MethodGet, "/api/v1/events/x/proof", nil), http.StatusUnprocessableEntity, "request.id")
	w.refused(w.send("", http.MethodGet, path+"?size=x", nil), http.StatusBadRequest, "request.query_number")
	w.refused(w.send("", http.MethodGet, fmt.Sprintf("%s?size=%d", path, old+100_000), nil), http.StatusNotFound, "log.unsigned")
}

func TestAnyTwoCheckpointsAreCompared(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n))
	var heads []notary.Head
	for range 3 {
		w.submit(nil)
		head, err := n.Seal(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
	}
	list := w.send("", http.MethodGet, "/api/v1/log/checkpoints?limit=2", nil)
	if list.get(t, "/items/0/note") != heads[2].Note || list.get(t, "/next") != float64(heads[1].Size) {
		t.Errorf("checkpoints: %s", list.body)
	}
	if rest := w.send("", http.MethodGet, fmt.Sprintf("/api/v1/log/checkpoints?limit=2&before=%d", heads[1].Size), nil); rest.get(t, "/items/0/note") != heads[0].Note || rest.get(t, "/next") != nil {
		t.Errorf("the next page: %s", rest.body)
	}
	r := w.send("", http.MethodGet, fmt.Sprintf("/api/v1/log/consistency?from=%d", heads[0].Size), nil)
	if r.get(t, "/from/checkpoint") != heads[0].Note || r.get(t, "/to/root") != heads[2].Root.String() {
		t.Errorf("compared: %s", r.body)
	}
	var hashes []tlog.Hash
	for _, h := range r.get(t, "/hashes").([]any) {
		hash, err := tlog.ParseHash(h.(string))
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
	}
	if err := proof.CheckConsistent(heads[0].Checkpoint, heads[2].Checkpoint, hashes); err != nil {
		t.Error(err)
	}
	w.refused(w.send("", http.MethodGet, "/api/v1/log/consistency", nil), http.StatusBadRequest, "request.query_missing")
	w.refused(w.send("", http.MethodGet, "/api/v1/log/consistency?from=3&to=2", nil), http.StatusUnprocessableEntity, "consistency.shrunk")
	w.refused(w.send("", http.MethodGet, "/api/v1/log/consistency?from=3&to=9000000", nil), http.StatusNotFound, "log.size_unsealed")
}

// Tiles are files that never change; a checkpoint is one that does; nothing is
// served from beyond what was signed.
func TestTheLogIsServedAsFiles(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n))
	w.refused(w.send("", http.MethodGet, "/log/checkpoint", nil), http.StatusNotFound, "log.unsigned")
	head, err := n.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := fmt.Sprintf("%03d.p/%d", head.Size/256, head.Size%256)
	for _, test := range []struct{ path, kind, cache string }{
		{"/log/checkpoint", "text/plain; charset=utf-8", "max-age=1"},
		{"/log/tile/0/" + last, "application/octet-stream", "immutable"},
		{"/log/tile/entries/" + last, "application/octet-stream", "immutable"},
		{"/log/keys", "text/plain; charset=utf-8", "max-age=3600"},
		{"/log/checkpoints.atom", "application/atom+xml; charset=utf-8", "max-age=60"},
		{"/log/checkpoint.svg", "image/svg+xml", "max-age=1"},
	} {
		for _, who := range []string{"", "planner"} {
			r := w.send(who, http.MethodGet, test.path, nil)
			h := r.Header
			if r.StatusCode != http.StatusOK || h.Get("Content-Type") != test.kind || !strings.Contains(h.Get("Cache-Control"), test.cache) || strings.Contains(h.Get("Cache-Control"), "private") {
				t.Errorf("%s as %q: %d %v", test.path, who, r.StatusCode, h)
			}
			if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Vary") != "" && h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s is not for everybody: %v", test.path, h)
			}
		}
	}
	for _, path := range []string{
		"/log/tile/0/" + fmt.Sprintf("%03d.p/%d", head.Size/256, head.Size%256+1), "/log/tile/0/" + fmt.Sprintf("%03d", head.Size/256), "/log/tile/0/999", "/log/tile/1/000.p/200", "/log/tile/7/000.p/1",
		"/log/tile/entries/" + fmt.Sprintf("%03d", head.Size/256),
	} {
		r := w.send("", http.MethodGet, path, nil)
		w.refused(r, http.StatusNotFound, "tile.absent")
		if r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %v", path, r.Header)
		}
	}
	for _, path := range []string{"/log/tile/0/0", "/log/tile/00/000", "/log/tile/8/000", "/log/tile/63/000", "/log/tile/-1/000", "/log/tile/data/000", "/log/tile/0/000.p/0", "/log/tile/0/000.p/256", "/log/tile/0/x1234/000",
		"/log/tile/0/..%2f..%2fcheckpoint", "/log/tile/0/" + strings.Repeat("x999/", 30) + "999", "/log/tile/entries/x", "/log/tile/", "/log/"} {
		w.refused(w.send("", http.MethodGet, path, nil), http.StatusNotFound, "request.path")
	}
	if r := w.send("", http.MethodGet, "/log/checkpoint", nil); string(r.body) != head.Note {
		t.Errorf("the checkpoint is %q, signed was %q", r.body, head.Note)
	}
	keys := w.send("", http.MethodGet, "/log/keys", nil)
	if trust, err := proof.ParseTrust(keys.body); err != nil || trust.Origin != n.Signer.Origin {
		t.Errorf("keys: %q %v", keys.body, err)
	}
	zipped := w.send("", http.MethodGet, "/log/tile/entries/"+last, nil, "Accept-Encoding", "gzip")
	plain := w.send("", http.MethodGet, "/log/tile/entries/"+last, nil, "Accept-Encoding", "identity")
	z, err := gzip.NewReader(bytes.NewReader(zipped.body))
	if err != nil {
		t.Fatalf("%v: %v", zipped.Header, err)
	}
	if body, err := io.ReadAll(z); err != nil || !bytes.Equal(body, plain.body) {
		t.Errorf("unzipped there are %d bytes, %v; plain %d", len(body), err, len(plain.body))
	}
	var feed struct {
		Entries []struct {
			Content string `xml:"content"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(w.send("", http.MethodGet, "/log/checkpoints.atom", nil).body, &feed); err != nil || len(feed.Entries) != 1 || feed.Entries[0].Content != head.Note {
		t.Errorf("feed %+v, %v", feed, err)
	}
}

// A log that is not what was signed takes nothing in, and says why to whoever
// asks; reads go on.
func TestALogThatDiffersTakesNothingIn(t *testing.T) {
	var n *notary.Notary
	w := newTown(t, withProofs(&n))
	w.submit(nil)
	head, err := n.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	longer := proof.Checkpoint{Origin: head.Origin, Size: head.Size + 40, Root: tlog.Hash{1}}
	signed, err := longer.Sign(n.Signer.Keys...)
	if err != nil {
		t.Fatal(err)
	}
	if err := secretfile.Write(n.State, signed); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Seal(t.Context()); err == nil {
		t.Fatal("signed a log that is too short")
	}
	r := w.send("village_operator", http.MethodPost, "/api/v1/proposals", submission(nil), "Accept-Language", "id")
	w.refused(r, http.StatusServiceUnavailable, "log.shrunk")
	if said := r.get(t, "/title").(string); !strings.Contains(said, fmt.Sprintf("posisi %d sampai %d", head.Size+1, head.Size+40)) {
		t.Errorf("it says %q", said)
	}
	if r := w.send("planner", http.MethodGet, "/api/v1/proposals", nil); r.StatusCode != http.StatusOK {
		t.Errorf("reads: %d", r.StatusCode)
	}
	if e := n.Difference(); e == nil || e.(*domain.Error).Code != "log.shrunk" {
		t.Errorf("readyz is told %v", e)
	}
}
