package kiosk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// watcher is a person in front of one display who was told of every call.
type watcher struct {
	t      *rapid.T
	m      *Machine
	name   string
	window int              // 0 = every window's calls
	due    []event.TicketID // calls not seen yet
	seen   event.TicketID   // the call that is on
	from   int              // its window, 0 = none
	since  time.Duration
}

// holds reports whether somebody called to a window has yet to come.
func (w *watcher) holds(id event.TicketID, window int) bool {
	t, live := w.m.queue.Ticket(id)
	return live && t.Phase == queue.Called && t.Window == window
}

// told is a fact from the queue.
func (w *watcher) told(e event.Event) {
	call := e.Kind == event.Called || e.Kind == event.Recalled || e.Kind == event.Resumed
	if call && (w.window == 0 || w.window == e.Window) && !slices.Contains(w.due, e.Ticket) {
		w.due = append(w.due, e.Ticket)
	}
}

// forget drops calls that are no longer for anybody.
func (w *watcher) forget() {
	w.due = slices.DeleteFunc(w.due, func(id event.TicketID) bool {
		t, live := w.m.queue.Ticket(id)
		return !live || t.Phase != queue.Called || w.window != 0 && t.Window != w.window
	})
}

// looks at what comes on.
func (w *watcher) looks(now event.Time, s Show) {
	again := len(w.due) > 0 && w.due[0] == w.seen // the same call, flashing anew
	if early := now.Up-w.since < 5*time.Second; early && !again && w.from != 0 && w.holds(w.seen, w.from) {
		w.t.Fatalf("%s: %+v after %v in place of %v at window %d", w.name, s, now.Up-w.since, w.seen, w.from)
	}
	w.from = 0
	isCall := w.window != 0 || s.Then != "" || strings.Contains(s.Text, "-")
	if s.Flashes == 0 || !isCall { // ready, a call of before, or a notice
		return
	}
	if len(w.due) == 0 {
		w.t.Fatalf("%s: %+v flashes, and nobody was called", w.name, s)
	}
	t, _ := w.m.queue.Ticket(w.due[0])
	if number, _, _ := strings.Cut(s.Text, "-"); number != t.Label {
		w.t.Fatalf("%s: %+v before %s, which was called first", w.name, s, t.Label)
	}
	w.seen, w.from, w.since, w.due = t.ID, t.Window, now.Up, w.due[1:]
}

// Whatever is pressed, every call comes on, in its turn, alone, for five seconds at least; only a
// visitor who comes, or is given up, makes it shorter or needless.
func TestNoCallIsLost(t *testing.T) {
	s := config.Default()
	s.Extra = []config.Display{{Digits: 4}, {Digits: 4, Window: 1, WithWindow: true}, {Digits: 6, Window: 2}}
	rapid.Check(t, func(t *rapid.T) {
		m, err := NewMachine(s, queue.State{})
		if err != nil {
			t.Fatal(err)
		}
		now := event.Time{Boot: 1, Up: time.Minute, Wall: monday.UnixMilli()}
		people := map[string]*watcher{}
		for i, d := range s.Displays() {
			name := config.DisplayName(i)
			people[name] = &watcher{t: t, m: m, name: name, window: d.Window}
		}
		take := func(change queue.Change, actions []Action) {
			for _, w := range people {
				for _, e := range change.Events {
					w.told(e)
				}
				w.forget()
			}
			for _, a := range actions {
				if show, ok := a.(Show); ok {
					people[show.Display].looks(now, show)
				}
			}
		}
		take(m.Start(now, Loss{}))
		take(m.Step(now, DeviceSeen{"printer", health.OK}))
		press := uint64(0)
		hand := func(window int, g gesture.Gesture) {
			press++
			take(m.Step(now, Gestured{Window: window, Gesture: gesture.Down, Press: press}))
			take(m.Step(now, Gestured{Window: window, Gesture: g, Press: press}))
		}
		for window := 1; window <= 4; window++ {
			hand(window, gesture.Short)
		}
		for range rapid.IntRange(1, 60).Draw(t, "acts") {
			wait := rapid.SampledFrom([]time.Duration{0, time.Second, 4 * time.Second, 7 * time.Second}).Draw(t, "wait")
			now.Up, now.Wall = now.Up+wait, now.Wall+wait.Milliseconds()
			take(m.Step(now, Tick{}))
			switch rapid.IntRange(0, 4).Draw(t, "act") {
			case 0:
				take(m.Step(now, ServicePressed{rapid.SampledFrom([]string{"docs", "ready", "sps"}).Draw(t, "service")}))
			case 1:
				m.tell("Е-31", 0)
			default:
				g := rapid.SampledFrom([]gesture.Gesture{gesture.Short, gesture.Double, gesture.Long}).Draw(t, "gesture")
				hand(rapid.IntRange(1, 4).Draw(t, "window"), g)
			}
		}
		for range 60 {
			now.Up, now.Wall = now.Up+time.Second, now.Wall+1000
			take(m.Step(now, Tick{}))
		}
		for _, w := range people {
			if len(w.due) > 0 {
				t.Fatalf("%s: %v never came on", w.name, w.due)
			}
		}
	})
}
