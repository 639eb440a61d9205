package bench

import (
	"errors"
	"fmt"
	"math/bits"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// maxClock is what the chips take (MAX7219 data sheet, page 4: tCP at least 100 ns).
const maxClock = 10 * physic.MegaHertz

// txSize is the longest frame of a Linux spidev with default parameters, bytes.
const txSize = 4096

var errNoPower = errors.New("no power")

// SPI returns the display's port.
func (m *Machine) SPI(name string) (spi.PortCloser, error) {
	if m.layout.Display.Digits == 0 || name != m.layout.Display.SPI {
		return nil, fmt.Errorf("port %q: nothing is connected", name)
	}
	return &port{m: m, limit: maxClock}, nil
}

// port implements spi.PortCloser.
type port struct {
	m     *Machine
	limit physic.Frequency
}

// String implements spi.Port.
func (p *port) String() string { return p.m.layout.Display.SPI }

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

// Connect implements spi.Port. The bench refuses what the chips cannot follow; a real port would
// go along and the digits would be wrong.
func (p *port) Connect(f physic.Frequency, mode spi.Mode, wordBits int) (spi.Conn, error) {
	if f == 0 || f > p.limit {
		f = p.limit
	}
	switch {
	case f > maxClock:
		return nil, fmt.Errorf("%s: %s is more than the chip takes", p, f)
	case mode&^spi.LSBFirst != spi.Mode0 && mode&^spi.LSBFirst != spi.Mode3:
		return nil, fmt.Errorf("%s: %s samples on the wrong edge", p, mode)
	case wordBits != 8:
		return nil, fmt.Errorf("%s: %d bits per word", p, wordBits)
	}
	return &spiConn{m: p.m, name: p.String(), reversed: mode&spi.LSBFirst != 0}, nil
}

// spiConn implements spi.Conn. One Tx is one frame; nothing comes back, DOUT is not wired to the host.
type spiConn struct {
	m        *Machine
	name     string
	reversed bool
}

// String implements conn.Resource.
func (c *spiConn) String() string { return c.name }

// Duplex implements conn.Conn.
func (c *spiConn) Duplex() conn.Duplex { return conn.Full }

// MaxTxSize implements conn.Limits.
func (c *spiConn) MaxTxSize() int { return txSize }

// Tx implements conn.Conn.
func (c *spiConn) Tx(w, r []byte) error {
	switch {
	case len(r) != 0 && len(r) != len(w):
		return fmt.Errorf("%s: %d bytes out, %d in", c.name, len(w), len(r))
	case len(w) > txSize:
		return fmt.Errorf("%s: frame of %d bytes", c.name, len(w))
	}
	clear(r)
	return c.frame(w)
}

// TxPackets implements spi.Conn; KeepCS joins packets to one frame.
func (c *spiConn) TxPackets(packets []spi.Packet) error {
	var w []byte
	for i, p := range packets {
		clear(p.R)
		if w = append(w, p.W...); p.KeepCS && i < len(packets)-1 {
			continue
		}
		if err := c.frame(w); err != nil {
			return err
		}
		w = nil
	}
	return nil
}

func (c *spiConn) frame(w []byte) error {
	c.m.mu.Lock()
	power := c.m.power
	c.m.mu.Unlock()
	if !power {
		return fmt.Errorf("%s: %w", c.name, errNoPower)
	}
	if c.reversed {
		w = append([]byte(nil), w...)
		for i := range w {
			w[i] = bits.Reverse8(w[i])
		}
	}
	c.m.Frame(w)
	return nil
}
