package transcode

import "bytes"

// table is a Huffman table both ways (annex C).
type table struct {
	code   [256]uint32 // by symbol
	length [256]uint8
	find   map[uint32]byte // length<<16 | code
}

// addTables reads a DHT segment (B.2.4.2); the key is class<<4 | destination.
func addTables(tables map[byte]*table, b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return errFormat
		}
		t, at, code := &table{find: map[uint32]byte{}}, 17, uint32(0)
		for i, count := range b[1:17] {
			for range count {
				if at >= len(b) {
					return errFormat
				}
				n := uint8(i + 1)
				t.code[b[at]], t.length[b[at]] = code, n
				t.find[uint32(n)<<16|code] = b[at]
				code++
				at++
			}
			code <<= 1
		}
		tables[b[0]] = t
		b = b[at:]
	}
	return nil
}

// reader takes bits out of a scan; the first error stays.
type reader struct {
	data []byte
	acc  uint32
	n    int
	err  error
}

func (r *reader) bit() uint32 {
	if r.n == 0 {
		if len(r.data) == 0 || r.data[0] == 0xff && (len(r.data) < 2 || r.data[1] != 0) {
			r.err = errFormat
			return 0
		}
		r.acc, r.n = uint32(r.data[0]), 8
		if r.data[0] == 0xff {
			r.data = r.data[1:]
		}
		r.data = r.data[1:]
	}
	r.n--
	return r.acc >> r.n & 1
}

func (r *reader) symbol(t *table) byte {
	var code uint32
	for n := uint32(1); n <= 16 && r.err == nil; n++ {
		code = code<<1 | r.bit()
		if s, found := t.find[n<<16|code]; found {
			return s
		}
	}
	r.err = errFormat
	return 0
}

// value reads so many bits and extends their sign (F.2.2.1).
func (r *reader) value(size byte) int16 {
	v := int32(0)
	for range size {
		v = v<<1 | int32(r.bit())
	}
	if size > 0 && v < 1<<(size-1) {
		v -= 1<<size - 1
	}
	return int16(v)
}

// block reads DC and AC, in the zigzag order of the file.
func (r *reader) block(c *component, block *[64]int16) {
	if r.err != nil {
		return
	}
	c.last += r.value(r.symbol(c.dc) & 15)
	block[0] = c.last
	for k := 1; k < 64 && r.err == nil; k++ {
		s := r.symbol(c.ac)
		if s == 0 { // the rest is zero
			return
		}
		k += int(s >> 4)
		if s&15 == 0 { // sixteen zeros
			continue
		}
		if k > 63 {
			r.err = errFormat
			return
		}
		block[k] = r.value(s & 15)
	}
}

// bits puts bits into a scan.
type bits struct {
	out *bytes.Buffer
	acc uint32
	n   uint8
}

func (w *bits) put(v uint32, n uint8) {
	for ; n > 0; n-- {
		w.acc = w.acc<<1 | v>>(n-1)&1
		if w.n++; w.n == 8 {
			w.out.WriteByte(byte(w.acc))
			if byte(w.acc) == 0xff {
				w.out.WriteByte(0)
			}
			w.acc, w.n = 0, 0
		}
	}
}

// flush fills the last byte with ones (F.1.2.3).
func (w *bits) flush() {
	if w.n > 0 {
		w.put(0xff, 8-w.n)
	}
}

// coded writes a symbol of run and size, and the value's bits.
func (w *bits) coded(t *table, run int, v int16) {
	size := uint8(0)
	for a := max(v, -v); a > 0; a >>= 1 {
		size++
	}
	s := byte(run)<<4 | size
	w.put(t.code[s], t.length[s])
	if v < 0 {
		v--
	}
	w.put(uint32(v)&(1<<size-1), size)
}

func (w *bits) dc(c *component, block *[64]int16) {
	w.coded(c.dc, 0, block[0]-c.last)
	c.last = block[0]
}

func (w *bits) ac(c *component, block *[64]int16) {
	run := 0
	for _, v := range block[1:] {
		if v == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			w.coded(c.ac, 15, 0)
		}
		w.coded(c.ac, run, v)
		run = 0
	}
	if run > 0 {
		w.coded(c.ac, 0, 0)
	}
}
