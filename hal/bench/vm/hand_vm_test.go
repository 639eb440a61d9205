//go:build vm

package vm

import (
	"syscall"
	"testing"
	"time"
)

// TestStarvedHand takes the processor from the guest in the middle of presses, for longer than they
// last: each is one press all the same. What the hand means by its length is not asked here.
func TestStarvedHand(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	g := boot(t, Config{Files: []File{program(t, Arch(), "boardprobe")}, Record: r.take})
	ctx := within(t, 2*time.Minute)
	p, err := g.Start(ctx, "boardprobe", nil, "/bin/boardprobe", "GPIO17", "GPIO22", "SPI0.0")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Expect(ctx, `^READY High$`); err != nil {
		t.Fatal(err)
	}
	const press, stall = 60 * time.Millisecond, 300 * time.Millisecond
	_, at := r.wait(t, ctx, 0, func(r Record) bool { return r.Kind == Biases && r.Line == button })
	for range 10 {
		tapped := make(chan error, 1)
		go func() { tapped <- g.Tap(ctx, button, press) }()
		_, at = r.wait(t, ctx, at, outside("0"))
		if err := starve(g, stall); err != nil {
			t.Fatal(err)
		}
		if err := <-tapped; err != nil {
			t.Fatal(err)
		}
		edge(t, ctx, p, "Low", Record{})
		edge(t, ctx, p, "High", Record{})
	}
}

// starve takes the processor from the guest for a while; its clock goes on.
func starve(g *Guest, d time.Duration) error {
	if err := g.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	time.Sleep(d)
	return g.cmd.Process.Signal(syscall.SIGCONT)
}
