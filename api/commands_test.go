package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/proposal"
)

// An office is a town's people at work: every command of the API, one accepted
// request at least, each with whatever its texts are told to hold.
type office struct {
	*town
	write func(about string) string // what somebody writes into a text
	title func(about string) string // and into a title, which may become public
	used  map[string]bool           // operations that were accepted
	last  reply
	own   string // number of the proposal that a village handed in
}

type object = map[string]any

// ask sends a command that must be accepted.
func (o *office) ask(operation, who, path string, body object, headers ...string) reply {
	o.Helper()
	r := o.send(who, http.MethodPost, "/api/v1"+path, body, append([]string{"If-Match", "*"}, headers...)...)
	if r.StatusCode != http.StatusOK {
		o.Fatalf("%s by %s at %s: %d\n%s", operation, who, path, r.StatusCode, r.body)
	}
	found, _ := o.described.find(http.MethodPost, "/api/v1"+path)
	if id, _ := found.said["operationId"].(string); id != operation {
		o.Errorf("%s is described as %q, not %q", path, id, operation)
	}
	o.used[operation] = true
	o.last = r
	return r
}

// on asks for a command on one proposal.
func (o *office) on(number, operation, who string, body object, headers ...string) {
	o.Helper()
	o.ask(operation, who, "/proposals/"+number+"/"+operation, body, headers...)
}

func (o *office) number(i int) string { return o.last.get(o.T, fmt.Sprint("/proposals/", i)).(string) }

// two are the headers of an act that needs a second person.
func (o *office) two() []string {
	return []string{"Runut-Second-Token", o.tokens["head_of_planning"]}
}

// today and paper are a local day and a document of a day so many days from now.
func day(from int) string {
	return time.Now().AddDate(0, 0, from).In(domain.Zones["WITA"]).Format(time.DateOnly)
}

func paper(kind string, from int) object {
	return object{"kind": kind, "number": kind + "/1/2026", "date": day(from), "digest": strings.Repeat("ab", 32)}
}

func scope(kind, code string) object { return object{"kind": kind, "code": code} }

// idea is everything a proposal may state.
func (o *office) idea(changed object) object {
	body := object{
		"village": village, "title": o.title("Jalan usaha tani"), "problem": o.write("Rusak"), "description": o.write("Rabat beton"), "location": o.write("RT 03"),
		"point": object{"lat": "-0.502106", "lon": "117.153709"}, "volume": object{"amount": "350", "unit": "m"}, "estimate": 200_000_000, "opd": opd, "priority": 1,
		"issues": []string{"kemiskinan"}, "attachments": []any{paper("rab", -3)},
	}
	maps.Copy(body, changed)
	return body
}

// everything uses every command of the API.
func (o *office) everything() {
	o.Helper()
	p := o.past(time.Now().AddDate(0, 0, -10))
	overlooked := p.submitted(lateVill)
	p.now = time.Now().Add(-time.Hour).UTC()
	planned := map[string]string{}
	for _, name := range []string{"left out", "in rkpd", "second in rkpd", "above", "below", "elsewhere"} {
		planned[name] = p.planned(village)
	}
	direct := map[string]string{}
	for _, name := range []string{"accept", "reject", "defer", "refer", "return", "split", "transfer", "withdraw", "correct", "carry"} {
		direct[name] = p.direct(village)
	}
	found := []string{p.found(village), p.found(neighbour)}
	p.happen()
	decree := paper("sk", -1)

	o.ofCycles(decree)
	o.ofForums(planned)
	o.inVillages(overlooked)
	o.inKecamatan(found)
	o.inOffices(direct)
	o.inBudget(planned, direct)
	o.afterwards(direct, decree)
}

// submitted hands in a village's proposal.
func (p *past) submitted(place string) string {
	p.Helper()
	i := idea(place)
	i.Priority = 1
	return p.do(p.actors["village_operator@"+place], nil, act.Submit{Year: year, Ask: &proposal.Submitted{Lane: proposal.Musrenbang, Idea: i,
		MinutesVillage: domain.Document{Kind: "berita_acara", Number: "1/BA/2026", Date: "2026-01-10"}}})[0]
}

