package appliance

import (
	"context"
	"errors"
	"image"

	"sps-kiosk/drivers/escpos"
	"sps-kiosk/hal/usb"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/health"
)

// paperDots is the width of the head in dots: 80 mm paper, 8 dots a mm.
const paperDots = 576

// printer returns the printer that the settings describe, present or not.
func (w *wiring) printer() kiosk.Printer {
	match := usb.Printer()
	match.Vendor, match.Product, match.Port = w.settings.Printer.Vendor, w.settings.Printer.Product, w.settings.Printer.Port
	return printer{escpos.New(usb.NewLink(w.board.USB(), match), escpos.Generic80())}
}

// printer speaks of a receipt printer in the service's words.
type printer struct{ *escpos.Printer }

// Print implements kiosk.Printer.
func (p printer) Print(ctx context.Context, page image.Image) (kiosk.Outcome, error) {
	outcome, err := p.Printer.Print(ctx, page)
	switch outcome {
	case escpos.Confirmed:
		return kiosk.Confirmed, err
	case escpos.NotStarted:
		return kiosk.NotStarted, err
	}
	return kiosk.Uncertain, err
}

// Status implements kiosk.Printer.
func (p printer) Status(ctx context.Context) health.State {
	status, err := p.Printer.Status(ctx)
	if err == nil {
		err = status.Ready()
	}
	switch {
	case errors.Is(err, usb.ErrNotFound), errors.Is(err, usb.ErrUnplugged):
		return health.Absent
	case errors.Is(err, escpos.ErrPaperOut):
		return health.PaperOut
	case errors.Is(err, escpos.ErrCoverOpen):
		return health.CoverOpen
	case errors.Is(err, escpos.ErrFault):
		return health.Jam
	case err != nil:
		return health.Offline
	case status.PaperLow:
		return health.PaperLow
	}
	return health.OK
}
