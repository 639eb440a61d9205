package kiosk

import (
	"context"
	"log/slog"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/slip"
)

// Printer puts a ticket on paper, drawn for the printer that is attached. Print never repeats by
// itself; the error says why an outcome is not Confirmed. Status may be asked only between prints.
type Printer interface {
	Print(ctx context.Context, t slip.Ticket) (Outcome, error)
	Status(ctx context.Context) health.State
}

// MemoPrinter is a Printer that can also print a paper without a number. An end slip is not repeated,
// and nothing waits for it.
type MemoPrinter interface {
	PrintMemo(ctx context.Context, m slip.Memo) (Outcome, error)
}

const (
	printQueue  = 8               // tickets waiting for the printer; more get their number on the LED
	statusEvery = 2 * time.Second // how often an idle printer is asked how it is
	stallAfter  = 4 * time.Second // a ticket takes one; after this the number goes to the LED
)

// PrintWorker prints one ticket after the other and keeps an eye on the printer.
type PrintWorker struct {
	printer Printer
	emit    func(Input)
	jobs    chan Print
	memos   chan slip.Memo
	log     *slog.Logger
}

// NewPrintWorker returns a worker; emit gives an input to the loop and must not wait.
func NewPrintWorker(p Printer, emit func(Input), log *slog.Logger) *PrintWorker {
	return &PrintWorker{printer: p, emit: emit, jobs: make(chan Print, printQueue), memos: make(chan slip.Memo, printQueue), log: log}
}

// Print queues a ticket. It does not wait: behind a full queue the ticket is not started.
func (w *PrintWorker) Print(job Print) {
	select {
	case w.jobs <- job:
	default:
		w.emit(PrintEnded{Ticket: job.Ticket, Outcome: NotStarted, Copy: job.Slip.Copy})
	}
}

// Memo queues a paper without a number. Behind a full queue it is dropped: tickets go first.
func (w *PrintWorker) Memo(m slip.Memo) {
	select {
	case w.memos <- m:
	default:
		w.log.Warn("paper dropped: the queue of the printer is full", "title", m.Title)
	}
}

// Run prints until ctx ends.
func (w *PrintWorker) Run(ctx context.Context) error {
	ask := time.NewTicker(statusEvery)
	defer ask.Stop()
	w.emit(DeviceSeen{"printer", w.printer.Status(ctx)})
	for {
		select {
		case <-ctx.Done():
			return nil
		case job := <-w.jobs:
			outcome := w.one(ctx, job)
			w.emit(PrintEnded{Ticket: job.Ticket, Outcome: outcome, Copy: job.Slip.Copy})
		case m := <-w.memos:
			w.memo(ctx, m)
		case <-ask.C:
		}
		if ctx.Err() == nil {
			w.emit(DeviceSeen{"printer", w.printer.Status(ctx)})
		}
	}
}

// memo prints a paper without a number, if the printer can.
func (w *PrintWorker) memo(ctx context.Context, m slip.Memo) {
	p, can := w.printer.(MemoPrinter)
	if !can {
		return
	}
	if outcome, err := p.PrintMemo(ctx, m); outcome != Confirmed {
		w.log.Warn("print paper", "title", m.Title, "outcome", outcome.String(), "err", err)
	}
}

// one prints one ticket. While it stalls the loop is told, so that the citizen sees the number.
func (w *PrintWorker) one(ctx context.Context, job Print) Outcome {
	stalled := time.AfterFunc(stallAfter, func() { w.emit(PrintStalled{job.Ticket}) })
	defer stalled.Stop()
	outcome, err := w.printer.Print(ctx, job.Slip)
	if outcome != Confirmed {
		w.log.Warn("print ticket", "ticket", job.Ticket.String(), "outcome", outcome.String(), "err", err)
	}
	return outcome
}

// PrintStalled tells that a ticket has begun to print and does not end.
type PrintStalled struct{ Ticket event.TicketID }

func (PrintStalled) input() {}
