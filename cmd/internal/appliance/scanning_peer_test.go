package appliance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/usb"
)

const (
	mostAnon  = 24 << 10 // KiB of RssAnon
	peerPages = 10       // in the feeder
	scanChild = "SCAN_BENCH_CHILD"
)

// BenchmarkScanimage scans a feeder of ten colour pages at 300 dpi, a process of ours beside
// Debian's scanimage with the airscan backend, on the same model over TCP: time and the peak of
// anonymous memory of both. Ours goes through escl and ippusb, each interface being a connection.
// It fails where ours is slower or has more than 24 MiB.
func BenchmarkScanimage(b *testing.B) {
	if address := os.Getenv(scanChild); address != "" {
		if err := scanInto(b.Context(), address, os.Getenv("SCAN_BENCH_DIR")); err != nil {
			b.Fatal(err)
		}
		return
	}
	dev := scanner.New(scanner.Sound(), scanner.Hooks{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go dev.Serve(b.Context(), l)
	page := heavy("PEER", 16)
	var us, them cost
	for range 3 { // the first run makes the model's file; the best of each counts
		us = us.best(costOf(b, dev, page, ourScan(b, l.Addr().String())))
		them = them.best(costOf(b, dev, page, scanimage(b, l.Addr().String())))
	}
	b.ReportMetric(0, "ns/op")
	fmt.Printf("\n%d pages, %.0f MB: ours %v, %.1f MiB of RssAnon; %s %v = %.1f × ours, %.1f MiB = %.1f × ours\n",
		peerPages, float64(peerPages*dev.Sent()[0].Size)/1e6, us.time.Round(time.Millisecond), float64(us.anon)/1024,
		peerVersion(b), them.time.Round(time.Millisecond), float64(them.time)/float64(us.time), float64(them.anon)/1024, float64(them.anon)/float64(us.anon))
	if us.time > them.time {
		b.Errorf("got %v, want no more than %v", us.time, them.time)
	}
	if us.anon > mostAnon {
		b.Errorf("got %d KiB of RssAnon, want no more than %d", us.anon, mostAnon)
	}
}

// peerVersion names the peer as Debian does.
func peerVersion(b *testing.B) string {
	b.Helper()
	out, err := exec.Command("dpkg-query", "-W", "-f", "${Package} ${Version}\n", "sane-utils", "sane-airscan").Output()
	if err != nil {
		b.Fatal(err)
	}
	return "scanimage (" + strings.Join(strings.Split(strings.TrimSpace(string(out)), "\n"), ", ") + ")"
}

// cost of a process; anon is the most that was seen of RssAnon, KiB.
type cost struct {
	time time.Duration
	anon int
}

// best is the shorter time and the larger memory.
func (c cost) best(with cost) cost {
	if c.time == 0 || with.time < c.time {
		c.time = with.time
	}
	c.anon = max(c.anon, with.anon)
	return c
}

// costOf runs a client that empties a full feeder; its pages are counted by what it left in its folder.
func costOf(b *testing.B, dev *scanner.Scanner, page *sheet.Sheet, client func(dir string) *exec.Cmd) (c cost) {
	b.Helper()
	for range peerPages {
		dev.Load(page)
	}
	dir := b.TempDir()
	cmd := client(dir)
	var words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &words, &words
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			c.time = time.Since(begun)
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil || len(files) != peerPages {
				b.Fatalf("%s: %d pages, %v\n%s", cmd.Path, len(files), err, words.String())
			}
			dev.Take()
			return c
		case <-time.After(5 * time.Millisecond):
			c.anon = max(c.anon, anonOf(cmd.Process.Pid))
		}
	}
}

// anonOf is a process's RssAnon, KiB; 0 if it is over.
func anonOf(pid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "RssAnon:")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return n
}

