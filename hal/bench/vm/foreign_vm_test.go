//go:build vm

package vm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/display"
	"sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
)

// borrowed is a program of this machine's Debian, for the guest.
func borrowed(t *testing.T, name string) File {
	t.Helper()
	from, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return File{Path: "/bin/" + name, From: from}
}

// TestForeign holds what we made against readers that are not ours: our GPIO chip against libgpiod,
// our USB models against lsusb, our SPI record against sigrok, our slip against the kernel's own
// printer. One boot for all; the readers are this machine's, so its architecture is the guest's.
func TestForeign(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	files := []File{guestTest(t, Arch(), "devices")}
	for _, name := range []string{"gpioinfo", "gpiofind", "gpiomon", "gpioget", "gpioset", "lsusb"} {
		files = append(files, borrowed(t, name))
	}
	g := boot(t, Config{
		Files: files, Record: r.take,
		Modules: []string{"configfs", "dummy-hcd", "libcomposite", "usb-f-printer", "usblp"},
	})
	t.Run("libgpiod", func(t *testing.T) { testGPIOD(t, g, r) })
	t.Run("lsusb", func(t *testing.T) { testLSUSB(t, g) })
	t.Run("sigrok", func(t *testing.T) { testSigrok(t, g, r) })
	t.Run("f_printer", func(t *testing.T) {
		out := devices(t, g, "TestGadget", func(what string) error { return fmt.Errorf("unknown hook %q", what) })
		if m := regexp.MustCompile(`SLIP (\d+)`).FindStringSubmatch(out); m == nil || len(m[1]) < 5 {
			t.Errorf("got %q: the page is too small to prove anything", m)
		}
	})
}

