package check

import (
	"os"

	"runut/eventstore/verify"
)

// Dossier checks dossiers of proposals.
type Dossier struct {
	Output
	Keys
	File string `arg:"" type:"existingfile" help:"Dosir (.zip)."`
}

// Run carries out the command.
func (c *Dossier) Run(w *World) error {
	trust, err := c.Trust()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return c.Output.Run(w, "dossier", func(r *verify.Report, progress func(done, total int64)) error {
		return verify.Dossier(w.Context, f, info.Size(), c.File, trust, progress, r)
	})
}
