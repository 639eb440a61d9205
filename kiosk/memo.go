package kiosk

import (
	"errors"
	"fmt"
	"time"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/slip"
)

// ErrUnknownMemo means a memo that the catalogue does not have, or one of a service while nobody is served.
var ErrUnknownMemo = errors.New("unknown memo")

// memo prints a memo of the catalogue (A26, A27, A31). One of a service tells the stages and channels of the
// service that the order names, else of the visitor served at the window (B5, B6). It fails with
// ErrUnknownMemo or ErrNoPrinter.
func (m *Machine) memo(now event.Time, o Ordered) (t queue.Ticket, err error) {
	memo, known := m.settings.Catalog.Memo(o.Memo)
	window, _ := m.queue.Window(o.Window)
	t, _ = m.queue.Ticket(window.Ticket)
	code := o.Service
	if code == "" {
		code = t.Queue
	}
	service, named := m.settings.Service(code)
	switch {
	case !known || memo.OfService && !named:
		return t, fmt.Errorf("print memo %q: %w", o.Memo, ErrUnknownMemo)
	case !m.health.Of("printer").Works():
		return t, fmt.Errorf("print memo %q: %w", o.Memo, ErrNoPrinter)
	}
	m.do(PrintMemo{m.memoSlip(now, memo, service)})
	m.note(event.Event{Kind: event.Memoed, At: now, Ticket: t.ID, Queue: t.Queue, Window: o.Window, Leg: t.Leg, Code: memo.Code})
	return t, nil
}

// memoSlip fills a memo's paper.
func (m *Machine) memoSlip(now event.Time, memo catalog.Memo, service config.Service) slip.Memo {
	out := m.paper(now, memo.Title)
	out.Notes, out.Steps, out.Online = memo.Notes, memo.Steps, memo.Online
	if !memo.OfService {
		if len(memo.Steps) > 0 { // what to do at the end is read at the end
			out.Notes, out.After = nil, memo.Notes
		}
		return out
	}
	out.Facts = []slip.Fact{{Heading: "Услуга", Value: service.Title}}
	if service.Benefit != "" {
		out.Notes = append([]string{service.Benefit}, out.Notes...)
	}
	out.Steps = append(out.Steps, service.Stages...)
	if len(service.Channels) > 0 {
		out.Lists = []slip.List{{Title: "Где можно получить сейчас", Items: service.Channels}}
	}
	if asOf, err := time.Parse(time.DateOnly, m.settings.Catalog.AsOf); err == nil {
		out.Lines = []string{"Сведения проверены " + asOf.Format("02.01.2006") + "."}
	}
	if out.Online == "" {
		out.Online = service.Online
	}
	return out
}

// paper begins a paper of this site.
func (m *Machine) paper(now event.Time, title string) slip.Memo {
	at, dated := m.dated(now)
	return slip.Memo{Centre: m.settings.Site.Name, Kiosk: fmt.Sprintf("Киоск %d", m.settings.Site.Kiosk), Title: title, At: at, Dated: dated}
}
