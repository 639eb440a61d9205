package libusb

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/gousb"

	"sps-kiosk/hal/usb"
)

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ err, want error }{
		{gousb.TransferNoDevice, usb.ErrUnplugged},
		{gousb.TransferError, usb.ErrUnplugged},
		{gousb.ErrorNoDevice, usb.ErrUnplugged},
		{gousb.TransferStall, usb.ErrStalled},
		{gousb.ErrorPipe, usb.ErrStalled},
		{gousb.TransferTimedOut, context.DeadlineExceeded},
		{gousb.ErrorTimeout, context.DeadlineExceeded},
		{gousb.ErrorBusy, gousb.ErrorBusy},
		{gousb.TransferOverflow, gousb.TransferOverflow},
	} {
		got := translate(fmt.Errorf("wrapped: %w", c.err))
		if !errors.Is(got, c.want) || !errors.Is(got, c.err) {
			t.Errorf("got %v, want both %v and %v", got, c.want, c.err)
		}
	}
	if err := translate(nil); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if err := lost(errors.New("claim: " + gousb.ErrorNoDevice.Error())); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("got %v, want ErrUnplugged", err)
	}
}

func TestDescribe(t *testing.T) {
	got := describe(&gousb.DeviceDesc{
		Bus: 1, Address: 7, Path: []int{1, 4}, Vendor: 0x0416, Product: 0x5011,
		Configs: map[int]gousb.ConfigDesc{
			2: {Number: 2, Interfaces: []gousb.InterfaceDesc{{Number: 9, AltSettings: []gousb.InterfaceSetting{{Number: 9}}}}},
			1: {Number: 1, Interfaces: []gousb.InterfaceDesc{{AltSettings: []gousb.InterfaceSetting{{
				Number: 0, Alternate: 1, Class: 7, SubClass: 1, Protocol: 2,
				Endpoints: map[gousb.EndpointAddress]gousb.EndpointDesc{
					0x81: {Address: 0x81, TransferType: gousb.TransferTypeBulk, MaxPacketSize: 64},
					0x02: {Address: 0x02, TransferType: gousb.TransferTypeBulk, MaxPacketSize: 64},
				},
			}}}}},
		},
	})
	want := usb.Device{Bus: 1, Address: 7, Port: "1-1.4", Vendor: 0x0416, Product: 0x5011, Interfaces: []usb.Interface{{
		Alternate: 1, Class: 7, SubClass: 1, Protocol: 2,
		Endpoints: []usb.Endpoint{{Address: 0x02, Type: usb.Bulk, MaxPacketSize: 64}, {Address: 0x81, Type: usb.Bulk, MaxPacketSize: 64}},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := portPath(2, nil); got != "usb2" {
		t.Errorf("got root hub %q, want usb2", got)
	}
}

func TestByNumberClosesGaps(t *testing.T) {
	list := byNumber([]gousb.InterfaceDesc{{Number: 3}, {Number: 1}})
	for i, want := range []int{-1, 1, -1, 3} {
		if list[i].Number != want {
			t.Errorf("got number %d at %d, want %d", list[i].Number, i, want)
		}
	}
}

func TestPanicOfTheLibraryIsAnError(t *testing.T) {
	list := func() (err error) {
		defer rescue("list devices", &err)
		panic(gousb.ErrorAccess)
	}
	if err := list(); err == nil {
		t.Error("got nil, want the panic as an error")
	}
}

// TestAbsentDevice runs the real libusb on whatever this computer has.
func TestAbsentDevice(t *testing.T) {
	if _, err := (Bus{}).Devices(); err != nil {
		t.Logf("no list here: %v", err)
		return
	}
	p, err := Bus{}.Open(usb.Device{Bus: 250, Address: 250, Port: "250-1"}, 0, 0)
	if p != nil || !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("got %v, %v, want ErrUnplugged", p, err)
	}
}
