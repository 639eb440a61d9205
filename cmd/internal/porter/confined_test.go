//go:build vmguest

package porter_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/launch"
	"sps-kiosk/kiosk/ipc"
)

// Where the confinement meets the world around it.
const (
	confinement = "/etc/porter.confinement" // written outside, out of the porter's unit
	startSocket = "/tmp/start.sock"         // as of sps-kiosk-scan.socket
	guestVault  = "/tmp/vault"
)

// guestWorker is the worker of the guest's tests as a command.
func guestWorker() launch.Command {
	return launch.Command{Program: os.Args[0], Args: []string{"-vault", guestVault, ""}, Wipe: []string{"-wipe", "-vault", guestVault},
		Extra: func() ([]*os.File, error) { return nil, nil }}
}

// TestGuestConfined is a porter with no more than its unit leaves it: capabilities, system calls, address families, no new
// privileges, a network and mounts of its own. Workers are started by somebody else, as systemd does. A
// stick of either kind is saved to and let go, and a worker of another user is killed.
func TestGuestConfined(t *testing.T) {
	if os.Getenv("PORTER_CONFINED") == "" {
		confined(t)
		return
	}
	held(t)
	g := newGuest(t)
	for _, name := range []string{"vfat", "exfat"} {
		g.do("insert " + name)
		g.state(ipc.StickReady)
		g.begun()
		g.saves(name)
	}
	g.do("insert vfat")
	g.state(ipc.StickReady)
	g.begun()
	g.send(&ipc.End{Session: one})
	if m := g.ended(one); m.How != ipc.HowKilled || m.Files == 0 {
		t.Errorf("got %+v, want the worker killed and its files dropped", m)
	}
	g.do("pull") // it was let go at the end
	g.state(ipc.StickAbsent)
}

// confined runs this test again under the confinement, and starts workers for it.
func confined(t *testing.T) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(guestVault, 0o700), os.Chown(guestVault, scanUser, scanUser)); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: startSocket, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go instances(l)
	cmd := exec.Command(os.Args[0], append([]string{"confine"}, os.Args[1:]...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

// instances makes a process of every connection, as a socket with Accept=yes does.
func instances(l *net.UnixListener) {
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return
		}
		f, err := c.File()
		c.Close()
		if err != nil {
			continue
		}
		cmd := exec.Command(os.Args[0], "instance")
		cmd.Stdin, cmd.Stderr = f, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: launch.Credential(scanUser, scanUser), Cloneflags: syscall.CLONE_NEWNET}
		if cmd.Start() == nil {
			go cmd.Wait()
		}
		f.Close()
	}
}

// limits are what a unit leaves: lines of numbers.
type limits struct{ caps, families, calls []int }

func readLimits() (l limits, err error) {
	text, err := os.ReadFile(confinement)
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		to := map[string]*[]int{"caps": &l.caps, "families": &l.families, "calls": &l.calls}[words[0]]
		for _, w := range words[1:] {
			n, e := strconv.Atoi(w)
			err = errors.Join(err, e)
			*to = append(*to, n)
		}
	}
	return l, err
}

// confine puts the limits on this process and becomes the test that runs under them. It returns only an error.
func confine(args []string) error {
	runtime.LockOSThread()
	l, err := readLimits()
	if err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_SLAVE|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mounts of its own: %w", err)
	}
	keep := uint64(0)
	for _, c := range l.caps {
		keep |= 1 << c
	}
	for c := range uintptr(unix.CAP_LAST_CAP + 1) {
		if keep>>c&1 == 0 {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil {
				return fmt.Errorf("drop capability %d: %w", c, err)
			}
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	unix.Umask(0o077)
	if err := filter(l); err != nil {
		return fmt.Errorf("filter system calls: %w", err)
	}
	return unix.Exec(os.Args[0], append(os.Args[:1:1], args...), append(os.Environ(), "PORTER_CONFINED=1", "PORTER_INNER=1"))
}

// filter allows the calls of a list, and sockets of some families; others fail with EPERM and EAFNOSUPPORT
// (seccomp(2); linux/audit.h has the numbers of architectures).
func filter(l limits) error {
	const load, equal, ret = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const allow, fail, kill = 0x7fff0000, 0x00050000, 0x80000000
	arch := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	p := []unix.SockFilter{{Code: load, K: 4}, {Code: equal, Jt: 1, K: arch}, {Code: ret, K: kill}, {Code: load, K: 0}}
	p = append(p, unix.SockFilter{Code: equal, Jf: uint8(2 + 2*len(l.families)), K: unix.SYS_SOCKET}, unix.SockFilter{Code: load, K: 16})
	for _, f := range l.families {
		p = append(p, unix.SockFilter{Code: equal, Jf: 1, K: uint32(f)}, unix.SockFilter{Code: ret, K: allow})
	}
	p = append(p, unix.SockFilter{Code: ret, K: fail | uint32(unix.EAFNOSUPPORT)})
	for _, n := range l.calls {
		p = append(p, unix.SockFilter{Code: equal, Jf: 1, K: uint32(n)}, unix.SockFilter{Code: ret, K: allow})
	}
	p = append(p, unix.SockFilter{Code: ret, K: fail | uint32(unix.EPERM)})
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	const setFilter, allThreads = 1, 1
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, setFilter, allThreads, uintptr(unsafe.Pointer(&prog))); e != 0 {
		return e
	}
	return nil
}

// held tries what must not be possible.
func held(t *testing.T) {
	t.Helper()
	l, err := readLimits()
	if err != nil || len(l.caps) == 0 || len(l.calls) < 100 || len(l.families) == 0 {
		t.Fatalf("got limits %+v, %v", l, err)
	}
	keep := uint64(0)
	for _, c := range l.caps {
		keep |= 1 << c
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{fmt.Sprintf("CapEff:\t%016x\n", keep), fmt.Sprintf("CapBnd:\t%016x\n", keep), "NoNewPrivs:\t1\n", "Seccomp:\t2\n"} {
		if !bytes.Contains(status, []byte(want)) {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
	if err := os.Chown(t.TempDir(), 1, 1); !errors.Is(err, unix.EPERM) {
		t.Errorf("chown: got %v", err)
	}
	if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err != unix.EAFNOSUPPORT {
		t.Errorf("a socket of the network: got %d, %v", fd, err)
	}
	if err := unix.Chroot("/tmp"); err != unix.EPERM {
		t.Errorf("chroot: got %v", err)
	}
	if err := syscall.Setuid(1); err != syscall.EPERM {
		t.Errorf("setuid: got %v", err)
	}
	if links, _ := filepath.Glob("/sys/class/net/*"); len(links) == 0 {
		t.Log("no network card is seen")
	}
}
