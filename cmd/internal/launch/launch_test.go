package launch

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sps-kiosk/cmd/internal/porter"
)

// TestMain is also the program that is launched: a worker that tells over its first connection what it
// was given, and the instance of the unit.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "scan-worker":
		os.Exit(work(os.Args[2:]))
	case len(os.Args) > 1 && os.Args[1] == "enter":
		fmt.Fprintln(os.Stderr, Enter(command()))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func command() Command {
	return Command{Program: os.Args[0], Args: []string{"-vault", "x"}, Wipe: []string{"-wipe", "-vault", "x"}, Extra: func() ([]*os.File, error) {
		f, err := Preview()
		return []*os.File{f}, err
	}}
}

// work is the worker: it writes one line about itself and ends when its connection does.
func work(args []string) int {
	if args[0] == "-wipe" {
		fmt.Println(7)
		return 0
	}
	first := 3
	if args[0] == "-descriptors" {
		first, args = above, args[2:]
	}
	open := descriptors(first)
	conn, err := net.FileConn(os.NewFile(uintptr(first), "kiosk"))
	if err != nil {
		return 2
	}
	fmt.Fprintf(conn, "%v env %q %s", args, os.Environ(), strings.Join(open, " "))
	if word := make([]byte, 1); read(conn, word) == "!" {
		return 3
	}
	return 0
}

func read(r io.Reader, b []byte) string {
	n, _ := r.Read(b)
	return string(b[:n])
}

// descriptors are what this process was given, by kind, numbered as if the first were 3.
func descriptors(first int) (all []string) {
	for n := range 64 {
		to, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", n))
		kind, _, ok := strings.Cut(to, ":")
		if err != nil || !ok && n >= 2 {
			continue
		}
		if n >= first {
			n += 3 - first
		} else if n > 2 {
			kind += " below the first"
		}
		all = append(all, fmt.Sprintf("%d=%s", n, kind))
	}
	return all
}

// launchers are both ways; the second by systemd's own tool for trying out such services.
func launchers(t *testing.T) map[string]porter.Launcher {
	t.Helper()
	path := filepath.Join(t.TempDir(), "start.sock")
	cmd := exec.Command("systemd-socket-activate", "--accept", "--inetd", "--seqpacket", "--listen", path, os.Args[0], "enter")
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if strings.Contains(lines.Text(), "Listening on") {
			go io.Copy(io.Discard, said)
			return map[string]porter.Launcher{"fork": Fork{command(), nil}, "unit": Unit{path, command().Extra}}
		}
	}
	t.Fatal("systemd-socket-activate does not listen")
	return nil
}

// start starts a worker and returns this end of its first connection.
func start(t *testing.T, l porter.Launcher) (porter.Worker, *net.UnixConn) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	other, err := os.Open("/proc/self/ns/net") // of a kind of its own, to be recognised
	if err != nil {
		t.Fatal(err)
	}
	w, err := l.Start(theirs, other)
	if err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	other.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		t.Fatal(err)
	}
	ours.Close()
	t.Cleanup(func() { conn.Close() })
	return w, conn.(*net.UnixConn)
}

// TestLaunch holds both launchers to one contract.
func TestLaunch(t *testing.T) {
	t.Setenv("SECRET", "of the porter")
	for name, l := range launchers(t) {
		t.Run(name, func(t *testing.T) {
			w, conn := start(t, l)
			got := read(conn, make([]byte, 4096))
			if !strings.Contains(got, `env ["GOTRACEBACK=none" "LANG=C.UTF-8"]`) {
				t.Errorf("got %s", got)
			}
			fields := strings.Fields(got)
			for _, want := range []string{"[-vault", "0=/dev/null", "3=socket", "4=net", "5=socket"} {
				if !slices.Contains(fields, want) {
					t.Errorf("got %s, want %s in it", got, want)
				}
			}
			if slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, "6=socket") || strings.HasPrefix(f, "6=net") }) {
				t.Errorf("got %s: more than was meant for it", got)
			}
			w.Kill()
			w.Wait()
			if n, err := conn.Read(make([]byte, 1)); n != 0 || err != nil && err != io.EOF {
				t.Errorf("got %d bytes, %v after the kill", n, err)
			}
			if n, err := l.Wipe(t.Context()); n != 7 || err != nil {
				t.Errorf("wipe: got %d files, %v", n, err)
			}
		})
	}
}

// TestEnd tells a good end from a bad one where that can be known: a child's.
func TestEnd(t *testing.T) {
	for word, want := range map[string]bool{"!": false, ".": true} {
		w, conn := start(t, Fork{command(), nil})
		conn.Write([]byte(word))
		if got := w.Wait(); got != want || w.Wait() != want {
			t.Errorf("%s: got %v, want %v, and again", word, got, want)
		}
	}
}

// TestForeignUser runs as root a child without rights and without a network.
func TestForeignUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("not root: there is no other user to become")
		return
	}
	f := Fork{command(), &syscall.Credential{Uid: 65534, Gid: 65534}}
	f.Program = "/bin/sh"
	cmd := f.command(t.Context(), nil)
	cmd.Args = []string{"sh", "-c", "id -u; id -G; cat /proc/net/dev | tail -n +3 | wc -l; grep CapEff /proc/self/status"}
	out, err := cmd.Output()
	if want := "65534\n65534\n1\nCapEff:\t0000000000000000\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// TestWipeFails is a wipe that tells nothing, or of no number.
func TestWipeFails(t *testing.T) {
	for _, program := range []string{"false", "true", "/nowhere"} {
		f := Fork{command(), nil}
		f.Program = program
		if n, err := f.Wipe(t.Context()); err == nil {
			t.Errorf("%s: got %d files", program, n)
		}
	}
}
