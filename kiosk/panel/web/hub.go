package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// Region is a part of a page that is painted as a whole: the id of its element, and what is in it.
type Region struct {
	ID   string
	HTML string
}

// Painter paints the regions of a topic as they are now. It is called by the hub alone, never twice at
// once, and only while somebody looks. It must not wait.
type Painter func() ([]Region, error)

// ErrCrowded means that as many look already as the kiosk can bear.
var ErrCrowded = errors.New("too many streams")

// Times of the hub.
const (
	settle = 15 * time.Millisecond // the shortest time between two paintings: a storm of presses costs no more
	repeat = 5 * time.Second       // a painting without news: minutes go on while nothing happens
)

// Hub tells pages what is new. Of each region only the last painting is kept, for everybody: who is slow
// misses what was in between, never what is.
type Hub struct {
	most  int
	touch chan struct{}

	mu     sync.Mutex
	topics map[string]*topic
	count  int
}

// topic is what all viewers of one page have in common.
type topic struct {
	paint   Painter
	regions map[string]painted
	order   []string
	viewers map[*viewer]struct{}
}

// painted is a region with the number of its painting.
type painted struct {
	number  uint64
	message []byte // "id":"html"
}

// viewer is one stream.
type viewer struct {
	wake chan struct{}
	seen map[string]uint64
}

// NewHub returns a hub for at most so many streams.
func NewHub(most int) *Hub {
	return &Hub{most: most, touch: make(chan struct{}, 1), topics: map[string]*topic{}}
}

// Touch says that something may have changed. It never waits, and may be called from anywhere.
func (h *Hub) Touch() {
	select {
	case h.touch <- struct{}{}:
	default:
	}
}

// Run paints until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	again := time.NewTicker(repeat)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.touch:
		case <-again.C:
		}
		h.mu.Lock()
		for _, t := range h.topics {
			t.repaint()
		}
		h.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(settle):
		}
	}
}

// Streams returns how many look now.
func (h *Hub) Streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// join adds a viewer of a topic, painting it if nobody has looked so far.
func (h *Hub) join(name string, paint Painter) (*viewer, func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count >= h.most {
		return nil, nil, ErrCrowded
	}
	t := h.topics[name]
	if t == nil {
		t = &topic{paint: paint, regions: map[string]painted{}, viewers: map[*viewer]struct{}{}}
		h.topics[name] = t
		t.repaint()
	}
	v := &viewer{wake: make(chan struct{}, 1), seen: map[string]uint64{}}
	v.wake <- struct{}{}
	t.viewers[v] = struct{}{}
	h.count++
	return v, func() { h.leave(name, v) }, nil
}

func (h *Hub) leave(name string, v *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[name]
	delete(t.viewers, v)
	h.count--
	if len(t.viewers) == 0 {
		delete(h.topics, name)
	}
}

// news returns the message with every region that the viewer has not seen; nil = none.
func (h *Hub) news(name string, v *viewer) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[name]
	var out bytes.Buffer
	for _, id := range t.order {
		p := t.regions[id]
		if v.seen[id] == p.number {
			continue
		}
		v.seen[id] = p.number
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.Write(p.message)
	}
	if out.Len() == 0 {
		return nil
	}
	return append(append([]byte{'{'}, out.Bytes()...), '}')
}

// repaint paints a topic and wakes its viewers if anything is new. A painting that went wrong leaves
// what was there: the page says itself when it is too old.
func (t *topic) repaint() {
	regions, err := t.paint()
	if err != nil {
		return
	}
	news := false
	for _, r := range regions {
		message := line(r)
		old, known := t.regions[r.ID]
		if known && bytes.Equal(old.message, message) {
			continue
		}
		if !known {
			t.order = append(t.order, r.ID)
		}
		t.regions[r.ID] = painted{old.number + 1, message}
		news = true
	}
	if !news {
		return
	}
	for v := range t.viewers {
		select {
		case v.wake <- struct{}{}:
		default:
		}
	}
}

// line writes "id":"html" as JSON, on one line.
func line(r Region) []byte {
	id, _ := json.Marshal(r.ID) // a string always can be written
	html, _ := json.Marshal(r.HTML)
	return append(append(id, ':'), html...)
}
