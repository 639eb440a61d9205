package stick

import "errors"

// TouchOnly says whether a HID report descriptor is a touch screen's and nothing else: every
// collection at the top is a digitizer or the vendor's own, and no field of it is a key (HID 1.11,
// 6.2.2; HID Usage Tables 1.5, page 0x0d). A keyboard in a touch screen would type into the kiosk.
func TouchOnly(report []byte) error {
	var global, page, usage uint32
	depth, screens := 0, 0
	for b := report; len(b) > 0; {
		size, head := []int{0, 1, 2, 4}[b[0]&3], b[0]&^3
		if b[0] == 0xfe || len(b) < 1+size {
			return errors.New("a report item does not fit")
		}
		var value uint32
		for n := range size {
			value |= uint32(b[1+n]) << (8 * n)
		}
		b = b[1+size:]
		switch head {
		case 0x04: // usage page
			global, page, usage = value, value, 0
		case 0x08, 0x18, 0x28: // usage, minimum, maximum
			if page, usage = global, value; size == 4 {
				page, usage = value>>16, value&0xffff
			}
		case 0xa0: // collection
			if depth++; depth > 1 {
				break
			}
			if page == 0x0d {
				screens++
			} else if page < 0xff00 {
				return errors.New("a collection is not a touch screen's")
			}
		case 0xc0:
			depth--
		}
		if page == 0x07 || page == 0x0c || page == 0x01 && (usage == 0x06 || usage == 0x07 || usage >= 0x80) {
			return errors.New("there are keys in it")
		}
	}
	if screens == 0 || depth != 0 {
		return errors.New("no touch screen in it")
	}
	return nil
}
