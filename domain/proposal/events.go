package proposal

import (
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
)

// Types is every event a proposal can have, ever.
var Types = []event.Type{
	event.Declare[Submitted]("proposal.submitted"),
	event.Declare[SubmittedLate]("proposal.submitted_late"),
	event.Declare[Revised]("proposal.revised"),
	event.Declare[Returned]("proposal.returned"),
	event.Declare[Verified]("proposal.verified"),
	event.Declare[Recommended]("proposal.recommended"),
	event.Declare[Responded]("proposal.responded"),
	event.Declare[Merged]("proposal.merged"),
	event.Declare[FormedByMerge]("proposal.formed_by_merge"),
	event.Declare[MergeReversed]("proposal.merge_reversed"),
	event.Declare[Split]("proposal.split"),
	event.Declare[FormedBySplit]("proposal.formed_by_split"),
	event.Declare[Prioritized]("proposal.prioritized"),
	event.Declare[BelowCutoff]("proposal.below_cutoff"),
	event.Declare[Transferred]("proposal.transferred"),
	event.Declare[OfficeChanged]("proposal.office_changed"),
	event.Declare[Relocated]("proposal.relocated"),
	event.Declare[Referred]("proposal.referred"),
	event.Declare[ReferralAnswered]("proposal.referral_answered"),
	event.Declare[AcceptedByOPD]("proposal.accepted_by_opd"),
	event.Declare[Agreed]("proposal.agreed"),
	event.Declare[Rejected]("proposal.rejected"),
	event.Declare[Deferred]("proposal.deferred"),
	event.Declare[IncludedInRKPD]("proposal.included_in_rkpd"),
	event.Declare[IncludedInPPAS]("proposal.included_in_ppas"),
	event.Declare[Funded]("proposal.funded"),
	event.Declare[LeftOut]("proposal.left_out"),
	event.Declare[Lapsed]("proposal.lapsed"),
	event.Declare[Reinstated]("proposal.reinstated"),
	event.Declare[AmountRevised]("proposal.amount_revised"),
	event.Declare[Cancelled]("proposal.cancelled"),
	event.Declare[FinancedElsewhere]("proposal.financed_elsewhere"),
	event.Declare[AppearedInBudget]("proposal.appeared_in_budget"),
	event.Declare[Withdrawn]("proposal.withdrawn"),
	event.Declare[CarriedOver]("proposal.carried_over"),
	event.Declare[Continued]("proposal.continued"),
	event.Declare[ProgressReported]("proposal.progress_reported"),
	event.Declare[Completed]("proposal.completed"),
	event.Declare[Unfinished]("proposal.unfinished"),
	event.Declare[Objected]("proposal.objected"),
	event.Declare[ObjectionAnswered]("proposal.objection_answered"),
	event.Declare[Aligned]("proposal.aligned"),
	event.Declare[Corrected]("proposal.corrected"),
	event.Declare[TextRedacted]("proposal.text_redacted"),
	event.Declare[SourceMissing]("proposal.source_missing"),
	event.Declare[SourceFound]("proposal.source_found"),
}

// A Lane is the way a proposal came in.
type Lane string

// The lanes of domain.md. They partition origins: each has exactly one.
const (
	Musrenbang     Lane = "musrenbang"
	Pokir          Lane = "pokir"           // pokok-pokok pikiran DPRD
	Teknokratis    Lane = "teknokratis"     // an OPD's own plan
	UsulanLangsung Lane = "usulan_langsung" // handed in outside the musrenbang
	KiprahDesa     Lane = "kiprah_desa"     // found on a field visit
)

// An Idea is what is proposed: the facts that a submission states, a revision
// changes and a carry-over takes along.
type Idea struct {
	Village      string            `json:"village,omitzero"`       // kode wilayah of desa or kelurahan
	Title        domain.Text       `json:"title,omitzero"`         // one line
	Problem      domain.Text       `json:"problem,omitzero"`       // why it is needed
	Description  domain.Text       `json:"description,omitzero"`   // what is to be done
	Location     domain.Text       `json:"location,omitzero"`      // RT, RW, dusun, road
	Point        *domain.Point     `json:"point,omitempty"`        // where it was measured
	Volume       domain.Volume     `json:"volume,omitzero"`        //
	Estimate     domain.Rupiah     `json:"estimate,omitzero"`      // cost as the proposer sees it
	BasicService string            `json:"basic_service,omitzero"` // pendidikan, kesehatan, air_sanitasi, perlindungan_sosial, adminduk
	Issues       []string          `json:"issues,omitempty"`       // strategic issues: stunting, kemiskinan, pangan, ekonomi_hijau, digital …
	OPD          string            `json:"opd,omitzero"`           // code of the OPD it is addressed to
	Kamus        string            `json:"kamus,omitzero"`         // code in the cycle's kamus usulan; empty is "di luar kamus"
	Priority     int               `json:"priority,omitzero"`      // the proposer's own order, from 1
	Attachments  []domain.Document `json:"attachments,omitempty"`  // photos, RAB, proposals
}

