package export_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore/export"
	"runut/eventstore/proof"
	"runut/eventstore/record"
)

const origin = "runut.example/99.01"

var at = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

// line returns the n-th event of a log.
func line(t testing.TB, n int64) export.Line {
	t.Helper()
	r := record.Record{Envelope: event.Envelope{
		ID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, n)), Tenant: "99.01", Stream: fmt.Sprint("village-", n), Version: 1, Type: "village.noted", TypeVersion: 1,
		Occurred: domain.Moment(at), RecordedAt: at, Actor: domain.System(),
	}, Payload: fmt.Appendf(nil, `{"n":%d,"say":"kurung } dan \" kutip"}`, n)}
	b, err := r.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	l := export.Line{Position: n, Record: b, Leaf: proof.Leaf(r.ID, r.RecordedAt, sha256.Sum256(b))}
	if n%2 == 0 {
		l.Texts = []byte(`{"/say": {"s": "c2FsdA==", "t": "}{\\\"}"}}`)
	}
	if n%3 == 0 {
		l.Sealed = []byte(`{"/name": null}`)
	}
	return l
}

func signer(t testing.TB) (note.Signer, string) {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return s, public
}

// write returns an export of the events from after to size.
func write(t testing.TB, after, size int64, packed bool) []byte {
	t.Helper()
	s, public := signer(t)
	var tree proof.Range
	h := export.Header{Version: export.Version, Origin: origin, Tenant: "99.01", Keys: []string{public}, After: after, Size: size}
	for n := int64(1); n <= size; n++ {
		if tree.Size == after && after > 0 {
			earlier, err := proof.Checkpoint{Origin: origin, Size: after, Root: tree.Root()}.Sign(s)
			if err != nil {
				t.Fatal(err)
			}
			h.Nodes, h.Earlier = tree.Clone().Nodes, string(earlier)
		}
		tree.Add(line(t, n).Leaf)
	}
	h.Root = tree.Root()
	var b bytes.Buffer
	w, err := export.NewWriter(&b, h, packed)
	if err != nil {
		t.Fatal(err)
	}
	for n := after + 1; n <= size; n++ {
		if err := w.Write(line(t, n)); err != nil {
			t.Fatal(err)
		}
	}
	signed, err := proof.Checkpoint{Origin: origin, Size: size, Root: h.Root}.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(signed, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read returns the events of a file, and how reading it ended.
func read(from io.Reader) (lines []export.Line, r *export.Reader, err error) {
	r, err = export.NewReader(from)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for {
		block, err := r.Next()
		if errors.Is(err, io.EOF) {
			_, _, err = r.End()
			return lines, r, err
		}
		if err != nil {
			return lines, r, err
		}
		for _, b := range block.Lines {
			l, err := export.ParseLine(b)
			if err != nil {
				return lines, r, err
			}
			lines = append(lines, l)
		}
	}
}

func TestAnExportReadsBack(t *testing.T) {
	for _, test := range []struct {
		after, size int64
		packed      bool
	}{{0, 1, false}, {0, 300, false}, {0, 300, true}, {7, 300, false}, {299, 300, true}} {
		file := write(t, test.after, test.size, test.packed)
		if bytes.HasPrefix(file, []byte("{")) == test.packed {
			t.Errorf("packed is %v, the file begins %.20q", test.packed, file)
		}
		lines, r, err := read(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var want []export.Line
		for n := test.after + 1; n <= test.size; n++ {
			want = append(want, line(t, n))
		}
		if !reflect.DeepEqual(want, lines) {
			t.Errorf("%+v (-want +got):\n%s", test, cmp.Diff(want, lines))
		}
		trailer, digest, err := r.End()
		if err != nil || trailer.Digest != digest || trailer.Events != test.size-test.after || r.Header.After != test.after {
			t.Errorf("trailer %+v, digest %s, header %+v, %v", trailer, digest, r.Header, err)
		}
		h, last, err := export.Last(bytes.NewReader(file))
		if err != nil || h.Size != test.size || last != trailer {
			t.Errorf("Last: %+v, %+v, %v", h, last, err)
		}
	}
}

// Whoever has the file and jq can read it.
func TestEveryLineIsJSON(t *testing.T) {
	for i, b := range bytes.Split(bytes.TrimSpace(write(t, 3, 12, false)), []byte("\n")) {
		var v map[string]any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
		if r, ok := v["record"].(map[string]any); ok && r["type"] != "village.noted" {
			t.Errorf("line %d: %v", i+1, r)
		}
	}
}

func TestAFileThatBreaksOffIsNoExport(t *testing.T) {
	file := write(t, 0, 7, false)
	for n := 0; n < len(file); n += 13 {
		if _, _, err := read(bytes.NewReader(file[:n])); !errors.Is(err, export.ErrForm) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(file), err)
		}
	}
	for _, more := range []string{"\n", "{}\n", " ", string(file)} {
		if _, _, err := read(strings.NewReader(string(file) + more)); !errors.Is(err, export.ErrForm) {
			t.Errorf("%.10q behind it: %v", more, err)
		}
	}
}

// A line longer than any event can be ends the reading before it fills the memory.
func TestALineWithoutEndIsRefused(t *testing.T) {
	file := write(t, 0, 2, false)
	head := file[:bytes.IndexByte(file, '\n')+1]
	endless := io.MultiReader(bytes.NewReader(head), &zeroes{left: 10 * export.MaxLine})
	if _, _, err := read(endless); !errors.Is(err, export.ErrForm) {
		t.Error(err)
	}
	if _, _, err := read(&zeroes{left: 10 * export.MaxLine}); !errors.Is(err, export.ErrForm) {
		t.Error(err)
	}
}

type zeroes struct{ left int }

func (z *zeroes) Read(b []byte) (int, error) {
	if z.left <= 0 {
		return 0, io.EOF
	}
	z.left -= len(b)
	return len(b), nil
}

func TestADamagedLogIsNotSigned(t *testing.T) {
	for name, spoil := range map[string]func(*export.Line){
		"another record":    func(l *export.Line) { l.Record = bytes.Replace(l.Record, []byte("kurung"), []byte("kurang"), 1) },
		"another leaf":      func(l *export.Line) { l.Leaf[0] ^= 1 },
		"another position":  func(l *export.Line) { l.Position++ },
		"no record":         func(l *export.Line) { l.Record = []byte("{}") },
		"half of a text":    func(l *export.Line) { l.Texts = []byte(`{"/a":`) },
		"two sealed values": func(l *export.Line) { l.Sealed = []byte(`{}{}`) },
	} {
		var b bytes.Buffer
		_, public := signer(t)
		w, err := export.NewWriter(&b, export.Header{Version: export.Version, Origin: origin, Tenant: "99.01", Keys: []string{public}, Size: 1}, false)
		if err != nil {
			t.Fatal(err)
		}
		l := line(t, 1)
		spoil(&l)
		if err := w.Write(l); !errors.Is(err, &domain.Error{Code: "export.damaged"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, public := signer(t)
	w, err := export.NewWriter(io.Discard, export.Header{Version: export.Version, Origin: origin, Tenant: "99.01", Keys: []string{public}, Size: 1}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(line(t, 1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil, s); !errors.Is(err, &domain.Error{Code: "export.other_root"}) {
		t.Errorf("a root that was not promised: %v", err)
	}
}

func TestHeadersThatNobodyWroteAreRefused(t *testing.T) {
	good := string(bytes.SplitN(write(t, 5, 9, false), []byte("\n"), 2)[0])
	if _, err := export.ParseHeader([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"white space":       {`,"tenant"`, `, "tenant"`},
		"a member twice":    {`"after":5`, `"after":5,"after":5`},
		"an unknown member": {`"after":5`, `"after":5,"x":1`},
		"another case":      {`"origin"`, `"Origin"`},
		"an escape":         {`"99.01"`, `"99.0\u0031"`},
		"another version":   {`"runut_export":1`, `"runut_export":2`},
		"nothing after":     {`"size":9`, `"size":5`},
		"a lesser size":     {`"size":9`, `"size":-9`},
		"no origin":         {`"origin":"` + origin + `"`, `"origin":""`},
		"too few subtrees":  {`"nodes":[`, `"nodes":[],"x":[`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s changes nothing in %s", name, good)
		}
		if _, err := export.ParseHeader([]byte(bad)); !errors.Is(err, export.ErrForm) {
			t.Errorf("%s passed: %v", name, err)
		}
	}
}

// What is written as a line is read as the same, whatever stands in it.
func TestLinesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := func(label string) []byte {
			if rapid.Bool().Draw(t, label) {
				return nil
			}
			b, err := json.Marshal(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, label))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		l := export.Line{Position: rapid.Int64Range(1, 1<<62).Draw(t, "position"), Texts: object("texts"), Sealed: object("sealed")}
		copy(l.Leaf[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "leaf"))
		l.Record = append(append([]byte(`{"a":`), fmt.Appendf(nil, "%q", rapid.StringMatching(`[a-z{}]*`).Draw(t, "record"))...), '}')
		b := export.AppendLine(nil, l)
		l.Record = append([]byte{}, l.Record...)
		got, err := export.ParseLine(b[:len(b)-1])
		if l.Record[len(l.Record)-1] != '}' || err != nil {
			// a record ends with its payload: two brackets and the line's own
			if !errors.Is(err, export.ErrForm) {
				t.Fatal(err)
			}
			return
		}
		if diff := cmp.Diff(l, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	for n := range int64(6) {
		b := export.AppendLine(nil, line(f, n+1))
		f.Add(b[:len(b)-1])
	}
	f.Add([]byte(`{"position":1,"leaf":"`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := export.ParseLine(b)
		if err != nil {
			return
		}
		if again := export.AppendLine(nil, l); !bytes.Equal(again[:len(again)-1], b) {
			t.Errorf("%q was read, and is written %q", b, again)
		}
	})
}

func FuzzParseHeader(f *testing.F) {
	f.Add(bytes.SplitN(write(f, 0, 3, false), []byte("\n"), 2)[0])
	f.Add(bytes.SplitN(write(f, 6, 9, false), []byte("\n"), 2)[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := export.ParseHeader(b)
		if err == nil && (h.Size <= h.After || len(h.Keys) > len(b)) {
			t.Errorf("%q passed", b)
		}
	})
}

func FuzzParseTrailer(f *testing.F) {
	lines := bytes.Split(bytes.TrimSpace(write(f, 0, 3, false)), []byte("\n"))
	f.Add(lines[len(lines)-1])
	f.Fuzz(func(t *testing.T, b []byte) { export.ParseTrailer(b) })
}

func FuzzReader(f *testing.F) {
	f.Add(write(f, 0, 3, false))
	f.Add(write(f, 2, 5, true))
	f.Fuzz(func(t *testing.T, b []byte) { read(bytes.NewReader(b)) })
}
