package scanworker

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/vault"
)

// TestMain is also the worker: the parent plays kiosk and porter.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "scan-worker" {
		os.Exit(child(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

// child is a worker whose scanner gives the same file again and again.
func child(dir, page string) int {
	o := Options{Vault: vault.Options{Dir: dir}, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Open:  func(context.Context) (Scanner, io.Closer, error) { return &copier{page}, io.NopCloser(nil), nil },
		Fault: func(err error) ipc.ScanFault { return faultOf(err) }}
	var err error
	if err = vault.Harden(); err == nil {
		if o.Kiosk, err = ipc.FromFile(os.NewFile(ipc.FDKiosk, "kiosk"), ipc.KioskToWorker); err == nil {
			o.Porter, err = ipc.FromFile(os.NewFile(ipc.FDPorter, "porter"), ipc.PorterToWorker)
		}
	}
	if err == nil {
		o.Preview, err = net.FileListener(os.NewFile(ipc.FDPreview, "preview"))
	}
	if err == nil {
		err = Run(context.Background(), o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

var errJam = errors.New("jam")

func faultOf(err error) ipc.ScanFault {
	if errors.Is(err, errJam) {
		return ipc.ScanJam
	}
	return ipc.ScanFails
}

// copier is a scanner: at 600 dpi it jams after a page and a half, at 50 dpi it sends rubbish, at 75 it
// hangs until it is stopped.
type copier struct{ path string }

func (c *copier) Offers(context.Context) ([]int, bool, bool, bool, error) {
	return []int{75, 300}, true, true, false, nil
}

func (c *copier) Scan(ctx context.Context, dpi int, _, _ bool, page func(int) (io.Writer, error),
	whole func(n, w, h, dpi int, bytes int64) error) (int, error) {
	to, err := page(1)
	if err != nil {
		return 0, err
	}
	if dpi == 75 {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	f, err := os.Open(c.path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var from io.Reader = f
	if dpi == 50 {
		from = strings.NewReader("<html>not a page</html>")
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, 16<<10))
	if err != nil {
		return 0, err
	}
	if err := whole(1, 0, 0, dpi, n); err != nil {
		return 0, err
	}
	if dpi == 600 {
		to, err := page(2)
		if err == nil {
			_, err = io.WriteString(to, "half")
		}
		return 1, errors.Join(err, errJam)
	}
	return 1, nil
}

// noise writes a page of about so many bytes and returns its path and size.
func noise(t *testing.T, side int) (path string, size int64) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	m := image.NewGray(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = byte(random.Uint32())
	}
	path = filepath.Join(t.TempDir(), "page.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return path, info.Size()
}

// bench is kiosk and porter around a worker's process.
type bench struct {
	t             *testing.T
	cmd           *exec.Cmd
	kiosk, porter *ipc.Conn
	vault, stick  string
	ready         *ipc.Ready
}

func start(t *testing.T, page string) *bench {
	t.Helper()
	return startProgram(t, os.Args[0], page)
}

// startProgram starts the worker out of a test binary, which may be another build than this one.
func startProgram(t *testing.T, program, page string) *bench {
	t.Helper()
	b := &bench{t: t, vault: filepath.Join(t.TempDir(), "vault"), stick: t.TempDir()}
	b.cmd = exec.Command(program, "scan-worker", b.vault, page)
	b.cmd.Env, b.cmd.Stderr = []string{"GOTRACEBACK=none"}, os.Stderr
	b.kiosk = b.end(ipc.WorkerToKiosk)
	b.porter = b.end(ipc.WorkerToPorter)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	preview, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	b.cmd.ExtraFiles = append(b.cmd.ExtraFiles, preview)
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, f := range b.cmd.ExtraFiles {
		f.Close()
	}
	t.Cleanup(func() {
		b.cmd.Process.Kill()
		b.cmd.Wait()
		b.kiosk.Close()
		b.porter.Close()
	})
	b.ready = hear[*ipc.Ready](b)
	hear[*ipc.Scanner](b)
	return b
}

// end makes a connection whose other end the worker inherits.
func (b *bench) end(take ipc.Direction) *ipc.Conn {
	b.t.Helper()
	ours, theirs, err := ipc.Pair()
	if err != nil {
		b.t.Fatal(err)
	}
	c, err := ipc.FromFile(ours, take)
	if err != nil {
		b.t.Fatal(err)
	}
	b.cmd.ExtraFiles = append(b.cmd.ExtraFiles, theirs)
	return c
}

// hear takes the worker's messages to the kiosk until one of a kind comes.
func hear[M ipc.Message](b *bench) M {
	b.t.Helper()
	for {
		m, _, err := b.kiosk.Receive()
		if err != nil {
			b.t.Fatalf("wait for %T: %v", *new(M), err)
		}
		if wanted, ok := m.(M); ok {
			return wanted
		}
	}
}

func (b *bench) say(m ipc.Message) {
	b.t.Helper()
	if err := b.kiosk.Send(m); err != nil {
		b.t.Fatal(err)
	}
}

// lend gives the worker a stick: a folder.
func (b *bench) lend() {
	b.t.Helper()
	f, err := os.Open(b.stick)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	if err := b.porter.Send(&ipc.Volume{Free: 1 << 40, MaxFile: 1<<32 - 1}, f); err != nil {
		b.t.Fatal(err)
	}
	for limit := time.Now().Add(time.Minute); b.holds() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			b.t.Fatal("the worker does not take the stick")
		}
	}
}

// holds is how many descriptors of the stick the worker has.
func (b *bench) holds() (n int) {
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", b.cmd.Process.Pid))
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, b.stick) {
			n++
		}
	}
	return n
}

// scan takes n pages and returns their numbers.
func (b *bench) scan(n int) (pages []ipc.Ref) {
	b.t.Helper()
	for range n {
		b.say(&ipc.Scan{DPI: 300})
		pages = append(pages, ipc.Ref{Page: hear[*ipc.Page](b).Page})
		if end := hear[*ipc.Scanned](b); end.Fault != 0 || end.Pages != 1 {
			b.t.Fatalf("scan: got %+v, want one page", end)
		}
	}
	return pages
}
