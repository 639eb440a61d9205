package alarm

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/sync/district/sqlite"
)

var samara = time.FixedZone("Europe/Samara", 4*3600)

// monday is Monday 14.09.2026 at an hour and minute.
func monday(hour, minute int) time.Time { return time.Date(2026, 9, 14, hour, minute, 0, 0, samara) }

// hall is what kiosks and people are in these tests.
type hall struct {
	kiosks []Kiosk
	err    error
	sent   []Message
	refuse error
}

func (h *hall) Expected(context.Context) ([]Kiosk, error) { return h.kiosks, h.err }

func (h *hall) Send(_ context.Context, m Message) error {
	if h.refuse == nil {
		h.sent = append(h.sent, m)
	}
	return h.refuse
}

// subjects returns what was sent since the last call.
func (h *hall) subjects() string {
	var list []string
	for _, m := range h.sent {
		list = append(list, m.Subject())
	}
	h.sent = nil
	return strings.Join(list, "; ")
}

// check looks once with a watcher made anew, as after a restart.
func (h *hall) check(t *testing.T, memory Memory, now time.Time) error {
	t.Helper()
	w := &Watcher{Name: "mail", Kiosks: h, Memory: memory, Sender: h, Settings: Default(), Log: slog.New(slog.DiscardHandler)}
	return w.Check(t.Context(), now)
}

func kiosk(id int64, name string, seen time.Time) Kiosk {
	return Kiosk{ID: id, Name: name, Office: "МФЦ Кошки", Zone: samara, Seen: seen}
}

// TestOncePerSilence is a week of one kiosk; the program restarts before every look.
func TestOncePerSilence(t *testing.T) {
	h, told := &hall{kiosks: []Kiosk{kiosk(1, "Зал", monday(10, 0))}}, memory{}
	for _, c := range []struct {
		at   time.Time
		seen time.Time
		want string
	}{
		{monday(11, 59), monday(10, 0), ""},
		{monday(12, 0), monday(10, 0), "Нет данных от киоска «Зал» (МФЦ Кошки)"},
		{monday(12, 1), monday(10, 0), ""},
		{monday(35, 0), monday(10, 0), ""},
		{monday(36, 0), monday(36, 0), "Снова есть данные от киоска «Зал» (МФЦ Кошки)"},
		{monday(36, 1), monday(36, 0), ""},
		{monday(40, 0), monday(37, 0), "Нет данных от киоска «Зал» (МФЦ Кошки)"},
		{monday(64, 0), monday(60, 0), "Нет данных от киосков: 1, снова на связи: 1"}, // back and gone again in between
		{monday(64, 30), monday(60, 0), ""},
	} {
		h.kiosks[0].Seen = c.seen
		if err := h.check(t, told, c.at); err != nil {
			t.Fatal(err)
		}
		if got := h.subjects(); got != c.want {
			t.Errorf("%v: got %q, want %q", c.at, got, c.want)
		}
	}
}

