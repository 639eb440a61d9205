package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/drivers/button"
	"sps-kiosk/drivers/handset"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/scan"
)

// wiring connects the board's lines and buses to the service, by the settings.
type wiring struct {
	board    board
	settings config.Settings
	wired    config.Settings // buttons and handsets as kiosk.txt has them, known to the catalogue in force or not
	log      *slog.Logger
	inputs   chan kiosk.Input
	tasks    *tasks
	waking   sync.WaitGroup    // contacts not yet watched
	say      func(text string) // reads a sentence aloud; nil = nobody does
	trial    *watch            // of a technician, nil = none
}

// emit gives a press to the loop. It never waits: behind a full queue the input is lost, which is
// what a citizen expects of the two hundredth press in a second. What must be heard is given (give).
func (w *wiring) emit(in kiosk.Input) {
	select {
	case w.inputs <- in:
	default:
		w.log.Warn("input dropped", "input", fmt.Sprintf("%T", in))
	}
}

// line opens a line of the header or of an expander.
func (w *wiring) line(pin config.Pin) (gpio.PinIO, error) { return w.board.Line(string(pin)) }

// buttons starts a task for every button of the front panel and every handset.
func (w *wiring) buttons() {
	for _, s := range w.wired.Services {
		name := "button." + s.Code
		w.tasks.edge(name, w.watch(name, s.Button, func(e button.Edge) {
			if e.Pressed {
				w.emit(kiosk.ServicePressed{Service: s.Code})
			}
		}))
	}
	for _, window := range w.wired.Windows {
		for _, b := range handsetButtons(window) {
			w.recognise(kiosk.HandsetName(window.Number, b.button), b.line, handset.Config{}, func(e handset.Event) {
				w.emit(kiosk.Gestured{Window: window.Number, Button: b.button, Gesture: gestures[e.Gesture], Press: e.Press})
			})
		}
	}
	if w.settings.Scan.Button != "" {
		w.tasks.edge("button.scan", w.watch("button.scan", w.settings.Scan.Button, func(e button.Edge) {
			if e.Pressed {
				w.emit(kiosk.Scanning{Input: scan.ScanPressed{}})
			}
		}))
		w.recognise("button.done", w.settings.Scan.Done, helpTimes, w.done)
	}
	if w.settings.Help.Button != "" {
		w.recognise("button.help", w.settings.Help.Button, helpTimes, w.help)
	}
}

// helpTimes tell a press of the help button from one held: nothing is meant by pressing twice.
var helpTimes = handset.Config{Double: time.Millisecond, Long: 2 * time.Second, Hold: time.Hour}

// help tells what a citizen did with the help button (A17).
func (w *wiring) help(e handset.Event) {
	switch e.Gesture {
	case handset.Short, handset.Double:
		w.emit(kiosk.HelpPressed{})
	case handset.Long:
		w.emit(kiosk.HelpHeld{})
	}
}

// done tells what a citizen did with the DONE button: pressed it saves, held it deletes.
func (w *wiring) done(e handset.Event) {
	switch e.Gesture {
	case handset.Short, handset.Double:
		w.emit(kiosk.Scanning{Input: scan.DonePressed{}})
	case handset.Long:
		w.emit(kiosk.Scanning{Input: scan.DoneHeld{}})
	}
}

// give gives an input to the loop and waits for room: what must not be lost. The loop itself must not call it.
func (w *wiring) give(ctx context.Context, in kiosk.Input) {
	select {
	case w.inputs <- in:
	case <-ctx.Done():
	}
}

// handsetButton is a button of a handset with its line.
type handsetButton struct {
	button gesture.Button
	line   config.Pin
	title  string // «следующий», "" for the only one
}

// handsetButtons returns the buttons of a window's handset.
func handsetButtons(w config.Window) []handsetButton {
	switch {
	case w.Button == "" && !w.Buttons.Any(): // only a console
		return nil
	case !w.Buttons.Any():
		return []handsetButton{{gesture.Only, w.Button, ""}}
	}
	return []handsetButton{{gesture.Next, w.Buttons.Next, "следующий"}, {gesture.Done, w.Buttons.Done, "пришёл, готово"},
		{gesture.Send, w.Buttons.Transfer, "перенаправить"}, {gesture.Park, w.Buttons.Park, "неявка, отложить"}}
}

// recognise starts the two tasks of one button: the contact, and the gestures made with it.
func (w *wiring) recognise(name string, line config.Pin, times handset.Config, act func(handset.Event)) {
	edges := make(chan handset.Edge, 16)
	w.tasks.edge(name, w.watch(name, line, func(e button.Edge) {
		select {
		case edges <- handset.Edge{Pressed: e.Pressed, At: e.At}:
		default: // 16 edges unread: the recogniser is gone, and its task says so
		}
	}))
	w.tasks.edge(name+".gestures", func(ctx context.Context) error {
		recogniser, err := handset.New(times)
		if err != nil {
			return err
		}
		return recogniser.Run(ctx, edges, act)
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
func (w *wiring) watch(name string, line config.Pin, act func(button.Edge)) func(context.Context) error {
	w.waking.Add(1)
	awake := sync.OnceFunc(w.waking.Done)
	w.trial.add(name)
	return func(ctx context.Context) error {
		defer awake()
		pin, err := w.line(line)
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
				w.give(ctx, kiosk.DeviceSeen{Device: name, State: health.Stuck})
				return
			}
			if stuck && !e.Pressed {
				stuck = false
				w.give(ctx, kiosk.DeviceSeen{Device: name, State: health.OK})
			}
			if !w.trial.edge(name, e.Pressed) {
				act(e)
			}
		})
	}
}

// lamps opens every lamp that is wired. One that cannot be opened is left out: the service does
// not need it.
func (w *wiring) lamps() map[string]kiosk.Lamp {
	lamps := map[string]kiosk.Lamp{}
	for name, line := range w.lampLines() {
		pin, err := w.line(line)
		if err != nil {
			w.log.Warn("open lamp", "device", name, "err", err)
			continue
		}
		lamps[name] = func(on bool) error { return pin.Out(gpio.Level(on)) }
	}
	return lamps
}

// lampLines returns the line of every lamp that is wired, by its name.
func (w *wiring) lampLines() map[string]config.Pin {
	lines := map[string]config.Pin{"help": w.settings.Help.Lamp, "scan": w.settings.Scan.Lamp,
		"done": w.settings.Scan.DoneLamp, "stick": w.settings.Scan.StickLamp}
	for _, s := range w.wired.Services {
		lines["service."+s.Code] = s.Lamp
	}
	for _, window := range w.wired.Windows {
		lines[fmt.Sprintf("window.%d", window.Number)] = window.Lamp
	}
	maps.DeleteFunc(lines, func(_ string, line config.Pin) bool { return line == "" })
	return lines
}
