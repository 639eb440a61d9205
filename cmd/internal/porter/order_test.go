package porter_test

import (
	gocontext "context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/porter"
)

// keeper is a launcher that holds every porter of these tests to its order: one worker at a time, and no wipe while one
// lives. Some of its starts and wipes fail if a test wants that.
type keeper struct {
	porter.Launcher
	t              *testing.T
	alive          atomic.Int32
	starts, sweeps atomic.Int32 // that will fail
}

// Start implements porter.Launcher.
func (k *keeper) Start(kiosk, own *os.File) (porter.Worker, error) {
	if k.starts.Add(-1) >= 0 {
		return nil, errors.New("no memory for another process")
	}
	w, err := k.Launcher.Start(kiosk, own)
	if err != nil {
		return nil, err
	}
	if n := k.alive.Add(1); n != 1 {
		k.t.Errorf("got %d workers at once", n)
	}
	return &kept{Worker: w, k: k}, nil
}

// Wipe implements porter.Launcher.
func (k *keeper) Wipe(ctx gocontext.Context) (int, error) {
	if n := k.alive.Load(); n != 0 {
		k.t.Errorf("a wipe beside %d workers that write", n)
	}
	if k.sweeps.Add(-1) >= 0 {
		return 0, errors.New("the card does not answer")
	}
	return k.Launcher.Wipe(ctx)
}

// kept is a worker that is counted until it is reaped.
type kept struct {
	porter.Worker
	k    *keeper
	once sync.Once
}

// Wait implements porter.Worker.
func (w *kept) Wait() bool {
	well := w.Worker.Wait()
	w.once.Do(func() { w.k.alive.Add(-1) })
	return well
}

// hand is a socket that does what a test says at the very step that it wants.
type hand struct {
	t       *testing.T
	changes chan bool
	asked   chan request
	over    chan struct{}
	busy    atomic.Bool
}

// request is one call of the porter, which waits for its answer.
type request struct {
	what   string
	answer chan answered
}

type answered struct {
	root *os.File
	err  error
}

// byHand runs a porter with a socket that the test plays.
func byHand(t *testing.T, manners string, change func(*rig)) (*rig, *hand) {
	t.Helper()
	h := &hand{t: t, changes: make(chan bool), asked: make(chan request), over: make(chan struct{})}
	r := newRig(t, manners, func(r *rig) {
		r.o.Medium = h
		if change != nil {
			change(r)
		}
	})
	t.Cleanup(sync.OnceFunc(func() { close(h.over) })) // before the porter is ended
	return r, h
}

// Watch implements porter.Medium.
func (h *hand) Watch(ctx gocontext.Context, changed func(bool)) error {
	for {
		select {
		case present := <-h.changes:
			changed(present)
		case <-ctx.Done():
			return nil
		}
	}
}

func (h *hand) ask(what string) answered {
	if !h.busy.CompareAndSwap(false, true) {
		h.t.Errorf("%s while another call is under way", what)
	}
	defer h.busy.Store(false)
	r := request{what, make(chan answered, 1)}
	select {
	case h.asked <- r:
	case <-h.over:
		return answered{}
	}
	select {
	case a := <-r.answer:
		return a
	case <-h.over:
		return answered{}
	}
}

// Open implements porter.Medium.
func (h *hand) Open(gocontext.Context) (*os.File, error) {
	a := h.ask("open")
	return a.root, a.err
}

// Close implements porter.Medium.
func (h *hand) Close(_ gocontext.Context, root *os.File) error {
	root.Close()
	return h.ask("close").err
}

// Drop implements porter.Medium.
func (h *hand) Drop() error { return h.ask("drop").err }

// when waits for the porter's next call, which must be that one, and returns where its answer goes.
func (h *hand) when(what string) chan<- answered {
	h.t.Helper()
	select {
	case r := <-h.asked:
		if r.what != what {
			h.t.Fatalf("got %q asked for, want %q", r.what, what)
		}
		return r.answer
	case <-time.After(patience):
		h.t.Fatalf("nothing is asked for, want %q", what)
		return nil
	}
}

// opens lets a folder be what was put in.
func (h *hand) opens() *os.File {
	h.t.Helper()
	root, err := os.Open(h.t.TempDir())
	if err != nil {
		h.t.Fatal(err)
	}
	h.when("open") <- answered{root: root}
	return root
}
