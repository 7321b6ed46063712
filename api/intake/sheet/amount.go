package sheet

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"runut/domain"
)

// mostRupiah is beyond every budget of the country, and below where a floating
// point number stops to tell one rupiah from the next.
const mostRupiah = 9e15

// Rupiah reads an amount of money in whole rupiah: "Rp1.234.567,00",
// "1,234,567.00", "1234567", a stored number. What could mean two amounts is
// refused with the reason: words ("1,2 juta"), parts of a rupiah, a number that a
// program rounded to write it as 1,25E+09, an amount in merged cells.
func Rupiah(c Cell) (domain.Rupiah, error) {
	refuse := func(code string) (domain.Rupiah, error) {
		return 0, domain.Refuse(domain.Invalid, code, "value", short(c.Text))
	}
	switch {
	case c.Kind == Fault:
		return 0, domain.Refuse(domain.Invalid, "sheet.cell_faulty", "value", short(c.Text))
	case c.Blank():
		return 0, domain.Refuse(domain.Invalid, "sheet.amount_missing")
	case c.Merged:
		return refuse("sheet.amount_merged")
	case c.Kind == Date || c.Kind == Bool:
		return refuse("sheet.amount_unreadable")
	}
	written := strings.ReplaceAll(strings.ToLower(Line(c.Text)), " ", "")
	written = currency.ReplaceAllString(written, "")
	written = strings.TrimSuffix(strings.TrimSuffix(written, ",-"), ".-")
	switch {
	case scientific.MatchString(written):
		return refuse("sheet.amount_rounded")
	case strings.HasPrefix(written, "-"), strings.HasPrefix(written, "("):
		return refuse("sheet.amount_negative")
	case inWords.MatchString(written):
		return refuse("sheet.amount_words")
	case !digitsAndMarks.MatchString(written):
		return refuse("sheet.amount_unreadable")
	}
	decimal, ok := written, true
	if c.Kind != Number {
		decimal, ok = decimalOf(written, true)
	}
	if !ok {
		return refuse("sheet.amount_ambiguous")
	}
	value, err := strconv.ParseFloat(decimal, 64)
	if err != nil || value > mostRupiah {
		return refuse("sheet.amount_too_large")
	}
	if math.Abs(value-math.Round(value)) >= 0.005 {
		return refuse("sheet.amount_fraction")
	}
	return domain.Rupiah(math.Round(value)), nil
}

var (
	currency       = regexp.MustCompile(`^(rp|idr)[.:]?`)
	inWords        = regexp.MustCompile(`^[0-9.,']+(ribu|rb|juta|jt|jta|miliar|milyar|milliar|mlyr|m|triliun|trilyun|t)`)
	scientific     = regexp.MustCompile(`^[0-9.,]+e[+-]?[0-9]+$`)
	digitsAndMarks = regexp.MustCompile(`^[0-9][0-9.,']*$`)
	grouped        = regexp.MustCompile(`^[1-9][0-9]{0,2}([.,'][0-9]{3})+$`)
)

// decimalOf returns a written number as digits with at most a decimal point.
// Three digits behind the only mark are thousands where the number is money,
// since rupiah have no thousandths; elsewhere nobody can tell, unless they follow
// a zero.
func decimalOf(written string, money bool) (decimal string, ok bool) {
	written = strings.TrimRight(written, ".,")
	marks := strings.Map(func(r rune) rune { return keep(r, r < '0' || '9' < r) }, written)
	if marks == "" {
		return written, true
	}
	last := strings.LastIndexAny(written, ".,'")
	whole, part := written[:last], written[last+1:]
	first, sign := marks[0], marks[len(marks)-1]
	uniform := strings.Trim(marks, string(first)) == ""
	switch {
	case uniform && len(marks) > 1:
		return digits(written), grouped.MatchString(written)
	case uniform && len(part) == 3 && whole == "0":
		return whole + "." + part, !money
	case uniform && len(part) == 3:
		return digits(written), money && grouped.MatchString(written)
	case uniform:
		return whole + "." + part, sign != '\''
	}
	same := strings.Trim(marks[:len(marks)-1], string(first)) == ""
	return digits(whole) + "." + part, same && sign != '\'' && len(part) != 3 && grouped.MatchString(whole)
}

func keep(r rune, yes bool) rune {
	if yes {
		return r
	}
	return -1
}

// digits returns the digits of a text alone.
func digits(text string) string {
	return strings.Map(func(r rune) rune { return keep(r, '0' <= r && r <= '9') }, text)
}

// short cuts what is quoted in a refusal, and hides whose it is.
func short(text string) string {
	text = domain.Mask(Line(text)).Masked
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:60]) + "…"
	}
	return text
}
