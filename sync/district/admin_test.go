package district_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// browser is somebody at the administration's interface.
type browser struct {
	r      *rig
	cookie *http.Cookie
	csrf   string
	from   string // address
}

// ask makes a request and returns its answer.
func (b *browser) ask(method, path, body string) (*http.Response, map[string]any) {
	b.r.t.Helper()
	req := httptest.NewRequest(method, "https://district.example/v1/admin/"+path, strings.NewReader(body))
	if b.from != "" {
		req.RemoteAddr = b.from + ":1000"
	}
	if b.cookie != nil {
		req.AddCookie(b.cookie)
	}
	if b.csrf != "" {
		req.Header.Set("X-CSRF-Token", b.csrf)
	}
	w := httptest.NewRecorder()
	b.r.ServeHTTP(w, req)
	var out map[string]any
	if text := w.Body.Bytes(); bytes.HasPrefix(text, []byte("{")) {
		if err := json.Unmarshal(text, &out); err != nil {
			b.r.t.Fatalf("%s %s: %q: %v", method, path, text, err)
		}
	}
	return w.Result(), out
}

// code makes a request and returns its status.
func (b *browser) code(method, path, body string) int {
	b.r.t.Helper()
	res, _ := b.ask(method, path, body)
	return res.StatusCode
}

// signIn signs somebody in.
func (b *browser) signIn(name, password string) int {
	b.r.t.Helper()
	res, out := b.ask("POST", "login", `{"name":"`+name+`","password":"`+password+`"}`)
	if res.StatusCode == http.StatusOK {
		b.cookie, b.csrf = res.Cookies()[0], out["csrf"].(string)
	}
	return res.StatusCode
}

// TestFirstPassword is printed once, and opens the door.
func TestFirstPassword(t *testing.T) {
	r := newRig(t, nil)
	password, err := r.FirstPassword(t.Context())
	if err != nil || len(password) != 23 {
		t.Fatalf("got %q, %v, want 20 characters in four groups", password, err)
	}
	if again, err := r.FirstPassword(t.Context()); again != "" || err != nil {
		t.Errorf("the second time: got %q, %v, want nothing", again, err)
	}
	b := &browser{r: r}
	if code := b.signIn("admin", "wrong-"+password); code != 401 {
		t.Errorf("wrong password: got %d, want 401", code)
	}
	if code := b.signIn("admin", password); code != 200 {
		t.Fatalf("right password: got %d, want 200", code)
	}
	if c := b.cookie; !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Name != "__Host-district" {
		t.Errorf("cookie: got %+v, want HttpOnly, Secure, Strict, __Host-", c)
	}
	if code := b.code("POST", "logout", ""); code != 200 {
		t.Errorf("sign out: got %d, want 200", code)
	}
	if code := b.code("GET", "kiosks", ""); code != 401 {
		t.Errorf("afterwards: got %d, want 401", code)
	}
}

