//go:build image

package boottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/display"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/image/slot"
	"sps-kiosk/kiosk/slip/sliptest"
)

// workday is a Monday within the opening hours of the settings that the card is flashed with; the computer's clock begins there.
const workday = "2026-11-23T08:00:00"

// layout is what the card's kiosk.txt says is wired.
func layout() bench.Layout {
	model := scanner.Sound()
	return bench.Layout{
		Site: "МФЦ Кошкинского района",
		Buttons: []bench.Button{
			{Role: "service", Line: "GPIO17", Lamp: "GPIO12"}, {Role: "service", Line: "GPIO27", Lamp: "GPIO13"},
			{Role: "service", Line: "GPIO22", Lamp: "GPIO16"}, {Role: "service", Line: "GPIO23", Lamp: "GPIO19"},
			{Role: "service", Line: "GPIO24", Lamp: "GPIO20"}, {Role: "help", Line: "GPIO2"}, {Role: "scan", Line: "GPIO14"}, {Role: "done", Line: "GPIO18"},
		},
		Handsets: []bench.Handset{
			{Window: 1, Line: "GPIO4", Lamp: "GPIO21"}, {Window: 2, Line: "GPIO5", Lamp: "GPIO25"},
			{Window: 3, Line: "GPIO6", Lamp: "GPIO26"}, {Window: 4, Line: "GPIO3"},
		},
		Display: bench.Display{SPI: "SPI0.0", Digits: 8},
		Sounder: "GPIO15",
		Scanner: &model,
	}
}

// place is a booted card with a kiosk's hardware around it.
type place struct {
	*Station
	t    *testing.T
	card Card
	d    *Disk
	m    *Machine
	wait func(string) string
	seen int // newest paper that was taken
}

// furnished is a card in a computer with everything that its settings name, without power. An empty stick lies beside it.
func furnished(t *testing.T) *place {
	t.Helper()
	c := made(t)
	stick := filepath.Join(t.TempDir(), "stick")
	if out, err := exec.Command("bash", "-c", `truncate -s 64M "$0" && mkfs.vfat -F 32 "$0"`, stick).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	dir, err := os.MkdirTemp("", "st-") // short: a socket's path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s, err := NewStation(layout(), dir, stick)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c.Bench, c.More = s, []string{"-rtc", "base=" + workday, "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="}
	return &place{Station: s, t: t, card: c, d: flashed(t, c)}
}

// on puts the computer under power.
func (p *place) on() { p.t.Helper(); p.wiring.Reset(); p.m, p.wait = on(p.t, p.card, p.d) }

// off takes the power away, of the hardware too.
func (p *place) off() { p.m.Cut(); p.Machine.Power(false); p.Machine.Power(true) }

