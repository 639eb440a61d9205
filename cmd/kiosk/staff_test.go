package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench/scanner/sheet"
	service "sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/panel"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/panel/paneltest"
)

// staff is the whole kiosk during a session with a page in it, and a browser in the network.
type staff struct {
	*scanRig
	screen, lan string // "http://127.0.0.1:8088", "https://192.168.1.20:8443"
	preview     string // "127.0.0.1:40123": where the worker shows pages
	ip          net.IP // the browser's, no loopback one
	cookie      string
	token       string
	asked       int
	heard       [][]byte // every answer
}

// pins of the settings, and who they are for.
var pins = []string{"4821", "5562", "904415"}

// newStaff starts porter and kiosk with both doors, pairs a browser, and scans a page.
func newStaff(t *testing.T) *staff {
	t.Helper()
	s := &staff{scanRig: newScanRig(t), ip: outward(t)}
	s.settings("idle_seconds = 600\n[panel]\npins = [\"1:4821\", \"administrator:5562\", \"technician:904415\"]\n")
	desk, err := pair.Open(filepath.Join(s.data, "panel"), nil)
	if err != nil {
		t.Fatal(err)
	}
	code, err := desk.Card()
	if err == nil {
		s.cookie, err = desk.Redeem(code)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.startPorter()
	s.extra = []string{"-config", s.config, "-porter", filepath.Join(s.folder, "porter.sock"), "-screen", "127.0.0.1:0", "-lan", net.JoinHostPort(s.ip.String(), "0")}
	s.start()
	s.until("both doors are open", func() bool {
		said := s.log.tail(60)
		if found := regexp.MustCompile(`address=(http://\S+)`).FindStringSubmatch(said); found != nil {
			s.screen = found[1]
		}
		if found := regexp.MustCompile(`address=(https://\S+)`).FindStringSubmatch(said); found != nil {
			s.lan = found[1]
		}
		return s.screen != "" && s.lan != ""
	})
	s.until("the porter is met", func() bool { return s.told("Разъём для флешки: исправно") })
	s.machine.PutOnGlass(sheet.Application("MARK-4711"))
	s.putStick(true)
	s.until("the session waits", func() bool { return s.digits() == "Р-00" })
	s.press(scanButton)
	s.until("a page is there", func() bool { return s.digits() == "Р-01" })
	return s
}

// outward is an address of this machine that is not the loopback.
func outward(t *testing.T) net.IP {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP
		}
	}
	t.Fatal("this test needs an address that is not the loopback: connect the machine to a network")
	return nil
}

// client calls from the network, on a connection of its own: a kiosk takes some hundred at a time.
func (s *staff) client() *http.Client {
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: s.ip}, Timeout: 5 * time.Second}
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: from.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask asks for an address as a page of the kiosk would, and keeps what it answers; of a stream the beginning.
func (s *staff) ask(method, address string, fields url.Values) (status int, body string) {
	s.t.Helper()
	ctx, stop := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(fields.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	at, _ := url.Parse(address)
	r.Header.Set("Origin", at.Scheme+"://"+at.Host)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Panel-Token", s.token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "__Host-kiosk", Value: s.cookie})
	answer, err := s.client().Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer answer.Body.Close()
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		time.AfterFunc(300*time.Millisecond, stop)
	}
	read, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	read = append(read, answer.Header.Get("Location")...)
	s.asked++
	s.heard = append(s.heard, read)
	return answer.StatusCode, string(read)
}

// enter signs in.
func (s *staff) enter(pin string) {
	s.t.Helper()
	_, page := s.ask("GET", s.lan+"/console", nil)
	s.take(page)
	if status, said := s.ask("POST", s.lan+"/sign-in", url.Values{"pin": {pin}}); status != http.StatusOK {
		s.t.Fatalf("sign in with %s: got %d %s", pin, status, said)
	}
	for _, path := range []string{"/technician", "/console"} {
		if status, page := s.ask("GET", s.lan+path, nil); status == http.StatusOK {
			s.take(page)
		}
	}
}

func (s *staff) take(page string) {
	if found := regexp.MustCompile(`panel-token" content="([0-9a-f]+)"`).FindStringSubmatch(page); found != nil {
		s.token = found[1]
	}
}

