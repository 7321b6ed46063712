package text_test

import (
	"testing"

	"runut/api/text"
)

func TestAGuardedTextIsNoFormula(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "Jalan RT 03": "Jalan RT 03", "=1+1": "'=1+1", "+62": "'+62", "-": "'-", "@SUM": "'@SUM", "|cmd": "'|cmd", "%0": "'%0",
		" \t=1": "' \t=1", "\r\n=1": "'\r\n=1", "'=1": "''=1", "'t": "'t", "a=1": "a=1",
	} {
		got := text.Guard(given)
		if got != want {
			t.Errorf("%q is written as %q, want %q", given, got, want)
		}
	}
	if back := text.Unguarded("'=1+1"); back != "=1+1" {
		t.Errorf("it came back as %q", back)
	}
}
