package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"unsafe"

	"sps-kiosk/hal/bench/vm/guest"
)

// agent answers requests. Processes report themselves, so their table is shared.
type agent struct {
	mu        sync.Mutex
	out       *json.Encoder
	processes map[string]*os.Process
}

func newAgent(w io.Writer) *agent {
	return &agent{out: json.NewEncoder(w), processes: map[string]*os.Process{}}
}

func (a *agent) say(m guest.Message) {
	m.Nanos = monotonic()
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.out.Encode(m); err != nil {
		fmt.Println("agent: say:", err)
	}
}

// monotonic is the clock of the kernel's own records.
func monotonic() int64 {
	var t syscall.Timespec
	const clockMonotonic = 1
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}

func (a *agent) answer(r guest.Request) {
	m, err := a.do(r)
	m.Kind, m.ID = guest.KindAnswer, r.ID
	if err != nil {
		m.Text = err.Error()
	}
	a.say(m)
}

func (a *agent) do(r guest.Request) (m guest.Message, err error) {
	switch r.Do {
	case guest.DoStart:
		m.N, err = a.start(r)
	case guest.DoSignal:
		err = a.signal(r.Name, syscall.Signal(r.N))
	case guest.DoRead:
		m.Data, err = os.ReadFile(r.Path)
	case guest.DoWrite:
		err = os.WriteFile(r.Path, r.Data, os.FileMode(r.N))
	case guest.DoList:
		m.Names, err = list(r.Path)
	case guest.DoMount:
		err = mount(r)
	case guest.DoUmount:
		err = syscall.Unmount(r.Path, 0)
	case guest.DoTap:
		err = tap(r.N, r.Args)
	case guest.DoBench:
		err = bench(r.Args[0])
	case guest.DoLink:
		err = os.Symlink(r.Args[0], r.Path)
	case guest.DoFill:
		err = fill(r.Path, int64(r.N))
	case guest.DoOwn:
		err = own(r.Path, r.N)
	case guest.DoSync:
		syscall.Sync()
	case guest.DoGuard:
		err = a.guard(r)
	case guest.DoClock:
	default:
		err = fmt.Errorf("unknown request %q", r.Do)
	}
	return m, err
}

// bench gives the board module one command.
func bench(command string) error { return os.WriteFile("/dev/bench", []byte(command), 0) }

func mount(r guest.Request) error {
	if len(r.Args) != 3 {
		return fmt.Errorf("mount wants device, type and options, got %q", r.Args)
	}
	if err := os.MkdirAll(r.Path, 0o755); err != nil {
		return err
	}
	return syscall.Mount(r.Args[0], r.Path, r.Args[1], 0, r.Args[2])
}

// fill sets blocks aside for a file, until an ordinary user may write no more than left bytes beside it.
func fill(path string, left int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	has, err := f.Stat()
	if err != nil {
		return err
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return err
	}
	free := int64(st.Bavail) * st.Bsize
	if free <= left {
		return fmt.Errorf("fill %s: %d bytes are free, %d were to be left", path, free, left)
	}
	return syscall.Fallocate(int(f.Fd()), 0, has.Size(), free-left)
}

func own(path string, user int) error {
	if _, err := os.Stat(path); err != nil {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
	}
	return os.Chown(path, user, user)
}

func list(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, e := range entries {
		name := e.Name()
		if e.Type()&os.ModeSymlink != 0 {
			to, err := os.Readlink(filepath.Join(path, name))
			if err != nil {
				continue // closed meanwhile: lists of /proc/N/fd change while they are read
			}
			name += " -> " + to
		}
		names = append(names, name)
	}
	return names, nil
}