// nobody is a citizen's screen for a panel that is only asked for its routes.
type nobody struct{}

func (nobody) Citizen() service.CitizenView { return service.CitizenView{} }
func (nobody) Give(service.Input) bool      { return true }

// routes reads the patterns out of the multiplexers of the panel with everything in it: "GET /board".
func routes(t *testing.T) (inside, outside []string) {
	t.Helper()
	k := paneltest.Start(t, func(o *panel.Options) { o.Citizen = nobody{} })
	p := reflect.ValueOf(k.Panel).Elem()
	inside, outside = patterns(p.FieldByName("inside")), patterns(p.FieldByName("outside"))
	if len(inside) < 6 || len(outside) < 12 {
		t.Fatalf("got routes %q and %q: they are kept otherwise now", inside, outside)
	}
	return inside, outside
}

// patterns walks a value of net/http for what was registered.
func patterns(v reflect.Value) (all []string) {
	seen := map[uintptr]bool{}
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if v.IsNil() || seen[v.Pointer()] {
				return
			}
			seen[v.Pointer()] = true
			walk(v.Elem())
		case reflect.Struct:
			if v.Type().PkgPath() == "net/http" && v.Type().Name() == "pattern" {
				all = append(all, v.FieldByName("str").String())
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(v.MapIndex(key))
			}
		}
	}
	walk(v)
	slices.Sort(all)
	return slices.Compact(all)
}

// request makes a pattern something to ask for: the page of the session that runs.
func request(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, strings.NewReplacer("{$}", "", "{session}", "1", "{page}", "1").Replace(path)
}

// words are what pages send, those of the citizen's screen and of staff, and some that would be nice to have.
var words = []string{"scan", "save", "stop", "good", "more", "stay", "end", "back", "out", "page:1", "turn", "redo", "remove", "earlier", "later",
	"call", "recall", "start", "no-show", "take-back", "finish", "transfer", "park", "resume", "pause", "open", "help", "reprint", "issue",
	"grant", "void", "note", "memo", "enrol", "attend", "switch", "ticket", "display", "sound", "lamp", "buttons", "buttons-end", "report", "act",
	"preview", "copy", "done", "cancel", "eject", "stick", "begin", "volume"}

// TestStaffCannot (A34): during a session with a page in it every listening socket and every route of the running
// kiosk is called from the network, by nobody, a specialist, the administrator and the technician, with every
// word there is, and every handset makes every gesture. None of it starts, reads, copies or ends a scan.
func TestStaffCannot(t *testing.T) {
	s := newStaff(t)
	inside, outside := routes(t)
	before, sent := s.session(), len(s.machine.Scanner().Sent())
	worker := s.workers()
	s.sockets()
	for _, pattern := range append(slices.Clone(inside), outside...) {
		method, path := request(pattern)
		status, _ := s.ask(method, s.lan+path, nil)
		if known := slices.Contains(outside, pattern); known == (status == http.StatusNotFound || status == http.StatusMethodNotAllowed) && path != "/a/" {
			t.Errorf("%s: got %d from the network, want it known there: %v", pattern, status, known)
		}
	}
	for _, pin := range pins {
		s.enter(pin)
		taken := 0
		for _, pattern := range append(slices.Clone(inside), outside...) {
			method, path := request(pattern)
			switch {
			case path == "/sign-out" || path == "/pair" || path == "/sign-in": // who is in stays in
				continue
			case method == "GET":
				s.ask(method, s.lan+path, nil)
				continue
			}
			for _, word := range words {
				status, _ := s.ask(method, s.lan+path, url.Values{"do": {word}, "session": {"1"}, "page": {"1"}, "window": {"1"}, "service": {"docs"}})
				if status == http.StatusOK || status == http.StatusConflict {
					taken++
				}
			}
		}
		if taken == 0 {
			t.Errorf("%s: no command was taken: it was not this visitor who was refused", pin)
		}
	}
	s.gestures()
	if after := s.session(); after != before {
		t.Errorf("the session was %q and is %q", before, after)
	}
	if got := s.workers(); !slices.Equal(got, worker) {
		t.Errorf("the worker was %v and is %v", worker, got)
	}
	if got := len(s.machine.Scanner().Sent()); got != sent || len(s.stickFiles()) != 0 {
		t.Errorf("got %d more pages scanned and files %v, want none", got-sent, s.stickFiles())
	}
	s.saves()
	t.Logf("%d calls from %v to %d routes", s.asked, s.ip, len(inside)+len(outside))
}

