package vm

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/vm/card"
)

// Firmware is what a Kiosk runs: the program that ships, and its settings.
type Firmware struct {
	Binary   string       // file on this machine, built for the guest
	Settings string       // content of kiosk.txt
	Catalog  string       // content of catalog.toml beside it
	Layout   bench.Layout // what is wired where, as the settings say
	Env      []string
	Args     []string // further ones
}

// Kiosk is the unmodified firmware on a stock kernel with a Machine around it; it implements
// stage.Depth. The machine and the card outlive the guest.
type Kiosk struct {
	cfg  Config
	fw   Firmware
	m    *bench.Machine
	w    *Wiring
	card *card.Card
	// Fate is what a power cut does to unflushed writes; Seed decides for card.Scatter.
	Fate card.Fate
	Seed uint64

	guest *Guest
	run   context.CancelFunc
	done  chan error
	proc  *Process
}

// Paths in the guest.
const (
	dataPath     = "/data"
	settingsPath = "/etc/kiosk.txt"
	catalogPath  = "/etc/catalog.toml"
	binaryPath   = "/bin/kiosk"
)

// NewKiosk builds the place without power. cfg.Kernel and cfg.Log are needed; files, card and
// records are added here, cfg.Record still sees everything.
func NewKiosk(cfg Config, fw Firmware, c *card.Card) (*Kiosk, error) {
	m := bench.New(fw.Layout)
	m.SetContact(bench.Contact{}) // clean: the kernel in the guest debounces, and time is stretched
	w, err := NewWiring(m, fw.Layout)
	if err != nil {
		return nil, err
	}
	k := &Kiosk{cfg: cfg, fw: fw, m: m, w: w, card: c}
	record := cfg.Record
	k.cfg.Record = func(r Record) {
		w.Record(r)
		if record != nil {
			record(r)
		}
	}
	k.cfg.Card = c
	if len(fw.Layout.TextBoards) > 0 {
		k.cfg.Serial = k.hear
	}
	k.cfg.Files = append([]File{
		{Path: binaryPath, From: fw.Binary},
		{Path: settingsPath, Text: fw.Settings},
		{Path: catalogPath, Text: fw.Catalog},
	}, cfg.Files...)
	return k, nil
}

// hear gives what the guest sends on its serial port to every board on that line.
func (k *Kiosk) hear(baud int, bytes []byte) {
	for i := range k.fw.Layout.TextBoards {
		k.m.TextBoard(i).Port(baud).Write(bytes)
	}
}

// wireSerial gives the guest's serial port the name that the settings have for it.
func (k *Kiosk) wireSerial(ctx context.Context) error {
	if k.cfg.Serial == nil {
		return nil
	}
	name, err := k.guest.Serial(ctx)
	if err != nil {
		return err
	}
	return k.guest.Link(ctx, "/dev/"+k.fw.Layout.TextBoards[0].Serial, name)
}

// Name implements stage.Depth.
func (k *Kiosk) Name() string { return "kernel " + k.cfg.Kernel.Release }

// Machine implements stage.Depth.
func (k *Kiosk) Machine() *bench.Machine { return k.m }

// Guest is the guest that runs now, nil without power.
func (k *Kiosk) Guest() *Guest { return k.guest }

// Card is the SD card; it outlives the guest.
func (k *Kiosk) Card() *card.Card { return k.card }

// Process is the firmware's process that runs now.
func (k *Kiosk) Process() *Process { return k.proc }

// Tap implements stage.Depth, in the guest's own time.
func (k *Kiosk) Tap(ctx context.Context, line string, pattern ...time.Duration) error {
	n, err := PinNumber(line)
	if err != nil {
		return err
	}
	return k.guest.Tap(ctx, n, pattern...)
}

// boot puts the guest under power, without the firmware.
func (k *Kiosk) boot(ctx context.Context) error {
	g, err := Boot(ctx, k.cfg)
	if err != nil {
		return err
	}
	k.guest = g
	if err := k.w.Place(ctx, g); err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.run, k.done = cancel, make(chan error, 1)
	go func() { k.done <- k.w.Run(run, g) }()
	if err := g.Mount(ctx, "/dev/vda", dataPath, "ext4", ""); err != nil {
		return fmt.Errorf("%w; console:\n%s", err, g.Console())
	}
	return k.wireSerial(ctx)
}

