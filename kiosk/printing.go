package kiosk

import (
	"context"
	"log/slog"
	"sync"
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
	give    func(context.Context, Input)
	jobs    chan Print
	memos   chan slip.Memo
	log     *slog.Logger

	mu      sync.Mutex
	refused []PrintEnded  // not told yet
	some    chan struct{} // there may be some
}

// NewPrintWorker returns a worker; give gives an input to the loop and waits for room: no end of a print
// may be lost.
func NewPrintWorker(p Printer, give func(context.Context, Input), log *slog.Logger) *PrintWorker {
	return &PrintWorker{printer: p, give: give, jobs: make(chan Print, printQueue), memos: make(chan slip.Memo, printQueue), log: log,
		some: make(chan struct{}, 1)}
}

// Print queues a ticket. It does not wait, since the loop calls it, and the loop is who must hear of its end:
// behind a full queue the ticket is not started.
func (w *PrintWorker) Print(job Print) {
	select {
	case w.jobs <- job:
	default:
		w.mu.Lock()
		w.refused = append(w.refused, PrintEnded{Ticket: job.Ticket, Outcome: NotStarted, Copy: job.Slip.Copy})
		w.mu.Unlock()
		replace(w.some, struct{}{})
	}
}

// tell tells of refused tickets while others print, until ctx ends.
func (w *PrintWorker) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.some:
		}
		w.mu.Lock()
		refused := w.refused
		w.refused = nil
		w.mu.Unlock()
		for _, end := range refused {
			w.give(ctx, end)
		}
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
	var telling sync.WaitGroup
	defer telling.Wait()
	telling.Go(func() { w.tell(ctx) })
	w.give(ctx, DeviceSeen{"printer", w.printer.Status(ctx)})
	for {
		select {
		case <-ctx.Done():
			return nil
		case job := <-w.jobs:
			outcome := w.one(ctx, job)
			w.give(ctx, PrintEnded{Ticket: job.Ticket, Outcome: outcome, Copy: job.Slip.Copy})
		case m := <-w.memos:
			w.memo(ctx, m)
		case <-ask.C:
		}
		if ctx.Err() == nil {
			w.give(ctx, DeviceSeen{"printer", w.printer.Status(ctx)})
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
	stalled := time.AfterFunc(stallAfter, func() { w.give(ctx, PrintStalled{job.Ticket}) })
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
