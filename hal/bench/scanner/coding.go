package scanner

import (
	"bytes"

	"sps-kiosk/hal/bench/scanner/transcode"
)

// Coding is how a firmware dresses its JPEG files. All of it is allowed and all of it has confused
// programs that look for markers instead of walking them.
type Coding struct {
	Progressive bool // several scans: SOF2, SOS repeatedly
	Restarts    int  // restart markers every so many MCUs; not with Progressive
	Thumbnail   bool // APP1 with a small JPEG in it, its own EOI included
	Filled      bool // fill bytes FF before markers
	Tail        int  // zero bytes after EOI
	Late        bool // 65535 lines in the frame and their number after the scan (DNL); not with Progressive
}

// apply dresses a sound baseline file.
func (c Coding) apply(file []byte) []byte {
	file = c.recode(file)
	if c.Late {
		file = late(file)
	}
	var b bytes.Buffer
	b.Write(file[:2])
	if c.Thumbnail {
		b.Write(thumbnail())
	}
	if c.Filled {
		b.Write([]byte{0xff, 0xff})
	}
	b.Write(file[2:])
	b.Write(make([]byte, c.Tail))
	return b.Bytes()
}

// recode leaves a file as it is that cannot be recoded; what image/jpeg wrote can.
func (c Coding) recode(file []byte) []byte {
	again, err := file, error(nil)
	switch {
	case c.Progressive:
		again, err = transcode.Progressive(file)
	case c.Restarts > 0:
		again, err = transcode.Restarts(file, c.Restarts)
	}
	if err != nil {
		return file
	}
	return again
}

// late moves the height of a file of one scan behind it (ISO/IEC 10918-1, B.2.5).
func late(file []byte) []byte {
	at := bytes.Index(file, []byte{0xff, 0xc0})
	if at < 0 {
		return file
	}
	height := bytes.Clone(file[at+5 : at+7])
	out := bytes.Clone(file[:len(file)-2])
	out[at+5], out[at+6] = 0xff, 0xff
	return append(append(append(out, 0xff, 0xdc, 0, 4), height...), 0xff, 0xd9)
}

// thumbnail is an APP1 segment that holds what looks like a whole file.
func thumbnail() []byte {
	inner := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\xff\xd8\xff\xfe\x00\x04ab\xff\xd9")
	n := len(inner) + 2
	return append([]byte{0xff, 0xe1, byte(n >> 8), byte(n)}, inner...)
}
