package display

// shapes are what a person reads in the segments, bits 7..0 = DP A B C D E F G. They are drawn by
// hand from the pictures of a seven-segment digit, not from a driver's table.
var shapes = map[uint8]rune{
	0x00: ' ', 0x01: '-', 0x08: '_',
	0x7e: '0', 0x30: '1', 0x6d: '2', 0x79: '3', 0x33: '4', 0x5b: '5', 0x5f: '6', 0x70: '7', 0x7f: '8', 0x7b: '9',
	0x77: 'А', 0x46: 'Г', 0x4f: 'Е', 0x37: 'Н', 0x76: 'П', 0x67: 'Р', 0x4e: 'С', 0x3b: 'У',
	0x0e: 'L', 0x47: 'F', 0x1f: 'b', 0x3d: 'd', 0x3e: 'U', 0x5e: 'G', 0x15: 'n', 0x1d: 'o',
}

// Read returns what a person reads off the digits, leftmost first: a letter a digit, '.' after one
// with its point lit, '?' for what is no sign. S reads as 5. Dark digits at the end are dropped.
func Read(segments []uint8) string {
	var out []rune
	for _, s := range segments {
		sign, known := shapes[s&0x7f]
		if !known {
			sign = '?'
		}
		if out = append(out, sign); s&0x80 != 0 {
			out = append(out, '.')
		}
	}
	for len(out) > 0 && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return string(out)
}
