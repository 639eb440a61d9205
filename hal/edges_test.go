package hal

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/warthog618/go-gpiocdev"
	"periph.io/x/conn/v3/gpio"
	"pgregory.net/rapid"
)

func event(seq uint32, rising bool) gpiocdev.LineEvent {
	kind := gpiocdev.LineEventFallingEdge
	if rising {
		kind = gpiocdev.LineEventRisingEdge
	}
	return gpiocdev.LineEvent{LineSeqno: seq, Type: kind, Timestamp: time.Duration(seq) * time.Second}
}

func drain(e *edges) (levels []gpio.Level) {
	for e.wait(0) {
		level, _ := e.lastEdge()
		levels = append(levels, level)
	}
	return levels
}

func TestWaitKeepsTheContract(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, start := newEdges(true), time.Now()
		if e.wait(0) || time.Since(start) != 0 {
			t.Errorf("poll of nothing: got an edge or %v, want neither", time.Since(start))
		}
		if e.wait(time.Second) || time.Since(start) != time.Second {
			t.Errorf("time-out: got an edge or %v, want 1s", time.Since(start))
		}
		got := make(chan bool)
		go func() { got <- e.wait(-1) }()
		time.Sleep(24 * time.Hour)
		e.push(event(1, false))
		if !<-got || time.Since(start) != 24*time.Hour+time.Second {
			t.Error("for ever: got no edge, want the one pushed a day later")
		}
		if level, at := e.lastEdge(); level != gpio.Low || at != time.Second {
			t.Errorf("got %v at %v, want Low at the kernel's 1s", level, at)
		}
		go func() { got <- e.wait(-1) }()
		synctest.Wait()
		e.stop()
		e.stop()
		e.push(event(2, true))
		if <-got || e.wait(0) || e.wait(time.Hour) {
			t.Error("stopped: got an edge, want none")
		}
	})
}

func TestLostReleaseIsMadeUp(t *testing.T) {
	e := newEdges(true)
	e.start(gpio.High, 0)
	e.push(event(1, false))
	e.push(event(3, false)) // 2, the release, is lost
	e.push(event(4, true))
	if got, want := drain(e), []gpio.Level{gpio.Low, gpio.High, gpio.Low, gpio.High}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNothingIsMadeUpWithoutAGapOrForOneDirection(t *testing.T) {
	e := newEdges(true)
	e.start(gpio.Low, 0) // the level was read after the first edge
	e.push(event(1, false))
	if got := drain(e); len(got) != 1 {
		t.Errorf("got %v, want one edge", got)
	}
	e = newEdges(false)
	e.push(event(1, true))
	e.push(event(3, true))
	if got := drain(e); len(got) != 2 {
		t.Errorf("got %v, want two edges", got)
	}
}

// Whatever the kernel or the queue drops, levels alternate, none is made up beyond what happened,
// and the last one delivered is the line's.
func TestLossesKeepTheLevelTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, level, seq := newEdges(true), true, uint32(0)
		e.start(gpio.High, 0)
		last, delivered, lastSent := gpio.High, 0, true
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, 100).Draw(t, "events") {
				level, seq = !level, seq+1
				if rapid.IntRange(0, 9).Draw(t, "kept") > 0 {
					e.push(event(seq, level))
					lastSent = level
				}
			}
			for _, l := range drain(e) {
				if l == last {
					t.Fatalf("got %v twice, want levels to alternate", l)
				}
				last = l
				delivered++
			}
			if last != gpio.Level(lastSent) || delivered > int(seq) {
				t.Fatalf("got %v after %d edges, want %v after at most %d", last, delivered, lastSent, seq)
			}
		}
	})
}
