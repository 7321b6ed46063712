// Package template makes the workbook in which villages write down their
// proposals without a network, and reads it back.
//
// The workbook knows what it is: its first cell names the version, the fiscal
// year and the file itself, so that one of another year is recognised. Every
// prepared row has a number of its own; with the file and the village it gives
// the row's key, from which the command and so the number of the proposal are
// drawn. A row that comes a second time is thus found again without any table of
// matches.
//
// Reading and writing are here; package api decides what a row means and hands
// it in.
package template