// scanimage writes the pictures raw, which costs it least.
func scanimage(b *testing.B, address string) func(dir string) *exec.Cmd {
	conf := b.TempDir()
	for name, text := range map[string]string{
		"dll.conf":     "airscan\n",
		"airscan.conf": "[devices]\nbench = http://" + address + "/eSCL, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n",
	} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return func(dir string) *exec.Cmd {
		cmd := exec.Command("scanimage", "-d", "airscan:e0:bench", "--source", "ADF", "--mode", "Color", "--resolution", "300",
			"--format=pnm", "--batch="+filepath.Join(dir, "%03d.pnm"))
		cmd.Env = append(os.Environ(), "SANE_CONFIG_DIR="+conf)
		return cmd
	}
}

// ourScan is this benchmark in a process of its own.
func ourScan(b *testing.B, address string) func(dir string) *exec.Cmd {
	return func(dir string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkScanimage$", "-test.benchtime=1x")
		cmd.Env = append(os.Environ(), scanChild+"="+address, "SCAN_BENCH_DIR="+dir)
		return cmd
	}
}

// scanInto empties the feeder of the scanner at address into files.
func scanInto(ctx context.Context, address, dir string) error {
	link, err := ippusb.Open(ctx, tcpBus(address), ippusb.Match())
	if err != nil {
		return err
	}
	res, err := escl.New(link).Scan(ctx, pages.Settings{Color: true, Source: pages.Feeder}, &folder{dir: dir})
	if err == nil && res.Pages != peerPages {
		err = fmt.Errorf("got %d pages", res.Pages)
	}
	return errors.Join(err, link.Close())
}

// folder is a sink of files.
type folder struct {
	dir  string
	file *os.File
}

// Page implements escl.Sink.
func (f *folder) Page(n int) (w io.Writer, err error) {
	f.file, err = os.Create(filepath.Join(f.dir, fmt.Sprintf("%03d.jpg", n)))
	return f.file, err
}

// Whole implements escl.Sink.
func (f *folder) Whole(p pages.Page) error { return f.file.Close() }

// tcpBus is a bus whose one device is an HTTP server: an interface is a connection.
type tcpBus string

// Devices implements usb.Bus.
func (tcpBus) Devices() ([]usb.Device, error) {
	d := usb.Device{Vendor: 0x0416, Product: 0x5301, Port: "tcp", Address: 1}
	for n := range 2 {
		d.Interfaces = append(d.Interfaces, usb.Interface{Number: n, Class: 7, SubClass: 1, Protocol: 4, Endpoints: []usb.Endpoint{
			{Address: 0x81 + uint8(n), Type: usb.Bulk, MaxPacketSize: 512}, {Address: 1 + uint8(n), Type: usb.Bulk, MaxPacketSize: 512}}})
	}
	return []usb.Device{d}, nil
}

// Open implements usb.Bus.
func (b tcpBus) Open(usb.Device, int, int) (usb.Pipe, error) {
	c, err := net.Dial("tcp", string(b))
	return tcpPipe{c}, err
}

// tcpPipe is a connection as an interface. It has no endpoint 0 and nothing that could stall.
type tcpPipe struct{ conn net.Conn }

// Write implements usb.Pipe.
func (p tcpPipe) Write(ctx context.Context, b []byte) (int, error) {
	return during(ctx, p.conn.SetWriteDeadline, p.conn.Write, b)
}

// Read implements usb.Pipe.
func (p tcpPipe) Read(ctx context.Context, b []byte) (int, error) {
	return during(ctx, p.conn.SetReadDeadline, p.conn.Read, b)
}

// during moves bytes until ctx ends.
func during(ctx context.Context, deadline func(time.Time) error, move func([]byte) (int, error), b []byte) (int, error) {
	if err := deadline(time.Time{}); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { deadline(time.Unix(1, 0)) })
	defer stop()
	n, err := move(b)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return n, err
}

// Control implements usb.Pipe.
func (tcpPipe) Control(context.Context, usb.Setup, []byte) (int, error) {
	return 0, errors.ErrUnsupported
}

// ClearHalt implements usb.Pipe.
func (tcpPipe) ClearHalt(bool) error { return nil }

// Close implements usb.Pipe.
func (p tcpPipe) Close() error { return p.conn.Close() }
