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
