package dashboard_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
)

// password is everybody's in these tests.
const password = "длинный пароль"

// rig is a district over a real database with the pages mounted, behind TLS.
type rig struct {
	*district.Server
	t     testing.TB
	store district.Store
	http  *httptest.Server
	now   time.Time
}

// newRig starts a district; change may alter the dashboard's options.
func newRig(t testing.TB, change func(*dashboard.Options), more ...dashboard.Page) *rig {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return newRigOver(t, store, change, more...)
}

// newRigOver starts a district over a database.
func newRigOver(t testing.TB, store district.Store, change func(*dashboard.Options), more ...dashboard.Page) *rig {
	t.Helper()
	r := &rig{t: t, store: store}
	var err error
	if r.Server, err = district.New(district.Options{Store: store, Key: ident.NewKey(), Address: "https://district.example", PerMinute: 100_000}); err != nil {
		t.Fatal(err)
	}
	o := dashboard.Options{Store: store, Door: r.Server, Now: func() time.Time { return r.now }}
	r.now = time.Now()
	if change != nil {
		change(&o)
	}
	if r.Pages, err = dashboard.New(o, more...); err != nil {
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

// as returns a browser without a screen, in which somebody is signed in; nobody for "".
func (r *rig) as(name string) *http.Client {
	r.t.Helper()
	c := *r.http.Client()
	c.Jar, _ = cookiejar.New(nil)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if name != "" {
		res, err := c.PostForm(r.http.URL+"/login", url.Values{"name": {name}, "password": {password}, "to": {"/"}})
		if err != nil {
			r.t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/" {
			r.t.Fatalf("sign in as %s: got %d to %q, want 303 to /", name, res.StatusCode, res.Header.Get("Location"))
		}
	}
	return &c
}
