package demo

import (
	"fmt"
	"slices"

	"runut/domain"
	"runut/domain/proposal"
)

func villageScope(v village) domain.Scope {
	return domain.Scope{Kind: domain.ScopeVillage, Code: v.code}
}

func kecamatanScope(k kecamatan) domain.Scope {
	return domain.Scope{Kind: domain.ScopeKecamatan, Code: k.code}
}

// inVillages lets every village that takes part hold its musyawarah.
func (c *course) inVillages() {
	for _, k := range c.places {
		for _, v := range k.villages {
			if v.silent {
				continue
			}
			first := c.between(360, 398)
			c.on(first, 9, func() { c.inVillage(v, first) })
		}
	}
}

// inVillage is one village's musyawarah: ideas are handed in for some days, then
// the head makes the list of priorities final.
func (c *course) inVillage(v village, first int) {
	head, operator := c.holder("village_head", v.code), c.holder("village_operator", v.code)
	a := c.convene("musrenbang_desa", "desa", villageScope(v), head, first, "")
	c.attend(a, []string{v.code})
	minutes := c.paper("berita_acara", "BA-MD")
	count := c.between(27, 44) * c.o.Scale
	if c.o.Part > 20 {
		count /= 3
	}
	for day := range 3 {
		c.on(first-1-day, 10, func() {
			for n := day * count / 3; n < (day+1)*count/3; n++ {
				idea, _ := c.idea(v, n+1)
				c.submit(operator, &proposal.Submitted{Lane: proposal.Musrenbang, Idea: idea, MinutesVillage: minutes, Forum: a.stream})
			}
		})
	}
	c.on(first-4, 13, func() {
		for _, n := range c.in(villageScope(v), "submitted") {
			switch roll := c.random.IntN(200); {
			case roll < 7: // one's own mistake
				s := c.state(n)
				c.take(operator, n, &proposal.Revised{Idea: proposal.Idea{Estimate: s.Estimate * 9 / 10 / 1000 * 1000}, Reason: domain.Mask("Harga satuan salah ketik")})
			case roll < 11:
				a.covers = append(a.covers, n)
				c.take(head, n, c.rejected(inVillage, a.stream))
			case roll < 13:
				c.withdraw(head, n)
			case roll < 16:
				c.fromVillageFunds(head, n)
			}
		}
	})
	c.on(first-6, 14, func() {
		heardLate := first <= daysBefore.desa.to+29 // what an early village forgets would wait too long unheard
		numbers := slices.DeleteFunc(c.in(villageScope(v), "submitted"), func(string) bool { return heardLate && c.chance(2) })
		c.finalize(a, head, "L1", villageScope(v), numbers, false)
		c.minute(a, first-8, "agreed", "not_agreed_with_reason")
	})
}

// withdraw lets the head of the village take a proposal back.
func (c *course) withdraw(head domain.Actor, n string) {
	c.take(head, n, &proposal.Withdrawn{Reason: "PGS-TARIK", Text: domain.Mask(pick(c.world, []string{
		"Warga sepakat mengerjakannya sendiri dengan gotong royong.", "Salah lokasi, akan diusulkan lagi tahun depan.", "Pemilik lahan menarik persetujuannya.",
	}))})
}

// fromVillageFunds records that the village pays itself.
func (c *course) fromVillageFunds(head domain.Actor, n string) {
	c.number++
	c.take(head, n, &proposal.FinancedElsewhere{Mode: "elsewhere", Source: "dana_desa", Code: fmt.Sprintf("APBDes-%04d", c.number), FiscalYear: c.year, Amount: c.state(n).Estimate, Reason: "ALH-DESA"})
}
