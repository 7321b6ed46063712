package text

import (
	"fmt"
	"strconv"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"runut/domain"
)

var printers = map[Lang]*message.Printer{
	ID: message.NewPrinter(language.Indonesian),
	EN: message.NewPrinter(language.English),
}

// Count writes a whole number as the language groups it: 1.104 or 1,104.
func (l Lang) Count(n int64) string { return printers[l].Sprintf("%d", n) }

// Rupiah writes an amount in full: Rp1.234.567 or Rp1,234,567.
func (l Lang) Rupiah(r domain.Rupiah) string {
	if r < 0 {
		return "-" + l.Rupiah(-r)
	}
	return "Rp" + l.Count(int64(r))
}

// Short writes an amount for a chart or a table of sums: Rp1,2 miliar.
func (l Lang) Short(r domain.Rupiah) string {
	units := []struct {
		from domain.Rupiah
		unit Pair
	}{
		{1e12, Pair{"triliun", "trillion"}},
		{1e9, Pair{"miliar", "billion"}},
		{1e6, Pair{"juta", "million"}},
	}
	for _, u := range units {
		if r >= u.from || -r >= u.from {
			return "Rp" + printers[l].Sprintf("%.1f", float64(r)/float64(u.from)) + " " + u.unit.In(l)
		}
	}
	return l.Rupiah(r)
}

// Percent writes part of whole: 22,9 % or 22.9%. It returns "–" of nothing.
func (l Lang) Percent(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	s := printers[l].Sprintf("%.1f", 100*float64(part)/float64(whole))
	if l == EN {
		return s + "%"
	}
	return s + " %"
}

var months = map[Lang][]string{
	ID: {"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"},
	EN: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// Day writes a day: 20 Februari 2026.
func (l Lang) Day(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%d %s %d", t.Day(), months[l][t.Month()-1], t.Year())
}

// Moment writes a time of day too: 20 Februari 2026 09.12 WITA.
func (l Lang) Moment(t time.Time, zone *time.Location) string {
	layout := "15.04"
	if l == EN {
		layout = "15:04"
	}
	return l.Day(t, zone) + " " + t.In(zone).Format(layout) + " " + zone.String()
}

// Date writes a stored local day ("2026-02-20") as Day does; anything else as
// it stands.
func (l Lang) Date(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return l.Day(t, time.UTC)
}

// Decimal writes a stored decimal ("350.5") with the language's comma.
func (l Lang) Decimal(amount string) string {
	f, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return amount
	}
	return printers[l].Sprintf("%v", number(f))
}

func number(f float64) any {
	if f == float64(int64(f)) {
		return int64(f)
	}
	return f
}
