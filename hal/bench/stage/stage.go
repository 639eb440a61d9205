package stage

import (
	"context"
	"fmt"
	"image"
	"sync"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/virtusb"
)

// Patience is how long a story waits for what it expects. It is not a measurement: a guest on a
// busy machine may stand still for seconds, and a start is a boot as well.
const Patience = 2 * time.Minute

// Times of a hand, clear of every limit of the handset (350 ms, 1 s, 3 s).
const (
	ShortPress = 80 * time.Millisecond
	BetweenTwo = 30 * time.Millisecond
	LongPress  = 1500 * time.Millisecond
	HoldPress  = 3500 * time.Millisecond
	Apart      = 400 * time.Millisecond // what follows is a press of its own
)

// Stage plays one story. A step that fails ends the test with a picture of the machine.
type Stage struct {
	t       testing.TB
	d       Depth
	m       *bench.Machine
	w       *witness
	wait    func() // before each step
	seen    int    // the newest paper that a step has taken
	Elapsed time.Duration
}

// New begins a story: the program is started.
func New(t testing.TB, d Depth) *Stage {
	t.Helper()
	s := &Stage{t: t, d: d, m: d.Machine(), w: newWitness(), wait: hesitation()}
	var watching sync.WaitGroup
	watch, stop := context.WithCancel(context.Background())
	watching.Go(func() { s.w.run(watch, s.m) })
	t.Cleanup(func() { stop(); watching.Wait() })
	s.must("start the program", func(ctx context.Context) error { return d.Start(ctx) })
	return s
}

// In is the same story told on in a subtest.
func (s *Stage) In(t testing.TB) *Stage {
	in := *s
	in.t, in.seen = t, newest(s.m.Snapshot())
	return &in
}

// newest is the newest paper in the slot: a story told on begins after it.
func newest(v bench.Snapshot) (id int) {
	for _, p := range v.Printer.Papers {
		id = max(id, p.ID)
	}
	return id
}

// Depth is the place, for what only one place can do.
func (s *Stage) Depth() Depth { return s.d }

// Machine is the hardware, for what a step has no word for.
func (s *Stage) Machine() *bench.Machine { return s.m }

// must does one thing in time, or ends the story.
func (s *Stage) must(what string, do func(context.Context) error) {
	s.t.Helper()
	s.wait()
	ctx, cancel := context.WithTimeout(s.t.Context(), Patience)
	defer cancel()
	begun := time.Now()
	if err := do(ctx); err != nil {
		s.t.Fatalf("%s: %v\n%s", what, err, s.picture())
	}
	s.Elapsed = time.Since(begun)
}

// Until waits until the machine looks as ok says, for what no step has a word for.
func (s *Stage) Until(what string, ok func(bench.Snapshot) bool) { s.t.Helper(); s.until(what, ok) }

