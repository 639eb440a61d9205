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
