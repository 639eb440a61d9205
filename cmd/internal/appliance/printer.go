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
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/slip"
)

// printer returns the printer that the settings describe, present or not. begun is the path of a
// file that exists while a slip is being printed: where it is found at the start, the process died in
// the middle of one, and the printer may still wait for the rest of its pixels. It is never synced, so
// after a power cut that follows a slip by less than the card's commit interval (5 s) it may be there although
// the slip was whole: then a short blank piece is cut off before the next ticket, and nothing is lost.
func (w *wiring) printer(renderer *slip.Renderer, begun string) kiosk.Printer {
	match := usb.Printer()
	match.Vendor, match.Product, match.Port = w.settings.Printer.Vendor, w.settings.Printer.Product, w.settings.Printer.Port
	p := escpos.New(usb.NewLink(w.board.USB(), match), printerOptions(w.settings.Printer))
	if _, err := os.Stat(begun); err == nil {
		p.Suspect()
	}
	return printer{p, renderer, begun}
}

// profiles are the settings' words for printers.
func profiles() map[string]func() escpos.Profile {
	return map[string]func() escpos.Profile{
		"generic58": escpos.Generic58, "generic80": escpos.Generic80, "xprinter80": escpos.Xprinter80,
		"rongta80": escpos.Rongta80, "atol80": escpos.Atol80, "citizen": escpos.Citizen, "epson_t20": escpos.EpsonT20, "epson_t88": escpos.EpsonT88,
		"custom_vkp80ii": escpos.CustomVKP80II, "custom_vkp80iii": escpos.CustomVKP80III,
	}
}

// printerOptions translates the settings.
func printerOptions(s config.Printer) escpos.Options {
	o := escpos.Options{
		Text:    map[string]escpos.CodePage{"cp866": escpos.CP866, "cp1251": escpos.CP1251}[s.Text],
		Left:    map[string]escpos.Leftover{"eject": escpos.Eject, "hold": escpos.Hold}[s.Left],
		LeftFor: s.LeftFor,
	}
	if known, ok := profiles()[s.Profile]; ok {
		profile := known()
		o.Profile = &profile
	}
	return o
}

// printer speaks of a receipt printer in the service's words.
type printer struct {
	*escpos.Printer
	renderer *slip.Renderer
	begun    string
}

// ticketPage is a ticket for the printer attached.
type ticketPage struct {
	slip.Ticket
	renderer *slip.Renderer
}

// Image implements escpos.Page.
func (p ticketPage) Image(dots int) (image.Image, error) {
	drawn, err := p.renderer.Ticket(p.Ticket, dots)
	if err != nil {
		return nil, err
	}
	return drawn, nil
}

// Lines implements escpos.Page.
func (p ticketPage) Lines(columns int) ([]escpos.Line, error) {
	written, err := slip.Text(p.Ticket, columns)
	lines := make([]escpos.Line, len(written))
	for i, l := range written {
		lines[i] = escpos.Line(l)
	}
	return lines, err
}

// Print implements kiosk.Printer.
func (p printer) Print(ctx context.Context, t slip.Ticket) (kiosk.Outcome, error) {
	return p.put(ctx, ticketPage{t, p.renderer})
}

// put prints one paper.
func (p printer) put(ctx context.Context, paper escpos.Page) (kiosk.Outcome, error) {
	if err := os.WriteFile(p.begun, nil, 0o600); err != nil {
		return kiosk.NotStarted, fmt.Errorf("note that a slip is begun: %w", err)
	}
	outcome, err := p.Printer.Print(ctx, paper)
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
	case errors.Is(err, escpos.ErrForeign):
		return health.Wrong
	case err != nil:
		return health.Offline
	case status.PaperLow:
		return health.PaperLow
	case status.Unfamiliar:
		return health.Unfamiliar
	}
	return health.OK
}
