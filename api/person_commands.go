package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/account"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/grant"
	"runut/domain/person"
)

const (
	tagPersons = "Orang"
	tagGrants  = "Penugasan"
)

// personCommands register people, give and revoke their grants, and hand them
// their first way to sign in.
func (s *Server) personCommands(api huma.API) {
	post[plainInput](s, api, command[person.Registered]{
		Path: "/persons", ID: "register-person", Summary: "Daftarkan orang · Register a person", Tag: tagPersons,
		Doc: "The answer's receipt names the stream of the person, person- and the pseudonym by which grants name them. Name and numbers are sealed at once; no answer repeats them.",
		Make: func(t target, b *person.Registered) (act.Act, int, error) {
			Tidy(&b.Name, &b.NIK, &b.Phone, &b.Email)
			return act.OnPerson{Person: person.Pseudonym(t.Command), Ask: b}, 0, nil
		},
	})
	post[idInput](s, api, command[person.DetailsCorrected]{
		Path: "/persons/{id}/correct", ID: "correct-person", Summary: "Betulkan nama atau nomor · Correct a name or number", Tag: tagPersons, Stream: onPerson,
		Doc: "What is left out stays as it was. What stood before stays sealed until the person is erased.",
		Make: func(t target, b *person.DetailsCorrected) (act.Act, int, error) {
			Tidy(&b.Name, &b.NIK, &b.Phone, &b.Email)
			return act.OnPerson{Person: t.ID, Ask: b}, 0, nil
		},
	})
	post[plainInput](s, api, command[grant.Given]{
		Path: "/grants", ID: "give-grant", Summary: "Beri penugasan · Give a grant", Tag: tagGrants, Hide: []string{"second_approver", "first"},
		Doc: "Two persons: the second one's token goes into Runut-Second-Token.",
		Make: func(t target, b *grant.Given) (act.Act, int, error) {
			return act.OnGrant{Grant: grant.Stream(t.Command.String()), Ask: b, Definition: s.Current}, 0, nil
		},
	})
	post[idInput](s, api, command[grant.Revoked]{
		Path: "/grants/{id}/revoke", ID: "revoke-grant", Summary: "Cabut penugasan · Revoke a grant", Tag: tagGrants, Stream: onGrant,
		Make: func(t target, b *grant.Revoked) (act.Act, int, error) {
			return act.OnGrant{Grant: grant.Stream(t.ID), Ask: b}, 0, nil
		},
	})
	s.invitations(api)
}

func onPerson(t target) string { return person.Stream(t.ID) }
func onGrant(t target) string  { return grant.Stream(t.ID) }

// Tidy takes away what nobody means to write around a detail, and what people
// write within numbers.
func Tidy(name, nik, phone, email *domain.Secret) {
	name.Plain = strings.Join(strings.Fields(name.Plain), " ")
	email.Plain = strings.TrimSpace(email.Plain)
	for _, number := range []*domain.Secret{nik, phone} {
		number.Plain = strings.NewReplacer(" ", "", ".", "", "-", "").Replace(number.Plain)
	}
}

// An InvitationInput invites the holder of a grant.
type InvitationInput struct {
	ID     string `path:"id" maxLength:"80" doc:"Id of the grant, without \"grant-\""`
	Key    string `header:"Idempotency-Key" doc:"Id of the command, best a UUID. Asked again before the code was used, it gives a new code and ends the one before."`
	Second string `header:"Runut-Second-Token" doc:"Token of the second person who approves."`
}

// An Invitation is a code to sign in with, once.
type Invitation struct {
	Code    string    `json:"code" doc:"Shown once. Hand it to the person and to nobody else; typed at /masuk it becomes a token."`
	Grant   string    `json:"grant" doc:"Stream of the grant"`
	Expires time.Time `json:"expires"`
	Receipt Receipt   `json:"receipt"`
}

// An AcceptInput hands a code in.
type AcceptInput struct {
	Body struct {
		Code string `json:"code" doc:"As it was handed out" example:"rni_0123456789abcdefghjkmnpq"`
	}
}

// A NewToken is what a code was exchanged for.
type NewToken struct {
	Token   string    `json:"token" doc:"Shown once"`
	Grant   string    `json:"grant"`
	Expires time.Time `json:"expires"`
}

func (s *Server) invitations(api huma.API) {
	huma.Register(api, huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/grants/{id}/invite", OperationID: "invite", Tags: []string{tagGrants},
		Summary:       "Beri kode masuk · Hand out a code to sign in",
		Description:   "Takes the same two persons as giving the grant, neither of them its holder. The code is good for seven days, for one person's first sign-in.",
		DefaultStatus: http.StatusOK, Errors: []int{400, 401, 403, 404, 409, 422, 503}, Security: []map[string][]string{{"token": {}}},
	}, func(ctx context.Context, in *InvitationInput) (*one[Invitation], error) {
		caller, err := signedIn(ctx, account.Act)
		if err != nil {
			return nil, problem(ctx, err)
		}
		_, at, err := idInput{ID: in.ID}.split()
		if err != nil {
			return nil, problem(ctx, err)
		}
		second, err := s.Second(ctx, in.Second)
		if err != nil {
			return nil, problem(ctx, err)
		}
		invited, err := s.Invite(ctx, caller, second, onGrant(at), in.Key)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return &one[Invitation]{Position: invited.Receipt.Last, Body: *invited}, nil
	})
	huma.Register(api, huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/public/invitations/accept", OperationID: "accept-invitation", Tags: []string{tagGrants},
		Summary: "Tukar kode masuk dengan token · Exchange a code for a token", Description: "Needs no token. A code works once.",
		DefaultStatus: http.StatusOK, Errors: []int{400, 403, 409, 422, 503}, MaxBodyBytes: 4096, SkipValidateBody: true,
	}, func(ctx context.Context, in *AcceptInput) (*one[NewToken], error) {
		got, err := s.Tokens.Accept(ctx, in.Body.Code)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return &one[NewToken]{Body: NewToken{Token: got.Token, Grant: got.Grant, Expires: got.Expires}}, nil
	})
}

// invitationDays is how long a code waits for its person.
const invitationDays = 7

// Invite records that the holder of a grant is given a code, and makes it. Only
// once it is recorded there is a code: where making it fails, the same key asked
// again makes it.
func (s *Server) Invite(ctx context.Context, by Caller, second *domain.Actor, stream, key string) (*Invitation, error) {
	id, err := commandID(key, by.Actor)
	if err != nil {
		return nil, err
	}
	expires := time.Now().Add(invitationDays * 24 * time.Hour).UTC().Truncate(time.Second)
	got, err := s.Do(ctx, Ask{Act: act.OnGrant{Grant: stream, Ask: &grant.Invited{Until: expires}}, Actor: by.Actor, Second: second, Command: id,
		Fingerprint: s.Fingerprint(by.Actor, "/grants/{id}/invite\x00"+stream, nil), Version: -1})
	if err != nil {
		return nil, err
	}
	code, expires, err := s.Tokens.Invite(ctx, id, stream, expires)
	if err != nil {
		return nil, err
	}
	return &Invitation{Code: code, Grant: stream, Expires: expires, Receipt: s.receipt(got)}, nil
}

// ParseDay reads a local day, 2026-11-02, as its beginning.
func ParseDay(typed string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(typed), zone)
	if err != nil {
		return day, domain.Refuse(domain.Invalid, "lists.day", "day", clip(typed))
	}
	return day, nil
}
