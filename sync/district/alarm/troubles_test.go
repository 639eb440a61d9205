package alarm

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
)

// troubles is what is wrong in these tests.
type troubles []Trouble

func (l troubles) Troubles(context.Context) ([]Trouble, error) { return l, nil }

// TestOncePerTrouble: a trouble is told when it appears, not again while it lasts, and again if it comes
// back; a way that is off tells nothing and forgets nothing.
func TestOncePerTrouble(t *testing.T) {
	copied, held := Trouble{"clone:1", "Карта скопирована", "Снимите копию"}, Trouble{"held:2", "Киоск ждёт", "Решите"}
	h, told := &hall{}, memory{}
	check := func(at time.Time, list troubles) string {
		t.Helper()
		w := &Watcher{Name: "mail", Kiosks: h, Troubles: list, Memory: told, Sender: h, Settings: Default(), Log: slog.New(slog.DiscardHandler)}
		if err := w.Check(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		return h.subjects()
	}
	h.refuse = ErrOff
	if got := check(monday(9, 0), troubles{copied}); got != "" || len(told) != 0 {
		t.Errorf("off: got %q and notes %v", got, told)
	}
	h.refuse = nil
	for _, c := range []struct {
		at   time.Time
		list troubles
		want string
	}{
		{monday(10, 0), troubles{copied}, "Карта скопирована"},
		{monday(11, 0), troubles{copied}, ""},
		{monday(12, 0), troubles{copied, held}, "Киоск ждёт"},
		{monday(13, 0), troubles{held}, ""},
		{monday(14, 0), troubles{copied, held}, "Карта скопирована"},
		{monday(15, 0), nil, ""},
		{monday(16, 0), troubles{copied, held}, "Требуют внимания: 2, нет данных от киосков: 0"},
	} {
		if got := check(c.at, c.list); got != c.want {
			t.Errorf("%s: got %q, want %q", c.at.Format("15:04"), got, c.want)
		}
	}
}

// TestTroublesOfADistrict asks the real database.
func TestTroublesOfADistrict(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	office, err := s.AddOffice(t.Context(), district.Office{Name: "МФЦ Кошки", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*district.Kiosk){
		"Вход": func(k *district.Kiosk) { k.Status, k.Cloned = ident.Active, true },
		"Зал":  func(k *district.Kiosk) { k.Status = ident.Held },
		"Клон": func(k *district.Kiosk) { k.Status, k.Cloned = ident.Revoked, true }, // somebody has dealt with it
		"Хор":  func(k *district.Kiosk) { k.Status = ident.Active },
	} {
		id, err := s.AddKiosk(t.Context(), office, name)
		if err = errors.Join(err, s.ChangeKiosk(t.Context(), id, func(k *district.Kiosk) error { change(k); return nil })); err != nil {
			t.Fatal(err)
		}
	}
	for version, state := range map[string]district.UpdateState{"1.4": district.UpdateRunning, "1.5": district.UpdatePaused} {
		if _, err := s.AddUpdate(t.Context(), district.Update{Version: version, State: state, Why: "не обновилось 1 из 1"}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := TroublesOf(s).Troubles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, l := range list {
		all = append(all, l.What)
	}
	want := "Карта киоска «Вход» скопирована; Киоск «Зал» ждёт решения; Обновление 1.5 остановлено: не обновилось 1 из 1"
	if got := strings.Join(all, "; "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestWaysOfAPage: what was set up on the page is used at the next message, a trial says what it is, and
// what cannot be is refused before it is kept.
func TestWaysOfAPage(t *testing.T) {
	m, hook := memory{}, ByPage{Way: PageWebhook}
	hook.Memory = m
	if err := hook.Try(t.Context(), monday(9, 0)); !errors.Is(err, ErrOff) {
		t.Errorf("before anything is set up: got %v, want ErrOff", err)
	}
	var got hookBody
	var auth string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth = r.Header.Get("Authorization")
		body, err := io.ReadAll(r.Body)
		if err = errors.Join(err, json.Unmarshal(body, &got)); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	for _, wrong := range []Ways{
		{Webhook: HookWay{URL: "ftp://x"}}, {Webhook: HookWay{URL: "http://x", Secret: "s"}},
		{Mail: MailWay{Server: "mail.example.ru"}}, {Mail: MailWay{Server: "mail.example.ru:587", From: "a@b.ru", To: []string{"Анна"}}},
	} {
		if err := SaveWays(t.Context(), m, wrong); err == nil || len(m) != 0 {
			t.Errorf("%+v: got %v and %d notes, want it refused", wrong, err, len(m))
		}
	}
	plain := httptest.NewServer(server.Config.Handler)
	defer plain.Close()
	if err := SaveWays(t.Context(), m, Ways{Webhook: HookWay{URL: plain.URL}}); err != nil {
		t.Fatal(err)
	}
	if err := hook.Try(t.Context(), monday(9, 0)); err != nil || !got.Trial || !strings.Contains(got.Text, "Это проверка") || auth != "" {
		t.Errorf("got %+v under %q, %v, want a trial", got, auth, err)
	}
	if err := hook.Send(t.Context(), Message{At: monday(9, 0), Wrong: []Trouble{{"clone:1", "Карта скопирована", "Снимите копию"}}}); err != nil ||
		len(got.Wrong) != 1 || got.Wrong[0].Key != "clone:1" || !strings.Contains(got.Text, "Снимите копию.") {
		t.Errorf("got %+v, %v, want the trouble", got, err)
	}
	if err := (ByPage{m, PageMail}).Try(t.Context(), monday(9, 0)); !errors.Is(err, ErrOff) {
		t.Errorf("mail: got %v, want ErrOff", err)
	}
	saved, err := LoadWays(t.Context(), m)
	if err != nil || saved.Webhook.URL != plain.URL {
		t.Errorf("got %+v, %v", saved, err)
	}
}
