//go:build vmguest

package porter_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sps-kiosk/cmd/internal/porter"
	"sps-kiosk/cmd/internal/torture/gate"
	"sps-kiosk/kiosk/ipc"
)

// The nth mount of a life is that of the nth stick. Unmounting begins with what an earlier life may have left, then
// there is the eject and the pull of the first stick, and the second is pulled while somebody uses it.
const (
	mounts   = 3
	unmounts = 4
	visits   = 3
	gateVar  = "PORTER_GATE" // "enter": the process has to go through the gate; else what fails in it
	hooksVar = "PORTER_HOOKS"
)

// TestGuestMounting lets each mount and each unmounting of a life with three sticks fail once. Each life is a
// process of its own behind the gate that the torture has.
func TestGuestMounting(t *testing.T) {
	switch what := os.Getenv(gateVar); what {
	case "":
		lives(t)
	case "enter":
		os.Setenv(gateVar, os.Getenv(gateVar+"_FAILS"))
		t.Fatal(gate.Enter(os.Args[0], os.Args[1:]))
	default:
		life(t, what)
	}
}

// lives lets one after the other begin.
func lives(t *testing.T) {
	hooks := 0
	for kind, most := range map[string]int{"mount": mounts, "unmount": unmounts} {
		for n := 1; n <= most; n++ {
			what := fmt.Sprintf("%s %d", kind, n)
			g, err := gate.New("/run", kind, n, syscall.EIO)
			if err != nil {
				t.Fatal(err)
			}
			cmd := g.Wrap(exec.Command(os.Args[0], os.Args[1:]...))
			hooks += 100
			cmd.Env = append(os.Environ(), "PORTER_INNER=1", gateVar+"=enter", gateVar+"_FAILS="+what, hooksVar+"="+strconv.Itoa(hooks))
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
			if err := cmd.Run(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if err := g.Close(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if g.Failed() == "" {
				t.Errorf("%s never came: %v", what, g.Counts())
			}
		}
	}
}

// life is three sticks, of which the second is pulled in the middle of a session. Whatever failed, a page can be saved
// to each, at the second attempt at the latest, and nothing stays mounted.
func life(t *testing.T, what string) {
	n, err := strconv.Atoi(os.Getenv(hooksVar))
	if err != nil {
		t.Fatal(err)
	}
	outside.From(n)
	if what == "unmount 1" {
		ends(t)
	}
	g := newGuest(t)
	for visit := 1; visit <= visits; visit++ {
		g.ready()
		g.begun()
		if m := answer[*ipc.Saved](g.rig, kib(3001)); m.Bytes != 3001<<10 {
			t.Errorf("visit %d: got %d bytes saved", visit, m.Bytes)
		}
		if visit == 2 {
			g.do("pull")
			g.state(ipc.StickPulled)
			g.over()
			continue
		}
		g.send(&ipc.Eject{})
		m := expect(g.rig, func(m *ipc.Stick) bool { return m.State == ipc.StickOut || m.State == ipc.StickStays })
		if m.State == ipc.StickStays { // it is tried again when the session is over
			if err := g.worker.Send(&ipc.Finish{}); err != nil {
				t.Fatal(err)
			}
			g.state(ipc.StickOut)
			g.ended(one)
		} else {
			g.over()
		}
		g.do("pull")
		g.state(ipc.StickAbsent)
		g.do("look vfat")
	}
	if err := g.stop(); err != nil {
		t.Error(err)
	}
	if left := read("/proc/self/mounts"); strings.Contains(left, "/run/stick") {
		t.Errorf("still mounted:\n%s", left)
	}
}

// ready puts a stick in; if its mount fails, once more.
func (g *guest) ready() {
	g.t.Helper()
	for range 2 {
		g.do("insert vfat")
		m := expect(g.rig, func(m *ipc.Stick) bool { return m.State == ipc.StickReady || m.State == ipc.StickRefused })
		if m.State == ipc.StickReady {
			return
		}
		g.t.Logf("refused, why %d", m.Why)
		g.do("pull")
		g.state(ipc.StickAbsent)
	}
	g.t.Fatal("got it refused twice")
}

// ends is a porter that cannot free the place of a stick at its start: it says so and ends, and systemd
// starts it again.
func ends(t *testing.T) {
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "p"), Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, o: porter.Options{Listen: l, Peer: os.Getuid(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}}
	real(r)
	if err := porter.Run(t.Context(), r.o); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want it ended by its first unmounting", err)
	}
}
