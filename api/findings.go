package api

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"runut/domain"
	"runut/domain/finding"
)

const tagAudit = "Audit"

type findingsInput struct {
	PageInput
	Cycle   int      `query:"cycle" required:"true" minimum:"1" doc:"Fiscal year"`
	Rule    []string `query:"rule" maxItems:"30" doc:"Codes of rules: A1, B3; left out: all"`
	OPD     []string `query:"opd" maxItems:"50" doc:"OPD code"`
	Village []string `query:"village" maxItems:"50" doc:"Kode wilayah of a village, or of the kecamatan it lies in"`
	Number  string   `query:"number" maxLength:"20" doc:"Number of a proposal"`
	KnownAt string   `query:"known_at" maxLength:"40" doc:"What was known then: a day, a moment, or a position of the log; left out: everything known now"`
}

func (in *findingsInput) fits(f finding.Finding) bool {
	any := func(list []string, fits func(string) bool) bool {
		return len(list) == 0 || slices.ContainsFunc(list, fits)
	}
	return any(in.Rule, func(code string) bool { return code == f.Rule }) &&
		any(in.OPD, func(code string) bool { return code == f.OPD }) &&
		any(in.Village, func(code string) bool { return f.Village != "" && domain.Within(f.Village, code) }) &&
		(in.Number == "" || in.Number == f.Proposal)
}

// A RuleCount is a rule and how often it found something in a year.
type RuleCount struct {
	finding.Rule
	Found int `json:"found"`
}

type rulesInput struct {
	ReadInput
	Cycle   int    `query:"cycle" required:"true" minimum:"1" doc:"Fiscal year"`
	KnownAt string `query:"known_at" maxLength:"40" doc:"What was known then: a day, a moment, or a position of the log; left out: everything known now"`
}

func (s *Server) findingReads(api huma.API) {
	getInspected(s, api, "/findings", "list-findings", tagAudit, "Temuan satu tahun · What the audit rules find in a year",
		func(ctx context.Context, in *findingsInput) (*many[finding.Finding], error) {
			all, position, err := s.found(ctx, in.Cycle, in.KnownAt)
			if err != nil {
				return nil, err
			}
			after, err := findingAt(in.Cursor)
			if err != nil {
				return nil, err
			}
			out := &many[finding.Finding]{Position: position, Body: List[finding.Finding]{Items: []finding.Finding{}}}
			for _, f := range all {
				if finding.Compare(f, after) <= 0 || !in.fits(f) {
					continue
				}
				if n := len(out.Body.Items); n == in.Limit {
					out.Body.Next = cursorOf(out.Body.Items[n-1])
					break
				}
				out.Body.Items = append(out.Body.Items, f)
			}
			return out, nil
		})
	getInspected(s, api, "/findings/rules", "list-rules", tagAudit, "Aturan temuan dan jumlahnya · The audit rules and how often each found something",
		func(ctx context.Context, in *rulesInput) (*one[[]RuleCount], error) {
			all, position, err := s.found(ctx, in.Cycle, in.KnownAt)
			if err != nil {
				return nil, err
			}
			return &one[[]RuleCount]{Position: position, Body: countRules(all)}, nil
		})
}

// found returns what is found in a year as far as was known.
func (s *Server) found(ctx context.Context, year int, known string) ([]finding.Finding, int64, error) {
	v, err := s.Desk().View(ctx, year, "", known)
	if err != nil {
		return nil, 0, err
	}
	return s.kept.Findings(ctx, s.Desk(), year, v.Known)
}

func countRules(all []finding.Finding) []RuleCount {
	counts := map[string]int{}
	for _, f := range all {
		counts[f.Rule]++
	}
	out := make([]RuleCount, len(finding.Rules))
	for i, r := range finding.Rules {
		out[i] = RuleCount{r, counts[r.Code]}
	}
	return out
}

// A cursor of findings names the last one that was shown.
func cursorOf(f finding.Finding) string {
	return strings.Join([]string{f.Rule, f.Proposal, f.Village, strconv.FormatInt(f.Position, 10)}, "~")
}

func findingAt(cursor string) (finding.Finding, error) {
	if cursor == "" {
		return finding.Finding{}, nil
	}
	parts := strings.Split(cursor, "~")
	if len(parts) == 4 {
		if position, err := strconv.ParseInt(parts[3], 10, 64); err == nil {
			return finding.Finding{Rule: parts[0], Proposal: parts[1], Village: parts[2], Position: position}, nil
		}
	}
	return finding.Finding{}, domain.Refuse(domain.Invalid, "cursor.unknown").At("/cursor")
}
