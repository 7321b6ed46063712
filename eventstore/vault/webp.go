package vault

import (
	"bytes"
	"encoding/binary"
	"io"
)

func looksWebP(head []byte) bool {
	return len(head) >= 16 && bytes.HasPrefix(head, []byte("RIFF")) && string(head[8:12]) == "WEBP"
}

// Flags of the chunk VP8X.
const (
	webpHasEXIF = 0x08
	webpHasXMP  = 0x04
)

// A webpChunk is a part of a WebP: where its data lies, without the header.
type webpChunk struct {
	kind     string
	at, size int64
}

// keepWebP copies the picture without EXIF, XMP and unknown parts; of EXIF the
// orientation is kept.
func keepWebP(dst io.Writer, src source) ([]string, error) {
	chunks, end, err := webpChunks(src)
	if err != nil {
		return nil, err
	}
	var (
		kept    []webpChunk
		removed names
		tiff    []byte
	)
	for _, c := range chunks {
		switch c.kind {
		case "VP8X":
			if c.size != 10 {
				return nil, damaged(typeWebP, c.kind)
			}
			kept = append(kept, c)
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP":
			kept = append(kept, c)
		case "EXIF":
			body := make([]byte, min(c.size, 1<<16))
			if _, err := src.ReadAt(body, c.at); err != nil && err != io.EOF {
				return nil, err
			}
			var gone []string
			tiff, gone = keptEXIF(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
			removed.add(gone...)
		case "XMP ":
			removed.add("xmp")
		default:
			removed.add("application data")
		}
	}
	if end < src.size {
		removed.add("trailer")
	}
	if err := checkWebP(src, kept); err != nil {
		return nil, err
	}
	return removed, writeWebP(dst, src, kept, tiff)
}

// webpChunks lists the parts and returns where they end.
func webpChunks(src source) ([]webpChunk, int64, error) {
	var head [12]byte
	if _, err := src.ReadAt(head[:], 0); err != nil {
		return nil, 0, damaged(typeWebP, "RIFF")
	}
	end := 8 + int64(binary.LittleEndian.Uint32(head[4:]))
	if end > src.size {
		return nil, 0, damaged(typeWebP, "RIFF")
	}
	var chunks []webpChunk
	for at := int64(12); at+8 <= end; {
		if _, err := src.ReadAt(head[:8], at); err != nil {
			return nil, 0, err
		}
		c := webpChunk{kind: string(head[:4]), at: at + 8, size: int64(binary.LittleEndian.Uint32(head[4:]))}
		if c.at+c.size > end || len(chunks) > 10_000 {
			return nil, 0, damaged(typeWebP, clip(c.kind))
		}
		chunks = append(chunks, c)
		at = c.at + c.size + c.size&1
	}
	return chunks, end, nil
}

// checkWebP looks at the size of the picture in the part that comes first.
func checkWebP(src source, kept []webpChunk) error {
	if len(kept) == 0 {
		return damaged(typeWebP, "VP8")
	}
	first := kept[0]
	b := make([]byte, 10)
	if _, err := src.ReadAt(b[:min(first.size, 10)], first.at); err != nil && err != io.EOF {
		return err
	}
	var width, height int
	switch {
	case first.kind == "VP8X":
		width = 1 + int(b[4]) + int(b[5])<<8 + int(b[6])<<16
		height = 1 + int(b[7]) + int(b[8])<<8 + int(b[9])<<16
	case first.kind == "VP8L" && first.size >= 5 && b[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(b[1:])
		width, height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
	case first.kind == "VP8 " && first.size >= 10 && string(b[3:6]) == "\x9d\x01\x2a":
		width, height = int(binary.LittleEndian.Uint16(b[6:])&0x3fff), int(binary.LittleEndian.Uint16(b[8:])&0x3fff)
	}
	return checkArea(typeWebP, width, height)
}

// writeWebP writes the kept parts under a new header.
func writeWebP(dst io.Writer, src source, kept []webpChunk, tiff []byte) error {
	var tail []byte
	if tiff != nil && kept[0].kind == "VP8X" {
		tail = binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(tiff)))
		tail = append(tail, tiff...) // 26 bytes: even, so no padding
	}
	size := int64(4 + len(tail))
	for _, c := range kept {
		size += 8 + c.size + c.size&1
	}
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size))
	if _, err := dst.Write(append(head, "WEBP"...)); err != nil {
		return err
	}
	for _, c := range kept {
		if err := writeWebPChunk(dst, src, c, tail != nil); err != nil {
			return err
		}
	}
	_, err := dst.Write(tail)
	return err
}

func writeWebPChunk(dst io.Writer, src source, c webpChunk, hasEXIF bool) error {
	head := binary.LittleEndian.AppendUint32([]byte(c.kind), uint32(c.size))
	if _, err := dst.Write(head); err != nil {
		return err
	}
	if c.kind == "VP8X" {
		body := make([]byte, c.size)
		if _, err := src.ReadAt(body, c.at); err != nil && err != io.EOF {
			return err
		}
		body[0] &^= webpHasEXIF | webpHasXMP
		if hasEXIF {
			body[0] |= webpHasEXIF
		}
		if _, err := dst.Write(body); err != nil {
			return err
		}
	} else if err := copyRange(dst, src, c.at, c.size); err != nil {
		return err
	}
	_, err := dst.Write(make([]byte, c.size&1))
	return err
}
