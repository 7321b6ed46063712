package sheet

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"runut/domain"
)

// A Box is the part of the world between two parallels and two meridians, in
// decimal degrees.
type Box struct{ South, North, West, East float64 }

// Indonesia is a box around the country.
var Indonesia = Box{South: -11.5, North: 6.5, West: 94.5, East: 141.5}

// Holds reports whether a place lies in the box.
func (b Box) Holds(lat, lon float64) bool {
	return b.South <= lat && lat <= b.North && b.West <= lon && lon <= b.East
}

// A Mend says what was put right to make sense of coordinates.
type Mend string

// What people get wrong about coordinates.
const (
	Swapped    Mend = "swapped"    // longitude was written first
	Hemisphere Mend = "hemisphere" // a sign was missing, or one too many
)

// Place finds the coordinates in an address and returns them, what of them was
// put right, and the address without them. Decimal points and commas, degrees and
// minutes, LS and LU, BT are read. Coordinates that lie outside the box even when
// swapped or mirrored are not taken: ok is false and rest the whole text.
func Place(text string, box Box) (at domain.Point, mends []Mend, rest string, ok bool) {
	line := Line(text)
	for _, form := range []*regexp.Regexp{withMinutes, withPoints, withCommas, withThree} {
		for _, m := range form.FindAllStringSubmatchIndex(line, -1) {
			part := func(name string) string {
				if i := 2 * form.SubexpIndex(name); i >= 0 && m[i] >= 0 {
					return line[m[i]:m[i+1]]
				}
				return ""
			}
			if attached(line, m[2*form.SubexpIndex("a")], m[1]) {
				continue
			}
			a, okA := degrees(part("a"), part("am"), part("as"), part("ah"))
			b, okB := degrees(part("b"), part("bm"), part("bs"), part("bh"))
			if !okA || !okB {
				continue
			}
			lat, lon, mends, ok := settle(a, b, box)
			if !ok {
				continue
			}
			return point(lat, lon), mends, without(line, m[0], m[1]), true
		}
	}
	return domain.Point{}, nil, line, false
}

const (
	hemisphere = ` ?(?i:lintang (?:selatan|utara)|bujur (?:timur|barat)|ls|lu|bt|bb|n|s|e|w)?\.?`
	label      = `(?:(?i:(?:lat(?:itude)?|lintang|long?(?:itude)?|lng|bujur|koordinat)\b ?[:=]?|[xy] ?[:=]) ?)?`
	between    = `(?: ?[,;/|&] ?| )`
)

// coordinates in the forms in which people write them, the certain ones first.
var (
	withPoints  = regexp.MustCompile(label + `(?P<a>[-−–]?[0-9]{1,3}\.[0-9]{2,20})°?(?P<ah>` + hemisphere + `)` + between + label + `(?P<b>[-−–]?[0-9]{1,3}\.[0-9]{2,20})°?(?P<bh>` + hemisphere + `)`)
	withCommas  = regexp.MustCompile(label + `(?P<a>[-−–]?[0-9]{1,3},[0-9]{2,20})°?(?P<ah>` + hemisphere + `)` + between + label + `(?P<b>[-−–]?[0-9]{1,3},[0-9]{2,20})°?(?P<bh>` + hemisphere + `)`)
	withThree   = regexp.MustCompile(label + `(?P<a>[-−–]?[0-9]{1,3})°(?P<ah>` + hemisphere + `)` + between + label + `(?P<b>[-−–]?[0-9]{1,3})°(?P<bh>` + hemisphere + `)`)
	withMinutes = regexp.MustCompile(label + `(?P<a>[-−–]?[0-9]{1,3}) ?[°º˚d] ?(?P<am>[0-9]{1,2}(?:[.,][0-9]+)?) ?['’′](?: ?(?P<as>[0-9]{1,2}(?:[.,][0-9]+)?) ?(?:["”″]|''))?(?P<ah>` + hemisphere + `)` + between +
		label + `(?P<b>[-−–]?[0-9]{1,3}) ?[°º˚d] ?(?P<bm>[0-9]{1,2}(?:[.,][0-9]+)?) ?['’′](?: ?(?P<bs>[0-9]{1,2}(?:[.,][0-9]+)?) ?(?:["”″]|''))?(?P<bh>` + hemisphere + `)`)
)

// attached reports whether what stands between two places of a line goes on a
// longer number before or behind, as in a code.
func attached(line string, from, to int) bool {
	number := func(c byte) bool { return '0' <= c && c <= '9' || c == '.' || c == ',' }
	if from > 0 && number(line[from-1]) {
		return true
	}
	return to+1 < len(line) && number(line[to]) && '0' <= line[to+1] && line[to+1] <= '9'
}

// degrees puts an angle together from its parts as written.
func degrees(whole, minutes, seconds, side string) (float64, bool) {
	value := 0.0
	negative := false
	for i, written := range []string{whole, minutes, seconds} {
		if written == "" {
			continue
		}
		written = strings.NewReplacer("−", "-", "–", "-", ",", ".").Replace(written)
		n, err := strconv.ParseFloat(written, 64)
		if err != nil || i > 0 && n >= 60 {
			return 0, false
		}
		negative = negative || strings.HasPrefix(written, "-")
		value += math.Abs(n) / math.Pow(60, float64(i))
	}
	switch strings.ToLower(strings.Trim(side, " .")) {
	case "ls", "s", "lintang selatan", "bb", "w", "bujur barat":
		negative = true
	}
	if negative {
		value = -value
	}
	return value, value >= -180 && value <= 180
}

// settle decides which of two angles is the latitude and whether a sign is wrong.
// As little as possible is changed.
func settle(a, b float64, box Box) (lat, lon float64, mends []Mend, ok bool) {
	for _, try := range []struct {
		lat, lon float64
		mends    []Mend
	}{
		{a, b, nil}, {b, a, []Mend{Swapped}},
		{-a, b, []Mend{Hemisphere}}, {a, -b, []Mend{Hemisphere}}, {-a, -b, []Mend{Hemisphere}},
		{-b, a, []Mend{Swapped, Hemisphere}}, {b, -a, []Mend{Swapped, Hemisphere}}, {-b, -a, []Mend{Swapped, Hemisphere}},
	} {
		if box.Holds(try.lat, try.lon) {
			return try.lat, try.lon, try.mends, true
		}
	}
	return 0, 0, nil, false
}

// point writes a place to about a decimetre.
func point(lat, lon float64) domain.Point {
	write := func(d float64) string {
		text := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(d, 'f', 6, 64), "0"), ".")
		if text == "-0" {
			return "0"
		}
		return text
	}
	return domain.Point{Lat: write(lat), Lon: write(lon)}
}

// without returns a line without the part from one place to another, and without
// the brackets and signs that stood around it.
func without(line string, from, to int) string {
	before := strings.TrimRight(line[:from], " ,;:(/[-–")
	after := strings.TrimLeft(line[to:], " ,;.)/]-–")
	return strings.TrimSpace(before + " " + after)
}
