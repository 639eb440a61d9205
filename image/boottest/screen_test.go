//go:build image

package boottest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/scanner/sheet"
)

// screenMemory is how many MiB the computer has: a board for a screen has 2 GB at least (docs/parts.md).
const screenMemory = 2048

// citizen is a booted card of the flavour screen, with a touch screen in front of it and hands in it.
type citizen struct {
	*place
	finger Touch
	hands  Hands
	shots  int
}

// screened is such a card in a computer with everything else that its settings name, without power.
func screened(t *testing.T) *citizen {
	t.Helper()
	if got := os.Getenv("IMAGE_FLAVOUR"); got != "screen" {
		t.Fatalf("the card is of the flavour %q, want screen: make image-test FLAVOUR=screen", got)
	}
	s := &citizen{place: furnished(t)}
	for name, serve := range map[string]func(net.Listener){
		"touch": func(l net.Listener) { accept(l, func(c net.Conn) { s.finger.Serve(c) }) }, "hands": s.hands.accept} {
		l, err := net.Listen("unix", filepath.Join(s.dir, name))
		s.must(err)
		t.Cleanup(func() { l.Close() })
		go serve(l)
	}
	hands, err := s.hands.arguments(s.dir, filepath.Join(s.dir, "hands"))
	s.must(err)
	s.card.More = append(append(s.card.More, hands...), "-device", "VGA,xres=800,yres=480", "-chardev", "socket,id=touch,path="+filepath.Join(s.dir, "touch"),
		"-device", fmt.Sprintf("usb-redir,id=usb-touch,chardev=touch,bus=xhci.0,port=%d", touchSocket), "-m", fmt.Sprint(screenMemory))
	return s
}

// picture is what the screen shows. With IMAGE_PICTURES each one is kept there, to be looked at.
func (s *citizen) picture() image.Image {
	s.t.Helper()
	s.shots++
	path := filepath.Join(cmp.Or(os.Getenv("IMAGE_PICTURES"), s.t.TempDir()), fmt.Sprintf("%03d.png", s.shots))
	s.must(os.RemoveAll(path))
	s.must(s.tell(&s.monitor, "screendump "+path+" -f png\n"))
	for late := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if f, err := os.Open(path); err == nil {
			picture, err := png.Decode(f)
			f.Close()
			if err == nil {
				return picture
			}
		}
		if time.Now().After(late) {
			s.t.Fatal("QEMU gives no picture of the screen")
		}
	}
}

// Colours of the citizen's pages (kiosk/panel/web/assets/base.css): the ground behind everything, the plate «Сканировать», «look here».
var (
	ground = color.RGBA{0xee, 0xf2, 0xf6, 0xff}
	fir    = color.RGBA{0x0a, 0x6b, 0x56, 0xff}
	amber  = color.RGBA{0xff, 0xb8, 0x1c, 0xff}
)

// share is how much of a picture has a colour, in parts of a thousand.
func share(p image.Image, want color.RGBA) int {
	n, b := 0, p.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.RGBAModel.Convert(p.At(x, y)) == color.Color(want) {
				n++
			}
		}
	}
	return n * 1000 / (b.Dx() * b.Dy())
}

// sees waits until the screen looks as ok says.
func (s *citizen) sees(what string, ok func(image.Image) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for !ok(s.picture()) {
		select {
		case <-ctx.Done():
			s.t.Fatalf("waited in vain for a screen with %s: picture %d", what, s.shots)
		case <-time.After(2 * time.Second):
		}
	}
	s.t.Logf("the screen has %s: picture %d", what, s.shots)
}

// start waits for the screen that asks what is needed.
func (s *citizen) start() {
	s.t.Helper()
	s.sees("the beginning", func(p image.Image) bool { return share(p, ground) > 50 && share(p, fir) > 50 })
}

// press puts a finger on a place of the screen of 800 × 480 for a moment.
func (s *citizen) press(x, y int) {
	s.t.Helper()
	s.must(s.finger.Press(float64(x)/800, float64(y)/480, 150*time.Millisecond))
}

// choose presses «Подать документы» and reads the ticket.
func (s *citizen) choose(want string) {
	s.t.Helper()
	s.start()
	s.press(280, 160)
	if got := s.number(); got != want {
		s.t.Errorf("ticket: got %q, want %q", got, want)
	}
	s.sees("a ticket", func(p image.Image) bool { return share(p, amber) > 3 })
}

// ask asks the hands.
func (s *citizen) ask(command string) string {
	s.t.Helper()
	text, err := s.hands.Ask(command, patience)
	s.must(err)
	return strings.TrimSpace(text)
}

// browser are the processes of the screen.
func (s *citizen) browser() []string {
	s.t.Helper()
	return strings.Fields(s.ask("cat /sys/fs/cgroup/system.slice/sps-kiosk-screen.service/cgroup.procs"))
}

// renewed waits for a screen that has no process of those before.
func (s *citizen) renewed(before []string) {
	s.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(2 * time.Second) {
		now := s.browser()
		if len(now) > 0 && !slices.ContainsFunc(now, func(pid string) bool { return slices.Contains(before, pid) }) {
			return
		}
		if time.Now().After(late) {
			s.t.Fatalf("the screen's processes are %v, were %v: none is to be the same", now, before)
		}
	}
}

