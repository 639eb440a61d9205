package handset

import (
	"fmt"
	"time"
)

// Gesture is what a hand did with the one button of a handset.
type Gesture uint8

// Gestures. One press gives Down and then at most one of the others, except that Hold follows Long.
const (
	// Down fires as the button goes down, before anything else is known: the fast path of a call.
	Down Gesture = iota + 1
	// Short fires when Config.Double has passed since the release of a press below Config.Long.
	Short
	// Double fires as the button goes down again within Config.Double; that second press gives
	// neither Down nor anything else.
	Double
	// Long fires while the button is still held, at Config.Long.
	Long
	// Hold fires while the button is still held, at Config.Hold.
	Hold
)

// String returns the gesture for logs.
func (g Gesture) String() string {
	names := [...]string{Down: "down", Short: "short", Double: "double", Long: "long", Hold: "hold"}
	if int(g) < len(names) && names[g] != "" {
		return names[g]
	}
	return fmt.Sprintf("gesture(%d)", uint8(g))
}

// Event is one recognised gesture.
type Event struct {
	Gesture Gesture
	// Press counts physical presses from 1. A gesture carries the number of its first press, so a
	// Short or Double can be told to belong to a Down that was already acted upon.
	Press uint64
	// At is when the gesture became certain, on the clock of the edges: the edge of a Down and a
	// Double, the limit that passed for the others.
	At time.Duration
}

// Edge is the button going down or up, as drivers/button reports it. At never goes back.
type Edge struct {
	Pressed bool
	At      time.Duration
}

// Config holds the limits that tell gestures apart. A zero field means its default.
type Config struct {
	Double time.Duration // most time from a release to the second press; default 350 ms
	Long   time.Duration // a press this long is Long; default 1 s
	Hold   time.Duration // a press this long is Hold; default 3 s
}

func (c Config) withDefaults() (Config, error) {
	c.Double = orDefault(c.Double, 350*time.Millisecond)
	c.Long = orDefault(c.Long, time.Second)
	c.Hold = orDefault(c.Hold, 3*time.Second)
	if c.Double < 0 || c.Long < 0 || c.Hold <= c.Long {
		return c, fmt.Errorf("handset: limits out of order: double %v, long %v, hold %v", c.Double, c.Long, c.Hold)
	}
	return c, nil
}

func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}
