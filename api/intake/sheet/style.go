package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A format is what of a cell's number format matters for reading it.
type format struct {
	date   bool
	places int // digits behind the point, where the format fixes them; else -1
	pad    int // digits before the point at least
}

// openStyles reads the number format of every style.
func (b *workbook) openStyles(part string) error {
	var doc struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Styles []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := b.decode(part, &doc); err != nil {
		return err
	}
	codes := make(map[int]string, len(doc.Formats))
	for _, f := range doc.Formats {
		codes[f.ID] = f.Code
	}
	b.formats = make([]format, len(doc.Styles))
	for i, s := range doc.Styles {
		code, own := codes[s.Format]
		if !own {
			code = builtIn(s.Format)
		}
		b.formats[i] = formatOf(code)
	}
	return nil
}

// builtIn returns the code of the formats that are not written down (ECMA-376,
// 18.8.30), as far as they change how a value is read.
func builtIn(id int) string {
	switch {
	case id == 1, id == 3:
		return "0"
	case id == 2, id == 4:
		return "0.00"
	case 14 <= id && id <= 22, 27 <= id && id <= 36, 45 <= id && id <= 47, 50 <= id && id <= 58:
		return "yyyy-mm-dd"
	}
	return ""
}

func formatOf(code string) format {
	first, _, _ := strings.Cut(code, ";")
	bare := strings.ToLower(unquoted(first))
	f := format{places: -1}
	if strings.ContainsAny(bare, "yd") || strings.Contains(bare, "h:") || strings.Contains(bare, "mmm") || strings.Contains(bare, ":s") {
		f.date = !strings.Contains(bare, "general")
		return f
	}
	if bare == "" || strings.Trim(bare, "0.") != "" || strings.Count(bare, ".") > 1 {
		return f
	}
	whole, parts, _ := strings.Cut(bare, ".")
	f.pad, f.places = min(len(whole), 20), min(len(parts), 15)
	return f
}

// unquoted returns a format's code without the texts, colours, locales and
// escapes in it.
func unquoted(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '[':
			end := byte('"')
			if c == '[' {
				end = ']'
			}
			at := strings.IndexByte(code[i+1:], end)
			if at < 0 {
				return b.String()
			}
			if inside := code[i+1 : i+1+at]; c == '[' && strings.Trim(strings.ToLower(inside), "hms") == "" {
				b.WriteString("h:") // elapsed time
			}
			i += at + 1
		case '\\', '_', '*':
			i++
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// plain writes a stored number in decimal digits, without an exponent and without
// the noise behind the fifteenth digit, which no spreadsheet program shows.
func plain(stored string, f format) (text string, value float64, ok bool) {
	value, err := strconv.ParseFloat(strings.TrimSpace(stored), 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) || math.Abs(value) > 1e18 {
		return stored, 0, false
	}
	if f.places >= 0 {
		text = strconv.FormatFloat(value, 'f', f.places, 64)
		if rounded, _ := strconv.ParseFloat(text, 64); rounded == value {
			whole, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
			if missing := f.pad - len(whole); missing > 0 && value >= 0 {
				text = strings.Repeat("0", missing) + text
			}
			return text, value, true
		}
	}
	digits, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', 15, 64), 64)
	return strconv.FormatFloat(digits, 'f', -1, 64), value, true
}

// lastSerial is the serial number of 9999-12-31 counted from 1900.
const lastSerial = 2958465

// serial returns the day, and the time of day where there is one, of a serial
// number. Counted from 1900 the day 60 is 29 February of a year that had none.
func serial(value float64, epoch int) (string, bool) {
	if epoch == 1904 {
		value += 1462
	}
	if value < 1 || value > lastSerial || math.Floor(value) == 60 {
		return "", false
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if value < 60 {
		start = start.AddDate(0, 0, 1)
	}
	days := math.Floor(value)
	seconds := math.Round((value - days) * 86400)
	at := start.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Format(time.DateOnly), true
	}
	return at.Format("2006-01-02 15:04:05"), true
}
