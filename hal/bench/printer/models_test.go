package printer

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
)

// made is a printer of a model, instant and 64 dots wide unless it must be wider.
func made(t *testing.T, m Model) *rig {
	m.Dots, m.Speed = 64, -1
	return newRig(t, m)
}

func TestDeviceIDs(t *testing.T) {
	for _, c := range []struct {
		model           Model
		vendor, product uint16
		id              string // "" = no class requests
	}{
		{EpsonT20(), 0x04b8, 0x0e28, "MDL:TM-T20III;"}, {EpsonT88(), 0x04b8, 0x0202, "MDL:TM-T88V;"}, {EpsonVendorClass(), 0x04b8, 0x0202, ""},
		{CustomVKP80II(), 0x0dd4, 0x015d, "MDL:VKP80II;"}, {CustomVKP80III(), 0x0dd4, 0x0205, "MDL:VKP80III;"},
		{CitizenCTS651(), 0x0416, 0x5011, "MDL:CT-S651;"}, {POS58(), 0x0416, 0x5011, "MDL:POS-58;"},
		{AtolRP326(), 0x0416, 0x5011, "MDL:RP-326;"}, {Shtrih700(), 0x0416, 0x5011, "MDL:SHTRIH-700;"},
		{Rongta326(), 0x0416, 0x5011, "MDL:RP326;"}, {XprinterT80Q(), 0x0416, 0x5011, "MDL:XP-T80Q;"},
		{Nameless(576), 0x1fc9, 0x2016, "MDL:USB Printing Support;"}, {Model{}, 0x0416, 0x5011, "MDL:Thermal 80;"},
	} {
		r := made(t, c.model)
		ds, _ := r.bus.Devices()
		b := make([]byte, 200)
		n, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0xa1}, b)
		if ds[0].Vendor != c.vendor || ds[0].Product != c.product || (err != nil) != (c.id == "") || !strings.Contains(string(b[:n]), c.id) {
			t.Errorf("got %04x:%04x %q, %v, want %04x:%04x %q", ds[0].Vendor, ds[0].Product, b[:n], err, c.vendor, c.product, c.id)
		}
	}
}

// TestLetters: a byte is the letter of the chosen page, and a box in another.
func TestLetters(t *testing.T) {
	drawn := func(m Model, b ...byte) string {
		r := made(t, m)
		r.send(append([]byte{0x1c, '.'}, append(b, '\n')...)...)
		return ink(r.rows())
	}
	box := ink(nil)
	for _, c := range []struct {
		name string
		a, b string
		same bool
	}{
		{"А in 866 and 1251", drawn(EpsonT20(), 0x1b, 't', 17, 0x80), drawn(EpsonT20(), 0x1b, 't', 46, 0xc0), true},
		{"я in both", drawn(EpsonT20(), 0x1b, 't', 17, 0xef), drawn(EpsonT20(), 0x1b, 't', 46, 0xff), true},
		{"ё in both", drawn(EpsonT20(), 0x1b, 't', 17, 0xf1), drawn(EpsonT20(), 0x1b, 't', 46, 0xb8), true},
		{"№ in both", drawn(EpsonT20(), 0x1b, 't', 17, 0xfc), drawn(EpsonT20(), 0x1b, 't', 46, 0xb9), true},
		{"А and Б", drawn(EpsonT20(), 0x1b, 't', 17, 0x80), drawn(EpsonT20(), 0x1b, 't', 17, 0x81), false},
		{"17 is Greek on an RP326", drawn(EpsonT20(), 0x1b, 't', 17, 0x80), drawn(Rongta326(), 0x1b, 't', 17, 0x80), false},
		{"7 on an RP326", drawn(EpsonT20(), 0x1b, 't', 17, 0x80), drawn(Rongta326(), 0x1b, 't', 7, 0x80), true},
		{"no n on an Atol", drawn(EpsonT20(), 0x1b, 't', 17, 0x80), drawn(AtolRP326(), 0x1b, 't', 7, 0x80), false},
		{"the first page of an Atol", drawn(EpsonT20(), 0x1b, 't', 17, 0x80), drawn(AtolRP326(), 0x80), true},
		{"ESC @ forgets the page", drawn(EpsonT20(), 0x1b, 't', 17, 0x1b, '@', 0x1c, '.', 0x80), drawn(EpsonT20(), 0x80), true},
		{"bold", drawn(EpsonT20(), 'A'), drawn(EpsonT20(), 0x1b, 'E', 1, 'A'), false},
		{"not empty", drawn(EpsonT20(), 'A'), box, false},
	} {
		if (c.a == c.b) != c.same {
			t.Errorf("%s: got\n%s\nand\n%s\nwant them equal: %t", c.name, c.a, c.b, c.same)
		}
	}
}

