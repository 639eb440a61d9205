package display

// Register addresses (table 2).
const (
	regDecode    = 0x9
	regIntensity = 0xa
	regScanLimit = 0xb
	regShutdown  = 0xc
	regTest      = 0xf
)

// junk is what a digit register holds after power-up. The data sheet promises nothing; a pattern
// shows up a driver that leaves shutdown before it has written the digits.
const junk = 0xa5

// chip is one MAX7219.
type chip struct {
	fitted    int // digits soldered on
	digits    [perChip]uint8
	decode    uint8
	intensity uint8
	scan      uint8
	shutdown  bool
	test      bool
}

func (c *chip) powerUp() {
	*c = chip{fitted: c.fitted, shutdown: true}
	for i := range c.digits {
		c.digits[i] = junk
	}
}

// latch executes one word: address in D11..D8, D15..D12 do not matter (table 1).
func (c *chip) latch(hi, data uint8) {
	switch a := hi & 0x0f; a {
	case 1, 2, 3, 4, 5, 6, 7, 8:
		c.digits[a-1] = data
	case regDecode:
		c.decode = data
	case regIntensity:
		c.intensity = data & 0x0f
	case regScanLimit:
		c.scan = data & 0x07
	case regShutdown:
		c.shutdown = data&1 == 0
	case regTest:
		c.test = data&1 != 0
	}
}

// segments tells what glows in a digit. Display test overrides everything, shutdown included
// (page 9, Display-Test Register).
func (c *chip) segments(i int) uint8 {
	switch {
	case c.test:
		return 0xff
	case c.shutdown || i > int(c.scan):
		return 0
	case c.decode>>i&1 != 0:
		return codeB[c.digits[i]&0x0f] | c.digits[i]&0x80
	}
	return c.digits[i]
}

// codeB is the Code-B font (table 5): 0..9, dash, E, H, L, P, blank.
var codeB = [16]uint8{
	0x7e, 0x30, 0x6d, 0x79, 0x33, 0x5b, 0x5f, 0x70,
	0x7f, 0x7b, 0x01, 0x4f, 0x37, 0x0e, 0x67, 0x00,
}
