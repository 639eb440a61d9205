package escpos

import "slices"

// Profile is one printer model as data.
type Profile struct {
	Name      string
	Dots      int    // head width; images may be narrower and are then printed at the left edge
	BandRows  int    // rows of one GS v 0 command, at most 255; 0 = by the rule of bandRows
	FeedLines byte   // ESC d n before the cut; 0 where the cut command feeds by itself
	Cut       []byte // feed to the cutter and cut
	ASB       bool   // GS a: the printer tells changes of status unasked
	ProcessID bool   // GS ( H fn 48 answers when the paper is printed; otherwise GS r 1
}

// partialCut feeds to the cutter and leaves a tab, so that the slip does not fall (GS V 66 0).
var partialCut = string([]byte{0x1d, 'V', 66, 0})

// Generic80 is an 80 mm printer of no special make: 576 dots at 203 dpi, only commands that clones
// have too.
func Generic80() Profile {
	return Profile{Name: "generic 80 mm", Dots: 576, Cut: []byte(partialCut)}
}

// Generic58 is the same for 58 mm paper: 384 dots.
func Generic58() Profile {
	return Profile{Name: "generic 58 mm", Dots: 384, Cut: []byte(partialCut)}
}

// EpsonTM is an 80 mm Epson of 203 dpi (TM-T20 and later): status unasked, and confirmation when the
// paper is really printed.
func EpsonTM() Profile {
	return Profile{Name: "Epson TM 80 mm", Dots: 576, Cut: []byte(partialCut), ASB: true, ProcessID: true}
}

// maxChunk bounds one write and, by bandRows, one raster command: cheap printers have 4 KB of
// buffer and lose the rest (facts §1.4).
const maxChunk = 4096

// bandRows returns the height of a band: what 4096 bytes hold, at most 128, a multiple of 8.
func (p Profile) bandRows(bytesPerRow int) int {
	if p.BandRows > 0 {
		return min(p.BandRows, 255)
	}
	return max(8, min(128, maxChunk/bytesPerRow)/8*8)
}

// prologue resets modes. FS . must follow every ESC @: Chinese printers come back in double-byte
// mode.
func (p Profile) prologue() []byte {
	out := []byte{0x1b, '@', 0x1c, '.'}
	if p.ASB {
		out = append(out, 0x1d, 'a', 0xff)
	}
	return out
}

// end feeds and cuts.
func (p Profile) end() []byte {
	if p.FeedLines == 0 {
		return slices.Clone(p.Cut)
	}
	return append([]byte{0x1b, 'd', p.FeedLines}, p.Cut...)
}

// query asks the printer to speak when everything before is done. id is four characters 20…7E.
func (p Profile) query(id [4]byte) []byte {
	if p.ProcessID {
		return append([]byte{0x1d, '(', 'H', 6, 0, 48, 48}, id[:]...)
	}
	return []byte{0x1d, 'r', 1}
}

// rescue leads a printer out of whatever an unfinished job left it in: zeros complete the open
// raster command (what is too much are NULs, which ESC/POS ignores), then reset. cut parts the torso
// from the next slip.
func (p Profile) rescue(cut bool) []byte {
	row := (p.Dots + 7) / 8
	out := append(make([]byte, row*p.bandRows(row)), p.prologue()...)
	if cut {
		out = append(out, p.end()...)
	}
	return out
}

// processID writes a job counter in base 95, the alphabet of GS ( H.
func processID(n uint32) (id [4]byte) {
	for i := range id {
		id[len(id)-1-i] = 0x20 + byte(n%95)
		n /= 95
	}
	return id
}
