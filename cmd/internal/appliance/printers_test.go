package appliance

import (
	"errors"
	"flag"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/escpos"
	"sps-kiosk/hal/bench"
	printermodel "sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/slip/sliptest"
)

// TestMain lets tests that wait for machines, not for the processor, wait together.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// models are the printers of the bench by name.
func models() map[string]printermodel.Model {
	return map[string]printermodel.Model{
		"TM-T20": printermodel.EpsonT20(), "TM-T88": printermodel.EpsonT88(), "TM-T88 as vendor class": printermodel.EpsonVendorClass(),
		"CT-S651": printermodel.CitizenCTS651(), "VKP80II": printermodel.CustomVKP80II(), "VKP80III": printermodel.CustomVKP80III(),
		"RP-326": printermodel.AtolRP326(), "RP326": printermodel.Rongta326(), "XP-T80Q": printermodel.XprinterT80Q(), "POS-58": printermodel.POS58(),
		"nameless 58 mm": printermodel.Nameless(384), "nameless 80 mm": printermodel.Nameless(576),
	}
}

// with starts a kiosk with this printer; the settings get these lines in [printer].
func with(t *testing.T, m printermodel.Model, settings ...string) *stand {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kiosk.txt")
	text := "[printer]\n" + strings.Join(settings, "\n") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := usual()
	l.Printer = m
	s := newStand(t, Options{Config: path}, l)
	s.digits("-------")
	s.until("a printer that was looked at", func(look bench.Snapshot) bool {
		return strings.HasPrefix(lastAbout(look, "Принтер: "), "Принтер: ")
	})
	return s
}

// reads holds a paper against what a ticket says.
func reads(t *testing.T, paper image.Image, number string, words ...string) {
	t.Helper()
	if got := sliptest.ReadNumber(t, paper); got != number {
		t.Errorf("the number on the paper: got %q, want %q", got, number)
	}
	got := sliptest.ReadText(t, paper)
	for _, want := range words {
		if !strings.Contains(got, want) {
			t.Errorf("the paper reads %q, want %q on it", got, want)
		}
	}
}

// TestEveryPrinterPrintsAReadableTicket: whatever is plugged in, chosen by its own word alone.
func TestEveryPrinterPrintsAReadableTicket(t *testing.T) {
	t.Parallel()
	for name, m := range models() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := with(t, m)
			s.press(docs)
			paper := s.slips(1)
			if got := s.machine.Snapshot().Printer; got.Pushed+got.Retracted+got.Ejected != 0 {
				t.Errorf("got %+v, want the ticket in its mouth or slot", got)
			}
			reads(t, paper, "А001", "Подать документы", "Бесплатно")
			if got := sliptest.ReadQR(t, paper); got != "https://gosuslugi.ru" {
				t.Errorf("the code: got %q, want https://gosuslugi.ru", got)
			}
		})
	}
}

// TestText: the letters of the printer itself, by the number its maker gave the code page.
func TestText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model printermodel.Model
		page  string
	}{
		"TM-T20, 866":   {printermodel.EpsonT20(), "cp866"},
		"TM-T88, 1251":  {printermodel.EpsonT88(), "cp1251"},
		"RP326, 866":    {printermodel.Rongta326(), "cp866"},
		"RP-326, 866":   {printermodel.AtolRP326(), "cp866"}, // which number is not sure: a picture
		"RP326, 1251":   {printermodel.Rongta326(), "cp1251"},
		"CT-S651, 866":  {printermodel.CitizenCTS651(), "cp866"},
		"POS-58, 866":   {printermodel.POS58(), "cp866"},
		"VKP80II, 866":  {printermodel.CustomVKP80II(), "cp866"},
		"VKP80II, 1251": {printermodel.CustomVKP80II(), "cp1251"}, // unknown number: a picture
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := with(t, c.model, `text = "`+c.page+`"`)
			s.press(docs)
			paper := s.slips(1)
			if got := sliptest.ReadNumber(t, paper); !strings.HasSuffix(got, "001") { // a letter of 8 x 8 blocks is none to it
				t.Errorf("the number on the paper: got %q, want А001", got)
			}
			words := sliptest.ReadText(t, paper)
			for _, want := range []string{"Кошкинского района", "Подать документы", "Ждите в зале", "Бесплатно"} {
				if !strings.Contains(words, want) {
					t.Errorf("the paper reads %q, want %q on it", words, want)
				}
			}
		})
	}
}

// TestPaperOutBeforeAndInTheMiddle: the printer says so, the number is on the display, and with new
// paper one whole ticket comes.
func TestPaperOutBeforeAndInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, m := range models() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := with(t, m)
			s.machine.SetPrinter(bench.PrinterFault{PaperOut: true})
			s.journal("Принтер: нет бумаги")
			s.press(docs)
			s.digits("А001")
			s.machine.SetPrinter(bench.PrinterFault{})
			s.until("printing", func(look bench.Snapshot) bool { return look.Printer.Printing })
			time.Sleep(200 * time.Millisecond)
			s.machine.SetPrinter(bench.PrinterFault{PaperOut: true})
			time.Sleep(time.Second)
			if p := s.machine.Snapshot().Printer; len(p.Papers) > 1 || p.Printing {
				t.Errorf("without paper: got %+v", p)
			}
			s.machine.SetPrinter(bench.PrinterFault{})
			reads(t, s.slips(1), "А001")
			s.journal("Талон А001 напечатан")
		})
	}
}

