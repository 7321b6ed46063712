package workflow

import (
	"slices"
	"strings"
)

// A Moment is when a check is made.
type Moment string

// The moments. What holds for every history of a definition is checked when it
// is loaded; what depends on days, or on the definition of the year before,
// when a cycle is opened or its windows change; what depends on one proposal's
// history, with each command.
const (
	AtLoad    Moment = "load"
	AtOpening Moment = "opening"
	AtCommand Moment = "command"
)

// A Check is one rule of soundness.
type Check struct {
	Number int
	Name   Label
	When   []Moment
	run    func(*checker) // at load
}

// Checks are the rules of soundness in the order they are reported. Numbers
// are for ever: documents and people quote them.
//
// The formal footing: each proposal walks a state machine, which is a
// free-choice net, so reachability decides the option to complete and the
// absence of dead transitions exactly (van der Aalst 1997). Two proposals that
// are merged are no longer one state machine; check 27 explores their product.
var Checks = []Check{
	{1, Label{"semua nama dikenal", "every name resolves"}, []Moment{AtLoad}, (*checker).namesResolve},
	{2, Label{"setiap keadaan dapat dicapai", "every state can be reached"}, []Moment{AtLoad}, (*checker).reachable},
	{3, Label{"setiap usulan dapat sampai ke akhir", "every proposal can come to an end"}, []Moment{AtLoad}, (*checker).completes},
	{4, Label{"keadaan akhir hanya ditinggalkan lewat pemulihan", "ends are left only by a remedy"}, []Moment{AtLoad}, (*checker).endsHold},
	{5, Label{"tidak ada tindakan mati", "no act is dead"}, []Moment{AtLoad}, (*checker).alive},
	{6, Label{"setiap peristiwa punya satu arti", "every event has one reading"}, []Moment{AtLoad, AtCommand}, (*checker).deterministic},
	{7, Label{"peristiwa dan isiannya dikenal program", "events and their fields exist"}, []Moment{AtLoad}, (*checker).eventsExist},
	{8, Label{"setiap jenis peristiwa dipakai", "every type of event is used"}, []Moment{AtLoad}, (*checker).eventsUsed},
	{9, Label{"tidak ada yang menggantung diam-diam", "nothing hangs silently"}, []Moment{AtLoad}, (*checker).nothingHangs},
	{10, Label{"masa berurutan", "windows keep their order"}, []Moment{AtLoad, AtOpening, AtCommand}, (*checker).windowsInOrder},
	{11, Label{"peran ada dan tugas terpisah", "roles exist and duties are separate"}, []Moment{AtLoad, AtCommand}, (*checker).dutiesSeparate},
	{12, Label{"setiap kekalahan beralasan dan berbukti", "every loss has a reason and evidence"}, []Moment{AtLoad}, (*checker).lossesExplained},
	{13, Label{"penggabungan dan pemecahan utuh", "merges and splits are whole"}, []Moment{AtLoad, AtCommand}, (*checker).absorbedWhole},
	{14, Label{"tidak ada putaran tanpa batas", "no loop without a bound"}, []Moment{AtLoad, AtCommand}, (*checker).loopsBounded},
	{15, Label{"usulan ulang punya tempat mulai", "a carry-over has a place to start"}, []Moment{AtLoad, AtOpening}, (*checker).carryOverStarts},
	{16, Label{"kuota dan garis punya sumber", "quotas and cutoffs have a source"}, []Moment{AtLoad, AtCommand}, (*checker).cutoffsSourced},
	{17, Label{"varian menjaga yang wajib", "a variant keeps what is mandatory"}, []Moment{AtLoad}, nil},
	{18, Label{"versi naik dan pemetaan lengkap", "versions rise and migration maps are total"}, []Moment{AtLoad, AtOpening}, (*checker).versionStated},
	{19, Label{"semua berlabel Indonesia dan Inggris", "everything is labelled in both languages"}, []Moment{AtLoad}, (*checker).labelled},
	{20, Label{"tidak ada yang menganggur", "nothing is idle"}, []Moment{AtLoad}, (*checker).nothingIdle},
	{21, Label{"bukti tidak melingkar", "evidence is not circular"}, []Moment{AtLoad}, (*checker).evidenceNotCircular},
	{22, Label{"pembukaan kembali punya jalan pulang", "a reopened window has a way back"}, []Moment{AtLoad}, (*checker).wayBack},
	{23, Label{"setiap penanda diakhiri", "every flag is ended"}, []Moment{AtLoad}, (*checker).flagsEnd},
	{24, Label{"sistem tidak mengarang alasan", "the system invents no reason"}, []Moment{AtLoad}, (*checker).systemReasons},
	{25, Label{"baris penutupan pada masa keadaan itu sendiri", "a closing row is on the state's own window"}, []Moment{AtLoad}, (*checker).rowsOnOwnWindow},
	{26, Label{"tidak ada yang terdampar", "nobody is stranded"}, []Moment{AtCommand}, nil},
	{27, Label{"gabungan dan anggotanya selesai bersama", "merged proposals end together"}, []Moment{AtLoad}, (*checker).productEnds},
}

