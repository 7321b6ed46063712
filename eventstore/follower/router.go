package follower

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"runut/domain"
)

// NewRouter returns a Watermill router whose handlers survive a panic and whose
// failures are told to their groups (Standing.LastError). It logs to log, what
// Watermill takes for news as debugging, and errors without personal details.
//
// Run it with a context and stop it by ending that context: handlers at work
// finish, for up to patience, and Run returns. Close does the same, but on a
// router that was never run it waits for all of patience; Stop does not.
func NewRouter(log *slog.Logger, patience time.Duration) (*message.Router, error) {
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: patience}, logger{
		watermill.NewSlogLoggerWithLevelMapping(log, map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug}),
	})
	if err != nil {
		return nil, err
	}
	router.AddMiddleware(KeepError, middleware.Recoverer)
	return router, nil
}

// A logger masks the errors of handlers, which may quote what they handled.
type logger struct{ watermill.LoggerAdapter }

func (l logger) Error(msg string, err error, fields watermill.LogFields) {
	if err != nil {
		err = errors.New(masked(err.Error()))
	}
	l.LoggerAdapter.Error(msg, err, fields)
}

func (l logger) With(fields watermill.LogFields) watermill.LoggerAdapter {
	return logger{l.LoggerAdapter.With(fields)}
}

// masked returns what of an error may be kept and logged.
func masked(text string) string {
	text = domain.Mask(text).Masked
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "") + "…"
	}
	return text
}

// Stop closes a router, at once where it was never run.
func Stop(router *message.Router) error {
	if !router.IsRunning() {
		return nil
	}
	return router.Close()
}

// KeepError tells the group why a handler failed. It stands outside every other
// middleware, so that it sees what is left after they did what they could.
func KeepError(next message.HandlerFunc) message.HandlerFunc {
	return func(m *message.Message) ([]*message.Message, error) {
		f, _ := m.Context().Value(faultKey{}).(*fault)
		out, err := next(m)
		if err != nil && f != nil {
			f.set(err)
		}
		return out, err
	}
}

// Poisonous is the filter for Watermill's PoisonQueueWithFilter: a handler that
// was interrupted is not to blame, and its event must come again. The plain
// PoisonQueue would put it aside and count it as handled.
//
// A queue for poison suits effects that do not depend on one another, such as
// letters. What must see every event in order is better left to stop and alarm.
func Poisonous(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, errLost)
}