func (o *office) ofCycles(decree object) {
	o.Helper()
	for _, y := range []int{2028, 2029} {
		o.ask("open-cycle", "head_of_planning", "/cycles", object{"year": y, "kabupaten": kabupaten, "title": "Kabupaten Contoh", "zone": "WITA", "demo": true, "wilayah": "tes"})
		opened := o.read("planner", fmt.Sprintf("/api/v1/cycles/%d", y), o.last)
		if opened.get(o.T, "/pin/hash") != o.definition.Hash() {
			o.Errorf("cycle %d does not follow the definition that comes with the program: %s", y, opened.body)
		}
	}
	whole := scope("kabupaten", "")
	o.ask("open-window", "planner", "/cycles/2029/open-window", object{"window": "desa", "scope": whole, "opens_at": time.Now().Add(-time.Second), "closes_at": time.Now().AddDate(0, 1, 0), "decree": decree})
	o.ask("extend-window", "head_of_planning", "/cycles/2029/extend-window", object{"window": "desa", "scope": whole, "closes_at": time.Now().AddDate(0, 2, 0), "decree": decree})
	o.ask("close-window", "planner", "/cycles/2029/close-window", object{"window": "desa", "scope": whole})
	o.ask("reopen-window", "head_of_planning", "/cycles/2029/reopen-window", object{"window": "desa", "scope": whole, "closes_at": time.Now().AddDate(0, 2, 0), "decree": decree})
	o.ask("close-window", "planner", "/cycles/2029/close-window", object{"window": "desa", "scope": whole})
	o.ask("close-cycle", "head_of_planning", "/cycles/2029/close", object{})

	o.ask("set-ceiling", "head_of_planning", "/cycles/2027/set-ceiling", object{"stage": "kabupaten", "scope": scope("opd", opd), "amount": 5_000_000_000, "decree": decree})
	o.ask("set-quota", "planner", "/cycles/2027/set-quota", object{"stage": "desa", "scope": scope("village", village), "count": 9, "decree": decree})
	o.ask("publish-vocabulary", "planner", "/cycles/2027/publish-vocabulary", object{"register": "kamus", "edition": "1", "digest": strings.Repeat("cd", 32),
		"entries": []any{object{"code": "K1", "id": "Jalan desa", "en": "Village road", "unit": "m", "opd": opd}}})

	registered := o.ask("register-person", "planner", "/persons", object{"name": o.write("Orang Baru"), "nik": "9901014101850001", "phone": "081234567890", "email": "orang@surel.example", "purpose": "official"})
	pseudonym := strings.TrimPrefix(registered.get(o.T, "/receipt/events/0/stream").(string), "person-")
	o.ask("correct-person", "planner", "/persons/"+pseudonym+"/correct", object{"name": o.write("Orang Lama")})
	given := o.ask("give-grant", "approver", "/grants", object{"person": pseudonym, "role": "planner", "scope": whole, "office": "Bappeda", "capacity": "plt",
		"from": time.Now().Add(-time.Minute), "decree": decree}, o.two()...)
	stream := given.get(o.T, "/receipt/events/0/stream").(string)
	o.ask("revoke-grant", "approver", "/grants/"+strings.TrimPrefix(stream, "grant-")+"/revoke", object{"decree": decree, "reason": o.write("Pindah tugas")}, o.two()...)
}

