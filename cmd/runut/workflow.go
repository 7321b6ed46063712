package main

import (
	"encoding/json"
	"fmt"
	"os"

	"runut/domain/catalog"
	"runut/domain/workflow"
)

type workflowCommand struct {
	Check   workflowCheck   `cmd:"" help:"Periksa definisi; semua cacat disebut sekaligus. · Check a definition; all defects are named at once."`
	Diagram workflowDiagram `cmd:"" help:"Diagram Mermaid. · A Mermaid diagram."`
	Doc     workflowDoc     `cmd:"" help:"Uraian untuk dibaca. · The process in words."`
	Diff    workflowDiff    `cmd:"" help:"Beda dua definisi. · What differs between two definitions."`
}

// A definitionFile names a definition: a file, or the one that comes with the
// program; and a variant of the kabupaten on top of it.
type definitionFile struct {
	File    string `arg:"" optional:"" type:"existingfile" help:"Berkas YAML; kosong: definisi bawaan. · A YAML file; empty: the one built in."`
	Overlay string `type:"existingfile" help:"Varian kabupaten di atasnya. · A variant on top of it."`
}

func (f definitionFile) load() (*workflow.Definition, error) {
	v := catalog.Vocabulary()
	base, err := workflow.Musrenbang(v)
	if f.File != "" {
		var text []byte
		if text, err = os.ReadFile(f.File); err != nil {
			return nil, err
		}
		base, err = workflow.Load(f.File, text, v)
	}
	if err != nil || f.Overlay == "" {
		return base, err
	}
	patch, err := os.ReadFile(f.Overlay)
	if err != nil {
		return nil, err
	}
	return workflow.Resolve(base, f.Overlay, patch, v)
}

type workflowCheck struct {
	definitionFile
	JSON bool `help:"Hasil untuk mesin. · Output for machines."`
}

func (c *workflowCheck) Run(s *session) error {
	d, err := c.load()
	if c.JSON {
		report := struct {
			Name     string           `json:"name,omitempty"`
			Version  int              `json:"version,omitempty"`
			Hash     string           `json:"hash,omitempty"`
			Defects  []map[string]any `json:"defects"`
			Warnings []map[string]any `json:"warnings"`
		}{Defects: []map[string]any{}, Warnings: []map[string]any{}}
		list := func(ds workflow.Defects) []map[string]any {
			out := []map[string]any{}
			for _, x := range ds {
				out = append(out, map[string]any{"check": x.Check, "file": x.File, "line": x.Line, "code": x.Code, "id": x.In(workflow.Indonesian), "en": x.In(workflow.English)})
			}
			return out
		}
		if ds, ok := err.(workflow.Defects); ok {
			report.Defects = list(ds)
		} else if err != nil {
			return err
		}
		if d != nil {
			report.Name, report.Version, report.Hash, report.Warnings = d.Name, d.Version, d.Hash(), list(d.Warnings)
		}
		if bad := json.NewEncoder(s.out).Encode(report); bad != nil {
			return bad
		}
		if err != nil {
			return errQuiet
		}
		return nil
	}
	if err != nil {
		return err
	}
	for _, w := range d.Warnings {
		fmt.Fprintln(s.err, w.In(string(s.lang)))
	}
	fmt.Fprintln(s.out, s.lang.T("workflow.sound", "name", d.Name, "version", fmt.Sprint(d.Version),
		"states", fmt.Sprint(len(d.States)), "transitions", fmt.Sprint(len(d.Transitions)), "hash", d.Hash()))
	return nil
}

type workflowDiagram struct{ definitionFile }

func (c *workflowDiagram) Run(s *session) error {
	d, err := c.load()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(s.out, d.Mermaid(string(s.lang)))
	return err
}

type workflowDoc struct{ definitionFile }

func (c *workflowDoc) Run(s *session) error {
	d, err := c.load()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(s.out, d.Document(string(s.lang)))
	return err
}

type workflowDiff struct {
	Old string `arg:"" type:"existingfile"`
	New string `arg:"" type:"existingfile"`
}

func (c *workflowDiff) Run(s *session) error {
	before, err := definitionFile{File: c.Old}.load()
	if err != nil {
		return err
	}
	after, err := definitionFile{File: c.New}.load()
	if err != nil {
		return err
	}
	for _, line := range workflow.Diff(before, after, string(s.lang)) {
		fmt.Fprintln(s.out, line)
	}
	return nil
}
