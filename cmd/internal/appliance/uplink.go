package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/card"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/store"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/uplink"
	"sps-kiosk/sync/wire"
)

// link joins the kiosk to the district (A9): the store's outbox to the network, and the time that
// the district tells back to the queue.
type link struct {
	board board
	boot  uint32
	box   *outbox.Box
	data  string
	log   *slog.Logger
	seen  func(health.State)
	show  func(number string)
	view  atomic.Pointer[kiosk.View]
	told  atomic.Pointer[uplink.State] // as the uplink said last
	offer atomic.Pointer[wire.Offer]   // the newer firmware that the district offered last, nil = none
	new   *updater                     // fetches it

	said      string        // what the bench's page was told last
	troubleAt time.Duration // since when there is no link; negative = there is
}

// newLink returns the link of a store.
func newLink(b board, data *store.Store, folder string, log *slog.Logger) (*link, error) {
	box, err := outbox.New(data)
	if err != nil {
		return nil, err
	}
	return &link{board: b, boot: data.Boot(), box: box, data: folder, log: log, troubleAt: -1}, nil
}

// uplink returns the task that speaks with the district.
func (l *link) uplink(o Options, settings config.Settings) (func(context.Context) error, error) {
	client, err := uplink.NewClient(uplink.Network{Proxy: settings.District.Proxy, PostQuantum: settings.District.PostQuantum})
	if err != nil {
		return nil, err
	}
	options := l.options(o, settings.District)
	options.Client = client
	if o.Porter != "" {
		l.new = &updater{folder: filepath.Join(o.Data, "update"), socket: filepath.Join(filepath.Dir(o.Porter), "update.sock"),
			refused: card.OnCard().Refused, running: release(), client: client, log: o.Log, offers: make(chan offer, 1)}
	}
	return func(ctx context.Context) error {
		u, err := uplink.New(options)
		if err != nil {
			return fmt.Errorf("open link to the district: %w", err)
		}
		return u.Run(ctx)
	}, nil
}

// options returns what the settings say of the link, and what it works with; the client is not among it.
func (l *link) options(o Options, d config.District) uplink.Options {
	return uplink.Options{Box: l.box, Dir: filepath.Join(o.Data, "identity"), Enrol: folderOf(o.Config),
		Address: d.Address, NewKey: d.NewKey, Every: d.Every, First: o.Contact,
		Now: l.now, Beat: l.beat, Tell: l.tell, Updater: l, Log: o.Log}
}

// Offered keeps what the district offers, for the technician's page, and has it fetched.
func (l *link) Offered(o wire.Offer, from string) {
	l.offer.Store(&o)
	if l.new != nil {
		l.new.Offered(o, from)
	}
}

// folderOf returns the folder of the settings, where enroll.json is put; "" for built-in ones.
func folderOf(settings string) string {
	if settings == "" || isFolder(settings) {
		return settings
	}
	return filepath.Dir(settings)
}

// now returns the time on the board: by the kernel where it vouches for it, else by what the district
// has told in this boot. Where they contradict each other the district, which signs, is believed.
func (l *link) now() event.Time {
	t := clockOf(l.board, l.boot)()
	dated := l.box.Date(clock.Moment{Boot: uint64(l.boot), Up: t.Up})
	if dated.Open() {
		return t
	}
	mid, off := dated.Mid().UnixMilli(), dated.Error()
	if t.Error >= 0 && t.Error <= off && time.Duration(max(mid-t.Wall, t.Wall-mid))*time.Millisecond <= off+t.Error {
		return t
	}
	t.Wall, t.Error = mid, off
	return t
}

// committed keeps how the kiosk is for the next heartbeat, and tells the next one in line.
func (l *link) committed(next func(queue.Change, time.Duration, kiosk.View)) func(queue.Change, time.Duration, kiosk.View) {
	return func(c queue.Change, took time.Duration, v kiosk.View) {
		l.view.Store(&v)
		if next != nil {
			next(c, took, v)
		}
	}
}

// beat returns how the device is: what is not in order, and the room on the card.
func (l *link) beat() wire.Beat {
	b := wire.Beat{Firmware: release(), Disk: freePercent(l.data)}
	if l.new != nil {
		b.Update = l.new.end.Load()
	}
	if v := l.view.Load(); v != nil {
		b.Catalog, b.Overdue = v.Catalog.Version, v.Catalog.Overdue // A6, B16
		for _, e := range v.Health {
			if d := wire.NewDevice(e.Device, string(e.State)); e.State != health.OK && len(b.Devices) < wire.MaxDevices {
				b.Devices = append(b.Devices, d)
			}
		}
	}
	return b
}

// longTrouble is how long a link must be down to be a fact: one lost answer is none.
const longTrouble = 10 * time.Minute

// tell takes how the link is, and at the same time what the kernel says of the time. It is called by
// the uplink between two requests.
func (l *link) tell(s uplink.State) {
	l.told.Store(&s)
	now := clockOf(l.board, l.boot)()
	kernel := clock.Kernel{Wall: now.Wall, MaxError: now.Error, Synchronised: now.Error >= 0}
	if r, ok := clock.FromKernel(clock.Moment{Boot: uint64(l.boot), Up: now.Up}, kernel); ok {
		if _, err := l.box.Learn(r); err != nil {
			l.log.Warn("keep reading of the clock", "device", "clock", "err", err)
		}
	}
	if s.Number != "" {
		l.show(s.Number)
	}
	if text := s.Text(); text != l.said {
		l.said = text
		l.log.Info("link to the district", "device", "uplink", "state", text, "backlog", s.Backlog)
		journal(l.board, deviceName(config.Settings{}, "uplink")+": "+text, 0)
	}
	if state := l.health(s, now.Up); state != health.Unknown {
		l.seen(state)
	}
}

// health is the link as a device; Unknown is nothing to tell.
func (l *link) health(s uplink.State, now time.Duration) health.State {
	switch s.Link {
	case uplink.Rejected:
		return health.Unregistered
	case uplink.Unbound, uplink.Waiting:
		return health.Unknown // no district is no fault
	case uplink.NoLink:
		if l.troubleAt < 0 {
			l.troubleAt = now
		}
		if now-l.troubleAt >= longTrouble {
			return health.NoLink
		}
		return health.Unknown
	}
	l.troubleAt = -1
	return health.OK
}

// last returns how the link is in words, and how many events wait.
func (l *link) last() (text string, backlog uint64) {
	if s := l.told.Load(); s != nil {
		return s.Text(), s.Backlog
	}
	return "ещё не пробовали", 0
}

// quiet reports whether nobody is being called or served, so that the display is free for a number
// that an administrator reads.
func (l *link) quiet() bool {
	v := l.view.Load()
	if v == nil {
		return true
	}
	for _, w := range v.Windows {
		if w.Ticket != "" || len(w.Busy) > 0 {
			return false
		}
	}
	return true
}

// release names the program: the card's version, elsewhere the commit it was built from, or "unknown".
func release() string {
	if b, err := os.ReadFile(card.OnCard().Version); err == nil {
		return strings.TrimSpace(string(b))
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return strings.ToLower(s.Value[:12])
			}
		}
	}
	return "unknown"
}

// freePercent returns the free part of the file system of a folder; 0 where it cannot be told.
func freePercent(folder string) int {
	var st unix.Statfs_t
	if unix.Statfs(folder, &st) != nil || st.Blocks == 0 {
		return 0
	}
	return int(st.Bavail * 100 / st.Blocks)
}
