package panel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/paneltest"
)

// pageState is how a page may stand: what happens before, and what must be on it then.
type pageState struct {
	name string
	set  func(b tab, k *paneltest.Kiosk)
	then string // claim
}

// place is one way to a page, with its states one after the other.
type place struct {
	name, path, pin string
	states          []pageState
}

func command(window int, commands ...gesture.Command) func(tab, *paneltest.Kiosk) {
	return func(_ tab, k *paneltest.Kiosk) {
		for _, c := range commands {
			k.Command(kiosk.Ordered{Command: c, Window: window})
		}
	}
}

// places are all pages behind the door to the network, and the board, in every state that looks otherwise.
func places() []place {
	pause := func(d time.Duration) func(tab, *paneltest.Kiosk) {
		return func(_ tab, k *paneltest.Kiosk) {
			k.Later(d)
			k.Give(kiosk.DeviceSeen{Device: "printer", State: health.PaperOut})
		}
	}
	return []place{
		{"board", "/board", "", []pageState{{"empty", nil, `document.querySelector(".call--none")`}, {"busy", func(_ tab, k *paneltest.Kiosk) { busyHall(k) }, `document.querySelector(".call")`},
			{"lost", func(_ tab, k *paneltest.Kiosk) { k.CutScreen() }, `!document.querySelector(".lost").hidden`}}},
		{"door", "/console", "", []pageState{{"code", nil, `document.querySelector("#code")`}, {"code-wrong", func(b tab, _ *paneltest.Kiosk) {
			b.do(chromedp.SendKeys("#code", "0000000000", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
		}, `document.querySelector("#said").textContent.includes("Код не подходит")`}}},
		{"pin", "/console", "?", []pageState{{"pin", nil, `document.querySelector("#pin")`}, {"pin-wrong", wrongPins(1), `document.querySelector("#said").textContent.includes("не подходит")`},
			{"locked", wrongPins(4), `document.querySelector("#said").textContent.includes("Подождите 15 минут")`}}},
		{"console", "/console", "7004", []pageState{{"break", nil, `document.querySelector("#open")`}, {"idle", command(4, gesture.Open), `document.querySelector("#pause")`},
			{"called", func(b tab, k *paneltest.Kiosk) { busyHall(k) }, `document.querySelector(".visit:not(.visit--none)")`},
			{"late", pause(17 * time.Minute), `document.querySelector("#top .is-bad")`},
			{"help", func(_ tab, k *paneltest.Kiosk) { k.Give(kiosk.HelpPressed{}) }, `document.querySelector("#answer")`}}},
		{"administrator", "/console", paneltest.AdministratorPin, []pageState{{"empty", nil, `document.querySelector("#issue-docs")`},
			{"busy", func(_ tab, k *paneltest.Kiosk) { busyHall(k) }, `document.querySelectorAll("[name=ticket]").length > 2`}}},
		{"technician", "/technician", paneltest.TechnicianPin, []pageState{{"well", nil, `document.querySelector("#health tr")`},
			{"broken", func(_ tab, k *paneltest.Kiosk) {
				k.Give(kiosk.DeviceSeen{Device: "printer", State: health.Jam})
			}, `document.querySelector("#worst .notice")`},
			{"buttons", func(b tab, _ *paneltest.Kiosk) { b.click("#buttons") }, `document.querySelector("#buttons-end")`},
			{"settings", goTo("/technician/settings"), `document.querySelector(".file")`}, {"update", goTo("/technician/update"), `document.querySelector("[aria-current=page]").textContent === "Обновление"`}}},
	}
}

func wrongPins(n int) func(tab, *paneltest.Kiosk) {
	return func(b tab, _ *paneltest.Kiosk) {
		for i := range n {
			b.do(chromedp.Evaluate(`document.querySelector("#said").textContent = ""; document.querySelector("#pin").value = ""; 0`, nil),
				chromedp.SendKeys("#pin", fmt.Sprintf("00%02d", i), chromedp.ByQuery), chromedp.KeyEvent(kb.Enter), webtest.Is(`document.querySelector("#said").textContent`))
		}
	}
}

func goTo(path string) func(tab, *paneltest.Kiosk) {
	return func(b tab, _ *paneltest.Kiosk) { b.click(`.tabs a[href="` + path + `"]`) }
}

// sizes of windows in which pages are held: an office's screen, one that stands, one at 200 %, and a television.
func windows(path string) []webtest.Options {
	if path == "/board" {
		return []webtest.Options{{Width: 1920, Height: 1080}, {Width: 1080, Height: 1920}, {Width: 960, Height: 540, Scale: 2}}
	}
	return []webtest.Options{{Width: 1366, Height: 768}, {Width: 768, Height: 1366}, {Width: 683, Height: 384, Scale: 2}}
}

// TestEveryPage holds every page but the citizen's own, in every state, to axe's rules and its window: standing,
// lying and at 200 % nothing is cut, nothing scrolls sideways, and the Tab key alone reaches everything there is
// to press, with a ring around it.
func TestEveryPage(t *testing.T) {
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			k := paneltest.Start(t)
			b := open(t, webtest.Options{Width: 1366, Height: 768})
			b.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}))
			b.arrive(k, p)
			for _, s := range p.states {
				if s.set != nil {
					s.set(b, k)
				}
				b.do(webtest.Is(s.then))
				for i, w := range windows(p.path) {
					name := fmt.Sprintf("page-%s-%s-%dx%d", p.name, s.name, w.Width, w.Height)
					b.do(chromedp.EmulateViewport(int64(w.Width), int64(w.Height), chromedp.EmulateScale(max(w.Scale, 1))))
					b.whole(name)
					b.fair(name)
					if i == 0 {
						b.reached(name)
					}
				}
			}
		})
	}
}