// checker is one run of all checks over a definition.
type checker struct {
	d      *Definition
	v      Vocabulary
	number int
	found  Defects
	told   map[string]bool // what was found already, by its words
	edges  []edge
	out    map[State][]edge // edges by where they start
}

// An edge is one way from a state to another, by an act or a closing.
type edge struct {
	from, to State
	by       *Transition // nil for rows
	row      *Row        // nil for acts
	remedy   bool
	spawn    bool // to is where a parent or a part begins
}

// check returns everything that is wrong with d.
func check(d *Definition, v Vocabulary) Defects {
	c := newChecker(d, v)
	for _, rule := range Checks {
		c.number = rule.Number
		if rule.run != nil {
			rule.run(c)
		}
	}
	return c.found
}

func newChecker(d *Definition, v Vocabulary) *checker {
	c := &checker{d: d, v: v, edges: d.edges(), out: map[State][]edge{}}
	for _, e := range c.edges {
		c.out[e.from] = append(c.out[e.from], e)
	}
	return c
}

// edges returns every edge between states that exist, in a fixed order.
func (d *Definition) edges() []edge {
	var out []edge
	add := func(e edge) {
		if d.States[e.from] != nil && d.States[e.to] != nil {
			out = append(out, e)
		}
	}
	for _, t := range d.All() {
		for _, s := range t.From {
			if t.leaves(s) {
				add(edge{from: s, to: t.To, by: t, remedy: t.Remedy})
			}
			if next := t.continues(); next != t.To && next != "" {
				add(edge{from: s, to: next, by: t, remedy: t.Remedy, spawn: true})
			}
		}
	}
	for _, r := range d.allRows() {
		if r.State != "" {
			add(edge{from: r.State, to: r.To, row: r})
		}
	}
	return out
}

// allRows returns the rows of every window, those of windows that do not exist
// too, in a fixed order.
func (d *Definition) allRows() []*Row {
	var out []*Row
	for _, w := range sortedKeys(d.OnWindowClose) {
		out = append(out, d.Rows(w)...)
	}
	return out
}

// reach returns the states that can be come to from one over the edges that
// use allows, itself included.
func (c *checker) reach(from State, use func(edge) bool) map[State]bool {
	seen := map[State]bool{from: true}
	for queue := []State{from}; len(queue) > 0; queue = queue[1:] {
		for _, e := range c.out[queue[0]] {
			if !seen[e.to] && use(e) {
				seen[e.to] = true
				queue = append(queue, e.to)
			}
		}
	}
	return seen
}

// A param is one value a sentence mentions; its label, where it has one, is
// shown before its name.
type param struct {
	key, name string
	label     Label
}

func p(key, name string) param { return param{key: key, name: name} }

func (c *checker) state(key string, s State) param {
	x := param{key: key, name: string(s)}
	if spec := c.d.States[s]; spec != nil {
		x.label = spec.Title
	}
	return x
}

func (c *checker) window(w string) param {
	x := p("window", w)
	if spec := c.d.Windows[w]; spec != nil {
		x.label = spec.Title
	}
	return x
}

func act(key string, t *Transition) param { return param{key, t.Name, t.Title} }

// at is a path into the document.
func at(keys ...string) []string { return keys }

// bad records a defect at the deepest part of path that stands in the document.
func (c *checker) bad(path []string, code string, params ...param) {
	c.add(path, code, false, params)
}

// odd records what is worth a look.
func (c *checker) odd(path []string, code string, params ...param) {
	c.add(path, code, true, params)
}

func (c *checker) add(path []string, code string, warning bool, params []param) {
	file, line := c.d.source.place(path...)
	x := newDefect(c.number, file, line, code, nil)
	x.Subject = strings.Join(path, ".")
	x.Warning = warning
	for _, p := range params {
		x.Params[p.key] = p.name
		if p.label != (Label{}) {
			x.Params[p.key+"_"+Indonesian] = p.label.ID
			x.Params[p.key+"_"+English] = p.label.EN
		}
	}
	if words := x.String(); !c.told[words] {
		if c.told == nil {
			c.told = map[string]bool{}
		}
		c.told[words] = true
		c.found = append(c.found, x)
	}
}

// kept returns xs without those that drop says, for sentences that list what
// is missing.
func kept[T any](xs []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(xs), func(x T) bool { return !keep(x) })
}

func commas[T ~string](xs []T) string {
	words := make([]string, len(xs))
	for i, x := range xs {
		words[i] = string(x)
	}
	return strings.Join(words, ", ")
}
