// Package intake is the door that new systems come in by: the kiosk hands the porter a bundle that the district offered, or
// asks for technician mode, in which the porter takes one from a stick (ARCHITECTURE §4). It runs in the porter's process,
// beside the sessions' door, so that nothing else on the card can reach RAUC.
//
// It owns the three questions and their answers: a page may ask, too, what became of the stick. It refuses everybody but one user and root, looks into no bundle, and
// says nothing of whether one will be installed: RAUC and cmd/internal/card do that.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/card"
)

// The questions, a packet of one byte each; a bundle brings its descriptor.
const (
	askBundle     = 'b'
	askTechnician = 't'
	askStick      = 's'
)

// The answers.
const (
	sayTaken  = "taken"
	sayNoRoom = "no-room"
	sayBroken = "broken"
)

// What became of the technician's stick; "" is no technician mode.
const (
	StickAwaited  = "awaited"
	StickTaken    = "stick-taken"
	StickNoFile   = "no-file"
	StickNoRoom   = "stick-no-room"
	StickUnread   = "unread"
	lookTime      = 2 * time.Second // a page waits for that word no longer
	longestAnswer = 64
)

// answerTime is how long a bundle may take to be copied on a slow card.
const answerTime = 10 * time.Minute

// Errors of Hand and Technician.
var (
	// ErrNoRoom says that the data partition has no room for the bundle.
	ErrNoRoom = errors.New("no room for the bundle on the data partition")
	// ErrBroken says that the porter could not do it; its log says why.
	ErrBroken = errors.New("the porter could not take it")
)

// Door answers the kiosk.
type Door struct {
	Peer       int                  // the kiosk's user; root may ask, too
	Stage      func(*os.File) error // puts a bundle where it is installed from
	Technician func() error         // has the porter begin technician mode
	Stick      func() string        // what became of the technician's stick: one of the words above
	Log        *slog.Logger
}

// Run answers one question after the other until ctx ends.
func (d *Door) Run(ctx context.Context, l *net.UnixListener) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		c, err := l.AcceptUnix()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("wait for a bundle: %w", err)
		}
		said := d.answer(c)
		c.Write([]byte(said)) // who has gone does not mind
		c.Close()
	}
}

// answer hears one question.
func (d *Door) answer(c *net.UnixConn) string {
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return sayBroken
	}
	kind, f, err := question(c, d.Peer)
	defer f.Close() // of nil is only an error
	if err == nil {
		switch {
		case kind == askBundle && f != nil:
			err = d.Stage(f)
		case kind == askTechnician && f == nil:
			err = d.Technician()
		case kind == askStick && f == nil:
			return d.Stick()
		default:
			err = errors.New("not a question of this door")
		}
	}
	if err != nil {
		d.Log.Error("new system", "err", err)
	}
	if e := c.SetDeadline(time.Now().Add(time.Minute)); e != nil {
		return sayBroken
	}
	switch {
	case errors.Is(err, card.ErrNoRoom):
		return sayNoRoom
	case err != nil:
		return sayBroken
	}
	return sayTaken
}

// question reads a packet and its descriptor, if the caller may ask.
func question(c *net.UnixConn, peer int) (kind byte, f *os.File, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, nil, err
	}
	var who *unix.Ucred
	if e := raw.Control(func(fd uintptr) { who, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); e != nil || err != nil {
		return 0, nil, errors.Join(e, err)
	}
	if int(who.Uid) != peer && who.Uid != 0 {
		return 0, nil, fmt.Errorf("user %d asks", who.Uid)
	}
	b, rights := make([]byte, 2), make([]byte, unix.CmsgSpace(4*2))
	n, nr, _, _, err := c.ReadMsgUnix(b, rights)
	if err != nil {
		return 0, nil, err
	}
	files, err := passed(rights[:nr])
	if err != nil || n != 1 || len(files) > 1 {
		for _, f := range files {
			f.Close()
		}
		return 0, nil, errors.Join(err, fmt.Errorf("%d bytes and %d descriptors", n, len(files)))
	}
	if len(files) == 1 {
		f = files[0]
	}
	return b[0], f, nil
}

// passed takes the descriptors out of a control message.
func passed(rights []byte) (files []*os.File, err error) {
	all, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return nil, err
	}
	for i := range all {
		fds, err := unix.ParseUnixRights(&all[i])
		if err != nil {
			return files, err
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "bundle"))
		}
	}
	return files, nil
}

// Hand gives the porter a bundle, which stays the caller's, and waits until it is whole where it is installed from.
func Hand(ctx context.Context, socket string, bundle *os.File) error {
	return ask(ctx, socket, askBundle, unix.UnixRights(int(bundle.Fd())))
}

// Technician has the porter take the next bundle from a stick; no session runs meanwhile.
func Technician(ctx context.Context, socket string) error {
	return ask(ctx, socket, askTechnician, nil)
}

// Stick asks what became of the technician's stick: one of the words above, "" where no technician mode is or nobody knows.
func Stick(ctx context.Context, socket string) string {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	said, err := exchange(ctx, socket, askStick, nil)
	if err != nil {
		return ""
	}
	return said
}

func ask(ctx context.Context, socket string, kind byte, rights []byte) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	switch said, err := exchange(ctx, socket, kind, rights); {
	case said == sayTaken:
		return nil
	case said == sayNoRoom:
		return ErrNoRoom
	case err != nil:
		return err
	}
	return ErrBroken
}

// exchange asks one question and hears its answer.
func exchange(ctx context.Context, socket string, kind byte, rights []byte) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unixpacket", socket)
	if err != nil {
		return "", fmt.Errorf("reach the porter: %w", err)
	}
	c := conn.(*net.UnixConn)
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if _, _, err := c.WriteMsgUnix([]byte{kind}, rights, nil); err != nil {
		return "", fmt.Errorf("ask the porter: %w", err)
	}
	b := make([]byte, longestAnswer)
	n, err := c.Read(b)
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("hear the porter: %w", err)
	}
	return string(b[:n]), nil
}
