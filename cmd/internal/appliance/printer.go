package appliance

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"

	"sps-kiosk/drivers/escpos"
	"sps-kiosk/hal/usb"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/health"
)

// paperDots is the width of the head in dots: 80 mm paper, 8 dots a mm.
const paperDots = 576

// printer returns the printer that the settings describe, present or not. begun is the path of a
// file that exists while a slip is being printed: where it is found at the start, the process died in
// the middle of one, and the printer may still wait for the rest of its pixels. It is never synced:
// a power cut takes the printer with it.
func (w *wiring) printer(begun string) kiosk.Printer {
	match := usb.Printer()
	match.Vendor, match.Product, match.Port = w.settings.Printer.Vendor, w.settings.Printer.Product, w.settings.Printer.Port
	p := escpos.New(usb.NewLink(w.board.USB(), match), escpos.Generic80())
	if _, err := os.Stat(begun); err == nil {
		p.Suspect()
	}
	return printer{p, begun}
}

// printer speaks of a receipt printer in the service's words.
type printer struct {
	*escpos.Printer
	begun string
}

// Print implements kiosk.Printer.
func (p printer) Print(ctx context.Context, page image.Image) (kiosk.Outcome, error) {
	if err := os.WriteFile(p.begun, nil, 0o600); err != nil {
		return kiosk.NotStarted, fmt.Errorf("note that a slip is begun: %w", err)
	}
	outcome, err := p.Printer.Print(ctx, page)
	if ctx.Err() == nil && outcome != escpos.Uncertain {
		os.Remove(p.begun)
	}
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
