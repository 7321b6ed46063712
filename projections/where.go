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

// matching adds that a proposal is found by a search: by its number, or each word
// begins a word of its title, is of one stem with one, or stands for its place or
// kamus entry. names is the table to look names up in.
func (w *where) matching(ctx context.Context, tx pgx.Tx, text, names string) error {
	if n := strings.ToUpper(strings.TrimSpace(text)); strings.HasPrefix(n, "U-") {
		w.and("starts_with(number, ?)", n)
		return nil
	}
	for _, term := range terms(text) {
		rows, err := tx.Query(ctx, `
			select distinct code from `+names+`
			 where register in ('wilayah', 'kamus') and search @@ to_tsquery('simple', $1)
			 limit $2`, prefixQuery(term), mostCodes)
		if err != nil {
			return err
		}
		codes, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		w.and("(search @@ (to_tsquery('simple', ?) || plainto_tsquery('indonesian', ?)) or village = any (?) or kecamatan = any (?) or kamus = any (?) or starts_with(number, ?))",
			prefixQuery(term), term, codes, codes, codes, "U-"+strings.ToUpper(term))
	}
	return nil
}

// prefixQuery returns the tsquery of words that begin with term, which words
// made of letters and digits only.
func prefixQuery(term string) string { return "'" + term + "':*" }

// search is the column that text is searched in: the words themselves, and
// their stems.
const searchColumn = `search tsvector generated always as (to_tsvector('simple', words) || to_tsvector('indonesian', words)) stored`