// TestClonesPrintWhatTheyDoNotKnow: GS ( H, DLE DC4 8 and GS a are for others.
func TestClonesPrintWhatTheyDoNotKnow(t *testing.T) {
	for _, c := range []struct {
		name string
		send []byte
		ink  bool
	}{
		{"GS ( H", []byte{0x1d, '(', 'H', 6, 0, 48, 48, 'A', 'B', 'C', 'D'}, true},
		{"GS ( D", []byte{0x1d, '(', 'D', 5, 0, 20, 1, 0, 2, 0}, true},
		{"GS a", []byte{0x1d, 'a', 0xff}, false},
	} {
		r := made(t, POS58())
		r.send(append([]byte{0x1c, '.'}, append(c.send, '\n')...)...)
		if got := strings.Contains(ink(r.rows()), "#"); got != c.ink {
			t.Errorf("%s: got ink %t, want %t", c.name, got, c.ink)
		}
		r.send(0x10, 4, 1, 0x1d, 'r', 1)
		if got := r.read(); !bytes.Equal(got, []byte{0x12}) {
			t.Errorf("%s: got % x, want the answer to DLE EOT alone", c.name, got)
		}
	}
	r := made(t, POS58())
	r.SetFault(Fault{PaperOut: true})
	r.send(append(small[:len(small):len(small)], 0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8)...)
	if r.SetFault(Fault{}); len(r.rows()) == 0 {
		t.Error("DLE DC4 8 cleared a clone")
	}
}

// TestErrors: a hot head goes by itself, a jam waits for DLE ENQ or for the cover.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		fault Fault
		third byte // DLE EOT 3
		stays bool
	}{{Fault{Jam: true}, 0x16, true}, {Fault{Cutter: true}, 0x1a, true}, {Fault{Hot: true}, 0x52, false}} {
		for name, mend := range map[string]func(*rig){
			"DLE ENQ 2": func(r *rig) { r.send(0x10, 5, 2) },
			"DLE ENQ 1": func(r *rig) { r.send(0x10, 5, 1) },
			"cover":     func(r *rig) { r.SetFault(Fault{CoverOpen: true}); r.SetFault(Fault{}) },
		} {
			r := made(t, EpsonT20())
			answer := func(n byte) byte {
				r.send(0x10, 4, n)
				return append(r.read(), 0)[0]
			}
			r.SetFault(c.fault)
			if got := []byte{answer(1), answer(2), answer(3)}; !bytes.Equal(got, []byte{0x1a, 0x52, c.third}) {
				t.Errorf("%+v: got % x, want 1a 52 %x", c.fault, got, c.third)
			}
			r.send(0x10, 5, 2) // the cause is still there
			if got := answer(3); got != c.third {
				t.Errorf("%+v: told to go on too early: got %x, want %x", c.fault, got, c.third)
			}
			r.SetFault(Fault{})
			if got := answer(1) != 0x12; got != c.stays {
				t.Errorf("%+v: cause gone: got an error %t, want %t", c.fault, got, c.stays)
			}
			mend(r)
			if got := answer(1); got != 0x12 {
				t.Errorf("%+v, %s: got %x, want it on-line", c.fault, name, got)
			}
		}
	}
}

// TestFullStatus of Custom, and that others have none.
func TestFullStatus(t *testing.T) {
	for _, c := range []struct {
		fault Fault
		want  []byte
	}{
		{Fault{}, []byte{0x10, 0x0f, 0, 0, 0, 0}}, {Fault{PaperLow: true}, []byte{0x10, 0x0f, 4, 0, 0, 0}},
		{Fault{PaperOut: true}, []byte{0x10, 0x0f, 5, 0, 0, 0}}, {Fault{CoverOpen: true}, []byte{0x10, 0x0f, 0, 2, 0, 0}},
		{Fault{Jam: true}, []byte{0x10, 0x0f, 0, 0, 0x40, 0}}, {Fault{Cutter: true}, []byte{0x10, 0x0f, 0, 0, 0, 1}},
		{Fault{Hot: true}, []byte{0x10, 0x0f, 0, 0, 1, 0}},
	} {
		r := made(t, CustomVKP80II())
		r.SetFault(c.fault)
		r.send(0x10, 4, 0x14)
		if got := r.read(); !bytes.Equal(got, c.want) {
			t.Errorf("%+v: got % x, want % x", c.fault, got, c.want)
		}
	}
	r := made(t, EpsonT20())
	r.send(0x10, 4, 0x14, 0x10, 4, 1)
	if got := r.read(); !bytes.Equal(got, []byte{0x12}) {
		t.Errorf("Epson: got % x, want 12 alone", got)
	}
}

