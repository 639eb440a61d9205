package printer

// Prefix bytes of commands.
const (
	esc = 0x1b
	fs  = 0x1c
	gs  = 0x1d
)

// parser is where in the stream the printer stands: in a command's header, in data to skip, in a
// text that ends with NUL, in the pixels of a raster, or between characters.
type parser struct {
	cmd    []byte
	skip   uint64
	string bool
	raster *raster
	lead   byte // first half of a double-byte character
}

// parse executes one byte of the stream.
func (p *Printer) parse(b byte) {
	s := &p.parser
	switch {
	case s.skip > 0:
		s.skip--
	case s.string:
		s.string = b != 0
	case s.raster != nil:
		p.pixels(b)
	case len(s.cmd) == 0 && b != esc && b != fs && b != gs:
		p.character(b)
	default:
		s.lead = 0
		s.cmd = append(s.cmd, b)
		if len(s.cmd) < p.headerLength() {
			return
		}
		cmd := s.cmd
		s.cmd = nil
		p.execute(cmd)
	}
}

// arguments says how many bytes follow a command of fixed length.
var arguments = map[byte]map[byte]int{
	esc: {
		' ': 1, '!': 1, '$': 2, '%': 1, '-': 1, '2': 0, '3': 1, '=': 1, '?': 1, '@': 0, 'D': 0, 'E': 1,
		'G': 1, 'J': 1, 'K': 1, 'L': 0, 'M': 1, 'R': 1, 'S': 0, 'T': 1, 'U': 1, 'V': 1, 'W': 8, '\\': 2,
		'a': 1, 'c': 2, 'd': 1, 'e': 1, 'i': 0, 'm': 0, 'p': 3, 'r': 1, 't': 1, 'u': 1, 'v': 0, '{': 1,
		'*': 3, '(': 3,
	},
	fs: {'!': 1, '&': 0, '(': 3, '-': 1, '.': 0, '2': 2, 'C': 1, 'S': 2, 'W': 1, 'p': 2},
	gs: {
		'!': 1, '$': 2, '*': 2, '/': 1, ':': 0, '8': 5, 'B': 1, 'E': 1, 'H': 1, 'I': 1, 'L': 2, 'P': 2,
		'T': 1, 'V': 1, 'W': 2, '\\': 2, '^': 3, 'a': 1, 'b': 1, 'c': 0, 'f': 1, 'g': 4, 'h': 1, 'k': 1,
		'r': 1, 'v': 6, 'w': 1, '(': 3,
	},
}

// headerLength is that of the command under way, for this model.
func (p *Printer) headerLength() int {
	cmd := p.parser.cmd
	if p.model.Custom {
		if n, known := customLength(cmd); known {
			return n
		}
	}
	if p.model.Clone && len(cmd) == 2 && cmd[0] == gs && cmd[1] == '(' {
		return 2
	}
	return headerLength(cmd)
}

// headerLength returns how long the command is that begins with these bytes, without data that
// is skipped or drawn. A command nobody knows is its two bytes: what follows prints as text.
func headerLength(cmd []byte) int {
	if len(cmd) < 2 {
		return 2
	}
	n := 2 + arguments[cmd[0]][cmd[1]]
	if len(cmd) < 3 || cmd[0] != gs {
		return n
	}
	switch {
	case cmd[1] == 'V' && feedsBeforeCut(cmd[2]), cmd[1] == 'k' && cmd[2] >= 65:
		return n + 1
	case cmd[1] == 'v' && cmd[2] != '0':
		return 3
	case cmd[1] == '(' && cmd[2] == 'H' && len(cmd) >= 5 && cmd[4] == 0 && cmd[3] <= 16:
		return n + int(cmd[3])
	}
	return n
}

// feedsBeforeCut tells the functions of GS V that have a feed n.
func feedsBeforeCut(m byte) bool {
	switch m {
	case 65, 66, 97, 98, 103, 104:
		return true
	}
	return false
}
