package appliance

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/panel/technician"
	"sps-kiosk/kiosk/slip/sliptest"
)

// freeAddress returns an address of the loopback that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// caller is a browser without a screen.
type caller struct {
	t       *testing.T
	client  *http.Client
	address string
	token   string
}

func newCaller(t *testing.T, address string) *caller {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{t: t, client: &http.Client{Jar: jar, Transport: transport, Timeout: 30 * time.Second}, address: "https://" + address}
}

var pageToken = regexp.MustCompile(`name="panel-token" content="([0-9a-f]+)"`)

func (c *caller) look(path string) (page string) {
	c.t.Helper()
	var answer *http.Response
	var err error
	for range 200 { // the door opens a moment after the digits
		if answer, err = c.client.Get(c.address + path); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if m := pageToken.FindSubmatch(body); m != nil {
		c.token = string(m[1])
	}
	return string(body)
}

func (c *caller) post(path string, fields url.Values) (int, string) {
	c.t.Helper()
	r, _ := http.NewRequest("POST", c.address+path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.address)
	r.Header.Set("X-Panel-Token", c.token)
	answer, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

var printedCode = regexp.MustCompile(`Код: *([0-9]{5}) ?([0-9]{5})`)

// TestANewcomerPairsABrowser on the drawn kiosk: opens the console, takes the card out of the drawn printer,
// types its code and a PIN, opens the window, and a ticket taken at the panel is called from the browser
// onto the LED digits. The technician then tries a button, and no ticket comes.
func TestANewcomerPairsABrowser(t *testing.T) {
	address := freeAddress(t)
	s := newStand(t, Options{LAN: address}, usual())
	s.digits("-------")
	c := newCaller(t, address)
	if page := c.look("/console"); !strings.Contains(page, "Подключить этот браузер") {
		t.Fatalf("at the door: %s", page)
	}
	card := s.slips(1)
	if got := sliptest.ReadQR(t, card); got != "https://"+address+"/pair" {
		t.Errorf("the code on the card leads to %q", got)
	}
	words := sliptest.ReadText(t, card)
	code := printedCode.FindStringSubmatch(words)
	if code == nil {
		t.Fatalf("no code on the card: %s", words)
	}
	if status, said := c.post("/pair", url.Values{"code": {code[1] + code[2]}}); status != 200 {
		t.Fatalf("pair with %s: %d %s", code[0], status, said)
	}
	c.look("/console")
	c.post("/sign-in", url.Values{"pin": {"4801"}})
	c.look("/console")
	if status, said := c.post("/console/do", url.Values{"do": {"open"}}); status != 200 {
		t.Fatalf("open: %d %s", status, said)
	}
	s.press(docs)
	s.slips(2)
	if status, said := c.post("/console/do", url.Values{"do": {"call"}}); status != 200 || said != "Вызван А001" {
		t.Errorf("call: %d %s", status, said)
	}
	s.digits("А001-01")

	c.post("/sign-out", nil)
	c.look("/technician")
	c.post("/sign-in", url.Values{"pin": {"904415"}})
	page := c.look("/technician")
	for _, want := range []string{"Место на карте", "Часы", "Версия программы", "serving", "Пульт 1"} {
		if !strings.Contains(page, want) {
			t.Errorf("the technician's page has no %q", want)
		}
	}
	for _, never := range []string{"4801", "904415", code[1] + code[2]} {
		if strings.Contains(page, never) {
			t.Errorf("the technician's page holds %s", never)
		}
	}
	for path, want := range map[string]string{"/technician/settings": "В настройках всё верно", "/technician/update": "Район предлагает",
		"/technician/diagnostics": "Личных данных здесь нет"} {
		page := c.look(path)
		if !strings.Contains(page, want) {
			t.Errorf("%s has no %q", path, want)
		}
		for _, never := range []string{"4801", "904415", code[1] + code[2]} {
			if strings.Contains(page, never) {
				t.Errorf("%s holds %s", path, never)
			}
		}
	}
	if status, said := c.post("/technician/do", url.Values{"do": {"lamp"}, "lamp": {"service.consult"}}); status != 200 {
		t.Errorf("try a lamp: %d %s", status, said)
	}
	for _, lit := range []bool{false, true} { // it was steady, flashes, and is steady again
		s.until("a lamp that flashes", func(look bench.Snapshot) bool {
			return slices.ContainsFunc(look.Buttons, func(b bench.ButtonView) bool { return b.Line == "GPIO24" && b.Lit == lit })
		})
	}
	if status, said := c.post("/technician/do", url.Values{"do": {"buttons"}}); status != 200 {
		t.Fatalf("buttons: %d %s", status, said)
	}
	s.press(docs)
	if page := c.look("/technician"); !strings.Contains(page, `Кнопка «Подать документы» <b class="num">1</b>`) {
		t.Errorf("the press does not show: %s", page)
	}
	c.post("/technician/do", url.Values{"do": {"buttons-end"}})
	s.press(docs)
	if got := sliptest.ReadNumber(t, s.slips(3)); got != "А002" {
		t.Errorf("the number after the trial: got %s, want А002", got)
	}
}

// TestPressesOfATrialAreKeptWhole: one that began before the trial ends as usual, one that began in it does
// not leak its release.
func TestPressesOfATrialAreKeptWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{touch: func() {}}
		w.add("a")
		w.add("a")
		w.add("b")
		edges := func(name string, pressed, want bool, when string) {
			t.Helper()
			if got := w.edge(name, pressed); got != want {
				t.Errorf("%s: kept %v, want %v", when, got, want)
			}
		}
		edges("a", true, false, "before the trial")
		w.begin(time.Minute)
		edges("a", false, false, "the release of a press before the trial")
		edges("a", true, true, "in the trial")
		time.Sleep(2 * time.Minute)
		edges("a", false, true, "the release of a press of the trial")
		edges("a", true, false, "after the trial")
		edges("stranger", true, false, "a contact that is not known")
		if all, left := w.contacts(); len(all) != 2 || all[0].count != 2 || left != 0 {
			t.Errorf("got %+v, %v left; want two contacts, the first pressed twice", all, left)
		}
		var none *watch
		none.add("a")
		if none.edge("a", true) {
			t.Error("without a technician a press is kept")
		}
	})
}

