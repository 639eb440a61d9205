package vm

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// serialPort is a serial line out of the guest: a terminal of this machine that QEMU takes for a
// real port, so that it passes the guest's speed on.
type serialPort struct {
	ours, theirs *os.File // theirs is open so that reading does not end before QEMU begins
	path         string
}

func newSerialPort() (*serialPort, error) {
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	p := &serialPort{ours: ours}
	err = p.control(func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
		p.path = "/dev/pts/" + strconv.Itoa(n)
		return err
	})
	if err == nil {
		p.theirs, err = os.OpenFile(p.path, os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err == nil {
		err = p.control(setRaw)
	}
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("serial line: %w", err)
	}
	return p, nil
}

func (p *serialPort) control(act func(fd int) error) error {
	raw, err := p.ours.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := raw.Control(func(fd uintptr) { result = act(int(fd)) }); err != nil {
		return err
	}
	return result
}

// setRaw keeps the line from being echoed back into the guest before QEMU sets it up.
func setRaw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

// baud is the speed that the guest has set.
func (p *serialPort) baud() (baud int, err error) {
	err = p.control(func(fd int) error {
		t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err == nil {
			baud = speeds[t.Cflag&unix.CBAUD]
		}
		return err
	})
	return baud, err
}

var speeds = map[uint32]int{
	unix.B1200: 1200, unix.B2400: 2400, unix.B4800: 4800, unix.B9600: 9600, unix.B19200: 19200,
	unix.B38400: 38400, unix.B57600: 57600, unix.B115200: 115200,
}

// run passes on what the guest sends until the port is closed.
func (p *serialPort) run(take func(baud int, bytes []byte)) error {
	buf := make([]byte, 4096)
	for {
		n, err := p.ours.Read(buf)
		if err != nil {
			return err
		}
		baud, err := p.baud()
		if err != nil {
			return err
		}
		take(baud, buf[:n])
	}
}

func (p *serialPort) close() {
	p.theirs.Close()
	p.ours.Close()
}