// until waits until the machine looks as ok says; what it sees otherwise is in the picture.
func (s *Stage) until(what string, ok func(bench.Snapshot) bool) {
	s.t.Helper()
	s.must("expect "+what, func(ctx context.Context) error {
		for now := s.m.Snapshot(); !ok(now); {
			var err error
			if now, err = s.m.Changed(ctx, now.Seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// picture describes the machine in words, for a story that went wrong.
func (s *Stage) picture() string {
	v := s.m.Snapshot()
	p := fmt.Sprintf("display %q, power %v, printer %+v\n", Read(v.Display.Digits), v.Power, v.Printer)
	for _, b := range v.Buttons {
		p += fmt.Sprintf("button %s %s lit %v pressed %v\n", b.Letter, b.Line, b.Lit, b.Pressed)
	}
	for _, h := range v.Handsets {
		p += fmt.Sprintf("handset %d %s lit %v pressed %v\n", h.Window, h.Line, h.Lit, h.Pressed)
	}
	for _, e := range v.Journal {
		p += e.At.Format("15:04:05.000 ") + e.Text + "\n"
	}
	return p
}

// Slip is a piece of paper that somebody took from the slot.
type Slip struct {
	ID      int
	Picture image.Image
}

// Press is a visitor's short press of the button with that letter.
func (s *Stage) Press(letter string) {
	s.t.Helper()
	s.tap("press "+letter, s.button(letter), ShortPress)
}

// button is the line of a visitor's button, "" if there is none with that letter.
func (s *Stage) button(letter string) (line string) {
	for _, b := range s.m.Snapshot().Buttons {
		if b.Letter == letter {
			line = b.Line
		}
	}
	return line
}

// Call is a specialist's short press at a window: next please, or came, or done.
func (s *Stage) Call(window int) { s.t.Helper(); s.handset(window, ShortPress) }

// Double is two short presses at a window: again please, or send on.
func (s *Stage) Double(window int) {
	s.t.Helper()
	s.handset(window, ShortPress, BetweenTwo, ShortPress)
}

// Long is a long press at a window: did not come, or pause.
func (s *Stage) Long(window int) { s.t.Helper(); s.handset(window, LongPress) }

// Hold is a very long press at a window: done, and pause.
func (s *Stage) Hold(window int) { s.t.Helper(); s.handset(window, HoldPress) }

func (s *Stage) handset(window int, pattern ...time.Duration) {
	s.t.Helper()
	line := ""
	for _, h := range s.m.Snapshot().Handsets {
		if h.Window == window {
			line = h.Line
		}
	}
	s.tap(fmt.Sprintf("press at window %d", window), line, append(pattern, Apart)...)
}

// Tap moves the contact of a line as Depth.Tap does.
func (s *Stage) Tap(line string, pattern ...time.Duration) {
	s.t.Helper()
	s.tap("tap "+line, line, pattern...)
}

func (s *Stage) tap(what, line string, pattern ...time.Duration) {
	s.t.Helper()
	if line == "" {
		s.t.Fatalf("%s: there is no such button", what)
	}
	s.must(what, func(ctx context.Context) error {
		s.w.begin(line)
		defer s.w.end(line)
		return s.d.Tap(ctx, line, pattern...)
	})
}

// Digits waits until the display shows a text. Blanks around it do not matter; a flashing number
// is seen as soon as it is lit.
func (s *Stage) Digits(want string) {
	s.t.Helper()
	s.until(fmt.Sprintf("digits %q", want), func(v bench.Snapshot) bool { return shows(v, want) })
}

// Flashing waits until the display has shown a text, was without it, and has shown it again since the last
// press. A flash that is over by now counts.
func (s *Stage) Flashing(want string) {
	s.t.Helper()
	s.must(fmt.Sprintf("expect digits %q to flash", want), func(ctx context.Context) error {
		for {
			flashed, came := s.w.flashed(want)
			if flashed {
				return nil
			}
			select {
			case <-came:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

// Slip waits for a piece of paper that no step has taken yet, cut off, and takes the oldest such.
func (s *Stage) Slip() Slip {
	s.t.Helper()
	var id int
	s.until("a slip", func(v bench.Snapshot) bool {
		for _, p := range v.Printer.Papers {
			if p.Cut && p.ID > s.seen {
				id = p.ID
				return true
			}
		}
		return false
	})
	s.seen = id
	return Slip{ID: id, Picture: s.m.Paper(id)}
}

// Printer puts the printer into a condition: no paper, cover open, cable out.
func (s *Stage) Printer(f bench.PrinterFault) { s.m.SetPrinter(f) }

// Replug pulls the printer's cable, does something, and puts it back: it goes on when the host knows
// the printer again.
func (s *Stage) Replug(do func()) {
	s.t.Helper()
	s.Pull()
	do()
	s.Printer(bench.PrinterFault{})
	s.must("see the printer come back", func(ctx context.Context) error { return s.d.Attached(ctx, true) })
}

// Pull pulls the printer's cable and goes on when the host has noticed.
func (s *Stage) Pull() {
	s.t.Helper()
	s.Printer(bench.PrinterFault{Unplugged: true})
	s.must("see the printer go", func(ctx context.Context) error { return s.d.Attached(ctx, false) })
}

// Plug puts a device into the socket beside the printer's, and Unplug takes it out.
func (s *Stage) Plug(d *virtusb.Device) {
	s.t.Helper()
	s.must("plug a device", func(context.Context) error { return s.d.Plug(d) })
}

// Unplug takes out what Plug put in.
func (s *Stage) Unplug() {
	s.t.Helper()
	s.must("unplug a device", func(context.Context) error { return s.d.Unplug() })
}

// Ready waits until a visitor's button takes a press: its lamp is lit, and was dark since it was pressed last,
// or the time is over for which it may be dark. A lamp that is lit alone says nothing: it may not have been
// switched off yet for the ticket that is printed, and a press then means nothing.
func (s *Stage) Ready(letter string) {
	s.t.Helper()
	line := s.button(letter)
	s.must("expect button "+letter+" to take a press", func(ctx context.Context) error {
		for {
			ok, wait, came := s.w.takes(line)
			if ok {
				return nil
			}
			if wait == 0 {
				wait = Patience
			}
			select {
			case <-came:
			case <-time.After(wait):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

// Stop asks the program to end, and Start starts it again.
func (s *Stage) Stop() { s.t.Helper(); s.must("stop the program", s.d.Stop) }

// Start starts the program that Stop ended.
func (s *Stage) Start() { s.t.Helper(); s.must("start the program", s.d.Start) }

// Lamp waits until the lamp of a visitor's button is lit or dark.
func (s *Stage) Lamp(letter string, lit bool) {
	s.t.Helper()
	s.until(fmt.Sprintf("lamp of %s lit %v", letter, lit), func(v bench.Snapshot) bool {
		for _, b := range v.Buttons {
			if b.Letter == letter {
				return b.Lit == lit
			}
		}
		return false
	})
}

// HandsetLamp waits until the lamp of a window's handset is lit or dark.
func (s *Stage) HandsetLamp(window int, lit bool) {
	s.t.Helper()
	s.until(fmt.Sprintf("lamp at window %d lit %v", window, lit), func(v bench.Snapshot) bool {
		for _, h := range v.Handsets {
			if h.Window == window {
				return h.Lit == lit
			}
		}
		return false
	})
}

// Kill ends the program without warning and starts it again.
func (s *Stage) Kill() {
	s.t.Helper()
	s.must("kill the program", s.d.Kill)
	s.must("start the program again", s.d.Start)
}

// PowerCut pulls the plug and puts it back.
func (s *Stage) PowerCut() {
	s.t.Helper()
	s.must("cut the power", s.d.PowerCut)
	s.must("power on", s.d.PowerOn)
}
