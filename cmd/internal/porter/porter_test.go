package porter_test

import (
	gocontext "context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/launch"
	"sps-kiosk/cmd/internal/porter"
	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
)

func context() gocontext.Context { return gocontext.Background() }

// rig is a porter as on a developer's machine, with real processes, and the kiosk's end of it.
type rig struct {
	t                    *testing.T
	vault, stick, socket string
	o                    porter.Options
	keeper               *keeper
	stop                 func() error
	kiosk                *ipc.Conn
	heard                chan ipc.Message
	worker               *ipc.Conn
}

// newRig runs a porter; change alters what it works with.
func newRig(t *testing.T, manners string, change func(*rig)) *rig {
	t.Helper()
	dir := t.TempDir()
	r := &rig{t: t, vault: filepath.Join(dir, "vault"), stick: filepath.Join(dir, "stick"), socket: filepath.Join(dir, "p")}
	if err := os.Mkdir(r.vault, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: r.socket, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	r.o = porter.Options{Listen: l, Peer: os.Getuid(), Medium: stick.Folder{Path: r.stick},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Launcher: launch.Fork{Command: launch.Command{Program: os.Args[0], Args: []string{"-vault", r.vault, manners},
			Wipe: []string{"-wipe", "-vault", r.vault}, Extra: func() ([]*os.File, error) { return nil, nil }}}}
	if change != nil {
		change(r)
	}
	r.keeper = &keeper{Launcher: r.o.Launcher, t: t}
	r.o.Launcher = r.keeper
	ctx, cancel := gocontext.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- porter.Run(ctx, r.o) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(r.vault); len(left) > 0 {
			t.Errorf("got %v in the vault at the end", left)
		}
	})
	return r
}

// call is the kiosk's call; it waits for Swept.
func (r *rig) call() int {
	r.t.Helper()
	c, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: r.socket, Net: "unixpacket"})
	if err != nil {
		r.t.Fatal(err)
	}
	r.kiosk, r.heard = ipc.New(c, ipc.PorterToKiosk), make(chan ipc.Message, 100)
	go r.listen(r.kiosk, r.heard)
	return expect[*ipc.Swept](r, nil).Files
}

func (r *rig) listen(c *ipc.Conn, heard chan ipc.Message) {
	defer close(heard)
	for {
		m, files, err := c.Receive()
		if err != nil {
			return
		}
		if _, ok := m.(*ipc.Begun); ok {
			r.worker, err = ipc.FromFile(files[0], ipc.WorkerToKiosk)
			if err != nil {
				return
			}
		}
		heard <- m
	}
}

func (r *rig) send(m ipc.Message) {
	r.t.Helper()
	if err := r.kiosk.Send(m); err != nil {
		r.t.Fatal(err)
	}
}

// patience ends a test that waits in vain; nothing is measured by it.
const patience = 20 * time.Second

// expect waits for a message of a kind for which ok holds.
func expect[M ipc.Message](r *rig, ok func(M) bool) M {
	r.t.Helper()
	for late := time.After(patience); ; {
		select {
		case m, open := <-r.heard:
			if want, is := m.(M); is && (ok == nil || ok(want)) {
				return want
			}
			if !open {
				var none M
				r.t.Fatalf("the porter hung up, want %T", none)
			}
		case <-late:
			var none M
			r.t.Fatalf("no %T came", none)
		}
	}
}

func (r *rig) state(want ipc.StickState) *ipc.Stick {
	r.t.Helper()
	return expect(r, func(m *ipc.Stick) bool { return m.State == want })
}

// say speaks to the worker and waits for an answer of a kind.
func answer[M ipc.Message](r *rig, m ipc.Message) M {
	r.t.Helper()
	if m != nil {
		if err := r.worker.Send(m); err != nil {
			r.t.Fatal(err)
		}
	}
	for {
		got, _, err := r.worker.Receive()
		if err != nil {
			r.t.Fatal(err)
		}
		if want, is := got.(M); is {
			return want
		}
	}
}

// insert puts a stick in.
func (r *rig) insert() {
	r.t.Helper()
	if err := os.Mkdir(r.stick, 0o700); err != nil {
		r.t.Fatal(err)
	}
}

// pull takes it out, whatever is open on it.
func (r *rig) pull() {
	r.t.Helper()
	if err := os.Rename(r.stick, r.stick+".out"); err != nil {
		r.t.Fatal(err)
	}
}

var one, two = ipc.Session{1}, ipc.Session{2}

func (r *rig) begin(id ipc.Session, within time.Duration) {
	r.t.Helper()
	r.send(&ipc.Begin{Session: id, Within: within})
	expect[*ipc.Begun](r, nil)
}

func (r *rig) ended(id ipc.Session) *ipc.Ended {
	r.t.Helper()
	return expect(r, func(m *ipc.Ended) bool { return m.Session == id })
}

