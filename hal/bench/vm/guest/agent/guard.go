package main

import (
	"bytes"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"sps-kiosk/hal/bench/vm/guest"
)

// guard plays systemd's part for one program: it listens where sd_notify sends to, and feeds the
// hardware watchdog only when the program fed it. The first word of the program starts the watchdog.
func (a *agent) guard(r guest.Request) error {
	in, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: r.Path, Net: "unixgram"})
	if err != nil {
		return err
	}
	if _, err := os.Stat("/dev/watchdog0"); err != nil {
		in.Close()
		return err
	}
	go func() {
		defer in.Close()
		a.say(guest.Message{Kind: guest.KindExit, Name: r.Name, Text: fmt.Sprint(a.feed(r, in))})
	}()
	return nil
}

// feed returns only what went wrong.
func (a *agent) feed(r guest.Request, in *net.UnixConn) error {
	var dog *os.File
	said := make([]byte, 4096)
	for {
		n, err := in.Read(said)
		if err != nil {
			return err
		}
		if dog == nil {
			if dog, err = openWatchdog(r.N); err != nil {
				return err
			}
		}
		if bytes.Contains(said[:n], []byte("WATCHDOG=1")) {
			if _, err := dog.Write([]byte{0}); err != nil {
				return err
			}
		}
		a.say(guest.Message{Kind: guest.KindOutput, Name: r.Name, Text: string(said[:n])})
	}
}

// openWatchdog starts it, with a limit in seconds (kernel documentation, "The Linux Watchdog
// driver API").
func openWatchdog(limit int) (*os.File, error) {
	dog, err := os.OpenFile("/dev/watchdog0", os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	return dog, unix.IoctlSetPointerInt(int(dog.Fd()), unix.WDIOC_SETTIMEOUT, limit)
}
