package candle

import "time"

// Bytes of the protocol: a command, its parameters of 20 or more, the end.
const (
	cmdText       = 0x01 // address, blink, characters
	cmdBrightness = 0x02 // address, 20 full … 23 least
	cmdAddress    = 0x03 // present address or FF for any, new address
	end           = 0x07

	anyAddress   = 0xFF
	firstAddress = 0x20
	lastAddress  = 0x7F
	blinkNone    = 0x20
	blinkForever = 0x21 // 22…7F: that many times more than this
	lastBlink    = 0x7F
)

// longest is more than any frame has; what goes on without an end is noise.
const longest = 64

// Receive takes bytes from the line, at the board's speed.
func (b *Board) Receive(at time.Time, bytes []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range bytes {
		b.receive(at, c)
	}
}

func (b *Board) receive(at time.Time, c byte) {
	switch {
	case c == cmdText || c == cmdBrightness || c == cmdAddress:
		b.drop()
		b.frame = append(b.frame, c)
		b.early = !b.untimed && !b.last.IsZero() && at.Sub(b.last) < pause
	case len(b.frame) == 0:
		b.counts.Noise++
	case c == end:
		b.finish(at)
	case c < 0x20 || len(b.frame) == longest:
		b.drop()
		b.counts.Noise++
	default:
		b.frame = append(b.frame, c)
	}
}

// drop forgets a frame that did not end.
func (b *Board) drop() {
	b.counts.Noise += len(b.frame)
	b.frame = b.frame[:0]
}

// finish obeys a whole frame, or says why not.
func (b *Board) finish(at time.Time) {
	f := b.frame
	if len(f) < 3 {
		b.drop()
		b.counts.Noise++
		return
	}
	mine := f[1] == b.address || f[0] == cmdAddress && f[1] == anyAddress
	switch b.last = at; {
	case b.early:
		b.counts.Early++
	case !mine:
		b.counts.Foreign++
	case b.obey(at, f[0], f[2:]):
		b.counts.Frames++
	default:
		b.counts.Noise += len(f) + 1
	}
	b.frame = f[:0]
}

// obey reports whether the parameters after the address meant something.
func (b *Board) obey(at time.Time, command byte, p []byte) bool {
	switch {
	case command == cmdText && p[0] <= lastBlink:
		b.blink, b.since = p[0], at
		copy(b.text, p[1:])
	case command == cmdBrightness && len(p) == 1 && p[0] <= 0x23:
		b.dim = int(p[0] - 0x20)
	case command == cmdAddress && len(p) == 1 && p[0] <= lastAddress:
		b.address = p[0]
	default:
		return false
	}
	return true
}

// read is what a person reads where the board was sent c, in cp1251. Seven segments draw Б В З О Ч
// and B I O S l as digits.
func read(c byte) rune {
	switch c {
	case 0xC1:
		return '6'
	case 0xC2, 'B':
		return '8'
	case 0xC7:
		return '3'
	case 0xCE, 'O':
		return '0'
	case 0xD7:
		return '4'
	case 'I', 'l':
		return '1'
	case 'S':
		return '5'
	}
	if c >= '0' && c <= '9' {
		return rune(c)
	}
	return letter(c)
}

func letter(c byte) rune {
	switch c {
	case ' ', '-', '<', '>', 'F', 'L', 'U', 'b', 'c', 'd', 'o':
		return rune(c)
	case 0xC0, 'A':
		return 'А'
	case 0xC3:
		return 'Г'
	case 0xC5, 'E':
		return 'Е'
	case 0xCD, 'H':
		return 'Н'
	case 0xCF:
		return 'П'
	case 0xD0, 'P':
		return 'Р'
	case 0xD1, 'C':
		return 'С'
	case 0xD3:
		return 'У'
	}
	return '?'
}
