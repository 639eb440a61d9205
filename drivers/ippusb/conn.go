package ippusb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sps-kiosk/hal/usb"
)

const (
	writeLimit  = 10 * time.Second       // for the device to take a request
	freshQuiet  = 250 * time.Millisecond // silence that a newly opened interface must show
	doubtQuiet  = time.Second            // the same after it went out of step
	settleLimit = 30 * time.Second       // for that silence to come
	stalls      = 2                      // reopenings after which a soft reset is due
)

// conn is one interface. It belongs to the goroutine of the exchange under way.
type conn struct {
	port   Port
	quirks Quirks
	pipe   usb.Pipe // nil = not open
	in     *stream
	fresh  bool // opened and not used yet
	level  int  // failures in a row: the rung of the ladder
	gone   bool // unplugged
}

func newConn(p Port, q Quirks) *conn { return &conn{port: p, quirks: q} }

// adopt takes an opened pipe.
func (c *conn) adopt(p usb.Pipe) {
	c.pipe, c.in, c.fresh = p, newStream(p), true
}

// drop gives the interface back.
func (c *conn) drop() error {
	if c.pipe == nil {
		return nil
	}
	p := c.pipe
	c.pipe, c.in = nil, nil
	return p.Close()
}

// run carries one exchange to its end and climbs the ladder when it failed. The ladder: a response
// nobody wants is drained; an interface out of step is reopened and drained; the second time in
// a row a soft reset of this interface comes before the draining; then it is the staff's turn.
// A device reset is no rung: it would tear the other interfaces from whoever holds them
// (ARCHITECTURE §3).
func (c *conn) run(x *exchange) {
	err := c.carry(x)
	if errors.Is(err, errNotTaken) && x.ctx.Err() == nil { // a halt left over from before
		c.fail()
		err = c.carry(x)
	}
	if err == nil || errors.Is(err, errAbandoned) {
		c.level = 0
		x.finish(err)
		return
	}
	if errors.Is(err, usb.ErrUnplugged) {
		c.gone = true
	} else if c.level >= stalls {
		err = fmt.Errorf("%w: %w", ErrStuck, err)
	}
	c.fail()
	x.finish(err)
}

// fail closes the interface and steps up the ladder.
func (c *conn) fail() {
	c.drop()
	c.level++
}

// restart makes an open interface be reopened and drained before its next request.
func (c *conn) restart() {
	if c.pipe != nil {
		c.drop()
		c.level = max(c.level, 1)
	}
}

// carry does one exchange on an interface that is in step.
func (c *conn) carry(x *exchange) error {
	if err := c.prepare(x.ctx); err != nil {
		return fmt.Errorf("prepare interface %d: %w", c.port.Number, err)
	}
	if x.req.Context().Err() != nil {
		return errAbandoned
	}
	if err := c.send(x.ctx, x.raw); err != nil {
		return fmt.Errorf("send request: %w", err)
	}
	h, err := c.in.head(x.ctx)
	if err != nil {
		return fmt.Errorf("read response: %w", err)
	}
	b := h.framing(x.req.Method, c.in, c.quirks)
	x.begin(h)
	return x.pump(b, h.length())
}

// prepare opens the interface if need be and reads away what is no answer to us: a scan worker is
// killed in the middle of a page, and the rest of it is still in the device.
func (c *conn) prepare(ctx context.Context) error {
	quiet := freshQuiet
	if c.level > 0 {
		quiet = doubtQuiet
	}
	if c.pipe == nil {
		p, err := c.port.Open()
		if err != nil {
			return err
		}
		c.adopt(p)
	}
	if !c.fresh && len(c.in.have) == 0 {
		return nil
	}
	if c.level >= stalls || c.fresh && c.quirks.SoftReset {
		if err := c.softReset(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	if err := c.in.settle(ctx, quiet); err != nil {
		return err
	}
	c.fresh = false
	return nil
}

// softReset clears the buffers of this interface only. Printing class 1.0 addressed the request to
// "other", 1.1 to the interface; devices refuse one of them.
func (c *conn) softReset(ctx context.Context) error {
	for _, recipient := range []uint8{0x23, 0x21} {
		_, err := c.pipe.Control(ctx, usb.Setup{RequestType: recipient, Request: 2, Index: uint16(c.port.Number)}, nil)
		if errors.Is(err, usb.ErrUnplugged) || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// errNotTaken means that the device has not seen one byte of the request: sending it again is safe.
var errNotTaken = errors.New("endpoint is halted")

func (c *conn) send(ctx context.Context, raw []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	for rest := raw; len(rest) > 0; {
		n, err := c.pipe.Write(ctx, rest)
		switch {
		case errors.Is(err, usb.ErrStalled) && n == 0 && len(rest) == len(raw):
			c.pipe.ClearHalt(false) // the reopening that follows decides whether it worked
			return fmt.Errorf("%w: %w", errNotTaken, err)
		case err != nil:
			return err
		}
		rest = rest[n:]
	}
	if c.quirks.ZeroPacket && c.port.PacketSize > 0 && len(raw)%c.port.PacketSize == 0 {
		_, err := c.pipe.Write(ctx, nil)
		return err
	}
	return nil
}