// TestAdministration goes the way of a new kiosk: office, kiosk, file, revocation.
func TestAdministration(t *testing.T) {
	r := newRig(t, nil)
	if err := r.PutUser(t.Context(), "test", "мария", "admin", "длинный пароль"); err != nil {
		t.Fatal(err)
	}
	b := &browser{r: r}
	if code := b.signIn("мария", "длинный пароль"); code != 200 {
		t.Fatalf("sign in: got %d, want 200", code)
	}
	for _, step := range []struct {
		method, path, body string
		code               int
	}{
		{"POST", "offices", `{"name":"МФЦ Шигоны","zone":"Europe/Samara"}`, 200},
		{"POST", "offices", `{"name":"МФЦ Шигоны","zone":"Europe/Samara"}`, 409},
		{"POST", "offices", `{"name":"Нигде","zone":"Europe/Koshki"}`, 422},
		{"POST", "offices", `{"name":"Нигде","zone":""}`, 422},
		{"POST", "offices", `{"name":"","zone":"Europe/Samara"}`, 422},
		{"POST", "offices", `{"name":"а\u202eб","zone":"Europe/Samara"}`, 422},
		{"POST", "offices", `{"name":"` + strings.Repeat("я", 101) + `","zone":"Europe/Samara"}`, 422},
		{"POST", "offices", `{"nonsense":1}`, 400},
		{"POST", "offices", `{`, 400},
		{"PUT", "offices/2", `{"name":"МФЦ Шигоны","zone":"Asia/Omsk"}`, 200},
		{"PUT", "offices/77", `{"name":"МФЦ","zone":"Asia/Omsk"}`, 404},
		{"POST", "kiosks", `{"office":2,"name":"у входа"}`, 200},
		{"POST", "kiosks", `{"office":77,"name":"у входа"}`, 404},
		{"POST", "kiosks/1/invite", "", 200},
		{"POST", "kiosks/x/invite", "", 404},
		{"POST", "kiosks/1/restore", "", 422}, // no device came yet
		{"POST", "kiosks/1/revoke", "", 200},
		{"POST", "approvals/" + ident.NewKey().ID().String(), `{"kiosk":1,"number":"123456"}`, 404},
		{"POST", "approvals/x", `{"kiosk":1,"number":"123456"}`, 404},
		{"POST", "recompute", "", 200},
		{"POST", "users", `{"name":"иван","role":"boss","password":"длинный пароль"}`, 422},
		{"POST", "users", `{"name":"иван","role":"viewer","password":"короткий"}`, 422},
		{"GET", "offices", "", 200}, {"GET", "kiosks", "", 200}, {"GET", "approvals", "", 200}, {"GET", "me", "", 200},
		{"GET", "completeness", "", 200}, {"GET", "audit", "", 200}, {"GET", "users", "", 200}, {"GET", "nothing", "", 404},
	} {
		res, out := b.ask(step.method, step.path, step.body)
		if res.StatusCode != step.code {
			t.Errorf("%s %s %s: got %d %v, want %d", step.method, step.path, step.body, res.StatusCode, out, step.code)
		}
	}
}

// TestWhoMayNot: a viewer, a forged session, a page of another site, a token of yesterday.
func TestWhoMayNot(t *testing.T) {
	r := newRig(t, nil)
	if err := r.PutUser(t.Context(), "test", "viewer", "viewer", "only looking at it"); err != nil {
		t.Fatal(err)
	}
	b := &browser{r: r}
	if code := b.signIn("viewer", "only looking at it"); code != 200 {
		t.Fatalf("sign in: got %d, want 200", code)
	}
	if code := b.code("GET", "kiosks", ""); code != 200 {
		t.Errorf("a viewer looks: got %d, want 200", code)
	}
	if code := b.code("POST", "offices", `{"name":"x","zone":"UTC"}`); code != 403 {
		t.Errorf("a viewer changes: got %d, want 403", code)
	}
	forged := browser{r: r, cookie: &http.Cookie{Name: "__Host-district", Value: "forged"}, csrf: b.csrf}
	if code := forged.code("GET", "kiosks", ""); code != 401 {
		t.Errorf("a forged session: got %d, want 401", code)
	}
	if err := r.PutUser(t.Context(), "test", "viewer", "admin", "now an administrator"); err != nil {
		t.Fatal(err)
	}
	if code := b.code("GET", "kiosks", ""); code != 401 {
		t.Errorf("a session from before the password changed: got %d, want 401", code)
	}
	if code := b.signIn("viewer", "now an administrator"); code != 200 {
		t.Fatalf("sign in: got %d, want 200", code)
	}
	without := *b
	without.csrf = ""
	if code := without.code("POST", "offices", `{"name":"x","zone":"UTC"}`); code != 403 {
		t.Errorf("without the CSRF token: got %d, want 403", code)
	}
	req := httptest.NewRequest("POST", "https://district.example/v1/admin/recompute", nil)
	req.AddCookie(b.cookie)
	req.Header.Set("X-CSRF-Token", b.csrf)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if r.ServeHTTP(w, req); w.Code != 403 {
		t.Errorf("from a page of another site: got %d, want 403", w.Code)
	}
}

