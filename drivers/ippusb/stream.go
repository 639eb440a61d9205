package ippusb

import (
	"bytes"
	"context"
	"errors"
	"time"

	"sps-kiosk/hal/usb"
)

const (
	// readSize is a multiple of every bulk packet size (64, 512, 1024), so that no transfer
	// overflows, and the most that a Raspberry Pi's controller takes reliably (ipp-usb #3).
	readSize = 16384

	zeroPause = 10 * time.Millisecond // after a zero-length packet, growing by a quarter
	zeroMost  = time.Second           // up to this

	lineLimit = 16 << 10 // bytes of one line of a head
	junkLimit = 64 << 20 // bytes before a status line: a whole page left over
)

var (
	errOutOfStep = errors.New("no http response in what the device sends")
	errLongLine  = errors.New("line of a response is too long")
	errNoise     = errors.New("device does not fall silent")
)

// reader is the half of a usb.Pipe that a stream needs.
type reader interface {
	Read(ctx context.Context, p []byte) (int, error)
}

// stream is the bulk IN endpoint as bytes.
type stream struct {
	pipe reader
	buf  []byte
	have []byte // received and not consumed, part of buf
	zero bool   // the last transfer that came was a zero-length packet
	full bool   // the last transfer was full: the device has more at hand
}

func newStream(p reader) *stream { return &stream{pipe: p, buf: make([]byte, readSize)} }

// fill waits for at least one byte.
func (s *stream) fill(ctx context.Context) error {
	if len(s.have) > 0 {
		return nil
	}
	n, err := s.receive(ctx, s.buf)
	s.have = s.buf[:n]
	return err
}

// receive waits for at least one byte in buf. Zero-length packets mean "nothing yet" and are
// answered by pauses of 10 ms to 1 s, or the bus would be full of them.
func (s *stream) receive(ctx context.Context, buf []byte) (int, error) {
	for pause := zeroPause; ; pause = min(pause*5/4, zeroMost) {
		n, err := s.pipe.Read(ctx, buf)
		switch {
		case n > 0:
			s.zero, s.full = false, n == readSize
			return n, nil // an error with bytes comes again without them
		case err != nil:
			return 0, err
		}
		s.zero, s.full = true, false
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// fillWithin is fill that gives up after d: then it returns false and no error.
func (s *stream) fillWithin(ctx context.Context, d time.Duration) (bool, error) {
	short, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	err := s.fill(short)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, usb.ErrUnplugged) || short.Err() == nil:
		return false, err
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	}
	return false, nil
}

// settle reads and forgets until the device has been silent for quiet.
func (s *stream) settle(ctx context.Context, quiet time.Duration) error {
	for dropped := 0; dropped <= junkLimit; {
		dropped += len(s.have)
		s.have = nil
		if some, err := s.fillWithin(ctx, quiet); !some {
			return err
		}
	}
	return errNoise
}

// more reports whether bytes are here, or at hand in the device.
func (s *stream) more() bool { return len(s.have) > 0 || s.full }

// Read implements what bodies are made of: at least one byte, or an error. The bulk of a page goes
// straight to where it is wanted.
func (s *stream) Read(ctx context.Context, p []byte) (int, error) {
	if len(s.have) == 0 && len(p) >= readSize {
		return s.receive(ctx, p[:readSize])
	}
	if err := s.fill(ctx); err != nil {
		return 0, err
	}
	n := copy(p, s.have)
	s.have = s.have[n:]
	return n, nil
}

// line returns the next line without its end, CR LF or LF.
func (s *stream) line(ctx context.Context) (string, error) {
	var line []byte
	for len(line) <= lineLimit {
		if err := s.fill(ctx); err != nil {
			return "", err
		}
		part, rest, found := bytes.Cut(s.have, []byte{'\n'})
		line = append(line, part...)
		if s.have = rest; found && len(line) <= lineLimit {
			return string(bytes.TrimSuffix(line, []byte{'\r'})), nil
		}
	}
	return "", errLongLine
}

// seek drops what cannot be the beginning of a response: empty lines after the last one, and the
// rest of a page that an earlier owner of the interface did not read. Responses begin transfers.
func (s *stream) seek(ctx context.Context) error {
	const proto = "HTTP/"
	for junk := 0; junk <= junkLimit; {
		if err := s.fill(ctx); err != nil {
			return err
		}
		s.have = bytes.TrimLeft(s.have, "\r\n \x00")
		n := min(len(s.have), len(proto))
		if n > 0 && string(s.have[:n]) == proto[:n] {
			return nil
		}
		junk += len(s.have) + 1
		s.have = nil
	}
	return errOutOfStep
}
