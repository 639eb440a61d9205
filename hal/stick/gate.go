package stick

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Gate is the kernel's authorisation of USB devices with the policy in front of it: what is not
// admitted has no driver (kernel documentation, "Authorizing (or not) your USB devices").
type Gate struct {
	Sys   string // "/sys"
	Dev   string // "/dev"
	Ports Ports
	// Ask reads what a device itself says now; nil asks it by usbfs. A test puts a device here.
	Ask func(dev string, request Request) ([]byte, error)
}

// Lock closes every socket: from now on nothing that is plugged in gets a driver, device or interface,
// unless Admit says so.
func (g Gate) Lock() error {
	hosts, err := filepath.Glob(g.at("usb[0-9]*"))
	if err != nil {
		return err
	}
	for _, h := range hosts {
		for _, file := range []string{"authorized_default", "interface_authorized_default"} {
			if err := write01(filepath.Join(h, file), false); err != nil {
				return fmt.Errorf("lock USB: %w", err)
			}
		}
	}
	return nil
}

// Devices names what is plugged in now, by port; hubs come before what hangs on them.
func (g Gate) Devices() ([]string, error) {
	paths, err := filepath.Glob(g.at("[0-9]*"))
	var all []string
	for _, p := range paths {
		if portShape.MatchString(filepath.Base(p)) {
			all = append(all, filepath.Base(p))
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(a) - len(b) })
	return all, err
}

// Number is the kernel's number of the device at a port, another one whenever something is plugged in there
// anew; "" if there is nothing.
func (g Gate) Number(port string) string {
	b, err := os.ReadFile(g.at(port, "devnum"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// Settled reports whether the kernel has done with a new device by itself. It says "add" before it gives the device
// a driver of its own, which sets the configuration (drivers/base/core.c, device_add; usb_generic_driver_probe): who
// authorises in between finds no interface yet, and the kernel then makes them unauthorised. From the driver's link
// on, the device is locked until that is over, and every decision waits for it.
func (g Gate) Settled(port string) bool {
	_, err := os.Lstat(g.at(port, "driver"))
	return err == nil
}

// Admit decides about the device at a port. One that is refused is left without power over anything:
// unauthorised. In the citizen's port a device is closed first, its descriptors are read from itself, it
// is authorised without a driver, they are read again, and only if nothing changed drivers may have its
// interfaces. Elsewhere a device that is in use already stays so if the policy allows it.
// The device must be Settled.
func (g Gate) Admit(port string) (Verdict, error) {
	role := g.Ports.Role(port)
	if role == Citizen {
		if err := g.Refuse(port); err != nil {
			return Verdict{}, err
		}
	}
	v, err := g.admit(port)
	if err != nil {
		return v, errors.Join(fmt.Errorf("USB device at %s: %w", port, err), g.Refuse(port), g.expel(port))
	}
	return v, nil
}

// Refuse takes a device's drivers away. One that is gone needs none taken.
func (g Gate) Refuse(port string) error {
	err := write01(g.at(port, "authorized"), false)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// expel has the kernel forget a refused device that names one setting of an interface twice, until it is
// plugged in anew. libusb's binding (gousb 1.1.3, getDeviceDesc) gives up listing all devices at such a one, even
// without power over anything: as long as it was known nobody found the printer (A11).
func (g Gate) expel(port string) error {
	kernels, err := os.ReadFile(g.at(port, "descriptors"))
	if err != nil || !namesTwice(kernels) {
		return nil // gone, or harmless
	}
	err = write01(g.at(port, "remove"), true)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return errors.Join(errExpelled, err)
}

// errExpelled goes with the refusal of a device that the kernel was told to forget.
var errExpelled = errors.New("forgotten until it is plugged in anew")

func (g Gate) admit(port string) (Verdict, error) {
	first, err := g.descriptors(port)
	if err != nil {
		return Verdict{}, err
	}
	v, err := g.Ports.Decide(port, first)
	if err != nil {
		return v, err
	}
	if err := write01(g.at(port, "authorized"), true); err != nil {
		return v, err
	}
	second, err := g.descriptors(port)
	if err != nil {
		return v, err
	}
	if !second.Same(first) {
		return v, Changed
	}
	return v, g.bind(port, v)
}

// descriptors reads what a device says now, and holds it against what the kernel has of it: the kernel
// gives drivers its own copy.
func (g Gate) descriptors(port string) (Descriptors, error) {
	kernels, err := os.ReadFile(g.at(port, "descriptors"))
	if err != nil {
		return Descriptors{}, err
	}
	own, err := g.live(port)
	if err != nil {
		return Descriptors{}, fmt.Errorf("read descriptors: %w", err)
	}
	d, err := ParseDescriptors(own)
	if err != nil {
		return d, fmt.Errorf("descriptors: %w", errors.Join(err, refuse(g.Ports.Role(port), "they contradict themselves")))
	}
	if string(kernels) != string(own) {
		return d, Changed
	}
	return d, nil
}

// bind lets drivers have the interfaces of a verdict.
func (g Gate) bind(port string, v Verdict) error {
	dirs, err := filepath.Glob(g.at(port, port+":*"))
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		n, err := hexNumber(dir, "bInterfaceNumber")
		if err != nil {
			return err
		}
		if !slices.Contains(v.Interfaces, n) {
			continue
		}
		if err := write01(filepath.Join(dir, "authorized"), true); err != nil {
			return err
		}
		if slices.Contains(v.Reports, n) {
			if err := g.touch(port, n); err != nil {
				return err
			}
		}
		if err := probe(g.Sys, dir); err != nil {
			return err
		}
	}
	return nil
}

// probe has the kernel look for a driver; a device that has one already is not disturbed.
func probe(sys, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "driver")); err == nil {
		return nil
	}
	err := os.WriteFile(filepath.Join(sys, "bus/usb/drivers_probe"), []byte(filepath.Base(dir)), 0o200)
	if err != nil && !is(err, noDriver...) {
		return fmt.Errorf("find a driver: %w", err)
	}
	return nil
}

// touch checks the report descriptor of a HID interface before a driver sees it.
func (g Gate) touch(port string, number uint8) error {
	report, err := g.ask(port, Request{0x81, 6, 0x2200, uint16(number), 4096})
	if err != nil {
		return fmt.Errorf("read report descriptor: %w", err)
	}
	if err := TouchOnly(report); err != nil {
		return refuse(Touch, err.Error())
	}
	return nil
}

func (g Gate) at(parts ...string) string {
	return filepath.Join(append([]string{g.Sys, "bus/usb/devices"}, parts...)...)
}

func write01(path string, on bool) error {
	text := "0"
	if on {
		text = "1"
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // never made: sysfs has it or the device is gone
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func hexNumber(dir, file string) (n uint8, err error) {
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err == nil {
		_, err = fmt.Sscanf(strings.TrimSpace(string(b)), "%x", &n)
	}
	return n, err
}
