package escpos

// DLE introduces real-time commands, which printers execute wherever they meet them, pixels
// included: DLE ENQ and DLE DC4 clear buffers or open the drawer, DLE EOT answers (Epson, "DLE EOT",
// notes; facts §1.6).
const (
	dle = 0x10
	eot = 0x04
	enq = 0x05
	dc4 = 0x14
)

// trigger reports whether b begins with a real-time command.
func trigger(b []byte) bool {
	if len(b) < 3 || b[0] != dle {
		return false
	}
	switch n := b[2]; b[1] {
	case eot:
		return 1 <= n && n <= 8 || n == 0x14
	case enq:
		return n <= 3
	case dc4:
		return 1 <= n && n <= 8
	}
	return false
}

// defuse clears one pixel of every real-time command in a band. The byte 10h is one black dot
// between white ones in its row, so nothing legible depends on it. A cleared byte can complete an
// earlier DLE ENQ 0, so the search goes back as far as a command reaches. Commands across bands
// cannot arise: a raster header lies between, and neither 1Dh nor its closing zero continues one.
func defuse(band []byte) {
	for i := 0; i+2 < len(band); i++ {
		if trigger(band[i:]) {
			band[i] = 0
			i = max(-1, i-3)
		}
	}
}
