//go:build vm

package scenario

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
)

// devicesLayout is what testdata/devices/kiosk.txt says.
func devicesLayout() bench.Layout {
	return bench.Layout{
		Site: "МФЦ, стенд",
		Buttons: []bench.Button{
			{Role: "service", Line: "GPIO17", Lamp: "GPIO12", Letter: "А", Title: "Подать документы"},
			{Role: "service", Line: "GPIO27", Letter: "С", Title: "Помощь с Госуслугами"},
		},
		Handsets: []bench.Handset{
			{Window: 1, Place: "окно 1: следующий", Line: "GPIO4", Lamp: "GPIO21"},
			{Window: 1, Place: "окно 1: пришёл, готово", Line: "GPIO5"},
			{Window: 1, Place: "окно 1: перенаправить", Line: "GPIO6"},
			{Window: 1, Place: "окно 1: неявка, отложить", Line: "GPIO3"},
			{Window: 2, Place: "место СПС", Line: "GPIO2"},
		},
		Sounder:    "GPIO15",
		Display:    bench.Display{SPI: "SPI0.0", Digits: 8},
		TwoWires:   []bench.TwoWire{{CLK: "GPIO22", DIO: "GPIO23"}},
		TextBoards: []bench.TextBoard{{Serial: "ttyAMA0", Address: 33, Width: 8, Baud: 57600, Untimed: true}},
		Printer:    bench.Printer{Dots: 576, Proto: 2, Speed: -1},
	}
}

// TestDevices is a visit with the hardware that other sites have: a handset of four buttons, a
// buzzer, a TM1637 over the window and a board of text on a serial line, all of it through the
// kernel. Then the TM1637's plug is out while somebody is called, and in again.
func TestDevices(t *testing.T) {
	t.Parallel()
	var sounded atomic.Int64
	k := placeOf(t, "testdata/devices/kiosk.txt", devicesLayout(), func(r vm.Record) {
		if r.Kind == vm.Drives && r.Line == 15 && r.Level == "1" {
			sounded.Add(1)
		}
	})
	results.begin(t, k)
	s := stage.New(t, k)
	chip, board := k.Machine().TwoWire(0), k.Machine().TextBoard(0)
	window := func() string { return strings.TrimRight(stage.Read(chip.Digits(0, 1, 2, 3)), " ") }
	text := func() string { return board.At(time.Now()).Text }
	button := func(line string) { s.Tap(line, stage.ShortPress, stage.Apart) }
	const next, done, send, park = "GPIO4", "GPIO5", "GPIO6", "GPIO3"
	reads(t, "over the window", window, "----")

	button(next) // opens
	for _, want := range []string{"А001", "А002", "А003"} {
		s.Ready("А")
		s.Press("А")
		number(t, s.Slip(), want)
	}
	before := sounded.Load()
	button(next)
	s.Digits("А001-01")
	reads(t, "over the window", window, "А001")
	reads(t, "the board of text", text, "А001-01")
	reads(t, "the buzzer sounded at a call", func() string { return strconv.FormatBool(sounded.Load() > before) }, "true")
	button(done) // came
	button(send)
	button(next)
	s.Digits("А002-01")
	reads(t, "over the window", window, "А002")
	button(park) // did not come
	button(next)
	s.Digits("А003-01")

	chip.Absent(true)
	if err := k.Guest().PlaceTM1637(t.Context(), 22, 23, false); err != nil {
		t.Fatal(err)
	}
	s.Call(2) // opens
	s.Call(2)
	s.Digits("А001-02")
	reads(t, "the board of text", text, "А001-02")
	if err := k.Guest().PlaceTM1637(t.Context(), 22, 23, true); err != nil {
		t.Fatal(err)
	}
	chip.Absent(false)
	reads(t, "over the window, plugged in", window, "А003")
	if c := board.Counts(); c.Noise != 0 || c.Foreign != 0 || c.Frames == 0 {
		t.Errorf("got %+v on the serial line, want frames for this board alone", c)
	}
	results.figure(t, "four buttons, buzzer, MAX7219, TM1637, text board at 57600 baud")
}

// reads waits until somebody reads a text off a further display.
func reads(t *testing.T, what string, text func() string, want string) {
	t.Helper()
	for deadline := time.Now().Add(stage.Patience); text() != want; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: got %q, want %q", what, text(), want)
		}
	}
}
