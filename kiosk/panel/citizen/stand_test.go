package citizen_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/panel"
	"sps-kiosk/kiosk/scan"
)

// stand is the page behind its real door, over views that a test makes. What it is told it keeps.
type stand struct {
	t     *testing.T
	url   string
	panel *panel.Panel
	cut   func() // ends the server before the test does

	mu   sync.Mutex
	view kiosk.CitizenView
	told []kiosk.Input
	deaf bool // takes inputs and never answers
	said []string
}

// View, Now and Order are what the panel's other pages need.
func (s *stand) View() kiosk.View         { return kiosk.View{} }
func (s *stand) Now() event.Time          { return s.Citizen().At }
func (s *stand) Order(kiosk.Ordered) bool { return false }

// Citizen implements citizen.Machine.
func (s *stand) Citizen() kiosk.CitizenView {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view
}

// Give implements citizen.Machine.
func (s *stand) Give(in kiosk.Input) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, marked := in.(kiosk.Marked); marked {
		if !s.deaf {
			s.view.Marked = m.Number
		}
		return true
	}
	s.told = append(s.told, in)
	return true
}

// say keeps what would be spoken.
func (s *stand) say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, text)
}

// spoken returns what was said since the last call.
func (s *stand) spoken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	said := s.said
	s.said = nil
	return said
}

// heard returns what the kiosk was told since the last call.
func (s *stand) heard() []kiosk.Input {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := s.told
	s.told = nil
	return told
}

// set changes the view and has it painted.
func (s *stand) set(change func(v *kiosk.CitizenView)) {
	s.mu.Lock()
	change(&s.view)
	s.mu.Unlock()
	s.panel.Touch()
}

// morning is a Tuesday at 10:42 in Samara.
var morning = time.Date(2025, 11, 18, 10, 42, 0, 0, time.FixedZone("Samara", 4*3600))

// hall is a kiosk with people in its queues.
func hall() kiosk.CitizenView {
	v := kiosk.CitizenView{At: event.Time{Boot: 3, Up: time.Hour, Wall: morning.UnixMilli(), Error: time.Second}, Waiting: 6,
		Scanner: health.OK, Printer: health.OK, Scan: scan.View{State: scan.StateIdle}}
	waiting := map[string]int{"docs": 3, "ready": 1, "sps": 1, "esia": 1}
	for _, g := range config.Default().Catalog.Groups {
		c := kiosk.ChoiceView{Code: g.Code, Title: g.Title, Note: g.Note, Courses: g.Code == "sps"}
		for _, code := range g.Services {
			s, _ := config.Default().Service(code)
			c.Services = append(c.Services, kiosk.ServiceView{Code: code, Title: s.Title, Letter: s.Prefix, Waiting: waiting[code],
				Wait: time.Duration(4*waiting[code]) * time.Minute, Known: true})
		}
		v.Choices = append(v.Choices, c)
	}
	for i, x := range config.Default().Catalog.Courses {
		v.Courses = append(v.Courses, kiosk.CourseView{Code: x.Code, Title: x.Title, Place: "кабинет 5", Begins: morning.AddDate(0, 0, 13), Dated: i == 0})
	}
	return v
}

