package escpos

import (
	"errors"
	"testing"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// clearing is DLE DC4 fn 8 with its seven guards, and the answer (facts §1.9).
func clearing() []usbtest.Step {
	return steps(say(0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08), hear(0x37, 0x25, 0x00))
}

func confirmed() usbtest.Step { return hear(0x37, 0x22, ' ', ' ', ' ', '!', 0) }

// TestLadder: what an earlier run may have left goes by DLE DC4 8 where the printer has that, and by
// zeros and ESC @ where it has not or does not say that it did.
func TestLadder(t *testing.T) {
	epson, citizen := job1(t, EpsonT20()), job1(t, Citizen())
	for _, c := range []struct {
		name    string
		profile Profile
		script  []usbtest.Step
		took    time.Duration
	}{
		{"cleared", EpsonT20(), steps(healthy(), clearing(), written(EpsonT20().rescue(uncut)), healthy(), epson, confirmed()), settleTime},
		{"no word", EpsonT20(), steps(healthy(), clearing()[:1], written(EpsonT20().rescue(torso)), healthy(), epson, confirmed()), settleTime + clearLimit},
		{"other word", Citizen(), steps(healthy(), clearing()[:1], hear(0x37, 0x26, 0), written(Citizen().rescue(torso)), healthy(), citizen, hear(0)),
			settleTime + clearLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.profile, func(t *testing.T, p *Printer) {
				p.Suspect()
				printing(Confirmed, nil, c.took)(t, p)
			}, c.script)
		})
	}
}

// TestClearedWithoutPaper: the rest of a ticket must not wait for the new roll.
func TestClearedWithoutPaper(t *testing.T) {
	out := steps(asks(1, 0x1a), asks(2, 0x32), asks(4, 0x7e))
	again := steps(healthy(), written(EpsonT20().rescue(uncut)), healthy(), job1(t, EpsonT20()), confirmed())
	again[len(again)-1].Data[5] = '"'
	again = steps(again[:len(again)-2], say(bytesNamed(t, EpsonT20(), 2).tail...), again[len(again)-1])
	play(t, EpsonT20(), func(t *testing.T, p *Printer) {
		p.Suspect()
		printing(NotStarted, ErrPaperOut, settleTime)(t, p)
		printing(Confirmed, nil, 0)(t, p)
	}, steps(out, clearing(), again))
}

// bytesNamed is bytesOf of another job number.
func bytesNamed(t *testing.T, p Profile, n uint32) job {
	t.Helper()
	j, err := p.encode(slip, processID(n))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestGivenUpIsCleared: a job that an obstacle ends is taken out of the printer at once.
func TestGivenUpIsCleared(t *testing.T) {
	j := bytesOf(t, Citizen())
	waiting := written(j.body)
	waiting[1].Delay = -1
	full := usbtest.Step{Op: usbtest.Write, Data: clearing()[0].Data, Delay: -1}
	refused, older := softReset, softReset
	refused.Err, older.Setup.RequestType = usb.ErrStalled, 0x23
	begin := steps(healthy(), waiting[:2], portSays(0x30, 61))
	t.Run("by its word", func(t *testing.T) {
		play(t, Citizen(), printing(Uncertain, ErrPaperOut, settleTime+61*time.Second), steps(begin, clearing()))
	})
	t.Run("by endpoint 0, behind a full buffer", func(t *testing.T) {
		play(t, Citizen(), printing(Uncertain, ErrPaperOut, settleTime+61*time.Second+answerLimit), steps(begin, full, refused, older))
	})
}

// TestMending: DLE ENQ 2 ends a jam, at most every ten seconds; a hot head or a broken one is left
// alone.
func TestMending(t *testing.T) {
	stuck := func(b byte) []usbtest.Step { return steps(asks(1, 0x1a), asks(2, 0x52), asks(4, 0x12), asks(3, b)) }
	enq := say(0x10, 0x05, 0x02)
	script := steps(stuck(0x1a), enq, stuck(0x1a), stuck(0x1a), stuck(0x1a), enq, healthy(), stuck(0x52), stuck(0x32))
	play(t, EpsonT20(), func(t *testing.T, p *Printer) {
		for i, want := range []error{ErrFault, ErrFault, nil, ErrFault, ErrFault} {
			st, err := p.Status(t.Context())
			if err != nil || !errors.Is(st.Ready(), want) {
				t.Errorf("look %d: got %+v, %v, want %v", i, st, err, want)
			}
			time.Sleep(recoverEvery / 2)
		}
	}, script)
	play(t, Generic80(), func(t *testing.T, p *Printer) { p.Status(t.Context()) }, stuck(0x1a)) // not a command of a clone
}
