package catalog

import (
	"reflect"
	"strings"

	"runut/domain/proposal"
	"runut/domain/workflow"
)

// Vocabulary is what a workflow definition may name: the events of proposals
// with the JSON members of their payloads, and the conditions written in Go.
func Vocabulary() workflow.Vocabulary {
	v := workflow.Vocabulary{Events: make(map[string][]string, len(proposal.Types)), Guards: proposal.Guards}
	for _, t := range proposal.Types {
		v.Events[strings.TrimPrefix(t.Name, "proposal.")] = Members(t.Go())
	}
	return v
}

// Members returns the JSON member names of an event's payload, embedded ones
// included, in the order of declaration.
func Members(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			out = append(out, Members(f.Type)...)
			continue
		}
		if name != "" && name != "-" {
			out = append(out, name)
		}
	}
	return out
}
