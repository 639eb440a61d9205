package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/page"
	printermodel "sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/wire"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// runBench draws the machine and runs the kiosk in a process of its own, so that pulling the drawn
// plug kills a real process while the machine, its paper and its page stay.
func runBench(ctx context.Context, o Options) error {
	settings, err := drawn(o.Config)
	if err != nil {
		return err
	}
	machine := bench.New(Layout(settings))
	defer machine.Close()
	OpenHours(machine, settings)
	folder, err := os.MkdirTemp("", "kiosk-bench-")
	if err != nil {
		return fmt.Errorf("make a place for the bench's socket: %w", err)
	}
	defer os.RemoveAll(folder)
	stick, err := drawStick(machine, folder)
	if err != nil {
		return err
	}
	socket := filepath.Join(folder, "board.sock")
	board, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("listen for the kiosk: %w", err)
	}
	web, err := net.Listen("tcp", o.Page)
	if err != nil {
		board.Close()
		return fmt.Errorf("listen for the page (другой адрес: -page 127.0.0.1:0): %w", err)
	}
	fmt.Printf("Учебный киоск: http://%s/\n", web.Addr())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return wire.Serve(ctx, board, machine) })
	group.Go(func() error { return servePage(ctx, web, page.New(machine)) })
	ours := child{machine: machine, log: o.Log, told: machine.Program, power: make(chan bool, 16)}
	ours.args = []string{"-board", "bench:" + socket, "-config", o.Config, "-data", o.Data, "-porter", filepath.Join(folder, "porter.sock")}
	ours.args = append(ours.args, benchDoors(settings)...)
	porters := child{machine: machine, log: o.Log, told: func(string) {}, power: make(chan bool, 16)}
	porters.args = []string{"bench-porter", "-board", "bench:" + socket, "-config", o.Config, "-listen", filepath.Join(folder, "porter.sock"),
		"-stick", stick, "-vault", vaultDir(o.Data)}
	machine.OnPower(func(on bool) { ours.power <- on; porters.power <- on })
	group.Go(func() error { return ours.supervise(ctx) })
	group.Go(func() error { return porters.supervise(ctx) })
	return group.Wait()
}

// drawn are the settings that the machine is drawn by. The kiosk process says what is wrong with them; the
// machine must stand.
func drawn(path string) (config.Settings, error) {
	s, err := readSource(path)
	var wrong *config.Error
	switch {
	case errors.As(err, &wrong):
		return config.Default(), nil
	case err != nil:
		return config.Settings{}, err
	case s.fault != nil:
		return s.device.JoinKnown(config.BuiltIn()), nil
	}
	return s.device.Join(s.book)
}

// servePage serves the bench's page until ctx ends.
func servePage(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the page: %w", err)
	}
	return nil
}

// restartAfter is the pause before a kiosk process that ended by itself is started again, as
// systemd does on the card.
const restartAfter = time.Second

// child is a process of the machine: this program again, with other arguments.
type child struct {
	machine *bench.Machine
	args    []string
	told    func(state string) // "stopped", "starting", "running"
	power   chan bool
	log     *slog.Logger
}

// supervise runs the process while the drawn plug is in its socket. Pulling the plug is SIGKILL: nothing is
// flushed, nobody is asked.
func (c child) supervise(ctx context.Context) error {
	runtime.LockOSThread() // the child dies with the thread that began it, so the thread must stay
	defer runtime.UnlockOSThread()
	powered := true
	for ctx.Err() == nil {
		if !powered {
			c.told("stopped")
			select {
			case <-ctx.Done():
			case powered = <-c.power:
			}
			continue
		}
		c.told("starting")
		process, err := c.start()
		if err != nil {
			return err
		}
		ended := make(chan error, 1)
		go func() { ended <- process.Wait() }()
		c.told("running")
		powered = attend(ctx, process, ended, c.power, c.log)
	}
	return nil
}

// attend waits until the kiosk process has ended, for whatever reason, and reports whether there
// is still power.
func attend(ctx context.Context, child *exec.Cmd, ended <-chan error, power <-chan bool, log *slog.Logger) bool {
	for {
		select {
		case <-ctx.Done():
			child.Process.Signal(syscall.SIGTERM)
			<-ended
			return true
		case on := <-power:
			if on {
				continue
			}
			child.Process.Kill()
			<-ended
			return false
		case err := <-ended:
			log.Warn("a process of the kiosk ended and is started again", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(restartAfter):
			}
			return true
		}
	}
}