func (o *office) ofForums(planned map[string]string) {
	o.Helper()
	convened := o.ask("convene", "camat", "/forums", object{"year": year, "kind": "musrenbang_kecamatan", "stage": "kecamatan", "scope": scope("kecamatan", kecamatan), "date": day(0),
		"place": o.write("Aula"), "chair": "Camat Contoh"})
	second := strings.TrimPrefix(convened.get(o.T, "/receipt/events/0/stream").(string), "forum-")
	o.ask("close-forum", "camat", "/forums/"+second+"/close-forum", object{"at": time.Now()})

	kabupaten := "/forums/" + o.forums["musrenbang_kabupaten"]
	o.ask("record-attendance", "head_of_planning", kabupaten+"/record-attendance", object{"present": []any{object{"code": kecamatan, "channel": "luring", "count": 9, "women": 4}}, "document": paper("daftar_hadir", -1)})
	entries := []object{{"proposal": planned["above"], "amount": 200_000_000}, {"proposal": planned["below"], "amount": 200_000_000}}
	list := object{"list": "L1", "stage": "kabupaten", "scope": scope("opd", opd), "entries": entries}
	o.ask("rank", "head_of_planning", kabupaten+"/rank", list)
	for _, name := range []string{"left out", "in rkpd", "second in rkpd"} {
		entries = append(entries, object{"proposal": planned[name], "amount": 200_000_000})
	}
	list["entries"] = entries
	o.ask("finalize", "head_of_planning", kabupaten+"/finalize", list)
	entries[0], entries[1] = entries[1], entries[0]
	o.ask("correct-list", "approver", kabupaten+"/correct-list", object{"list": "L1", "entries": entries, "reason": o.write("Salah tulis")}, o.two()...)
	o.ask("issue-minutes", "head_of_planning", kabupaten+"/issue-minutes", object{"number": "5/BA/2026", "annexes": []string{"attendance", "agreed"}, "covers": []string{planned["above"]}, "digest": strings.Repeat("ef", 32)})
	o.ask("sign-minutes", "head_of_planning", kabupaten+"/sign-minutes", object{"document": object{"kind": "berita_acara", "number": "5/BA/2026", "date": day(0), "digest": strings.Repeat("ef", 32)},
		"covers": []string{planned["above"]}, "signers": []string{"head_of_planning@" + "99.01"}})
}

func (o *office) inVillages(overlooked string) {
	o.Helper()
	submission := o.idea(object{"year": year, "lane": "musrenbang", "minutes_village": paper("berita_acara", -3), "forum": o.session("musrenbang_desa"), "kamus": "K1"})
	o.ask("submit", "village_operator", "/proposals", submission)
	number := o.number(0)
	o.own = number
	o.on(number, "revise", "village_operator", o.idea(object{"estimate": 210_000_000, "reason": o.write("Harga naik")}))
	o.on(number, "recommend", "village_head", object{"level": "lurah", "result": "yes", "volume": object{"amount": "300", "unit": "m"}, "amount": 1, "note": o.write("Setuju")})

	o.ask("submit-late", "planner", "/proposals/late", o.idea(object{"year": year, "lane": "pokir", "ground": o.write("Terlambat karena banjir"), "letter": paper("surat", -2)}))

	o.on(overlooked, "record-late", "village_head@"+lateVill, object{
		"ask":      object{"rejected": object{"reason": "KMS-LUAR", "ground": "Kamus usulan", "text": o.write("Di luar kamus"), "forum": o.session("musrenbang_desa@" + lateVill)}},
		"evidence": paper("berita_acara", -2), "reason": o.write("Berita acara baru diterima")}, append(o.two(), "Runut-Occurred", day(-2))...)
}

func (o *office) inKecamatan(found []string) {
	o.Helper()
	forum := o.session("musrenbang_kecamatan")
	o.on(found[0], "verify", "kecamatan_officer", object{"kind": "lapangan", "result": "pass", "note": o.write("Dilihat di tempat"), "photos": []any{paper("foto", -1)}})
	o.on(found[0], "return", "kecamatan_officer", object{"reason": "ADM-FOTO", "fields": []string{"attachments"}, "note": o.write("Foto tidak jelas"), "due": day(5)})
	o.on(found[0], "revise", "village_operator", object{"reason": o.write("Foto diganti"), "priority": 2})
	o.ask("merge", "camat", "/merges", object{"year": year, "children": found, "weights": []int{2, 1}, "reason": o.write("Satu ruas"), "forum": forum,
		"idea": object{"title": o.title("Paket jembatan"), "problem": o.write("Lapuk semua"), "description": o.write("Diganti"), "location": o.write("RT 01 dan RT 02")}})
	parent := ""
	for i := range 3 {
		if n := o.number(i); n != found[0] && n != found[1] {
			parent = n
		}
	}
	o.on(parent, "unmerge", "camat", object{"reason": o.write("Bukan satu ruas"), "forum": forum})
}

