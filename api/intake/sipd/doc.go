// Package sipd takes in the exports of SIPD, the national system: what each says
// is compared with what SIPD said before, by the log, and the differences become
// events. So a system that keeps no history gets one.
//
// An import never invents an act. It records opinions as they stand in the file,
// what changed of the content, and at most one outcome a row, marked as observed,
// somewhere between the export before and this one. What it cannot read goes to
// quarantine, row by row, with the column and the reason; every row of a file is
// accepted, unchanged or quarantined.
//
//	i := &sipd.Importer{Store: store, DB: pool, Vault: vault, Definitions: find, Tenant: "99.01", Actor: importer}
//	report, err := i.Run(ctx, sipd.Options{File: file, Year: 2027})
//
// A file is read twice, as a stream: once to see which ids and places it speaks
// for, once to take its rows in, some hundred at a time. Each such batch is one
// command whose id follows from the file, so that an import that broke off can be
// run again; the file itself is recorded last. See docs/importing.md.
package sipd

// Source is what events call SIPD.
const Source = "sipd"
