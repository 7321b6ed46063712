// Package follower is how a program hears of what was added to the log.
//
//	hub := follower.Open(store, pool, follower.Options{})
//	defer hub.Close()
//
// There are two kinds of follower. An ephemeral one belongs to somebody who
// remembers on their own how far they have read: a browser with its
// Last-Event-ID, an office's system with its lastEventId.
//
//	for r, err := range hub.Since(ctx, after, eventstore.Filter{}) { … }       // server-sent events
//	records, seen, err := hub.Next(ctx, after, 100, eventstore.Filter{})       // a long poll
//
// A durable one is a named group whose position the database remembers. It is a
// Watermill subscriber, so routers and their middleware work on it:
//
//	router, err := follower.NewRouter(logger, 30*time.Second)
//	letters := &follower.Group{Hub: hub, Filter: eventstore.Filter{Types: …}}
//	router.AddConsumerHandler("letters", "letters", letters, func(m *message.Message) error {
//		r, err := follower.Record(m) // the event
//		…
//	})
//	err = router.Run(ctx) // until ctx ends; then what is being handled is finished
//
// # What a group promises
//
//   - Every event its filter lets through is handed over, in the order of the log,
//     one at a time: the next one comes after the handler returned without error.
//   - At least once. The position is written down when the group has read all there
//     is, and after 64 events or 250 ms of them at the latest (Options.SaveEvery,
//     SaveWithin): whoever takes over after a crash repeats no more than that.
//     Handlers must bear the repetition; the message's UUID is the event's id.
//   - A handler that fails gets the same event again, after a pause that doubles up
//     to 30 seconds. Nothing is skipped and nothing overtakes: Standing.Failures is
//     what to alarm on.
//   - One process at a time leads a group, however many run it. It leads as long as
//     a connection of its own holds an advisory lock; when that ends another takes
//     over, within the Poll interval. A leader that was cut off may finish the
//     event it has in hand, and can no longer move the group's position.
//   - When a group is closed nothing is lost: the handler at work is waited for, its
//     message's context stays alive, and its position is kept.
//   - No transaction is open and no pooled connection is held while a handler works,
//     so that groups do not hold up one another and nothing of a transaction ever
//     stands in a position.
//
// A group that finds its position on another event than the one it left there, or
// on none, stops and says so: the log was restored from before it (Hub.Reset).
//
// # How it works
//
// A process reads the log once, whoever follows: the newest events stay in memory
// for all (tail), and each follower is no more than a position in them. So a slow
// one costs nothing; when it has fallen behind what is held it reads the database
// until it has caught up. What an event of the log took away (a text that was
// closed, a person who was erased) is let go of in memory too.
//
// The connection that leads groups must be a session of its own: a proxy that
// shares sessions between transactions would share the leadership too.
package follower
