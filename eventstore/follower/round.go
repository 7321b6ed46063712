package follower

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// round gives back, makes sure of and asks for leaderships.
func (h *Hub) round(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	h.council.mu.Lock()
	h.council.poked = false
	h.council.mu.Unlock()
	if err := h.giveBack(ctx, conn); err != nil {
		return err
	}
	if err := h.makeSure(ctx, conn); err != nil {
		return err
	}
	return h.ask(ctx, conn)
}

// giveBack frees the groups that this process wants to lead no longer.
func (h *Hub) giveBack(ctx context.Context, conn *pgx.Conn) error {
	c := &h.council
	c.mu.Lock()
	quits := c.quits
	c.quits = nil
	c.mu.Unlock()
	if len(quits) == 0 {
		return nil
	}
	groups, tokens := make([]string, len(quits)), make([]uuid.UUID, len(quits))
	for i, l := range quits {
		groups[i], tokens[i] = l.group, l.token
	}
	var batch pgx.Batch
	batch.Queue(`
		update consumers c
		   set leader = null, leader_name = null, leading_since = null
		  from unnest($1::text[], $2::uuid[]) as quit (name, leader)
		 where c.name = quit.name and c.leader = quit.leader`, groups, tokens)
	batch.Queue(`
		select pg_advisory_unlock(hashtextextended('runut group ' || name, 0))
		  from unnest($1::text[]) as name`, groups)
	batch.Queue(`select pg_notify('runut_groups', '')`)
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range quits {
		c.drop(l)
	}
	return nil
}

// makeSure ends the leases of groups whose row no longer names them: somebody
// set the position. The lock is kept until the group has come to rest.
func (h *Hub) makeSure(ctx context.Context, conn *pgx.Conn) error {
	c := &h.council
	c.mu.Lock()
	tokens := make([]uuid.UUID, 0, len(c.leads))
	for _, l := range c.leads {
		tokens = append(tokens, l.token)
	}
	c.mu.Unlock()
	if len(tokens) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, `
		select token
		  from unnest($1::uuid[]) as token
		 where not exists (select from consumers where leader = token)`, tokens)
	if err != nil {
		return err
	}
	lost, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.leads {
		for _, token := range lost {
			if l.token == token {
				l.lose(errLost)
			}
		}
	}
	return nil
}

// ask tries to get the groups this process wants to lead.
func (h *Hub) ask(ctx context.Context, conn *pgx.Conn) error {
	c := &h.council
	var groups []string
	var tokens []uuid.UUID
	c.mu.Lock()
	for group := range c.wants {
		if c.leads[group] == nil { // a lock is held as often as it was taken
			groups, tokens = append(groups, group), append(tokens, uuid.New())
		}
	}
	c.mu.Unlock()
	if len(groups) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, `
		with tried as materialized (
			select name, token, pg_try_advisory_lock(hashtextextended('runut group ' || name, 0)) as got
			  from unnest($1::text[], $2::uuid[]) as wanted (name, token))
		update consumers c
		   set leader = tried.token, leader_name = $3, leading_since = clock_timestamp()
		  from tried
		 where tried.got and c.name = tried.name
		returning c.name, c.leader`, groups, tokens, h.options.Name)
	if err != nil {
		return err
	}
	got, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*lease, error) {
		l := &lease{freed: make(chan struct{})}
		l.ctx, l.lose = context.WithCancelCause(context.Background())
		return l, row.Scan(&l.group, &l.token)
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range got {
		c.leads[l.group] = l
		if hand, ok := c.wants[l.group]; ok {
			delete(c.wants, l.group)
			hand <- l
		} else { // it was asked for and then not wanted
			c.quits = append(c.quits, l)
			c.poked = true
		}
	}
	return nil
}
