package history

import (
	"time"

	"runut/domain/reference"
)

// officeDays are the days on which offices work.
type officeDays struct {
	zone     *time.Location
	holidays *reference.Register // nil: nobody published any
}

// between counts the days on which offices work after one day, up to and with
// another: what comes in on a Friday and goes out on the Monday was held for one.
func (o officeDays) between(from, to time.Time) int {
	n := 0
	last := to.In(o.zone).Format(time.DateOnly)
	for day := from.In(o.zone).AddDate(0, 0, 1); day.Format(time.DateOnly) <= last && n < 1000; day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !o.holiday(day) {
			n++
		}
	}
	return n
}

func (o officeDays) holiday(day time.Time) bool {
	if o.holidays == nil {
		return false
	}
	_, ok := o.holidays.Lookup(day.Format(time.DateOnly), "")
	return ok
}
