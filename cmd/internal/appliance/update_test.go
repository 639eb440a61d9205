package appliance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/cmd/internal/intake"
	"sps-kiosk/sync/wire"
)

// office is an updater with a porter's door beside it and a server that has the bundle.
type office struct {
	*updater
	staged [][]byte
	ranges []string
	serve  []byte
	cut    int // bytes of an answer after which the line breaks; 0 = never
}

func newOffice(t *testing.T) (*office, offer) {
	t.Helper()
	dir := t.TempDir()
	f := &office{serve: bytes.Repeat([]byte("system "), 1000)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.ranges = append(f.ranges, r.Header.Get("Range"))
		if f.cut > 0 {
			w.Header().Set("Content-Length", fmt.Sprint(len(f.serve)))
			w.Write(f.serve[:f.cut])
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.serve))
	}))
	t.Cleanup(s.Close)
	f.updater = &updater{folder: filepath.Join(dir, "update"), socket: filepath.Join(dir, "update.sock"), refused: filepath.Join(dir, "refused"),
		running: "2026.1.1", client: s.Client(), log: slog.New(slog.DiscardHandler), offers: make(chan offer, 1)}
	if err := os.Mkdir(f.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: f.socket, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	door := intake.Door{Peer: os.Getuid(), Log: f.log, Stage: func(b *os.File) error {
		all, err := io.ReadAll(io.NewSectionReader(b, 0, 1<<20))
		f.staged = append(f.staged, all)
		return err
	}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- door.Run(ctx, l) }()
	t.Cleanup(func() { cancel(); <-done })
	sum := sha256.Sum256(f.serve)
	return f, offer{wire.Offer{Version: "2026.2.1", SHA256: fmt.Sprintf("%x", sum), Size: int64(len(f.serve))}, s.URL}
}

// TestOfferIsHandedOver fetches a bundle over a line that breaks once, hands it to the porter once, and tells how it ended.
func TestOfferIsHandedOver(t *testing.T) {
	f, o := newOffice(t)
	f.cut = 3000
	if err := f.take(t.Context(), o); err == nil {
		t.Error("a line that breaks: got no error")
	}
	f.cut = 0
	for range 2 {
		if err := f.take(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.staged) != 1 || !bytes.Equal(f.staged[0], f.serve) {
		t.Errorf("got %d bundles handed over, want the whole one once", len(f.staged))
	}
	if len(f.ranges) != 2 || f.ranges[1] != "bytes=3000-" {
		t.Errorf("got requests for %q, want the second from where the first ended", f.ranges)
	}
	if left, err := filepath.Glob(filepath.Join(f.folder, "*.part")); len(left) != 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, c := range []struct {
		up      time.Duration
		running string
		refused bool
		want    *wire.Update
	}{
		{time.Minute, "2026.1.1", false, nil},
		{judgedAfter, "2026.1.1", false, wire.NewUpdate(o.Version, wire.RolledBack)},
		{time.Minute, "2026.1.1", true, wire.NewUpdate(o.Version, wire.RefusedEnd)},
		{0, o.Version, false, wire.NewUpdate(o.Version, wire.Installed)},
	} {
		f.end.Store(nil)
		f.running = c.running
		os.Remove(f.refused)
		if c.refused {
			if err := os.WriteFile(f.refused, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f.judge(c.up)
		if got := f.end.Load(); (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%v up, %s runs, refused %v: got %v, want %v", c.up, c.running, c.refused, got, c.want)
		}
	}
}

// TestOfferOfSomethingElse drops a bundle that has not the hash, and begins anew.
func TestOfferOfSomethingElse(t *testing.T) {
	f, o := newOffice(t)
	right := f.serve
	f.serve = bytes.Clone(right)
	f.serve[100] ^= 1
	if err := f.take(t.Context(), o); err == nil || len(f.staged) != 0 {
		t.Errorf("got %v, %d handed over, want an error and none", err, len(f.staged))
	}
	f.serve = right
	if err := f.take(t.Context(), o); err != nil || len(f.staged) != 1 {
		t.Errorf("afterwards: got %v, %d handed over, want one", err, len(f.staged))
	}
	o.Size = 1 << 50
	o.Version = "2026.3.1"
	o.SHA256 = o.SHA256[1:] + "0"
	if err := f.take(t.Context(), o); err == nil || len(f.ranges) != 2 {
		t.Errorf("larger than the card: got %v after %d requests, want an error before a third", err, len(f.ranges))
	}
}

// TestOffersRun takes the latest offer and ends with its context.
func TestOffersRun(t *testing.T) {
	f, o := newOffice(t)
	old := o
	old.Version = "2026.1.9"
	f.Offered(old.Offer, "http://127.0.0.1:1/nobody")
	f.Offered(o.Offer, o.from)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	for f.handed() != o.Version {
		select {
		case err := <-done:
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	if err := <-done; err != nil || len(f.staged) != 1 {
		t.Errorf("got %v, %d handed over, want the latest offer alone", err, len(f.staged))
	}
}

// silent is a server that begins to answer and then says nothing more.
type silent struct{ begin string }

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	ends := func(b []byte) (int, error) { <-r.Context().Done(); return 0, r.Context().Err() }
	body := io.MultiReader(bytes.NewReader([]byte(s.begin)), reader(ends))
	return &http.Response{StatusCode: http.StatusPartialContent, Body: io.NopCloser(body), Request: r}, nil
}

// reader is a function that reads.
type reader func([]byte) (int, error)

func (f reader) Read(b []byte) (int, error) { return f(b) }

// TestASilentServerIsGivenUp after its time; what it sent stays for the next attempt.
func TestASilentServerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		u := &updater{folder: dir, client: &http.Client{Transport: silent{"system"}}, log: slog.New(slog.DiscardHandler)}
		began := time.Now()
		_, err := u.fetch(t.Context(), offer{wire.Offer{Version: "2026.2.1", SHA256: "00", Size: 100}, "http://district.test/"})
		if err == nil || time.Since(began) != silence {
			t.Errorf("got %v after %v, want an error after %v", err, time.Since(began), silence)
		}
		if kept, err := os.ReadFile(filepath.Join(dir, "00.part")); err != nil || string(kept) != "system" {
			t.Errorf("kept %q, %v, want what came", kept, err)
		}
	})
}
