// Package paneltest runs a whole kiosk without hardware behind real pages, for tests: the real machine
// in the real loop, a store in memory, both doors on the loopback, and a desk with PINs.
//
// It owns the stand and its PINs. It refuses to judge: tests look.
package paneltest

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/queue"
)

// PINs of the stand: window n has "700n".
const (
	AdministratorPin = "5562"
	TechnicianPin    = "904415"
)

// Kiosk is a stand.
type Kiosk struct {
	Screen, LAN string // "http://127.0.0.1:…", "https://127.0.0.1:…"
	Desk        *pair.Desk
	Panel       *panel.Panel
	Settings    config.Settings
	Folder      string // of the desk
	Certificate tls.Certificate
	Device      *Device

	t       testing.TB
	inputs  chan kiosk.Input
	view    atomic.Pointer[kiosk.View]
	face    atomic.Pointer[kiosk.CitizenView]
	began   time.Time
	shift   atomic.Int64
	mu      sync.Mutex
	events  []event.Event
	actions []kiosk.Action
	viewed  chan struct{}
	screen  door
}

// Start starts a stand of the built-in settings on a working morning.
func Start(t testing.TB, change ...func(*panel.Options)) *Kiosk {
	t.Helper()
	k := &Kiosk{t: t, Settings: config.Default(), inputs: make(chan kiosk.Input, 256), began: time.Now(), Folder: t.TempDir(), viewed: make(chan struct{}, 1)}
	machine, err := kiosk.NewMachine(k.Settings, queue.State{})
	k.must(err)
	passes := []pair.Pass{{Pin: AdministratorPin, Place: pair.Place{Role: config.Administrator}}, {Pin: TechnicianPin, Place: pair.Place{Role: config.Technician}}}
	for _, w := range k.Settings.Windows {
		passes = append(passes, pair.Pass{Pin: "700" + string(rune('0'+w.Number)), Place: pair.Place{Window: w.Number}})
	}
	k.Desk, err = pair.Open(k.Folder, passes)
	k.must(err)
	k.Certificate, err = pair.Certificate(k.Folder)
	k.must(err)
	k.Device = &Device{kiosk: k}
	options := panel.Options{Settings: k.Settings, Machine: k, Desk: k.Desk, Certificate: k.Certificate, Addresses: []string{"https://192.168.1.20:8443"},
		Device: k.Device, Citizen: k, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&options)
	}
	k.Panel, err = panel.New(options)
	k.must(err)
	k.serve(machine)
	k.Give(kiosk.DeviceSeen{Device: "printer", State: health.OK})
	k.Until("a printer that works", func(v kiosk.View) bool { return len(v.Health) > 0 })
	return k
}

// serve starts the loop, the painters and both doors; all end with the test.
func (k *Kiosk) serve(machine *kiosk.Machine) {
	ctx, stop := context.WithCancel(context.Background())
	loop := &kiosk.Loop{Machine: machine, Store: k, Inputs: k.inputs, Now: k.Now, Act: k.act, Faced: func(v kiosk.CitizenView) { k.face.Store(&v) }, Viewed: func(v kiosk.View) {
		k.view.Store(&v)
		k.Panel.Touch()
		select {
		case k.viewed <- struct{}{}:
		default:
		}
	}}
	screen, lan := k.listen(), k.listen()
	k.Screen, k.LAN = "http://"+screen.Addr().String(), "https://"+lan.Addr().String()
	tasks := []func() error{
		func() error { return loop.Run(ctx, kiosk.Loss{}) },
		func() error { return k.Panel.Run(ctx) },
		func() error { return k.Panel.ServeLAN(ctx, lan) },
	}
	var all sync.WaitGroup
	for _, task := range tasks {
		all.Go(func() {
			if err := task(); err != nil {
				k.t.Errorf("the stand: %v", err)
			}
		})
	}
	k.openScreen(screen)
	k.t.Cleanup(func() {
		k.screen.stop()
		stop()
		all.Wait()
	})
}

func (k *Kiosk) listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.must(err)
	return l
}