func (o *office) inOffices(direct map[string]string) {
	o.Helper()
	forum := o.session("forum_opd")
	o.on(direct["accept"], "respond", "opd_officer", object{"leaning": "ragu", "note": o.write("Perlu dicek"), "forum": forum})
	o.on(direct["accept"], "accept", "opd_head", object{"forum": forum, "sub_kegiatan": subKegiatan, "volume": object{"amount": "10", "unit": "m"}, "estimate": 180_000_000, "change": o.write("Disesuaikan")})
	o.on(direct["accept"], "align", "planner", object{"plan": "rpjmd", "goals": []string{"T1"}, "issues": []string{"kemiskinan"}})
	for _, name := range []string{"reject", "correct", "carry"} {
		o.on(direct[name], "reject", "opd_head", object{"reason": "KMS-LUAR", "ground": "Kamus usulan", "text": o.write("Di luar kamus"), "forum": forum})
	}
	o.on(direct["defer"], "defer", "opd_head", object{"reason": "TEK-DED", "until": 2028, "condition": o.write("Bila DED ada"), "text": o.write("Belum ada DED"), "forum": forum})
	o.on(direct["refer"], "refer", "planner", object{"target": "provinsi", "legal_ground": "UU 23/2014", "letter": paper("surat", -1), "due": day(9)})
	o.on(direct["refer"], "answer-referral", "planner", object{"answer": "no", "letter": paper("surat", -1), "reason": "KWN-TOLAK", "note": o.write("Provinsi menolak")})
	o.on(direct["return"], "return", "opd_officer", object{"reason": "ADM-RAB", "fields": []string{"estimate"}, "note": o.write("RAB kurang"), "due": day(5)})
	o.on(direct["return"], "revise", "village_operator", o.idea(object{"estimate": 190_000_000, "reason": o.write("RAB dilengkapi")}))
	o.on(direct["return"], "accept", "opd_head", object{"forum": forum, "sub_kegiatan": subKegiatan, "volume": object{"amount": "350", "unit": "m"}, "estimate": 190_000_000})
	part := func(name string, weight int) object { return o.idea(object{"weight": weight, "title": o.title(name)}) }
	o.on(direct["split"], "split", "opd_head", object{"parts": []any{part("Utara", 1), part("Selatan", 2)}, "reason": o.write("Dua lokasi"), "forum": forum})
	o.on(direct["transfer"], "transfer", "opd_officer", object{"to": otherOPD, "reason": o.write("Bukan urusan kami")})
	o.on(direct["withdraw"], "withdraw", "village_head", object{"reason": "PGS-TARIK", "text": o.write("Sudah dikerjakan warga")})
}

func (o *office) inBudget(planned, direct map[string]string) {
	o.Helper()
	o.on(planned["elsewhere"], "finance-elsewhere", "planner", object{"mode": "elsewhere", "source": "apbd_provinsi", "code": "1.03", "fiscal_year": year, "amount": 1, "reason": "ALH-PROV"})
	rkpd := paper("perkada", -1)
	o.ask("adopt-document", "head_of_planning", "/cycles/2027/adopt-document", object{"kind": "rkpd", "document": rkpd, "lines": 2, "total": 900_000_000, "decisions": []any{
		object{"number": planned["in rkpd"], "ask": object{"included_in_rkpd": object{"sub_kegiatan": subKegiatan, "amount": 200_000_000}}},
		object{"number": planned["left out"], "ask": object{"left_out": object{"reason": "PAG-KURANG", "text": o.write("Pagu habis")}}},
	}})
	number := planned["above"]
	o.on(number, "include-in-rkpd", "head_of_planning", object{"document": rkpd, "sub_kegiatan": subKegiatan, "amount": 200_000_000})
	o.on(number, "include-in-ppas", "tapd", object{"document": paper("nota_kesepakatan", -1), "sub_kegiatan": subKegiatan, "amount": 190_000_000})
	o.on(number, "revise-amount", "tapd", object{"new": 180_000_000, "ground": paper("berita_acara", -1)})
	fund := func(line string) object {
		return object{"document": paper("perda", -1), "line": line, "account": "5.2.04.01.01.0003", "amount": 90_000_000, "source": "DAU"}
	}
	o.on(number, "fund", "tapd", fund("1"))
	o.on(number, "report-progress", "opd_officer", object{"physical": 5000, "financial": 4000, "note": o.write("Separuh"), "photos": []any{paper("foto", -1)}})
	o.on(number, "cancel", "tapd", object{"reason": "FIS-REFOKUS", "legal_ground": paper("perpres", -1), "text": o.write("Refocusing")})
	o.on(number, "reinstate", "tapd", object{"resume": "funded", "ground": "reversal", "document": paper("perpres", -1), "amount": 90_000_000})
	o.on(number, "complete", "opd_head", object{"handover": paper("bast", -1), "physical": 10000, "financial": 9900})
	o.on(planned["in rkpd"], "leave-out", "tapd", object{"reason": "PAG-KURANG", "document": paper("nota_kesepakatan", -1), "text": o.write("Tidak cukup")})
}

