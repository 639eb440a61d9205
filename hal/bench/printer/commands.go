package printer

import "encoding/binary"

// modes is what commands set and ESC @ resets.
type modes struct {
	align   uint8 // ESC a: 0 left, 1 centre, 2 right
	spacing int   // dots from line to line
	width   int   // GS !: 1..8
	height  int
	kanji   bool // bytes from 0x81 on come in pairs
	page    byte // ESC t
	bold    bool
}

// defaults are those of a printer for the Chinese market: double-byte characters are on until FS .
var defaults = modes{spacing: 30, width: 1, height: 1, kanji: true}

// execute runs a command whose header is complete.
func (p *Printer) execute(cmd []byte) {
	if p.model.Custom && p.executeCustom(cmd) || p.model.Clone && cmd[0] == gs && cmd[1] == '(' {
		return
	}
	switch cmd[0] {
	case esc:
		p.executeESC(cmd)
	case fs:
		p.executeFS(cmd)
	case gs:
		p.executeGS(cmd)
	}
}

func (p *Printer) executeESC(cmd []byte) {
	arg := append(cmd, 0)[2]
	switch cmd[1] {
	case '@':
		p.modes, p.line = defaults, nil
	case '!':
		p.modes.height, p.modes.width = 1+int(arg>>4&1), 1+int(arg>>5&1)
	case 't':
		p.modes.page = arg
	case 'E':
		p.modes.bold = arg&1 != 0
	case '2':
		p.modes.spacing = defaults.spacing
	case '3':
		p.modes.spacing = int(arg)
	case 'a':
		if len(p.line) == 0 { // only at the beginning of a line
			p.modes.align = arg & 3 % 3
		}
	case 'd':
		p.printLine(int(arg) * p.modes.spacing)
	case 'J':
		p.printLine(int(arg))
	case 'i', 'm':
		p.printLine(0)
		p.motor.then = p.cut
	case 'D':
		p.parser.string = true
	case '*':
		columns := uint64(binary.LittleEndian.Uint16(cmd[3:]))
		if arg >= 32 {
			columns *= 3
		}
		p.parser.skip = columns
	case '(':
		p.parser.skip = uint64(binary.LittleEndian.Uint16(cmd[3:]))
	}
}

func (p *Printer) executeFS(cmd []byte) {
	switch cmd[1] {
	case '.':
		p.modes.kanji = false
	case '&':
		p.modes.kanji = true
	case '(':
		p.parser.skip = uint64(binary.LittleEndian.Uint16(cmd[3:]))
	case '2':
		p.parser.skip = 72 // a user-defined character of 24 x 24
	}
}

func (p *Printer) executeGS(cmd []byte) {
	arg := append(cmd, 0)[2]
	switch cmd[1] {
	case '!':
		p.modes.width, p.modes.height = 1+int(arg>>4&7), 1+int(arg&7)
	case 'V':
		if !p.model.Custom { // its knife does not hear this
			p.executeCut(cmd)
		}
	case 'a':
		if !p.model.Clone {
			p.enable(arg)
		}
	case 'r':
		p.in.Send([]byte{p.sensor(arg)})
	case 'I':
		if b := p.identity(arg); b != nil {
			p.in.Send(b)
		}
	case 'v':
		p.beginRaster(cmd)
	case '(':
		p.executeBlock(cmd)
	case '8':
		p.parser.skip = uint64(binary.LittleEndian.Uint32(cmd[3:]))
	case '*':
		p.parser.skip = 8 * uint64(cmd[2]) * uint64(cmd[3])
	case 'k':
		if p.parser.string = arg < 65; arg >= 65 {
			p.parser.skip = uint64(cmd[3])
		}
	}
}

// executeCut is GS V: function A cuts where the paper is, which leaves what was printed last on
// the roll; function B first feeds that to the knife.
func (p *Printer) executeCut(cmd []byte) {
	switch {
	case feedsBeforeCut(cmd[2]):
		p.printLine(gap + int(cmd[3]))
	case cmd[2] <= 1 || cmd[2] == '0' || cmd[2] == '1':
		p.printLine(0)
	default:
		return
	}
	p.motor.then = p.cut
}

// executeBlock is GS ( x pL pH: fn 48 of GS ( H answers with the process id when everything before
// it is on paper; the others are taken and do nothing.
func (p *Printer) executeBlock(cmd []byte) {
	if cmd[2] != 'H' || len(cmd) == 5 {
		p.parser.skip = uint64(binary.LittleEndian.Uint16(cmd[3:]))
		return
	}
	if len(cmd) == 11 && cmd[5] == 48 && cmd[6] == 48 {
		answer := append(append([]byte{0x37, 0x22}, cmd[7:11]...), 0)
		p.motor.then = func() { p.in.Send(answer) }
	}
}
