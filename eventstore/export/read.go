package export

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"
)

// blockSize is how much of a file is handed on at once.
const blockSize = 1 << 20

// A Reader reads an export, plain or packed. It takes lines apart from each other
// and sums them; what they say is for ParseLine, so that many can be read at once.
type Reader struct {
	Header Header

	in     io.Reader
	close  func()
	sum    hash.Hash
	rest   []byte // of a line that is not whole yet
	lines  int64  // handed on, the header included
	last   []byte // the trailer's line
	digest string // of what stood before it
	ended  bool
}

// A Block is some lines of an export, without their ends.
type Block struct {
	First int64 // number of the first line in the file, from 1
	Lines [][]byte
}

// NewReader reads the first line. Packed files are told by their first bytes.
func NewReader(from io.Reader) (*Reader, error) {
	buffered := bufio.NewReaderSize(from, 256<<10)
	r := &Reader{in: buffered, sum: sha256.New(), close: func() {}}
	if magic, _ := buffered.Peek(4); bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		packed, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(32<<20))
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		r.in, r.close = packed, packed.Close
	}
	line, err := r.first()
	if err == nil {
		r.Header, err = ParseHeader(line)
	}
	if err != nil {
		r.close()
		return nil, fmt.Errorf("export: line 1: %w", err)
	}
	return r, nil
}

// Close gives back what unpacking holds. It does not close what is read from.
func (r *Reader) Close() { r.close() }

// first reads up to the end of the first line.
func (r *Reader) first() ([]byte, error) {
	for len(r.rest) <= maxFrame {
		if end := bytes.IndexByte(r.rest, '\n'); end >= 0 {
			line := r.rest[:end]
			r.sum.Write(r.rest[:end+1])
			r.rest, r.lines = r.rest[end+1:], 1
			return line, nil
		}
		b := make([]byte, 64<<10)
		n, err := r.in.Read(b)
		r.rest = append(r.rest, b[:n]...)
		if n == 0 && err != nil {
			return nil, fmt.Errorf("%w: %w", ErrForm, err)
		}
	}
	return nil, fmt.Errorf("%w: no header", ErrForm)
}

// Next returns the next lines of events, or io.EOF behind the last of them. It
// fails where the file breaks off, goes on behind its trailer, or holds a line
// longer than MaxLine; the lines before that place were returned.
func (r *Reader) Next() (Block, error) {
	if r.ended {
		return Block{}, io.EOF
	}
	if r.last != nil {
		r.ended = true
		return Block{}, r.nothingMore()
	}
	b, whole, err := r.fill()
	if err != nil {
		r.ended = true
		return Block{}, fmt.Errorf("export: line %d: %w", r.lines+1, err)
	}
	block := Block{First: r.lines + 1}
	for whole > 0 {
		end := bytes.IndexByte(b, '\n')
		line := b[:end:end]
		if isTrailer(line) {
			r.last, r.digest = line, hex.EncodeToString(r.sum.Sum(nil))
			r.rest = b[end+1:]
			return block, nil
		}
		r.sum.Write(b[:end+1])
		block.Lines = append(block.Lines, line)
		r.lines++
		b, whole = b[end+1:], whole-end-1
	}
	r.rest = bytes.Clone(b)
	return block, nil
}

// fill reads a block and returns it with the length of its whole lines.
func (r *Reader) fill() (b []byte, whole int, err error) {
	b = append(make([]byte, 0, max(blockSize, len(r.rest))), r.rest...)
	for {
		if whole = bytes.LastIndexByte(b, '\n') + 1; whole > 0 && len(b) >= blockSize/2 {
			return b, whole, nil
		}
		if len(b) > MaxLine {
			return nil, 0, fmt.Errorf("%w: longer than %d bytes", ErrForm, MaxLine)
		}
		if len(b) == cap(b) {
			b = append(make([]byte, 0, 2*cap(b)), b...)
		}
		n, err := r.in.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case err == io.EOF:
			whole = bytes.LastIndexByte(b, '\n') + 1
			if whole == 0 {
				return nil, 0, fmt.Errorf("%w: the file breaks off before its trailer", ErrForm)
			}
			return b, whole, nil
		case err != nil && n == 0:
			return nil, 0, fmt.Errorf("%w: %w", ErrForm, err)
		}
	}
}

// nothingMore holds that the file ends with its trailer.
func (r *Reader) nothingMore() error {
	n := len(r.rest)
	if n == 0 {
		var err error
		if n, err = io.ReadFull(r.in, make([]byte, 1)); n == 0 && errors.Is(err, io.EOF) {
			return io.EOF
		} else if n == 0 {
			return fmt.Errorf("export: line %d: %w: %w", r.lines+2, ErrForm, err)
		}
	}
	return fmt.Errorf("export: line %d: %w: something stands behind the trailer", r.lines+2, ErrForm)
}

// End returns the trailer and the digest of what stood before it, once Next has
// said io.EOF.
func (r *Reader) End() (t Trailer, digest string, err error) {
	if r.last == nil {
		return Trailer{}, "", fmt.Errorf("export: %w: no trailer", ErrForm)
	}
	t, err = ParseTrailer(r.last)
	if err != nil {
		err = fmt.Errorf("export: line %d: %w", r.lines+1, err)
	}
	return t, r.digest, err
}

// Last returns the trailer of a file, reading all of it, and its header: what a
// file that continues it has to know.
func Last(from io.Reader) (Header, Trailer, error) {
	r, err := NewReader(from)
	if err != nil {
		return Header{}, Trailer{}, err
	}
	defer r.Close()
	for {
		switch _, err := r.Next(); {
		case err == nil:
		case errors.Is(err, io.EOF):
			t, _, err := r.End()
			return r.Header, t, err
		default:
			return Header{}, Trailer{}, err
		}
	}
}
