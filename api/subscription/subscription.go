package subscription

import (
	"time"

	"github.com/google/uuid"
)

// An Ordering says what a delivery that is not taken holds up.
type Ordering string

// The orderings.
const (
	OrderProposal Ordering = "proposal" // what follows of the same proposal
	OrderEndpoint Ordering = "endpoint" // everything that follows
)

// A State says whether an endpoint is sent to.
type State string

// The states.
const (
	Active   State = "active"
	Paused   State = "paused"   // somebody asked for it
	Disabled State = "disabled" // it answered 410, or nothing was taken for five days: see Why
)

// Why an endpoint is disabled.
const (
	WhyGone    = "gone"    // it answered 410 Gone
	WhyFailing = "failing" // nothing was taken for too long
)

// A Subscription is an endpoint, and how far it has come.
type Subscription struct {
	ID       uuid.UUID `json:"id"`
	OPD      string    `json:"opd" doc:"OPD code whose feed is sent"`
	URL      string    `json:"url"`
	Ordering Ordering  `json:"ordering" enum:"proposal,endpoint" doc:"What a delivery that is not taken holds up"`
	State    State     `json:"state" enum:"active,paused,disabled"`
	Why      string    `json:"why,omitzero" doc:"Why it is disabled: gone (410), failing (nothing taken for five days)"`
	Position int64     `json:"position" doc:"Everything of the feed up to this position was taken or is held back"`
	Waiting  int       `json:"waiting" doc:"How many events of the feed come after it; 1000 stands for that many or more"`
	Parked   int       `json:"parked" doc:"How many proposals are held back"`
	Stuck    int       `json:"stuck" doc:"How many of these are not tried again by themselves"`

	Failures     int        `json:"failures" doc:"Failed attempts in a row"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	Next         time.Time  `json:"next" doc:"No attempt is made before this"`
	Delivered    *time.Time `json:"delivered,omitempty" doc:"When something was taken last"`
	Created      time.Time  `json:"created"`

	by string
}

// A Delivery is one attempt.
type Delivery struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	Position int64     `json:"position" doc:"Of the event in the feed; 0: a test"`
	Event    uuid.UUID `json:"event" doc:"webhook-id"`
	Type     string    `json:"type"`
	Number   string    `json:"number,omitzero"`
	Attempt  int       `json:"attempt" doc:"How often the event was sent, as far as attempts are kept"`
	Status   int       `json:"status" doc:"Of HTTP; 0: there was no answer"`
	Outcome  Outcome   `json:"outcome"`
	Took     int64     `json:"took" doc:"Milliseconds"`
	Answer   string    `json:"answer,omitzero" doc:"How the answer began"`
}

// An Outcome is what became of an attempt.
type Outcome string

// The outcomes.
const (
	Taken       Outcome = "taken"       // 2xx
	Gone        Outcome = "gone"        // 410
	Redirected  Outcome = "redirected"  // 3xx: not followed
	Throttled   Outcome = "throttled"   // 429, 503 with Retry-After
	Refused     Outcome = "refused"     // any other answer
	TimedOut    Outcome = "timed_out"   // no answer within fifteen seconds
	Forbidden   Outcome = "forbidden"   // it leads to an address that is not sent to
	Unreachable Outcome = "unreachable" // no connection, no certificate, no name
)

// longest is how long an endpoint may fail before it is disabled.
const longest = 5 * 24 * time.Hour

// schedule is how long to wait after the first failed attempt, the second, and
// so on (Standard Webhooks 1.0).
var schedule = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
