package dashboard_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
)

// enter signs a browser's tab in.
func enter(t *testing.T, r *rig, name string, o webtest.Options) (open func(path string)) {
	t.Helper()
	ctx := webtest.Open(t, o)
	webtest.Run(t, ctx, network.Enable(), chromedp.Navigate(r.http.URL+"/login"),
		chromedp.SendKeys("#name", name, chromedp.ByQuery), chromedp.SendKeys("#password", password+"\r", chromedp.ByQuery),
		webtest.Is(`document.querySelector(".top__me")`))
	return func(path string) { webtest.Run(t, ctx, chromedp.Navigate(r.http.URL+path)) }
}

// file is a path as a name of a picture.
func file(path string) string {
	name := strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(path, "-"), "-")
	if name == "" {
		name = "today"
	}
	return "district-" + name
}

func TestEveryPageInABrowser(t *testing.T) {
	w := newWorld(t, newRig(t, named))
	ctx := webtest.Open(t, webtest.Options{})
	webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+"/login"))
	check := func(name string) {
		t.Helper()
		for _, v := range webtest.Axe(t, ctx) {
			t.Errorf("%s: axe: %v", name, v)
		}
		var h1, cut int
		webtest.Run(t, ctx, chromedp.Evaluate(`document.querySelectorAll("h1").length`, &h1),
			chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &cut))
		if h1 != 1 || cut > 0 {
			t.Errorf("%s: got %d h1, %d pixels beyond the right edge, want one and none", name, h1, cut)
		}
	}
	check("sign-in")
	webtest.Screenshot(t, ctx, "district-login")
	webtest.Run(t, ctx, chromedp.SendKeys("#name", "вера", chromedp.ByQuery), chromedp.SendKeys("#password", password+"\r", chromedp.ByQuery),
		webtest.Is(`document.querySelector(".top__me")`))
	for _, path := range w.paths() {
		webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+path), webtest.Is(`document.querySelector("main h1")`))
		webtest.Screenshot(t, ctx, file(path))
		check(path)
		webtest.Run(t, ctx, chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil))
		check(path + " with its tables")
		webtest.Run(t, ctx, emulation.SetDeviceMetricsOverride(720, 450, 1, false)) // 200 % of 1440 × 900
		check(path + " at 200 %")
		webtest.Run(t, ctx, emulation.SetDeviceMetricsOverride(1440, 900, 1, false))
	}
	webtest.Run(t, ctx, chromedp.Navigate(w.http.URL+"/period?from=2026-12-01&to=2026-11-01"))
	check("refusal")
	webtest.Screenshot(t, ctx, "district-refusal")
}

func TestPagesAnswerEverybodySignedIn(t *testing.T) {
	w := newSmallWorld(t, newRig(t, named))
	for _, who := range []string{"вера", "анна"} {
		c := w.as(who)
		for _, path := range w.paths() {
			if code, text, _ := w.get(c, path); code != http.StatusOK || strings.Contains(text, "<script") || strings.Contains(text, " style=") {
				t.Errorf("%s as %s: got %d, want 200 without script and style: %.2000s", path, who, code, text)
			}
		}
	}
	for _, path := range w.paths() {
		if code, _, head := w.get(w.as(""), path); code != http.StatusSeeOther || !strings.HasPrefix(head.Get("Location"), "/login?to=") {
			t.Errorf("%s as nobody: got %d to %q, want the door", path, code, head.Get("Location"))
		}
	}
}
