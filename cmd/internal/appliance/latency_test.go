package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/drivers/button"
	"sps-kiosk/drivers/max7219"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/display"
	"sps-kiosk/kiosk/config"
)

// BenchmarkPressToDigits measures from the contact closing to the first display frame that follows,
// in one process on the virtual machine, with the real store on a real file system. The floor in
// the same run is a program of a button and a display only. It prints medians and their ratio.
func BenchmarkPressToDigits(b *testing.B) {
	rounds := max(b.N, 30)
	floor := pressesOf(b, rounds, startFloor)
	whole := pressesOf(b, rounds, startWhole)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(median(floor.total).Microseconds()), "floor-µs")
	b.ReportMetric(float64(median(whole.commit).Microseconds()), "commit-µs")
	b.ReportMetric(float64(median(whole.rest).Microseconds()), "rest-µs")
	b.ReportMetric(float64(median(whole.rest))/float64(median(floor.total)), "rest/floor")
}

// times are what the presses of one program took.
type times struct{ total, commit, rest []time.Duration }

// pressesOf presses the handset of window 1, rounds times, on a program begun by start.
func pressesOf(b *testing.B, rounds int, start func(context.Context, *testing.B, *watched)) times {
	w := &watched{Machine: bench.New(usual()), frames: make(chan time.Time, 1)}
	defer w.Machine.Close()
	OpenHours(w.Machine, config.Default())
	w.SetContact(bench.Contact{}) // the debounce is the contact's time, not the program's
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start(ctx, b, w)
	var out times
	for range rounds {
		w.ready(b)
		w.arm()
		began := time.Now()
		w.Press(window1)
		select {
		case at := <-w.frames:
			total := at.Sub(began)
			commit := w.lastCommit()
			out.total = append(out.total, total)
			out.commit = append(out.commit, commit)
			out.rest = append(out.rest, total-commit)
		case <-time.After(10 * time.Second):
			b.Fatalf("no frame 10 s after a press; the digits show %q", display.Read(w.Snapshot().Display.Digits))
		}
		time.Sleep(80 * time.Millisecond)
		w.Release(window1)
		w.finish(b)
	}
	return out
}

// watched is a machine that tells when the next display frame is sent.
type watched struct {
	*bench.Machine
	frames chan time.Time
	ready  func(*testing.B) // brings the program to where the next press makes it show something
	finish func(*testing.B)

	mu     sync.Mutex
	armed  bool
	before string // what the digits showed
	commit time.Duration
}

func (w *watched) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = true
}

func (w *watched) lastCommit() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.commit
}

// Journal notes the time of the commit of a call.
func (w *watched) Journal(text string, took time.Duration) {
	w.mu.Lock()
	if strings.HasPrefix(text, "Вызов ") {
		w.commit = took
	}
	w.mu.Unlock()
	w.Machine.Journal(text, took)
}

// SPI hands out a port whose frames are watched.
func (w *watched) SPI(name string) (spi.PortCloser, error) {
	port, err := w.Machine.SPI(name)
	return watchedPort{port, w}, err
}

type watchedPort struct {
	spi.PortCloser
	w *watched
}

// Connect implements spi.Port.
func (p watchedPort) Connect(f physic.Frequency, m spi.Mode, bits int) (spi.Conn, error) {
	c, err := p.PortCloser.Connect(f, m, bits)
	return watchedConn{c, p.w}, err
}

type watchedConn struct {
	spi.Conn
	w *watched
}

// TxPackets implements spi.Conn.
func (c watchedConn) TxPackets(p []spi.Packet) error {
	return c.w.watch(func() error { return c.Conn.TxPackets(p) })
}

// Tx implements spi.Conn.
func (c watchedConn) Tx(out, in []byte) error {
	return c.w.watch(func() error { return c.Conn.Tx(out, in) })
}

// watch sends a frame and notes the time at which the first one after arm that changes the digits
// was begun; refreshing the same digits does not count.
func (w *watched) watch(send func() error) error {
	began := time.Now()
	err := send()
	now := display.Read(w.Snapshot().Display.Digits)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.armed && now != w.before {
		w.armed = false
		w.frames <- began
	}
	w.before = now
	return err
}

// startFloor is a button that counts on a display, and nothing else.
func startFloor(ctx context.Context, b *testing.B, w *watched) {
	pin, err := w.Line(window1)
	if err != nil {
		b.Fatal(err)
	}
	contact, err := button.New(pin, button.Options{})
	if err != nil {
		b.Fatal(err)
	}
	port, err := w.SPI("SPI0.0")
	if err != nil {
		b.Fatal(err)
	}
	digits, err := max7219.New(port, max7219.Options{})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	go contact.Run(ctx, func(e button.Edge) {
		if e.Pressed {
			n++
			digits.Show(fmt.Sprintf("%03d-01", n))
		}
	})
	w.ready = func(*testing.B) { time.Sleep(50 * time.Millisecond) }
	w.finish = w.ready
}

// startWhole is the kiosk.
func startWhole(ctx context.Context, b *testing.B, w *watched) {
	o := Options{Data: b.TempDir(), Log: slog.New(slog.DiscardHandler)}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	go func() { ended <- serve(ctx, o, w, source{device: config.DefaultDevice(), book: config.BuiltIn()}) }()
	b.Cleanup(func() { cancel(); <-ended })
	await := func(title string) {
		for limit := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			for _, c := range w.Snapshot().Captions {
				if c.Window == 1 && strings.HasSuffix(c.Title, title) {
					time.Sleep(450 * time.Millisecond) // no press is taken for a double
					return
				}
			}
			if time.Now().After(limit) {
				b.Fatalf("window 1 is never %q: %+v", title, w.Snapshot().Captions)
			}
		}
	}
	tap := func(line string) {
		w.Press(line)
		time.Sleep(80 * time.Millisecond)
		w.Release(line)
	}
	await("Перерыв")
	tap(window1)
	await("никто не ждёт")
	w.ready = func(*testing.B) {
		tap(docs)
		await("есть очередь")
		w.Tear()
	}
	w.finish = func(*testing.B) {
		await("посетитель вызван")
		tap(window1)
		await("посетитель на приёме")
		tap(window1)
		await("никто не ждёт")
	}
}

// median returns the middle of some times.
func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