// until waits until the hardware looks as ok says.
func (p *place) until(what string, ok func(bench.Snapshot) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for v := p.Machine.Snapshot(); !ok(v); {
		var err error
		if v, err = p.Machine.Changed(ctx, v.Seq); err != nil {
			p.t.Fatalf("waited in vain for %s; the digits say %q, the printer %+v", what, display.Read(v.Display.Digits), v.Printer)
		}
	}
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// digits waits until the display says something.
func (p *place) digits(want string) {
	p.t.Helper()
	p.until("the digits "+want, func(v bench.Snapshot) bool { return strings.Contains(display.Read(v.Display.Digits), want) })
}

// paper waits for the next piece of paper.
func (p *place) paper() int {
	p.t.Helper()
	p.until("paper", func(v bench.Snapshot) bool {
		at := slices.IndexFunc(v.Printer.Papers, func(x bench.PaperView) bool { return x.Cut && x.ID > p.seen })
		if at >= 0 {
			p.seen = v.Printer.Papers[at].ID
		}
		return at >= 0
	})
	return p.seen
}

// ticket presses a service's button as soon as its lamp asks for it, and reads the number on paper. After a power cut a piece without a
// number may come before it: what the printer was freed of (see printer in cmd/internal/appliance).
func (p *place) ticket(line string) string {
	p.t.Helper()
	p.until("the lamp of "+line, func(v bench.Snapshot) bool {
		return slices.ContainsFunc(v.Buttons, func(b bench.ButtonView) bool { return b.Line == line && b.Lit })
	})
	p.must(p.Tap(line))
	return p.number()
}

// number reads it on the next ticket that comes.
func (p *place) number() string {
	p.t.Helper()
	const whole = 400 // dots; what a printer is freed of is shorter
	for {
		slip := p.Machine.Paper(p.paper())
		if slip.Bounds().Dy() < whole {
			continue
		}
		if _, found := sliptest.FindNumber(slip); found {
			return sliptest.ReadNumber(p.t, slip)
		}
	}
}

// contacts are all that the layout has.
func (p *place) contacts() (lines []string) {
	v := p.Machine.Snapshot()
	for _, b := range v.Buttons {
		lines = append(lines, b.Line)
	}
	for _, h := range v.Handsets {
		lines = append(lines, h.Line)
	}
	return lines
}

// firstBoot boots a new card through its self-test to the service.
func (p *place) firstBoot() {
	p.t.Helper()
	p.on()
	p.paper()                               // asks for presses
	p.digits(fmt.Sprint(len(p.contacts()))) // every contact is watched since before the paper came
	for _, line := range p.contacts() {
		p.must(p.Tap(line))
	}
	p.wait(fmt.Sprintf(`Кнопки: нажаты %[1]d из %[1]d`, len(p.contacts())))
	if text := sliptest.ReadText(p.t, p.Machine.Paper(p.paper())); !strings.Contains(text, "Самопроверка") {
		p.t.Errorf("self-test: got a paper %q, want its results", text)
	}
	p.wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
}

// TestQueue boots the card as it is flashed, but for the enrolment that a technician puts on it, in a computer with printer,
// scanner, display and buttons: it tests itself with all buttons pressed, gives tickets and calls them, tells the
// district, and scans to a stick.
func TestQueue(t *testing.T) {
	t.Parallel()
	p := furnished(t)
	events := p.district()
	p.Machine.PutOnGlass(sheet.Certificate("MARK-4711"))
	p.firstBoot()
	if got := p.ticket("GPIO17"); got != "А001" {
		t.Errorf("ticket: got %q, want А001", got)
	}
	p.must(p.Tap("GPIO4")) // opens window 1
	p.until("the lamp of window 1", func(v bench.Snapshot) bool { return v.Handsets[0].Lit })
	p.must(p.Tap("GPIO4")) // the next one
	p.digits("А001-01")
	events(1)
	p.scan()
	p.off()
	wantState(t, p.d, slot.Fresh())
}

// scan has one page scanned and finds it on the stick.
func (p *place) scan() {
	p.t.Helper()
	p.must(p.Insert())
	p.digits("Р-00")
	p.must(p.Tap("GPIO14"))
	p.digits("Р-01")
	p.must(p.Tap("GPIO18"))
	p.digits("donЕ") // on the stick, to be taken out
	p.must(p.Pull())
	out, err := exec.Command("mdir", "-b", "-/", "-i", p.stick, "::").CombinedOutput()
	if err != nil || !strings.Contains(strings.ToLower(string(out)), ".pdf") {
		p.t.Errorf("the stick has %s, %v, want a PDF", out, err)
	}
}

// TestSettings has a card that serves come back with settings that name no address: it tells the technician the line and serves with the
// last good ones. Then with a new word for a factory reset: it begins as on its first day.
func TestSettings(t *testing.T) {
	t.Parallel()
	p := furnished(t)
	good := p.settings(nil)
	p.firstBoot()
	if got := p.ticket("GPIO17"); got != "А001" {
		t.Errorf("ticket: got %q, want А001", got)
	}
	p.off()
	wrong := bytes.Replace(good, []byte("\naddress = \"\"\n# Шлюз"), []byte("\naddress = \"192.168.1.300/24\"\n# Шлюз"), 1)
	p.settings(wrong)
	p.on()
	p.digits(fmt.Sprintf("СFG %d", 1+bytes.Count(wrong[:bytes.Index(wrong, []byte("192.168.1.300"))], []byte("\n"))))
	p.wait(`settings are wrong[^\n]+`)
	p.wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	if got := p.ticket("GPIO17"); got != "А002" {
		t.Errorf("ticket with the last good settings: got %q, want А002", got)
	}
	p.off()
	p.settings(bytes.Replace(good, []byte(`factory_reset = ""`), []byte(`factory_reset = "1"`), 1))
	p.on()
	p.wait(`factory reset is done[^\n]+`)
	p.wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	if got := p.ticket("GPIO17"); got != "А001" {
		t.Errorf("ticket after the reset: got %q, want А001", got)
	}
	p.off()
	wantState(t, p.d, slot.Fresh())
}

// settings returns the card's kiosk.txt; with text it is written first, as on a technician's computer.
func (p *place) settings(text []byte) []byte {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "kiosk.txt")
	if text != nil {
		p.must(os.WriteFile(file, text, 0o600))
		_, err := p.d.FAT("kiosk", "mcopy", "-o", file, "::kiosk.txt")
		p.must(err)
		return text
	}
	_, err := p.d.FAT("kiosk", "mcopy", "-n", "::kiosk.txt", file)
	p.must(err)
	text, err = os.ReadFile(file)
	p.must(err)
	return text
}

