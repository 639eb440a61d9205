package vm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"sps-kiosk/hal/bench/vm/guest"
	"sps-kiosk/hal/bench/vm/usbredir"
)

// Config says what is to boot.
type Config struct {
	Kernel  *Kernel
	Memory  int      // MiB; 0 means 512, as a Raspberry Pi Zero 2 W has
	Files   []File   // beyond the agent and the modules
	Modules []string // beyond baseModules, with all they depend on
	Ports   int      // USB sockets; 0 means 4
	Card    Disk     // nil: no disk; else /dev/vda
	Record  func(Record)
	Serial  func(baud int, bytes []byte) // not nil: what the guest sends on its serial port (Guest.Serial)
	Log     func(format string, a ...any)
	QEMU    []string // further arguments, for devices that have no place here
	Append  string   // further words for the kernel: "init_on_free=1"
}

// Disk is something that serves one disk to QEMU as a network block device (card.Card).
type Disk interface {
	Serve(conn net.Conn) error
}

// Guest is a running guest.
type Guest struct {
	Release string        // of its kernel
	Took    time.Duration // from the start of QEMU until the agent was ready
	USB     []*usbredir.Port

	cfg     Config
	dir     string
	keep    bool
	cmd     *exec.Cmd
	ch      *channel
	qmp     *qmp
	servers sync.WaitGroup
	socks   map[string]net.Listener
	serial  *serialPort
	stick   *plugged
	sticks  int // so many were put in
	dumps   int // so many were made of its memory
	earsMu  sync.Mutex
	ears    map[*ear]bool
	off     chan struct{} // closed when QEMU has ended
	once    sync.Once
}

// bootLimit is generous: TCG on a busy machine is slow, and at times stands for seconds before the
// kernel's clock starts.
const bootLimit = 2 * time.Minute

