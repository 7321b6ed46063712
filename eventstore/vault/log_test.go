package vault_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/record"
	"runut/eventstore/vault"
)

type registered struct {
	Name domain.Secret `json:"name"`
	NIK  domain.Secret `json:"nik"`
}

type submitted struct {
	Problem domain.Text `json:"problem"`
}

// The vault as the log uses it: sealed on the way in, opened against the
// commitments of the record, erased without touching it.
func TestTheLogSealsThroughTheVault(t *testing.T) {
	v, pool, _ := open(t)
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{
		Catalog: event.NewCatalog(event.Declare[registered]("person.registered"), event.Declare[submitted]("proposal.submitted")),
		Sealer:  v, Tenant: "99.01", AllowUnsafe: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	receipt, err := store.Append(t.Context(), event.Command{ID: uuid.New(), Actor: domain.System(), Cycle: 2027},
		event.Change{Stream: "person-4K7M2XQ", Facts: []event.Fact{{Event: &registered{
			Name: domain.Secret{Plain: "Nama Contoh"}, NIK: domain.Secret{Plain: nik}}}}},
		event.Change{Stream: "proposal-1", Facts: []event.Fact{{Event: &submitted{
			Problem: domain.Mask("Rumah rusak, NIK 9901 0141 0185 0001, hubungi " + phone)}}}})
	if err != nil {
		t.Fatal(err)
	}
	opened := func(position int64) map[string]vault.Opened {
		t.Helper()
		raw, err := store.At(t.Context(), position)
		if err != nil {
			t.Fatal(err)
		}
		committed, err := record.ParseStrict(raw.Record)
		if err != nil {
			t.Fatal(err)
		}
		beside, err := store.Beside(t.Context(), position)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]vault.Opened{}
		for field, ciphertext := range beside.Sealed {
			o, err := v.Unseal(t.Context(), vault.Sealed{Event: raw.ID, Field: field, Bytes: ciphertext})
			if err != nil {
				t.Fatal(err)
			}
			if err := o[0].Check(field, committed.Sealed[field]); err != nil {
				t.Error(err)
			}
			found[field] = o[0]
		}
		if len(found) != 2 || len(committed.Sealed) != 2 {
			t.Fatalf("event %d: %d sealed and %d committed, want 2", position, len(found), len(committed.Sealed))
		}
		return found
	}
	person, proposal := opened(receipt.First), opened(receipt.Last)
	got := []string{person["/name"].Plain, person["/nik"].Plain, proposal["/problem#0"].Plain, proposal["/problem#1"].Plain}
	if d := cmp.Diff([]string{"Nama Contoh", nik, "9901 0141 0185 0001", phone}, got); d != "" {
		t.Error(d)
	}
	if err := v.EraseSubject(t.Context(), "person-4K7M2XQ", erasure(receipt.Last+1)); err != nil {
		t.Fatal(err)
	}
	person, proposal = opened(receipt.First), opened(receipt.Last)
	gone := []bool{person["/name"].Erased != nil, person["/nik"].Erased != nil, proposal["/problem#0"].Erased != nil, proposal["/problem#1"].Erased != nil}
	if d := cmp.Diff([]bool{true, true, true, false}, gone); d != "" {
		t.Errorf("erased: %s", d)
	}
}
