package pdf

import "fmt"

// scan checks a scan's header against the tables (B.2.3) and consumes its data.
func (w *walker) scan(body []byte) error {
	if w.frame == nil {
		return w.broken("scan before frame")
	}
	if len(body) < 4 || body[0] < 1 || body[0] > 4 || len(body) != 4+2*int(body[0]) {
		return w.broken("scan header")
	}
	n := int(body[0])
	first, last, step := int(body[1+2*n]), int(body[2+2*n]), body[3+2*n]
	if first > last || last > 63 || !w.pic.Progressive && (first != 0 || last != 63 || step != 0) {
		return w.broken("spectral selection")
	}
	if err := w.colours(); err != nil {
		return err
	}
	var parts []part
	for i := range n {
		p, err := w.part(body[1+2*i], body[2+2*i], first, last, step>>4 > 0)
		if err != nil {
			return err
		}
		if i > 0 && p.place <= parts[i-1].place {
			return w.broken("order of components")
		}
		parts = append(parts, p)
	}
	if n > 1 && blocks(parts) > 10 {
		return w.broken("more than 10 blocks in a unit")
	}
	w.src.skip(2 + len(body))
	w.passed = 0
	if w.scans == 0 {
		w.together = n == len(w.frame)
		if w.look != nil && w.together && !w.pic.Progressive {
			w.look.follow(w, parts)
		}
	}
	if err := w.passScan(); err != nil {
		return err
	}
	if w.scans == 0 {
		w.restarts = w.passed
	}
	w.scans++
	return nil
}

// part is a component of a scan with its tables.
type part struct {
	component
	place  int // in the frame
	dc, ac *huffman
	quant  *[64]uint16
}

// blocks in one interleaved unit (B.2.3).
func blocks(parts []part) (n int) {
	for _, p := range parts {
		n += p.h * p.v
	}
	return n
}

// part finds a component named by a scan and makes sure that what it refers to was sent.
func (w *walker) part(id, tables byte, first, last int, refines bool) (part, error) {
	for i, c := range w.frame {
		if c.id != id {
			continue
		}
		if tables>>4 > 3 || tables&15 > 3 {
			return part{}, w.broken("scan's tables")
		}
		p := part{c, i, w.huffman[0][tables>>4], w.huffman[1][tables&15], w.quant[c.tq]}
		needsDC := first == 0 && !refines // a refinement of DC is plain bits
		if needsDC && p.dc == nil || last > 0 && p.ac == nil || p.quant == nil {
			return part{}, w.broken("table that was not sent")
		}
		if first == 0 {
			w.covered |= 1 << i
		}
		return p, nil
	}
	return part{}, w.broken("scan of an unknown component")
}

// complete checks at the end of the picture that nothing of it is missing.
func (w *walker) complete() error {
	if w.frame == nil || w.covered != 1<<len(w.frame)-1 {
		return w.broken("picture without all its scans")
	}
	if w.pic.Height == 0 {
		return w.broken("height")
	}
	needed := w.units()
	if w.restart > 0 && w.together && !w.pic.Progressive && w.restarts < (needed-1)/w.restart {
		return fmt.Errorf("%d restart intervals of %d: %w", w.restarts+1, (needed-1)/w.restart+1, ErrTruncated)
	}
	if w.look != nil && w.look.ink.Known && w.look.units < needed {
		why := w.look.err
		if why == nil { // the late height is more than the frame's
			why = ErrTruncated
		}
		return fmt.Errorf("%d units of %d: %w", w.look.units, needed, why)
	}
	return nil
}

// units is the number of MCUs in a scan of all components (A.2).
func (w *walker) units() int {
	across, down := w.unit()
	return (w.pic.Width + across - 1) / across * ((w.pic.Height + down - 1) / down)
}

// unit is the size of an MCU in pixels. One component alone is not interleaved: 8×8 (A.2.2).
func (w *walker) unit() (across, down int) {
	if len(w.frame) == 1 {
		return 8, 8
	}
	for _, c := range w.frame {
		across, down = max(across, 8*c.h), max(down, 8*c.v)
	}
	return across, down
}

// colours decides as libjpeg does; where JFIF and Adobe contradict each other readers differ.
func (w *walker) colours() error {
	if len(w.frame) != 3 {
		return nil
	}
	ids := string([]byte{w.frame[0].id, w.frame[1].id, w.frame[2].id})
	switch {
	case w.adobe > 1 || w.adobe == 0 && w.jfif:
		return fmt.Errorf("colour transform %d of an Adobe segment: %w", w.adobe, ErrColours)
	case w.adobe == 0 || w.adobe < 0 && !w.jfif && ids == "RGB":
		w.pic.RGB = true
	}
	return nil
}