// TestWarmth reads what the kernel tells, and says so where it tells nothing.
func TestWarmth(t *testing.T) {
	root := t.TempDir()
	d := &technicianDevice{proc: root}
	if f := d.warmth(); f.State != "" || !strings.Contains(f.Value, "не измеряет") {
		t.Errorf("no thermometer: %+v", f)
	}
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{"52340\n": "", "75000\n": technician.Soon} {
		write("sys/class/thermal/thermal_zone0/temp", text)
		if f := d.warmth(); f.State != want || !strings.Contains(f.Value, text[:2]+" °C") {
			t.Errorf("%q: got %+v, want %q", text, f, want)
		}
	}
}

// TestTheLogKeepsItsLastLines, newest first, with the time of the site.
func TestTheLogKeepsItsLastLines(t *testing.T) {
	l := &lines{}
	for i := range 3 * mostLines {
		l.Write([]byte{byte('a' + i%26), '\n'})
	}
	got := l.newest()
	if len(got) != mostLines || got[0] != string(rune('a'+(3*mostLines-1)%26)) {
		t.Errorf("got %d lines, the newest %q", len(got), got[0])
	}
}

// TestDoors: a flag goes before the settings, and a kiosk that nobody configured has none.
func TestDoors(t *testing.T) {
	for _, c := range []struct {
		o           Options
		s           config.Panel
		screen, lan string
	}{
		{Options{}, config.Panel{}, "", ""},
		{Options{}, config.Panel{Screen: 8088, LAN: 8443}, "127.0.0.1:8088", ":8443"},
		{Options{Screen: "127.0.0.1:1", LAN: "10.0.0.1:2"}, config.Panel{Screen: 8088, LAN: 8443}, "127.0.0.1:1", "10.0.0.1:2"},
	} {
		if screen, lan := doors(c.o, c.s); screen != c.screen || lan != c.lan {
			t.Errorf("got %q and %q, want %q and %q", screen, lan, c.screen, c.lan)
		}
	}
}
