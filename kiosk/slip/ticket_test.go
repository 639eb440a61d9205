package slip

import (
	"errors"
	"image"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/slip/sliptest"
)

// bytesAsBands is what the picture takes as GS v 0 bands of 56 rows with 8 bytes of header each.
func bytesAsBands(b *Bitmap) int {
	bands := (b.Rect.Dy() + 55) / 56
	return len(b.Pix) + 8*bands
}

// checkPaper holds for every ticket, whatever is in it.
func checkPaper(t rapid.TB, b *Bitmap, dots, rows int) {
	t.Helper()
	if b.Rect.Dx() != dots || b.Rect.Dy() > rows || len(b.Pix) != dots/8*b.Rect.Dy() {
		t.Errorf("got %v with %d bytes, want %d dots wide, at most %d rows", b.Rect, len(b.Pix), dots, rows)
	}
	if got := bytesAsBands(b); got > 64_000 {
		t.Errorf("got %d bytes as bands, want at most 64,000", got)
	}
	h := b.Rect.Dy()
	for _, white := range []image.Rectangle{
		image.Rect(0, 0, margin, h), image.Rect(dots-margin, 0, dots, h),
		image.Rect(0, 0, dots, edge), image.Rect(0, h-edge, dots, h),
	} {
		for y := white.Min.Y; y < white.Max.Y; y++ {
			for x := white.Min.X; x < white.Max.X; x++ {
				if b.ColorIndexAt(x, y) == 1 {
					t.Fatalf("got ink at %d,%d in the margin", x, y)
				}
			}
		}
	}
}

func TestTicketFitsPaper(t *testing.T) {
	r := renderer(t)
	for name, ticket := range tickets() {
		t.Run(name, func(t *testing.T) { checkPaper(t, drawn(t, r, ticket), 576, 880) })
	}
}

// TestNumberIsTall measures the number on the picture: a capital of at least 15 mm, whatever else
// has to fit and however long it is.
func TestNumberIsTall(t *testing.T) {
	r := renderer(t)
	for name, ticket := range tickets() {
		for _, label := range []string{"А1", "Е012", "А9999", "Н10000", "11111", "ЕЕЕЕЕЕЕЕ"} {
			ticket.Label = label
			box := sliptest.NumberBox(t, drawn(t, r, ticket))
			if box.Dy() < 120 || box.Dx() > 576-2*margin {
				t.Errorf("%s, %s: got a number of %v, want at least 120 dots high within the margins", name, label, box)
			}
		}
	}
}

// TestEverythingFitsWithFullQR: the longest ordinary ticket keeps 6 dots per module.
func TestEverythingFitsWithFullQR(t *testing.T) {
	r := renderer(t)
	for name, ticket := range tickets() {
		if ticket.Online == "" {
			continue
		}
		if got := finderWidth(drawn(t, r, ticket)); got != 7*6 {
			t.Errorf("%s: got a finder pattern of %d dots, want 42", name, got)
		}
	}
}

// finderWidth is the length of the lowest long run of black in the columns of the QR code: the
// bottom of its lower left finder pattern.
func finderWidth(b *Bitmap) int {
	for y := b.Rect.Max.Y - 60; y > 0; y-- {
		run := 0
		for x := margin; b.ColorIndexAt(x, y) == 1 || run == 0 && x < margin+12; x++ {
			run += int(b.ColorIndexAt(x, y))
		}
		if run >= 7*3 {
			return run
		}
	}
	return 0
}

func TestTicketNeedsNumber(t *testing.T) {
	r := renderer(t)
	for _, label := range []string{"", "  ", "А12345678", "А\x00", "А\u4e2d", "А 1", "⎮1"} {
		ticket := sample()
		ticket.Label = label
		if _, err := r.Ticket(ticket, 576); !errors.Is(err, ErrLabel) {
			t.Errorf("label %q: got error %v, want ErrLabel", label, err)
		}
	}
	if _, err := r.Ticket(Ticket{Label: "А1"}, 576); err != nil {
		t.Errorf("ticket with only a number: got error %v, want none", err)
	}
	for _, dots := range []int{0, -8, 376, 577, 584} {
		if _, err := r.Ticket(sample(), dots); err == nil || errors.Is(err, ErrLabel) {
			t.Errorf("%d dots: got error %v, want one about the head", dots, err)
		}
	}
}