// TestBruteForce: five wrong passwords from one address close that door for a while, others stay
// open.
func TestBruteForce(t *testing.T) {
	r := newRig(t, nil)
	if err := r.PutUser(t.Context(), "test", "admin", "admin", "the right password"); err != nil {
		t.Fatal(err)
	}
	mallory, admin := &browser{r: r, from: "203.0.113.1"}, &browser{r: r, from: "203.0.113.2"}
	for i := range 8 {
		if got, want := mallory.signIn("admin", "guess"), map[bool]int{true: 401, false: 429}[i < 5]; got != want {
			t.Errorf("guess %d: got %d, want %d", i+1, got, want)
		}
	}
	if code := mallory.signIn("admin", "the right password"); code != 429 {
		t.Errorf("right by now: got %d, want 429", code)
	}
	if code := admin.signIn("admin", "the right password"); code != 200 {
		t.Errorf("the administrator: got %d, want 200", code)
	}
	if code := mallory.signIn("nobody", strings.Repeat("x", 10_000)); code != 401 {
		t.Errorf("a name that is not there, a password without end: got %d, want 401", code)
	}
}

// TestBruteForceFromEverywhere: fifty wrong passwords for a name, however many addresses they come
// from, close it for all; another name stays open.
func TestBruteForceFromEverywhere(t *testing.T) {
	r := newRig(t, nil)
	if err := r.PutUser(t.Context(), "test", "viewer", "viewer", "only looking at it"); err != nil {
		t.Fatal(err)
	}
	guess := strings.Repeat("x", 10_000) // too long to be hashed: this is about counting
	for i := range 50 {
		mallory := &browser{r: r, from: fmt.Sprintf("203.0.113.%d", i/5)}
		if code := mallory.signIn("admin", guess); code != 401 {
			t.Fatalf("guess %d: got %d, want 401", i+1, code)
		}
	}
	fresh := &browser{r: r, from: "198.51.100.1"}
	if code := fresh.signIn("admin", guess); code != 429 {
		t.Errorf("guess 51 from another address: got %d, want 429", code)
	}
	if code := fresh.signIn("viewer", "only looking at it"); code != 200 {
		t.Errorf("another name: got %d, want 200", code)
	}
}

// TestMetricsAndHealth: what a balancer and Prometheus ask.
func TestMetricsAndHealth(t *testing.T) {
	down := &downStore{}
	r := newRig(t, func(o *district.Options) { down.Store, o.Store = o.Store, down })
	d := r.enrolled("у входа")
	d.batch(1, 3)
	d.batch(9, 1)
	w := httptest.NewRecorder()
	r.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{`district_calls_total{call="batch",code="200"} 1`, `district_calls_total{call="batch",code="409"} 1`,
		"district_events_total 3", "district_gaps_total 1"} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("metrics lack %q:\n%s", line, w.Body)
		}
	}
	w = httptest.NewRecorder()
	if r.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil)); w.Code != 200 {
		t.Errorf("health: got %d, want 200", w.Code)
	}
	r.store.Close()
	w = httptest.NewRecorder()
	if r.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil)); w.Code != 503 {
		t.Errorf("health without a database: got %d, want 503", w.Code)
	}
	for path, code := range map[string]int{"/v1/batch": 405, "/": 404, "/v1/figures": 404, "/v1/admin/": 404} {
		w = httptest.NewRecorder()
		if r.ServeHTTP(w, httptest.NewRequest("GET", path, nil)); w.Code != code {
			t.Errorf("GET %s: got %d, want %d", path, w.Code, code)
		}
	}
}
