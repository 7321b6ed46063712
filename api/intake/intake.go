// Package intake is the words in which a file that somebody uploads is spoken of:
// what it is to be taken for, and what came of it or would come. The packages below
// it read the files; package api takes them in.
package intake

import (
	"slices"
	"time"

	"runut/domain"
	"runut/domain/reference"
)

// Kinds of files that are taken in.
const (
	SIPD     = "sipd"
	Template = "template"
)

// Lists are documents whose lists are taken in; Registers those that are published
// from a table.
var (
	Lists     = []string{"rkpd", "ppas", "apbd", "perubahan"}
	Registers = []string{"wilayah", "opd", "nomenclature", "kamus", "holidays"}
	Kinds     = slices.Concat([]string{SIPD, Template}, Lists, Registers)
)

// IsList and IsRegister tell kinds apart.
func IsList(kind string) bool     { return slices.Contains(Lists, kind) }
func IsRegister(kind string) bool { return slices.Contains(Registers, kind) }

// Takers says who may take in which kind. The acts themselves decide; this spares
// others a form that would be refused.
var Takers = map[string][]domain.Role{
	SIPD:     {"importer"},
	Template: {"importer", "planner", "village_operator"},
	"rkpd":   {"head_of_planning", "importer"}, "ppas": {"tapd", "importer"}, "apbd": {"tapd", "importer"}, "perubahan": {"tapd", "importer"},
	"wilayah": reference.Publishers, "opd": reference.Publishers, "nomenclature": reference.Publishers, "kamus": reference.Publishers, "holidays": reference.Publishers,
}

// May returns the kinds that a role may take in.
func May(role domain.Role) []string {
	var kinds []string
	for _, k := range Kinds {
		if slices.Contains(Takers[k], role) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// An Order says what a file is to be taken for. Which members count depends on
// Kind.
type Order struct {
	Kind  string `json:"kind"`
	Name  string `json:"name,omitempty"`  // of the file, as it was called; SIPD's exports are dated by it
	Year  int    `json:"year,omitempty"`  // fiscal year; of a register none
	Sheet string `json:"sheet,omitempty"` // of a workbook; "": the first

	ExportedAt string `json:"exported_at,omitempty"` // sipd: when, as people write it; "": as the file says
	AsHistory  bool   `json:"as_history,omitempty"`  // sipd: it may be older than the last one
	Confirmed  bool   `json:"confirmed,omitempty"`   // sipd: so many rows are really missing

	Document     domain.Document `json:"document,omitzero"`       // lists: what was adopted
	Paper        string          `json:"paper,omitempty"`         // lists: id of the upload that is the document itself
	Total        string          `json:"total,omitempty"`         // lists: as printed in the document
	Occurred     string          `json:"occurred,omitempty"`      // lists: local day from which it holds
	LeftOut      string          `json:"left_out,omitempty"`      // lists: reason code for whoever waits and stands in no row
	LeftOutWords string          `json:"left_out_text,omitempty"` // lists: that reason in words
	Answers      map[int]string  `json:"answers,omitempty"`       // lists: what rows mean, by row: a number of a proposal, or one of lists' answers
	Edition      string          `json:"edition,omitempty"`       // registers
	ValidFrom    string          `json:"valid_from,omitempty"`    // registers: local day
	SkipFaulty   bool            `json:"skip_faulty,omitempty"`   // registers
}

// An Upload is a file that somebody is about to take in.
type Upload struct {
	ID      string    `json:"id"`
	Digest  string    `json:"digest" doc:"SHA-256 of the file, hex"`
	Size    int64     `json:"size" doc:"Bytes"`
	Order   Order     `json:"order" doc:"What it is to be taken for"`
	Expires time.Time `json:"expires" doc:"When it is deleted"`
	Taken   bool      `json:"taken" doc:"It was taken in"`
}

// A Report is what came of a file, or would come. It is made of words, in the
// language of whoever asks.
type Report struct {
	Kind    string `json:"kind"`
	Year    int    `json:"year,omitempty"`
	File    string `json:"file" doc:"Its name"`
	Digest  string `json:"digest" doc:"SHA-256, hex"`
	DryRun  bool   `json:"dry_run"`
	Known   bool   `json:"known" doc:"It was taken in before; nothing of it is new"`
	Nothing bool   `json:"nothing" doc:"Recording it would write nothing"`
	Events  int    `json:"events" doc:"Written"`

	Said         []string  `json:"said" doc:"What the file is, and what had to be assumed"`
	Rows         []Count   `json:"rows" doc:"What became of the rows; the last one is all of them"`
	Facts        []Count   `json:"facts" doc:"What is recorded of them"`
	Held         []Held    `json:"held" doc:"Rows that are not taken in, the first ones"`
	HeldTotal    int       `json:"held_total"`
	Waiting      []Waiting `json:"waiting" doc:"Rows that somebody must say the meaning of, the first ones"`
	WaitingTotal int       `json:"waiting_total"`
	Notes        []string  `json:"notes" doc:"What somebody may want to look at"`
}

// Most is how many rows of one sort a report names.
const Most = 100

// A Count is how many there are of something, and what they come to.
type Count struct {
	What   string `json:"what"`
	Rows   int    `json:"rows"`
	Amount string `json:"amount,omitempty"`
}

// A Held is a row that is not taken in: where, why, and how to mend it.
type Held struct {
	Row    int    `json:"row" doc:"In the file, from 1"`
	Column string `json:"column,omitempty" doc:"As its heading says"`
	Code   string `json:"code"`
	Why    string `json:"why"`
}

// A Waiting is a row of a list, and what it may mean.
type Waiting struct {
	Row     int      `json:"row"`
	Text    string   `json:"text"`
	Amount  string   `json:"amount"`
	Choices []Choice `json:"choices"`
}

// A Choice is one proposal that a row may mean.
type Choice struct {
	Proposal string `json:"proposal"`
	Text     string `json:"text"`
	Why      string `json:"why"`
}
