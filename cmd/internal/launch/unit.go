package launch

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/porter"
)

// Unit has systemd start workers: every connection to its socket makes an instance of a service
// (systemd.socket(5), Accept=yes). The instance says hello, whereby the kernel tells the process behind
// it (SCM_PIDFD, Linux 6.5), is sent its descriptors, and becomes the worker.
type Unit struct {
	Socket string // "/run/sps-kiosk-scan/start.sock"; only root may call there
	// Extra as in Command.
	Extra func() ([]*os.File, error)
}

// What the porter asks of a new instance, one byte.
const (
	doScan = 's'
	doWipe = 'w'
)

// helloTime is how long systemd may take to start a process on a Pi that is busy.
const helloTime = 10 * time.Second

// unit is a worker that systemd has started.
type unit struct {
	pid  *os.File // a pidfd: it never means another process
	conn *net.UnixConn
}

// call has an instance started and sends it what it needs.
func (u Unit) call(do byte, files ...*os.File) (*unit, error) {
	c, err := dial(u.Socket)
	if err != nil {
		return nil, fmt.Errorf("ask for a worker: %w", err)
	}
	pid, err := hello(c)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("ask for a worker: %w", err)
	}
	w := &unit{pid, c}
	fds := make([]int, len(files))
	for i, f := range files {
		fds[i] = int(f.Fd())
	}
	if _, _, err := c.WriteMsgUnix([]byte{do}, unix.UnixRights(fds...), nil); err != nil {
		w.Kill()
		w.Wait()
		return nil, fmt.Errorf("ask for a worker: %w", err)
	}
	return w, nil
}

// dial connects so that every word comes with the process that said it.
func dial(path string) (*net.UnixConn, error) {
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSPIDFD, 1) })
		return errors.Join(err, failed)
	}}
	c, err := d.Dial("unixpacket", path)
	if err != nil {
		return nil, err
	}
	return c.(*net.UnixConn), nil
}

// hello waits for an instance's first word and returns the process that said it.
func hello(c *net.UnixConn) (*os.File, error) {
	if err := c.SetReadDeadline(time.Now().Add(helloTime)); err != nil {
		return nil, err
	}
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := c.ReadMsgUnix(make([]byte, 1), rights)
	if err != nil {
		return nil, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_PIDFD && len(m.Data) >= 4 {
			return os.NewFile(uintptr(binary.NativeEndian.Uint32(m.Data)), "worker"), nil
		}
	}
	return nil, errors.New("the kernel does not tell who answers")
}

// Start implements porter.Launcher.
func (u Unit) Start(kiosk, porter *os.File) (porter.Worker, error) {
	extra, err := u.Extra()
	defer closeAll(extra)
	if err != nil {
		return nil, err
	}
	w, err := u.call(doScan, append([]*os.File{kiosk, porter}, extra...)...)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Kill implements porter.Worker.
func (w *unit) Kill() { unix.PidfdSendSignal(int(w.pid.Fd()), unix.SIGKILL, nil, 0) }

// Wait implements porter.Worker. How it ended is systemd's to know; that it ended is certain.
func (w *unit) Wait() bool {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(w.pid.Fd()), Events: unix.POLLIN}}, -1)
		if !errors.Is(err, unix.EINTR) {
			w.conn.Close()
			return err == nil
		}
	}
}

// Wipe implements porter.Launcher.
func (u Unit) Wipe(ctx context.Context) (int, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	instance, err := u.call(doWipe, w)
	w.Close()
	if err != nil {
		return 0, err
	}
	defer context.AfterFunc(ctx, instance.Kill)()
	var out bytes.Buffer
	_, err = io.Copy(&out, io.LimitReader(r, 64))
	instance.Wait()
	return files(out.Bytes(), err)
}

// Enter is an instance of the unit: it takes its descriptors from the connection on standard input and
// becomes the worker. It returns only an error. Command's Extra is not used.
func Enter(c Command) error {
	conn, err := net.FileConn(os.NewFile(0, "porter"))
	if err != nil {
		return fmt.Errorf("take the porter's call: %w", err)
	}
	porter, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.New("take the porter's call: no unix socket")
	}
	if _, err := porter.Write([]byte{'h'}); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	do, rights := make([]byte, 1), make([]byte, unix.CmsgSpace(4*8))
	_, n, _, _, err := porter.ReadMsgUnix(do, rights)
	if err != nil {
		return fmt.Errorf("take the porter's call: %w", err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return errors.Join(err, errors.New("take the porter's call: without descriptors"))
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return fmt.Errorf("take the porter's call: %w", err)
	}
	return become(c, do[0], fds)
}

// above is where the descriptors of a session begin: behind all that this process has of its own. Its runtime waits on one
// of the low numbers (epoll), in threads that go on until the worker has taken its place; where another file took that number, it ended with
// «netpoll failed».
const above = 32

// become puts the descriptors where the worker is told to find them, and runs it in this process.
func become(c Command, do byte, fds []int) error {
	none, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	place := map[int]int{0: int(none.Fd())}
	args := append([]string{c.Program, "scan-worker", "-descriptors", strconv.Itoa(above)}, c.Args...)
	if do == doWipe {
		args = append([]string{c.Program, "scan-worker"}, c.Wipe...)
		place[1] = fds[0]
		fds = nil
	}
	for i, fd := range fds {
		place[above+i] = fd
	}
	for to, fd := range place {
		if err := unix.Dup3(fd, to, 0); err != nil {
			return fmt.Errorf("place a descriptor: %w", err)
		}
	}
	return fmt.Errorf("become the worker: %w", unix.Exec(c.Program, args, environment()))
}
