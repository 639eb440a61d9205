package appliance

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/card"
	"sps-kiosk/cmd/internal/intake"
	"sps-kiosk/cmd/internal/porter"
	"sps-kiosk/hal/stick"
)

// noWorkers starts none.
type noWorkers struct{}

func (noWorkers) Start(_, _ *os.File) (porter.Worker, error) {
	return nil, errors.New("no workers here")
}
func (noWorkers) Wipe(context.Context) (int, error) { return 0, nil }

// socketOf opens a socket as systemd would, under a path.
func socketOf(t *testing.T, path string) *os.File {
	t.Helper()
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	defer l.Close()
	f, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestTechnicianModeIsALifeOfThePorter: asked for, the porter ends; its next life takes a new system from a stick, and
// the life after that is an ordinary one.
func TestTechnicianModeIsALifeOfThePorter(t *testing.T) {
	dir := t.TempDir()
	folder, mark := filepath.Join(dir, "stick"), filepath.Join(dir, "technician")
	staged := make(chan string, 1)
	stage := func(f *os.File) error {
		b, err := io.ReadAll(f)
		staged <- string(b)
		return err
	}
	life := func(ctx context.Context, name string) (string, chan error) {
		path, done := filepath.Join(dir, name), make(chan error, 1)
		door := socketOf(t, path)
		l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path + "-kiosk", Net: "unixpacket"})
		if err != nil {
			t.Fatal(err)
		}
		o := porter.Options{Listen: l, Peer: os.Getuid(), Medium: stick.Folder{Path: folder}, Launcher: noWorkers{}, Log: slog.New(slog.DiscardHandler)}
		go func() { done <- runPorter(ctx, o, door, mark, stage, o.Log) }()
		return path, done
	}
	path, done := life(t.Context(), "first")
	if err := intake.Technician(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("the life that was asked: got %v, want its end", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "kiosk-update.raucb"), []byte("system"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, done = life(ctx, "second")
	if got := <-staged; got != "system" {
		t.Errorf("got %q, want what is on the stick", got)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("technician mode would go on: %v", err)
	}
}

// TestTheStickIsTold: whoever asks hears what became of the technician's stick, without looking into the porter's log.
func TestTheStickIsTold(t *testing.T) {
	for want, c := range map[string]struct {
		file  string // on the stick; "" = no stick
		stage error
	}{
		intake.StickAwaited: {"", nil},
		intake.StickTaken:   {"kiosk-update.raucb", nil},
		intake.StickNoFile:  {"update.raucb", nil},
		intake.StickNoRoom:  {"kiosk-update.raucb", card.ErrNoRoom},
		intake.StickUnread:  {"kiosk-update.raucb", errors.New("stick: input/output error")},
	} {
		t.Run(want, func(t *testing.T) {
			dir := t.TempDir()
			folder, mark, path := filepath.Join(dir, "stick"), filepath.Join(dir, "technician"), filepath.Join(dir, "door")
			put(t, mark, []byte("now"))
			if c.file != "" {
				if err := os.Mkdir(folder, 0o700); err != nil {
					t.Fatal(err)
				}
				put(t, filepath.Join(folder, c.file), []byte("system"))
			}
			l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path + "-kiosk", Net: "unixpacket"})
			if err != nil {
				t.Fatal(err)
			}
			o := porter.Options{Listen: l, Peer: os.Getuid(), Medium: stick.Folder{Path: folder}, Launcher: noWorkers{}, Log: slog.New(slog.DiscardHandler)}
			ctx, cancel := context.WithCancel(t.Context())
			done, door := make(chan error, 1), socketOf(t, path)
			go func() { done <- runPorter(ctx, o, door, mark, func(*os.File) error { return c.stage }, o.Log) }()
			got := intake.Stick(t.Context(), path)
			for got == intake.StickAwaited && want != intake.StickAwaited && t.Context().Err() == nil {
				time.Sleep(10 * time.Millisecond)
				got = intake.Stick(t.Context(), path)
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			d := &technicianDevice{link: &link{new: &updater{socket: path}}}
			if facts := d.stickUpdate(); len(facts) != 1 || facts[0].Value == "" {
				t.Errorf("the page: got %v, want one line", facts)
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNoStick: outside technician mode the page has no line of a stick.
func TestNoStick(t *testing.T) {
	d := &technicianDevice{link: &link{new: &updater{socket: filepath.Join(t.TempDir(), "nobody")}}}
	if facts := d.stickUpdate(); len(facts) != 0 {
		t.Errorf("got %v, want none", facts)
	}
}