// TestSilenceCountsInOfficeHours: switched off in the evening is no silence.
func TestSilenceCountsInOfficeHours(t *testing.T) {
	week := OfficeWeek()
	week.Closed = map[string]bool{"2026-09-15": true}
	for _, c := range []struct {
		from, to time.Time
		want     time.Duration
	}{
		{monday(10, 0), monday(12, 30), 150 * time.Minute},
		{monday(7, 0), monday(9, 30), 30 * time.Minute},
		{monday(16, 30), monday(24+23, 0), 30 * time.Minute}, // Tuesday is a holiday here
		{monday(16, 30), monday(48+10, 0), 90 * time.Minute},
		{monday(4*24+16, 0), monday(7*24+9, 1), 61 * time.Minute}, // over the weekend
		{monday(12, 0), monday(11, 0), 0},
		{time.Time{}, monday(12, 0), 0},
	} {
		got := week.Open(c.from, c.to, samara)
		if c.from.IsZero() {
			if got < 300*time.Hour || got > 360*time.Hour {
				t.Errorf("never seen: got %v, want the office hours of 60 days", got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%v to %v: got %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

// TestManyAtOnceAreOneMessage: what happens within the gap goes together, and when all are silent the
// server's own line is named.
func TestManyAtOnceAreOneMessage(t *testing.T) {
	h, told := &hall{kiosks: []Kiosk{kiosk(2, "Вход", monday(10, 0)), kiosk(1, "Зал", monday(10, 3)), kiosk(3, "Холл", monday(10, 5))}}, memory{}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{monday(12, 0), "Нет данных от киоска «Вход» (МФЦ Кошки)"},
		{monday(12, 3), ""}, {monday(12, 9), ""},
		{monday(12, 10), "Нет данных от киосков: 2"},
		{monday(12, 30), ""},
	} {
		if err := h.check(t, told, c.at); err != nil {
			t.Fatal(err)
		}
		if got := h.subjects(); got != c.want {
			t.Errorf("%v: got %q, want %q", c.at, got, c.want)
		}
	}
	if err := h.check(t, memory{}, monday(13, 0)); err != nil {
		t.Fatal(err)
	}
	text := h.sent[0].Text()
	want := "Киоск «Вход» (МФЦ Кошки) не выходит на связь с 14.09.2026 10:00, рабочего времени прошло: 3 ч 00 мин.\n" +
		"Киоск «Зал» (МФЦ Кошки) не выходит на связь с 14.09.2026 10:03, рабочего времени прошло: 2 ч 57 мин.\n"
	if !strings.HasPrefix(text, want) || !strings.Contains(text, "Молчат все киоски сразу") {
		t.Errorf("got %s", text)
	}
}

func TestWhatWasNotSentIsSentLater(t *testing.T) {
	h, told := &hall{kiosks: []Kiosk{kiosk(1, "Зал", monday(10, 0))}, refuse: errors.New("no line")}, memory{}
	if err := h.check(t, told, monday(12, 0)); !errors.Is(err, h.refuse) {
		t.Errorf("got %v, want the sender's error", err)
	}
	h.refuse = nil
	if err := h.check(t, told, monday(12, 1)); err != nil || h.subjects() == "" {
		t.Errorf("after the line is back: %v, nothing sent", err)
	}
}

// TestOffTheRegister: nobody is told that a kiosk somebody took away is back or silent.
func TestOffTheRegister(t *testing.T) {
	h, told := &hall{kiosks: []Kiosk{kiosk(1, "Зал", monday(10, 0))}}, memory{}
	for _, at := range []time.Time{monday(12, 0), monday(13, 0)} {
		if err := h.check(t, told, at); err != nil {
			t.Fatal(err)
		}
		h.kiosks = nil
	}
	if got := h.subjects(); got != "Нет данных от киоска «Зал» (МФЦ Кошки)" {
		t.Errorf("got %q", got)
	}
	h.kiosks = []Kiosk{kiosk(1, "Зал", monday(10, 0))} // and is put back, still silent
	if err := h.check(t, told, monday(14, 0)); err != nil || h.subjects() == "" {
		t.Errorf("put back: %v, nothing sent", err)
	}
	h.err = ErrElsewhere
	if err := h.check(t, told, monday(15, 0)); err != nil {
		t.Errorf("another replica leads: got %v", err)
	}
}

// memory is a Memory in memory.
type memory map[string][]byte

func (m memory) Note(_ context.Context, name string) ([]byte, error) { return m[name], nil }

func (m memory) PutNote(_ context.Context, name string, data []byte) error {
	m[name] = data
	return nil
}

// TestMemory holds the memory of these tests and a district's database to the same.
func TestMemory(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, m := range []Memory{memory{}, store} {
		if data, err := m.Note(t.Context(), "alarm.mail"); data != nil || err != nil {
			t.Errorf("%T: never put: got %q, %v", m, data, err)
		}
		for _, want := range []string{"one", "two"} {
			if err := m.PutNote(t.Context(), "alarm.mail", []byte(want)); err != nil {
				t.Fatal(err)
			}
			if data, err := m.Note(t.Context(), "alarm.mail"); string(data) != want || err != nil {
				t.Errorf("%T: got %q, %v, want %q", m, data, err, want)
			}
		}
		h := &hall{kiosks: []Kiosk{kiosk(1, "Зал", monday(10, 0))}}
		for _, damaged := range []string{"{", `{"form":9,"silent":{"1":"2026-09-14T10:00:00+04:00"}}`} {
			if err := m.PutNote(t.Context(), "alarm.mail", []byte(damaged)); err != nil {
				t.Fatal(err)
			}
			if err := h.check(t, m, monday(12, 0)); err != nil || h.subjects() == "" {
				t.Errorf("%T with %q: %v, nothing sent", m, damaged, err)
			}
			if err := h.check(t, m, monday(12, 1)); err != nil || h.subjects() != "" {
				t.Errorf("%T after it was told: %v, sent again", m, err)
			}
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	h := &hall{kiosks: []Kiosk{kiosk(1, "Зал", monday(10, 0))}}
	if err := h.check(t, store, monday(12, 0)); err == nil {
		t.Error("nothing noted down, and no error")
	}
}

// succession is the register of a replica that begins to lead at the moment it asks: the one before
// it tells, and dies.
type succession struct {
	*hall
	last func()
}

func (s succession) Expected(ctx context.Context) ([]Kiosk, error) {
	s.last()
	return s.hall.Expected(ctx)
}

// TestTheNextReplicaRepeatsNothing, even if the one before told while it was being asked.
func TestTheNextReplicaRepeatsNothing(t *testing.T) {
	h, m := &hall{kiosks: []Kiosk{kiosk(1, "Зал", monday(10, 0))}}, memory{}
	last := func() {
		if err := h.check(t, m, monday(12, 0)); err != nil {
			t.Error(err)
		}
	}
	w := &Watcher{Name: "mail", Kiosks: succession{h, last}, Memory: m, Sender: h, Settings: Default(), Log: slog.New(slog.DiscardHandler)}
	if err := w.Check(t.Context(), monday(12, 11)); err != nil || len(h.sent) != 1 {
		t.Errorf("got %d messages, %v, want the one of the replica before", len(h.sent), err)
	}
	if names := slices.Collect(maps.Keys(m)); !slices.Equal(names, []string{"alarm.mail"}) {
		t.Errorf("got notes %v, want one", names)
	}
}

// TestRunComplainsOnce: a mail server that is down for a day is not told of every minute, and not asked.
func TestRunComplainsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(3*24*time.Hour + 12*time.Hour) // Tuesday noon, UTC
		var log bytes.Buffer
		h := &hall{kiosks: []Kiosk{{ID: 1, Name: "Зал", Zone: time.UTC, Seen: time.Now().Add(-3 * time.Hour)}}, refuse: errors.New("no line")}
		var mu sync.Mutex
		calls := 0
		w := &Watcher{Name: "mail", Kiosks: h, Memory: memory{}, Settings: Default(), Log: slog.New(slog.NewTextHandler(&log, nil)),
			Sender: senderFunc(func(ctx context.Context, m Message) error {
				mu.Lock()
				defer mu.Unlock()
				calls++
				return h.Send(ctx, m)
			})}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.Run(ctx) }()
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		if calls < 8 || calls > 20 {
			t.Errorf("%d attempts in five hours, want one every half hour", calls)
		}
		if n := strings.Count(log.String(), "no line"); n != 1 {
			t.Errorf("complained %d times, want once: %s", n, log.String())
		}
		mu.Lock()
		h.refuse = nil
		mu.Unlock()
		time.Sleep(31 * time.Minute)
		synctest.Wait()
		if len(h.sent) != 1 {
			t.Errorf("%d messages after the line is back, want 1", len(h.sent))
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("got %v, want nil at the end", err)
		}
	})
}

type senderFunc func(context.Context, Message) error

func (f senderFunc) Send(ctx context.Context, m Message) error { return f(ctx, m) }
