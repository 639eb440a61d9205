package button

import (
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
)

const ms = time.Millisecond

func TestPressAndRelease(t *testing.T) {
	got := play(t, Options{}, func(c *contact) {
		if c.pull != gpio.PullUp {
			t.Errorf("got pull %v, want PullUp", c.pull)
		}
		time.Sleep(5 * ms)
		c.set(gpio.Low)
		time.Sleep(250 * ms)
		c.set(gpio.High)
	})
	check(t, got, Edge{Pressed: true, At: 5 * ms}, Edge{At: 255 * ms})
}

func TestBounceIsOnePressAtTheFirstEdge(t *testing.T) {
	got := play(t, Options{Debounce: 20 * ms}, func(c *contact) {
		for range 4 {
			c.set(gpio.Low)
			time.Sleep(ms)
			c.set(gpio.High)
			time.Sleep(ms)
		}
		c.set(gpio.Low)
		time.Sleep(100 * ms)
		c.set(gpio.High)
	})
	check(t, got, Edge{Pressed: true}, Edge{At: 108 * ms})
}

func TestReleaseInsideTheQuietTimeIsNotLost(t *testing.T) {
	got := play(t, Options{Debounce: 20 * ms}, func(c *contact) {
		c.set(gpio.Low)
		time.Sleep(7 * ms)
		c.set(gpio.High)
	})
	check(t, got, Edge{Pressed: true}, Edge{At: 20 * ms})
}

func TestLostEdgesHeal(t *testing.T) {
	got := play(t, Options{}, func(c *contact) {
		time.Sleep(50 * ms)
		c.move(gpio.Low)
		time.Sleep(200 * ms)
		c.move(gpio.High)
	})
	check(t, got, Edge{Pressed: true, At: 200 * ms}, Edge{At: 400 * ms})
}

func TestStuckIsReportedOnceAndEndsWithTheRelease(t *testing.T) {
	got := play(t, Options{}, func(c *contact) {
		c.set(gpio.Low)
		time.Sleep(2 * time.Minute)
		c.set(gpio.High)
		time.Sleep(time.Second)
		c.set(gpio.Low)
		time.Sleep(time.Minute)
	})
	check(t, got, Edge{Pressed: true}, Edge{Pressed: true, Stuck: true, At: DefaultStuck},
		Edge{At: 2 * time.Minute}, Edge{Pressed: true, At: 121 * time.Second},
		Edge{Pressed: true, Stuck: true, At: 121*time.Second + DefaultStuck})
}

func TestClosedAtStartIsNoPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContact(t)
		c.move(gpio.Low)
		got := playOn(t, c, c, Options{Stuck: time.Second}, func(c *contact) {
			time.Sleep(1500 * ms)
			c.set(gpio.High)
		})
		check(t, got, Edge{Pressed: true, Stuck: true, At: time.Second}, Edge{At: 1500 * ms})
	})
}

// stamped is a contact with a kernel's time stamps, which run an hour ahead of the process. It
// delivers late: the stamp is the truth.
type stamped struct {
	*contact
	boot time.Time
	late time.Duration
	last gpio.Level
	at   time.Duration
}

func (s *stamped) In(p gpio.Pull, e gpio.Edge) error {
	s.last, s.at = gpio.High, time.Hour+time.Since(s.boot)
	return s.contact.In(p, e)
}

func (s *stamped) LastEdge() (gpio.Level, time.Duration) { return s.last, s.at }

func TestKernelStampsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContact(t)
		s := &stamped{contact: c, boot: time.Now(), late: 3 * ms}
		got := playOn(t, s, c, Options{Debounce: 10 * ms}, func(c *contact) {
			time.Sleep(5 * ms)
			c.set(gpio.Low)
			time.Sleep(500 * ms)
			c.move(gpio.High) // lost: found by polling, on the same clock
		})
		if len(got) != 2 || got[0] != (Edge{Pressed: true, At: time.Hour + 5*ms}) {
			t.Fatalf("got %v, want a press at 1h0m0.005s and a release", got)
		}
		if at := got[1].At - time.Hour; got[1].Pressed || at < 505*ms || at > 705*ms {
			t.Errorf("got %v, want a release at 505…705 ms", got[1])
		}
	})
}

func TestEdgesFromBeforeRunAreHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContact(t)
		s := &stamped{contact: c, boot: time.Now()}
		b, err := New(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		r := &run{Button: b, start: b.clock.now(), emit: func(e Edge) { t.Errorf("got %v, want nothing", e) }}
		s.last, s.at = gpio.Low, time.Hour+900*ms
		r.edge()
	})
}

func TestDeadPinEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContact(t)
		c.deaf = true
		b, err := New(c, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Run(t.Context(), func(Edge) {}); err == nil {
			t.Error("got nil, want an error from a pin that never waits")
		}
	})
}

func TestNewRefusesNegativeTimes(t *testing.T) {
	if _, err := New(newContact(t), Options{Debounce: -1}); err == nil {
		t.Error("got nil, want an error")
	}
}

// TestAtRest: an open contact wakes nobody for a minute but to look for a lost edge, and a press is
// felt at once.
func TestAtRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContact(t)
		got := playOn(t, c, c, Options{}, func(c *contact) {
			time.Sleep(time.Minute)
			if n := c.waits.Load(); n > 45 {
				t.Errorf("got %d waits in a minute at rest, want about 40", n)
			}
			c.set(gpio.Low)
			time.Sleep(100 * ms)
			c.set(gpio.High)
			time.Sleep(time.Minute)
			c.move(gpio.Low) // lost
			time.Sleep(rest)
		})
		if len(got) != 3 || got[0] != (Edge{Pressed: true, At: time.Minute}) || !got[2].Pressed || got[2].At > 2*time.Minute+100*ms+rest {
			t.Errorf("got %v, want a press at 1m0s, its release, and a press found within %v", got, rest)
		}
	})
}
