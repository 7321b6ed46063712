package demo

import (
	"cmp"
	"container/heap"
	"time"
)

// An appointment is something that is to happen at a time.
type appointment struct {
	at    time.Time
	order int // of making the appointment, among those of one time
	do    func()
}

// An agenda is a heap of appointments, the next one first. The kabupaten's
// offices work side by side; the agenda puts what they do into the order of time.
type agenda []appointment

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return cmp.Or(a[i].at.Compare(a[j].at), cmp.Compare(a[i].order, a[j].order)) < 0
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(appointment)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// on lets something happen so many days before the demo is made, within the
// hour.
func (w *world) on(before, hour int, do func()) {
	w.push(w.at(before, hour).Add(time.Duration(w.random.IntN(3600))*time.Second), do)
}

// push lets something happen at a moment.
func (w *world) push(at time.Time, do func()) {
	w.made++
	heap.Push(&w.agenda, appointment{at, w.made, do})
}

// run lets everything on the agenda happen, and what is put on it meanwhile.
func (w *world) run() {
	for w.agenda.Len() > 0 {
		next := heap.Pop(&w.agenda).(appointment)
		if next.at.After(w.now) {
			w.now = next.at
		}
		next.do()
	}
}