// TestLongAddressStillPrints: what cannot become a code is left out, and the words stay.
func TestLongAddressStillPrints(t *testing.T) {
	r := renderer(t)
	for _, n := range []int{60, 90, 120, 200, 1000, 10_000} {
		ticket := sample()
		ticket.Online = "https://www.gosuslugi.ru/" + strings.Repeat("x", n)
		b := drawn(t, r, ticket)
		checkPaper(t, b, 576, 880)
		if n <= 200 {
			if got := sliptest.ReadQR(t, b); got != ticket.Online {
				t.Errorf("address of %d letters: got %q from the code", n, got)
			}
			continue
		}
		if got := sliptest.ReadText(t, b); !strings.Contains(got, "сделать и из дома: услуга есть на Госуслугах.") {
			t.Errorf("address of %d letters: got text %q, want the tip in it", n, got)
		}
	}
}

// TestLongestTicketFits: with every text too long the names are cut, the number is not.
func TestLongestTicketFits(t *testing.T) {
	long := strings.Repeat("щ", 200)
	ticket := sample()
	ticket.Centre, ticket.Service, ticket.Kiosk = long, long, long
	ticket.Places = []string{long, "окно 1"}
	ticket.Online = address + long
	r := renderer(t)
	for _, letter := range "ЙЁЩцйQjyd1" { // the tallest and the deepest
		ticket.Label, ticket.Copy = string(letter)+"1", !ticket.Copy
		b := drawn(t, r, ticket)
		checkPaper(t, b, 576, 880)
		if box := sliptest.NumberBox(t, b); box.Dy() < 120 {
			t.Errorf("%s: got a number of %v, want at least 120 dots high", ticket.Label, box)
		}
	}
}

// TestWideCodeKeepsWords: on a short ticket a large code has the height but not the width.
func TestWideCodeKeepsWords(t *testing.T) {
	ticket := sample()
	ticket.Duty, ticket.Remind = false, false
	ticket.Online = "https://www.gosuslugi.ru/" + strings.Repeat("x", 420)
	got := sliptest.ReadText(t, drawn(t, renderer(t), ticket))
	if !strings.Contains(got, "услуга есть на Госуслугах") {
		t.Errorf("got text %q, want the tip in it", got)
	}
}

// TestStrokesAreTwoDots: a lone dot of black or white between its opposites comes out of a
// thermal head grey or not at all. The tips of round letters may have it, stems may not.
func TestStrokesAreTwoDots(t *testing.T) {
	r := renderer(t)
	const longest = 5 // dots
	for name, ticket := range tickets() {
		b := drawn(t, r, ticket)
		for y := range b.Rect.Max.Y {
			for x := range b.Rect.Max.X {
				if across, down := thin(b, x, y, 1, 0), thin(b, x, y, 0, 1); across > longest || down > longest {
					t.Fatalf("%s: got a stroke one dot thick, %d long, at %d,%d", name, max(across, down), x, y)
				}
			}
		}
	}
}

// thin is the length of a stroke one dot thick that starts at (x, y) and runs along (dx, dy).
func thin(b *Bitmap, x, y, dx, dy int) (length int) {
	for b.ColorIndexAt(x, y) == 1 && b.ColorIndexAt(x+dy, y+dx) == 0 && b.ColorIndexAt(x-dy, y-dx) == 0 {
		length++
		x, y = x+dx, y+dy
	}
	return length
}

