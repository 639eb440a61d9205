package scanworker

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/pdf"
	"sps-kiosk/kiosk/vault"
)

// claim returns the scanner, its interfaces claimed.
func (w *worker) claim(ctx context.Context) (Scanner, error) {
	if w.scanner != nil {
		return w.scanner, nil
	}
	s, c, err := w.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("claim scanner: %w", err)
	}
	w.scanner, w.claimed = s, c
	return s, nil
}

// release gives the interfaces back, so that the next claim finds a device that was plugged in again.
func (w *worker) release() {
	if w.claimed != nil {
		w.claimed.Close()
	}
	w.scanner, w.claimed = nil, nil
}

// look tells the kiosk what the scanner offers.
func (w *worker) look(ctx context.Context) {
	s, err := w.claim(ctx)
	m := &ipc.Scanner{State: ipc.ScannerReady}
	if err == nil {
		var dpi []int
		if dpi, m.Color, m.Feeder, m.Duplex, err = s.Offers(ctx); err == nil && len(dpi) > 0 {
			m.MaxDPI = min(19200, max(0, dpi[len(dpi)-1]))
		}
	}
	if err != nil {
		w.release()
		w.Log.Warn("scanner does not answer", "err", err)
		m = &ipc.Scanner{State: ipc.ScannerFails}
		switch w.Fault(err) {
		case ipc.ScanLost:
			m.State = ipc.ScannerAbsent
		case ipc.ScanBusy:
			m.State = ipc.ScannerBusy
		}
	}
	w.say(m)
}

// errPages ends a scan that brings more pages than a session may have.
var errPages = errors.New("no more pages in this session")

// scan takes pages into the vault and tells each.
func (w *worker) scan(ctx context.Context, m *ipc.Scan) *ipc.Scanned {
	s, err := w.claim(ctx)
	if err != nil {
		return &ipc.Scanned{Fault: w.faultOf(ctx, err)}
	}
	var page *vault.Writer
	begin := func(int) (io.Writer, error) {
		w.abort(page)
		if w.vault.Pages() >= ipc.MaxPages {
			return nil, errPages
		}
		page = w.vault.Create()
		return page, nil
	}
	pages := 0
	whole := func(_, width, height, dpi int, _ int64) error {
		if err := w.keep(page, width, height, dpi); err != nil {
			return err
		}
		page = nil
		pages++
		return nil
	}
	_, err = s.Scan(ctx, m.DPI, m.Color, m.Duplex, begin, whole)
	w.abort(page)
	if err == nil {
		return &ipc.Scanned{Pages: pages}
	}
	return &ipc.Scanned{Pages: pages, Fault: w.faultOf(ctx, err)}
}

func (w *worker) abort(page *vault.Writer) {
	if page != nil {
		page.Abort()
	}
}

// keep makes a page exist, if it is a picture that the document can take. Its bytes are read back from
// the vault for that, so what will be saved is what was looked at.
func (w *worker) keep(page *vault.Writer, width, height, dpi int) error {
	size, err := page.Commit()
	if err != nil {
		return fmt.Errorf("keep page: %w", err)
	}
	n := page.Page()
	r, err := w.vault.Open(n)
	if err != nil {
		return fmt.Errorf("keep page: %w", err)
	}
	defer r.Close()
	picture, ink, err := pdf.Examine(r)
	if err != nil {
		w.vault.Drop(n)
		return fmt.Errorf("keep page: %w", err)
	}
	w.mu.Lock()
	w.shots[n] = shot{picture, dpi}
	w.mu.Unlock()
	w.say(&ipc.Page{Page: n, Width: picture.Width, Height: picture.Height, Bytes: size, Blank: ink.Blank(), Left: w.vault.Left()})
	return nil
}

// faultOf puts an error into the words of the citizen's screen. After anything but an empty feeder the
// scanner is claimed anew: it may be another one.
func (w *worker) faultOf(ctx context.Context, err error) ipc.ScanFault {
	fault := ipc.ScanFails
	switch {
	case errors.Is(err, vault.ErrFull), errors.Is(err, errPages):
		fault = ipc.ScanFull
	case errors.Is(err, vault.ErrWiped), errors.Is(err, vault.ErrNoPage), errors.Is(err, vault.ErrBroken):
		fault = ipc.ScanVault
	case pdf.Message(err) != "":
		fault = ipc.ScanTorn
	case ctx.Err() != nil:
		fault = ipc.ScanStopped
	default:
		fault = w.Fault(err)
	}
	if fault != ipc.ScanFeederEmpty {
		w.release()
	}
	if fault != ipc.ScanStopped && fault != ipc.ScanFeederEmpty {
		w.Log.Warn("scan ended early", "err", err)
	}
	return fault
}
