package ippusb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// drainLimit is how long a response may still come after its caller left. A page whose job was
	// deleted ends within seconds. drainQuiet is the longest silence once its body has begun: what
	// comes later is recognised as junk, while a head that comes later is taken for another's.
	drainLimit = time.Minute
	drainQuiet = 10 * time.Second
	ahead      = 3        // pieces read before the caller asks for them
	pieceSize  = 64 << 10 // handing over each transfer by itself would cost a tenth of the speed
)

var errDrain = errors.New("response did not end")

// piece is a part of a body, with the error that follows it.
type piece struct {
	data []byte
	err  error
}

// exchange is one request and its response. The goroutine that carries it always reads the
// response to its end; the caller may leave at any moment.
type exchange struct {
	req  *http.Request
	raw  []byte
	ctx  context.Context // ends at Close of the transport, or long after the caller left
	stop context.CancelCauseFunc

	heads chan *http.Response // holds one
	full  chan piece
	free  chan []byte
	waste []byte        // what is read after the caller left goes there
	done  chan struct{} // closed at the end; then err says how
	err   error

	start  time.Time     // of the exchange
	heard  atomic.Int64  // when the body was last heard of, in ns since start; 0 = not yet
	left   chan struct{} // closed when the caller left
	leave  func()
	unhook func() bool
}

// errAbandoned means that the caller left before the device saw anything of the request.
var errAbandoned = errors.New("caller left before the request")

func newExchange(parent context.Context, req *http.Request, raw []byte) *exchange {
	x := &exchange{
		req: req, raw: raw, start: time.Now(),
		heads: make(chan *http.Response, 1),
		full:  make(chan piece, ahead), free: make(chan []byte, ahead),
		done: make(chan struct{}), left: make(chan struct{}),
	}
	x.ctx, x.stop = context.WithCancelCause(parent)
	x.leave = sync.OnceFunc(func() {
		close(x.left)
		x.expire(time.Now())
	})
	x.unhook = context.AfterFunc(req.Context(), x.leave)
	return x
}

// expire ends the exchange of a caller that left at since, if the response has had its time.
func (x *exchange) expire(since time.Time) {
	heard := x.heard.Load()
	quiet := time.Since(x.start) - time.Duration(heard)
	switch {
	case x.ctx.Err() != nil:
		return
	case time.Since(since) >= drainLimit || heard > 0 && quiet >= drainQuiet && time.Since(since) >= drainQuiet:
		x.stop(errDrain)
		return
	}
	again := time.AfterFunc(drainQuiet, func() { x.expire(since) })
	context.AfterFunc(x.ctx, func() { again.Stop() })
}

// answer waits for the response's head on behalf of the caller.
func (x *exchange) answer() (*http.Response, error) {
	ctx := x.req.Context()
	select {
	case r := <-x.heads:
		return r, nil
	case <-ctx.Done():
		x.leave()
		return nil, context.Cause(ctx)
	case <-x.done:
	}
	select {
	case r := <-x.heads: // a short response may be over already
		return r, nil
	default:
		return nil, x.err
	}
}

// begin hands the head to the caller.
func (x *exchange) begin(h head) {
	r := h.response(x.req)
	r.Body = &body{x: x}
	x.heads <- r
}

// pump reads the body to its end, for the caller or, when it left, for nobody. What the caller
// misses is not kept anywhere.
func (x *exchange) pump(f framing, length int64) error {
	size := pieceSize
	if length >= 0 {
		size = int(min(length+1, pieceSize)) // most answers are short
	}
	for made := 0; ; made++ {
		buf, err := x.buffer(made < ahead, size)
		if err != nil {
			return err
		}
		n, err := x.read(f, buf)
		if cause := context.Cause(x.ctx); err != nil && cause != nil {
			err = cause
		}
		select {
		case <-x.left:
			x.waste = buf
		case x.full <- piece{buf[:n], err}:
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read body: %w", err)
		}
	}
}

// read fills buf as long as the device has more at hand.
func (x *exchange) read(f framing, buf []byte) (n int, err error) {
	for {
		x.heard.Store(int64(time.Since(x.start)) + 1)
		last, err := f.Read(x.ctx, buf[n:])
		if n += last; err != nil || n == len(buf) || !f.ready() {
			return n, err
		}
	}
}

// buffer returns a new buffer, or one that the caller is done with, or after it left always the
// same one.
func (x *exchange) buffer(another bool, size int) ([]byte, error) {
	switch {
	case x.waste != nil:
		return x.waste, nil
	case another:
		return make([]byte, size), nil
	}
	select {
	case buf := <-x.free:
		return buf, nil
	case <-x.left:
		return make([]byte, size), nil
	case <-x.ctx.Done():
		return nil, context.Cause(x.ctx)
	}
}

// finish tells the caller how the exchange ended.
func (x *exchange) finish(err error) {
	x.err = err
	close(x.done)
	x.unhook()
	x.stop(nil)
}

// body is what the caller reads. Close never waits: the rest is drained behind the caller's back.
type body struct {
	x    *exchange
	rest piece
	held []byte // the buffer that rest is part of
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	for len(b.rest.data) == 0 {
		if b.rest.err != nil {
			return 0, b.rest.err
		}
		if err := b.next(); err != nil {
			b.rest = piece{err: err}
		}
	}
	n := copy(p, b.rest.data)
	b.rest.data = b.rest.data[n:]
	return n, nil
}

// WriteTo implements io.WriterTo: pieces go to w without another copy.
func (b *body) WriteTo(w io.Writer) (int64, error) {
	for total := int64(0); ; {
		n, err := w.Write(b.rest.data)
		total += int64(n)
		b.rest.data = b.rest.data[n:]
		switch {
		case err != nil:
			return total, err
		case b.rest.err == io.EOF:
			return total, nil
		case b.rest.err != nil:
			return total, b.rest.err
		}
		if err := b.next(); err != nil {
			b.rest = piece{err: err}
		}
	}
}

func (b *body) next() error {
	if b.held != nil {
		b.x.free <- b.held[:cap(b.held)]
		b.held = nil
	}
	ctx := b.x.req.Context()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case b.rest = <-b.x.full:
		b.held = b.rest.data
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-b.x.left:
		return http.ErrBodyReadAfterClose
	}
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.x.leave()
	return nil
}
