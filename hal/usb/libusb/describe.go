package libusb

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/gousb"

	"sps-kiosk/hal/usb"
)

// describe translates a device's descriptors.
func describe(d *gousb.DeviceDesc) usb.Device {
	out := usb.Device{
		Bus: d.Bus, Address: d.Address, Port: portPath(d.Bus, d.Path),
		Vendor: uint16(d.Vendor), Product: uint16(d.Product), Class: uint8(d.Class),
	}
	if len(d.Configs) == 0 {
		return out
	}
	first := slices.Min(slices.Collect(maps.Keys(d.Configs)))
	for _, i := range d.Configs[first].Interfaces {
		for _, s := range i.AltSettings {
			out.Interfaces = append(out.Interfaces, setting(s))
		}
	}
	return out
}

func setting(s gousb.InterfaceSetting) usb.Interface {
	out := usb.Interface{
		Number: s.Number, Alternate: s.Alternate,
		Class: uint8(s.Class), SubClass: uint8(s.SubClass), Protocol: uint8(s.Protocol),
	}
	for _, e := range s.Endpoints {
		out.Endpoints = append(out.Endpoints, usb.Endpoint{
			Address: uint8(e.Address), Type: usb.TransferType(e.TransferType), MaxPacketSize: e.MaxPacketSize,
		})
	}
	slices.SortFunc(out.Endpoints, func(a, b usb.Endpoint) int { return cmp.Compare(a.Address, b.Address) })
	return out
}

// portPath writes a physical path as the kernel names it: "1-1.4", and "usb1" for a root hub.
func portPath(bus int, path []int) string {
	if len(path) == 0 {
		return fmt.Sprintf("usb%d", bus)
	}
	ports := make([]string, len(path))
	for i, p := range path {
		ports[i] = fmt.Sprint(p)
	}
	return fmt.Sprintf("%d-%s", bus, strings.Join(ports, "."))
}
