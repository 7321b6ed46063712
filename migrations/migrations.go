// Package migrations holds the durable schema: the tables that can never be
// rebuilt from anything else. Each change is one file, NNNNN_name.sql, numbered
// without gaps and applied in that order by package schema.
//
// A file that has been released is never edited: a later one changes what it
// made. There is no way down, because what the log holds is never thrown away;
// an older program refuses a newer schema instead. Read models are not here:
// each projection makes its own tables and can make them again.
package migrations

import "embed"

// FS holds every migration of this program.
//
//go:embed *.sql
var FS embed.FS
