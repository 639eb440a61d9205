package sane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sps-kiosk/drivers/pages"
	"strings"
	"testing"
	"time"
)

// TestLies does not believe a child that says all is well, or something beside the truth.
func TestLies(t *testing.T) {
	caps := capsOf(t)
	tests := []struct {
		name   string
		script string
		source pages.Source
		pages  int
		want   []error
	}{
		{"nothing", "exit 0", pages.Glass, 0, []error{pages.ErrStopped}},
		{"nothing from the feeder", "exit 0", pages.Feeder, 0, []error{pages.ErrStopped}},
		{"a cut page", fmt.Sprintf("page 1 %d", pnmBytes-1), pages.Glass, 0, []error{pages.ErrTorn}},
		{"a page cut after its head", "page 1 0", pages.Glass, 0, []error{pages.ErrTorn}},
		{"a page too long", fmt.Sprintf("page 1 %d", pnmBytes+1), pages.Glass, 0, []error{pages.ErrTorn}},
		{"a whole page not called done", fmt.Sprintf("pnm 1 %d >1.part", pnmBytes), pages.Glass, 0, []error{pages.ErrTorn}},
		{"a page called by another name", fmt.Sprintf("pnm 1 %d >1.part; echo 2", pnmBytes), pages.Glass, 0, []error{pages.ErrTorn}},
		{"done without a page", "echo 1", pages.Glass, 0, []error{pages.ErrStopped}},
		{"a good page", fmt.Sprintf("page 1 %d", pnmBytes), pages.Glass, 1, nil},
		{"a good page and a bad end", fmt.Sprintf("page 1 %d; exit 9", pnmBytes), pages.Glass, 1, nil},
		{"two sheets without an end", fmt.Sprintf("page 1 %d; page 2 %d", pnmBytes, pnmBytes), pages.Feeder, 2, []error{pages.ErrStopped}},
		{"the end by exit code alone", fmt.Sprintf("page 1 %d; exit 7", pnmBytes), pages.Feeder, 1, nil},
		{"a jam by exit code alone", fmt.Sprintf("page 1 %d; exit 6", pnmBytes), pages.Feeder, 1, []error{pages.ErrJam}},
		{"a jam at the second sheet", fmt.Sprintf("page 1 %d; echo 'scanimage: sane_start: Document feeder jammed' >&2; exit 6", pnmBytes),
			pages.Feeder, 1, []error{pages.ErrJam}},
		{"no paper in the middle of a page", fmt.Sprintf("page 1 %d; pnm 2 9999 >2.part; echo 'scanimage: sane_read: Document feeder out of documents' >&2; exit 7", pnmBytes),
			pages.Feeder, 1, []error{pages.ErrTorn}},
		{"no paper at the first read", fmt.Sprintf("page 1 %d; pnm 2 0 >2.part; echo 'scanimage: sane_read: Document feeder out of documents' >&2; exit 7", pnmBytes),
			pages.Feeder, 1, nil},
		{"another size", "printf 'P5 100 100 255 ' >1.part; head -c 10000 /dev/zero >>1.part; echo 1", pages.Glass, 0, []error{pages.ErrPageSize}},
		{"sixteen bits", "printf 'P5 394 394 65535 ' >1.part; head -c 310472 /dev/zero >>1.part; echo 1", pages.Glass, 0, []error{pages.ErrTorn}},
		{"a page of HTML", "echo '<!doctype html>' >1.part; echo 1", pages.Glass, 0, []error{pages.ErrTorn}},
		{"noise", "head -c 300000 /dev/urandom >&2; head -c 300000 /dev/urandom; exit 3", pages.Glass, 0, []error{pages.ErrBusy}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := fake(t, pnm+tt.script)
			s.caps, s.device = caps, "test:0"
			scan(t, s, pages.Settings{DPI: 50, Source: tt.source}, &album{}, tt.pages, tt.want...)
		})
	}
}

// TestToldAndNeverEnds believes what was told, and does not wait for a page that will not come. The
// real one does this about once in a hundred failures.
func TestToldAndNeverEnds(t *testing.T) {
	const hang = "; trap '' INT; sleep 1000 & wait; wait"
	tests := []struct {
		name, script string
		source       pages.Source
		pages        int
		want         []error
	}{
		{"a jam", "echo 'scanimage: sane_start: Document feeder jammed' >&2", pages.Glass, 0, []error{pages.ErrJam}},
		{"no paper, the pipe open", "exec 3>1.part; echo 'scanimage: sane_read: Document feeder out of documents' >&2", pages.Glass, 0, []error{pages.ErrFeederEmpty}},
		{"the end of the paper", fmt.Sprintf("page 1 %d; echo 'scanimage: sane_start: Document feeder out of documents' >&2", pnmBytes), pages.Feeder, 1, nil},
		{"a torn page", "pnm 1 9999 >1.part; echo 'scanimage: sane_read: Error during device I/O' >&2", pages.Glass, 0, []error{pages.ErrTorn}},
	}
	caps := capsOf(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := fake(t, pnm+tt.script+hang)
			s.caps, s.device, s.limits.finish = caps, "test:0", 100*time.Millisecond
			began := time.Now()
			scan(t, s, pages.Settings{DPI: 50, Source: tt.source}, &album{}, tt.pages, tt.want...)
			if took := time.Since(began); took > s.limits.grace/2 {
				t.Errorf("end: got %v, want it killed without the grace of %v", took, s.limits.grace)
			}
		})
	}
}

