// Package gate stands between a process and the kernel and lets the n-th call of a kind fail, once.
//
// It owns a seccomp filter whose calls are answered from outside (seccomp_unotify(2), Linux 5.5): the
// process is the real one, unchanged, and so is the kernel; only one answer is not. It refuses to fail
// calls that are not about files below a folder: what a process says to its devices goes over other seams.
package gate

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Numbers of include/uapi/linux/seccomp.h and linux/audit.h.
const (
	setModeFilter  = 1
	flagListener   = 1 << 3
	retUserNotif   = 0x7fc00000
	retAllow       = 0x7fff0000
	ioctlReceive   = 0xc0502100
	ioctlSend      = 0xc0182101
	flagContinue   = 1
	notifySocket   = 3 // descriptor of the entering process on which it hands over the listener
	offsetOfNumber = 0 // struct seccomp_data
)

// notification is a struct seccomp_notif.
type notification struct {
	ID     uint64
	PID    uint32
	Flags  uint32
	Number int32
	Arch   uint32
	IP     uint64
	Args   [6]uint64
}

// response is a struct seccomp_notif_resp.
type response struct {
	ID    uint64
	Value int64
	Error int32
	Flags uint32
}

// where says how a call names its file.
type where uint8

const (
	byDescriptor where = iota // the first argument
	byMap                     // the fifth: mmap
	byPath                    // the second, a path
	byFirst                   // the first, a path: umount2
	byAny                     // it names none: msync, execve
)

type call struct {
	name  string
	where where
}

// calls are the calls that change files, as Go's runtime and libraries make them on 64 bits.
func calls() map[int32]call {
	return map[int32]call{
		unix.SYS_WRITE: {"write", byDescriptor}, unix.SYS_PWRITE64: {"write", byDescriptor},
		unix.SYS_FSYNC: {"fsync", byDescriptor}, unix.SYS_FDATASYNC: {"fsync", byDescriptor}, unix.SYS_MSYNC: {"fsync", byAny},
		unix.SYS_FTRUNCATE: {"truncate", byDescriptor}, unix.SYS_FALLOCATE: {"allocate", byDescriptor},
		unix.SYS_MMAP: {"map", byMap}, unix.SYS_OPENAT: {"open", byPath}, unix.SYS_MKDIRAT: {"make folder", byPath},
		unix.SYS_UNLINKAT: {"remove", byPath}, unix.SYS_RENAMEAT: {"rename", byPath}, unix.SYS_RENAMEAT2: {"rename", byPath},
		unix.SYS_MOUNT: {"mount", byPath}, unix.SYS_UMOUNT2: {"unmount", byFirst},
		unix.SYS_EXECVE: {"exec", byAny},
	}
}

// Gate is a gate for one process. Its counts are of calls on files below the folder.
type Gate struct {
	folder string
	name   string // of the call that fails, "" = none
	nth    int    // from 1
	errno  syscall.Errno

	mu     sync.Mutex
	counts map[string]int
	failed string // what the call was about
	ours   *os.File
	theirs *os.File
	execs  int
	done   chan error
}

// New makes a gate that fails the nth call of that name on a file below folder with errno. With nth 0 it
// only counts.
func New(folder, name string, nth int, errno syscall.Errno) (*Gate, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("make gate: %w", err)
	}
	g := &Gate{folder: folder, name: name, nth: nth, errno: errno, counts: map[string]int{},
		ours: os.NewFile(uintptr(pair[0]), "gate"), theirs: os.NewFile(uintptr(pair[1]), "gate"), done: make(chan error, 1)}
	go g.run()
	return g, nil
}

// Wrap makes a command go through the gate: enter is a command whose process calls Enter with the program
// and its arguments.
func (g *Gate) Wrap(enter *exec.Cmd) *exec.Cmd {
	enter.ExtraFiles = []*os.File{g.theirs} // 3 = notifySocket
	return enter
}

// Counts are the calls so far, by name.
func (g *Gate) Counts() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.counts)
}

// Failed says what the failed call was about, "" = none has failed.
func (g *Gate) Failed() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failed
}

// Close waits until the process has ended, which the caller sees to.
func (g *Gate) Close() error {
	g.theirs.Close()
	err := <-g.done
	return errors.Join(err, g.ours.Close())
}

