package wire

import (
	"context"
	"encoding/gob"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/usb"
)

// Board is a machine in another process, with the methods the kiosk's side of bench.Machine has.
// It is safe for use by several goroutines. When that process goes, every call fails with
// usb.ErrUnplugged and Done is closed.
type Board struct {
	conn  net.Conn
	clock atomic.Pointer[clock]
	gone  chan struct{}

	send sync.Mutex
	enc  *gob.Encoder

	mu      sync.Mutex
	last    uint64
	pending map[uint64]chan answer
}

// Dial connects to a machine; ctx bounds the connecting alone.
func Dial(ctx context.Context, path string) (*Board, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("reach the bench machine: %w", err)
	}
	return Attach(ctx, c)
}

// Attach uses a connection that somebody else has made, and closes it with the board; ctx bounds the
// greeting alone.
func Attach(ctx context.Context, c net.Conn) (*Board, error) {
	b := &Board{conn: c, gone: make(chan struct{}), enc: gob.NewEncoder(c), pending: map[uint64]chan answer{}}
	known := make(chan struct{})
	go b.listen(known)
	select {
	case <-known:
		return b, nil
	case <-b.gone:
	case <-ctx.Done():
	}
	b.Close()
	err := ctx.Err()
	if err == nil {
		err = errGone
	}
	return nil, fmt.Errorf("reach the bench machine: %w", err)
}

// listen takes answers until the connection ends; it closes known at the first news of the clock.
func (b *Board) listen(known chan struct{}) {
	defer close(b.gone)
	dec := gob.NewDecoder(b.conn)
	for first := true; ; {
		var a answer
		if dec.Decode(&a) != nil {
			return
		}
		if a.ID != 0 {
			if ch := b.take(a.ID); ch != nil {
				ch <- a
			}
			continue
		}
		b.clock.Store(&a.Clock)
		if first {
			close(known)
			first = false
		}
	}
}

// take returns where the answer of that identity is awaited, and forgets it.
func (b *Board) take(id uint64) chan answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	ch := b.pending[id]
	delete(b.pending, id)
	return ch
}

// call sends a request and waits for its answer. When the context ends it asks for cancellation,
// and still waits for what became of it.
func (b *Board) call(ctx context.Context, r request) (answer, error) {
	ch := make(chan answer, 1)
	b.mu.Lock()
	b.last++
	r.ID = b.last
	b.pending[r.ID] = ch
	b.mu.Unlock()
	b.transmit(r)
	done := ctx.Done()
	for {
		select {
		case a := <-ch:
			return a, a.err()
		case <-b.gone:
			b.take(r.ID)
			return answer{}, errGone
		case <-done:
			b.transmit(request{ID: r.ID, Op: opCancel})
			done = nil
		}
	}
}

// ask is call for what never waits.
func (b *Board) ask(r request) (answer, error) { return b.call(context.Background(), r) }

// transmit sends a request. A connection that fails is closed, which ends every call.
func (b *Board) transmit(r request) {
	b.send.Lock()
	defer b.send.Unlock()
	if b.enc.Encode(r) != nil {
		b.conn.Close()
	}
}

// Line returns a line of the header by name.
func (b *Board) Line(name string) (gpio.PinIO, error) {
	a, err := b.ask(request{Op: opLine, Name: name})
	if err != nil {
		return nil, err
	}
	return &pin{b: b, name: name, number: a.N}, nil
}

// SPI returns a port by name.
func (b *Board) SPI(name string) (spi.PortCloser, error) {
	if _, err := b.ask(request{Op: opSPI, Name: name}); err != nil {
		return nil, err
	}
	return &port{b: b, name: name}, nil
}

// USB returns the machine's bus.
func (b *Board) USB() usb.Bus { return bus{b} }

// Boot names the present run of the board; it changes at every power-on.
func (b *Board) Boot() string { return b.clock.Load().Boot }

// Now returns the time since the board's power-on, the wall clock and how far it may be off
// (negative = untrusted). It asks nobody: the machine tells changes of its clock by itself.
func (b *Board) Now() (up time.Duration, wall time.Time, err time.Duration) {
	c := b.clock.Load()
	return boottime() - c.Origin, time.Now().Add(c.Shift), c.Error
}

// Caption tells the page what the program would do at each window.
func (b *Board) Caption(c []bench.Caption) { b.transmit(request{Op: opCaption, Captions: c}) }

// Journal enters what the program did and how long that took.
func (b *Board) Journal(text string, took time.Duration) {
	b.transmit(request{Op: opJournal, Name: text, A: int64(took)})
}

// Done is closed when the machine is gone or Close was called.
func (b *Board) Done() <-chan struct{} { return b.gone }

// Close ends the connection; pipes are released.
func (b *Board) Close() error {
	b.conn.Close()
	<-b.gone
	return nil
}
