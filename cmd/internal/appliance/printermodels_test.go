package appliance

import (
	"context"
	"errors"
	"image"
	"image/color"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/drivers/escpos"
	printermodel "sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/usb"
)

// stripes is a page with a pattern of its own: rows of stripes in a rhythm that no other seed has.
type stripes struct{ seed, rows int }

func (s stripes) Image(dots int) (image.Image, error) {
	m := image.NewGray(image.Rect(0, 0, dots, s.rows))
	for i := range m.Pix {
		if x, y := i%dots, i/dots; (x/4+s.seed*y)%7 > 2 {
			m.Pix[i] = 0xff
		}
	}
	return m, nil
}

func (s stripes) Lines(int) ([]escpos.Line, error) {
	return []escpos.Line{{Text: "МФЦ", Centre: true}, {Text: "А012", Size: 4, Bold: true}}, nil
}

// on reports whether a paper carries the page whole and nothing else black above it.
func (s stripes) on(paper image.Image, dots int) bool {
	want, _ := s.Image(dots)
	for y := range paper.Bounds().Dy() - s.rows + 1 {
		for x := range paper.Bounds().Dx() {
			if paper.At(x, y) == color.Color(color.Black) {
				return same(paper, want, y)
			}
		}
	}
	return false
}

func same(paper, want image.Image, top int) bool {
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if black := paper.At(x, top+y) == color.Color(color.Black); black != (want.At(x, y) == color.Color(color.Gray{})) {
				return false
			}
		}
	}
	return true
}

// desk is a driver with a model on a bus, in virtual time.
type desk struct {
	t     *testing.T
	model *printermodel.Printer
	bus   virtusb.Bus
	*escpos.Printer
}

func onDesk(t *testing.T, m printermodel.Model, o escpos.Options, body func(*testing.T, *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{t: t, model: printermodel.New(m, printermodel.Hooks{})}
		d.bus.Plug("1-1", d.model.Device())
		d.Printer = escpos.New(usb.NewLink(&d.bus, usb.Printer()), o)
		body(t, d)
		d.Close()
		d.model.Close()
	})
}

// wants prints a page and compares what is known of it.
func (d *desk) wants(page escpos.Page, want escpos.Outcome, reason error) {
	d.t.Helper()
	got, err := d.Print(d.t.Context(), page)
	if got != want || !errors.Is(err, reason) || reason == nil && err != nil {
		d.t.Errorf("got %v, %v, want %v, %v", got, err, want, reason)
	}
}

// last is the latest paper in the slot or the mouth.
func (d *desk) last() (image.Image, int) {
	d.t.Helper()
	papers := d.model.State().Papers
	if len(papers) == 0 {
		d.t.Fatal("got no paper")
	}
	last := papers[len(papers)-1]
	return d.model.Image(last.ID), last.ID
}

// TestGivenUpTicketsStayOut: the paper runs out in the middle, nobody brings a roll for a minute, and
// the owner goes. What comes later is not the rest of that ticket, and the next one is whole.
func TestGivenUpTicketsStayOut(t *testing.T) {
	for name, m := range models() {
		t.Run(name, func(t *testing.T) { givenUp(t, m, 300*time.Millisecond) })
	}
	for after := 250; after < 350; after += 2 { // whatever its buffer holds then
		givenUp(t, printermodel.EpsonVendorClass(), time.Duration(after)*time.Millisecond)
	}
}

// givenUp lets the paper run out after that time of the first ticket.
func givenUp(t *testing.T, m printermodel.Model, after time.Duration) {
	onDesk(t, m, escpos.Options{Left: escpos.Hold}, func(t *testing.T, d *desk) {
		time.AfterFunc(after, func() { d.model.SetFault(printermodel.Fault{PaperOut: true}) })
		d.wants(stripes{1, 600}, escpos.Uncertain, escpos.ErrPaperOut)
		half := rows(d.model)
		d.model.SetFault(printermodel.Fault{})
		time.Sleep(time.Minute)
		if now := rows(d.model); now != half {
			t.Errorf("with new paper: got %d rows more of the old ticket, want none", now-half)
		}
		d.wants(stripes{2, 300}, escpos.Confirmed, nil)
		paper, _ := d.last()
		if dots := min(paper.Bounds().Dx(), 576); !(stripes{2, 300}).on(paper, dots) && !(stripes{2, 300}).on(paper, 384) && !(stripes{2, 300}).on(paper, 512) {
			t.Errorf("got another paper than the second ticket, %v", paper.Bounds())
		}
	})
}

