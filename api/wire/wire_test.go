package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/api/wire"
	"runut/domain"
)

type note struct {
	Title  domain.Text   `json:"title"`
	Owner  domain.Secret `json:"owner,omitzero"`
	Sum    domain.Rupiah `json:"sum,omitzero"`
	Places []string      `json:"places"`
	Inner  struct {
		Text domain.Text `json:"text"`
	} `json:"inner"`
}

func TestDecodeSaysWhatIsWrongAndWhere(t *testing.T) {
	long := strings.Repeat("a", 20_001)
	for _, test := range []struct{ name, body, code, field, param string }{
		{"nothing", "", "request.body_missing", "", ""},
		{"blanks", " \n\t ", "request.body_missing", "", ""},
		{"a member that is not there", `{"colour":"merah"}`, "request.unknown_field", "/colour", "/colour"},
		{"one deep in it", `{"inner":{"colour":1}}`, "request.unknown_field", "/inner/colour", "/inner/colour"},
		{"another case", `{"TITLE":"x"}`, "request.unknown_field", "/TITLE", "/TITLE"},
		{"a name twice", `{"title":"x","title":"y"}`, "request.duplicate_field", "/title", "/title"},
		{"another type", `{"title":7}`, "request.field_type", "/title", "/title"},
		{"a sum with a fraction", `{"sum":1.5}`, "request.field_type", "/sum", "/sum"},
		{"a sum too large for any", `{"sum":99999999999999999999}`, "request.field_type", "/sum", "/sum"},
		{"a text too long", `{"inner":{"text":"` + long + `"}}`, "request.text_too_long", "/inner/text", ""},
		{"an end too early", "{\n\"title\":\"x\",\n", "request.json", "", ""},
		{"more than one value", `{} {}`, "request.json", "", ""},
		{"a comment", `{/* x */}`, "request.json", "", ""},
		{"no UTF-8", "{\"title\":\"\xff\"}", "request.utf8", "/title", "/title"},
		{"half a surrogate", `{"title":"\ud800"}`, "request.json", "/title", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var n note
			err := wire.Decode([]byte(test.body), &n)
			e, ok := errors.AsType[*domain.Error](err)
			if !ok || e.Code != test.code || e.Field != test.field || test.param != "" && e.Params["field"] != test.param {
				t.Errorf("got %v at %q, want %s at %q", err, e.Field, test.code, test.field)
			}
		})
	}
	var n note
	if err := wire.Decode([]byte("{\n\"title\":\"x\",\n\"sum\": ,}"), &n); !errors.Is(err, &domain.Error{Code: "request.json"}) || !strings.Contains(err.Error(), `line="3"`) {
		t.Errorf("the line of the mistake: %v", err)
	}
}

// What is personal is cut out before anything else sees it, and never written out.
func TestPersonalDetailsDoNotCross(t *testing.T) {
	var n note
	if err := wire.Decode([]byte(`{"title":"  NIK 9901014101850001 ","owner":"Sutrisno","places":null,"inner":{"text":"warga@surel.example"}}`), &n); err != nil {
		t.Fatal(err)
	}
	if n.Title.Masked != "NIK [NIK disamarkan]" || len(n.Title.Spans) != 1 || n.Owner.Plain != "Sutrisno" {
		t.Errorf("read as %+v", n)
	}
	out, err := wire.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"9901014101850001", "Sutrisno", "warga@surel"} {
		if strings.Contains(string(out), secret) {
			t.Errorf("%q is written out: %s", secret, out)
		}
	}
	var again map[string]any
	if err := wire.Decode(out, &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("NIK [NIK disamarkan]", again["title"]); d != "" {
		t.Error(d)
	}
	if list, ok := again["places"].([]any); !ok || len(list) != 0 {
		t.Errorf("an empty list is written as %v", again["places"])
	}
}
