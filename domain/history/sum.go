package history

import (
	"fmt"
	"iter"

	"runut/domain"
)

// A Tally is how much of something there is, in counts and in rupiah.
type Tally struct {
	Millionths int64 // of origins; Whole is one
	Asked      domain.Rupiah
}

func (t *Tally) add(millionths int64, asked domain.Rupiah) {
	t.Millionths += millionths
	t.Asked += asked
}

// A Sum is what became of the origins of a cycle, or of any group of them: the
// figures printed on every page. Its zero value is that of nobody. Over a whole
// cycle, and over any group that divides no family, Moved is nothing.
type Sum struct {
	Origins   int
	Asked     domain.Rupiah
	Granted   domain.Rupiah // to origins
	Cut       domain.Rupiah
	Uplift    domain.Rupiah
	Moved     domain.Rupiah // what merges moved here from origins outside, less what they moved away
	Fates     map[Fate]Tally
	Headlines map[Fate]int // origins

	WithoutProposal domain.Rupiah // granted to what no proposal asked for
	Unattributed    domain.Rupiah // granted to whoever is not held
}

// Add puts an account in.
func (s *Sum) Add(a Account) {
	if a.Root != Origin {
		for _, share := range a.Shares {
			if a.Root == InBudget {
				s.WithoutProposal += share.Granted
			} else {
				s.Unattributed += share.Granted
			}
		}
		return
	}
	if s.Fates == nil {
		s.Fates, s.Headlines = make(map[Fate]Tally, len(Fates)), make(map[Fate]int, len(Fates))
	}
	s.Origins++
	s.Asked += a.Asked
	s.Headlines[a.Headline]++
	for _, share := range a.Shares {
		s.Granted += share.Granted
		s.Cut += share.Cut
		s.Uplift += share.Uplift
		s.Moved += share.Moved
		t := s.Fates[share.Fate]
		t.add(share.Millionths, share.Asked)
		s.Fates[share.Fate] = t
	}
}

// Put returns one side of the printed sum: what was asked, and what came to it.
func (s *Sum) Put() domain.Rupiah { return s.Asked + s.Uplift + s.Moved }

// Found returns the other side: what was granted and cut, and what of every
// other fate had been asked.
func (s *Sum) Found() domain.Rupiah {
	sum := s.Granted + s.Cut
	for f, t := range s.Fates {
		if f != Funded {
			sum += t.Asked
		}
	}
	return sum
}

// Check returns an error where the sum does not conserve: the two sides differ,
// or parts of origins were lost or made. It never does unless the program is
// wrong; whoever prints a sum may check it first.
func (s *Sum) Check() error {
	if put, found := s.Put(), s.Found(); put != found {
		return fmt.Errorf("history: asked %s, uplift %s and moved %s make %s, but %s is accounted for", s.Asked, s.Uplift, s.Moved, put, found)
	}
	var all Tally
	headlines := 0
	for _, t := range s.Fates {
		all.add(t.Millionths, t.Asked)
	}
	for _, n := range s.Headlines {
		headlines += n
	}
	if want := (Tally{int64(s.Origins) * Whole, s.Asked}); all != want {
		return fmt.Errorf("history: fates hold %d millionths and %s of %d and %s", all.Millionths, all.Asked, want.Millionths, want.Asked)
	}
	if headlines != s.Origins {
		return fmt.Errorf("history: %d headlines for %d origins", headlines, s.Origins)
	}
	return nil
}

// Sums adds accounts up in groups: by lane, village, kecamatan, OPD, headline …
// Every group of the same accounts gives the same total, because by gives each
// account one name.
func Sums(accounts iter.Seq[Account], by func(*Account) string) map[string]*Sum {
	out := make(map[string]*Sum)
	for a := range accounts {
		name := by(&a)
		s := out[name]
		if s == nil {
			s = new(Sum)
			out[name] = s
		}
		s.Add(a)
	}
	return out
}

// SumOf adds accounts up.
func SumOf(accounts iter.Seq[Account]) Sum {
	var s Sum
	for a := range accounts {
		s.Add(a)
	}
	return s
}
