package escpos

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"image"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// unhex reads bytes as the facts write them.
func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestProfilesAgainstTheTable holds every profile against facts/printer-display-buttons.md: the
// numbers in brackets are its sections.
func TestProfilesAgainstTheTable(t *testing.T) {
	const (
		reset = "1b40 1c2e"                       // [1.1] ESC @ is always followed by FS .
		guard = "1d28 44 05 00 14 01 00 02 00"    // [1.1] GS ( D
		asb   = "1d61 ff"                         // [1.8] GS a, all
		cut   = "1d56 42 00"                      // [1.7] the best default
		gsr   = "1d72 01"                         // [1.8] GS r 1
		id    = "1d28 48 06 00 30 30 41 42 43 44" // [1.9] GS ( H fn 48, id ABCD
		feed  = "1b64 05"                         // [1.3] ESC d
		vkp2  = "0c"                              // [1.7] FF cuts and presents
		vkp3  = "1c50 0a 01 52 1e"                // [1.7] FS P: 50 mm, lamp, retract after 30 s
	)
	none := byte(0)
	for _, c := range []struct {
		profile          Profile
		dots             int  // [1.3]
		cp866, cp1251    byte // [1.2]
		prologue, ending string
	}{
		{Generic58(), 384, 17, none, reset, cut + gsr}, // [1.2] row Zjiang: 866 = 17, of 1251 the sources disagree
		{Generic80(), 576, 17, none, reset, cut + gsr},
		{Unknown(), 384, none, none, reset, cut + gsr},
		{Xprinter80(), 576, 17, 23, reset, cut + gsr},                 // [1.2] row Xprinter
		{Rongta80(), 576, 7, 6, reset, cut + gsr},                     // [1.2] row Rongta: 17 is Greek there
		{Atol80(), 576, none, none, reset, cut + gsr},                 // its page: 7, 17 or none, by three sources
		{Citizen(), 576, 7, none, reset + guard, cut + gsr},           // [1.2] row Citizen; [1.6] GS ( D
		{EpsonT20(), 576, 17, 46, reset + guard + asb, cut + id},      // [1.2] row Epson; [1.9]
		{EpsonT88(), 512, 17, 46, reset + guard + asb, cut + id},      // [1.3] TM-T88V: 512
		{EpsonOther(), 512, 17, none, reset + guard + asb, cut + gsr}, // [1.2] row TM-T88III/IV/T70; [1.9] no GS ( H
		{CustomVKP80II(), 576, 17, none, reset, feed + vkp2 + gsr},    // [1.2] row Custom; [1.7]
		{CustomVKP80III(), 576, 17, none, reset, feed + vkp3 + gsr},   // [1.7] GS V may not fire the cutter
	} {
		p := Options{}.apply(c.profile)
		j, err := p.encode(image.NewGray(image.Rect(0, 0, p.Dots, 1)), [4]byte([]byte("ABCD")))
		if err != nil || p.Dots != c.dots || p.Pages != (Pages{c.cp866, c.cp1251}) {
			t.Errorf("%s: got %d dots, %+v, %v, want %d, %d and %d", p.Name, p.Dots, p.Pages, err, c.dots, c.cp866, c.cp1251)
		}
		if want := unhex(t, c.prologue); !bytes.HasPrefix(j.body, append(want, gs, 'v', '0')) {
			t.Errorf("%s: got % x, want % x and the picture", p.Name, j.body[:20], want)
		}
		if want := unhex(t, c.ending); !bytes.Equal(j.tail, want) {
			t.Errorf("%s: got % x at the end, want % x", p.Name, j.tail, want)
		}
	}
}

// TestPresenterBytes: what becomes of a ticket left in the mouth, and of an unfinished one [1.7].
func TestPresenterBytes(t *testing.T) {
	for _, c := range []struct {
		profile              Profile
		left                 Leftover
		cut, remove, discard string
	}{
		{CustomVKP80II(), Retract, "0c", "1d6502", "1b40 1c2e 1b64 05 1b69 1d6502"},
		{CustomVKP80II(), Hold, "0c", "1d6502", "1b40 1c2e 1b64 05 1b69 1d6502"},
		{CustomVKP80II(), Eject, "0c", "1d6505", "1b40 1c2e 1b64 05 1b69 1d6505"},
		{CustomVKP80III(), Retract, "1c50 0a01 52 09", "", "1b40 1c2e 1b64 05 1c50 0100 52 01"},
		{CustomVKP80III(), Eject, "1c50 0a01 45 09", "", "1b40 1c2e 1b64 05 1c50 0100 45 01"},
	} {
		o := Options{Left: c.left, LeftFor: 9 * time.Second}
		p := o.apply(c.profile)
		if want := unhex(t, c.cut); !bytes.Equal(p.Cut, want) {
			t.Errorf("%s, %d: got % x, want % x", p.Name, c.left, p.Cut, want)
		}
		if got, want := o.remove(*p.Presenter), unhex(t, c.remove); !bytes.Equal(got, want) {
			t.Errorf("%s, %d: got % x, want % x", p.Name, c.left, got, want)
		}
		if got, want := p.rescue(uncut), unhex(t, c.discard); !bytes.Equal(got, want) {
			t.Errorf("%s, %d: got % x, want % x", p.Name, c.left, got, want)
		}
	}
	if got := (Options{LeftFor: time.Hour}).apply(CustomVKP80III()).Cut; got[5] != 255 {
		t.Errorf("an hour: got % x, want the longest the command can say", got)
	}
}

