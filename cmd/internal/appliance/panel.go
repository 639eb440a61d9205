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
}

// View returns how the kiosk is; empty before its first step.
func (p *screens) View() kiosk.View {
	if v := p.view.Load(); v != nil {
		return *v
	}
	return kiosk.View{}
}

// Now returns the time on the board.
func (p *screens) Now() event.Time { return p.now() }

// Order gives a command to the loop. Behind a full queue of inputs it is refused: whoever gave it is told.
func (p *screens) Order(o kiosk.Ordered) bool { return p.give(o) }

func (p *screens) give(in kiosk.Input) bool {
	select {
	case p.inputs <- in:
		return true
	default:
		return false
	}
}

// viewed keeps a view and tells the pages.
func (p *screens) viewed(v kiosk.View) {
	p.view.Store(&v)
	p.touch()
}

// panel starts the pages behind the doors that are configured; without any it returns nil.
func (w *wiring) panel(o Options, now func() event.Time) (*screens, error) {
	screen, lan := doors(o, w.settings.Panel)
	if screen == "" && lan == "" {
		return nil, nil
	}
	machine := &screens{now: now, inputs: w.inputs}
	p, err := panels.New(panels.Options{Settings: w.settings, Machine: machine, Log: o.Log})
	if err != nil {
		return nil, err
	}
	machine.touch = p.Touch
	w.tasks.edge("panel", p.Run)
	if screen != "" {
		w.tasks.edge("panel.screen", door(screen, "Экран и табло", "http", o.Log, p.ServeScreen))
	}
	if lan != "" {
		w.tasks.edge("panel.lan", door(lan, "Пульты, табло и техник", "https", o.Log, func(ctx context.Context, l net.Listener) error {
			certificate, err := paired.Certificate(filepath.Join(o.Data, "panel"))
			if err != nil {
				l.Close()
				return err
			}
			return p.ServeLAN(ctx, l, &certificate)
		}))
	}
	return machine, nil
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

// benchDoors returns the flags that open both doors of the drawn kiosk where the settings leave them
// closed, at the usual ports if those are free, and tells the addresses: whoever tries the bench wants to
// see the board, the console and the technician's page too.
func benchDoors(s config.Settings) (flags []string) {
	for _, d := range []struct {
		flag, usual, scheme string
		set                 int
		what                [][2]string
	}{
		{"-screen", "127.0.0.1:8088", "http", s.Panel.Screen, [][2]string{{"Табло зала", "/board"}}},
		{"-lan", "127.0.0.1:8443", "https", s.Panel.LAN, [][2]string{{"Пульт специалиста", "/console"}, {"Страница техника", "/technician"}}},
	} {
		if d.set != 0 {
			continue
		}
		address := d.usual
		l, err := net.Listen("tcp", address)
		if err != nil {
			if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				continue // no network at all: the bench goes on without these pages
			}
			address = l.Addr().String()
		}
		l.Close()
		flags = append(flags, d.flag, address)
		for _, w := range d.what {
			fmt.Printf("%s: %s://%s%s\n", w[0], d.scheme, address, w[1])
		}
	}
	return flags
}
