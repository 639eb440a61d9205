package escpos

import "slices"

// Profile is one printer model as data.
type Profile struct {
	Name      string
	Dots      int    // head width; images may be narrower and are then printed at the left edge
	BandRows  int    // rows of one GS v 0 command, at most 255; 0 = by the rule of bandRows
	FeedLines byte   // ESC d n before the cut; 0 where the cut command feeds by itself
	Cut       []byte // feed to the cutter and cut; a presenter also holds the ticket out
	Pages     Pages  // for text
	Text      CodePage

	ASB        bool // GS a: the printer tells changes of status unasked
	ProcessID  bool // GS ( H fn 48 answers when the paper is printed; otherwise GS r 1
	Clear      bool // DLE DC4 fn 8 clears the buffers and says so
	Recover    bool // DLE ENQ 2 ends an error whose cause was removed
	Guard      bool // GS ( D can switch off the drawer pulse and power-off of DLE DC4
	FullStatus bool // Custom's DLE EOT 14h instead of DLE EOT 1…4
	PowerUps   bool // Custom's GS E5h counts how often the printer was switched on
	Sips       bool // never filled: small bands, GS r after each, and no more than two on their way

	Presenter  *Presenter // nil = the ticket falls or hangs
	Unfamiliar bool       // nobody knows this printer: only what every printer can
	Foreign    bool       // it speaks another language: nothing is sent to it
}

// Columns returns how many characters of font A (12 dots) a line of text has.
func (p Profile) Columns() int { return p.Dots / 12 }

// maxChunk bounds one write and, by bandRows, one raster command: cheap printers have 4 KB of
// buffer and lose the rest (facts §1.4).
const maxChunk = 4096

// bandRows returns the height of a band: what 4096 bytes hold, at most 128, a multiple of 8.
func (p Profile) bandRows(bytesPerRow int) int {
	most := maxChunk
	switch {
	case p.BandRows > 0:
		return min(p.BandRows, 255)
	case p.Sips:
		most = sipBytes
	}
	return max(8, min(128, most/bytesPerRow)/8*8)
}

// prologue resets modes. FS . must follow every ESC @: Chinese printers come back in double-byte
// mode. GS ( D switches off functions 1 and 2 of DLE DC4, which pixels could look like (facts §1.1).
func (p Profile) prologue() []byte {
	out := []byte{esc, '@', fs, '.'}
	if p.Guard {
		out = append(out, gs, '(', 'D', 5, 0, 20, 1, 0, 2, 0)
	}
	if p.ASB {
		out = append(out, gs, 'a', 0xff)
	}
	return out
}

// end feeds and cuts.
func (p Profile) end() []byte { return p.feedAnd(p.Cut) }

func (p Profile) feedAnd(cut []byte) []byte {
	if p.FeedLines == 0 {
		return slices.Clone(cut)
	}
	return append([]byte{esc, 'd', p.FeedLines}, cut...)
}

// query asks the printer to speak when everything before is done. id is four characters 20…7E.
func (p Profile) query(id [4]byte) []byte {
	if p.ProcessID {
		return append([]byte{gs, '(', 'H', 6, 0, 48, 48}, id[:]...)
	}
	return []byte{gs, 'r', 1}
}

// rescue leads a printer out of whatever an unfinished job left it in: zeros complete the open
// raster command (what is too much are NULs, which ESC/POS ignores), then reset. What is uncut is
// parted from the next slip, and where that is possible kept from people.
func (p Profile) rescue(left remains) []byte {
	var out []byte
	if row := (p.Dots + 7) / 8; left != uncut {
		out = make([]byte, row*p.bandRows(row))
	}
	out = append(out, p.prologue()...)
	switch {
	case left == doubt:
		return out
	case p.Presenter != nil:
		return append(out, p.feedAnd(p.Presenter.discard)...)
	}
	return append(out, p.end()...)
}

// processID writes a job counter in base 95, the alphabet of GS ( H.
func processID(n uint32) (id [4]byte) {
	for i := range id {
		id[len(id)-1-i] = 0x20 + byte(n%95)
		n /= 95
	}
	return id
}
