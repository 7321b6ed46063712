package bench

import (
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
)

// The measured events are of the size and shape of the real ones: in a stream of
// ten the first brings what was proposed, with a text; the others are decisions.
type (
	proposed struct {
		To        string        `json:"to"`
		Title     string        `json:"title"`
		Problem   domain.Text   `json:"problem"`
		Village   string        `json:"village"`
		Kecamatan string        `json:"kecamatan"`
		OPD       string        `json:"opd"`
		Kamus     string        `json:"kamus"`
		Volume    domain.Volume `json:"volume"`
		Estimate  domain.Rupiah `json:"estimate"`
		Forum     string        `json:"forum"`
		Rank      int           `json:"rank"`
		Issues    []string      `json:"issues"`
	}
	decided struct {
		To       string        `json:"to"`
		Forum    string        `json:"forum"`
		Document string        `json:"document"`
		Reason   string        `json:"reason"`
		Volume   domain.Volume `json:"volume"`
		Before   domain.Rupiah `json:"before"`
		After    domain.Rupiah `json:"after"`
		Rank     int           `json:"rank"`
		Score    string        `json:"score"`
		Stage    string        `json:"stage"`
		Evidence []string      `json:"evidence"`
	}
)

var samples = event.NewCatalog(
	event.Declare[proposed]("proposal.submitted"),
	event.Declare[decided]("proposal.decided"),
)

var camat = domain.Actor{
	Person: "p-4k7m2xq", Role: "camat", Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"},
	Grant: "grant-99.01.03-camat", Office: "Kecamatan Contoh Tiga", Capacity: domain.Definitif,
}

// streamLength is how many events a measured stream gets.
const streamLength = 10

// sample returns the event that follows version events of a stream.
func sample(version int) any {
	if version == 0 {
		return &proposed{
			To: "submitted", Title: "Peningkatan jalan usaha tani RT 04 sepanjang 350 m",
			Problem: domain.Text{Masked: "Jalan rusak berat dan sulit dilalui saat musim hujan, hasil panen tertahan di kebun"},
			Village: "99.01.03.2001", Kecamatan: "99.01.03", OPD: "1.03.0.00.0.00.01.0000", Kamus: "kamus-0231",
			Volume: domain.Volume{Amount: "350.5", Unit: "m"}, Estimate: 185_000_000, Forum: "forum-2027-desa-99.01.03.2001", Rank: 3,
			Issues: []string{"kemiskinan", "pangan"},
		}
	}
	return &decided{
		To: "agreed", Forum: "forum-2027-kecamatan-99.01.03", Document: "BA-140/MUSREN/2027", Reason: "ALS-PRIORITAS",
		Volume: domain.Volume{Amount: "300", Unit: "m"}, Before: 185_000_000, After: 160_000_000 + domain.Rupiah(version), Rank: version,
		Score: "78.25", Stage: "kecamatan", Evidence: []string{"sha256:9f86d081884c7d65", "sha256:60303ae22b998861"},
	}
}

// request returns a command that adds the next event to a stream.
func request(stream string, version int) (event.Command, event.Change) {
	return order(), event.Change{Stream: stream, Version: version, Facts: []event.Fact{{Event: sample(version)}}}
}

func order() event.Command {
	id := uuid.New()
	return event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: camat, Tenant: "99.01", Cycle: 2027,
		Definition: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
}

// name returns the k-th stream of a caller among callers.
func name(round, callers, caller, k int) string {
	return fmt.Sprintf("proposal-U-27-%02d%03d%03d%06d", round, callers, caller, k)
}
