package text_test

import (
	"testing"

	"runut/api/text"
	"runut/domain/catalog"
)

func TestLabelsAreThoseOfTheCatalogue(t *testing.T) {
	label, form := text.ID.Field("person.unsealed", "fields")
	if label != "Isian yang dibuka" || form != catalog.Pointer {
		t.Errorf("it is %q, %v", label, form)
	}
	if label, _ := text.EN.Field("person.unsealed", "fields"); label != "Fields that were opened" {
		t.Errorf("in English it is %q", label)
	}
	if label, form := text.ID.Field("person.unsealed", "list_amount"); label == "" || form != catalog.Money {
		t.Errorf("a list's amount is %q, %v", label, form)
	}
	for given, want := range map[string]string{"1250000": "Rp1.250.000", "banyak": "banyak", "": ""} {
		if got := text.ID.Digits(given); got != want && got != "Rp\u00a01.250.000" {
			t.Errorf("%q is written as %q", given, got)
		}
	}
	if text.ID.Term("person.unsealed") != "Segel dibuka" || text.ID.Term("x.y") != "x.y" || text.ID.Or("x.y", "itu") != "itu" || text.Capital("éa") != "Éa" {
		t.Error("a word is another")
	}
	if all, of, only := text.ID.Rank(3, 12, 5), text.ID.Rank(3, 12, 0), text.ID.Rank(3, 0, 0); all == of || of == only || all == "" {
		t.Errorf("%q, %q, %q", all, of, only)
	}
}
