package proof

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"runut/domain"
)

// A Trust is what somebody who checks a log has to know beforehand, from another
// source than the log itself: its name and the keys it signs under, and the
// witnesses he believes. Several keys of one log are its keys over time.
type Trust struct {
	Origin    string
	Keys      []note.Verifier // the log's, at least one
	Witnesses []note.Verifier // c2sp.org/tlog-cosignature, Ed25519
}

// ParseTrust reads a list of verifier keys, one a line in the form of signed
// notes, "name+hash+key"; lines that begin with # are comments. A key of a log
// bears the log's origin as its name, so that all of them must agree; a key of a
// witness is told by its algorithm.
//
// It refuses with trust.malformed, trust.two_logs or trust.no_key, of kind Invalid.
func ParseTrust(text []byte) (Trust, error) {
	var t Trust
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if w, err := torchwood.NewCosignatureVerifier(line); err == nil {
			t.Witnesses = add(t.Witnesses, w)
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return Trust{}, domain.Refuse(domain.Invalid, "trust.malformed", "line", strconv.Itoa(n))
		}
		if t.Origin != "" && v.Name() != t.Origin {
			return Trust{}, domain.Refuse(domain.Invalid, "trust.two_logs", "line", strconv.Itoa(n), "want", t.Origin, "observed", v.Name())
		}
		t.Origin, t.Keys = v.Name(), add(t.Keys, v)
	}
	if lines.Err() != nil {
		return Trust{}, domain.Refuse(domain.Invalid, "trust.malformed", "line", "1")
	}
	if len(t.Keys) == 0 {
		return Trust{}, domain.Refuse(domain.Invalid, "trust.no_key")
	}
	return t, nil
}

// Verifier makes a Trust a note.Verifiers.
func (t Trust) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, list := range [][]note.Verifier{t.Keys, t.Witnesses} {
		if v, ok := find(list, name, hash); ok {
			return v, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

func find(list []note.Verifier, name string, hash uint32) (note.Verifier, bool) {
	for _, v := range list {
		if v.Name() == name && v.KeyHash() == hash {
			return v, true
		}
	}
	return nil, false
}

func add(list []note.Verifier, v note.Verifier) []note.Verifier {
	if _, twice := find(list, v.Name(), v.KeyHash()); twice {
		return list
	}
	return append(list, v)
}
