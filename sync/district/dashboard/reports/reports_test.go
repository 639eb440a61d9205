package reports_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/district/dashboard/reports"
	"sps-kiosk/sync/district/export"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
)

const password = "длинный пароль"

// site serves a district with an office of an evil name, its reports and the page.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d, err := district.New(district.Options{Store: store, Key: ident.NewKey(), Address: "https://district.example"})
	if err != nil {
		t.Fatal(err)
	}
	all := &export.Handler{Offices: store, Rolls: store}
	d.Reports = d.Guard(func(w http.ResponseWriter, r *http.Request, _ district.Session) { all.ServeHTTP(w, r) })
	if d.Pages, err = dashboard.New(dashboard.Options{Store: store, Door: d}, reports.Page(store, nil)); err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]string{"анна": district.RoleAdmin, "вера": district.RoleViewer} {
		if err := d.PutUser(t.Context(), "test", name, role, password); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.AddOffice(t.Context(), "test", district.Office{Name: `<script>document.title="взломан"</script>`, Zone: "Europe/Samara"}); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(d)
	t.Cleanup(s.Close)
	return s
}

// TestEveryLinkGivesItsReport follows every link of the page as a viewer: each is the file that it says.
func TestEveryLinkGivesItsReport(t *testing.T) {
	s := site(t)
	c := s.Client()
	c.Jar, _ = cookiejar.New(nil)
	get := func(path string) (int, string, []byte) {
		t.Helper()
		res, err := c.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), body
	}
	if res, err := c.PostForm(s.URL+"/login", url.Values{"name": {"вера"}, "password": {password}}); err != nil || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusSeeOther {
		t.Logf("sign in: %v %v", res, err)
	}
	for _, office := range []string{"", "?office=1"} {
		_, _, page := get("/reports" + office)
		links := regexp.MustCompile(`href="(/v1/figures/[^"]+)"`).FindAllStringSubmatch(string(page), -1)
		if len(links) != 13*5+5*5+12 {
			t.Fatalf("got %d links, want a report of each kind for 13 months and 5 quarters, and 12 to be published", len(links))
		}
		for i, l := range links {
			path := strings.ReplaceAll(l[1], "&amp;", "&")
			if i%7 != 0 && i > 12 { // every kind and both ends; all of them take seconds
				continue
			}
			code, kind, body := get(path)
			looks := map[string]string{".html": "<!doctype html>", ".pdf": "%PDF-", ".xlsx": "PK\x03\x04", ".csv": "\ufeffПериод;"}[filepath.Ext(strings.Split(path, "?")[0])]
			if code != http.StatusOK || looks == "" || !bytes.HasPrefix(body, []byte(looks)) {
				t.Errorf("%s: got %d %s, want a file that begins with %q", path, code, kind, looks)
			}
			if strings.Contains(path, ".xlsx") {
				if _, err := zip.NewReader(bytes.NewReader(body), int64(len(body))); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		}
	}
	if code, _, _ := get("/reports?office=99"); code != http.StatusNotFound {
		t.Errorf("an office that is not there: got %d, want 404", code)
	}
}

// TestPageInABrowser holds the page and the printable report to the rules of accessibility.
func TestPageInABrowser(t *testing.T) {
	s := site(t)
	ctx := webtest.Open(t, webtest.Options{})
	webtest.Run(t, ctx, chromedp.Navigate(s.URL+"/login"), chromedp.SendKeys("#name", "вера"), chromedp.SendKeys("#password", password),
		chromedp.Submit("#password"), webtest.Is(`document.querySelector(".top__me")`))
	month := "step=month&from=" + time.Now().AddDate(0, -1, 0).Format("2006-01") + "-01&to=" + time.Now().Format(time.DateOnly)
	for name, path := range map[string]string{"reports": "/reports?office=1", "report-printable": reports.Folder + "report.html?" + month} {
		var title string
		webtest.Run(t, ctx, chromedp.Navigate(s.URL+path), webtest.Is(`document.querySelector("h1")`), chromedp.Title(&title))
		if strings.Contains(title, "взломан") || !strings.Contains(title, "Отчёт") {
			t.Errorf("%s: got the title %q", path, title)
		}
		for _, v := range webtest.Axe(t, ctx) {
			t.Errorf("%s: %s", path, v)
		}
		webtest.Screenshot(t, ctx, name)
	}
	webtest.PDF(t, ctx, "report-printable")
}
