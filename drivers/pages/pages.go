// Package pages is what drivers of scanners have in common: the words of a scan and the reasons why it
// ended.
//
// It owns the port in standard types, what a page is told to be, and the errors that decide what a
// citizen is asked to do. It refuses to know a protocol, to keep pages and to choose a driver
// (drivers/autoscan does). Its users are drivers/escl and drivers/sane, which know nothing of each other.
package pages

import (
	"context"
	"errors"
	"io"
)

// Errors a caller acts on; each says what the citizen is told to do.
var (
	// ErrFeederEmpty means that the feeder was asked for and has no sheet: put the sheets in until
	// they stop. Nothing was scanned.
	ErrFeederEmpty = errors.New("feeder is empty")
	// ErrJam means that a sheet is stuck: open the cover, pull it out, put the rest in again from
	// that sheet on. Pages delivered before are good.
	ErrJam = errors.New("paper jam")
	// ErrMisfeed means that no sheet, or more than one, was drawn in: fan the stack, take out
	// clips, put it in again.
	ErrMisfeed = errors.New("sheet was not fed right")
	// ErrCoverOpen means that a cover is open: close it, scan again.
	ErrCoverOpen = errors.New("cover open")
	// ErrSheetSize means that a sheet is too short or too long for the feeder's both-sided way: use
	// the glass.
	ErrSheetSize = errors.New("sheet does not suit the feeder")
	// ErrBusy means that the device went on being busy or warming up: wait a minute, try again.
	ErrBusy = errors.New("scanner is busy")
	// ErrAbsent means that there is no device, or that it was unplugged: connect it and switch it on.
	ErrAbsent = errors.New("scanner is not connected")
	// ErrCancelled means that the scan was cancelled, by the caller's context or at the device's
	// own buttons: nothing needs to be done.
	ErrCancelled = errors.New("scan was cancelled")
	// ErrPageTimeout means that a page did not end in time. Scanners stop like that before
	// banknotes and secured forms: this sheet cannot be scanned here; if it happens with any
	// sheet, call for help.
	ErrPageTimeout = errors.New("page did not end in time")
	// ErrTorn means that a page came incomplete and was thrown away: scan that page again.
	ErrTorn = errors.New("page is not whole")
	// ErrPageSize means that a page came in another size than asked and was thrown away: put
	// the sheet straight, scan again; if it happens again, call for help.
	ErrPageSize = errors.New("page has an unexpected size")
	// ErrStopped means that the device gave up without saying more: look for stuck paper and
	// open covers, scan again; if it happens again, call for help.
	ErrStopped = errors.New("scanner stopped")
	// ErrRefused means that the device does not accept the settings, or this user may not use it:
	// call for help.
	ErrRefused = errors.New("scanner refuses the settings")
)

// Source says where the paper is.
type Source uint8

// Sources. Auto is the feeder if it has paper, else the glass.
const (
	Auto   Source = 0
	Glass  Source = 1
	Feeder Source = 2
)

// Settings are a citizen's wishes; what the device does not have is replaced by the nearest.
type Settings struct {
	DPI    int // 0 = 300
	Color  bool
	Duplex bool // both sides, where the feeder can
	Source Source
}

// Sink takes the pages of one scan, one after the other, on the goroutine of Scan.
type Sink interface {
	// Page begins page n, from 1, and returns where its bytes go. Whatever was written for a page
	// that Whole does not follow is to be thrown away. An error ends the scan.
	Page(n int) (io.Writer, error)
	// Whole says that everything of the page begun last has been written. An error ends the scan.
	Whole(p Page) error
}

// Page is what is known of a whole page.
type Page struct {
	Number        int // from 1, in the order they came; backs follow their fronts
	Width, Height int // pixels
	DPI           int // as asked, not as the file says
	Components    int // 1 grey, 3 colour
	Bytes         int64
}

// Result says what a scan did, also when it ended with an error: pages delivered are good.
type Result struct {
	Pages  int
	Source Source // Glass or Feeder
	DPI    int
	Color  bool
	Duplex bool
}

// Offer is what can be asked of a device.
type Offer struct {
	DPI    []int // ascending, those worth offering
	Color  bool
	Feeder bool
	Duplex bool // both sides in one pass
}

// Scanner is a device behind a driver: *escl.Scanner, *sane.Scanner, *autoscan.Scanner.
type Scanner interface {
	// Ready returns nil if a scan may be begun, or the reason why not. It moves no paper.
	Ready(ctx context.Context) error
	// Offer returns what the device can do.
	Offer(ctx context.Context) (Offer, error)
	// Scan delivers one page from the glass, or all from the feeder, to sink.
	Scan(ctx context.Context, set Settings, sink Sink) (Result, error)
}

// Port is a Scanner in standard types alone, so that the service can declare it as an interface
// without knowing a driver.
type Port struct{ Scanner Scanner }

// Ready is the Scanner's.
func (p Port) Ready(ctx context.Context) error { return p.Scanner.Ready(ctx) }

// Offers is the Scanner's Offer: resolutions in dpi, ascending; colour; a feeder; both sides in one pass.
func (p Port) Offers(ctx context.Context) (dpi []int, color, feeder, duplex bool, err error) {
	o, err := p.Scanner.Offer(ctx)
	return o.DPI, o.Color, o.Feeder, o.Duplex, err
}

// Scan takes one page from the glass, or all from the feeder if it is loaded, at about dpi. page
// begins page n, from 1, and returns where its bytes go; whole says that they are complete: a
// JPEG of that size. A page begun without whole after it is to be thrown away. It returns how many
// pages were whole, also beside an error.
func (p Port) Scan(ctx context.Context, dpi int, color, duplex bool, page func(n int) (io.Writer, error),
	whole func(n, widthPx, heightPx, dpi int, bytes int64) error) (int, error) {
	res, err := p.Scanner.Scan(ctx, Settings{DPI: dpi, Color: color, Duplex: duplex}, funcs{page, whole})
	return res.Pages, err
}

// funcs is a Sink of two functions.
type funcs struct {
	page  func(n int) (io.Writer, error)
	whole func(n, widthPx, heightPx, dpi int, bytes int64) error
}

// Page implements Sink.
func (f funcs) Page(n int) (io.Writer, error) { return f.page(n) }

// Whole implements Sink.
func (f funcs) Whole(p Page) error { return f.whole(p.Number, p.Width, p.Height, p.DPI, p.Bytes) }
