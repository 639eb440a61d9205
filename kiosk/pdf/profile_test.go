package pdf

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

// TestProfileHoldsPublishedNumbers compares with the colorants of sRGB under D50 as the ICC and
// Lindbloom publish them, to their rounding, and with the curve at known points.
func TestProfileHoldsPublishedNumbers(t *testing.T) {
	for i, want := range []vector{{0.4361, 0.2225, 0.0139}, {0.3851, 0.7169, 0.0971}, {0.1431, 0.0606, 0.7141}} {
		got := colorants()[i]
		for k := range want {
			if math.Abs(got[k]-want[k]) > 2e-4 {
				t.Errorf("colorant %d: got %.4f, want %.4f", i, got, want)
			}
		}
	}
	for v, want := range map[float64]float64{0: 0, 1: 1, 0.5: 0.214041, 0.2: 0.0331048, 0.04: 0.0030960} {
		if got := linear(v); math.Abs(got-want) > 1e-6 {
			t.Errorf("linear(%v): got %v, want %v", v, got, want)
		}
	}
}

func TestProfileIsWellFormed(t *testing.T) {
	p := profile()
	be := binary.BigEndian
	if int(be.Uint32(p)) != len(p) || string(p[36:40]) != "acsp" || string(p[12:24]) != "mntrRGB XYZ " || len(p)%4 != 0 {
		t.Fatalf("header % x", p[:128])
	}
	types := map[string]string{"desc": "desc", "cprt": "text", "wtpt": "XYZ ", "rXYZ": "XYZ ", "gXYZ": "XYZ ", "bXYZ": "XYZ ",
		"rTRC": "curv", "gTRC": "curv", "bTRC": "curv"}
	if n := int(be.Uint32(p[128:])); n != len(types) {
		t.Fatalf("got %d tags, want %d", n, len(types))
	}
	for i := range len(types) {
		row := p[132+12*i:]
		at, size := int(be.Uint32(row[4:])), int(be.Uint32(row[8:]))
		if at%4 != 0 || at+size > len(p) || !bytes.HasPrefix(p[at:], []byte(types[string(row[:4])]+"\x00\x00\x00\x00")) {
			t.Errorf("tag %s at %d, %d bytes: % x", row[:4], at, size, p[at:at+8])
		}
	}
}
