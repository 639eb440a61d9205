package wire

import (
	"fmt"
	"io"
)

// Serial opens a serial port of the machine at a speed.
func (b *Board) Serial(name string, baud int) (io.WriteCloser, error) {
	a, err := b.ask(request{Op: opSerial, Name: name, A: int64(baud)})
	if err != nil {
		return nil, err
	}
	return &serial{b: b, handle: a.N}, nil
}

// serial implements io.WriteCloser over a port of the machine.
type serial struct {
	b      *Board
	handle int
}

// Write implements io.Writer.
func (s *serial) Write(p []byte) (int, error) {
	a, err := s.b.ask(request{Op: opSerialWrite, Handle: s.handle, Data: p})
	return a.N, err
}

// Close implements io.Closer.
func (s *serial) Close() error {
	_, err := s.b.ask(request{Op: opSerialClose, Handle: s.handle})
	return err
}

// serial does what a process asks of its serial ports.
func (s *session) serial(r request, a *answer) error {
	if r.Op == opSerial {
		p, err := s.m.Serial(r.Name, int(r.A))
		if err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.handle++
		a.N, s.serials[s.handle] = s.handle, p
		return nil
	}
	s.mu.Lock()
	p := s.serials[r.Handle]
	if r.Op == opSerialClose {
		delete(s.serials, r.Handle)
	}
	s.mu.Unlock()
	switch {
	case p == nil:
		return fmt.Errorf("no serial port %d", r.Handle)
	case r.Op == opSerialClose:
		return p.Close()
	}
	var err error
	a.N, err = p.Write(r.Data)
	return err
}
