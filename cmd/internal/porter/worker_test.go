package porter_test

import (
	gocontext "context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
)

// TestMain is also the worker that the porter under test starts: it speaks the messages, keeps one file
// in its vault, and misbehaves as its last argument says.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "scan-worker" {
		os.Exit(work(os.Args[2:]))
	}
	enter()
	os.Exit(m.Run())
}

func work(args []string) int {
	vault := args[slices.Index(args, "-vault")+1]
	if args[0] == "-wipe" {
		fmt.Println(wipe(vault))
		return 0
	}
	manners := args[len(args)-1]
	if err := os.WriteFile(filepath.Join(vault, "000001.vlog"), []byte("sealed"), 0o600); err != nil {
		return 4
	}
	by := uintptr(0) // a unit's instance is told where its files begin
	if args[0] == "-descriptors" {
		first, err := strconv.Atoi(args[1])
		if err != nil {
			return 3
		}
		by = uintptr(first - ipc.FDKiosk)
	}
	kiosk, err := ipc.FromFile(os.NewFile(by+ipc.FDKiosk, "kiosk"), ipc.KioskToWorker)
	if err != nil {
		return 5
	}
	porter, err := ipc.FromFile(os.NewFile(by+ipc.FDPorter, "porter"), ipc.PorterToWorker)
	if err != nil {
		return 6
	}
	w := &fakeWorker{kiosk: kiosk, porter: porter, manners: manners}
	go func() {
		w.listen()
		os.Exit(7)
	}()
	for {
		m, _, err := kiosk.Receive()
		if err != nil {
			return 8
		}
		switch m := m.(type) {
		case *ipc.Save:
			go func() { kiosk.Send(w.save(m)) }()
		case *ipc.Finish:
			kiosk.Send(&ipc.Wiped{Files: wipe(vault)})
			return 0
		case *ipc.Stop:
			return 9 // a crash
		}
	}
}

// fakeWorker is a worker without a scanner: what it saves is as many KiB as the session's number.
type fakeWorker struct {
	kiosk, porter *ipc.Conn
	manners       string

	using sync.Mutex // the stick
	root  *os.File   // guarded by using
	stop  atomic.Pointer[gocontext.CancelFunc]
}

// listen follows the porter: the stick comes and goes.
func (w *fakeWorker) listen() {
	for {
		m, files, err := w.porter.Receive()
		if err != nil {
			return
		}
		switch m.(type) {
		case *ipc.Volume:
			w.using.Lock()
			w.root = files[0]
			w.using.Unlock()
			w.kiosk.Send(&ipc.Scanner{State: ipc.ScannerReady}) // "I have it"
		case *ipc.Leave:
			if w.manners == "stubborn" {
				continue
			}
			if stop := w.stop.Load(); stop != nil {
				(*stop)()
			}
			w.using.Lock()
			w.root.Close()
			w.root = nil
			w.using.Unlock()
			w.porter.Send(&ipc.Left{})
		}
	}
}

func (w *fakeWorker) save(m *ipc.Save) ipc.Message {
	ctx, cancel := gocontext.WithCancel(context())
	defer cancel()
	w.stop.Store(&cancel)
	w.using.Lock()
	defer w.using.Unlock()
	total := int64(m.Session) << 10
	tell := func(check bool) func(int64) {
		return func(n int64) { w.kiosk.Send(&ipc.Progress{Done: n, Total: total, Check: check}) }
	}
	s, err := stick.Save(ctx, w.root, stick.Job{Label: stick.Label{Session: m.Session}, Extension: "pdf", Need: total, Progress: tell(false),
		Write: func(to io.Writer) error {
			_, err := io.Copy(to, io.LimitReader(pattern{}, total))
			return err
		}})
	if err == nil {
		err = stick.Verify(ctx, w.root, s, tell(true))
	}
	switch p := stick.ProblemOf(err); {
	case err == nil:
		return &ipc.Saved{Files: 1, Bytes: s.Size}
	case ctx.Err() != nil:
		return &ipc.Unsaved{Why: ipc.SaveStopped}
	case p == stick.Full:
		return &ipc.Unsaved{Why: ipc.SaveFull}
	case p == stick.Fake:
		return &ipc.Unsaved{Why: ipc.SaveDiffers}
	}
	fmt.Fprintln(os.Stderr, "save:", err)
	return &ipc.Unsaved{Why: ipc.SaveFails}
}

// pattern is what is saved.
type pattern struct{}

// Read implements io.Reader.
func (pattern) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'S'
	}
	return len(b), nil
}

// wipe drops what is in the vault.
func wipe(vault string) (n int) {
	entries, _ := os.ReadDir(vault)
	for _, e := range entries {
		if os.Remove(filepath.Join(vault, e.Name())) == nil {
			n++
		}
	}
	return n
}
