package domain

import (
	"regexp"
	"strconv"
)

// A Document is a piece of evidence: what it is called on paper and, where it
// was uploaded, the digest of its bytes.
type Document struct {
	Kind   string `json:"kind"`            // "berita_acara", "perda", "surat", "sk", "foto", "rab" …
	Number string `json:"number,omitzero"` // as printed on it
	Date   string `json:"date,omitzero"`   // "2026-02-20", local day
	Digest string `json:"digest,omitzero"` // SHA-256 of the stored bytes, hex
}

// IsZero reports whether no document was named.
func (d Document) IsZero() bool { return d == Document{} }

// A Point is a place on earth in decimal degrees, WGS 84, as written.
type Point struct {
	Lat string `json:"lat"` // "-0.502106"
	Lon string `json:"lon"` // "117.153709"
}

var degrees = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{1,20})?$`)

// Valid reports whether p is written as decimals and lies on earth.
func (p Point) Valid() bool {
	within := func(written string, most float64) bool {
		d, err := strconv.ParseFloat(written, 64)
		return err == nil && degrees.MatchString(written) && -most <= d && d <= most
	}
	return within(p.Lat, 90) && within(p.Lon, 180)
}
