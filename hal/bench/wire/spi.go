package wire

import (
	"fmt"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// txSize is the longest frame, as with the machine itself, bytes.
const txSize = 4096

// port implements spi.PortCloser.
type port struct {
	b     *Board
	name  string
	limit physic.Frequency
}

// String implements spi.Port.
func (p *port) String() string { return p.name }

// Close implements io.Closer.
func (p *port) Close() error { return nil }

// LimitSpeed implements spi.PortCloser.
func (p *port) LimitSpeed(f physic.Frequency) error {
	if f <= 0 {
		return fmt.Errorf("%s: speed %s", p, f)
	}
	p.limit = f
	return nil
}

// Connect implements spi.Port.
func (p *port) Connect(f physic.Frequency, mode spi.Mode, bits int) (spi.Conn, error) {
	if p.limit > 0 && (f == 0 || f > p.limit) {
		f = p.limit
	}
	a, err := p.b.ask(request{Op: opConnect, Name: p.name, A: int64(f), B: int64(mode), C: int64(bits)})
	if err != nil {
		return nil, err
	}
	return &spiConn{b: p.b, name: p.name, handle: a.N}, nil
}

// spiConn implements spi.Conn.
type spiConn struct {
	b      *Board
	name   string
	handle int
}

// String implements conn.Resource.
func (c *spiConn) String() string { return c.name }

// Duplex implements conn.Conn.
func (c *spiConn) Duplex() conn.Duplex { return conn.Full }

// MaxTxSize implements conn.Limits.
func (c *spiConn) MaxTxSize() int { return txSize }

// Tx implements conn.Conn; the display sends nothing back.
func (c *spiConn) Tx(w, r []byte) error {
	if len(r) != 0 && len(r) != len(w) {
		return fmt.Errorf("%s: %d bytes out, %d in", c.name, len(w), len(r))
	}
	clear(r)
	return c.frames([][]byte{w})
}

// TxPackets implements spi.Conn; KeepCS joins packets to one frame.
func (c *spiConn) TxPackets(packets []spi.Packet) error {
	var frames [][]byte
	var w []byte
	for i, p := range packets {
		clear(p.R)
		if w = append(w, p.W...); p.KeepCS && i < len(packets)-1 {
			continue
		}
		frames, w = append(frames, w), nil
	}
	return c.frames(frames)
}

func (c *spiConn) frames(frames [][]byte) error {
	_, err := c.b.ask(request{Op: opFrames, Handle: c.handle, Frames: frames})
	return err
}
