package hal

import (
	"errors"
	"sync"
	"testing"

	"periph.io/x/conn/v3/physic"
)

// mcp is an MCP23017 written from its data sheet (DS20001952): 22 registers in pairs, IOCON.BANK = 0,
// an address that counts up, and contacts that close lines to ground.
type mcp struct {
	t       *testing.T
	mu      sync.Mutex
	address uint16
	reg     [0x16]byte
	closed  uint16 // contacts
	reads   int
	fault   error
}

func newMCP(t *testing.T) *mcp {
	c := &mcp{t: t, address: 0x20}
	c.brownOut()
	return c
}

// brownOut is the state after power-on (table 1-2, POR): all inputs, the rest zero.
func (c *mcp) brownOut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reg = [0x16]byte{0: 0xFF, 1: 0xFF}
}

func (c *mcp) String() string                  { return "chip" }
func (c *mcp) SetSpeed(physic.Frequency) error { return nil }
func (c *mcp) pair(register int) uint16 {
	return uint16(c.reg[register]) | uint16(c.reg[register+1])<<8
}
func (c *mcp) press(bit int, closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = c.closed&^(1<<bit) | map[bool]uint16{true: 1 << bit}[closed]
}
func (c *mcp) fail(err error) { c.mu.Lock(); defer c.mu.Unlock(); c.fault = err }
func (c *mcp) outputs() uint16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pair(0x14) &^ c.pair(0x00)
}

func (c *mcp) Tx(address uint16, w, r []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault != nil {
		return c.fault
	}
	if address != c.address || len(w) == 0 {
		return errors.New("no acknowledge")
	}
	// An input reads high by its pull-up unless a contact closes it; without one it floats, here low.
	dir := c.pair(0x00)
	levels := dir&c.pair(0x0C)&^c.closed | ^dir&c.pair(0x14)
	c.reg[0x12], c.reg[0x13] = byte(levels), byte(levels>>8)
	at := int(w[0])
	for _, v := range w[1:] {
		if at == 0x12 || at == 0x13 {
			at += 2 // a write to GPIO goes to OLAT (3.5.10)
		}
		c.reg[at] = v
		at++
	}
	for i := range r {
		r[i] = c.reg[at+i]
		c.reads++
	}
	return nil
}
