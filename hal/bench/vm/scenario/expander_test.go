//go:build vm

package scenario

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
)

// expanderLayout is what testdata/expander.txt says.
func expanderLayout() bench.Layout {
	return bench.Layout{
		Site: "МФЦ, стенд",
		Buttons: []bench.Button{
			{Role: "service", Line: "MCP23017@0x20/GPA3", Lamp: "MCP23017@0x20/GPB0", Letter: "А", Title: "Подать документы"},
		},
		Handsets: []bench.Handset{{Window: 1, Place: "окно 1", Line: "GPIO4", Lamp: "GPIO21"}},
		Display:  bench.Display{SPI: "SPI0.0", Digits: 8},
		Printer:  bench.Printer{Dots: 576, Proto: 2, Speed: -1},
	}
}

// losses is how often the expander loses its supply. settled is longer than a contact without its
// pull-up takes to become a press.
const (
	losses  = 3
	settled = 300 * time.Millisecond
)

// TestExpander is a visit whose button and lamp hang on an MCP23017, read and written through the
// kernel's /dev/i2c-1. Then the expander loses its supply for a moment and has forgotten that the lamp
// is an output and the contact pulled up: it is told again before that is a press, and the next press is
// the next ticket.
func TestExpander(t *testing.T) {
	t.Parallel()
	lamp, err := vm.PinNumber("MCP23017@0x20/GPB0")
	if err != nil {
		t.Fatal(err)
	}
	var told atomic.Int64
	k := placeOf(t, "testdata/expander.txt", expanderLayout(), func(r vm.Record) {
		if r.Kind == vm.Drives && r.Line == lamp && r.Level == "1" {
			told.Add(1)
		}
	})
	results.begin(t, k)
	s := stage.New(t, k)
	known(t, k.Machine().PrinterDevice())
	s.Lamp("А", true)
	s.Press("А")
	number(t, s.Slip(), "А001")
	s.Lamp("А", true)

	for range losses {
		before := told.Load()
		if err := k.Guest().PlaceMCP23017(t.Context(), 0x20, true); err != nil {
			t.Fatal(err)
		}
		reads(t, "the lamp was told again", func() string { return strconv.FormatBool(told.Load() > before) }, "true")
		time.Sleep(settled)
	}
	s.Lamp("А", true)
	s.Press("А")
	number(t, s.Slip(), "А002")
	s.Call(1) // opens
	s.Call(1)
	s.Digits("А001-01")
	s.Stop()
	if got := issued(written(t, k)); got != 2 {
		t.Errorf("got %d tickets on the card, want 2: a contact without its pull-up is not a press", got)
	}
	results.figure(t, "button and lamp on an MCP23017, which forgot its registers %d times", losses)
}
