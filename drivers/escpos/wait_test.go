package escpos

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// blocked is a slip whose second chunk waits.
func blocked(t *testing.T, d time.Duration) (before []usbtest.Step, waiting usbtest.Step, after []usbtest.Step) {
	all := job1(t, Generic80())
	all[1].Delay = d
	return steps(healthy(), all[:1]), all[1], all[2:]
}

// wantStatus asks while a job is being printed.
func wantStatus(t *testing.T, p *Printer, after time.Duration, want Status) {
	time.Sleep(after)
	start := time.Now()
	got, err := p.Status(t.Context())
	if got.At = (time.Time{}); got != want || err != nil || time.Since(start) != 0 {
		t.Errorf("got %+v, %v while a job is printed, want %+v at once", got, err, want)
	}
}

func TestPaperOutInTheMiddleGoesOnWhenPaperIsBack(t *testing.T) {
	before, waiting, after := blocked(t, 24500*time.Millisecond)
	script := steps(before, waiting, portSays(0x30, 20), portSays(0x10, 4), after, hear(0))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		go wantStatus(t, p, 10500*time.Millisecond, Status{Known: true, PaperOut: true})
		printing(Confirmed, nil, settleTime+24500*time.Millisecond)(t, p)
	}, script)
}

func TestPaperThatNeverComesBack(t *testing.T) {
	before, waiting, _ := blocked(t, -1)
	script := steps(before, waiting, portSays(0x30, 61), softReset) // seen after 1 s, given up 60 s later
	play(t, Generic80(), printing(Uncertain, ErrPaperOut, settleTime+61*time.Second), script)
}

func TestStuckWithoutReason(t *testing.T) {
	before, waiting, _ := blocked(t, -1)
	play(t, Generic80(), printing(Uncertain, ErrOffline, settleTime+10*time.Second), steps(before, waiting, portSays(0x18, 10), softReset))
}

func TestAutomaticStatusTellsWhyNothingMoves(t *testing.T) {
	j := bytesOf(t, EpsonT20())
	all := written(j.body)
	all[1].Delay = 15500 * time.Millisecond
	id := []byte{0x37, 0x22, ' ', ' ', ' ', '!', 0}
	back := hear(0x10, 0, 0, 0)
	back.Delay = 15 * time.Second
	script := steps(healthy(), all[:1], hear(0x18, 0, 0x0c, 0), all[1], back, all[2], written(j.tail), hear(id...))
	play(t, EpsonT20(), func(t *testing.T, p *Printer) {
		go wantStatus(t, p, 5*time.Second, Status{Known: true, Offline: true, PaperOut: true})
		printing(Confirmed, nil, settleTime+15500*time.Millisecond)(t, p)
	}, script)
}

func TestCancelledInTheMiddle(t *testing.T) {
	before, waiting, _ := blocked(t, -1)
	second := steps(written(Generic80().rescue(torso)), healthy(), written(bytesOf(t, Generic80()).body), written(bytesOf(t, Generic80()).tail), hear(0))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if got, err := p.Print(ctx, drawn{slip}); got != Uncertain || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, %v, want Uncertain and the deadline", got, err)
		}
		if got, err := p.Print(ctx, drawn{slip}); got != NotStarted || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, %v for an ended context, want NotStarted", got, err)
		}
		printing(Confirmed, nil, 0)(t, p)
	}, steps(before, waiting, healthy(), second))
}

func TestPaperOutWhileItsWordIsAwaited(t *testing.T) {
	out := steps(asks(1, 0x1a), asks(2, 0x32), asks(4, 0x72))
	script := steps(healthy(), job1(t, Generic80()), out, out, healthy(), hear(0))
	play(t, Generic80(), printing(Confirmed, nil, settleTime+1500*time.Millisecond), script)
}

