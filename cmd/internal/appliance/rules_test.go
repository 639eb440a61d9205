package appliance

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/slip/sliptest"
)

// helpLine is a line of an expander: the machine knows lines by name, wherever they are.
const helpLine = "MCP23017@0x20/GPA0"

// fourButtons is a kiosk with one service, one window with four buttons, help and a buzzer.
const fourButtons = `[site]
name = "МФЦ"
[[service]]
code = "docs"
button = 17
lamp = 12
[[window]]
number = 1
buttons = { next = 4, done = 5, transfer = 6, park = 13 }
lamp = 21
[help]
button = "MCP23017@0x20/GPA0"
lamp = 14
[sounder]
line = 15
`

// newFour starts that kiosk.
func newFour(t *testing.T) *stand {
	path := filepath.Join(t.TempDir(), "kiosk.txt")
	if err := os.WriteFile(path, []byte(fourButtons), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	s := newStand(t, Options{Config: path}, Layout(settings))
	s.digits("-------")
	return s
}

// hold presses a button until it is a long press and more.
func (s *stand) hold(line string, d time.Duration) {
	s.machine.Press(line)
	time.Sleep(d)
	s.machine.Release(line)
	time.Sleep(100 * time.Millisecond)
}

// TestFourButtonsFromTheContactUp: each wire does what is written beside its button.
func TestFourButtonsFromTheContactUp(t *testing.T) {
	s := newFour(t)
	s.press("GPIO4")
	s.journal("окно 1: приём открыт")
	s.press(docs)
	s.slips(1)
	s.press("GPIO4")
	s.digits("А001-01")
	s.press("GPIO5")
	s.journal("Посетитель А001 пришёл")
	s.press("GPIO13")
	s.journal("А001 — отложен")
	s.press("GPIO13")
	s.journal("Вызов отложенного А001")
	s.press("GPIO4")
	s.journal("А001 — неявка")
	s.hold("GPIO4", 1200*time.Millisecond)
	s.journal("А001 — неявка отменена")
	s.digits("А001-01")
}

// TestHelpFromTheContactUp: the handset's lamp flashes, somebody answers, and a button held gives the
// copy of the ticket.
func TestHelpFromTheContactUp(t *testing.T) {
	s := newFour(t)
	lamp := func(lit bool) {
		t.Helper()
		s.until("a lamp that flashes", func(look bench.Snapshot) bool { return look.Handsets[0].Lit == lit })
	}
	s.press(helpLine)
	s.journal("Посетитель у киоска просит помочь")
	for range 2 {
		lamp(true)
		lamp(false)
	}
	s.hold("GPIO6", 1200*time.Millisecond)
	s.journal("К киоску идут помочь: окно 1")
	s.press(docs)
	s.slips(1)
	s.hold(helpLine, 2200*time.Millisecond)
	s.journal("Талон А001 печатается ещё раз: «КОПИЯ»")
	copied := s.slips(2)
	if got := sliptest.ReadNumber(t, copied); got != "А001" {
		t.Errorf("the copy: got %q, want А001", got)
	}
}

// TestACallIsHeard watches the buzzer's line: two beeps, then silence.
func TestACallIsHeard(t *testing.T) {
	s := newFour(t)
	s.press("GPIO4")
	s.press(docs)
	s.slips(1)
	buzzer, err := s.machine.Line("GPIO15")
	if err != nil {
		t.Fatal(err)
	}
	s.machine.Press("GPIO4")
	defer s.machine.Release("GPIO4")
	for _, high := range []bool{true, false, true, false} {
		s.until("a beep", func(bench.Snapshot) bool { return bool(buzzer.Read()) == high })
	}
}
