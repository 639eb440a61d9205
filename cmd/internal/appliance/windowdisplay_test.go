package appliance

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/hal/bench/display"
	"sps-kiosk/kiosk/config"
)

// overWindow is a kiosk with a display of four digits over its window and two boards of text in the
// hall, on one serial line.
const overWindow = `[site]
name = "МФЦ"
[[service]]
code = "docs"
title = "Подать документы"
prefix = "А"
button = 17
[[window]]
number = 1
serves = ["docs"]
button = 4
[hours]
monday = ""
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

// TestDisplaysOfEveryKind: one call on four displays, and the chip over the window comes back from a
// plug that was out.
func TestDisplaysOfEveryKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kiosk.txt")
	if err := os.WriteFile(path, []byte(overWindow), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	s := newStand(t, Options{Config: path}, Layout(settings))
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
