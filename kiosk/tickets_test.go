package kiosk

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/health"
)

// What the paper that is back has printed is not printed again when it is back once more.
func TestPaperBackPrintsOnce(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: NotStarted})
	for range 3 {
		b.give(DeviceSeen{"printer", health.PaperOut})
		b.give(DeviceSeen{"printer", health.OK})
	}
	b.want("prints", len(b.prints), 2)
}

// The word that the printer works may overtake the end of a printing that never began.
func TestAnEndThatComesLateIsPrintedAgain(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.wait(time.Second)
	b.give(DeviceSeen{"printer", health.PaperLow})
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: NotStarted})
	b.want("prints", len(b.prints), 2)
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: NotStarted})
	b.want("prints of one recovery", len(b.prints), 2)
}

// Only the printer's recovery brings paper; another device's does not.
func TestOnlyThePrinterPrints(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: NotStarted})
	b.give(DeviceSeen{"display", health.OK})
	b.want("prints", len(b.prints), 1)
}

// A ticket on paper needs no number on the display.
func TestAPrintedTicketIsNotShown(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Confirmed})
	b.want("display", b.display(), "-------")
}
