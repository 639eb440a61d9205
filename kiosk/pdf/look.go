package pdf

// look follows the Huffman code of a baseline scan and judges each block of brightness as it
// passes: nothing of the picture is kept but a histogram.
type look struct {
	ink   Ink
	units int   // MCUs that came whole
	err   error // that ended them early; it counts only if the picture needs more

	bits   bits
	last   [4]int32 // first coefficient of each component's last block, before scaling
	bright int      // component that is looked at
	tone   [256]int // plain blocks by mean brightness
	area   [4]int   // left, top, right, bottom of what is looked at, blocks
	busy   int      // blocks with strokes in them
}

// A stroke 4 pixels long and 40 levels darker than the paper makes this much energy in the
// coefficients of its block; the grain of paper a tenth, print showing through a half.
const strokeEnergy = 80 * 80

// A block this many levels off the page's commonest brightness is marked though it is plain: the
// inside of a stamp, of a photograph, of a thick line.
const plainStep = 24

// follow decodes the scan to the picture's last unit, or as far as the data go.
func (k *look) follow(w *walker, parts []part) {
	k.bits.src = w.src
	if w.pic.RGB {
		k.bright = 1 // green is most of brightness
	}
	across, down := w.unit()
	row := (w.pic.Width + across - 1) / across
	total := row * ((w.pic.Height + down - 1) / down)
	k.margins(w.pic.Width, w.pic.Height)
	for w.pic.Height == 0 || k.units < total {
		if w.restart > 0 && k.units > 0 && k.units%w.restart == 0 {
			if k.err = k.restart(w); k.err != nil {
				break
			}
		}
		if k.err = k.unit(parts, k.units%row, k.units/row); k.err != nil {
			break
		}
		k.units++
	}
	k.sum()
}

// restart aligns with the next restart marker.
func (k *look) restart(w *walker) error {
	k.bits.acc, k.bits.n, k.last = 0, 0, [4]int32{}
	for {
		next, err := w.src.peek(2)
		if err != nil {
			return err
		}
		switch {
		case next[0] != 0xFF || next[1] == 0:
			return w.broken("data where a restart marker belongs")
		case next[1] == 0xFF:
			w.src.skip(1)
		case next[1] < markRST0 || next[1] > markRST7:
			return errSpent
		default:
			return w.passRestart(next[1])
		}
	}
}

// unit decodes one MCU, in column x and row y of them.
func (k *look) unit(parts []part, x, y int) error {
	for i := range parts {
		p := &parts[i]
		h, v := p.h, p.v
		if len(parts) == 1 {
			h, v = 1, 1
		}
		for b := range h * v {
			energy, err := k.block(p, i)
			if err != nil {
				return err
			}
			if i == k.bright {
				k.judge(x*h+b%h, y*v+b/h, k.last[i]*int32(p.quant[0]), energy)
			}
		}
	}
	return nil
}

// block decodes the coefficients of a block (F.2.2) and returns the energy of all but the first.
func (k *look) block(p *part, i int) (energy int64, err error) {
	size, err := k.bits.symbol(p.dc)
	if err != nil {
		return 0, err
	}
	if size > 11 {
		return 0, ErrBroken
	}
	diff, err := k.bits.value(int(size))
	if err != nil {
		return 0, err
	}
	k.last[i] += diff
	for z := 1; z < 64; z++ {
		s, err := k.bits.symbol(p.ac)
		if err != nil {
			return 0, err
		}
		run, size := int(s>>4), int(s&15)
		if size == 0 {
			if run != 15 {
				break // end of block
			}
			z += 15
			continue
		}
		if z += run; z > 63 {
			return 0, ErrBroken
		}
		c, err := k.bits.value(size)
		if err != nil {
			return 0, err
		}
		a := int64(c) * int64(p.quant[z])
		energy += a * a
	}
	return energy, nil
}

// margins leaves out 1/32 at each edge: shadows of the sheet's rim and of the lid are there.
func (k *look) margins(width, height int) {
	across, down := width/8, height/8
	k.area = [4]int{across / 32, down / 32, across - across/32, down - down/32}
	if height == 0 {
		k.area[3] = 1 << 13
	}
}

// judge counts a block of brightness by its first coefficient, eight times the mean less 128
// (A.3.3), and the energy of the others.
func (k *look) judge(x, y int, sum int32, energy int64) {
	if x < k.area[0] || x >= k.area[2] || y < k.area[1] || y >= k.area[3] {
		return
	}
	k.ink.Blocks++
	if energy >= strokeEnergy {
		k.busy++
		return
	}
	k.tone[max(0, min(255, sum/8+128))]++
}

// sum compares the plain blocks with the commonest brightness among them, which is the paper.
func (k *look) sum() {
	paper := 0
	for i, n := range k.tone {
		if n > k.tone[paper] {
			paper = i
		}
	}
	k.ink.Known, k.ink.Marked = true, k.busy
	for i, n := range k.tone {
		if i < paper-plainStep || i > paper+plainStep {
			k.ink.Marked += n
		}
	}
}
