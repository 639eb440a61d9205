package ippusb

import (
	"testing"
	"unicode"
)

// FuzzDecodeString gives any bytes for a string descriptor: a name that comes out can be shown.
func FuzzDecodeString(f *testing.F) {
	f.Add([]byte{6, 3, 'H', 0, 'P', 0})
	f.Add([]byte{4, 3, 0, 0xd8})
	f.Add([]byte{255, 3, 0x41})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := decodeString(b)
		if ok && s == "" {
			t.Error("an empty name is called one")
		}
		for _, r := range s {
			if ok && !unicode.IsPrint(r) {
				t.Errorf("name %q has the letter %x", s, r)
			}
		}
	})
}