// rows is how much paper came out so far.
func rows(p *printermodel.Printer) (n int) {
	for id := 1; ; id++ {
		m := p.Image(id)
		if m == nil {
			return n
		}
		n += m.Bounds().Dy()
	}
}

// TestFullVendorClassPrinter: an Epson of vendor class has no endpoint 0 requests, and a full buffer
// takes no real-time command. Where its switch makes the buffer smaller than a band, what it holds
// prints with the new paper, and is cut off before the next ticket.
func TestFullVendorClassPrinter(t *testing.T) {
	m := printermodel.EpsonVendorClass()
	m.Buffer = 64
	onDesk(t, m, escpos.Options{}, func(t *testing.T, d *desk) {
		time.AfterFunc(300*time.Millisecond, func() { d.model.SetFault(printermodel.Fault{PaperOut: true}) })
		d.wants(stripes{1, 600}, escpos.Uncertain, escpos.ErrPaperOut)
		d.model.SetFault(printermodel.Fault{})
		time.Sleep(time.Minute)
		d.wants(stripes{2, 300}, escpos.Confirmed, nil)
		if paper, _ := d.last(); !(stripes{2, 300}).on(paper, 512) {
			t.Error("got another paper than the second ticket, alone")
		}
	})
}

// TestSipsDoNotStutter: bands that wait for answers come out as fast as others.
func TestSipsDoNotStutter(t *testing.T) {
	took := func(m printermodel.Model) (d time.Duration) {
		onDesk(t, m, escpos.Options{}, func(t *testing.T, desk *desk) {
			begin := time.Now()
			desk.wants(stripes{1, 900}, escpos.Confirmed, nil)
			d = time.Since(begin)
		})
		return d
	}
	sipped, gulped := took(printermodel.EpsonVendorClass()), took(printermodel.EpsonT88())
	if ratio := float64(sipped) / float64(gulped); ratio > 1.1 {
		t.Errorf("got %v for a slip in sips and %v for one in gulps, want at most 1.1 times that", sipped, gulped)
	}
}

