package ipc

import (
	"fmt"
	"regexp"
)

// Scan asks the worker for a page from the glass, or all from the feeder if it has paper. Pages come
// as Page, the end as Scanned.
type Scan struct {
	DPI    int  `cbor:"1,keyasint"`
	Color  bool `cbor:"2,keyasint,omitempty"`
	Duplex bool `cbor:"3,keyasint,omitempty"`
}

// Stop ends a scan or a save under way; its Scanned or Unsaved follows.
type Stop struct{}

// Drop throws a page away. There is no answer.
type Drop struct {
	Page uint32 `cbor:"1,keyasint"`
}

// Format is what a save makes.
type Format uint8

// Formats.
const (
	PDF  Format = 1 // one file of all pages, or parts of it
	JPEG Format = 2 // a file a page
)

// Ref is a page in its place in the document.
type Ref struct {
	Page uint32 `cbor:"1,keyasint"`
	Turn int    `cbor:"2,keyasint,omitempty"` // degrees clockwise: 0, 90, 180, 270
}

// Save asks the worker to write pages onto the stick. Progress comes, then Saved or Unsaved.
type Save struct {
	Format  Format `cbor:"1,keyasint"`
	Session uint64 `cbor:"2,keyasint"`           // its number, for names where the clock is not trusted
	Day     int64  `cbor:"3,keyasint,omitempty"` // days since 1 January 1970 in the site's zone, for names; 0 = not trusted
	Created int64  `cbor:"4,keyasint,omitempty"` // Unix seconds, 0 unless the clock is trusted
	Pages   []Ref  `cbor:"5,keyasint"`
}

// Finish ends the session: the key is zeroed, the files are dropped, Wiped is the last message.
type Finish struct{}

// Ready tells that the worker serves.
type Ready struct {
	Preview string `cbor:"1,keyasint"` // "127.0.0.1:40123": where previews are
	Token   string `cbor:"2,keyasint"` // 32 hex digits: the path's first part
}

// ScannerState is how the scanner is.
type ScannerState uint8

// States of the scanner.
const (
	ScannerReady   ScannerState = 1
	ScannerAbsent  ScannerState = 2 // not attached, or switched off
	ScannerBusy    ScannerState = 3 // warming up
	ScannerFails   ScannerState = 4 // attached, and does not work
	scannerUnknown              = ScannerFails + 1
)

// Scanner tells how the scanner is and what it offers.
type Scanner struct {
	State  ScannerState `cbor:"1,keyasint"`
	Color  bool         `cbor:"2,keyasint,omitempty"`
	Feeder bool         `cbor:"3,keyasint,omitempty"`
	Duplex bool         `cbor:"4,keyasint,omitempty"`
	MaxDPI int          `cbor:"5,keyasint,omitempty"`
}

// Page tells that a page is whole in the vault.
type Page struct {
	Page   uint32 `cbor:"1,keyasint"` // from 1, never given twice in a session
	Width  int    `cbor:"2,keyasint"` // pixels
	Height int    `cbor:"3,keyasint"`
	Bytes  int64  `cbor:"4,keyasint"`
	Blank  bool   `cbor:"5,keyasint,omitempty"` // looks empty: a hint
	Left   int64  `cbor:"6,keyasint"`           // bytes that the vault still takes
}

// ScanFault is why a scan ended early.
type ScanFault uint8

// Reasons. Pages delivered before are good. Each has a sentence and a number on the LED.
const (
	ScanWell        ScanFault = 0
	ScanFeederEmpty ScanFault = 1
	ScanJam         ScanFault = 2
	ScanMisfeed     ScanFault = 3
	ScanCover       ScanFault = 4
	ScanSize        ScanFault = 5 // a sheet that does not suit
	ScanBusy        ScanFault = 6
	ScanStopped     ScanFault = 7 // cancelled: at the device, or by Stop
	ScanTorn        ScanFault = 8 // the page came incomplete, or did not end
	ScanLost        ScanFault = 9 // the scanner is not there
	ScanFails       ScanFault = 10
	ScanFull        ScanFault = 11 // the vault's budget is used up
	ScanVault       ScanFault = 12 // a page could not be kept: the card
	scanFaultLast             = ScanVault
)

// Scanned tells that a scan has ended.
type Scanned struct {
	Pages int       `cbor:"1,keyasint,omitempty"` // whole pages of this scan
	Fault ScanFault `cbor:"2,keyasint,omitempty"`
}

// Progress tells how far a save is: bytes that are really on the stick, not in the computer's memory.
type Progress struct {
	Done  int64 `cbor:"1,keyasint"`
	Total int64 `cbor:"2,keyasint"`
	Check bool  `cbor:"3,keyasint,omitempty"` // reading back
}

