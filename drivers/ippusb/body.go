package ippusb

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// tailQuiet ends what a device leaves unended: the last line of a chunked body, a body
	// without length after an error or a 201.
	tailQuiet = 500 * time.Millisecond
	// pageQuiet ends a successful body without length: between the rows of a page there are pauses.
	pageQuiet = 5 * time.Second
)

var errBadChunk = errors.New("chunk of a response is no http")

// framing finds the end of a body in a stream that never closes. Read returns io.EOF after it; ready
// reports whether Read can go on with what the device has at hand.
type framing interface {
	Read(ctx context.Context, p []byte) (int, error)
	ready() bool
}

// framing chooses by RFC 9112 §6.3; what is "until close" there is "until silence" here.
func (h head) framing(method string, s *stream, q Quirks) framing {
	switch n := h.length(); {
	case method == http.MethodHead || h.code == http.StatusNoContent || h.code == http.StatusNotModified:
		return &fixed{s: s}
	case h.chunked():
		return &chunked{s: s, zeroEnds: q.ZeroEnds}
	case n >= 0:
		return &fixed{s: s, left: n, zeroEnds: q.ZeroEnds}
	case h.code == http.StatusOK:
		return &silent{s: s, quiet: pageQuiet}
	}
	return &silent{s: s, quiet: tailQuiet}
}

// more waits for data in the middle of a body. Where a zero-length packet ends messages, silence
// after one is the end.
func more(ctx context.Context, s *stream, zeroEnds bool) error {
	if !zeroEnds || len(s.have) > 0 {
		return s.fill(ctx)
	}
	for {
		some, err := s.fillWithin(ctx, tailQuiet)
		if some || err != nil {
			return err
		}
		if s.zero {
			return io.EOF
		}
	}
}

// fixed is a body of known length.
type fixed struct {
	s        *stream
	left     int64
	zeroEnds bool
}

func (f *fixed) Read(ctx context.Context, p []byte) (int, error) {
	if f.left == 0 {
		return 0, io.EOF
	}
	if err := more(ctx, f.s, f.zeroEnds); err != nil {
		return 0, err
	}
	n, err := f.s.Read(ctx, p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	return n, err
}

func (f *fixed) ready() bool { return f.left == 0 || f.s.more() }

// chunked is a chunked body (RFC 9112 §7.1). Devices end lines by LF alone, put blanks around
// sizes, and forget the empty line at the end.
type chunked struct {
	s        *stream
	left     int64
	begun    bool // some chunk was read: an end of line is due
	ended    bool
	zeroEnds bool
}

func (c *chunked) Read(ctx context.Context, p []byte) (int, error) {
	if c.left == 0 && !c.ended {
		if err := c.next(ctx); err != nil {
			return 0, err
		}
	}
	if c.ended {
		return 0, io.EOF
	}
	n, err := c.s.Read(ctx, p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// ready wants, between two chunks, the next one's whole line and a byte behind it.
func (c *chunked) ready() bool {
	if c.left > 0 || c.ended || c.s.full {
		return c.ended || c.s.more()
	}
	line := c.s.have
	if c.begun {
		_, line, _ = bytes.Cut(line, []byte{'\n'})
	}
	_, data, _ := bytes.Cut(line, []byte{'\n'})
	return len(data) > 0
}

func (c *chunked) next(ctx context.Context) error {
	line := ""
	for skip := c.begun; line == ""; skip = false {
		if err := more(ctx, c.s, c.zeroEnds); err != nil {
			return err
		}
		var err error
		if line, err = c.s.line(ctx); err != nil {
			return err
		}
		if line == "" && !skip {
			return errBadChunk
		}
	}
	size, _, _ := strings.Cut(line, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 62)
	if err != nil {
		return errBadChunk
	}
	if c.left, c.begun = int64(n), true; n > 0 {
		return nil
	}
	c.ended = true
	return c.trailer(ctx)
}

// trailer reads up to the empty line, or up to silence.
func (c *chunked) trailer(ctx context.Context) error {
	for range headerLimit {
		if len(c.s.have) == 0 {
			if some, err := c.s.fillWithin(ctx, tailQuiet); !some {
				return err
			}
		}
		if line, err := c.s.line(ctx); line == "" || err != nil {
			return err
		}
	}
	return errBadHead
}

// silent is a body that nothing but silence ends.
type silent struct {
	s     *stream
	quiet time.Duration
}

func (b *silent) Read(ctx context.Context, p []byte) (int, error) {
	if len(b.s.have) == 0 {
		some, err := b.s.fillWithin(ctx, b.quiet)
		if err != nil {
			return 0, err
		}
		if !some {
			return 0, io.EOF
		}
	}
	return b.s.Read(ctx, p)
}

func (b *silent) ready() bool { return b.s.more() }
