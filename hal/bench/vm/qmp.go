package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
)

// qmp speaks QEMU's machine protocol (QEMU documentation, "QMP protocol specification"): one
// command at a time; events are kept in a channel of their own.
type qmp struct {
	conn    net.Conn
	mu      sync.Mutex // one command at a time
	answers chan qmpMessage
	over    chan struct{} // closed after the last event
}

type qmpMessage struct {
	Greeting json.RawMessage `json:"QMP"`
	Return   json.RawMessage `json:"return"`
	Error    *struct{ Class, Desc string }
	Event    string
	Data     json.RawMessage
}

// newQMP greets QEMU on a fresh connection. events gets each event on the reading goroutine.
func newQMP(ctx context.Context, conn net.Conn, events func(name string, data json.RawMessage)) (*qmp, error) {
	q := &qmp{conn: conn, answers: make(chan qmpMessage, 1), over: make(chan struct{})}
	in := json.NewDecoder(conn)
	var hello qmpMessage
	if err := in.Decode(&hello); err != nil || hello.Greeting == nil {
		return nil, fmt.Errorf("no QMP greeting: %w", err)
	}
	go q.read(in, events)
	_, err := q.do(ctx, "qmp_capabilities", nil)
	return q, err
}

func (q *qmp) read(in *json.Decoder, events func(string, json.RawMessage)) {
	defer close(q.over)
	defer close(q.answers)
	for {
		var m qmpMessage
		if in.Decode(&m) != nil {
			return
		}
		if m.Event != "" {
			events(m.Event, m.Data)
			continue
		}
		q.answers <- m
	}
}

// do runs a command and returns its answer.
func (q *qmp) do(ctx context.Context, command string, args any) (json.RawMessage, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	request := map[string]any{"execute": command}
	if args != nil {
		request["arguments"] = args
	}
	if err := json.NewEncoder(q.conn).Encode(request); err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	select {
	case m, ok := <-q.answers:
		if !ok {
			return nil, fmt.Errorf("%s: QEMU is gone", command)
		}
		if m.Error != nil {
			return nil, fmt.Errorf("%s: %s", command, m.Error.Desc)
		}
		return m.Return, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", command, ctx.Err())
	}
}
