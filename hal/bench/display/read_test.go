package display

import "testing"

func TestReadSaysWhatAPersonSees(t *testing.T) {
	for want, segments := range map[string][]uint8{
		"А012-02": {0x77, 0x7e, 0x30, 0x6d, 0x01, 0x7e, 0x6d, 0x00},
		"С 08-30": {0x4e, 0x00, 0x7e, 0x7f, 0x01, 0x79, 0x7e, 0x00},
		"-------": {1, 1, 1, 1, 1, 1, 1, 0},
		"":        {0, 0, 0, 0, 0, 0, 0, 0},
		"1.?":     {0xb0, 0x55, 0, 0, 0, 0, 0, 0},
	} {
		if got := Read(segments); got != want {
			t.Errorf("%x: got %q, want %q", segments, got, want)
		}
	}
}
