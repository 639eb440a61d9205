package vm

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"sps-kiosk/hal/bench/vm/guest"
)

// Start runs a program in the guest under a name for logs.
func (g *Guest) Start(ctx context.Context, name string, env []string, args ...string) (*Process, error) {
	p := &Process{g: g, changed: make(chan struct{})}
	m, err := g.ch.ask(ctx, guest.Request{Do: guest.DoStart, Name: name, Env: env, Args: args}, p)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.PID = m.N
	return p, nil
}

// Run runs a program to its end and returns what it wrote; a code other than 0 is an error.
func (g *Guest) Run(ctx context.Context, args ...string) (string, error) {
	p, err := g.Start(ctx, args[0], nil, args...)
	if err != nil {
		return "", err
	}
	end, err := p.Wait(ctx)
	if err == nil && (end.Code != 0 || end.Signal != 0) {
		err = fmt.Errorf("%s ended with %+v:\n%s", args[0], end, p.Output())
	}
	return p.Output(), err
}

// ReadFile reads a file of the guest; those of /proc and /sys too.
func (g *Guest) ReadFile(ctx context.Context, path string) ([]byte, error) {
	m, err := g.ask(ctx, guest.Request{Do: guest.DoRead, Path: path})
	return m.Data, err
}

// WriteFile writes a file in the guest.
func (g *Guest) WriteFile(ctx context.Context, path string, data []byte, perm fs.FileMode) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoWrite, Path: path, Data: data, N: int(perm)})
	return err
}

// Fill makes a file take up room until left bytes are free on its file system; writing it empty gives
// the room back.
func (g *Guest) Fill(ctx context.Context, path string, left int) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoFill, Path: path, N: left})
	return err
}

// List lists a folder; links appear as "0 -> /dev/null".
func (g *Guest) List(ctx context.Context, path string) ([]string, error) {
	m, err := g.ask(ctx, guest.Request{Do: guest.DoList, Path: path})
	return m.Names, err
}

// Link makes a symbolic link.
func (g *Guest) Link(ctx context.Context, from, to string) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoLink, Path: from, Args: []string{to}})
	return err
}

// Mount mounts a device in the guest.
func (g *Guest) Mount(ctx context.Context, device, path, kind, options string) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoMount, Path: path, Args: []string{device, kind, options}})
	return err
}

// Unmount unmounts.
func (g *Guest) Unmount(ctx context.Context, path string) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoUmount, Path: path})
	return err
}

// Own gives a file or folder to a user; a folder for nobody else is made if there is nothing.
func (g *Guest) Own(ctx context.Context, path string, user int) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoOwn, Path: path, N: user})
	return err
}

// Sync writes everything out to the disks.
func (g *Guest) Sync(ctx context.Context) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoSync})
	return err
}

// Level is what the outside does to a line.
type Level string

// Levels. A button that nobody presses floats; one that is pressed is tied to ground.
const (
	Low    Level = "0"
	High   Level = "1"
	Floats Level = "z"
)

// Line drives a line of the guest's GPIO chip from outside; the record of it has the time.
func (g *Guest) Line(ctx context.Context, line int, level Level) error {
	return g.bench(ctx, fmt.Sprintf("line %d %s", line, level))
}

// Tap closes and opens a contact in turn for the times given, in the guest's own time; it ends open.
func (g *Guest) Tap(ctx context.Context, line int, pattern ...time.Duration) error {
	r := guest.Request{Do: guest.DoTap, N: line}
	for _, d := range pattern {
		r.Args = append(r.Args, d.String())
	}
	_, err := g.ask(ctx, r)
	return err
}

// Bounce moves a contact as a worn one does: it closes and opens so many times within microseconds
// and then stays at level.
func (g *Guest) Bounce(ctx context.Context, line int, level Level, times int) error {
	return g.bench(ctx, fmt.Sprintf("bounce %d %s %d", line, level, times))
}

// FailSPI makes SPI messages end with an error number; 0 ends that.
func (g *Guest) FailSPI(ctx context.Context, errno int) error {
	return g.bench(ctx, fmt.Sprintf("spi %d", errno))
}

// PlaceTM1637 puts a TM1637 on two lines, as far as it must answer, or takes it away.
func (g *Guest) PlaceTM1637(ctx context.Context, clk, dio int, present bool) error {
	on := 0
	if present {
		on = 1
	}
	return g.bench(ctx, fmt.Sprintf("tm1637 %d %d %d", clk, dio, on))
}

// PlaceMCP23017 puts an expander on the guest's I²C bus, just switched on, or takes it away. The
// module i2c-dev makes the bus one for programs.
func (g *Guest) PlaceMCP23017(ctx context.Context, address int, present bool) error {
	on := 0
	if present {
		on = 1
	}
	return g.bench(ctx, fmt.Sprintf("mcp23017 %d %d", address, on))
}

func (g *Guest) bench(ctx context.Context, command string) error {
	_, err := g.ask(ctx, guest.Request{Do: guest.DoBench, Args: []string{command}})
	return err
}