func (o *office) afterwards(direct map[string]string, decree object) {
	o.Helper()
	o.on(direct["reject"], "object", "village_head", object{"text": o.write("Kami keberatan"), "deadline": day(9)})
	o.on(direct["reject"], "answer-objection", "head_of_planning", object{"result": "refused", "text": o.write("Tetap ditolak"), "document": paper("surat", -1)})
	o.on(direct["carry"], "carry-over", "planner", object{"year": 2028})

	timeline := o.read("planner", "/api/v1/proposals/"+direct["correct"]+"/timeline", o.last)
	rejection := timeline.get(o.T, "/items/1/event").(string)
	o.on(direct["correct"], "correct", "approver", object{"target": rejection, "action": "amend", "reason": o.write("Salah alasan"),
		"with": object{"rejected": object{"stage": "forum_opd", "reason": "KMS-LUAR", "ground": "Kamus usulan 2026", "text": o.write("Tidak ada dalam kamus"), "forum": o.session("forum_opd")}}}, o.two()...)

	file := strings.Repeat("cd", 32)
	o.do("importer", act.OnDelivery{Stream: delivery.ImportStream("sipd", "2027"), Ask: &delivery.Received{Source: "sipd", Digest: file, Rows: 1, Quarantined: 1,
		Held: []delivery.Held{{Reason: "sipd.column_blank", Count: 1, Rows: []delivery.Stretch{{From: 4, To: 4}}}}}})
	o.ask("dismiss-rows", "importer", "/imports/dismiss", object{"source": "sipd", "year": year, "file": file, "rows": []int{4}, "note": o.write("Tidak diusulkan lagi")})
	o.ask("send-letter", "planner", "/letters", object{"year": year, "village": village, "number": "050/114/2026", "date": day(0), "channel": "surat"})

	o.ask("change-territory", "head_of_planning", "/cycles/2027/change-territory", object{"edition": "tes", "successors": object{lateVill: village}, "ground": decree})
	o.ask("succeed-office", "head_of_planning", "/cycles/2027/succeed-office", object{"from": opd, "to": []string{otherOPD}, "decree": decree})
	o.ask("set-publication-policy", "ppid", "/cycles/2027/set-publication-policy", object{"fields": publishable("title"), "after": "desa", "ground": decree})
	o.ask("release", "ppid", "/cycles/2027/release", object{"scope": scope("kabupaten", ""), "ground": decree})
}

// publishable returns all that a policy may allow but some.
func publishable(but ...string) []string {
	var out []string
	for _, f := range cycle.Publishable {
		if !strings.Contains(strings.Join(but, " "), f) {
			out = append(out, f)
		}
	}
	return out
}

// Every command that the API describes is accepted when it is asked for rightly.
func TestEveryCommandIsAccepted(t *testing.T) {
	w := newTown(t)
	plain := func(about string) string { return about }
	o := &office{town: w, write: plain, title: plain, used: map[string]bool{}}
	o.everything()
	for _, op := range w.described.operations() {
		if _, command := bodySchema(w.described, op); command && !o.used[op.said["operationId"].(string)] {
			t.Errorf("%s was not used", op)
		}
	}
}
