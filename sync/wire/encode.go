package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
)

// Encoder writes batches. It keeps the compressor between them, 0.8 MB of memory; the zero value
// is ready. One goroutine uses it.
type Encoder struct {
	gz  *gzip.Writer
	out bytes.Buffer
	row []byte
}

// Encode returns a batch as it is sent: Content-Type application/x-ndjson, Content-Encoding gzip.
// Version and Count of the head are filled in; the places of the events must be First, First+1 ….
// The bytes are valid until the next call. Errors are ErrTooLarge and ErrInvalid.
func (c *Encoder) Encode(h Head, events []Event) ([]byte, error) {
	h.Version, h.Count = Version, len(events)
	if err := h.check(); err != nil {
		return nil, encoding(err)
	}
	if !h.leaves() {
		return nil, fmt.Errorf("%w: a word of the head", ErrInvalid)
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode head: %w", err)
	}
	if c.row, err = appendEvents(append(append(c.row[:0], head...), '\n'), h.First, events); err != nil {
		return nil, err
	}
	return c.compress()
}

// encoding turns the error of a check into one for the side that writes.
func encoding(err error) error {
	if errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}

// appendEvents appends the lines.
func appendEvents(b []byte, first uint64, events []Event) ([]byte, error) {
	for i := range events {
		e := &events[i]
		if e.Seq != first+uint64(i) || !e.valid() || !e.leaves() {
			return b, fmt.Errorf("%w: event %d in place %d", ErrInvalid, e.Seq, first+uint64(i))
		}
		b = appendLine(b, e)
	}
	return b, nil
}

// compress returns the collected lines under gzip.
func (c *Encoder) compress() ([]byte, error) {
	c.out.Reset()
	if c.gz == nil {
		c.gz, _ = gzip.NewWriterLevel(&c.out, gzip.BestCompression) // fails only for a level there is not
	}
	c.gz.Reset(&c.out)
	if _, err := c.gz.Write(c.row); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := c.gz.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return c.out.Bytes(), nil
}
