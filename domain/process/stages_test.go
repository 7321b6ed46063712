package process

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const day = 24 * time.Hour

// The trial of 6-mercaptopurine by Freireich and others (1963), weeks in
// remission, is the example that survival is taught with; a minus sign stands for
// "and still".
var remission = []int{6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35}

func TestSurvivalOfATextbook(t *testing.T) {
	var stays []stay
	for _, weeks := range remission {
		took := time.Duration(weeks) * day
		stays = append(stays, stay{took.Abs(), weeks < 0})
	}
	slices.Reverse(stays) // in whatever order they come
	got := survival("trial", stays)
	want := []Survivor{{6, 0.857}, {7, 0.807}, {10, 0.753}, {13, 0.690}, {16, 0.627}, {22, 0.538}, {23, 0.448}}
	if len(got.Survival) != len(want) {
		t.Fatalf("%v", got.Survival)
	}
	for i, s := range got.Survival {
		if s.Days != want[i].Days || math.Abs(s.Share-want[i].Share) > 0.0005 {
			t.Errorf("after %v days %.4f are left, the book says %v", s.Days, s.Share, want[i])
		}
	}
	if got.Left != 9 || got.Open != 12 || got.Median != 23 || got.P90 != -1 {
		t.Errorf("%d left, %d open, median %v, nine tenths %v", got.Left, got.Open, got.Median, got.P90)
	}
}

// Where nothing is open the estimate is the plain share of those that took longer,
// and whoever still waits never makes a stage look faster.
func TestWhoStillWaitsNeverMakesAStageFaster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(1, 40), 1, 30).Draw(t, "days")
		var stays []stay
		for _, d := range days {
			stays = append(stays, stay{took: time.Duration(d) * day})
		}
		for _, s := range survival("", slices.Clone(stays)).Survival {
			longer := 0
			for _, d := range days {
				if float64(d) > s.Days {
					longer++
				}
			}
			if share := float64(longer) / float64(len(days)); math.Abs(share-s.Share) > 1e-9 {
				t.Errorf("after %v days %v are left, want %v of %v", s.Days, s.Share, share, days)
			}
		}
		some := slices.Clone(stays)
		some[rapid.IntRange(0, len(some)-1).Draw(t, "waits")].open = true
		before, after := survival("", slices.Clone(stays)), survival("", some)
		for _, s := range before.Survival {
			if left(after.Survival, s.Days) < s.Share-1e-9 {
				t.Errorf("after %v days %v are left, and less, %v, when one still waits", s.Days, s.Share, left(after.Survival, s.Days))
			}
		}
		if after.Median >= 0 && after.Median < before.Median {
			t.Errorf("half have left after %v days, and after %v when one still waits", before.Median, after.Median)
		}
	})
}

// left reads a curve at a day.
func left(curve []Survivor, days float64) float64 {
	share := 1.0
	for _, s := range curve {
		if s.Days <= days {
			share = s.Share
		}
	}
	return share
}

func TestALongCurveIsThinnedAndKeepsItsEnds(t *testing.T) {
	var stays []stay
	for d := range 500 {
		stays = append(stays, stay{took: time.Duration(d+1) * day})
	}
	got := survival("", stays).Survival
	if len(got) != steps || got[0].Days != 1 || got[len(got)-1].Days != 500 {
		t.Errorf("%d steps from %v to %v", len(got), got[0], got[len(got)-1])
	}
}
