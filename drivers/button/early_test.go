package button

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// TestPressBetweenNewAndRunIsReported: whoever waits for New alone to call the kiosk ready must not
// lose a press to a Run that gets the processor late.
func TestPressBetweenNewAndRunIsReported(t *testing.T) {
	for name, released := range map[string]bool{"still held": false, "released": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newContact(t)
				b, err := New(&stamped{contact: c, boot: time.Now()}, Options{})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * ms)
				c.set(gpio.Low)
				if released {
					time.Sleep(80 * ms)
					c.set(gpio.High)
				}
				time.Sleep(time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				pressed := 0
				if err := b.Run(ctx, func(e Edge) {
					if e.Pressed {
						pressed++
					}
				}); err != nil {
					t.Fatal(err)
				}
				if pressed != 1 {
					t.Errorf("got %d presses, want 1", pressed)
				}
			})
		})
	}
}
