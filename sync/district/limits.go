package district

import (
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// timeNow is when something happens in the district.
func timeNow() time.Time { return time.Now() }

// pace holds every kiosk to so many requests a minute. It forgets who has been quiet: what it knows
// is a cache, and every replica has its own, so that n replicas let n times as many pass.
type pace struct {
	mu        sync.Mutex
	perMinute int
	kiosks    map[int64]*rate.Limiter
}

// paceRoom is how many kiosks are remembered; above it the quiet ones are dropped.
const paceRoom = 20_000

func newPace(perMinute int) *pace {
	return &pace{perMinute: perMinute, kiosks: map[int64]*rate.Limiter{}}
}

// allow reports whether a kiosk may ask now.
func (p *pace) allow(kiosk int64, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.kiosks[kiosk]
	if l == nil {
		if len(p.kiosks) >= paceRoom {
			p.drop(now)
		}
		l = rate.NewLimiter(rate.Limit(float64(p.perMinute)/60), p.perMinute)
		p.kiosks[kiosk] = l
	}
	return l.AllowN(now, 1)
}

// drop forgets kiosks whose allowance is whole again; if there are none, everybody.
func (p *pace) drop(now time.Time) {
	for id, l := range p.kiosks {
		if l.TokensAt(now) >= float64(p.perMinute) {
			delete(p.kiosks, id)
		}
	}
	if len(p.kiosks) >= paceRoom {
		clear(p.kiosks)
	}
}

// throttle logs a repeated trouble once in a while: a database that is down would fill the disk.
type throttle struct {
	mu   sync.Mutex
	log  *slog.Logger
	said map[string]*complaint // by a word of this package: there are few
}

// complaint is when something was said last, and how often it was not since.
type complaint struct {
	at    time.Time
	quiet int
}

// sayAgain is how often one kind of trouble is logged.
const sayAgain = 10 * time.Second

func newThrottle(log *slog.Logger) *throttle {
	return &throttle{log: log, said: map[string]*complaint{}}
}

// complain logs a trouble of a kind.
func (t *throttle) complain(kind string, err error) {
	now := timeNow()
	t.mu.Lock()
	c := t.said[kind]
	if c == nil {
		c = &complaint{}
		t.said[kind] = c
	}
	if !c.at.IsZero() && now.Sub(c.at) < sayAgain {
		c.quiet++
		t.mu.Unlock()
		return
	}
	quiet := c.quiet
	c.at, c.quiet = now, 0
	t.mu.Unlock()
	t.log.Error("trouble", "with", kind, "err", err, "not_said", quiet)
}