// testGPIOD has libgpiod's tools name, watch, read and drive lines, and compares with the records.
func testGPIOD(t *testing.T, g *Guest, r *recorder) {
	ctx := within(t, stage.Patience)
	says := func(args ...string) string {
		t.Helper()
		out, err := g.Run(ctx, args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	if got := says("/bin/gpiofind", "GPIO17"); got != "gpiochip0 17" {
		t.Errorf("got %q, want gpiochip0 17", got)
	}
	if got := says("/bin/gpioinfo", "gpiochip0"); strings.Count(got, "\n") != 54 || !strings.Contains(got, "54 lines") {
		t.Errorf("got %q, want 54 lines", got)
	}
	for bias, want := range map[string]string{"pull-up": "1", "pull-down": "0", "disable": "0"} {
		if got := says("/bin/gpioget", "-B", bias, "gpiochip0", "17"); got != want {
			t.Errorf("floating line with %s: got %s, want %s", bias, got, want)
		}
	}
	says("/bin/gpioset", "-m", "exit", "gpiochip0", "22=1")
	r.wait(t, ctx, 0, lit("1"))
	monitor(t, ctx, g, r)
}

// monitor presses a button under gpiomon: edges, order and time stamps are the records'.
func monitor(t *testing.T, ctx context.Context, g *Guest, r *recorder) {
	t.Helper()
	p, err := g.Start(ctx, "gpiomon", nil, "/bin/gpiomon", "-b", "-B", "pull-up", "-n", "4", "-F", "%o %e %s.%n", "gpiochip0", "17")
	if err != nil {
		t.Fatal(err)
	}
	pulled := func(x Record) bool { return x.Kind == Biases && x.Line == button && x.Level == "up" }
	for r.count(pulled) < 2 { // gpioget's, gpiomon's
		if ctx.Err() != nil {
			t.Fatal("gpiomon does not watch")
		}
		time.Sleep(2 * time.Millisecond)
	}
	watched(t, ctx, g)
	from := 0
	for i := range 4 {
		level := []Level{Low, Floats}[i%2]
		if err := g.Line(ctx, button, level); err != nil {
			t.Fatal(err)
		}
		var moved Record
		moved, from = r.wait(t, ctx, from, outside(string(level)))
		line, m, err := p.Expect(ctx, `^17 ([01]) +(\d+)\.(\d+)$`)
		if err != nil {
			t.Fatal(err)
		}
		seconds, _ := strconv.ParseInt(m[2], 10, 64)
		nanos, _ := strconv.ParseInt(m[3], 10, 64)
		at := seconds*1e9 + nanos
		if want := strconv.Itoa(i % 2); m[1] != want || at < moved.Nanos || at > line.Nanos {
			t.Errorf("got edge %s at %d, want %s between the contact's movement at %d and the word of it at %d", m[1], at, want, moved.Nanos, line.Nanos)
		}
	}
}

// watched waits until the kernel has an interrupt for the button: it is asked for after the bias.
func watched(t *testing.T, ctx context.Context, g *Guest) {
	t.Helper()
	for ctx.Err() == nil {
		b, err := g.ReadFile(ctx, "/proc/interrupts")
		if err == nil && bytes.Contains(b, []byte("gpiomon")) {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("no interrupt for gpiomon")
}

// testLSUSB has usbutils read every model's descriptors.
func testLSUSB(t *testing.T, g *Guest) {
	ctx := within(t, 2*time.Minute)
	echo := (&rig{t: t}).device(2, 1)
	type model struct {
		name string
		dev  *virtusb.Device
	}
	models := []model{
		{"printer 7/1/1", printer.New(printer.Model{Proto: 1}, printer.Hooks{}).Device()},
		{"printer 7/1/2", printer.New(printer.Model{Proto: 2}, printer.Hooks{}).Device()},
		{"echo", echo},
	}
	known := map[string]bool{} // many scanners differ in words only
	for _, m := range scanner.Models() {
		d := scanner.New(m, scanner.Hooks{}).Device()
		if !known[string(d.Config)] {
			known[string(d.Config)] = true
			models = append(models, model{"scanner " + m.Name, d})
		}
	}
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			if err := g.USB[0].Plug(m.dev); err != nil {
				t.Fatal(err)
			}
			defer g.USB[0].Unplug()
			complaints(t, seen(t, ctx, g, m.dev), m.dev)
		})
	}
}

// seen waits until lsusb has the device, configured, and returns what it says of it.
func seen(t *testing.T, ctx context.Context, g *Guest, d *virtusb.Device) string {
	t.Helper()
	id := fmt.Sprintf("%02x%02x:%02x%02x", d.Desc[9], d.Desc[8], d.Desc[11], d.Desc[10])
	for ctx.Err() == nil {
		names, err := g.List(ctx, "/sys/bus/usb/devices")
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "1-1:") }) {
			if out, err := g.Run(ctx, "/bin/lsusb", "-v", "-d", id); err == nil {
				return out
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the device never came")
	return ""
}

// complaint is how lsusb says that a descriptor is wrong.
var complaint = regexp.MustCompile(`(?i)warning|unrecognized|invalid|error|can't|cannot|couldn't|junk|unknown|bad|too short|\?\?`)

// complaints looks for them, and for the bulk endpoints that the model says it has.
func complaints(t *testing.T, said string, d *virtusb.Device) {
	t.Helper()
	for line := range strings.Lines(said) {
		if complaint.MatchString(line) {
			t.Errorf("lsusb says %q", strings.TrimSpace(line))
		}
	}
	endpoints := 0
	for at := 0; at < len(d.Config); at += int(d.Config[at]) {
		if d.Config[at+1] == 5 {
			endpoints++
		}
	}
	if got := strings.Count(said, "Endpoint Descriptor:"); got != endpoints || endpoints == 0 {
		t.Errorf("got %d endpoints, want %d:\n%s", got, endpoints, said)
	}
	if t.Failed() {
		t.Log(said)
	}
}

// testSigrok has sigrok's decoder read the record of a display and compares with the model.
func testSigrok(t *testing.T, g *Guest, r *recorder) {
	chain := display.New(8)
	var all [][]byte
	shown := func(text string) func() bool {
		return func() bool {
			for _, f := range r.frames(1)[len(all):] {
				chain.Frame(f)
				all = append(all, f)
			}
			return !chain.Dark() && strings.TrimSpace(stage.Read(chain.Segments())) == text
		}
	}
	devices(t, g, "TestMAX7219", func(what string) error {
		_, text, _ := strings.Cut(what, " ")
		if err := await("the model shows "+text, shown(text)); err != nil {
			return err
		}
		if got, want := decode(t, all), chain.Segments(); !bytes.Equal(got, want) {
			t.Errorf("%s: sigrok reads % X, the model shows % X", text, got, want)
		}
		return nil
	})
	t.Logf("%d messages decoded", len(all))
}

// frames returns the SPI messages on a select.
func (r *recorder) frames(cs int) (all [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.all {
		if x.Kind == Message && x.Line == cs {
			all = append(all, x.Data)
		}
	}
	return all
}

// decode draws the messages as a logic analyser sees them (bit 0 clock, 1 data, 2 select, one byte
// a sample) and returns the segments that sigrok reads, leftmost digit first; register 8 is that.
func decode(t *testing.T, frames [][]byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "capture.bin")
	if err := os.WriteFile(path, capture(frames), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "sigrok-cli", "-i", path, "-I", "binary:numchannels=3:samplerate=2000000",
		"-P", "spi:clk=0:mosi=1:cs=2,max7219", "-A", "max7219").CombinedOutput()
	if err != nil {
		t.Fatalf("sigrok-cli: %v: %s", err, out)
	}
	digits := make([]byte, 8)
	for line := range strings.Lines(string(out)) {
		m := regexp.MustCompile(`Digit (\d): ([0-9A-F]{2})`).FindStringSubmatch(line)
		if m == nil {
			if strings.Contains(line, "write") || strings.Contains(line, "Unknown") {
				t.Errorf("sigrok says %q", line)
			}
			continue
		}
		n, _ := strconv.Atoi(m[1])
		v, _ := strconv.ParseUint(m[2], 16, 8)
		digits[8-n] = byte(v)
	}
	return digits
}

// capture is the samples of messages in mode 0.
func capture(frames [][]byte) []byte {
	const clock, data, idle = 1, 2, 4
	samples := []byte{idle, idle}
	for _, f := range frames {
		samples = append(samples, 0)
		for _, b := range f {
			for bit := 7; bit >= 0; bit-- {
				d := (b >> bit & 1) * data
				samples = append(samples, d, d|clock)
			}
		}
		samples = append(samples, 0, idle, idle)
	}
	return samples
}
