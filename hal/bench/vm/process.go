package vm

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"sps-kiosk/hal/bench/vm/guest"
)

// Line is one line that a process wrote.
type Line struct {
	Nanos int64 // the guest's CLOCK_MONOTONIC when the agent read it
	Text  string
}

// Exit is how a process ended.
type Exit struct {
	Code   int            // exit code, -1 if killed
	Signal syscall.Signal // 0 if it exited
	Err    error          // the guest ended before the process did
}

// Process is a program running in the guest.
type Process struct {
	PID  int
	name string
	g    *Guest

	mu      sync.Mutex
	lines   []Line
	seen    int // lines that Expect has passed
	end     *Exit
	changed chan struct{} // closed and replaced at each change
}

func exitOf(m guest.Message) Exit {
	if m.N < 0 {
		return Exit{Code: -1, Signal: syscall.Signal(-m.N)}
	}
	return Exit{Code: m.N}
}

func (p *Process) line(l Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, l)
	p.wake()
}

func (p *Process) exit(e Exit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end = &e
	p.wake()
}

func (p *Process) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Expect waits for a line that matches, among those that earlier calls have not passed, and
// returns it with its submatches. The end of the process is an error.
func (p *Process) Expect(ctx context.Context, pattern string) (Line, []string, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return Line{}, nil, err
	}
	for {
		p.mu.Lock()
		for ; p.seen < len(p.lines); p.seen++ {
			if m := re.FindStringSubmatch(p.lines[p.seen].Text); m != nil {
				l := p.lines[p.seen]
				p.seen++
				p.mu.Unlock()
				return l, m, nil
			}
		}
		end, changed := p.end, p.changed
		p.mu.Unlock()
		if end != nil {
			return Line{}, nil, fmt.Errorf("%s ended (%+v) before %q:\n%s", p.name, *end, pattern, p.Output())
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Line{}, nil, fmt.Errorf("%s: no line %q: %w:\n%s", p.name, pattern, ctx.Err(), p.Output())
		}
	}
}

// Wait waits for the end of the process.
func (p *Process) Wait(ctx context.Context) (Exit, error) {
	for {
		p.mu.Lock()
		end, changed := p.end, p.changed
		p.mu.Unlock()
		if end != nil {
			return *end, end.Err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Exit{}, fmt.Errorf("%s has not ended: %w:\n%s", p.name, ctx.Err(), p.Output())
		}
	}
}

// Output is everything the process wrote so far.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, l := range p.lines {
		b.WriteString(l.Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// Signal sends a signal; syscall.SIGKILL is the end without warning.
func (p *Process) Signal(ctx context.Context, s syscall.Signal) error {
	_, err := p.g.ch.ask(ctx, guest.Request{Do: guest.DoSignal, Name: p.name, N: int(s)}, nil)
	return err
}
