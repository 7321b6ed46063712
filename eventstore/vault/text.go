package vault

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"runut/domain"
)

// byteOrderMark begins what Excel calls "CSV UTF-8".
const byteOrderMark = "\ufeff"

// looksText reports whether content is neither markup nor a script and has no
// byte that text has not.
func looksText(head []byte) bool {
	body := bytes.TrimPrefix(head, []byte(byteOrderMark))
	if markup(body) || bytes.HasPrefix(body, []byte("#!")) {
		return false
	}
	return !bytes.ContainsFunc(body, func(r rune) bool { return r != utf8.RuneError && !printable(r) })
}

// markup reports whether content begins like HTML, XML or SVG.
func markup(head []byte) bool {
	body := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n\f")
	if len(body) < 2 || body[0] != '<' {
		return false
	}
	c := body[1] | 0x20
	return body[1] == '!' || body[1] == '?' || body[1] == '/' || 'a' <= c && c <= 'z'
}

func printable(r rune) bool {
	return r >= ' ' && r != 0x7f || r == '\t' || r == '\n' || r == '\r' || r == '\f'
}

// keepText copies UTF-8 and refuses anything else with the line it is in.
func keepText(dst io.Writer, src source) ([]string, error) {
	in := bufio.NewReaderSize(src.all(), 64<<10)
	line := 1
	for {
		r, size, err := in.ReadRune()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if r == utf8.RuneError && size == 1 || !printable(r) {
			return nil, domain.Refuse(domain.Invalid, "document.not_text", "line", strconv.Itoa(line))
		}
		if r == '\n' {
			line++
		}
	}
	_, err := io.Copy(dst, src.all())
	return nil, err
}
