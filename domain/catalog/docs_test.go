package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/proposal"
)

var update = flag.Bool("update", false, "write docs/events.md anew")

const page = "../../docs/events.md"

// TestEventsPage holds that docs/events.md says what the program does. It is
// made from the event types, their comments and the words of this package.
func TestEventsPage(t *testing.T) {
	got := (&writer{source: readSource(t)}).page()
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("docs/events.md is not what the events are; review the change, then go test ./domain/catalog -update (-page +events):\n%s", d)
	}
}

// A writer writes the page of events.
type writer struct {
	strings.Builder
	source source
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

const introduction = `# Peristiwa: segala yang dapat terjadi

Halaman ini dibuat dari program dan diuji terhadapnya; jangan disunting dengan tangan.
*This page is made from the program and tested against it. Indonesian first; the English in italics is what the program's own comments say.*

Runut mencatat setiap kejadian sebagai satu **peristiwa** yang tidak pernah diubah atau dihapus. Daftar di bawah ini tertutup:
tidak ada peristiwa lain yang dapat tercatat. Nama simpanan (misalnya ` + "`proposal.rejected`" + `) berlaku selamanya.

## Cara membaca

- **Aliran** (*stream*) mengumpulkan peristiwa satu hal: satu usulan, satu forum, satu siklus. Urutannya tetap dan tanpa celah.
- **Versi** adalah bentuk isian peristiwa. Bentuk lama tetap terbaca; ia dinaikkan ke bentuk baru saat dibaca.
- **Isian** ditulis dalam JSON dengan nama di kolom pertama. Kolom *ada*: “selalu” berarti isian itu selalu tertulis, “bila ada” berarti
  isian itu tidak tertulis bila kosong. Apa yang wajib diisi orang ditentukan alur yang dikunci siklus (lihat workflow.md), bukan halaman ini.
- **Teks di samping catatan**: tulisan orang tidak pernah masuk ke catatan. Di catatan hanya tertulis ` + "`true`" + `, teksnya berdiri di samping
  dengan komitmen bergaram. Teks dapat ditutup tanpa merusak bukti. Data pribadi di dalamnya (NIK, telepon, surel, nama) disamarkan dan disegel.
- **Tersegel di samping catatan**: terbaca hanya dengan kunci orangnya, dan setiap pembukaan menjadi peristiwa ` + "`person.unsealed`" + `.
- Uang selalu rupiah bulat. Waktu dalam UTC; tanggal tanpa jam adalah tanggal setempat dan berarti akhir hari itu.

## Yang tertulis di setiap peristiwa

Selain isian di bawah, setiap catatan memuat: id peristiwa; kode kabupaten; tahun anggaran; aliran dan tempatnya di aliran itu; nama dan versi bentuk;
**kapan berlaku** (dari, sampai, ketelitian: saat, hari, atau antara dua ekspor) dan **kapan dicatat**; **siapa** (nama samaran, peran, cakupan, wewenang, kapasitas jabatan);
id permintaan dan sidiknya; id sidang atau impor yang menaunginya; peristiwa yang menyebabkannya; sidik alur yang dikunci siklus; garam acak; dan komitmen untuk teks serta segelnya.

*Besides the members below every record holds: event id; kode of the kabupaten; fiscal year; stream and place in it; name and version of shape; when it took effect and when it was recorded;
who (pseudonym, role, scope, grant, capacity); id and fingerprint of the request; the session or import it belongs to; the event that caused it; the hash of the pinned workflow; a random salt; and commitments for what stands beside it.*
`

func (w *writer) page() string {
	w.line("%s", introduction)
	w.line("## Daftar\n")
	w.line("| nama simpanan | istilah | *term* |\n|---|---|---|")
	w.nouns(func(noun string, _ catalog.Noun, types []event.Type) {
		for _, t := range types {
			term := catalog.Terms[t.Name]
			w.line("| [`%s`](#%s) | %s | *%s* |", t.Name, anchor(t.Name), term.ID, term.EN)
		}
	})
	w.nouns(func(noun string, n catalog.Noun, types []event.Type) {
		w.line("\n## %s\n", n.ID)
		w.line("%s *%s: %s* Aliran: `%s`.", n.Means.ID, n.EN, n.Means.EN, n.Stream)
		for _, t := range types {
			w.event(t)
		}
	})
	w.line("\n## Bentuk yang dipakai bersama\n")
	w.line("Susunan yang muncul di beberapa peristiwa. *Structures that several events share.*")
	for _, s := range catalog.Shapes {
		w.shape(s)
	}
	w.line("\n## Bentuk isian\n")
	w.line("| sebutan | contoh | *meaning* |\n|---|---|---|")
	for _, f := range forms {
		w.line("| %s | %s | *%s* |", f.id, f.example, f.en)
	}
	return w.String()
}

func (w *writer) nouns(each func(string, catalog.Noun, []event.Type)) {
	for _, noun := range catalog.NounOrder {
		var types []event.Type
		for t := range catalog.Events.All() {
			if strings.HasPrefix(t.Name, noun+".") {
				types = append(types, t)
			}
		}
		each(noun, catalog.Nouns[noun], types)
	}
}

func (w *writer) event(t event.Type) {
	term := catalog.Terms[t.Name]
	w.line("\n### `%s`\n", t.Name)
	w.line("**%s.** %s Versi %d.  ", term.ID, term.Means.ID, t.Version)
	w.line("*%s: %s*\n", term.EN, explained(w.source.docs[goName(t.Go())], t.Go().Name(), term.Means.EN))
	w.members(t.Go())
}

// explained returns a doc comment without the name it begins with, which people
// do not know; fallback where there is none.
func explained(doc, name, fallback string) string {
	text, ok := strings.CutPrefix(doc, name+": ")
	if !ok {
		return fallback
	}
	return text
}

func (w *writer) shape(s catalog.Shape) {
	w.line("\n### %s\n", s.ID)
	w.line("%s  \n*%s*\n", s.Means, w.source.docs[s.Go])
	for _, t := range structs() {
		if goName(t) == s.Go {
			w.members(t)
		}
	}
}

func (w *writer) members(t reflect.Type) {
	if t == reflect.TypeFor[proposal.Amendment]() {
		w.amendment(t)
		return
	}
	var embedded []string
	var rows []string
	for f := range t.Fields() {
		if f.Anonymous {
			embedded = append(embedded, link(f.Type))
			continue
		}
		rows = append(rows, w.row(t, f))
	}
	if len(rows) > 0 {
		w.line("| isian | arti | bentuk | ada |\n|---|---|---|---|")
		w.line("%s", strings.Join(rows, "\n"))
	}
	if len(embedded) > 0 {
		w.line("\nDitambah semua isian dari: %s.", strings.Join(embedded, ", "))
	}
}

// amendment lists the events that may be replaced: of so many members exactly
// one is set.
func (w *writer) amendment(t reflect.Type) {
	var names []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, fmt.Sprintf("[`%s`](#%s)", name, anchor("proposal."+name)))
	}
	w.line("Tepat satu di antara peristiwa berikut, dengan semua isiannya. *Exactly one of these events, with all of its members:* %s.", strings.Join(names, ", "))
}

