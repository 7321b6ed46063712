package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	say "runut/api/answer"
	"runut/api/text"
	"runut/domain"
	"runut/projections"
)

// fileRows is how many rows of a file are worked out at a time.
const fileRows = 250

// auditColumns are the columns of the file, named as the API names them.
var auditColumns = []string{"number", "title", "lane", "village", "kecamatan", "matches", "then_state", "then_stage", "then_fate", "now_state", "now_stage", "now_fate",
	"opd", "asked", "granted", "deciding_position", "deciding_event", "deciding_type", "deciding_kind", "deciding_stage", "deciding_role", "deciding_office",
	"effective", "recorded", "reason", "no_written_reason", "findings"}

// auditFile writes all of the answer to a question as CSV, some rows at a time.
func (v *visit) auditFile() error {
	if ok, err := v.inspectorsOnly(); !ok {
		return err
	}
	c := v.chosen()
	if c == nil {
		return domain.Refuse(domain.NotFound, "workflow.cycle_unopened", "year", v.query("tahun"))
	}
	found, err := v.sought(c.Year)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="runut-auditor-%d.csv"`, found.Filter.Year))
	h.Set("X-Runut-Position", strconv.FormatInt(found.Now.Known, 10))
	h.Set("Link", `</auditor?`+found.Filter.Values().Encode()+`>; rel="canonical"`)
	if err := v.writeRows(found); err != nil {
		panic(http.ErrAbortHandler) // half a table must not look like a whole one
	}
	return nil
}

func (v *visit) writeRows(found say.Found) error {
	out := csv.NewWriter(v.w)
	out.UseCRLF = true
	if err := out.Write(auditColumns); err != nil {
		return err
	}
	for after, more := "", true; more; more = after != "" {
		rows, matches, next := found.Page(after, fileRows)
		after = next
		if err := found.Decide(v.ctx(), v.desk(), rows); err != nil {
			return err
		}
		numbers := make([]string, len(rows))
		for i, r := range rows {
			numbers[i] = r.Number
		}
		titles, err := projections.Proposals{DB: v.DB}.Some(v.ctx(), numbers)
		if err != nil {
			return err
		}
		for i, r := range rows {
			if err := out.Write(cells(r, matches[i], titles.Value[r.Number].Title)); err != nil {
				return err
			}
		}
		if out.Flush(); out.Error() != nil {
			return out.Error()
		}
	}
	return nil
}

func cells(r say.Row, matches, title string) []string {
	out := []string{r.Number, text.Guard(title), string(r.Lane), r.Village, r.Kecamatan, matches}
	opd, asked, granted := "", "", ""
	if s := r.Then; s != nil {
		out = append(out, string(s.State), s.Stage, string(s.Fate))
		opd, asked, granted = s.OPD, fmt.Sprint(int64(s.Asked)), fmt.Sprint(int64(s.Granted))
	} else {
		out = append(out, "", "", "")
	}
	if s := r.Now; s != nil {
		out = append(out, string(s.State), s.Stage, string(s.Fate))
		opd, asked, granted = s.OPD, fmt.Sprint(int64(s.Asked)), fmt.Sprint(int64(s.Granted))
	} else {
		out = append(out, "", "", "")
	}
	out = append(out, opd, asked, granted)
	if d := r.Deciding; d != nil {
		out = append(out, fmt.Sprint(d.Position), d.Event.String(), d.Type, string(d.Kind), d.Stage, string(d.Role), text.Guard(d.Office),
			domain.Stamp(d.Occurred.Effective(d.Recorded)), domain.Stamp(d.Recorded), d.Reason, strconv.FormatBool(d.Silent))
	} else {
		out = append(out, make([]string, 11)...)
	}
	return append(out, strings.Join(r.Rules, " "))
}
