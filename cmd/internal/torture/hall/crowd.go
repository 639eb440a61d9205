package hall

import (
	"math/rand/v2"
	"strings"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// mostMoved is how far the clock goes at most: a day in which tickets are given out all the time.
const mostMoved = 5 * time.Hour

// Crowd are the people of a busy day. They belong to one goroutine.
type Crowd struct {
	hall   *Hall
	random *rand.Rand
	fault  bench.PrinterFault
	moved  time.Duration // the clock, so far
	Deeds  map[string]int
	Broken []string // what was given up, with what was said then
}

// NewCrowd returns people who act by chance.
func NewCrowd(h *Hall, random *rand.Rand) *Crowd {
	return &Crowd{hall: h, random: random, Deeds: map[string]int{}}
}

// Act is one deed of somebody: a press of a button or a handset, rarely a trouble with the printer.
func (c *Crowd) Act() error {
	m := c.hall.Machine
	switch n := c.random.IntN(100); {
	case n < 45:
		return c.press("service", c.any(c.hall.Buttons()), 3*time.Millisecond)
	case n < 80:
		line := c.any(c.hall.Handsets())
		if c.random.IntN(12) == 0 {
			return c.press("hold", line, 1100*time.Millisecond)
		}
		if err := c.press("window", line, 3*time.Millisecond); err != nil || c.random.IntN(5) > 0 {
			return err
		}
		time.Sleep(60 * time.Millisecond)
		return c.press("double", line, 3*time.Millisecond)
	case n < 86:
		c.Deeds["printer"]++
		c.trouble()
	case n < 90 && c.moved < mostMoved:
		c.Deeds["clock"]++
		by := time.Duration(c.random.IntN(90)) * time.Second
		c.moved += by
		m.Shift(by)
	default:
		m.Tear()
	}
	return nil
}

func (c *Crowd) any(lines []string) string { return lines[c.random.IntN(len(lines))] }

// trouble is paper that ends, a cover, a cable; the next one mends the last.
func (c *Crowd) trouble() {
	f := bench.PrinterFault{}
	if c.fault == f {
		switch c.random.IntN(4) {
		case 0:
			f.PaperOut = true
		case 1:
			f.CoverOpen = true
		case 2:
			f.Unplugged = true
		case 3:
			f.PaperLow = true
		}
	}
	c.fault = f
	c.hall.Machine.SetPrinter(f)
}

// Mend takes every trouble away.
func (c *Crowd) Mend() {
	c.fault = bench.PrinterFault{}
	c.hall.Machine.SetPrinter(c.fault)
}

func (c *Crowd) press(deed, line string, how time.Duration) error {
	c.Deeds[deed]++
	if err := c.hall.Machine.Press(line); err != nil {
		return err
	}
	from := lastOf(c.hall.Machine)
	time.Sleep(how)
	if err := c.hall.Machine.Release(line); err != nil {
		return err
	}
	c.hesitate(from)
	return nil
}

// hesitation is how long a hand waits at most for what comes of a press: people are no faster than the
// machine, whatever else runs beside it.
const hesitation = 250 * time.Millisecond

// hesitate waits until the journal tells anything after an entry.
func (c *Crowd) hesitate(from bench.Entry) {
	for limit := time.Now().Add(hesitation); time.Now().Before(limit) && c.hall.Alive(); time.Sleep(2 * time.Millisecond) {
		if lastOf(c.hall.Machine) != from {
			return
		}
	}
}

// Sheet is the paper that everybody scans: who has seen one page knows them all.
func Sheet() *sheet.Sheet { return sheet.Application("MARK-4711") }

// ScanSession begins a session and goes through its steps until done is closed or it is over: sheet on
// the glass, stick in, scan, save, stick out. It returns how far it got. What it waits for it reads in the
// machine's journal: on the display a call or a number without paper may stand before it.
func (c *Crowd) ScanSession(done <-chan struct{}) (step string, err error) {
	m, s := c.hall.Machine, c.hall.Settings.Scan
	c.Deeds["scan"]++
	from := lastOf(m)
	told := func(text string) func() bool { return toldOf(m, from, text) }
	m.PutOnGlass(Sheet())
	if err := m.PutStick(true); err != nil {
		return "", err
	}
	press := func(line string) func() error {
		return func() error { return c.press("scan and done", line, 20*time.Millisecond) }
	}
	// A stick that is put in while the last session is wiped begins none: then SCAN does. One that was taken
	// out too early goes on with the session that waits for it.
	began, page := told("Посетитель начал сканировать"), told("Страница ушла со сканера")
	scanned := false
	if !c.until(done, func() bool { scanned = page(); return scanned || began() }, later(press(string(s.Button)))) {
		return "stick", nil
	}
	from = lastOf(m)
	if !scanned && !c.until(done, page, press(string(s.Button))) {
		return "page", nil
	}
	// Whoever presses DONE before the page is whole stops the scanner: people wait until it stands still, and
	// for the number of pages. A session that ends all the same is told.
	if !c.until(done, func() bool { return !m.Snapshot().Scanner.Scanning }, nil) {
		return "whole page", nil
	}
	time.Sleep(readingTime)
	over := toldOf(m, from, "Сеанс сканирования окончен")
	saved := told("Страниц на флешке посетителя: ")
	ended := false
	if !c.until(done, func() bool { ended = over(); return saved() || ended }, press(string(s.Done))) {
		return "save", nil
	}
	if ended {
		return "a session that ended", nil
	}
	c.Deeds["saved"]++
	time.Sleep(readingTime) // «donE»
	return "done", c.TakeStick()
}

// TakeStick takes the stick out. Nobody puts one in again at once.
func (c *Crowd) TakeStick() error {
	err := c.hall.Machine.PutStick(false)
	time.Sleep(handBetween)
	return err
}

// handBetween is the least time between taking a stick out and putting one in: four glances of the drawn
// socket.
const handBetween = 400 * time.Millisecond

// readingTime is how long somebody looks at the digits before pressing DONE.
const readingTime = 150 * time.Millisecond

// later leaves the first press out.
func later(press func() error) func() error {
	first := true
	return func() error {
		if first {
			first = false
			return nil
		}
		return press()
	}
}

// handAgain is after how long a hand presses again when nothing came of it.
const handAgain = 2 * time.Second

// until waits for something to be seen, and presses for it now and then.
func (c *Crowd) until(done <-chan struct{}, is func() bool, press func() error) bool {
	for next := time.Now(); !is(); {
		if press != nil && time.Now().After(next) {
			if press() != nil {
				return false
			}
			next = time.Now().Add(handAgain)
		}
		select {
		case <-done:
			return false
		case <-time.After(3 * time.Millisecond):
		}
	}
	return true
}

// lastOf is the newest entry of a machine's journal.
func lastOf(m *bench.Machine) (e bench.Entry) {
	if j := m.Snapshot().Journal; len(j) > 0 {
		e = j[len(j)-1]
	}
	return e
}

// toldOf reports, each time it is called, whether the journal has told something since the entry from.
func toldOf(m *bench.Machine, from bench.Entry, text string) func() bool {
	return func() bool {
		journal := m.Snapshot().Journal
		at := len(journal) - 1
		for at >= 0 && journal[at] != from {
			at--
		}
		for _, e := range journal[at+1:] {
			from = e
			if strings.HasPrefix(e.Text, text) {
				return true
			}
		}
		return false
	}
}
