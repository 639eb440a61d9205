package porter_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
)

// is has the porter say how the stick is, behind everything that it was told before; nothing else may have been said.
func (r *rig) is(want ipc.StickState) {
	r.t.Helper()
	r.send(&ipc.Eject{})
	if m := expect[*ipc.Stick](r, nil); m.State != want {
		r.t.Errorf("got the stick told as %d, want %d", m.State, want)
	}
}

// works calls, has a stick opened, and begins a session whose worker answers; root is what the porter holds of the stick.
func (r *rig) works(h *hand) (root *os.File) {
	r.t.Helper()
	r.call()
	h.changes <- true
	root = h.opens()
	r.state(ipc.StickReady)
	r.begin(one, time.Hour)
	answer[*ipc.Scanner](r, nil)
	return root
}

// TestPulledWhileItIsOpened: what comes of opening a stick that is out is closed and not spoken of, and it is dropped
// behind that and not beside it.
func TestPulledWhileItIsOpened(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, "", nil)
	r.call()
	r.state(ipc.StickAbsent)
	h.changes <- true
	answer := h.when("open")
	h.changes <- false
	r.state(ipc.StickAbsent)
	r.is(ipc.StickAbsent)
	root, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	answer <- answered{root: root}
	h.when("drop") <- answered{}
	r.is(ipc.StickAbsent)
	if _, err := root.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want it closed", err)
	}
}

// TestPulledWhileItIsLetGo: it was pulled too early, whatever its unmounting comes to.
func TestPulledWhileItIsLetGo(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, "", nil)
	r.call()
	h.changes <- true
	h.opens()
	r.state(ipc.StickReady)
	r.send(&ipc.Eject{})
	answer := h.when("close")
	h.changes <- false
	r.state(ipc.StickPulled)
	answer <- answered{}
	h.when("drop") <- answered{}
	r.is(ipc.StickPulled)
}

// TestToldAgain: a stick that is in use or let go is not opened again, whatever its socket says; one that was refused is.
func TestToldAgain(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, "", nil)
	r.call()
	r.state(ipc.StickAbsent)
	h.changes <- true
	h.when("open") <- answered{err: stick.NoMedium}
	r.state(ipc.StickRefused)
	h.changes <- true // the card has come
	h.opens()
	r.state(ipc.StickReady)
	h.changes <- true
	r.send(&ipc.Eject{})
	h.when("close") <- answered{err: errors.Join(stick.Busy, syscall.EBUSY)}
	r.state(ipc.StickStays)
	h.changes <- true
	r.send(&ipc.Eject{})
	h.when("close") <- answered{}
	r.state(ipc.StickOut)
	h.changes <- true
	r.is(ipc.StickOut)
	h.changes <- false
	h.when("drop") <- answered{}
	r.state(ipc.StickAbsent)
}

// TestFaults says of every bad stick what it is.
func TestFaults(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, "", nil)
	r.call()
	r.state(ipc.StickAbsent)
	for err, want := range map[error]ipc.StickFault{
		stick.NotStorage: ipc.FaultNotStorage, stick.Changed: ipc.FaultChanged, stick.NTFS: ipc.FaultNTFS, stick.BadTable: ipc.FaultFormat,
		stick.Unknown: ipc.FaultFormat, stick.BitLocker: ipc.FaultBitLocker, stick.Linux: ipc.FaultLinux, stick.Apple: ipc.FaultApple,
		stick.ISO: ipc.FaultISO, stick.WriteProtected: ipc.FaultProtected, stick.Full: ipc.FaultFull, stick.Fake: ipc.FaultFake,
		stick.NoMedium: ipc.FaultBroken, stick.Broken: ipc.FaultBroken, syscall.EROFS: ipc.FaultProtected, syscall.EIO: ipc.FaultBroken,
	} {
		h.changes <- true
		h.when("open") <- answered{err: fmt.Errorf("look at stick: %w", err)}
		if m := r.state(ipc.StickRefused); m.Why != want {
			t.Errorf("%v: got why %d, want %d", err, m.Why, want)
		}
		h.changes <- false
		h.when("drop") <- answered{}
		r.state(ipc.StickAbsent)
	}
}

// TestStubbornIsDeadFirst: a stick that a worker does not let go is let go when that one is dead, and not before.
func TestStubbornIsDeadFirst(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, "stubborn", func(r *rig) { r.o.LeaveTime = 50 * time.Millisecond })
	root := r.works(h)
	r.send(&ipc.Eject{})
	out := h.when("close")
	if n := r.keeper.alive.Load(); n != 0 {
		t.Errorf("got it let go beside %d workers that hold it", n)
	}
	if _, err := root.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("our own hold: got %v, want it closed", err)
	}
	out <- answered{}
	r.state(ipc.StickOut)
	r.ended(one)
}