func (g *Gate) run() { g.done <- g.serve() }

// serve takes the listener over and answers until the last process behind the gate is gone.
func (g *Gate) serve() error {
	buffer := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(int(g.ours.Fd()), make([]byte, 1), buffer, 0)
	if err != nil || n == 0 {
		return err // nobody entered
	}
	messages, err := unix.ParseSocketControlMessage(buffer[:n])
	if err != nil {
		return err
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return err
	}
	defer unix.Close(fds[0])
	for {
		poll := []unix.PollFd{{Fd: int32(fds[0]), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("poll gate: %w", err)
		}
		if poll[0].Revents&unix.POLLIN == 0 {
			if poll[0].Revents&(unix.POLLHUP|unix.POLLERR) != 0 {
				return nil
			}
			continue
		}
		var in notification
		if err := ioctl(fds[0], ioctlReceive, unsafe.Pointer(&in)); err != nil {
			continue // the process died meanwhile
		}
		out := response{ID: in.ID, Flags: flagContinue}
		if g.fails(&in) {
			out.Flags, out.Error = 0, -int32(g.errno)
		}
		_ = ioctl(fds[0], ioctlSend, unsafe.Pointer(&out)) // fails if it died meanwhile
	}
}

// fails counts a call and reports whether it is the one.
func (g *Gate) fails(in *notification) bool {
	c := calls()[in.Number]
	about, is := g.about(c, in)
	if !is {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts[c.name]++
	if c.name != g.name || g.counts[c.name] != g.nth {
		return false
	}
	g.failed = about
	return true
}

// about finds the file of a call, and reports whether it lies below the folder.
func (g *Gate) about(c call, in *notification) (file string, is bool) {
	switch c.where {
	case byDescriptor:
		file = descriptor(in.PID, in.Args[0])
	case byMap:
		if int32(in.Args[4]) < 0 {
			return "", false
		}
		file = descriptor(in.PID, in.Args[4])
	case byPath:
		file = text(in.PID, in.Args[1])
	case byFirst:
		file = text(in.PID, in.Args[0])
	case byAny:
		if c.name == "exec" {
			g.execs++
			return text(in.PID, in.Args[0]), g.execs > 1 // the first is the program itself
		}
		return "a map", true
	}
	rel, err := filepath.Rel(g.folder, file)
	return file, err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

func descriptor(pid uint32, fd uint64) string {
	file, _ := os.Readlink("/proc/" + strconv.Itoa(int(pid)) + "/fd/" + strconv.Itoa(int(int32(fd))))
	return file
}

// text reads a string out of the process, which waits.
func text(pid uint32, at uint64) string {
	b := make([]byte, 512)
	local := []unix.Iovec{{Base: &b[0], Len: uint64(len(b))}}
	n, err := unix.ProcessVMReadv(int(pid), local, []unix.RemoteIovec{{Base: uintptr(at), Len: len(b)}}, 0)
	if err != nil {
		return ""
	}
	s, _, _ := strings.Cut(string(b[:n]), "\x00")
	return s
}

// Enter sets the filter, hands its listener over and becomes the program. It returns only an error.
func Enter(program string, args []string) error {
	runtime.LockOSThread() // the filter is this thread's, and so is the exec
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("enter gate: %w", err)
	}
	filter := filterOf(slices.Sorted(maps.Keys(calls())))
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, setModeFilter, flagListener, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	if errno != 0 {
		return fmt.Errorf("enter gate: seccomp: %w", errno)
	}
	if err := unix.Sendmsg(notifySocket, []byte{0}, unix.UnixRights(int(fd)), nil, 0); err != nil {
		return fmt.Errorf("enter gate: hand over: %w", err)
	}
	unix.CloseOnExec(notifySocket)
	return unix.Exec(program, append([]string{program}, args...), os.Environ())
}

// filterOf asks outside about these calls and allows all others.
func filterOf(numbers []int32) []unix.SockFilter {
	f := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offsetOfNumber}}
	for i, n := range numbers {
		f = append(f, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: uint8(len(numbers) - i), K: uint32(n)})
	}
	return append(f, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: retAllow},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: retUserNotif})
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}
