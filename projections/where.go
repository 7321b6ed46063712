package projections

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
)

// A where is the conditions of a query, made of the parts of a filter that are
// set, so that the planner sees no others.
type where struct {
	conditions []string
	args       []any
}

// arg returns the placeholder of a new argument.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// and adds a condition, in which each ? stands for the next of args.
func (w *where) and(condition string, args ...any) {
	for _, a := range args {
		condition = strings.Replace(condition, "?", w.arg(a), 1)
	}
	w.conditions = append(w.conditions, condition)
}

// in adds that a column has one of values, where there are any.
func (w *where) in(column string, values []string) {
	if len(values) > 0 {
		w.and(column+" = any (?)", values)
	}
}

// A choice is a column and the values it may have.
type choice struct {
	column string
	values []string
}

// each adds choices on columns of table p, except on one column.
func (w *where) each(but string, choices []choice) {
	for _, c := range choices {
		if c.column != but {
			w.in("p."+c.column, c.values)
		}
	}
}

// String returns the conditions, "true" where there are none.
func (w *where) String() string {
	if len(w.conditions) == 0 {
		return "true"
	}
	return strings.Join(w.conditions, " and ")
}

// abbreviated is how people shorten words of titles and place names.
var abbreviated = map[string]string{
	"jl": "jalan", "jln": "jalan", "jbt": "jembatan", "jemb": "jembatan", "ds": "desa", "dsn": "dusun",
	"kel": "kelurahan", "kec": "kecamatan", "kab": "kabupaten", "puskes": "puskesmas", "pusk": "puskesmas",
	"sdn": "sekolah dasar negeri", "smpn": "sekolah menengah pertama negeri", "tk": "taman kanak kanak",
	"rehab": "rehabilitasi", "pemb": "pembangunan", "gg": "gang", "lap": "lapangan", "sal": "saluran",
}

// words returns the words of a text in lower case, without marks.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// searchable returns what of a text is searched: its words, with abbreviations
// also written out.
func searchable(text string) string {
	all := words(text)
	for _, w := range all {
		if long, ok := abbreviated[w]; ok {
			all = append(all, long)
		}
	}
	return strings.Join(all, " ")
}

const (
	mostTerms = 8   // words of a search that count
	mostCodes = 500 // places that one word may stand for
)

// terms returns the words of a search.
func terms(text string) []string {
	all := words(text)
	for i, w := range all {
		if long, ok := abbreviated[w]; ok && !strings.Contains(long, " ") {
			all[i] = long
		}
	}
	return all[:min(len(all), mostTerms)]
}

// A word is one of a search, and what it finds: what begins with it or is of one
// stem with it, and the codes of the places and kamus entries it may name.
type word struct{ text, codes string }

// isNumber reports whether a word is how a number begins. No other has a capital.
func (x word) isNumber() bool { return strings.HasPrefix(x.text, "U-") }

// wordsFor looks up the words of a search in a table of names. What looks like a
// number is one word.
func wordsFor(ctx context.Context, tx pgx.Tx, text, names string) ([]word, error) {
	if n := strings.TrimRight(strings.ToUpper(strings.TrimSpace(text)), "-"); strings.HasPrefix(n, "U-") && len(words(n)) == 1+strings.Count(n, "-") {
		return []word{{text: n}}, nil
	}
	var out []word
	for _, term := range terms(text) {
		rows, err := tx.Query(ctx, `
			select distinct code from `+names+`
			 where register in ('wilayah', 'kamus') and search @@ to_tsquery('simple', $1)
			 limit $2`, prefixQuery(term), mostCodes)
		if err != nil {
			return nil, err
		}
		codes, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, err
		}
		out = append(out, word{term, codesQuery(codes)})
	}
	return out, nil
}

// matching adds that a proposal is found by words: by its number, or each of them
// by its title, its place, its kamus entry or the end of its number.
func (w *where) matching(all []word) {
	for _, x := range all {
		switch {
		case x.isNumber():
			w.and("p.number >= ? and p.number < ?", x.text, x.text+"\uffff")
		case x.codes == "":
			w.and("p.search @@ (to_tsquery('simple', ?) || plainto_tsquery('indonesian', ?))", prefixQuery(x.text), x.text)
		default:
			w.and("p.search @@ (to_tsquery('simple', ?) || plainto_tsquery('indonesian', ?) || ?::tsquery)", prefixQuery(x.text), x.text, x.codes)
		}
	}
}

// wordsOf returns the words that a proposal's number is searched by: without the
// letter that all of them begin with.
func wordsOf(number string) string {
	_, rest, _ := strings.Cut(number, "-")
	return rest
}

// codesQuery returns the tsquery of codes as proposalSearch holds them, "" for none.
func codesQuery(codes []string) string {
	quote := strings.NewReplacer("'", "''", `\`, `\\`)
	for i, c := range codes {
		codes[i] = "'=" + quote.Replace(c) + "'"
	}
	return strings.Join(codes, " | ")
}

// prefixQuery returns the tsquery of words that begin with term, which words
// made of letters and digits only.
func prefixQuery(term string) string { return "'" + term + "':*" }

// search is the column that text is searched in: the words themselves, and
// their stems.
const searchColumn = `search tsvector generated always as (to_tsvector('simple', words) || to_tsvector('indonesian', words)) stored`

// proposalSearch is searchColumn with the cycle of a proposal and the codes of its
// place and kamus entry beside its words, so that one index answers for all. No word
// begins with the signs that they do.
const proposalSearch = `search tsvector generated always as (to_tsvector('simple', words) || to_tsvector('indonesian', words)
        || array_to_tsvector(array['@' || cycle::text, '=' || village, '=' || kecamatan, '=' || kamus])) stored`
