package scan

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// world is the rules and what an onlooker knows of the machinery around them.
type world struct {
	s     *Sessions
	up    time.Duration
	stick ipc.StickState // as the porter said last
	wired bool           // the worker's connection stands
	open  bool           // a session began and its wipe is not in the journal
	page  uint32
	past  string // for messages
}

func (w *world) now() event.Time {
	return event.Time{Boot: 7, Up: w.up, Wall: 1_790_000_000_000 + w.up.Milliseconds(), Error: time.Second}
}

// clone copies a world to try something in it.
func (w *world) clone() *world {
	c, s := *w, *w.s
	s.pages, s.orders = slices.Clone(s.pages), nil
	c.s = &s
	return &c
}

// input is one row of the table: what happens, and how the world is after it.
type input struct {
	name string
	do   func(w *world) Input
}

// inputs are all that can happen at any time, the impossible included: the machinery may lie.
func inputs() []input {
	plain := func(name string, in Input) input { return input{name, func(*world) Input { return in }} }
	porter := func(name string, m func(w *world) ipc.Message) input {
		return input{name, func(w *world) Input { return Heard{m(w)} }}
	}
	worker := func(name string, m ipc.Message) input {
		return input{name, func(w *world) Input { return Reported{w.s.id, m} }}
	}
	stick := func(name string, m ipc.Stick) input {
		return input{name, func(w *world) Input {
			w.stick = m.State
			return Heard{&m}
		}}
	}
	wait := func(d time.Duration) input {
		return input{"wait " + d.String(), func(w *world) Input {
			w.up += d
			return Tick{}
		}}
	}
	return []input{
		plain("SCAN", ScanPressed{}), plain("DONE", DonePressed{}), plain("DONE held", DoneHeld{}), plain("stay", Stay{}), plain("enter", Enter{}), plain("unhurried", Unhurried{true}),
		plain("more", More{}), plain("cancel", Cancel{}), plain("redo", Redo{1}), plain("remove", Remove{1}), plain("turn", Turn{2}),
		plain("move", Move{2, 0}), plain("choose", Choose{ipc.JPEG}),
		porter("swept", func(*world) ipc.Message { return &ipc.Swept{} }),
		porter("swept files", func(*world) ipc.Message { return &ipc.Swept{Files: 3} }),
		stick("stick absent", ipc.Stick{State: ipc.StickAbsent}), stick("stick", ipc.Stick{State: ipc.StickReady, Free: 1 << 33}),
		stick("full stick", ipc.Stick{State: ipc.StickReady, Free: 1}), stick("stick refused", ipc.Stick{State: ipc.StickRefused, Why: ipc.FaultNTFS}),
		stick("stick out", ipc.Stick{State: ipc.StickOut}), stick("stick pulled", ipc.Stick{State: ipc.StickPulled}),
		stick("stick stays", ipc.Stick{State: ipc.StickStays}),
		{"begun", func(w *world) Input {
			w.wired = w.wired || w.s.phase >= opening
			return Heard{&ipc.Begun{Session: w.s.id}}
		}},
		porter("ended", func(w *world) ipc.Message { return &ipc.Ended{Session: w.s.id, How: ipc.HowExited} }),
		porter("killed", func(w *world) ipc.Message { return &ipc.Ended{Session: w.s.id, How: ipc.HowKilled, Files: 4} }),
		porter("another ended", func(w *world) ipc.Message {
			return &ipc.Ended{Session: ipc.Session{0xff}, How: ipc.HowCrashed}
		}),
		worker("worker ready", &ipc.Ready{Preview: "127.0.0.1:1", Token: "00"}), worker("scanner", &ipc.Scanner{State: ipc.ScannerReady}),
		{"page", func(w *world) Input {
			w.page++
			return Reported{w.s.id, &ipc.Page{Page: w.page, Width: 1, Height: 1, Bytes: 1 << 20, Left: 1 << 21}}
		}},
		worker("old page", &ipc.Page{Page: 1, Width: 1, Height: 1, Bytes: 1 << 20, Left: 1}),
		worker("scanned", &ipc.Scanned{Pages: 1}), worker("jam", &ipc.Scanned{Fault: ipc.ScanJam}), worker("scanner lost", &ipc.Scanned{Fault: ipc.ScanLost}),
		worker("progress", &ipc.Progress{Done: 1, Total: 2}), worker("saved", &ipc.Saved{Files: 1, Bytes: 1}),
		worker("unsaved", &ipc.Unsaved{Why: ipc.SavePulled}), worker("unsaved full", &ipc.Unsaved{Why: ipc.SaveFull}), worker("wiped", &ipc.Wiped{}),
		{"another's worker", func(w *world) Input { return Reported{ipc.Session{0xff}, &ipc.Saved{Files: 1, Bytes: 1}} }},
		{"worker gone", func(w *world) Input {
			w.wired = false
			return WorkerGone{w.s.id}
		}},
		{"porter gone", func(w *world) Input {
			w.stick = 0
			return PorterGone{}
		}},
		wait(time.Second), wait(35 * time.Second), wait(3 * time.Minute),
	}
}