func TestNoWord(t *testing.T) {
	j := job1(t, Generic80())
	ask := say(0x10, 4, 1)
	deaf := usbtest.Step{Op: usbtest.Read, Err: usb.ErrNoEndpoint}
	refused := usbtest.Step{Op: usbtest.Control, Setup: usb.Setup{RequestType: 0xa1, Request: 1}, Err: usb.ErrStalled}
	for _, c := range []struct {
		name   string
		script []usbtest.Step
		took   time.Duration
	}{
		{"one-way printer", steps(deaf, portSays(0x18, 1), j, portSays(0x18, 3)), simplexIn},
		{"one-way printer without port status", steps(deaf, refused, j), simplexIn},
		{"one-way printer, paper out for a while", steps(deaf, portSays(0x18, 1), j, portSays(0x30, 4), portSays(0x18, 4)), 4 * time.Second},
		{"printer that never answers", steps(ask, portSays(0x18, 1), j, portSays(0x18, 6)), settleTime + answerLimit + unheardIn},
		{"printer that answers, but not this", steps(healthy(), j, polled(20)), settleTime + confirmIn},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, Generic80(), printing(Uncertain, ErrUnconfirmed, c.took), c.script)
		})
	}
}

func TestSilentPrinterIsNotRescuedEachTime(t *testing.T) {
	j := job1(t, Generic80())
	script := steps(say(0x10, 4, 1), portSays(0x18, 1), j, portSays(0x18, 6), portSays(0x18, 1), j, portSays(0x18, 6))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		printing(Uncertain, ErrUnconfirmed, settleTime+answerLimit+unheardIn)(t, p)
		printing(Uncertain, ErrUnconfirmed, unheardIn)(t, p)
	}, script)
}

func TestDoubtIsFlushedBeforeTheNextSlip(t *testing.T) {
	j := job1(t, Generic80())
	script := steps(healthy(), j, polled(20), healthy(), written(Generic80().rescue(doubt)), healthy(), j, hear(0))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		printing(Uncertain, ErrUnconfirmed, settleTime+confirmIn)(t, p)
		printing(Confirmed, nil, 0)(t, p)
	}, script)
}

// polled is n looks at a printer that has nothing to say about its job.
func polled(n int) (out []usbtest.Step) {
	for range n {
		out = steps(out, healthy())
	}
	return out
}

func TestPrinterWithoutGSrIsNotWaitedForLong(t *testing.T) {
	j, flush := job1(t, Generic80()), written(Generic80().rescue(doubt))
	script := steps(healthy(), j, polled(20), // 10 s
		healthy(), flush, healthy(), j, polled(20),
		healthy(), flush, healthy(), j, polled(6), // 3 s: it has been silent twice
		healthy(), flush, healthy(), j, hear(0),
		healthy(), j, polled(20))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		printing(Uncertain, ErrUnconfirmed, settleTime+confirmIn)(t, p)
		printing(Uncertain, ErrUnconfirmed, confirmIn)(t, p)
		printing(Uncertain, ErrUnconfirmed, unheardIn)(t, p)
		printing(Confirmed, nil, 0)(t, p)
		printing(Uncertain, ErrUnconfirmed, confirmIn)(t, p)
	}, script)
}

func TestStaleAnswersAreFlushed(t *testing.T) {
	stale := hear(0x7e, 0x7e) // paper out, of somebody else's questions
	play(t, Generic80(), printing(Confirmed, nil, settleTime), steps(stale, healthy(), job1(t, Generic80()), hear(0)))
}

// TestLateAnswers: an answer after the time-out must not be taken for that of the next question.
func TestLateAnswers(t *testing.T) {
	late := hear(0x1a) // offline, but as an answer to DLE EOT 4 it would mean: some paper low
	late.Delay = 700 * time.Millisecond
	script := steps(
		say(0x10, 4, 1), late, portSays(0x18, 1),
		healthy(),
		say(0x10, 4, 1), portSays(0x18, 2),
		healthy(),
	)
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		for i, wait := range []time.Duration{time.Second, time.Second, time.Second, muteTime, 0} {
			st, err := p.Status(t.Context())
			if err != nil || !st.Known || st.Ready() != nil || st.PaperLow {
				t.Errorf("status %d: got %+v, %v, want a printer in order", i, st, err)
			}
			if i == 4 {
				break
			}
			time.Sleep(wait)
		}
	}, script)
}

