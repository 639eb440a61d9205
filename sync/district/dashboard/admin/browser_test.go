package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// full is a district in which every part of every page has something to show, under names that attack.
func full(t *testing.T) *rig {
	r := newRig(t)
	b := r.as("анна")
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {evil}, "district": {evil}, "zone": {"Europe/Samara"}})
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ Кошки"}, "district": {"Кошкинский"}, "zone": {"Europe/Samara"}})
	for _, name := range []string{evil, "у входа", "в зале"} {
		b.do("/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"1"}, "name": {name}})
	}
	for id, change := range map[int64]func(*district.Kiosk){
		1: func(k *district.Kiosk) {
			k.Status, k.Cloned, k.Ring.Current = ident.Active, true, ident.NewKey().Public()
		},
		2: func(k *district.Kiosk) { k.Status, k.Ring.Current = ident.Held, ident.NewKey().Public() },
	} {
		if err := r.store.ChangeKiosk(t.Context(), id, func(k *district.Kiosk) error { change(k); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	asking := ident.NewKey()
	r.call(asking, ident.ID{}, ident.CallAsk, ident.NewAsking(asking.Public()).Ask())
	for _, version := range []string{"1.4", "1.5", "1.6"} {
		if _, err := r.AddBundle(t.Context(), "test", version, strings.NewReader("bundle "+version)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.StartUpdate(t.Context(), evil, 1, []int64{1, 2, 3}, 0, 0); err != nil {
		t.Fatal(err)
	}
	err := r.store.ChangeUpdate(t.Context(), 1, func(u *district.Update) error {
		u.Targets[0].State, u.Targets[1].State, u.State, u.Why = district.TargetFailed, district.TargetDone, district.UpdatePaused, evil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.StartUpdate(t.Context(), "анна", 2, []int64{1, 2, 3}, 0, 0); err != nil {
		t.Fatal(err)
	}
	b.do("/admin/alarms", url.Values{"do": {"webhook"}, "url": {"https://example.ru/hook"}, "secret": {"тайна"}})
	return r
}

// TestPagesInABrowser opens every page of administration in chromium: no rule of accessibility is broken,
// no name is obeyed, and one heading says where one is. Pictures are kept to be looked at.
func TestPagesInABrowser(t *testing.T) {
	r := full(t)
	ctx := webtest.Open(t, webtest.Options{})
	webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+"/login"), chromedp.SendKeys("#name", "анна"), chromedp.SendKeys("#password", password),
		chromedp.Submit("#password"), webtest.Is(`document.querySelector(".top__me")`))
	for name, path := range map[string]string{"kiosks": "/admin/kiosks", "kiosk": "/admin/kiosks/1", "kiosk-new": "/admin/kiosks/3", "office": "/admin/offices/1",
		"updates": "/admin/updates", "alarms": "/admin/alarms", "users": "/admin/users", "audit": "/admin/audit", "password": "/password"} {
		var headings int
		var title string
		webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+path), webtest.Is(`document.querySelector("h1")`),
			chromedp.Evaluate(`document.querySelectorAll("h1").length`, &headings), chromedp.Title(&title))
		if headings != 1 || strings.Contains(title, "взломан") {
			t.Errorf("%s: got %d headings under %q, want one", path, headings, title)
		}
		for _, v := range webtest.Axe(t, ctx) {
			t.Errorf("%s: %s", path, v)
		}
		webtest.Screenshot(t, ctx, "admin-"+name)
	}
}

// TestFigurePagesOfAnAdministrator opens the pages of figures with the navigation of administration above them.
func TestFigurePagesOfAnAdministrator(t *testing.T) {
	r := full(t)
	ctx := webtest.Open(t, webtest.Options{})
	webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+"/login"), chromedp.SendKeys("#name", "анна"), chromedp.SendKeys("#password", password),
		chromedp.Submit("#password"), webtest.Is(`document.querySelector(".top__me")`))
	for _, path := range []string{"/", "/period", "/services", "/sps", "/windows", "/windows?office=2", "/availability", "/kiosks", "/compliance", "/offices", "/quality"} {
		var headings, links, cut int
		webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+path), webtest.Is(`document.querySelector("main h1")`),
			chromedp.Evaluate(`document.querySelectorAll("h1").length`, &headings),
			chromedp.Evaluate(`document.querySelectorAll("nav.admin a").length`, &links),
			chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &cut))
		if headings != 1 || links != 5 || cut > 0 {
			t.Errorf("%s: got %d headings, %d links of administration, %d pixels cut off, want 1, 5 and 0", path, headings, links, cut)
		}
		for _, v := range webtest.Axe(t, ctx) {
			t.Errorf("%s: %s", path, v)
		}
		webtest.Screenshot(t, ctx, "admin-figures"+strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
	}
}

// TestPagesOnAPhone: nothing is cut off on a narrow screen.
func TestPagesOnAPhone(t *testing.T) {
	r := full(t)
	ctx := webtest.Open(t, webtest.Options{Width: 360, Height: 740, Touch: true})
	webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+"/login"), chromedp.SendKeys("#name", "анна"), chromedp.SendKeys("#password", password),
		chromedp.Submit("#password"), webtest.Is(`document.querySelector(".top__me")`))
	for _, path := range []string{"/admin/kiosks", "/admin/kiosks/1", "/admin/updates", "/admin/alarms", "/admin/users", "/admin/audit"} {
		var wide int
		webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+path), chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &wide))
		if wide > 0 {
			t.Errorf("%s: %d pixels do not fit", path, wide)
			webtest.Screenshot(t, ctx, "admin-phone")
		}
	}
}

// TestAKioskInABrowser is the way of two minutes as a person goes it: by the page's own buttons, without
// script, to a file on disk.
func TestAKioskInABrowser(t *testing.T) {
	r := newRig(t)
	ctx := webtest.Open(t, webtest.Options{NoScript: true})
	began := time.Now()
	files := webtest.Downloads(t, ctx, t.TempDir())
	webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+"/admin/kiosks"), chromedp.SendKeys("#name", "анна"), chromedp.SendKeys("#password", password), chromedp.Submit("#password"),
		chromedp.SendKeys("#o-name", "МФЦ Кошки"), chromedp.Submit("#o-name"), webtest.Is(`document.body.innerText.includes("Центр записан")`),
		chromedp.SendKeys("#k-name", "у входа"), chromedp.Submit("#k-name"), webtest.Is(`document.body.innerText.includes("Киоск заведён")`),
		chromedp.Click(`//button[contains(., "Скачать")]`, chromedp.BySearch))
	name, text := files.Next()
	t.Logf("from the sign-in to the file: %v of a machine's clicks", time.Since(began).Round(time.Millisecond))
	e, err := ident.ParseEnrolment(text)
	if err != nil || name != ident.EnrollFile || e.Server != r.key.Public() {
		t.Fatalf("got %s, %+v, %v, want the district's file", name, e, err)
	}
	device := ident.NewKey()
	r.enrol(device, e)
	var page string
	webtest.Run(t, ctx, chromedp.Reload(), chromedp.Text("main", &page))
	if want := fmt.Sprint(device.ID()); !strings.Contains(page, want) || !strings.Contains(page, "на учёте") {
		t.Errorf("got %s, want the device %s on the register", page, want)
	}
}