// TestPresenter: cut tickets are behind the rollers until they are held out.
func TestPresenter(t *testing.T) {
	ticket := append(append([]byte{}, small...), 0x1b, 'd', 5)
	for _, c := range []struct {
		name   string
		send   []byte
		papers int
		want   State
	}{
		{"GS V does nothing", []byte{0x1d, 'V', 66, 0}, 0, State{}},
		{"ESC i keeps it inside", []byte{0x1b, 'i'}, 0, State{}},
		{"ESC i, GS e 3", []byte{0x1b, 'i', 0x1d, 'e', 3, 9}, 1, State{Presented: true}},
		{"FF", []byte{0x0c}, 1, State{Presented: true}},
		{"FF, GS e 2", []byte{0x0c, 0x1d, 'e', 2}, 0, State{Retracted: 1}},
		{"FF, GS e 5", []byte{0x0c, 0x1d, 'e', 5}, 0, State{Ejected: 1}},
		{"ESC i, GS e 2", []byte{0x1b, 'i', 0x1d, 'e', 2}, 0, State{Retracted: 1}},
		{"FS P and hold", []byte{0x1c, 'P', 10, 1, 'R', 0}, 1, State{Presented: true}},
		{"nothing to move", []byte{0x1d, 'e', 2, 0x1d, 'e', 5}, 0, State{}},
		{"a second one pushes", append(append([]byte{0x0c}, ticket...), 0x0c), 1, State{Presented: true, Pushed: 1}},
	} {
		r := made(t, CustomVKP80II())
		r.send(append(ticket[:len(ticket):len(ticket)], c.send...)...)
		got := r.State()
		if len(got.Papers) != c.papers || got.Presented != c.want.Presented || got.Retracted != c.want.Retracted ||
			got.Ejected != c.want.Ejected || got.Pushed != c.want.Pushed {
			t.Errorf("%s: got %+v, want %d papers and %+v", c.name, got, c.papers, c.want)
		}
		if taken := r.Tear(); taken != (c.papers > 0) || r.State().Presented {
			t.Errorf("%s: taken %t, want %t", c.name, taken, c.papers > 0)
		}
	}
}

// TestPresenterClock: FS P acts after its seconds, but not on the next ticket.
func TestPresenterClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticket := func(act byte) []byte {
			return append(append([]byte{}, small...), 0x1b, 'd', 5, 0x1c, 'P', 10, 1, act, 9)
		}
		r := made(t, CustomVKP80III())
		r.send(ticket('R')...)
		time.Sleep(8 * time.Second)
		if st := r.State(); !st.Presented {
			t.Errorf("after 8 s: got %+v, want it held out", st)
		}
		r.Tear()
		r.send(ticket('E')...)
		time.Sleep(8 * time.Second)
		if st := r.State(); !st.Presented || st.Retracted != 0 {
			t.Errorf("after 8 s more: got %+v, want the second held out", st)
		}
		time.Sleep(2 * time.Second)
		if st := r.State(); st.Presented || st.Ejected != 1 {
			t.Errorf("after 10 s: got %+v, want it ejected", st)
		}
		r.pipe.Close()
	})
}

// TestCounters of Custom: retracted tickets, cuts, power-ups.
func TestCounters(t *testing.T) {
	r := made(t, CustomVKP80II())
	r.send(append(append([]byte{}, small...), 0x1b, 'd', 5, 0x0c, 0x1d, 'e', 2)...)
	for n, want := range map[byte]string{0xe2: "1", 0xe4: "1", 0xe5: "1"} {
		r.send(0x1d, n)
		if got := r.read(); string(got) != want {
			t.Errorf("GS %x: got %q, want %s", n, got, want)
		}
	}
	r.send(append([]byte{0x1d, 'v', '0', 0, 8, 0, 9, 0}, make([]byte, 8)...)...)
	r.Restart()
	r.send(0x1d, 0xe5)
	if got := r.read(); string(got) != "2" {
		t.Errorf("after a dip within a picture: got %q, want 2", got)
	}
}
