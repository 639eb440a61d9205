// Package alarm tells the district's officials which kiosks are silent, and that they are back (A9).
//
// It owns when silence is long enough to be told, that it is told once, the words, and the two ways:
// mail and webhook. It refuses to know how a kiosk is heard, and to keep anything itself: what was told
// is in a Memory, so that a restart tells nothing twice.
package alarm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Kiosk is one kiosk that is expected to be heard: active, and heard at least once.
type Kiosk struct {
	ID     int64
	Name   string
	Office string
	Zone   *time.Location
	Seen   time.Time // when it was heard last
}

// Kiosks is who knows the kiosks. With the error ErrElsewhere nothing is told here.
type Kiosks interface {
	Expected(ctx context.Context) ([]Kiosk, error)
}

// Memory keeps what was told, where every replica finds it; district.Store is one. Note returns nil for
// a name never put. What PutNote was given is on disk when it returns nil.
type Memory interface {
	Note(ctx context.Context, name string) ([]byte, error)
	PutNote(ctx context.Context, name string, data []byte) error
}

// Troubles is who knows what else is wrong: a copied card, an update that was paused. nil = nobody.
type Troubles interface {
	Troubles(ctx context.Context) ([]Trouble, error)
}

// Trouble is something that people must look at. It is told once, when it appears; its end is not told.
type Trouble struct {
	Key  string // the same as long as it is the same trouble: "clone:7"
	What string // in Russian, in one line
	ToDo string // what to do, a sentence
}

// ErrOff means that a way is not set up: nothing is told, and nothing counts as told.
var ErrOff = errors.New("this way of telling is not set up")

// Sender is one way to tell people. An error means that nobody was told, and it is tried again.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Settings say when silence is told.
type Settings struct {
	After time.Duration // hours in which the office is open, e.g. 2 h
	Week  Week
	// Gap is the least time between two messages; what happens in between goes into one.
	Gap time.Duration
}

// Default are the settings of a district that set none: two hours of an ordinary office week.
func Default() Settings {
	return Settings{After: 2 * time.Hour, Week: OfficeWeek(), Gap: 10 * time.Minute}
}

// told is what a Memory keeps under a name.
type told struct {
	Form   int                 `json:"form"`
	Silent map[int64]time.Time `json:"silent"`          // kiosks whose silence was told, and since when it lasts
	Wrong  []string            `json:"wrong,omitempty"` // keys of the troubles that were told and still are
	Sent   time.Time           `json:"sent"`
}

const toldForm = 1

// Watcher looks who is silent and tells it one way. Two ways are two watchers of different names.
type Watcher struct {
	Name     string // of its memory: "mail", "webhook"
	Kiosks   Kiosks
	Troubles Troubles
	Memory   Memory
	Sender   Sender
	Settings
	Log *slog.Logger
}

// Between checks, and between attempts after errors.
const (
	checkEvery = time.Minute
	retryMost  = 30 * time.Minute
)

// Run looks every minute until ctx ends. An error is logged when it appears and tried again, at last
// every half hour.
func (w *Watcher) Run(ctx context.Context) error {
	pause, complained := checkEvery, ""
	for {
		switch err := w.Check(ctx, time.Now()); {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			pause, complained = checkEvery, ""
		default:
			if err.Error() != complained {
				w.Log.Error("alarm", "way", w.Name, "err", err)
				complained = err.Error()
			}
			pause = min(pause*2, retryMost)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// Check tells what is new as of a moment: silence that lasts long enough, once, and its end. It is
// told before it is noted down: a crash between the two tells it once more, never not at all.
func (w *Watcher) Check(ctx context.Context, now time.Time) error {
	kiosks, err := w.Kiosks.Expected(ctx)
	if errors.Is(err, ErrElsewhere) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for kiosks: %w", err)
	}
	was, err := w.load(ctx) // after it is known who leads: another replica may just have told
	if err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	m, next := w.compare(was, kiosks, now)
	if w.Troubles != nil {
		if err := w.news(ctx, was, &m, &next); err != nil {
			return err
		}
	}
	if !m.Empty() {
		if now.Sub(was.Sent) < w.Gap && !was.Sent.After(now) {
			return nil
		}
		if err := w.Sender.Send(ctx, m); errors.Is(err, ErrOff) {
			return nil
		} else if err != nil {
			return fmt.Errorf("send: %w", err)
		}
		next.Sent = now
	} else if len(next.Silent) == len(was.Silent) && slices.Equal(next.Wrong, was.Wrong) {
		return nil
	}
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := w.Memory.PutNote(ctx, w.note(), data); err != nil {
		return fmt.Errorf("note what was told: %w", err)
	}
	return nil
}

// news adds the troubles that were not told yet.
func (w *Watcher) news(ctx context.Context, was told, m *Message, next *told) error {
	list, err := w.Troubles.Troubles(ctx)
	if err != nil {
		return fmt.Errorf("look for troubles: %w", err)
	}
	for _, t := range list {
		next.Wrong = append(next.Wrong, t.Key)
		if !slices.Contains(was.Wrong, t.Key) {
			m.Wrong = append(m.Wrong, t)
		}
	}
	return nil
}

// note is the name its memory is under.
func (w *Watcher) note() string { return "alarm." + w.Name }

// load reads the memory. What it cannot read it takes for nothing told: better twice than never.
func (w *Watcher) load(ctx context.Context) (told, error) {
	data, err := w.Memory.Note(ctx, w.note())
	if err != nil {
		return told{}, err
	}
	var t told
	if len(data) > 0 {
		if err := json.Unmarshal(data, &t); err != nil || t.Form != toldForm {
			w.Log.Warn("alarm: memory is not readable, everything silent is told again", "way", w.Name, "err", err)
			t = told{}
		}
	}
	return t, nil
}

// compare returns what is to be told, and what will have been told then. A kiosk that is no longer
// expected is forgotten without a word: somebody took it off the register.
func (w *Watcher) compare(was told, kiosks []Kiosk, now time.Time) (m Message, next told) {
	next = told{Form: toldForm, Silent: map[int64]time.Time{}, Sent: was.Sent}
	for _, k := range kiosks {
		since, silent := was.Silent[k.ID]
		open := w.Week.Open(k.Seen, now, k.Zone)
		switch {
		case silent && k.Seen.After(since):
			m.Back = append(m.Back, Silence{Kiosk: k, Since: since})
			if open >= w.After { // back and gone again in between
				m.Silent = append(m.Silent, Silence{Kiosk: k, Since: k.Seen, Open: open})
				next.Silent[k.ID] = k.Seen
			}
		case silent:
			next.Silent[k.ID] = since
		case open >= w.After:
			m.Silent = append(m.Silent, Silence{Kiosk: k, Since: k.Seen, Open: open})
			next.Silent[k.ID] = k.Seen
		}
	}
	byName := func(a, b Silence) int { return compareNames(a.Kiosk, b.Kiosk) }
	slices.SortFunc(m.Silent, byName)
	slices.SortFunc(m.Back, byName)
	m.Expected, m.At = len(kiosks), now
	return m, next
}
