package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"runut/cmd/runut/demo"
	"runut/projections"
)

// writeTour leaves a file of shell variables in the data folder, so that the
// README's tour can be pasted as it is: the address, a token per role, and what
// the tour's village, kecamatan and OPD decide in. Only its owner can read it.
func writeTour(ctx context.Context, a *app, path, base string, tokens map[string]string) error {
	_, year := years(ctx, a)
	var b strings.Builder
	fmt.Fprintf(&b, "RUNUT=%s/api/v1\nYEAR=%d\nVILLAGE=%s\nOPD=%s\n", base, year, demo.TourVillage, demo.OPD)
	for _, h := range demo.Holders() {
		if t := tokens[string(h.Role)]; t != "" {
			fmt.Fprintf(&b, "AS_%s=%s\n", strings.ToUpper(string(h.Role)), t)
		}
	}
	sessions, err := projections.Forums{DB: a.pool}.List(ctx, projections.ForumFilter{Cycle: year, Open: true}, "", projections.MaxLimit)
	if err != nil {
		return err
	}
	for name, at := range map[string]struct{ kind, code string }{
		"FORUM_DESA": {"musrenbang_desa", demo.TourVillage}, "FORUM_KECAMATAN": {"musrenbang_kecamatan", demo.TourKecamatan},
		"FORUM_OPD": {"forum_opd", demo.OPD}, "FORUM_KABUPATEN": {"musrenbang_kabupaten", ""},
	} {
		for _, f := range sessions.Items { // the newest session comes first
			if f.Kind == at.kind && f.Scope.Code == at.code {
				fmt.Fprintf(&b, "%s=%s\n", name, f.ID)
				break
			}
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}
