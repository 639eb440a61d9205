package figures

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Form is the version of the encoding of a Row, its first byte. A row of an older form is made anew
// from the facts.
const Form = 1

// MaxEncoded is the longest encoding of a row: every number and every bin at its largest.
const MaxEncoded = 1 + (int(counters)+MaxMinutes+3)*2*binary.MaxVarintLen64

// ErrEncoding is the error of a row that this program did not write.
var ErrEncoding = errors.New("not a row of figures")

// AppendBinary appends the row: Form, then the numbers that are not zero, then the bins that are not
// zero, each list as its length and (distance from the one before, value) in varints. One row has one
// encoding. The error is always nil.
func (r Row) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, Form)
	return appendSparse(appendSparse(b, r.N[:]), r.Wait), nil
}

// MarshalBinary returns what AppendBinary appends.
func (r Row) MarshalBinary() ([]byte, error) { return r.AppendBinary(nil) }

// appendSparse appends the numbers of a list that are not zero.
func appendSparse(b []byte, list []int64) []byte {
	filled := 0
	for _, n := range list {
		if n != 0 {
			filled++
		}
	}
	b = binary.AppendUvarint(b, uint64(filled))
	before := -1
	for i, n := range list {
		if n != 0 {
			b = binary.AppendUvarint(b, uint64(i-before-1))
			b = binary.AppendVarint(b, n)
			before = i
		}
	}
	return b
}

// UnmarshalBinary reads what AppendBinary wrote and nothing else. Errors are ErrEncoding; the row is
// empty then.
func (r *Row) UnmarshalBinary(data []byte) error {
	*r = Row{}
	err := r.AddBinary(data)
	if err != nil {
		*r = Row{}
	}
	return err
}

// AddBinary adds a row that AppendBinary wrote, as Add does, without making it first: a page adds up a
// hundred thousand of them. Errors are ErrEncoding; the row is of no use then.
func (r *Row) AddBinary(data []byte) error {
	if len(data) == 0 || data[0] != Form {
		return fmt.Errorf("%w: form", ErrEncoding)
	}
	rest, err := readSparse(data[1:], int(counters), func(i int, n int64) { r.N[i] += n })
	if err != nil {
		return err
	}
	wait, own := r.Wait, false
	rest, err = readSparse(rest, MaxMinutes+1, func(i int, n int64) {
		switch {
		case i < len(wait):
		case own && i < cap(wait):
			wait = wait[:i+1]
		default: // room for more than this one
			wait = append(make([]int64, 0, max(i+1, 2*len(wait), 32)), wait...)[:i+1]
			own = true
		}
		wait[i] += n
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%w: %d bytes too many", ErrEncoding, len(rest))
	}
	wait.trim()
	r.Wait = wait
	return nil
}

// readSparse reads a list of at most limit places and returns what follows it.
func readSparse(data []byte, limit int, put func(i int, n int64)) (rest []byte, err error) {
	filled, data, err := readUvarint(data)
	if err != nil {
		return nil, err
	}
	next := uint64(0)
	for range filled {
		var skip uint64
		if skip, data, err = readUvarint(data); err != nil {
			return nil, err
		}
		if skip >= uint64(limit) || next+skip >= uint64(limit) {
			return nil, fmt.Errorf("%w: place %d of %d", ErrEncoding, skip, limit)
		}
		n, size := binary.Varint(data)
		if n == 0 || !shortest(data, size) {
			return nil, fmt.Errorf("%w: number", ErrEncoding)
		}
		put(int(next+skip), n)
		next, data = next+skip+1, data[size:]
	}
	return data, nil
}

// readUvarint reads one number in its shortest form.
func readUvarint(data []byte) (n uint64, rest []byte, err error) {
	if len(data) > 0 && data[0] < 0x80 { // nearly all of them
		return uint64(data[0]), data[1:], nil
	}
	n, size := binary.Uvarint(data)
	if !shortest(data, size) {
		return 0, nil, fmt.Errorf("%w: number", ErrEncoding)
	}
	return n, data[size:], nil
}

// shortest reports whether a varint of a size was read and has no last byte to no purpose.
func shortest(data []byte, size int) bool {
	return size == 1 || size > 1 && data[size-1] != 0
}