func (w *writer) row(owner reflect.Type, f reflect.StructField) string {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	words, _ := catalog.FieldOf(goName(owner), name)
	note := w.source.members[goName(owner)][f.Name]
	note = strings.TrimPrefix(note, f.Name+" is ")
	if note == "" {
		note = words.EN
	}
	there := "selalu"
	if options != "" {
		there = "bila ada"
	}
	return fmt.Sprintf("| `%s` | %s · *%s* | %s | %s |", name, words.ID, strings.ReplaceAll(note, "|", `\|`), form(f.Type, words.Form), there)
}

// form says in plain words what a member holds.
func form(t reflect.Type, as catalog.Form) string {
	switch t {
	case reflect.TypeFor[domain.Text]():
		return "teks di samping catatan"
	case reflect.TypeFor[domain.Secret]():
		return "tersegel di samping catatan"
	case reflect.TypeFor[domain.Rupiah]():
		return "rupiah"
	case reflect.TypeFor[proposal.Percent]():
		return formID(catalog.CentiPerCent)
	case reflect.TypeFor[time.Time]():
		return "waktu (UTC)"
	case reflect.TypeFor[uuid.UUID]():
		return formID(catalog.EventID)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return form(t.Elem(), as)
	case reflect.Slice:
		return "daftar " + form(t.Elem(), as)
	case reflect.Map:
		return "pasangan kunci → " + form(t.Elem(), as)
	case reflect.Struct:
		return link(t)
	case reflect.Bool:
		return "ya/tidak"
	}
	return formID(as)
}

