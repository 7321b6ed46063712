package text

import (
	"slices"
	"strconv"
	"strings"

	"runut/domain"
	"runut/domain/catalog"
)

// What pages, papers and dossiers call what stands in an event.

// Or returns the words of a code, or other where the catalogue lacks it.
func (l Lang) Or(code, other string) string {
	if Has(code) {
		return l.T(code)
	}
	return other
}

// Term returns what people call an event, by its stored name.
func (l Lang) Term(stored string) string {
	t, ok := catalog.Terms[stored]
	switch {
	case !ok:
		return stored
	case l == EN:
		return t.EN
	}
	return t.ID
}

// Field returns what people call a member of an event, with a capital, and the form
// its value has. The name of the event may be "": then of whichever has it.
func (l Lang) Field(stored, member string) (label string, form catalog.Form) {
	owner := ""
	if t, ok := catalog.Events.Named(stored); ok {
		owner = t.Go().String()
	}
	f, ok := catalog.FieldOf(owner, member)
	switch {
	case !ok:
		label = l.Or("member."+member, member)
	case l == EN:
		label = f.EN
	default:
		label, _, _ = strings.Cut(f.ID, ":") // without the list of values
	}
	if !ok && member == "list_amount" {
		f.Form = catalog.Money
	}
	return Capital(label), f.Form
}

// Digits writes rupiah that stand as digits; what is no number stays as it is.
func (l Lang) Digits(digits string) string {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return digits
	}
	return l.Rupiah(domain.Rupiah(n))
}

// Rank writes a place on a list; of and cutoff are 0 where they are not known.
func (l Lang) Rank(rank, of, cutoff int) string {
	params := []string{"rank", l.Count(int64(rank)), "of", l.Count(int64(of)), "cutoff", l.Count(int64(cutoff))}
	switch {
	case cutoff > 0 && of > 0:
		return l.T("rank.of_with_cutoff", params...)
	case of > 0:
		return l.T("rank.of", params...)
	}
	return l.T("rank.only", params...)
}

// OfMoney reports whether a change of this name counts rupiah.
func OfMoney(change string) bool {
	return slices.Contains([]string{"estimate", "accepted", "granted", "rkpd", "ppas", "line", "component", "amount"}, change)
}

// Capital returns a text with a capital.
func Capital(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
