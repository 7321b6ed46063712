package vault

import (
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"io"
	"slices"
)

// pngKept are the chunks that make the picture and its colours.
var pngKept = []string{
	"IHDR", "PLTE", "IDAT", "IEND",
	"tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "hIST", "pHYs", "sPLT",
}

// pngLeft names the others that are common.
var pngLeft = map[string]string{
	"eXIf": "exif", "tEXt": "comment", "zTXt": "comment", "iTXt": "comment", "tIME": "time",
}

// keepPNG copies the picture and its colours, chunk by chunk.
func keepPNG(dst io.Writer, src source) ([]string, error) {
	if conf, err := png.DecodeConfig(src.all()); err != nil {
		return nil, damaged(typePNG, err.Error())
	} else if err := checkArea(typePNG, conf.Width, conf.Height); err != nil {
		return nil, err
	}
	const signature = 8
	if err := copyRange(dst, src, 0, signature); err != nil {
		return nil, err
	}
	var removed names
	var head [8]byte
	for at := int64(signature); ; {
		if _, err := src.ReadAt(head[:], at); err != nil || at+12 > src.size {
			return nil, damaged(typePNG, "IEND")
		}
		size, kind := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		if at+12+size > src.size {
			return nil, damaged(typePNG, kind)
		}
		if err := checkChunk(src, at, size, kind); err != nil {
			return nil, err
		}
		switch {
		case slices.Contains(pngKept, kind):
			if err := copyRange(dst, src, at, 12+size); err != nil {
				return nil, err
			}
		case kind[0] < 'a': // without it the picture would not show as meant
			return nil, damaged(typePNG, clip(kind))
		case pngLeft[kind] != "":
			removed.add(pngLeft[kind])
		default:
			removed.add("application data")
		}
		at += 12 + size
		if kind != "IEND" {
			continue
		}
		if at < src.size {
			removed.add("trailer")
		}
		return removed, nil
	}
}

// checkChunk compares a chunk with its checksum.
func checkChunk(src source, at, size int64, kind string) error {
	sum := crc32.NewIEEE()
	if err := copyRange(sum, src, at+4, 4+size); err != nil {
		return err
	}
	var want [4]byte
	if _, err := src.ReadAt(want[:], at+8+size); err != nil && err != io.EOF {
		return err
	}
	if sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
		return damaged(typePNG, clip(kind))
	}
	return nil
}
