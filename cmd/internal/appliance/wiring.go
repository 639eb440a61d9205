package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/drivers/button"
	"sps-kiosk/drivers/handset"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
)

// wiring connects the board's lines and buses to the service, by the settings.
type wiring struct {
	board    board
	settings config.Settings
	log      *slog.Logger
	inputs   chan kiosk.Input
	tasks    *tasks
	waking   sync.WaitGroup // contacts not yet watched
}

// emit gives an input to the loop. It never waits: behind a full queue the input is lost, which is
// what a citizen expects of the two hundredth press in a second.
func (w *wiring) emit(in kiosk.Input) {
	select {
	case w.inputs <- in:
	default:
		w.log.Warn("input dropped", "input", fmt.Sprintf("%T", in))
	}
}

// line opens a line of the header by its BCM number.
func (w *wiring) line(bcm int) (gpio.PinIO, error) { return w.board.Line(lineName(bcm)) }

// buttons starts a task for every button of the front panel and every handset.
func (w *wiring) buttons() {
	for _, s := range w.settings.Services {
		name := "button." + s.Code
		w.tasks.edge(name, w.watch(name, s.Button, func(e button.Edge) {
			if e.Pressed {
				w.emit(kiosk.ServicePressed{Service: s.Code})
			}
		}))
	}
	for _, window := range w.settings.Windows {
		w.handset(window)
	}
}

// handset starts the two tasks of one handset: the contact, and the gestures made with it.
func (w *wiring) handset(at config.Window) {
	name := fmt.Sprintf("handset.%d", at.Number)
	edges := make(chan handset.Edge, 16)
	w.tasks.edge(name, w.watch(name, at.Button, func(e button.Edge) {
		select {
		case edges <- handset.Edge{Pressed: e.Pressed, At: e.At}:
		default: // 16 edges unread: the recogniser is gone, and its task says so
		}
	}))
	w.tasks.edge(name+".gestures", func(ctx context.Context) error {
		recogniser, err := handset.New(handset.Config{})
		if err != nil {
			return err
		}
		return recogniser.Run(ctx, edges, func(e handset.Event) {
			w.emit(kiosk.Gestured{Window: at.Number, Gesture: gestures[e.Gesture], Press: e.Press})
		})
	})
}

// gestures translates the driver's words into the service's.
var gestures = map[handset.Gesture]gesture.Gesture{
	handset.Down: gesture.Down, handset.Short: gesture.Short, handset.Double: gesture.Double,
	handset.Long: gesture.Long, handset.Hold: gesture.Hold,
}

// watch returns the task of one contact. A contact held too long is a fault until its release.
//
// The display says that the kiosk is ready only when every contact is watched, or has failed to be:
// a press before that would be lost.
func (w *wiring) watch(name string, bcm int, act func(button.Edge)) func(context.Context) error {
	w.waking.Add(1)
	awake := sync.OnceFunc(w.waking.Done)
	return func(ctx context.Context) error {
		defer awake()
		pin, err := w.line(bcm)
		if err != nil {
			return err
		}
		b, err := button.New(pin, button.Options{})
		if err != nil {
			return err
		}
		stuck := false
		awake()
		return b.Run(ctx, func(e button.Edge) {
			if e.Stuck {
				stuck = true
				w.emit(kiosk.DeviceSeen{Device: name, State: health.Stuck})
				return
			}
			if stuck && !e.Pressed {
				stuck = false
				w.emit(kiosk.DeviceSeen{Device: name, State: health.OK})
			}
			act(e)
		})
	}
}

// lamps opens every lamp that is wired. One that cannot be opened is left out: the service does
// not need it.
func (w *wiring) lamps() map[string]kiosk.Lamp {
	lamps := map[string]kiosk.Lamp{}
	add := func(name string, bcm int) {
		if bcm == 0 {
			return
		}
		pin, err := w.line(bcm)
		if err != nil {
			w.log.Warn("open lamp", "device", name, "err", err)
			return
		}
		lamps[name] = func(on bool) error { return pin.Out(gpio.Level(on)) }
	}
	for _, s := range w.settings.Services {
		add("service."+s.Code, s.Lamp)
	}
	for _, window := range w.settings.Windows {
		add(fmt.Sprintf("window.%d", window.Number), window.Lamp)
	}
	return lamps
}