// Attached waits until the kernel has, or has not, a configured device in a socket of USB, by its own list.
func (g *Guest) Attached(ctx context.Context, socket int, want bool) error {
	return g.listed(ctx, fmt.Sprintf("1-%d:", socket+1), want)
}

// listed waits until some name in the kernel's list of USB devices begins so, or none does.
func (g *Guest) listed(ctx context.Context, begin string, want bool) error {
	for {
		names, err := g.List(ctx, "/sys/bus/usb/devices")
		if err != nil {
			return err
		}
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, begin) }) == want {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("device %s in the kernel's list: still %v: %w", begin, !want, ctx.Err())
		}
	}
}

// Serial is the name of the serial port that Config.Serial hears: "ttyS4".
func (g *Guest) Serial(ctx context.Context) (string, error) {
	names, err := g.List(ctx, "/sys/class/tty")
	if err != nil {
		return "", err
	}
	for _, link := range names {
		name, to, _ := strings.Cut(link, " -> ")
		if strings.Contains(to, "/0000:00:"+serialSlot[2:]+".0/") {
			return name, nil
		}
	}
	return "", fmt.Errorf("no serial port in the guest: %q", names)
}

// Clock relates the guest's CLOCK_MONOTONIC to this machine's time: guest nanoseconds now, and by
// how much that may be wrong.
func (g *Guest) Clock(ctx context.Context) (nanos int64, at time.Time, within time.Duration, err error) {
	begun := time.Now()
	m, err := g.ask(ctx, guest.Request{Do: guest.DoClock})
	within = time.Since(begun) / 2
	return m.Nanos, begun.Add(within), within, err
}

// Command sends a QMP command to QEMU.
func (g *Guest) Command(ctx context.Context, command string, args any) ([]byte, error) {
	return g.qmp.do(ctx, command, args)
}

// Reset presses the guest's reset button and waits until the agent is ready again. Memory is lost,
// plugs and card stay.
func (g *Guest) Reset(ctx context.Context) error {
	if _, err := g.qmp.do(ctx, "system_reset", nil); err != nil {
		return err
	}
	select {
	case <-g.ch.ready:
		return nil
	case <-g.off:
		return fmt.Errorf("QEMU ended at a reset; console:\n%s", g.Console())
	case <-ctx.Done():
		return fmt.Errorf("guest is not back after a reset: %w; console:\n%s", ctx.Err(), g.Console())
	}
}

// Off is closed when the guest has ended, of its own accord or by PowerOff.
func (g *Guest) Off() <-chan struct{} { return g.off }

// PowerOff pulls the plug: QEMU is killed in the middle of whatever it does.
func (g *Guest) PowerOff() {
	g.once.Do(func() {
		if g.cmd != nil && g.cmd.Process != nil {
			g.cmd.Process.Kill()
		}
	})
	<-g.off
	g.servers.Wait()
}

// Keep makes Close leave the folder with console, QEMU's words and the initramfs, and names it.
func (g *Guest) Keep() string {
	g.keep = true
	return g.dir
}

// Close ends the guest and removes its folder.
func (g *Guest) Close() error {
	if g.cmd != nil {
		g.PowerOff()
	}
	if g.keep {
		return nil
	}
	return os.RemoveAll(g.dir)
}

// firstExpander is the lowest of an MCP23017's eight addresses, and firstPin the number of its GPA0 in
// commands and records; the next address goes on behind its sixteen pins (module/bench.h).
const (
	firstExpander = 0x20
	expanders     = 8
	firstPin      = 64
	expanderPins  = 16
)

// expanderNumber reads "MCP23017@0x20/GPA3", which is 67.
func expanderNumber(name string) (int, error) {
	var address, pin int
	var port rune
	_, err := fmt.Sscanf(name, expanderPrefix+"%v/GP%c%d", &address, &port, &pin)
	if err != nil || address < firstExpander || address >= firstExpander+expanders || port != 'A' && port != 'B' || pin < 0 || pin > 7 {
		return 0, fmt.Errorf("line %q is not %s0x20/GPA0 to %[2]s0x27/GPB7", name, expanderPrefix)
	}
	return firstPin + (address-firstExpander)*expanderPins + int(port-'A')*8 + pin, nil
}

// expanderPrefix begins the name of an expander's line.
const expanderPrefix = "MCP23017@"

// expanderOf is the address of the expander that a line is on; false: it is one of the header.
func expanderOf(line int) (address int, ok bool) {
	return firstExpander + (line-firstPin)/expanderPins, line >= firstPin
}

// PinNumber reads a line name as the board prints it: "GPIO17" is 17, and the lines of expanders follow
// those of the header: "MCP23017@0x20/GPA3" is 67.
func PinNumber(name string) (int, error) {
	if strings.HasPrefix(name, expanderPrefix) {
		return expanderNumber(name)
	}
	var n int
	digits, ok := strings.CutPrefix(name, "GPIO")
	if !ok {
		return 0, fmt.Errorf("line %q is not GPIOn", name)
	}
	if _, err := fmt.Sscanf(digits, "%d", &n); err != nil {
		return 0, fmt.Errorf("line %q is not GPIOn", name)
	}
	return n, nil
}
