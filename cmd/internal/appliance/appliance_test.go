package appliance

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/display"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/slip/sliptest"
)

// Lines of the built-in settings.
const (
	docs    = "GPIO17"
	window1 = "GPIO4"
)

// stand is the whole kiosk on the virtual machine, in one process.
type stand struct {
	t       *testing.T
	machine *bench.Machine
}

// newStand starts the kiosk with these options on a machine of this layout.
func newStand(t *testing.T, o Options, layout bench.Layout) *stand {
	t.Helper()
	return newStandOn(t, o, layout, func(m *bench.Machine) board { return m })
}

// newStandOn starts the kiosk on a board that leads to the machine.
func newStandOn(t *testing.T, o Options, layout bench.Layout, to func(*bench.Machine) board) *stand {
	t.Helper()
	m := bench.New(layout)
	OpenHours(m, config.Default())
	b := to(m)
	ctx, cancel := context.WithCancel(context.Background())
	o.Log = slog.New(slog.DiscardHandler)
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	ended := make(chan error, 1)
	go func() {
		err := errNewSettings
		for errors.Is(err, errNewSettings) { // systemd starts it again
			err = live(ctx, o, b)
		}
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the kiosk ended with %v, want nil", err)
		}
		m.Close()
	})
	return &stand{t, m}
}

// usual is the machine of the built-in settings.
func usual() bench.Layout { return Layout(config.Default()) }

// press presses a button as long as a finger does, and leaves the pause of a hand. The finger stays
// until the contact is closed: on a busy machine the drawn bounce may take longer than a touch.
func (s *stand) press(line string) {
	s.t.Helper()
	s.watched(line)
	s.push(line)
}

// push is press for a line that nobody may look at.
func (s *stand) push(line string) {
	s.t.Helper()
	s.machine.Press(line)
	s.contact(line, gpio.Low)
	time.Sleep(60 * time.Millisecond)
	s.machine.Release(line)
	s.contact(line, gpio.High)
	time.Sleep(450 * time.Millisecond)
}

// watched waits until the kiosk has asked for the line's edges: the display may show dashes before that, and a press then is nobody's.
func (s *stand) watched(line string) {
	s.t.Helper()
	pin, err := s.machine.Line(line)
	if err != nil {
		s.t.Fatal(err)
	}
	for limit := time.Now().Add(30 * time.Second); pin.Pull() != gpio.PullUp; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			s.t.Fatalf("%s is not watched after 30 s", line)
		}
	}
}

// contact waits until the line has settled at a level.
func (s *stand) contact(line string, level gpio.Level) {
	s.t.Helper()
	pin, err := s.machine.Line(line)
	if err != nil {
		s.t.Fatal(err)
	}
	for limit := time.Now().Add(30 * time.Second); pin.Read() != level; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			s.t.Fatalf("%s is not %v 30 s after the finger moved", line, level)
		}
	}
}

// until waits for the machine to look so.
func (s *stand) until(what string, so func(bench.Snapshot) bool) bench.Snapshot {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for look := s.machine.Snapshot(); ; {
		if so(look) {
			return look
		}
		next, err := s.machine.Changed(ctx, look.Seq)
		if err != nil {
			s.t.Fatalf("no %s after 30 s; the digits show %q, %+v, journal %v",
				what, display.Read(look.Display.Digits), look.Printer, look.Journal)
		}
		look = next
	}
}

// digits waits for a text on the display.
func (s *stand) digits(text string) {
	s.t.Helper()
	s.until("digits "+text, func(look bench.Snapshot) bool { return display.Read(look.Display.Digits) == text })
}

// slips waits for that many cut slips in the slot and returns the last one.
func (s *stand) slips(n int) image.Image {
	s.t.Helper()
	look := s.until("slip", func(look bench.Snapshot) bool {
		cut := 0
		for _, p := range look.Printer.Papers {
			if p.Cut {
				cut++
			}
		}
		return cut == n
	})
	return s.machine.Paper(look.Printer.Papers[len(look.Printer.Papers)-1].ID)
}

// journal waits for an entry that contains these words.
func (s *stand) journal(words string) {
	s.t.Helper()
	s.until("«"+words+"» in the journal", func(look bench.Snapshot) bool {
		for _, e := range look.Journal {
			if strings.Contains(e.Text, words) {
				return true
			}
		}
		return false
	})
}

// lastAbout returns the last journal entry that begins so.
func lastAbout(look bench.Snapshot, prefix string) (last string) {
	for _, e := range look.Journal {
		if strings.HasPrefix(e.Text, prefix) {
			last = e.Text
		}
	}
	return last
}

// TestATicketAndACall is the product in one breath, read by readers that are not ours.
func TestATicketAndACall(t *testing.T) {
	s := newStand(t, Options{}, usual())
	s.digits("-------")
	s.press(docs)
	slip := s.slips(1)
	if got := sliptest.ReadNumber(t, slip); got != "А001" {
		t.Errorf("the number on the paper: got %q, want А001", got)
	}
	words := sliptest.ReadText(t, slip)
	for _, want := range []string{"МФЦ Кошкинского района", "Подать документы", "Бесплатно"} {
		if !strings.Contains(words, want) {
			t.Errorf("the paper reads %q, want %q on it", words, want)
		}
	}
	if got := sliptest.ReadQR(t, slip); got != "https://gosuslugi.ru" {
		t.Errorf("the code: got %q, want https://gosuslugi.ru", got)
	}
	s.press(window1)
	s.press(window1)
	s.digits("А001-01")
	s.digits("") // flashes
	s.digits("А001-01")
}

