package appliance

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
)

// Times of the connection to the porter.
const (
	porterAgain = time.Second // between two attempts
	ordersMost  = 64          // orders not yet sent; more is a peer that does not read
)

// scanLink is the kiosk's side of a scan session: what porter and worker say goes to the loop, in order
// and without loss, and the loop's orders go to them. It never sees a page.
type scanLink struct {
	socket string
	give   func(context.Context, kiosk.Input) // waits for room: a lost message would be a lost state
	log    *slog.Logger
	orders chan kiosk.Action

	mu      sync.Mutex
	porter  *ipc.Conn
	worker  *ipc.Conn
	readers sync.WaitGroup
}

func newScanLink(socket string, give func(context.Context, kiosk.Input), log *slog.Logger) *scanLink {
	return &scanLink{socket: socket, give: give, log: log, orders: make(chan kiosk.Action, ordersMost)}
}

// Do queues an order. It does not wait.
func (l *scanLink) Do(a kiosk.Action) {
	select {
	case l.orders <- a:
	default:
		l.log.Error("order of a scan session dropped: porter or worker does not read")
		l.hangUp()
	}
}

// Run keeps the connection to the porter until ctx ends.
func (l *scanLink) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, l.hangUp)
	defer stop()
	defer l.readers.Wait()
	l.readers.Go(func() { l.send(ctx) })
	for said := false; ctx.Err() == nil; {
		err := l.serve(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if !said || !errors.Is(err, os.ErrNotExist) {
			said = true
			l.log.Warn("porter is not there", "device", "stick", "err", err)
		}
		l.give(ctx, kiosk.DeviceSeen{Device: "stick", State: health.Offline})
		select {
		case <-ctx.Done():
		case <-time.After(porterAgain):
		}
	}
	return nil
}

// serve is one connection to the porter.
func (l *scanLink) serve(ctx context.Context) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unixpacket", l.socket)
	if err != nil {
		return err
	}
	porter := ipc.New(c.(*net.UnixConn), ipc.PorterToKiosk)
	l.mu.Lock()
	l.porter = porter
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.porter = nil
		l.mu.Unlock()
		porter.Close()
		l.give(ctx, kiosk.Scanning{Input: scan.PorterGone{}})
	}()
	for {
		m, files, err := porter.Receive()
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case *ipc.Swept:
			l.give(ctx, kiosk.DeviceSeen{Device: "stick", State: health.OK})
		case *ipc.Begun:
			if err := l.meet(ctx, m, files[0]); err != nil {
				return err
			}
			continue
		}
		l.give(ctx, kiosk.Scanning{Input: scan.Heard{Message: m}})
	}
}

// meet takes the connection to a new worker.
func (l *scanLink) meet(ctx context.Context, m *ipc.Begun, f *os.File) error {
	worker, err := ipc.FromFile(f, ipc.WorkerToKiosk)
	if err != nil {
		return err
	}
	l.mu.Lock()
	if l.worker != nil {
		l.worker.Close()
	}
	l.worker = worker
	l.mu.Unlock()
	l.give(ctx, kiosk.Scanning{Input: scan.Heard{Message: m}})
	l.readers.Go(func() {
		defer worker.Close()
		for {
			said, _, err := worker.Receive()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					l.log.Error("worker is not understood", "err", err)
				}
				l.give(ctx, kiosk.Scanning{Input: scan.WorkerGone{Session: m.Session}})
				return
			}
			l.give(ctx, kiosk.Scanning{Input: scan.Reported{Session: m.Session, Message: said}})
		}
	})
	return nil
}

// send carries the loop's orders out, in order.
func (l *scanLink) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-l.orders:
			l.mu.Lock()
			porter, worker := l.porter, l.worker
			l.mu.Unlock()
			var err error
			switch a := a.(type) {
			case kiosk.Porter:
				err = tell(porter, a.Message)
			case kiosk.Worker:
				err = tell(worker, a.Message)
			case kiosk.Reconnect:
				err = errors.New("porter does not do what it must")
			}
			if err != nil {
				l.log.Warn("order of a scan session", "err", err)
				if _, toWorker := a.(kiosk.Worker); !toWorker && porter != nil {
					porter.Close()
				}
			}
		}
	}
}

var errNobody = errors.New("nobody is connected")

func tell(c *ipc.Conn, m ipc.Message) error {
	if c == nil {
		return errNobody
	}
	return c.Send(m)
}

// hangUp ends both connections, which ends the session: the porter kills and wipes.
func (l *scanLink) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range []*ipc.Conn{l.porter, l.worker} {
		if c != nil {
			c.Close()
		}
	}
}
