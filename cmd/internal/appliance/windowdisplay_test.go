package appliance

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/display"
	"sps-kiosk/hal/bench/wire"
	"sps-kiosk/kiosk/config"
)

// overWindow is a kiosk with a display of four digits over its window and two boards of text in the
// hall, on one serial line.
const overWindow = `[site]
name = "МФЦ"
[[service]]
code = "docs"
button = 17
[[window]]
number = 1
button = 4
[[extra_display]]
kind = "tm1637"
clk = 22
dio = 23
window = 1
[[extra_display]]
kind = "candle"
digits = 8
[[extra_display]]
kind = "candle"
address = 33
digits = 4
`

// far is the machine's board in another process, as far as the kiosk can tell.
func far(t *testing.T) func(*bench.Machine) board {
	return func(m *bench.Machine) board {
		path := filepath.Join(t.TempDir(), "s")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- wire.Serve(ctx, l, m) }()
		t.Cleanup(func() { cancel(); <-ended })
		b, err := wire.Dial(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		return b
	}
}

// hung starts a kiosk with displays of every kind; its settings have these lines more.
func hung(t *testing.T, to func(*bench.Machine) board, more string) (s *stand, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kiosk.txt")
	settings, err := config.Parse([]byte(overWindow))
	if err == nil {
		err = os.WriteFile(path, []byte(overWindow+more), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return newStandOn(t, Options{Config: path}, Layout(settings), to), path
}

// boards waits until the further displays show this, by their titles and widths.
func (s *stand) boards(want string) {
	s.t.Helper()
	s.until(want, func(look bench.Snapshot) bool {
		var all []string
		for _, b := range look.Boards {
			if b.Digits != nil {
				b.Text = display.Read(b.Digits)
			}
			all = append(all, fmt.Sprintf("%s %d: %s", b.Title, b.Width, b.Text))
		}
		return strings.Join(all, ", ") == want
	})
}

// TestDisplaysInAnotherProcess: the same calls where every line is at the other end of a socket.
func TestDisplaysInAnotherProcess(t *testing.T) {
	t.Parallel()
	s, _ := hung(t, far(t), "")
	s.digits("-------")
	s.press(window1)
	s.press(docs)
	s.slips(1)
	s.press(window1)
	s.digits("А001-01")
	s.boards("окно 1 4: А001, зал 8: А001-01, зал 4: А001")
}

// TestCodesOnEveryDisplay: a fault of the settings is told by each in the signs it has, and goes with
// the fault. (What is read off segments is read in Russian letters where it can be.)
func TestCodesOnEveryDisplay(t *testing.T) {
	t.Parallel()
	s, path := hung(t, func(m *bench.Machine) board { return m }, "[storage]\nreserve_mb = 1\n")
	line := strings.Count(overWindow, "\n") + 2
	s.digits(fmt.Sprintf("СFG %d", line))
	s.boards(fmt.Sprintf("окно 1 4: СFG, зал 8: СF %d, зал 4: СF", line))
	if err := os.WriteFile(path, []byte(overWindow), 0o600); err != nil {
		t.Fatal(err)
	}
	s.digits("-------")
	s.boards("окно 1 4: ----, зал 8: -------, зал 4: ----")
}

// TestDisplaysOfEveryKind: one call on four displays, and the chip over the window comes back from a
// plug that was out.
func TestDisplaysOfEveryKind(t *testing.T) {
	t.Parallel()
	s, _ := hung(t, func(m *bench.Machine) board { return m }, "")
	chip, wide, narrow := s.machine.TwoWire(0), s.machine.TextBoard(0), s.machine.TextBoard(1)
	window := func() string { return display.Read(chip.Digits(0, 1, 2, 3)) }
	s.digits("-------")
	s.reads("over the window", window, "----")
	s.press(window1)
	s.press(docs)
	s.slips(1)
	s.press(window1)
	s.digits("А001-01")
	s.reads("over the window", window, "А001")
	s.reads("a wide board", func() string { return wide.At(time.Now()).Text }, "А001-01")
	s.reads("a narrow board", func() string { return narrow.At(time.Now()).Text }, "А001")
	s.reads("a narrow board", func() string { return narrow.At(time.Now()).Text }, "-01-")
	chip.Absent(true)
	s.journal("Табло 2: ")
	chip.Absent(false)
	s.reads("over the window, plugged in", window, "А001")
	if early := wide.Counts().Early + narrow.Counts().Early; early != 0 {
		t.Errorf("got %d frames too early on the line, want none", early)
	}
}

// reads waits until somebody reads a text off a further display.
func (s *stand) reads(what string, text func() string, want string) {
	s.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for text() != want {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s after 30 s: got %q, want %q", what, text(), want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
