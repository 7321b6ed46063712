// Package subscription sends an OPD's feed to a system of its own: webhooks as
// Standard Webhooks 1.0 has them, each a CloudEvent, the same that the pull feed
// answers with.
//
// An endpoint is a cursor over the feed and no queue, so that nothing is copied,
// nothing is lost while it is away, and everything can be sent again from any
// position or day.
//
//   - At least once. What was sent carries the id of its event, the same at every
//     attempt; the receiver remembers what it has taken.
//   - In order: of each proposal (OrderProposal), where one that is not taken is
//     held back and the others go on, or of all of them (OrderEndpoint), where
//     nothing overtakes.
//   - A receiver that is away is asked again after 5 seconds, 5 minutes, half an
//     hour and so on (schedule), or when it says (Retry-After). After five days it
//     is disabled, at once where it answers 410 Gone.
//   - Nobody is sent anything who cannot be reached from the internet, unless this
//     installation says so (Dialer): an address is judged when it is dialled, and
//     no redirect is followed.
//   - No transaction is open and no pooled connection is held while a receiver
//     takes its time. Who sends to an endpoint holds a lease on it, so any number
//     of processes share the work.
//
// What is sent is what the feed holds: released by nobody but the OPD's own
// entitlement to it, and without personal data.
package subscription
