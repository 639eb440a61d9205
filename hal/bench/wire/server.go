package wire

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/usb"
)

// edgeLine is what a machine's line can do beyond gpio.PinIO.
type edgeLine interface {
	gpio.PinIO
	NextEdge(ctx context.Context) (gpio.Level, time.Duration, bool)
}

// Serve offers the machine to kiosk processes until the context ends; then it returns nil and all
// connections are closed. When a process dies, its pipes are released and its captions cleared;
// the lines stay as they are.
func Serve(ctx context.Context, l net.Listener, m *bench.Machine) error {
	return ServeFaulty(ctx, l, m, nil)
}

// ServeFaulty is Serve on a machine whose operations may fail: fault is asked before every operation on a
// line, a port or a pipe by its name ("spi transfer", "usb write" …), and what it returns is what the
// kiosk gets instead. It is called from several goroutines; nil never fails.
func ServeFaulty(ctx context.Context, l net.Listener, m *bench.Machine, fault func(operation string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var sessions sync.WaitGroup
	defer sessions.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept a kiosk process: %w", err)
		}
		sessions.Go(func() { serve(ctx, c, m, fault) })
	}
}

// session is one connected process.
type session struct {
	m     *bench.Machine
	ctx   context.Context
	fault func(operation string) error // nil = none

	send sync.Mutex
	enc  *gob.Encoder

	mu     sync.Mutex
	calls  map[uint64]context.CancelFunc
	pipes  map[int]usb.Pipe
	ports  map[int]spi.Conn
	handle int

	serials map[int]io.WriteCloser

	captions bool // has set some; only the reading goroutine knows
}

func serve(ctx context.Context, c net.Conn, m *bench.Machine, fault func(string) error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	s := &session{
		m: m, ctx: ctx, fault: fault, enc: gob.NewEncoder(c),
		calls: map[uint64]context.CancelFunc{}, pipes: map[int]usb.Pipe{}, ports: map[int]spi.Conn{},
		serials: map[int]io.WriteCloser{},
	}
	var tasks sync.WaitGroup
	tasks.Go(s.tellClock)
	dec := gob.NewDecoder(c)
	for {
		var r request
		if dec.Decode(&r) != nil {
			break
		}
		s.accept(&tasks, r)
	}
	cancel()
	s.release()
	tasks.Wait()
}

// accept runs what may wait in a goroutine of its own, and the rest at once and in order.
func (s *session) accept(tasks *sync.WaitGroup, r request) {
	if a, broken := s.broken(r.Op); broken {
		s.answer(r.ID, a)
		return
	}
	switch r.Op {
	case opCancel:
		s.mu.Lock()
		defer s.mu.Unlock()
		if cancel := s.calls[r.ID]; cancel != nil {
			cancel()
		}
	case opEdge, opPipeWrite, opPipeRead, opPipeControl, opPipeClear:
		ctx := s.begin(r.ID)
		tasks.Go(func() {
			a := s.wait(ctx, r)
			s.end(r.ID)
			s.answer(r.ID, a)
		})
	default:
		s.answer(r.ID, s.now(r))
	}
}

// broken asks for the fault of an operation of the machine.
func (s *session) broken(o op) (a answer, broken bool) {
	name, isOurs := operations[o]
	if s.fault == nil || !isOurs {
		return a, false
	}
	err := s.fault(name)
	a.fail(err)
	return a, err != nil
}

func (s *session) begin(id uint64) context.Context {
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[id] = cancel
	return ctx
}

func (s *session) end(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[id]()
	delete(s.calls, id)
}

// answer sends an answer; a connection that fails also ends the reading side.
func (s *session) answer(id uint64, a answer) {
	if id != 0 {
		a.ID = id
		s.transmit(a)
	}
}

func (s *session) transmit(a answer) {
	s.send.Lock()
	defer s.send.Unlock()
	s.enc.Encode(a)
}

// tellClock sends the clock at the beginning and whenever it was changed.
func (s *session) tellClock() {
	var told bench.Clock
	for seq := uint64(0); ; {
		c := s.m.Clock()
		if c != told {
			told = c
			s.transmit(answer{Clock: clock{
				Boot: c.Boot, Origin: boottime() - time.Since(c.On), Shift: c.Shift, Error: c.Error,
			}})
		}
		var err error
		if seq, err = s.m.Newer(s.ctx, seq); err != nil {
			return
		}
	}
}

// release gives back what the process held.
func (s *session) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pipes {
		p.Close()
	}
	for _, p := range s.serials {
		p.Close()
	}
	if s.captions {
		s.m.Caption(nil)
	}
}
