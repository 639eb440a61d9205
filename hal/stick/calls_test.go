//go:build amd64 || arm64

package stick

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernelLog is what a function said to the kernel, in order: the calls that make a file certain, and what else a test
// notes in between.
type kernelLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *kernelLog) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// noted are the calls that are told of.
var noted = []uint32{unix.SYS_MKDIRAT, unix.SYS_OPENAT, unix.SYS_SYNC_FILE_RANGE, unix.SYS_FSYNC, unix.SYS_RENAMEAT2, unix.SYS_UNLINKAT, unix.SYS_SYNCFS}

// say puts a call into words. Its thread waits meanwhile, so its descriptors are what they were.
func say(number int32, args [6]uint64) string {
	file := func() string {
		path, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", int32(args[0])))
		return filepath.Base(path)
	}
	switch number {
	case unix.SYS_MKDIRAT:
		return "mkdir"
	case unix.SYS_OPENAT:
		if args[2]&unix.O_DIRECT != 0 {
			return "open past the cache"
		}
		return "open"
	case unix.SYS_SYNC_FILE_RANGE:
		how := map[uint64]string{unix.SYNC_FILE_RANGE_WRITE: "send",
			unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER: "wait for"}[args[3]]
		return fmt.Sprintf("%s %d to %d", how, args[1], args[1]+args[2])
	case unix.SYS_FSYNC:
		return "fsync " + file()
	case unix.SYS_RENAMEAT2:
		return "rename"
	case unix.SYS_UNLINKAT:
		return "unlink"
	case unix.SYS_SYNCFS:
		return "syncfs"
	}
	return "?"
}

// heard runs do on a thread of its own and logs its calls; the nth of them (from 1; 0 is none) fails with EIO instead
// of being made (seccomp_unotify(2): the filter is that thread's and ends with it).
func heard(t *testing.T, nth int, do func(*kernelLog)) []string {
	t.Helper()
	l, listener, done := &kernelLog{}, make(chan int), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		fd, err := filtered()
		if err != nil {
			t.Error(err)
			close(listener)
			return
		}
		listener <- fd
		do(l)
	}()
	fd, ok := <-listener
	if !ok {
		return nil
	}
	defer unix.Close(fd)
	for n := 0; ; {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, 10); err != nil && !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
		if poll[0].Revents&unix.POLLIN != 0 {
			n = l.answer(fd, n, nth)
			continue
		}
		select {
		case <-done:
			return l.lines
		default:
		}
	}
}

// notification and response are those of linux/seccomp.h.
type notification struct {
	id         uint64
	pid, flags uint32
	number     int32
	arch       uint32
	ip         uint64
	args       [6]uint64
}

type response struct {
	id    uint64
	value int64
	err   int32
	flags uint32
}

// answer lets a call go on, or fail if it is the nth; it returns how many there were.
func (l *kernelLog) answer(fd, n, nth int) int {
	const receive, send, goOn = 0xc0502100, 0xc0182101, 1
	var in notification
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), receive, uintptr(unsafe.Pointer(&in))); e != 0 {
		return n // a signal came between: it is asked again
	}
	line, out := say(in.number, in.args), response{id: in.id, flags: goOn}
	if n+1 == nth {
		line, out.flags, out.err = line+" fails", 0, -int32(syscall.EIO)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), send, uintptr(unsafe.Pointer(&out))); e != 0 {
		return n
	}
	l.lines = append(l.lines, line)
	return n + 1
}

// filtered puts the filter on this thread and returns where it asks.
func filtered() (int, error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 0, err
	}
	const load, equal, ret = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const ask, allow, setFilter, listener = 0x7fc00000, 0x7fff0000, 1, 1 << 3
	p := []unix.SockFilter{{Code: load}}
	for i, n := range noted {
		p = append(p, unix.SockFilter{Code: equal, Jt: uint8(len(noted) - i), K: n})
	}
	p = append(p, unix.SockFilter{Code: ret, K: allow}, unix.SockFilter{Code: ret, K: ask})
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	fd, _, e := unix.Syscall(unix.SYS_SECCOMP, setFilter, listener, uintptr(unsafe.Pointer(&prog)))
	if e != 0 {
		return 0, fmt.Errorf("seccomp: %w", e)
	}
	return int(fd), nil
}