// TestNarrowHeads: 512 and 384 dots are not polished, but nothing is lost on them.
func TestNarrowHeads(t *testing.T) {
	r := renderer(t)
	for dots, rows := range map[int]int{512: 990, 384: 1320} {
		for name, ticket := range tickets() {
			b, err := r.Ticket(ticket, dots)
			if err != nil {
				t.Fatalf("%s, %d dots: %v", name, dots, err)
			}
			checkPaper(t, b, dots, rows)
			if ticket.Online != "" {
				if got := sliptest.ReadQR(t, b); got != ticket.Online {
					t.Errorf("%s, %d dots: got address %q, want %q", name, dots, got, ticket.Online)
				}
			}
		}
	}
}

func TestAnyTicketComesOut(t *testing.T) {
	r := renderer(t)
	text := rapid.OneOf(
		rapid.StringN(0, 400, -1),
		rapid.StringOfN(rapid.RuneFrom([]rune(" \u00a0\tабвШЩЮё«»—№-?")), 0, 300, -1),
		rapid.SampledFrom([]string{"", "Подать документы", strings.Repeat("щ", 200)}),
	)
	labels := rapid.StringOfN(rapid.RuneFrom([]rune("АГЕНПРСУЦЩЙЁёQLFbdjy-0123456789")), 1, 8, -1)
	places := rapid.SliceOfN(rapid.OneOf(text, rapid.SampledFrom([]string{"окно 1", "место СПС", "касса", ""})), 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		ticket := Ticket{
			Centre: text.Draw(t, "centre"), Label: labels.Draw(t, "label"), Service: text.Draw(t, "service"),
			Issued: time.Unix(rapid.Int64().Draw(t, "issued"), 0).UTC(), Dated: rapid.Bool().Draw(t, "dated"),
			Ahead: rapid.Int().Draw(t, "ahead"), Wait: time.Duration(rapid.Int64().Draw(t, "wait")),
			WaitKnown: rapid.Bool().Draw(t, "known"), Places: places.Draw(t, "places"),
			Duty: rapid.Bool().Draw(t, "duty"), Remind: rapid.Bool().Draw(t, "remind"),
			Online: text.Draw(t, "online"), Kiosk: text.Draw(t, "kiosk"), Copy: rapid.Bool().Draw(t, "copy"),
		}
		b, err := r.Ticket(ticket, 576)
		if err != nil {
			t.Fatalf("got error %v, want a ticket", err)
		}
		checkPaper(t, b, 576, 880)
	})
}

func TestPictureHasTwoColours(t *testing.T) {
	b := drawn(t, renderer(t), sample())
	for y := range b.Rect.Max.Y {
		for x := range b.Rect.Max.X {
			red, green, blue, alpha := b.At(x, y).RGBA()
			if red != green || green != blue || alpha != 0xffff || red != 0 && red != 0xffff {
				t.Fatalf("got %v at %d,%d, want black or white", b.At(x, y), x, y)
			}
		}
	}
	if got := b.ColorIndexAt(-1, 0) + b.ColorIndexAt(0, b.Rect.Max.Y); got != 0 {
		t.Errorf("got ink outside the picture")
	}
}

// TestRendererIsShared draws the same ticket from several goroutines.
func TestRendererIsShared(t *testing.T) {
	r := renderer(t)
	pictures := make(chan *Bitmap)
	for range 4 {
		go func() {
			b, _ := r.Ticket(sample(), 576)
			pictures <- b
		}()
	}
	first := <-pictures
	for range 3 {
		if next := <-pictures; first == nil || next == nil || string(next.Pix) != string(first.Pix) {
			t.Fatal("got different pictures of one ticket, want the same")
		}
	}
}

func BenchmarkTicket(b *testing.B) {
	r := renderer(b)
	for b.Loop() {
		if _, err := r.Ticket(sample(), 576); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstTicket(b *testing.B) {
	for b.Loop() {
		if _, err := renderer(b).Ticket(sample(), 576); err != nil {
			b.Fatal(err)
		}
	}
}