// Saved tells that everything is on the stick, flushed and read back. The stick is still mounted.
type Saved struct {
	Files int   `cbor:"1,keyasint"`
	Bytes int64 `cbor:"2,keyasint"`
}

// SaveFault is why a save failed.
type SaveFault uint8

// Reasons. The pages are whole in any case.
const (
	SaveNoStick   SaveFault = 1 // none is mounted
	SavePulled    SaveFault = 2 // taken out in the middle
	SaveFull      SaveFault = 3
	SaveProtected SaveFault = 4
	SaveDiffers   SaveFault = 5 // what was read back is not what was written: a counterfeit or broken stick
	SaveFails     SaveFault = 6
	SaveStopped   SaveFault = 7
	SavePages     SaveFault = 8 // pages that the vault does not have, or not whole
	saveFaultLast           = SavePages
)

// Unsaved tells that a save failed. The unfinished file is removed where that was possible; files of the
// same save that were whole stay.
type Unsaved struct {
	Why SaveFault `cbor:"1,keyasint"`
}

// Wiped tells that the key is zeroed and the files are dropped. The end of the process follows, and
// is what counts.
type Wiped struct {
	Pages int `cbor:"1,keyasint,omitempty"` // pages that were in the vault
	Files int `cbor:"2,keyasint,omitempty"` // files dropped
}

func (*Scan) kind() kind     { return kindScan }
func (*Stop) kind() kind     { return kindStop }
func (*Drop) kind() kind     { return kindDrop }
func (*Save) kind() kind     { return kindSave }
func (*Finish) kind() kind   { return kindFinish }
func (*Ready) kind() kind    { return kindReady }
func (*Scanner) kind() kind  { return kindScanner }
func (*Page) kind() kind     { return kindPage }
func (*Scanned) kind() kind  { return kindScanned }
func (*Progress) kind() kind { return kindProgress }
func (*Saved) kind() kind    { return kindSaved }
func (*Unsaved) kind() kind  { return kindUnsaved }
func (*Wiped) kind() kind    { return kindWiped }

func (m *Scan) check() error { return within("dpi", m.DPI, 50, 2400) }
func (*Stop) check() error   { return nil }
func (m *Drop) check() error { return pageNumber(m.Page) }
func (*Finish) check() error { return nil }

func (m *Save) check() error {
	if err := first(within("format", uint8(m.Format), 1, uint8(JPEG)), within("session", int64(min(m.Session, 1<<62)), 1, 1<<40),
		within("day", m.Day, 0, 1<<20), within("created", m.Created, 0, 1<<40),
		within("number of pages", len(m.Pages), 1, MaxPages)); err != nil {
		return err
	}
	for _, p := range m.Pages {
		if p.Turn != 0 && p.Turn != 90 && p.Turn != 180 && p.Turn != 270 {
			return fmt.Errorf("%w: turn is %d", ErrRange, p.Turn)
		}
		if err := pageNumber(p.Page); err != nil {
			return err
		}
	}
	return nil
}

var (
	previewShape = regexp.MustCompile(`^127\.0\.0\.1:[1-9][0-9]{0,4}$`)
	tokenShape   = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

func (m *Ready) check() error {
	if !previewShape.MatchString(m.Preview) || !tokenShape.MatchString(m.Token) {
		return fmt.Errorf("%w: address of previews", ErrRange)
	}
	return nil
}

func (m *Scanner) check() error {
	return first(within("state", uint8(m.State), 1, uint8(scannerUnknown)-1), within("dpi", m.MaxDPI, 0, 19200))
}

func (m *Page) check() error {
	return first(pageNumber(m.Page), within("width", m.Width, 1, 1<<16), within("height", m.Height, 1, 1<<16),
		within("bytes", m.Bytes, 1, MaxBytes), within("left", m.Left, 0, MaxBytes))
}

func (m *Scanned) check() error {
	return first(within("pages", m.Pages, 0, MaxPages), within("fault", uint8(m.Fault), 0, uint8(scanFaultLast)))
}

func (m *Progress) check() error {
	return first(within("total", m.Total, 0, MaxBytes), within("done", m.Done, 0, m.Total))
}

func (m *Saved) check() error {
	return first(within("files", m.Files, 1, MaxPages), within("bytes", m.Bytes, 1, MaxBytes))
}

func (m *Unsaved) check() error { return within("why", uint8(m.Why), 1, uint8(saveFaultLast)) }

func (m *Wiped) check() error {
	return first(within("pages", m.Pages, 0, 1<<30), within("files", m.Files, 0, 1<<30))
}

// pageNumber bounds the number of a page: pages that were thrown away count, too.
func pageNumber(n uint32) error { return within("page", n, 1, 1<<20) }
