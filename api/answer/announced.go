package answer

import (
	"cmp"
	"context"

	"runut/api/text"
	"runut/domain"
	"runut/domain/workflow"
	"runut/projections"
)

// Announced answers a visitor: why a proposal ended as it did, as of the last
// release that covers it, from the public read model alone. The definition is the
// one whose words are used.
func Announced(ctx context.Context, public projections.Public, number string, lang text.Lang, d *workflow.Definition) (Full, int64, error) {
	found, err := public.Explanation(ctx, number)
	if err != nil {
		return Full{}, 0, err
	}
	x := found.Value
	names, err := namesIn(ctx, public, Codes(x))
	if err != nil {
		return Full{}, 0, err
	}
	s := Speaker{Lang: lang, Definition: d, Zone: domain.Zones["WITA"], Name: func(code string) string { return names[code] }}
	cycles, err := public.Cycles(ctx)
	if err != nil {
		return Full{}, 0, err
	}
	for _, c := range cycles.Value {
		if c.Year == x.Cycle {
			s.Zone = cmp.Or(domain.Zones[c.Zone], s.Zone)
		}
	}
	return Full{x, s.Of(x), s}, found.Position, nil
}

// A register is where names of codes are read: the internal one or the public.
type register interface {
	NamesIn(ctx context.Context, registers []string, codes ...string) (projections.At[map[string]string], error)
}

// namesIn returns the names of places and offices.
func namesIn(ctx context.Context, r register, codes []string) (map[string]string, error) {
	found, err := r.NamesIn(ctx, []string{projections.RegisterWilayah, projections.RegisterOPD}, codes...)
	return found.Value, err
}
