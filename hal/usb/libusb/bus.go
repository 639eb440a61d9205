// Package libusb is the usb.Bus of real devices: libusb 1.0 through gousb, the only cgo of the
// firmware.
//
// It owns claiming an interface, giving up on calls that libusb does not end, and the translation
// of libusb's errors. It refuses to set a configuration, to reset a device, to touch any interface
// but the one asked for, and to split or repeat transfers. Tried with gousb v1.1.3 and libusb
// 1.0.26; behaviour of faults measured in QEMU.
package libusb

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/gousb"

	"sps-kiosk/hal/usb"
)

// Bus lists and opens what is attached to this computer. The zero value is ready for use.
//
// Every listing and every Pipe has a libusb context of its own. So a call that hangs inside
// libusb takes nothing else with it, and the list is true even where no udev daemon tells libusb
// about plugging. The price is up to 100 ms for a listing: gousb ends its event loop that slowly.
type Bus struct{}

// Devices implements usb.Bus. It opens nothing, so it needs no rights to the devices. Interfaces
// are those of the lowest-numbered configuration.
func (Bus) Devices() (list []usb.Device, err error) {
	defer rescue("list devices", &err)
	c, err := start()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	_, err = c.OpenDevices(func(d *gousb.DeviceDesc) bool {
		list = append(list, describe(d))
		return false
	})
	if len(list) > 0 {
		return list, nil // err is about devices that could not be read: they are left out
	}
	return nil, translate(err)
}

// Open implements usb.Bus. usb.ErrUnplugged means that exactly this device, at this address, is
// attached no more.
func (Bus) Open(d usb.Device, number, alternate int) (p usb.Pipe, err error) {
	defer rescue("open device", &err)
	c, err := start()
	if err != nil {
		return nil, err
	}
	h, err := open(c, d)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("open device %s: %w", d.Port, err)
	}
	cl, err := claim(h, number, alternate)
	if err != nil {
		h.Close()
		c.Close()
		return nil, fmt.Errorf("claim interface %d of %s: %w", number, d.Port, err)
	}
	cl.context = c
	return cl.pipe()
}

// start begins a libusb context. gousb panics where libusb cannot start, as without usbfs.
func start() (c *gousb.Context, err error) {
	defer rescue("start libusb", &err)
	return gousb.NewContext(), nil
}

// rescue turns a panic of gousb into an error: it has some for descriptors that contradict
// themselves, and a device must not end the process.
func rescue(what string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s: %v", what, r)
	}
}

func open(c *gousb.Context, d usb.Device) (*gousb.Device, error) {
	found := false
	list, err := c.OpenDevices(func(desc *gousb.DeviceDesc) bool {
		same := identity(describe(desc)) == identity(d)
		found = found || same
		return same
	})
	switch {
	case len(list) > 0:
		return list[0], nil
	case !found:
		return nil, usb.ErrUnplugged
	}
	return nil, translate(err)
}

// stay names one stay of a device in a port.
type stay struct {
	bus, address    int
	port            string
	vendor, product uint16
}

func identity(d usb.Device) stay { return stay{d.Bus, d.Address, d.Port, d.Vendor, d.Product} }

// claimed is one claimed interface with all that must be given back.
type claimed struct {
	context *gousb.Context
	device  *gousb.Device
	config  *gousb.Config
	iface   *gousb.Interface
}

// claim takes the interface in the configuration the device is in. Automatic detaching is switched
// on only after Config: before, gousb would take the kernel's drivers off all interfaces.
func claim(h *gousb.Device, number, alternate int) (*claimed, error) {
	h.ControlTimeout = controlLimit
	active, err := h.ActiveConfigNum()
	if err != nil {
		return nil, translate(err)
	}
	if active == 0 {
		return nil, errors.New("device is not configured")
	}
	config, err := h.Config(active)
	if err != nil {
		return nil, lost(err)
	}
	config.Desc.Interfaces = byNumber(config.Desc.Interfaces)
	if err = h.SetAutoDetach(true); err == nil {
		var i *gousb.Interface
		if i, err = config.Interface(number, alternate); err == nil {
			return &claimed{device: h, config: config, iface: i}, nil
		}
	}
	config.Close()
	return nil, lost(err)
}

// byNumber lays interfaces out so that index and number agree: gousb v1.1.3 takes one for the
// other when it decides whether to send SET_INTERFACE, and panics if numbers have gaps.
func byNumber(list []gousb.InterfaceDesc) []gousb.InterfaceDesc {
	var out []gousb.InterfaceDesc
	for _, i := range list {
		for len(out) <= i.Number {
			out = append(out, gousb.InterfaceDesc{Number: -1})
		}
		out[i.Number] = i
	}
	return out
}

// lost finds the loss of the device in errors that gousb wrapped as text.
func lost(err error) error {
	if strings.Contains(err.Error(), gousb.ErrorNoDevice.Error()) {
		return fmt.Errorf("%w: %w", usb.ErrUnplugged, err)
	}
	return translate(err)
}

// release gives everything back, also after the device is gone.
func (c *claimed) release() error {
	c.iface.Close()
	return errors.Join(c.config.Close(), c.device.Close(), c.context.Close())
}