// TestReplugged looks for the device once more when its name, which holds the USB address, has gone.
func TestReplugged(t *testing.T) {
	s := fake(t, `case "$*" in
*formatted-device-list*) test -e $state/moved && name=test:0 || name=test:7
	touch $state/moved; printf '%s\tNoname\ttester\tflatbed scanner\n' $name; exit 0 ;;
esac
exec $real "$@"`)
	if err := s.Ready(context.Background()); err != nil {
		t.Errorf("ready: got %v, want the device found again", err)
	}
	scan(t, s, pages.Settings{DPI: 50, Source: pages.Glass}, &album{}, 1)
	s.device = "test:8" // plugged in again after its capabilities were asked
	scan(t, s, pages.Settings{DPI: 50, Source: pages.Glass}, &album{}, 1)
}

// TestBusyForAWhile waits for a device that is busy and then is not.
func TestBusyForAWhile(t *testing.T) {
	s := fake(t, asked+`test -e $state/tried || { touch $state/tried; echo "scanimage: sane_start: Device busy" >&2; exit 3; }
exec $real "$@"`)
	s.limits.settle = time.Minute
	scan(t, s, pages.Settings{DPI: 50, Source: pages.Glass}, &album{}, 1)
}

// TestArguments holds what scanimage is given against what it needs, and its environment against
// nothing else.
func TestArguments(t *testing.T) {
	t.Setenv("LD_PRELOAD_TEST", "x")
	t.Setenv("SANE_DEFAULT_DEVICE", "net:x")
	t.Setenv("SANE_DEBUG_TEST", "255")
	s := fake(t, asked+`echo "$*" >$state/args; env >$state/env; exec $real "$@"`)
	scan(t, s, pages.Settings{DPI: 60, Color: true, Source: pages.Feeder}, &album{}, 10)
	state := filepath.Dir(s.cfg.Program)
	args, err := os.ReadFile(filepath.Join(state, "args"))
	if err != nil {
		t.Fatal(err)
	}
	want := "--device-name=test:0 --format=pnm --progress --batch=%d --batch-count=200 --batch-print " +
		"--source=Automatic Document Feeder --mode=Color --depth=8 --resolution=60 -l 0 -t 0 -x 200 -y 200\n"
	if string(args) != want {
		t.Errorf("arguments: got %s, want %s", args, want)
	}
	env, err := os.ReadFile(filepath.Join(state, "env"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(env)) {
		name, _, _ := strings.Cut(line, "=")
		got = append(got, name)
	}
	slices.Sort(got)
	if want := []string{"HOME", "LC_ALL", "PATH", "PWD", "SANE_CONFIG_DIR", "TMPDIR"}; !slices.Equal(got, want) {
		t.Errorf("environment: got %v, want %v", got, want)
	}
}

// TestNotThere tells a missing program from a missing device and a missing directory.
func TestNotThere(t *testing.T) {
	ctx := context.Background()
	s := rig(t)
	s.cfg.Program = "no-such-scanimage"
	if err := s.Ready(ctx); !errors.Is(err, ErrNoProgram) {
		t.Errorf("no program: got %v, want %v", err, ErrNoProgram)
	}
	s = fake(t, asked+"rm $0; exit 3") // it goes while a device is waited for
	s.limits.settle = time.Minute
	scan(t, s, pages.Settings{DPI: 50, Source: pages.Glass}, &album{}, 0, ErrNoProgram)
	s = rig(t)
	s.cfg.Device, s.device = "test:7", "test:7"
	scan(t, s, pages.Settings{}, &album{}, 0, pages.ErrAbsent)
	s = fake(t, `case "$*" in *formatted*) exit 0 ;; esac; exec $real "$@"`)
	if err := s.Ready(ctx); !errors.Is(err, pages.ErrAbsent) {
		t.Errorf("empty list: got %v, want %v", err, pages.ErrAbsent)
	}
}

// TestReady opens the device, and says that it is busy while it scans.
func TestReady(t *testing.T) {
	ctx := context.Background()
	s := rig(t)
	if err := s.Ready(ctx); err != nil {
		t.Errorf("ready: got %v, want no error", err)
	}
	a := &album{during: func(int) {
		if err := s.Ready(ctx); !errors.Is(err, pages.ErrBusy) {
			t.Errorf("ready while scanning: got %v, want %v", err, pages.ErrBusy)
		}
	}}
	scan(t, s, pages.Settings{DPI: 50, Source: pages.Glass}, a, 1)
	s = fake(t, `exec sleep 1000`)
	s.limits.ask, s.limits.grace = 0, 0
	if err := s.Ready(ctx); !errors.Is(err, pages.ErrStopped) {
		t.Errorf("no answer: got %v, want %v", err, pages.ErrStopped)
	}
}
