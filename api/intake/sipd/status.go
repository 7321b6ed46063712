package sipd

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"runut/domain"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A StatusMap says what the words of SIPD mean in the workflow: data, versioned,
// since nobody outside knows all the words that SIPD has.
type StatusMap struct {
	Map      string              `yaml:"map"`
	Version  int                 `yaml:"version"`
	Statuses []Status            `yaml:"statuses"`
	Levels   []Level             `yaml:"levels"`
	Anywhere map[string]Meanings `yaml:"anywhere"`
	Opinions map[string][]string `yaml:"opinions"`

	digest   string
	statuses map[string]verdict
	opinions map[string]string
}

// A Status is words that give one verdict.
type Status struct {
	Verdict string   `yaml:"verdict"`
	Words   []string `yaml:"words"`
}

// A Level is one of those who give their opinion in SIPD, and what their verdicts
// mean.
type Level struct {
	Level    string          `yaml:"level"` // as proposal.Recommended names it
	Words    []string        `yaml:"words"`
	Lanes    []proposal.Lane `yaml:"lanes"`
	Waiting  Meanings        `yaml:"waiting"`
	Yes      Meanings        `yaml:"yes"`
	No       Meanings        `yaml:"no"`
	Returned Meanings        `yaml:"returned"`
}

// A Meaning is where a proposal stands by a word of the source, and what brings
// it there.
type Meaning struct {
	Event string         `yaml:"event"` // stored name without its noun; "": only the word is kept
	Stage string         `yaml:"stage"`
	State workflow.State `yaml:"state"`
}

// Meanings are several of which the one that fits is taken. In YAML one may stand
// alone.
type Meanings []Meaning

// UnmarshalYAML reads one meaning or a list.
func (m *Meanings) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.SequenceNode {
		return node.Decode((*[]Meaning)(m))
	}
	*m = make(Meanings, 1)
	return node.Decode(&(*m)[0])
}

// A verdict is what a status says: which, and by whom; no level where it does not
// say.
type verdict struct {
	name  string
	level string
}

//go:embed status.yaml
var baseMap []byte

// maxMap is how large a map may be.
const maxMap = 1 << 20

// BaseStatusMap returns the map that comes with the program.
func BaseStatusMap() *StatusMap {
	m, err := ParseStatusMap("status.yaml", baseMap)
	if err != nil {
		panic(err) // a test reads it
	}
	return m
}

// BaseStatusYAML returns the map that comes with the program as it is written, to
// be copied and added to.
func BaseStatusYAML() []byte { return bytes.Clone(baseMap) }

