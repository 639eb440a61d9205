package escpos

import (
	"errors"
	"testing"
)

func TestRealTimeStatusBits(t *testing.T) {
	for _, c := range []struct {
		n, b  byte
		want  Status
		ready error
	}{
		{1, 0x12, Status{}, nil},
		{1, 0x16, Status{}, nil}, // drawer
		{1, 0x1a, Status{Offline: true}, ErrOffline},
		{2, 0x12, Status{}, nil},
		{2, 0x16, Status{CoverOpen: true}, ErrCoverOpen},
		{2, 0x1a, Status{}, nil}, // fed by the button
		{2, 0x32, Status{PaperOut: true}, ErrPaperOut},
		{2, 0x52, Status{Fault: Unspecified}, ErrFault},
		{3, 0x12, Status{}, nil},
		{3, 0x16, Status{Fault: Mechanical}, ErrFault},
		{3, 0x1a, Status{Fault: Cutter}, ErrFault},
		{3, 0x32, Status{Fault: Unrecoverable}, ErrFault},
		{3, 0x52, Status{Fault: Overheated}, ErrFault},
		{4, 0x12, Status{}, nil},
		{4, 0x1e, Status{PaperLow: true}, nil},
		{4, 0x72, Status{PaperOut: true}, ErrPaperOut},
		{4, 0x7e, Status{PaperLow: true, PaperOut: true}, ErrPaperOut},
	} {
		var got Status
		got.realTime(c.n, c.b)
		if got != c.want || !errors.Is(got.Ready(), c.ready) {
			t.Errorf("DLE EOT %d % x: got %+v %v, want %+v %v", c.n, c.b, got, got.Ready(), c.want, c.ready)
		}
	}
}

// TestFullStatusBits is the table of facts §1.7, one bit after the other.
func TestFullStatusBits(t *testing.T) {
	for _, c := range []struct {
		paper, user, soft, hard byte
		want                    Status
		ready                   error
	}{
		{0, 0, 0, 0, Status{}, nil},
		{0x01, 0, 0, 0, Status{PaperOut: true}, ErrPaperOut},
		{0x04, 0, 0, 0, Status{PaperLow: true}, nil},
		{0x20, 0, 0, 0, Status{Presented: true}, nil},
		{0x40, 0, 0, 0, Status{PaperLow: true}, nil}, // virtual end
		{0x80, 0, 0, 0, Status{}, nil},               // no mark under the sensor
		{0, 0x01, 0, 0, Status{CoverOpen: true}, ErrCoverOpen},
		{0, 0x02, 0, 0, Status{CoverOpen: true}, ErrCoverOpen},
		{0, 0x6c, 0, 0, Status{}, nil}, // spooling, motor, keys
		{0, 0, 0x01, 0, Status{Fault: Overheated}, ErrFault},
		{0, 0, 0x22, 0, Status{}, nil}, // RS-232, command not known
		{0, 0, 0x08, 0, Status{Fault: Unrecoverable}, ErrFault},
		{0, 0, 0x40, 0, Status{Fault: Mechanical}, ErrFault},
		{0, 0, 0, 0x01, Status{Fault: Cutter}, ErrFault},
		{0, 0, 0, 0x02, Status{CoverOpen: true}, ErrCoverOpen},
		{0, 0, 0, 0x04, Status{Fault: Unrecoverable}, ErrFault},
		{0, 0, 0, 0x08, Status{Fault: Unrecoverable}, ErrFault},
		{0, 0, 0, 0x80, Status{Fault: Unspecified}, ErrFault},
		{0x24, 0, 0x41, 0x01, Status{PaperLow: true, Presented: true, Fault: Mechanical | Overheated | Cutter}, ErrFault},
	} {
		got := full([]byte{0x10, 0x0f, c.paper, c.user, c.soft, c.hard})
		c.want.Known, c.want.At, c.want.mouth = true, got.At, true
		if got != c.want || !errors.Is(got.Ready(), c.ready) {
			t.Errorf("%x %x %x %x: got %+v %v, want %+v %v", c.paper, c.user, c.soft, c.hard, got, got.Ready(), c.want, c.ready)
		}
	}
}

func TestOtherStatusBits(t *testing.T) {
	for _, c := range []struct {
		name string
		got  Status
		want Status
	}{
		{"asb good", automatic([]byte{0x10, 0, 0, 0}), Status{}},
		{"asb offline, cover", automatic([]byte{0x38, 0, 0, 0}), Status{Offline: true, CoverOpen: true}},
		{"asb cutter", automatic([]byte{0x18, 0x08, 0, 0}), Status{Offline: true, Fault: Cutter}},
		{"asb low", automatic([]byte{0x10, 0, 0x03, 0}), Status{PaperLow: true}},
		{"asb out", automatic([]byte{0x18, 0, 0x0f, 0}), Status{Offline: true, PaperLow: true, PaperOut: true}},
		{"port good", port(0x18), Status{}},
		{"port out", port(0x30), Status{PaperOut: true}},
		{"port error", port(0x10), Status{Fault: Unspecified}},
		{"port deselected", port(0x08), Status{Offline: true}},
	} {
		if c.got.At.IsZero() {
			t.Errorf("%s: got no time, want now", c.name)
		}
		c.want.Known, c.want.At = true, c.got.At
		if c.got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, c.got, c.want)
		}
	}
	several := Status{PaperOut: true, CoverOpen: true, Fault: Cutter, Offline: true}
	for _, want := range []error{ErrPaperOut, ErrCoverOpen, ErrFault, ErrOffline} {
		if got := several.Ready(); got != want {
			t.Errorf("got %v for %+v, want %v", got, several, want)
		}
		switch want {
		case ErrPaperOut:
			several.PaperOut = false
		case ErrCoverOpen:
			several.CoverOpen = false
		case ErrFault:
			several.Fault = 0
		}
	}
}