type (
	// Submitted: the proposal was handed in. The lane says by which way, and so
	// what it must state.
	Submitted struct {
		Step
		Lane Lane `json:"lane"`
		Idea
		Forum          string          `json:"forum,omitzero"`           // forum stream the proposal was agreed in
		MinutesVillage domain.Document `json:"minutes_village,omitzero"` // berita acara of the musyawarah desa
		RecessMinutes  domain.Document `json:"recess_minutes,omitzero"`  // risalah reses, lane pokir
		Visit          string          `json:"visit,omitzero"`           // field visit, lane kiprah_desa
		SubKegiatan    string          `json:"sub_kegiatan,omitzero"`    // code, lane teknokratis
		Proposer       string          `json:"proposer,omitzero"`        // pseudonym of a person, where one proposes
		SourceID       string          `json:"source_id,omitzero"`       // id in the system it was imported from
	}

	// SubmittedLate: handed in after the time for it had passed, by letter.
	SubmittedLate struct {
		Step
		Lane Lane `json:"lane"`
		Idea
		Ground   domain.Text     `json:"ground"` // why it is taken in all the same
		Letter   domain.Document `json:"letter"`
		SourceID string          `json:"source_id,omitzero"`
	}

	// Revised: the proposer changed facts. Members that are empty stand as before.
	Revised struct {
		Step
		Idea
		Reason domain.Text `json:"reason,omitzero"`
	}

	// Returned: sent back for repair, until a day.
	Returned struct {
		Step
		Reason string      `json:"reason"`          // reason code, list repair
		Fields []string    `json:"fields,omitzero"` // members to be mended: "location", "volume"
		Note   domain.Text `json:"note,omitzero"`
		Due    string      `json:"due"` // local day, "2026-02-20"
	}

	// Verified: somebody looked, on paper or on the spot. A fact only.
	Verified struct {
		Step
		Kind   string            `json:"kind"`   // "administrasi" or "lapangan"
		Result string            `json:"result"` // "pass" or "fail"; a fail has no consequence by itself
		Note   domain.Text       `json:"note,omitzero"`
		Photos []domain.Document `json:"photos,omitempty"`
	}

	// Recommended: one level gave its opinion, as the five slots of SIPD hold it.
	Recommended struct {
		Step
		Level  string        `json:"level"`  // lurah, camat, sekwan, mitra, skpd, tapd
		Result string        `json:"result"` // "yes", "no", "changed" or the source's own word
		Volume domain.Volume `json:"volume,omitzero"`
		Amount domain.Rupiah `json:"amount,omitzero"`
		Note   domain.Text   `json:"note,omitzero"`
	}

	// Responded: what the OPD leaned to at the pra forum. A fact only.
	Responded struct {
		Step
		Leaning string      `json:"leaning"` // "terima", "ragu", "tolak"
		Note    domain.Text `json:"note"`
		Forum   string      `json:"forum"`
	}

	// Merged: absorbed into a parent, whose fate it shares from here.
	Merged struct {
		Step
		Parent string      `json:"parent"` // number of the parent
		Reason domain.Text `json:"reason"`
		Forum  string      `json:"forum"`
	}

	// FormedByMerge: a new proposal that stands for several.
	FormedByMerge struct {
		Step
		Lane Lane `json:"lane"`
		Idea
		Components []Component `json:"components"`
		Reason     domain.Text `json:"reason"`
		Forum      string      `json:"forum"`
		Depth      int         `json:"depth"`                // merges in it, this one included
		Splits     int         `json:"splits,omitzero"`      // how often what is in it has been split
		EnteredBy  []string    `json:"entered_by,omitempty"` // pseudonyms of who entered what is in it
	}

	// MergeReversed: the merge was undone. The parent ends dissolved; a child
	// resumes in the state it was in before the last act on the parent.
	MergeReversed struct {
		Step
		Role   string      `json:"role"`            // "child" or "parent"
		Resume string      `json:"resume,omitzero"` // the state the child resumes
		Parent string      `json:"parent"`
		Reason domain.Text `json:"reason"`
		Forum  string      `json:"forum"`
		// Inherited are the places, by stage, that the parent held on final lists
		// and that were not undone: the child keeps them.
		Inherited map[string]Ranking `json:"inherited,omitempty"`
	}

	// Split: divided into parts that go on by themselves.
	Split struct {
		Step
		Parts   []string    `json:"parts"`   // numbers of the parts
		Weights []int64     `json:"weights"` // rupiah, same order
		Reason  domain.Text `json:"reason,omitzero"`
		Forum   string      `json:"forum,omitzero"`
	}

	// FormedBySplit: a new proposal that is one part of another.
	FormedBySplit struct {
		Step
		Lane Lane `json:"lane"`
		Idea
		Whole     string   `json:"whole"`                // number of the proposal that was split
		Weight    int64    `json:"weight"`               // rupiah
		Of        int64    `json:"of"`                   // sum of all parts' weights
		Depth     int      `json:"depth"`                // how often it has been split, from 1
		Merges    int      `json:"merges,omitzero"`      // merges in the whole
		EnteredBy []string `json:"entered_by,omitempty"` // pseudonyms of who entered the whole
	}

	// Prioritized: a final list holds it above the line.
	Prioritized struct {
		Step
		Ranking
		Forum string `json:"forum,omitzero"`
	}

	// BelowCutoff: a final list holds it below the line.
	BelowCutoff struct {
		Step
		Ranking
		Reason string `json:"reason,omitzero"` // reason code, list cut
		Forum  string `json:"forum,omitzero"`
	}

	// Transferred: another OPD is to answer it. Every hop is kept.
	Transferred struct {
		Step
		From   string      `json:"from"` // OPD code
		To     string      `json:"to"`   // OPD code
		Reason domain.Text `json:"reason"`
		Forum  string      `json:"forum,omitzero"`
	}

	// OfficeChanged: its OPD was renamed or succeeded by another. Not a hop.
	OfficeChanged struct {
		Step
		From   string          `json:"from"`
		To     string          `json:"to"`
		Decree domain.Document `json:"decree"`
	}

	// Relocated: its village got another code or was merged into another.
	Relocated struct {
		Step
		From    string          `json:"from"` // kode wilayah before
		To      string          `json:"to"`
		Edition string          `json:"edition"` // of the register of wilayah
		Ground  domain.Document `json:"ground"`
	}

	// Referred: another government is asked, because the authority is theirs.
	Referred struct {
		Step
		Target      string          `json:"target"`       // provinsi, pusat, desa, bumn
		LegalGround string          `json:"legal_ground"` // article
		Letter      domain.Document `json:"letter"`
		Due         string          `json:"due,omitzero"`
		Forum       string          `json:"forum,omitzero"`
	}

	// ReferralAnswered: that government answered.
	ReferralAnswered struct {
		Step
		Answer string          `json:"answer"` // "yes", "no" or "back"
		Late   bool            `json:"late,omitzero"`
		Letter domain.Document `json:"letter"`
		Reason string          `json:"reason,omitzero"` // reason code, list referred_no
		Note   domain.Text     `json:"note,omitzero"`
	}

	// AcceptedByOPD: an OPD took it into its plan, perhaps changed.
	AcceptedByOPD struct {
		Step
		Forum       string        `json:"forum"`
		SubKegiatan string        `json:"sub_kegiatan"`
		Volume      domain.Volume `json:"volume"`
		Estimate    domain.Rupiah `json:"estimate"`
		Change      domain.Text   `json:"change,omitzero"` // why volume or estimate differ from before
		Components  []Component   `json:"components,omitempty"`
	}

	// Agreed: the musrenbang of the kabupaten agreed it on a final list.
	Agreed struct {
		Step
		Ranking
		Forum      string        `json:"forum,omitzero"`
		Ceiling    domain.Rupiah `json:"ceiling,omitzero"` // of its OPD, when the list was made final
		Components []Component   `json:"components,omitempty"`
	}

	// Rejected: turned down, with a reason code, words for citizens, and a ground.
	Rejected struct {
		Step
		Reason   string          `json:"reason"`         // reason code, list reject
		Text     domain.Text     `json:"text,omitzero"`  // the reason in words a villager understands
		Ground   string          `json:"ground"`         // article or plan it rests on
		Forum    string          `json:"forum,omitzero"` //
		Document domain.Document `json:"document,omitzero"`
	}

	// Deferred: kept in the bank usulan until a year and condition.
	Deferred struct {
		Step
		Reason    string      `json:"reason"` // reason code, list cut
		Until     int         `json:"until"`  // fiscal year
		Condition domain.Text `json:"condition"`
		Text      domain.Text `json:"text,omitzero"`
		Forum     string      `json:"forum"`
	}

	// IncludedInRKPD: the adopted RKPD holds it.
	IncludedInRKPD struct {
		Step
		Allocation
		Components []Component `json:"components,omitempty"`
	}

	// IncludedInPPAS: the agreed KUA-PPAS hold it.
	IncludedInPPAS struct {
		Step
		Allocation
		Components []Component `json:"components,omitempty"`
	}

	// Funded: the APBD funds it, by one budget line. It may repeat.
	Funded struct {
		Step
		Allocation
		Line       string        `json:"line"`                // id of the DPA line
		Account    string        `json:"account"`             // kode rekening
		LineTotal  domain.Rupiah `json:"line_total,omitzero"` // of the line, which several proposals may share
		Source     string        `json:"source"`              // source of funds: PAD, DAU, DAK …
		Components []Component   `json:"components,omitempty"`
	}

	// LeftOut: a later document or a final list does not hold it.
	LeftOut struct {
		Step
		Reason   string          `json:"reason"` // reason code
		Document domain.Document `json:"document,omitzero"`
		Text     domain.Text     `json:"text,omitzero"`
		Closing
	}

	// Lapsed: nobody decided before the window closed.
	Lapsed struct {
		Step
		Reason string `json:"reason"` // WKT-TUTUP or RJK-DIAM
		Closing
	}

	// Reinstated: brought back from an end by a re-opened window, an upheld
	// objection or a reversed refocusing.
	Reinstated struct {
		Step
		Resume   string          `json:"resume"` // the state it resumes
		Ground   string          `json:"ground"` // "reopening", "objection", "reversal"
		Document domain.Document `json:"document"`
		Cause    string          `json:"cause"` // id of the event that ended it
		Amount   domain.Rupiah   `json:"amount,omitzero"`
	}

	// AmountRevised: the money set aside changed.
	AmountRevised struct {
		Step
		Old        domain.Rupiah   `json:"old"`
		New        domain.Rupiah   `json:"new"`
		Line       string          `json:"line,omitzero"`
		Ground     domain.Document `json:"ground"`
		Components []Component     `json:"components,omitempty"`
	}

	// Cancelled: funding was taken back.
	Cancelled struct {
		Step
		Reason      string          `json:"reason"` // reason code, list fiscal
		LegalGround domain.Document `json:"legal_ground"`
		Text        domain.Text     `json:"text,omitzero"`
	}

	// FinancedElsewhere: paid another way: village fund, province, company, or
	// this year's budget already.
	FinancedElsewhere struct {
		Step
		Mode       string        `json:"mode"`        // elsewhere, already_budgeted, already_done, usulan_langsung
		Source     string        `json:"source"`      // dana_desa, apbd_provinsi, apbn, csr …
		Code       string        `json:"code"`        // of the activity there
		FiscalYear int           `json:"fiscal_year"` //
		Amount     domain.Rupiah `json:"amount,omitzero"`
		Reason     string        `json:"reason"` // reason code, list elsewhere
	}

	// AppearedInBudget: money stands in a document that no proposal asked for.
	AppearedInBudget struct {
		Step
		Allocation
		Title   domain.Text `json:"title,omitzero"`
		Village string      `json:"village,omitzero"`
		OPD     string      `json:"opd,omitzero"`
		Line    string      `json:"line"`
	}

	// Withdrawn: the proposer took it back.
	Withdrawn struct {
		Step
		Reason string      `json:"reason"` // reason code, list own
		Text   domain.Text `json:"text,omitzero"`
	}

	// CarriedOver: proposed again in a later cycle, as another proposal.
	CarriedOver struct {
		Step
		Cycle  int    `json:"cycle"`           // fiscal year it goes on in
		Next   string `json:"next"`            // number it has there
		Fate   string `json:"fate"`            // the outcome it had here
		Parent string `json:"parent,omitzero"` // the merged proposal whose fate that was
	}

	// Continued: a proposal that goes on from an earlier cycle.
	Continued struct {
		Step
		Lane Lane `json:"lane"`
		Idea
		Cycle    int    `json:"cycle"`    // fiscal year it comes from
		Previous string `json:"previous"` // number it had there
		Fate     string `json:"fate"`     // the outcome it had there
	}

	// ProgressReported: how far the work has come.
	ProgressReported struct {
		Step
		Physical  Percent           `json:"physical"`  // of the work
		Financial Percent           `json:"financial"` // of the money
		Note      domain.Text       `json:"note,omitzero"`
		Photos    []domain.Document `json:"photos,omitempty"`
	}

	// Completed: handed over.
	Completed struct {
		Step
		Handover  domain.Document `json:"handover"` // BAST
		Physical  Percent         `json:"physical,omitzero"`
		Financial Percent         `json:"financial,omitzero"`
	}

	// Unfinished: the year ended before the work did.
	Unfinished struct {
		Step
		Physical  Percent `json:"physical,omitzero"`
		Financial Percent `json:"financial,omitzero"`
		Closing
	}

	// Objected: the proposer objects to how it ended (sanggahan).
	Objected struct {
		Step
		Text     domain.Text `json:"text"`
		Deadline string      `json:"deadline,omitzero"` // local day by which it is to be answered
	}

	// ObjectionAnswered: upheld, refused, or left unanswered.
	ObjectionAnswered struct {
		Step
		Result   string          `json:"result"` // upheld, upheld_without_remedy, refused, unanswered
		Text     domain.Text     `json:"text,omitzero"`
		Document domain.Document `json:"document,omitzero"`
		Closing
	}

	// Aligned: matched with goals of the plans above it.
	Aligned struct {
		Step
		Plan   string   `json:"plan"`            // rpjmn, rpjmd, renstra
		Goals  []string `json:"goals,omitempty"` // codes
		Issues []string `json:"issues,omitempty"`
	}

	// TextRedacted: a text beside an earlier event was closed; its commitment stays.
	TextRedacted struct {
		Step
		Target         string          `json:"target"` // id of the event
		Field          string          `json:"field"`  // JSON pointer: "/problem"
		Ground         domain.Document `json:"ground"`
		SecondApprover string          `json:"second_approver"` // pseudonym
	}

	// SourceMissing: a source that ought to hold it no longer does.
	SourceMissing struct {
		Step
		File string `json:"file"` // SHA-256, hex
	}

	// SourceFound: the source holds it again.
	SourceFound struct {
		Step
		File string `json:"file"`
	}
)