// open stands a page up.
func open(t *testing.T) *stand {
	t.Helper()
	s := &stand{t: t, view: hall()}
	settings := config.Default()
	settings.Site.Name = "МФЦ Кошкинского района"
	var err error
	s.panel, err = panel.New(panel.Options{Settings: settings, Machine: s, Citizen: s, Say: s.say, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String() + "/"
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, task := range []func() error{func() error { return s.panel.Run(ctx) }, func() error { return s.panel.ServeScreen(ctx, l) }} {
		all.Go(func() {
			if err := task(); err != nil {
				t.Errorf("serve: %v", err)
			}
		})
	}
	s.cut = func() { stop(); all.Wait() }
	t.Cleanup(s.cut)
	return s
}

// pictures serves drawn sheets as a worker does, and returns the address of its pages.
func pictures(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	token := strings.Repeat("0", 32)
	var mu sync.Mutex
	ready := map[string][]byte{}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"+token+"/"))
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		w.Header().Set("Content-Type", "image/jpeg")
		mu.Lock()
		defer mu.Unlock()
		if ready[r.URL.String()] == nil {
			var out bytes.Buffer
			jpeg.Encode(&out, drawn(n, r.URL.RawQuery == "turn=90" || r.URL.RawQuery == "turn=270"), nil)
			ready[r.URL.String()] = out.Bytes()
		}
		w.Write(ready[r.URL.String()])
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return "http://" + l.Addr().String() + "/" + token + "/"
}

// drawn is a sheet with lines on it; the fifth is empty.
func drawn(n int, lying bool) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 420, 594))
	for i := range m.Pix {
		m.Pix[i] = 0xff
	}
	for line := range 24 {
		if n == 5 {
			break
		}
		for y := 60 + 20*line; y < 66+20*line; y++ {
			for x := 40; x < 380-(line*n*37)%160; x++ {
				m.Set(x, y, color.Gray{90})
			}
		}
	}
	if !lying {
		return m
	}
	quarter := image.NewRGBA(image.Rect(0, 0, 594, 420))
	for y := range 594 {
		for x := range 420 {
			quarter.Set(593-y, x, m.At(x, y))
		}
	}
	return quarter
}

// issued is the answer to a press on the documents' button.
func issued(paper kiosk.Paper) func(*kiosk.CitizenView) {
	return func(v *kiosk.CitizenView) {
		v.Press = kiosk.PressView{Number: v.Press.Number + 1, At: v.At, Service: "docs", Title: "Подать документы", Ticket: "А012", Paper: paper,
			Online: "https://gosuslugi.ru", Waiting: true, Ahead: 3, Wait: 12 * time.Minute, Known: true, Places: []string{"окно 1", "окно 2"}}
	}
}

// enrolled is the answer to a press on a course; 0 = no paper.
func enrolled(number int) func(*kiosk.CitizenView) {
	return func(v *kiosk.CitizenView) {
		v.Press = kiosk.PressView{Number: v.Press.Number + 1, At: v.At, Title: v.Courses[0].Title, Course: v.Courses[0], Enrolled: number}
		if number == 0 {
			v.Press.Refused.Reason = kiosk.NoCourse
		}
	}
}

// closed is Tuesday evening.
func closed(v *kiosk.CitizenView) {
	now := morning.Add(6 * time.Hour)
	v.At.Wall = now.UnixMilli()
	v.Closed = kiosk.ClosedView{Reason: "after_last_call", Now: now, Until: 16 * 60, Opens: time.Date(2025, 11, 19, 8, 30, 0, 0, now.Location())}
}

// session is a scan session in a state, with so many pages.
func session(state scan.State, pages int, preview string) func(*kiosk.CitizenView) {
	return func(v *kiosk.CitizenView) {
		v.Scan = scan.View{State: state, Number: 7, Preview: preview, Stick: ipc.Stick{State: ipc.StickReady, Free: 4 << 30}, Fits: 900,
			Scanner: ipc.Scanner{State: ipc.ScannerReady, Feeder: true}, MoreLeft: true, Room: 100, WarnFor: 30 * time.Second, EndsIn: 2 * time.Minute}
		for n := range pages {
			p := scan.PageView{Page: uint32(n + 1), Width: 1240, Height: 1754, Blank: n == 4}
			if n == 2 {
				p.Turn = 90
			}
			v.Scan.Pages = append(v.Scan.Pages, p)
		}
	}
}

// both returns changes in a row.
func both(changes ...func(*kiosk.CitizenView)) func(*kiosk.CitizenView) {
	return func(v *kiosk.CitizenView) {
		for _, c := range changes {
			c(v)
		}
	}
}

// body is a page's text as it is asked for.
func (s *stand) body(path string) (status int, text string) {
	s.t.Helper()
	answer, err := http.Get(strings.TrimSuffix(s.url, "/") + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var all bytes.Buffer
	all.ReadFrom(answer.Body)
	return answer.StatusCode, all.String()
}
