package ipc

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Peer returns the user of whoever called, as the kernel noted it then (SO_PEERCRED, unix(7)).
func (c *Conn) Peer() (uid int, err error) {
	raw, err := c.c.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("ask who calls: %w", err)
	}
	var who *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) { who, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err = errors.Join(err, failed); err != nil {
		return 0, fmt.Errorf("ask who calls: %w", err)
	}
	return int(who.Uid), nil
}