// TestCutQuestion: a question whose caller went away is answered before the next one is asked.
func TestCutQuestion(t *testing.T) {
	late := hear(0x7e) // paper out; as an answer to DLE EOT 1 it would mean: offline
	late.Delay = 300 * time.Millisecond
	script := steps(asks(1, 0x12), asks(2, 0x12), say(0x10, 4, 4), late, healthy())
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		ctx, cancel := context.WithTimeout(t.Context(), settleTime+100*time.Millisecond)
		defer cancel()
		if _, err := p.Status(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if st, err := p.Status(t.Context()); err != nil || st.Ready() != nil {
			t.Errorf("got %+v, %v, want a printer in order", st, err)
		}
	}, script)
}

func TestUnknownStatus(t *testing.T) {
	refused := usbtest.Step{Op: usbtest.Control, Setup: usb.Setup{RequestType: 0xa1, Request: 1}, Err: usb.ErrStalled}
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		for range 2 {
			if st, err := p.Status(t.Context()); err != nil || st.Known || st.Ready() != nil {
				t.Errorf("got %+v, %v, want nothing known", st, err)
			}
		}
	}, steps(say(0x10, 4, 1), refused))
}

func TestAutomaticStatusStandsInForAnswers(t *testing.T) {
	script := steps(hear(0x18, 0, 0x0c, 0), say(0x10, 4, 1))
	play(t, EpsonT20(), printing(NotStarted, ErrPaperOut, settleTime+answerLimit), script)
}

func TestStallingAnswersEndTheSession(t *testing.T) {
	stalled := usbtest.Step{Op: usbtest.Read, Err: usb.ErrStalled}
	cleared := usbtest.Step{Op: usbtest.Clear, In: true}
	script := steps(stalled, cleared, hear(0x7e), stalled, cleared, stalled, cleared, stalled, cleared, stalled, say(0x10, 4, 1))
	play(t, Generic80(), printing(NotStarted, usb.ErrStalled, 0), script)
	play(t, Generic80(), printing(Confirmed, nil, settleTime), steps(stalled, cleared, healthy(), job1(t, Generic80()), hear(0)))
}

// second is a pipe to interface 2 of its device.
type second struct{ usb.Pipe }

func (second) Interface() usb.Interface { return usb.Interface{Number: 2} }

func TestClassRequestsNameTheInterface(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := portSays(0x30, 1)
		asked[0].Setup.Index = 2
		p := New(&shelf{pipes: []usb.Pipe{second{usbtest.NewPlayback(t, steps(say(0x10, 4, 1), asked)...)}}}, fixed(Generic80()))
		if st, err := p.Status(t.Context()); !st.PaperOut || err != nil {
			t.Errorf("got %+v, %v, want paper out", st, err)
		}
		p.Close()
	})
}

func TestOneJobAtATime(t *testing.T) {
	j := job1(t, Generic80())
	j[2].Delay = 4500 * time.Millisecond
	script := steps(healthy(), j[:3], portSays(0x18, 4), j[3:], hear(0), healthy(), job1(t, Generic80()), hear(0))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		go wantStatus(t, p, settleTime+time.Millisecond, Status{Known: true})
		go func() {
			time.Sleep(time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if got, err := p.Print(ctx, drawn{slip}); got != NotStarted || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, %v, want NotStarted and the deadline", got, err)
			}
			printing(Confirmed, nil, 2500*time.Millisecond+settleTime)(t, p)
		}()
		printing(Confirmed, nil, settleTime+4500*time.Millisecond)(t, p)
		synctest.Wait()
	}, script)
}

func TestOutcomeWords(t *testing.T) {
	for o, want := range map[Outcome]string{Uncertain: "uncertain", NotStarted: "not-started", Confirmed: "confirmed"} {
		if got := o.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What another run of the program may have begun is cleared, and cut off, before the first slip.
func TestSuspectIsClearedFirst(t *testing.T) {
	script := steps(healthy(), written(Generic80().rescue(torso)), healthy(), job1(t, Generic80()), hear(0))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		p.Suspect()
		printing(Confirmed, nil, settleTime)(t, p)
	}, script)
}
