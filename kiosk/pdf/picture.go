package pdf

import "io"

// Picture is what a JPEG says of itself between its first and its last marker.
type Picture struct {
	Width, Height int  // pixels, as stored, before any turning
	Components    int  // 1 grey, 3 colour
	RGB           bool // the three components are red, green and blue, not YCbCr
	Progressive   bool

	DensityX, DensityY int   // pixels per inch from JFIF, 0 unless it is believable
	Orientation        int   // Exif 1…8 (0 = not said): how a viewer of the JPEG turns it
	Size               int64 // bytes from SOI to EOI, both included: what is embedded
	Trailing           int64 // bytes after EOI, which are dropped

	heightAt      int64 // offset of the two bytes of the height when DNL corrects it, or 0
	orientationAt int64 // offset of the two bytes of the Exif orientation, or 0
	little        bool  // those two bytes are little-endian
	headEnd       int64 // where a segment may be put in: after SOI and JFIF's APP0
}

// Ink tells how much stands on a page. A block is 8×8 pixels of brightness.
type Ink struct {
	Known  bool // false for JPEGs whose brightness is not looked at: progressive, in several scans
	Blocks int  // looked at: a margin of 1/32 at each edge is not
	Marked int  // blocks with a line, a letter, a stain or an edge
}

// blankShare: a page is thought blank under one marked block of so many. A line of ten letters of
// 12 points marks ten times that, dust and a punched hole less.
const blankShare = 5000

// Blank reports whether the page looks empty, be its paper white, tinted or grey. It is only a
// hint: a blank page is flagged for the citizen and never dropped.
func (k Ink) Blank() bool { return k.Known && k.Marked*blankShare < k.Blocks }

// Inspect reads a JPEG to the end and says what it is, or why it is refused. Markers, tables and
// the order of restart intervals are checked, the picture data are not decoded. Memory: one window
// of 64 KiB.
func Inspect(r io.Reader) (Picture, error) {
	w := walker{src: &source{r: r}}
	err := w.walk()
	return w.pic, err
}

// Examine is Inspect which also follows the Huffman code of baseline JPEGs in one scan: it finds
// data lost in the middle, and the ink. It keeps no pixels, so memory stays that of Inspect; the
// cost is given in README.
func Examine(r io.Reader) (Picture, Ink, error) {
	w := walker{src: &source{r: r}, look: &look{}}
	err := w.walk()
	if err != nil {
		return w.pic, Ink{}, err
	}
	return w.pic, w.look.ink, nil
}