// server is a district's, as it ships.
type server struct {
	*place
	program, at, metrics string // at and metrics are ports of 127.0.0.1
	common               []string
}

// district starts the server as it ships, and puts its enrolment on the card. The result waits for so many events.
func (p *place) district() func(n int) {
	p.t.Helper()
	return p.serve("10.0.2.2").events
}

// serve starts a server that the card calls by a name, and puts its enrolment on the card.
func (p *place) serve(name string) *server {
	p.t.Helper()
	dir := p.t.TempDir()
	s := &server{place: p, program: filepath.Join(dir, "district"), at: free(p.t), metrics: free(p.t)}
	build := exec.Command("go", "build", "-o", s.program, "sps-kiosk/cmd/district")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
	s.common = []string{"-data", filepath.Join(dir, "data"), "-address", "https://" + name + ":" + s.at, "-every", "1m"}
	file := filepath.Join(dir, "enroll.json")
	s.tell("office", "МФЦ")
	s.tell("-o", file, "kiosk", "1", "Зал")
	if _, err := p.d.FAT("kiosk", "mcopy", file, "::enroll.json"); err != nil {
		p.t.Fatal(err)
	}
	p.beside(exec.Command(s.program, append(s.common, "-listen", "127.0.0.1:"+s.at, "-metrics", "127.0.0.1:"+s.metrics)...))
	return s
}

// tell runs one of the server's commands and returns what it says.
func (s *server) tell(args ...string) string {
	s.t.Helper()
	out, err := exec.Command(s.program, append(slices.Clone(s.common), args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("district %v: %v: %s", args, err, out)
	}
	return string(out)
}

// events waits until it has stored so many.
func (s *server) events(n int) {
	s.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(time.Second) {
		if got, err := count("http://127.0.0.1:" + s.metrics + "/metrics"); err == nil && got >= n {
			s.t.Logf("the district has %d events", got)
			return
		} else if time.Now().After(late) {
			s.t.Fatalf("the district has %d events, %v, want %d", got, err, n)
		}
	}
}

// beside runs a program until the test ends, however it ends.
func (p *place) beside(cmd *exec.Cmd) {
	p.t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // that signal comes when this thread ends, not the process
		started <- cmd.Start()
		ended <- cmd.Wait()
	}()
	p.must(<-started)
	p.t.Cleanup(func() { cmd.Process.Kill(); <-ended })
}

var stored = regexp.MustCompile(`(?m)^district_events_total (\d+)$`)

// count reads how many events a district has stored.
func count(metrics string) (n int, err error) {
	answer, err := http.Get(metrics)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	found := stored.FindSubmatch(text)
	if err != nil || found == nil {
		return 0, errors.Join(err, errors.New("no count of events"))
	}
	_, err = fmt.Sscan(string(found[1]), &n)
	return n, err
}

// free is a port that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
