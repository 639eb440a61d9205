package libusb

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/gousb"

	"sps-kiosk/hal/usb"
)

// translate maps libusb's results to those a caller acts on. A bulk transfer that fails after the
// kernel's own retries counts as unplugged: the one remedy is the same, close and open again.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var status gousb.TransferStatus
	var code gousb.Error
	switch {
	case errors.As(err, &status):
		return mark(byStatus(status), err)
	case errors.As(err, &code):
		return mark(byCode(code), err)
	}
	return err
}

func byStatus(s gousb.TransferStatus) error {
	switch s {
	case gousb.TransferNoDevice, gousb.TransferError:
		return usb.ErrUnplugged
	case gousb.TransferStall:
		return usb.ErrStalled
	case gousb.TransferTimedOut:
		return context.DeadlineExceeded
	}
	return nil
}

func byCode(e gousb.Error) error {
	switch e {
	case gousb.ErrorNoDevice:
		return usb.ErrUnplugged
	case gousb.ErrorPipe:
		return usb.ErrStalled
	case gousb.ErrorTimeout:
		return context.DeadlineExceeded
	}
	return nil
}

func mark(as, err error) error {
	if as == nil {
		return err
	}
	return fmt.Errorf("%w (%w)", as, err)
}