// TestPulledFromTheStubborn kills a worker that keeps a stick open that is out: nothing could be mounted in its place.
func TestPulledFromTheStubborn(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, "stubborn", func(r *rig) { r.o.LeaveTime = 50 * time.Millisecond })
	r.works(h)
	h.changes <- false
	h.when("drop") <- answered{}
	r.state(ipc.StickPulled)
	if m := r.ended(one); m.How != ipc.HowCrashed {
		t.Errorf("got %+v, want it killed", m)
	}
}

// TestNothingStaysBehind: a porter that ends kills, reaps, wipes and only then drops the stick.
func TestNothingStaysBehind(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, "", nil)
	root := r.works(h)
	ended := make(chan error)
	go func() { ended <- r.stop() }()
	answer := h.when("drop")
	if left, err := os.ReadDir(r.vault); err != nil || len(left) > 0 || r.keeper.alive.Load() != 0 {
		t.Errorf("got %v, %v in the vault beside %d workers", left, err, r.keeper.alive.Load())
	}
	if _, err := root.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want the stick closed", err)
	}
	stays := errors.New("a mount stays")
	answer <- answered{err: stays}
	if err := <-ended; !errors.Is(err, stays) {
		t.Errorf("got %v, want that told", err)
	}
	r.stop = func() error { return nil }
}

// TestNoServiceWithoutAWipe hangs up on a kiosk as long as the wipe fails, before a session and behind one.
func TestNoServiceWithoutAWipe(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	hungUp := func() {
		t.Helper()
		c, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: r.socket, Net: "unixpacket"})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if m, _, err := ipc.New(c, ipc.PorterToKiosk).Receive(); !errors.Is(err, io.EOF) {
			t.Errorf("got %+v, %v, want to be hung up on", m, err)
		}
	}
	r.keeper.sweeps.Store(1)
	hungUp()
	r.call()
	r.insert()
	r.state(ipc.StickReady)
	r.begin(one, time.Hour)
	answer[*ipc.Scanner](r, nil) // it works, and has a file
	r.keeper.sweeps.Store(2)     // behind the session, and before the next kiosk
	r.send(&ipc.End{Session: one})
	for late := time.After(patience); ; {
		select {
		case m, open := <-r.heard:
			if ended, is := m.(*ipc.Ended); is {
				t.Errorf("got %+v, want the session not called ended", ended)
			}
			if open {
				continue
			}
		case <-late:
			t.Fatal("the kiosk is still served")
		}
		break
	}
	hungUp()
	if n := r.call(); n != 1 {
		t.Errorf("got %d files swept, want what the session left", n)
	}
}

// TestNotBegun: a worker that cannot be started is told of, and the next one may be.
func TestNotBegun(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	r.call()
	r.keeper.starts.Store(1)
	r.send(&ipc.Begin{Session: one, Within: time.Hour})
	if m := r.ended(one); m.How != ipc.HowNotBegun {
		t.Errorf("got %+v, want it not begun", m)
	}
	r.begin(two, time.Hour)
}

// TestOfAnotherSession: neither the end nor the life of another session is this one's.
func TestOfAnotherSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	r.call()
	r.state(ipc.StickAbsent)
	r.begin(one, time.Second)
	r.send(&ipc.Alive{Session: two, Within: time.Hour})
	if m := r.ended(one); m.How != ipc.HowDeadline {
		t.Errorf("got %+v, want it ended by its own deadline", m)
	}
	r.begin(two, time.Hour)
	r.send(&ipc.End{Session: one})
	r.is(ipc.StickAbsent)
	answer[*ipc.Wiped](r, &ipc.Finish{})
	if m := r.ended(two); m.How != ipc.HowExited {
		t.Errorf("got %+v, want it ended by itself", m)
	}
}

// TestNobodyElse lets no other user call but root, who could do all this anyway.
func TestNobodyElse(t *testing.T) {
	t.Parallel()
	abstract := func(peer int) func(*rig) {
		return func(r *rig) { // a name that any user reaches
			r.o.Listen.Close()
			r.socket = "@" + r.socket
			l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: r.socket, Net: "unixpacket"})
			if err != nil {
				t.Fatal(err)
			}
			r.o.Listen, r.o.Peer = l, peer
		}
	}
	const nobody = 65534
	if os.Getuid() == 0 {
		newRig(t, "", abstract(nobody)).call()
	}
	r := newRig(t, "", abstract(os.Getuid()+1))
	heard := make(chan error)
	go func() {
		runtime.LockOSThread() // another user is this thread alone, and ends with it
		if os.Getuid() == 0 {
			unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), nobody, ^uintptr(0))
		}
		c, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: r.socket, Net: "unixpacket"})
		if err == nil {
			_, _, err = ipc.New(c, ipc.PorterToKiosk).Receive()
			c.Close()
		}
		heard <- err
	}()
	if err := <-heard; !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want to be hung up on", err)
	}
}
