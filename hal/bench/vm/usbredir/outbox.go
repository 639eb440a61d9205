package usbredir

import (
	"io"
	"sync"
)

// outbox writes packets in order without ever making the sender wait: QEMU does not read while the
// guest is paused, and a model must not hang on that.
type outbox struct {
	mu     sync.Mutex
	filled *sync.Cond
	queue  [][]byte
	closed bool
}

func newOutbox() *outbox {
	o := &outbox{}
	o.filled = sync.NewCond(&o.mu)
	return o
}

func (o *outbox) put(b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue = append(o.queue, b)
	o.filled.Signal()
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.filled.Signal()
}

// run writes until close or a write error.
func (o *outbox) run(w io.Writer) {
	for {
		o.mu.Lock()
		for len(o.queue) == 0 && !o.closed {
			o.filled.Wait()
		}
		batch, closed := o.queue, o.closed
		o.queue = nil
		o.mu.Unlock()
		for _, b := range batch {
			if _, err := w.Write(b); err != nil {
				return // the reading side sees the same and ends
			}
		}
		if closed {
			return
		}
	}
}
