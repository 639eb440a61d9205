package slip

import (
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden pictures; look at each before keeping it")

const address = "https://www.gosuslugi.ru/600123/1/form"

// sample is the ticket of the mock-up with every line shown.
func sample() Ticket {
	return Ticket{
		Centre: "МФЦ Кошкинского района", Label: "А012", Service: "Подать документы",
		Issued: time.Date(2025, 11, 18, 10, 42, 0, 0, time.UTC), Dated: true,
		Ahead: 3, Wait: 12 * time.Minute, WaitKnown: true, Places: []string{"окно 1", "окно 2"},
		Duty: true, Remind: true, Online: address, Kiosk: "Киоск 1",
	}
}

// tickets are the pictures in testdata.
func tickets() map[string]Ticket {
	all := map[string]Ticket{}
	add := func(name string, change func(*Ticket)) {
		t := sample()
		change(&t)
		all[name] = t
	}
	add("full", func(*Ticket) {})
	add("plain", func(t *Ticket) { t.Duty, t.Remind, t.Online = false, false, "" })
	add("busy", func(t *Ticket) {
		t.Label, t.Ahead, t.Wait = "А9999", 121, 95*time.Minute
		t.Places = []string{"окно 1", "окно 2", "окно 5", "место СПС"}
	})
	add("noclock", func(t *Ticket) { t.Dated, t.WaitKnown, t.Duty = false, false, false })
	add("nobody", func(t *Ticket) { t.Label, t.Ahead, t.Wait, t.Remind = "С001", 0, 0, false })
	add("longservice", func(t *Ticket) {
		t.Service = "Государственная регистрация прав на недвижимое имущество и государственный кадастровый учёт"
		t.Centre = "МФЦ муниципального района Кошкинский Самарской области"
	})
	add("copy", func(t *Ticket) { t.Copy, t.Label = true, "20417" })
	add("duty", func(t *Ticket) { t.Remind, t.Online = false, "" })
	return all
}

func renderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func drawn(t testing.TB, r *Renderer, ticket Ticket) *Bitmap {
	t.Helper()
	picture, err := r.Ticket(ticket, 576)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestTicketGolden(t *testing.T) {
	r := renderer(t)
	for name, ticket := range tickets() {
		t.Run(name, func(t *testing.T) {
			got := drawn(t, r, ticket)
			path := filepath.Join("testdata", name+".png")
			if *update {
				write(t, path, got)
			}
			want := read(t, path)
			if got.Bounds() != want.Bounds() {
				t.Fatalf("got size %v, want %v", got.Bounds(), want.Bounds())
			}
			if n := differing(got, want); n > 0 {
				t.Errorf("got %d dots other than in %s, want 0", n, path)
			}
		})
	}
}

func differing(got *Bitmap, want image.Image) (n int) {
	for y := range got.Rect.Max.Y {
		for x := range got.Rect.Max.X {
			if r, _, _, _ := want.At(x, y).RGBA(); (r == 0) != (got.ColorIndexAt(x, y) == 1) {
				n++
			}
		}
	}
	return n
}

func write(t *testing.T, path string, picture image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}
