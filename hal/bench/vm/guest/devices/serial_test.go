//go:build vmguest

package devices

import (
	"os"
	"testing"
	"time"

	"sps-kiosk/drivers/candle"
)

// pause is more than the board needs between frames; it begins when the one before was seen.
const pause = 300 * time.Millisecond

// TestCandle shows texts on a board at the serial port PORT, brightness too, and then talks to it
// at a speed that is not the board's.
func TestCandle(t *testing.T) {
	b, do := board(t), outside(t)
	port, err := b.Serial(os.Getenv("PORT"), 57600)
	if err != nil {
		t.Fatal(err)
	}
	d, err := candle.New(port, candle.Options{Address: 0x20, Width: 7})
	if err != nil {
		t.Fatal(err)
	}
	seen := func(err error, what string) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		do(what)
		time.Sleep(pause)
	}
	seen(nil, "see")
	seen(d.Show("А001-02"), "see А001-02")
	seen(d.Flash("С801-01", candle.Forever), "flash С801-01")
	seen(d.Intensity(1), "dim 1")
	if _, err := b.Serial(os.Getenv("PORT"), 57600); err == nil {
		t.Error("got the port a second time, want it taken")
	}
	if err := port.Close(); err != nil {
		t.Error(err)
	}
	slow, err := b.Serial(os.Getenv("PORT"), 19200)
	if err != nil {
		t.Fatal(err)
	}
	_, err = slow.Write([]byte("\x01\x20\x20999\x07"))
	seen(err, "noise С801-01")
	if err := slow.Close(); err != nil {
		t.Error(err)
	}
}
