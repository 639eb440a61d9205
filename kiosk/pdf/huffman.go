package pdf

import "fmt"

// huffman decodes one table of T.81, annex C: codes up to 8 bits by a look-up, longer ones by the
// largest code of each length (F.2.2.3).
type huffman struct {
	fast   [256]uint16 // length<<8 | value, 0 for a longer code
	most   [17]int32   // largest code of a length, -1 none
	shift  [17]int32   // index of a value less its code, by length
	values [256]byte
}

// newHuffman builds a table; false if the codes do not fit their lengths.
func newHuffman(counts [16]byte, values []byte) (*huffman, bool) {
	h := &huffman{}
	copy(h.values[:], values)
	code, k := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		h.most[length], h.shift[length] = -1, k-code
		for range counts[length-1] {
			if code >= 1<<length {
				return nil, false
			}
			if length <= 8 {
				for pad := range 1 << (8 - length) {
					h.fast[int(code)<<(8-length)|pad] = uint16(length)<<8 | uint16(h.values[k])
				}
			}
			h.most[length] = code
			code++
			k++
		}
		code <<= 1
	}
	return h, true
}

// errSpent means that the picture data end at a marker.
var errSpent = fmt.Errorf("no more data in the scan: %w", ErrTruncated)

// bits reads picture data bit by bit up to the next marker.
type bits struct {
	src *source
	acc uint64
	n   int // valid low bits of acc
}

// fill adds bytes while they fit; at a marker or the end it adds none.
func (b *bits) fill() {
	for b.n <= 48 {
		if b.src.more(1) != nil {
			return
		}
		c := b.src.buf[b.src.i]
		if c == 0xFF {
			if b.src.more(2) != nil || b.src.buf[b.src.i+1] != 0 {
				return
			}
			b.src.skip(1)
		}
		b.src.skip(1)
		b.acc = b.acc<<8 | uint64(c)
		b.n += 8
	}
}

// take returns the next k bits, k up to 16.
func (b *bits) take(k int) (int32, error) {
	if b.n < k {
		if b.fill(); b.n < k {
			return 0, errSpent
		}
	}
	b.n -= k
	return int32(b.acc>>b.n) & (1<<k - 1), nil
}

// symbol decodes the next code.
func (b *bits) symbol(h *huffman) (byte, error) {
	if b.n < 16 {
		b.fill()
	}
	if b.n >= 8 {
		if found := h.fast[byte(b.acc>>(b.n-8))]; found != 0 {
			b.n -= int(found >> 8)
			return byte(found), nil
		}
	}
	code := int32(0)
	for length := 1; length <= 16; length++ {
		if b.n < length {
			return 0, errSpent
		}
		code = int32(b.acc>>(b.n-length)) & (1<<length - 1)
		if code <= h.most[length] {
			b.n -= length
			return h.values[code+h.shift[length]], nil
		}
	}
	return 0, ErrBroken
}

// value reads the k bits of a difference or coefficient and extends the sign (F.2.2.1).
func (b *bits) value(k int) (int32, error) {
	v, err := b.take(k)
	if err == nil && k > 0 && v < 1<<(k-1) {
		v += -1<<k + 1
	}
	return v, err
}
