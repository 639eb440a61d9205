// Package scanworker is the process that sees pages: one for each scan session (ARCHITECTURE §3).
//
// It owns the way of a page from the scanner through the vault to previews and onto the stick, and its
// own end, which is the wipe. It refuses a network (its one listener is inherited and on loopback), names,
// order and turning of pages beyond what a Save tells, and anything that is not asked for by kiosk/ipc.
package scanworker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/pdf"
	"sps-kiosk/kiosk/vault"
)

// Limits of the garbage collector: one preview being decoded is the most there is in memory at once.
const (
	gcPercent   = 50
	memoryLimit = 48 << 20
)

// letGo is how long the end waits for a scan or a save to let go of scanner and stick. The key is zeroed
// before that.
const letGo = time.Second

// Scanner is a scanner as both drivers offer it.
type Scanner interface {
	// Offers returns what can be asked for.
	Offers(ctx context.Context) (dpi []int, color, feeder, duplex bool, err error)
	// Scan takes one page from the glass, or all from the feeder. A page begun without whole after it
	// is thrown away.
	Scan(ctx context.Context, dpi int, color, duplex bool, page func(n int) (io.Writer, error),
		whole func(n, widthPx, heightPx, dpi int, bytes int64) error) (int, error)
}

// Options are what a worker works with.
type Options struct {
	Kiosk, Porter *ipc.Conn
	Preview       net.Listener
	Vault         vault.Options
	// Open finds the scanner and claims its interfaces, never more. It is called again after an error.
	Open func(ctx context.Context) (Scanner, io.Closer, error)
	// Fault puts an error of Open, Offers or Scan into the words of the citizen's screen.
	Fault func(error) ipc.ScanFault
	Log   *slog.Logger
}

// shot is what is known of a page besides its bytes.
type shot struct {
	picture pdf.Picture
	dpi     int
}

// worker is the running process.
type worker struct {
	Options
	ctx   context.Context
	vault *vault.Vault
	token string

	scanner Scanner // of the job's goroutine
	claimed io.Closer

	jobs chan job // one at a time, in the order they were asked for
	idle chan struct{}

	mu     sync.Mutex
	shots  map[uint32]shot
	root   *os.File // of the stick; nil = none
	volume ipc.Volume
	latest job
}

// job is a look at the scanner, a scan or a save.
type job struct {
	do     func(ctx context.Context)
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}
}

// Run serves one session until Finish, the end of ctx or of either connection, and wipes. The process
// must end after it.
func Run(ctx context.Context, o Options) error {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	v, err := vault.Open(o.Vault)
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &worker{Options: o, ctx: ctx, vault: v, shots: map[uint32]shot{}, jobs: make(chan job, 4), idle: make(chan struct{})}
	err = w.serve(cancel)
	cancel()
	return errors.Join(err, w.wipe())
}

// serve starts what runs beside the kiosk's orders, and takes those.
func (w *worker) serve(stop context.CancelFunc) error {
	if err := w.servePreviews(); err != nil {
		return err
	}
	go w.hearPorter(stop)
	go w.work()
	orders := make(chan ipc.Message)
	go func() {
		defer stop()
		for {
			m, _, err := w.Kiosk.Receive()
			if err != nil {
				return
			}
			select {
			case orders <- m:
			case <-w.ctx.Done():
				return
			}
		}
	}()
	if err := w.Kiosk.Send(&ipc.Ready{Preview: w.Preview.Addr().String(), Token: w.token}); err != nil {
		return err
	}
	w.start(w.look)
	for {
		select {
		case <-w.ctx.Done():
			return nil
		case m := <-orders:
			if _, last := m.(*ipc.Finish); last {
				return nil
			}
			w.obey(m)
		}
	}
}

// obey does what the kiosk asks for.
func (w *worker) obey(m ipc.Message) {
	switch m := m.(type) {
	case *ipc.Scan:
		w.start(func(ctx context.Context) { w.say(w.scan(ctx, m)) })
	case *ipc.Save:
		w.start(func(ctx context.Context) { w.say(w.save(ctx, m)) })
	case *ipc.Stop:
		w.stop()
	case *ipc.Drop:
		w.mu.Lock()
		delete(w.shots, m.Page)
		w.mu.Unlock()
		w.vault.Drop(m.Page)
	}
}

// start queues a job. The kiosk asks for one after the other, so a full queue is a kiosk out of step.
func (w *worker) start(do func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(w.ctx)
	j := job{do: do, ctx: ctx, cancel: cancel, ended: make(chan struct{})}
	select {
	case w.jobs <- j:
		w.mu.Lock()
		w.latest = j
		w.mu.Unlock()
	default:
		cancel()
		w.Log.Error("order dropped: too many at once")
	}
}

// stop ends the latest job and returns what is closed when it has ended, nil if there was none.
func (w *worker) stop() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.latest.cancel == nil {
		return nil
	}
	w.latest.cancel()
	return w.latest.ended
}

// work does the jobs until the session ends.
func (w *worker) work() {
	defer close(w.idle)
	for {
		select {
		case <-w.ctx.Done():
			if w.claimed != nil {
				w.claimed.Close()
			}
			return
		case j := <-w.jobs:
			j.do(j.ctx)
			j.cancel()
			close(j.ended)
		}
	}
}

// say tells the kiosk; an end that does not listen has gone, and its Receive tells so.
func (w *worker) say(m ipc.Message) {
	if err := w.Kiosk.Send(m); err != nil && w.ctx.Err() == nil {
		w.Log.Warn("kiosk does not listen", "err", err)
	}
}

// wipe is the last act: the key, then the files, then the word that it is done. Scanner and stick are let
// go beside it.
func (w *worker) wipe() error {
	pages, files, err := w.vault.Wipe()
	w.Preview.Close()
	select {
	case <-w.idle:
	case <-time.After(letGo):
	}
	if err != nil {
		return err
	}
	w.Kiosk.Send(&ipc.Wiped{Pages: pages, Files: files}) // if nobody is there any more, the end of the process tells
	return nil
}
