//go:build vm

package vm

import (
	"bytes"
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// recorder keeps what happened on the board and lets a test wait for it.
type recorder struct {
	mu      sync.Mutex
	all     []Record
	changed chan struct{}
}

func newRecorder() *recorder { return &recorder{changed: make(chan struct{})} }

func (r *recorder) take(x Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, x)
	close(r.changed)
	r.changed = make(chan struct{})
}

// wait returns the first record from index on that satisfies ok, and the index after it.
func (r *recorder) wait(t *testing.T, ctx context.Context, from int, ok func(Record) bool) (Record, int) {
	t.Helper()
	for {
		r.mu.Lock()
		for i := from; i < len(r.all); i++ {
			if ok(r.all[i]) {
				defer r.mu.Unlock()
				return r.all[i], i + 1
			}
		}
		from = len(r.all)
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("record never came: %v", ctx.Err())
		}
	}
}

func (r *recorder) count(ok func(Record) bool) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.all {
		if ok(x) {
			n++
		}
	}
	return n
}

// program compiles a guest program of this package.
func program(t *testing.T, arch, name string) File {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	err := run(t.Context(), "", GoEnv(arch, false), "go", "build", "-o", to,
		"sps-kiosk/hal/bench/vm/guest/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return File{Path: "/bin/" + name, From: to}
}

const button, lamp = 17, 22

func outside(level string) func(Record) bool {
	return func(r Record) bool { return r.Kind == Outside && r.Line == button && r.Level == level }
}

func lit(level string) func(Record) bool {
	return func(r Record) bool { return r.Kind == Drives && r.Line == lamp && r.Level == level }
}

// edge reads one EDGE line of boardprobe: its level and how long after the contact moved.
func edge(t *testing.T, ctx context.Context, p *Process, level string, moved Record) time.Duration {
	t.Helper()
	_, m, err := p.Expect(ctx, `^EDGE (\w+) (\d+)$`)
	if err != nil {
		t.Fatal(err)
	}
	if m[1] != level {
		t.Fatalf("got edge to %s, want %s", m[1], level)
	}
	at, err := strconv.ParseInt(m[2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(at - moved.Nanos)
}

// TestBoard uses the real character device and spidev through package hal, on a board that shows
// its controller twice, as Raspberry Pi OS does on a Pi 5.
func TestBoard(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	g := boot(t, Config{Files: []File{program(t, Arch(), "boardprobe")}, Record: r.take})
	ctx := within(t, 2*time.Minute)
	if err := g.Link(ctx, "/dev/gpiochip4", "gpiochip0"); err != nil {
		t.Fatal(err)
	}
	p, err := g.Start(ctx, "boardprobe", nil, "/bin/boardprobe", "GPIO17", "GPIO22", "SPI0.0")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // before and after the board was opened
		if _, _, err := p.Expect(ctx, `^FD0 /dev/null <nil>$`); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := p.Expect(ctx, `^READY High$`); err != nil { // the pull-up was asked for
		t.Fatal(err)
	}
	press(t, ctx, g, r, p)
	bounce(t, ctx, g, r, p)
	if n := r.count(func(r Record) bool { return r.Kind == Lost }); n != 0 {
		t.Errorf("got %d gaps in the records, want none", n)
	}
}

// press follows a press from the contact through edge, lamp and display frame, by kernel time.
func press(t *testing.T, ctx context.Context, g *Guest, r *recorder, p *Process) {
	t.Helper()
	if err := g.Line(ctx, button, Low); err != nil {
		t.Fatal(err)
	}
	moved, at := r.wait(t, ctx, 0, outside("0"))
	stamp := edge(t, ctx, p, "Low", moved)
	on, at := r.wait(t, ctx, at, lit("1"))
	frame, at := r.wait(t, ctx, at, func(r Record) bool { return r.Kind == Message })
	if want := []byte{1, 0x7e}; !bytes.Equal(frame.Data, want) || frame.Line != 0 || frame.Hertz != 1e6 {
		t.Errorf("got %+v, want % x on select 0 at 1 MHz", frame, want)
	}
	t.Logf("contact → edge stamp %v → lamp %v → frame %v", stamp,
		time.Duration(on.Nanos-moved.Nanos), time.Duration(frame.Nanos-moved.Nanos))
	if stamp < 0 || on.Nanos < moved.Nanos || frame.Nanos < on.Nanos {
		t.Errorf("effects before causes: stamp %v, %+v, %+v", stamp, on, frame)
	}
	if err := g.Line(ctx, button, Floats); err != nil {
		t.Fatal(err)
	}
	moved, _ = r.wait(t, ctx, at, outside("z"))
	if edge(t, ctx, p, "High", moved) < 0 {
		t.Error("stamp before the contact moved")
	}
	r.wait(t, ctx, at, lit("0"))
}

// bounce closes a worn contact: the kernel's debounce must make one edge of it.
func bounce(t *testing.T, ctx context.Context, g *Guest, r *recorder, p *Process) {
	t.Helper()
	before := r.count(lit("1"))
	if err := g.Bounce(ctx, button, Low, 50); err != nil {
		t.Fatal(err)
	}
	if err := g.Line(ctx, button, Low); err != nil {
		t.Fatal(err)
	}
	edge(t, ctx, p, "Low", Record{})
	if err := g.Line(ctx, button, Floats); err != nil {
		t.Fatal(err)
	}
	edge(t, ctx, p, "High", Record{})
	if got := r.count(lit("1")) - before; got != 1 {
		t.Errorf("got %d presses from one of a bouncing button, want 1", got)
	}
}
