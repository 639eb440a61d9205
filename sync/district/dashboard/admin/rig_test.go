package admin_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/district/dashboard/admin"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
)

// password is everybody's in these tests.
const password = "длинный пароль"

// evil is a name that a page must show and never obey.
const evil = `<script>document.title="взломан"</script><img src=x onerror=alert(1)>" onfocus="alert(1)`

// rig is a district over a real database with all its pages, behind TLS.
type rig struct {
	*district.Server
	t     testing.TB
	store district.Store
	key   *ident.Key
	http  *httptest.Server
}

func newRig(t testing.TB) *rig {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	r := &rig{t: t, store: store, key: ident.NewKey()}
	r.Server, err = district.New(district.Options{Store: store, Key: r.key, Address: "https://district.example", Bundles: t.TempDir(), PerMinute: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	r.Pages, err = dashboard.New(dashboard.Options{Store: store, Door: r.Server}, admin.Pages(admin.Options{Acts: r.Server, Store: store, Zone: time.UTC})...)
	if err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]string{"анна": district.RoleAdmin, "вера": district.RoleViewer} {
		if err := r.PutUser(t.Context(), "test", name, role, password); err != nil {
			t.Fatal(err)
		}
	}
	r.http = httptest.NewTLSServer(r.Server)
	t.Cleanup(r.http.Close)
	return r
}

// person is a browser without a screen, in which somebody is signed in.
type person struct {
	*http.Client
	r    *rig
	csrf string
}

// as signs somebody in; nobody for "".
func (r *rig) as(name string) *person {
	r.t.Helper()
	b := &person{Client: &http.Client{Transport: r.http.Client().Transport}, r: r}
	b.Jar, _ = cookiejar.New(nil)
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if name != "" {
		if code, _, head := b.post("/login", url.Values{"name": {name}, "password": {password}}); code != http.StatusSeeOther {
			r.t.Fatalf("sign in as %s: got %d to %q", name, code, head.Get("Location"))
		}
		b.get("/password") // everybody may see it, and there is a token in it
	}
	return b
}

// get reads a page and keeps the token of its forms.
func (b *person) get(path string) (int, string, http.Header) {
	b.r.t.Helper()
	res, err := b.Get(b.r.http.URL + path)
	return b.read(res, err)
}

// post sends a form with the token that was read last.
func (b *person) post(path string, form url.Values) (int, string, http.Header) {
	b.r.t.Helper()
	if b.csrf != "" && !form.Has("csrf") {
		form.Set("csrf", b.csrf)
	}
	res, err := b.PostForm(b.r.http.URL+path, form)
	return b.read(res, err)
}

func (b *person) read(res *http.Response, err error) (int, string, http.Header) {
	b.r.t.Helper()
	if err != nil {
		b.r.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.r.t.Fatal(err)
	}
	if _, rest, found := strings.Cut(string(text), `name="csrf" value="`); found {
		b.csrf, _, _ = strings.Cut(rest, `"`)
	}
	return res.StatusCode, string(text), res.Header
}

// do sends a form that must be done, and returns the page after it.
func (b *person) do(path string, form url.Values) string {
	b.r.t.Helper()
	code, text, head := b.post(path, form)
	if code != http.StatusSeeOther {
		b.r.t.Fatalf("%s %v: got %d %s, want 303", path, form, code, mainOf(text))
	}
	code, text, _ = b.get(head.Get("Location"))
	if code != http.StatusOK {
		b.r.t.Fatalf("%s after %s: got %d", head.Get("Location"), path, code)
	}
	return text
}

// refused sends a form that must be refused with a status and words.
func (b *person) refused(path string, form url.Values, code int, words string) {
	b.r.t.Helper()
	got, text, _ := b.post(path, form)
	if got != code || !strings.Contains(strings.ToLower(text), strings.ToLower(words)) {
		b.r.t.Errorf("%s %v: got %d %s, want %d with %q", path, form, got, mainOf(text), code, words)
	}
}

// mainOf is what a page says below its head.
func mainOf(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	text, _, _ := strings.Cut(rest, "</main>")
	return text
}
