package hal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Serial opens a serial port for writing, raw, 8N1 without flow control, at 1200…115200 baud. The
// name is "ttyAMA0" or a path under /dev. A write returns when its bytes have left the port, or with
// an error when they could not in the time they take and a second more. The caller closes the port.
// Errors are in Russian where the technician can do something about them.
//
// The direction of an RS-485 line is the transceiver's business: it must switch by itself.
func (b *Board) Serial(name string, baud int) (io.WriteCloser, error) {
	speed, ok := speedOf(baud)
	if !ok {
		return nil, fmt.Errorf("%s: скорость %d: бывает 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200", name, baud)
	}
	path := name
	if !strings.HasPrefix(name, "/") {
		path = "/dev/" + name
	}
	f, err := os.OpenFile(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, openError(path, err)
	}
	s := &serial{file: f, baud: baud, grace: time.Second}
	if err := s.control(func(fd int) error { return setUp(fd, speed) }); err != nil {
		f.Close()
		return nil, openError(path, err)
	}
	return s, nil
}

// openError tells the technician what can be done.
func openError(path string, err error) error {
	advice := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		advice = "нет такого порта: включите UART (enable_uart=1 в config.txt) или вставьте переходник: "
	case errors.Is(err, fs.ErrPermission):
		advice = "нет права на порт: "
	case errors.Is(err, unix.EWOULDBLOCK), errors.Is(err, unix.EBUSY):
		advice = "порт занят другой программой: "
	case errors.Is(err, unix.ENOTTY):
		advice = "это не последовательный порт: "
	case errors.Is(err, unix.ENXIO), errors.Is(err, unix.EIO), errors.Is(err, unix.ENODEV):
		advice = "порт не отвечает, проверьте переходник: "
	}
	return fmt.Errorf("%s: %s%w", path, advice, err)
}

// setUp claims the port, for this program alone, and makes it raw.
func setUp(fd int, speed uint32) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	if err := unix.IoctlSetInt(fd, unix.TIOCEXCL, 0); err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | speed
	t.Ispeed, t.Ospeed = speed, speed
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, t); err != nil {
		return err
	}
	got, err := unix.IoctlGetTermios(fd, unix.TCGETS) // success means that something was set, not all
	if err == nil && got.Cflag&(unix.CBAUD|unix.CSIZE|unix.PARENB|unix.CSTOPB) != unix.CS8|speed {
		err = fmt.Errorf("режим 8N1 на этой скорости не включается (%#o)", got.Cflag)
	}
	return err
}

// serial is an open port.
type serial struct {
	file  *os.File
	baud  int
	grace time.Duration // beyond the time that bytes take
}

// Write implements io.Writer.
func (s *serial) Write(p []byte) (int, error) {
	takes := time.Duration(len(p)) * 10 * time.Second / time.Duration(s.baud) // ten bits each
	if err := s.file.SetWriteDeadline(time.Now().Add(takes + s.grace)); err != nil {
		return 0, fmt.Errorf("write %s: %w", s.file.Name(), err)
	}
	n, err := s.file.Write(p)
	if err != nil {
		return n, err // names the port
	}
	drain := func(fd int) (err error) {
		for err = unix.EINTR; errors.Is(err, unix.EINTR); { // the runtime's own signals come while it waits
			err = unix.IoctlSetInt(fd, unix.TCSBRK, 1) // tcdrain
		}
		return err
	}
	if err := s.control(drain); err != nil {
		return n, fmt.Errorf("drain %s: %w", s.file.Name(), err)
	}
	return n, nil
}

// Close gives the port back; bytes that did not leave are dropped.
func (s *serial) Close() error { return s.file.Close() }

// control runs an ioctl.
func (s *serial) control(act func(fd int) error) error {
	raw, err := s.file.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := raw.Control(func(fd uintptr) { result = act(int(fd)) }); err != nil {
		return err
	}
	return result
}

func speedOf(baud int) (speed uint32, ok bool) {
	switch baud {
	case 1200:
		return unix.B1200, true
	case 2400:
		return unix.B2400, true
	case 4800:
		return unix.B4800, true
	case 9600:
		return unix.B9600, true
	case 19200:
		return unix.B19200, true
	case 38400:
		return unix.B38400, true
	case 57600:
		return unix.B57600, true
	case 115200:
		return unix.B115200, true
	}
	return 0, false
}
