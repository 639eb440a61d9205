package stage

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/wire"
)

// Process is the Depth without a kernel of its own: the program as it ships is a process of this
// computer and reaches the machine over a socket instead of drivers. Killing it is SIGKILL. A power
// cut is less here than in life, because this computer's page cache survives it: only the guest's
// card forgets what was not flushed.
type Process struct {
	m        *bench.Machine
	binary   string
	settings string
	dir      string
	data     string
	serving  context.CancelFunc
	served   chan error
	said     *said

	cmd *exec.Cmd
	end chan error
}

// second is the port of the socket beside the printer's.
const second = "1-1.9"

// NewProcess makes the place: binary is the program, settings its kiosk.txt, data the folder of its
// queue. Nothing runs yet.
func NewProcess(binary, settings, data string, l bench.Layout) (*Process, error) {
	dir, err := os.MkdirTemp("", "st-") // short: a socket's path has 108 bytes
	if err != nil {
		return nil, err
	}
	p := &Process{m: bench.New(l), binary: binary, settings: settings, dir: dir, data: data, served: make(chan error, 1), said: &said{}}
	listener, err := net.Listen("unix", p.socket())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.serving = cancel
	go func() { p.served <- wire.Serve(ctx, listener, p.m) }()
	return p, nil
}

func (p *Process) socket() string { return filepath.Join(p.dir, "s") }

// Name implements Depth.
func (p *Process) Name() string { return "bench" }

// Machine implements Depth.
func (p *Process) Machine() *bench.Machine { return p.m }

// Said is what the program wrote.
func (p *Process) Said() string { return p.said.all() }

// steady is the least time by which a hand means something; what is shorter is chatter.
const steady = 20 * time.Millisecond

// Tap implements Depth. A clean press has the length it is to have, however long this process stands still in
// it. Of one that chatters the hand stays until the machine has debounced the contact, and counts its time from
// there: a process that got no processor for a while would lose the press otherwise.
func (p *Process) Tap(ctx context.Context, line string, pattern ...time.Duration) error {
	if slices.Min(pattern) >= steady {
		return p.press(ctx, line, pattern)
	}
	pin, err := p.m.Line(line)
	if err != nil {
		return err
	}
	defer p.m.Release(line)
	for i, d := range pattern {
		if err := p.move(ctx, pin, i%2 == 0, d); err != nil {
			return err
		}
	}
	if len(pattern)%2 == 0 {
		return nil
	}
	return p.move(ctx, pin, false, steady)
}

// press waits as long as a movement takes, and the machine is told of it when the contact is open at last. A hand
// that rests then rests longer than it need.
func (p *Process) press(ctx context.Context, line string, pattern []time.Duration) error {
	moves, rest := pattern, steady
	if len(pattern)%2 == 0 {
		moves, rest = pattern[:len(pattern)-1], pattern[len(pattern)-1]
	}
	var takes time.Duration
	for _, d := range moves {
		takes += d
	}
	if err := pause(ctx, takes); err != nil {
		return err
	}
	if err := p.m.Tapped(line, moves...); err != nil {
		return err
	}
	return pause(ctx, rest)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// move closes or opens a contact and rests for a time. Chatter does not rest at all: in a process
// that stands still between it would be presses of its own, and the machine's contact chatters besides.
func (p *Process) move(ctx context.Context, pin gpio.PinIO, closed bool, rest time.Duration) error {
	move, level := p.m.Release, gpio.High
	if closed {
		move, level = p.m.Press, gpio.Low
	}
	if err := move(pin.Name()); err != nil {
		return err
	}
	if rest < steady {
		return nil
	}
	for pin.Read() != level && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	return pause(ctx, rest)
}

// Start implements Depth. Here the program's own word is the mark: it says "serving" when every
// contact is watched.
func (p *Process) Start(ctx context.Context) error {
	serving := p.said.expect("serving")
	p.cmd = exec.Command(p.binary, "-board", "bench:"+p.socket(), "-config", p.settings, "-data", p.data)
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves nothing
	p.end = make(chan error, 1)
	if err := run(p.cmd, p.end); err != nil {
		p.cmd = nil
		return err
	}
	p.m.Program("running")
	select {
	case <-serving:
		return nil
	case err := <-p.end:
		p.cmd = nil
		return fmt.Errorf("program ended: %w:\n%s", err, p.Said())
	case <-ctx.Done():
		return fmt.Errorf("program does not serve: %w:\n%s", ctx.Err(), p.Said())
	}
}

// run starts a program from a thread that stays until the program ends, since the signal of
// Pdeathsig comes when that thread is gone.
func run(c *exec.Cmd, end chan<- error) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			end <- c.Wait()
		}
	}()
	return <-started
}

// Kill implements Depth.
func (p *Process) Kill(context.Context) error {
	if p.cmd == nil {
		return nil
	}
	p.cmd.Process.Kill()
	<-p.end
	p.cmd = nil
	p.m.Program("stopped")
	return nil
}

// Stop implements Depth.
func (p *Process) Stop(context.Context) error {
	if p.cmd == nil {
		return nil
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	err := <-p.end
	p.cmd = nil
	p.m.Program("stopped")
	return err
}

// Dump implements Depth.
func (p *Process) Dump(context.Context) (string, error) {
	before := len(p.Said())
	p.cmd.Process.Signal(syscall.SIGQUIT)
	<-p.end
	p.cmd = nil
	p.m.Program("stopped")
	return p.Said()[before:], nil
}

// Use implements Depth.
func (p *Process) Use(context.Context) (Use, error) {
	proc := fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		return Use{}, err
	}
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return Use{}, err
	}
	return ParseUse(status, len(files))
}

// PowerCut implements Depth.
func (p *Process) PowerCut(ctx context.Context) error {
	err := p.Kill(ctx)
	p.m.Power(false)
	return err
}

// PowerOn implements Depth.
func (p *Process) PowerOn(ctx context.Context) error {
	p.m.Power(true)
	return p.Start(ctx)
}

// Attached implements Depth: the bus of this process knows at once.
func (p *Process) Attached(context.Context, bool) error { return nil }

// Plug implements Depth.
func (p *Process) Plug(d *virtusb.Device) error {
	p.m.Bus().Plug(second, d)
	return nil
}

// Unplug implements Depth.
func (p *Process) Unplug() error {
	p.m.Bus().Unplug(second)
	return nil
}

// Data implements Depth.
func (p *Process) Data(_ context.Context, to string) error {
	return os.CopyFS(to, os.DirFS(p.data))
}

// Close ends everything.
func (p *Process) Close() error {
	p.Kill(context.Background())
	p.serving()
	err := <-p.served
	p.m.Close()
	os.RemoveAll(p.dir)
	return err
}

// said keeps what a program wrote and tells when a word comes.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
	word string
	from int
	came chan struct{}
}

// Write implements io.Writer.
func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.text.Write(b)
	if s.came != nil && bytes.Contains(s.text.Bytes()[s.from:], []byte(s.word)) {
		close(s.came)
		s.came = nil
	}
	return n, err
}

// expect returns what is closed when the word comes after now.
func (s *said) expect(word string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	came := make(chan struct{})
	s.word, s.from, s.came = word, s.text.Len(), came
	return came
}

func (s *said) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
