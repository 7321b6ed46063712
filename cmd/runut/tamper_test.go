package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"runut/api/text"
	"runut/cmd/runut-verify/check"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/person"
	"runut/domain/proposal"
	"runut/eventstore/export"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
	"runut/eventstore/record"
	"runut/eventstore/verify"
)

// smallLog returns a log of some hundred events of every make: texts, masked
// spans, sealed names, commands of several events, a text that was closed.
func smallLog(t testing.TB) *ledger {
	t.Helper()
	k := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
	k.grow(t, 0, 70)
	k.seal(t)
	k.grow(t, 70, 100)
	k.closeOne(t)
	k.seal(t)
	return k
}

// grow appends what the from-th to the upto-th proposals bring.
func (k *ledger) grow(t testing.TB, from, upto int) {
	t.Helper()
	for i := from; i < upto; i++ {
		id := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "command ", i))
		number := domain.Number(2027, id, 0)
		cmd := event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: domain.System(), Tenant: "99.01", Cycle: 2027}
		changes := []event.Change{{Stream: proposal.Stream(number), Facts: []event.Fact{
			{Event: &proposal.Submitted{Lane: "musrenbang", Idea: proposal.Idea{Village: "99.01.01.2001", OPD: "1.03.0.00.0.00.01.0000", Estimate: 120_000_000,
				Title: domain.Mask("Jalan " + number), Problem: domain.Mask("Rusak berat; hubungi 0812-3456-78" + fmt.Sprintf("%02d", i%100))}}},
			{Event: &proposal.Verified{Kind: "administrasi", Result: "pass", Note: domain.Mask("Lengkap")}, CausedBy: 1},
			{Event: &proposal.Responded{Leaning: "terima", Note: domain.Mask("Sesuai renja"), Forum: "forum-x"}},
		}}}
		if i%5 == 0 {
			p := person.Pseudonym(id)
			changes = append(changes, event.Change{Stream: person.Stream(p), Facts: []event.Fact{{Event: &person.Registered{Name: domain.Secret{Plain: "Nama " + p}, Purpose: "proposer"}}}})
		}
		if _, err := k.store.Append(t.Context(), cmd, changes...); err != nil {
			t.Fatal(err)
		}
	}
}