// memory counts pieces in the whole memory of the computer.
func (s *citizen) memory(pieces [][]byte) (hits int) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "memory")
	s.must(s.tell(&s.monitor, fmt.Sprintf("stop\npmemsave 0 %d %s\n", screenMemory<<20, path)))
	for late := time.Now().Add(patience); ; time.Sleep(time.Second) {
		if stat, err := os.Stat(path); err == nil && stat.Size() == screenMemory<<20 {
			break
		}
		if time.Now().After(late) {
			s.t.Fatal("QEMU gives no picture of the memory")
		}
	}
	s.must(s.tell(&s.monitor, "cont\n"))
	f, err := os.Open(path)
	s.must(err)
	defer os.Remove(path)
	defer f.Close()
	const most = 64
	b := make([]byte, 64<<20)
	for kept := 0; ; {
		n, err := io.ReadFull(f, b[kept:])
		for _, p := range pieces {
			hits += bytes.Count(b[:kept+n], p)
		}
		if err != nil {
			return hits
		}
		kept = copy(b, b[len(b)-most+1:])
	}
}

// answers waits until the hands see something.
func (s *citizen) answers(command, want string) {
	s.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(time.Second) {
		got, err := s.hands.Ask(command, patience)
		if strings.TrimSpace(got) == want {
			return
		}
		if time.Now().After(late) {
			s.t.Fatalf("%s: got %q, %v, want %q", command, got, err, want)
		}
	}
}

// session scans a page to a stick and finds that nothing of it stays: neither what the browser had, processes and profile, nor the page in
// the memory of the whole computer, where the same search finds it while it is shown.
func (s *citizen) session() {
	s.t.Helper()
	before := s.browser()
	const profile = "/run/sps-kiosk-screen/profile"
	s.ask("echo cookie > " + profile + "/marker")
	s.must(s.Insert())
	s.digits("Р-00")
	s.must(s.Tap("GPIO14"))
	s.digits("Р-01")
	s.sees("a page", func(p image.Image) bool {
		return share(p, color.RGBA{0xff, 0xff, 0xff, 0xff}) > 200 && share(p, amber) == 0 && share(p, fir) > 5
	})
	s.must(s.Tap("GPIO18"))
	s.digits("donЕ")
	pieces := s.scanned()
	if s.memory(pieces) == 0 {
		s.t.Error("no piece of a page that was just scanned is in the computer's memory: the search finds nothing")
	}
	s.must(s.Pull())
	s.renewed(before)
	s.start()
	if hits := s.memory(pieces); hits != 0 {
		s.t.Errorf("%d pieces of the page are in the computer's memory after the session", hits)
	}
	s.answers("ls "+profile+"/marker 2>/dev/null || echo gone", "gone")
}

// scanned are pieces of the page in the file on the stick, which a PDF has as the scanner made it.
func (s *citizen) scanned() (pieces [][]byte) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "page.pdf")
	out, err := exec.Command("bash", "-c", `mcopy -n -i "$0" "::$(mdir -b -/ -i "$0" :: | grep -i 'pdf$' | head -n 1 | cut -c4-)" "$1"`, s.stick, path).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	pdf, err := os.ReadFile(path)
	s.must(err)
	const count, length = 8, 32
	for n := range count {
		at := len(pdf) / (count + 2) * (n + 1)
		pieces = append(pieces, pdf[at:at+length])
	}
	return pieces
}

// escapes are what gets out of a browser, a compositor or a console, as QEMU's monitor presses it.
var escapes = []string{"ctrl-n", "ctrl-t", "ctrl-o", "ctrl-p", "ctrl-s", "ctrl-u", "ctrl-j", "ctrl-w", "ctrl-shift-n", "ctrl-shift-i", "ctrl-shift-q", "f1", "f5", "f11", "f12",
	"alt-f4", "alt-left", "alt-home", "alt-esc", "ctrl-l", "h", "ret", "ctrl-c", "ctrl-alt-f2", "alt-f3", "ctrl-alt-delete", "ctrl-alt-backspace", "alt-sysrq-b", "menu", "meta_l"}

// TestScreen has a visitor in front of the card's own screen, who takes a ticket with a finger, tries to get out by keys, by other devices in the
// touch screen's socket and by a long press, and scans: the browser ends with the session, with all that it remembered, and nothing of the page is
// in the computer's memory. Then the browser dies, and one of its pages does: it comes again.
func TestScreen(t *testing.T) {
	t.Parallel()
	s := screened(t)
	s.Machine.PutOnGlass(sheet.Certificate("MARK-4711"))
	s.firstBoot()
	s.choose("А001")

	first := s.browser()
	for _, key := range escapes {
		s.must(s.tell(&s.monitor, "sendkey "+key+"\n"))
	}
	s.must(s.tell(&s.monitor, "device_add usb-kbd,id=keys,bus=xhci.0,port=1\n"))
	s.answers("cat /sys/bus/usb/devices/1-1/authorized", "0")
	s.start()
	s.must(s.finger.Press(0.35, 0.6, 3*time.Second)) // a browser's own menu would come
	s.choose("А002")
	if got := s.browser(); !slices.Equal(got, first) {
		t.Errorf("after keys and presses the screen's processes are %v, were %v", got, first)
	}

	s.session()

	before := s.browser()
	s.ask("kill -KILL " + s.ask("systemctl show -P MainPID sps-kiosk-screen"))
	s.renewed(before)
	s.choose("А003")
	before = s.browser()
	s.ask(`kill -KILL $(grep -ls '[-]-type=renderer' /proc/[0-9]*/cmdline | cut -d/ -f3)`)
	s.renewed(before)
	s.choose("А004")
	s.off()
}
