package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strconv"
)

// sharedTexts are the texts that cells of all sheets refer to by number. They are
// kept in memory up to a size, then in a file that has no name.
type sharedTexts struct {
	ends   []int64 // where each ends
	memory []byte
	file   *os.File
	long   map[int]bool // those that are too long for a cell
}

const textsInMemory = 32 << 20

// mostTexts is how many there may be: where each ends is kept in memory, and two
// megabytes zipped can hold a hundred million empty ones.
var mostTexts = 5_000_000

var errTooManyTexts = errors.New("sheet: too many shared texts")

func (b *workbook) openTexts(part string) error {
	t, err := newTokens(b.parts[part])
	if err != nil {
		return err
	}
	defer t.close()
	var run textRun
	ended := false
	for !ended {
		token, err := t.next()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF // sst was never closed
		}
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			run.begin(e.Name.Local)
		case xml.CharData:
			run.add(e)
		case xml.EndElement:
			run.end(e.Name.Local)
			if e.Name.Local == "si" {
				if err := b.texts.add(&run); err != nil {
					return err
				}
			}
			ended = e.Name.Local == "sst"
		}
	}
	return b.texts.spill(0)
}

func (s *sharedTexts) add(run *textRun) error {
	text := run.take()
	if len(s.ends) >= mostTexts {
		return errTooManyTexts
	}
	if run.long {
		if s.long == nil {
			s.long = map[int]bool{}
		}
		s.long[len(s.ends)] = true
		run.long = false
	}
	s.memory = append(s.memory, text...)
	s.ends = append(s.ends, s.end()+int64(len(text)))
	return s.spill(textsInMemory)
}

func (s *sharedTexts) end() int64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}

// spill writes what is in memory to the file once it is more than most, or once
// there is a file.
func (s *sharedTexts) spill(most int) error {
	if len(s.memory) == 0 || len(s.memory) <= most || most == 0 && s.file == nil {
		return nil
	}
	if s.file == nil {
		file, err := os.CreateTemp("", "runut-sheet-")
		if err != nil {
			return err
		}
		s.file = file
		if err := os.Remove(file.Name()); err != nil { // it goes when it is closed
			return err
		}
	}
	if _, err := s.file.Write(s.memory); err != nil {
		return err
	}
	s.memory = s.memory[:0]
	return nil
}

// at returns the text of a number as a cell gives it.
func (s *sharedTexts) at(number string) (text string, long, ok bool) {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(s.ends) {
		return "", false, false
	}
	from := int64(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	if s.file == nil {
		return string(s.memory[from:s.ends[i]]), s.long[i], true
	}
	b := make([]byte, s.ends[i]-from)
	if _, err := s.file.ReadAt(b, from); err != nil {
		return "", false, false
	}
	return string(b), s.long[i], true
}

func (s *sharedTexts) close() {
	if s.file != nil {
		s.file.Close()
	}
}

// A textRun gathers a text from its differently formatted runs; how it is read
// aloud (rPh) is no part of it.
type textRun struct {
	text  []byte
	in    bool // within t
	aside bool // within rPh
	long  bool // more than MaxText; the rest is let go
}

func (r *textRun) begin(element string) {
	switch element {
	case "t":
		r.in = !r.aside
	case "rPh":
		r.aside = true
	}
}

func (r *textRun) end(element string) {
	switch element {
	case "t":
		r.in = false
	case "rPh":
		r.aside = false
	}
}

func (r *textRun) add(text []byte) {
	if !r.in {
		return
	}
	if len(r.text)+len(text) > MaxText {
		r.long = true
		return
	}
	r.text = append(r.text, text...)
}

func (r *textRun) take() []byte {
	text := r.text
	r.text = r.text[:0]
	return text
}
