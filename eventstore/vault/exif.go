package vault

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// maxPixels bounds the area of a picture: a small file can unfold to gigabytes
// in the program of whoever looks at it.
const maxPixels = 100_000_000

// checkArea refuses a picture without area or with too much of it.
func checkArea(kind string, width, height int) error {
	if width <= 0 || height <= 0 || int64(width)*int64(height) > maxPixels {
		return damaged(kind, strconv.Itoa(width)+"×"+strconv.Itoa(height))
	}
	return nil
}

// An exif is what is read of a photograph's EXIF before it is cut out: which
// way up it is held, which is kept, and whether it told a place.
type exif struct {
	orientation uint16 // 1 to 8; 0: not said
	gps         bool
}

// Tags of the first directory of a TIFF.
const (
	tagOrientation = 0x0112
	tagGPS         = 0x8825
)

// readEXIF reads the TIFF block of an EXIF segment. What cannot be read says nothing.
func readEXIF(tiff []byte) (e exif) {
	if len(tiff) < 8 {
		return e
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return e
	}
	n := int64(order.Uint16(tiff[at:]))
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			return e
		}
		switch order.Uint16(tiff[entry:]) {
		case tagOrientation:
			if v := order.Uint16(tiff[entry+8:]); 1 <= v && v <= 8 {
				e.orientation = v
			}
		case tagGPS:
			e.gps = true
		}
	}
	return e
}

// keptEXIF returns the TIFF block that is kept of one, nil where the picture
// stands upright anyway, and what is lost with the rest.
func keptEXIF(tiff []byte) (kept []byte, removed []string) {
	e := readEXIF(tiff)
	if e.orientation > 1 {
		kept = e.tiff()
	}
	switch {
	case kept != nil && bytes.Equal(kept, tiff):
		return kept, nil
	case e.gps:
		return kept, []string{"exif", "gps"}
	}
	return kept, []string{"exif"}
}

// tiff returns a TIFF block that says the orientation and nothing else.
func (e exif) tiff() []byte {
	b := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01")
	b = binary.BigEndian.AppendUint16(b, tagOrientation)
	b = binary.BigEndian.AppendUint16(b, 3) // SHORT
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint16(b, e.orientation)
	b = append(b, 0, 0)
	return binary.BigEndian.AppendUint32(b, 0) // no further directory
}
