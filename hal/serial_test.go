package hal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: what is written to the port at path comes out of far.
func terminal(t *testing.T) (far *os.File, path string) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	far = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { far.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return far, fmt.Sprintf("/dev/pts/%d", n)
}

// A terminal with its defaults would change 0A, 0D, 03 and echo.
func TestSerialCarriesEveryByteUnchanged(t *testing.T) {
	far, path := terminal(t)
	port, err := new(Board).Serial(path, 57600)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, 256)
	for i := range want {
		want[i] = byte(i)
	}
	if n, err := port.Write(want); n != 256 || err != nil {
		t.Fatalf("write: got %d, %v, want 256", n, err)
	}
	got := make([]byte, 256)
	far.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got % x, %v, want every byte", got, err)
	}
	if err := port.Close(); err != nil {
		t.Error(err)
	}
	if _, err := port.Write(want); err == nil {
		t.Error("closed: got nil, want an error")
	}
}

func TestSerialModes(t *testing.T) {
	for baud, speed := range map[int]uint32{
		1200: unix.B1200, 2400: unix.B2400, 4800: unix.B4800, 9600: unix.B9600, 19200: unix.B19200,
		38400: unix.B38400, 57600: unix.B57600, 115200: unix.B115200,
	} {
		far, path := terminal(t)
		port, err := new(Board).Serial(path, baud)
		if err != nil {
			t.Fatal(err)
		}
		var mode *unix.Termios
		raw, err := far.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		raw.Control(func(fd uintptr) { mode, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) })
		if err != nil {
			t.Fatal(err)
		}
		if want := unix.CS8 | unix.CREAD | unix.CLOCAL | speed; mode.Cflag != want || mode.Iflag|mode.Oflag|mode.Lflag != 0 {
			t.Errorf("%d: got modes %o %o %o %o, want 0 0 %o 0", baud, mode.Iflag, mode.Oflag, mode.Cflag, mode.Lflag, want)
		}
		port.Close()
	}
}

func TestSerialIsClaimed(t *testing.T) {
	_, path := terminal(t)
	port, err := new(Board).Serial(path, 9600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := new(Board).Serial(path, 9600); err == nil || !strings.Contains(err.Error(), "порт занят другой программой") {
		t.Errorf("got %v, want a port in use", err)
	}
	port.Close()
	again, err := new(Board).Serial(path, 9600)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestSerialTellsTheTechnician(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		baud int
		want string
	}{
		{"ttyNONE7", 9600, "/dev/ttyNONE7: нет такого порта: включите UART (enable_uart=1 в config.txt) или вставьте переходник"},
		{"ttyAMA0", 12345, "ttyAMA0: скорость 12345: бывает 1200"},
		{file, 9600, "это не последовательный порт"},
		{"null", 9600, "/dev/null: это не последовательный порт"},
	} {
		if _, err := new(Board).Serial(c.name, c.baud); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %d: got %v, want %s", c.name, c.baud, err, c.want)
		}
	}
	if got := openError("/dev/ttyS1", os.ErrPermission).Error(); !strings.Contains(got, "нет права на порт") {
		t.Errorf("got %s", got)
	}
}

// A port whose far end takes nothing must not hold its writer for ever.
func TestSerialWriteEnds(t *testing.T) {
	far, path := terminal(t)
	port, err := new(Board).Serial(path, 1200)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	s := port.(*serial)
	s.grace = 20 * time.Millisecond
	// The kernel moves bytes on to the far end's buffer when it finds the time, and then there is
	// room again: it is full only when nothing more goes in for a while.
	for taken := 1; taken > 0; {
		s.file.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		if taken, err = s.file.Write(make([]byte, 1<<20)); err == nil {
			t.Fatal("the pseudo-terminal took 1 MiB and is not full")
		}
	}
	begin := time.Now()
	if _, err := port.Write(make([]byte, 30)); !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), path) {
		t.Errorf("full: got %v, want a deadline on %s", err, path)
	}
	if took := time.Since(begin); took < 250*time.Millisecond {
		t.Errorf("gave up after %v, but 30 bytes take 250 ms at 1200 baud", took)
	}
	far.Close()
	if _, err := port.Write([]byte{1}); err == nil {
		t.Error("unplugged: got nil, want an error")
	}
}
