package printer

import "bytes"

// clearBuffers is DLE DC4 fn 8 with the parameters it demands.
var clearBuffers = []byte{0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8}

// realTime looks for real-time commands in a received byte. The printer does so in its receive
// interrupt, knowing nothing of the commands around: inside raster data the same bytes are taken
// for a command too, executed, and missing from the picture.
func (p *Printer) realTime(b byte) {
	p.held = append(p.held, b)
	for len(p.held) > 0 {
		switch n := p.realTimeLength(); {
		case n == 0: // none
			p.buffer.WriteByte(p.held[0])
			p.held = p.held[1:]
		case len(p.held) < n:
			return
		default:
			cmd := p.held
			p.held = nil
			p.executeRealTime(cmd)
		}
	}
}

// realTimeLength is that of the command that may be under way, for this model: a clone answers
// DLE EOT and knows no other.
func (p *Printer) realTimeLength() int {
	if p.model.Clone && len(p.held) > 1 && p.held[1] != 0x04 {
		return 0
	}
	return realTimeLength(p.held)
}

// realTimeLength returns the length of the real-time command that b begins, as far as can be told;
// 0 = it begins none.
func realTimeLength(b []byte) int {
	switch {
	case b[0] != 0x10:
		return 0
	case len(b) == 1:
		return 2
	case b[1] != 0x04 && b[1] != 0x05 && b[1] != 0x14:
		return 0
	case len(b) == 2:
		return 3
	}
	switch n := b[2]; {
	case b[1] == 0x04 && (n >= 1 && n <= 6 || n == 0x14): // DLE EOT
		return 3
	case b[1] == 0x04 && (n == 7 || n == 8), b[1] == 0x14 && n == 7:
		return 4
	case b[1] == 0x05 && n <= 3: // DLE ENQ
		return 3
	case b[1] == 0x14 && (n == 1 || n == 2): // DLE DC4: pulse, power-off
		return 5
	case b[1] == 0x14 && n >= 3 && n <= 6:
		return 3
	case b[1] == 0x14 && n == 8 && bytes.HasPrefix(clearBuffers, b):
		return len(clearBuffers)
	}
	return 0
}

func (p *Printer) executeRealTime(cmd []byte) {
	switch {
	case cmd[1] == 0x04 && cmd[2] <= 4:
		p.in.Send([]byte{p.status(cmd[2])})
	case cmd[1] == 0x04 && cmd[2] == 0x14 && p.model.Custom:
		p.in.Send(p.fullStatus())
	case cmd[1] == 0x05 && (cmd[2] == 1 || cmd[2] == 2): // recover; 2 clears the buffers
		if cmd[2] == 2 {
			p.clear()
		}
		p.latched = Fault{}
		p.latch()
		p.tell()
	case cmd[1] == 0x14 && cmd[2] == 8:
		p.clear()
		p.in.Send([]byte{0x37, 0x25, 0x00})
	}
}
