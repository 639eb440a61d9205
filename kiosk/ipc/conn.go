package ipc

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// sendTime is how long an end that does not read may hold up its peer.
const sendTime = 5 * time.Second

// maxFiles is room for one descriptor more than any message brings, so that a surplus is seen.
const maxFiles = 4

// Conn is one end of a connection. One goroutine receives; any may send.
type Conn struct {
	c    *net.UnixConn
	take Direction
	send sync.Mutex
}

// New returns an end over a SOCK_SEQPACKET socket ("unixpacket") that takes messages of one direction.
func New(c *net.UnixConn, take Direction) *Conn { return &Conn{c: c, take: take} }

// FromFile returns an end over an inherited socket and closes f.
func FromFile(f *os.File, take Direction) (*Conn, error) {
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("take over socket: %w", err)
	}
	packets, ok := c.(*net.UnixConn)
	if !ok || c.LocalAddr().Network() != "unixpacket" {
		c.Close()
		return nil, fmt.Errorf("take over socket: %w: no unix socket of packets", ErrFrame)
	}
	return New(packets, take), nil
}

// Pair returns both ends of a new connection, as files to be inherited or passed on.
func Pair() (one, other *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "one end"), os.NewFile(uintptr(fds[1]), "other end"), nil
}

// Send sends a message with its descriptors, which stay the caller's. It fails after five seconds with
// an end that does not read. A message out of range is not sent.
func (c *Conn) Send(m Message, files ...*os.File) error {
	frame, err := encode(m)
	if err != nil {
		return fmt.Errorf("send %T: %w", m, err)
	}
	if len(files) != m.kind().files() {
		return fmt.Errorf("send %T: %w: %d", m, ErrFiles, len(files))
	}
	var rights []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		rights = unix.UnixRights(fds...)
	}
	c.send.Lock()
	defer c.send.Unlock()
	if err := c.c.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
		return fmt.Errorf("send %T: %w", m, err)
	}
	if _, _, err := c.c.WriteMsgUnix(frame, rights, nil); err != nil {
		return fmt.Errorf("send %T: %w", m, err)
	}
	return nil
}

// Receive waits for the next message. Its descriptors are the caller's to close. io.EOF means that the
// other end is gone.
func (c *Conn) Receive() (Message, []*os.File, error) {
	frame := make([]byte, MaxFrame+1)
	rights := make([]byte, unix.CmsgSpace(4*maxFiles))
	n, nr, flags, _, err := c.c.ReadMsgUnix(frame, rights)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, unix.ECONNRESET), errors.Is(err, net.ErrClosed):
		return nil, nil, io.EOF
	case err != nil:
		return nil, nil, fmt.Errorf("receive: %w", err)
	case n == 0 && nr == 0:
		return nil, nil, io.EOF
	}
	files, err := filesOf(rights[:nr])
	if err == nil && flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		err = fmt.Errorf("%w: cut", ErrFrame)
	}
	var m Message
	if err == nil {
		m, err = decode(frame[:n], c.take)
	}
	if err == nil && len(files) != m.kind().files() {
		err = fmt.Errorf("%w: %T with %d", ErrFiles, m, len(files))
	}
	if err != nil {
		closeAll(files)
		return nil, nil, fmt.Errorf("receive: %w", err)
	}
	return m, files, nil
}

// Close ends the connection; a Receive that waits returns io.EOF.
func (c *Conn) Close() error { return c.c.Close() }

// filesOf takes the descriptors out of a control message; they close on exec.
func filesOf(rights []byte) (files []*os.File, err error) {
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFiles, err)
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			closeAll(files)
			return nil, fmt.Errorf("%w: %w", ErrFiles, err)
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "passed"))
		}
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
