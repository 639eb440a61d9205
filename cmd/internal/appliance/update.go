package appliance

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/intake"
	"sps-kiosk/sync/wire"
)

// Times and sizes of an update.
const (
	judgedAfter = 15 * time.Minute // a boot in which the handed version does not run by then has taken it back
	lookEvery   = time.Minute
	spareRoom   = 128 << 20       // bytes left free beside both copies of a bundle
	silence     = 2 * time.Minute // after which a server that sends nothing is given up; more at the next offer
)

// updater fetches the firmware that the district offers and hands it to the porter, who alone reaches RAUC. It
// tells how the last one ended. A version is handed over once: one that was refused or taken back is not fetched again.
type updater struct {
	folder  string // what is being fetched, and the version handed over last
	socket  string // the porter's door for new systems; "" = this machine takes none
	refused string // file that the card writes when RAUC refuses a bundle
	running string // version
	client  *http.Client
	log     *slog.Logger

	offers chan offer // the latest
	end    atomic.Pointer[wire.Update]
}

// offer is one of the district's, and where the bundle is.
type offer struct {
	wire.Offer
	from string
}

// Offered implements uplink.Updater: the latest offer waits to be looked at.
func (u *updater) Offered(o wire.Offer, from string) {
	select {
	case <-u.offers:
	default:
	}
	select {
	case u.offers <- offer{o, from}:
	default: // another came in between
	}
}

// Run takes offers until ctx ends.
func (u *updater) Run(ctx context.Context) error {
	if u.socket == "" {
		return nil
	}
	if err := os.MkdirAll(u.folder, 0o700); err != nil {
		return fmt.Errorf("make folder of updates: %w", err)
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for began := time.Now(); ; {
		u.judge(time.Since(began))
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		case o := <-u.offers:
			if err := u.take(ctx, o); err != nil && ctx.Err() == nil {
				u.log.Warn("update is not taken", "device", "uplink", "version", o.Version, "err", err)
				u.tell(o.Version, wire.Failed)
			}
		}
	}
}

func (u *updater) tell(version, end string) { u.end.Store(wire.NewUpdate(version, end)) }

// judge tells how the version handed over last ended, as soon as that is certain.
func (u *updater) judge(up time.Duration) {
	version := u.handed()
	if version == "" {
		return
	}
	_, refused := os.Stat(u.refused)
	switch {
	case version == u.running:
		u.tell(version, wire.Installed)
	case refused == nil:
		u.tell(version, wire.RefusedEnd)
	case up >= judgedAfter:
		u.tell(version, wire.RolledBack)
	}
}

// handed is the version handed over last, "" for none.
func (u *updater) handed() string {
	b, err := os.ReadFile(filepath.Join(u.folder, "handed"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// take fetches one bundle and hands it over.
func (u *updater) take(ctx context.Context, o offer) error {
	if o.Version == u.handed() || o.Version == u.running {
		return nil
	}
	f, err := u.fetch(ctx, o)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := intake.Hand(ctx, u.socket, f); err != nil {
		return err
	}
	u.log.Info("update handed over", "device", "uplink", "version", o.Version)
	mark := filepath.Join(u.folder, "handed")
	if err := os.WriteFile(mark+".new", []byte(o.Version+"\n"), 0o600); err != nil {
		return err
	}
	return errors.Join(os.Rename(mark+".new", mark), os.Remove(f.Name()))
}

// fetch brings the bundle onto the card, from where an earlier attempt ended, and holds it against the hash that the
// district signed: it is of no importance who served it.
func (u *updater) fetch(ctx context.Context, o offer) (*os.File, error) {
	path := filepath.Join(u.folder, o.SHA256+".part")
	if err := u.only(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err = u.download(ctx, o, f); err == nil {
		err = whole(f, o)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// only drops what was begun of other bundles.
func (u *updater) only(path string) error {
	parts, err := filepath.Glob(filepath.Join(u.folder, "*.part"))
	for _, part := range parts {
		if part != path {
			err = errors.Join(err, os.Remove(part))
		}
	}
	return err
}

// download appends what is missing.
func (u *updater) download(ctx context.Context, o offer, f *os.File) error {
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil || have >= o.Size {
		return err
	}
	var st unix.Statfs_t
	if err := unix.Statfs(u.folder, &st); err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	if free := int64(st.Bavail) * int64(st.Bsize); free < 2*o.Size-have+spareRoom {
		return fmt.Errorf("%w: %d MB free, the bundle has %d", intake.ErrNoRoom, free>>20, o.Size>>20)
	}
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	patience := time.AfterFunc(silence, giveUp)
	defer patience.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.from, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	answer, err := u.client.Do(request)
	if err != nil {
		return fmt.Errorf("fetch bundle: %w", err)
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK: // from the beginning
		have = 0
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	default:
		return fmt.Errorf("fetch bundle: %s", answer.Status)
	}
	n, err := io.Copy(f, io.LimitReader(heard{answer.Body, patience}, o.Size-have))
	if err = errors.Join(err, f.Sync()); err != nil {
		return fmt.Errorf("fetch bundle: %w", err)
	}
	if have+n < o.Size {
		return fmt.Errorf("fetch bundle: %d of %d bytes, more next time", have+n, o.Size)
	}
	return nil
}

// heard is a body that every byte lets be waited for anew.
type heard struct {
	io.Reader
	patience *time.Timer
}

// Read implements io.Reader.
func (h heard) Read(b []byte) (int, error) {
	n, err := h.Reader.Read(b)
	if n > 0 {
		h.patience.Reset(silence)
	}
	return n, err
}

// whole drops a bundle that is not what was offered.
func whole(f *os.File, o offer) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, o.Size+1)); err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != o.SHA256 {
		return errors.Join(fmt.Errorf("the bundle has the hash %s, %s was offered", got, o.SHA256), os.Remove(f.Name()))
	}
	return nil
}
