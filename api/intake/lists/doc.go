// Package lists reads the lists that come with an RKPD, a KUA-PPAS, an APBD or
// its change, and works out what each row decides of which proposal: by the
// number of the proposal, by its id in SIPD, or by what an officer confirmed.
//
// What can only be guessed is never decided. Rows that name nobody get
// suggestions, each with the reasons why the two look alike, and go into a
// workbook for an officer to confirm (Confirm); read again, that workbook is a
// list like any other.
//
// Everything here is pure but for reading and writing files: package api loads
// what is known of the proposals, and carries out what was planned.
package lists
