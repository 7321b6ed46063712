package web

import (
	"net/http"
	"slices"
	"strings"

	"runut/api/text"
	"runut/domain/catalog"
)

// Method is the page that defines every number of the other pages.
type Method struct {
	Shell
	Terms []Definition
}

// Glossary is the page that says what the words mean.
type Glossary struct {
	Shell
	Groups []GlossaryGroup
}

// A GlossaryGroup is the words of one subject.
type GlossaryGroup struct {
	Title string
	Terms []Definition
}

// A Definition is a word and what it means.
type Definition struct{ Anchor, Word, Means string }

// measures are the numbers that are defined, by the anchor other pages link to.
var measures = []string{"asal", "digabung", "bagian", "rupiah", "kekekalan", "tahap", "didanai", "sebagian", "jalur-lain", "tidak-didanai", "ditunda",
	"dibatalkan", "ditarik", "berjalan", "belum-diumumkan", "tanpa-alasan", "tingkat", "cakupan", "waktu", "posisi", "verifikasi"}

func (v *visit) method() error {
	page := &Method{Shell: v.shell("method", v.t("method.title"), nil)}
	for _, m := range measures {
		page.Terms = append(page.Terms, Definition{m, v.t("method." + m), v.t("method." + m + ".means")})
	}
	return v.show(http.StatusOK, "method", page)
}

// abbreviations are spelt out in the glossary.
var abbreviations = []string{"APBD", "Bappeda", "BA", "DPA", "DPRD", "KUA-PPAS", "Musrenbang", "OPD", "PPID", "RKPD", "RKPDes", "SIPD", "TAPD"}

func (v *visit) glossary() error {
	page := &Glossary{Shell: v.shell("method", v.t("glossary.title"), nil, Link{v.t("method.title"), "/metodologi"})}
	short := GlossaryGroup{Title: v.t("glossary.short")}
	for _, a := range abbreviations {
		short.Terms = append(short.Terms, Definition{strings.ToLower(a), a, v.t("glossary." + strings.ToLower(a))})
	}
	states := GlossaryGroup{Title: v.t("glossary.states")}
	for _, name := range v.flow.StateNames() {
		if name == v.flow.Initial {
			continue
		}
		spec := v.flow.States[name]
		means := v.t("glossary.ends")
		if spec.Stage != "" {
			means = v.stage(spec.Stage)
		}
		states.Terms = append(states.Terms, Definition{"status-" + string(name), v.label(spec.Title), means})
	}
	events := GlossaryGroup{Title: v.t("glossary.events")}
	for t := range catalog.Events.All() {
		term, ok := catalog.Terms[t.Name]
		if !ok || !strings.HasPrefix(t.Name, "proposal.") {
			continue
		}
		word := term.ID
		if v.lang == text.EN {
			word = term.EN
		}
		events.Terms = append(events.Terms, Definition{strings.ReplaceAll(t.Name, ".", "-"), word, v.label(term.Means)})
	}
	slices.SortFunc(events.Terms, func(a, b Definition) int { return strings.Compare(a.Word, b.Word) })
	page.Groups = []GlossaryGroup{short, states, events}
	return v.show(http.StatusOK, "glossary", page)
}
