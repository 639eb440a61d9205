package appliance

import (
	"sync"
	"time"
)

// watch shows a technician which contacts close, and while it lasts keeps presses from the queue.
type watch struct {
	mu    sync.Mutex
	until time.Time
	all   []contact
	touch func() // tells the page
}

// contact is one button or handset button.
type contact struct {
	name  string
	down  bool
	taken bool // its press was kept from the queue, and so is its release
	count int
}

// add names a contact, in the order of the page.
func (w *watch) add(name string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.all {
		if c.name == name {
			return // its task was started again
		}
	}
	w.all = append(w.all, contact{name: name})
}

// begin keeps presses from the queue for a while; 0 ends that.
func (w *watch) begin(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = time.Now().Add(d)
	for i := range w.all {
		w.all[i].count = 0
	}
}

// edge takes an edge of a contact and reports whether it is kept from the queue. The release belongs to
// its press: one that began before the watch ends as usual, one that was kept is kept whole.
func (w *watch) edge(name string, pressed bool) (kept bool) {
	if w == nil {
		return false
	}
	defer w.touch()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.all {
		c := &w.all[i]
		if c.name != name {
			continue
		}
		c.down = pressed
		if pressed {
			c.taken = time.Now().Before(w.until)
			c.count++
		}
		return c.taken
	}
	return false
}

// contacts returns the contacts, and how long presses are still kept.
func (w *watch) contacts() ([]contact, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]contact(nil), w.all...), max(0, time.Until(w.until))
}
