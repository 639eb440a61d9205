package slip

import (
	"strings"
	"testing"

	"sps-kiosk/kiosk/slip/sliptest"
)

// TestTicketIsRead lets an independent QR decoder and tesseract read every picture of testdata's
// tickets as they are drawn now.
func TestTicketIsRead(t *testing.T) {
	r := renderer(t)
	for name, ticket := range tickets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			picture := drawn(t, r, ticket)
			if ticket.Online != "" {
				if got := sliptest.ReadQR(t, picture); got != ticket.Online {
					t.Errorf("got address %q, want %q", got, ticket.Online)
				}
			}
			if got := sliptest.ReadNumber(t, picture); got != ticket.Label {
				t.Errorf("got number %q, want %q", got, ticket.Label)
			}
			got := sliptest.ReadText(t, picture)
			for _, want := range []string{ticket.Service, "Бесплатно"} {
				if !strings.Contains(got, want) {
					t.Errorf("got text %q, want %q in it", got, want)
				}
			}
		})
	}
}

// TestHeadTellsSlipsApart: the same ticket twice is the same, its transfer and another number are not.
func TestHeadTellsSlipsApart(t *testing.T) {
	r := renderer(t)
	head := func(m *Bitmap, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		print, found := sliptest.Head(m)
		if !found {
			t.Fatal("got no number")
		}
		return print
	}
	ticket := Ticket{Centre: "МФЦ Кошкинского района", Label: "С001", Service: "Помощь с Госуслугами", Kiosk: "Киоск 1"}
	first, other := head(r.Ticket(ticket, wideDots)), ticket
	other.Ahead = 7 // below the number
	if again := head(r.Ticket(other, wideDots)); again != first {
		t.Errorf("got %s for the same number, want %s", again, first)
	}
	other.Label = "С002"
	if second := head(r.Ticket(other, wideDots)); second == first {
		t.Error("got the same for two numbers")
	}
	moved := Transfer{Centre: ticket.Centre, Label: ticket.Label, Service: ticket.Service, Kiosk: ticket.Kiosk}
	if slip := head(r.Memo(moved.Memo(), wideDots)); slip == first {
		t.Error("got the same for a ticket and its transfer")
	}
	if _, found := sliptest.Head(nil); found {
		t.Error("found a number on no paper")
	}
}
