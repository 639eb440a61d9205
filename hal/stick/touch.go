package stick

import "errors"

// Usage pages of HID Usage Tables 1.5.
const (
	pageDesktop   = 0x01
	pageKeyboard  = 0x07
	pageConsumer  = 0x0c
	pageDigitizer = 0x0d
	pageVendor    = 0xff00 // and above
)

// Tags of report items, without the two bits of their size (HID 1.11, 6.2.2).
const (
	itemInput, itemOutput, itemFeature  = 0x80, 0x90, 0xb0
	itemCollection, itemEnd             = 0xa0, 0xc0
	itemPage, itemPush, itemPop         = 0x04, 0xa4, 0xb4
	itemUsage, itemMinimum, itemMaximum = 0x08, 0x18, 0x28
	itemLong                            = 0xfe
)

// TouchOnly says whether a HID report descriptor is a touch screen's and nothing else: every
// collection at the top is a digitizer or the vendor's own, and no field of it is a key (HID 1.11,
// 6.2.2; HID Usage Tables 1.5, page 0x0d). A keyboard in a touch screen would type into the kiosk.
func TouchOnly(report []byte) error {
	var r touchReader
	for b := report; len(b) > 0; {
		size, head := []int{0, 1, 2, 4}[b[0]&3], b[0]&^3
		if b[0] == itemLong || len(b) < 1+size {
			return errors.New("a report item does not fit")
		}
		var value uint32
		for n := range size {
			value |= uint32(b[1+n]) << (8 * n)
		}
		b = b[1+size:]
		if err := r.item(head, value, size == 4); err != nil {
			return err
		}
	}
	if r.screens == 0 || r.depth != 0 {
		return errors.New("no touch screen in it")
	}
	return nil
}

// touchReader is where the reading of a report descriptor stands.
type touchReader struct {
	page           uint32   // in force
	pushed         []uint32 // pages to come back to
	usages         []usage  // of the main item that comes
	depth, screens int      // of collections
}

// usage is a number on a page: its own, or that in force when it is named and again when the main item comes. Which
// of the two Linux takes depends on what stands between, so both are looked at.
type usage struct {
	page, number uint32
	own          bool
}

// item takes one item; an error refuses the device.
func (r *touchReader) item(head byte, value uint32, long bool) error {
	switch head {
	case itemPage:
		r.page = value
	case itemPush:
		r.pushed = append(r.pushed, r.page)
	case itemPop:
		if len(r.pushed) == 0 {
			return errors.New("a report item has no other half")
		}
		last := len(r.pushed) - 1
		r.page, r.pushed = r.pushed[last], r.pushed[:last]
	case itemUsage, itemMinimum, itemMaximum:
		u := usage{page: r.page, number: value}
		if long {
			u = usage{value >> 16, value & 0xffff, true}
		}
		r.usages = append(r.usages, u)
	case itemInput, itemOutput, itemFeature, itemCollection, itemEnd:
		return r.main(head)
	}
	return nil
}

// main takes a main item with the usages before it.
func (r *touchReader) main(head byte) error {
	for _, u := range r.usages {
		if u.key() || !u.own && (usage{page: r.page, number: u.number}).key() {
			return errors.New("there are keys in it")
		}
	}
	switch head {
	case itemCollection:
		if r.depth++; r.depth > 1 {
			break
		}
		switch page := r.first(); {
		case page == pageDigitizer:
			r.screens++
		case page < pageVendor:
			return errors.New("a collection is not a touch screen's")
		}
	case itemEnd:
		r.depth--
	}
	r.usages = nil
	return nil
}

// first is the page of the usage that says what a collection is; 0 where none does, or two pages would.
func (r *touchReader) first() uint32 {
	if len(r.usages) == 0 || !r.usages[0].own && r.usages[0].page != r.page {
		return 0
	}
	return r.usages[0].page
}

// key reports whether a usage is a key: of a keyboard, of a remote control, or one for power and sleep.
func (u usage) key() bool {
	desktop := u.page == pageDesktop && (u.number == 0x06 || u.number == 0x07 || u.number >= 0x80)
	return desktop || u.page == pageKeyboard || u.page == pageConsumer
}
