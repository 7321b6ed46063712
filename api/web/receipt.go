package web

import (
	"encoding/hex"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"runut/api/proofs"
	"runut/api/qr"
	"runut/domain"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
)

// Receipt (tanda terima) is the page that a QR code on paper leads to: where one
// event stands in the log, and what vouches for it. It says nothing of what
// happened or who was there, so it is the same for everybody.
type Receipt struct {
	Shell
	Badge    Badge
	Facts    []Pair
	Sealed   bool
	Compared string // "same" or "differs": the leaf on paper beside the one in the log; "" where none was given
	Proof    string // address of the .tlog-proof
	Command  string // that checks it
	Code     template.HTML
	Scans    string // what the code says
}

// receipt answers /tanda-terima/{event}, with the leaf that stands on the paper
// in ?daun=.
func (v *visit) receipt() error {
	if v.Book == nil {
		return domain.Refuse(domain.NotFound, "log.unsigned")
	}
	id, err := uuid.Parse(chi.URLParam(v.r, "event"))
	if err != nil {
		return domain.Refuse(domain.Invalid, "request.id", "id", clip(chi.URLParam(v.r, "event")))
	}
	place, err := v.Book.Place(v.ctx(), id)
	if err != nil {
		return err
	}
	head, err := v.Book.Covering(v.ctx(), place.Position)
	if err != nil && !errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
		return err
	}
	page, err := v.receiptPage(place, head)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "receipt", page)
}

// receiptPage shows a place under the first head that covers it, the zero Head
// while there is none.
func (v *visit) receiptPage(place notary.Place, head notary.Head) (*Receipt, error) {
	hash := place.Leaf()
	leaf := hex.EncodeToString(hash[:])
	page := &Receipt{Shell: v.shell("", v.t("receipt.title"), nil), Sealed: head.Size > 0, Proof: proofs.Path(place.Event)}
	page.Command = "runut verify proof " + place.Event.String() + ".tlog-proof --key kunci.txt"
	page.Badge = Badge{Text: v.t("receipt.unsealed"), Tone: "wait"}
	page.Facts = []Pair{
		{Label: v.t("receipt.event"), Value: place.Event.String()},
		{Label: v.t("receipt.position"), Value: v.lang.Count(place.Position)},
		{Label: v.t("receipt.recorded"), Value: v.moment(place.RecordedAt)},
		{Label: v.t("receipt.leaf"), Value: leaf},
	}
	if page.Sealed {
		page.Badge = Badge{Text: v.t("receipt.sealed", "size", v.lang.Count(head.Size)), Tone: "good"}
		page.Facts = append(page.Facts, Pair{Label: v.t("receipt.sealed_at"), Value: v.moment(head.At)},
			Pair{Label: v.t("receipt.log"), Value: head.Origin, URL: "/segel"})
		page.Demo = page.Demo || proof.IsDemo(head.Origin)
	}
	if given := v.query("daun"); given != "" {
		page.Compared = "differs"
		if strings.EqualFold(given, leaf) {
			page.Compared = "same"
		}
	}
	page.Scans = v.origin() + proofs.Page(place.Event) + "?daun=" + leaf
	code, err := qr.SVG(page.Scans)
	page.Code = template.HTML(code) // drawn by us, of addresses and digests
	return page, err
}

// receiptAt returns the address of the receipt of a proposal's event at a
// position, "" where the caller is not shown which event that is.
func (v *visit) receiptAt(s *subject, position int64) string {
	for _, x := range s.steps {
		if x.Position == position && x.Event != uuid.Nil && v.Book != nil {
			return proofs.Page(x.Event)
		}
	}
	return ""
}

// Seal (segel) is the page of the newest checkpoint: to be kept, printed on
// minutes, subscribed to.
type Seal struct {
	Shell
	Facts []Pair
	Note  string
	Keys  []string
	Code  template.HTML
}

func (v *visit) seal() error {
	if v.Book == nil {
		return domain.Refuse(domain.NotFound, "log.unsigned")
	}
	head, err := v.Book.Latest(v.ctx())
	if err != nil {
		return err
	}
	keys, err := v.Book.Keys(v.ctx())
	if err != nil {
		return err
	}
	page, err := v.sealPage(head, keys)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "seal", page)
}

func (v *visit) sealPage(head notary.Head, keys []string) (*Seal, error) {
	page := &Seal{Shell: v.shell("", v.t("seal.title"), nil), Note: head.Note, Keys: keys}
	page.Demo = page.Demo || proof.IsDemo(head.Origin)
	page.Facts = []Pair{
		{Label: v.t("receipt.log"), Value: head.Origin},
		{Label: v.t("seal.size"), Value: v.lang.Count(head.Size)},
		{Label: v.t("seal.root"), Value: head.Root.String()},
		{Label: v.t("receipt.sealed_at"), Value: v.moment(head.At)},
	}
	code, err := qr.SVG(head.Note)
	page.Code = template.HTML(code) // drawn by us, of what we signed
	return page, err
}
