package appliance

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
)

// edited is the built-in catalogue as a further version, with another title of its first service.
func edited(version string) []byte {
	text := bytes.Replace(config.CatalogReference, []byte(`version = "decree84.1"`), []byte(`version = "`+version+`"`), 1)
	return bytes.Replace(text, []byte(`title = "окно 1"`), []byte(`title = "окно приёма"`), 1)
}

// catalogued runs a kiosk in virtual time whose settings are in a folder with this catalogue; nil is none.
func catalogued(t *testing.T, text []byte, body func(t *testing.T, s *stand, write func([]byte))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		write := func(text []byte) {
			if err := os.WriteFile(filepath.Join(folder, config.CatalogName), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if text != nil {
			write(text)
		}
		s := newStand(t, Options{Config: folder, Contact: 24 * time.Hour}, usual()) // the link keeps the clock of its first contact
		s.digits("-------")
		body(t, s, write)
	})
}

// midnight lets the clock of the machine go on to a minute after midnight.
func (s *stand) midnight() {
	time.Sleep(2 * time.Minute) // a clock that is set on by less than it ran is one that was behind
	_, wall, _ := s.machine.Now()
	local := wall.In(config.Default().Hours.Zone)
	next := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 1, 0, 0, local.Location())
	s.machine.Shift(next.Sub(local))
	time.Sleep(2 * time.Second)
}

// TestCatalogComesBetweenDays: a new catalogue that is put beside kiosk.txt while tickets wait comes into force
// after the day, and not before; then the kiosk begins anew with it (A6).
func TestCatalogComesBetweenDays(t *testing.T) {
	catalogued(t, nil, func(t *testing.T, s *stand, write func([]byte)) {
		s.journal("Действует каталог услуг decree84.1")
		s.press(docs)
		s.journal("Талон А001 записан")
		write(edited("decree84.2"))
		time.Sleep(catalogEvery + time.Second)
		if n := s.count("decree84.2"); n != 0 {
			t.Error("the new catalogue came into force while a ticket waits")
		}
		s.midnight()
		s.journal("Действует каталог услуг decree84.2")
		s.digits("-------")
		s.machine.Shift(9 * time.Hour)
		s.press(window1)
		s.journal("окно приёма: приём открыт")
	})
}

// TestFaultyCatalogue: what is wrong is said with file and line, the one before it holds, and the day goes on. A
// mended one is taken.
func TestFaultyCatalogue(t *testing.T) {
	catalogued(t, edited("decree84.5"), func(t *testing.T, s *stand, write func([]byte)) {
		s.journal("Действует каталог услуг decree84.5")
		write(bytes.Replace(edited("decree84.6"), []byte(`prefix = "П"`), []byte(`prefix = "А"`), 1))
		time.Sleep(catalogEvery + time.Second)
		s.journal("Ошибка в каталоге услуг, действует прежний: catalog.toml, строка")
		s.journal("Каталог услуг: в новом каталоге ошибка")
		s.press(docs)
		s.journal("Талон А001 записан")
		time.Sleep(2 * catalogEvery)
		if n := s.count("Ошибка в каталоге"); n != 1 {
			t.Errorf("got the fault told %d times, want once", n)
		}
		write(edited("decree84.6"))
		time.Sleep(catalogEvery + time.Second)
		s.midnight()
		s.journal("Действует каталог услуг decree84.6")
	})
}

// TestCatalogThatKioskTxtDoesNotFit: a new catalogue without a service that has a button is a fault of it.
func TestCatalogThatKioskTxtDoesNotFit(t *testing.T) {
	catalogued(t, nil, func(t *testing.T, s *stand, write func([]byte)) {
		s.journal("Действует каталог услуг decree84.1")
		write([]byte("version = \"small.1\"\nact = \"Приказ\"\nas_of = \"2026-11-01\"\n[[service]]\ncode = \"docs\"\ntitle = \"Документы\"\nprefix = \"А\"\n" +
			"[[window]]\nnumber = 1\nserves = [\"docs\"]\n"))
		time.Sleep(catalogEvery + time.Second)
		s.journal("Ошибка в каталоге услуг, действует прежний: kiosk.txt, строка 30, service.code: в каталоге small.1 нет услуги \"ready\"")
	})
}

