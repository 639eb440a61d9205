package vm

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"sps-kiosk/hal/bench/vm/guest"
)

// channel is the bench's end of the line to the agent.
type channel struct {
	conn   net.Conn
	ready  chan guest.Message // one per boot
	record func(Record)
	log    func(format string, a ...any)

	mu        sync.Mutex
	gone      error // why the guest is no more
	next      uint64
	waiting   map[uint64]chan guest.Message
	processes map[string]*Process
	over      chan struct{} // closed with gone
}

var errReset = errors.New("guest was reset")

func newChannel(conn net.Conn, record func(Record), log func(string, ...any)) *channel {
	return &channel{
		conn: conn, record: record, log: log,
		ready:     make(chan guest.Message, 16),
		waiting:   map[uint64]chan guest.Message{},
		processes: map[string]*Process{},
		over:      make(chan struct{}),
	}
}

// run reads until the connection ends, which is the end of the guest.
func (c *channel) run() {
	in := bufio.NewReaderSize(c.conn, 256<<10)
	var err error
	for err == nil {
		var line []byte
		if line, err = in.ReadBytes('\n'); err == nil {
			c.take(line)
		}
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("guest is off")
	}
	c.end(err)
	c.mu.Lock()
	c.gone = err
	c.mu.Unlock()
	close(c.over)
}

// end tells everybody who waits that no answer will come any more.
func (c *channel) end(err error) {
	c.mu.Lock()
	waiting, processes := c.waiting, c.processes
	c.waiting, c.processes = map[uint64]chan guest.Message{}, map[string]*Process{}
	c.mu.Unlock()
	for _, w := range waiting {
		w <- guest.Message{Text: err.Error()}
	}
	for _, p := range processes {
		p.exit(Exit{Err: err})
	}
}

func (c *channel) take(line []byte) {
	var m guest.Message
	if err := json.Unmarshal(line, &m); err != nil {
		c.log("cut-off message: %.60q", line) // a reset came in the middle of it
		return
	}
	switch m.Kind {
	case guest.KindReady:
		c.end(errReset) // of the boot before
		c.ready <- m
	case guest.KindAnswer:
		c.mu.Lock()
		w := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if w != nil {
			w <- m
		}
	case guest.KindRecords:
		c.records(m.Data)
	case guest.KindOutput, guest.KindExit:
		c.process(m)
	}
}

func (c *channel) records(data []byte) {
	for _, r := range parseRecords(data, c.log) {
		c.record(r)
	}
}

func (c *channel) process(m guest.Message) {
	c.mu.Lock()
	p := c.processes[m.Name]
	if m.Kind == guest.KindExit {
		delete(c.processes, m.Name)
	}
	c.mu.Unlock()
	c.log("%s: %s", m.Name, m.Text)
	switch {
	case p == nil:
	case m.Kind == guest.KindOutput:
		p.line(Line{Nanos: m.Nanos, Text: m.Text})
	default:
		p.exit(exitOf(m))
	}
}

// ask sends a request and waits for its answer; p, if not nil, is to hear of process r.Name.
func (c *channel) ask(ctx context.Context, r guest.Request, p *Process) (guest.Message, error) {
	answer := make(chan guest.Message, 1)
	c.mu.Lock()
	if c.gone != nil {
		c.mu.Unlock()
		return guest.Message{}, fmt.Errorf("%s: %w", r.Do, c.gone)
	}
	c.next++
	r.ID = c.next
	c.waiting[r.ID] = answer
	if p != nil {
		r.Name = fmt.Sprintf("%s#%d", r.Name, r.ID)
		p.name = r.Name
		c.processes[r.Name] = p
	}
	line, err := json.Marshal(r)
	if err == nil {
		_, err = c.conn.Write(append(line, '\n'))
	}
	c.mu.Unlock()
	if err != nil {
		return guest.Message{}, fmt.Errorf("%s: %w", r.Do, err)
	}
	select {
	case m := <-answer:
		if m.Text != "" {
			return m, fmt.Errorf("%s %s: %s", r.Do, r.Path, m.Text)
		}
		return m, nil
	case <-ctx.Done():
		return guest.Message{}, fmt.Errorf("%s: no answer from the guest: %w", r.Do, ctx.Err())
	}
}
