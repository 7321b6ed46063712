package follower

// Held returns how many events are held in memory.
func (h *Hub) Held() int {
	h.tail.mu.Lock()
	defer h.tail.mu.Unlock()
	n := 0
	for _, e := range h.tail.ring {
		if e != nil {
			n++
		}
	}
	return n
}
