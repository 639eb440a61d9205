package pdf

import (
	"bytes"
	"fmt"
)

// component is one of a frame's: its name, sampling factors and quantisation table (T.81, B.2.2).
type component struct {
	id   byte
	h, v int
	tq   byte
}

// startOfFrame reads size and components.
func (w *walker) startOfFrame(mark byte, body []byte) error {
	if w.frame != nil {
		return w.broken("second frame")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return w.broken("frame header")
	}
	if body[0] != 8 {
		return fmt.Errorf("%d bits: %w", body[0], ErrCoding)
	}
	if body[5] != 1 && body[5] != 3 {
		return fmt.Errorf("%d components: %w", body[5], ErrColours)
	}
	w.pic.Height, w.pic.Width = int(body[1])<<8|int(body[2]), int(body[3])<<8|int(body[4])
	w.pic.Components, w.pic.Progressive = int(body[5]), mark == markSOF2
	w.heightAt = w.src.at + 3
	if w.pic.Width == 0 {
		return w.broken("width")
	}
	for i := 6; i < len(body); i += 3 {
		c := component{id: body[i], h: int(body[i+1] >> 4), v: int(body[i+1] & 15), tq: body[i+2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.tq > 3 {
			return w.broken("component")
		}
		for _, other := range w.frame {
			if other.id == c.id {
				return w.broken("component twice")
			}
		}
		w.frame = append(w.frame, c)
	}
	return nil
}

// numberOfLines corrects the height after the first scan (B.2.5). Feeders of several HP OfficeJet
// say 65535 in the frame, as they do not know the length of the sheet yet (node-hp-scan-to #413).
func (w *walker) numberOfLines(body []byte) error {
	if len(body) != 2 || w.scans != 1 {
		return w.broken("number of lines")
	}
	if told := int(body[0])<<8 | int(body[1]); told != w.pic.Height {
		w.pic.Height, w.pic.heightAt = told, w.heightAt
	}
	return nil
}

// huffmanTables reads DHT (B.2.4.2).
func (w *walker) huffmanTables(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 || body[0]>>4 > 1 || body[0]&15 > 3 {
			return w.broken("Huffman table")
		}
		n := 0
		for _, count := range body[1:17] {
			n += int(count)
		}
		if n == 0 || n > 256 || len(body) < 17+n {
			return w.broken("Huffman table")
		}
		table, ok := newHuffman([16]byte(body[1:17]), body[17:17+n])
		if !ok {
			return w.broken("Huffman table")
		}
		w.huffman[body[0]>>4][body[0]&15] = table
		body = body[17+n:]
	}
	return nil
}

// quantTables reads DQT (B.2.4.1), of 8 or 16 bits, in zigzag order.
func (w *walker) quantTables(body []byte) error {
	for len(body) > 0 {
		wide, to := int(body[0]>>4), body[0]&15
		size := 64 * (1 + wide)
		if wide > 1 || to > 3 || len(body) < 1+size {
			return w.broken("quantisation table")
		}
		table := new([64]uint16)
		for i := range table {
			if wide == 1 {
				table[i] = uint16(body[1+2*i])<<8 | uint16(body[2+2*i])
			} else {
				table[i] = uint16(body[1+i])
			}
		}
		w.quant[to] = table
		body = body[1+size:]
	}
	return nil
}

// application reads JFIF's density, Exif's orientation and Adobe's colour transform. What is not
// understood in them is passed over: it says nothing of the picture itself.
func (w *walker) application(mark byte, body []byte) {
	switch {
	case mark == markAPP0 && len(body) >= 12 && bytes.HasPrefix(body, []byte("JFIF\x00")) && !w.jfif:
		w.jfif = true
		if w.src.at == 4 { // directly after SOI, as JFIF asks
			w.pic.headEnd = w.src.at + int64(len(body)) + 2
		}
		w.pic.DensityX = density(body[7], int(body[8])<<8|int(body[9]))
		w.pic.DensityY = density(body[7], int(body[10])<<8|int(body[11]))
	case mark == markAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) && w.pic.Orientation == 0:
		value, at, little := orientation(body[6:])
		if value != 0 {
			w.pic.Orientation, w.pic.little = value, little
			w.pic.orientationAt = w.src.at + 2 + 6 + int64(at)
		}
	case mark == markAPPe && len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")):
		w.adobe = int(body[11])
	}
}

// density is pixels per inch; values that no scanner works at are the usual filling (1, 72).
func density(unit byte, value int) int {
	if unit == 2 {
		value = (value*254 + 50) / 100
	}
	if unit != 1 && unit != 2 || value < 75 || value > 4800 {
		return 0
	}
	return value
}