// Boot starts a guest and waits until its agent is ready. ctx limits only the start. An error
// carries the end of the console; everything else is in the folder it names.
func Boot(ctx context.Context, cfg Config) (*Guest, error) {
	g, err := newGuest(cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, bootLimit)
	defer cancel()
	if err := g.start(ctx); err != nil {
		g.keep = true
		err = fmt.Errorf("boot guest (see %s): %w; console:\n%s", g.dir, err, g.Console())
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func newGuest(cfg Config) (*Guest, error) {
	if cfg.Memory == 0 {
		cfg.Memory = 512
	}
	if cfg.Ports == 0 {
		cfg.Ports = 4
	}
	if cfg.Record == nil {
		cfg.Record = func(Record) {}
	}
	if cfg.Log == nil {
		cfg.Log = func(string, ...any) {}
	}
	dir, err := os.MkdirTemp("", "vm-") // short: a socket's path has 108 bytes
	if err != nil {
		return nil, err
	}
	g := &Guest{cfg: cfg, dir: dir, off: make(chan struct{}), socks: map[string]net.Listener{}}
	for range cfg.Ports {
		g.USB = append(g.USB, &usbredir.Port{})
	}
	return g, nil
}

func (g *Guest) start(ctx context.Context) error {
	if err := g.pack(ctx); err != nil {
		return fmt.Errorf("pack initramfs: %w", err)
	}
	begun := time.Now()
	if err := g.launch(ctx); err != nil {
		return err
	}
	select {
	case m := <-g.ch.ready:
		g.Release, g.Took = m.Text, time.Since(begun)
		return nil
	case <-g.off:
		return errors.New("QEMU ended before the guest was ready")
	case <-ctx.Done():
		return fmt.Errorf("guest is not ready: %w", ctx.Err())
	}
}

// pack compiles the agent for the guest and writes the initramfs.
func (g *Guest) pack(ctx context.Context) error {
	agent := g.path("agent.bin")
	err := run(ctx, "", GoEnv(g.cfg.Kernel.Arch, false),
		"go", "build", "-o", agent, "sps-kiosk/hal/bench/vm/guest/agent")
	if err != nil {
		return err
	}
	return writeInitramfs(ctx, g.cfg.Kernel, g.path("initramfs"), agent, g.cfg.Modules, g.cfg.Files)
}

func (g *Guest) path(name string) string { return g.dir + "/" + name }

// launch starts QEMU and takes the connections it makes. All of them are made by QEMU to sockets
// that exist before it starts, so there is nothing to wait for or to try again.
func (g *Guest) launch(ctx context.Context) error {
	names := []string{"agent", "qmp"}
	for i := range g.USB {
		names = append(names, "usb"+strconv.Itoa(i))
	}
	if g.cfg.Card != nil {
		names = append(names, "card")
	}
	for _, name := range names {
		l, err := net.Listen("unix", g.path(name))
		if err != nil {
			return err
		}
		g.socks[name] = l
	}
	if err := g.openSerial(); err != nil {
		return err
	}
	if err := g.startQEMU(); err != nil {
		return err
	}
	if g.cfg.Card != nil {
		g.serveCard()
	}
	return g.connect(ctx)
}

func (g *Guest) startQEMU() error {
	args := arguments(g)
	g.cmd = exec.Command(args[0], args[1:]...)
	said, err := os.Create(g.path("qemu.log"))
	if err != nil {
		return err
	}
	defer said.Close()
	g.cmd.Stdout, g.cmd.Stderr = said, said
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves no guest
	started := make(chan error)
	g.servers.Go(func() {
		runtime.LockOSThread() // that signal comes when the thread that started QEMU ends, not the process
		defer close(g.off)
		err := g.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		g.cfg.Log("QEMU ended: %v", g.cmd.Wait())
		for _, l := range g.socks {
			l.Close() // whoever still waits for a connection
		}
		if g.serial != nil {
			g.serial.close()
		}
	})
	if err := <-started; err != nil {
		return fmt.Errorf("start QEMU: %w", err)
	}
	return nil
}

func (g *Guest) openSerial() (err error) {
	if g.cfg.Serial == nil {
		return nil
	}
	if g.serial, err = newSerialPort(); err != nil {
		return err
	}
	g.servers.Go(func() { g.cfg.Log("serial line: %v", g.serial.run(g.cfg.Serial)) })
	return nil
}

func (g *Guest) serveCard() {
	g.servers.Go(func() {
		for {
			conn, err := g.socks["card"].Accept()
			if err != nil {
				return
			}
			g.cfg.Log("card: %v", g.cfg.Card.Serve(conn))
		}
	})
}

// connect takes QEMU's connections.
func (g *Guest) connect(ctx context.Context) error {
	for i, port := range g.USB {
		conn, err := g.accept(ctx, "usb"+strconv.Itoa(i))
		if err != nil {
			return err
		}
		g.servers.Go(func() { g.cfg.Log("usb%d: %v", i, port.Serve(conn)) })
	}
	conn, err := g.accept(ctx, "agent")
	if err != nil {
		return err
	}
	g.ch = newChannel(conn, g.cfg.Record, g.cfg.Log)
	g.servers.Go(g.ch.run)
	if conn, err = g.accept(ctx, "qmp"); err != nil {
		return err
	}
	g.qmp, err = newQMP(ctx, conn, g.event)
	return err
}

func (g *Guest) accept(ctx context.Context, name string) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { g.socks[name].Close() })
	defer stop()
	conn, err := g.socks[name].Accept()
	if err != nil {
		said, _ := os.ReadFile(g.path("qemu.log"))
		return nil, fmt.Errorf("QEMU does not connect %s: %w: %s", name, err, tail(said, 1000))
	}
	return conn, nil
}

// Console returns the end of what the guest's kernel wrote to its console.
func (g *Guest) Console() string {
	b, err := os.ReadFile(g.path("console.log"))
	if err != nil {
		return err.Error()
	}
	return tail(b, 3000)
}

// ask is a request to the agent.
func (g *Guest) ask(ctx context.Context, r guest.Request) (guest.Message, error) {
	return g.ch.ask(ctx, r, nil)
}
