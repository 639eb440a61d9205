package ippusb

import (
	"context"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"sps-kiosk/hal/usb"
)

const (
	getDescriptor = 6 // USB 2.0, table 9-4
	deviceDesc    = 1 // table 9-5
	stringDesc    = 3
	english       = 0x0409
)

// asker is the part of a usb.Pipe that answers requests.
type asker interface {
	Control(ctx context.Context, s usb.Setup, data []byte) (int, error)
}

// productName asks for manufacturer and product, each up to three times: Pantum BP5100DN answers
// the first question with garbage (ipp-usb). Without an answer it is "".
func productName(ctx context.Context, p asker) string {
	d := make([]byte, 18)
	setup := usb.Setup{RequestType: 0x80, Request: getDescriptor, Value: deviceDesc << 8}
	if n, err := p.Control(ctx, setup, d); err != nil || n < len(d) || d[1] != deviceDesc {
		return ""
	}
	maker, product := readString(ctx, p, d[14]), readString(ctx, p, d[15])
	if strings.HasPrefix(strings.ToLower(product), strings.ToLower(maker)) {
		return product
	}
	return strings.TrimSpace(maker + " " + product)
}

func readString(ctx context.Context, p asker, index uint8) string {
	for try := 0; index != 0 && try < 3 && ctx.Err() == nil; try++ {
		b := make([]byte, 255)
		setup := usb.Setup{RequestType: 0x80, Request: getDescriptor, Value: stringDesc<<8 | uint16(index), Index: english}
		n, err := p.Control(ctx, setup, b)
		if err == nil {
			if s, ok := decodeString(b[:n]); ok {
				return s
			}
		}
		time.Sleep(zeroPause)
	}
	return ""
}

// decodeString reads a string descriptor (USB 2.0, §9.6.7); a name has no unprintable letters.
func decodeString(b []byte) (string, bool) {
	if len(b) < 4 || b[1] != stringDesc || int(b[0]) > len(b) || b[0] < 4 {
		return "", false
	}
	var units []uint16
	for b = b[2:b[0]]; len(b) >= 2; b = b[2:] {
		units = append(units, binary.LittleEndian.Uint16(b))
	}
	s := strings.TrimSpace(strings.TrimRight(string(utf16.Decode(units)), "\x00"))
	odd := strings.ContainsFunc(s, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) })
	return s, s != "" && !odd
}
