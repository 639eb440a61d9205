package stick

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Event is one change of a device as the kernel tells it (kernel documentation, kobject uevents).
type Event struct {
	Action    string // "add", "remove", "change", "bind" …
	Path      string // below /sys
	Subsystem string // "usb", "block" …
}

// eventLimit is the kernel's UEVENT_BUFFER_SIZE with its header.
const eventLimit = 4096

// ParseEvent reads one message: "add@/devices/…" and then KEY=value, ended by zeros.
func ParseEvent(b []byte) (Event, error) {
	head, rest, ok := bytes.Cut(b, []byte{0})
	action, path, at := strings.Cut(string(head), "@")
	if !ok || !at || action == "" || !strings.HasPrefix(path, "/") || len(b) > eventLimit {
		return Event{}, errors.New("no message of the kernel about a device")
	}
	e := Event{Action: action, Path: path}
	for field := range bytes.SplitSeq(rest, []byte{0}) {
		if value, ok := strings.CutPrefix(string(field), "SUBSYSTEM="); ok {
			e.Subsystem = value
		}
	}
	return e, nil
}

// Events listens to the kernel about devices.
type Events struct{ f *os.File }

// kernelGroup is the multicast group of the kernel itself; udev's is another (netlink(7)).
const kernelGroup = 1

// Listen opens the socket. What happens from now on is heard; what is there already must be looked for.
func Listen() (*Events, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, fmt.Errorf("listen to the kernel: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: kernelGroup}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("listen to the kernel: %w", err)
	}
	return &Events{os.NewFile(uintptr(fd), "uevents")}, nil
}

// Close ends a Run that waits.
func (e *Events) Close() error { return e.f.Close() }

// Run gives every event to f until ctx ends. Messages that were lost for want of room are told as an event of
// the action "lost": look at everything anew. It comes twice, at once and when the kernel is silent: while
// its queue is full the kernel drops further messages without a word (netlink(7), ENOBUFS). Only the
// kernel itself is believed.
func (e *Events) Run(ctx context.Context, f func(Event)) error {
	defer context.AfterFunc(ctx, func() { e.f.Close() })()
	conn, err := e.f.SyscallConn()
	if err != nil {
		return err
	}
	lost, buffer := false, make([]byte, eventLimit)
	for {
		event, err := receive(conn, buffer)
		switch {
		case ctx.Err() != nil:
			return nil
		case is(err, unix.ENOBUFS):
			lost = true
			f(Event{Action: "lost"})
		case errors.Is(err, os.ErrDeadlineExceeded):
			lost = false
			f(Event{Action: "lost"})
		case err != nil:
			return fmt.Errorf("listen to the kernel: %w", err)
		case event.Action != "":
			f(event)
		}
		silent := time.Time{} // for ever
		if lost {
			silent = time.Now().Add(settle)
		}
		if err := e.f.SetReadDeadline(silent); err != nil && ctx.Err() == nil {
			return fmt.Errorf("listen to the kernel: %w", err)
		}
	}
}

// receive waits for the next message; one that is not the kernel's, or not about a device, is a zero Event.
func receive(conn syscall.RawConn, buffer []byte) (Event, error) {
	var n int
	var from unix.Sockaddr
	var failed error
	look := func(fd uintptr) bool {
		n, from, failed = unix.Recvfrom(int(fd), buffer, 0)
		return !is(failed, unix.EAGAIN, unix.EINTR)
	}
	// Before the deadline counts: who comes late has not found the kernel silent.
	heard := false
	err := conn.Control(func(fd uintptr) { heard = look(fd) })
	if err == nil && !heard {
		err = conn.Read(look)
	}
	if err = errors.Join(err, failed); err != nil {
		return Event{}, err
	}
	if k, ok := from.(*unix.SockaddrNetlink); !ok || k.Pid != 0 {
		return Event{}, nil
	}
	event, err := ParseEvent(buffer[:n])
	if err != nil {
		return Event{}, nil
	}
	return event, nil
}
