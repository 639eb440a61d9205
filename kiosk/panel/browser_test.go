package panel_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/kiosk/panel/paneltest"
)

// tab is a browser's tab in a test.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func open(t *testing.T, o webtest.Options) tab { return tab{t, webtest.Open(t, o)} }

func (b tab) do(actions ...chromedp.Action) {
	b.t.Helper()
	webtest.Run(b.t, b.ctx, actions...)
}

// see waits for words on the page.
func (b tab) see(selector, words string) {
	b.t.Helper()
	b.do(webtest.Is(fmt.Sprintf("document.querySelector(%q)?.textContent.includes(%q)", selector, words)))
}

// gone waits until nothing fits the selector.
func (b tab) gone(selector string) {
	b.t.Helper()
	b.do(webtest.Is(fmt.Sprintf("!document.querySelector(%q)", selector)))
}

func (b tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(selector, chromedp.ByQuery))
}

// fair holds the page to axe's rules, to what is the kiosk's own, and takes its picture.
func (b tab) fair(name string) {
	b.t.Helper()
	var foreign []string
	b.do(chromedp.Evaluate(`performance.getEntriesByType("resource").map((e) => e.name).filter((name) => !name.startsWith(location.origin + "/"))`, &foreign))
	if len(foreign) > 0 {
		b.t.Errorf("%s asks elsewhere for %v", name, foreign)
	}
	for _, v := range webtest.Axe(b.t, b.ctx) {
		b.t.Errorf("%s: %v", name, v)
	}
	webtest.Screenshot(b.t, b.ctx, name)
}

// enter pairs the browser with a new card and signs in at a place.
func (b tab) enter(k *paneltest.Kiosk, page, pin string) {
	b.t.Helper()
	code, err := k.Desk.Card()
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Navigate(k.LAN+page), chromedp.SendKeys("#code", code, chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
	b.do(webtest.Is(`document.querySelector("#pin")`), chromedp.SendKeys("#pin", pin, chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
	b.do(webtest.Is(`document.documentElement.dataset.link === "live"`))
}