// TestKeptCatalogue holds every combination of what was kept and what lies in the folder at a start.
func TestKeptCatalogue(t *testing.T) {
	broken := []byte("version = 5\n")
	for name, c := range map[string]struct {
		kept, beside []byte
		want         string
		offered      bool // an Adopt is given to the machine
		fault        string
	}{
		"first start":            {nil, nil, "decree84.1", true, ""},
		"first start, a file":    {nil, edited("decree84.2"), "decree84.2", true, ""},
		"first start, a fault":   {nil, broken, "decree84.1", true, "version"},
		"nothing new":            {edited("decree84.2"), edited("decree84.2"), "decree84.2", false, ""},
		"a new one":              {edited("decree84.2"), edited("decree84.3"), "decree84.2", true, ""},
		"the file was taken out": {edited("decree84.2"), nil, "decree84.2", true, ""},
		"a fault keeps the last": {edited("decree84.2"), broken, "decree84.2", false, "version"},
		"kept spoilt":            {broken, edited("decree84.3"), "decree84.3", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder, data := t.TempDir(), t.TempDir()
			for path, text := range map[string][]byte{filepath.Join(folder, config.CatalogName): c.beside, filepath.Join(data, config.CatalogName): c.kept} {
				if text != nil {
					if err := os.WriteFile(path, text, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			s, err := readSource(folder)
			if err != nil || (s.fault != nil) != (c.fault != "") || c.fault != "" && !strings.Contains(s.fault.Error(), c.fault) {
				t.Fatalf("got %v, fault %v, want fault %q", err, s.fault, c.fault)
			}
			book := newCatalogue(s, data, slog.New(slog.DiscardHandler))
			offered := 0
			book.now = func() event.Time { return event.Time{Boot: 1, Error: event.Unknown} }
			book.emit = func(in kiosk.Input) {
				if _, is := in.(kiosk.Adopt); is {
					offered++
				}
			}
			book.begin()
			if got := book.settings().Catalog.Version; got != c.want || offered == 1 != c.offered || offered > 1 {
				t.Errorf("got %s in force, %d offered, want %s, offered %t", got, offered, c.want, c.offered)
			}
		})
	}
}

// TestKeptWholeOrNotAtAll: what is in force is on the card before the process begins anew, and a folder that
// cannot be written to changes nothing.
func TestKeptWholeOrNotAtAll(t *testing.T) {
	data := t.TempDir()
	s, err := readSource("")
	if err != nil {
		t.Fatal(err)
	}
	book := newCatalogue(s, data, slog.New(slog.DiscardHandler))
	book.emit = func(kiosk.Input) {}
	book.adopted(kiosk.KeepCatalog{Text: []byte("an earlier one")})
	book.adopted(kiosk.KeepCatalog{Text: edited("decree84.2")})
	if err := book.Run(t.Context()); !errors.Is(err, errNewSettings) {
		t.Errorf("got %v, want %v", err, errNewSettings)
	}
	got, err := os.ReadFile(filepath.Join(data, config.CatalogName))
	if err != nil || !bytes.Equal(got, edited("decree84.2")) {
		t.Errorf("got %d bytes, %v, want the catalogue in force", len(got), err)
	}
	if err := keepFile(filepath.Join(data, "nowhere", "x"), []byte("x")); err == nil {
		t.Error("got nil for a folder that is not there")
	}
}

// TestAlteredUnderTheSameVersion: reports could not be told apart, so it is said; it comes into force all the same.
func TestAlteredUnderTheSameVersion(t *testing.T) {
	s, err := readSource("")
	if err != nil {
		t.Fatal(err)
	}
	book, said, offered := newCatalogue(s, t.TempDir(), slog.New(slog.DiscardHandler)), "", 0
	book.emit, book.tell = func(kiosk.Input) { offered++ }, func(text string) { said += text }
	book.offer(config.BuiltIn())
	if said != "" {
		t.Errorf("the same text: got %q, want nothing said", said)
	}
	altered, err := config.ParseCatalog(edited("decree84.1"))
	if err != nil {
		t.Fatal(err)
	}
	book.offer(altered)
	if !strings.Contains(said, "version прежняя: decree84.1") || offered != 2 {
		t.Errorf("got %q and %d offered, want it said and offered", said, offered)
	}
}

// TestWarningsAreLogged: what is stale is said by a trusted clock, once at the start.
func TestWarningsAreLogged(t *testing.T) {
	folder := t.TempDir()
	old := bytes.Replace(config.CatalogReference, []byte(`as_of = "2026-11-01"`), []byte(`as_of = "2020-01-01"`), 1)
	if err := os.WriteFile(filepath.Join(folder, config.CatalogName), old, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := readSource(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, trusted := range []bool{true, false} {
		var log bytes.Buffer
		book := newCatalogue(s, t.TempDir(), slog.New(slog.NewTextHandler(&log, nil)))
		now := event.Time{Boot: 1, Wall: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC).UnixMilli(), Error: event.Unknown}
		if trusted {
			now.Error = 0
		}
		book.emit, book.now = func(kiosk.Input) {}, func() event.Time { return now }
		book.begin()
		if got := strings.Count(log.String(), "as_of: сведения об этапах и каналах проверены 2020-01-01"); (got == 1) != trusted || got > 1 {
			t.Errorf("trusted clock %t: got it said %d times:\n%s", trusted, got, log.String())
		}
	}
}
