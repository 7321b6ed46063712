package web

import (
	"testing"

	"runut/api/text"
)

func TestSmoke(t *testing.T) {
	for _, l := range []text.Lang{text.ID, text.EN} {
		for name, page := range map[string]view{"home": &Home{}, "list": &List{}, "proposal": &Proposal{}, "signin": &SignIn{}, "trouble": &Trouble{}, "method": &Method{}, "glossary": &Glossary{}, "developers": &Developers{}} {
			page.around().Lang = l
			if _, err := html(name, page); err != nil {
				t.Error(err)
			}
		}
	}
}
