package wire

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Batch is a batch as it was read. Events and Bad together have every place from First to End
// once, each in rising order.
type Batch struct {
	Head
	Events []Event
	Bad    []Bad // lines to be put in quarantine: they are acknowledged like events
}

// Bad is a line that is no event.
type Bad struct {
	Seq uint64 // its place, from its position in the batch
	Why string // "long", "syntax", "range", "form", "order"
	Raw []byte // its bytes, at most MaxLine
}

// Decoder reads batches and keeps its buffers between them; the zero value is ready. One goroutine
// uses it at a time.
type Decoder struct {
	body bytes.Reader
	gz   gzip.Reader
	buf  *bufio.Reader
	line []byte
	row  []byte
}

// Decode reads a body as received, gzip or plain: what it is shows by its first byte, because
// headers do not survive every proxy. Errors are ErrVersion, ErrTooLarge and ErrMalformed. The
// batch shares no memory with body.
func (c *Decoder) Decode(body []byte) (Batch, error) {
	if len(body) > MaxBody {
		return Batch{}, fmt.Errorf("%w: body of %d bytes", ErrTooLarge, len(body))
	}
	plain, err := c.open(body)
	if err != nil {
		return Batch{}, err
	}
	b, err := c.batch(plain, len(body))
	if err != nil {
		return Batch{}, err
	}
	if c.body.Len() > 0 {
		return Batch{}, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, c.body.Len())
	}
	return b, nil
}

// open returns the lines of a body.
func (c *Decoder) open(body []byte) (*bufio.Reader, error) {
	c.body.Reset(body)
	if c.buf == nil {
		c.buf = bufio.NewReaderSize(nil, MaxHead+1)
	}
	if len(body) > 0 && body[0] == '{' {
		c.buf.Reset(&c.body)
		return c.buf, nil
	}
	if err := c.gz.Reset(&c.body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	c.gz.Multistream(false)
	c.buf.Reset(&meter{from: &c.gz, left: MaxPlain + 1})
	return c.buf, nil
}

// meter ends a decompression that grows beyond the limit.
type meter struct {
	from io.Reader
	left int
}

// Read reads on while something is left.
func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, fmt.Errorf("%w: over %d bytes after decompression", ErrTooLarge, MaxPlain)
	}
	n, err := m.from.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

// batch reads the head, exactly the lines it announces, and the end.
func (c *Decoder) batch(plain *bufio.Reader, size int) (b Batch, err error) {
	head, err := plain.ReadSlice('\n')
	if err != nil {
		return b, broken("head", err)
	}
	if b.Head, err = parseHead(head); err != nil {
		return b, err
	}
	b.Events = make([]Event, 0, min(b.Count, size/4))
	for seq := b.First; seq < b.First+uint64(b.Count); seq++ {
		if err := c.readLine(plain); err != nil {
			return b, broken(fmt.Sprintf("event %d", seq), err)
		}
		b.add(seq, c.line, &c.row)
	}
	if _, err := plain.ReadByte(); !errors.Is(err, io.EOF) {
		return b, broken("end", err)
	}
	return b, nil
}

// parseHead reads the first line. Fields it does not know are of a newer program of the same
// version: they are dropped, not stored.
func parseHead(line []byte) (h Head, err error) {
	var v struct {
		Version int `json:"v"`
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return h, fmt.Errorf("%w: head: %w", ErrMalformed, err)
	}
	if v.Version != Version {
		return h, unknownVersion(v.Version)
	}
	if err := json.Unmarshal(line, &h); err != nil {
		return h, fmt.Errorf("%w: head: %w", ErrMalformed, err)
	}
	return h, h.check()
}

// readLine reads one line without its line feed, of a long one no more than shows that it is.
func (c *Decoder) readLine(plain *bufio.Reader) error {
	c.line = c.line[:0]
	for {
		part, err := plain.ReadSlice('\n')
		c.line = append(c.line, part[:min(len(part), MaxLine+2-min(len(c.line), MaxLine+2))]...)
		if err == nil {
			c.line = bytes.TrimSuffix(c.line, []byte{'\n'})
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// add puts a line where it belongs.
func (b *Batch) add(seq uint64, line []byte, row *[]byte) {
	e, why := parseLine(line, row)
	if why == "" && e.Seq != seq {
		why = "order"
	}
	if why != "" {
		b.Bad = append(b.Bad, Bad{Seq: seq, Why: why, Raw: bytes.Clone(line[:min(len(line), MaxLine)])})
		return
	}
	b.Events = append(b.Events, e)
}

// broken says that a batch ended or broke at what; without an error something stood there.
func broken(what string, err error) error {
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s: more than was announced", ErrMalformed, what)
	case errors.Is(err, ErrTooLarge):
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrMalformed, what, err)
}