// session is what the citizen's own screen has of the session, asked for where only it can ask.
func (s *staff) session() string {
	s.t.Helper()
	answer, err := http.Get(s.screen + "/")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	found := regexp.MustCompile(`/citizen/page/\d+/\d+[^"]*`).FindAllString(string(page), -1)
	if len(found) == 0 {
		s.t.Fatal("the citizen's screen shows no page: the session is gone, or this test looks for the wrong thing")
	}
	return fmt.Sprint(found)
}

var socket = regexp.MustCompile(`^(\S+)\s+\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s.*pid=(\d+)`)

// sockets asks the kernel who listens where. Behind the door to the network nothing of these processes
// can be reached from outside.
func (s *staff) sockets() {
	s.t.Helper()
	out, err := exec.Command("ss", "-ltnupH").Output()
	if err != nil {
		s.t.Fatalf("ss, of iproute2: %v", err)
	}
	ours := map[string]bool{fmt.Sprint(s.process.Process.Pid): true, fmt.Sprint(s.porter.Process.Pid): true}
	for _, pid := range s.workers() {
		ours[fmt.Sprint(pid)] = true
	}
	open := []string{}
	for line := range strings.Lines(string(out)) {
		m := socket.FindStringSubmatch(line)
		if m == nil || !ours[m[4]] {
			continue
		}
		at := m[2] + ":" + m[3]
		if m[1] != "tcp" || "https://"+at != s.lan && !net.ParseIP(m[2]).IsLoopback() {
			s.t.Errorf("process %s listens at %s %s", m[4], m[1], at)
		}
		open = append(open, at)
		if "http://"+at != s.screen && "https://"+at != s.lan {
			s.preview = at
		}
		if "https://"+at == s.lan {
			continue
		}
		from := net.Dialer{LocalAddr: &net.TCPAddr{IP: s.ip}, Timeout: 2 * time.Second}
		for _, to := range []string{net.JoinHostPort(s.ip.String(), m[3]), at} {
			if c, err := from.Dial("tcp", to); err == nil {
				c.Close()
				if to != at { // the kernel lets this machine itself reach its loopback from any of its addresses
					s.t.Errorf("%s answers from %v", to, s.ip)
				}
			}
		}
	}
	if len(open) != 3 || !slices.Contains(open, strings.TrimPrefix(s.lan, "https://")) || !slices.Contains(open, strings.TrimPrefix(s.screen, "http://")) {
		s.t.Errorf("got sockets %v, want the two doors and the previews", open)
	}
}

// gestures makes every gesture at every handset.
func (s *staff) gestures() {
	s.t.Helper()
	for _, h := range appliance.Layout(config.Default()).Handsets {
		for _, how := range []time.Duration{60 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond} {
			s.hold(h.Line, how)
			time.Sleep(400 * time.Millisecond) // the pause of a hand
		}
		s.press(h.Line)
		time.Sleep(100 * time.Millisecond)
		s.press(h.Line)
	}
}

// saves ends the session in good order: the page is still there, and no answer had a piece of it.
func (s *staff) saves() {
	s.t.Helper()
	s.until("the page is on the stick", func() bool {
		s.press(doneButton)
		time.Sleep(500 * time.Millisecond)
		return s.told("Страниц на флешке посетителя: 1")
	})
	s.until("the stick may be taken", func() bool { return s.digits() == "donЕ" })
	s.putStick(false)
	document := s.stickFile()
	if got := marksOf(s.t, document); !slices.Equal(got, []string{"MARK-4711"}) {
		s.t.Errorf("got marks %q in the document, want the sheet's", got)
	}
	// A way to a page is as bad as the page.
	for _, piece := range append(piecesOf(s.t, document), []byte("\xff\xd8\xff"), []byte("/citizen/"), []byte(s.preview)) {
		for _, answer := range s.heard {
			if at := bytes.Index(answer, piece); at >= 0 {
				s.t.Fatalf("an answer has %.20q in it: %.200q", piece, answer[max(0, at-40):])
			}
		}
	}
}