// windows is a job of two windows and a byte that notes what it gives and what it is told.
func windows(l *kernelLog) Job {
	j, b := content(2*windowBytes + 1)
	j.Write = func(to io.Writer) error {
		for given := 0; given < len(b); {
			piece := b[given:min(given+windowBytes, len(b))]
			given += len(piece)
			l.note("given %d", given)
			if _, err := to.Write(piece); err != nil {
				return err
			}
		}
		return nil
	}
	j.Progress = func(n int64) { l.note("told %d", n) }
	return j
}

// TestSaveBringsItAll: two windows are under way at most; nothing is told that was not waited for; the file is certain
// before it has its name, and the name before Save returns.
func TestSaveBringsItAll(t *testing.T) {
	dir := t.TempDir()
	root := open(t, dir)
	got := heard(t, 0, func(l *kernelLog) {
		s, err := Save(t.Context(), root, windows(l))
		l.note("saved %s: %v", s.Name, err)
	})
	const w = windowBytes
	want := []string{"mkdir", "open", "open",
		fmt.Sprintf("given %d", w), fmt.Sprintf("send 0 to %d", w),
		fmt.Sprintf("given %d", 2*w), fmt.Sprintf("send %d to %d", w, 2*w), fmt.Sprintf("wait for 0 to %d", w), fmt.Sprintf("told %d", w),
		fmt.Sprintf("given %d", 2*w+1),
		fmt.Sprintf("wait for %d to %d", w, 2*w), fmt.Sprintf("told %d", 2*w),
		fmt.Sprintf("wait for %d to %d", 2*w, 2*w+1), fmt.Sprintf("told %d", 2*w+1),
		"fsync SCAN_2026-11-22_1.part", "rename", "fsync SCAN_2026-11-22", "syncfs", "saved SCAN_2026-11-22_1.pdf: <nil>"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestEveryCallMayFail lets each call of a save fail once: it is not called saved, and nothing that is not whole stays.
func TestEveryCallMayFail(t *testing.T) {
	for n := 1; ; n++ {
		dir := t.TempDir()
		root := open(t, dir)
		var failed error
		lines := heard(t, n, func(l *kernelLog) { _, failed = Save(t.Context(), root, windows(l)) })
		i := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, " fails") })
		if i < 0 {
			if n < 12 || failed != nil {
				t.Errorf("got %v after %d calls, want all of them to have failed once", failed, n-1)
			}
			return
		}
		if ProblemOf(failed) != Broken {
			t.Errorf("%s: got %v, want it not saved", lines[i], failed)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "*", "*.part")); err != nil || len(left) > 0 {
			t.Errorf("%s: got %v, %v left", lines[i], left, err)
		}
	}
}

// TestReadBackPastTheCache: it is the stick that answers, about the file and about its tables, and nothing is still on
// its way when it is asked about those.
func TestReadBackPastTheCache(t *testing.T) {
	dir := t.TempDir()
	root := open(t, dir)
	j, _ := content(5000)
	s, err := Save(t.Context(), root, j)
	if err != nil {
		t.Fatal(err)
	}
	got := heard(t, 0, func(l *kernelLog) { l.note("%v", Verify(t.Context(), root, s, nil)) })
	if want := []string{"open", "open past the cache", "<nil>"}; !slices.Equal(got, want) {
		t.Errorf("a file: got %q, want %q", got, want)
	}
	device := filepath.Join(t.TempDir(), "device")
	if err := os.WriteFile(device, make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	got = heard(t, 0, func(l *kernelLog) { l.note("%v", VerifyTables(t.Context(), root, device)) })
	if want := []string{"syncfs", "open", "open past the cache", "<nil>"}; !slices.Equal(got, want) {
		t.Errorf("tables: got %q, want %q", got, want)
	}
}
