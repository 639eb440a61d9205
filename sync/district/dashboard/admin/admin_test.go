package admin_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// audit returns the words of the audit log, the oldest first, without sign-ins.
func (r *rig) audit() string {
	r.t.Helper()
	log, err := r.store.AuditLog(r.t.Context(), 100)
	if err != nil {
		r.t.Fatal(err)
	}
	var words []string
	for i := len(log) - 1; i >= 0; i-- {
		if log[i].What != "user.in" && log[i].Who != "test" {
			words = append(words, log[i].Who+" "+log[i].What)
		}
	}
	return strings.Join(words, ", ")
}

// TestAKioskInTwoMinutes is the way of an administrator from an empty district to a connected kiosk, by
// file, by number, and through a copied card; every act has its line.
func TestAKioskInTwoMinutes(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	began := time.Now()
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {" МФЦ Кошки "}, "district": {"Кошкинский"}, "zone": {"Europe/Samara"}})
	page := b.do("/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"1"}, "name": {"у входа"}})
	if !strings.Contains(page, "Киоск: у входа") || !strings.Contains(page, "Киоск заведён") || !strings.Contains(page, "ждёт файла или номера") {
		t.Errorf("got %s, want the new kiosk's page", mainOf(page))
	}
	code, file, head := b.post("/admin/kiosks/1", url.Values{"do": {"invite"}})
	e, err := ident.ParseEnrolment([]byte(file))
	if code != http.StatusOK || err != nil || e.Server != r.key.Public() || e.Address != "https://district.example" ||
		!strings.Contains(head.Get("Content-Disposition"), `filename="enroll.json"`) || head.Get("Cache-Control") != "no-store" {
		t.Fatalf("enroll.json: got %d %s, %v", code, file, err)
	}
	device := ident.NewKey()
	r.enrol(device, e)
	t.Logf("from an empty district to a connected kiosk: %v of forms", time.Since(began).Round(time.Millisecond))
	if _, page, _ = b.get("/admin/kiosks/1"); !strings.Contains(page, "на учёте") || !strings.Contains(page, device.ID().String()) {
		t.Errorf("got %s, want it on the register with its key", mainOf(page))
	}
	if page = b.do("/admin/kiosks/1", url.Values{"do": {"revoke"}}); !strings.Contains(page, "снят с учёта") {
		t.Errorf("got %s, want revoked", mainOf(page))
	}
	b.do("/admin/kiosks/1", url.Values{"do": {"restore"}})
	err = r.store.ChangeKiosk(t.Context(), 1, func(k *district.Kiosk) error { k.Cloned = true; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, page, _ = b.get("/admin/kiosks"); !strings.Contains(page, "карта скопирована") || !strings.Contains(page, `href="/admin/kiosks/1"`) {
		t.Errorf("got %s, want the clone alarm on top", mainOf(page))
	}
	if page = b.do("/admin/kiosks/1", url.Values{"do": {"restore"}}); strings.Contains(page, "Карта скопирована") {
		t.Error("the alarm is still there after it was dealt with")
	}
	page = b.do("/admin/offices/1", url.Values{"name": {"МФЦ Ёлкино"}, "zone": {"Asia/Omsk"}})
	if !strings.Contains(page, "МФЦ Ёлкино") || !strings.Contains(page, "Asia/Omsk") {
		t.Errorf("got %s, want the office changed", mainOf(page))
	}
	want := "анна office.added, анна kiosk.added, анна kiosk.invited, kiosk:1 kiosk.enrolled, анна kiosk.revoked, анна kiosk.restored, " +
		"анна kiosk.restored, анна office.changed"
	if got := r.audit(); got != want {
		t.Errorf("audit: got %s, want %s", got, want)
	}
	if _, page, _ = b.get("/admin/audit"); !strings.Contains(page, "выдал файл киоска") || !strings.Contains(page, "киоск «у входа»") {
		t.Errorf("got %s, want the log in words", mainOf(page))
	}
}

// call makes a device's call and returns the answer's status.
func (r *rig) call(key *ident.Key, to ident.ID, name string, v any) (int, string) {
	r.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		r.t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/v1/"+name, strings.NewReader(string(body)))
	req.Header.Set(ident.HeaderRequest, key.Sign(to, name, body).Header)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

// enrol redeems a file.
func (r *rig) enrol(key *ident.Key, e ident.Enrolment) {
	r.t.Helper()
	if code, text := r.call(key, r.key.Public().ID(), ident.CallEnrol, ident.Enrol{Key: key.Public(), Token: e.Token}); code != http.StatusOK {
		r.t.Fatalf("enrol: got %d %s", code, text)
	}
}

// TestApprovalByNumber: a device without a file is let in by the six digits it shows, and not by others.
func TestApprovalByNumber(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ Кошки"}, "zone": {"Europe/Samara"}})
	b.do("/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"1"}, "name": {"в зале"}})
	device := ident.NewKey()
	asking := ident.NewAsking(device.Public())
	code, text := r.call(device, ident.ID{}, ident.CallAsk, asking.Ask())
	var offer ident.Offer
	if err := json.Unmarshal([]byte(text), &offer); code != http.StatusOK || err != nil {
		t.Fatalf("ask: got %d %s, %v", code, text, err)
	}
	reveal, number, err := asking.Take(offer)
	if err != nil {
		t.Fatal(err)
	}
	if code, text := r.call(device, r.key.Public().ID(), ident.CallReveal, reveal); code != http.StatusOK {
		t.Fatalf("reveal: got %d %s", code, text)
	}
	_, page, _ := b.get("/admin/kiosks/1")
	if !strings.Contains(page, device.ID().String()) || strings.Contains(page, number) {
		t.Errorf("got %s, want the device and not its number", mainOf(page))
	}
	form := func(number string) url.Values {
		return url.Values{"do": {"approve"}, "key": {device.ID().String()}, "number": {number}}
	}
	wrong := "000000"
	if number == wrong {
		wrong = "000001"
	}
	b.refused("/admin/kiosks/1", form(wrong), http.StatusUnprocessableEntity, "Киоск не подключён")
	b.refused("/admin/kiosks/1", url.Values{"do": {"approve"}, "number": {number}}, http.StatusBadRequest, "Не выбрано, кто просится")
	page = b.do("/admin/kiosks/1", form(number[:3]+" "+number[3:]))
	if !strings.Contains(page, "Киоск подключён") || !strings.Contains(page, "на учёте") {
		t.Errorf("got %s, want it connected", mainOf(page))
	}
}

// TestFormsThatCannotBe are refused with a sentence, and change nothing.
func TestFormsThatCannotBe(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ Кошки"}, "zone": {"Europe/Samara"}})
	before := r.audit()
	for _, c := range []struct {
		path string
		form url.Values
		code int
		say  string
	}{
		{"/admin/kiosks", url.Values{"do": {"office"}, "name": {""}, "zone": {"Europe/Samara"}}, 422, "название пустое"},
		{"/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ"}, "zone": {"Mars/Olympus"}}, 422, "часового пояса"},
		{"/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ Кошки"}, "zone": {"Europe/Samara"}}, 409, "Такое название уже есть"},
		{"/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"x"}, "name": {"зал"}}, 400, "Центр не выбран"},
		{"/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"99"}, "name": {"зал"}}, 404, "Такой записи нет"},
		{"/admin/kiosks", url.Values{"do": {"nothing"}}, 400, "Форма не читается"},
		{"/admin/kiosks/99", url.Values{"do": {"revoke"}}, 404, "Такой записи нет"},
		{"/admin/kiosks/-1", url.Values{"do": {"revoke"}}, 404, "Такой записи нет"},
		{"/admin/offices/99", url.Values{"name": {"МФЦ"}, "zone": {"Europe/Samara"}}, 404, "Такой записи нет"},
		{"/admin/users", url.Values{"do": {"put"}, "name": {"олег"}, "role": {"king"}, "password": {password}}, 422, "роль"},
		{"/admin/users", url.Values{"do": {"put"}, "name": {"олег"}, "role": {"admin"}, "password": {"12345"}}, 422, "пароль короче 12"},
		{"/admin/users", url.Values{"do": {"put"}, "name": {"анна"}, "role": {"viewer"}, "password": {password}}, 422, "последний администратор"},
		{"/admin/users", url.Values{"do": {"drop"}, "name": {"анна"}}, 422, "последний администратор"},
		{"/admin/users", url.Values{"do": {"drop"}, "name": {"олег"}}, 404, "Такой записи нет"},
		{"/admin/alarms", url.Values{"do": {"mail"}, "server": {"mail.example.ru"}}, 422, "нужен адрес с портом"},
		{"/admin/alarms", url.Values{"do": {"webhook"}, "url": {"http://x.ru"}, "secret": {"s"}}, 422, "нужен https"},
		{"/admin/alarms", url.Values{"do": {"try-mail"}}, 502, "не отправлено"},
		{"/admin/updates", url.Values{"do": {"start"}, "id": {"1"}, "limit": {"много"}}, 400, "не число"},
		{"/admin/updates", url.Values{"do": {"pause"}, "id": {"1"}}, 404, "Такой записи нет"},
		{"/password", url.Values{"present": {password}, "next": {"новый длинный"}, "again": {"новый короткий"}}, 400, "не совпадают"},
		{"/password", url.Values{"present": {"не тот пароль"}, "next": {"новый длинный"}, "again": {"новый длинный"}}, 403, "не подходит"},
	} {
		b.refused(c.path, c.form, c.code, c.say)
	}
	if got := strings.TrimSuffix(r.audit(), ", анна alarm.tried"); got != before {
		t.Errorf("audit: got %s, want %s", got, before)
	}
}

// TestAlarmsAreSetAndTried with a real receiver; a kept password is never shown, and not sent elsewhere.
func TestAlarmsAreSetAndTried(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	var got string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = string(text)
	}))
	defer hook.Close()
	b.do("/admin/alarms", url.Values{"do": {"webhook"}, "url": {hook.URL}})
	if page := b.do("/admin/alarms", url.Values{"do": {"try-webhook"}}); !strings.Contains(page, "отправлено") || !strings.Contains(got, "Это проверка") {
		t.Errorf("got %s, sent %q, want a trial", mainOf(page), got)
	}
	mail := url.Values{"do": {"mail"}, "server": {"mail.example.ru:587"}, "user": {"u"}, "password": {"тайна почты"}, "from": {"a@example.ru"}, "to": {"b@example.ru, c@example.ru"}}
	if page := b.do("/admin/alarms", mail); strings.Contains(page, "тайна почты") || !strings.Contains(page, "записан, пусто – оставить") {
		t.Error("the password is on the page, or not kept")
	}
	note := func() string {
		data, err := r.store.Note(t.Context(), "alarm.ways")
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	mail.Set("password", "")
	mail.Set("to", "d@example.ru")
	b.do("/admin/alarms", mail)
	if !strings.Contains(note(), "тайна почты") || !strings.Contains(note(), "d@example.ru") {
		t.Errorf("got %s, want the password kept", note())
	}
	mail.Set("server", "other.example.ru:587")
	b.do("/admin/alarms", mail)
	if strings.Contains(note(), "тайна почты") {
		t.Error("the password goes to another server")
	}
	b.do("/admin/alarms", url.Values{"do": {"webhook"}})
	if strings.Contains(note(), hook.URL) {
		t.Errorf("got %s, want it off", note())
	}
	if want := "анна alarm.set, анна alarm.tried, анна alarm.set, анна alarm.set, анна alarm.set, анна alarm.set"; r.audit() != want {
		t.Errorf("audit: got %s, want %s", r.audit(), want)
	}
}