// Start implements stage.Depth: it boots if there is no guest yet.
func (k *Kiosk) Start(ctx context.Context) error {
	if k.guest == nil {
		if err := k.boot(ctx); err != nil {
			return err
		}
	}
	k.w.Reset()
	args := append([]string{binaryPath, "-board", "auto", "-config", settingsPath, "-data", dataPath}, k.fw.Args...)
	p, err := k.guest.Start(ctx, "kiosk", k.fw.Env, args...)
	if err != nil {
		return err
	}
	k.proc = p
	k.m.Program("running")
	serving, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() { // a program that ends will never serve
		end, err := p.Wait(serving)
		stop(fmt.Errorf("program ended: %+v (%w)", end, err))
	}()
	if err := k.w.Serving(serving); err != nil {
		return fmt.Errorf("%w (%w):\n%s", err, context.Cause(serving), p.Output())
	}
	return nil
}

// Kill implements stage.Depth.
func (k *Kiosk) Kill(ctx context.Context) error {
	if err := k.proc.Signal(ctx, syscall.SIGKILL); err != nil {
		return err
	}
	_, err := k.proc.Wait(ctx)
	k.m.Program("stopped")
	return err
}

// Stop implements stage.Depth.
func (k *Kiosk) Stop(ctx context.Context) error {
	if err := k.proc.Signal(ctx, syscall.SIGTERM); err != nil {
		return err
	}
	end, err := k.proc.Wait(ctx)
	k.m.Program("stopped")
	if err == nil && (end.Code != 0 || end.Signal != 0) {
		err = fmt.Errorf("program ended with %+v:\n%s", end, k.proc.Output())
	}
	return err
}

// Dump implements stage.Depth.
func (k *Kiosk) Dump(ctx context.Context) (string, error) {
	before := len(k.proc.Output())
	if err := k.proc.Signal(ctx, syscall.SIGQUIT); err != nil {
		return "", err
	}
	_, err := k.proc.Wait(ctx)
	k.m.Program("stopped")
	return k.proc.Output()[before:], err
}

// Use implements stage.Depth.
func (k *Kiosk) Use(ctx context.Context) (stage.Use, error) {
	proc := fmt.Sprintf("/proc/%d", k.proc.PID)
	status, err := k.guest.ReadFile(ctx, proc+"/status")
	if err != nil {
		return stage.Use{}, err
	}
	files, err := k.guest.List(ctx, proc+"/fd")
	if err != nil {
		return stage.Use{}, err
	}
	return stage.ParseUse(status, len(files))
}

// Attached implements stage.Depth by the kernel's own list.
func (k *Kiosk) Attached(ctx context.Context, want bool) error {
	return k.guest.Attached(ctx, 0, want)
}

// Plug implements stage.Depth: the guest's second socket.
func (k *Kiosk) Plug(d *virtusb.Device) error { return k.guest.USB[1].Plug(d) }

// Unplug implements stage.Depth.
func (k *Kiosk) Unplug() error { return k.guest.USB[1].Unplug() }

// Data implements stage.Depth: the card is read outside the guest, after a repair of its file system
// as every mount does one. In the guest the file system is unmounted for that.
func (k *Kiosk) Data(ctx context.Context, to string) error {
	if k.guest != nil {
		if err := k.guest.Unmount(ctx, dataPath); err != nil {
			return err
		}
		defer k.guest.Mount(ctx, "/dev/vda", dataPath, "ext4", "")
	}
	return k.card.Export(ctx, to)
}

// PowerCut implements stage.Depth: QEMU is killed, and the card decides what it kept.
func (k *Kiosk) PowerCut(ctx context.Context) error {
	k.off()
	k.m.Power(false)
	k.card.PowerCut(k.Fate, k.Seed)
	return nil
}

func (k *Kiosk) off() {
	if k.guest == nil {
		return
	}
	k.guest.PowerOff()
	k.run()
	<-k.done // its error is the guest's end
	k.guest.Close()
	k.guest = nil
}

// PowerOn implements stage.Depth.
func (k *Kiosk) PowerOn(ctx context.Context) error {
	k.m.Power(true)
	return k.Start(ctx)
}

// Close ends everything; keep leaves the guest's folder and names it.
func (k *Kiosk) Close(keep bool) (folder string) {
	if k.guest != nil && keep {
		folder = k.guest.Keep()
	}
	k.off()
	k.m.Close()
	return folder
}