func TestProfileFor(t *testing.T) {
	for _, c := range []struct {
		id   ID
		want string
	}{
		{ID{0x04b8, 0x0e28, ""}, "Epson TM-T20"},
		{ID{0x04b8, 0x0202, ""}, "Epson TM"}, // vendor class tells no model
		{ID{0x04b8, 0x0202, "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;"}, "Epson TM-T88"},
		{ID{0x04b8, 0x0202, "MFG:EPSON;MDL:TM-T88III;"}, "Epson TM"},
		{ID{0, 0, "MANUFACTURER: Epson; MODEL: TM-T20II;"}, "Epson TM-T20"},
		{ID{0x0dd4, 0x015d, ""}, "Custom VKP80II"},
		{ID{0x0dd4, 0x0205, ""}, "Custom VKP80III"},
		{ID{0x0dd4, 0xffff, "MFG:CUSTOM;MDL:VKP80III;"}, "Custom VKP80III"},
		{ID{0, 0, "MFG:CITIZEN;MDL:CT-S310II;"}, "Citizen CT-S"},
		{ID{0, 0, "MFG:Rongta;MDL:RP332;"}, "Rongta 80 mm"},
		{ID{0, 0, "MFG:ATOL;MDL:RP-326-USE;"}, "Atol RP-326"},
		{ID{0, 0, "MFG:ATOL;MDL:RP326;"}, "Atol RP-326"},
		{ID{0, 0, "MFG:SHTRIH-M;MDL:SHTRIH-700;"}, "Shtrih"},
		{ID{0, 0, "MFG:Xprinter;MDL:XP-N160II;"}, "Xprinter 80 mm"},
		{ID{0x0416, 0x5011, "MFG:POS;MDL:POS-5890K;"}, "generic 58 mm"},
		{ID{0x0416, 0x5011, "MFG:Bench;MDL:Thermal 80;"}, "generic 80 mm"},
		{ID{0x0416, 0x5011, "MFG:X;MDL:5880;"}, "unknown"},
		{ID{0x0416, 0x5011, "MFG:80;COMMENT:58;"}, "generic 80 mm"},
		{ID{0x0416, 0x5011, ""}, "unknown"},
		{ID{}, "unknown"},
	} {
		if got := ProfileFor(c.id); got.Name != c.want || got.Unfamiliar != (c.want == "unknown") {
			t.Errorf("%+v: got %s, want %s", c.id, got.Name, c.want)
		}
	}
}

// numbered is a pipe to a device with numbers, on interface 1 in its setting 2.
type numbered struct {
	usb.Pipe
	vendor, product uint16
}

func (n numbered) Device() usb.Device     { return usb.Device{Vendor: n.vendor, Product: n.product} }
func (numbered) Interface() usb.Interface { return usb.Interface{Number: 1, Alternate: 2} }

func TestIdentify(t *testing.T) {
	setup := usb.Setup{RequestType: 0xa1, Request: 0, Index: 0x0102}
	for _, c := range []struct {
		name string
		step usbtest.Step
		want ID
	}{
		{"whole", usbtest.Step{Data: append([]byte{0, 10}, "MDL:X80;and noise"...)}, ID{7, 9, "MDL:X80;"}},
		{"length too long", usbtest.Step{Data: append([]byte{2, 0}, "MDL:"...)}, ID{7, 9, "MDL:"}},
		{"length without itself", usbtest.Step{Data: []byte{0, 0, 'x'}}, ID{7, 9, ""}},
		{"nothing", usbtest.Step{Data: []byte{0}}, ID{7, 9, ""}},
		{"refused", usbtest.Step{Err: usb.ErrStalled}, ID{7, 9, ""}},
	} {
		c.step.Op, c.step.Setup = usbtest.Control, setup
		if got := identify(context.Background(), numbered{usbtest.NewPlayback(t, c.step), 7, 9}); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestTheAttachedPrinterIsAsked each time it is plugged in: the second one is another.
func TestTheAttachedPrinterIsAsked(t *testing.T) {
	asked := func(id string) usbtest.Step {
		return usbtest.Step{Op: usbtest.Control, Setup: usb.Setup{RequestType: 0xa1}, Data: append([]byte{0, byte(len(id) + 2)}, id...)}
	}
	synctest.Test(t, func(t *testing.T) {
		gone := usbtest.Step{Op: usbtest.Read, Err: usb.ErrUnplugged, Delay: time.Second}
		first := usbtest.NewPlayback(t, steps(asked("MDL:POS-58;"), healthy(), gone)...)
		second := usbtest.NewPlayback(t, steps(asked("MDL:Nobody's;"), healthy())...)
		p := New(&shelf{pipes: []usb.Pipe{first, second}}, Options{})
		for _, unfamiliar := range []bool{false, true} {
			if st, err := p.Status(t.Context()); err != nil || st.Unfamiliar != unfamiliar {
				t.Errorf("got %+v, %v, want unfamiliar %t", st, err, unfamiliar)
			}
			time.Sleep(2 * time.Second)
		}
		p.Close()
	})
}

var errBlank = errors.New("nothing to print")

// blank is a page that cannot be made.
type blank struct{}

func (blank) Image(int) (image.Image, error) { return nil, errBlank }
func (blank) Lines(int) ([]Line, error)      { return nil, errBlank }

func TestAPageThatCannotBeMadeIsNotStarted(t *testing.T) {
	text := EpsonT20()
	text.Text = CP866
	for _, p := range []Profile{EpsonT20(), text} {
		play(t, p, func(t *testing.T, p *Printer) {
			if got, err := p.Print(t.Context(), blank{}); got != NotStarted || !errors.Is(err, errBlank) {
				t.Errorf("got %v, %v, want NotStarted and the page's reason", got, err)
			}
		}, healthy())
	}
}