// TestSwallowedTextIsCleared: a ticket of text fits into the buffer whole. DLE DC4 8 takes it out.
func TestSwallowedTextIsCleared(t *testing.T) {
	onDesk(t, printermodel.EpsonT20(), escpos.Options{Text: escpos.CP866}, func(t *testing.T, d *desk) {
		if _, err := d.Status(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.model.Device().SetFault(func(tr *virtusb.Transfer) bool { // the roll ends between status and data
			if !tr.IsControl() && !tr.In() && len(tr.Data) > 16 {
				d.model.SetFault(printermodel.Fault{PaperOut: true})
			}
			return false
		})
		d.wants(stripes{}, escpos.Uncertain, escpos.ErrPaperOut)
		d.model.Device().SetFault(nil)
		d.model.SetFault(printermodel.Fault{})
		time.Sleep(time.Minute)
		if n := rows(d.model); n != 0 {
			t.Errorf("got %d rows of a ticket whose owner has gone, want none", n)
		}
		d.wants(stripes{}, escpos.Confirmed, nil)
	})
}

// TestSwallowedPictureIsCutOff: a large buffer takes all of it, the roll ends in the middle of it.
func TestSwallowedPictureIsCutOff(t *testing.T) {
	m := printermodel.EpsonT20()
	m.Buffer = 1 << 17
	onDesk(t, m, escpos.Options{}, func(t *testing.T, d *desk) {
		time.AfterFunc(300*time.Millisecond, func() { d.model.SetFault(printermodel.Fault{PaperOut: true}) })
		d.wants(stripes{1, 600}, escpos.Uncertain, escpos.ErrPaperOut)
		d.model.SetFault(printermodel.Fault{})
		d.wants(stripes{2, 300}, escpos.Confirmed, nil)
		if paper, _ := d.last(); !(stripes{2, 300}).on(paper, 576) {
			t.Error("got another paper than the second ticket, alone")
		}
	})
}

// TestErrorsThatWaitToBeTold: Epson's printers stay off-line after a jam until DLE ENQ.
func TestErrorsThatWaitToBeTold(t *testing.T) {
	for _, f := range []printermodel.Fault{{Jam: true}, {Cutter: true}} {
		onDesk(t, printermodel.EpsonT20(), escpos.Options{}, func(t *testing.T, d *desk) {
			d.model.SetFault(f)
			d.wants(stripes{1, 100}, escpos.NotStarted, escpos.ErrFault)
			d.model.SetFault(printermodel.Fault{})
			d.wants(stripes{1, 100}, escpos.NotStarted, escpos.ErrFault) // told a moment ago: the knife is not worn out by asking
			time.Sleep(10 * time.Second)
			d.wants(stripes{1, 100}, escpos.Confirmed, nil)
		})
	}
	onDesk(t, printermodel.EpsonT20(), escpos.Options{}, func(t *testing.T, d *desk) {
		d.model.SetFault(printermodel.Fault{Hot: true})
		d.wants(stripes{1, 100}, escpos.NotStarted, escpos.ErrFault)
		d.model.SetFault(printermodel.Fault{})
		d.wants(stripes{1, 100}, escpos.Confirmed, nil)
	})
}

// TestSilentPowerCycle: the counter tells what the bus did not notice. Without it the last bytes
// alone would be believed.
func TestSilentPowerCycle(t *testing.T) {
	for _, m := range []printermodel.Model{printermodel.CustomVKP80II(), printermodel.CustomVKP80III()} {
		onDesk(t, m, escpos.Options{}, func(t *testing.T, d *desk) {
			d.wants(stripes{1, 300}, escpos.Confirmed, nil)
			d.model.Tear()
			time.AfterFunc(300*time.Millisecond, d.model.Restart)
			d.wants(stripes{2, 600}, escpos.Uncertain, escpos.ErrRestarted)
			d.model.Tear()
			time.Sleep(time.Minute)
			d.model.Restart() // between tickets it is no matter
			d.wants(stripes{3, 300}, escpos.Confirmed, nil)
			if paper, _ := d.last(); !(stripes{3, 300}).on(paper, 576) {
				t.Error("got another paper than the third ticket")
			}
			if st := d.model.State(); st.Pushed != 0 {
				t.Errorf("got %+v, want nothing pushed into somebody's hands", st)
			}
		})
	}
}

// TestStuckTransfers: a printer that takes nothing more, or never answers, is given up in time, at
// any point of the job.
func TestStuckTransfers(t *testing.T) {
	for _, m := range []printermodel.Model{printermodel.EpsonT20(), printermodel.POS58(), printermodel.CustomVKP80II()} {
		for after := range 24 {
			onDesk(t, m, escpos.Options{}, func(t *testing.T, d *desk) {
				var n atomic.Int32
				d.model.Device().SetFault(func(*virtusb.Transfer) bool { return n.Add(1) > int32(after) })
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				start := time.Now()
				got, err := d.Print(ctx, stripes{1, 300})
				if got == escpos.Confirmed { // then it was stuck too late to matter
					if paper, _ := d.last(); !(stripes{1, 300}).on(paper, min(576, paper.Bounds().Dx())) || err != nil {
						t.Errorf("stuck after %d transfers: got %v, %v and another paper", after, got, err)
					}
				}
				if took := time.Since(start); took > 2*time.Minute {
					t.Errorf("stuck after %d transfers: given up after %v, want at most two minutes", after, took)
				}
			})
		}
	}
}
