package virtusb

import (
	"bytes"
	"sync"
)

// pieces bounds what an InPipe keeps for a host that does not read; the oldest goes first.
const pieces = 1024

// InPipe feeds a bulk IN endpoint as a device does: a transfer ends when it is full or where a
// piece of data ends, which takes a packet of zero length if the last one was full. The zero value
// is ready for use.
type InPipe struct {
	mu   sync.Mutex
	wait []*Transfer
	data [][]byte
}

// Take queues a transfer of the host.
func (p *InPipe) Take(t *Transfer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgetCancelled()
	p.wait = append(p.wait, t)
	p.feed()
}

// Send queues a copy of a piece of data.
func (p *InPipe) Send(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.data) == pieces {
		p.data = p.data[1:]
	}
	p.data = append(p.data, bytes.Clone(b))
	p.feed()
}

// Clear forgets the data queued. Transfers of the host stay and wait for what comes next.
func (p *InPipe) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.data = nil
	p.forgetCancelled()
}

func (p *InPipe) forgetCancelled() {
	var still []*Transfer
	for _, t := range p.wait {
		if !t.Over() {
			still = append(still, t)
		}
	}
	p.wait = still
}

func (p *InPipe) feed() {
	for len(p.wait) > 0 && len(p.data) > 0 {
		t, b := p.wait[0], p.data[0]
		p.wait = p.wait[1:]
		n := min(len(b), t.Len)
		if !t.Reply(b[:n]) {
			continue // cancelled meanwhile: the data waits for the next one
		}
		if p.data[0] = b[n:]; n < t.Len {
			p.data = p.data[1:]
		}
	}
}
