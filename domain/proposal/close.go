package proposal

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/workflow"
)

// Waiting returns the row by which closing a window of a cycle ends what the
// proposal waits for, nil where it does not wait for that window. The window is
// the one that holds for the proposal's place, so that closing a kecamatan's
// leaves the others alone and closing the general one leaves those alone that
// have their own.
func Waiting(d *workflow.Definition, c cycle.State, s State, closing cycle.WindowKey) []*workflow.Row {
	spec := d.Windows[closing.Window]
	if spec == nil {
		return nil
	}
	place := s.Place(spec.Scope)
	key, ok := c.Key(closing.Window, place)
	if !ok || key != closing && place != closing.Scope {
		return nil
	}
	var out []*workflow.Row
	for _, row := range d.Rows(closing.Window) {
		_, raised := s.Flags[row.Flag]
		if row.Flag != "" && raised || row.Flag == "" && row.State == s.At {
			out = append(out, row)
		}
	}
	return out
}

// EndWait returns the event of a closing row. It carries since when the
// proposal had waited, who had it, and who could have acted, and no reason but
// those the system may give: that nobody dealt with it, that none is on record,
// or what a final list said (fromList). Of is the closing where something else
// brings the event about; zero in the closing's own append.
func EndWait(d *workflow.Definition, c cycle.State, s State, row *workflow.Row, window cycle.WindowKey, fromList string, of uuid.UUID) Event {
	could := couldHaveActed(d, c, s, row)
	end := Closing{Window: window.Window, Scope: window.Scope, Kind: row.Kind, Since: s.Since, CouldHaveActed: could, Holder: holder(d, c, s, row), Of: of}
	reason := row.Reason
	if reason == workflow.ReasonFromList {
		reason = fromList
	}
	step := Step{State: row.To, Stage: d.Windows[row.Window].Stage, Via: row.Via()}
	switch row.Event {
	case "lapsed":
		return &Lapsed{Step: step, Reason: reason, Closing: end}
	case "left_out":
		return &LeftOut{Step: step, Reason: reason, Closing: end}
	case "unfinished":
		return &Unfinished{Step: step, Closing: end}
	case "objection_answered":
		end.Since = s.Flags[row.Flag].Since
		return &ObjectionAnswered{Step: step, Result: row.When["result"], Closing: end}
	}
	return nil
}

// RowEvents are the events that EndWait can write.
var RowEvents = []string{"lapsed", "left_out", "unfinished", "objection_answered"}

// exits returns the transitions by which somebody could have ended the wait in
// time, and the roles that could.
func exits(d *workflow.Definition, s State, row *workflow.Row) []*workflow.Transition {
	var out []*workflow.Transition
	for _, t := range d.From(s.At) {
		clears := row.Flag != "" && t.Clear == row.Flag
		leaves := row.Flag == "" && !t.Stay && !t.Remedy && (t.Window == row.Window || t.Window == "")
		if clears || leaves {
			out = append(out, t)
		}
	}
	return out
}

func couldHaveActed(d *workflow.Definition, c cycle.State, s State, row *workflow.Row) []string {
	var out []string
	for _, t := range exits(d, s, row) {
		for _, role := range t.By {
			if name := at(d, c, s, role); name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// holder names whose turn it was: whoever settles the fate at this stage for
// the window's own kind of place, else whoever could act there.
func holder(d *workflow.Definition, c cycle.State, s State, row *workflow.Row) string {
	var any, local, decides string
	for _, t := range exits(d, s, row) {
		if t.Window == "" && row.Flag == "" {
			continue // withdrawing and the like are nobody's turn
		}
		for _, role := range t.By {
			name := at(d, c, s, role)
			switch {
			case name == "":
			case d.Roles[role].Scope == domain.ScopeProvince:
				return name // it was asked, and nobody here can answer in its place
			case t.Decides && decides == "":
				decides = name
			case d.Roles[role].Scope == d.Windows[row.Window].Scope && local == "":
				local = name
			case any == "":
				any = name
			}
		}
	}
	for _, name := range []string{decides, local, any} {
		if name != "" {
			return name
		}
	}
	return ""
}

// at returns "role@office" for a role in a proposal's place, "" for those who
// hold no office, and where the proposal has no such place: what was merged from
// several villages has no village head.
func at(d *workflow.Definition, c cycle.State, s State, role domain.Role) string {
	spec := d.Roles[role]
	if spec == nil || spec.Scope == domain.ScopeNone || role == "importer" {
		return ""
	}
	code := s.Place(spec.Scope).Code
	switch {
	case spec.Scope == domain.ScopeVillage && !domain.IsVillage(code), spec.Scope == domain.ScopeKecamatan && code == "":
		return ""
	case code == "" && c.Opened != nil:
		code = c.Opened.Kabupaten
	}
	if spec.Scope == domain.ScopeProvince {
		code, _, _ = strings.Cut(code, ".")
	}
	return string(role) + "@" + code
}

// Turn returns whose turn it is with a proposal as it stands, as role@office:
// whoever settles its fate in the first window whose closing would end its wait.
// It is "" where the proposal waits for nobody.
func Turn(d *workflow.Definition, c cycle.State, s State) string {
	for _, window := range d.RowsFor(s.At) {
		if row := d.OnWindowClose[window][string(s.At)]; row != nil {
			if name := holder(d, c, s, row); name != "" {
				return name
			}
		}
	}
	return ""
}
