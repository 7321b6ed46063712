package vault

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/eventstore"
)

// An Occurrence is one place in the log where a personal detail stands sealed.
type Occurrence struct {
	Event   uuid.UUID
	Field   string
	Subject string // whose key it is under; "" where nobody knows whose detail it is
}

// Occurrences returns where a detail occurs, so that an officer for personal
// data can answer its owner. Names are not looked for: many people share one.
func (v *Vault) Occurrences(ctx context.Context, detail domain.Span) ([]Occurrence, error) {
	rows, err := v.pool.Query(ctx, `
		select o.event_id, o.pointer, coalesce(k.subject, '')
		  from vault.occurrences o
		  join vault.keys k on k.id = o.key_id
		 where o.kind = $1 and o.mac = $2
		 order by o.event_id, o.pointer`, detail.Kind, v.mac(detail))
	if err != nil {
		return nil, fmt.Errorf("occurrences: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Occurrence])
	if err != nil {
		return nil, fmt.Errorf("occurrences: %w", err)
	}
	return found, nil
}

// Suppressed reports for each detail whether it was erased and must not be
// taken in again.
func (v *Vault) Suppressed(ctx context.Context, details ...domain.Span) ([]bool, error) {
	kinds := make([]string, len(details))
	macs := make([][]byte, len(details))
	for i, d := range details {
		kinds[i], macs[i] = string(d.Kind), v.mac(d)
	}
	rows, err := v.pool.Query(ctx, `
		select s.kind is not null
		  from unnest($1::text[], $2::bytea[]) with ordinality as asked (kind, mac, n)
		  left join vault.suppressed s on s.kind = asked.kind and s.mac = asked.mac
		 order by asked.n`, kinds, macs)
	if err != nil {
		return nil, fmt.Errorf("suppressed: %w", err)
	}
	answers, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	if err != nil {
		return nil, fmt.Errorf("suppressed: %w", err)
	}
	return answers, nil
}

// Fingerprint returns what two requests have in common only where they asked for
// the same. It is kept in the log for ever, and a plain hash of a request that
// registers somebody would let their NIK be guessed long after it was erased; so
// it is keyed like everything else by which the vault knows a detail again.
func (v *Vault) Fingerprint(parts ...[]byte) (print [32]byte) {
	h := hmac.New(sha256.New, v.index)
	h.Write([]byte("request\x00"))
	for _, part := range parts {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	h.Sum(print[:0])
	return print
}

// note writes down where the items hold details that can be told by their form.
func (v *Vault) note(ctx context.Context, tx pgx.Tx, keys []dataKey, items []eventstore.Item) error {
	var (
		kinds  []string
		macs   [][]byte
		events []uuid.UUID
		fields []string
		ids    []uuid.UUID
	)
	for i, item := range items {
		if len(item.Plain) < randomSize {
			return fmt.Errorf("item %s of %s is shorter than its random bytes", item.Field, item.Event)
		}
		detail, ok := recognise(string(item.Plain[randomSize:]))
		if !ok {
			continue
		}
		kinds, macs = append(kinds, string(detail.Kind)), append(macs, v.mac(detail))
		events, fields, ids = append(events, item.Event), append(fields, item.Field), append(ids, keys[i].id)
	}
	if len(kinds) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		insert into vault.occurrences (kind, mac, event_id, pointer, key_id)
		select kind, mac, event_id, pointer, key_id
		  from unnest($1::text[], $2::bytea[], $3::uuid[], $4::text[], $5::uuid[])
		       as noted (kind, mac, event_id, pointer, key_id)
		on conflict do nothing`, kinds, macs, events, fields, ids)
	return err
}

// recognise returns the detail that plain is, where its form tells.
func recognise(plain string) (domain.Span, bool) {
	t := domain.Mask(plain)
	if len(t.Spans) != 1 || t.Spans[0].Kind == domain.SpanName {
		return domain.Span{}, false
	}
	rest := strings.ReplaceAll(plain, t.Spans[0].Plain, "")
	if strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return domain.Span{}, false
	}
	return t.Spans[0], true
}

// mac returns what the vault knows a detail by. Two ways of writing one detail
// have the same mac: "0812-3456" and "+62 812 3456".
func (v *Vault) mac(detail domain.Span) []byte {
	h := hmac.New(sha256.New, v.index)
	h.Write([]byte(detail.Kind))
	h.Write([]byte{0})
	h.Write([]byte(canonical(detail)))
	return h.Sum(nil)
}

func canonical(detail domain.Span) string {
	switch detail.Kind {
	case domain.SpanNIK:
		return digits(detail.Plain)
	case domain.SpanPhone:
		d := digits(detail.Plain)
		if local, ok := strings.CutPrefix(d, "0"); ok {
			return "62" + local
		}
		return d
	}
	return strings.ToLower(strings.Join(strings.Fields(detail.Plain), ""))
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
