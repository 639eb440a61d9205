//go:build vm

package scenario

import (
	"fmt"
	"slices"
	"testing"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
)

// Room on the card of TestFullCard. The store of the firmware keeps 62 MiB for itself with one log and
// no tables, gives its reserve up below that, says that the card is full below 42, and takes no new
// work below 38 (kiosk/store, space).
const (
	fullCard   = 192 << 20
	roomLow    = 50 << 20
	roomBrink  = 40 << 20
	roomNone   = 30 << 20
	fillerPath = "/data/filler"
)

// TestFullCard fills the card under a firmware that serves: its reserve goes first and tickets are
// given as ever; then a press gets «Е-32» and no number while calls go on, over a kill of the program
// too. With the room come the reserve and the next number, and whatever was seen is on the card.
func TestFullCard(t *testing.T) {
	t.Parallel()
	k := placeOn(t, fullCard, changed(t, "[display]", "[storage]\nreserve_mb = 16\n\n[display]"), layout(), nil)
	results.begin(t, k)
	s := stage.New(t, k)
	seen := map[string]bool{}
	ticket := func(want string) {
		t.Helper()
		known(t, k.Machine().PrinterDevice())
		s.Ready("А")
		s.Press("А")
		number(t, s.Slip(), want)
		seen[want] = true
	}
	ticket("А001")
	ticket("А002")
	reserved(t, k, true)

	fill(t, k, roomLow)
	s.Call(1) // opens
	reserved(t, k, false)
	ticket("А003")

	fill(t, k, roomBrink)
	s.Call(1)
	s.Digits("А001-01")
	s.Press("А")
	s.Digits("Е-32")
	fill(t, k, roomNone)
	s.Call(1) // has come
	s.Call(1) // done
	s.Call(1)
	s.Digits("А002-01")

	s.Kill()
	s.Digits("А002-01")
	known(t, k.Machine().PrinterDevice())
	s.Press("А")
	s.Digits("Е-32")

	if err := k.Guest().WriteFile(t.Context(), fillerPath, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Call(1) // has come
	reserved(t, k, true)
	s.Call(1) // done
	ticket("А004")
	s.Stop()
	all := written(t, k)
	audit(t, all, seen)
	if got := issued(all); got != len(seen) {
		t.Errorf("got %d tickets on the card, want %d: a press that was refused takes no number", got, len(seen))
	}
	results.figure(t, "reserve given up and taken back, 2 presses refused, %d tickets seen, a kill on the full card", len(seen))
}

// fill leaves so much room on the card.
func fill(t *testing.T, k *vm.Kiosk, left int) {
	t.Helper()
	if err := k.Guest().Fill(t.Context(), fillerPath, left); err != nil {
		t.Fatal(err)
	}
}

// reserved waits until the firmware has its reserve on the card, or has given it up.
func reserved(t *testing.T, k *vm.Kiosk, want bool) {
	t.Helper()
	reads(t, "a reserve on the card", func() string {
		names, err := k.Guest().List(t.Context(), "/data")
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(slices.Contains(names, "reserve"))
	}, fmt.Sprint(want))
}
