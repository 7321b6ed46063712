// Package workflow is the grammar of a process as data: which states a proposal
// passes, who may take which act in which of them and while which window is
// open, what must be given with it, and what becomes of everybody who still
// waits when a window closes.
//
// The words of that grammar are Go: event types, the fields of their payloads
// and a closed list of named conditions, handed in as a Vocabulary. A
// definition, written in YAML, can put them together but can invent none, and
// it holds no expressions. It holds no dates either: windows are opened and
// closed by events of the cycle.
//
// # From a file to a decision
//
// Load reads a definition strictly and checks it: every defect is reported at
// once, with its file and line and a sentence in Indonesian and English. Checks
// lists the rules and says when each is examined: when a definition is loaded,
// when a cycle is opened (CheckOpening, CheckCalendar, CheckMigration), or with
// a command (Strands, Circular, and what the deciders count). What Load returns
// never changes. Its Hash is pinned by the cycle and repeated by every event,
// so that a decision can be judged for ever by the rules it was taken under.
//
// Deciders ask what may be done (From, Exits, Taking), what a closing does
// (Rows, RowsFor, WayBack) and whether a win is still within reach (Reaches).
// The same definition draws the diagram (Mermaid, Overview) and the page for
// people (Document), so none of them can say anything else.
//
// # Base and variants
//
// Musrenbang is the base definition. A kabupaten that differs writes a variant,
// a patch over the base's maps, which Resolve applies and checks: it may ask for
// more, set its own windows, quotas and reason codes and do without what is
// optional, but not loosen what makes outcomes comparable or keeps those who
// ask apart from those who decide. Diff says in words what differs.
package workflow
