package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"runut/api/account"
	"runut/cmd/runut/demo"
	"runut/domain/grant"
	"runut/projections"
)

// devTokens returns one token per demo role. They are made once and kept in the
// data folder for its owner alone; one that has expired meanwhile is made anew.
func devTokens(ctx context.Context, a *app, path string) (map[string]string, error) {
	tokens := map[string]string{}
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(text, &tokens); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	holders := demo.Holders()
	grants := make([]string, len(holders))
	for i, h := range holders {
		grants[i] = h.Grant
	}
	histories, err := a.store.Streams(ctx, grants)
	if err != nil {
		return nil, err
	}
	isDemo := func(g string) bool { return len(histories[g]) > 0 && !slices.Contains(grant.FirstStreams[:], g) }
	if !slices.ContainsFunc(grants, isDemo) {
		return tokens, nil // the grants that begin everything are of every log
	}
	store, changed := account.Tokens{DB: a.pool}, false
	for _, h := range holders {
		if len(histories[h.Grant]) == 0 {
			continue // a demo that was broken off, or made by an older program
		}
		if _, err := store.Check(ctx, tokens[string(h.Role)]); err == nil {
			continue
		}
		token, err := store.Issue(ctx, "runut dev", h.Grant, account.Uses, time.Now().AddDate(0, 6, 0))
		if err != nil {
			return nil, err
		}
		tokens[string(h.Role)], changed = token, true
	}
	if !changed {
		return tokens, nil
	}
	if text, err = json.MarshalIndent(tokens, "", "  "); err != nil {
		return nil, err
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, append(text, '\n'), 0o600); err != nil {
		return nil, err
	}
	return tokens, os.Rename(fresh, path)
}

// welcome says where to look and what to try.
func welcome(s *session, a *app, address string, tokens map[string]string, took time.Duration) {
	head, err := a.store.Head(s.ctx)
	if err != nil {
		a.log.Error("head was not read", "err", err)
	}
	base := "http://" + address
	out := s.out
	fmt.Fprintln(out)
	ready := "dev.ready"
	if len(tokens) == 0 { // without the demo nothing in it is invented
		ready = "dev.ready_own"
	}
	fmt.Fprintln(out, s.lang.T(ready, "seconds", fmt.Sprintf("%.1f", took.Seconds()), "events", s.lang.Count(head)))
	if err := a.readOnly(); err != nil {
		fmt.Fprintln(out)
		complain(s, err)
	}
	fmt.Fprintln(out)
	fmt.Fprintf(out, "  %-12s %s/\n", s.lang.T("dev.pages"), base)
	fmt.Fprintf(out, "  %-12s %s/openapi.json\n", "OpenAPI", base)
	fmt.Fprintln(out)
	if len(tokens) > 0 {
		tryDemo(s, a, base, tokens)
	} else if err == nil && head == 0 {
		fmt.Fprintln(out, s.lang.T("dev.empty"))
	}
	fmt.Fprintln(out, s.lang.T("dev.stop"))
}

// tryDemo prints the demo's tokens and what to try with them.
func tryDemo(s *session, a *app, base string, tokens map[string]string) {
	out := s.out
	fmt.Fprintln(out, s.lang.T("dev.tokens"))
	for _, h := range demo.Holders() {
		if t := tokens[string(h.Role)]; t != "" {
			fmt.Fprintf(out, "  %-18s %s  %s\n", h.Role, t, h.Office)
		}
	}
	fmt.Fprintln(out)
	fmt.Fprintln(out, s.lang.T("dev.try"))
	complete, practice := years(s.ctx, a)
	fmt.Fprintf(out, "  curl -s '%s/api/v1/public/cycles/%d/funnel'\n", base, complete)
	fmt.Fprintf(out, "  curl -s -H 'Authorization: Bearer %s' '%s/api/v1/opd/%s/inbox?cycle=%d&limit=3'\n", tokens["opd_head"], base, demo.OPD, practice)
	fmt.Fprintf(out, "  curl -s -H 'Authorization: Bearer %s' '%s/api/v1/feeds/opd/%s/accepted?limit=2'\n", tokens["opd_head"], base, demo.OPD)
	fmt.Fprintln(out)
}

// years returns the demo's fiscal years as the read models hold them: the one
// that is complete and the one for practice. The demo may be older than today.
func years(ctx context.Context, a *app) (complete, practice int) {
	complete, practice = demo.Complete(time.Now()), demo.Practice(time.Now())
	cycles, err := (projections.Cycles{DB: a.pool}).List(ctx)
	if err != nil {
		a.log.Error("cycles were not read", "err", err)
		return complete, practice
	}
	for _, c := range cycles.Items {
		if c.Practice {
			practice = c.Year
		}
	}
	return demo.Complete(time.Now()) + practice - demo.Practice(time.Now()), practice
}
