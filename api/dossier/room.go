package dossier

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"runut/domain"
)

// A Room bounds how many dossiers of several proposals a process makes at once: each
// takes a processor for minutes. Whoever finds it full is told to come again. The zero
// Room is ready.
type Room struct {
	Places   int           // 0: 2
	Patience time.Duration // how long somebody may leave lying what was sent to them; 0: a minute

	taken atomic.Int32
}

// Enter takes a place. It refuses with dossier.busy (Unready).
func (r *Room) Enter() (*Place, error) {
	places := cmp.Or(r.Places, 2)
	if r.taken.Add(1) > int32(places) {
		r.taken.Add(-1)
		return nil, domain.Refuse(domain.Unready, "dossier.busy", "most", strconv.Itoa(places))
	}
	return &Place{r}, nil
}

// A Place is one of a Room. The nil Place is outside any.
type Place struct{ room *Room }

// Leave gives the place back; it is called once.
func (p *Place) Leave() {
	if p != nil {
		p.room.taken.Add(-1)
	}
}

func (p *Place) patience() time.Duration {
	if p == nil {
		return time.Minute
	}
	return cmp.Or(p.room.Patience, time.Minute)
}

// patient writes to somebody who may not stop reading for longer than that, and then
// loses the connection: else one who reads nothing would keep a place for ever.
type patient struct {
	to      http.ResponseWriter
	control *http.ResponseController
	span    time.Duration
}

func (p patient) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(p.span)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.to.Write(b)
}
