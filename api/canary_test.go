package api_test

import (
	"fmt"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
)

// What must never come out. The bare name is one that no pattern recognises.
const (
	canaryNIK   = "9901014101850001"
	canaryPhone = "0812-3456-7890"
	canaryEmail = "warga.kenari@surel.example"
	canaryName  = "Sutrisno Kenari"
	canaryBare  = "Wagiyem Kenari"
)

var canaries = []string{canaryNIK, canaryPhone, canaryEmail, canaryName, canaryBare, "Kenari", "kenari"}

// planting is what somebody careless writes.
func planting(about string) string {
	return fmt.Sprintf("%s NIK %s telp %s surel %s Bapak %s dan %s", about, canaryNIK, canaryPhone, canaryEmail, canaryName, canaryBare)
}

func planted(about string) domain.Text { return domain.Mask(planting(about)) }

// planted hands in a direct request with personal data in every text but the
// title, which names nobody that no pattern recognises.
func (p *past) planted(place string) string {
	p.Helper()
	i := idea(place)
	i.Problem, i.Description, i.Location = planted("Lapuk"), planted("Ganti"), planted("RT 01")
	i.Title = domain.Mask(fmt.Sprintf("Jembatan NIK %s telp %s surel %s atas nama %s", canaryNIK, canaryPhone, canaryEmail, canaryName))
	return p.do(p.actors["planner"], nil, act.Submit{Year: year, Ask: &proposal.Submitted{Lane: proposal.UsulanLangsung, Idea: i}})[0]
}
