package escpos

import (
	"bytes"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// sipping is an Epson that tells no model, as one of vendor class is, with a head for slip.
func sipping() Profile {
	p := EpsonT88()
	p.ProcessID, p.Dots = false, 576
	p.Sips = true
	return p
}

// bandsOf are the writes of slip's picture to a printer that sips.
func bandsOf(t *testing.T) (out []usbtest.Step, j job) {
	t.Helper()
	j = bytesOf(t, sipping())
	from := 0
	for _, to := range j.stops {
		out = append(out, say(j.body[from:to]...))
		from = to
	}
	return out, j
}

// TestSips: two bands go, the third when the first was answered; the slip is confirmed by the answer
// to the last GS r and not by one of the others.
func TestSips(t *testing.T) {
	bands, j := bandsOf(t)
	answered := hear(0)
	var script []usbtest.Step
	for i, band := range bands {
		if i > 1 {
			script = append(script, answered)
		}
		script = append(script, band)
	}
	whole := steps(healthy(), script, say(j.tail...), answered, answered, answered)
	play(t, sipping(), printing(Confirmed, nil, settleTime), whole)
}

// TestOnlyTheLastAnswerConfirms: the bands' own answers are on their way when the cut is sent.
func TestOnlyTheLastAnswerConfirms(t *testing.T) {
	s := session{want: &wanted{}, unsaid: 3}
	for i := range 3 {
		if s.want.seen {
			t.Errorf("got it confirmed by answer %d, want the third", i)
		}
		s.note(answer{transmitted, []byte{0}})
	}
	if !s.want.seen {
		t.Error("got no confirmation by the third answer")
	}
}

// TestSipsAreSmall: two bands and a command to clear fit the smallest usual buffer.
func TestSipsAreSmall(t *testing.T) {
	_, j := bandsOf(t)
	from := 0
	for i, to := range j.stops {
		if !bytes.HasSuffix(j.body[:to], []byte{gs, 'r', 1}) || 2*(to-from)+10 > maxChunk {
			t.Errorf("band %d: got %d bytes to % x, want at most %d and GS r at the end", i, to-from, j.body[to-3:to], (maxChunk-10)/2)
		}
		from = to
	}
	if from != len(j.body) {
		t.Errorf("got %d bytes behind the last band, want none", len(j.body)-from)
	}
}

// TestWaitingForBands: whoever is ready and does not answer gets the rest after three seconds; whoever
// has no paper is waited for, and given up after a minute.
func TestWaitingForBands(t *testing.T) {
	for _, c := range []struct {
		status Status
		took   time.Duration
		err    error
	}{{Status{Known: true}, unheardIn, nil}, {Status{Known: true, PaperOut: true}, paperLimit + pollEvery, ErrPaperOut}} {
		synctest.Test(t, func(t *testing.T) {
			s := session{auto: &c.status, seen: new(atomic.Pointer[Status]), unsaid: 2, answers: make(chan answer), ended: make(chan struct{})}
			begin := time.Now()
			heard, err := s.processed(t.Context(), 1)
			if took := time.Since(begin); heard || !errors.Is(err, c.err) || took != c.took {
				t.Errorf("%+v: got %t, %v after %v, want false, %v after %v", c.status, heard, err, took, c.err, c.took)
			}
		})
	}
}

// TestVendorClassSips: what class requests cannot reach is never filled.
func TestVendorClassSips(t *testing.T) {
	for _, c := range []struct {
		class uint8
		want  bool
	}{{0xff, true}, {7, false}} {
		pipe := classed{usbtest.NewPlayback(t), c.class}
		if got := vendorClass(pipe); got != c.want {
			t.Errorf("class %x: got %t, want %t", c.class, got, c.want)
		}
	}
}

// classed is a pipe of an interface of a class.
type classed struct {
	usb.Pipe
	class uint8
}

func (c classed) Interface() usb.Interface { return usb.Interface{Class: c.class} }