// step does one input and holds what comes of it against what must be true in any state.
func (w *world) step(t *testing.T, in input) []Order {
	t.Helper()
	running, wiredBefore := w.open, w.wired
	what := in.do(w)
	orders := w.s.Step(w.now(), what)
	w.past += " · " + in.name
	fail := func(format string, args ...any) { t.Fatalf("%s\nafter%s", fmt.Sprintf(format, args...), w.past) }
	for _, o := range orders {
		switch o := o.(type) {
		case ToWorker:
			if !w.wired && !wiredBefore {
				fail("%T goes to a worker that is not there", o.Message)
			}
			if m, save := o.Message.(*ipc.Save); save && (w.stick != ipc.StickReady || len(m.Pages) == 0) {
				fail("saves %d pages with the stick %d", len(m.Pages), w.stick)
			}
		case Removable:
			if w.stick != ipc.StickOut {
				fail("says «можно вынимать» with the stick %d", w.stick)
			}
		case Show:
			if o.Text == "donE" && (w.stick == ipc.StickReady || w.stick == ipc.StickStays) {
				fail("shows donE with a mounted stick")
			}
		case Note:
			switch o.Kind {
			case Began:
				if w.open {
					fail("a session begins before the last is wiped")
				}
				w.open = true
			case Wiped:
				if o.Code == string(Restart) {
					continue
				}
				if !w.open || !proof(what, w) {
					fail("the journal says wiped without the end of the process")
				}
				w.open, w.wired = false, false // a connection belongs to its session
			}
		case EndSlip:
			if w.open || o.Result.Why != Done {
				fail("end slip for %+v", o.Result)
			}
		}
	}
	v := w.s.View(w.now())
	if v.State == StateSaved && running && w.s.phase == saved && !w.open {
		fail("saved without a session")
	}
	if !w.s.Running() && (len(v.Pages) > 0 || v.Preview != "" || w.open) {
		fail("state %s with %d pages, preview %q, journal open %v", v.State, len(v.Pages), v.Preview, w.open)
	}
	return orders
}

// proof reports whether an input proves that the worker's process has ended.
func proof(in Input, w *world) bool {
	switch in := in.(type) {
	case Heard:
		_, ended := in.Message.(*ipc.Ended)
		return ended
	case WorkerGone:
		return !w.s.porter
	case PorterGone:
		return !w.wired
	}
	return false
}

// settle leaves everybody alone: a worker that hangs, nobody at the kiosk, and a porter that only kills.
// The session must end.
func (w *world) settle(t *testing.T) {
	t.Helper()
	at := map[string]input{}
	for _, in := range inputs() {
		at[in.name] = in
	}
	for range 120 {
		if !w.s.Running() {
			return
		}
		if !w.s.porter && w.s.worker {
			w.step(t, at["worker gone"]) // its process ends with the porter's
			continue
		}
		w.up += 8 * time.Second
		for _, o := range w.step(t, at["wait 1s"]) {
			switch o := o.(type) {
			case ToPorter:
				if _, kill := o.Message.(*ipc.End); kill {
					w.step(t, at["killed"])
				}
			case Reconnect:
				w.step(t, at["porter gone"])
			}
		}
	}
	t.Fatalf("after 18 minutes alone the session is still %s\nafter%s", w.s.View(w.now()).State, w.past)
}

// key is the state without what only counts or tells the time.
func (w *world) key() string {
	s := w.s
	frame := fmt.Sprint(s.phase, s.porter, s.stick.State, s.until != 0, s.worker, s.stopping, w.open, w.wired)
	if s.phase == wiping {
		return frame + fmt.Sprint(s.why, s.how)
	}
	return frame + fmt.Sprint(s.stick.Free > 1, len(s.pages), s.redo != 0, s.wish, s.failures > 2, min(s.troubles, 3), s.extended > w.up)
}

// TestEveryStateEndsWiped walks all states that can be reached with two pages or fewer, does every input
// in every one, and lets each result end by itself.
func TestEveryStateEndsWiped(t *testing.T) {
	start := &world{s: New(Rules{})}
	seen := map[string]bool{start.key(): true}
	steps := 0
	phases := map[phase]int{}
	for queue := []*world{start}; len(queue) > 0; queue = queue[1:] {
		phases[queue[0].s.phase]++
		for _, in := range inputs() {
			w := queue[0].clone()
			if in.name == "page" && len(w.s.pages) == 2 {
				continue
			}
			w.step(t, in)
			steps++
			k := w.key()
			if seen[k] {
				continue
			}
			seen[k] = true
			queue = append(queue, w)
			w.clone().settle(t)
		}
	}
	t.Logf("%d states × %d inputs, %d steps; by phase %v", len(seen), len(inputs()), steps, phases)
	for p := off; p <= wiping; p++ {
		if phases[p] == 0 {
			t.Errorf("phase %d was never reached", p)
		}
	}
}
