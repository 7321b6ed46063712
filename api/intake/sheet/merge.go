package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
)

// A mergedRange is cells that show as one; its first cell holds what they say.
// Rows and columns count from 0, both ends included.
type mergedRange struct {
	top, bottom, left, right int

	says Cell
}

// mergedRanges are those of a sheet, in the order of their first row.
type mergedRanges struct {
	next []mergedRange // not begun
	open []mergedRange // begun above, or in this row
}

// merges reads the merged ranges of a sheet. A sheet names them behind its rows,
// so the part is looked through for them first; that is a search for bytes, a
// tenth of the time of reading its XML.
func (f *File) merges(part string) (mergedRanges, error) {
	r, err := f.book.parts[part].Open()
	if err != nil {
		return mergedRanges{}, f.broken()
	}
	defer r.Close()
	var found mergedRanges
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		tag, err := in.ReadSlice('>')
		if errors.Is(err, io.EOF) {
			slices.SortStableFunc(found.next, func(a, b mergedRange) int { return a.top - b.top })
			return found, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return found, f.broken()
		}
		at := bytes.LastIndexByte(tag, '<')
		if at < 0 || !bytes.Contains(tag[at:], []byte("mergeCell ")) {
			continue
		}
		if m, ok := rangeIn(string(tag[at:])); ok {
			found.next = append(found.next, m)
		}
		if len(found.next) > maxMerges {
			return found, domain.Refuse(domain.Exhausted, "sheet.too_many_merges", "file", f.Name, "limit", strconv.Itoa(maxMerges))
		}
	}
}

// rangeIn reads the tag <mergeCell ref="A1:C2"/>.
func rangeIn(tag string) (mergedRange, bool) {
	_, ref, _ := strings.Cut(tag, "ref=")
	if ref == "" {
		return mergedRange{}, false
	}
	ref, _, _ = strings.Cut(ref[1:], ref[:1])
	first, last, _ := strings.Cut(ref, ":")
	left, top, ok := coordinates(first)
	right, bottom, also := coordinates(last)
	m := mergedRange{top: top, bottom: bottom, left: left, right: min(right, MaxColumns-1)}
	return m, ok && also && top <= bottom && left <= right && left < MaxColumns
}

// unfold puts what merged ranges say into the cells of a row that they cover.
func (m *mergedRanges) unfold(row *Row) {
	at := row.Number - 1
	for len(m.next) > 0 && m.next[0].top <= at {
		one := m.next[0]
		m.next = m.next[1:]
		if one.top == at && len(m.open) < MaxColumns {
			one.says = row.Cell(one.left)
			m.open = append(m.open, one)
		}
	}
	m.open = slices.DeleteFunc(m.open, func(one mergedRange) bool { return one.bottom < at || one.says.Kind == Empty })
	for _, one := range m.open {
		for column := one.left; column <= one.right; column++ {
			if row.Cell(column).Kind != Empty {
				continue
			}
			for len(row.Cells) <= column {
				row.Cells = append(row.Cells, Cell{})
			}
			row.Cells[column] = one.says
			row.Cells[column].Merged = true
		}
	}
}
