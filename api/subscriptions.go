package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"runut/api/account"
	"runut/api/answer"
	"runut/api/subscription"
	"runut/domain"
	"runut/projections"
)

type subscriptionsInput struct {
	ReadInput
	OPD   string    `query:"opd" required:"true" maxLength:"40" doc:"OPD code" example:"1.03.0.00.0.00.01.0000"`
	After uuid.UUID `query:"after" doc:"id of the last one of the page before"`
	Limit int       `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
}

// A SubscriptionInput names an endpoint to read of.
type SubscriptionInput struct {
	ReadInput
	ID uuid.UUID `path:"id" doc:"Id of the endpoint"`
}

type deliveriesInput struct {
	SubscriptionInput
	Before int64 `query:"before" minimum:"0" doc:"id of the last one of the page before"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
}

type addSubscriptionInput struct {
	Lang string `query:"lang" enum:"id,en" doc:"Language of refusals; left out: as Accept-Language says"`
	Key  string `header:"Idempotency-Key" doc:"The same key makes one endpoint, best a UUID. Its secret is answered the first time only." example:"0198c2f0-0000-7000-8000-000000000001"`
	Body struct {
		OPD      string                `json:"opd" maxLength:"40" doc:"OPD code whose feed is sent" example:"1.03.0.00.0.00.01.0000"`
		URL      string                `json:"url" maxLength:"500" doc:"Where to: https on port 443, or what this installation allows inside its network"`
		Ordering subscription.Ordering `json:"ordering,omitempty" enum:"proposal,endpoint" default:"proposal" doc:"What a delivery that is not taken holds up: what follows of the same proposal, or everything"`
		After    *int64                `json:"after,omitempty" minimum:"0" doc:"Begin after this position of the feed, 0 for all of it; left out: with what comes"`
	}
}

// A ChangeSubscriptionInput names an endpoint to change.
type ChangeSubscriptionInput struct {
	Lang string    `query:"lang" enum:"id,en" doc:"Language of refusals; left out: as Accept-Language says"`
	ID   uuid.UUID `path:"id" doc:"Id of the endpoint"`
}

type replayInput struct {
	ChangeSubscriptionInput
	Body struct {
		After *int64     `json:"after,omitempty" minimum:"0" doc:"Send everything of the feed after this position again"`
		Since *time.Time `json:"since,omitempty" doc:"Or everything that was recorded since this moment"`
	}
}

// A SubscriptionMade is an endpoint and, when it was made, its secret.
type SubscriptionMade struct {
	subscription.Subscription
	Secret string `json:"secret,omitempty" doc:"What the receiver checks signatures by (Standard Webhooks); shown once"`
}

// A Secret is what an endpoint is signed by from now on.
type Secret struct {
	Secret string `json:"secret" doc:"Shown once. Signatures by the one before go on for a day."`
}

type bodyOf[T any] struct{ Body T }

const tagSubscriptions = "Langganan"

// subscriptions registers what an OPD does with its endpoints.
func (s *Server) subscriptions(api huma.API) {
	store := s.Subscriptions
	list := func(ctx context.Context, in *subscriptionsInput) (*bodyOf[List[subscription.Subscription]], error) {
		if err := s.manages(ctx, account.Read, in.OPD); err != nil {
			return nil, err
		}
		found, err := store.List(ctx, in.OPD, in.After, in.Limit)
		if err != nil {
			return nil, err
		}
		out := &bodyOf[List[subscription.Subscription]]{List[subscription.Subscription]{Items: append([]subscription.Subscription{}, found...)}}
		if len(found) == in.Limit {
			out.Body.Next = found[in.Limit-1].ID.String()
		}
		return out, nil
	}
	subscribing(api, http.MethodGet, "", "list-subscriptions", "Alamat tujuan umpan OPD · Where an OPD's feed is sent", list)
	subscribing(api, http.MethodGet, "/{id}", "get-subscription", "Satu alamat dan keadaannya · One endpoint and how it stands",
		func(ctx context.Context, in *SubscriptionInput) (*bodyOf[subscription.Subscription], error) {
			x, err := s.endpoint(ctx, account.Read, in.ID)
			return &bodyOf[subscription.Subscription]{x}, err
		})
	subscribing(api, http.MethodGet, "/{id}/deliveries", "list-deliveries", "Kiriman dan jawabannya · Attempts and what was answered",
		func(ctx context.Context, in *deliveriesInput) (*bodyOf[List[subscription.Delivery]], error) {
			if _, err := s.endpoint(ctx, account.Read, in.ID); err != nil {
				return nil, err
			}
			found, err := store.Deliveries(ctx, in.ID, in.Before, in.Limit)
			if err != nil {
				return nil, err
			}
			out := &bodyOf[List[subscription.Delivery]]{List[subscription.Delivery]{Items: append([]subscription.Delivery{}, found...)}}
			if len(found) == in.Limit {
				out.Body.Next = itoa(int(found[in.Limit-1].ID))
			}
			return out, nil
		})
	subscribing(api, http.MethodPost, "", "add-subscription", "Tambah alamat · Add an endpoint", s.addSubscription)
	subscribing(api, http.MethodPost, "/{id}/remove", "remove-subscription", "Hapus alamat · Remove an endpoint", s.changed(store.Remove))
	subscribing(api, http.MethodPost, "/{id}/pause", "pause-subscription", "Jeda pengiriman · Pause", s.changed(store.Pause))
	subscribing(api, http.MethodPost, "/{id}/resume", "resume-subscription",
		"Lanjutkan, juga yang tertahan · Go on, with what is held back too", s.changed(store.Resume))
	subscribing(api, http.MethodPost, "/{id}/rotate", "rotate-subscription", "Ganti rahasia · Make another secret",
		func(ctx context.Context, in *ChangeSubscriptionInput) (*bodyOf[Secret], error) {
			if _, err := s.endpoint(ctx, account.Act, in.ID); err != nil {
				return nil, err
			}
			secret, err := store.Rotate(ctx, CallerOf(ctx).Actor, in.ID)
			return &bodyOf[Secret]{Secret{secret}}, err
		})
	subscribing(api, http.MethodPost, "/{id}/test", "test-subscription", "Kirim percobaan · Send a test",
		func(ctx context.Context, in *ChangeSubscriptionInput) (*bodyOf[subscription.Delivery], error) {
			if _, err := s.endpoint(ctx, account.Act, in.ID); err != nil {
				return nil, err
			}
			d, err := store.Test(ctx, in.ID, s.Tenant)
			return &bodyOf[subscription.Delivery]{d}, err
		})
	subscribing(api, http.MethodPost, "/{id}/replay", "replay-subscription", "Kirim ulang · Send again", s.replay)
}

