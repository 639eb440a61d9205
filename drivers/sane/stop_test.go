package sane

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/drivers/pages"
)

// slow makes the backend wait 200 ms after every 64 KiB.
var slow = []string{"read-delay true", "read-delay-duration 200000"}

// TestCancel stops a scan in the middle of a page, quickly and cleanly.
func TestCancel(t *testing.T) {
	s := rig(t, slow...)
	ctx, cancel := context.WithCancel(context.Background())
	began := time.Now()
	scanWith(t, ctx, s, pages.Settings{DPI: 300}, &album{during: func(int) { cancel() }}, 0, pages.ErrCancelled, context.Canceled)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("cancel: got %v, want well below the grace of %v", took, s.limits.grace)
	}
	scanWith(t, ctx, s, pages.Settings{DPI: 50}, &album{}, 0, pages.ErrCancelled)
}

// TestCancelBetweenPages stops while scanimage waits in opening the next page's pipe.
func TestCancelBetweenPages(t *testing.T) {
	s := rig(t)
	ctx, cancel := context.WithCancel(context.Background())
	a := &album{t: t}
	began := time.Now()
	n, err := pages.Port{Scanner: s}.Scan(ctx, 50, false, false, a.Page, func(n, w, h, dpi int, size int64) error {
		cancel()
		time.Sleep(50 * time.Millisecond) // real processes: let the child reach the next page
		return nil
	})
	if n != 1 || !errors.Is(err, pages.ErrCancelled) {
		t.Errorf("scan: got %d pages, %v, want 1 and %v", n, err, pages.ErrCancelled)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("cancel: got %v, want at once", took)
	}
}

// TestKilled loses scanimage in the middle of a page: the page is none.
func TestKilled(t *testing.T) {
	s := rig(t, slow...)
	a := &album{during: func(int) { signal(t, s, syscall.SIGKILL) }}
	scan(t, s, pages.Settings{DPI: 300}, a, 0, pages.ErrTorn, pages.ErrStopped)
}

// signal sends a signal to the scanimage that is running.
func signal(t *testing.T, s *Scanner, sig syscall.Signal) {
	t.Helper()
	pids := within(t, s.cfg.Dir)
	if len(pids) != 1 {
		t.Fatalf("children: got %v, want one", pids)
	}
	if err := syscall.Kill(pids[0], sig); err != nil {
		t.Fatal(err)
	}
}

// TestHang gives up a page in which nothing moves, one that takes too long, and a scanimage that
// does not listen.
func TestHang(t *testing.T) {
	tests := []struct {
		name       string
		page, idle time.Duration
		during     func(*testing.T, *Scanner)
	}{
		{"no sign of life", time.Minute, 60 * time.Millisecond, nil},
		{"slow page", 400 * time.Millisecond, time.Minute, nil},
		{"deaf", time.Minute, 60 * time.Millisecond, func(t *testing.T, s *Scanner) { signal(t, s, syscall.SIGSTOP) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := rig(t, slow...)
			s.limits.page, s.limits.idle, s.limits.grace = tt.page, tt.idle, 300*time.Millisecond
			a := &album{}
			if tt.during != nil {
				a.during = func(int) { tt.during(t, s) }
			}
			began := time.Now()
			scan(t, s, pages.Settings{DPI: 300}, a, 0, pages.ErrPageTimeout)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("end: got %v, want soon", took)
			}
		})
	}
}

// TestSlowIsNoHang lets a page pass that needs far longer than the watchdog waits for a byte.
func TestSlowIsNoHang(t *testing.T) {
	s := rig(t, "read-delay true", "read-delay-duration 100000")
	s.limits.idle = time.Second
	began := time.Now()
	scan(t, s, pages.Settings{DPI: 110, Source: pages.Glass}, &album{}, 1)
	if took := time.Since(began); took < s.limits.idle {
		t.Errorf("page: got %v, want longer than the watchdog's %v", took, s.limits.idle)
	}
}

// TestInterruptWaits does not ask a scan to stop before a page is in its middle, and asks by SIGINT.
func TestInterruptWaits(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &hearing{pages: true, flowing: 1, printed: 1, alive: func() {}}
	asked := make(chan error, 1)
	go func() { asked <- interrupt(cmd.Process.Pid, h, time.Minute) }()
	select {
	case <-asked:
		t.Error("interrupt between pages: got it sent, want it held back")
	case <-time.After(50 * time.Millisecond):
	}
	h.flow(2)
	ignored := ignoreExit(cmd.Wait())
	if got := cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(); ignored != nil || got != syscall.SIGINT {
		t.Errorf("signal: got %v, %v, want %v", got, ignored, syscall.SIGINT)
	}
}

// TestGivenUp leaves a child that even SIGKILL does not end, in its time.
func TestGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := &child{code: -1, hear: &hearing{}}
	c.await(ctx, exec.Command("none"), nil, time.Millisecond)
	if err := c.verdict(); !errors.Is(err, pages.ErrStopped) {
		t.Errorf("verdict: got %v, want %v", err, pages.ErrStopped)
	}
}

// TestHelpersGo kills what a child has started itself.
func TestHelpersGo(t *testing.T) {
	s := fake(t, asked+pnm+fmt.Sprintf("sleep 1000 >/dev/null 2>&1 &\npage 1 %d\n", pnmBytes))
	scan(t, s, pages.Settings{DPI: 50, Source: pages.Glass}, &album{}, 1)
	// rig's end finds the sleep if it is still there.
}

// TestParentKilled kills the process that scans: scanimage goes with it, no page byte is left, and
// the next Scanner sweeps the rest.
func TestParentKilled(t *testing.T) {
	s := fake(t, asked+`trap '' HUP INT PIPE; exec >1.part
printf 'P5 2362 2362 255 '; head -c 100000 /dev/zero; while :; do sleep 0.1; done`) // nothing but SIGKILL ends it
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), "SANE_VICTIM_DIR="+s.cfg.Dir, "SANE_VICTIM_CONF="+s.cfg.ConfDir,
		"SANE_VICTIM_PROGRAM="+s.cfg.Program)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if line != "page\n" || len(within(t, s.cfg.Dir)) == 0 {
		t.Errorf("victim: got %q and processes %v, want a page under way", line, within(t, s.cfg.Dir))
	}
	if err := errors.Join(cmd.Process.Kill(), ignoreExit(cmd.Wait())); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); len(within(t, s.cfg.Dir)) > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond) // real processes
	}
	if left := within(t, s.cfg.Dir); len(left) > 0 {
		t.Errorf("processes after the parent's death: got %v, want none", left)
	}
	files := 0
	err = filepath.WalkDir(s.cfg.Dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files++
		}
		return err
	})
	if err != nil || files != 2 {
		t.Errorf("files after the parent's death: got %d, %v, want the two of conf", files, err)
	}
	if _, err := New(s.cfg); err != nil {
		t.Error(err)
	}
}

func ignoreExit(err error) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil
	}
	return err
}

// TestVictim is the process that TestParentKilled kills; by itself it does nothing.
func TestVictim(t *testing.T) {
	dir := os.Getenv("SANE_VICTIM_DIR")
	if dir == "" {
		return
	}
	s, err := New(Config{Backend: "test", Dir: dir, ConfDir: os.Getenv("SANE_VICTIM_CONF"),
		Program: os.Getenv("SANE_VICTIM_PROGRAM")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Scan(context.Background(), pages.Settings{DPI: 300, Source: pages.Glass}, &album{t: t, during: func(int) { fmt.Println("page") }})
	t.Fatal(err)
}
