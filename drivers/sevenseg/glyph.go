package sevenseg

// glyph returns the segments of r; false if seven segments cannot show it. Letters are the ones a
// ticket prefix may have (А Г Е Н П Р С У L F b d) and those of status words: USb, donE, CFG. S is
// drawn as 5, which is why no prefix may use it.
func glyph(r rune) (segments string, drawable bool) {
	switch r {
	case ' ':
		return "", true
	case '-':
		return "G", true
	case '_':
		return "D", true
	}
	if r >= '0' && r <= '9' {
		return [10]string{
			"ABCDEF", "BC", "ABDEG", "ABCDG", "BCFG", "ACDFG", "ACDEFG", "ABC", "ABCDEFG", "ABCDFG",
		}[r-'0'], true
	}
	segments = letter(r)
	return segments, segments != ""
}

func letter(r rune) string {
	switch r {
	case 'А':
		return "ABCEFG"
	case 'Г':
		return "AEF"
	case 'Е', 'E':
		return "ADEFG"
	case 'Н':
		return "BCEFG"
	case 'П':
		return "ABCEF"
	case 'Р':
		return "ABEFG"
	case 'С', 'C':
		return "ADEF"
	case 'У':
		return "BCDFG"
	case 'L':
		return "DEF"
	case 'F':
		return "AEFG"
	case 'b':
		return "CDEFG"
	case 'd':
		return "BCDEG"
	case 'G':
		return "ACDEF"
	case 'S':
		return "ACDFG"
	case 'U':
		return "BCDEF"
	case 'n':
		return "CEG"
	case 'o':
		return "CDEG"
	}
	return ""
}
