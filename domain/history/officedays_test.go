package history

import (
	"testing"
	"time"

	"runut/domain"
)

func TestDaysAreThoseOnWhichOfficesWork(t *testing.T) {
	days := officeDays{zone: domain.Zones["WITA"]}
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, days.zone)
		if err != nil {
			t.Fatal(err)
		}
		return x.UTC()
	}
	for _, x := range []struct {
		from, to string
		want     int
	}{
		{"2026-02-06 16:00", "2026-02-09 09:00", 1}, // a Friday and the Monday after
		{"2026-02-06 08:00", "2026-02-06 23:00", 0},
		{"2026-02-06 08:00", "2026-02-08 23:00", 0}, // a weekend
		{"2026-02-02 00:30", "2026-02-06 23:30", 4}, // by the local day, not by that of UTC
		{"2026-02-09 09:00", "2026-02-06 16:00", 0},
	} {
		if got := days.between(at(x.from), at(x.to)); got != x.want {
			t.Errorf("from %s to %s: %d, want %d", x.from, x.to, got, x.want)
		}
	}
}
