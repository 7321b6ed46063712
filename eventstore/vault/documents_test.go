package vault_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"runut/eventstore/vault"
)

const (
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	ods  = "application/vnd.oasis.opendocument.spreadsheet"
)

func documents(t *testing.T) *vault.Documents {
	t.Helper()
	v, _, _ := open(t)
	return &vault.Documents{Vault: v, Dir: t.TempDir()}
}

func put(t *testing.T, docs *vault.Documents, content []byte, declared string) vault.Document {
	t.Helper()
	doc, err := docs.Put(t.Context(), bytes.NewReader(content), declared, "")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func read(t *testing.T, docs *vault.Documents, digest vault.Digest) string {
	t.Helper()
	_, content, err := docs.Get(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	all, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func pdf(size int) []byte {
	b := append([]byte("%PDF-1.7\n"), make([]byte, size)...)
	rand.NewChaCha8([32]byte{}).Read(b[9:])
	return append(b, "\n%%EOF\n"...)
}

// archive returns a zip of names and contents, in turn.
func archive(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: parts[i], Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// workbook returns the least that passes for one, and more entries.
func workbook(t testing.TB, more ...string) []byte {
	return archive(t, append([]string{
		"[Content_Types].xml", `<Types><Override ContentType="` + xlsx + `.main+xml"/></Types>`,
		"xl/workbook.xml", "<workbook/>",
	}, more...)...)
}

func picture() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		for y := range 30 {
			m.Set(x, y, color.NRGBA{uint8(6 * x), uint8(8 * y), 90, 255})
		}
	}
	return m
}

func jpegOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tiff returns an EXIF block with an orientation and a pointer to a place.
func tiff(orientation uint16) []byte {
	b := []byte("II\x2a\x00\x08\x00\x00\x00\x02\x00")
	b = binary.LittleEndian.AppendUint16(b, 0x0112)
	b = binary.LittleEndian.AppendUint16(b, 3)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(orientation))
	b = binary.LittleEndian.AppendUint16(b, 0x8825)
	b = binary.LittleEndian.AppendUint16(b, 4)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, 38)
	b = append(b, 0, 0, 0, 0)
	return append(b, "RAHASIA-LINTANG-BUJUR"...)
}

// segment returns a JPEG segment.
func segment(marker byte, body string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(b, body...)
}

