package appliance

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/slip"
)

// looking returns a self-test on the drawn machine, to be asked part by part.
func looking(t *testing.T, b board, o Options, settings config.Settings) *tester {
	t.Helper()
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	return &tester{wiring: &wiring{board: b, settings: settings, wired: settings, log: o.Log}, options: o, out: io.Discard}
}

// told are the findings as lines, faults marked.
func (t *tester) told() string {
	var lines []string
	for _, f := range t.findings {
		mark := "+ "
		if f.bad {
			mark = "- "
		}
		lines = append(lines, mark+f.line())
	}
	return strings.Join(lines, "\n")
}

// TestSelfTestAsksThePorter: the porter's own kind of socket is called, and one that is not there is told.
func TestSelfTestAsksThePorter(t *testing.T) {
	m := bench.New(usual())
	defer m.Close()
	path := filepath.Join(t.TempDir(), "porter.sock")
	absent := looking(t, m, Options{Porter: path}, config.Default())
	absent.scanner()
	want(t, absent.told(), "- Разъём для флешки: сканирование выключено, его служба не отвечает")
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	there := looking(t, m, Options{Porter: path}, config.Default())
	there.scanner()
	want(t, there.told(), "+ Разъём для флешки: служба отвечает")
	none := looking(t, m, Options{}, config.Default())
	if none.scanner(); none.told() != "" {
		t.Errorf("a kiosk without scanning: got %s, want nothing looked for", none.told())
	}
}

// TestSelfTestAsksTheDistrict: every way to know the district, and every way for it to be out of reach.
func TestSelfTestAsksTheDistrict(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	gone := httptest.NewTLSServer(http.NotFoundHandler())
	gone.Close()
	m := bench.New(usual())
	defer m.Close()
	for name, c := range map[string]struct {
		address, proxy, enroll string
		want                   string
	}{
		"nowhere":   {"", "", "", "- Сервер района: не указан: положите enroll.json"},
		"answers":   {server.URL, "", "", "+ Сервер района: " + server.URL + " отвечает"},
		"silent":    {gone.URL, "", "", "- Сервер района: " + gone.URL + " не отвечает: проверьте роутер"},
		"bad proxy": {server.URL, "http://[", "", "- Сервер района: посредник (прокси) указан неверно"},
		"bad file":  {server.URL, "", "{", "- Сервер района: Файл enroll.json испорчен"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if c.enroll != "" {
				put(t, filepath.Join(folder, "enroll.json"), []byte(c.enroll))
			}
			s := config.Default()
			s.District.Address, s.District.Proxy = c.address, c.proxy
			k := looking(t, m, Options{Config: folder, Data: t.TempDir()}, s)
			k.district(t.Context())
			if !strings.HasPrefix(strings.ToLower(k.told()), strings.ToLower(c.want)) {
				t.Errorf("got %s, want %s", k.told(), c.want)
			}
		})
	}
}

// without is a machine that lacks a line.
type without struct {
	board
	line string
}

func (w without) Line(name string) (gpio.PinIO, error) {
	if name == w.line {
		return nil, errors.New("device or resource busy")
	}
	return w.board.Line(name)
}

// TestSelfTestNamesDeadLines: a lamp and a button whose lines cannot be had are named by what they are, in Russian,
// and nobody's silence keeps the results from the paper.
func TestSelfTestNamesDeadLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := config.Default()
		docs := s.Services[0]
		for line, words := range map[config.Pin]string{docs.Lamp: "- Лампа, «" + docs.Title + "»: не включается", docs.Button: "- Кнопка «" + docs.Title + "»: контакт не работает"} {
			m := bench.New(usual())
			defer m.Close()
			k := looking(t, without{m, string(line)}, Options{Data: t.TempDir()}, s)
			renderer, err := slip.New()
			if err != nil {
				t.Fatal(err)
			}
			k.paper = k.printer(renderer, filepath.Join(k.options.Data, "printing"))
			k.printing(t.Context())
			k.lights()
			began := time.Now()
			k.contacts(t.Context())
			if took := time.Since(began); took < firstPress {
				t.Errorf("waited %v for the first press, want %v whatever is dead", took, firstPress)
			}
			want(t, k.told(), words, "Кнопки: нажаты 0 из 12")
			if strings.Contains(k.told(), "busy") {
				t.Errorf("got the kernel's words told: %s", k.told())
			}
			if !k.print(t.Context(), k.result()) {
				t.Error("the results with every button silent: got no paper")
			}
		}
	})
}

// TestSelfTestTakesTheCatalogueInForce: with a spoilt catalog.toml the one before it says what is wired.
func TestSelfTestTakesTheCatalogueInForce(t *testing.T) {
	folder, data := t.TempDir(), t.TempDir()
	put(t, filepath.Join(folder, "kiosk.txt"), config.Reference)
	put(t, filepath.Join(folder, config.CatalogName), []byte("version = 5\n"))
	put(t, filepath.Join(data, config.CatalogName), edited("decree84.2"))
	s, err := selfTestSettings(Options{Config: folder, Data: data, Log: slog.New(slog.DiscardHandler)})
	if err != nil || s.Catalog.Version != "decree84.2" || len(contactsOf(s)) != 12 {
		t.Errorf("got %s with %d contacts, %v, want decree84.2 with 12", s.Catalog.Version, len(contactsOf(s)), err)
	}
	put(t, filepath.Join(folder, "kiosk.txt"), []byte("[site]\nname = 5\n"))
	if _, err := SelfTest(context.Background(), Options{Config: folder, Data: data, Board: "bench:none"}, io.Discard, false); err == nil || !strings.Contains(err.Error(), "строка 2") {
		t.Errorf("a spoilt kiosk.txt: got %v, want its line", err)
	}
	if _, err := os.Stat(filepath.Join(data, testedName)); err == nil {
		t.Error("got it ticked off")
	}
}