// TestNoPaperBeforeTheFirstByte: the number is on the display at once, the call works, and the
// paper that is put in brings the ticket, because its owner still stands there (A11).
func TestNoPaperBeforeTheFirstByte(t *testing.T) {
	s := newStand(t, Options{}, usual())
	s.machine.SetPrinter(bench.PrinterFault{PaperOut: true})
	s.digits("-------")
	s.press(docs)
	s.digits("А001")
	if papers := s.machine.Snapshot().Printer.Papers; len(papers) != 0 {
		t.Errorf("paper without paper: %+v", papers)
	}
	s.machine.SetPrinter(bench.PrinterFault{})
	if got := sliptest.ReadNumber(t, s.slips(1)); got != "А001" {
		t.Errorf("the number on the paper: got %q, want А001", got)
	}
	s.press(window1)
	s.press(window1)
	s.digits("А001-01")
}

// TestPrinterUnpluggedInTheMiddle: the number is on the display, the ticket holds, the half slip is
// never completed or printed again, and the next ticket is whole, behind the piece that clears the
// printer of what it may still wait for.
func TestPrinterUnpluggedInTheMiddle(t *testing.T) {
	s := newStand(t, Options{}, usual())
	s.digits("-------")
	s.press(docs)
	s.until("half a slip", func(look bench.Snapshot) bool {
		p := look.Printer.Papers
		return len(p) == 1 && p[0].Height > 200 && !p[0].Cut
	})
	s.machine.SetPrinter(bench.PrinterFault{Unplugged: true})
	s.digits("А001")
	s.journal("Не ясно, напечатан ли талон А001")
	s.machine.Tear()
	s.machine.SetPrinter(bench.PrinterFault{})
	s.press(window1)
	s.press(window1)
	s.digits("А001-01")
	s.until("a printer that is found again", func(look bench.Snapshot) bool {
		return strings.HasPrefix(lastAbout(look, "Принтер: "), "Принтер: исправно")
	})
	s.press(docs)
	if got := sliptest.ReadNumber(t, s.slips(2)); got != "А002" {
		t.Errorf("the number on the paper: got %q, want А002", got)
	}
}

// TestNoDisplay: tickets go on, and the display shows the call as soon as it is there.
func TestNoDisplay(t *testing.T) {
	s := newStand(t, Options{}, usual())
	s.machine.SetDisplay(true)
	s.until("a lit button", func(look bench.Snapshot) bool { return look.Buttons[0].Lit })
	s.press(docs)
	s.slips(1)
	s.press(window1)
	s.press(window1)
	s.journal("Вызов А001")
	s.machine.SetDisplay(false)
	s.digits("А001-01")
}

// TestGarbageSettings: the display shows the line, nothing pretends to serve, and the file is read
// again as soon as it is mended.
func TestGarbageSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kiosk.txt")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[site]\nname = \"МФЦ\"\n[printer]\nprofil = \"generic80\"\n")
	s := newStand(t, Options{Config: path}, usual())
	s.digits("СFG 4")
	s.journal("строка 4, printer.profil: такого ключа нет. Может быть, profile?")
	s.push(docs)
	write("[site]\nname = \"МФЦ\"\n")
	s.digits("-------")
	if papers := s.machine.Snapshot().Printer.Papers; len(papers) != 0 {
		t.Errorf("a ticket from a kiosk with wrong settings: %+v", papers)
	}
}

// TestClosed: at night the display says from when, the journal why, and no ticket comes.
func TestClosed(t *testing.T) {
	s := newStand(t, Options{}, usual())
	_, wall, _ := s.machine.Now()
	night := time.Date(wall.Year(), wall.Month(), wall.Day(), 23, 0, 0, 0, config.Default().Hours.Zone)
	s.machine.Shift(night.Sub(wall))
	s.digits("-------")
	s.press(docs)
	s.until("С and an hour", func(look bench.Snapshot) bool {
		return strings.HasPrefix(display.Read(look.Display.Digits), "С 08-00")
	})
	s.journal("Закрыто. ")
	if papers := s.machine.Snapshot().Printer.Papers; len(papers) != 0 {
		t.Errorf("a ticket at night: %+v", papers)
	}
}

// TestBounceAndDoublePressGiveOneTicket: four nervous presses are one wish.
func TestBounceAndDoublePressGiveOneTicket(t *testing.T) {
	s := newStand(t, Options{}, usual())
	s.digits("-------")
	for range 4 {
		s.machine.Press(docs)
		time.Sleep(20 * time.Millisecond)
		s.machine.Release(docs)
		time.Sleep(20 * time.Millisecond)
	}
	if got := sliptest.ReadNumber(t, s.slips(1)); got != "А001" {
		t.Errorf("the number on the paper: got %q, want А001", got)
	}
	time.Sleep(500 * time.Millisecond)
	s.slips(1)
}
