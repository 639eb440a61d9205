// Package sane scans pages on older scanners through a scanimage child process (SANE).
//
// It owns the child: its own settings directory with one backend and no network, its arguments,
// its end in any case, what it reports; and the pages: each is counted, held against the size
// announced, and turned from PNM into JPEG while it passes. Pages come through named pipes: no byte
// of a page is ever in a file (A35). It refuses to load backends into this process, to search the
// network, to keep or look into pages, and to believe an exit status of 0.
//
// Sources: scanimage(1), sane-dll(5), sane-test(5) of sane-backends 1.1.1; the SANE standard 1.06,
// §4.2.7 (status) and §4.3 (parameters); Netpbm's pnm(5). Tried with Debian's scanimage and the
// backend "test"; no real scanner has been attached yet.
package sane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"sps-kiosk/drivers/pages"
)

// ErrNoProgram means that scanimage is not installed or cannot be run: call for help. Other errors a
// caller acts on are those of drivers/pages.
var ErrNoProgram = errors.New("scanimage cannot be run")

// Config says which scanner to use and where to work.
type Config struct {
	Program string // name or path; "" = scanimage from PATH
	Backend string // SANE's name of the one backend to load: "genesys", "epson2", …
	Device  string // SANE's name of the device; "" = the only or first one the backend finds
	Dir     string // where to work, on a tmpfs; it belongs to this Scanner alone
	ConfDir string // the backends' own settings; "" = /etc/sane.d
}

// limits are the times allowed.
type limits struct {
	ask    time.Duration // for a list, or the options of a device
	page   time.Duration // for a whole page of 300 dpi, from the end of the last
	idle   time.Duration // within a page without a sign of life
	settle time.Duration // for a device that is busy before its first page
	pause  time.Duration // between two tries of that
	finish time.Duration // from what scanimage says of a failure, or of the end of the paper, to its own end
	grace  time.Duration // from SIGINT to SIGKILL
	lost   time.Duration // from SIGKILL to giving up a child the kernel holds
}

var usualLimits = limits{
	ask: time.Minute, page: 3 * time.Minute, idle: time.Minute,
	settle: 15 * time.Second, pause: time.Second, finish: 20 * time.Second, grace: 10 * time.Second, lost: 5 * time.Second,
}

// Scanner is one device. It is safe for concurrent use; one child runs at a time.
type Scanner struct {
	cfg    Config
	limits limits
	turn   chan struct{} // holds one token while a child runs

	mu     sync.Mutex
	device string
	caps   *Capabilities // nil = not asked yet
}

var backendName = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// network are backends that do nothing but talk to a network.
var network = []string{"airscan", "dell1600n_net", "escl", "net"}

// workPrefix begins the names of the directories of single runs.
const workPrefix = "sane-"

// New returns the scanner of cfg after removing what an earlier process may have left in its
// directory. A backend of the network is an error.
func New(cfg Config) (*Scanner, error) {
	switch {
	case !backendName.MatchString(cfg.Backend):
		return nil, fmt.Errorf("sane backend %q: no such name", cfg.Backend)
	case slices.Contains(network, cfg.Backend):
		return nil, fmt.Errorf("sane backend %q: it uses the network", cfg.Backend)
	case !filepath.IsAbs(cfg.Dir):
		return nil, fmt.Errorf("sane directory %q: not absolute", cfg.Dir)
	}
	if cfg.Program == "" {
		cfg.Program = "scanimage"
	}
	if cfg.ConfDir == "" {
		cfg.ConfDir = "/etc/sane.d"
	}
	old, err := filepath.Glob(filepath.Join(cfg.Dir, workPrefix+"*"))
	for _, dir := range old {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("sweep directory of scanner: %w", err)
	}
	return &Scanner{cfg: cfg, limits: usualLimits, turn: make(chan struct{}, 1), device: cfg.Device}, nil
}

// Ready returns nil if a scan may be begun, or the reason why not: ErrBusy while a scan runs. The
// device is opened and closed again; no paper moves.
func (s *Scanner) Ready(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	default:
		return pages.ErrBusy
	}
	defer func() { <-s.turn }()
	_, err := s.askDevice(ctx, "--dont-scan", "--format=pnm")
	return cancelled(ctx, err)
}

// take waits for the turn to run a child.
func (s *Scanner) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// cancelled adds ErrCancelled to what the end of ctx caused.
func cancelled(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && !errors.Is(err, pages.ErrCancelled) {
		return fmt.Errorf("%w: %w", pages.ErrCancelled, errors.Join(err, ctx.Err()))
	}
	return err
}
