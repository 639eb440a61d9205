package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sps-kiosk/sync/district"
)

// TestWhoMayDoWhat: a viewer sees no page of administration and changes nothing but the own password;
// nobody, a forged session and a form of elsewhere change nothing.
func TestWhoMayDoWhat(t *testing.T) {
	r := newRig(t)
	admin, viewer, nobody, forged := r.as("анна"), r.as("вера"), r.as(""), r.as("")
	base, _ := url.Parse(r.http.URL)
	forged.Jar.SetCookies(base, []*http.Cookie{{Name: "__Host-district", Value: "forged", Path: "/", Secure: true}})
	form := url.Values{"do": {"office"}, "name": {"МФЦ"}, "zone": {"Europe/Samara"}}
	for _, path := range []string{"/admin/kiosks", "/admin/kiosks/1", "/admin/offices/1", "/admin/updates", "/admin/alarms", "/admin/users", "/admin/audit"} {
		if code, text, _ := viewer.get(path); code != http.StatusForbidden || !strings.Contains(text, "Это может только администратор") {
			t.Errorf("viewer at %s: got %d, want 403", path, code)
		}
		for name, b := range map[string]*person{"nobody": nobody, "forged": forged} {
			if code, _, head := b.get(path); code != http.StatusSeeOther || !strings.HasPrefix(head.Get("Location"), "/login") {
				t.Errorf("%s at %s: got %d, want the sign-in page", name, path, code)
			}
		}
	}
	viewer.refused("/admin/kiosks", form, http.StatusForbidden, "Это может только администратор")
	for _, token := range []string{"", "forged", viewer.csrf} {
		with := url.Values{"csrf": {token}, "do": {"office"}, "name": {"МФЦ"}, "zone": {"Europe/Samara"}}
		admin.refused("/admin/kiosks", with, http.StatusForbidden, "Страница устарела")
	}
	req, err := http.NewRequest(http.MethodPost, r.http.URL+"/admin/kiosks", strings.NewReader(url.Values{"csrf": {admin.csrf}, "do": {"office"}, "name": {"МФЦ"}, "zone": {"Europe/Samara"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if code, _, _ := admin.read(admin.Do(req)); code != http.StatusForbidden {
		t.Errorf("a form of another site: got %d, want 403", code)
	}
	if offices, err := r.store.Offices(t.Context()); err != nil || len(offices) != 0 {
		t.Errorf("got %+v, %v, want nothing changed", offices, err)
	}
	own := url.Values{"present": {password}, "next": {"совсем другой пароль"}, "again": {"совсем другой пароль"}}
	if code, _, head := viewer.post("/password", own); code != http.StatusSeeOther || head.Get("Location") != "/login" {
		t.Errorf("own password of a viewer: got %d to %q, want 303 to the sign-in page", code, head.Get("Location"))
	}
	if code, _, _ := viewer.get("/password"); code != http.StatusSeeOther {
		t.Errorf("the session of before: got %d, want it ended", code)
	}
	users, err := r.store.Users(t.Context())
	if err != nil || users[1].Name != "вера" || users[1].Role != district.RoleViewer {
		t.Errorf("got %+v, %v, want the viewer still a viewer", users, err)
	}
}

// TestGuessingAPasswordIsStopped, also of somebody who is signed in already.
func TestGuessingAPasswordIsStopped(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	guess := url.Values{"present": {"угадываю пароль"}, "next": {"новый длинный пароль"}, "again": {"новый длинный пароль"}}
	for range 5 {
		b.refused("/password", guess, http.StatusForbidden, "не подходит")
	}
	guess.Set("present", password)
	b.refused("/password", guess, http.StatusTooManyRequests, "Подождите 15 минут")
	r.as("").refused("/login", url.Values{"name": {"анна"}, "password": {password}}, http.StatusTooManyRequests, "Подождите 15 минут")
}
