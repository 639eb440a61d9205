package stick

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Role is what a USB device at a port may be.
type Role string

// Roles.
const (
	Hub     Role = "hub"     // the soldered one
	Network Role = "network" // the soldered chip
	Printer Role = "printer"
	Scanner Role = "scanner"
	Citizen Role = "citizen" // the socket in front: sticks
	Touch   Role = "touch"   // the screen's digitizer
)

var roles = []Role{Hub, Network, Printer, Scanner, Citizen, Touch}

// Ports say which role has which physical port, by its path in sysfs ("1-1.3"). A port that is not
// there is closed.
type Ports map[string]Role

// anyPort opens every port that has no role of its own; for printers and scanners only.
const anyPort = "*"

var portShape = regexp.MustCompile(`^[0-9]+-[0-9]+(\.[0-9]+)*$`)

// ParsePorts reads "hub=1-1 network=1-1.1 citizen=1-1.3 printer=*". A role may come several times.
func ParsePorts(text string) (Ports, error) {
	p := Ports{}
	for _, word := range strings.Fields(text) {
		role, port, ok := strings.Cut(word, "=")
		if !ok || !slices.Contains(roles, Role(role)) {
			return nil, fmt.Errorf("%q: want role=port, the role one of %v", word, roles)
		}
		if port == anyPort && role != string(Printer) && role != string(Scanner) || port != anyPort && !portShape.MatchString(port) {
			return nil, fmt.Errorf("%q: want a port like 1-1.3", word)
		}
		if _, taken := p[port]; taken {
			return nil, fmt.Errorf("%q: the port has a role already", word)
		}
		p[port] = Role(role)
	}
	return p, nil
}

// Move returns the ports with a role at these ports alone instead of where it was; without any it stays where it
// is. A port that another role has by name is an error.
func (p Ports) Move(r Role, ports ...string) (Ports, error) {
	if len(ports) == 0 {
		return p, nil
	}
	moved := maps.Clone(p)
	maps.DeleteFunc(moved, func(_ string, other Role) bool { return other == r })
	for _, port := range ports {
		if other, taken := moved[port]; taken {
			return nil, fmt.Errorf("port %s for %s: it is for %s", port, r, other)
		}
		moved[port] = r
	}
	return moved, nil
}

// Role returns the role of a port; "" is a closed one.
func (p Ports) Role(port string) Role {
	if r, ok := p[port]; ok {
		return r
	}
	return p[anyPort]
}

// Verdict is what the policy says about a device.
type Verdict struct {
	Role       Role
	Interfaces []uint8 // numbers of the interfaces that drivers may have
	Reports    []uint8 // numbers of those whose HID report descriptor must be a touch screen's first
}

// errClosed is a device where none may be.
var errClosed = errors.New("the port is closed")

// Decide says whether a device at a port may be used, and which of its interfaces. An error is a
// refusal of the whole device; in the citizen's port it is NotStorage. Source of the rule: kernel
// documentation, "Authorizing (or not) your USB devices to connect to the system".
func (p Ports) Decide(port string, d Descriptors) (Verdict, error) {
	v := Verdict{Role: p.Role(port)}
	if v.Role == "" {
		return v, errClosed
	}
	for _, i := range d.Interfaces {
		use, err := v.Role.admits(d, i)
		if err != nil {
			return v, refuse(v.Role, err.Error())
		}
		if use && !slices.Contains(v.Interfaces, i.Number) {
			v.Interfaces = append(v.Interfaces, i.Number)
			if v.Role == Touch {
				v.Reports = append(v.Reports, i.Number)
			}
		}
	}
	if len(v.Interfaces) == 0 {
		return v, refuse(v.Role, "nothing of it is of use here")
	}
	return v, nil
}

func refuse(r Role, why string) error {
	if r == Citizen {
		return fmt.Errorf("%s: %w", why, NotStorage)
	}
	return fmt.Errorf("%s: %s", r, why)
}

// admits says whether an interface may be used in a role; an error refuses the device.
func (r Role) admits(d Descriptors, i Interface) (bool, error) {
	foreign := fmt.Errorf("interface %d is of class %02x:%02x:%02x", i.Number, i.Class, i.SubClass, i.Protocol)
	switch r {
	case Hub:
		return true, unless(d.Class == classHub && i.Class == classHub, foreign)
	case Network:
		ok := slices.Contains([]uint8{0x02, 0x0a, 0xe0, classVendor}, i.Class)
		return true, unless(ok, foreign)
	case Printer, Scanner:
		// A device with a card reader or a disk of drivers in it is common: that stays without a driver.
		if i.Class == classStorage {
			return false, nil
		}
		ok := slices.Contains([]uint8{classPrinter, classStill, classVendor}, i.Class)
		return true, unless(ok, foreign)
	case Touch:
		return true, unless(i.Class == classHID, foreign)
	}
	// SCSI by bulk-only transport or UAS: what sticks and card readers are (USB Mass Storage Class 1.4).
	ok := d.Class == 0 && i.Class == classStorage && i.SubClass == 0x06 && (i.Protocol == 0x50 || i.Protocol == 0x62)
	return true, unless(ok, foreign)
}

func unless(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}