// TestUpdateByItsPage starts, stops, goes on with and withdraws an update.
func TestUpdateByItsPage(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ Кошки"}, "zone": {"Europe/Samara"}})
	for _, name := range []string{"у входа", "в зале", "на втором этаже"} {
		b.do("/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"1"}, "name": {name}})
	}
	if _, err := r.AddBundle(t.Context(), "test", "1.5", strings.NewReader("bundle")); err != nil {
		t.Fatal(err)
	}
	b.refused("/admin/updates", url.Values{"do": {"start"}, "id": {"1"}, "limit": {"10"}}, http.StatusUnprocessableEntity, "выберите киоски")
	b.refused("/admin/updates", url.Values{"do": {"start"}, "id": {"1"}, "limit": {"10"}, "kiosk": {"1"}, "first": {"2"}}, http.StatusUnprocessableEntity, "первый киоск не выбран")
	page := b.do("/admin/updates", url.Values{"do": {"start"}, "id": {"1"}, "limit": {"20"}, "kiosk": {"1", "3"}, "first": {"3"}})
	if !strings.Contains(page, "ждёт своего этапа") || !strings.Contains(page, "больше 20 %") || strings.Contains(page, "в зале") {
		t.Errorf("got %s, want two kiosks that wait", mainOf(page))
	}
	for _, step := range []struct{ do, say string }{{"pause", "остановил анна"}, {"resume", "идёт"}, {"withdraw", "отозвано"}} {
		if page := b.do("/admin/updates", url.Values{"do": {step.do}, "id": {"1"}}); !strings.Contains(page, step.say) {
			t.Errorf("%s: got %s, want %q", step.do, mainOf(page), step.say)
		}
	}
	list, err := r.store.Updates(t.Context())
	if err != nil || list[0].State != district.UpdateWithdrawn || list[0].Limit != 20 || list[0].Target(3).Stage != 1 {
		t.Errorf("got %+v, %v", list, err)
	}
}
