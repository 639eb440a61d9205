package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sps-kiosk/sync/ident"
)

// TestAKeyIsChangedByItsPage: a button asks a kiosk for a new key, the page waits for it and then shows it, and
// the audit log has who asked and that it was done. Only an administrator may ask, and only a kiosk on the register.
func TestAKeyIsChangedByItsPage(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ Кошки"}, "zone": {"Europe/Samara"}})
	b.do("/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"1"}, "name": {"у входа"}})
	const button, waiting = `value="renew"`, "Ждём новый ключ"
	if _, page, _ := b.get("/admin/kiosks/1"); strings.Contains(page, button) {
		t.Error("a kiosk without a key has a button to change it")
	}
	renew := func() url.Values { return url.Values{"do": {"renew"}} }
	b.refused("/admin/kiosks/1", renew(), http.StatusUnprocessableEntity, "не на учёте")
	device, next := ident.NewKey(), ident.NewKey()
	r.enrol(device, r.invited(b, 1))
	r.as("вера").refused("/admin/kiosks/1", renew(), http.StatusForbidden, "Это может только администратор")
	_, page, _ := b.get("/admin/kiosks/1")
	if !strings.Contains(page, button) || strings.Contains(page, waiting) {
		t.Errorf("got %s, want the button and nothing awaited", mainOf(page))
	}
	if page = b.do("/admin/kiosks/1", renew()); strings.Contains(page, button) || !strings.Contains(page, waiting) || !strings.Contains(page, "Попросили киоск сменить ключ") {
		t.Errorf("got %s, want it awaited", mainOf(page))
	}
	if code, text := r.call(device, r.key.Public().ID(), ident.CallKey, device.Rotate(next)); code != http.StatusOK {
		t.Fatalf("rotate: got %d %s", code, text)
	}
	if _, page, _ = b.get("/admin/kiosks/1"); !strings.Contains(page, next.ID().String()) || strings.Contains(page, waiting) || !strings.Contains(page, "Прежний ключ действует до") {
		t.Errorf("got %s, want the new key, and the old one for a while", mainOf(page))
	}
	if got, want := r.audit(), "анна kiosk.renew, kiosk:1 kiosk.key"; !strings.HasSuffix(got, want) {
		t.Errorf("audit: got %s, want it to end in %s", got, want)
	}
	if _, page, _ = b.get("/admin/audit"); !strings.Contains(page, "попросил киоск сменить ключ") {
		t.Error("the log does not say it in words")
	}
}

// invited takes the file of a kiosk from its page.
func (r *rig) invited(b *person, kiosk int64) ident.Enrolment {
	r.t.Helper()
	code, text, _ := b.post(fmt.Sprint("/admin/kiosks/", kiosk), url.Values{"do": {"invite"}})
	e, err := ident.ParseEnrolment([]byte(text))
	if code != http.StatusOK || err != nil {
		r.t.Fatalf("invite kiosk %d: got %d, %v", kiosk, code, err)
	}
	return e
}