// ready is the button of the second service of the built-in settings.
const ready = "GPIO27"

// TestNobodyIsHandedAnothersTicket: what was not taken goes inside before the next one, and by itself
// when its time is over; with the setting it falls out.
func TestNobodyIsHandedAnothersTicket(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model                      printermodel.Model
		setting                    string
		left, retracted1, ejected1 int // after the second ticket
		retracted2, ejected2       int // some seconds later
	}{
		"VKP80II":         {model: printermodel.CustomVKP80II(), setting: "retract", retracted1: 1, retracted2: 2},
		"VKP80II, eject":  {model: printermodel.CustomVKP80II(), setting: "eject", ejected1: 1, ejected2: 2},
		"VKP80II, hold":   {model: printermodel.CustomVKP80II(), setting: "hold", retracted1: 1, retracted2: 1},
		"VKP80III":        {model: printermodel.CustomVKP80III(), setting: "retract", retracted1: 1, retracted2: 2},
		"VKP80III, eject": {model: printermodel.CustomVKP80III(), setting: "eject", ejected1: 1, ejected2: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := with(t, c.model, `left_ticket = "`+c.setting+`"`, "left_seconds = 5")
			s.press(docs)
			s.slips(1)
			s.press(ready)
			look := s.until("the second ticket alone", func(look bench.Snapshot) bool {
				p := look.Printer
				return p.Retracted == c.retracted1 && p.Ejected == c.ejected1 && p.Presented && len(p.Papers) == 1
			})
			if got := sliptest.ReadText(t, s.machine.Paper(look.Printer.Papers[0].ID)); !strings.Contains(got, "Получить готовое") {
				t.Errorf("the paper reads %q, want the second ticket", got)
			}
			if c.setting != "hold" {
				look = s.until("an empty mouth", func(look bench.Snapshot) bool { return !look.Printer.Presented })
			} else {
				time.Sleep(7 * time.Second)
				look = s.machine.Snapshot()
			}
			if p := look.Printer; p.Retracted != c.retracted2 || p.Ejected != c.ejected2 || p.Pushed != 0 {
				t.Errorf("got %+v, want %d retracted, %d ejected, none pushed", p, c.retracted2, c.ejected2)
			}
		})
	}
}

// TestAnUnknownPrinterServes and says so.
func TestAnUnknownPrinterServes(t *testing.T) {
	t.Parallel()
	s := with(t, printermodel.Nameless(576))
	s.journal("Принтер: принтер незнакомый: печатаем в простом режиме")
	s.press(docs)
	paper := s.slips(1)
	reads(t, paper, "А001")
	for y := range paper.Bounds().Dy() {
		for x := 384; x < 576; x++ {
			if r, _, _, _ := paper.At(x, y).RGBA(); r == 0 {
				t.Fatalf("got ink at %d,%d, want none that a narrow head would lose", x, y)
			}
		}
	}
}

// TestAShtrihGetsNothing: it would print the picture as signs, metres of them.
func TestAShtrihGetsNothing(t *testing.T) {
	onDesk(t, printermodel.Shtrih700(), escpos.Options{}, func(t *testing.T, d *desk) {
		sent := 0
		d.model.Device().SetFault(func(tr *virtusb.Transfer) bool {
			if !tr.IsControl() && !tr.In() {
				sent++
			}
			return false
		})
		d.wants(stripes{1, 100}, escpos.NotStarted, escpos.ErrForeign)
		if st, err := d.Status(t.Context()); err != nil || !errors.Is(st.Ready(), escpos.ErrForeign) || sent > 0 {
			t.Errorf("got %+v, %v, and %d transfers to it, want %v and none", st, err, sent, escpos.ErrForeign)
		}
	})
	t.Parallel()
	s := with(t, printermodel.Shtrih700())
	s.journal("Принтер: ведёт себя не как ожидалось: проверьте настройки")
	s.press(docs)
	s.digits("А001")
}

// TestEveryWordOfTheSettingsIsAPrinter: of the driver, and of the bench that draws it.
func TestEveryWordOfTheSettingsIsAPrinter(t *testing.T) {
	for _, word := range config.Profiles()[1:] {
		p := printerOptions(config.Printer{Profile: word}).Profile
		if p == nil || p.Unfamiliar {
			t.Errorf("%s: got %+v, want a profile", word, p)
			continue
		}
		drawn := drawnPrinter(word)
		if drawn.Dots != 0 && drawn.Dots < p.Dots || drawn.Dots == 0 && p.Dots != 576 {
			t.Errorf("%s: got a bench of %d dots for %d", word, drawn.Dots, p.Dots)
		}
	}
	if len(profiles()) != len(config.Profiles())-1 {
		t.Errorf("got %d profiles, want %d", len(profiles()), len(config.Profiles())-1)
	}
}
