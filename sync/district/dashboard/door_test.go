package dashboard_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
)

// acting is a page for administrators with a form.
func acting(done *[]string) dashboard.Page {
	body := dashboard.Parse(fstest.MapFS{"x.html": {Data: []byte(`{{define "main"}}<h1>{{.Data}}</h1><form method="post"><input type="hidden" name="csrf" value="{{.CSRF}}"></form>{{end}}`)}}, "x.html")
	return dashboard.Page{Path: "/admin/things", Title: "Вещи", Nav: "Вещи", Admin: true, Body: body,
		Get: func(*http.Request, district.Session) (any, error) { return "Вещи <и люди>", nil },
		Post: func(w http.ResponseWriter, r *http.Request, me district.Session) error {
			if r.PostFormValue("wrong") != "" {
				return dashboard.Wrong("Так не бывает", "Сделайте иначе")
			}
			*done = append(*done, me.User)
			dashboard.GoTo(w, r, "/admin/things")
			return nil
		}}
}

// get reads a page.
func (r *rig) get(c *http.Client, path string) (int, string, http.Header) {
	r.t.Helper()
	res, err := c.Get(r.http.URL + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header
}

// post sends a form.
func (r *rig) post(c *http.Client, path string, form url.Values) (int, string) {
	r.t.Helper()
	res, err := c.PostForm(r.http.URL+path, form)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// csrf finds the token in a page.
func csrf(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	if !found || token == "" {
		t.Fatalf("no csrf in %s", page)
	}
	return token
}

func TestDoorLetsInWhoMay(t *testing.T) {
	var done []string
	r := newRig(t, nil, acting(&done))
	nobody, viewer, admin := r.as(""), r.as("вера"), r.as("анна")
	code, _, head := r.get(nobody, "/admin/things?a=1")
	if code != http.StatusSeeOther || head.Get("Location") != "/login?to=%2Fadmin%2Fthings%3Fa%3D1" {
		t.Errorf("nobody: got %d to %q, want 303 to the sign-in page", code, head.Get("Location"))
	}
	if code, text, _ := r.get(viewer, "/admin/things"); code != http.StatusForbidden || !strings.Contains(text, "Это может только администратор") || strings.Contains(text, "Управление") {
		t.Errorf("viewer: got %d, want 403 in the layout without the navigation of administration", code)
	}
	code, text, head := r.get(admin, "/admin/things")
	if code != http.StatusOK || !strings.Contains(text, "<h1>Вещи &lt;и люди&gt;</h1>") || !strings.Contains(text, `<a href="/admin/things" aria-current="page">Вещи</a>`) {
		t.Errorf("administrator: got %d %s, want the page", code, text)
	}
	if p := head.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") || strings.Contains(p, "script-src") {
		t.Errorf("policy: got %q, want one without script", p)
	}
	for i, step := range []struct {
		who  *http.Client
		form url.Values
		want int
		say  string
	}{
		{admin, url.Values{"csrf": {csrf(t, text)}}, http.StatusSeeOther, ""},
		{admin, url.Values{"csrf": {csrf(t, text)}, "wrong": {"1"}}, http.StatusBadRequest, "Так не бывает"},
		{admin, url.Values{"csrf": {"forged"}}, http.StatusForbidden, "Страница устарела"},
		{admin, nil, http.StatusForbidden, "Страница устарела"},
		{viewer, url.Values{"csrf": {csrf(t, text)}}, http.StatusForbidden, "Страница устарела"},
		{nobody, url.Values{"csrf": {csrf(t, text)}}, http.StatusSeeOther, ""},
	} {
		if code, text := r.post(step.who, "/admin/things", step.form); code != step.want || !strings.Contains(text, step.say) {
			t.Errorf("form %d: got %d %s, want %d with %q", i, code, text, step.want, step.say)
		}
	}
	if len(done) != 1 || done[0] != "анна" {
		t.Errorf("done by %v, want анна once", done)
	}
	req, _ := http.NewRequest(http.MethodPost, r.http.URL+"/admin/things", strings.NewReader(url.Values{"csrf": {csrf(t, text)}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if res, err := admin.Do(req); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("a form on somebody else's site: got %v, %v, want 403", res, err)
	}
}

func TestViewerChangesNothing(t *testing.T) {
	var done []string
	page := acting(&done)
	page.Admin = false // as if somebody forgot
	r := newRig(t, nil, page)
	viewer := r.as("вера")
	_, text, _ := r.get(viewer, "/admin/things")
	if code, text := r.post(viewer, "/admin/things", url.Values{"csrf": {csrf(t, text)}}); code != http.StatusForbidden || !strings.Contains(text, "Это может только администратор") {
		t.Errorf("got %d %s, want 403", code, text)
	}
	if len(done) != 0 {
		t.Errorf("done by %v, want nothing done", done)
	}
	if code, _ := r.post(viewer, "/logout", url.Values{"csrf": {csrf(t, text)}}); code != http.StatusSeeOther {
		t.Errorf("sign out: got %d, want 303", code)
	}
	if code, _, _ := r.get(viewer, "/admin/things"); code != http.StatusSeeOther {
		t.Errorf("after the sign-out: got %d, want the door", code)
	}
}

func TestForgedSessionIsNobody(t *testing.T) {
	var done []string
	r := newRig(t, nil, acting(&done))
	r.as("анна")
	for _, value := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("я", 5000)} {
		c := r.as("")
		req, _ := http.NewRequest(http.MethodGet, r.http.URL+"/admin/things", nil)
		req.AddCookie(&http.Cookie{Name: "__Host-district", Value: value})
		if res, err := c.Do(req); err != nil || res.StatusCode != http.StatusSeeOther {
			t.Errorf("cookie of %d bytes: got %v, %v, want the door", len(value), res, err)
		}
	}
}

func TestSignInSaysWhatIsWrongAndStaysHere(t *testing.T) {
	var done []string
	r := newRig(t, nil, acting(&done))
	c := r.as("")
	for i, step := range []struct {
		name, password, to string
		want               int
		there              string
	}{
		{"анна", "не тот пароль", "/", http.StatusUnauthorized, ""},
		{"<script>", "не тот пароль", "/", http.StatusUnauthorized, ""},
		{"анна", password, "/admin/things", http.StatusSeeOther, "/admin/things"},
		{"анна", password, "//evil.example/", http.StatusSeeOther, "/"},
		{"анна", password, "https://evil.example/", http.StatusSeeOther, "/"},
		{"анна", password, `/\evil.example`, http.StatusSeeOther, "/"},
		{"анна", password, "javascript:alert(1)", http.StatusSeeOther, "/"},
	} {
		res, err := c.PostForm(r.http.URL+"/login", url.Values{"name": {step.name}, "password": {step.password}, "to": {step.to}})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != step.want || res.Header.Get("Location") != step.there || strings.Contains(string(text), "<script>") {
			t.Errorf("step %d: got %d to %q, want %d to %q: %s", i, res.StatusCode, res.Header.Get("Location"), step.want, step.there, text)
		}
		if step.want == http.StatusUnauthorized && !strings.Contains(string(text), "Имя или пароль не подходят") {
			t.Errorf("step %d: the page does not say what is wrong: %s", i, text)
		}
	}
	for range 6 {
		r.post(c, "/login", url.Values{"name": {"вера"}, "password": {"угадаю"}})
	}
	if code, text := r.post(c, "/login", url.Values{"name": {"вера"}, "password": {password}}); code != http.StatusTooManyRequests || !strings.Contains(text, "Подождите 15 минут") {
		t.Errorf("after guessing: got %d %s, want 429 even for the right one", code, text)
	}
}

func TestUnknownPageIsInTheLayout(t *testing.T) {
	r := newRig(t, nil)
	if code, text, _ := r.get(r.as(""), "/нет/такой"); code != http.StatusNotFound || !strings.Contains(text, "Такой страницы нет") {
		t.Errorf("got %d %s, want 404 in the layout", code, text)
	}
	_, text, _ := r.get(r.as(""), "/login")
	_, rest, _ := strings.Cut(text, `<link rel="stylesheet" href="`)
	path, _, _ := strings.Cut(rest, `"`)
	code, css, head := r.get(r.as(""), path)
	if code != http.StatusOK || !strings.Contains(head.Get("Cache-Control"), "immutable") || len(css) > 60<<10 || head.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("stylesheet %q: got %d, %d bytes, %v, want at most 60 kB for ever", path, code, len(css), head)
	}
	if code, _, _ := r.get(r.as(""), "/static/0/dashboard.css"); code != http.StatusNotFound {
		t.Errorf("another version: got %d, want 404", code)
	}
}
