package event_test

import (
	"errors"
	"strings"
	"testing"

	"runut/domain"
	"runut/domain/event"
)

// A parish stands for any event: it holds a string of every kind there can be.
type (
	parish struct {
		bounds
		Seat    string            `json:"seat"`
		Priests []priest          `json:"priests,omitempty"`
		Bells   map[string]string `json:"bells,omitempty"`
		Mother  *parish           `json:"mother,omitempty"`
		At      *domain.Point     `json:"at,omitempty"`
		Story   domain.Text       `json:"story,omitzero"`
		Owner   domain.Secret     `json:"owner,omitzero"`
		Streets []street          `json:"streets,omitempty" readable:"things"`
		Vestry  []string          `json:"vestry,omitempty" readable:"post"`
		Any     any               `json:"any,omitempty"`
		Souls   int               `json:"souls"`
	}
	bounds struct {
		North string `json:"north/east"`
	}
	priest struct {
		Since domain.Interval `json:"since"`
		Title domain.Role     `json:"title"`
	}
	street struct {
		Name string `json:"name"`
	}
)

func TestReadableSaysWhereSomebodyIsIdentified(t *testing.T) {
	const nik = "9901014101850001"
	for _, test := range []struct {
		name string
		e    any
		want string // code and place
	}{
		{"nothing", nil, ""},
		{"no event", (*parish)(nil), ""},
		{"nobody", &parish{Seat: "Suka Maju", At: &domain.Point{Lat: "-0.50210612345678", Lon: "117.15370912345678"}, Souls: 9901014101850001}, ""},
		{"a plain member", &parish{Seat: nik}, "text.personal /seat"},
		{"a value, not a pointer", parish{Seat: nik}, "text.personal /seat"},
		{"a word alone", "forum-" + nik, "text.personal"},
		{"an embedded member", &parish{bounds: bounds{"rumah Bapak Sutrisno"}}, "text.personal /north~1east"},
		{"a list", &parish{Priests: []priest{{Title: "lurah"}, {Title: "Ibu Siti"}}}, "text.personal /priests/1/title"},
		{"a struct in a list", &parish{Priests: []priest{{Since: domain.Interval{Precision: nik}}}}, "text.personal /priests/0/since/precision"},
		{"a value of a map", &parish{Bells: map[string]string{"a/b~c": "0812-3456-7890"}}, "text.personal /bells/a~1b~0c"},
		{"a key of a map", &parish{Bells: map[string]string{nik: "large"}}, "text.personal /bells"},
		{"what is pointed to", &parish{Mother: &parish{Mother: &parish{Seat: "warga@surel.example"}}}, "text.personal /mother/mother/seat"},
		{"a point that is none", &parish{At: &domain.Point{Lat: "-0.5", Lon: nik}}, "text.personal /at/lon"},
		{"a text and a secret", &parish{Story: domain.Text{Masked: nik}, Owner: domain.Secret{Plain: nik}}, ""},
		{"the name of a street", &parish{Streets: []street{{"Jalan Bapak Sutrisno, " + strings.Repeat("panjang ", 200)}}}, ""},
		{"a number in the name of a street", &parish{Streets: []street{{nik}}}, "text.personal /streets/0/name"},
		{"a break in the name of a street", &parish{Streets: []street{{"a\tb"}}}, "text.unprintable /streets/0/name"},
		{"a post", &parish{Vestry: []string{"opd_head@dinas.pu"}}, ""},
		{"an address elsewhere", &parish{Seat: "opd_head@dinas.pu"}, "text.personal /seat"},
		{"somebody in a post", &parish{Vestry: []string{"camat@99.01.03", "Bapak Camat Sutrisno", "Ibu Siti"}}, "text.personal /vestry/2"},
		{"whatever there is", &parish{Any: &street{nik}}, "text.personal /any/name"},
		{"nothing where there may be anything", &parish{Any: nil}, ""},
		{"a zero byte", &parish{Seat: "Suka\x00Maju"}, "text.unprintable /seat"},
		{"half a character", &parish{Seat: "Suka\xc3"}, "text.unprintable /seat"},
		{"a thousand characters", &parish{Seat: strings.Repeat("é", 1000)}, ""},
		{"one more", &parish{Seat: strings.Repeat("é", 1001)}, "text.too_long /seat"},
	} {
		got := ""
		err := event.Readable(test.e)
		if refusal, ok := errors.AsType[*domain.Error](err); ok {
			got = strings.TrimSpace(refusal.Code + " " + refusal.Field)
			if refusal.Params["field"] != refusal.Field || refusal.Kind != domain.Invalid {
				t.Errorf("%s: refused as %+v", test.name, refusal)
			}
		} else if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