var saveAll = &ipc.Save{Format: ipc.PDF, Session: 7, Pages: []ipc.Ref{{Page: 1}}}

// TestSession is a whole one: stick, pages, saved, out, wiped.
func TestSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	if n := r.call(); n != 0 {
		t.Errorf("got %d files swept, want none", n)
	}
	r.state(ipc.StickAbsent)
	r.insert()
	if m := r.state(ipc.StickReady); m.Free < 1<<20 {
		t.Errorf("got %d bytes free", m.Free)
	}
	r.begin(one, time.Minute)
	answer[*ipc.Scanner](r, nil) // it has the stick
	if m := answer[*ipc.Saved](r, saveAll); m.Bytes != 7<<10 {
		t.Errorf("got %d bytes saved", m.Bytes)
	}
	r.send(&ipc.Eject{})
	r.state(ipc.StickOut)
	if b, err := os.ReadFile(filepath.Join(r.stick, "SCAN_N0007/SCAN_N0007_1.pdf")); err != nil || len(b) != 7<<10 {
		t.Errorf("got %d bytes, %v on the stick", len(b), err)
	}
	if m := answer[*ipc.Wiped](r, &ipc.Finish{}); m.Files != 1 {
		t.Errorf("got %d files wiped", m.Files)
	}
	if m := r.ended(one); m.How != ipc.HowExited || m.Files != 0 {
		t.Errorf("got %+v, want it ended by itself", m)
	}
	r.pull()
	r.state(ipc.StickAbsent)
}

// TestEnds kills a worker in every way there is, and looks for what it left.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(r *rig)
		how  ipc.How
	}{
		{"asked", func(r *rig) { r.send(&ipc.End{Session: one}) }, ipc.HowKilled},
		{"deadline", func(r *rig) { r.send(&ipc.Alive{Session: one, Within: time.Second}) }, ipc.HowDeadline},
		{"crash", func(r *rig) { r.worker.Send(&ipc.Stop{}) }, ipc.HowCrashed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "", nil)
			r.call()
			r.insert()
			r.state(ipc.StickReady)
			r.begin(one, time.Hour)
			answer[*ipc.Scanner](r, nil)
			c.end(r)
			r.state(ipc.StickOut) // let go before the end is told
			m := r.ended(one)
			if m.How != c.how || m.Files != 1 {
				t.Errorf("got %+v, want how %d and its file dropped", m, c.how)
			}
			t.Logf("from the kill to the last file gone: %v", m.Took)
			r.begin(two, time.Hour)
			r.send(&ipc.End{Session: two})
			r.ended(two)
		})
	}
}

// TestOneAtATime refuses a second session without harm to the first.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	r.call()
	r.begin(one, time.Hour)
	r.send(&ipc.Begin{Session: two, Within: time.Hour})
	if m := r.ended(two); m.How != ipc.HowNotBegun {
		t.Errorf("got %+v", m)
	}
	if m := answer[*ipc.Wiped](r, &ipc.Finish{}); m.Files != 1 {
		t.Errorf("got %+v", m)
	}
	r.ended(one)
}

// TestKioskGone kills the worker with the kiosk's connection; the next one finds everything swept.
func TestKioskGone(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	r.call()
	r.begin(one, time.Hour)
	r.kiosk.Close()
	if n := r.call(); n != 0 {
		t.Errorf("got %d files swept, want those of the dead gone before", n)
	}
	if _, _, err := r.worker.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the worker gone", err)
	}
	r.begin(two, time.Hour)
}

// TestSweptBefore tells the kiosk what a session before left behind.
func TestSweptBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", func(r *rig) { os.WriteFile(filepath.Join(r.vault, "left"), nil, 0o600) })
	if n := r.call(); n != 1 {
		t.Errorf("got %d files swept, want 1", n)
	}
}

// TestStubborn kills a worker that does not let the stick go, and lets it go then.
func TestStubborn(t *testing.T) {
	t.Parallel()
	r := newRig(t, "stubborn", func(r *rig) { r.o.LeaveTime = 50 * time.Millisecond })
	r.call()
	r.insert()
	r.state(ipc.StickReady)
	r.begin(one, time.Hour)
	answer[*ipc.Scanner](r, nil)
	r.send(&ipc.Eject{})
	r.state(ipc.StickOut)
	if m := r.ended(one); m.How != ipc.HowCrashed {
		t.Errorf("got %+v", m)
	}
}

// TestPulled takes the stick out of the worker's hands, and gives it another.
func TestPulled(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	r.call()
	r.insert()
	r.state(ipc.StickReady)
	r.begin(one, time.Hour)
	answer[*ipc.Scanner](r, nil)
	r.pull()
	r.state(ipc.StickPulled)
	r.insert()
	r.state(ipc.StickReady)
	answer[*ipc.Scanner](r, nil)
	answer[*ipc.Saved](r, saveAll)
}
