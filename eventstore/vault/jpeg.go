package vault

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"io"
)

// Markers of a JPEG.
const (
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegCOM  = 0xfe
	jpegAPP0 = 0xe0
)

// keepJPEG copies the picture and its colours. Every application segment is
// left out but those that change how the picture looks: JFIF, ICC profile,
// Adobe's transform, and of EXIF the orientation alone. What follows the end of
// the picture (moving photographs, hidden archives) is left out too.
func keepJPEG(dst io.Writer, src source) ([]string, error) {
	if conf, err := jpeg.DecodeConfig(src.all()); err != nil {
		return nil, damaged(typeJPEG, err.Error())
	} else if err := checkArea(typeJPEG, conf.Width, conf.Height); err != nil {
		return nil, err
	}
	section := src.all()
	j := jpegCutter{in: bufio.NewReaderSize(section, 64<<10), out: bufio.NewWriterSize(dst, 64<<10)}
	if err := j.cut(); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, damaged(typeJPEG, "EOI")
		}
		return nil, err
	}
	rest, err := io.Copy(io.Discard, j.in)
	if err != nil {
		return nil, err
	}
	if rest > 0 {
		j.removed.add("trailer")
	}
	return j.removed, j.out.Flush()
}

// A jpegCutter copies a JPEG segment by segment.
type jpegCutter struct {
	in      *bufio.Reader
	out     *bufio.Writer
	removed names
}

func (j *jpegCutter) cut() error {
	marker, err := j.marker()
	if err != nil {
		return err
	}
	for marker != jpegEOI {
		switch {
		case marker == jpegSOI:
			j.mark(marker)
			marker, err = j.marker()
		case marker == jpegSOS:
			if err := j.segment(marker); err != nil {
				return err
			}
			marker, err = j.scan()
		default:
			if err := j.segment(marker); err != nil {
				return err
			}
			marker, err = j.marker()
		}
		if err != nil {
			return err
		}
	}
	j.mark(jpegEOI)
	return nil
}

// marker reads the next marker, which fill bytes may precede.
func (j *jpegCutter) marker() (byte, error) {
	b, err := j.in.ReadByte()
	if err != nil {
		return 0, err
	}
	if b != 0xff {
		return 0, damaged(typeJPEG, "marker")
	}
	for b == 0xff {
		if b, err = j.in.ReadByte(); err != nil {
			return 0, err
		}
	}
	return b, nil
}

// scan copies the picture's data up to the marker after it. In the data 0xff is
// followed by 0 or by a restart marker.
func (j *jpegCutter) scan() (byte, error) {
	for {
		b, err := j.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != 0xff {
			j.out.WriteByte(b)
			continue
		}
		for b == 0xff {
			if b, err = j.in.ReadByte(); err != nil {
				return 0, err
			}
		}
		if b == 0 || 0xd0 <= b && b <= 0xd7 {
			j.mark(b)
			continue
		}
		return b, nil
	}
}

// segment copies or leaves out the segment that marker begins.
func (j *jpegCutter) segment(marker byte) error {
	var length [2]byte
	if _, err := io.ReadFull(j.in, length[:]); err != nil {
		return err
	}
	size := int(binary.BigEndian.Uint16(length[:])) - 2
	if size < 0 {
		return damaged(typeJPEG, "segment")
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(j.in, body); err != nil {
		return err
	}
	body, gone := keptSegment(marker, body)
	j.removed.add(gone...)
	if body == nil {
		return nil
	}
	j.mark(marker)
	binary.BigEndian.PutUint16(length[:], uint16(len(body)+2))
	j.out.Write(length[:])
	_, err := j.out.Write(body)
	return err
}

func (j *jpegCutter) mark(b byte) { j.out.Write([]byte{0xff, b}) }

// keptSegment returns what may be kept of a segment, nil for nothing, and what
// was left out.
func keptSegment(marker byte, body []byte) (kept []byte, removed []string) {
	has := func(prefix string) bool { return bytes.HasPrefix(body, []byte(prefix)) }
	switch {
	case marker == jpegCOM:
		return nil, []string{"comment"}
	case marker < jpegAPP0 || marker > jpegAPP0+15:
		return body, nil
	case marker == jpegAPP0 && has("JFIF\x00"), marker == jpegAPP0+2 && has("ICC_PROFILE\x00"), marker == jpegAPP0+14 && has("Adobe"):
		return body, nil
	case marker == jpegAPP0+1 && has("Exif\x00"):
		tiff := body[min(6, len(body)):]
		kept, removed = keptEXIF(tiff)
		if kept != nil {
			kept = append([]byte("Exif\x00\x00"), kept...)
		}
		return kept, removed
	case marker == jpegAPP0+1:
		return nil, []string{"xmp"}
	case marker == jpegAPP0+13:
		return nil, []string{"iptc"}
	}
	return nil, []string{"application data"}
}
