package appliance

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"

	"github.com/coreos/go-systemd/v22/daemon"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/slip"
	"sps-kiosk/kiosk/store"
)

// inputQueue is how many inputs may wait for the loop: a storm of presses on every button while a
// slow card commits.
const inputQueue = 256

// Limits of the garbage collector on a board of 512 MB, measured by the store's memory bench: half
// the default growth, and a soft limit that 30,000 events stay under.
const (
	gcPercent   = 50
	memoryLimit = 64 << 20
)

// serve is the running kiosk: it opens the store, builds the machine and starts every task.
func serve(ctx context.Context, o Options, b board, found source) error {
	book := newCatalogue(found, o.Data, o.Log)
	settings := book.settings()
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	data, err := openStore(ctx, o, b, settings)
	if data == nil {
		return err
	}
	defer data.Close()
	saved, err := data.Load()
	if err != nil {
		return fmt.Errorf("load queue: %w", err)
	}
	machine, err := kiosk.NewMachine(settings, saved.State)
	if err != nil {
		return fmt.Errorf("build queue: %w", err)
	}
	if err := recall(data, machine); err != nil {
		return err
	}
	renderer, err := slip.New()
	if err != nil {
		return fmt.Errorf("load fonts: %w", err)
	}
	device := newTechnicianDevice(&o, settings, data)
	district, err := newLink(b, data, o.Data, o.Log)
	if err != nil {
		return fmt.Errorf("open outbox: %w", err)
	}
	speak, err := district.uplink(o, settings)
	if err != nil {
		return fmt.Errorf("open link to the district: %w", err)
	}
	inputs := make(chan kiosk.Input, inputQueue)
	device.link = district
	w := &wiring{board: b, settings: settings, wired: found.device.Settings(), log: o.Log, inputs: inputs, trial: device.watch}
	w.tasks = newTasks(ctx, o.Log, func(task string) { w.give(w.tasks.ctx, kiosk.DeviceSeen{Device: task, State: health.Wrong}) })

	prints := kiosk.NewPrintWorker(w.printer(renderer, filepath.Join(o.Data, "printing")), w.give, o.Log)
	shows := w.displays()
	link := newScanLink(o.Porter, w.give, o.Log)
	lights, sound := kiosk.NewLightWorker(w.lamps(), o.Log), w.sounds()
	device.lights = lights
	loop := &kiosk.Loop{
		Machine: machine, Store: data, Inputs: inputs, Now: district.now,
		Room: room(data), Act: acting(prints, shows, lights, sound, w.voice(), link, book),
		Committed: district.committed(reporter(b, settings)),
		Served:    func() { daemon.SdNotify(false, daemon.SdNotifyWatchdog) },
	}
	faces, err := w.panel(o, loop.Now, device)
	if err != nil {
		return fmt.Errorf("build pages: %w", err)
	}
	if faces != nil {
		loop.Viewed, loop.Faced = faces.viewed, faces.face.faced
	}
	w.buttons()
	w.waking.Wait()
	w.tasks.edge("printer", prints.Run)
	for name, worker := range shows {
		w.tasks.edge(name, worker.Run)
	}
	w.tasks.edge("lamps", lights.Run)
	w.tasks.edge("power", device.power.run)
	district.seen = func(s health.State) { w.give(w.tasks.ctx, kiosk.DeviceSeen{Device: "uplink", State: s}) }
	district.show = func(number string) {
		if district.quiet() {
			shows[config.DisplayName(0)].Show(kiosk.Show{Display: config.DisplayName(0), Text: number})
		}
	}
	w.tasks.edge("uplink", speak)
	if district.new != nil {
		w.tasks.edge("update", district.new.Run)
	}
	book.emit, book.now, book.tell = w.emit, loop.Now, func(text string) { journal(b, text, 0) }
	book.begin()
	w.tasks.core("catalog", book.Run)
	w.scanning(o, link)
	w.tasks.edge("disk", func(ctx context.Context) error {
		return data.Run(ctx, loop.Now, func(s store.Space) { w.give(ctx, kiosk.DeviceSeen{Device: "disk", State: roomOf(s)}) })
	})
	w.tasks.core("loop", func(ctx context.Context) error {
		return loop.Run(ctx, lossOf(saved.Loss))
	})
	daemon.SdNotify(false, daemon.SdNotifyReady)
	found.keep(o)
	o.Log.Info("serving", "boot", data.Boot(), "waiting", len(saved.State.Tickets))
	return w.tasks.wait()
}

// clockOf returns the time on a board in one of its boots.
func clockOf(b board, boot uint32) func() event.Time {
	return func() event.Time {
		up, wall, wallError := b.Now()
		return event.Time{Boot: boot, Up: up, Wall: wall.UnixMilli(), Error: wallError}
	}
}

// acting carries the machine's actions to who does them. It does not wait: each has a worker.
func acting(prints *kiosk.PrintWorker, shows map[string]*kiosk.ShowWorker, lights *kiosk.LightWorker, sound func(kiosk.Sound),
	speak func(kiosk.Announce), link *scanLink, book *catalogue) func(kiosk.Action) {
	return func(a kiosk.Action) {
		switch a := a.(type) {
		case kiosk.Print:
			prints.Print(a)
		case kiosk.Show:
			shows[a.Display].Show(a)
		case kiosk.Dim:
			shows[a.Display].Dim(a)
		case kiosk.Light:
			lights.Light(a)
		case kiosk.Beep:
			sound(a.Sound)
		case kiosk.Announce:
			speak(a)
		case kiosk.KeepCatalog:
			book.adopted(a)
		case kiosk.PrintMemo:
			prints.Memo(a.Memo)
		case kiosk.Porter, kiosk.Worker, kiosk.Reconnect:
			link.Do(a)
		}
	}
}