// chunk returns a PNG chunk.
func chunk(kind, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// riff returns a WebP of chunks: names and bodies, in turn.
func riff(parts ...string) []byte {
	body := []byte("WEBP")
	for i := 0; i < len(parts); i += 2 {
		body = binary.LittleEndian.AppendUint32(append(body, parts[i]...), uint32(len(parts[i+1])))
		body = append(append(body, parts[i+1]...), make([]byte, len(parts[i+1])%2)...)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

const vp8l = "\x2f\x27\x40\x07\x00" // 40 by 30

func TestADocumentComesBackAsItWas(t *testing.T) {
	docs := documents(t)
	for name, test := range map[string]struct {
		declared string
		content  []byte
	}{
		"small":                {"application/pdf", pdf(10)},
		"one piece exactly":    {"application/pdf", pdf(1<<20 - 16)},
		"three pieces":         {"application/pdf", pdf(3<<20 - 100)},
		"jpeg":                 {"image/jpeg", jpegOf(t)},
		"png":                  {"image/png", pngOf(t)},
		"webp":                 {"image/webp", riff("VP8L", vp8l)},
		"xlsx":                 {xlsx, workbook(t)},
		"docx":                 {docx, archive(t, "[Content_Types].xml", docx+".main+xml", "word/document.xml", "<x/>")},
		"ods":                  {ods, archive(t, "mimetype", ods, "content.xml", "<x/>")},
		"csv with a mark":      {"text/csv; charset=utf-8", []byte("\ufeffno;usulan\r\n1;Jalan\r\n")},
		"csv, said by windows": {"application/vnd.ms-excel", []byte("no;usulan\r\n")},
		"text":                 {"text/plain", []byte("Rapat < 5 menit\f\nRp1.000\n")},
	} {
		doc := put(t, docs, test.content, test.declared)
		if got := read(t, docs, doc.Digest); got != string(test.content) {
			t.Errorf("%s: %d bytes came back of %d, or others", name, len(got), len(test.content))
		}
		if want := vault.Digest(sha256.Sum256(test.content)); doc.Digest != want || doc.Original != want {
			t.Errorf("%s: digest %s and %s, want %s", name, doc.Digest, doc.Original, want)
		}
		if doc.Size != int64(len(test.content)) || len(doc.Removed) != 0 || doc.Stored.IsZero() {
			t.Errorf("%s: %+v", name, doc)
		}
	}
}

func TestPhotographsLoseWhatTellsOfPlaces(t *testing.T) {
	docs := documents(t)
	clean := jpegOf(t)
	after := func(head []byte, more ...[]byte) []byte {
		return append(append(bytes.Clone(head), bytes.Join(more, nil)...), clean[2:]...)
	}
	secret := "RAHASIA"
	for name, test := range map[string]struct {
		declared string
		content  []byte
		removed  []string
	}{
		"jpeg with everything": {"image/jpeg", append(after(clean[:2],
			segment(0xe1, "Exif\x00\x00"+string(tiff(1))), segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta RAHASIA>"),
			segment(0xed, "Photoshop 3.0\x00RAHASIA"), segment(0xe2, "MPF\x00RAHASIA"), segment(0xfe, "RAHASIA")), "PK\x03\x04RAHASIA"...),
			[]string{"exif", "gps", "xmp", "iptc", "application data", "comment", "trailer"}},
		"jpeg on its side": {"image/jpeg", after(clean[:2], segment(0xe1, "Exif\x00\x00"+string(tiff(6)))), []string{"exif", "gps"}},
		"png": {"image/png", append(append(append(bytes.Clone(pngOf(t)[:33]), chunk("tEXt", "Author\x00RAHASIA")...),
			append(chunk("eXIf", string(tiff(1))), pngOf(t)[33:]...)...), "RAHASIA"...), []string{"comment", "exif", "trailer"}},
		"webp": {"image/webp", append(riff("VP8X", "\x0c\x00\x00\x00\x27\x00\x00\x1d\x00\x00", "VP8L", vp8l,
			"EXIF", string(tiff(8)), "XMP ", "<x RAHASIA>", "JUNK", "RAHASIA"), "RAHASIA"...), []string{"exif", "gps", "xmp", "application data", "trailer"}},
	} {
		doc := put(t, docs, test.content, test.declared)
		if d := cmp.Diff(test.removed, doc.Removed); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		kept := read(t, docs, doc.Digest)
		if strings.Contains(kept, secret) {
			t.Errorf("%s: what is kept still tells", name)
		}
		if doc.Digest != sha256.Sum256([]byte(kept)) || doc.Original != sha256.Sum256(test.content) || doc.Digest == doc.Original {
			t.Errorf("%s: digests %s and %s", name, doc.Digest, doc.Original)
		}
		found, err := docs.Original(t.Context(), doc.Original)
		if err != nil {
			t.Fatal(err)
		}
		if found.Digest != doc.Digest || !cmp.Equal(found.Removed, doc.Removed) {
			t.Errorf("%s: by the digest of the original: %+v", name, found)
		}
		if again := put(t, docs, []byte(kept), test.declared); again.Digest != doc.Digest || len(again.Removed) != 0 {
			t.Errorf("%s: cleaned twice: %+v", name, again)
		}
	}
}

func TestACleanedPhotographLooksTheSame(t *testing.T) {
	docs := documents(t)
	clean := jpegOf(t)
	turned := append(append(bytes.Clone(clean[:2]), segment(0xe1, "Exif\x00\x00"+string(tiff(6)))...), clean[2:]...)
	kept := read(t, docs, put(t, docs, turned, "image/jpeg").Digest)
	want, err := jpeg.Decode(bytes.NewReader(clean))
	if err != nil {
		t.Fatal(err)
	}
	got, err := jpeg.Decode(strings.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(got, want, cmp.AllowUnexported(image.YCbCr{})) {
		t.Error("the pixels changed")
	}
	if orientation := "\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06"; !strings.Contains(kept, orientation) {
		t.Error("the orientation is gone: the photograph would lie on its side")
	}
}

func TestWhatIsNotTakenIn(t *testing.T) {
	docs := documents(t)
	docs.MaxSize = 2 << 20
	huge := pngOf(t)
	copy(huge[8:33], chunk("IHDR", "\x00\x01\x00\x00\x00\x01\x00\x00\x08\x06\x00\x00\x00"))
	encrypted := workbook(t)
	for at := 0; ; { // the flag stands in each header, local and central
		i := bytes.Index(encrypted[at:], []byte("PK"))
		if i < 0 {
			break
		}
		at += i + 2
		switch string(encrypted[at : at+2]) {
		case "\x03\x04":
			encrypted[at+4] |= 1
		case "\x01\x02":
			encrypted[at+6] |= 1
		}
	}
	bomb := workbook(t, "xl/media/a.bin", strings.Repeat("\x00", 21<<20))
	lying := bytes.Clone(bomb)
	claim := binary.LittleEndian.AppendUint32(nil, 21<<20)
	lying = bytes.ReplaceAll(lying, claim, []byte{1, 0, 0, 0})
	for name, test := range map[string]struct {
		declared, name string
		content        string
		code           string
		param, value   string
	}{
		"nothing":                {"application/pdf", "", "", "document.empty", "", ""},
		"too large":              {"application/pdf", "", string(pdf(2 << 20)), "document.too_large", "limit", "2097152"},
		"html":                   {"text/html", "", "<!doctype html>", "document.type_forbidden", "found", "text/html"},
		"svg":                    {"image/svg+xml", "", "<svg xmlns='x'/>", "document.type_forbidden", "found", "image/svg+xml"},
		"nothing declared":       {"", "", "x", "document.type_forbidden", "declared", ""},
		"any bytes":              {"application/octet-stream", "", string(pdf(9)), "document.type_forbidden", "found", "application/pdf"},
		"html as text":           {"text/plain", "", " \n<HTML><script>", "document.type_mismatch", "found", "text/html"},
		"svg as csv":             {"text/csv", "", "\ufeff<?xml version='1.0'?><svg onload='x'/>", "document.type_mismatch", "found", "image/svg+xml"},
		"a script as text":       {"text/plain", "", "#!/bin/sh\nrm", "document.type_mismatch", "", ""},
		"a program as pdf":       {"application/pdf", "", "MZ\x90\x00", "document.type_mismatch", "declared", "application/pdf"},
		"a program as text":      {"text/plain", "", "\x7fELF\x02\x01", "document.type_mismatch", "", ""},
		"png as jpeg":            {"image/jpeg", "", string(pngOf(t)), "document.type_mismatch", "found", "image/png"},
		"pdf behind something":   {"application/pdf", "", "GIF89a%PDF-1.7\n%%EOF", "document.type_mismatch", "", ""},
		"the wrong extension":    {"application/pdf", "surat.PDF.exe", string(pdf(9)), "document.type_mismatch", "found", ".exe"},
		"half a pdf":             {"application/pdf", "", string(pdf(9000)[:5000]), "document.damaged", "place", "%%EOF"},
		"half a jpeg":            {"image/jpeg", "", string(jpegOf(t)[:len(jpegOf(t))-2]), "document.damaged", "place", "EOI"},
		"half a png":             {"image/png", "", string(pngOf(t)[:len(pngOf(t))-12]), "document.damaged", "place", "IEND"},
		"a changed png":          {"image/png", "", flipped(pngOf(t), 50), "document.damaged", "place", "IDAT"},
		"a png of 4 gigapixels":  {"image/png", "", string(huge), "document.damaged", "place", "65536×65536"},
		"a webp of 268 Mpixels":  {"image/webp", "", string(riff("VP8L", "\x2f\xff\xff\xff\x0f")), "document.damaged", "place", "16384×16384"},
		"half a webp":            {"image/webp", "", string(riff("VP8L", vp8l)[:20]), "document.damaged", "place", "RIFF"},
		"a broken zip":           {xlsx, "", "PK\x03\x04 and nothing", "document.damaged", "place", "zip"},
		"a zip as workbook":      {xlsx, "", string(archive(t, "a.txt", "x")), "document.type_mismatch", "found", "application/zip"},
		"a workbook as document": {docx, "", string(workbook(t)), "document.type_mismatch", "found", xlsx},
		"macros": {xlsx, "", string(workbook(t, "xl/vbaProject.bin", "x")),
			"document.active_content", "place", "xl/vbaProject.bin"},
		"macros said":           {xlsx, "", string(archive(t, "[Content_Types].xml", xlsx+".main+xml macroEnabled")), "document.active_content", "", ""},
		"a program inside":      {xlsx, "", string(workbook(t, "xl/embeddings/a.EXE", "MZ")), "document.active_content", "place", "xl/embeddings/a.EXE"},
		"an entry outside":      {xlsx, "", string(workbook(t, "xl/../../a.xml", "x")), "document.damaged", "place", "xl/../../a.xml"},
		"encrypted":             {xlsx, "", string(encrypted), "document.encrypted", "", ""},
		"a bomb":                {xlsx, "", string(bomb), "document.unpacks_too_large", "limit", "20971520"},
		"a bomb that lies":      {xlsx, "", string(lying), "document.damaged", "place", "xl/media/a.bin"},
		"text in another code":  {"text/csv", "", "no;usulan\n1;Jal\xe9n\n", "document.not_text", "line", "2"},
		"text with a zero late": {"text/plain", "", strings.Repeat("baris\n", 1000) + "\x00", "document.not_text", "line", "1001"},
		"utf-16":                {"text/csv", "", "\xff\xfen\x00o\x00", "document.type_mismatch", "", ""},
	} {
		_, err := docs.Put(t.Context(), strings.NewReader(test.content), test.declared, test.name)
		if err == nil {
			t.Errorf("%s: taken in", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			e := refused(t, err, test.code)
			if test.param != "" && e.Params[test.param] != test.value {
				t.Errorf("%s is %q, want %q", test.param, e.Params[test.param], test.value)
			}
		})
	}
	left, err := os.ReadDir(docs.Dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if n := count(t, docs); n != 0 {
		t.Errorf("%d rows left behind", n)
	}
}

func flipped(b []byte, at int) string { return string(flip(b, at)) }

// count returns how many rows there are of documents.
func count(t *testing.T, docs *vault.Documents) (n int) {
	t.Helper()
	return countRows(t, docs.Vault.Pool())
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	docs := documents(t)
	broken := errors.New("the line is dead")
	_, err := docs.Put(t.Context(), io.MultiReader(bytes.NewReader(pdf(3<<20)), iotest.ErrReader(broken)), "application/pdf", "")
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := docs.Put(ctx, bytes.NewReader(pdf(3<<20)), "application/pdf", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := count(t, docs); n != 0 {
		t.Errorf("%d rows left behind", n)
	}
	left, err := os.ReadDir(docs.Dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheSameContentIsKeptOnce(t *testing.T) {
	docs := documents(t)
	content := pdf(2 << 20)
	var uploads sync.WaitGroup
	for range 6 {
		uploads.Go(func() {
			doc, err := docs.Put(t.Context(), bytes.NewReader(content), "application/pdf", "")
			if err != nil {
				t.Error(err)
			} else if doc.Digest != sha256.Sum256(content) || doc.Stored.IsZero() {
				t.Errorf("%+v", doc)
			}
		})
	}
	uploads.Wait()
	if n := count(t, docs); n != 1+3 {
		t.Errorf("%d rows, want a document and 3 pieces", n)
	}
}

func TestAnErasedDocumentStaysAway(t *testing.T) {
	docs := documents(t)
	doc := put(t, docs, pdf(3<<20), "application/pdf")
	_, content, err := docs.Get(t.Context(), doc.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if _, err := io.CopyN(io.Discard, content, 100); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := docs.Erase(t.Context(), doc.Digest, erasure(12)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.Copy(io.Discard, content); err == nil {
		t.Error("a reader at work got all of it")
	}
	_, _, err = docs.Get(t.Context(), doc.Digest)
	if e := refused(t, err, "document.erased"); e.Params["position"] != "12" {
		t.Errorf("erased by %s, want 12", e.Params["position"])
	}
	_, err = docs.Put(t.Context(), bytes.NewReader(pdf(3<<20)), "application/pdf", "")
	refused(t, err, "document.erased")
	_, _, err = docs.Get(t.Context(), vault.Digest{1})
	refused(t, err, "document.not_found")
	_, err = docs.Original(t.Context(), vault.Digest{1})
	refused(t, err, "document.not_found")
}

func TestPartsOfADocumentAreServed(t *testing.T) {
	docs := documents(t)
	content := pdf(3 << 20)
	doc := put(t, docs, content, "application/pdf")
	for header, want := range map[string][]byte{
		"bytes=0-9":               content[:10],
		"bytes=1048570-1048590":   content[1048570:1048591], // over the edge of a piece
		"bytes=-6":                content[len(content)-6:],
		"bytes=2097152-":          content[2097152:],
		"":                        content,
		"bytes=3000000-999999999": content[3000000:],
	} {
		_, body, err := docs.Get(t.Context(), doc.Digest)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Range", header)
		w := httptest.NewRecorder()
		http.ServeContent(w, r, "", doc.Stored, body)
		if !bytes.Equal(w.Body.Bytes(), want) {
			t.Errorf("%q: %d bytes with status %d, want %d", header, w.Body.Len(), w.Code, len(want))
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
	_, body, err := docs.Get(t.Context(), doc.Digest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := body.Seek(-1, io.SeekStart); err == nil {
		t.Error("a place before the beginning was found")
	}
	body.Close()
	if _, err := body.Read(make([]byte, 1)); err == nil {
		t.Error("a closed document was read")
	}
}

func TestPiecesCannotBeExchanged(t *testing.T) {
	docs := documents(t)
	doc := put(t, docs, pdf(3<<20), "application/pdf")
	exec(t, docs.Vault.Pool(), `update vault.pieces set sealed = (select sealed from vault.pieces where n = 0) where n = 1`)
	_, content, err := docs.Get(t.Context(), doc.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if n, err := io.Copy(io.Discard, content); err == nil || n != 1<<20 {
		t.Errorf("%d bytes and %v, want one piece and an error", n, err)
	}
}

func TestALargeDocumentNeedsLittleMemory(t *testing.T) {
	docs := documents(t)
	docs.MaxSize = 32 << 20
	content := pdf(24 << 20)
	before, peak := allocated(), uint64(0)
	watching, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-watching:
				return
			default:
				peak = max(peak, allocated())
			}
		}
	}()
	doc := put(t, docs, content, "application/pdf")
	_, body, err := docs.Get(t.Context(), doc.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, body, make([]byte, 64<<10)); err != nil || n != doc.Size {
		t.Errorf("read %d bytes, %v", n, err)
	}
	close(watching)
	<-watched
	runtime.KeepAlive(content) // else its going would hide what grew
	if grown := int64(peak) - int64(before); grown > 12<<20 {
		t.Errorf("memory grew by %d MiB over a document of 24", grown>>20)
	} else {
		t.Logf("memory grew by %d KiB", grown>>10)
	}
}

// allocated returns how many bytes are in use, as the collector found them: what
// became garbage since, while this goroutine waited for its turn, is not in it.
func allocated() uint64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

func TestDigests(t *testing.T) {
	d := vault.Digest(sha256.Sum256(nil))
	if got, err := vault.ParseDigest(d.String()); err != nil || got != d {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range []string{"", d.String()[1:], d.String() + "00", strings.Repeat("x", 64), strings.ToUpper(d.String()) + "0"} {
		_, err := vault.ParseDigest(bad)
		refused(t, err, "document.digest_malformed")
	}
}

// FuzzExamine holds that no content whatever makes the examination panic, and that
// what is kept is kept again unchanged.
func FuzzExamine(f *testing.F) {
	for _, seed := range [][]byte{jpegOf(f), pngOf(f), riff("VP8L", vp8l), workbook(f), pdf(100), []byte("a;b\n")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, declared := range vault.Types() {
			once, err := vault.Examine(content, declared)
			if err != nil {
				continue
			}
			twice, err := vault.Examine(once, declared)
			if err != nil || !bytes.Equal(once, twice) {
				t.Errorf("%s: what was kept is not kept again: %v", declared, err)
			}
		}
	})
}