// start starts this program again.
func (c child) start() (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	process := exec.Command(self, c.args...)
	process.Stdout, process.Stderr = os.Stdout, os.Stderr
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("start the kiosk: %w", err)
	}
	return process, nil
}

// OpenHours moves the machine's clock into the opening hours, an hour after the next opening, if the
// site is closed now: whoever starts the bench at night wants a ticket, not «закрыто».
func OpenHours(m *bench.Machine, s config.Settings) {
	_, wall, wallError := m.Now()
	var closed *queue.ClosedError
	err := s.Hours.Check(event.Time{Wall: wall.UnixMilli(), Error: wallError})
	if errors.As(err, &closed) && !closed.Opens.IsZero() {
		m.Shift(closed.Opens.Add(time.Hour).Sub(wall).Truncate(time.Minute))
	}
}

// Layout is the machine that the settings describe, for the bench to draw.
func Layout(s config.Settings) bench.Layout {
	l := bench.Layout{Site: s.Site.Name, Zone: s.Hours.Zone, Sounder: string(s.Sounder.Line),
		Printer: drawnPrinter(s.Printer.Profile)}
	for i, d := range s.Displays() {
		addDisplay(&l, d, displayTitle(s, i))
	}
	for _, v := range s.Services {
		if v.Button == "" {
			continue
		}
		l.Buttons = append(l.Buttons, bench.Button{Role: "service", Line: string(v.Button),
			Lamp: string(v.Lamp), Letter: v.Prefix, Title: v.Title})
	}
	if s.Help.Button != "" {
		l.Buttons = append(l.Buttons, bench.Button{Role: "help", Line: string(s.Help.Button),
			Lamp: string(s.Help.Lamp), Title: "Помощь"})
	}
	addScanner(&l, s.Scan)
	for _, w := range s.Windows {
		lamp := string(w.Lamp)
		for _, b := range handsetButtons(w) {
			place := w.Title
			if b.title != "" {
				place += ": " + b.title
			}
			l.Handsets = append(l.Handsets, bench.Handset{Window: w.Number, Place: place, Line: string(b.line), Lamp: lamp})
			lamp = "" // one lamp a handset
		}
	}
	return l
}

// addDisplay adds one display. The bench has one chain of MAX7219 chips, that of the first such display.
func addDisplay(l *bench.Layout, d config.Display, title string) {
	switch {
	case d.Kind == config.TM1637:
		l.TwoWires = append(l.TwoWires, bench.TwoWire{CLK: string(d.CLK), DIO: string(d.DIO), Digits: d.Digits, Title: title})
	case d.Kind == config.Candle:
		l.TextBoards = append(l.TextBoards, bench.TextBoard{Serial: d.Serial, Address: byte(d.Address), Width: d.Digits, Baud: d.Baud, Title: title})
	case l.Display.Digits == 0:
		l.Display = bench.Display{SPI: d.SPI, Digits: d.Digits}
	}
}

// displayTitle says where a display hangs.
func displayTitle(s config.Settings, index int) string {
	d := s.Displays()[index]
	for _, w := range s.Windows {
		if d.Window == w.Number {
			return w.Title
		}
	}
	if index == 0 {
		return "главное"
	}
	return "зал"
}

// drawnPrinter is a printer that the word of the settings describes.
func drawnPrinter(profile string) bench.Printer {
	models := map[string]func() bench.Printer{
		"generic58": printermodel.POS58, "xprinter80": printermodel.XprinterT80Q, "rongta80": printermodel.Rongta326, "atol80": printermodel.AtolRP326,
		"citizen": printermodel.CitizenCTS651, "epson_t20": printermodel.EpsonT20, "epson_t88": printermodel.EpsonT88,
		"custom_vkp80ii": printermodel.CustomVKP80II, "custom_vkp80iii": printermodel.CustomVKP80III,
	}
	if model, ok := models[profile]; ok {
		return model()
	}
	return bench.Printer{}
}