// arrive opens a place's page.
func (b tab) arrive(k *paneltest.Kiosk, p place) {
	b.t.Helper()
	switch p.pin {
	case "":
		address := k.LAN
		if p.path == "/board" {
			address = k.Screen
		}
		b.do(chromedp.Navigate(address + p.path))
	case "?": // paired, and not at a place
		code, err := k.Desk.Card()
		if err != nil {
			b.t.Fatal(err)
		}
		b.do(chromedp.Navigate(k.LAN+p.path), chromedp.SendKeys("#code", code, chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
	default:
		b.enter(k, p.path, p.pin)
	}
}

// whole holds a page against its window: nothing is wider than it, no word is wider than what holds it.
func (b tab) whole(name string) {
	b.t.Helper()
	var wrong []string
	b.do(chromedp.Evaluate(`(() => {
		const wrong = [], root = document.documentElement;
		if (root.scrollWidth > innerWidth) wrong.push("it scrolls sideways: " + root.scrollWidth);
		for (const e of document.querySelectorAll("button, h1, h2, h3, dd, dt, td, th, label, a, p, b, span, small, li")) {
			const style = getComputedStyle(e);
			if (style.clipPath !== "none" || e.closest(".unseen, [hidden], .scroll, dialog:not([open])") || !e.textContent.trim()) continue;
			const box = e.getBoundingClientRect();
			if (box.width === 0) continue;
			if (box.right > innerWidth + 1 || box.left < -1) wrong.push("«" + e.textContent.trim().slice(0, 40) + "» is cut at the side");
			if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && style.display !== "inline") wrong.push("«" + e.textContent.trim().slice(0, 40) + "» is wider than its box");
		}
		return wrong;
	})()`, &wrong))
	for _, w := range wrong {
		b.t.Errorf("%s: %s", name, w)
	}
}

// reached goes through a page with the Tab key, and tells what it does not come by or what shows no focus.
func (b tab) reached(name string) {
	b.t.Helper()
	var all []string
	const count = `(() => {
		globalThis.came = new Set(); globalThis.ringless = new Set();
		globalThis.everything = () => [...document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')].filter((e) => e.checkVisibility() && !e.closest("dialog:not([open]), [inert]"));
		if (!globalThis.following) addEventListener("focusin", (event) => { const e = event.target; came.add(e);
			const ring = (x) => x && getComputedStyle(x).outlineStyle !== "none";
			if (!ring(e) && !ring(e.closest("label"))) ringless.add(e) });
		globalThis.following = true;
		document.activeElement?.blur();
		return everything().map((e) => e.id);
	})()`
	b.do(chromedp.Evaluate(count, &all))
	for range len(all) + 4 {
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	var missed, bare []string
	b.do(chromedp.Evaluate(`everything().filter((e) => !came.has(e) && !(e.type === "radio" && [...came].some((o) => o.name === e.name))).map((e) => e.id || e.outerHTML.slice(0, 80))`, &missed),
		chromedp.Evaluate(`[...ringless].map((e) => e.id || e.outerHTML.slice(0, 80))`, &bare))
	if len(missed) > 0 || len(bare) > 0 {
		b.t.Errorf("%s: the Tab key does not come by %s; no ring around %s", name, strings.Join(missed, ", "), strings.Join(bare, ", "))
	}
}
