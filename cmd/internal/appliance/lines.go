package appliance

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"sps-kiosk/kiosk/config"
)

// mostLines is how many lines of the log are kept for the technician's page.
const mostLines = 120

// lines keeps the last lines of the log. What is logged holds nothing a visitor scanned or typed.
type lines struct {
	mu   sync.Mutex
	last []string // newest last
}

// newest returns the lines, newest first.
func (l *lines) newest() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.Clone(l.last)
	slices.Reverse(list)
	return list
}

// Write takes one line.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == mostLines {
		l.last = slices.Delete(l.last, 0, 1)
	}
	l.last = append(l.last, strings.TrimSpace(string(line)))
	return len(line), nil
}

// handler writes lines with the time of the site and without the date.
func (l *lines) handler(s config.Settings) slog.Handler {
	return slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		switch {
		case len(groups) > 0:
		case a.Key == slog.TimeKey:
			zone := s.Hours.Zone
			if zone == nil {
				zone = time.UTC
			}
			return slog.String("в", a.Value.Time().In(zone).Format(time.TimeOnly))
		case a.Key == slog.LevelKey && a.Value.Any() == slog.LevelInfo:
			return slog.Attr{}
		}
		return a
	}})
}

// tee gives every record to two handlers.
type tee struct{ a, b slog.Handler }

// Enabled reports whether one of them wants the level.
func (t *tee) Enabled(ctx context.Context, l slog.Level) bool {
	return t.a.Enabled(ctx, l) || t.b.Enabled(ctx, l)
}

// Handle gives a record to both, as far as they want it.
func (t *tee) Handle(ctx context.Context, r slog.Record) error {
	if t.b.Enabled(ctx, r.Level) {
		t.b.Handle(ctx, r) // memory does not fail
	}
	if !t.a.Enabled(ctx, r.Level) {
		return nil
	}
	return t.a.Handle(ctx, r)
}

// WithAttrs returns a tee with attributes.
func (t *tee) WithAttrs(all []slog.Attr) slog.Handler {
	return &tee{t.a.WithAttrs(all), t.b.WithAttrs(all)}
}

// WithGroup returns a tee with a group.
func (t *tee) WithGroup(name string) slog.Handler {
	return &tee{t.a.WithGroup(name), t.b.WithGroup(name)}
}