// closeOne has the problem of the first proposal closed by an event.
func (k *ledger) closeOne(t testing.TB) {
	t.Helper()
	first, err := k.store.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.NewSHA1(uuid.Nil, []byte("close"))
	receipt, err := k.store.Append(t.Context(), event.Command{ID: id, Actor: domain.System(), Tenant: "99.01", Cycle: 2027},
		event.Change{Stream: first.Stream, Version: 3, Facts: []event.Fact{{Event: &proposal.TextRedacted{Target: first.ID.String(), Field: "/problem", SecondApprover: "p-000000000000"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"/problem", "/problem#0"} {
		if err := k.store.CloseText(t.Context(), 1, field, receipt.First); err != nil {
			t.Fatal(err)
		}
	}
}

// A tampering is one way of altering something, done once.
type tampering struct {
	name  string
	event []int64 // positions one of which must be named; nil: none can be told, so a place must be
	place string  // that must be named; "": any
}

// named holds that a report says that something was altered, and what.
func (x tampering) named(t testing.TB, r *verify.Report) bool {
	t.Helper()
	if r.Status() != verify.Tampered {
		t.Errorf("%s (event %v, place %q) was not detected: status %d\n%s", x.name, x.event, x.place, r.Status(), check.Words(r, text.EN, 0))
		return false
	}
	for _, f := range r.Findings {
		for _, p := range x.event {
			if f.Position == p || f.Position <= p && p <= f.Until && f.Position > 0 {
				return true
			}
		}
		if x.event == nil && f.Place != "" && (x.place == "" || strings.Contains(f.Place, x.place)) {
			return true
		}
	}
	t.Errorf("%s (event %v, place %q) was detected and not named:\n%s", x.name, x.event, x.place, check.Words(r, text.EN, 0))
	return false
}

// A sheaf is an export cut into lines.
type sheaf struct {
	lines [][]byte
	after int64
}

func cutUp(b []byte) sheaf {
	lines := bytes.SplitAfter(b, []byte("\n"))
	return sheaf{lines: lines[:len(lines)-1]}
}

func (d sheaf) clone() sheaf { return sheaf{slices.Clone(d.lines), d.after} }

func (d sheaf) bytes() []byte { return slices.Concat(d.lines...) }

func (d sheaf) events() int { return len(d.lines) - 2 }

// resealed is what a forger does who has no key: the digest is right again.
func (d sheaf) resealed(t testing.TB) []byte {
	t.Helper()
	last := len(d.lines) - 1
	var trailer struct {
		Trailer export.Trailer `json:"trailer"`
	}
	if err := json.Unmarshal(d.lines[last], &trailer); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(slices.Concat(d.lines[:last]...))
	d.lines[last] = bytes.Replace(d.lines[last], []byte(trailer.Trailer.Digest), []byte(hex.EncodeToString(sum[:])), 1)
	return d.bytes()
}

// forged returns a line whose record says something else, with a leaf to match.
func forged(t testing.TB, line []byte, change func(*record.Record)) []byte {
	t.Helper()
	l, err := export.ParseLine(bytes.TrimSuffix(line, []byte("\n")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.Parse(l.Record)
	if err != nil {
		t.Fatal(err)
	}
	change(&r)
	if l.Record, err = r.Append(nil); err != nil {
		t.Fatal(err)
	}
	l.Leaf = proof.Leaf(r.ID, r.RecordedAt, sha256.Sum256(l.Record))
	return export.AppendLine(nil, l)
}

// rounds is how often each kind is tried: a thousand tamperings in all.
func rounds(n int) int {
	if testing.Short() {
		return 1 + n/10
	}
	return n
}

// F9: whatever is altered is detected, and the event named, or the tile or
// checkpoint where no event is hit.
func TestAThousandTamperings(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("RUNUT_TAMPER_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("RUNUT_TAMPER_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 9))
	k := smallLog(t)
	all, detected := 0, 0
	count := func(x tampering, r *verify.Report) {
		all++
		if x.named(t, r) {
			detected++
		}
	}
	file := k.export(t, "")
	good(t, "export", checkFiles(t, &k.trust, false, file))
	for _, kind := range exportTamperings(t, k) {
		for range rounds(35) {
			x, b := kind(rng, cutUp(file))
			count(x, checkFiles(t, &k.trust, false, b))
		}
	}
	tiles := k.tiles(t)
	good(t, "tiles", checkTiles(t, k, tiles))
	for _, kind := range tileTamperings(t, k) {
		for range rounds(24) {
			altered := maps.Clone(tiles)
			x := kind(rng, altered)
			count(x, checkTiles(t, k, altered))
		}
	}
	d := disarm(t, k)
	good(t, "database", k.checkDatabase(t, false))
	for _, kind := range databaseTamperings(t, k) {
		for range rounds(10) {
			x := kind(rng)
			count(x, k.checkDatabase(t, false))
			d.restore(t)
		}
	}
	good(t, "the database afterwards", k.checkDatabase(t, false))
	t.Logf("%d of %d tamperings detected and named", detected, all)
	if !testing.Short() && all < 1000 {
		t.Errorf("only %d were tried", all)
	}
}

func exportTamperings(t testing.TB, k *ledger) []func(*rand.Rand, sheaf) (tampering, []byte) {
	line := func(rng *rand.Rand, d sheaf) (int, int64) {
		i := rng.IntN(d.events())
		return i + 1, int64(i + 1)
	}
	other, err := proof.CreateSigner(filepath.Join(t.TempDir(), "other"), k.signer.Origin)
	if err != nil {
		t.Fatal(err)
	}
	return []func(*rand.Rand, sheaf) (tampering, []byte){
		func(rng *rand.Rand, d sheaf) (tampering, []byte) { // anywhere
			at := rng.IntN(len(d.bytes()))
			x := tampering{name: "bit flip"}
			for i, n := 0, 0; i < len(d.lines); i++ {
				if n += len(d.lines[i]); at < n {
					if inside := at - n + len(d.lines[i]); 0 < i && i <= d.events() && !isSealed(d.lines[i], inside) {
						x.event = []int64{int64(i), int64(i) + 1}
					}
					break
				}
			}
			b := slices.Clone(d.bytes())
			b[at] ^= 1 << rng.IntN(8)
			return x, b
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := line(rng, d)
			at := rng.IntN(len(d.lines[i]) - 1)
			x := tampering{name: "bit flip, digest made anew", event: []int64{p, p + 1}}
			if isSealed(d.lines[i], at) {
				x.event = nil
			}
			d.lines[i] = slices.Clone(d.lines[i])
			d.lines[i][at] ^= 1 << rng.IntN(8)
			return x, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := line(rng, d)
			d.lines = slices.Delete(d.lines, i, i+1)
			return tampering{name: "line deleted", event: []int64{p}}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) { // as if it had never been: all behind it move up
			i, p := line(rng, d)
			d.lines = slices.Delete(d.lines, i, i+1)
			for n := i; n <= d.events(); n++ {
				d.lines[n] = renumbered(t, d.lines[n], -1)
			}
			return tampering{name: "event deleted and the rest renumbered", event: span(p, int64(d.events())+1)}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := line(rng, d)
			d.lines = slices.Insert(d.lines, i, d.lines[i])
			return tampering{name: "line doubled", event: []int64{p}}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := line(rng, d)
			made := forged(t, d.lines[i], func(r *record.Record) {
				r.Command = uuid.Must(uuid.FromBytes(randomBytes(rng, 16)))
				r.ID, r.Stream, r.Version = event.IDOf(r.Command, 1), "village-made-up", 1
			})
			d.lines = slices.Insert(d.lines, i, made)
			for n := i + 1; n <= d.events(); n++ {
				d.lines[n] = renumbered(t, d.lines[n], +1)
			}
			return tampering{name: "event inserted and the rest renumbered", event: span(p, int64(d.events()))}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := line(rng, d)
			j, q := line(rng, d)
			for i == j {
				j, q = line(rng, d)
			}
			d.lines[i], d.lines[j] = d.lines[j], d.lines[i]
			return tampering{name: "two lines swapped", event: []int64{p, q}}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := line(rng, d)
			moved := d.lines[i]
			d.lines = slices.Delete(d.lines, i, i+1)
			j := 1 + rng.IntN(d.events())
			for j == i {
				j = 1 + rng.IntN(d.events())
			}
			d.lines = slices.Insert(d.lines, j, moved)
			x := tampering{name: "line moved", event: []int64{p}}
			if j == i+1 || j == i-1 { // which of two neighbours was moved nobody can say
				x.event = append(x.event, p+int64(j-i))
			}
			return x, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			b := d.bytes()
			return tampering{name: "truncated"}, b[:rng.IntN(len(b))]
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			n := 1 + rng.IntN(d.events()-1)
			left := int64(d.events() - n)
			d.lines = slices.Delete(d.lines, len(d.lines)-1-n, len(d.lines)-1)
			return tampering{name: "last events cut off", event: []int64{left + 1}}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) { // the text is another, its salt the same
			i, p, before, after := otherText(rng, d)
			d.lines[i] = bytes.Replace(d.lines[i], before, after, 1)
			return tampering{name: "text altered beside its record", event: []int64{p}}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := lineWith(rng, d, `"texts":{"/`)
			l, _ := export.ParseLine(bytes.TrimSuffix(d.lines[i], []byte("\n")))
			var all map[string]any
			if err := json.Unmarshal(l.Texts, &all); err != nil {
				t.Fatal(err)
			}
			pointer := slices.Sorted(maps.Keys(all))[0]
			all[pointer] = nil
			if p == 1 {
				for name := range all {
					all[name] = nil // its problem was closed; so more than that
				}
			}
			l.Texts, _ = json.Marshal(all)
			d.lines[i] = export.AppendLine(nil, l)
			return tampering{name: "text closed and no event says so", event: []int64{p}}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, p := line(rng, d)
			d.lines[i] = forged(t, d.lines[i], func(r *record.Record) { r.ID[3] ^= 1 })
			return tampering{name: "record and leaf forged: a place in the log", event: []int64{p}}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) { // nothing in it gives it away but the root
			i, _ := line(rng, d)
			d.lines[i] = forged(t, d.lines[i], func(r *record.Record) { r.Salt[3] ^= 1 })
			return tampering{name: "record and leaf forged: nothing but the salt", place: "a"}, d.resealed(t)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			return tampering{name: "trailer signed anew by another key", place: "trailer"}, resigned(t, d, other, false)
		},
		func(rng *rand.Rand, d sheaf) (tampering, []byte) {
			i, _ := line(rng, d)
			d.lines[i] = forged(t, d.lines[i], func(r *record.Record) { r.Salt[3] ^= 1 })
			return tampering{name: "all of it made anew under another key", place: "trailer"}, resigned(t, d, other, true)
		},
	}
}

// isSealed reports whether a byte of a line belongs to a ciphertext. Of those the
// record holds no digest: who has no key can tell that the file was altered, and not
// which of them.
func isSealed(line []byte, at int) bool {
	from := bytes.Index(line, []byte(`,"sealed":`))
	return from >= 0 && from <= at && at < bytes.LastIndex(line, []byte(`,"record":`))
}

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func span(from, to int64) (all []int64) {
	for p := from; p <= to; p++ {
		all = append(all, p)
	}
	return all
}

func renumbered(t testing.TB, line []byte, by int64) []byte {
	t.Helper()
	l, err := export.ParseLine(bytes.TrimSuffix(line, []byte("\n")))
	if err != nil {
		t.Fatal(err)
	}
	l.Position += by
	return export.AppendLine(nil, l)
}

func lineWith(rng *rand.Rand, d sheaf, part string) (int, int64) {
	for {
		i := 1 + rng.IntN(d.events())
		if bytes.Contains(d.lines[i], []byte(part)) {
			return i, int64(i)
		}
	}
}

// otherText finds a text beside a record, and another in its place.
func otherText(rng *rand.Rand, d sheaf) (i int, position int64, before, after []byte) {
	i, position = lineWith(rng, d, `"t": "`)
	_, rest, _ := bytes.Cut(d.lines[i], []byte(`"t": "`))
	end := bytes.IndexByte(rest, '"')
	before = slices.Concat([]byte(`"t": "`), rest[:end])
	return i, position, before, append(slices.Clone(before), 'x')
}

// resigned signs an export under another key: the trailer alone, or all of it.
func resigned(t testing.TB, d sheaf, by *proof.Signer, all bool) []byte {
	t.Helper()
	d = d.clone()
	header, err := export.ParseHeader(bytes.TrimSuffix(d.lines[0], []byte("\n")))
	if err != nil {
		t.Fatal(err)
	}
	var trailer struct {
		Trailer export.Trailer `json:"trailer"`
	}
	last := len(d.lines) - 1
	if err := json.Unmarshal(d.lines[last], &trailer); err != nil {
		t.Fatal(err)
	}
	if all {
		var tree proof.Range
		for _, line := range d.lines[1:last] {
			l, err := export.ParseLine(bytes.TrimSuffix(line, []byte("\n")))
			if err != nil {
				t.Fatal(err)
			}
			tree.Add(l.Leaf)
		}
		header.Root, header.Keys = tree.Root(), by.Public
		b, err := json.Marshal(header)
		if err != nil {
			t.Fatal(err)
		}
		d.lines[0] = append(b, '\n')
		signed, err := proof.Checkpoint{Origin: by.Origin, Size: header.Size, Root: header.Root}.Sign(by.Keys...)
		if err != nil {
			t.Fatal(err)
		}
		trailer.Trailer.Checkpoint = string(signed)
	}
	sum := sha256.Sum256(slices.Concat(d.lines[:last]...))
	trailer.Trailer.Digest = hex.EncodeToString(sum[:])
	signed, err := note.Sign(&note.Note{Text: export.Statement(header, trailer.Trailer.Digest)}, by.Keys...)
	if err != nil {
		t.Fatal(err)
	}
	trailer.Trailer.Signature = string(signed)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(trailer); err != nil {
		t.Fatal(err)
	}
	d.lines[last] = b.Bytes()
	return d.bytes()
}

// Somebody who makes everything anew under a key of his own is found out by who
// knows the log's key, and told apart by who does not.
func TestAnotherKeyIsOnlyNoticedByWhoKnowsTheRightOne(t *testing.T) {
	k := emptyLog(t, filepath.Join(t.TempDir(), "signer"))
	k.grow(t, 0, 3)
	k.seal(t)
	other, err := proof.CreateSigner(filepath.Join(t.TempDir(), "other"), k.signer.Origin)
	if err != nil {
		t.Fatal(err)
	}
	file := resigned(t, cutUp(k.export(t, "")), other, true)
	r := checkFiles(t, nil, false, file)
	if r.Status() != verify.Good || !r.OwnKey || !strings.Contains(check.Words(r, text.ID, 0), "kunci dari berkas itu sendiri") {
		t.Errorf("without a key:\n%s", check.Words(r, text.ID, 0))
	}
	if r := checkFiles(t, &k.trust, false, file); r.Status() != verify.Tampered || r.OwnKey {
		t.Errorf("with the key:\n%s", check.Words(r, text.ID, 0))
	}
}

// tiles returns all that the log serves to the public.
func (k *ledger) tiles(t testing.TB) map[string][]byte {
	t.Helper()
	book := notary.Book{DB: k.pool, Origin: k.signer.Origin}
	head, err := book.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"checkpoint": []byte(head.Note)}
	for level := -1; ; level++ {
		n := int64(0)
		for ; ; n++ {
			tile, ok := proof.Within(tlog.Tile{H: proof.TileHeight, L: level, N: n}, head.Size)
			if !ok {
				break
			}
			if files[proof.Path(tile)], err = book.Tile(t.Context(), tile); err != nil {
				t.Fatal(err)
			}
		}
		if n == 0 {
			return files
		}
	}
}

func checkTiles(t testing.TB, k *ledger, files map[string][]byte) *verify.Report {
	t.Helper()
	r := &verify.Report{What: "tiles"}
	err := verify.Tiles(context.Background(), func(_ context.Context, path string) ([]byte, error) {
		b, ok := files[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return b, nil
	}, &k.trust, nil, nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tileTamperings(t testing.TB, k *ledger) []func(*rand.Rand, map[string][]byte) tampering {
	pick := func(rng *rand.Rand, files map[string][]byte, prefix string) string {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool { return !strings.HasPrefix(name, prefix) })
		return names[rng.IntN(len(names))]
	}
	book := notary.Book{DB: k.pool, Origin: k.signer.Origin}
	heads, err := book.Before(t.Context(), 0, 10)
	if err != nil || len(heads) < 2 {
		t.Fatal(len(heads), err)
	}
	other, err := proof.CreateSigner(filepath.Join(t.TempDir(), "other"), k.signer.Origin)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(prefix string) func(*rand.Rand, map[string][]byte) tampering {
		return func(rng *rand.Rand, files map[string][]byte) tampering {
			name := pick(rng, files, prefix)
			b := slices.Clone(files[name])
			b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			files[name] = b
			return tampering{name: "bit flip in " + name, place: name}
		}
	}
	return []func(*rand.Rand, map[string][]byte) tampering{
		flip("checkpoint"), flip("tile/0/"), flip("tile/1/"), flip("tile/entries/"), flip("tile/"),
		func(rng *rand.Rand, files map[string][]byte) tampering {
			name := pick(rng, files, "")
			delete(files, name)
			return tampering{name: name + " deleted", place: name}
		},
		func(rng *rand.Rand, files map[string][]byte) tampering {
			name := pick(rng, files, "tile/")
			files[name] = files[name][:rng.IntN(len(files[name]))]
			return tampering{name: name + " cut off", place: name}
		},
		func(rng *rand.Rand, files map[string][]byte) tampering {
			a, b := pick(rng, files, "tile/0/"), pick(rng, files, "tile/entries/")
			files[a], files[b] = files[b], files[a]
			return tampering{name: a + " and " + b + " swapped", place: a}
		},
		func(rng *rand.Rand, files map[string][]byte) tampering {
			c, err := proof.Peek(files["checkpoint"])
			if err != nil {
				t.Fatal(err)
			}
			if files["checkpoint"], err = c.Sign(other.Keys...); err != nil {
				t.Fatal(err)
			}
			return tampering{name: "checkpoint signed by another key", place: "checkpoint"}
		},
		func(rng *rand.Rand, files map[string][]byte) tampering { // two entries change places
			name := pick(rng, files, "tile/entries/")
			b := slices.Clone(files[name])
			size := proof.EntrySize + 2
			i := rng.IntN(len(b)/size - 1)
			x, y := b[i*size:(i+1)*size], b[(i+1)*size:(i+2)*size]
			held := slices.Clone(x)
			copy(x, y)
			copy(y, held)
			files[name] = b
			return tampering{name: "entries swapped in " + name, place: name}
		},
	}
}

// A disarmed log is one whose owner is a superuser with ill intent.
type disarmed struct{ k *ledger }

var logTables = []string{"events", "commands", "tree.tiles", "tree.checkpoints", "tree.places"}

// disarm takes the triggers off that keep the log as it is, and keeps a copy.
func disarm(t testing.TB, k *ledger) disarmed {
	t.Helper()
	for _, table := range logTables {
		k.exec(t, `alter table `+table+` disable trigger user`)
		k.exec(t, `create table pristine_`+strings.ReplaceAll(table, ".", "_")+` as table `+table)
	}
	return disarmed{k}
}

func (d disarmed) restore(t testing.TB) {
	t.Helper()
	var all strings.Builder
	for _, table := range logTables {
		fmt.Fprintf(&all, "delete from %s; insert into %s select * from pristine_%s;", table, table, strings.ReplaceAll(table, ".", "_"))
	}
	if _, err := d.k.pool.Exec(t.Context(), all.String()); err != nil {
		t.Fatal(err)
	}
}

func (k *ledger) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	tag, err := k.pool.Exec(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if tag.RowsAffected() == 0 && (tag.Update() || tag.Delete() || tag.Insert()) && !strings.HasPrefix(sql, "delete from commands") {
		t.Fatalf("%s %v altered nothing", sql, args)
	}
}

func (k *ledger) head(t testing.TB) int64 {
	t.Helper()
	head, err := k.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func databaseTamperings(t testing.TB, k *ledger) []func(*rand.Rand) tampering {
	head := k.head(t)
	any := func(rng *rand.Rand) int64 { return 1 + rng.Int64N(head) }
	row := func(name, sql string) func(*rand.Rand) tampering {
		return func(rng *rand.Rand) tampering {
			p := any(rng)
			k.exec(t, sql, p)
			return tampering{name: name, event: []int64{p}}
		}
	}
	among := func(where string, rng *rand.Rand) int64 {
		var p int64
		if err := k.pool.QueryRow(t.Context(), `select position from events where `+where+` order by md5(position::text || $1) limit 1`, fmt.Sprint(rng.Uint64())).Scan(&p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	columns := []string{
		`event_id = 'f0000000-0000-0000-0000-000000000000'`, `stream = stream || 'x'`, `version = version + 100`, `type = 'proposal.funded'`, `type_version = type_version + 1`,
		`tenant = '99.02'`, `cycle = cycle + 1`, `occurred_from = occurred_from - interval '1 microsecond'`, `occurred_to = occurred_to + interval '1 second'`, `recorded_at = recorded_at + interval '1 day'`,
	}
	return []func(*rand.Rand) tampering{
		func(rng *rand.Rand) tampering {
			p := any(rng)
			k.exec(t, `update events set record = set_bit(record, n, 1 - get_bit(record, n)) from (select $2::bigint as n) n where position = $1`, p, rng.Int64N(8*500))
			return tampering{name: "bit flip in a record", event: []int64{p}}
		},
		func(rng *rand.Rand) tampering {
			p := any(rng)
			k.exec(t, `update events set leaf_hash = set_bit(leaf_hash, $2, 1 - get_bit(leaf_hash, $2)) where position = $1`, p, rng.IntN(256))
			return tampering{name: "bit flip in a leaf", event: []int64{p}}
		},
		func(rng *rand.Rand) tampering {
			column := columns[rng.IntN(len(columns))]
			return row("column: "+column, `update events set `+column+` where position = $1`)(rng)
		},
		row("row deleted", `delete from events where position = $1`),
		func(rng *rand.Rand) tampering {
			p := min(any(rng), head-1) // there is a rest
			k.exec(t, `delete from events where position = $1`, p)
			k.exec(t, `update events set position = -position where position > $1`, p)
			k.exec(t, `update events set position = -position - 1 where position < 0`)
			return tampering{name: "row deleted, the rest renumbered", event: span(p, head)}
		},
		func(rng *rand.Rand) tampering {
			p := any(rng)
			k.exec(t, `insert into events select position + 1000000, event_id, stream, version + 1000, type, type_version, tenant, cycle, occurred_from, occurred_to, recorded_at, record, leaf_hash, texts, sealed from events where position = $1`, p)
			return tampering{name: "row doubled at the end", event: []int64{1_000_000 + p, head + 1}}
		},
		func(rng *rand.Rand) tampering {
			p, q := any(rng), any(rng)
			for p == q {
				q = any(rng)
			}
			k.exec(t, `update events set position = -1 where position = $1`, p)
			k.exec(t, `update events set position = $1 where position = $2`, p, q)
			k.exec(t, `update events set position = $1 where position = -1`, q)
			return tampering{name: "two rows swapped", event: []int64{p, q}}
		},
		func(rng *rand.Rand) tampering {
			p := any(rng)
			k.exec(t, `delete from events where position >= $1`, p)
			k.exec(t, `delete from commands where last >= $1`, p)
			return tampering{name: "last rows deleted", event: []int64{p}}
		},
		func(rng *rand.Rand) tampering {
			p := among(`texts::text like '%"t": "%'`, rng)
			k.exec(t, `update events set texts = jsonb_set(texts, array[(select min(key) from jsonb_each(texts) where value <> 'null'), 't'], '"lain"') where position = $1`, p)
			return tampering{name: "text altered", event: []int64{p}}
		},
		func(rng *rand.Rand) tampering {
			p := among(`texts is not null and position > 1`, rng)
			k.exec(t, `update events set texts = null where position = $1`, p)
			return tampering{name: "texts taken away", event: []int64{p}}
		},
		func(rng *rand.Rand) tampering {
			p := among(`texts is not null and position > 1`, rng)
			k.exec(t, `update events set texts = jsonb_set(texts, array[(select min(key) from jsonb_each(texts))], 'null') where position = $1`, p)
			return tampering{name: "text closed and no event says so", event: []int64{p}}
		},
		func(rng *rand.Rand) tampering {
			p := among(`sealed is not null and position > 1`, rng)
			k.flipSealed(t, rng, p)
			return tampering{name: "bit flip in what is sealed", event: []int64{p}}
		},
		func(rng *rand.Rand) tampering {
			p := any(rng)
			k.forgeRow(t, p)
			return tampering{name: "record, leaf and columns forged", place: "checkpoint"}
		},
		func(rng *rand.Rand) tampering {
			k.exec(t, `update tree.tiles set hashes = set_bit(hashes, b, 1 - get_bit(hashes, b)) from (select $1::bigint as b) b where (level, n) = (select level, n from tree.tiles order by md5(n::text || level || $2) limit 1)`, rng.Int64N(256), fmt.Sprint(rng.Uint64()))
			return tampering{name: "bit flip in a tile", place: "tile/"}
		},
		func(rng *rand.Rand) tampering {
			k.exec(t, `delete from tree.tiles where (level, n) = (select level, n from tree.tiles order by md5(n::text || level || $1) limit 1)`, fmt.Sprint(rng.Uint64()))
			return tampering{name: "tile deleted", place: "tile/"}
		},
		func(rng *rand.Rand) tampering {
			k.exec(t, `update tree.checkpoints set root = set_bit(root, $1, 1 - get_bit(root, $1)) where size = (select size from tree.checkpoints order by md5(size::text || $2) limit 1)`, rng.IntN(256), fmt.Sprint(rng.Uint64()))
			return tampering{name: "bit flip in a signed root", place: "tree.checkpoints"}
		},
		func(rng *rand.Rand) tampering {
			k.exec(t, `update tree.checkpoints set note = overlay(note placing chr(ascii(substr(note, $1, 1)) # 1) from $1 for 1) where size = (select max(size) from tree.checkpoints)`, 1+rng.IntN(60))
			return tampering{name: "letter altered in a checkpoint", place: "tree.checkpoints"}
		},
		func(rng *rand.Rand) tampering {
			k.exec(t, `update commands set fingerprint = set_bit(fingerprint, $1, 1 - get_bit(fingerprint, $1)) where id = (select id from commands order by md5(id::text || $2) limit 1)`, rng.IntN(256), fmt.Sprint(rng.Uint64()))
			return tampering{name: "bit flip in a command", place: "commands"}
		},
		func(rng *rand.Rand) tampering {
			k.exec(t, `delete from commands where id = (select id from commands order by md5(id::text || $1) limit 1)`, fmt.Sprint(rng.Uint64()))
			return tampering{name: "command deleted", place: "commands"}
		},
		func(rng *rand.Rand) tampering {
			p := any(rng)
			k.exec(t, `update tree.places set position = position + 1 where position = $1`, p)
			return tampering{name: "place altered", event: []int64{p, p + 1}}
		},
		row("record replaced by another's", `update events set record = (select record from events where position <> $1 order by position desc limit 1) where position = $1`),
	}
}

// flipSealed flips a bit of a ciphertext.
func (k *ledger) flipSealed(t testing.TB, rng *rand.Rand, position int64) {
	t.Helper()
	var sealed map[string]*string
	if err := k.pool.QueryRow(t.Context(), `select sealed from events where position = $1`, position).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	for pointer, text := range sealed {
		if text == nil {
			continue
		}
		b, err := base64.StdEncoding.DecodeString(*text)
		if err != nil {
			t.Fatal(err)
		}
		b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
		altered := base64.StdEncoding.EncodeToString(b)
		sealed[pointer] = &altered
		k.exec(t, `update events set sealed = $2 where position = $1`, position, sealed)
		return
	}
	t.Fatal("nothing is sealed there")
}

// forgeRow alters a record as somebody would who may write to every table and has
// no key: leaf and columns fit, and so do tiles and places.
func (k *ledger) forgeRow(t testing.TB, position int64) {
	t.Helper()
	r, err := k.store.At(t.Context(), position)
	if err != nil {
		t.Fatal(err)
	}
	says, err := record.Parse(r.Record)
	if err != nil {
		t.Fatal(err)
	}
	says.Salt[0] ^= 1
	b, err := says.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	leaf := proof.Leaf(says.ID, says.RecordedAt, sha256.Sum256(b))
	k.exec(t, `update events set record = $2, leaf_hash = $3 where position = $1`, position, b, leaf[:])
}

// Somebody who has the key signs whatever he likes: every leaf and root is right.
// What the workflow did not allow is named all the same.
func TestAnIllegalActIsNamedEvenIfItIsSigned(t *testing.T) {
	k := demoLog(t, 70)
	file := k.export(t, "")
	for name, test := range map[string]struct {
		types, from, to string
		code            string
	}{
		"a state the step does not lead to": {"proposal.accepted_by_opd", `"state":"`, `"state":"x`, "verify.illegal"},
		"a step nobody knows":               {"proposal.prioritized", `"via":"`, `"via":"x`, "verify.illegal"},
		"a decision that passes over steps": {"proposal.returned", `"via":"`, `"via":"jump","x":"`, "verify.payload"},
		"a parent nobody formed":            {"proposal.merged", `"parent":"U-`, `"parent":"U-9`, "verify.counterpart"},
		"another workflow":                  {"proposal.submitted", "", "", "verify.pinned"},
		"a grant nobody holds":              {"proposal.verified", "", "", "verify.grant"},
	} {
		d := cutUp(file)
		at := 0
		for i := range d.lines[1 : len(d.lines)-1] {
			if bytes.Contains(d.lines[i+1], []byte(`"type":"`+test.types+`"`)) {
				at = i + 1
				break
			}
		}
		if at == 0 {
			t.Errorf("%s: the demo has no %s", name, test.types)
			continue
		}
		d.lines[at] = forged(t, d.lines[at], func(r *record.Record) {
			switch test.code {
			case "verify.pinned":
				r.Definition = strings.Repeat("0", 64)
			case "verify.grant":
				r.Actor.Grant = "grant-nobody"
			default:
				r.Payload = bytes.Replace(bytes.Clone(r.Payload), []byte(test.from), []byte(test.to), 1)
			}
		})
		r := checkFiles(t, &k.trust, true, resigned(t, d, k.signer, true))
		named := slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Code == test.code && f.Position == int64(at) })
		if r.Status() != verify.Tampered || !named {
			t.Errorf("%s (event %d):\n%s", name, at, check.Words(r, text.EN, 0))
		}
	}
}
