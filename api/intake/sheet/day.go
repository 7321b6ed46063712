package sheet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// Days before and after these are taken for mistakes: a serial number that is
// none, a year with two wrong digits.
const (
	firstYear = 1990
	lastYear  = 2100
)

// Day reads a local day, "2026-01-05": a date cell, a serial number, 2026-01-05,
// 05/01/2026 (the day first, always), 5 Januari 2026. A time of day behind it is
// left out. Days that no calendar has, such as 31/02/2026, are refused, and so is
// 01/25/2026, since in a table where one date has the month first the others
// may have it too.
func Day(c Cell) (string, error) {
	refuse := func(code string) (string, error) {
		return "", domain.Refuse(domain.Invalid, code, "value", short(c.Text))
	}
	switch {
	case c.Kind == Fault:
		return refuse("sheet.cell_faulty")
	case c.Blank():
		return "", domain.Refuse(domain.Invalid, "sheet.day_missing")
	case c.Kind == Bool:
		return refuse("sheet.day_unreadable")
	}
	text := strings.ToLower(Line(c.Text))
	if number, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64); err == nil {
		day, ok := serial(number, c.Epoch)
		if !ok || !plausible(day) {
			return refuse("sheet.day_unreadable")
		}
		return day[:len(time.DateOnly)], nil
	}
	if universal.MatchString(text) {
		return refuse("sheet.day_zone")
	}
	text = timeOfDay.ReplaceAllString(weekday.ReplaceAllString(text, ""), "")
	year, month, day, ok := parts(text)
	if !ok {
		return refuse("sheet.day_unreadable")
	}
	if month > 12 && day <= 12 {
		return refuse("sheet.day_month_first")
	}
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if at.Day() != day || int(at.Month()) != month {
		return refuse("sheet.day_impossible")
	}
	if year < firstYear || year > lastYear {
		return refuse("sheet.day_implausible")
	}
	return at.Format(time.DateOnly), nil
}

func plausible(day string) bool {
	return fmt.Sprint(firstYear) <= day[:4] && day[:4] <= fmt.Sprint(lastYear)
}

var (
	weekday   = regexp.MustCompile(`^(senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad|monday|tuesday|wednesday|thursday|friday|saturday|sunday)[ ,]+`)
	universal = regexp.MustCompile(`[0-9](\.[0-9]+)?z$|\+00:?00$| utc$| gmt$`)
	timeOfDay = regexp.MustCompile(`(?:[ t,]+|[ ,]*(?:pukul|jam) ?)[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]+)?)?(?: ?[ap]m)?(?: ?(?:\+0[789]:?00|wib|wita|wit))?$`)
	isoDay    = regexp.MustCompile(`^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$`)
	localDay  = regexp.MustCompile(`^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})$`)
	wordedDay = regexp.MustCompile(`^([0-9]{1,2})[-/. ]*([a-z]{3,9})[-/., ]*([0-9]{4}|[0-9]{2})$`)
)

func parts(text string) (year, month, day int, ok bool) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if m := isoDay.FindStringSubmatch(text); m != nil {
		return number(m[1]), number(m[2]), number(m[3]), true
	}
	if m := localDay.FindStringSubmatch(text); m != nil {
		return century(number(m[3])), number(m[2]), number(m[1]), true
	}
	if m := wordedDay.FindStringSubmatch(text); m != nil {
		month, known := months[m[2]]
		return century(number(m[3])), month, number(m[1]), known
	}
	return 0, 0, 0, false
}

// century completes a year of two digits. Planning is of this century.
func century(year int) int {
	if year < 100 {
		return 2000 + year
	}
	return year
}

// months are the names of the months as people write them.
var months = func() map[string]int {
	names := map[string]int{}
	for i, spellings := range []string{
		"januari jan january", "februari pebruari feb peb february", "maret mar march mrt", "april apr", "mei may", "juni jun june",
		"juli jul july", "agustus agu agt ags agust aug august", "september sep sept", "oktober okt oct october",
		"november nopember nov nop", "desember des dec december",
	} {
		for name := range strings.FieldsSeq(spellings) {
			names[name] = i + 1
		}
	}
	return names
}()
