// Package domain holds the words every other package shares: who acts and in
// which office, money and volumes, the two times of a fact, the number people
// know a proposal by, and how a refusal differs from a broken machine.
//
// It imports the standard library and google/uuid only. The packages below it
// are the nouns of Indonesian development planning: package proposal is one
// usulan, package forum one musyawarah, package cycle one fiscal year.
package domain
