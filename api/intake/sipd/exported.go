package sipd

import (
	"regexp"
	"strconv"
	"time"

	"runut/api/intake/sheet"
	"runut/domain"
)

var (
	yearFirst = regexp.MustCompile(`(20[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])(?:[-_. T]*([0-2][0-9])[-_.:]?([0-5][0-9])(?:[-_.:]?([0-5][0-9]))?)?`)
	dayFirst  = regexp.MustCompile(`([0-3][0-9])[-_. ]([01][0-9])[-_. ](20[0-9]{2})`)
)

// exportedAt returns when a file was exported: as somebody says, as its name says,
// or as its own properties do. The dates of its rows say nothing of that. The
// second result is what told: "flag", "name" or "properties".
func exportedAt(f *sheet.File, said time.Time, zone *time.Location, now time.Time) (time.Time, string, error) {
	if !said.IsZero() {
		return said.UTC().Truncate(time.Microsecond), "flag", nil
	}
	if at, ok := dated(f.Name, zone, now); ok {
		return at, "name", nil
	}
	if !f.Modified.IsZero() {
		return f.Modified.UTC().Truncate(time.Microsecond), "properties", nil
	}
	return time.Time{}, "", domain.Refuse(domain.Invalid, "sipd.exported_unknown", "file", f.Name)
}

// dated reads the day, and perhaps the time, in a file's name. A day without a
// time is its end, or now where it has not ended.
func dated(name string, zone *time.Location, now time.Time) (time.Time, bool) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	var year, month, day, hour, minute, second int
	timed := false
	if m := yearFirst.FindStringSubmatch(name); m != nil {
		year, month, day = number(m[1]), number(m[2]), number(m[3])
		hour, minute, second, timed = number(m[4]), number(m[5]), number(m[6]), m[4] != ""
	} else if m := dayFirst.FindStringSubmatch(name); m != nil {
		year, month, day = number(m[3]), number(m[2]), number(m[1])
	} else {
		return time.Time{}, false
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
	if at.Day() != day || int(at.Month()) != month || hour > 23 {
		return time.Time{}, false
	}
	if !timed {
		at = domain.EndOfDay(at, zone)
		if at.After(now) && at.Sub(now) < 24*time.Hour {
			at = now
		}
	}
	return at.UTC().Truncate(time.Microsecond), true
}
