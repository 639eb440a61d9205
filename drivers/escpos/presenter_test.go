package escpos

import (
	"testing"
	"time"

	"sps-kiosk/hal/usb/usbtest"
)

// looks is Custom's full status with this byte for paper: 20h = a ticket in the mouth.
func looks(paper byte) []usbtest.Step {
	return steps(say(0x10, 0x04, 0x14), hear(0x10, 0x0f, paper, 0, 0, 0))
}

// ups is the counter of power-ups, in pieces.
func ups(pieces ...string) []usbtest.Step {
	out := steps(say(0x1d, 0xe5))
	for _, p := range pieces {
		out = steps(out, hear([]byte(p)...))
	}
	return out
}

// customJob is the whole of a slip between its counters.
func customJob(t *testing.T, p Profile, after string) []usbtest.Step {
	return steps(ups("1", "7"), job1(t, Options{}.apply(p)), hear(0), ups(after))
}

func TestTheMouthIsFreedFirst(t *testing.T) {
	const count = 2 * pauseAfter
	second, third := CustomVKP80II(), CustomVKP80III()
	for _, c := range []struct {
		name    string
		profile Profile
		script  []usbtest.Step
		want    Outcome
		reason  error
		took    time.Duration
	}{
		{"empty", second, steps(looks(0), customJob(t, second, "17")), Confirmed, nil, settleTime + count},
		{"retracted", second, steps(looks(0x20), say(0x1d, 'e', 2), looks(0x20), looks(0), customJob(t, second, "17")),
			Confirmed, nil, settleTime + 2*pollEvery + count},
		{"does not go", second, steps(looks(0x20), say(0x1d, 'e', 2), repeat(10, looks(0x20))), NotStarted, ErrNotTaken, settleTime + mouthLimit},
		{"paper out meanwhile", second, steps(looks(0x20), say(0x1d, 'e', 2), looks(0x01)), NotStarted, ErrPaperOut, settleTime + pollEvery},
		{"taken", third, steps(looks(0x20), repeat(3, looks(0x20)), looks(0), customJob(t, third, "17")), Confirmed, nil, settleTime + 4*pollEvery + count},
		{"its own timer is broken", third, steps(looks(0x20), repeat(70, looks(0x20))), NotStarted, ErrNotTaken, settleTime + mouthLimit + leftFor},
		{"no status: told blindly", second, steps(say(0x10, 0x04, 0x14), portSays(0x18, 1), say(0x1d, 'e', 2), customJob(t, second, "17")),
			Confirmed, nil, settleTime + answerLimit + count},
		{"power was gone", second, steps(looks(0), customJob(t, second, "18")), Uncertain, ErrRestarted, settleTime + count},
		{"no counter", second, steps(looks(0), ups(), job1(t, second), hear(0)), Confirmed, nil, settleTime + answerLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.profile, printing(c.want, c.reason, c.took), c.script)
		})
	}
}

func repeat(n int, what []usbtest.Step) (out []usbtest.Step) {
	for range n {
		out = append(out, what...)
	}
	return out
}

// TestLeftTicketsGoInByTheHost: a presenter without a timer is told when its time is over.
func TestLeftTicketsGoInByTheHost(t *testing.T) {
	script := steps(looks(0), looks(0x20), looks(0x20), looks(0x20), say(0x1d, 'e', 2), looks(0x20), looks(0))
	play(t, CustomVKP80II(), func(t *testing.T, p *Printer) {
		for range 6 {
			if _, err := p.Status(t.Context()); err != nil {
				t.Error(err)
			}
			time.Sleep(leftFor / 2)
		}
	}, script)
}

// TestACounterThatIsNotAnsweredIsNotAskedAgain: it costs half a second each time.
func TestACounterThatIsNotAnsweredIsNotAskedAgain(t *testing.T) {
	p := Options{}.apply(CustomVKP80II())
	script := steps(looks(0), ups(), job1(t, p), hear(0), looks(0), job1(t, p), hear(0))
	play(t, CustomVKP80II(), func(t *testing.T, p *Printer) {
		printing(Confirmed, nil, settleTime+answerLimit)(t, p)
		printing(Confirmed, nil, 0)(t, p)
	}, script)
}

// TestRescueWaitsForTheMouth: an unfinished ticket is cut and taken in before anything is asked.
func TestRescueWaitsForTheMouth(t *testing.T) {
	p := Options{}.apply(CustomVKP80II())
	script := steps(looks(0), written(p.rescue(torso)), say(0x1d, 'r', 1), hear(0), looks(0), customJob(t, p, "17"))
	play(t, CustomVKP80II(), func(t *testing.T, p *Printer) {
		p.Suspect()
		printing(Confirmed, nil, settleTime+2*pauseAfter)(t, p)
	}, script)
}
