package pdf

import (
	"errors"
	"fmt"
	"io"
)

// window is what a source holds of the picture: a whole segment (T.81, B.1.1.4: 65535 bytes after
// the marker) can be looked at in one piece.
const window = 64 << 10

// source reads a picture through one window and knows how far it is.
type source struct {
	r    io.Reader
	buf  [window]byte
	i, n int   // buf[i:n] is not consumed yet
	at   int64 // offset of buf[i] in the picture
	err  error // of the reader, io.EOF at the end
}

// more reads on until k unconsumed bytes are there, k at most window. A missing byte is
// ErrTruncated; an error of the reader is returned as it is.
func (s *source) more(k int) error {
	if s.n-s.i >= k {
		return nil
	}
	s.n = copy(s.buf[:], s.buf[s.i:s.n])
	s.i = 0
	for empty := 0; s.n < k && s.err == nil; empty++ {
		got, err := s.r.Read(s.buf[s.n:])
		s.n, s.err = s.n+got, err
		if got > 0 {
			empty = 0
		} else if empty > 100 {
			s.err = io.ErrNoProgress
		}
	}
	switch {
	case s.n >= k:
		return nil
	case errors.Is(s.err, io.EOF):
		return fmt.Errorf("byte %d: %w", s.at+int64(s.n), ErrTruncated)
	default:
		return fmt.Errorf("read page: %w", s.err)
	}
}

// peek returns the next k bytes; they stay valid until the next call.
func (s *source) peek(k int) ([]byte, error) {
	if err := s.more(k); err != nil {
		return nil, err
	}
	return s.buf[s.i : s.i+k], nil
}

// skip consumes k bytes that are in the window.
func (s *source) skip(k int) {
	s.i += k
	s.at += int64(k)
}

// next consumes one byte.
func (s *source) next() (byte, error) {
	if err := s.more(1); err != nil {
		return 0, err
	}
	b := s.buf[s.i]
	s.skip(1)
	return b, nil
}
