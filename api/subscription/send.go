package subscription

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"runut/domain"
)

// A parcel is what one attempt sends.
type parcel struct {
	event uuid.UUID // webhook-id
	body  []byte    // a CloudEvent
}

// An answer is what came back.
type answer struct {
	outcome Outcome
	status  int           // 0: none came
	after   time.Duration // when the receiver wants to be asked again; 0: it did not say
	took    time.Duration
	begins  string // the beginning of the body, masked
}

const (
	mediaType = "application/cloudevents+json; charset=utf-8"

	// reads is how much of an answer is read at most, keeps how much is kept.
	reads = 64 << 10
	keeps = 500

	// latest is the longest that a receiver may put off.
	latest = 24 * time.Hour
)

// A sender posts parcels.
type sender struct{ plain, secure *http.Client }

func newSender(d Dialer) *sender { return &sender{d.client("http"), d.client("https")} }

// close ends connections that are kept for the next parcel.
func (s *sender) close() {
	s.plain.CloseIdleConnections()
	s.secure.CloseIdleConnections()
}

// send posts a parcel, signed by every secret, and judges the answer. It is an
// error only where ctx ended.
func (s *sender) send(ctx context.Context, address string, secrets []string, p parcel) (answer, error) {
	began := time.Now()
	a, err := s.post(ctx, address, secrets, p, began)
	a.took = time.Since(began)
	return a, err
}

func (s *sender) post(ctx context.Context, address string, secrets []string, p parcel, now time.Time) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(p.body))
	if err != nil {
		return answer{outcome: Unreachable}, nil
	}
	signatures, err := signed(secrets, p, now)
	if err != nil {
		return answer{outcome: Unreachable}, err
	}
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("User-Agent", "Runut-Webhook/1")
	r.Header.Set(standardwebhooks.HeaderWebhookID, p.event.String())
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	client := s.secure
	if r.URL.Scheme == "http" {
		client = s.plain
	}
	response, err := client.Do(r)
	if err != nil {
		return answer{outcome: failed(err)}, ctx.Err()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, reads))
	if err != nil && ctx.Err() != nil {
		return answer{}, ctx.Err()
	}
	a := answer{status: response.StatusCode, begins: beginning(body), after: retryAfter(response.Header.Get("Retry-After"), now)}
	switch {
	case a.status >= 200 && a.status < 300:
		a.outcome = Taken
	case a.status == http.StatusGone:
		a.outcome = Gone
	case a.status >= 300 && a.status < 400:
		a.outcome = Redirected
	case a.status == http.StatusTooManyRequests, a.after > 0:
		a.outcome = Throttled
	default:
		a.outcome = Refused
	}
	return a, nil
}

// signed returns the signatures of a parcel, one a secret.
func signed(secrets []string, p parcel, now time.Time) (string, error) {
	var all []string
	for _, secret := range secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return "", err
		}
		signature, err := w.Sign(p.event.String(), now, p.body)
		if err != nil {
			return "", err
		}
		all = append(all, signature)
	}
	return strings.Join(all, " "), nil
}

// failed says why no answer came.
func failed(err error) Outcome {
	var timeout net.Error
	switch {
	case errors.Is(err, errForbidden):
		return Forbidden
	case errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	}
	return Unreachable
}

// retryAfter reads when a receiver wants to be asked again: seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(max(time.Duration(seconds), 0)*time.Second, latest)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), latest)
	}
	return 0
}

// beginning returns what of an answer is kept: a receiver may answer with
// anything, what it was sent among it.
func beginning(body []byte) string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return ' '
		}
		return r
	}, string(body[:min(len(body), 4*keeps)]))
	text = domain.Mask(strings.TrimSpace(text)).Masked
	for i := range text {
		if i >= keeps {
			return text[:i] + "…"
		}
	}
	return text
}

// host returns of an address what may stand in a log line.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
