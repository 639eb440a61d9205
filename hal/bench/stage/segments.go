package stage

import (
	"strings"

	"sps-kiosk/hal/bench"
)

// Read reads what glows as a person does: every pattern has one reading, «?» is none. The patterns
// are those of architecture section 2.6 as anybody would draw them, bits DP A B C D E F G; the
// driver under test has a table of its own.
func Read(segments []uint8) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteRune(glyph(s &^ 0x80))
	}
	return b.String()
}

func glyph(s uint8) rune {
	switch s {
	case 0x00:
		return ' '
	case 0x01:
		return '-'
	case 0x7e:
		return '0'
	case 0x30:
		return '1'
	case 0x6d:
		return '2'
	case 0x79:
		return '3'
	case 0x33:
		return '4'
	case 0x5b:
		return '5'
	case 0x5f:
		return '6'
	case 0x70:
		return '7'
	case 0x7f:
		return '8'
	case 0x7b:
		return '9'
	}
	return letter(s)
}

func letter(s uint8) rune {
	switch s {
	case 0x77:
		return 'А'
	case 0x46:
		return 'Г'
	case 0x4f:
		return 'Е'
	case 0x37:
		return 'Н'
	case 0x76:
		return 'П'
	case 0x67:
		return 'Р'
	case 0x4e:
		return 'С'
	case 0x3b:
		return 'У'
	case 0x0e:
		return 'L'
	case 0x47:
		return 'F'
	case 0x1f:
		return 'b'
	case 0x3d:
		return 'd'
	}
	return '?'
}

// shows reports whether the display is lit and shows a text.
func shows(v bench.Snapshot, want string) bool {
	return !v.Display.Dark && strings.TrimSpace(Read(v.Display.Digits)) == want
}
