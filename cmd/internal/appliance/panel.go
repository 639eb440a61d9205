package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	panels "sps-kiosk/kiosk/panel"
	paired "sps-kiosk/kiosk/panel/pair"
)

// screens is the machine as the panel sees it: the last view, and the way into the loop.
type screens struct {
	view   atomic.Pointer[kiosk.View]
	now    func() event.Time
	inputs chan<- kiosk.Input
	touch  func()
	face   citizens
}

// View returns how the kiosk is; empty before its first step.
func (s *screens) View() kiosk.View {
	if v := s.view.Load(); v != nil {
		return *v
	}
	return kiosk.View{}
}

// Now returns the time on the board.
func (s *screens) Now() event.Time { return s.now() }

// Order gives a command to the loop. Behind a full queue of inputs it is refused: whoever gave it is told.
func (s *screens) Order(o kiosk.Ordered) bool { return s.Give(o) }

// Give gives any input to the loop, as Order does.
func (s *screens) Give(in kiosk.Input) bool {
	select {
	case s.inputs <- in:
		return true
	default:
		return false
	}
}

// viewed keeps a view and tells the pages.
func (s *screens) viewed(v kiosk.View) {
	s.view.Store(&v)
	s.touch()
}

// panel starts the pages behind the doors that are configured; without any it returns nil.
func (w *wiring) panel(o Options, now func() event.Time, device *technicianDevice) (*screens, error) {
	screen, lan := doors(o, w.settings.Panel)
	if screen == "" && lan == "" {
		return nil, nil
	}
	machine := &screens{now: now, inputs: w.inputs}
	options := panels.Options{Settings: w.settings, Machine: machine, Citizen: &machine.face, Say: w.say, Log: o.Log}
	if lan != "" {
		if err := w.desk(o, lan, &options); err != nil {
			return nil, err
		}
		device.machine = machine
		options.Device = device
		_, options.Drawn = w.board.(narrator)
	}
	p, err := panels.New(options)
	if err != nil {
		return nil, err
	}
	machine.touch, machine.face.give = p.Touch, machine.Give
	device.touch = p.Touch
	w.tasks.edge("panel", p.Run)
	if screen != "" {
		w.tasks.edge("panel.screen", door(screen, "Экран и табло", "http", o.Log, p.ServeScreen))
	}
	if lan != "" {
		w.tasks.edge("panel.lan", door(lan, "Пульты, табло и техник", "https", o.Log, p.ServeLAN))
		if w.firstCard(options.Desk) {
			w.tasks.edge("panel.card", func(context.Context) error { return p.Card() })
		}
	}
	return machine, nil
}

// desk adds what the door to the network needs: the certificate, and who may work behind it.
func (w *wiring) desk(o Options, lan string, options *panels.Options) (err error) {
	folder := filepath.Join(o.Data, "panel")
	if options.Certificate, err = paired.Certificate(folder); err != nil {
		return err
	}
	var passes []paired.Pass
	for _, p := range w.pins() {
		passes = append(passes, paired.Pass{Pin: p.Pin, Place: paired.Place{Window: p.Window, Role: p.Role}})
	}
	if options.Desk, err = paired.Open(folder, passes); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(lan)
	if err != nil {
		return fmt.Errorf("the address of the pages %q: %w", lan, err)
	}
	if host != "" && host != "0.0.0.0" && host != "::" {
		options.Addresses = []string{"https://" + lan}
		return nil
	}
	for _, ip := range paired.Addresses() {
		options.Addresses = append(options.Addresses, "https://"+net.JoinHostPort(ip.String(), port))
	}
	return nil
}

// pins are the PINs of the settings. The drawn kiosk has some of its own where there are none, so that
// whoever tries it can come in; they are told with the addresses.
func (w *wiring) pins() []config.Pass {
	if _, drawn := w.board.(narrator); drawn && len(w.settings.Panel.Pins) == 0 {
		return benchPins(w.settings)
	}
	return w.settings.Panel.Pins
}

// firstCard reports whether a pairing card has to be printed by itself: while no browser is paired, and
// once for every new word in the settings. The drawn kiosk prints one when somebody stands at its door.
func (w *wiring) firstCard(desk *paired.Desk) bool {
	numbers, _ := desk.Paired()
	_, drawn := w.board.(narrator)
	return desk.Asked(w.settings.Panel.Card) || len(numbers) == 0 && !drawn
}

// doors returns the addresses to listen on; a flag goes before the settings.
func doors(o Options, s config.Panel) (screen, lan string) {
	screen, lan = o.Screen, o.LAN
	if screen == "" && s.Screen != 0 {
		screen = fmt.Sprintf("127.0.0.1:%d", s.Screen)
	}
	if lan == "" && s.LAN != 0 {
		lan = fmt.Sprintf(":%d", s.LAN)
	}
	return screen, lan
}

// door returns the task of one listener.
func door(address, what, scheme string, log *slog.Logger, serve func(context.Context, net.Listener) error) func(context.Context) error {
	return func(ctx context.Context) error {
		var config net.ListenConfig
		l, err := config.Listen(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("listen for pages: %w", err)
		}
		log.Info("pages", "what", what, "address", scheme+"://"+l.Addr().String())
		return serve(ctx, l)
	}
}