// ParseStatusMap reads a map. It refuses what names a level, event or state that
// there is not, and a word that would mean two things.
func ParseStatusMap(name string, text []byte) (*StatusMap, error) {
	wrong := func(format string, args ...any) error {
		return domain.Refuse(domain.Invalid, "sipd.map_wrong", "file", name, "reason", fmt.Sprintf(format, args...))
	}
	if len(text) > maxMap {
		return nil, wrong("larger than 1 MB")
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	m := new(StatusMap)
	if err := dec.Decode(m); err != nil {
		return nil, wrong("%v", err)
	}
	if m.Map == "" || m.Version < 1 || len(m.Statuses) == 0 || len(m.Levels) == 0 {
		return nil, wrong("map, version, statuses and levels are needed")
	}
	sum := sha256.Sum256(text)
	m.digest = hex.EncodeToString(sum[:])
	if err := m.index(wrong); err != nil {
		return nil, err
	}
	return m, m.examine(wrong)
}

// index makes the words findable.
func (m *StatusMap) index(wrong func(string, ...any) error) error {
	m.statuses, m.opinions = make(map[string]verdict), make(map[string]string)
	say := func(word string, v verdict) error {
		word = plainWords(word)
		if old, twice := m.statuses[word]; twice && old != v {
			return wrong("%q means %s and %s", word, old.name, v.name)
		}
		m.statuses[word] = v
		return nil
	}
	for _, s := range m.Statuses {
		for _, word := range s.Words {
			before, after, hasLevel := strings.Cut(word, "{level}")
			if !hasLevel {
				if err := say(word, verdict{name: s.Verdict}); err != nil {
					return err
				}
				continue
			}
			for _, l := range m.Levels {
				for _, who := range l.Words {
					for _, by := range []string{"", "oleh "} {
						if err := say(before+by+who+after, verdict{s.Verdict, l.Level}); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	for opinion, words := range m.Opinions {
		for _, word := range words {
			if old, twice := m.opinions[plainWords(word)]; twice && old != opinion {
				return wrong("%q is both %s and %s", word, old, opinion)
			}
			m.opinions[plainWords(word)] = opinion
		}
	}
	return nil
}

// examine holds that the map names only what there is.
func (m *StatusMap) examine(wrong func(string, ...any) error) error {
	known := []string{"waiting", "yes", "no", "returned"}
	for _, s := range m.Statuses {
		if _, anywhere := m.Anywhere[s.Verdict]; !anywhere && !slices.Contains(known, s.Verdict) {
			return wrong("verdict %q; known: %s", s.Verdict, strings.Join(known, ", "))
		}
	}
	for opinion := range m.Opinions {
		if !slices.Contains([]string{"yes", "no", "changed"}, opinion) {
			return wrong("opinion %q; known: yes, no, changed", opinion)
		}
	}
	all := make([]Meanings, 0, 4*len(m.Levels)+len(m.Anywhere))
	for _, l := range m.Levels {
		if !slices.Contains(levels, l.Level) {
			return wrong("level %q; known: %s", l.Level, strings.Join(levels, ", "))
		}
		all = append(all, l.Waiting, l.Yes, l.No, l.Returned)
	}
	for _, meanings := range m.Anywhere {
		all = append(all, meanings)
	}
	for _, meanings := range all {
		for _, x := range meanings {
			if x.State == "" {
				return wrong("a meaning without a state")
			}
			if x.Event != "" && outcomeOf(x) == nil {
				return wrong("event %q; known: %s", x.Event, strings.Join(outcomes, ", "))
			}
		}
	}
	return nil
}

// Name is what events call the map by which they were read.
func (m *StatusMap) Name() string {
	return fmt.Sprintf("%s/%d %s", m.Map, m.Version, m.digest[:12])
}

// read returns what a status says of a proposal of a lane. Where it does not name
// a level, the highest of those whose own column is filled is meant. No meanings
// and no refusal: it says that nothing has happened yet.
func (m *StatusMap) read(status string, lane proposal.Lane, filled map[string]Slot) (Meanings, error) {
	v, known := m.statuses[plainWords(status)]
	if !known {
		return nil, domain.Refuse(domain.Invalid, "sipd.status_unknown", "status", domain.Mask(status).Masked, "map", m.Name())
	}
	if meanings, ok := m.Anywhere[v.name]; ok {
		return meanings, nil
	}
	if v.level == "" && v.name == "waiting" {
		return nil, nil
	}
	for _, l := range slices.Backward(m.Levels) {
		if !slices.Contains(l.Lanes, lane) {
			continue
		}
		if _, says := filled[l.Level]; v.level == l.Level || v.level == "" && says {
			return l.meanings(v.name), nil
		}
	}
	return nil, domain.Refuse(domain.Invalid, "sipd.status_levelless", "status", domain.Mask(status).Masked)
}

func (l Level) meanings(verdict string) Meanings {
	switch verdict {
	case "yes":
		return l.Yes
	case "no":
		return l.No
	case "returned":
		return l.Returned
	}
	return l.Waiting
}

// opinion returns yes, no or changed for what a column of recommendations says;
// "" where the words are nobody's.
func (m *StatusMap) opinion(text string) string { return m.opinions[plainWords(text)] }

// plainWords returns words in lower case, without signs and double blanks.
func plainWords(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

// outcomes are the events that a status can stand for.
var outcomes = []string{"prioritized", "below_cutoff", "accepted_by_opd", "agreed", "rejected", "deferred", "returned", "withdrawn", "cancelled",
	"included_in_rkpd", "included_in_ppas", "left_out", "referred", "financed_elsewhere"}

// outcomeOf returns the event that a meaning stands for, with nothing in it but
// its stage; nil for one that no status can stand for.
func outcomeOf(m Meaning) proposal.Event {
	step := proposal.Step{Stage: m.Stage}
	switch m.Event {
	case "prioritized":
		return &proposal.Prioritized{Step: step}
	case "below_cutoff":
		return &proposal.BelowCutoff{Step: step}
	case "accepted_by_opd":
		return &proposal.AcceptedByOPD{Step: step}
	case "agreed":
		return &proposal.Agreed{Step: step}
	case "rejected":
		return &proposal.Rejected{Step: step}
	case "deferred":
		return &proposal.Deferred{Step: step}
	case "returned":
		return &proposal.Returned{Step: step}
	case "withdrawn":
		return &proposal.Withdrawn{Step: step}
	case "cancelled":
		return &proposal.Cancelled{Step: step}
	case "included_in_rkpd":
		return &proposal.IncludedInRKPD{Step: step}
	case "included_in_ppas":
		return &proposal.IncludedInPPAS{Step: step}
	case "left_out":
		return &proposal.LeftOut{Step: step}
	case "referred":
		return &proposal.Referred{Step: step}
	case "financed_elsewhere":
		return &proposal.FinancedElsewhere{Step: step}
	}
	return nil
}
