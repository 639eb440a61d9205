// Package escpos prints slips on receipt printers that speak ESC/POS over USB.
//
// It owns the whole way of a slip from an image to a statement about paper: rasterising to bands,
// status before the first byte, data in chunks with an exact offset, waiting while somebody changes
// the roll, and the printer's own word that it is done. A slip is a picture, so any letter prints;
// text in a code page is for who asks for it. It refuses logos in flash memory, and any retry after
// the first byte: two tickets with one number are worse than none.
//
// Sources: Epson, "ESC/POS Command Reference for TM Printers" (GS v 0, GS V, GS r, GS a, GS ( H,
// DLE EOT, real-time commands); Custom VKP80II and VKP80III command manuals; Citizen CBM/CT-S command reference;
// USB Device Class Definition for Printing Devices 1.1 (class requests, §4.2). No real printer has
// been attached yet: the driver is tried on scripts and on the bench's printer, which is written
// from the same sheets by another hand.
package escpos

import "errors"

// Why a printer does not print. Print wraps them, Status.Ready returns them.
var (
	// ErrPaperOut means that the roll is used up.
	ErrPaperOut = errors.New("paper out")
	// ErrCoverOpen means that the cover is open.
	ErrCoverOpen = errors.New("cover open")
	// ErrFault means that the printer reports a mechanical, cutter, head or internal error.
	ErrFault = errors.New("printer fault")
	// ErrForeign means that the printer is known to speak another language than ESC/POS.
	ErrForeign = errors.New("printer does not speak ESC/POS")
	// ErrOffline means that the printer takes no data and tells no better reason.
	ErrOffline = errors.New("printer offline")
	// ErrUnconfirmed means that the printer took every byte and reports no trouble, but did not
	// say that it was done: most likely the slip is there.
	ErrUnconfirmed = errors.New("printer did not confirm")
	// ErrBadImage means that the page has no pixels, is wider than the paper or absurdly long.
	ErrBadImage = errors.New("image does not fit the printer")
)

// Outcome is what is known about the paper after Print.
type Outcome uint8

// Outcomes. The zero value is the cautious one.
const (
	Uncertain  Outcome = 0 // some, all or nothing is on paper; never print it again unasked
	NotStarted Outcome = 1 // nothing is on paper and nothing will be
	Confirmed  Outcome = 2 // the printer said that it processed all of it, the cut included
)

// String returns the outcome in one word for events and logs.
func (o Outcome) String() string {
	switch o {
	case NotStarted:
		return "not-started"
	case Confirmed:
		return "confirmed"
	}
	return "uncertain"
}