// Percent is hundredths of a per cent: 8750 is 87.50 %.
type Percent int

// A Component is one child of a merged proposal, as the parent holds it.
// Weight 0 drops the child at the event that says so.
type Component struct {
	Child    string        `json:"child"` // number
	Village  string        `json:"village,omitzero"`
	Location domain.Text   `json:"location,omitzero"`
	Volume   domain.Volume `json:"volume,omitzero"`
	Estimate domain.Rupiah `json:"estimate,omitzero"`
	Weight   int64         `json:"weight"`          // rupiah; shares are weights over their sum
	Reason   string        `json:"reason,omitzero"` // reason code where it changed: KMP-HAPUS
}

// A Ranking is a place on a final list.
type Ranking struct {
	List   string        `json:"list"`            // forum stream and list: "forum-…/L1"
	Rank   int           `json:"rank"`            // from 1
	Of     int           `json:"of,omitzero"`     // length of the list
	Score  int64         `json:"score,omitzero"`  // thousandths of a point
	Cutoff int           `json:"cutoff,omitzero"` // rank of the last one in
	Amount domain.Rupiah `json:"amount,omitzero"` // what it counts against a ceiling
}

// An Allocation is an amount set aside for a proposal in an adopted document.
type Allocation struct {
	Document    domain.Document `json:"document"`
	SubKegiatan string          `json:"sub_kegiatan,omitzero"`
	Amount      domain.Rupiah   `json:"amount"`
}

// A Closing is what an event that the system writes at a window's closing knows
// of the wait it ended.
type Closing struct {
	Window         string       `json:"window,omitzero"`
	Scope          domain.Scope `json:"scope,omitzero"`
	Kind           string       `json:"kind,omitzero"`                              // "omission" or "rule"
	Since          time.Time    `json:"since,omitzero"`                             // when the proposal came into the state it waited in
	Holder         string       `json:"holder,omitzero" readable:"post"`            // role@office that had it
	CouldHaveActed []string     `json:"could_have_acted,omitempty" readable:"post"` // every role@office that could have decided
	// Of is the closing that ended the wait, where something else than that
	// closing brought the event about: a list corrected later.
	Of uuid.UUID `json:"of,omitzero"`
}

// PlaceOf returns the place on a final list that an event states.
func PlaceOf(e Event) (Ranking, bool) {
	switch e := e.(type) {
	case *Prioritized:
		return e.Ranking, true
	case *BelowCutoff:
		return e.Ranking, true
	case *Agreed:
		return e.Ranking, true
	}
	return Ranking{}, false
}
