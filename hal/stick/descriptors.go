package stick

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Classes of USB interfaces that the policy speaks of (usb.org, Defined Class Codes).
const (
	classHID     = 0x03
	classStill   = 0x06
	classPrinter = 0x07
	classStorage = 0x08
	classHub     = 0x09
	classVendor  = 0xff
)

// Interface is one alternate setting of one interface.
type Interface struct{ Config, Number, Alt, Class, SubClass, Protocol uint8 }

// Descriptors are what a USB device says of itself.
type Descriptors struct {
	Class           uint8 // of the device; 0: each interface speaks for itself
	Vendor, Product uint16
	Interfaces      []Interface // of all configurations
	raw             []byte
}

// descriptorsLimit is more than any device has: sysfs gives 64 KiB at most for one configuration.
const descriptorsLimit = 1 << 17

// ParseDescriptors reads a device descriptor with all configurations behind it, as the file
// "descriptors" in sysfs has them (USB 2.0, 9.6). Whatever contradicts itself is an error: a device is
// refused rather than understood half.
func ParseDescriptors(raw []byte) (Descriptors, error) {
	if len(raw) < 18 || raw[0] != 18 || raw[1] != 1 || len(raw) > descriptorsLimit {
		return Descriptors{}, errors.New("no device descriptor")
	}
	le := binary.LittleEndian
	d := Descriptors{Class: raw[4], Vendor: le.Uint16(raw[8:]), Product: le.Uint16(raw[10:]), raw: bytes.Clone(raw)}
	rest, configs := raw[18:], int(raw[17])
	for n := range configs {
		if len(rest) < 9 || rest[0] < 9 || rest[1] != 2 {
			return d, fmt.Errorf("configuration %d of %d is missing", n+1, configs)
		}
		total := int(le.Uint16(rest[2:]))
		if total < 9 || total > len(rest) {
			return d, fmt.Errorf("configuration %d: %d bytes promised, %d are there", n+1, total, len(rest))
		}
		if err := d.config(rest[:total]); err != nil {
			return d, fmt.Errorf("configuration %d: %w", n+1, err)
		}
		rest = rest[total:]
	}
	if len(rest) > 0 {
		return d, fmt.Errorf("%d bytes too many", len(rest))
	}
	return d, nil
}

// config takes the interfaces of one configuration.
func (d *Descriptors) config(b []byte) error {
	value, numbers := b[5], map[uint8]bool{}
	for promised := b[4]; len(b) > 0; b = b[b[0]:] {
		if len(b) < 2 || b[0] < 2 || int(b[0]) > len(b) {
			return errors.New("a descriptor does not fit")
		}
		if b[1] == 4 {
			if b[0] < 9 {
				return errors.New("an interface descriptor is cut")
			}
			numbers[b[2]] = true
			d.Interfaces = append(d.Interfaces, Interface{value, b[2], b[3], b[5], b[6], b[7]})
		}
		if int(b[0]) == len(b) && len(numbers) != int(promised) {
			return fmt.Errorf("%d interfaces promised, %d are there", promised, len(numbers))
		}
	}
	return nil
}

// namesTwice reports whether a configuration has a setting of an interface twice, whatever else is
// wrong with it.
func namesTwice(raw []byte) bool {
	seen := map[[2]byte]bool{}
	for b := raw; len(b) >= 2 && b[0] >= 2 && int(b[0]) <= len(b); b = b[b[0]:] {
		switch {
		case b[1] == 2:
			clear(seen)
		case b[1] == 4 && b[0] >= 4:
			setting := [2]byte{b[2], b[3]}
			if seen[setting] {
				return true
			}
			seen[setting] = true
		}
	}
	return false
}

// Same reports whether two readings are the same to the byte.
func (d Descriptors) Same(other Descriptors) bool { return bytes.Equal(d.raw, other.raw) }