func (k *Kiosk) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// Commit keeps the events: the stand is the machine's store.
func (k *Kiosk) Commit(c queue.Change) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events = append(k.events, c.Events...)
	return nil
}

// act keeps the actions, and prints as a printer that never fails.
func (k *Kiosk) act(a kiosk.Action) {
	k.mu.Lock()
	k.actions = append(k.actions, a)
	k.mu.Unlock()
	if p, is := a.(kiosk.Print); is {
		k.Give(kiosk.PrintEnded{Ticket: p.Ticket, Outcome: kiosk.Confirmed, Copy: p.Slip.Copy})
	}
}

// Events returns how often a kind of event was committed.
func (k *Kiosk) Events(kind event.Kind) (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// Last returns the last event of a kind; zero if there was none.
func (k *Kiosk) Last(kind event.Kind) (last event.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.events {
		if e.Kind == kind {
			last = e
		}
	}
	return last
}

// Actions returns what the machine has asked for so far.
func (k *Kiosk) Actions() []kiosk.Action {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]kiosk.Action(nil), k.actions...)
}

// morning is a Tuesday within the built-in hours, Unix ms: 10 o'clock in Samara.
const morning = 1763445600000

// Now returns the stand's time.
func (k *Kiosk) Now() event.Time {
	up := time.Since(k.began) + time.Duration(k.shift.Load())
	return event.Time{Boot: 1, Up: up, Wall: morning + up.Milliseconds()}
}

// Later moves the stand's clock on.
func (k *Kiosk) Later(d time.Duration) { k.shift.Add(int64(d)) }

// View returns how the kiosk is.
func (k *Kiosk) View() kiosk.View {
	if v := k.view.Load(); v != nil {
		return *v
	}
	return kiosk.View{}
}

// Citizen returns how the kiosk is for its own screen.
func (k *Kiosk) Citizen() kiosk.CitizenView {
	if v := k.face.Load(); v != nil {
		return *v
	}
	return kiosk.CitizenView{}
}

// Order gives a command to the loop, as pages do.
func (k *Kiosk) Order(o kiosk.Ordered) bool { return k.Give(o) }

// Give gives any input to the loop.
func (k *Kiosk) Give(in kiosk.Input) bool {
	select {
	case k.inputs <- in:
		return true
	default:
		return false
	}
}

// Command gives a command and waits for its answer.
func (k *Kiosk) Command(o kiosk.Ordered) kiosk.Answer {
	k.t.Helper()
	answers := make(chan kiosk.Answer, 1)
	o.Reply = func(a kiosk.Answer) { answers <- a }
	if !k.Order(o) {
		k.t.Fatal("the loop takes nothing")
	}
	select {
	case a := <-answers:
		return a
	case <-time.After(30 * time.Second):
		k.t.Fatalf("no answer to %v", o.Command)
		return kiosk.Answer{}
	}
}

// Hand does what a hand does with a one-button handset; press tells presses apart.
func (k *Kiosk) Hand(window int, press uint64, g gesture.Gesture) {
	k.Give(kiosk.Gestured{Window: window, Press: press, Gesture: g})
}

// Until waits until the kiosk is so.
func (k *Kiosk) Until(what string, so func(kiosk.View) bool) kiosk.View {
	k.t.Helper()
	limit := time.After(30 * time.Second)
	for {
		if v := k.View(); so(v) {
			return v
		}
		select {
		case <-k.viewed:
		case <-time.After(20 * time.Millisecond):
		case <-limit:
			k.t.Fatalf("no %s after 30 s: %+v", what, k.View())
		}
	}
}

// Client returns an HTTP client with a jar of cookies that trusts the stand's certificate alone.
func (k *Kiosk) Client() *http.Client {
	jar, err := cookiejar.New(nil)
	k.must(err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // a browser that was told once
	k.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, Timeout: 30 * time.Second}
}

// File returns the text of a file that pages use, as it is before it is compressed.
func (k *Kiosk) File(path string) string {
	k.t.Helper()
	client := k.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	answer, err := client.Get(k.LAN + path)
	k.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	k.must(err)
	return string(text)
}
