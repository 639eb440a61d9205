package stick

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Request is a control request to a device that reads (USB 2.0, 9.3).
type Request struct {
	Type, Code           uint8
	Value, Index, Length uint16
}

// askTime is how long a device may take to answer, ms (USB 2.0, 9.2.6.4: 500 ms for a packet).
const askTime = 1000

// configsLimit is as many configurations as the kernel takes (USB_MAXCONFIG): a device that answers each
// question late must not hold up the others for long.
const configsLimit = 8

// noDriver is what the kernel says when nothing wants an interface.
var noDriver = []unix.Errno{unix.ENODEV, unix.EINVAL}

// ask puts a request to the device at a port.
func (g Gate) ask(port string, r Request) ([]byte, error) {
	bus, err := number(g.at(port), "busnum")
	if err != nil {
		return nil, err
	}
	dev, err := number(g.at(port), "devnum")
	if err != nil {
		return nil, err
	}
	path := fmt.Sprintf("%s/bus/usb/%03d/%03d", g.Dev, bus, dev)
	if g.Ask != nil {
		return g.Ask(path, r)
	}
	return usbfs(path, r)
}

// usbfs is one control transfer (linux/usbdevice_fs.h, USBDEVFS_CONTROL).
func usbfs(path string, r Request) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, r.Length)
	transfer := struct {
		r       Request
		timeout uint32
		data    *byte
	}{r, askTime, unsafe.SliceData(data)}
	request := 3<<30 | unsafe.Sizeof(transfer)<<16 | 'U'<<8
	n, _, e := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(&transfer)))
	if e != 0 {
		return nil, os.NewSyscallError("ask device", e)
	}
	return data[:n], nil
}

// live reads the device descriptor and all configurations from the device itself.
func (g Gate) live(port string) ([]byte, error) {
	all, err := g.ask(port, Request{0x80, 6, 0x0100, 0, 18})
	if err != nil {
		return nil, err
	}
	if len(all) != 18 || all[17] > configsLimit {
		return nil, errors.New("the device descriptor is cut or promises too much")
	}
	for n := range uint16(all[17]) {
		head, err := g.ask(port, Request{0x80, 6, 0x0200 | n, 0, 9})
		if err != nil {
			return nil, err
		}
		if len(head) != 9 || len(all) > descriptorsLimit {
			return nil, errors.New("a configuration is cut")
		}
		config, err := g.ask(port, Request{0x80, 6, 0x0200 | n, 0, binary.LittleEndian.Uint16(head[2:])})
		if err != nil {
			return nil, err
		}
		all = append(all, config...)
	}
	return all, nil
}