// subscribing registers an operation on endpoints.
func subscribing[I, O any](api huma.API, method, path, id, summary string, f func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: method, Path: "/api/v1/subscriptions" + path, OperationID: id, Summary: summary, Tags: []string{tagSubscriptions},
		Security: []map[string][]string{{"token": {}}}, Errors: []int{400, 401, 403, 404, 409, 422, 503}, RejectUnknownQueryParameters: true,
	}
	if method == http.MethodPost && path == "" {
		op.Description = "Events of the OPD's feed are posted as CloudEvents, signed as Standard Webhooks 1.0 has it (webhook-id, webhook-timestamp, webhook-signature). " +
			"Answer 2xx within fifteen seconds; the same event may come twice, with the same webhook-id. 410 ends the subscription, Retry-After puts it off."
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
}

// manages refuses a caller whose token or office is not good for it.
func (s *Server) manages(ctx context.Context, use account.Use, opd string) error {
	c, err := signedIn(ctx, use)
	if err != nil {
		return err
	}
	if err := answer.Subscribe(c.Actor.Role, c.Actor.Scope, opd); err != nil {
		return err
	}
	return answer.CodeTerms(s.DB, 0).Check(ctx, answer.Sought{OPD: []string{opd}}, answer.Path)
}

// endpoint returns an endpoint that the caller manages. One of another OPD is
// answered as one that is not there.
func (s *Server) endpoint(ctx context.Context, use account.Use, id uuid.UUID) (subscription.Subscription, error) {
	c, err := signedIn(ctx, use)
	if err != nil {
		return subscription.Subscription{}, err
	}
	x, err := s.Subscriptions.Get(ctx, id)
	if err == nil && answer.Subscribe(c.Actor.Role, c.Actor.Scope, x.OPD) != nil {
		err = domain.Refuse(domain.NotFound, "subscription.unknown", "id", id.String())
	}
	return x, err
}

func (s *Server) addSubscription(ctx context.Context, in *addSubscriptionInput) (*bodyOf[SubscriptionMade], error) {
	if err := s.manages(ctx, account.Act, in.Body.OPD); err != nil {
		return nil, err
	}
	actor := CallerOf(ctx).Actor
	id, err := commandID(in.Key, actor)
	if err != nil {
		return nil, err
	}
	r := subscription.Request{ID: id, OPD: in.Body.OPD, URL: in.Body.URL, Ordering: in.Body.Ordering, From: subscription.Now}
	if r.Ordering == "" {
		r.Ordering = subscription.OrderProposal
	}
	if in.Body.After != nil {
		r.From = *in.Body.After
	}
	made, secret, err := s.Subscriptions.Add(ctx, actor, r)
	return &bodyOf[SubscriptionMade]{SubscriptionMade{made, secret}}, err
}

// changed is an operation that changes an endpoint and answers it.
func (s *Server) changed(change func(context.Context, domain.Actor, uuid.UUID) error) func(context.Context, *ChangeSubscriptionInput) (*bodyOf[subscription.Subscription], error) {
	return func(ctx context.Context, in *ChangeSubscriptionInput) (*bodyOf[subscription.Subscription], error) {
		x, err := s.endpoint(ctx, account.Act, in.ID)
		if err != nil {
			return nil, err
		}
		if err := change(ctx, CallerOf(ctx).Actor, in.ID); err != nil {
			return nil, err
		}
		now, err := s.Subscriptions.Get(ctx, in.ID)
		if err != nil { // removed: as it was
			return &bodyOf[subscription.Subscription]{x}, nil
		}
		return &bodyOf[subscription.Subscription]{now}, nil
	}
}

func (s *Server) replay(ctx context.Context, in *replayInput) (*bodyOf[subscription.Subscription], error) {
	x, err := s.endpoint(ctx, account.Act, in.ID)
	if err != nil {
		return nil, err
	}
	after := in.Body.After
	switch {
	case (after == nil) == (in.Body.Since == nil):
		return nil, domain.Refuse(domain.Invalid, "subscription.from").At("/after")
	case after == nil:
		position, err := projections.Feed{DB: s.DB}.Since(ctx, x.OPD, *in.Body.Since)
		if err != nil {
			return nil, err
		}
		after = &position
	}
	if err := s.Subscriptions.Replay(ctx, CallerOf(ctx).Actor, in.ID, *after); err != nil {
		return nil, err
	}
	now, err := s.Subscriptions.Get(ctx, in.ID)
	return &bodyOf[subscription.Subscription]{now}, err
}
