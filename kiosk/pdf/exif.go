package pdf

import (
	"encoding/binary"
)

// tagOrientation is Exif's tag 274: which edge of the stored picture is its top.
const tagOrientation = 0x0112

// orientation looks for the tag in the first directory of a TIFF block. It returns the value 1…8
// and the offset of its two bytes, or 0.
func orientation(tiff []byte) (value, at int, little bool) {
	var order binary.ByteOrder = binary.BigEndian
	if len(tiff) < 8 {
		return 0, 0, false
	}
	if string(tiff[:4]) == "II*\x00" {
		order, little = binary.LittleEndian, true
	} else if string(tiff[:4]) != "MM\x00*" {
		return 0, 0, false
	}
	from := int64(order.Uint32(tiff[4:]))
	if from+2 > int64(len(tiff)) {
		return 0, 0, false
	}
	for i := range int64(order.Uint16(tiff[from:])) {
		entry := from + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			break
		}
		e := tiff[entry : entry+12]
		value := int(order.Uint16(e[8:]))
		if order.Uint16(e) == tagOrientation && order.Uint16(e[2:]) == 3 && value >= 1 && value <= 8 {
			return value, int(entry) + 8, little
		}
	}
	return 0, 0, false
}

// stance is how a stored picture must be shown: mirrored left to right first, then turned clockwise.
type stance struct {
	mirrored bool
	turn     int // degrees
}

// stances by Exif orientation; 0 is a picture that says nothing.
func stanceOf(orientation int) stance {
	return [...]stance{{}, {}, {true, 0}, {false, 180}, {true, 180}, {true, 270}, {false, 90}, {true, 90}, {false, 270}}[orientation]
}

// orientationOf is the inverse of stanceOf.
func orientationOf(s stance) int {
	for o := 1; o <= 8; o++ {
		if stanceOf(o) == s {
			return o
		}
	}
	return 1
}

// exifSegment is an APP1 of nothing but an orientation (Exif 2.3, 4.5.4; TIFF 6.0, section 2).
func exifSegment(orientation int) []byte {
	s := []byte{0xFF, markAPP1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1}
	s = append(s, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(orientation), 0, 0)
	return append(s, 0, 0, 0, 0) // no further directory
}
