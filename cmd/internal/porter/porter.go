// Package porter is the one process with power over devices: it lets USB devices in, mounts the
// citizen's stick, starts a worker for one session and kills it in time (ARCHITECTURE §3).
//
// It owns the order of those things and speaks only kiosk/ipc. It refuses to read a page or a name, to
// open a network socket, to run two workers, and to call a stick removable that is not proved and
// unmounted. It stays short (500 lines) because it is root.
package porter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
	"sync"
	"time"
)

// Medium is the citizen's socket: real (Socket) or a folder (Folder). One goroutine calls it at a time.
type Medium interface {
	// Watch tells whenever what is in the socket may have changed; it returns when ctx ends.
	Watch(ctx context.Context, changed func(present bool)) error
	// Open makes ready what is in the socket; the error is a stick.Problem.
	Open(ctx context.Context) (*os.File, error)
	// Close ends an open one: it is held against what was written, let go and unmounted. Only nil means
	// that it may be taken out; stick.Busy means that it is still mounted, and may be tried again with nil.
	Close(ctx context.Context, root *os.File) error
	// Drop ends it in whatever state it is.
	Drop() error
}

// Launcher starts workers.
type Launcher interface {
	// Start starts a worker with its ends of the connections to kiosk and porter, which stay the caller's.
	Start(kiosk, porter *os.File) (Worker, error)
	// Wipe runs the worker's wipe and returns how many files it dropped.
	Wipe(ctx context.Context) (int, error)
}

// Worker is a started one.
type Worker interface {
	Kill()
	// Wait returns when it is reaped; well is false if it is known to have failed.
	Wait() (well bool)
}

// Options are what a porter works with.
type Options struct {
	Listen    *net.UnixListener // "unixpacket": where the kiosk calls
	Peer      int               // the kiosk's user; root may call, too
	Medium    Medium
	Launcher  Launcher
	Update    func(*os.File) error // technician mode: gets kiosk-update.raucb, nil where a stick has none; nil: sessions
	Log       *slog.Logger
	LeaveTime time.Duration // how long a worker may hold a stick after Leave; 0 is 5 s
}

// porter is one running porter. All of its state belongs to the goroutine of loop.
type porter struct {
	o       Options
	inbox   chan func()
	ctx     context.Context
	tasks   sync.WaitGroup
	kiosk   *ipc.Conn
	stick   port
	work    *session
	touched chan struct{} // closed when the last device that was touched has been
	closed  chan struct{}
}

// Run serves until ctx ends; a worker and a mount end with it.
func Run(ctx context.Context, o Options) error {
	if o.LeaveTime == 0 {
		o.LeaveTime = 5 * time.Second
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := &porter{o: o, inbox: make(chan func(), 16), ctx: ctx, closed: make(chan struct{}), touched: make(chan struct{})}
	close(p.touched)
	p.stick.state = ipc.StickAbsent
	p.tasks.Go(func() {
		cancel(o.Medium.Watch(ctx, func(present bool) { p.post(func() { p.plugged(present) }) }))
	})
	p.tasks.Go(func() { cancel(p.accept()) })
	for ctx.Err() == nil {
		select {
		case f := <-p.inbox:
			f()
		case <-ctx.Done():
		}
	}
	err := p.end()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

// end leaves nothing behind: no worker, no mount, no file of a session.
func (p *porter) end() error {
	close(p.closed)
	p.o.Listen.Close()
	if p.work != nil {
		p.work.worker.Kill()
		p.work.conn.Close()
	}
	p.tasks.Wait() // one of them waits for the worker
	_, err := p.o.Launcher.Wipe(context.WithoutCancel(p.ctx))
	p.stick.release()
	return errors.Join(err, p.o.Medium.Drop())
}

// post hands the loop something to do.
func (p *porter) post(f func()) {
	select {
	case p.inbox <- f:
	case <-p.closed:
	}
}

// touch has a device touched off the loop, one after the other: a stick that hangs must not hold up a
// deadline.
func (p *porter) touch(f func()) {
	before, done := p.touched, make(chan struct{})
	p.touched = done
	p.tasks.Go(func() {
		defer close(done)
		<-before
		f()
	})
}

// accept takes one kiosk after the other.
func (p *porter) accept() error {
	for {
		c, err := p.o.Listen.AcceptUnix()
		if p.ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("wait for the kiosk: %w", err)
		}
		kiosk := ipc.New(c, ipc.KioskToPorter)
		if uid, err := kiosk.Peer(); err != nil || uid != p.o.Peer && uid != 0 {
			p.o.Log.Warn("a caller is not the kiosk", "user", uid, "err", err)
		} else {
			p.serve(kiosk)
		}
		c.Close()
	}
}

// serve is one kiosk, from Swept to its end.
func (p *porter) serve(c *ipc.Conn) {
	defer context.AfterFunc(p.ctx, func() { c.Close() })()
	files, err := p.o.Launcher.Wipe(p.ctx)
	if err != nil {
		p.o.Log.Error("wipe before a kiosk", "err", err)
		return // it calls again; without a wipe there is no service
	}
	if err := c.Send(&ipc.Swept{Files: files}); err != nil {
		p.o.Log.Warn("kiosk does not listen", "err", err)
		return
	}
	p.post(func() { p.kiosk = c; p.turn(p.stick.state, p.stick.why) })
	for {
		m, _, err := c.Receive()
		if err != nil {
			break
		}
		p.post(func() { p.hear(m) })
	}
	gone := make(chan struct{})
	p.post(func() { p.kiosk = nil; p.finish(ipc.HowKilled, func() { close(gone) }) })
	select {
	case <-gone:
	case <-p.closed:
	}
}

// hear does what the kiosk asks for.
func (p *porter) hear(m ipc.Message) {
	switch m := m.(type) {
	case *ipc.Begin:
		p.begin(m)
	case *ipc.Alive:
		if p.work != nil && p.work.id == m.Session {
			p.work.deadline.Reset(m.Within)
		}
	case *ipc.End:
		if p.work != nil && p.work.id == m.Session {
			p.finish(ipc.HowKilled, nil)
		}
	case *ipc.Eject:
		if p.eject(nil); p.stick.root == nil && !p.stick.moving {
			p.turn(p.stick.state, p.stick.why)
		}
	}
}

// say sends to the kiosk, if there is one. What cannot be sent ends the connection.
func (p *porter) say(m ipc.Message, files ...*os.File) {
	if p.kiosk == nil {
		return
	}
	if err := p.kiosk.Send(m, files...); err != nil {
		p.o.Log.Warn("kiosk does not listen", "err", err)
		p.kiosk.Close()
	}
}

// faults are problems in the words of ipc; what is not here is FaultBroken.
var faults = map[stick.Problem]ipc.StickFault{
	stick.NotStorage: ipc.FaultNotStorage, stick.Changed: ipc.FaultChanged, stick.NTFS: ipc.FaultNTFS,
	stick.BadTable: ipc.FaultFormat, stick.Unknown: ipc.FaultFormat, stick.BitLocker: ipc.FaultBitLocker,
	stick.Linux: ipc.FaultLinux, stick.Apple: ipc.FaultApple, stick.ISO: ipc.FaultISO,
	stick.WriteProtected: ipc.FaultProtected, stick.Full: ipc.FaultFull, stick.Fake: ipc.FaultFake,
}

func fault(err error) ipc.StickFault {
	if f, ok := faults[stick.ProblemOf(err)]; ok {
		return f
	}
	return ipc.FaultBroken
}
