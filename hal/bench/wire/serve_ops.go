package wire

import (
	"context"
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/hal/usb"
)

// maxRead bounds the buffer of one read, bytes.
const maxRead = 16 << 20

var errClosed = errors.New("pipe is closed")

// now does what never waits.
func (s *session) now(r request) (a answer) {
	switch r.Op {
	case opLine, opIn, opOut, opRead, opHalt:
		a.fail(s.line(r, &a))
	case opSPI, opConnect, opFrames:
		a.fail(s.spi(r, &a))
	case opDevices:
		var err error
		a.Devices, err = s.m.USB().Devices()
		a.fail(err)
	case opOpen:
		a.fail(s.open(r, &a))
	case opPipeClose:
		s.mu.Lock()
		p := s.pipes[r.Handle]
		delete(s.pipes, r.Handle)
		s.mu.Unlock()
		if p != nil {
			a.fail(p.Close())
		}
	case opSerial, opSerialWrite, opSerialClose:
		a.fail(s.serial(r, &a))
	case opCaption:
		s.captions = true
		s.m.Caption(r.Captions)
	case opJournal:
		s.m.Journal(r.Name, time.Duration(r.A))
	default:
		a.fail(fmt.Errorf("unknown operation %d", r.Op))
	}
	return a
}

func (s *session) line(r request, a *answer) error {
	l, err := s.m.Line(r.Name)
	if err != nil {
		return err
	}
	switch r.Op {
	case opLine:
		a.N = l.Number()
	case opIn:
		return l.In(gpio.Pull(r.A), gpio.Edge(r.B))
	case opOut:
		return l.Out(gpio.Level(r.On))
	case opRead:
		a.On = bool(l.Read())
	case opHalt:
		return l.Halt()
	}
	return nil
}

func (s *session) spi(r request, a *answer) error {
	if r.Op == opFrames {
		s.mu.Lock()
		c := s.ports[r.Handle]
		s.mu.Unlock()
		if c == nil {
			return fmt.Errorf("no SPI connection %d", r.Handle)
		}
		for _, w := range r.Frames {
			if err := c.Tx(w, nil); err != nil {
				return err
			}
		}
		return nil
	}
	p, err := s.m.SPI(r.Name)
	if err != nil || r.Op == opSPI {
		return err
	}
	c, err := p.Connect(physic.Frequency(r.A), spi.Mode(r.B), int(r.C))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handle++
	a.N = s.handle
	s.ports[a.N] = c
	return nil
}

func (s *session) open(r request, a *answer) error {
	p, err := s.m.USB().Open(r.Device, int(r.A), int(r.B))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handle++
	a.N = s.handle
	s.pipes[a.N] = p
	return nil
}

// wait does what may wait for something to happen.
func (s *session) wait(ctx context.Context, r request) (a answer) {
	if r.Op == opEdge {
		a.fail(s.edge(ctx, r, &a))
		return a
	}
	s.mu.Lock()
	p := s.pipes[r.Handle]
	s.mu.Unlock()
	if p == nil {
		a.fail(errClosed)
		return a
	}
	a.fail(transfer(ctx, p, r, &a))
	return a
}

func (s *session) edge(ctx context.Context, r request, a *answer) error {
	l, err := s.m.Line(r.Name)
	if err != nil {
		return err
	}
	if r.A >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(r.A))
		defer cancel()
	}
	for {
		level, at, ok := l.(edgeLine).NextEdge(ctx)
		if !ok {
			return nil
		}
		a.Edges = append(a.Edges, edge{bool(level), at})
		var over context.CancelFunc
		ctx, over = context.WithCancel(ctx)
		over() // of the others only what is there
	}
}

func transfer(ctx context.Context, p usb.Pipe, r request, a *answer) (err error) {
	switch r.Op {
	case opPipeWrite:
		a.N, err = p.Write(ctx, r.Data)
	case opPipeRead:
		b := make([]byte, max(0, min(r.A, maxRead)))
		a.N, err = p.Read(ctx, b)
		a.Data = b[:a.N]
	case opPipeControl:
		b := r.Data
		if r.Setup.RequestType&0x80 != 0 {
			b = make([]byte, max(0, min(r.A, 0xffff)))
		}
		a.N, err = p.Control(ctx, r.Setup, b)
		if r.Setup.RequestType&0x80 != 0 {
			a.Data = b[:a.N]
		}
	case opPipeClear:
		err = p.ClearHalt(r.On)
	}
	return err
}