func link(t reflect.Type) string {
	for _, s := range catalog.Shapes {
		if s.Go == goName(t) {
			return fmt.Sprintf("[%s](#%s)", strings.ToLower(s.ID[:1])+s.ID[1:], anchor(s.ID))
		}
	}
	panic("no words for the shape " + goName(t))
}

// anchor returns the name a heading gets on the code hosts people read it on.
func anchor(heading string) string {
	return strings.ReplaceAll(strings.NewReplacer(".", "", "`", "").Replace(strings.ToLower(heading)), " ", "-")
}

// forms explains the short names that the column "bentuk" uses.
var forms = []struct {
	form        catalog.Form
	id, example string
	en          string
}{
	{catalog.Wilayah, "kode wilayah", "`99.01.03.2001`", "code of a village, kecamatan or kabupaten in the register of wilayah"},
	{catalog.Office, "kode OPD", "`1.03.0.00.0.00.01.0000`", "code of an office"},
	{catalog.Number, "nomor usulan", "`U-27-4K7M2XQ`", "the number people know a proposal by"},
	{catalog.EventID, "id peristiwa", "UUID", "id of an event of this log"},
	{catalog.Stream, "nama aliran", "`forum-…`", "name of a stream"},
	{catalog.Day, "tanggal", "`2026-02-20`", "local day; it means the end of that day"},
	{catalog.Year, "tahun anggaran", "`2027`", "fiscal year, never taken from a date"},
	{catalog.Digest, "sidik digital", "64 angka heksadesimal", "SHA-256 of the bytes"},
	{catalog.Reason, "kode alasan", "`PAG-KURANG`", "code in the cycle's vocabulary of reasons"},
	{catalog.Pseudonym, "nama samaran", "`p-4K7M2XQ0TB9D`", "pseudonym of a person"},
	{catalog.Post, "peran@kantor", "`camat@99.01.03`", "role and office, not a person"},
	{catalog.Word, "kata tetap", "`luring`", "one word of a closed list"},
	{catalog.Name, "kata atau nama", "`Kabupaten Contoh`", "a short name, number or code as written"},
	{catalog.Nomenclature, "kode sub kegiatan", "`1.03.10.2.01.0005`", "code in the national nomenclature"},
	{catalog.Process, "nama dalam alur", "`at_opd`", "a state, stage, transition or window of the pinned workflow"},
	{catalog.Pointer, "penunjuk JSON", "`/problem`", "JSON pointer to a member"},
	{catalog.Count, "bilangan", "`42`", "how many"},
	{catalog.Ordinal, "nomor urut", "`1`", "which one, from 1"},
	{catalog.Money, "rupiah", "`185000000`", "whole rupiah"},
	{catalog.MilliPoint, "perseribu poin", "`68500` = 68,5", "thousandths of a point"},
	{catalog.Hundredth, "perseratus", "`35` = 0,35", "hundredths"},
	{catalog.CentiPerCent, "perseratus persen", "`8750` = 87,50 %", "hundredths of a per cent"},
	{catalog.LimitedAmount, "usulan atau rupiah", "`50`", "proposals under a quota, rupiah under a ceiling"},
	{catalog.Degrees, "derajat desimal", "`-0.502106`", "decimal degrees, WGS 84, as written"},
}

func formID(as catalog.Form) string {
	for _, f := range forms {
		if f.form == as {
			return f.id
		}
	}
	panic(fmt.Sprintf("no words for the form %q", as))
}
